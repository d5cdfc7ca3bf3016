"""CRUD forms: load a row, let somebody change it, save the whole row. No rule is asked.

An order's form holds its lines too, as the screen would show them. Whoever saves last wins;
`save(..., version=...)` notices that somebody else was faster (Fowler, "Optimistic Offline
Lock", 2002).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..codec import to_text, to_time
from ..domain.errors import ConcurrencyConflict, InvalidMessage, ShopError, UnknownId
from ..domain.fields import Check, check_position, if_given, number, text
from ..hops import Hops
from ..storage import Connection, Store
from ..storage.tables import Row, load_row, require_free_email, save_row


def check_time(field: str, value: Any) -> None:
    """Require a time as text, in the very form in which the shop writes it."""
    text(1, 100)(field, value)
    with suppress(ShopError):
        if to_text(to_time(value)) == value:
            return
    raise InvalidMessage(field, "must be a time such as 2026-01-01T12:00:00.000000Z")


an_id, any_text, cents = text(1, 100), text(0, 1_000), number(0, 10**9)

# table -> what its form holds, the key first; the database counts versions by itself
FORMS: dict[str, dict[str, Check]] = {
    "users": {"user_id": an_id, "name": any_text, "email": any_text},
    "products": {"sku": an_id, "name": any_text, "price_cents": cents, "stock": number(0, 2**53)},
    "orders": {
        "order_id": an_id,
        "user_id": an_id,
        "status": any_text,
        "shipping_address": if_given(any_text),
        "cancel_reason": if_given(any_text),
        "created_at": check_time,
        "placed_at": if_given(check_time),
    },
}
LINE: dict[str, Check] = {"sku": an_id, "quantity": cents, "unit_price_cents": cents}


def load_form(connection: Connection, table: str, key: str) -> Row | None:
    """Return the row with its version, or None."""
    row = load_row(connection, table, (*form_of(table), "version"), key)
    if row and table == "orders":
        sql = f"SELECT {', '.join(LINE)} FROM order_lines WHERE order_id = ? ORDER BY line_no"
        lines = connection.execute(sql, (key,)).fetchall()
        row["lines"] = [dict(zip(LINE, line, strict=True)) for line in lines]
    return row


def save_form(connection: Connection, table: str, row: Row, version: int | None = None) -> None:
    """Write the whole row, new or not, and count up its version.

    Raises ConcurrencyConflict if `version` is given and is not the row's version by now.
    """
    check_position("version", 0 if version is None else version)
    values = check_form(table, row)
    key = next(iter(values.values()))
    current = version_of(connection, table, key)
    if version not in (None, current):
        raise ConcurrencyConflict(f"{key!r} is at version {current}, expected was {version}")
    if table == "users":
        require_free_email(connection, key, row["email"])
    save_row(connection, table, {**values, "version": current + 1}, current)
    if table == "orders":
        connection.execute("DELETE FROM order_lines WHERE order_id = ?", (key,))
        sql = f"INSERT INTO order_lines (order_id, line_no, {', '.join(LINE)}) VALUES (?,?,?,?,?)"
        rows = [(key, n, *(line[x] for x in LINE)) for n, line in enumerate(row["lines"], start=1)]
        connection.executemany(sql, rows)


def version_of(connection: Connection, table: str, key: str) -> int:
    """Return the row's version, 0 if there is none."""
    row = load_row(connection, table, ("version",), key)
    return row["version"] if row else 0


@dataclass(frozen=True)
class OpenForm:
    """Somebody wants to see a row, in order to change it."""

    table: str
    key: str


@dataclass(frozen=True)
class SaveForm:
    """Somebody wants a whole row written, as it now stands in the form."""

    table: str
    row: Row
    version: int | None = None


@dataclass(frozen=True)
class CrudForms:
    """The form interface of a shop: each call is a transaction of its own."""

    store: Store
    hops: Hops

    def load(self, table: str, key: str) -> Row:
        """Return the row of "users", "products" or "orders" as a dict. Raises UnknownId."""
        text(1, 100)("id", key)
        self.hops.announce("call", "client", "client", ("crud.load", table, key))
        form = OpenForm(table, key)
        self.hops.announce("query", "client", "one_model", form)
        with self.hops.refusal("one_model", form), self.store.reading() as connection:
            row = load_form(connection, table, key)
            if row is None:
                raise UnknownId(f"{table} has no row {key!r}")
            self.hops.announce("load", "write_store", "one_model", row, connection)
        self.hops.announce("answer", "one_model", "client", (form, row))
        return row

    def save(self, table: str, row: Row, version: int | None = None) -> None:
        """Write the whole row; the last writer wins, unless `version` tells that it changed."""
        self.hops.announce("call", "client", "client", ("crud.save", table, row, version))
        form = SaveForm(table, row, version)
        self.hops.announce("command", "client", "one_model", form)
        with self.hops.refusal("one_model", form), self.store.transaction() as connection:
            save_form(connection, table, row, version)
            self.hops.announce("save", "one_model", "write_store", row, connection)
        self.hops.announce("accept", "one_model", "client", form)


def form_of(table: str) -> dict[str, Check]:
    if type(table) is not str or table not in FORMS:
        raise ShopError(f"there is no form for {table!r}; there are {', '.join(FORMS)}")
    return FORMS[table]


def check_form(table: str, row: Row) -> Row:
    """Return the row's own columns, once all are there and hold something a column can keep."""
    form = form_of(table)
    _check_row(row, form, {"version", "lines"} if table == "orders" else {"version"})
    if table == "orders":
        if not isinstance(row.get("lines"), list | tuple):
            raise InvalidMessage("lines", "must be a list of lines")
        for line in row["lines"]:
            _check_row(line, LINE, set())
    return {column: row[column] for column in form}


def _check_row(row: Any, form: dict[str, Check], others: set[str]) -> None:
    if type(row) is not dict:
        raise InvalidMessage("row", f"must be a dict, not {type(row).__name__}")
    for column, check in form.items():
        if column not in row:
            raise InvalidMessage(column, "is missing: a form saves the whole row")
        check(column, row[column])
    for field in row.keys() - form.keys() - others:
        raise InvalidMessage(str(field), "is not in this form")
