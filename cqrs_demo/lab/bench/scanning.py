"""How much it costs to read the whole log, from the first event to the last."""

from .benchmark import GAIN, SHARE, Benchmark, Other, Target
from .measuring import Clock, Contestant
from .sample import shop_events
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
from .stage import Stage

AT_ONCE = 1_000  # rows, on every side


def scan(stage: Stage) -> Contestant:
    """Every event becomes an object of its class, in its envelope."""
    log, number = open_log(stage, NORMAL), stage.sizes.log
    fill(log, shop_events(number))

    def timed(n: int, clock: Clock) -> float:
        start = clock()
        for batch in log.batches(after=0, limit=n):
            for _ in batch:
                pass
        return clock() - start

    return Contestant("cqrs_demo", timed, at_once=number, durability=durability_of_store(log.store))


def fetch(stage: Stage) -> Contestant:
    """The same rows, as tuples."""
    connection, number = open_raw(stage, NORMAL), stage.sizes.log
    connection.execute("BEGIN")
    connection.executemany(INSERT, rows_of(shop_events(number)))
    connection.execute("COMMIT")
    sql = "SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?"

    def timed(n: int, clock: Clock) -> float:
        start = clock()
        for after in range(0, n, AT_ONCE):
            for _ in connection.execute(sql, (after, AT_ONCE)).fetchall():
                pass
        return clock() - start

    return Contestant("raw rows", timed, at_once=number, durability=lambda: durability(connection))


WHY = (
    "_recorded in write_model/event_log.py: decoding is nearly half of the time, to_time a tenth, "
    "the envelope a twentieth; msgspec.Struct for events would decode faster, and take the bare "
    "dataclasses from the domain"
)

BENCHMARKS = (
    Benchmark(
        "scan",
        "scan",
        "an event is read from the log of a shop, in its order",
        "event",
        scan,
        fetch,
        Target(SHARE, 0.35, WHY),
        others=(
            Other("eventsourcing", "peers_eventsourcing", "scan", target=Target(GAIN, 5, WHY)),
            Other("eventsource-py", "peers_eventsource_py", "scan"),
        ),
    ),
)
