"""From `shop.send` to the handler: one command, one handler, one transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..codec import RecordedEvent
from ..domain import errors as x
from ..domain.fields import Message, OptionalId, OptionalPosition
from ..hops import Hops
from ..storage import Connection, Store
from .done_commands import was_done
from .event_log import EventLog
from .handlers import Handler
from .payments import CommandPayments, Payments
from .work import NAMED_BY


@dataclass(frozen=True)
class Surroundings:
    """What lies outside a shop: the money, the time (an aware datetime), and whoever watches."""

    payments: Payments
    clock: Callable[[], datetime]
    hops: Hops


@dataclass(frozen=True)
class Sending(Message):
    """A command on its way, and what its sender says of it; Shop.send explains."""

    command: Any
    expected_version: OptionalPosition = None
    command_id: OptionalId = None
    correlation_id: OptionalId = None


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

    def send(self, sending: Sending) -> None:
        command = sending.command
        handler = handler_of(self.handlers, command)
        at, hops = self._now(), self.surroundings.hops
        hops.announce("command", "client", self.actor, (command, at))
        payments = CommandPayments(self.surroundings.payments, self.actor, hops)
        with self.store.transaction(on_rollback=payments.after_rollback) as connection:
            if not was_done(connection, sending.command_id, command):
                ids = self._ids(connection, sending)
                work = self.open_work(connection, at, *ids, payments, hops)
                check_version(work, sending)
                if handler(command, work) is not None:
                    raise x.ShopError("a handler is a plain def that returns nothing; it saves")
        hops.announce("accept", self.actor, "client", command)

    def replay(self, events: Iterable[RecordedEvent[Any]]) -> None:
        """Store again what was recorded, at the times and positions it was recorded with."""
        with self.store.transaction() as connection:
            for recorded in events:
                payments = CommandPayments(self.surroundings.payments, self.actor, Hops())
                ids = recorded.command_id, recorded.correlation_id
                self.open_work(connection, recorded.at, *ids, payments, Hops()).replay(recorded)

    def _ids(self, connection: Connection, sending: Sending) -> tuple[str, str]:
        """Return the ids of command and conversation; a command without one is named after the
        position at which it begins, since no two begin at the same."""
        last = self.log.last_position(connection) if self.log else 0
        command_id = sending.command_id or f"c-{last + 1}"
        return command_id, sending.correlation_id or command_id

    def _now(self) -> datetime:
        now = self.surroundings.clock()
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise x.InvalidMessage("clock", "must return a datetime that knows its time zone")
        try:
            return now.astimezone(UTC)
        except OverflowError:
            raise x.InvalidMessage("clock", "must return a time of the years 1 to 9999") from None


def handler_of(handlers: Mapping[type, Any], message: Any) -> Any:
    """Return the one function that handles this kind of message. Raises UnknownMessage."""
    if (handler := handlers.get(type(message))) is None:
        raise x.UnknownMessage(f"nothing on this shop handles {name_of(message)}")
    return handler


def name_of(message: Any) -> str:
    """Return what to call a message in an error."""
    if isinstance(message, type):
        return f"the class {message.__name__}; send an object, such as {message.__name__}(...)"
    return type(message).__name__


def check_version(work: Any, sending: Sending) -> None:
    """Compare with the version of the aggregate that the command's first field names."""
    expected = sending.expected_version
    if expected is None:
        return
    names = getattr(type(sending.command), "__dataclass_fields__", ())
    field = next(iter(names), None)
    if field not in NAMED_BY:
        known = " or ".join(NAMED_BY)
        raise x.InvalidMessage("expected_version", f"needs a command whose first field is {known}")
    key = getattr(sending.command, field)
    version = work.version(NAMED_BY[field], key)
    if version == 0 != expected:
        raise x.UnknownId(f"there is no {key!r} yet, so it cannot be at version {expected}")
    if version != expected:
        raise x.ConcurrencyConflict(f"{key!r} is at version {version}, expected was {expected}")
