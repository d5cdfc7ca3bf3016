"""What a shop is made of: its handlers, stores, bus and projections, as they really are."""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ..eventful_shop import EventfulShop
from ..shop import Shop
from .rehearsal import events_of_commands, read_by_queries


@dataclass(frozen=True)
class Wiring:
    """How a shop is put together; names are those of its classes, functions and stores."""

    architecture: str
    write_store: str
    read_store: str  # "" where there is none
    bus: str  # "" where there is none
    handlers: dict[str, str]  # command -> the function that handles it
    queries: dict[str, str]
    projections: dict[str, tuple[str, ...]]  # name -> the events it applies


def wiring_of(shop: Shop) -> Wiring:
    """Read the wiring from a shop. Nothing is run and nothing is changed."""
    stores = [_short(store.name) for store in shop.options.stores]
    is_eventful = isinstance(shop, EventfulShop)
    projections = shop.projecting.projections if isinstance(shop, EventfulShop) else {}
    return Wiring(
        shop.architecture,
        stores[0],
        stores[1] if len(stores) > 1 else "",
        _bus(shop.options.bus) if is_eventful else "",
        {kind.__name__: _named(f) for kind, f in shop.commands.handlers.items()},
        {kind.__name__: _named(f) for kind, f in shop.queries.handlers.items()},
        {name: tuple(kind.__name__ for kind in applied) for name, applied in projections.items()},
    )


def _short(store: str) -> str:
    """Return a store's name without the folders that its file lies in."""
    kind, separator, file = store.partition(" file ")
    return f"{kind} file {PurePath(file).name}" if separator else store


def _bus(url: str) -> str:
    """Return what carries the events; of an address nothing but its kind is shown."""
    scheme = url.partition("://")[0]
    known = {"memory": "in memory", "amqp": "RabbitMQ", "kafka": "Kafka"}
    return known.get(scheme, scheme)


def _named(function: Any) -> str:
    """Return a function's name; a lambda or a partial is told by its class."""
    return getattr(function, "__name__", type(function).__name__)


def spoken(name: str) -> str:
    """Return a class's or a function's name as words: PlaceOrder -> place order."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).lower()


__all__ = ["Wiring", "events_of_commands", "read_by_queries", "spoken", "wiring_of"]
