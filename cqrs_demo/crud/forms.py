"""CRUD forms: load a row, let somebody change it, save the whole row. No rule is asked.

An order's form holds its lines too, as the screen would show them. Whoever saves last wins;
`save(..., version=...)` notices that somebody else was faster (Fowler, "Optimistic Offline
Lock", 2002).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..codec import to_text, to_time
from ..domain.errors import ConcurrencyConflict, InvalidMessage, ShopError, UnknownId
from ..domain.fields import check_position, number, text
from ..hops import Hops
from ..storage import Connection, Store
from ..storage.tables import require_free_email, save_row

Row = dict[str, Any]


def check_time(field: str, value: Any) -> None:
    """Require a time as text, in the very form in which the shop writes it."""
    text(1, 100)(field, value)
    try:
        is_ours = to_text(to_time(value)) == value
    except ShopError:
        is_ours = False
    if not is_ours:
        raise InvalidMessage(field, "must be a time such as 2026-01-01T12:00:00.000000Z")


# table -> what its form holds, the key first; the database counts versions by itself
FORMS = {
    "users": ("user_id", "name", "email"),
    "products": ("sku", "name", "price_cents", "stock"),
    "orders": (
        *("order_id", "user_id", "status", "shipping_address", "cancel_reason"),
        *("created_at", "placed_at"),
    ),
}
LINE = ("sku", "quantity", "unit_price_cents")
OPTIONAL = {"shipping_address", "cancel_reason", "placed_at"}
CHECKS = {
    **dict.fromkeys(("user_id", "sku", "order_id"), text(1, 100)),
    **dict.fromkeys(("price_cents", *LINE[1:]), number(0, 10**9)),
    **dict.fromkeys(("created_at", "placed_at"), check_time),
    "stock": number(0, 2**53),
}


@dataclass(frozen=True)
class Forms:
    """The forms of one transaction."""

    connection: Connection

    def load(self, table: str, key: str) -> Row | None:
        """Return the row with its version, or None."""
        columns = (*form_of(table), "version")
        sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {columns[0]} = ?"
        found = self.connection.execute(sql, (key,)).fetchone()
        if found is None:
            return None
        row = dict(zip(columns, found, strict=True))
        if table == "orders":
            sql = f"SELECT {', '.join(LINE)} FROM order_lines WHERE order_id = ? ORDER BY line_no"
            lines = self.connection.execute(sql, (key,)).fetchall()
            row["lines"] = [dict(zip(LINE, line, strict=True)) for line in lines]
        return row

    def save(self, table: str, row: Row, version: int | None = None) -> None:
        """Write the whole row, new or not, and count up its version.

        Raises ConcurrencyConflict if `version` is given and is not the row's version by now.
        """
        check_position("version", 0 if version is None else version)
        values = check_form(table, row)
        key = row[form_of(table)[0]]
        current = self.version(table, key)
        if version not in (None, current):
            raise ConcurrencyConflict(f"{key!r} is at version {current}, expected was {version}")
        values["version"] = current + 1
        if table == "users":
            require_free_email(self.connection, key, row["email"])
            values["email_key"] = row["email"].casefold()
        save_row(self.connection, table, values, current)
        if table == "orders":
            self._save_lines(key, row["lines"])

    def version(self, table: str, key: str) -> int:
        """Return the row's version, 0 if there is none."""
        sql = f"SELECT version FROM {table} WHERE {form_of(table)[0]} = ?"
        found = self.connection.execute(sql, (key,)).fetchone()
        return int(found[0]) if found else 0

    def _save_lines(self, order_id: str, lines: list[Row]) -> None:
        self.connection.execute("DELETE FROM order_lines WHERE order_id = ?", (order_id,))
        sql = f"INSERT INTO order_lines (order_id, line_no, {', '.join(LINE)}) VALUES (?,?,?,?,?)"
        rows = [(order_id, n, *(line[x] for x in LINE)) for n, line in enumerate(lines, start=1)]
        self.connection.executemany(sql, rows)


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
        with self._answering("query", OpenForm(table, key)), self.store.reading() as connection:
            row = Forms(connection).load(table, key)
            if row is None:
                raise UnknownId(f"{table} has no row {key!r}")
            self.hops.announce("load", "write_store", "one_model", row, connection)
        self.hops.announce("answer", "one_model", "client", (OpenForm(table, key), row))
        return row

    def save(self, table: str, row: Row, version: int | None = None) -> None:
        """Write the whole row; the last writer wins, unless `version` tells that it changed."""
        self.hops.announce("call", "client", "client", ("crud.save", table, row, version))
        form = SaveForm(table, row, version)
        with self._answering("command", form), self.store.transaction() as connection:
            Forms(connection).save(table, row, version)
            self.hops.announce("save", "one_model", "write_store", row, connection)
        self.hops.announce("accept", "one_model", "client", form)

    @contextmanager
    def _answering(self, kind: str, form: OpenForm | SaveForm) -> Iterator[None]:
        self.hops.announce(kind, "client", "one_model", form)
        try:
            yield
        except Exception as error:
            self.hops.announce("reject", "one_model", "client", (form, error))
            raise


def form_of(table: str) -> tuple[str, ...]:
    if type(table) is not str or table not in FORMS:
        raise ShopError(f"there is no form for {table!r}; there are {', '.join(FORMS)}")
    return FORMS[table]


def check_form(table: str, row: Row) -> Row:
    """Return the row's own columns, once all are there and hold something a column can keep."""
    columns = form_of(table)
    _check_row(row, columns, {"version", "lines"} if table == "orders" else {"version"})
    if table == "orders":
        if not isinstance(row.get("lines"), list | tuple):
            raise InvalidMessage("lines", "must be a list of lines")
        for line in row["lines"]:
            _check_row(line, LINE, set())
    return {column: row[column] for column in columns}


def _check_row(row: Any, columns: tuple[str, ...], others: set[str]) -> None:
    if type(row) is not dict:
        raise InvalidMessage("row", f"must be a dict, not {type(row).__name__}")
    for column in columns:
        if column not in row:
            raise InvalidMessage(column, "is missing: a form saves the whole row")
        if row[column] is not None or column not in OPTIONAL:
            CHECKS.get(column, text(0, 1_000))(column, row[column])
    for field in row.keys() - set(columns) - others:
        raise InvalidMessage(str(field), "is not in this form")
