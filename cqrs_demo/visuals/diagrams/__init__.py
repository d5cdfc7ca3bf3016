"""Diagrams, drawn from the code: what a shop is made of, what happens in it, when to use it.

    from cqrs_demo import open_shop
    from cqrs_demo.visuals.diagrams import event_map

    with open_shop("two-stores") as shop:
        event_map(shop)

Functions that take a shop show that very shop, a learner's own handlers and projections included.
"""

from collections.abc import Callable

from ... import open_shop
from ...shop import Shop
from ..diagram import Diagram
from .aging import staleness
from .choosing import choice
from .contrasting import beside
from .crashing import outbox
from .flows import flow
from .folding import event_sourcing
from .maps import ladder, one_glance, rung
from .messages import event_map, one_event
from .states import life_cycle
from .storing import stores


def _of(architecture: str, draw: Callable[[Shop], Diagram]) -> Callable[[], Diagram]:
    """Return a function that draws a shop as it is without anybody's changes."""

    def drawn() -> Diagram:
        with open_shop(architecture) as shop:
            return draw(shop)

    return drawn


# In the order in which the gallery shows them.
DIAGRAMS: dict[str, Callable[[], Diagram]] = {
    "one-glance": _of("two-stores", one_glance),
    "crud-beside-cqrs": beside,
    "when": choice,
    "ladder": ladder,
    "rung-crud": _of("crud", rung),
    "rung-one-database": _of("one-database", rung),
    "rung-two-stores": _of("two-stores", rung),
    "rung-event-sourced": _of("event-sourced", rung),
    "flow": _of("two-stores", flow),
    "stores": _of("two-stores", stores),
    "event-map": _of("two-stores", event_map),
    "one-command": _of("two-stores", one_event),
    "life-cycle": life_cycle,
    "outbox": outbox,
    "eventual-consistency": _of("two-stores", staleness),
    "event-sourcing": event_sourcing,
}

__all__ = [
    "DIAGRAMS",
    "Diagram",
    "beside",
    "choice",
    "event_map",
    "event_sourcing",
    "flow",
    "ladder",
    "life_cycle",
    "one_event",
    "one_glance",
    "outbox",
    "rung",
    "staleness",
    "stores",
]
