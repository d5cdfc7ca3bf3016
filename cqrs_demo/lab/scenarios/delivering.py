"""Stories of events on their way: lost by a short cut, kept by an outbox, muddled by a bus."""

from ... import ChangePrice, GetCatalogue, GetUserById, RenameUser, Shop
from ..faults import tamper
from .cast import Cast, Scene


def publish_after_commit(shop: Shop, scene: Scene, the: Cast) -> None:
    assert the.publisher

    scene("Commit, publish later")
    shop.send(ChangePrice(the.sku, the.new_price_cents))

    scene("Stop in between")
    the.publisher.crash()

    scene("Nothing waits; it is wrong")
    shop.ask(GetCatalogue())

    scene("The same with an outbox")
    the.publisher.use_outbox()
    shop.send(RenameUser(the.user, the.new_name))
    the.publisher.crash()

    scene("Deliver what waits")
    shop.deliver()

    scene("Nothing was lost")
    shop.ask(GetUserById(the.user))


def a_bus_that_misbehaves(shop: Shop, scene: Scene, the: Cast) -> None:
    bus, next_one = tamper(shop), shop.projections["catalogue"].checkpoint + 1

    scene("Late, and twice")
    bus.move(next_one)
    bus.duplicate(next_one + 1)
    shop.deliver()

    scene("Nobody can tell")
    shop.ask(GetCatalogue())

    scene("Lose the next one")
    shop.send(ChangePrice(the.sku, the.price_cents))
    bus.drop(shop.position)
    shop.deliver()

    scene("Old, and known to be old")
    shop.ask(GetCatalogue())

    scene("Deliver once more")
    shop.deliver()

    scene("The checkpoint knew")
    shop.ask(GetCatalogue())
