"""The shop's face, the same on every rung: send a command, ask a query, deliver, look inside.

ladder.py decides what stands behind it; eventful_shop.py has what rungs 3 and 4 do with events.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from .codec import RecordedEvent
from .crud.forms import CrudForms
from .domain.errors import ShopClosed, ShopError, UnknownMessage
from .domain.fields import check_position, check_seconds
from .hops import Hops
from .options import Options
from .read_model.answering import Answers
from .read_model.checkpoints import Projection
from .read_model.dead_letters import DeadLetter
from .read_model.projecting import Progress
from .recording import Recording
from .storage import rows
from .write_model.dispatching import CommandDispatcher, Sending
from .write_model.snapshot_keeper import SnapshotKeeper

PATIENCE_SECONDS = 5.0  # how long `ask(after=...)` waits where events come by themselves


@dataclass(eq=False, repr=False)
class Shop:
    """A small shop on one of four architectures. Use it in a `with` block, or close it."""

    architecture: str
    options: Options
    commands: CommandDispatcher
    queries: Answers
    shown_tables: Mapping[str, str]  # of the write store: name -> key
    forms: CrudForms | None = None
    closed: bool = False

    @property
    def hops(self) -> Hops:
        """Where whoever wants to watch the messages move can listen."""
        return self.options.hops

    def send(
        self,
        command: Any,
        expected_version: int | None = None,
        *,
        command_id: str | None = None,
        correlation_id: str | None = None,
    ) -> None:
        """Have a command carried out: all of it, or none of it. Returns nothing.

        `expected_version` is the version the caller last saw of the aggregate that the command's
        first field names. A command sent again under the same `command_id` is done once.
        `correlation_id` names the conversation that it belongs to; its events carry both ids.

        Raises CommandRejected if a rule says no, ConcurrencyConflict if somebody else was faster,
        UnknownMessage if nothing handles the command.
        """
        self._check_open()
        self.queries.store.thread.check_not_reading()
        if self.options.read_only:
            raise ShopError("this shop shows the past, where nothing can be changed")
        sending = Sending(command, expected_version, command_id, correlation_id)
        self.hops.announce("call", "client", "client", ("send", sending))
        with self.hops.refusal(self.commands.actor, command):
            if type(command) in self.queries.handlers:
                raise UnknownMessage(f"{type(command).__name__} is a query: use shop.ask")
            self.commands.send(sending)

    def ask(self, query: Any, after: int | None = None, timeout: float | None = None) -> Any:
        """Answer a query. Nothing is changed.

        `after` is a position, such as `shop.position`, that the answer must reflect. The shop
        waits for it `timeout` seconds (5, or 0 if events are delivered by hand), then raises
        StillStale rather than answer with old data.
        """
        self._check_open()
        check_position("after", 0 if after is None else after)
        if timeout is None:
            timeout = 0.0 if self.options.delivery == "manual" else PATIENCE_SECONDS
        check_seconds("timeout", timeout)
        self.hops.announce("call", "client", "client", ("ask", query, after))
        with self.hops.refusal(self.queries.actor, query):
            if type(query) in self.commands.handlers:
                raise UnknownMessage(f"{type(query).__name__} is a command: use shop.send")
            return self.queries.ask(query, after or 0, timeout)

    def deliver(self, n: int | None = None, only: str | None = None) -> int:
        """Take the next `n` events of the log (all if None) to all projections, or to one, each
        from its own checkpoint. Returns how many distinct events were applied. A projection that
        fails stops and says so in `projections`; nothing is raised."""
        self._check_open()
        check_position("n", 0 if n is None else n)
        return 0

    @property
    def position(self) -> int:
        """The position of the last event that was stored; 0 where there are none."""
        self._check_open()
        return self.commands.log.position() if self.commands.log else 0

    @property
    def projections(self) -> dict[str, Projection]:
        """How far each projection has come."""
        self._check_open()
        return {}

    @property
    def staleness(self) -> int:
        """By how many events the slowest projection is behind."""
        return max((state.staleness for state in self.projections.values()), default=0)

    def rebuild(self, name: str, progress: Progress | None = None) -> None:
        """Make a projection's documents anew from all events; queries are answered meanwhile.
        `progress` is called with the number of events done and of events in all. Raises ShopError,
        and leaves the old documents, if the projection fails on an event."""
        self._refuse("has no projections")

    def dead_letters(self) -> list[DeadLetter]:
        """Return the events that projections have set aside (read_model/dead_letters.py)."""
        self._check_open()
        return []

    def retry(self, name: str) -> int:
        """Have a projection try its dead letters again; return how many it applied."""
        self._refuse("has no projections")

    def events(
        self, after: int = 0, stream: str | None = None, category: str | None = None
    ) -> Iterator[RecordedEvent[Any]]:
        """Iterate over the recorded events behind position `after`, in their order: all of
        them, those of one stream ("order-o-7") or those of one category ("order")."""
        self._check_open()
        check_position("after", after)
        log = self.commands.log
        batches = log.batches(after, stream=stream, category=category) if log else ()
        return (recorded for batch in batches for recorded in batch)

    def at(self, position: int) -> "Shop":
        """Return the shop as it stood after an event: aggregates, tables and documents together.
        It is a copy in memory, and takes no commands."""
        self._refuse("remembers no history")

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the write store as it is: table -> rows, ordered by key."""
        with self.commands.store.reading() as connection:
            return {table: rows(connection, table, key) for table, key in self.shown_tables.items()}

    def documents(self) -> dict[str, list[dict[str, Any]]]:
        """Return the read store: projection (or "projection.look-up") -> documents, by key."""
        self._check_open()
        return {}

    @property
    def crud(self) -> CrudForms:
        """The form interface, on the rung "crud" only: load a row, save a row."""
        self._check_open()
        if self.forms is None:
            self._refuse("takes commands, not forms")
        return self.forms

    @property
    def snapshots(self) -> SnapshotKeeper:
        """On the rung "event-sourced" only: drop the snapshots, or take them anew."""
        self._refuse("keeps no snapshots")

    def record(self, title: str, seed: int | None = None) -> AbstractContextManager[Recording]:
        """Record what happens in a `with` block, hop by hop; `seed` is kept with the recording."""
        from .recorder import record  # noqa: PLC0415 - who records nothing need not load it

        self._check_open()
        return record(self, title, seed)

    def close(self) -> None:
        """Let go of the stores. Closing twice is harmless; anything else raises ShopClosed."""
        self.closed = True
        self.options.close_stores()

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self.closed else ", ".join(s.name for s in self.options.stores)
        return f"<shop {self.architecture!r}: {state}>"

    def _check_open(self) -> None:
        if self.closed:
            raise ShopClosed("this shop was closed; open a new one")

    def _refuse(self, why: str) -> NoReturn:
        self._check_open()
        raise ShopError(f"the rung {self.architecture!r} {why}")
