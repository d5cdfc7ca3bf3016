"""What a bus may do to its messages: lose one, bring it twice, late, or out of order.

Put it between relay and projections with `bus = tamper(shop)`, say what shall happen to which
event, and deliver. (The fallacies of distributed computing, Deutsch, 1994: "the network is
reliable" is the first.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..codec import RecordedEvent
from ..domain.errors import InvalidMessage, ShopError
from ..event_bus.in_process import Bus
from ..eventful_shop import EventfulShop
from ..hops import Hops
from ..shop import Shop
from ..write_model.event_log import Events

DONE = {  # what happens to a message -> how it is told
    "drop": "loses",
    "duplicate": "brings twice",
    "delay": "holds back",
    "move": "brings last",
}


@dataclass
class TamperingBus:
    """A bus that does as it is told to single events, once each, and else behaves well."""

    bus: Bus
    hops: Hops
    plan: dict[int, str] = field(default_factory=dict)  # position -> what happens to the event
    held: list[RecordedEvent[Any]] = field(default_factory=list)

    def drop(self, position: int) -> None:
        """Lose the event at its next delivery."""
        self._plan("drop", position)

    def duplicate(self, position: int) -> None:
        """Bring the event twice at its next delivery."""
        self._plan("duplicate", position)

    def delay(self, position: int) -> None:
        """Hold the event back at its next delivery, and bring it with the delivery after that."""
        self._plan("delay", position)

    def move(self, position: int) -> None:
        """Bring the event after all others at its next delivery."""
        self._plan("move", position)

    def publish(self, names: Sequence[str], events: Events) -> dict[str, int]:
        """Hand events to projections as planned; return the checkpoint that each reached."""
        late, self.held = self.held, []
        if late:
            self.bus.publish(names, late)
        at_once: list[RecordedEvent[Any]] = []
        last: list[RecordedEvent[Any]] = []
        for recorded in events:
            done = self.plan.pop(recorded.position, None)
            if done:
                self.hops.announce("fault", "event_bus", "event_bus", (DONE[done], recorded))
            times = {"drop": 0, "delay": 0, "move": 0, "duplicate": 2}.get(done or "", 1)
            at_once += [recorded] * times
            last += [recorded] if done == "move" else []
            self.held += [recorded] if done == "delay" else []
        return self.bus.publish(names, [*at_once, *last])

    def _plan(self, what: str, position: int) -> None:
        if type(position) is not int or position < 1:
            raise InvalidMessage("position", "must be the position of an event, from 1")
        self.plan[position] = what


def tamper(shop: Shop) -> TamperingBus:
    """Put a bus that can be tampered with in the place of a shop's own; return it.

    Raises ShopError on a rung that has no bus. Called again, it returns the same one.
    """
    if not isinstance(shop, EventfulShop):
        raise ShopError(f"the rung {shop.architecture!r} has no bus")
    if isinstance(shop.relay.bus, TamperingBus):
        return shop.relay.bus
    bus = TamperingBus(shop.relay.bus, shop.hops)
    shop.relay = replace(shop.relay, bus=bus)
    return bus
