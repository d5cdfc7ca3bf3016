"""A week in the life of one order, on any rung: lesson 05 asks what it looked like on Tuesday.

Everything happens through the shop itself; only the clock is ours. On Tuesday afternoon the
delivery of events stood still, so for some hours the customer's screen was behind the truth.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from .. import (
    AddOrderItem,
    AddProduct,
    ChangeShippingAddress,
    CreateOrder,
    CreateUser,
    PlaceOrder,
    RenameUser,
    ShipOrder,
    Shop,
    open_shop,
)

DELIVER = None  # in place of a command: the events that wait are delivered

# (day of January 2026, which began on a Thursday; hour; minute) -> what happens then
STORY: tuple[tuple[tuple[int, int, int], Any], ...] = (
    ((5, 9, 0), CreateUser("ada", "Ada Lovelace", "ada@example.org")),
    ((5, 9, 10), AddProduct("mug", "Blue mug", price_cents=1200, stock=5)),
    ((5, 10, 0), CreateOrder("o-7", "ada")),
    ((5, 10, 2), AddOrderItem("o-7", "mug", quantity=2)),
    ((5, 10, 5), DELIVER),
    ((6, 11, 0), AddOrderItem("o-7", "mug", quantity=1)),
    ((6, 11, 1), ChangeShippingAddress("o-7", "12 Mill Lane")),
    ((6, 11, 5), DELIVER),
    ((6, 14, 0), PlaceOrder("o-7")),
    ((6, 18, 0), DELIVER),
    ((7, 9, 0), ChangeShippingAddress("o-7", "5 Harbour Street")),
    ((7, 9, 5), DELIVER),
    ((8, 10, 0), RenameUser("ada", "Ada King")),
    ((8, 15, 0), ShipOrder("o-7")),
    ((8, 15, 5), DELIVER),
)


class Delivery(NamedTuple):
    """When events were delivered, and up to which position the documents knew them then."""

    at: datetime
    position: int


@dataclass
class Week:
    """The shop after the week, and a diary of its deliveries, which no log of events holds."""

    shop: Shop
    deliveries: list[Delivery] = field(default_factory=list)


def a_week(architecture: str = "event-sourced", **options: Any) -> Week:
    """Have a shop on this rung live through the week; `options` are those of `open_shop`."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    week = Week(open_shop(architecture, clock=lambda: now, **options))
    for (day, hour, minute), command in STORY:
        now = datetime(2026, 1, day, hour, minute, tzinfo=UTC)
        if command is not DELIVER:
            week.shop.send(command)
        elif week.shop.deliver():
            week.deliveries.append(Delivery(now, week.shop.position))
    return week
