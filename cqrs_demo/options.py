"""What a caller of `open_shop` chose, and the stores that were opened for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .domain.errors import InvalidMessage, ShopError
from .domain.fields import check_position, check_seconds, number
from .hops import Hops
from .read_model.answering import QueryHandler
from .read_model.projections import Project
from .storage import Store
from .storage.identity import prepare_store
from .storage.urls import open_store
from .write_model.dispatching import Surroundings
from .write_model.done_commands import DONE_COMMANDS_TABLE
from .write_model.handlers import Handler

DELIVERIES = ("manual", "immediate", "background")


@dataclass(repr=False)  # an address may hold a password
class Options:
    """`open_shop` explains each of them."""

    write: str
    bus: str
    read: str
    delivery: str
    lag: float
    handlers: Mapping[type, Handler]
    projections: Mapping[str, Mapping[type, Project]]
    queries: Mapping[type, QueryHandler]
    surroundings: Surroundings
    poll: float = 0.1
    snapshot_every: int = 100
    set_aside_after: Mapping[str, int] = field(default_factory=dict)
    read_only: bool = False
    stores: list[Store] = field(default_factory=list, init=False)  # those that were opened
    shop_id: str = field(default="", init=False)  # which shop they belong to

    def __post_init__(self) -> None:
        if self.delivery not in DELIVERIES:
            raise ShopError(
                f"there is no delivery {self.delivery!r}; known: {', '.join(DELIVERIES)}"
            )
        check_seconds("lag", self.lag)
        check_seconds("poll", self.poll)
        if self.poll == 0:
            raise InvalidMessage("poll", "must be more than 0, or the thread would never rest")
        check_position("snapshot_every", self.snapshot_every)
        for name in ("handlers", "projections", "queries", "set_aside_after"):
            if not isinstance(getattr(self, name), Mapping):
                raise InvalidMessage(name, "must be a dict")
        for attempts in self.set_aside_after.values():
            number(1, 10**9)("set_aside_after", attempts)

    @property
    def hops(self) -> Hops:
        return self.surroundings.hops

    def open_write_store(self, architecture: str, *tables: str) -> Store:
        """Open the write store, and create the tables that it lacks."""
        return self._open(self.write, "write", architecture, *tables, DONE_COMMANDS_TABLE)

    def open_read_store(self, architecture: str, *tables: str) -> Store:
        """Open the read store that goes with the write store, and create the tables it lacks."""
        return self._open(self.read, "read", architecture, *tables)

    def _open(self, url: str, side: str, architecture: str, *tables: str) -> Store:
        store = open_store(url, side, f"{side}_store", self.hops)
        self.stores.append(store)
        self.shop_id = prepare_store(store, side, architecture, tables, self.shop_id)
        return store

    def for_the_past(self) -> "Options":
        """Return the same options for a copy in memory that takes no commands."""
        return replace(
            self,
            write="sqlite://",
            read="sqlite://",
            delivery="manual",
            surroundings=replace(self.surroundings, hops=Hops()),
            read_only=True,
            set_aside_after=dict.fromkeys(self.set_aside_after, 1),
        )

    def close_stores(self) -> None:
        for store in self.stores:
            store.close()


Functions = Mapping[type, Any]


def in_place_of(defaults: Functions, ours: Functions, chosen: Functions) -> dict[type, Any]:
    """Return the caller's dict with this rung's own function wherever the default was kept."""
    return {k: ours.get(k, f) if f is defaults.get(k) else f for k, f in chosen.items()}
