"""How much it costs to keep documents up to date, and to make them anew from the whole log.

The projection is "orders", which has most to do: seven events of ten concern it, and each reads a
document, changes it and writes it back.
"""

import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ...eventful_shop import EventfulShop
from ...read_model.checkpoints import CHECKPOINTS_TABLE, write_checkpoint
from ...read_model.documents import SqlDocuments, create_table, table_of
from ...read_model.projections import INDEXED_FIELDS, PROJECTIONS
from ...storage.sqlite import SqliteStore
from .benchmark import COST, GAIN, PLAIN, SHARE, Benchmark, Other, Plain, Target
from .measuring import Clock, Contestant
from .sample import shop_events
from .sqlite_files import (
    INSERT,
    NORMAL,
    durability,
    durability_of_store,
    fill,
    open_raw,
    rows_of,
    set_level,
)
from .stage import Sizes, Stage

NAME = "orders"
TABLE = table_of(NAME)
AT_ONCE = 1_000
SELECT = "SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?"
UPSERT = f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?, ?)"
Number = Callable[[Sizes], int]


def open_shop_with_log(stage: Stage, number: int) -> EventfulShop:
    from ... import open_shop  # noqa: PLC0415 - the package imports this room's neighbours

    write, read = (f"sqlite:///{stage.file(side)}" for side in ("write", "read"))
    projections = {NAME: PROJECTIONS[NAME]}
    shop = open_shop("event-sourced", write=write, read=read, projections=projections)
    stage.closing.callback(shop.close)
    assert isinstance(shop, EventfulShop)
    fill(shop.relay.log, shop_events(number))
    return shop


def read_store(shop: EventfulShop) -> SqliteStore:
    assert isinstance(shop.projecting.store, SqliteStore)
    set_level(shop.projecting.store, NORMAL)
    return shop.projecting.store


def deliver(stage: Stage, is_batch: bool) -> Contestant:
    shop = open_shop_with_log(stage, stage.sizes.log)
    reading = durability_of_store(read_store(shop))

    def timed(n: int, clock: Clock) -> float:
        steps = [n] if is_batch else [1] * n
        start = clock()
        for step in steps:
            shop.deliver(step)
        return clock() - start

    return Contestant("cqrs_demo", timed, at_once=stage.sizes.followed, durability=reading)


def deliver_raw(stage: Stage, is_batch: bool) -> Contestant:
    """The rows are read, and the documents that come of them, known beforehand, are written."""
    connection = open_raw(stage, NORMAL)
    connection.executemany(INSERT, rows_of(shop_events(stage.sizes.log)))
    connection.execute(CHECKPOINTS_TABLE)
    create_table(connection, NAME, INDEXED_FIELDS[NAME])
    changes = changes_by_position(stage)
    done = 0

    def timed(n: int, clock: Clock) -> float:
        nonlocal done
        step = min(n, AT_ONCE) if is_batch else 1
        start = clock()
        for after in range(done, done + n, step):
            rows = connection.execute(SELECT, (after, step)).fetchall()
            connection.execute("BEGIN IMMEDIATE")
            for row in rows:
                connection.executemany(UPSERT, changes[row[0]])
            write_checkpoint(connection, NAME, after + step)
            connection.execute("COMMIT")
        done += n
        return clock() - start

    return Contestant(
        "raw sqlite3",
        timed,
        at_once=stage.sizes.followed,
        durability=lambda: durability(connection),
    )


def changes_by_position(stage: Stage) -> dict[int, list[tuple[str, str, str]]]:
    """Return the rows that the projection writes at each event of the log."""
    connection = sqlite3.connect(":memory:")
    stage.closing.callback(connection.close)
    create_table(connection, NAME, ())
    changed: list[tuple[str, str]] = []
    docs = SqlDocuments(connection, NAME, changed=lambda kind, key: changed.append((kind, key)))
    changes = {}
    select = f"SELECT kind, key, body FROM {TABLE} WHERE kind = ? AND key = ?"
    for recorded in shop_events(stage.sizes.log):
        project = PROJECTIONS[NAME].get(type(recorded.event))
        if project:
            project(docs, recorded)
        changes[recorded.position] = [connection.execute(select, c).fetchone() for c in changed]
        changed.clear()
    return changes


def rebuild(stage: Stage, number: Number) -> Contestant:
    shop = open_shop_with_log(stage, number(stage.sizes))
    reading = durability_of_store(read_store(shop))

    def timed(n: int, clock: Clock) -> float:
        start = clock()
        shop.rebuild(NAME)
        return clock() - start

    return Contestant("cqrs_demo", timed, at_once=number(stage.sizes), durability=reading)


def scan_and_write(stage: Stage, number: Number, is_typed: bool) -> Contestant:
    """The log is read, and the documents that come of it, known beforehand, are written at once."""
    shop = open_shop_with_log(stage, number(stage.sizes))
    shop.rebuild(NAME)
    store = read_store(shop)
    with store.reading() as connection:
        rows = connection.execute(f"SELECT kind, key, body FROM {TABLE}").fetchall()
    raw = sqlite3.connect(stage.folder / "none.db")
    stage.closing.callback(raw.close)

    def typed_rows() -> Iterator[Any]:
        return shop.relay.log.batches(after=0)

    def raw_rows() -> Iterator[Any]:
        with shop.relay.log.store.reading() as connection:
            for after in range(0, number(stage.sizes), AT_ONCE):
                yield connection.execute(SELECT, (after, AT_ONCE)).fetchall()

    def timed(n: int, clock: Clock) -> float:
        start = clock()
        for batch in typed_rows() if is_typed else raw_rows():
            for _ in batch:
                pass
        with store.transaction() as connection:
            connection.execute(f"DROP TABLE {TABLE}")
            create_table(connection, NAME, INDEXED_FIELDS[NAME], rows)
        return clock() - start

    name = "typed scan + bulk write" if is_typed else "raw rows + bulk write"
    return Contestant(
        name, timed, at_once=number(stage.sizes), durability=durability_of_store(store)
    )


def memory_of_a_document(stage: Stage) -> float:
    """Return the kB that a rebuild takes at its peak for each document that it makes."""
    shop = open_shop_with_log(stage, stage.sizes.log)
    tracemalloc.start()
    try:
        shop.rebuild(NAME)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    with read_store(shop).reading() as connection:
        (documents,) = connection.execute(f"SELECT COUNT(*) FROM {TABLE}").fetchone()
    return float(peak / documents / 1_000)


WHY_REBUILD = (
    "FoldedDocuments in read_model/documents.py keeps bodies as JSON text, so that a rebuild does "
    "what live delivery does: every event decodes and encodes a document; with dicts it would take "
    "a quarter less time, and twice the memory"
)
WHY_MEMORY = "FoldedDocuments keeps a body, a key and an entry of a dict for each document"
WHY_FOLLOWER = "see above: a document is decoded and encoded for every event"


def of_rebuild(name: str, number: Number, is_typed: bool, is_large: bool = False) -> Benchmark:
    against = "" if is_typed else ", against rows that nobody reads"
    follower = Other(
        "eventsourcing", "peers_eventsourcing", "follow", target=Target(GAIN, 12, WHY_FOLLOWER)
    )
    memory = Plain(
        "memory at the peak", "kB a document", memory_of_a_document, Target(PLAIN, 1.4, WHY_MEMORY)
    )
    return Benchmark(
        name,
        "rebuild",
        lambda sizes: f"orders made anew from {number(sizes):,} events{against}",
        "event",
        partial(rebuild, number=number),
        partial(scan_and_write, number=number, is_typed=is_typed),
        Target(SHARE, 0.5, WHY_REBUILD) if is_typed else None,
        limit_kind=SHARE,
        others=(follower,) if is_typed else (),
        plain=(memory,) if is_typed and not is_large else (),
        is_slow=True,
        is_large=is_large,
        bytes_needed=lambda sizes: 50_000_000 + 1_500 * number(sizes),
    )


def of_delivery(name: str, is_batch: bool) -> Benchmark:
    def what(sizes: Sizes) -> str:
        at_once = f"{sizes.followed:,} events" if is_batch else "an event"
        return f"orders kept up to date, {at_once} at a time"

    return Benchmark(
        name,
        "project",
        what,
        "event",
        partial(deliver, is_batch=is_batch),
        partial(deliver_raw, is_batch=is_batch),
        limit_kind=COST,
        others=(Other("eventsourcing", "peers_eventsourcing", "follow"),),
    )


BENCHMARKS = (
    of_delivery("project-live", is_batch=False),
    of_delivery("project-batch", is_batch=True),
    of_rebuild("rebuild", lambda sizes: sizes.rebuild, is_typed=True),
    of_rebuild("rebuild-raw", lambda sizes: sizes.rebuild, is_typed=False),
    of_rebuild("rebuild-million", lambda sizes: sizes.full_rebuild, True, is_large=True),
)
