"""Stories of queries: old answers, answers that wait, copies, and who may decide by them."""

from contextlib import suppress

from ... import (
    HANDLERS,
    ChangePrice,
    ChangeShippingAddress,
    CreateUser,
    EmailTaken,
    GetCatalogue,
    GetOrder,
    GetOrderHistory,
    OrderPlaced,
    OutOfStock,
    PlaceOrder,
    RenameUser,
    Shop,
    StillStale,
)
from .cast import Cast, Scene
from .read_models import GetBigSpenders, IsEmailFree, count_spending


def stale_read(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Change the price")
    shop.send(ChangePrice(the.sku, the.new_price_cents))

    scene("Read the old price")
    shop.ask(GetCatalogue())

    scene("Deliver")
    shop.deliver()

    scene("Read the new price")
    shop.ask(GetCatalogue())


def read_your_own_writes(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Change my address")
    shop.send(ChangeShippingAddress(the.order, the.address))
    mine = shop.position

    scene("Where is my change?")
    shop.ask(GetOrder(the.order))

    scene("Ask for no less")
    with suppress(StillStale):
        shop.ask(GetOrder(the.order), after=mine)

    scene("Deliver")
    shop.deliver()

    scene("Ask for it again")
    shop.ask(GetOrder(the.order), after=mine)


def rename_a_user(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Rename the user")
    shop.send(RenameUser(the.user, the.new_name))

    scene("Look at old orders")
    shop.ask(GetOrderHistory(the.user))

    if shop.staleness:  # the old name stands in every order
        scene("Rename every copy")
        shop.deliver()

        scene("Look again")
        shop.ask(GetOrderHistory(the.user))


def an_email_is_unique(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("One signs up")
    shop.send(CreateUser(the.user, the.name, the.email))

    scene("Is the e-mail still free?")
    shop.ask(IsEmailFree(the.email))

    scene("Another signs up with it")
    with suppress(EmailTaken):
        shop.send(CreateUser(the.other_user, the.other_name, the.email))

    scene("Deliver")
    shop.deliver()

    scene("Ask again")
    shop.ask(IsEmailFree(the.email))


def decide_by_the_documents(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Look at the page")
    shop.ask(GetCatalogue())

    scene("Go by the page")
    shop.send(PlaceOrder(the.other_order))

    scene("Deliver")
    shop.deliver()

    scene("Less than nothing in stock")
    shop.ask(GetCatalogue())

    scene("Let the product decide")
    the.handlers[PlaceOrder] = HANDLERS[PlaceOrder]
    with suppress(OutOfStock):
        shop.send(PlaceOrder(f"{the.order}-b"))


def projection_fails_and_recovers(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("A projection stops")
    shop.deliver()

    scene("The others went on")
    shop.ask(GetOrderHistory(the.user))

    scene("Ask the one that stopped")
    with suppress(StillStale):
        shop.ask(GetBigSpenders(), after=shop.position)

    scene("Mend it")
    the.projections["big_spenders"][OrderPlaced] = count_spending
    shop.deliver()

    scene("Ask again")
    shop.ask(GetBigSpenders())
