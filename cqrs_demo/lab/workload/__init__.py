"""A shop's life to measure with: users, products and orders, and the commands that lead to them.

    workload = generated(orders=10_000, seed=7)
    for at, command in history(workload): ...        # what its clients sent, in the order of time

It says nothing of how a shop keeps them; filling.py puts it into the stores of any rung. A few
users order often and a few products sell well, as in real shops: the best tenth of the users makes
about a third of the orders. The same size and seed give the same life on every machine.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count, islice
from random import Random
from typing import Any, NamedTuple

from ...domain import commands as c
from ...domain.fields import number

MOST_ORDERS = 1_000_000
SEED = 7
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
MOST_PIECES = 10**6  # that one command can add to the stock
RESERVE = 100  # pieces of each product that are always in stock, for whoever goes on from here

FIRST = "Ada Alan Barbara Donald Edsger Grace Hedy John Karen Katherine Ken Leslie Margaret Niklaus"
LAST = "Babbage Dijkstra Hamilton Hopper Johnson Knuth Lamarr Lamport Liskov Lovelace Turing Wirth"
KINDS = "Red Blue Green Small Large Round Folding Wooden Copper Woollen Striped Quiet"
THINGS = (
    "Lamp Chair Kettle Teapot Clock Basket Blanket Candle Mirror Notebook Umbrella Bottle Drawer "
    "Shelf Cushion Bowl Ladder Lantern Mug Tray"
)
CITIES = "Amsterdam Athens Bergen Bologna Cork Ghent Lisbon Lyon Porto Riga Turku Vienna"


class User(NamedTuple):
    user_id: str
    name: str
    email: str


class Product(NamedTuple):
    sku: str
    name: str
    price_cents: int


class Line(NamedTuple):
    sku: str
    quantity: int
    price_cents: int


class Order(NamedTuple):
    """An order and its fate: `end` is "shipped", "cancelled" or "" (still placed, or a draft)."""

    order_id: str
    user_id: str
    lines: tuple[Line, ...]
    address: str | None
    created_at: datetime
    placed_at: datetime | None
    end: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Workload:
    """`orders()` gives the orders by the time of their creation, the same each time it is called.

    `key` tells workloads apart, and is fit for the name of a folder.
    """

    key: str
    size: int  # how many orders
    seed: int | None  # None for orders that were imported
    users: Sequence[User]
    products: Sequence[Product]
    orders: Callable[[], Iterator[Order]]


def generated(orders: int, seed: int = SEED) -> Workload:
    """Make up a year of a shop with so many orders. Raises InvalidMessage for 0 or too many."""
    number(1, MOST_ORDERS)("orders", orders)
    number(0, 2**63 - 1)("seed", seed)
    random = Random(seed)
    users = [_user(n, random) for n in range(max(5, orders // 20))]
    products = [_product(n, random) for n in range(max(10, min(20_000, orders // 50)))]
    key = f"{orders}-orders-seed-{seed}"
    return Workload(key, orders, seed, users, products, lambda: _orders(orders, seed, products))


def _user(n: int, random: Random) -> User:
    name = f"{random.choice(FIRST.split())} {random.choice(LAST.split())}"
    return User(f"u-{n:06}", name, f"user-{n}@example.org")


def _product(n: int, random: Random) -> Product:
    name = f"{random.choice(KINDS.split())} {random.choice(THINGS.split())} {n}"
    return Product(f"p-{n:05}", name, random.randint(1, 400) * 25)


def _orders(orders: int, seed: int, products: list[Product]) -> Iterator[Order]:
    random = Random(f"orders {seed}")
    user_count = max(5, orders // 20)
    prices = [product.price_cents for product in products]
    for n in range(orders):
        created = BEGIN + YEAR * (n / orders)
        lines = tuple(_lines(random, prices))
        user = f"u-{int(random.random() ** 2 * user_count):06}"  # squared: the first come often
        address = f"{random.randint(1, 99)} Main Street, {random.choice(CITIES.split())}"
        yield _with_fate(
            Order(f"o-{n:07}", user, lines, random.choice((address, None)), created, None), random
        )


def _lines(random: Random, prices: list[int]) -> Iterator[Line]:
    chosen = {
        int(random.random() ** 3 * len(prices)) for _ in range(random.choice((1, 2, 2, 3, 5)))
    }
    for product in sorted(chosen):
        if random.random() < 0.002:  # now and then a price changes, for all who come later
            prices[product] = random.randint(1, 400) * 25
        yield Line(f"p-{product:05}", random.choice((1, 1, 1, 2, 3)), prices[product])


def _with_fate(order: Order, random: Random) -> Order:
    """Most orders are placed within minutes and shipped within days; until the year is over."""
    placed = order.created_at + timedelta(seconds=random.randint(1, 600))
    ended = placed + timedelta(seconds=random.randint(3_600, 400_000))
    chance = random.random()
    if chance < 0.02:  # forgotten in the basket
        return order
    if ended > BEGIN + YEAR:
        return order._replace(placed_at=placed)
    end = "cancelled" if chance < 0.06 else "shipped"
    return order._replace(placed_at=placed, end=end, ended_at=ended)


def recorded_as(
    users: Sequence[User], products: Sequence[Product], orders: Sequence[Order]
) -> Workload:
    """Make a workload of orders that somebody else has, such as imported ones."""
    number(1, MOST_ORDERS)("orders", len(orders))
    in_time = sorted(orders, key=lambda order: order.created_at)
    digest = hashlib.sha256()
    for record in (*users, *products, *in_time):
        digest.update(repr(record).encode())
    key = f"{len(orders)}-orders-imported-{digest.hexdigest()[:12]}"
    return Workload(key, len(orders), None, users, products, lambda: iter(in_time))


def first_orders(workload: Workload, orders: int) -> Workload:
    """Return a smaller workload of the same kind: of generated orders one made up with the same
    seed, of imported ones the first so many."""
    if workload.seed is not None:
        return generated(orders, workload.seed)
    return recorded_as(workload.users, workload.products, list(islice(workload.orders(), orders)))


Act = tuple[datetime, Any]  # when, and which command


def history(workload: Workload) -> Iterator[Act]:
    """Yield the commands that lead to a workload, with the times at which they were sent.

    Products come first, users with their first order. Prices are changed, and stock is bought,
    just before an order needs it.
    """
    clerk = _Clerk(workload)
    waiting: list[tuple[datetime, int, Any]] = []  # what will happen to orders, the next on top
    number_of = count()  # so that what happens at one time stays in its order
    begin = BEGIN
    for n, order in enumerate(workload.orders()):
        if n == 0:
            begin = order.created_at
            for product in workload.products:
                yield begin, c.AddProduct(*product, RESERVE)
        while waiting and waiting[0][0] <= order.created_at:
            yield from clerk.do(*heappop(waiting))
        for command in clerk.draft(order):
            yield order.created_at, command
        if order.placed_at:
            heappush(waiting, (order.placed_at, next(number_of), order))
        if order.ended_at:
            end: Any = c.ShipOrder(order.order_id)
            if order.end == "cancelled":
                end = c.CancelOrder(order.order_id, "changed my mind")
            heappush(waiting, (order.ended_at, next(number_of), end))
    while waiting:
        yield from clerk.do(*heappop(waiting))


class _Clerk:
    """Knows what the shop has by now, and so which commands an order still needs."""

    def __init__(self, workload: Workload) -> None:
        self.unknown = {user.user_id: user for user in workload.users}
        self.prices = {product.sku: product.price_cents for product in workload.products}
        self.stock = dict.fromkeys(self.prices, RESERVE)

    def draft(self, order: Order) -> Iterator[Any]:
        user = self.unknown.pop(order.user_id, None)
        if user:
            yield c.CreateUser(*user)
        yield c.CreateOrder(order.order_id, order.user_id)
        if order.address:
            yield c.ChangeShippingAddress(order.order_id, order.address)
        for line in order.lines:
            if line.price_cents != self.prices[line.sku]:
                self.prices[line.sku] = line.price_cents
                yield c.ChangePrice(line.sku, line.price_cents)
            for pieces in _portions(line.quantity):
                yield c.AddOrderItem(order.order_id, line.sku, pieces)

    def do(self, at: datetime, _: int, what: Any) -> Iterator[Act]:
        """Place an order, or carry out the command that ends it."""
        if not isinstance(what, Order):
            yield at, what
            return
        for line in what.lines:
            while self.stock[line.sku] < line.quantity + RESERVE:
                yield at, c.Restock(line.sku, pieces := _delivery(line.quantity))
                self.stock[line.sku] += pieces
            self.stock[line.sku] -= line.quantity
        yield at, c.PlaceOrder(what.order_id)


def _portions(quantity: int) -> Iterator[int]:
    """Split a quantity into what one command may hold."""
    while quantity > 0:
        yield min(quantity, MOST_PIECES)
        quantity -= MOST_PIECES


def _delivery(quantity: int) -> int:
    """Return how many pieces to buy when so many are wanted: enough for a while."""
    return min(MOST_PIECES, max(100, 2 * quantity))
