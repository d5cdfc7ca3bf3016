"""SQLite files at a stated durability, which is read back from the very connection that writes.

WAL with synchronous=NORMAL may lose the last commits when the power fails, never their order; FULL
waits for the disk at each commit. Packages differ in what they set, and some set nothing.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from ...codec import RecordedEvent, encode_event, to_text
from ...hops import Hops
from ...storage import Connection, Store
from ...storage.sqlite import SqliteStore
from ...write_model.event_log import EventLog
from .stage import Stage

NORMAL, FULL = "NORMAL", "FULL"
MEMORY = "memory"  # no file at all
LEVELS = {0: "OFF", 1: NORMAL, 2: FULL, 3: "EXTRA"}
INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
Row = tuple[Any, ...]


def told(journal: str, synchronous: int) -> str:
    """Return what two PRAGMAs say, such as "WAL, synchronous=NORMAL"."""
    if journal == "memory":
        return "in memory"
    return f"{journal.upper()}, synchronous={LEVELS[synchronous]}"


def durability(connection: Connection) -> str:
    (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    return told(journal, synchronous)


def open_raw(stage: Stage, level: str, name: str = "raw") -> sqlite3.Connection:
    """Open a database with nothing between it and us, and a table like that of our log."""
    path = ":memory:" if level == MEMORY else stage.file(name)
    connection = sqlite3.connect(path, isolation_level=None)
    stage.closing.callback(connection.close)
    if level != MEMORY:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {level}")
    connection.execute(EventLog.schema("events"))
    return connection


def open_log(stage: Stage, level: str, *tables: str) -> EventLog:
    """Open an empty log of ours, and what other tables are to lie beside it."""
    store = SqliteStore(None if level == MEMORY else str(stage.file("log")), "write_store", Hops())
    stage.closing.callback(store.close)
    with store.transaction() as connection:
        for statement in (EventLog.schema("events"), *tables):
            connection.execute(statement)
    set_level(store, level)
    return EventLog(store, "events", "write_store")


def set_level(store: Store, level: str) -> None:
    """Set a store's durability: it has one connection, which goes from hand to hand."""
    if level != MEMORY:
        with store.reading() as connection:
            connection.execute("ROLLBACK")  # a PRAGMA does nothing within a transaction
            connection.execute(f"PRAGMA synchronous = {level}")


def durability_of_store(store: Store) -> Callable[[], str]:
    """Return what reads back the durability of the connection that a store writes through."""

    def read() -> str:
        with store.transaction() as connection:
            return durability(connection)

    return read


def rows_of(events: Iterable[RecordedEvent[Any]]) -> Iterable[Row]:
    """Return the rows that a log holds for these events."""
    for position, stream, version, at, event, command_id, correlation_id in events:
        envelope = (to_text(at), command_id, correlation_id)
        yield position, stream, version, *envelope, *encode_event(event)


def fill(log: EventLog, events: Iterable[RecordedEvent[Any]]) -> None:
    with log.store.transaction() as connection:
        connection.executemany(INSERT, rows_of(events))
