"""Going back, in the lab only: real events are for ever.

Before each call on a shop that is recorded, its databases are copied into memory, together with
what its payment gateway and its clock remember. From such a moment the shop can be opened again,
to see another future. It takes SQLite: the others have no copy that costs so little.
"""

import sqlite3
from collections import deque
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from ..domain.errors import ShopError
from ..eventful_shop import EventfulShop
from ..hops import Hops
from ..ladder import LADDER
from ..shop import Shop
from ..storage.sqlite import SqliteStore
from ..write_model.dispatching import Surroundings

MOST_BYTES = 2**24  # of one database: a copy is made before every call
MOST_BYTES_IN_ALL = 2**27  # of one recording's copies


@dataclass
class Moment:
    """A shop as it was; `copies` are of its stores, in their order, or () if it is forgotten."""

    shop: Shop
    copies: tuple[bytes, ...]
    payments: Any
    clock: Any
    own: dict[str, Any]  # handlers, projections and queries, as the learner's dicts were then
    errors: dict[str, tuple[int, str]]  # of projections that stood still

    def reopen(self) -> Shop:
        """Open a shop in memory that is what the other one was. It delivers when told to."""
        if not self.copies:
            raise ShopError("there is no way back: that was too many calls ago")
        options = self.shop.options
        options = replace(
            options,
            write="sqlite://",
            read="sqlite://",
            delivery="manual" if options.delivery == "background" else options.delivery,
            surroundings=Surroundings(deepcopy(self.payments), deepcopy(self.clock), Hops()),
            **self.own,
        )
        shop = LADDER[self.shop.architecture](options)
        for store, copy in zip(options.stores, self.copies, strict=True):
            assert isinstance(store, SqliteStore)
            with closing(sqlite3.connect(":memory:")) as source:
                source.deserialize(copy)
                store.become(source)
        if isinstance(shop, EventfulShop):
            shop.projecting.errors.update(self.errors)
        return shop


class Past:
    """The moments of one recording; of a long one, the first are forgotten.

    `is_over` says that stores, gateway or clock may have moved on since the last moment.
    """

    def __init__(self, shop: Shop) -> None:
        self.is_over = True
        self._shop = shop
        self._moments: deque[Moment] = deque()
        self._now: Moment | ShopError | None = None

    def moment(self) -> Moment | ShopError | None:
        """Return the shop as it is now, or the reason why it cannot be kept."""
        if self.is_over:
            self.is_over = False
            self._now = moment_of(self._shop)
            if isinstance(self._now, Moment):
                self._moments.append(self._now)
            while sum(len(x) for m in self._moments for x in m.copies) > MOST_BYTES_IN_ALL:
                self._moments.popleft().copies = ()
        return self._now


def moment_of(shop: Shop) -> Moment | ShopError:
    """Return the shop as it is now, or the reason why it cannot be kept."""
    surroundings = shop.options.surroundings
    try:
        documents_first = reversed(shop.options.stores)  # they must not be ahead of the log
        copies = tuple(_copy(store) for store in documents_first)[::-1]
        payments, clock = deepcopy(surroundings.payments), deepcopy(surroundings.clock)
    except ShopError as error:
        return error
    except Exception as error:  # from a gateway or a clock of a learner's own
        return ShopError(f"this shop cannot go back: {type(error).__name__}: {error}")
    options = shop.options
    own: dict[str, Any] = {"handlers": dict(options.handlers), "queries": dict(options.queries)}
    own["projections"] = {name: dict(events) for name, events in options.projections.items()}
    errors = dict(shop.projecting.errors) if isinstance(shop, EventfulShop) else {}
    return Moment(shop, copies, payments, clock, own, errors)


def reopened(moment: Moment | ShopError | None) -> Shop:
    """Open the shop again as it was at a moment. Raises ShopError if there is no way back."""
    if moment is None:
        raise ShopError("there is no way back: no shop stands behind this recording")
    if isinstance(moment, ShopError):
        raise ShopError(f"there is no way back: {moment}")
    return moment.reopen()


def _copy(store: Any) -> bytes:
    if not isinstance(store, SqliteStore):
        raise ShopError(f"only SQLite can become what it was, and this is {store.name}")
    with store.reading() as connection, closing(sqlite3.connect(":memory:")) as copy:
        size = connection.execute("SELECT * FROM pragma_page_count, pragma_page_size").fetchone()
        if size[0] * size[1] > MOST_BYTES:
            raise ShopError(f"{store.name} is too large to be copied before every call")
        connection.backup(copy)
        image = copy.serialize()
    # Bytes 18 and 19 say that a file has a write-ahead log, which a copy in memory cannot have
    # (The SQLite Database File Format, 1.3).
    return image[:18] + b"\x01\x01" + image[20:]
