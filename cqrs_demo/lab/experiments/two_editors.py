"""One story, told three times: two people open the same order, then each saves one edit.

The explorer shows these functions as the client's code, so they hold what a client would write.
Scenes have the same names, so that the three can be watched beside each other.
"""

from ... import AddOrderItem, ChangeShippingAddress, ConcurrencyConflict, GetOrder, Shop
from ..scenarios import Cast, Scene


def with_whole_forms(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Both open the order")
    mine = shop.crud.load("orders", the.order)
    yours = shop.crud.load("orders", the.order)

    scene("I change the address")
    mine["shipping_address"] = the.address
    shop.crud.save("orders", mine)

    scene("You add one more piece")
    yours["lines"][0]["quantity"] += 1
    shop.crud.save("orders", yours)

    scene("What is left of it")
    shop.ask(GetOrder(the.order))


def with_a_version_column(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Both open the order")
    mine = shop.crud.load("orders", the.order)
    yours = shop.crud.load("orders", the.order)

    scene("I change the address")
    mine["shipping_address"] = the.address
    shop.crud.save("orders", mine, version=mine["version"])

    scene("You add one more piece")
    yours["lines"][0]["quantity"] += 1
    try:
        shop.crud.save("orders", yours, version=yours["version"])
    except ConcurrencyConflict:  # open it again, and type it again
        yours = shop.crud.load("orders", the.order)
        yours["lines"][0]["quantity"] += 1
        shop.crud.save("orders", yours, version=yours["version"])

    scene("What is left of it")
    shop.ask(GetOrder(the.order))


def with_commands(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Both open the order")
    shop.ask(GetOrder(the.order))
    shop.ask(GetOrder(the.order))

    scene("I change the address")
    shop.send(ChangeShippingAddress(the.order, the.address))

    scene("You add one more piece")
    shop.send(AddOrderItem(the.order, the.sku, 1))

    scene("What is left of it")
    shop.ask(GetOrder(the.order))
