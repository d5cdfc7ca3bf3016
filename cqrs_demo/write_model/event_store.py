"""Rung 4: only events are stored. An aggregate is what is left after folding its stream.

(Fowler, "Event Sourcing", 2005; Young, "CQRS Documents", 2010.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.errors import EmailTaken, ShopError
from ..domain.events import Event
from ..storage import Connection
from .event_log import EventLog
from .snapshots import load_snapshot, take_snapshot
from .work import A, Aggregate, Work, stream_of

# A log can say that a stream has no two events of one version, but not that two streams differ in
# something. So what must be unique among aggregates is claimed in a table beside the log, in the
# same transaction. It is the one thing on this rung that is not derived from events.
CLAIMS_TABLE = """CREATE TABLE IF NOT EXISTS claims (
    kind TEXT NOT NULL, value TEXT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (kind, value))"""


@dataclass
class EventWork(Work):
    """One command's transaction on the event store."""

    log: EventLog
    snapshot_every: int  # versions that lie between two snapshots of an aggregate; 0: never

    def claim_email(self, user_id: str, email: str) -> None:
        sql = "INSERT INTO claims (kind, value, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        claimed = self.connection.execute(sql, ("email", email.casefold(), user_id))
        if claimed.rowcount == 0:
            raise EmailTaken(f"another user has the e-mail {email!r}")

    def _load(self, kind: type[A], key: str) -> A:
        return fold(load_snapshot(self.connection, kind, key), self.log, self.connection)

    def _store(self, aggregate: Aggregate, events: Sequence[Event], loaded_version: int) -> None:
        self.log.append(self, stream_of(aggregate), loaded_version, events)
        every = self.snapshot_every
        if every and loaded_version // every < aggregate.version // every:
            take_snapshot(self.connection, aggregate)


def fold(aggregate: A, log: EventLog, connection: Connection) -> A:
    """Bring an aggregate up to date with the events behind its version."""
    stream = stream_of(aggregate)
    try:
        for version, event in log.stream(connection, stream, aggregate.version):
            aggregate.apply(event)
            aggregate.version = version
    except ShopError as error:
        raise ShopError(f"{stream!r} cannot be folded: {error}") from error
    return aggregate
