"""The generated shop: what bulk filling writes is what the commands would have written."""

import os
import shutil
import sqlite3
import time
from collections import Counter, namedtuple

import pytest

from cqrs_demo import (
    LADDER,
    PROJECTIONS,
    CreateUser,
    GetOrder,
    GetOrderHistory,
    InvalidMessage,
    PlaceOrder,
    ShopError,
    UserCreated,
    open_shop,
)
from cqrs_demo.lab import importer
from cqrs_demo.lab.importer import Clock
from cqrs_demo.lab.importer.online_retail import read_rows
from cqrs_demo.lab.workload import (
    BEGIN,
    Line,
    Order,
    Product,
    User,
    cache,
    first_orders,
    generated,
    history,
    recorded_as,
)
from cqrs_demo.lab.workload.cache import filled, open_filled
from cqrs_demo.lab.workload.imported import imported


def sent(rung, workload, **urls):
    """Return a shop that got every command of a workload, and delivered its events."""
    clock = Clock()
    shop = open_shop(rung, clock=clock, **urls)
    for at, command in history(workload):
        clock.now = at
        shop.send(command)
    shop.deliver()
    return shop


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("rung", LADDER)
def test_bulk_filling_writes_what_the_commands_would_have_written(rung, folder, tmp_path):
    workload = generated(300)
    with open_filled(rung, workload, tmp_path, folder=folder) as bulk, sent(rung, workload) as one:
        assert bulk.tables() == one.tables()
        assert list(bulk.events()) == list(one.events())
        assert bulk.documents() == one.documents()
        assert bulk.staleness == one.staleness == 0
        assert len(bulk.ask(GetOrderHistory("u-000000"))) > 1


def test_a_filled_shop_has_everything_that_happens_in_a_shop(folder, tmp_path):
    with open_filled("event-sourced", generated(300), tmp_path, folder=folder) as shop:
        assert {order["status"] for order in shop.documents()["orders"]} == {
            "draft",
            "placed",
            "shipped",
            "cancelled",
        }
        kinds = {type(recorded.event).__name__ for recorded in shop.events()}
        assert {
            "PriceChanged",
            "ProductRestocked",
            "StockReleased",
            "ShippingAddressChanged",
        } < kinds
        assert shop.tables()["snapshots"]


def test_a_filled_shop_goes_on_as_if_it_had_a_past(folder, tmp_path):
    with open_filled("event-sourced", generated(300), tmp_path, folder=folder) as shop:
        documents = shop.documents()
        (draft, *_) = [x["order_id"] for x in documents["orders"] if x["status"] == "draft"]
        for name in PROJECTIONS:
            shop.rebuild(name)
        assert shop.documents() == documents
        shop.send(PlaceOrder(draft))
        shop.deliver()
        assert shop.ask(GetOrder(draft)).status == "placed"


def test_the_same_seed_gives_the_same_shop_and_another_seed_another():
    assert list(history(generated(50, 3))) == list(history(generated(50, 3)))
    assert list(generated(50, 3).orders()) != list(generated(50, 4).orders())


def test_time_never_goes_back_in_a_history():
    times = [at for at, _ in history(generated(200))]
    assert times == sorted(times)


def test_few_users_order_often_and_few_products_sell_well():
    workload = generated(2_000)
    users = Counter(order.user_id for order in workload.orders())
    products = Counter(line.sku for order in workload.orders() for line in order.lines)
    for counted, among in ((users, workload.users), (products, workload.products)):
        best_tenth = sum(count for _, count in counted.most_common(len(among) // 10))
        assert 0.25 < best_tenth / counted.total() < 0.6


@pytest.mark.parametrize("orders", [0, -1, 1_000_001, True, 2.5, "7", None])
def test_sizes_that_make_no_sense_are_refused(orders):
    with pytest.raises(InvalidMessage, match="orders"):
        generated(orders)


@pytest.mark.parametrize("seed", [-1, "a", None])
def test_seeds_that_make_no_sense_are_refused(seed):
    with pytest.raises(InvalidMessage, match="seed"):
        generated(10, seed)


# the cache


def test_a_shop_is_filled_once_for_each_size_seed_and_set_of_projections(tmp_path):
    def fillings(workload, **options):
        told = []
        filled(
            workload, ["two-stores"], folder=tmp_path, progress=lambda *n: told.append(n), **options
        )
        assert not told or told[-1] == (workload.size, workload.size)
        return bool(told)

    assert fillings(generated(20))
    assert not fillings(generated(20))
    assert fillings(generated(21))
    assert fillings(generated(20, seed=8))
    assert fillings(generated(20), projections={"users": PROJECTIONS["users"]})
    assert not fillings(generated(20))


def test_what_is_kept_stays_as_it_was_whatever_a_shop_does_with_its_copy(tmp_path):
    options = {"folder": tmp_path / "cache", "workload": generated(20)}
    with open_filled("crud", into=tmp_path / "one", **options) as shop:
        shop.send(CreateUser("new", "Ada Lovelace", "ada@example.org"))
    with open_filled("crud", into=tmp_path / "two", **options) as shop:
        assert "new" not in [user["user_id"] for user in shop.tables()["users"]]
    with pytest.raises(ShopError, match="is there already"):
        open_filled("crud", into=tmp_path / "two", **options)


def a_fault(docs, recorded):
    raise KeyboardInterrupt


@pytest.mark.parametrize("interrupt", ["in a projection", "between two orders"])
def test_what_was_interrupted_is_never_taken_for_whole(interrupt, tmp_path):
    options = {}
    if interrupt == "in a projection":
        options["projections"] = {"users": {UserCreated: a_fault}}
    else:
        options["progress"] = lambda *_: a_fault(None, None)
    with pytest.raises(KeyboardInterrupt):
        filled(generated(20), ["two-stores"], folder=tmp_path, **options)
    (place,) = tmp_path.iterdir()
    assert list(place.iterdir()) == []


def test_two_that_fill_at_once_do_not_get_in_each_others_way(tmp_path, monkeypatch):
    workload, rename = generated(20), os.rename

    def beaten(source, target):
        shutil.copytree(source, target)  # somebody else was faster
        rename(source, target)

    monkeypatch.setattr(cache.os, "rename", beaten)
    files = filled(workload, ("crud",), folder=tmp_path)
    assert (files["crud"] / "write.db").stat().st_size > 0


def test_what_a_killed_program_left_is_not_used_and_one_day_removed(tmp_path):
    workload = generated(20)
    (place,) = {path.parent for path in filled(workload, ["crud"], folder=tmp_path).values()}
    old, new = place / ".part-old", place / ".part-new"
    for part in (old, new):
        (part / "two-stores").mkdir(parents=True)
        (part / "two-stores" / "write.db").write_bytes(b"half of a database")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    files = filled(workload, ["two-stores"], folder=tmp_path)["two-stores"]
    with sqlite3.connect(files / "write.db") as connection:
        assert connection.execute("SELECT COUNT(*) FROM orders").fetchone() == (20,)
    connection.close()
    assert not old.exists()
    assert new.exists()  # somebody may be at work in it


def test_too_small_a_disk_is_noticed_before_anything_is_written(tmp_path, monkeypatch):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free=60_000_000))
    filled(generated(20), ["crud"], folder=tmp_path)
    with pytest.raises(ShopError, match=r"4,250 MB are needed, 60 MB are free; choose fewer"):
        filled(generated(1_000_000), ["two-stores"], folder=tmp_path)


def test_a_cache_folder_that_cannot_be_written_is_a_clear_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(ShopError, match=r"cannot be written.*CQRS_DEMO_CACHE names another"):
        filled(generated(20), folder=tmp_path / "file")

    def read_only(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache.tempfile, "mkdtemp", read_only)
    with pytest.raises(ShopError, match="cannot be written: Permission denied"):
        filled(generated(20), folder=tmp_path)


def test_the_cache_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "a"))
    assert cache.cache_folder() == tmp_path / "a"
    assert cache.cache_folder(tmp_path / "b") == tmp_path / "b"
    monkeypatch.delenv(cache.ENVIRONMENT)
    assert "cqrs_demo" in str(cache.cache_folder())


# orders that somebody else has


@pytest.mark.parametrize("rung", LADDER)
def test_the_orders_of_any_shop_can_be_measured_with(rung, tmp_path):
    workload, file = generated(40), tmp_path / "shop.db"
    sent(rung, workload, write=f"sqlite:///{file}").close()
    before = file.read_bytes()
    found = imported(str(file))
    assert file.read_bytes() == before
    assert found.size == 40
    in_shop = {user.user_id: user for user in found.users}
    assert set(in_shop) <= {user.user_id for user in workload.users}

    def told(order):
        return (
            order.order_id,
            order.user_id,
            order.lines,
            order.created_at,
            order.placed_at,
            order.end,
        )

    assert [told(x) for x in found.orders()] == [told(x) for x in workload.orders()]
    with sent("two-stores", found) as again:
        assert len(again.documents()["orders"]) == 40
    assert first_orders(found, 7).size == 7
    assert imported(f"sqlite:///{file}").key == found.key


def test_imported_retail_orders_fill_every_rung(tmp_path):
    rows = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
2,A,WHITE HEART,6,2010-12-01 08:30:00,2.10,17850.0,France
3,B,CLOCK,900000,2010-12-02 08:26:00,1.50,17851.0,France
3,B,CLOCK,900000,2010-12-02 08:26:00,1.50,17851.0,France
"""
    (tmp_path / "rows.csv").write_text(rows)
    clock, url = Clock(), f"sqlite:///{tmp_path}/shop.db"
    with open_shop("two-stores", write=url, read=url, clock=clock) as shop:
        importer.import_orders(shop, clock, read_rows(tmp_path / "rows.csv")[0])
    workload = imported(url)
    for rung in LADDER:
        kept = {"folder": tmp_path / "cache", "into": tmp_path / rung}
        with open_filled(rung, workload, **kept) as shop, sent(rung, workload) as one:
            assert shop.tables() == one.tables()
            assert shop.documents() == one.documents()
            assert shop.ask(GetOrder("3")).total_cents == 270_000_000
            assert [line.unit_price_cents for line in shop.ask(GetOrder("2")).lines] == [210]


def test_without_a_shop_or_orders_there_is_nothing_to_measure_with(tmp_path):
    with pytest.raises(ShopError, match="no such file"):
        imported(str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "text.db").write_text("a text that is no database" * 100)
    with pytest.raises(ShopError):
        imported(str(tmp_path / "text.db"))
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE a (b)").connection.close()
    with pytest.raises(ShopError, match="holds no shop"):
        imported(str(tmp_path / "other.db"))
    for rung in LADDER:
        url = f"sqlite:///{tmp_path}/{rung}.db"
        open_shop(rung, write=url).close()
        with pytest.raises(ShopError, match="no orders"):
            imported(url)


def test_recorded_orders_are_kept_apart_by_what_is_in_them():
    users, products = [User("u", "Ada", "a@example.org")], [Product("p", "Lamp", 5)]
    one = Order("o", "u", (Line("p", 1, 5),), None, BEGIN, BEGIN)
    key = recorded_as(users, products, [one]).key
    assert recorded_as(users, products, [one]).key == key
    assert recorded_as(users, products, [one._replace(address="Cork")]).key != key
    with pytest.raises(InvalidMessage, match="orders"):
        recorded_as(users, products, [])
