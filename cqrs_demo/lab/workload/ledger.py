"""Carries out commands without a database: what is stored is kept in dicts.

The handlers and aggregates are the shop's own; they do not know where they are. It is how a shop of
a million orders is filled in minutes, and how events are folded into what they mean.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...codec import RecordedEvent, to_text
from ...domain.events import Event
from ...domain.order import Order
from ...domain.product import Product
from ...domain.user import User
from ...hops import Hops
from ...write_model.handlers import HANDLERS
from ...write_model.snapshots import take_snapshot
from ...write_model.state_store import WRITTEN_BY
from ...write_model.work import A, Aggregate, Work, stream_of
from . import Workload, history

SNAPSHOT_EVERY = 100  # as open_shop has it

Progress = Callable[[int, int], None]  # called with orders done and orders in all


@dataclass
class Ledger:
    """What a shop would have stored: aggregates as they are now, and when orders were made."""

    aggregates: dict[type, dict[str, Any]] = field(
        default_factory=lambda: {User: {}, Product: {}, Order: {}}
    )
    times: dict[str, dict[str, str]] = field(default_factory=dict)  # order id -> column -> time
    snapshots: dict[str, tuple[Any, ...]] = field(default_factory=dict)  # stream -> row
    position: int = 0


class NoMoney:
    """A gateway for orders that were paid long ago."""

    def charge(self, order_id: str, cents: int) -> None: ...
    def refund(self, order_id: str, cents: int) -> None: ...


@dataclass
class LedgerWork(Work):
    """One command's work on a ledger. Nothing is rolled back: these commands succeed."""

    ledger: Ledger
    recorded: list[RecordedEvent[Any]]

    def claim_email(self, user_id: str, email: str) -> None:
        """The workload's addresses are all different."""

    def _load(self, kind: type[A], key: str) -> A:
        aggregate: A = self.ledger.aggregates[kind].get(key) or kind(key)
        return aggregate

    def _store(self, aggregate: Aggregate, events: Sequence[Event], loaded_version: int) -> None:
        ledger, kind = self.ledger, type(aggregate)
        ledger.aggregates[kind][aggregate.key] = aggregate
        stream = stream_of(aggregate)
        for version, event in enumerate(events, start=loaded_version + 1):
            ledger.position += 1
            place = (ledger.position, stream, version)
            envelope = (self.command_id, self.correlation_id)
            self.recorded.append(RecordedEvent(*place, self.at, event, *envelope))
            if type(event) in WRITTEN_BY:
                column = WRITTEN_BY[type(event)]
                ledger.times.setdefault(aggregate.key, {})[column] = to_text(self.at)
        if loaded_version // SNAPSHOT_EVERY < aggregate.version // SNAPSHOT_EVERY:
            snapshots: Any = _Snapshots(ledger.snapshots)
            take_snapshot(snapshots, aggregate)


@dataclass
class _Snapshots:
    """Stands in for the connection that a snapshot is written to: only the last one counts."""

    rows: dict[str, tuple[Any, ...]]

    def execute(self, sql: str, row: tuple[Any, ...]) -> None:
        self.rows[row[0]] = row


def carry_out(
    workload: Workload, ledger: Ledger, progress: Progress | None = None
) -> Iterator[RecordedEvent[Any]]:
    """Carry out a workload's commands on a ledger; yield the events they record."""
    payments: Any = NoMoney()
    connection: Any = None  # there is none, and nobody asks for it
    hops, recorded = Hops(), list[RecordedEvent[Any]]()
    for n, (at, command) in enumerate(history(workload)):
        command_id = f"c-{ledger.position + 1}"
        work = LedgerWork(connection, at, command_id, command_id, payments, hops, ledger, recorded)
        HANDLERS[type(command)](command, work)
        yield from recorded
        recorded.clear()
        if progress and n % 1_000 == 0:
            progress(len(ledger.aggregates[Order]), workload.size)
    if progress:
        progress(workload.size, workload.size)
