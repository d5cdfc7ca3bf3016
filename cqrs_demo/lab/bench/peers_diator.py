"""diator: handler classes, resolved by the container of the package `di`, as its README shows."""

from dataclasses import dataclass

from di import Container, bind_by_type
from di.dependent import Dependent
from diator.container.di import DIContainer
from diator.events import DomainEvent, Event, EventEmitter, EventHandler, EventMap
from diator.mediator import Mediator
from diator.requests import Request, RequestHandler, RequestMap

from .benchmark import version_of
from .measuring import Contestant
from .stage import Stage

NAME = f"diator {version_of('diator')}"


@dataclass(frozen=True, kw_only=True)
class PlaceOrder(Request):
    order_id: str


class PlaceOrderHandler(RequestHandler[PlaceOrder, None]):
    def __init__(self) -> None:
        self._events: list[Event] = []

    @property
    def events(self) -> list[Event]:
        return self._events

    async def handle(self, request: PlaceOrder) -> None:
        """Does nothing."""


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(DomainEvent):
    order_id: str


class First(EventHandler[OrderPlaced]):
    async def handle(self, event: OrderPlaced) -> None:
        """Does nothing."""


class Second(First): ...


class Third(First): ...


def container() -> DIContainer:
    external = Container()
    for kind in (PlaceOrderHandler, First, Second, Third):
        external.bind(bind_by_type(Dependent(kind, scope="request"), kind))
    internal = DIContainer()
    internal.attach_external_container(external)
    return internal


def dispatch(stage: Stage) -> Contestant:
    requests = RequestMap()
    requests.bind(PlaceOrder, PlaceOrderHandler)
    resolving = container()
    emitter = EventEmitter(event_map=EventMap(), container=resolving, message_broker=None)
    mediator = Mediator(request_map=requests, event_emitter=emitter, container=resolving)
    command = PlaceOrder(order_id="o-1")
    return Contestant(NAME, stage.each(lambda: mediator.send(command)))


def publish(stage: Stage) -> Contestant:
    events = EventMap()
    for handler in (First, Second, Third):
        events.bind(OrderPlaced, handler)
    emitter = EventEmitter(event_map=events, container=container(), message_broker=None)
    event = OrderPlaced(order_id="o-1")
    return Contestant(NAME, stage.each(lambda: emitter.emit(event)))
