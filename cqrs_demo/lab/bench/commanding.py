"""How much it costs to place an order, from the command to the document that shows it."""

from itertools import count, islice
from typing import Any

from ...codec import encode_event, to_text
from ...domain import commands as c
from ...domain.events import OrderLine, OrderPlaced, StockReserved
from ...eventful_shop import EventfulShop
from ...read_model.checkpoints import CHECKPOINTS_TABLE, write_checkpoint
from ...read_model.documents import create_table
from ...read_model.projections import INDEXED_FIELDS, PROJECTIONS
from ...storage.sqlite import SqliteStore
from .benchmark import COST, GAIN, Benchmark, Other, Target
from .measuring import Clock, Contestant
from .projecting import NAME, TABLE, UPSERT, read_store
from .sample import NOW
from .sqlite_files import INSERT, NORMAL, durability, durability_of_store, open_raw
from .stage import Stage

PRODUCTS = 100
STOCK = 10**6
PRICE_CENTS = 1_995
LINES = 2


def skus(number: int) -> list[str]:
    """Return what the order of this number is for: two products, in their order."""
    return sorted({f"p-{(number * 7 + n * 31) % PRODUCTS:03}" for n in range(LINES)})


def place(stage: Stage) -> Contestant:
    """`send`, and then `deliver` to the projection that shows orders."""
    shop = open_shop(stage)
    for n in range(PRODUCTS):
        shop.send(c.AddProduct(f"p-{n:03}", f"Blue Teapot {n}", PRICE_CENTS, STOCK))
    shop.send(c.CreateUser("u-1", "Ada Lovelace", "ada@example.org"))
    numbers = count(1)

    def draft(number: int) -> c.PlaceOrder:
        order_id = f"o-{number:07}"
        shop.send(c.CreateOrder(order_id, "u-1"))
        for sku in skus(number):
            shop.send(c.AddOrderItem(order_id, sku, 1))
        return c.PlaceOrder(order_id)

    def timed(n: int, clock: Clock) -> float:
        commands = [draft(number) for number in islice(numbers, n)]
        shop.deliver()
        start = clock()
        for command in commands:
            shop.send(command)
            shop.deliver()
        return clock() - start

    store = shop.relay.log.store
    assert isinstance(store, SqliteStore)
    return Contestant(
        "cqrs_demo", timed, at_once=stage.sizes.commands, durability=durability_of_store(store)
    )


def open_shop(stage: Stage) -> EventfulShop:
    from ... import open_shop  # noqa: PLC0415 - the package imports this room's neighbours

    write, read = (f"sqlite:///{stage.file(side)}" for side in ("write", "read"))
    projections = {NAME: PROJECTIONS[NAME]}
    shop = open_shop("event-sourced", write=write, read=read, projections=projections)
    stage.closing.callback(shop.close)
    assert isinstance(shop, EventfulShop)
    read_store(shop)
    return shop


def place_raw(stage: Stage) -> Contestant:
    """The statements that this takes: three streams are read, three rows and a document written,
    in two files. Nobody decides anything."""
    writing, reading = open_raw(stage, NORMAL, "write"), open_raw(stage, NORMAL, "read")
    reading.execute(CHECKPOINTS_TABLE)
    create_table(reading, NAME, INDEXED_FIELDS[NAME])
    body = '{"order_id":"o-0000001","lines":[' + ",".join(['{"sku":"p-001"}'] * 12) + "]}"
    stream = "SELECT * FROM events WHERE stream = ? ORDER BY version"
    document = f"SELECT body FROM {TABLE} WHERE kind = ? AND key = ?"
    numbers = count(1)

    def once(number: int) -> None:
        position, order_id = 3 * number, f"o-{number:07}"
        streams = [f"order-{order_id}", *(f"product-{sku}" for sku in skus(number))]
        writing.execute("BEGIN IMMEDIATE")
        for name in streams:
            writing.execute(stream, (name,)).fetchall()
        writing.executemany(INSERT, _rows(position, order_id, streams))
        writing.execute("COMMIT")
        reading.execute("BEGIN IMMEDIATE")
        reading.execute(document, ("", order_id)).fetchone()
        reading.execute(UPSERT, ("", order_id, body))
        write_checkpoint(reading, NAME, position + 2)
        reading.execute("COMMIT")

    def timed(n: int, clock: Clock) -> float:
        todo = list(islice(numbers, n))
        start = clock()
        for number in todo:
            once(number)
        return clock() - start

    return Contestant(
        "raw sqlite3", timed, at_once=stage.sizes.commands, durability=lambda: durability(writing)
    )


LINE = OrderLine("p-001", "Blue Teapot 1", 1, PRICE_CENTS)
PLACED = encode_event(OrderPlaced("o-0000001", "u-1", (LINE,) * LINES, LINES * PRICE_CENTS))
RESERVED = encode_event(StockReserved("p-001", "o-0000001", 1))
ENVELOPE = (to_text(NOW), "c-1", "c-1")


def _rows(position: int, order_id: str, streams: list[str]) -> list[tuple[Any, ...]]:
    written = [PLACED] + [RESERVED] * (len(streams) - 1)
    return [
        (position + n, stream, position, *ENVELOPE, *row)
        for n, (stream, row) in enumerate(zip(streams, written, strict=True))
    ]


WHY_GAIN = (
    "`deliver` takes nearly as long as `send`: EventfulShop.deliver and EventLog.batches read "
    "checkpoints, position and log in transactions of their own, and Projecting.receive commits "
    "once more; handing over in memory what was appended would save the reading, and be a second "
    "way beside catching up"
)

BENCHMARKS = (
    Benchmark(
        "command",
        "command",
        "PlaceOrder end to end, with its projection; the others without one",
        "command",
        place,
        place_raw,
        limit_kind=COST,
        others=(
            Other(
                "eventsourcing", "peers_eventsourcing", "place", target=Target(GAIN, 3, WHY_GAIN)
            ),
        ),
    ),
)
