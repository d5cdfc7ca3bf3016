"""An append-only table of recorded events.

Rung 3 calls it the outbox: copies of the facts, stored in the transaction that changed the tables
(the "transactional outbox", Richardson, "Microservices Patterns", 2018). Rung 4 calls it the
event store: there are no other tables, the log *is* the truth.

Here the outbox is kept for ever, so that read models can be rebuilt from it. Real ones are purged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..codec import RecordedEvent, decode_event, encode_event, to_text, to_time
from ..domain.errors import ConcurrencyConflict
from ..domain.events import Event
from ..storage import Connection, Store
from .work import Transaction

BATCH = 1_000  # events read at once: enough to be fast, few enough to hold in memory
_COLUMNS = "position, stream, version, at, command_id, type, form, body"


@dataclass(frozen=True)
class EventLog:
    """The events of one shop, in the table "outbox" or "events".

    Positions are 1, 2, 3 ... without holes. They are taken as the last one plus one while the
    write lock is held until the commit, so a reader never sees position 8 before position 7.
    """

    store: Store
    table: str

    @staticmethod
    def schema(table: str) -> str:
        """Return the statement that creates a log's table."""
        return f"""CREATE TABLE IF NOT EXISTS {table} (
            position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version BIGINT NOT NULL,
            at TEXT NOT NULL, command_id TEXT NOT NULL,
            type TEXT NOT NULL, form BIGINT NOT NULL, body TEXT NOT NULL,
            UNIQUE (stream, version))"""

    def append(self, work: Transaction, stream: str, version: int, events: Sequence[Event]) -> None:
        """Append to a stream whose last version must be `version`, else ConcurrencyConflict."""
        found = self._highest(work.connection, "version", "stream = ?", stream)
        if found != version:
            raise ConcurrencyConflict(f"{stream!r} is at version {found}, expected was {version}")
        position = self.last_position(work.connection)
        at, command_id = to_text(work.at), work.command_id
        rows = [
            (position + n, stream, version + n, at, command_id, *encode_event(event))
            for n, event in enumerate(events, start=1)
        ]
        marks = "?, ?, ?, ?, ?, ?, ?, ?"
        work.connection.executemany(f"INSERT INTO {self.table} ({_COLUMNS}) VALUES ({marks})", rows)

    def last_position(self, connection: Connection) -> int:
        return self._highest(connection, "position", "position > ?", 0)

    def position(self) -> int:
        """Return the position of the last committed event, 0 if there is none."""
        with self.store.reading() as connection:
            return self.last_position(connection)

    def stream(self, connection: Connection, stream: str) -> list[RecordedEvent[Any]]:
        """Return all events of one stream, oldest first."""
        return self._select(connection, "stream = ? ORDER BY version", stream)

    def batches(self, after: int, limit: int | None = None) -> Iterator[list[RecordedEvent[Any]]]:
        """Yield the events behind position `after`, at most `limit`, some at a time.

        No transaction stays open between two batches.
        """
        last = after + limit if limit is not None else self.position()
        while after < last:
            until = min(after + BATCH, last)
            with self.store.reading() as connection:
                condition = "position > ? AND position <= ? ORDER BY position"
                batch = self._select(connection, condition, after, until)
            if not batch:
                return
            yield batch
            after = until

    def _highest(self, connection: Connection, column: str, condition: str, value: Any) -> int:
        sql = f"SELECT MAX({column}) FROM {self.table} WHERE {condition}"
        return connection.execute(sql, (value,)).fetchone()[0] or 0

    def _select(
        self, connection: Connection, condition: str, *values: Any
    ) -> list[RecordedEvent[Any]]:
        sql = f"SELECT {_COLUMNS} FROM {self.table} WHERE {condition}"
        return [
            RecordedEvent(position, stream, version, to_time(at), decode_event(*stored), command_id)
            for position, stream, version, at, command_id, *stored in connection.execute(
                sql, values
            ).fetchall()
        ]
