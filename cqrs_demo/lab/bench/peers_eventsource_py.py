"""eventsource-py: pydantic events, an aggregate and an AggregateRepository, as its README shows.

Its SQLite store works through aiosqlite, in a thread of its own, and leaves PRAGMA synchronous at
SQLite's default, FULL; here it is set to what the others have.
"""

from collections.abc import Awaitable
from itertools import count, islice
from typing import Any
from uuid import UUID, uuid5

from eventsource import (
    AggregateRepository,
    AggregateRoot,
    DomainEvent,
    ExpectedVersion,
    FeedReadOptions,
    InMemoryEventBus,
    InMemoryEventStore,
    SQLiteEventStore,
    StreamId,
    register_event,
)
from eventsource.adapters.sqlite import SQLiteSnapshotStore
from pydantic import BaseModel

from .benchmark import version_of
from .loading import events_behind, length
from .measuring import Clock, Contestant
from .sqlite_files import MEMORY, NORMAL, told
from .stage import Stage

NAME = f"eventsource-py {version_of('eventsource-py')}"
NAMESPACE = UUID("6f2a8f0e-65a6-4a3c-9d9b-2f9a3b7f1c12")


@register_event
class BenchProductAdded(DomainEvent):
    event_type: str = "BenchProductAdded"
    aggregate_type: str = "Product"
    sku: str
    name: str
    price_cents: int
    stock: int


@register_event
class BenchStockReserved(DomainEvent):
    event_type: str = "BenchStockReserved"
    aggregate_type: str = "Product"
    order_id: str
    quantity: int


class ProductState(BaseModel):
    sku: str = ""
    name: str = ""
    price_cents: int = 0
    stock: int = 0


class Product(AggregateRoot[ProductState]):
    aggregate_type = "Product"

    def _get_initial_state(self) -> ProductState:
        return ProductState()

    def _apply(self, event: DomainEvent) -> None:
        match event:
            case BenchProductAdded():
                self._state = ProductState(
                    sku=event.sku, name=event.name, price_cents=event.price_cents, stock=event.stock
                )
            case BenchStockReserved():
                state = self.known_state
                self._state = state.model_copy(update={"stock": state.stock - event.quantity})

    @property
    def known_state(self) -> ProductState:
        return self.state or self._get_initial_state()

    def add(self, sku: str, name: str, price_cents: int, stock: int) -> None:
        self.apply_event(
            BenchProductAdded(
                aggregate_id=self.aggregate_id,
                aggregate_version=self.get_next_version(),
                sku=sku,
                name=name,
                price_cents=price_cents,
                stock=stock,
            )
        )

    def reserve(self, order_id: str, quantity: int) -> None:
        if quantity > self.known_state.stock:
            raise ValueError(f"{quantity} wanted, {self.known_state.stock} in stock")
        self.apply_event(
            BenchStockReserved(
                aggregate_id=self.aggregate_id,
                aggregate_version=self.get_next_version(),
                order_id=order_id,
                quantity=quantity,
            )
        )


def open_store(stage: Stage, level: str, path: str = "") -> Any:
    if level == MEMORY:
        return InMemoryEventStore()
    store = SQLiteEventStore(path or str(stage.file("eventsource-py")))
    stage.closing.callback(lambda: stage.wait(store.close()))
    stage.wait(pragma(store, f"synchronous = {level}"))
    return store


async def pragma(store: Any, name: str) -> Any:
    """Set or read a PRAGMA of the store's one connection, which it opens when first asked."""
    connection = await store._conn()
    cursor = await connection.execute(f"PRAGMA {name}")
    row = await cursor.fetchone()
    return row[0] if row else None


def durability(stage: Stage, store: Any, level: str) -> str:
    if level == MEMORY:
        return told("memory", 0)
    journal = stage.wait(pragma(store, "journal_mode"))
    return told(journal, stage.wait(pragma(store, "synchronous")))


def _named(level: str) -> str:
    return f"{NAME}, {'in memory' if level == MEMORY else 'SQLite'}"


def repository_of(store: Any, **options: Any) -> Any:
    return AggregateRepository(
        event_store=store, aggregate_factory=Product, aggregate_type="Product", **options
    )


def append(stage: Stage, at_once: int, level: str) -> Contestant:
    """Events that an aggregate has made go into the event store alone."""
    store, numbers, product_id = open_store(stage, level), count(1), uuid5(NAMESPACE, "p-1")
    stream = StreamId(aggregate_id=product_id, category="Product")

    async def timing(n: int, clock: Clock) -> float:
        todo = [
            [
                BenchStockReserved(
                    aggregate_id=product_id, aggregate_version=v, order_id=f"o-{v:07}", quantity=1
                )
                for v in islice(numbers, at_once)
            ]
            for _ in range(n)
        ]
        start = clock()
        for events in todo:
            expected = ExpectedVersion.exact(events[0].aggregate_version - 1)
            await store.append(stream, events, expected)
        return clock() - start

    return Contestant(
        _named(level),
        lambda n, clock: stage.wait(timing(n, clock)),
        durability=lambda: durability(stage, store, level),
    )


def save(stage: Stage, at_once: int, level: str) -> Contestant:
    store = open_store(stage, level)
    repository = repository_of(store)
    product = repository.create_new(uuid5(NAMESPACE, "p-1"))
    product.add("p-1", "Blue Teapot 1", 1_995, 10**9)
    stage.wait(repository.save(product))
    number = count(1)

    def once() -> Awaitable[None]:
        for _ in range(at_once):
            product.reserve(f"o-{next(number):07}", 1)
        saving: Awaitable[None] = repository.save(product)
        return saving

    return Contestant(
        _named(level), stage.each(once), durability=lambda: durability(stage, store, level)
    )


def publish(stage: Stage) -> Contestant:
    bus = InMemoryEventBus()
    for _ in range(3):
        bus.subscribe(BenchStockReserved, Listener())
    event = BenchStockReserved(
        aggregate_id=uuid5(NAMESPACE, "p-1"), aggregate_version=1, order_id="o-1", quantity=1
    )
    return Contestant(NAME, stage.each(lambda: bus.publish([event])))


class Listener:
    async def handle(self, event: DomainEvent) -> None:
        """Does nothing."""


def load(stage: Stage, is_long: bool, has_snapshot: bool) -> Contestant:
    number = length(stage.sizes, is_long)
    path = str(stage.file("eventsource-py"))
    store = open_store(stage, NORMAL, path)
    options = {"snapshot_store": SQLiteSnapshotStore(path), "snapshot_mode": "manual"}
    repository = repository_of(store, **(options if has_snapshot else {}))
    product = repository.create_new(uuid5(NAMESPACE, "p-1"))
    product.add("p-1", "Blue Teapot 1", 1_995, 10**6)
    behind = events_behind(number) if has_snapshot else 0
    reserve(product, 1, number - behind)
    stage.wait(repository.save(product))
    if has_snapshot:
        stage.wait(repository.create_snapshot(product))
        reserve(product, number - behind, number)
        stage.wait(repository.save(product))

    def once() -> Awaitable[Any]:
        loading: Awaitable[Any] = repository.load(product.aggregate_id)
        return loading

    assert stage.wait(once()).version == number
    return Contestant(
        f"{NAME}, SQLite", stage.each(once), durability=lambda: durability(stage, store, NORMAL)
    )


def reserve(product: Product, begin: int, end: int) -> None:
    for n in range(begin, end):
        product.reserve(f"o-{n:07}", 1 + n % 3)


def scan(stage: Stage) -> Contestant:
    """Read all events of a store. They are all of one kind, which makes no difference here."""
    store, number, behind = open_store(stage, NORMAL), stage.sizes.log, 0
    product_id = uuid5(NAMESPACE, "p-1")
    stream = StreamId(aggregate_id=product_id, category="Product")
    while behind < number:
        at_once = min(1_000, number - behind)
        events = [
            BenchStockReserved(
                aggregate_id=product_id,
                aggregate_version=behind + n,
                order_id=f"o-{behind + n:07}",
                quantity=1,
            )
            for n in range(1, at_once + 1)
        ]
        stage.wait(store.append(stream, events, ExpectedVersion.exact(behind)))
        behind += at_once

    async def reading(n: int, clock: Clock) -> float:
        position, seen = None, 0
        start = clock()
        while seen < n:
            async for envelope in store.read_all(position, FeedReadOptions(limit=1_000)):
                position, seen = envelope.position, seen + 1
        return clock() - start

    return Contestant(
        f"{NAME}, SQLite",
        lambda n, clock: stage.wait(reading(n, clock)),
        at_once=number,
        durability=lambda: durability(stage, store, NORMAL),
    )
