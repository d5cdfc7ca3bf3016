"""How much it costs to append typed events, with a version check and positions without holes."""

from itertools import count, repeat

from ...codec import encode_event, to_text
from ...domain.events import Event, StockReserved
from ...domain.product import Product
from ...hops import Hops
from ...write_model.event_store import EventWork
from ...write_model.payments import CommandPayments, DemoPayments
from ...write_model.work import Transaction
from .benchmark import GAIN, SHARE, Benchmark, Other, Target
from .measuring import Clock, Contestant, each
from .sample import NOW, SKU, STREAM
from .sqlite_files import (
    FULL,
    INSERT,
    MEMORY,
    NORMAL,
    durability,
    durability_of_store,
    open_log,
    open_raw,
)
from .stage import Stage

PAYMENTS = CommandPayments(DemoPayments(), "command_handler", Hops())
MANY = 100


def append(stage: Stage, at_once: int, level: str) -> Contestant:
    """Typed events, which somebody has made, go into the log."""
    log, numbers = open_log(stage, level), count(1)
    version = 0

    def timed(n: int, clock: Clock) -> float:
        nonlocal version
        todo = [
            [StockReserved(SKU, f"o-{next(numbers):07}", 1) for _ in range(at_once)]
            for _ in range(n)
        ]
        start = clock()
        for events in todo:
            with log.store.transaction() as connection:
                work = Transaction(connection, NOW, "c-1", "c-1", PAYMENTS, PAYMENTS.hops)
                log.append(work, STREAM, version, events)
            version += at_once
        return clock() - start

    return Contestant("cqrs_demo", timed, durability=durability_of_store(log.store))


def save(stage: Stage, at_once: int, level: str) -> Contestant:
    """A product decides; what it decided is applied and stored: what a command handler does."""
    log, numbers, product = open_log(stage, level), count(1), Product(SKU)

    def saved(events: list[Event]) -> None:
        with log.store.transaction() as connection:
            context = (connection, NOW, "c-1", "c-1", PAYMENTS, PAYMENTS.hops)
            EventWork(*context, log, snapshot_every=0).save(product, events)

    def once() -> None:
        decided = (product.reserve(f"o-{next(numbers):07}", 1) for _ in range(at_once))
        saved([event for events in decided for event in events])

    saved(product.add("Blue Teapot 1", 1_995, 10**9))
    return Contestant("cqrs_demo", each(once), durability=durability_of_store(log.store))


def append_raw(stage: Stage, at_once: int, level: str) -> Contestant:
    """The same rows, ready-made but for their two numbers. Nothing is checked."""
    connection = open_raw(stage, level)
    row = (to_text(NOW), "c-1", "c-1", *encode_event(StockReserved(SKU, "o-0000001", 1)))
    numbers = count(1)

    def one() -> None:
        n = next(numbers)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(INSERT, (n, STREAM, n, *row))
        connection.execute("COMMIT")

    def many() -> None:
        rows = [(n, STREAM, n, *row) for n in (next(numbers) for _ in repeat(None, at_once))]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, rows)
        connection.execute("COMMIT")

    timed = each(one if at_once == 1 else many)
    return Contestant("raw sqlite3", timed, durability=lambda: durability(connection))


def benchmark(
    group: str, at_once: int, level: str, limit: Target | None = None, gain: Target | None = None
) -> Benchmark:
    us, what = {
        "append": (append, "typed, checked, stored"),
        "save": (save, "decided by an aggregate, applied, typed, checked, stored"),
    }[group]
    suffix = {NORMAL: "", FULL: "-full", MEMORY: "-memory"}[level]
    events = "an event" if at_once == 1 else f"{at_once} events"
    where = "in memory" if level == MEMORY else f"synchronous={level}"
    return Benchmark(
        f"{group}-{at_once}{suffix}",
        group,
        f"{events} in a transaction, {where}: {what}",
        "transaction",
        lambda stage: us(stage, at_once, level),
        lambda stage: append_raw(stage, at_once, level),
        limit,
        limit_kind=SHARE,
        others=(
            Other("eventsourcing", "peers_eventsourcing", group, (at_once, level), gain),
            Other("eventsource-py", "peers_eventsource_py", group, (at_once, level)),
        ),
    )


WHY_SHARE_ONE = (
    "what SqliteStore.transaction does around BEGIN and COMMIT costs most (threads, errors, "
    "ports), then the one SELECT of EventLog.append (no hole, no lost update), then encode_event "
    "reading back what it wrote; a log for one thread that trusts its caller would need none of it"
)
WHY_SHARE_MANY = (
    "encode_event in codec.py decodes what it wrote and compares, so that nothing unreadable gets "
    "into a log; without that look it would reach about 75%"
)
WHY_GAIN = "most of the time is SQLite's own, which both pay"

BENCHMARKS = (
    benchmark("append", 1, NORMAL, Target(SHARE, 0.7, WHY_SHARE_ONE), Target(GAIN, 3.5, WHY_GAIN)),
    benchmark(
        "append", MANY, NORMAL, Target(SHARE, 0.6, WHY_SHARE_MANY), Target(GAIN, 5, WHY_GAIN)
    ),
    benchmark("append", 1, FULL),
    benchmark("append", MANY, FULL),
    benchmark("append", 1, MEMORY),
    benchmark("append", MANY, MEMORY),
    benchmark("save", 1, NORMAL, gain=Target(GAIN, 3.5, WHY_GAIN)),
    benchmark("save", MANY, NORMAL, gain=Target(GAIN, 5, WHY_GAIN)),
)
