"""From `shop.ask` to the query handler, on tables (rungs 1, 2) or on documents (rungs 3, 4)."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..domain.errors import ShopError, StillStale, UnknownMessage
from ..hops import Hops
from ..storage import Connection, Store
from .document_queries import QueryHandler
from .projecting import Projecting
from .read_models import ReadModels

LOOK_AGAIN_SECONDS = 0.05  # another process may deliver, and nobody here would be told


class Asking(threading.local):
    """How many queries the current thread is answering: one may ask another."""

    depth = 0


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
    asking: Asking = field(default_factory=Asking)

    def ask(self, query: Any, after: int, timeout: float) -> Any:
        handler = self.handlers.get(type(query))
        if handler is None:
            raise UnknownMessage(f"nothing on this shop handles {type(query).__name__}")
        self.hops.announce("query", "client", self.actor, query)
        self.asking.depth += 1
        try:
            answer = self._wait_and_read(handler, query, after, time.monotonic() + timeout)
        except Exception as error:
            self.hops.announce("reject", self.actor, "client", (query, error))
            raise
        finally:
            self.asking.depth -= 1
        self.hops.announce("answer", self.actor, "client", (query, answer))
        return answer

    def check_no_query(self) -> None:
        """Raise ShopError if this thread is answering a query."""
        if self.asking.depth:
            raise ShopError("a query is being answered: it changes nothing, and sends no commands")

    def _wait_and_read(self, handler: QueryHandler, query: Any, after: int, until: float) -> Any:
        """Raise StillStale when the time is up, or at once if a projection it needs has stopped."""
        while True:
            try:
                return self._read(handler, query, after)
            except StillStale as stale:
                remaining = until - time.monotonic()
                if self.projecting is None or stale.stopped or remaining <= 0:
                    raise
                if self.asking.depth > 1:  # the outer query's state stands still
                    raise
                with self.projecting.moved:
                    self.projecting.moved.wait(min(remaining, LOOK_AGAIN_SECONDS))

    def _read(self, handler: QueryHandler, query: Any, after: int) -> Any:
        with self.store.reading() as connection:
            if self.projecting is None:
                return handler(query, self._announced(connection))
            names, errors = self.projecting.projections, self.projecting.errors
            return handler(query, ReadModels(connection, names, errors, after, self.hops))

    def _announced(self, connection: Connection) -> Any:
        """Return a connection that announces what is read, if anybody listens."""
        return AnnouncedReads(self, connection) if self.hops.listeners else connection


@dataclass(frozen=True)
class AnnouncedReads:
    """A connection for a query handler; each statement it executes is a hop."""

    answers: Answers
    connection: Connection

    def execute(self, sql: str, *parameters: Any) -> Any:
        a = self.answers
        a.hops.announce("load", a.store.place, a.actor, (sql, *parameters), self.connection)
        return self.connection.execute(sql, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)
