"""From `shop.send` to the handler: one command, one handler, one transaction."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..domain.errors import ConcurrencyConflict, InvalidMessage, UnknownId, UnknownMessage
from ..hops import Hops
from ..storage import Store
from .event_log import EventLog
from .handlers import Handler
from .payments import CommandPayments, Payments


@dataclass(frozen=True)
class Surroundings:
    """What lies outside a shop: the money, the time (an aware datetime), and whoever watches."""

    payments: Payments
    clock: Callable[[], datetime]
    hops: Hops


@dataclass(frozen=True)
class CommandDispatcher:
    """Finds a command's handler in a dict and runs it in a transaction.

    `open_work` makes what the handlers of this rung work with; `actor` is the place on the map
    where commands arrive.
    """

    store: Store
    handlers: Mapping[type, Handler]
    open_work: Callable[..., Any]
    surroundings: Surroundings
    actor: str = "command_handler"
    log: EventLog | None = None

    def send(self, command: Any, expected_version: int | None) -> None:
        handler = self.handlers.get(type(command))
        if handler is None:
            raise UnknownMessage(f"nothing on this shop handles {type(command).__name__}")
        hops = self.surroundings.hops
        hops.announce("command", "client", self.actor, command)
        try:
            self._carry_out(handler, command, expected_version)
        except Exception as error:
            hops.announce("reject", self.actor, "client", (command, error))
            raise
        hops.announce("accept", self.actor, "client", command)

    def _carry_out(self, handler: Handler, command: Any, expected_version: int | None) -> None:
        at = self._now()
        hops = self.surroundings.hops
        payments = CommandPayments(self.surroundings.payments, self.actor, hops)
        try:
            with self.store.transaction() as connection:
                last = self.log.last_position(connection) if self.log else 0
                command_id = f"c-{last + 1}"  # no two commands begin at the same position
                work = self.open_work(connection, at, command_id, payments, hops)
                if expected_version is not None:
                    _check_version(work, command, expected_version)
                handler(command, work)
        except BaseException:
            payments.after_rollback()
            raise
        payments.after_commit()

    def _now(self) -> datetime:
        now = self.surroundings.clock()
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise InvalidMessage("clock", "must return a datetime that knows its time zone")
        return now.astimezone(UTC)


def _check_version(work: Any, command: Any, expected: int) -> None:
    """Compare with the aggregate that the command's first field names."""
    field = dataclasses.fields(command)[0].name
    key = getattr(command, field)
    version = work.version(field, key)
    if version == 0 != expected:
        raise UnknownId(f"there is no {key!r} yet, so it cannot be at version {expected}")
    if version != expected:
        raise ConcurrencyConflict(f"{key!r} is at version {version}, expected was {expected}")
