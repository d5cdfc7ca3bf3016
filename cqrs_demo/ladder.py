"""The ladder: the same shop on four architectures.

Read the four functions one after the other. What differs from one to the next is what the rung
adds, and hardly anything else in the program knows on which rung it runs.
"""

from collections.abc import Callable
from functools import partial

from .crud.forms import CrudForms
from .crud.service import CRUD_HANDLERS, Service
from .event_bus.in_process import open_bus
from .event_bus.relay import Relay
from .eventful_shop import EventfulShop
from .options import Options, in_place_of
from .read_model.answering import Answers
from .read_model.checkpoints import CHECKPOINTS_TABLE
from .read_model.dead_letters import DEAD_LETTERS_TABLE
from .read_model.document_queries import QUERIES
from .read_model.projecting import Projecting
from .read_model.sql_queries import SQL_QUERIES
from .shop import Shop
from .storage.tables import NORMALIZED_TABLES, TABLES
from .write_model.dispatching import CommandDispatcher
from .write_model.event_log import EventLog
from .write_model.event_store import CLAIMS_TABLE, EventWork
from .write_model.handlers import HANDLERS
from .write_model.snapshots import SNAPSHOTS_TABLE
from .write_model.state_store import StateWork
from .write_model.work import Work


def crud(options: Options) -> Shop:
    """Rung 1. One model and one set of tables, read and written through forms."""
    store = options.open_write_store("crud", *NORMALIZED_TABLES)
    handlers = in_place_of(HANDLERS, CRUD_HANDLERS, options.handlers)
    queries = in_place_of(QUERIES, SQL_QUERIES, options.queries)
    commands = CommandDispatcher(store, handlers, Service, options.surroundings, "one_model")
    answers = Answers(store, queries, options.hops, "one_model")
    return Shop("crud", options, commands, answers, TABLES, CrudForms(store, options.hops))


def one_database(options: Options) -> Shop:
    """Rung 2. Commands go to handlers and aggregates; queries read the tables. This is CQRS."""
    store = options.open_write_store("one-database", *NORMALIZED_TABLES)
    queries = in_place_of(QUERIES, SQL_QUERIES, options.queries)
    commands = CommandDispatcher(store, options.handlers, StateWork, options.surroundings)
    answers = Answers(store, queries, options.hops)
    return Shop("one-database", options, commands, answers, TABLES)


def two_stores(options: Options) -> Shop:
    """Rung 3. An outbox, a bus and projections keep documents of their own for the queries."""
    store = options.open_write_store("two-stores", *NORMALIZED_TABLES, EventLog.schema("outbox"))
    outbox = EventLog(store, "outbox", place="outbox")
    work = partial(StateWork, outbox=outbox)
    shown = {**TABLES, "outbox": "position"}
    return _with_events("two-stores", options, outbox, work, shown)


def event_sourced(options: Options) -> Shop:
    """Rung 4. The tables are gone: aggregates are folded from the events they once recorded."""
    tables = (EventLog.schema("events"), CLAIMS_TABLE, SNAPSHOTS_TABLE)
    store = options.open_write_store("event-sourced", *tables)
    log = EventLog(store, "events", place="write_store")
    work = partial(EventWork, log=log, snapshot_every=options.snapshot_every)
    shown = {"events": "position", "claims": "kind, value", "snapshots": "stream"}
    return _with_events("event-sourced", options, log, work, shown)


def _with_events(
    architecture: str,
    options: Options,
    log: EventLog,
    work: Callable[..., Work],
    shown: dict[str, str],
) -> EventfulShop:
    """What rungs 3 and 4 share: log -> relay -> bus -> projections -> documents -> answers."""
    commands = CommandDispatcher(log.store, options.handlers, work, options.surroundings, log=log)
    store = options.open_read_store(architecture, CHECKPOINTS_TABLE, DEAD_LETTERS_TABLE)
    projecting = Projecting(store, log, options.projections, options.set_aside_after, options.hops)
    bus = open_bus(options.bus, projecting.receive, options.hops)
    return EventfulShop(
        architecture,
        options,
        commands,
        Answers(store, options.queries, options.hops, projecting=projecting),
        shown,
        relay=Relay(log, bus, options.hops),
        projecting=projecting,
        open_empty_copy=lambda: LADDER[architecture](options.for_the_past()),
    )


LADDER: dict[str, Callable[[Options], Shop]] = {
    "crud": crud,
    "one-database": one_database,
    "two-stores": two_stores,
    "event-sourced": event_sourced,
}
