"""How much it costs to load an aggregate: fetch its events, make them typed, fold them."""

from itertools import islice

from ...domain.product import Product
from ...write_model.event_store import fold
from ...write_model.snapshots import SNAPSHOTS_TABLE, load_snapshot, take_snapshot
from .benchmark import COST, GAIN, Benchmark, Other, Target
from .measuring import Contestant, each
from .sample import SKU, STREAM, product_stream
from .sqlite_files import (
    INSERT,
    NORMAL,
    durability,
    durability_of_store,
    fill,
    open_log,
    open_raw,
    rows_of,
)
from .stage import Sizes, Stage

SNAPSHOT_EVERY = 100


def length(sizes: Sizes, is_long: bool) -> int:
    return sizes.long_stream if is_long else sizes.short_stream


def events_behind(number: int) -> int:
    """Return how many events lie behind a snapshot: half of those until the next one, as on the
    average, and what does not divide evenly."""
    return number % SNAPSHOT_EVERY + SNAPSHOT_EVERY // 2 if number > SNAPSHOT_EVERY else number // 2


def load(stage: Stage, is_long: bool, has_snapshot: bool) -> Contestant:
    number = length(stage.sizes, is_long)
    log = open_log(stage, NORMAL, SNAPSHOTS_TABLE)
    if has_snapshot:
        behind = events_behind(number)
        fill(log, islice(product_stream(number), number - behind))
        with log.store.transaction() as connection:
            take_snapshot(connection, fold(Product(SKU), log, connection))
        fill(log, islice(product_stream(number), number - behind, None))
    else:
        fill(log, product_stream(number))

    def once() -> Product:
        with log.store.reading() as connection:
            return fold(load_snapshot(connection, Product, SKU), log, connection)

    assert once().version == number
    return Contestant("cqrs_demo", each(once), durability=durability_of_store(log.store))


def fetch(stage: Stage, is_long: bool, has_snapshot: bool) -> Contestant:
    """What loading needs of the rows, and nothing done with it."""
    number = length(stage.sizes, is_long)
    connection = open_raw(stage, NORMAL)
    connection.execute(SNAPSHOTS_TABLE)
    snapshot = (STREAM, number - events_behind(number), "form", '{"sku":"p-1","stock":1000000}')
    connection.execute("INSERT INTO snapshots VALUES (?, ?, ?, ?)", snapshot)
    connection.executemany(INSERT, rows_of(product_stream(number)))
    after = number - events_behind(number) if has_snapshot else 0
    one = "SELECT version, body FROM snapshots WHERE stream = ?"
    many = """SELECT version, type, form, body FROM events
        WHERE stream = ? AND version > ? ORDER BY version"""

    def once() -> None:
        if has_snapshot:
            connection.execute(one, (STREAM,)).fetchone()
        connection.execute(many, (STREAM, after)).fetchall()

    return Contestant("raw rows", each(once), durability=lambda: durability(connection))


def told(number: int, has_snapshot: bool) -> str:
    snapshot = f", a snapshot {events_behind(number)} events ago" if has_snapshot else ""
    return f"an aggregate of {number:,} events{snapshot}"


def benchmark(is_long: bool, has_snapshot: bool, gain: Target | None = None) -> Benchmark:
    number = Sizes().long_stream if is_long else Sizes().short_stream
    arguments = (is_long, has_snapshot)
    return Benchmark(
        f"load-{number}" + ("-snapshot" if has_snapshot else ""),
        "load",
        lambda sizes: told(length(sizes, is_long), has_snapshot),
        "aggregate",
        lambda stage: load(stage, *arguments),
        lambda stage: fetch(stage, *arguments),
        Target(COST, 3, WHY_COST) if is_long and not has_snapshot else None,
        others=(
            Other("eventsourcing", "peers_eventsourcing", "load", arguments, gain),
            Other("eventsource-py", "peers_eventsource_py", "load", arguments),
        ),
    )


WHY_COST = "EventLog.stream makes an object of every row, and Product.apply tries case after case"
WHY_GAIN = (
    "decode_event in codec.py is a third of the time: half of that finds class, form and decoder "
    "by name, for every event; one decoder for all types at once would not have to, and would need "
    "their names within the JSON"
)

BENCHMARKS = (
    benchmark(is_long=False, has_snapshot=False),
    benchmark(is_long=True, has_snapshot=False, gain=Target(GAIN, 15, WHY_GAIN)),
    benchmark(is_long=False, has_snapshot=True),
    benchmark(is_long=True, has_snapshot=True),
)
