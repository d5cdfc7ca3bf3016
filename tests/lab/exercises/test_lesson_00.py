"""Exercises of lesson 00: solutions pass, and what people plausibly write is told what is wrong."""

from contextlib import suppress
from dataclasses import replace

from sharing import tests_of

from cqrs_demo import (
    GetCatalogue,
    GetOrder,
    GetUserById,
    NotFound,
    OutOfStock,
    PlaceOrder,
    ShopError,
)


def get_or_command(message):
    return "query" if type(message).__name__.startswith("Get") else "command"


def orders_are_events(message):
    return "event" if type(message).__name__.startswith("Order") else "command"


def three_words(message):
    name = type(message).__name__
    return "Query" if name.startswith("Get") else "Event" if name.endswith("ed") else "Command"


def known_events_only(message):
    known = {"UserCreated", "ProductAdded", "OrderCreated", "OrderItemAdded", "OrderPlaced"}
    name = type(message).__name__
    return "query" if name.startswith("Get") else "event" if name in known else "command"


def deliver_before(shop, order_id):
    shop.deliver()
    shop.send(PlaceOrder(order_id))
    return shop.ask(GetOrder(order_id))


def insist_only(shop, order_id):
    shop.send(PlaceOrder(order_id))
    return shop.ask(GetOrder(order_id), after=shop.position)


def deliver_and_say_nothing(shop, order_id):
    shop.send(PlaceOrder(order_id))
    shop.deliver()


def paint(shop, order_id):
    shop.send(PlaceOrder(order_id))
    return replace(shop.ask(GetOrder(order_id)), status="placed")


def swallow(shop, order_id):
    with suppress(ShopError):
        shop.send(PlaceOrder(order_id))
    shop.deliver()
    return shop.ask(GetOrder(order_id))


def everybody(shop):
    return sorted(shop.projections) if shop.staleness else []


def those_at_zero(shop):
    return sorted(name for name, state in shop.projections.items() if state.checkpoint == 0)


def how_many(shop):
    return sum(state.staleness > 0 for state in shop.projections.values())


def how_far(shop):
    return {name: state.staleness for name, state in shop.projections.items()}


def stock_in(shop, sku):
    return next(each for each in shop.ask(GetCatalogue()) if each.sku == sku).stock


def look_and_catch(shop, order_id, sku):
    if stock_in(shop, sku) == 0:
        return "sold out"
    try:
        shop.send(PlaceOrder(order_id))
    except OutOfStock:
        return "sold out"
    return "sold"


def deliver_and_look(shop, order_id, sku):
    shop.deliver()
    if stock_in(shop, sku) == 0:
        return "sold out"
    shop.send(PlaceOrder(order_id))
    return "sold"


def catch_everything(shop, order_id, sku):
    try:
        shop.send(PlaceOrder(order_id))
    except ShopError:
        return "sold out"
    return "sold"


def catch_too_late(shop, order_id, sku):
    shop.send(PlaceOrder(order_id))
    with suppress(NotFound):
        shop.ask(GetUserById("ada"))
    return "sold"


WRONG = {
    "00-what-is-it": [
        (get_or_command, "which has happened already, should be 'event', and is 'command'"),
        (orders_are_events, "the kind of UserCreated"),
        (three_words, "should be 'command', and is 'Command'"),
        (known_events_only, "the kind of StockReserved"),
    ],
    "00-show-the-order": [
        (deliver_before, "should be 'placed', and is 'draft'"),
        (insist_only, "nobody delivers unless you do"),
        (paint, "the order that it shows should be"),
        (deliver_and_say_nothing, "it should return the order, and gave None"),
        (swallow, "nobody would tell Ada"),
    ],
    "00-who-is-behind": [
        (everybody, "mugs are restocked, and only the catalogue hears of it"),
        (those_at_zero, "the list of those behind should be ['best_sellers'"),
        (how_many, "and is 6"),
        (how_far, "and is {"),
    ],
    "00-find-who-decided": [
        (look_and_catch, "with 5 mugs on the shelf, should be 'sold'"),
        (deliver_and_look, "delivering once more has not helped"),
        (catch_everything, "the order is placed already"),
        (catch_too_late, "OutOfStock"),
    ],
}

globals().update(tests_of("00", WRONG))
