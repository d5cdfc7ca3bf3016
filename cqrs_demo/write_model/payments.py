"""The payment gateway: somebody else's system, outside our transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from ..domain.errors import PaymentDeclined
from ..hops import Hops


class Payments(Protocol):
    """What the shop needs of a gateway. Calls for the same order may be repeated."""

    def charge(self, order_id: str, cents: int) -> None:
        """Take the money once, however often asked. Raises PaymentDeclined."""

    def refund(self, order_id: str) -> None:
        """Give back what was charged for the order; nothing if nothing was."""


class DemoPayments:
    """A gateway in memory. It declines the orders named in `declines`, or all if that is None."""

    def __init__(self, declines: Iterable[str] | None = ()) -> None:
        names = [declines] if isinstance(declines, str) else declines
        self.declines = None if names is None else set(names)
        self.charged: dict[str, int] = {}  # order id -> cents

    def charge(self, order_id: str, cents: int) -> None:
        if self.declines is None or order_id in self.declines:
            raise PaymentDeclined(f"the payment for order {order_id!r} was declined")
        self.charged.setdefault(order_id, cents)

    def refund(self, order_id: str) -> None:
        self.charged.pop(order_id, None)


@dataclass
class CommandPayments:
    """What one command asks of the gateway; undone if the command is not committed.

    Handlers call it last, so that hardly anything can fail afterwards but the commit itself. What
    stays open: a crash between call and commit leaves a charge without its order, or a refund for
    an order that still stands; so does a connection lost while committing, when nobody knows
    whether it was done. Closing that needs a record of the intention before the call, and somebody
    who follows it up (a process manager). And the call holds the write lock for as long as the
    gateway takes to answer.
    """

    gateway: Payments
    caller: str  # its place on the map
    hops: Hops
    undo: list[Callable[[], None]] = field(default_factory=list)

    def charge(self, order_id: str, cents: int) -> None:
        """Charge for an order now. Raises PaymentDeclined."""
        self.hops.announce("outside", self.caller, "payments", ("charge", order_id, cents))
        undo = partial(self.gateway.refund, order_id)
        self.undo.append(undo)  # before the call: should it break off, a refund is safe
        try:
            self.gateway.charge(order_id, cents)
        except PaymentDeclined:
            self.undo.remove(undo)
            raise

    def refund(self, order_id: str, cents: int) -> None:
        """Give the money back now."""
        self.hops.announce("outside", self.caller, "payments", ("refund", order_id, cents))
        self.gateway.refund(order_id)
        self.undo.append(partial(self.gateway.charge, order_id, cents))

    def after_rollback(self) -> None:
        """Undo what was asked. What cannot be undone must not hide why it had to be."""
        for undo in reversed(self.undo):
            try:
                undo()
            except Exception as error:
                self.hops.announce("fault", self.caller, "payments", error)
