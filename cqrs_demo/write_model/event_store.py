"""Rung 4: only events are stored. An aggregate is what is left after folding its stream.

(Fowler, "Event Sourcing", 2005; Young, "CQRS Documents", 2010.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.errors import EmailTaken
from ..domain.events import Event
from .event_log import EventLog
from .work import A, Aggregate, Work, stream_of

# A log can say that a stream has no two events of one version, but not that two streams differ in
# something. So what must be unique among aggregates is claimed in a table beside the log, in the
# same transaction. It is the one thing on this rung that is not derived from events.
CLAIMS_TABLE = """CREATE TABLE IF NOT EXISTS claims (
    kind TEXT NOT NULL, value TEXT NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (kind, value))"""
CLAIMS_KEY = "kind, value"


@dataclass
class EventWork(Work):
    """One command's transaction on the event store."""

    log: EventLog

    def claim_email(self, user_id: str, email: str) -> None:
        claimed = self.connection.execute(
            "INSERT INTO claims (kind, value, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            ("email", email.casefold(), user_id),
        )
        if claimed.rowcount == 0:
            raise EmailTaken(f"another user has the e-mail {email!r}")

    def _load(self, kind: type[A], key: str) -> A:
        aggregate = kind(key)
        for recorded in self.log.stream(self.connection, stream_of(kind, key)):
            aggregate.apply(recorded.event)
            aggregate.version = recorded.version
        return aggregate

    def _store(self, aggregate: Aggregate, events: Sequence[Event], loaded_version: int) -> None:
        self.log.append(self, stream_of(type(aggregate), aggregate.key), loaded_version, events)
