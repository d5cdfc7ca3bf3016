"""Two short cuts that a shop must not take, built so that one can see what comes of them.

Deciding by what the documents say: they are a copy, and may be behind. Publishing events after the
commit, from memory: the program may stop in between (the "dual write" that the transactional
outbox replaces; Richardson, "Microservices Patterns", 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..domain.errors import ShopError
from ..domain.events import Event
from ..eventful_shop import EventfulShop
from ..shop import Shop
from ..write_model.dispatching import CommandDispatcher
from ..write_model.state_store import StateWork


def document_of(shop: Shop, projection: str, key: str) -> dict[str, Any]:
    """Return a document as the read side has it now, for a handler that peeks where it must not.

    Raises ShopError if there is none.
    """
    shop.hops.announce("load", "read_store", "command_handler", projection)
    for document in shop.documents().get(projection, []):
        if key in document.values():
            return document
    raise ShopError(f"no document of {projection} holds {key!r}")


@dataclass
class Memory:
    """Stands where the outbox should: what is appended is in memory, and in no transaction."""

    pending: list[tuple[StateWork, str, int, Sequence[Event]]] = field(default_factory=list)

    def append(self, work: StateWork, stream: str, version: int, events: Sequence[Event]) -> None:
        self.pending.append((work, stream, version, events))


class WorkWithoutOutbox(StateWork):
    """One command's transaction on the tables alone."""

    def announce(self, kind: str, source: str, target: str, message: Any) -> None:
        told = (*message, "in memory") if kind == "save" else message
        super().announce(kind, source, target, told)


@dataclass
class LatePublisher:
    """Publishes events after their commit, in a second transaction: `publish` does, if the program
    still runs then. `crash` stops it before. `use_outbox` has the shop do it right again."""

    shop: EventfulShop
    usual: CommandDispatcher
    memory: Memory = field(default_factory=Memory)

    def publish(self) -> None:
        pending, self.memory.pending = self.memory.pending, []
        log = self.shop.relay.log
        for work, stream, version, events in pending:
            with log.store.transaction() as connection:
                log.append(replace(work, connection=connection), stream, version, events)

    def crash(self) -> None:
        """Stop the program, and start it again: what was only in memory is gone."""
        lost = [event for *_, events in self.memory.pending for event in events]
        self.memory.pending = []
        seen = min(projection.checkpoint for projection in self.shop.projections.values())
        kept = [recorded.event for recorded in self.shop.events(seen)]
        self.shop.hops.announce("call", "client", "client", ("crash",))
        self.shop.hops.announce("fault", "outbox", "relay", (kept, lost))

    def use_outbox(self) -> None:
        self.shop.commands = self.usual


def publish_after_commit(shop: Shop) -> LatePublisher:
    """Have a shop on the rung "two-stores" keep its events in memory until after the commit; return
    who publishes them then. Raises ShopError on any other rung."""
    if not isinstance(shop, EventfulShop) or shop.architecture != "two-stores":
        raise ShopError(f"the rung {shop.architecture!r} has no outbox to do without")
    publisher = LatePublisher(shop, shop.commands)
    memory: Any = publisher.memory  # it has of an outbox what a command needs
    work = partial(WorkWithoutOutbox, outbox=memory)
    shop.commands = replace(shop.commands, open_work=work)
    return publisher
