"""The events that are measured with: those of a made-up shop, and one long stream."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

from ...codec import RecordedEvent
from ...domain.events import Event, ProductAdded, StockReleased, StockReserved
from ..workload import MOST_ORDERS, generated
from ..workload.ledger import Ledger, carry_out

EVENTS_AN_ORDER = 6  # at least
NOW = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
SKU = "p-1"
STREAM = f"product-{SKU}"


def shop_events(number: int) -> Iterator[RecordedEvent[Any]]:
    """Yield the first events of a shop that is large enough to have so many."""
    orders = min(MOST_ORDERS, max(20, number // EVENTS_AN_ORDER))
    return islice(carry_out(generated(orders), Ledger()), number)


def product_events() -> Iterator[Event]:
    """Yield what happens to a product that sells well: stock is reserved, and now and then given
    back. One event after the other takes about 70 bytes as JSON."""
    yield ProductAdded(SKU, "Blue Teapot 1", 1_995, 10**6)
    for n in count(1):
        kind = StockReleased if n % 10 == 0 else StockReserved
        yield kind(SKU, f"o-{n:07}", 1 + n % 3)


def product_stream(number: int) -> Iterator[RecordedEvent[Any]]:
    """Yield the first events of one product, alone in their log."""
    for n, event in enumerate(islice(product_events(), number), start=1):
        yield RecordedEvent(n, STREAM, n, NOW, event, f"c-{n}", f"c-{n}")
