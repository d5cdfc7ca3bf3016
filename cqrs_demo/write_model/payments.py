"""The payment gateway: somebody else's system, outside our transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
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
        self.declines = None if declines is None else set(declines)
        self.charged: dict[str, int] = {}  # order id -> cents

    def charge(self, order_id: str, cents: int) -> None:
        if self.declines is None or order_id in self.declines:
            raise PaymentDeclined(f"the payment for order {order_id!r} was declined")
        self.charged.setdefault(order_id, cents)

    def refund(self, order_id: str) -> None:
        self.charged.pop(order_id, None)


@dataclass
class CommandPayments:
    """What one command asks of the gateway: charges at once, refunds when it has committed.

    A charge is given back if the commit fails; a refund is made only once the order is cancelled
    for good. What stays open: a crash between charge and commit leaves a charge without an order,
    and one between commit and refund an order without its refund. Closing that needs a record of
    the intention before the call, and somebody who follows it up (a process manager). And the
    call holds the write lock for as long as the gateway takes to answer.
    """

    gateway: Payments
    caller: str  # its place on the map
    hops: Hops
    charged: list[str] = field(default_factory=list)
    to_refund: list[str] = field(default_factory=list)

    def charge(self, order_id: str, cents: int) -> None:
        self.hops.announce("outside", self.caller, "payments", ("charge", order_id, cents))
        self.charged.append(order_id)  # before the call: should it break off, a refund is safe
        try:
            self.gateway.charge(order_id, cents)
        except PaymentDeclined:
            self.charged.remove(order_id)
            raise

    def refund(self, order_id: str) -> None:
        self.to_refund.append(order_id)

    def after_commit(self) -> None:
        self._give_back(self.to_refund)

    def after_rollback(self) -> None:
        self._give_back(self.charged)

    def _give_back(self, order_ids: list[str]) -> None:
        for order_id in order_ids:
            self.hops.announce("outside", self.caller, "payments", ("refund", order_id))
            self.gateway.refund(order_id)
