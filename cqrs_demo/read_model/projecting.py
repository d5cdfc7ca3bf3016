"""Runs the projections: applies events once and in order, keeps checkpoints, rebuilds.

Whatever the bus does (twice, out of order, not at all), a projection applies its checkpoint + 1
and nothing else: a lower position is a duplicate, a higher one makes it read the log.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from ..codec import RecordedEvent
from ..domain.errors import InvalidMessage, ShopError
from ..domain.events import Unreadable
from ..hops import Hops
from ..storage import Connection, Store
from ..write_model.event_log import EventLog, Events
from .checkpoints import read_checkpoint, write_checkpoint
from .dead_letters import DeadLetter, count_failure, dead_letters, forget_failures
from .documents import Docs, FoldedDocuments, SqlDocuments, create_table, table_of
from .projections import INDEXED_FIELDS, Project

Progress = Callable[[int, int], None]  # called with events done and events in all


@dataclass(eq=False)
class Projecting:
    """The projections of one shop, with their documents and checkpoints in the read store.

    `errors` names those that stopped, at which position and why; they are tried again at every
    delivery. `set_aside_after` names those that give an event up after so many attempts
    (dead_letters.py tells why that is dangerous). `moved` is notified when a checkpoint may have
    changed.
    """

    store: Store
    log: EventLog
    projections: Mapping[str, Mapping[type, Project]]
    set_aside_after: Mapping[str, int]
    hops: Hops
    errors: dict[str, tuple[int, str]] = field(default_factory=dict)
    moved: Condition = field(default_factory=Condition)

    def __post_init__(self) -> None:
        self.projections = dict(self.projections)
        with self.store.transaction() as connection:
            for name in self.projections:
                create_table(connection, name, INDEXED_FIELDS.get(name, ()))
            if len({name.lower() for name in self.projections}) < len(self.projections):
                raise InvalidMessage("projections", "two names differ only in upper and lower case")
            for name in self.set_aside_after.keys() - self.projections.keys():
                raise InvalidMessage("set_aside_after", f"there is no projection {name!r}")

    def known(self, name: str) -> str:
        """Return the name of a projection. Raises ShopError for any other."""
        if type(name) is not str or name not in self.projections:
            names = ", ".join(self.projections)
            raise ShopError(f"there is no projection {name!r}; there are {names}")
        return name

    def checkpoints(self) -> dict[str, int]:
        """Return the position of the last event that each projection has seen."""
        with self.store.reading() as connection:
            return {name: read_checkpoint(connection, name) for name in self.projections}

    def receive(self, name: str, events: Events) -> int:
        """Apply events to one projection; return its checkpoint afterwards.

        Documents and checkpoint change in one transaction. It begins by taking the write lock:
        two processes that deliver at once take turns, and the second sees the first one's
        checkpoint.
        """
        with self.store.transaction() as connection:
            checkpoint = read_checkpoint(connection, name)
            for recorded in self._without_gaps(connection, name, events, checkpoint):
                if not self._passes(connection, name, recorded):
                    break
                checkpoint = recorded.position
            write_checkpoint(connection, name, checkpoint)
        with self.moved:
            self.moved.notify_all()
        return checkpoint

    def rebuild(self, name: str, progress: Progress | None = None) -> None:
        """Forget a projection's documents and make them anew, from event 1.

        The events are folded in memory while queries are answered from the old documents. Then
        one transaction catches up, writes a new table, puts it in the old one's place and sets
        the checkpoint; a crash before its end leaves everything as it was.

        Raises ShopError, and changes nothing, if the projection cannot apply an event.
        """
        docs = FoldedDocuments()
        done = self._fold(name, docs, 0, progress)
        with self.store.transaction() as connection:
            done = self._fold(name, docs, done, progress)
            self.hops.announce("event", self.log.place, "projections", (name, done), connection)
            connection.execute(f"DROP TABLE {table_of(name)}")
            create_table(connection, name, INDEXED_FIELDS.get(name, ()), docs.rows())
            write_checkpoint(connection, name, done)
            forget_failures(connection, name)
        self.errors.pop(name, None)

    def retry(self, name: str) -> int:
        """Try again what a projection has set aside; return how many events it applied now."""
        with self.store.transaction() as connection:
            letters = [letter for letter in dead_letters(connection) if letter.projection == name]
            return sum(self._retried(connection, letter) for letter in letters)

    def _without_gaps(
        self, connection: Connection, name: str, events: Events, checkpoint: int
    ) -> Iterator[RecordedEvent[Any]]:
        for recorded in events:
            missing, told = recorded.position - checkpoint - 1, (name, checkpoint, recorded)
            if missing < 0:  # a duplicate
                self.hops.announce("event", "projections", "projections", told, connection)
                continue
            if missing > 0:
                self.hops.announce("load", self.log.place, "projections", told, connection)
                for batch in self.log.batches(after=checkpoint, limit=missing):
                    yield from batch
            yield recorded
            checkpoint = recorded.position

    def _passes(self, connection: Connection, name: str, recorded: RecordedEvent[Any]) -> bool:
        """Apply one event; return whether the projection may go on to the next."""
        error = self._try(connection, name, recorded)
        if error is None:
            if self.errors.pop(name, None):
                forget_failures(connection, name, recorded.position)
            return True
        most = self.set_aside_after.get(name)
        if count_failure(connection, name, recorded.position, error, most):
            self.errors.pop(name, None)
            return True
        self.errors[name] = (recorded.position, error)
        return False

    def _retried(self, connection: Connection, letter: DeadLetter) -> bool:
        (recorded,) = next(self.log.batches(after=letter.position - 1, limit=1))
        error = self._try(connection, letter.projection, recorded)
        if error is None:
            forget_failures(connection, letter.projection, letter.position)
            return True
        count_failure(connection, letter.projection, letter.position, error, most=1)
        return False

    def _try(self, connection: Connection, name: str, recorded: RecordedEvent[Any]) -> str | None:
        """Apply one event, all of it or nothing; return what went wrong, if anything did."""

        def changed(kind: str, key: str) -> None:
            saved = (name, recorded, kind, key)
            self.hops.announce("save", "projections", "read_store", saved, connection)

        connection.execute("SAVEPOINT before_event")
        try:
            self._apply(name, SqlDocuments(connection, name, changed=changed), recorded)
        except Exception as error:
            connection.execute("ROLLBACK TO before_event")
            fault = (name, recorded, error)
            self.hops.announce("fault", "projections", "projections", fault, connection)
            return _described(error)
        connection.execute("RELEASE before_event")
        return None

    def _apply(self, name: str, docs: Docs, recorded: RecordedEvent[Any]) -> None:
        if isinstance(recorded.event, Unreadable):
            raise ShopError(recorded.event.error)
        project = self.projections[name].get(type(recorded.event))
        if project and project(docs, recorded) is not None:
            raise ShopError("a projection is a plain def that returns nothing; it puts into docs")

    def _fold(self, name: str, docs: Docs, done: int, progress: Progress | None) -> int:
        total = self.log.position()
        for batch in self.log.batches(after=done):
            for recorded in batch:
                try:
                    self._apply(name, docs, recorded)
                except Exception as error:
                    why = f"event {recorded.position} failed with {_described(error)}"
                    raise ShopError(f"{name!r} cannot be rebuilt: {why}") from error
            done = batch[-1].position
            if progress:
                progress(done, max(done, total))
        return done


def _described(error: Exception) -> str:
    """Say what went wrong in text that a store can keep, even where the error cannot say it."""
    try:
        said = str(error)
    except Exception:  # a learner's own error may fail at this, too
        said = "it cannot say why"
    return f"{type(error).__name__}: {said}".encode(errors="backslashreplace").decode()
