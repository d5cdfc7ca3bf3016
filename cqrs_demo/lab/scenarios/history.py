"""Stories of old events: replayed into something new, and never judged or acted on again."""

from contextlib import suppress

from ... import (
    AddOrderItem,
    CommandRejected,
    GetOrder,
    GetOrderHistory,
    PlaceOrder,
    ShipOrder,
    Shop,
)
from .cast import Cast, Scene
from .read_models import GetBigSpenders


def replay_into_a_new_read_model(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Ask the new read model")
    shop.ask(GetBigSpenders())

    scene("Replay the old events")
    shop.rebuild("big_spenders")

    scene("Ask again")
    shop.ask(GetBigSpenders())


def replay_sends_no_mail(shop: Shop, scene: Scene, the: Cast) -> None:
    assert the.reactor

    scene("Place the order")
    shop.send(PlaceOrder(the.order))

    scene("A reactor sends a mail")
    the.reactor.run()

    scene("Replay all events")
    shop.rebuild("order_history")

    scene("The reactor looks again")
    the.reactor.run()

    scene("The history is there")
    shop.ask(GetOrderHistory(the.user))


def old_events_under_new_rules(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("The new rule says no")
    with suppress(CommandRejected):
        shop.send(AddOrderItem(the.order, the.sku, the.stock))

    scene("An old order breaks it")
    shop.send(ShipOrder(the.other_order))

    scene("Replay the old events")
    shop.rebuild("orders")

    scene("A field that was missing")
    shop.ask(GetOrder(f"{the.order}-b"))

    scene("Both are as they were")
    shop.ask(GetOrder(the.other_order))
