"""eventsourcing: aggregates with the @event decorator, saved by an Application, as its docs show.

Its SQLite module leaves PRAGMA synchronous at SQLite's default, FULL; here it is set to what the
others have, on the one connection of its pool.
"""

from itertools import count, islice
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.system import NotificationLogReader

from .benchmark import version_of
from .commanding import PRICE_CENTS, PRODUCTS, STOCK, skus
from .eventsourcing_domain import Copying, Order, Product
from .eventsourcing_follower import DocumentsRecorder, Orders
from .loading import events_behind, length
from .measuring import Clock, Contestant, each
from .sample import shop_events
from .sqlite_files import MEMORY, NORMAL, told
from .stage import Stage

NAME = f"eventsourcing {version_of('eventsourcing')}"


class Shop(Application[UUID]):
    """Aggregates are snapshotted as often as ours."""

    snapshotting_intervals = {Product: 100}  # noqa: RUF012 - its own declaration


def open_shop(stage: Stage, level: str, kind: type[Application[UUID]] = Shop) -> Any:
    env: dict[str, str] = {}
    if level != MEMORY:
        path = str(stage.file("eventsourcing"))
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path}
    shop = kind(env)
    stage.closing.callback(shop.close)
    if level != MEMORY:
        pragma(shop, f"synchronous = {level}")
    return shop


def pragma(shop: Any, name: str) -> Any:
    """Set or read a PRAGMA of the connection that all work goes through, one thread having one."""
    with shop.recorder.datastore.get_connection(commit=True) as connection:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {name}")
        row = cursor.fetchone()
        return row[0] if row else None


def durability(shop: Any, level: str) -> str:
    if level == MEMORY:
        return told("memory", 0)
    return told(pragma(shop, "journal_mode"), pragma(shop, "synchronous"))


def _named(level: str) -> str:
    return f"{NAME}, {'POPO' if level == MEMORY else 'SQLite'}"


class PlainShop(Application[UUID]):
    """Takes no snapshots."""


def append(stage: Stage, at_once: int, level: str) -> Contestant:
    """Events that an aggregate has made go into the event store alone."""
    shop = open_shop(stage, level, PlainShop)
    product = Product("p-1", "Blue Teapot 1", 1_995, 10**9)
    numbers = count(1)

    def timed(n: int, clock: Clock) -> float:
        todo = []
        for _ in range(n):
            for _ in range(at_once):
                product.reserve(f"o-{next(numbers):07}", 1)
            todo.append(product.collect_events())
        start = clock()
        for events in todo:
            shop.events.put(events)
        return clock() - start

    shop.save(product)
    return Contestant(_named(level), timed, durability=lambda: durability(shop, level))


def save(stage: Stage, at_once: int, level: str) -> Contestant:
    shop = open_shop(stage, level, PlainShop)
    product = Product("p-1", "Blue Teapot 1", 1_995, 10**9)
    shop.save(product)
    number = count(1)

    def once() -> None:
        for _ in range(at_once):
            product.reserve(f"o-{next(number):07}", 1)
        shop.save(product)

    return Contestant(_named(level), each(once), durability=lambda: durability(shop, level))


class Snapshotting(Application[UUID]):
    is_snapshotting_enabled = True


def load(stage: Stage, is_long: bool, has_snapshot: bool) -> Contestant:
    number = length(stage.sizes, is_long)
    shop = open_shop(stage, NORMAL, Snapshotting if has_snapshot else PlainShop)
    product = Product("p-1", "Blue Teapot 1", 1_995, 10**6)
    for n in range(1, number):
        if n % 10:
            product.reserve(f"o-{n:07}", 1 + n % 3)
        else:
            product.release(f"o-{n:07}", 1 + n % 3)
    shop.save(product)
    if has_snapshot:
        shop.take_snapshot(product.id, version=number - events_behind(number))

    def once() -> Product:
        loaded: Product = shop.repository.get(product.id)
        return loaded

    assert once().version == number
    return Contestant(f"{NAME}, SQLite", each(once), durability=lambda: durability(shop, NORMAL))


class WideShop(PlainShop):
    """Hands out its notifications by the thousand; its default is ten."""

    log_section_size = 1_000


def scan(stage: Stage) -> Contestant:
    shop = open_shop(stage, NORMAL, WideShop)
    Copying().copy(shop, shop_events(stage.sizes.log))

    def timed(n: int, clock: Clock) -> float:
        reader = NotificationLogReader(shop.notification_log, WideShop.log_section_size)
        start = clock()
        for section in reader.select(start=1, stop=n):
            for notification in section:
                shop.mapper.to_domain_event(notification)
        return clock() - start

    return Contestant(
        f"{NAME}, SQLite",
        timed,
        at_once=stage.sizes.log,
        durability=lambda: durability(shop, NORMAL),
    )


def follow(stage: Stage) -> Contestant:
    """Bring the documents up to date, an event a transaction, as a Follower does it: a part of
    the log in each slice of time. The whole log would take as much for each event."""
    shop = open_shop(stage, NORMAL, WideShop)
    Copying().copy(shop, shop_events(stage.sizes.log))
    path = str(stage.file("eventsourcing-orders"))
    recorder = f"{DocumentsRecorder.__module__}:{DocumentsRecorder.__name__}"
    follower = Orders(
        {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": path,
            "PROCESS_RECORDER_TOPIC": recorder,
        }
    )
    stage.closing.callback(follower.close)
    pragma(follower, f"synchronous = {NORMAL}")
    follower.follow(shop.name, shop.notification_log)
    done = 0

    def timed(n: int, clock: Clock) -> float:
        nonlocal done
        start = clock()
        follower.pull_and_process(shop.name, stop=done + n)
        done += n
        return clock() - start

    return Contestant(
        f"{NAME}, a Follower",
        timed,
        at_once=stage.sizes.followed,
        durability=lambda: durability(follower, NORMAL),
    )


class PlacingShop(Shop):
    """The command as a method of the application, which is where the package's docs have it."""

    def place_order(self, order_id: str) -> None:
        order: Order = self.repository.get(Order.create_id(order_id))
        order.place()
        products = []
        for sku in sorted(order.lines):
            product: Product = self.repository.get(Product.create_id(sku))
            product.reserve(order_id, order.lines[sku]["quantity"])
            products.append(product)
        self.save(order, *products)


def place(stage: Stage) -> Contestant:
    shop = open_shop(stage, NORMAL, PlacingShop)
    for n in range(PRODUCTS):
        shop.save(Product(f"p-{n:03}", f"Blue Teapot {n}", PRICE_CENTS, STOCK))
    numbers = count(1)

    def draft(number: int) -> str:
        order = Order(f"o-{number:07}", "u-1")
        for sku in skus(number):
            order.add_item(sku, "Blue Teapot", 1, PRICE_CENTS)
        shop.save(order)
        return order.order_id

    def timed(n: int, clock: Clock) -> float:
        drafts = [draft(number) for number in islice(numbers, n)]
        start = clock()
        for order_id in drafts:
            shop.place_order(order_id)
        return clock() - start

    return Contestant(
        f"{NAME}, SQLite",
        timed,
        at_once=stage.sizes.commands,
        durability=lambda: durability(shop, NORMAL),
    )
