"""cqrs_demo: understand CQRS by watching a small real shop work, on four architectures.

    from cqrs_demo import open_shop, CreateUser, GetUserById

Start with README.md, then minimal.py, domain/ and ladder.py.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from .codec import RecordedEvent
from .domain.commands import *
from .domain.errors import *
from .domain.events import *
from .domain.queries import *
from .hops import Hops
from .ladder import LADDER
from .options import Options
from .read_model.answering import QueryHandler
from .read_model.checkpoints import Projection
from .read_model.document_queries import QUERIES
from .read_model.projections import PROJECTIONS, Project
from .shop import Shop
from .write_model.dispatching import Surroundings
from .write_model.handlers import HANDLERS, Handler
from .write_model.payments import DemoPayments, Payments


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_shop(
    architecture: str,
    *,
    write: str = "sqlite://",
    bus: str = "memory://",
    read: str = "sqlite://",
    delivery: str = "manual",
    lag: float = 0.0,
    payments: Payments | None = None,
    clock: Callable[[], datetime] | None = None,
    handlers: Mapping[type, Handler] = HANDLERS,
    projections: Mapping[str, Mapping[type, Project]] = PROJECTIONS,
    queries: Mapping[type, QueryHandler] = QUERIES,
    poll: float = 0.1,
    snapshot_every: int = 100,
    set_aside_after: Mapping[str, int] | None = None,
) -> Shop:
    """Open a shop on "crud", "one-database", "two-stores" or "event-sourced".

    `write` and `read` say where data is kept: sqlite:// (in memory), sqlite:///relative.db or
    sqlite:////absolute.db; `write` also takes postgresql://user@host/database. The first two rungs
    have one database and ignore `read`, `bus`, `delivery` and `lag`.

    `delivery` is "manual" (events wait until `shop.deliver()`), "immediate" (delivered right
    after each commit, in a transaction of their own) or "background" (a thread delivers them
    `lag` seconds later, and looks every `poll` seconds for those of other processes).

    `payments` is the gateway, a DemoPayments if None. `clock` returns an aware datetime; it is
    read once a `send`. `handlers`, `projections` and `queries` are plain dicts: copy, change, pass.

    `snapshot_every` is for rung 4: how many versions lie between two snapshots of an aggregate (0:
    none are taken). `set_aside_after` gives projections by name a number of attempts after which
    they set an event aside and go on; all others stop, which is safer (read_model/dead_letters.py).

    Raises ShopError for anything that is not known, StoreUnavailable for a store that cannot be
    used.
    """
    if type(architecture) is not str or architecture not in LADDER:
        raise ShopError(f"there is no rung {architecture!r}; there are {', '.join(LADDER)}")
    options = Options(
        write=write,
        bus=bus,
        read=read,
        delivery=delivery,
        lag=lag,
        surroundings=Surroundings(
            DemoPayments() if payments is None else payments, clock or _utc_now, Hops()
        ),
        handlers=handlers,
        projections=projections,
        queries=queries,
        poll=poll,
        snapshot_every=snapshot_every,
        set_aside_after={} if set_aside_after is None else set_aside_after,
    )
    try:
        return LADDER[architecture](options)
    except BaseException:
        options.close_stores()
        raise


# fmt: off
__all__ = [
    "HANDLERS",
    "LADDER",
    "PROJECTIONS",
    "QUERIES",
    "AddOrderItem",
    "AddProduct",
    "AlreadyExists",
    "CancelOrder",
    "ChangePrice",
    "ChangeShippingAddress",
    "CommandRejected",
    "ConcurrencyConflict",
    "CreateOrder",
    "CreateUser",
    "DaySales",
    "DemoPayments",
    "EmailTaken",
    "EmptyOrder",
    "Event",
    "GetBestSellers",
    "GetCatalogue",
    "GetOrder",
    "GetOrderHistory",
    "GetRecentOrders",
    "GetSalesByDay",
    "GetUserById",
    "InvalidMessage",
    "NotFound",
    "OrderCancelled",
    "OrderCreated",
    "OrderItemAdded",
    "OrderItemRemoved",
    "OrderLine",
    "OrderLineView",
    "OrderPlaced",
    "OrderShipped",
    "OrderSummary",
    "OrderView",
    "OutOfStock",
    "PaymentDeclined",
    "Payments",
    "PlaceOrder",
    "PriceChanged",
    "ProductAdded",
    "ProductRestocked",
    "ProductSales",
    "ProductView",
    "Projection",
    "RecordedEvent",
    "RemoveOrderItem",
    "RenameUser",
    "Restock",
    "ShipOrder",
    "ShippingAddressChanged",
    "Shop",
    "ShopClosed",
    "ShopError",
    "StillStale",
    "StockReleased",
    "StockReserved",
    "StoreUnavailable",
    "UnknownId",
    "UnknownMessage",
    "Unreadable",
    "UserCreated",
    "UserRenamed",
    "UserView",
    "WrongStatus",
    "open_shop",
]
# fmt: on
