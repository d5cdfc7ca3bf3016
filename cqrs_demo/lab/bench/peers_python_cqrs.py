"""python-cqrs: handler classes and `bootstrap`, as its README shows.

`bootstrap` adds a middleware that logs; logging is off by default, so it writes nothing.
"""

from typing import Any

import cqrs
import di
from cqrs.bootstrap import events as event_bootstrap
from cqrs.bootstrap import requests as request_bootstrap

from .benchmark import version_of
from .measuring import Contestant
from .stage import Stage

NAME = f"python-cqrs {version_of('python-cqrs')}"


class PlaceOrder(cqrs.Request[None]):
    order_id: str


class PlaceOrderHandler(cqrs.RequestHandler[PlaceOrder]):
    async def handle(self, request: PlaceOrder) -> None:
        """Does nothing."""


class OrderPlaced(cqrs.DomainEvent):
    order_id: str


class First(cqrs.EventHandler[OrderPlaced]):
    async def handle(self, event: OrderPlaced) -> None:
        """Does nothing."""


class Second(First): ...


class Third(First): ...


def bind_commands(mapper: Any) -> None:
    mapper.bind(PlaceOrder, PlaceOrderHandler)


def bind_events(mapper: Any) -> None:
    for handler in (First, Second, Third):
        mapper.bind(OrderPlaced, handler)


def dispatch(stage: Stage) -> Contestant:
    mediator = request_bootstrap.bootstrap(
        di_container=di.Container(), commands_mapper=bind_commands
    )
    command = PlaceOrder(order_id="o-1")
    return Contestant(NAME, stage.each(lambda: mediator.send(command)))


def publish(stage: Stage) -> Contestant:
    mediator = event_bootstrap.bootstrap(di_container=di.Container(), events_mapper=bind_events)
    event = OrderPlaced(order_id="o-1")
    return Contestant(NAME, stage.each(lambda: mediator.send(event)))
