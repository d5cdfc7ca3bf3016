"""From `shop.ask` to the query handler, on tables (rungs 1, 2) or on documents (rungs 3, 4)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.errors import StillStale
from ..hops import Hops
from ..storage import Connection, Store
from ..write_model.dispatching import handler_of
from .checkpoints import error_at, read_checkpoint
from .documents import SqlDocuments
from .projecting import Projecting

QueryHandler = Callable[[Any, Any], Any]

LOOK_AGAIN_SECONDS = 0.05  # another process may deliver, and nobody here would be told


@dataclass(frozen=True)
class Answers:
    """Finds a query's handler in a dict and runs it on one state of a store.

    The handler reads the tables that commands write, always current; or, with `projecting`, the
    documents, which may be behind.
    """

    store: Store
    handlers: Mapping[type, QueryHandler]
    hops: Hops
    actor: str = "query_handler"  # its place on the map
    projecting: Projecting | None = None

    def ask(self, query: Any, after: int, timeout: float) -> Any:
        handler = handler_of(self.handlers, query)
        self.hops.announce("query", "client", self.actor, query)
        answer = self._wait_and_read(handler, query, after, time.monotonic() + timeout)
        self.hops.announce("answer", self.actor, "client", (query, answer))
        return answer

    def _wait_and_read(self, handler: QueryHandler, query: Any, after: int, until: float) -> Any:
        """Raise StillStale when the time is up, or at once if a projection it needs has stopped."""
        while True:
            try:
                return self._read(handler, query, after)
            except StillStale as stale:
                remaining = until - time.monotonic()
                stands_still = self.store.thread.is_reading()  # for another query
                if not self.projecting or stale.stopped or stands_still or remaining <= 0:
                    raise
                with self.projecting.moved:
                    self.projecting.moved.wait(min(remaining, LOOK_AGAIN_SECONDS))

    def _read(self, handler: QueryHandler, query: Any, after: int) -> Any:
        with self.store.reading() as connection:
            if self.projecting:
                return handler(query, ReadModels(connection, self.projecting, after))
            watched = self.hops.listeners
            return handler(query, AnnouncedReads(connection, self) if watched else connection)


@dataclass(frozen=True)
class ReadModels:
    """What a query handler of rungs 3 and 4 reads from: the documents of every projection.

    `after` is a position that the documents must have reached: reading from a projection that is
    behind raises StillStale, so a query waits for just those projections that serve it.
    """

    connection: Connection
    projecting: Projecting
    after: int

    def __getitem__(self, name: str) -> SqlDocuments:
        checkpoint = read_checkpoint(self.connection, self.projecting.known(name))
        if checkpoint < self.after:
            problem = f"{name!r} has seen the events up to {checkpoint}, not up to {self.after}"
            error = error_at(checkpoint, self.projecting.errors.get(name))
            raise StillStale(f"{problem}; it stopped: {error}" if error else problem, bool(error))
        hops = self.projecting.hops
        hops.announce("load", "read_store", "query_handler", name, self.connection)
        return SqlDocuments(self.connection, name)


class AnnouncedReads:
    """What a query handler of rungs 1 and 2 reads from while somebody watches: each statement that
    the connection executes is a hop."""

    def __init__(self, connection: Connection, answers: Answers) -> None:
        self.__dict__.update(connection=connection, answers=answers)

    def execute(self, sql: str, *parameters: Any) -> Any:
        a, connection = self.__dict__["answers"], self.__dict__["connection"]
        a.hops.announce("load", a.store.place, a.actor, (sql, *parameters), connection)
        return connection.execute(sql, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["connection"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["connection"], name, value)
