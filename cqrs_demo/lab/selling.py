"""A shop with a long past, and a customer who goes on buying while something else is done."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Self

from .. import AddOrderItem, AddProduct, CreateOrder, CreateUser, PlaceOrder, Shop, open_shop

FIRST_DAY = datetime(2025, 9, 1, tzinfo=UTC)
ORDERS_A_DAY = 20
HOURS = range(8, 22)
WEIGHTS = (2, 3, 4, 5, 9, 8, 4, 3, 3, 5, 8, 12, 9, 4)  # of those hours: noon and evening are busy
_folders: list[TemporaryDirectory[str]] = []  # removed when the kernel ends


def a_busy_past(orders: int = 1_500) -> dict[str, Any]:
    """Make the files of an event-sourced shop that has sold for months, and close it.

    Returns their addresses, to be opened again: open_shop("event-sourced", **files).
    """
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    _folders.append(folder)
    path = Path(folder.name).as_posix()
    files: dict[str, Any] = {
        "write": f"sqlite:///{path}/write.db",
        "read": f"sqlite:///{path}/read.db",
    }
    times = _times(orders)
    now = FIRST_DAY
    with open_shop("event-sourced", **files, clock=lambda: now) as shop:
        shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
        shop.send(AddProduct("mug", "Blue mug", price_cents=1200, stock=1_000_000))
        for n, now in enumerate(times, 1):  # noqa: B007 - the clock reads it
            place(shop, f"o-{n}")
        shop.deliver()
    return files


def place(shop: Shop, order_id: str) -> None:
    """Place an order of one mug."""
    shop.send(CreateOrder(order_id, "ada"))
    shop.send(AddOrderItem(order_id, "mug", quantity=1))
    shop.send(PlaceOrder(order_id))


def _times(orders: int) -> Iterator[datetime]:
    chance = Random(7)
    for start in range(0, orders, ORDERS_A_DAY):
        day = FIRST_DAY + timedelta(days=start // ORDERS_A_DAY)
        some = chance.choices(HOURS, WEIGHTS, k=min(ORDERS_A_DAY, orders - start))
        minutes = sorted(hour * 60 + chance.randrange(60) for hour in some)
        yield from (day + timedelta(minutes=minute) for minute in minutes)


class Selling:
    """Sells in a thread of its own, one order after the other, until the `with` block ends.

    `sold` counts the orders; `error` says why it stopped before, if it did.
    """

    def __init__(self, shop: Shop, pause_seconds: float = 0.01) -> None:
        self.sold = 0
        self.error: str | None = None
        self._shop = shop
        self._pause = pause_seconds
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="selling", daemon=True)

    def _run(self) -> None:
        run = time.time_ns()  # a cell may be run again, and no order id is used twice
        try:
            for n in count(1):
                place(self._shop, f"live-{run}-{n}")
                self.sold = n
                if self._enough.wait(self._pause):
                    return
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._enough.set()
        self._thread.join()
