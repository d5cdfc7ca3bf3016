"""memory:// - the simplest bus: events are handed over in the thread that delivers them.

Nothing is kept here. What a crash interrupts is still in the log, and each subscriber knows by
its checkpoint how far it came; no "published" flag could be trusted to say as much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.errors import ShopError
from ..hops import Hops
from ..storage.urls import split_url
from ..write_model.event_log import Events

Subscriber = Callable[[str, Events], int]


class Bus(Protocol):
    """Carries events from the relay to the projections."""

    def publish(self, names: Sequence[str], events: Events) -> dict[str, int]: ...


@dataclass(frozen=True)
class InProcessBus:
    """Carries events to the projections, which answer with the position they have reached."""

    subscriber: Subscriber
    hops: Hops

    def publish(self, names: Sequence[str], events: Events) -> dict[str, int]:
        """Hand events to the projections called so; return the checkpoint that each reached."""
        reached = {}
        for name in names:
            for recorded in events:
                self.hops.announce("event", "event_bus", "projections", (name, recorded))
            reached[name] = self.subscriber(name, events)
        return reached


def open_bus(url: str, subscriber: Subscriber, hops: Hops) -> InProcessBus:
    """Open the bus at an address. Raises ShopError for a kind that is not known."""
    scheme, rest = split_url(url, "bus")
    if scheme != "memory" or rest:
        raise ShopError(f"bus: there is no bus for this {scheme}:// address; memory:// is known")
    return InProcessBus(subscriber, hops)
