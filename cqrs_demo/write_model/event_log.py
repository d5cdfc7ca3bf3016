"""An append-only table of recorded events.

Rung 3 calls it the outbox: copies of the facts, stored in the transaction that changed the tables
(the "transactional outbox", Richardson, "Microservices Patterns", 2018). Rung 4 calls it the
event store: there are no other tables, the log *is* the truth.

Here the outbox is kept for ever, so that read models can be rebuilt from it. Real ones are purged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..codec import RecordedEvent, decode_event, encode_event, to_text, to_time
from ..domain.errors import ConcurrencyConflict, InvalidMessage, ShopError
from ..domain.events import Event, Unreadable
from ..storage import Connection, Store
from .work import Transaction

NO_TIME = datetime.min.replace(tzinfo=UTC)  # of an event whose own time cannot be read
BATCH = 200  # events read at once; with more of them, the garbage collector has more to walk over
Events = list[RecordedEvent[Any]]
_COLUMNS = "position, stream, version, at, command_id, correlation_id, type, form, body"


@dataclass(frozen=True)
class EventLog:
    """The events of one shop, in the table "outbox" or "events".

    Positions are 1, 2, 3 ... without holes. They are taken as the last one plus one while the
    write lock is held until the commit, so a reader never sees position 8 before position 7.
    """

    store: Store
    table: str
    place: str  # on the map: an outbox beside the tables, or the write store itself

    @staticmethod
    def schema(table: str) -> str:
        """Return the statement that creates a log's table."""
        return f"""CREATE TABLE IF NOT EXISTS {table} (
            position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version BIGINT NOT NULL,
            at TEXT NOT NULL, command_id TEXT NOT NULL, correlation_id TEXT NOT NULL,
            type TEXT NOT NULL, form BIGINT NOT NULL, body TEXT NOT NULL,
            UNIQUE (stream, version))"""

    def append(self, work: Transaction, stream: str, version: int, events: Sequence[Event]) -> None:
        """Append to a stream whose last version must be `version`, else ConcurrencyConflict."""
        sql = f"""SELECT (SELECT COALESCE(MAX(position), 0) FROM {self.table}),
            (SELECT COALESCE(MAX(version), 0) FROM {self.table} WHERE stream = ?)"""
        position, found = work.connection.execute(sql, (stream,)).fetchone()
        if found != version:
            raise ConcurrencyConflict(f"{stream!r} is at version {found}, expected was {version}")
        envelope = (to_text(work.at), work.command_id, work.correlation_id)
        written = ((*envelope, *encode_event(event)) for event in events)
        rows = [(position + n, stream, version + n, *rest) for n, rest in enumerate(written, 1)]
        sql = f"INSERT INTO {self.table} ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        work.connection.executemany(sql, rows)

    def last_position(self, connection: Connection) -> int:
        return connection.execute(f"SELECT MAX(position) FROM {self.table}").fetchone()[0] or 0

    def position(self) -> int:
        """Return the position of the last committed event, 0 if there is none."""
        with self.store.reading() as connection:
            return self.last_position(connection)

    def stream(self, connection: Connection, stream: str, after: int) -> Iterator[tuple[int, Any]]:
        """Yield version and event of one stream behind version `after`, oldest first: all that
        folding needs. Raises ShopError for an event that cannot be read."""
        sql = f"""SELECT version, type, form, body FROM {self.table}
            WHERE stream = ? AND version > ? ORDER BY version"""
        for version, name, form, body in connection.execute(sql, (stream, after)).fetchall():
            yield version, decode_event(name, form, body)

    def batches(
        self,
        after: int,
        limit: int | None = None,
        stream: str | None = None,
        category: str | None = None,
    ) -> Iterator[Events]:
        """Yield the events behind position `after`, some at a time, and at most those of the next
        `limit` positions; all of them, those of one stream, or those of one category of streams.

        No transaction stays open between two batches.
        """
        condition, values = _filter(stream, category)
        sql = f"""SELECT {_COLUMNS} FROM {self.table}
            WHERE position > ? AND position <= ?{condition} ORDER BY position"""
        last = self.position() if limit is None else min(self.position(), after + limit)
        while after < last:
            until = min(after + BATCH, last)
            with self.store.reading() as connection:
                found = connection.execute(sql, (after, until, *values)).fetchall()
            if found:
                yield [_recorded(row) for row in found]
            after = until


def _recorded(row: Sequence[Any]) -> RecordedEvent[Any]:
    position, stream, version, at, command_id, correlation_id, name, form, body = row
    time = NO_TIME
    try:
        time = to_time(at)
        event = decode_event(name, form, body)
    except ShopError as error:  # whoever needs this event will say so; others can go on
        event = Unreadable(str(error))
    return RecordedEvent(position, stream, version, time, event, command_id, correlation_id)


def _filter(stream: str | None, category: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition that narrows a reading, and its values."""
    if stream is not None and category is not None:
        raise InvalidMessage("category", "cannot be asked for together with one stream")
    if stream is not None:
        return " AND stream = ?", (stream,)
    if category is not None:  # "order" stands for all streams from "order-" to before "order."
        return " AND stream >= ? AND stream < ?", (f"{category}-", f"{category}.")
    return "", ()
