"""The shop of rungs 3 and 4: log -> relay -> bus -> projections -> documents."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .domain.errors import ShopError, StoreUnavailable
from .domain.fields import number
from .event_bus.background import BackgroundDelivery
from .event_bus.relay import Relay
from .read_model.checkpoints import Projection, error_at
from .read_model.dead_letters import DeadLetter, dead_letters
from .read_model.documents import Document, SqlDocuments
from .read_model.projecting import Progress, Projecting
from .shop import Shop
from .write_model.snapshot_keeper import SnapshotKeeper


@dataclass(eq=False, repr=False, kw_only=True)
class EventfulShop(Shop):
    """A shop whose queries are answered from documents that events keep up to date.

    Once it is closed, its stores refuse whatever would touch them.
    """

    relay: Relay
    projecting: Projecting
    open_empty_copy: Callable[[], Shop]  # the same shop in memory, without a past
    background: BackgroundDelivery | None = None

    def __post_init__(self) -> None:
        if any(state.staleness < 0 for state in self.projections.values()):
            raise StoreUnavailable("read: the documents know events that the log does not have")
        if self.options.delivery == "background":
            last, deliver = self.relay.log.position, self._deliver_until
            self.background = BackgroundDelivery(last, deliver, self.options.lag, self.options.poll)

    def send(self, command: Any, *arguments: Any, **options: Any) -> None:
        super().send(command, *arguments, **options)
        if self.background:
            self.background.wake()
        elif self.options.delivery == "immediate":
            with suppress(ShopError):  # the command is done; its events wait in the log
                self.relay.run(self.projecting.checkpoints())

    def deliver(self, n: int | None = None, only: str | None = None) -> int:
        super().deliver(n, only)
        self.hops.announce("call", "client", "client", ("deliver", n, only))
        checkpoints = self.projecting.checkpoints()
        if only is not None:
            checkpoints = {self.projecting.known(only): checkpoints[only]}
        return self.relay.run(checkpoints, n)

    def _deliver_until(self, position: int) -> int:
        """Deliver the next of the events up to a position, so few that one can stop in between."""
        behind = {n: c for n, c in self.projecting.checkpoints().items() if c < position}
        return self.relay.run(behind, min(100, position - max(behind.values(), default=position)))

    @property
    def projections(self) -> dict[str, Projection]:
        errors = self.projecting.errors
        trouble = self.background.error if self.background else None
        checkpoints = self.projecting.checkpoints()
        last = self.position  # read last, so that staleness is never negative
        return {
            name: Projection(c, last - c, error_at(c, errors.get(name)) or trouble)
            for name, c in checkpoints.items()
        }

    def rebuild(self, name: str, progress: Progress | None = None) -> None:
        self._check_open()
        self.hops.announce("call", "client", "client", ("rebuild", name))
        self.projecting.rebuild(self.projecting.known(name), progress)

    def dead_letters(self) -> list[DeadLetter]:
        with self.projecting.store.reading() as connection:
            return dead_letters(connection)

    def retry(self, name: str) -> int:
        self._check_open()
        self.hops.announce("call", "client", "client", ("retry", name))
        return self.projecting.retry(self.projecting.known(name))

    def at(self, position: int) -> Shop:
        number(0, self.position)("position", position)
        past = self.open_empty_copy()
        try:
            past.commands.replay(islice(self.events(), position))
            past.deliver()
        except BaseException:
            past.close()
            raise
        return past

    def documents(self) -> dict[str, list[Document]]:
        found: dict[str, list[Document]] = {}
        with self.projecting.store.reading() as connection:
            for name in self.projecting.projections:
                docs = SqlDocuments(connection, name)
                found[name] = docs.all()
                found |= {f"{name}.{kind}": docs.lookup(kind).all() for kind in docs.lookups()}
        return found

    @property
    def snapshots(self) -> SnapshotKeeper:
        self._check_open()
        if "snapshots" not in self.shown_tables:
            return super().snapshots
        return SnapshotKeeper(self.relay.log)

    def close(self) -> None:
        if self.background:
            self.background.stop()
        super().close()
