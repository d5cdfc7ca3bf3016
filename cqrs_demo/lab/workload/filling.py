"""Fills the stores of rungs with a workload, in bulk.

The commands are really carried out, by the shop's own handlers, aggregates and projections. What
is saved is the store: aggregates are kept in a dict and documents in memory, until all is known
and is written at once. So a million orders take minutes instead of hours, and the rows, events and
documents are the same as if each command had been sent.
"""

import gc
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...codec import RecordedEvent, encode_event, to_text
from ...domain.order import Order
from ...domain.product import Product
from ...domain.user import User
from ...read_model.checkpoints import write_checkpoint
from ...read_model.documents import FoldedDocuments, create_table, table_of
from ...read_model.projections import INDEXED_FIELDS, PROJECTIONS, Project
from . import Workload
from .ledger import Ledger, Progress, carry_out

WRITE, READ = "write.db", "read.db"  # the files of a filled rung
LOGS = {"two-stores": "outbox", "event-sourced": "events"}
EVENTS_AT_ONCE = 5_000

Projections = Mapping[str, Mapping[type, Project]]


def fill(
    workload: Workload,
    folders: Mapping[str, Path],
    projections: Projections = PROJECTIONS,
    progress: Progress | None = None,
) -> None:
    """Fill rungs (rung -> an empty folder, which gets their files), all in one go.

    Raises StoreUnavailable or sqlite3.Error if the files cannot be written.
    """
    for rung, folder in folders.items():
        make_empty(rung, folder, projections)
    logged = {rung: folder for rung, folder in folders.items() if rung in LOGS}
    docs = {name: FoldedDocuments() for name in projections if logged}
    with _without_collector(), _open_files(folders) as files:
        ledger = Ledger()
        for events in _batches(carry_out(workload, ledger, progress)):
            rows = [_row(recorded) for recorded in events] if logged else []
            for rung in logged:
                marks = "?, ?, ?, ?, ?, ?, ?, ?, ?"
                files[rung, WRITE].executemany(f"INSERT INTO {LOGS[rung]} VALUES ({marks})", rows)
            for name, folded in docs.items():
                _apply(projections[name], folded, events)
        for rung in folders:
            _write_state(rung, files[rung, WRITE], ledger)
        for rung in logged:
            _write_documents(files[rung, READ], docs, ledger.position)


def make_empty(rung: str, folder: Path, projections: Projections) -> None:
    """Make the files of a rung, with tables and nothing in them."""
    from ... import open_shop  # noqa: PLC0415 - the package imports this room's neighbours

    urls: dict[str, Any] = {"write": f"sqlite:///{folder / WRITE}"}
    if rung in LOGS:
        urls["read"] = f"sqlite:///{folder / READ}"
    open_shop(rung, **urls, projections=projections).close()


def _apply(
    projection: Mapping[type, Project], docs: FoldedDocuments, events: list[RecordedEvent[Any]]
) -> None:
    for recorded in events:
        project = projection.get(type(recorded.event))
        if project:
            project(docs, recorded)


def _batches(events: Iterator[RecordedEvent[Any]]) -> Iterator[list[RecordedEvent[Any]]]:
    batch = []
    for recorded in events:
        batch.append(recorded)
        if len(batch) == EVENTS_AT_ONCE:
            yield batch
            batch = []
    yield batch


def _row(recorded: RecordedEvent[Any]) -> tuple[Any, ...]:
    position, stream, version, at, event, command_id, correlation_id = recorded
    written = encode_event(event)
    return position, stream, version, to_text(at), command_id, correlation_id, *written


def _write_state(rung: str, connection: sqlite3.Connection, ledger: Ledger) -> None:
    users, products, orders = (ledger.aggregates[kind] for kind in (User, Product, Order))
    if rung == "event-sourced":
        claims = (("email", user.email.casefold(), key) for key, user in sorted(users.items()))
        _insert(connection, "claims", 3, claims)
        _insert(connection, "snapshots", 4, ledger.snapshots.values())
        return
    by_key: Any = sorted(users.items())
    _insert(
        connection,
        "users",
        5,
        ((key, u.name, u.email, u.email.casefold(), u.version) for key, u in by_key),
    )
    by_key = sorted(products.items())
    rows = ((key, p.name, p.price_cents, p.stock, p.version) for key, p in by_key)
    _insert(connection, "products", 5, rows)
    by_key = sorted(orders.items())
    _insert(connection, "orders", 8, (_order_row(o, ledger.times[key]) for key, o in by_key))
    _insert(connection, "order_lines", 5, (row for _, o in by_key for row in _line_rows(o)))


def _order_row(order: Order, times: Mapping[str, str]) -> tuple[Any, ...]:
    kept = (order.order_id, order.user_id, order.status)
    told = (order.shipping_address, order.cancel_reason)
    return *kept, *told, times["created_at"], times.get("placed_at"), order.version


def _line_rows(order: Order) -> Iterator[tuple[Any, ...]]:
    for n, line in enumerate(order.lines.values(), start=1):
        yield order.order_id, line.sku, n, line.quantity, line.unit_price_cents


def _insert(connection: sqlite3.Connection, table: str, columns: int, rows: Any) -> None:
    marks = ", ".join("?" * columns)
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _write_documents(
    connection: sqlite3.Connection, docs: Mapping[str, FoldedDocuments], position: int
) -> None:
    for name, folded in docs.items():
        connection.execute(f"DROP TABLE {table_of(name)}")
        create_table(connection, name, INDEXED_FIELDS.get(name, ()), folded.rows())
        write_checkpoint(connection, name, position)


@contextmanager
def _open_files(folders: Mapping[str, Path]) -> Iterator[dict[tuple[str, str], sqlite3.Connection]]:
    """Open the files for one large transaction each, without a journal: what is interrupted is
    thrown away."""
    files: dict[tuple[str, str], sqlite3.Connection] = {}
    try:
        for rung, folder in folders.items():
            for name in (WRITE, READ) if rung in LOGS else (WRITE,):
                connection = sqlite3.connect(folder / name, isolation_level=None)
                files[rung, name] = connection
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute("PRAGMA cache_size = -200000")  # kB
                connection.execute("BEGIN")
        yield files
        for connection in files.values():
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
    finally:
        for connection in files.values():
            connection.close()


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of live objects are walked again and again otherwise, and nothing is found."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
