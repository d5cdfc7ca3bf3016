"""Over time: snapshots, the past as it was, streams, command ids and conversations."""

import pytest
from test_delivery import everything
from test_shop import ADA, TEA, refused, run, with_a_draft

from cqrs_demo import *
from cqrs_demo import open_shop
from cqrs_demo.write_model import snapshots

EVENTFUL = ["two-stores", "event-sourced"]


@pytest.fixture
def tea_with_a_past(store_urls):
    """A shop that takes a snapshot every 10 versions, and 35 events of one product."""
    with open_shop("event-sourced", **store_urls, snapshot_every=10) as shop:
        run(shop, TEA, *(Restock("tea", n + 1) for n in range(34)))
        yield shop


def snapshot_rows(shop):
    return {row["stream"]: row["version"] for row in shop.tables()["snapshots"]}


def test_a_snapshot_is_taken_every_so_many_versions(tea_with_a_past):
    assert snapshot_rows(tea_with_a_past) == {"product-tea": 30}


def test_an_aggregate_is_the_same_with_and_without_its_snapshot(tea_with_a_past):
    shop = tea_with_a_past
    shop.send(Restock("tea", 1), expected_version=35)
    shop.snapshots.drop()
    shop.send(Restock("tea", 1), expected_version=36)
    shop.deliver()
    assert shop.ask(GetCatalogue())[0].stock == 12 + sum(range(1, 35)) + 2


def test_from_a_snapshot_only_later_events_are_folded(tea_with_a_past):
    """An event that no program could read stands before the snapshot, and nobody minds."""
    shop = tea_with_a_past
    with shop.commands.store.transaction() as connection:
        connection.execute("UPDATE events SET body = 'gone' WHERE version = 5")
    shop.send(ChangePrice("tea", 1), expected_version=35)
    shop.snapshots.drop()
    with pytest.raises(ShopError, match="damaged"):
        shop.send(ChangePrice("tea", 2))


def test_a_snapshot_of_an_older_form_is_not_trusted(tea_with_a_past, monkeypatch):
    shop = tea_with_a_past
    with shop.commands.store.transaction() as connection:
        connection.execute("UPDATE snapshots SET body = ?", ('{"sku":"tea","stock":999999}',))
    monkeypatch.setattr(snapshots, "MEANING", 2)
    shop.send(Restock("tea", 1), expected_version=35)
    shop.deliver()
    assert shop.ask(GetCatalogue())[0].stock == 12 + sum(range(1, 35)) + 1
    run(shop, *(Restock("tea", 1) for _ in range(10)))
    assert snapshot_rows(shop) == {"product-tea": 40}  # and a new one takes its place


def test_snapshots_of_orders_keep_their_lines(store_urls):
    with open_shop("event-sourced", **store_urls, snapshot_every=1) as shop:
        with_a_draft(shop, ChangeShippingAddress("o-1", "Paris"), AddOrderItem("o-1", "tea", 1))
        run(shop, PlaceOrder("o-1"))
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).total_cents == 3 * 920 + 500
        assert [p.stock for p in shop.ask(GetCatalogue())] == [2, 9]


def test_snapshots_can_be_dropped_and_taken_anew_at_will(tea_with_a_past):
    shop = tea_with_a_past
    run(shop, ADA)
    shop.snapshots.drop()
    assert snapshot_rows(shop) == {}
    assert shop.snapshots.rebuild() == 2
    assert snapshot_rows(shop) == {"product-tea": 35, "user-ada": 1}
    shop.send(Restock("tea", 1), expected_version=35)


@pytest.mark.parametrize("rung", ["crud", "one-database", "two-stores"])
def test_a_rung_that_folds_nothing_has_no_snapshots(rung):
    with open_shop(rung) as shop, pytest.raises(ShopError, match="snapshots"):
        shop.snapshots


def test_no_snapshots_are_taken_when_told_so(store_urls):
    with open_shop("event-sourced", **store_urls, snapshot_every=0) as shop:
        run(shop, TEA, *(Restock("tea", 1) for _ in range(120)))
        assert snapshot_rows(shop) == {}


@pytest.mark.parametrize("rung", EVENTFUL)
def test_the_shop_as_it_was_shows_tables_documents_and_answers_together(rung, store_urls, clock):
    with open_shop(rung, **store_urls, clock=clock) as shop:
        states = []
        everything_step_by_step(shop, states)
        for position, tables, documents, catalogue in states:
            with shop.at(position) as past:
                assert (past.position, past.staleness) == (position, 0)
                assert past.tables() == tables
                assert past.documents() == documents
                assert past.ask(GetCatalogue()) == catalogue
                assert list(past.events()) == list(shop.events())[:position]


def everything_step_by_step(shop, states):
    for command in (
        ADA,
        TEA,
        CreateOrder("o-1", "ada"),
        AddOrderItem("o-1", "tea", 2),
        ChangeShippingAddress("o-1", "Paris"),
        PlaceOrder("o-1"),
        RenameUser("ada", "Ada King"),
        CancelOrder("o-1", "late"),
    ):
        shop.deliver()
        states.append((shop.position, shop.tables(), shop.documents(), shop.ask(GetCatalogue())))
        shop.send(command)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_the_past_takes_no_commands_and_charges_nobody(rung):
    with open_shop(rung) as shop:
        with_a_draft(shop, PlaceOrder("o-1"))
        charged = dict(shop.options.surroundings.payments.charged)
        with shop.at(shop.position) as past, shop.at(1) as long_ago:
            refused(past, RenameUser("ada", "Eve"), ShopError)
            assert long_ago.ask(GetUserById("ada")).name == "Ada Lovelace"
            assert long_ago.ask(GetCatalogue()) == []
        assert shop.options.surroundings.payments.charged == charged
        run(shop, RenameUser("ada", "Ada King"))


@pytest.mark.parametrize("rung", EVENTFUL)
def test_there_is_no_future_to_show(rung):
    with open_shop(rung) as shop:
        run(shop, ADA)
        for position in (2, -1, "1", True):
            with pytest.raises(InvalidMessage, match="position"):
                shop.at(position)


@pytest.mark.parametrize("rung", ["crud", "one-database"])
def test_a_rung_without_events_has_no_past(rung):
    with open_shop(rung) as shop, pytest.raises(ShopError, match="no history"):
        shop.at(0)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_one_stream_a_category_or_the_whole_log_is_read(rung, store_urls):
    with open_shop(rung, **store_urls) as shop:
        everything(shop)
        run(shop, CreateUser("order-1", "Mallory", "m@example.org"))
        log = list(shop.events())
        by_stream = [r for r in log if r.stream == "order-o-1"]
        assert list(shop.events(stream="order-o-1")) == by_stream
        assert list(shop.events(after=5, stream="order-o-1")) == [
            r for r in by_stream if r.position > 5
        ]
        orders = [r for r in log if r.stream.startswith("order-")]
        assert list(shop.events(category="order")) == orders
        assert len(orders) > len(by_stream)
        assert list(shop.events(stream="order-nope")) == []


def test_the_same_command_id_twice_is_done_once(shop, rung):
    with_a_draft(shop)
    shop.send(Restock("tea", 5), command_id="r-1")
    before = shop.tables(), shop.position
    assert shop.send(Restock("tea", 5), command_id="r-1") is None
    assert (shop.tables(), shop.position) == before
    shop.send(Restock("tea", 5), command_id="r-2")
    shop.deliver()
    assert shop.ask(GetCatalogue())[1].stock == 22


def test_a_refused_command_may_be_sent_again_under_its_id(shop):
    with_a_draft(shop, AddOrderItem("o-1", "mug", 3))
    refused(shop, PlaceOrder("o-1"), OutOfStock, command_id="p-1")
    run(shop, Restock("mug", 9))
    shop.send(PlaceOrder("o-1"), command_id="p-1")
    shop.deliver()
    assert shop.ask(GetOrder("o-1")).status == "placed"


def test_an_id_belongs_to_one_command(shop):
    with_a_draft(shop)
    shop.send(Restock("tea", 5), command_id="r-1")
    assert "another command" in refused(shop, Restock("tea", 6), InvalidMessage, command_id="r-1")


@pytest.mark.parametrize("field", ["command_id", "correlation_id"])
@pytest.mark.parametrize("bad", ["", 7, "x" * 101, "\0", True])
def test_ids_of_commands_are_ids(shop, field, bad):
    assert field in refused(shop, ADA, InvalidMessage, **{field: bad})


@pytest.mark.parametrize("rung", EVENTFUL)
def test_envelopes_carry_the_command_and_the_conversation(rung, store_urls):
    with open_shop(rung, **store_urls) as shop:
        shop.send(ADA, command_id="first")
        shop.send(TEA, command_id="second", correlation_id="visit-7")
        run(shop, Restock("tea", 1))
        ids = [(r.command_id, r.correlation_id) for r in shop.events()]
        assert ids == [("first", "first"), ("second", "visit-7"), ("c-3", "c-3")]


def test_a_clock_that_runs_backwards_changes_no_order_of_events(rung, store_urls):
    from datetime import UTC, datetime, timedelta

    times = [datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=n) for n in range(50)]
    with open_shop(rung, **store_urls, clock=lambda: times.pop(0)) as shop:
        with_a_draft(shop, PlaceOrder("o-1"))
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).placed_at < shop.ask(GetOrder("o-1")).created_at
        assert [r.position for r in shop.events()] == list(range(1, shop.position + 1))
