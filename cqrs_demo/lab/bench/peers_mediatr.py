"""mediatr: a handler function, and `Mediator.send`, as its README shows for synchronous code."""

from itertools import repeat

from mediatr import Mediator  # type: ignore[import-untyped]

from .benchmark import version_of
from .measuring import Clock, Contestant
from .stage import Stage


class PlaceOrder:
    def __init__(self, order_id: str) -> None:
        self.order_id = order_id


def place_order(request: PlaceOrder) -> None:
    """Does nothing."""


def dispatch(stage: Stage) -> Contestant:
    Mediator.register_handler(place_order)
    mediator, command = Mediator(), PlaceOrder("o-1")

    def timed(n: int, clock: Clock) -> float:
        send = mediator.send
        start = clock()
        for _ in repeat(None, n):
            send(command)
        return clock() - start

    return Contestant(f"mediatr {version_of('mediatr')}", timed)
