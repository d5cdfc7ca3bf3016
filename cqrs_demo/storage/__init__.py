"""Where data is kept: connections, transactions and locks. No rule of the shop lives here."""

from contextlib import AbstractContextManager
from typing import Any, Protocol


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


class Store(Protocol):
    """One database."""

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> str:
        """Return its place on the map, "write_store" or "read_store"."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """Hold the write lock from the first statement; commit at the end, or roll back."""

    def reading(self) -> AbstractContextManager[Connection]:
        """See one consistent state, however many statements are run."""

    def schema_version(self, connection: Connection) -> int | None:
        """Return the version of what is kept here, None if nothing is, 0 if it is not ours."""

    def set_schema_version(self, connection: Connection, version: int) -> None: ...

    def close(self) -> None: ...


def rows(connection: Connection, table: str, key: str) -> list[dict[str, Any]]:
    """Return a whole table as dicts, ordered by its key. The two names are ours, never data."""
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {key}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
