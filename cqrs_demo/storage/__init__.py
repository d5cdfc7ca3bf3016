"""Where data is kept: connections, transactions and locks. No rule of the shop lives here."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ..domain.errors import ShopError


class Cursor(Protocol):
    """What executing a statement returns."""

    @property
    def rowcount(self) -> int: ...
    @property
    def description(self) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """A database connection inside a transaction. Values are always bound, never formatted in."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Cursor: ...
    def executemany(self, sql: str, parameters: Any, /) -> Cursor: ...


class Doing(threading.local):
    """What the current thread is doing with a store, so that it does no two things at once.

    The connection is asked too: an interrupt may have kept us from clearing a mark.
    """

    writing: Any = None  # the connection, while a command writes
    reading: Any = None  # the connection, while a query reads

    def is_writing(self) -> bool:
        return bool(self.writing and self.writing.in_transaction)

    def is_reading(self) -> bool:
        return bool(self.reading and self.reading.in_transaction)

    def check_not_writing(self) -> None:
        """Raise ShopError if a command of this thread is under way: its rows are not committed."""
        if self.is_writing():
            raise ShopError("a transaction is open already: a handler uses only what it is given")

    def check_not_reading(self) -> None:
        """Raise ShopError if this thread is answering a query."""
        if self.is_reading():
            raise ShopError("a query is being answered: it changes nothing, and sends no commands")


class Store(Protocol):
    """One database."""

    name: str
    place: str  # on the map: "write_store" or "read_store"
    thread: Doing

    def transaction(
        self, on_rollback: Callable[[], None] = ...
    ) -> AbstractContextManager[Connection]:
        """Hold the write lock from the first statement; commit at the end, or roll back.

        `on_rollback` is called when nothing was stored; not when something fails afterwards.
        """

    def reading(self) -> AbstractContextManager[Connection]:
        """See one consistent state, however many statements are run."""

    def schema_version(self, connection: Connection) -> int | None:
        """Return the version of what is kept here, None if nothing is, 0 if it is not ours."""

    def set_schema_version(self, connection: Connection, version: int) -> None: ...

    def close(self) -> None: ...


def nothing() -> None:
    """Do nothing."""


def rows(connection: Connection, table: str, key: str) -> list[dict[str, Any]]:
    """Return a whole table as dicts, ordered by its key. The two names are ours, never data."""
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {key}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
