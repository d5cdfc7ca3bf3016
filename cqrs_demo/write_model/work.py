"""What a command handler works with: one transaction on the write store.

(Fowler calls it a unit of work, "Patterns of Enterprise Application Architecture", 2002.)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ..codec import RecordedEvent
from ..domain.errors import AlreadyExists, ShopError, UnknownId
from ..domain.events import Event, Unreadable, UserCreated
from ..domain.order import Order
from ..domain.product import Product
from ..domain.user import User
from ..hops import Hops
from ..storage import Connection
from .payments import CommandPayments

Aggregate = User | Product | Order
A = TypeVar("A", User, Product, Order)
NAMED_BY = {"user_id": User, "sku": Product, "order_id": Order}  # a command's first field


@dataclass
class Transaction:
    """One command on its way: its connection, time (UTC) and ids, and what else it may reach."""

    connection: Connection
    at: datetime
    command_id: str
    correlation_id: str
    payments: CommandPayments
    hops: Hops

    def announce(self, kind: str, source: str, target: str, message: Any) -> None:
        """Announce a hop that can be seen on this transaction's own connection."""
        self.hops.announce(kind, source, target, message, self.connection)


class Work(Transaction):
    """Loads and saves aggregates, whichever way they are stored."""

    def get(self, kind: type[A], key: str) -> A:
        """Return an aggregate that exists. Raises UnknownId."""
        aggregate = self._load(kind, key)
        if aggregate.version == 0:
            raise UnknownId(f"there is no {kind.__name__.lower()} {key!r}")
        self.announce("load", "write_store", "aggregate", aggregate)
        return aggregate

    def new(self, kind: type[A], key: str) -> A:
        """Return a blank aggregate under an id that is still free. Raises AlreadyExists."""
        aggregate = self._load(kind, key)
        if aggregate.version:
            raise AlreadyExists(f"the {kind.__name__.lower()} {key!r} is there already")
        return aggregate

    def save(self, aggregate: Aggregate, events: Iterable[Event]) -> None:
        """Apply what the aggregate decided, and store it. Raises ConcurrencyConflict."""
        events = list(events)  # a generator could be read only once
        self.announce("command", "command_handler", "aggregate", (aggregate, events))
        loaded_version = aggregate.version
        for event in events:
            aggregate.apply(event)
            aggregate.version += 1
        if events:
            self._store(aggregate, events, loaded_version)
            self.announce("save", "aggregate", "write_store", (aggregate, events))

    def version(self, kind: type[A], key: str) -> int:
        """Return the version of an aggregate, 0 if there is none."""
        return self._load(kind, key).version

    def replay(self, recorded: RecordedEvent[Any]) -> None:
        """Do again what was once decided, without deciding: no rule is asked, nobody is charged."""
        if isinstance(recorded.event, Unreadable):
            raise ShopError(f"event {recorded.position}: {recorded.event.error}")
        kind, key = aggregate_named(recorded.stream)
        if isinstance(recorded.event, UserCreated):
            self.claim_email(key, recorded.event.email)
        self.save(self._load(kind, key), [recorded.event])

    def claim_email(self, user_id: str, email: str) -> None:
        """Make sure that no other user has this e-mail. Raises EmailTaken."""
        raise NotImplementedError

    def _load(self, kind: type[A], key: str) -> A:
        """Return the aggregate as it is stored, or a blank one of version 0."""
        raise NotImplementedError

    def _store(self, aggregate: Aggregate, events: Sequence[Event], loaded_version: int) -> None:
        raise NotImplementedError


def stream_of(aggregate: Aggregate) -> str:
    """Return the name under which an aggregate's events are recorded, such as "order-o-7"."""
    return f"{type(aggregate).__name__.lower()}-{aggregate.key}"


def aggregate_named(stream: str) -> tuple[type[Any], str]:
    """Return whose events a stream holds: the kind of aggregate, and its key."""
    kinds: dict[str, type[Any]] = {"user": User, "product": Product, "order": Order}
    kind, _, key = stream.partition("-")
    if kind not in kinds:
        raise ShopError(f"no aggregate records its events as {stream!r}")
    return kinds[kind], key
