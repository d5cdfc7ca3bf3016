"""How a command finds its handler, and an event those who want to know."""

from itertools import repeat
from typing import Any

from ...codec import RecordedEvent
from ...domain.commands import PlaceOrder
from ...domain.events import OrderPlaced
from ...event_bus.in_process import InProcessBus
from ...hops import Hops
from ...write_model.dispatching import handler_of
from ...write_model.event_log import Events
from .benchmark import COST, GAIN, Benchmark, Other, Target
from .measuring import Clock, Contestant
from .sample import NOW
from .stage import Stage

COMMAND = PlaceOrder("o-1")
EVENT = OrderPlaced("o-1", "u-1", (), 0)
LISTENERS = 3  # as many projections listen to an OrderPlaced, and more


def handle(command: PlaceOrder, work: object) -> None:
    """Stands for a command handler that costs nothing."""


HANDLERS: dict[type, Any] = {PlaceOrder: handle}


def dispatch(stage: Stage) -> Contestant:
    def timed(n: int, clock: Clock) -> float:
        handlers, command, work = HANDLERS, COMMAND, None
        start = clock()
        for _ in repeat(None, n):
            handler_of(handlers, command)(command, work)
        return clock() - start

    return Contestant("cqrs_demo", timed)


def dict_call(stage: Stage) -> Contestant:
    def timed(n: int, clock: Clock) -> float:
        handlers, command, work = HANDLERS, COMMAND, None
        start = clock()
        for _ in repeat(None, n):
            handlers[type(command)](command, work)
        return clock() - start

    return Contestant("a dict call", timed)


def publish(stage: Stage) -> Contestant:
    def receive(name: str, events: Events) -> int:
        return events[-1].position

    names = [f"projection {n}" for n in range(LISTENERS)]
    bus = InProcessBus(receive, Hops())
    events = [RecordedEvent(1, "order-o-1", 1, NOW, EVENT, "c-1", "c-1")]

    def timed(n: int, clock: Clock) -> float:
        start = clock()
        for _ in repeat(None, n):
            bus.publish(names, events)
        return clock() - start

    return Contestant("cqrs_demo", timed)


def dict_of_lists(stage: Stage) -> Contestant:
    def receive(event: object) -> None: ...

    listeners: dict[type, list[Any]] = {OrderPlaced: [receive] * LISTENERS}

    def timed(n: int, clock: Clock) -> float:
        event = EVENT
        start = clock()
        for _ in repeat(None, n):
            for listener in listeners[type(event)]:
                listener(event)
        return clock() - start

    return Contestant("a dict of lists", timed)


CHEAPER = Target(GAIN, 10)

BENCHMARKS = (
    Benchmark(
        "dispatch",
        "dispatch",
        "a command finds its handler, which does nothing",
        "command",
        dispatch,
        dict_call,
        Target(
            COST,
            1.5,
            "handler_of in write_model/dispatching.py is a call of its own, and looks whether "
            "there is a handler; its lines written out in `send` and `ask` would save the call",
        ),
        others=(
            Other("mediatr", "peers_mediatr", "dispatch", target=CHEAPER),
            Other("diator", "peers_diator", "dispatch", target=CHEAPER),
            Other("python-cqrs", "peers_python_cqrs", "dispatch", target=CHEAPER),
        ),
    ),
    Benchmark(
        "publish",
        "publish",
        f"an event reaches {LISTENERS} listeners in this process, which do nothing",
        "event",
        publish,
        dict_of_lists,
        limit_kind=COST,
        others=(
            Other("diator", "peers_diator", "publish"),
            Other("python-cqrs", "peers_python_cqrs", "publish"),
            Other("eventsource-py", "peers_eventsource_py", "publish"),
        ),
    ),
)
