"""Who is compared, and what each of them must be able to do.

Every contestant keeps the same shop and gives the same answers, as the same DTOs. The CRUD ones
(contestants_crud.py, contestants_orm.py) are written by hand as an application would have them; the
CQRS ones (contestants_cqrs.py) are the rungs of the ladder. All of them use SQLite files through
Python's sqlite3, with WAL, synchronous=NORMAL and checked foreign keys.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ...codec import to_time
from ...domain.queries import OrderSummary, OrderView, ProductSales

Clock = Callable[[], datetime]
Found = list[tuple[str, str]]  # id and name
Items = Sequence[tuple[str, int]]  # sku and quantity

FEW = 10  # orders or products on a short list


class Contestant(Protocol):
    """One way to build the shop, opened on a copy of the data."""

    def last_orders(self, user_id: str) -> list[OrderSummary]:
        """Return the ten orders that the user placed last, newest first."""

    def history(self, user_id: str) -> list[OrderSummary]:
        """Return all orders that the user placed, newest first."""

    def order(self, order_id: str) -> OrderView:
        """Return one order with its lines."""

    def best_sellers(self) -> list[ProductSales]:
        """Return the ten products that earn most; cancelled orders do not count."""

    def recent_orders(self) -> list[OrderSummary]:
        """Return the ten orders that anybody placed last."""

    def search(self, word: str) -> Found:
        """Return the products with this word in their name, by sku; upper case is lower case."""

    def buyers(self, sku: str) -> Found:
        """Return the users who ever placed an order for the product, by id. Nobody had planned for
        this question: no index and no document was made for it."""

    def draft(self, order_id: str, user_id: str, items: Items) -> None:
        """Make a draft order. This is not measured."""

    def place(self, order_id: str) -> None:
        """Place a draft order: reserve the stock, or refuse. Return when it is stored."""

    def rename(self, user_id: str, name: str) -> None:
        """Call a user by another name. Return when it is stored."""

    def catch_up(self) -> None:
        """Bring the read side up to date, where it is behind."""

    def rebuild(self) -> bool:
        """Make anew what is stored a second time for reading; False if there is nothing of it."""

    def close(self) -> None: ...


class Entry(NamedTuple):
    """A contestant before it is opened. `rung` says whose filled files it is given a copy of."""

    name: str
    label: str
    short: str  # for the head of a column
    family: str  # "CRUD", "CQRS", or "ORM": CRUD through an ORM, a case of its own
    rung: str
    told: str
    open: Callable[[Path, Clock], Contestant]


def entries() -> dict[str, Entry]:
    """Return everybody who is compared, by name."""
    from . import contestants_cqrs as cqrs  # noqa: PLC0415 - they need what stands above
    from . import contestants_crud as crud  # noqa: PLC0415
    from . import contestants_orm as orm  # noqa: PLC0415

    return {entry.name: entry for entry in (*crud.ENTRIES, *orm.ENTRIES, *cqrs.ENTRIES)}


def size_of(folder: Path) -> int:
    """Return how many bytes the database files in a folder have."""
    return sum(file.stat().st_size for file in folder.iterdir())


def summaries(rows: Any) -> list[OrderSummary]:
    """Turn rows of an SQL query into DTOs."""

    return [
        OrderSummary(order_id, user_id, name, status, count, cents, to_time(at))
        for order_id, user_id, name, status, count, cents, at in rows
    ]
