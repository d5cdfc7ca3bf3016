"""Queries and the DTOs that answer them.

A query asks a question and changes nothing. A DTO carries exactly what one screen shows: it has
no behaviour and no rules. Money is whole cents, times are aware UTC datetimes, days UTC dates.
"""

from dataclasses import dataclass
from datetime import date, datetime

from .fields import Id, Limit, Message


@dataclass(frozen=True)
class GetUserById(Message):
    """Who is this? Answers a UserView or raises NotFound."""

    user_id: Id


@dataclass(frozen=True)
class GetOrder(Message):
    """What is in this order? Answers an OrderView, of drafts too, or raises NotFound."""

    order_id: Id


@dataclass(frozen=True)
class GetOrderHistory(Message):
    """What has this user ordered? Answers OrderSummary objects, newest first."""

    user_id: Id


@dataclass(frozen=True)
class GetRecentOrders(Message):
    """What was ordered last, by anybody? Answers OrderSummary objects, newest first."""

    limit: Limit = 10


@dataclass(frozen=True)
class GetCatalogue(Message):
    """What is for sale? Answers ProductView objects, by sku."""


@dataclass(frozen=True)
class GetBestSellers(Message):
    """What earns most? Answers ProductSales objects, by revenue; cancelled orders do not count."""

    limit: Limit = 10


@dataclass(frozen=True)
class GetSalesByDay(Message):
    """What was sold each day? Answers DaySales objects; cancelled orders do not count."""


@dataclass(frozen=True)
class UserView:
    user_id: str
    name: str
    email: str
    version: int


@dataclass(frozen=True)
class OrderLineView:
    sku: str
    name: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True)
class OrderView:
    """`status` is draft, placed, shipped or cancelled; lines stand in the order first added."""

    order_id: str
    user_id: str
    user_name: str
    status: str
    lines: tuple[OrderLineView, ...]
    total_cents: int
    shipping_address: str | None
    created_at: datetime
    placed_at: datetime | None
    version: int


@dataclass(frozen=True)
class OrderSummary:
    """An order that was placed, whatever became of it; `item_count` sums quantities."""

    order_id: str
    user_id: str
    user_name: str
    status: str
    item_count: int
    total_cents: int
    placed_at: datetime


@dataclass(frozen=True)
class ProductView:
    sku: str
    name: str
    price_cents: int
    stock: int
    version: int


@dataclass(frozen=True)
class ProductSales:
    sku: str
    name: str
    quantity: int
    revenue_cents: int


@dataclass(frozen=True)
class DaySales:
    day: date
    orders: int
    revenue_cents: int
