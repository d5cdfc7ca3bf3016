"""The shop's face: send a command, ask a query, deliver events, look inside.

It is the same on every rung of the ladder; ladder.py decides what stands behind it.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, Self

from .codec import RecordedEvent
from .crud.forms import CrudForms
from .domain.errors import ShopClosed, ShopError, StoreUnavailable, UnknownMessage
from .domain.fields import check_position, check_seconds
from .event_bus.relay import Relay
from .options import Options
from .read_model.answering import Answers
from .read_model.projecting import Progress, Projecting
from .storage import rows
from .write_model.dispatching import CommandDispatcher
from .write_model.event_log import EventLog

PATIENCE_SECONDS = 5.0  # how long `ask(after=...)` waits where events come by themselves


class Projection(NamedTuple):
    """How far one projection has come, in positions; `error` says why it stopped, or is None."""

    checkpoint: int
    staleness: int
    error: str | None


class EventSide(NamedTuple):
    """What rungs 3 and 4 have between commands and queries."""

    log: EventLog
    relay: Relay
    projecting: Projecting


class Shop:
    """A small shop on one of four architectures. Use it in a `with` block, or close it.

    Whoever wants to watch the messages move can listen to `hops`.
    """

    def __init__(
        self,
        architecture: str,
        options: Options,
        commands: CommandDispatcher,
        queries: Answers,
        tables: Mapping[str, str],
        events: EventSide | None = None,
        crud: CrudForms | None = None,
    ) -> None:
        self.architecture = architecture
        self.hops = options.hops
        self._options = options
        self._commands = commands
        self._queries = queries
        self._tables = tables
        self._events = events
        self._crud = crud
        self._closed = False

    def send(self, command: Any, expected_version: int | None = None) -> None:
        """Have a command carried out: all of it, or none of it. Returns nothing.

        `expected_version` is the version the caller last saw of the aggregate that the command's
        first field names. Raises CommandRejected if a rule says no, ConcurrencyConflict if
        somebody else was faster, UnknownMessage if nothing handles the command.
        """
        self._check_open()
        check_position("expected_version", 0 if expected_version is None else expected_version)
        if type(command) in self._queries.handlers:
            raise UnknownMessage(f"{type(command).__name__} is a query: use shop.ask")
        self._commands.send(command, expected_version)
        if self._options.delivery == "immediate":
            with suppress(StoreUnavailable):  # the command is done; its events wait in the log
                self.deliver()

    def ask(self, query: Any, after: int | None = None, timeout: float | None = None) -> Any:
        """Answer a query. Nothing is changed.

        `after` is a position, such as `shop.position`, that the answer must reflect. The shop
        waits for it `timeout` seconds (5, or 0 if events are delivered by hand), then raises
        StillStale rather than answer with old data.
        """
        self._check_open()
        check_position("after", 0 if after is None else after)
        if timeout is None:
            timeout = 0.0 if self._options.delivery == "manual" else PATIENCE_SECONDS
        check_seconds("timeout", timeout)
        if type(query) in self._commands.handlers:
            raise UnknownMessage(f"{type(query).__name__} is a command: use shop.send")
        return self._queries.ask(query, after or 0, timeout)

    def deliver(self, n: int | None = None, only: str | None = None) -> int:
        """Take the next `n` events of the log (all if None) to all projections, or to one.

        Each projection goes on from its own checkpoint. Returns how many distinct events were
        applied. A projection that fails stops and says so in `projections`; nothing is raised.
        """
        self._check_open()
        check_position("n", 0 if n is None else n)
        if self._events is None:
            return 0
        checkpoints = self._events.projecting.checkpoints()
        if only is not None:
            self._check_projection(only)
            checkpoints = {only: checkpoints[only]}
        return self._events.relay.run(checkpoints, n)

    @property
    def position(self) -> int:
        """The position of the last event that was stored; 0 where no events are."""
        self._check_open()
        return self._events.log.position() if self._events else 0

    @property
    def staleness(self) -> int:
        """By how many events the slowest projection is behind."""
        return max((state.staleness for state in self.projections.values()), default=0)

    @property
    def projections(self) -> dict[str, Projection]:
        """How far each projection has come."""
        self._check_open()
        if self._events is None:
            return {}
        errors = self._events.projecting.errors
        checkpoints = self._events.projecting.checkpoints()
        last = self._events.log.position()  # read last, so that staleness is never negative
        return {name: Projection(c, last - c, errors.get(name)) for name, c in checkpoints.items()}

    def rebuild(self, name: str, progress: Progress | None = None) -> None:
        """Make a projection's documents anew from all events; queries are answered meanwhile.

        `progress`, if given, is called with the number of events done and of events in all.
        Raises ShopError, and leaves the old documents, if the projection fails on an event.
        """
        self._check_open()
        self._check_projection(name)
        if self._events:
            self._events.projecting.rebuild(name, progress)

    def events(self, after: int = 0) -> Iterator[RecordedEvent[Any]]:
        """Iterate over the recorded events behind position `after`, in their order."""
        self._check_open()
        check_position("after", after)
        batches = self._events.log.batches(after) if self._events else iter(())
        return (recorded for batch in batches for recorded in batch)

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the write store as it is: table -> rows, ordered by key."""
        self._check_open()
        with self._commands.store.reading() as connection:
            return {table: rows(connection, table, key) for table, key in self._tables.items()}

    def documents(self) -> dict[str, list[dict[str, Any]]]:
        """Return the read store as it is: projection -> documents, ordered by key.

        What a projection remembers without showing it stands under "projection.look-up".
        """
        self._check_open()
        return self._events.projecting.documents() if self._events else {}

    @property
    def crud(self) -> CrudForms:
        """The form interface, on the rung "crud" only: load a row, save a row."""
        self._check_open()
        if self._crud is None:
            raise ShopError(f"the rung {self.architecture!r} takes commands, not forms")
        return self._crud

    def close(self) -> None:
        """Let go of the stores. Closing twice is harmless; anything else raises ShopClosed."""
        self._closed = True
        self._options.close_stores()

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else ", ".join(s.name for s in self._options.stores)
        return f"<shop {self.architecture!r}: {state}>"

    def _check_open(self) -> None:
        if self._closed:
            raise ShopClosed("this shop was closed; open a new one")

    def _check_projection(self, name: str) -> None:
        if name not in self.projections:
            known = ", ".join(self.projections)
            raise ShopError(f"there is no projection {name!r}; there are {known or 'none here'}")
