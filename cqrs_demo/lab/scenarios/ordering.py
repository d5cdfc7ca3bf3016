"""Stories of commands: placing, refusing, paying, cancelling, editing together."""

from contextlib import suppress

from ... import (
    AddOrderItem,
    CancelOrder,
    ChangePrice,
    ChangeShippingAddress,
    ConcurrencyConflict,
    CreateOrder,
    GetCatalogue,
    GetOrder,
    NotFound,
    OutOfStock,
    PaymentDeclined,
    PlaceOrder,
    RemoveOrderItem,
    Restock,
    ShipOrder,
    Shop,
    WrongStatus,
)
from .cast import Cast, Scene


def place_order(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Place the order")
    shop.send(PlaceOrder(the.order))

    scene("Look at once")
    with suppress(NotFound):
        shop.ask(GetOrder(the.order))

    if shop.staleness:  # events are waiting
        scene("Deliver")
        shop.deliver()

        scene("Look again")
        shop.ask(GetOrder(the.order))


def the_client_makes_the_id(shop: Shop, scene: Scene, the: Cast) -> None:
    mine = the.order  # the client made it up, such as str(uuid4())

    scene("Send it under my own id")
    shop.send(CreateOrder(mine, the.user))

    scene("Go on with that id")
    shop.send(AddOrderItem(mine, the.sku, 1), command_id="add-1")

    scene("No answer? Send it again")
    shop.send(AddOrderItem(mine, the.sku, 1), command_id="add-1")

    if shop.staleness:
        scene("Deliver")
        shop.deliver()

    scene("It was done once")
    shop.ask(GetOrder(mine))


def out_of_stock(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Look at the page")
    shop.ask(GetCatalogue())

    scene("Order it anyway")
    with suppress(OutOfStock):
        shop.send(PlaceOrder(the.order))

    scene("Restock")
    shop.send(Restock(the.sku, the.stock))

    scene("Order again")
    shop.send(PlaceOrder(the.order))


def payment_declined(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Payment declined")
    with suppress(PaymentDeclined):
        shop.send(PlaceOrder(the.order))

    scene("It is still a draft")
    shop.ask(GetOrder(the.order))

    scene("Try another card")
    the.payments.declines = set()
    shop.send(PlaceOrder(the.order))


def ship_and_cancel(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Ship the order")
    shop.send(ShipOrder(the.order))

    scene("Look at the order")
    shop.ask(GetOrder(the.order))

    scene("Too late to cancel")
    with suppress(WrongStatus):
        shop.send(CancelOrder(the.order, "changed my mind"))

    scene("Cancel another")
    shop.send(CancelOrder(the.other_order, "changed my mind"))


def two_editors_one_order(shop: Shop, scene: Scene, the: Cast) -> None:
    if shop.architecture == "crud":
        two_editors_with_forms(shop, scene, the)
    else:
        two_editors_with_commands(shop, scene, the)


def two_editors_with_forms(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Two open the same form")
    mine = shop.crud.load("orders", the.order)
    yours = shop.crud.load("orders", the.order)

    scene("I save an address")
    mine["shipping_address"] = the.address
    shop.crud.save("orders", mine)

    scene("You save one more piece")
    yours["lines"][0]["quantity"] += 1
    shop.crud.save("orders", yours)

    scene("My address is gone")
    shop.ask(GetOrder(the.order))

    scene("Save with a version")
    with suppress(ConcurrencyConflict):
        shop.crud.save("orders", mine, version=mine["version"])


def two_editors_with_commands(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Two look at one order")
    seen = shop.ask(GetOrder(the.order))

    scene("I send an address")
    shop.send(ChangeShippingAddress(the.order, the.address))

    scene("You add one more piece")
    shop.send(AddOrderItem(the.order, the.sku, 1))

    if shop.staleness:
        scene("Deliver")
        shop.deliver()

    scene("Both edits are there")
    shop.ask(GetOrder(the.order))

    scene("Insist on what I saw")
    with suppress(ConcurrencyConflict):
        shop.send(RemoveOrderItem(the.order, the.sku), expected_version=seen.version)


def a_conflict_is_a_question(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Two look at one order")
    seen = shop.ask(GetOrder(the.order)).version

    scene("I send an address")
    mine = ChangeShippingAddress(the.order, the.address)
    shop.send(mine, expected_version=seen)

    scene("You send another: conflict")
    yours = ChangeShippingAddress(the.order, the.other_address)
    with suppress(ConcurrencyConflict):  # sent again blindly, it would overwrite mine
        shop.send(yours, expected_version=seen)

    scene("One more piece harms nobody")
    shop.send(AddOrderItem(the.order, the.sku, 1))  # it adds up, whatever came before

    if shop.staleness:
        scene("Deliver")
        shop.deliver()

    scene("Look, and let a person say")
    shop.ask(GetOrder(the.order))


def change_a_price(shop: Shop, scene: Scene, the: Cast) -> None:
    if shop.architecture == "crud":
        change_a_price_with_a_form(shop, scene, the)
    else:
        change_a_price_with_a_command(shop, scene, the)


def change_a_price_with_a_form(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Open the form")
    form = shop.crud.load("products", the.sku)

    scene("Save it with its version")
    form["price_cents"] = the.new_price_cents
    shop.crud.save("products", form, version=form["version"])

    scene("Read it back")
    shop.ask(GetCatalogue())

    scene("Who is late is told so")
    with suppress(ConcurrencyConflict):
        shop.crud.save("products", form, version=form["version"])


def change_a_price_with_a_command(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Look at the page")
    (seen,) = shop.ask(GetCatalogue())

    scene("Change the price")
    shop.send(ChangePrice(the.sku, the.new_price_cents), expected_version=seen.version)

    if shop.staleness:
        scene("Deliver")
        shop.deliver()

    scene("Read it back")
    shop.ask(GetCatalogue())

    scene("Who is late is told so")
    with suppress(ConcurrencyConflict):
        shop.send(ChangePrice(the.sku, the.price_cents), expected_version=seen.version)
