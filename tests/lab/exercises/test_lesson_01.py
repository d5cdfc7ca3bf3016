"""Lesson 01: the solutions pass, and what learners get wrong is refused in helpful words."""

import sqlite3
import time
from contextlib import closing
from typing import Any

from sharing import tests_of

from cqrs_demo import ChangeShippingAddress, ConcurrencyConflict
from cqrs_demo.lab.exercises.lesson_01 import solution_keep_pieces, solution_order_list

# 1. say which version


def asks_for_the_version_last(shop: Any, order_id: str, address: str) -> None:
    row = shop.crud.load("orders", order_id)
    row["shipping_address"] = address
    newest = shop.crud.load("orders", order_id)["version"]
    shop.crud.save("orders", row, version=newest)


def keeps_the_conflict_for_itself(shop: Any, order_id: str, address: str) -> None:
    row = shop.crud.load("orders", order_id)
    row["shipping_address"] = address
    try:
        shop.crud.save("orders", row, version=row["version"])
    except ConcurrencyConflict:
        print("somebody was faster")


def saves_all_the_same(shop: Any, order_id: str, address: str) -> None:
    row = shop.crud.load("orders", order_id)
    row["shipping_address"] = address
    try:
        shop.crud.save("orders", row, version=row["version"])
    except ConcurrencyConflict:
        shop.crud.save("orders", row)


def loads_again_and_saves_unasked(shop: Any, order_id: str, address: str) -> None:
    while True:
        row = shop.crud.load("orders", order_id)
        row["shipping_address"] = address
        try:
            return shop.crud.save("orders", row, version=row["version"])
        except ConcurrencyConflict:
            pass


def names_the_first_version_always(shop: Any, order_id: str, address: str) -> None:
    row = shop.crud.load("orders", order_id)
    row["shipping_address"] = address
    shop.crud.save("orders", row, version=1)


def compares_the_versions_itself(shop: Any, order_id: str, address: str) -> None:
    row = shop.crud.load("orders", order_id)
    row["shipping_address"] = address
    if shop.crud.load("orders", order_id)["version"] != row["version"]:
        raise ConcurrencyConflict("somebody was faster")
    shop.crud.save("orders", row)


def sends_a_command_instead(shop: Any, order_id: str, address: str) -> None:
    shop.send(ChangeShippingAddress(order_id, address))


# 2. find the lost sale


def sells_without_a_version(shop: Any, sku: str, quantity: int) -> None:
    row = shop.crud.load("products", sku)
    shop.crud.save("products", {**row, "stock": row["stock"] - quantity})


def sells_once_or_not_at_all(shop: Any, sku: str, quantity: int) -> None:
    row = shop.crud.load("products", sku)
    row["stock"] = row["stock"] - quantity
    shop.crud.save("products", row, version=row["version"])


def gives_up_in_silence(shop: Any, sku: str, quantity: int) -> None:
    row = shop.crud.load("products", sku)
    row["stock"] = row["stock"] - quantity
    try:
        shop.crud.save("products", row, version=row["version"])
    except ConcurrencyConflict:
        return


def tries_the_old_version_again(shop: Any, sku: str, quantity: int) -> None:
    row = shop.crud.load("products", sku)
    for _ in range(5):
        try:
            row["stock"] = shop.crud.load("products", sku)["stock"] - quantity
            return shop.crud.save("products", row, version=row["version"])
        except ConcurrencyConflict:
            pass


def takes_only_the_stock_afresh(shop: Any, sku: str, quantity: int) -> None:
    row = shop.crud.load("products", sku)
    row["stock"] -= quantity
    while True:
        try:
            return shop.crud.save("products", row, version=row["version"])
        except ConcurrencyConflict:
            fresh = shop.crud.load("products", sku)
            row["version"], row["stock"] = fresh["version"], fresh["stock"] - quantity


def tries_twice(shop: Any, sku: str, quantity: int) -> None:
    try:
        sells_once_or_not_at_all(shop, sku, quantity)
    except ConcurrencyConflict:
        sells_once_or_not_at_all(shop, sku, quantity)


def tries_three_times_and_says_nothing(shop: Any, sku: str, quantity: int) -> None:
    for _ in range(3):
        row = shop.crud.load("products", sku)
        row["stock"] -= quantity
        try:
            return shop.crud.save("products", row, version=row["version"])
        except ConcurrencyConflict:
            pass


def tries_ten_times_and_raises(shop: Any, sku: str, quantity: int) -> None:
    for _ in range(10):
        row = shop.crud.load("products", sku)
        row["stock"] -= quantity
        try:
            return shop.crud.save("products", row, version=row["version"])
        except ConcurrencyConflict as error:
            conflict = error
    raise conflict


def waits_before_it_looks_again(shop: Any, sku: str, quantity: int) -> None:
    seconds = 0.1
    while True:
        try:
            return sells_once_or_not_at_all(shop, sku, quantity)
        except ConcurrencyConflict:
            time.sleep(seconds)
            seconds = min(2 * seconds, 5)


# 3. merge two forms


def takes_all_of_mine(loaded: Any, mine: Any, current: Any) -> Any:
    return {**mine, "version": current["version"]}


def never_merges(loaded: Any, mine: Any, current: Any) -> Any:
    if current != loaded:
        raise ConcurrencyConflict("somebody else was faster")
    return mine


def sees_no_conflict(loaded: Any, mine: Any, current: Any) -> Any:
    changed = {field: value for field, value in mine.items() if value != loaded[field]}
    return {**current, **changed}


def quarrels_about_nothing(loaded: Any, mine: Any, current: Any) -> Any:
    for field in set(mine) - {"version"}:
        if mine[field] != loaded[field] != current[field]:
            raise ConcurrencyConflict(field)
    changed = {field: value for field, value in mine.items() if value != loaded[field]}
    return {**current, **changed}


def takes_none_for_untouched(loaded: Any, mine: Any, current: Any) -> Any:
    for field in set(mine) - {"version"}:
        if mine[field] != loaded[field] and current[field] not in (loaded[field], mine[field]):
            raise ConcurrencyConflict(field)
    changed = {f: value for f, value in mine.items() if value and value != loaded[f]}
    return {**current, **changed}


def asks_about_the_address_alone(loaded: Any, mine: Any, current: Any) -> Any:
    changed = {field: value for field, value in mine.items() if value != loaded[field]}
    address = "shipping_address"
    if address in changed and current[address] not in (loaded[address], mine[address]):
        raise ConcurrencyConflict(address)
    return {**current, **changed}


def writes_into_the_current_row(loaded: Any, mine: Any, current: Any) -> Any:
    current.update({field: value for field, value in mine.items() if value != loaded[field]})
    return current


# 4. one statement


def leaves_out_empty_orders(db: Any) -> Any:
    return db.execute(
        """SELECT o.order_id, u.name, SUM(l.quantity) FROM orders o
        JOIN users u ON u.user_id = o.user_id JOIN order_lines l ON l.order_id = o.order_id
        GROUP BY o.order_id ORDER BY o.order_id"""
    ).fetchall()


def says_none_for_an_empty_order(db: Any) -> Any:
    return db.execute(
        """SELECT o.order_id, u.name, SUM(l.quantity) FROM orders o
        JOIN users u ON u.user_id = o.user_id LEFT JOIN order_lines l ON l.order_id = o.order_id
        GROUP BY o.order_id ORDER BY o.order_id"""
    ).fetchall()


def counts_lines(db: Any) -> Any:
    return db.execute(
        """SELECT o.order_id, u.name, COUNT(l.sku) FROM orders o
        JOIN users u ON u.user_id = o.user_id LEFT JOIN order_lines l ON l.order_id = o.order_id
        GROUP BY o.order_id ORDER BY o.order_id"""
    ).fetchall()


def groups_nothing(db: Any) -> Any:
    return db.execute(
        """SELECT o.order_id, u.name, COALESCE(l.quantity, 0) FROM orders o
        JOIN users u ON u.user_id = o.user_id LEFT JOIN order_lines l ON l.order_id = o.order_id
        ORDER BY o.order_id"""
    ).fetchall()


def still_asks_for_each_name(db: Any) -> Any:
    found = db.execute(
        """SELECT o.order_id, o.user_id, COALESCE(SUM(l.quantity), 0) FROM orders o
        LEFT JOIN order_lines l ON l.order_id = o.order_id GROUP BY 1, 2 ORDER BY 1"""
    ).fetchall()
    sql = "SELECT name FROM users WHERE user_id = ?"
    return [(key, *db.execute(sql, (user,)).fetchone(), count) for key, user, count in found]


def returns_the_cursor(db: Any) -> Any:
    return db.execute("SELECT order_id, user_id, 0 FROM orders ORDER BY order_id")


def answers_with_rows_that_have_names(db: Any) -> Any:
    db.row_factory = sqlite3.Row
    return solution_order_list(db)


def asks_a_cursor(db: Any) -> Any:
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    cursor.execute(
        """SELECT order_id, (SELECT name FROM users u WHERE u.user_id = o.user_id) AS name,
        (SELECT COALESCE(SUM(quantity), 0) FROM order_lines l WHERE l.order_id = o.order_id)
        FROM orders o ORDER BY 1"""
    )
    return [list(row) for row in cursor]


def names_the_columns_in_dicts(db: Any) -> Any:
    db.row_factory = sqlite3.Row
    return [dict(row) for row in solution_order_list(db)]


# 5. a table that keeps itself

TABLE = "CREATE TABLE pieces (sku TEXT PRIMARY KEY, quantity BIGINT NOT NULL)"
FILL = "INSERT INTO pieces SELECT sku, SUM(quantity) FROM order_lines GROUP BY sku"
ADDED = """CREATE TRIGGER line_added AFTER INSERT ON order_lines BEGIN
    INSERT INTO pieces VALUES (NEW.sku, NEW.quantity)
    ON CONFLICT (sku) DO UPDATE SET quantity = quantity + excluded.quantity; END"""
REMOVED = """CREATE TRIGGER line_removed AFTER DELETE ON order_lines BEGIN
    UPDATE pieces SET quantity = quantity - OLD.quantity WHERE sku = OLD.sku; END"""


def forgets_yesterday(db: Any) -> None:
    for statement in (TABLE, ADDED, REMOVED):
        db.execute(statement)


def forgets_lines_that_go(db: Any) -> None:
    for statement in (TABLE, FILL, ADDED):
        db.execute(statement)


def sets_where_it_should_add(db: Any) -> None:
    added = ADDED.replace("quantity + excluded", "excluded")
    for statement in (TABLE, FILL, added, REMOVED):
        db.execute(statement)


def drops_the_whole_product(db: Any) -> None:
    removed = """CREATE TRIGGER line_removed AFTER DELETE ON order_lines BEGIN
        DELETE FROM pieces WHERE sku = OLD.sku; END"""
    for statement in (TABLE, FILL, ADDED, removed):
        db.execute(statement)


def fills_it_once_and_for_all(db: Any) -> None:
    db.execute(TABLE)
    db.execute(FILL)


def makes_no_table(db: Any) -> None:
    db.execute("SELECT sku, SUM(quantity) FROM order_lines GROUP BY sku").fetchall()


def makes_a_view(db: Any) -> None:
    db.execute("CREATE VIEW pieces AS SELECT sku, SUM(quantity) AS quantity FROM order_lines")


def closes_the_connection(db: Any) -> None:
    with closing(db):
        solution_keep_pieces(db)


def keeps_it_with_a_cursor(db: Any) -> None:
    cursor = db.cursor()
    for statement in (TABLE, FILL, ADDED, REMOVED):
        cursor.execute(statement)
    cursor.close()


def keeps_it_in_a_transaction(db: Any) -> None:
    with db:
        solution_keep_pieces(db)


def keeps_it_in_one_begun_by_hand(db: Any) -> None:
    db.execute("BEGIN")
    solution_keep_pieces(db)
    db.commit()


def begins_and_does_not_commit(db: Any) -> None:
    db.execute("BEGIN")
    solution_keep_pieces(db)


def adds_up_in_python(db: Any) -> None:
    db.row_factory = sqlite3.Row
    sums: dict[str, int] = {}
    for row in db.execute("SELECT sku, quantity FROM order_lines"):
        sums[row["sku"]] = sums.get(row["sku"], 0) + row["quantity"]
    db.execute(TABLE)
    db.executemany("INSERT INTO pieces (sku, quantity) VALUES (?, ?)", sums.items())
    db.executescript(f"{ADDED};{REMOVED};")


def asks_behind_our_back(db: Any) -> Any:
    found = []
    cursor = db.cursor()
    orders = cursor.execute("SELECT order_id, user_id FROM orders ORDER BY 1").fetchall()
    for order_id, user_id in orders:
        sql = "SELECT name FROM users WHERE user_id = ?"
        (name,) = cursor.execute(sql, (user_id,)).fetchone()
        sql = "SELECT COALESCE(SUM(quantity), 0) FROM order_lines WHERE order_id = ?"
        found.append((order_id, name, *cursor.execute(sql, (order_id,)).fetchone()))
    return found


WRONG = {
    "01-say-which-version": [
        (asks_for_the_version_last, "older than what Grace saved"),
        (saves_all_the_same, "Grace's are gone"),
        (keeps_the_conflict_for_itself, "whoever called was not told"),
        (loads_again_and_saves_unasked, "without asking Ada"),
        (names_the_first_version_always, "expected was 1"),
        (compares_the_versions_itself, "only the shop can compare in the moment of saving"),
        (sends_a_command_instead, "get the form with shop.crud.load"),
    ],
    "01-find-the-lost-sale": [
        (sells_without_a_version, "the other clerk's 3 were lost"),
        (sells_once_or_not_at_all, "it gave up"),
        (gives_up_in_silence, "your own sale of 2 was lost"),
        (tries_the_old_version_again, "your own sale of 2 was lost"),
        (takes_only_the_stock_afresh, "the price after the sale"),
        (tries_twice, "it gave up at the second conflict"),
        (tries_three_times_and_says_nothing, "your sale was never done"),
        (tries_ten_times_and_raises, "it gave up"),
    ],
    "01-merge-two-forms": [
        (takes_all_of_mine, "the lines, which only Grace has changed,"),
        (never_merges, "somebody else was faster"),
        (sees_no_conflict, "no program knows which is right"),
        (quarrels_about_nothing, "nothing to quarrel about"),
        (takes_none_for_untouched, "which you took out,"),
        (asks_about_the_address_alone, "no program knows how many are right"),
        (writes_into_the_current_row, "it changed what it was given"),
    ],
    "01-one-statement": [
        (leaves_out_empty_orders, "an empty order has 0 pieces"),
        (says_none_for_an_empty_order, "an empty order has 0 pieces"),
        (counts_lines, "the list of (order id, name, pieces)"),
        (groups_nothing, "pieces, not lines"),
        (still_asks_for_each_name, "3 orders took 4 statements; one is enough"),
        (names_the_columns_in_dicts, "[{'order_id': 'o-1', 'name': 'Ada Lovelace'"),
        (returns_the_cursor, "it should return a list"),
        (asks_behind_our_back, "3 orders took 7 statements; one is enough"),
    ],
    "01-a-table-that-keeps-itself": [
        (forgets_yesterday, "before the table was made"),
        (forgets_lines_that_go, "is saved again"),
        (sets_where_it_should_add, "two new orders want mugs"),
        (drops_the_whole_product, "one gets a third mug"),
        (fills_it_once_and_for_all, "two new orders want mugs"),
        (makes_no_table, "there is no table pieces"),
        (closes_the_connection, "connection was closed. It is for whoever opened it"),
        (makes_a_view, "adds up anew at every look"),
    ],
}

RIGHT = [
    ("01-find-the-lost-sale", waits_before_it_looks_again),
    ("01-one-statement", answers_with_rows_that_have_names),
    ("01-one-statement", asks_a_cursor),
    ("01-a-table-that-keeps-itself", keeps_it_with_a_cursor),
    ("01-a-table-that-keeps-itself", keeps_it_in_a_transaction),
    ("01-a-table-that-keeps-itself", keeps_it_in_one_begun_by_hand),
    ("01-a-table-that-keeps-itself", begins_and_does_not_commit),
    ("01-a-table-that-keeps-itself", adds_up_in_python),
]

globals().update(tests_of("01", WRONG, RIGHT))
