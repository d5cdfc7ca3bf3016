"""The importer: what is read, what is reported, and that nothing is imported twice."""

import csv
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cqrs_demo import (
    LADDER,
    AddOrderItem,
    AddProduct,
    CancelOrder,
    CreateOrder,
    CreateUser,
    DemoPayments,
    GetBestSellers,
    GetCatalogue,
    GetOrder,
    GetOrderHistory,
    GetSalesByDay,
    GetUserById,
    NotFound,
    PlaceOrder,
    ShopError,
    UserCreated,
    open_shop,
)
from cqrs_demo.lab.importer import (
    Clock,
    deliver,
    import_orders,
    raise_if_stopped,
    require_writable,
    write_report,
)
from cqrs_demo.lab.importer.online_retail import COLUMNS, read_dates, read_rows

ROOT = Path(__file__).parent.parent.parent
SAMPLE = Path("../shared/data/online_retail_sample.csv")  # relative to the repository
HEADER = ",".join(COLUMNS)
EVERYTHING = 10**9

# Rows of one file, and why each is reported; those without a reason are imported.
MESS = [
    ("536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom", ""),
    ("536365.0, 71053 ,METAL LANTERN,6.0,2010-12-01T08:26,3.39,17850,United Kingdom", ""),
    ("536365,85123A,WHITE HEART,2,2010-12-01 08:26:00,2.55, 17850 ,United Kingdom", ""),
    (
        "536365,85123A,WHITE HEART,1,2010-12-01 08:26:00,2.10,17850,United Kingdom",
        "another price than in the product's first row of the invoice",
    ),
    (
        "536365,22,PEN,1,2010-12-01 08:26:00,2.10,13047,United Kingdom",
        "another customer than in the invoice's first row",
    ),
    ("C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom", "credit note"),
    ("c536380,D,Discount,1,never,0,,France", "credit note"),
    ("536400,22,PEN,x,2010-12-01 09:00:00,1,,France", "no customer"),
    ("536400,22,PEN,1,2010-12-01 09:00:00,1,0,France", "no customer"),
    ("536400,22,PEN,1,2010-12-01 09:00:00,1,0.0,France", "no customer"),
    ("536400,22,PEN,1,2010-12-01 09:00:00,1,0.00,France", "no customer"),
    ("536400,22,PEN,1,2010-12-01 09:00:00,1,nan,France", "no customer"),
    ("536400,22,PEN,1,2010-12-01 09:00:00,1,NULL,France", "no customer"),
    ("536400,22,PEN,1,2010-12-01 09:00:00,1,None,France", "no customer"),
    ("536401,22,PEN,0,2010-12-01 09:00:00,0,12583,France", "quantity is not positive"),
    ("536401,22,PEN,-3,2010-12-01 09:00:00,1,12583,France", "quantity is not positive"),
    ("536401,22,PEN,1.5,2010-12-01 09:00:00,1,12583,France", "quantity is not a whole number"),
    ("536401,22,PEN,,2010-12-01 09:00:00,1,12583,France", "quantity is not a number"),
    ("536401,22,PEN,inf,2010-12-01 09:00:00,1,12583,France", "quantity is not a number"),
    ("536401,22,PEN,1,never,0.00,12583,France", "price is zero"),
    ("536401,22,PEN,1,2010-12-01 09:00:00,-1,12583,France", "price is negative"),
    ("536401,22,PEN,1,2010-12-01 09:00:00,0.001,12583,France", "price is not whole cents"),
    ("536401,22,PEN,1,2010-12-01 09:00:00,NaN,12583,France", "price is not a number"),
    ("536401,22,PEN,1,2010-12-01 09:00:00,,12583,France", "price is not a number"),
    ("536401,22,PEN,1,2010-13-01 09:00:00,1,12583,France", "date cannot be read"),
    ("536401,22,PEN,1,,1,12583,France", "date cannot be read"),
    ("536401,22,PEN,1,2010-12-01 09:00:00", "too few columns"),
    ("536401,22,PEN,1,2010-12-01 09:00:00,1,12583,France,more", "too many columns"),
    (
        "536402,22,PEN,1000001,2010-12-01 09:00:00,1,12583,France",
        "quantity: must be from 1 to 1,000,000",
    ),
    ("536402,,PEN,1,2010-12-01 09:00:00,1,12583,France", "sku: must not be empty"),
    (
        "536402,22,PEN,1,2010-12-01 09:00:00,1,a b,France",
        "CustomerID: cannot be part of an e-mail address",
    ),
    ("536403,22,,1000000,2010-12-02 10:00:00,0.01,12583,", ""),
    ("536403,22,PEN,600000,2010-12-02 10:00:00,0.01,12583,France", ""),
    ("536404,85123A,RENAMED HEART,3,2010-12-01 07:00:00+02:00,2.95,12583,France", ""),
    ("536405,85123A,RENAMED HEART,3,2010-12-01 05:00:00,2.55,12583,France", ""),
    ("'; DROP TABLE orders; --,=1+1,<script>alert(1)</script>,1,2010-12-03 10:00:00,1,1,\"a\"", ""),
    (
        '536406,23,"A ""QUOTED""\r\nNAME, TWO LINES",1,2010-12-03 10:00:00,1e0,1,EIRE',
        "price is not a number",
    ),
    ('536406,23,"A ""QUOTED""\r\nNAME, TWO LINES",1,2010-12-03 10:00:00,1,1,EIRE', ""),
    ("536407,23,LATER NAME,4,2010-12-04 10:00:00,1,1, EIRE ", ""),
]  # fmt: skip
REASONS = [reason for _, reason in MESS if reason]
ORDERS = {"536365", "536403", "536404", "536405", "'; DROP TABLE orders; --", "536406", "536407"}


def write_csv(path: Path, *records: str, header: str = HEADER) -> Path:
    path.write_bytes("\r\n".join((header, *records, "")).encode())
    return path


@pytest.fixture
def mess(tmp_path):
    return write_csv(tmp_path / "mess.csv", *(record for record, _ in MESS))


def run_import(architecture, path, url="sqlite://", interrupt=None, **options):
    """Import a file; return the shop, the outcome, and all the records that were skipped."""
    rows, skipped = read_rows(path)
    clock = Clock()
    shop = open_shop(architecture, write=url, read=url, clock=clock, **options)
    if interrupt:
        interrupt(shop)
    try:
        outcome = import_orders(shop, clock, rows)
    except BaseException:
        shop.close()
        raise
    assert len(rows) == outcome.imported + outcome.imported_before + len(outcome.skipped)
    deliver(shop)
    raise_if_stopped(shop)
    return shop, outcome, skipped + outcome.skipped


def answers(shop, path):
    """What clients can learn from a shop about what a file was about."""
    rows, _ = read_rows(path)
    orders = []
    for order_id in sorted({row.invoice for row in rows if row.invoice}):
        try:
            orders.append(shop.ask(GetOrder(order_id)))
        except NotFound:
            orders.append(None)
    return (
        shop.ask(GetCatalogue()),
        shop.ask(GetBestSellers(EVERYTHING)),
        shop.ask(GetSalesByDay()),
        {c: shop.ask(GetOrderHistory(c)) for c in sorted({row.customer for row in rows})},
        orders,
        [(r.position, r.stream, r.version, r.at, r.event) for r in shop.events()],
    )


def plain_sql(path, skipped):
    """Load the records that were imported into one table, with as little ado as possible."""
    lines = {s.record.line for s in skipped}
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE sold (line, invoice, sku, name, quantity, cents, at, customer)")
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        line = 1
        for values in reader:
            if line > 1 and line not in lines:
                invoice, sku, name, quantity, at, price, customer, _ = values
                invoice, sku, customer = (
                    re.sub(r"^(\d+)\.0$", r"\1", text.strip()) for text in (invoice, sku, customer)
                )
                moment = datetime.fromisoformat(at)
                at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
                database.execute(
                    "INSERT INTO sold VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (line, invoice, sku, (name.strip() and name) or sku, float(quantity),
                     round(float(price) * 100), str(at), customer),
                )  # fmt: skip
            line = reader.line_num + 1
    return database


def assert_equals_plain_sql(shop, path, skipped):
    with closing(plain_sql(path, skipped)) as database:
        best = database.execute(
            """SELECT sku, (SELECT name FROM sold f WHERE f.sku = s.sku ORDER BY at, line LIMIT 1),
            SUM(quantity), SUM(quantity * cents) AS revenue
            FROM sold s GROUP BY sku ORDER BY revenue DESC, sku"""
        ).fetchall()
        days = database.execute(
            """SELECT substr(at, 1, 10), COUNT(DISTINCT invoice), SUM(quantity * cents)
            FROM sold GROUP BY 1 ORDER BY 1"""
        ).fetchall()
        history = database.execute(
            """SELECT customer, invoice, SUM(quantity), SUM(quantity * cents), MIN(at)
            FROM sold GROUP BY invoice ORDER BY 5 DESC, invoice"""
        ).fetchall()
    assert [
        (p.sku, p.name, p.quantity, p.revenue_cents) for p in shop.ask(GetBestSellers(EVERYTHING))
    ] == best
    assert [(str(d.day), d.orders, d.revenue_cents) for d in shop.ask(GetSalesByDay())] == days
    for customer in {row[0] for row in history}:
        found = shop.ask(GetOrderHistory(customer))
        assert [
            (o.user_id, o.order_id, o.item_count, o.total_cents, str(o.placed_at)) for o in found
        ] == [row for row in history if row[0] == customer]
        assert all(o.status == "placed" for o in found)


@pytest.mark.parametrize("architecture", LADDER)
def test_every_rung_answers_what_plain_sql_over_the_imported_rows_answers(architecture, mess):
    shop, outcome, skipped = run_import(architecture, mess)
    with shop:
        assert outcome.orders == ORDERS
        assert_equals_plain_sql(shop, mess, skipped)


def test_all_rungs_agree(mess):
    found = []
    for architecture in LADDER:
        shop, outcome, skipped = run_import(architecture, mess)
        with shop:
            found.append((answers(shop, mess)[:5], outcome, skipped))
    assert found == [found[0]] * len(LADDER)


def test_every_record_is_counted_once_and_has_its_reason(mess):
    shop, outcome, skipped = run_import("one-database", mess)
    shop.close()
    assert outcome.imported + len(skipped) == len(MESS)
    assert outcome.imported_before == 0
    by_line = sorted(skipped, key=lambda s: s.record.line)
    assert [s.reason for s in by_line] == REASONS


def test_orders_are_what_the_file_says(mess):
    shop, _, _ = run_import("two-stores", mess)
    with shop:
        order = shop.ask(GetOrder("536365"))
        assert order.user_name == "Customer 17850"
        assert order.shipping_address == "United Kingdom"
        assert order.placed_at == order.created_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
        assert [(x.sku, x.quantity, x.unit_price_cents) for x in order.lines] == [
            ("85123A", 8, 255),
            ("71053", 6, 339),
        ]
        assert shop.ask(GetOrder("536403")).lines[0].quantity == 1_600_000
        assert shop.ask(GetOrder("536403")).shipping_address is None
        assert shop.ask(GetOrder("536407")).shipping_address == " EIRE "
        assert shop.ask(GetUserById("17850")).email == "customer-17850@example.org"


def test_a_product_keeps_the_description_of_its_first_imported_row_exactly(mess):
    shop, _, _ = run_import("event-sourced", mess)
    with shop:
        products = {product.sku: product for product in shop.ask(GetCatalogue())}
    assert products["85123A"].name == "RENAMED HEART"
    assert products["22"].name == "22"
    assert products["23"].name == 'A "QUOTED"\r\nNAME, TWO LINES'
    assert products["=1+1"].name == "<script>alert(1)</script>"
    assert all(product.stock == 0 for product in products.values())


@pytest.mark.parametrize("architecture", LADDER)
def test_a_second_run_imports_nothing(architecture, mess, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    shop, first, first_skipped = run_import(architecture, mess, url)
    with shop:
        before = answers(shop, mess), shop.tables()
    shop, second, second_skipped = run_import(architecture, mess, url)
    with shop:
        assert (answers(shop, mess), shop.tables()) == before
    assert (second.imported, second.imported_before) == (0, first.imported)
    assert second_skipped == first_skipped
    assert second.orders == second.users == second.products == set()


def interrupt_after(sends, before_the_commit=False):
    """Have Ctrl-C come when so many commands were sent."""

    def patch(shop):
        real, count = shop.send, 0

        def send(command):
            nonlocal count
            count += 1
            if count > sends and before_the_commit:
                raise KeyboardInterrupt
            real(command)
            if count >= sends and not before_the_commit:
                raise KeyboardInterrupt

        shop.send = send

    return patch


@pytest.mark.parametrize("architecture", LADDER)
@pytest.mark.parametrize("sends", [0, 1, 5, 11, 18, 29])
def test_an_interrupted_import_is_completed_by_the_next(architecture, sends, mess, tmp_path):
    whole, expected, _ = run_import(architecture, mess)
    url = f"sqlite:///{tmp_path}/shop.db"
    with pytest.raises(KeyboardInterrupt):
        run_import(architecture, mess, url, interrupt_after(sends, before_the_commit=True))
    shop, outcome, skipped = run_import(architecture, mess, url)
    with shop, whole:
        assert answers(shop, mess) == answers(whole, mess)
        assert_equals_plain_sql(shop, mess, skipped)
    assert outcome.imported + outcome.imported_before == expected.imported


@pytest.mark.parametrize("architecture", LADDER)
def test_it_may_be_interrupted_after_every_single_command(architecture, mess, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    runs = 0
    while True:
        runs += 1
        try:
            shop, outcome, _ = run_import(architecture, mess, url, interrupt_after(1))
            break
        except KeyboardInterrupt:
            assert runs < 200
    whole, expected, _ = run_import(architecture, mess)
    with shop, whole:
        assert answers(shop, mess) == answers(whole, mess)
    assert runs > 40
    assert outcome.imported_before == expected.imported


def test_a_killed_import_is_completed_by_the_next(tmp_path):
    records = [
        f"{540000 + i},{i * 7 % 50},NAME,{1 + i % 9},2010-12-01 {8 + i % 9:02}:26:00,"
        f"{1 + i % 3}.25,{i % 20 + 1},France"
        for i in range(2_000)
    ]
    path = write_csv(tmp_path / "many.csv", *records)
    database = tmp_path / "shop.db"
    program = [sys.executable, "-m", "cqrs_demo", "import", str(path), "--db", str(database)]
    with subprocess.Popen(program, stderr=subprocess.PIPE, cwd=ROOT) as process:
        seen = b""
        while not re.search(rb"\| *[1-9]\d*/2000", seen):  # the bar says that rows were imported
            piece = os.read(process.stderr.fileno(), 1_000)
            assert piece, seen
            seen += piece
        process.kill()
    assert process.returncode != 0
    with closing(sqlite3.connect(database)) as connection:
        placed = "SELECT count(*) FROM orders WHERE status = 'placed'"
        assert 0 < connection.execute(placed).fetchone()[0] < 2_000

    shop, outcome, skipped = run_import("two-stores", path, f"sqlite:///{database}")
    with shop:
        assert outcome.imported and outcome.imported_before
        assert outcome.imported + outcome.imported_before == 2_000
        assert_equals_plain_sql(shop, path, skipped)


@pytest.mark.parametrize("architecture", LADDER)
def test_two_imports_into_one_shop_stand_back_or_agree_and_the_next_one_completes(
    architecture, tmp_path
):
    url = f"sqlite:///{tmp_path}/shop.db"
    orders = [f"{n},p{n},PEN,{n},2010-12-01 08:0{n},1,{7 + n},France" for n in range(1, 6)]
    path = write_csv(tmp_path / "orders.csv", *orders)
    rows, _ = read_rows(path)

    def meanwhile(done, total):
        if done == 2:
            run_import(architecture, path, url)[0].close()

    clock = Clock()
    with open_shop(architecture, write=url, read=url, clock=clock) as shop:
        try:
            outcome = import_orders(shop, clock, rows, meanwhile)
            assert (outcome.imported, outcome.imported_before) == (2, 3)
        except ShopError as error:
            assert "somebody else changes this shop" in str(error)
    shop, outcome, skipped = run_import(architecture, path, url)
    with shop:
        assert (outcome.imported, outcome.imported_before, skipped) == (0, 5, [])
        assert_equals_plain_sql(shop, path, skipped)


@pytest.mark.parametrize("architecture", ["crud", "one-database"])
def test_a_draft_that_another_import_has_just_begun_is_left_to_it(architecture, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    path = write_csv(
        tmp_path / "orders.csv",
        "1,a,A,1,2010-12-01 08:00,1,7,France",
        "2,b,B,1,2010-12-01 09:00,1,7,France",
    )
    rows, _ = read_rows(path)

    def begin(done, total):
        with open_shop(architecture, write=url) as other:
            other.send(AddProduct("b", "B", 100, 1))
            other.send(CreateOrder("2", "7"))
            other.send(AddOrderItem("2", "b", 1))

    clock = Clock()
    with (
        open_shop(architecture, write=url, clock=clock) as shop,
        pytest.raises(ShopError, match="somebody else changes this shop"),
    ):
        import_orders(shop, clock, rows, begin)
    shop, _, _ = run_import(architecture, path, url)
    with shop:
        assert shop.ask(GetOrder("2")).status == "placed"


def test_an_order_that_did_not_come_from_the_file_is_left_alone(mess, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    with open_shop("one-database", write=url) as shop:
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        shop.send(CreateUser("12583", "Chris", "chris@example.org"))
        shop.send(AddProduct("pen", "Pen", 100, 10))
        shop.send(CreateOrder("536365", "ada"))
        for order_id in ("536404", "536405"):
            shop.send(CreateOrder(order_id, "12583"))
            shop.send(AddOrderItem(order_id, "pen", 1))
        shop.send(PlaceOrder("536405"))
        shop.send(CreateOrder("536403", "12583"))
        before = [shop.ask(GetOrder(order_id)) for order_id in ("536365", "536404", "536405")]
    shop, outcome, skipped = run_import("one-database", mess, url)
    with shop:
        after = [shop.ask(GetOrder(order_id)) for order_id in ("536365", "536404", "536405")]
        assert shop.ask(GetOrder("536403")).status == "placed"  # an empty draft is completed
        assert shop.ask(GetUserById("12583")).name == "Chris"
    assert after == before
    assert outcome.imported + len(skipped) == len(MESS)
    foreign = {s.record.original[0]: s.reason for s in outcome.skipped}
    assert foreign["536365"] != foreign["536404"]
    assert foreign["536365"] == "the shop has this order from another user"
    assert foreign["536404"] == foreign["536405"] == "the shop has this order with other lines"


def test_an_order_that_lacks_a_line_or_a_piece_is_another_order(tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    short = write_csv(tmp_path / "short.csv", "1,a,A,2,2010-12-01 08:00,1,7,France")
    run_import("crud", short, url)[0].close()
    one_more_piece = "1,a,A,3,2010-12-01 08:00,1,7,France"
    one_more_line = ("1,a,A,2,2010-12-01 08:00,1,7,France", "1,b,B,2,2010-12-01 08:00,1,7,France")
    another_price = "1,a,A,2,2010-12-01 08:00,2,7,France"
    for records in ([one_more_piece], one_more_line, [another_price]):
        path = write_csv(tmp_path / "other.csv", *records)
        shop, outcome, skipped = run_import("crud", path, url)
        shop.close()
        assert outcome.imported == outcome.imported_before == 0
        assert {s.reason for s in skipped} == {"the shop has this order with other lines"}
        assert len(skipped) == len(records)


def test_a_cancelled_order_was_imported_before(mess, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    shop, first, _ = run_import("two-stores", mess, url)
    with shop:
        shop.send(CancelOrder("536403", ""))
    shop, second, _ = run_import("two-stores", mess, url)
    with shop:
        assert shop.ask(GetOrder("536403")).status == "cancelled"
    assert (second.imported, second.imported_before) == (0, first.imported)


@pytest.mark.parametrize("architecture", LADDER)
def test_stock_that_is_there_is_used_first(architecture, mess, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    with open_shop(architecture, write=url, read=url) as shop:
        shop.send(AddProduct("85123A", "Heart", 999, 10))
    shop, _, _ = run_import(architecture, mess, url)
    with shop:
        products = {product.sku: product for product in shop.ask(GetCatalogue())}
    assert products["85123A"].stock == 0
    assert products["85123A"].name == "Heart"
    assert products["85123A"].price_cents == 255


@pytest.mark.parametrize("architecture", LADDER)
def test_what_the_shop_rejects_is_reported_with_its_words(architecture, mess, tmp_path):
    url = f"sqlite:///{tmp_path}/shop.db"
    with open_shop(architecture, write=url, read=url) as shop:
        shop.send(CreateUser("ada", "Ada", "CUSTOMER-17850@example.org"))
    payments = DemoPayments({"536403"})
    shop, outcome, skipped = run_import(architecture, mess, url, payments=payments)
    shop.close()
    assert outcome.imported + len(skipped) == len(MESS)
    refused = {s.record.original[0]: (s.kind, s.reason) for s in outcome.skipped[-5:]}
    assert refused["536365"] == (
        "the shop refuses it (EmailTaken)",
        "another user has the e-mail 'customer-17850@example.org'",
    )
    assert refused["536403"] == (
        "the shop refuses it (PaymentDeclined)",
        "the payment for order '536403' was declined",
    )
    shop, outcome, _ = run_import(architecture, mess, url)  # the payment works today
    with shop:
        assert outcome.orders == {"536403"}
        assert all(product.stock == 0 for product in shop.ask(GetCatalogue()))


def test_progress_counts_up_to_all_rows(mess):
    rows, _ = read_rows(mess)
    clock, seen = Clock(), []
    with open_shop("two-stores", clock=clock) as shop:
        import_orders(shop, clock, rows, lambda *now: seen.append(now))
        assert seen[-1] == (len(rows), len(rows))
        waiting = shop.staleness
        deliver(shop, lambda *now: seen.append(now))
        assert seen[-1] == (waiting, waiting)


def test_a_stopped_projection_is_noticed_before_anything_is_sent(mess):
    def fail(docs, recorded):
        raise RuntimeError("no")

    rows, _ = read_rows(mess)
    clock = Clock()
    with open_shop("two-stores", clock=clock, projections={"x": {UserCreated: fail}}) as shop:
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        with pytest.raises(ShopError, match=r"the projection 'x' has stopped: .*no"):
            import_orders(shop, clock, rows)
        assert shop.position == 1


@pytest.mark.parametrize("architecture", LADDER)
def test_the_published_sample_equals_plain_sql_on_every_rung(architecture):
    path = ROOT / SAMPLE
    if not path.exists():
        pytest.skip(f"{SAMPLE} is not here")
    shop, outcome, skipped = run_import(architecture, path)
    with shop:
        assert_equals_plain_sql(shop, path, skipped)
    assert (outcome.imported, len(skipped)) == (2851, 1941)


# Reading the file


def test_columns_may_stand_in_any_order_beside_others(tmp_path):
    names = [*reversed(COLUMNS), "Note"]
    values = ["France", "12583.0", "2.5", "2010-12-01 08:26", "6", "PEN", "22", "536365", "hm"]
    path = write_csv(tmp_path / "a.csv", ",".join(values), header="\ufeff" + ",".join(names))
    (row,), skipped = read_rows(path)
    assert (row.invoice, row.sku, row.quantity, row.price_cents) == ("536365", "22", 6, 250)
    assert row.record.original == tuple(reversed(values[:-1]))
    assert skipped == []


def test_other_encodings_can_be_named(tmp_path):
    path = tmp_path / "a.csv"
    text = f"{HEADER}\n1,22,CAF\xc9,6,2010-12-01 08:26,2.55,12583,France\n"
    path.write_bytes(text.encode("latin-1"))
    (row,), _ = read_rows(path, "latin-1")
    assert row.description == "CAF\xc9"
    with pytest.raises(ShopError, match="is not text in utf-8-sig; try --encoding latin-1"):
        read_rows(path)
    with pytest.raises(ShopError, match="there is no text encoding 'hex'"):
        read_rows(path, "hex")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("\r\n\r\n", "is empty"),
        ("InvoiceNo,Country\n", "columns are missing: StockCode, Description, Quantity"),
        (f"{HEADER},Country\n", "columns stand there more than once: Country"),
        (f'{HEADER}\n\n1,"open\n\n', "is not CSV, see line 3: unexpected end of data"),
    ],
)
def test_a_file_of_another_kind_is_refused(text, problem, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(ShopError, match=problem):
        read_rows(path)


def test_utf_16_is_told_from_other_text_that_is_not_utf_8(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\n1,22,PEN,6,2010-12-01 08:26,2.55,12583,France\n", "utf-16")
    with pytest.raises(ShopError, match="is not text in utf-8-sig; try --encoding utf-16"):
        read_rows(path)
    (row,), _ = read_rows(path, "utf-16")
    assert row.description == "PEN"


def test_a_file_without_records_is_fine(tmp_path):
    assert read_rows(write_csv(tmp_path / "a.csv")) == ([], [])


def test_the_report_holds_the_records_exactly_as_they_were(mess, tmp_path):
    _, skipped = read_rows(mess)
    report = tmp_path / "report.csv"
    require_writable(report)
    assert not report.exists()
    write_report(report, skipped)
    with open(report, encoding="utf-8", newline="") as file:
        header, *written = csv.reader(file)
    assert header == ["line", "reason", *COLUMNS]
    with open(mess, encoding="utf-8", newline="") as file:
        reader, start, originals = csv.reader(file), 1, {}
        for record in reader:
            originals[str(start)] = record
            start = reader.line_num + 1
    for line, reason, *values in written:
        original = originals[line]
        assert values == (original + [""] * 8)[:8]
        assert reason in REASONS
    assert ["38", "price is not a number"] in [row[:2] for row in written]  # spans two lines
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mess.csv", "report.csv"]


# Dates

DAY = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2010-12-01 08:26:00", DAY),
        ("2010-12-01T08:26", DAY),
        (" 2010-12-01 08:26:00+00:00 ", DAY),
        ("2010-12-01T10:26:00+02:00", DAY),
        ("2010-12-01T08:26:00Z", DAY),
        ("12/1/10 8:26", DAY),
        ("12/01/10 08:26:00", DAY),
        ("01/12/2010 08:26", DAY),
        ("12/1/2010 8:26", DAY),
        ("13/1/10 8:26", datetime(2010, 1, 13, 8, 26, tzinfo=UTC)),
        ("12/13/2010 08:26", datetime(2010, 12, 13, 8, 26, tzinfo=UTC)),
        ("31/04/2010 08:26", None),
        ("2010-02-30 08:26", None),
        ("01/12/2010 25:26", None),
        ("01/12/10", None),
        ("0001-01-01 00:00+05:00", None),
        ("01-12-2010 08:26", None),
        ("", None),
    ],
)
def test_a_date_is_read(text, expected):
    assert read_dates([text]).get(text) == expected


def read_days(*texts):
    found = read_dates(f"{text} 08:00" for text in texts)
    return [found[f"{text} 08:00"].date().isoformat() for text in texts]


def test_one_clear_date_decides_for_all_of_its_form():
    assert read_days("12/1/10", "13/1/10") == ["2010-01-12", "2010-01-13"]
    assert read_days("01/12/2010", "01/13/2010") == ["2010-01-12", "2010-01-13"]
    assert read_days("1/2/2010", "13/2/2010", "1/2/10") == [
        "2010-02-01",
        "2010-02-13",
        "2010-01-02",
    ]


def test_contradicting_dates_decide_for_themselves_only():
    assert read_days("12/1/10", "13/1/10", "1/13/10") == ["2010-12-01", "2010-01-13", "2010-01-13"]
    assert read_days("01/12/2010", "13/01/2010", "01/13/2010") == [
        "2010-12-01",
        "2010-01-13",
        "2010-01-13",
    ]


def test_a_single_digit_shows_that_the_month_comes_first():
    assert read_days("10/11/2010", "1/2/2010") == ["2010-10-11", "2010-01-02"]
    assert read_days("10/11/2010", "01/02/2010") == ["2010-11-10", "2010-02-01"]


@pytest.mark.parametrize("rung", LADDER)
def test_an_order_too_dear_for_the_shop_leaves_its_last_rows_to_the_report(rung, tmp_path):
    path = tmp_path / "dear.csv"
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    row = "1,{},Gold,1000000,2010-12-01 08:26:00,10000000.00,17850,France"
    path.write_text("\n".join([header, *(row.format(f"G{n}") for n in range(10))]))
    shop, outcome, skipped = run_import(rung, path)
    with shop:
        assert (outcome.imported, len(skipped)) == (9, 1)
        assert "2^53" in skipped[0].reason
        assert shop.ask(GetOrder("1")).status == "placed"
