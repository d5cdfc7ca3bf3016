"""Exercises of lesson 01: what a form loses, what a version saves, and pages from tables.

The first three are about forms on the rung "crud", the last two about its database.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from ... import QUERIES, ConcurrencyConflict, Shop
from ...storage.tables import Row
from ..narration import counted
from .exercise import Exercise
from .rivals import QuickerForms, QuickerInTheEnd
from .trial import Trial
from .trial import shown as in_short

SUMMARY = """One model serves every form and every page. A form carries the whole row, so the
last one to save wipes out what others have saved, and nobody is told. A version column catches
that; it cannot say what was meant, nor why. Pages are joins, worked out anew each time, unless a
summary table is kept in the same transaction. Where few people edit, rules are few and nobody asks
why, all of this is small, quick to write and never out of date; then it is the right choice."""

A_MORNING = "2026-01-05T09:00:00.000000Z"


# What a small shop on forms holds.


def form(order_id: str, user_id: str, **lines: int) -> Row:
    """Return the form of a draft order: so many pieces of each product."""
    return {
        "order_id": order_id,
        "user_id": user_id,
        "status": "draft",
        "shipping_address": None,
        "cancel_reason": None,
        "created_at": A_MORNING,
        "placed_at": None,
        "lines": [line(sku, quantity) for sku, quantity in lines.items()],
    }


PRICES = {"mug": 1200, "tea": 500}


def line(sku: str, quantity: int) -> Row:
    return {"sku": sku, "quantity": quantity, "unit_price_cents": PRICES[sku]}


def fill(shop: Shop, *orders: Row) -> None:
    """Put two customers, two products and some orders into a shop, each through its form."""
    for user_id, name in (("ada", "Ada Lovelace"), ("grace", "Grace Hopper")):
        row: Row = {"user_id": user_id, "name": name, "email": f"{user_id}@example.org"}
        shop.crud.save("users", row)
    for sku, name in (("mug", "Mug"), ("tea", "Tea")):
        row = {"sku": sku, "name": name, "price_cents": PRICES[sku], "stock": 9}
        shop.crud.save("products", row)
    for order in orders:
        shop.crud.save("orders", order)


def change(shop: Shop, table: str, key: str, **fields: Any) -> None:
    """Change some fields of a row, as somebody would in a form."""
    shop.crud.save(table, {**shop.crud.load(table, key), **fields})


# 1. Say which version


def starter_change_address(shop: Shop, order_id: str, address: str) -> None:
    row = shop.crud.load("orders", order_id)
    row["shipping_address"] = address
    shop.crud.save("orders", row)


def solution_change_address(shop: Shop, order_id: str, address: str) -> None:
    row = shop.crud.load("orders", order_id)
    row["shipping_address"] = address
    shop.crud.save("orders", row, version=row["version"])


def an_address_is_saved(change_address: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop, form("o-1", "ada", mug=2))
    trial.does("Ada changes the address, and nobody else is there")
    change_address(shop, "o-1", "12 Mill Lane")
    saved = shop.crud.load("orders", "o-1")
    trial.equal("12 Mill Lane", saved["shipping_address"], "the address in the table")
    trial.equal([line("mug", 2)], saved["lines"], "the lines of the order")


def grace_saves_three_mugs(shop: Shop) -> None:
    change(shop, "orders", "o-1", lines=[line("mug", 3)])


def a_rival_is_not_overwritten(change_address: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop, form("o-1", "ada", mug=2))
    trial.does("Grace saves three mugs between Ada's load and Ada's save")
    rival = QuickerForms(shop, grace_saves_three_mugs)
    problem = "Ada's save was accepted, although her form is older than what Grace saved"
    refused = False
    try:
        change_address(rival, "o-1", "12 Mill Lane")
    except ConcurrencyConflict:
        refused = True
    trial.expect(rival.loads, "nothing was loaded; get the form with shop.crud.load")
    saved = shop.crud.load("orders", "o-1")
    if saved["lines"] != [line("mug", 3)]:
        trial.expect(False, f"{problem}; her old form put the two mugs back, and Grace's are gone")
    if refused:
        trial.equal(None, saved["shipping_address"], "the address after a refused save")
        return
    if saved["shipping_address"] is None:
        problem = "the save was refused, but whoever called was not told: Ada believes it is saved"
    else:
        problem = "the address was saved without asking Ada, who never saw the order as it is now"
    trial.expect(False, f"{problem}. Let the ConcurrencyConflict through")


def nor_is_one_in_the_last_moment(change_address: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop, form("o-1", "ada", mug=2))
    trial.does("Grace saves three mugs in the last moment, after all that you looked at")
    problem = (
        "Ada's save was accepted, and Grace's mugs are gone. Whatever you compare yourself is old "
        "when you save; only the shop can compare in the moment of saving, so tell it the version"
    )
    rival = QuickerInTheEnd(shop, grace_saves_three_mugs)
    trial.refuses(
        ConcurrencyConflict, lambda: change_address(rival, "o-1", "12 Mill Lane"), problem
    )
    lines = shop.crud.load("orders", "o-1")["lines"]
    trial.equal([line("mug", 3)], lines, "the lines, which only Grace has changed,")


def after_a_fresh_load_it_works(change_address: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop, form("o-1", "ada", mug=2))
    for quantity in (3, 4):
        change(shop, "orders", "o-1", lines=[line("mug", quantity)])
    trial.does("Ada changes the address of an order that was saved three times before")
    change_address(shop, "o-1", "12 Mill Lane")
    saved = shop.crud.load("orders", "o-1")
    trial.equal("12 Mill Lane", saved["shipping_address"], "the address in the table")


SAY_WHICH_VERSION = Exercise(
    name="01-say-which-version",
    lesson="01",
    title="Say which version",
    task=(
        "`change_address` puts an address into an order, and overwrites whatever somebody else "
        "saved between its load and its save. Make the shop refuse that save. Whoever calls "
        "`change_address` must hear of it: let the `ConcurrencyConflict` through."
    ),
    minutes=5,
    core=True,
    starter=starter_change_address,
    solution=solution_change_address,
    hints=(
        "The shop cannot know which row you were looking at, unless you tell it.",
        "`crud.save` takes a third argument, `version=`. The row that you loaded knows its "
        "version.",
        "Load once, and save with `version=row['version']`: the version you saw, not a newer one.",
    ),
    cases=(
        an_address_is_saved,
        a_rival_is_not_overwritten,
        nor_is_one_in_the_last_moment,
        after_a_fresh_load_it_works,
    ),
)


# 2. Find the lost sale


def starter_sell(shop: Shop, sku: str, quantity: int) -> None:
    row = shop.crud.load("products", sku)
    row["stock"] = row["stock"] - quantity
    while True:
        try:
            shop.crud.save("products", row, version=row["version"])
            return
        except ConcurrencyConflict:
            row["version"] = shop.crud.load("products", sku)["version"]


def solution_sell(shop: Shop, sku: str, quantity: int) -> None:
    while True:
        row = shop.crud.load("products", sku)
        row["stock"] = row["stock"] - quantity
        try:
            shop.crud.save("products", row, version=row["version"])
            return
        except ConcurrencyConflict:
            continue  # somebody sold one in between: look again


def sold(quantity: int) -> Callable[[Shop], None]:
    """Make a save of another clerk, who sells so many mugs."""

    def save(shop: Shop) -> None:
        stock = shop.crud.load("products", "mug")["stock"]
        change(shop, "products", "mug", stock=stock - quantity)

    return save


def one_clerk_sells(sell: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop)
    trial.does("one clerk sells 2 of 9 mugs, and nobody else is there")
    sell(shop, "mug", 2)
    trial.equal(7, stock_of(shop), "the stock")


def two_clerks_sell(sell: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop)
    trial.does("you sell 2 of 9 mugs while another clerk sells 3")
    try:
        sell(QuickerForms(shop, sold(3)), "mug", 2)
    except ConcurrencyConflict:
        trial.expect(False, "it gave up. The customer has the mugs: look again, and sell them")
    if stock_of(shop) == 7:
        trial.expect(False, "7 mugs are left in the table, so the other clerk's 3 were lost")
    if stock_of(shop) == 6:
        trial.expect(False, "6 mugs are left in the table, so your own sale of 2 was lost")
    trial.equal(4, stock_of(shop), "the stock")


def three_clerks_sell(sell: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop)
    trial.does("you sell 2 of 9 mugs while two others sell 1 each, one after the other")
    try:
        sell(QuickerForms(shop, sold(1), sold(1)), "mug", 2)
    except ConcurrencyConflict:
        trial.expect(False, "it gave up at the second conflict; there may be any number of them")
    trial.equal(5, stock_of(shop), "the stock")


def many_clerks_sell(sell: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop)
    change(shop, "products", "mug", stock=99)
    trial.does("you sell 2 of 99 mugs while twenty others sell 1 each, one after the other")
    try:
        sell(QuickerForms(shop, *[sold(1)] * 20), "mug", 2)
    except ConcurrencyConflict:
        trial.expect(False, "it gave up at last; there may be any number of conflicts, so go on")
    if stock_of(shop) > 77:
        problem = "it gave up and said nothing, so your sale was never done"
        trial.expect(False, f"{problem}: {stock_of(shop)} mugs are left, and should be 77. Go on")
    trial.equal(77, stock_of(shop), "the stock")


def a_price_survives_a_sale(sell: Callable[..., None], trial: Trial) -> None:
    shop = trial.shop("crud")
    fill(shop)
    trial.does("you sell 2 of 9 mugs while somebody changes their price to 15.00")
    sell(
        QuickerForms(shop, lambda shop: change(shop, "products", "mug", price_cents=1500)), "mug", 2
    )
    row = shop.crud.load("products", "mug")
    trial.equal(1500, row["price_cents"], "the price after the sale, in cents,")
    trial.equal(7, row["stock"], "the stock")


def stock_of(shop: Shop) -> int:
    return int(shop.crud.load("products", "mug")["stock"])


FIND_THE_LOST_SALE = Exercise(
    name="01-find-the-lost-sale",
    lesson="01",
    title="Find the lost sale",
    task=(
        "Several clerks sell with this function. It saves with a version, and tries again if "
        "somebody else was faster. And still there are more mugs in the table than on the shelf: "
        "sales get lost. Find the bug, and mend it. A sale must be done in the end."
    ),
    minutes=5,
    core=True,
    finds_bug=True,
    starter=starter_sell,
    solution=solution_sell,
    hints=(
        "Play it with 9 mugs: you load, another clerk sells 3, and you save. Write down the row "
        "that you save the second time.",
        "The version protects you only if what you save was worked out from that version. Which "
        "of the two did the second attempt take from the fresh row, and which from the old one?",
        "Move the load, and the line that takes the quantity off, to the top of the loop, so "
        "that each attempt begins with a fresh row.",
    ),
    cases=(
        one_clerk_sells,
        two_clerks_sell,
        three_clerks_sell,
        many_clerks_sell,
        a_price_survives_a_sale,
    ),
)


# 3. Merge two forms


def starter_merge(loaded: Row, mine: Row, current: Row) -> Row:
    return mine


def solution_merge(loaded: Row, mine: Row, current: Row) -> Row:
    merged = dict(current)
    for field, value in mine.items():
        if value == loaded[field]:
            continue  # I have not touched it
        if current[field] not in (loaded[field], value):
            raise ConcurrencyConflict(f"two people changed {field}")
        merged[field] = value
    return merged


Merge = Callable[..., Row]


def merge_and_save(shop: Shop, merge: Merge, trial: Trial, mine: Row, theirs: Row) -> Row:
    """Two load order o-1; they save their change; mine is merged into that and saved, too."""
    loaded = shop.crud.load("orders", "o-1")
    change(shop, "orders", "o-1", **theirs)
    current = shop.crud.load("orders", "o-1")
    row = trial.call(merge, loaded, {**deepcopy(loaded), **mine}, current)
    trial.expect(
        isinstance(row, dict), f"it should return a row, a dict, and returned {in_short(row)}"
    )
    trial.equal(current["version"], row.get("version"), "the version of the row (that of current)")
    shop.crud.save("orders", row, version=row["version"])
    return shop.crud.load("orders", "o-1")


def a_shop_with_one_order(trial: Trial) -> Shop:
    shop = trial.shop("crud")
    fill(shop, form("o-1", "ada", mug=2))
    return shop


def different_fields_are_merged(merge: Merge, trial: Trial) -> None:
    shop = a_shop_with_one_order(trial)
    trial.does("you change the address, and Grace the lines")
    mine, theirs = {"shipping_address": "12 Mill Lane"}, {"lines": [line("mug", 3)]}
    saved = merge_and_save(shop, merge, trial, mine, theirs)
    trial.equal([line("mug", 3)], saved["lines"], "the lines, which only Grace has changed,")
    trial.equal("12 Mill Lane", saved["shipping_address"], "the address, which you have changed,")


def one_field_changed_by_two_is_a_conflict(merge: Merge, trial: Trial) -> None:
    shop = a_shop_with_one_order(trial)
    trial.does("both change the address, to different ones")
    mine, theirs = {"shipping_address": "12 Mill Lane"}, {"shipping_address": "3 Castle Hill"}
    problem = "two people want different addresses, and no program knows which is right"
    trial.refuses(
        ConcurrencyConflict, lambda: merge_and_save(shop, merge, trial, mine, theirs), problem
    )


def so_are_lines_changed_by_two(merge: Merge, trial: Trial) -> None:
    shop = a_shop_with_one_order(trial)
    trial.does("both change the lines: you want three mugs, and Grace wants four")
    mine, theirs = {"lines": [line("mug", 3)]}, {"lines": [line("mug", 4)]}
    problem = (
        "two people want different lines, and no program knows how many are right. "
        "Any field may be changed by both, so look at each"
    )
    trial.refuses(
        ConcurrencyConflict, lambda: merge_and_save(shop, merge, trial, mine, theirs), problem
    )


def the_same_change_twice_is_none(merge: Merge, trial: Trial) -> None:
    shop = a_shop_with_one_order(trial)
    trial.does("both change the address, to the same one")
    same = {"shipping_address": "12 Mill Lane"}
    try:
        saved = merge_and_save(shop, merge, trial, same, same)
    except ConcurrencyConflict:
        trial.expect(False, "both want the same, so there is nothing to quarrel about")
    trial.equal("12 Mill Lane", saved["shipping_address"], "the address")


def what_i_emptied_stays_empty(merge: Merge, trial: Trial) -> None:
    shop = a_shop_with_one_order(trial)
    change(shop, "orders", "o-1", shipping_address="3 Castle Hill")
    trial.does("you take the address out, and Grace changes the lines")
    mine, theirs = {"shipping_address": None}, {"lines": [line("mug", 3)]}
    saved = merge_and_save(shop, merge, trial, mine, theirs)
    trial.equal(None, saved["shipping_address"], "the address, which you took out,")
    trial.equal([line("mug", 3)], saved["lines"], "the lines, which only Grace has changed,")


MERGE_TWO_FORMS = Exercise(
    name="01-merge-two-forms",
    lesson="01",
    title="Merge two forms",
    task=(
        "A save was refused, since somebody else was faster. There are three rows now: loaded "
        "(what you once loaded), mine (your form), and current (what is in the table by now). "
        "Return the row to save: what you changed from mine, all the rest, and the version, from "
        "current. If both have changed a field, to different values, raise `ConcurrencyConflict`. "
        "Leave the three rows as they are."
    ),
    minutes=10,
    starter=starter_merge,
    solution=solution_merge,
    hints=(
        "You have changed a field if mine and loaded differ in it. What tells you that somebody "
        "else has?",
        "Begin with a copy of current, which has their changes and the newest version. Then go "
        "through the fields, and put in those that you have changed.",
        "A field is in conflict if mine differs from loaded, current differs from loaded, and "
        "mine differs from current.",
    ),
    cases=(
        different_fields_are_merged,
        one_field_changed_by_two_is_a_conflict,
        so_are_lines_changed_by_two,
        the_same_change_twice_is_none,
        what_i_emptied_stays_empty,
    ),
)


# 4. One statement


@dataclass(frozen=True)
class GetOrderList:
    """What the page of all orders shows; the learner's function answers it."""


def starter_order_list(db: sqlite3.Connection) -> list[Any]:
    found = []
    sql = "SELECT order_id, user_id FROM orders ORDER BY order_id"
    for order_id, user_id in db.execute(sql).fetchall():
        sql = "SELECT name FROM users WHERE user_id = ?"
        (name,) = db.execute(sql, (user_id,)).fetchone()
        sql = "SELECT SUM(quantity) FROM order_lines WHERE order_id = ?"
        (pieces,) = db.execute(sql, (order_id,)).fetchone()
        found.append((order_id, name, pieces or 0))
    return found


def solution_order_list(db: sqlite3.Connection) -> list[Any]:
    sql = """SELECT o.order_id, u.name, COALESCE(SUM(l.quantity), 0)
        FROM orders o
        JOIN users u ON u.user_id = o.user_id
        LEFT JOIN order_lines l ON l.order_id = o.order_id
        GROUP BY o.order_id, u.name ORDER BY o.order_id"""
    return db.execute(sql).fetchall()


def listed(trial: Trial, order_list: Callable[..., Any], scene: str, *orders: Row) -> list[Any]:
    """Ask a shop with these orders for its list; fail if that takes more than one statement."""

    statements: list[str] = []

    def answer(query: GetOrderList, db: Any) -> Any:
        before = db.row_factory
        db.set_trace_callback(statements.append)
        try:
            return order_list(db)
        finally:
            db.set_trace_callback(None)
            db.row_factory = before

    shop = trial.shop("crud", queries={**QUERIES, GetOrderList: answer})
    fill(shop, *orders)
    trial.does(scene)
    found = shop.ask(GetOrderList())
    many = f"{counted(len(orders), 'order')} took {len(statements)} statements; one is enough"
    trial.expect(len(statements) <= 1, many)
    trial.expect(
        isinstance(found, list), f"it should return a list, and returned {in_short(found)}"
    )
    return [tuple(row) if isinstance(row, list | tuple | sqlite3.Row) else row for row in found]


def three_orders_take_one_statement(order_list: Callable[..., Any], trial: Trial) -> None:
    orders = form("o-2", "grace", mug=1), form("o-1", "ada", mug=2), form("o-3", "ada", tea=4)
    found = listed(trial, order_list, "the page shows three orders", *orders)
    wanted = [("o-1", "Ada Lovelace", 2), ("o-2", "Grace Hopper", 1), ("o-3", "Ada Lovelace", 4)]
    trial.equal(wanted, found, "the list of (order id, name, pieces)")


def two_lines_are_one_row(order_list: Callable[..., Any], trial: Trial) -> None:
    found = listed(trial, order_list, "an order has two lines", form("o-1", "ada", mug=2, tea=3))
    trial.equal([("o-1", "Ada Lovelace", 5)], found, "the list (pieces, not lines)")


def an_empty_order_is_there_too(order_list: Callable[..., Any], trial: Trial) -> None:
    orders = form("o-1", "ada"), form("o-2", "grace", mug=1)
    found = listed(trial, order_list, "order o-1 is still empty", *orders)
    wanted = [("o-1", "Ada Lovelace", 0), ("o-2", "Grace Hopper", 1)]
    trial.equal(wanted, found, "the list (an empty order has 0 pieces)")


def no_orders_are_no_rows(order_list: Callable[..., Any], trial: Trial) -> None:
    trial.equal([], listed(trial, order_list, "there are no orders"), "the list")


ONE_STATEMENT = Exercise(
    name="01-one-statement",
    lesson="01",
    title="A page in one statement",
    task=(
        "order_list answers a page that lists all orders: (order id, name of the customer, number "
        "of pieces), by order id. It takes 1 + 2 x N statements for N orders. Let it return the "
        "same list, empty orders included, with one statement."
    ),
    minutes=10,
    starter=starter_order_list,
    solution=solution_order_list,
    hints=(
        "One SELECT from orders, joined with users and with order_lines. The tables are drawn in "
        "diagrams/stores.svg.",
        "A JOIN leaves out an order that has no lines; a LEFT JOIN keeps it. Two lines make two "
        "rows of one order, until you GROUP BY the order.",
        "SELECT o.order_id, u.name, COALESCE(SUM(l.quantity), 0) FROM orders o JOIN users u ... "
        "LEFT JOIN order_lines l ... GROUP BY o.order_id, u.name ORDER BY o.order_id",
    ),
    cases=(
        three_orders_take_one_statement,
        two_lines_are_one_row,
        an_empty_order_is_there_too,
        no_orders_are_no_rows,
    ),
)


# 5. A table that keeps itself


def starter_keep_pieces(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE pieces (sku TEXT PRIMARY KEY, quantity BIGINT NOT NULL)")
    db.execute("""CREATE TRIGGER line_added AFTER INSERT ON order_lines BEGIN
        INSERT INTO pieces VALUES (NEW.sku, NEW.quantity)
        ON CONFLICT (sku) DO UPDATE SET quantity = quantity + excluded.quantity;
        END""")


def solution_keep_pieces(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE pieces (sku TEXT PRIMARY KEY, quantity BIGINT NOT NULL)")
    db.execute("INSERT INTO pieces SELECT sku, SUM(quantity) FROM order_lines GROUP BY sku")
    db.execute("""CREATE TRIGGER line_added AFTER INSERT ON order_lines BEGIN
        INSERT INTO pieces VALUES (NEW.sku, NEW.quantity)
        ON CONFLICT (sku) DO UPDATE SET quantity = quantity + excluded.quantity;
        END""")
    db.execute("""CREATE TRIGGER line_removed AFTER DELETE ON order_lines BEGIN
        UPDATE pieces SET quantity = quantity - OLD.quantity WHERE sku = OLD.sku;
        END""")


def keeping(trial: Trial, keep_pieces: Callable[..., None], *orders: Row) -> Shop:
    """Return a shop with these orders, on whose database the learner's function was called.

    It gets a connection of its own, to a copy that the shop then takes over: on the shop's own, a
    commit or a BEGIN would come between the shop and its transactions.
    """
    shop = trial.shop("crud")
    fill(shop, *orders)
    store: Any = shop.commands.store  # of SQLite, as in every trial
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with store.reading() as original:
            original.backup(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        keep_pieces(connection)
        try:
            connection.commit()
        except sqlite3.ProgrammingError:
            told = "the connection was closed. It is for whoever opened it to close it"
            trial.expect(False, f"{told}; leave it open")
        store.become(connection)
    return shop


def check_pieces(trial: Trial, shop: Shop, **wanted: int) -> None:
    with shop.commands.store.reading() as connection:
        sql = "SELECT type FROM sqlite_master WHERE name = 'pieces'"
        (kind,) = connection.execute(sql).fetchone() or ("",)
        trial.expect(kind != "view", "pieces is a view, which adds up anew at every look")
        trial.expect(kind == "table", "there is no table pieces")
        found = connection.execute("SELECT sku, quantity FROM pieces ORDER BY sku").fetchall()
    got = {sku: quantity for sku, quantity in found if quantity}
    trial.equal(wanted, got, "the table pieces (without zeros)")


def a_new_order_is_counted(keep_pieces: Callable[..., None], trial: Trial) -> None:
    shop = keeping(trial, keep_pieces)
    trial.does("two new orders want mugs, and one of them tea")
    shop.crud.save("orders", form("o-1", "ada", mug=2, tea=1))
    shop.crud.save("orders", form("o-2", "grace", mug=3))
    check_pieces(trial, shop, mug=5, tea=1)


def saving_again_counts_once(keep_pieces: Callable[..., None], trial: Trial) -> None:
    shop = keeping(trial, keep_pieces)
    shop.crud.save("orders", form("o-1", "ada", mug=2))
    trial.does("an order of two mugs is saved again, with another address")
    change(shop, "orders", "o-1", shipping_address="12 Mill Lane")
    check_pieces(trial, shop, mug=2)


def a_changed_line_is_followed(keep_pieces: Callable[..., None], trial: Trial) -> None:
    shop = keeping(trial, keep_pieces)
    shop.crud.save("orders", form("o-1", "ada", mug=2, tea=1))
    shop.crud.save("orders", form("o-2", "grace", mug=4))
    trial.does("of two orders with mugs, one gets a third mug and loses its tea")
    change(shop, "orders", "o-1", lines=[line("mug", 3)])
    check_pieces(trial, shop, mug=7)


def older_orders_are_counted(keep_pieces: Callable[..., None], trial: Trial) -> None:
    trial.does("there was an order of four mugs before the table was made")
    shop = keeping(trial, keep_pieces, form("o-1", "ada", mug=4))
    check_pieces(trial, shop, mug=4)
    shop.crud.save("orders", form("o-2", "grace", mug=1))
    check_pieces(trial, shop, mug=5)


KEEP_PIECES = Exercise(
    name="01-a-table-that-keeps-itself",
    lesson="01",
    title="A table that keeps itself",
    task=(
        "The stockroom wants to see how many pieces of each product stand in orders. keep_pieces "
        "makes a table pieces (sku, quantity) for that, and a trigger that adds each new line. "
        "But a form deletes all lines of an order and inserts them again, so that saving twice "
        "counts twice; and the orders of yesterday are missing. Mend both."
    ),
    minutes=10,
    starter=starter_keep_pieces,
    solution=solution_keep_pieces,
    hints=(
        "Two things are missing: what happens when a line goes, and what was there before.",
        "AFTER DELETE ON order_lines can see the line that went, as OLD. Before the triggers are "
        "made, fill the table once from what stands in order_lines.",
        "INSERT INTO pieces SELECT sku, SUM(quantity) FROM order_lines GROUP BY sku; and a "
        "trigger that says UPDATE pieces SET quantity = quantity - OLD.quantity WHERE sku = "
        "OLD.sku;",
    ),
    cases=(
        a_new_order_is_counted,
        saving_again_counts_once,
        a_changed_line_is_followed,
        older_orders_are_counted,
    ),
)

EXERCISES = (SAY_WHICH_VERSION, FIND_THE_LOST_SALE, MERGE_TWO_FORMS, ONE_STATEMENT, KEEP_PIECES)
