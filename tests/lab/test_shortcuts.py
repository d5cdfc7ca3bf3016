"""The two short cuts do what they promise: harm, and only where they are taken."""

import pytest

from cqrs_demo import LADDER, AddProduct, ChangePrice, GetCatalogue, ShopError, open_shop
from cqrs_demo.lab.shortcuts import document_of, publish_after_commit


@pytest.fixture
def shop():
    with open_shop("two-stores") as shop:
        shop.send(AddProduct("mug", "Mug", 100, 5))
        shop.deliver()
        yield shop


def price(shop):
    shop.deliver()
    return shop.ask(GetCatalogue())[0].price_cents


def test_events_are_published_after_the_commit_if_nothing_comes_between(shop):
    publisher = publish_after_commit(shop)
    shop.send(ChangePrice("mug", 200))
    assert (shop.position, shop.tables()["products"][0]["price_cents"]) == (1, 200)
    publisher.publish()
    assert (shop.position, price(shop)) == (2, 200)
    publisher.publish()
    assert shop.position == 2


def test_a_crash_in_between_loses_the_event_for_good(shop):
    publisher = publish_after_commit(shop)
    shop.send(ChangePrice("mug", 200))
    publisher.crash()
    publisher.publish()
    assert (shop.position, price(shop), shop.staleness) == (1, 100, 0)
    shop.rebuild("catalogue")
    assert price(shop) == 100  # there is nothing to rebuild it from


def test_with_the_outbox_a_crash_at_the_same_moment_loses_nothing(shop):
    publisher = publish_after_commit(shop)
    publisher.use_outbox()
    shop.send(ChangePrice("mug", 200))
    publisher.crash()
    assert (shop.position, price(shop)) == (2, 200)


@pytest.mark.parametrize("rung", [rung for rung in LADDER if rung != "two-stores"])
def test_only_an_outbox_can_be_done_without(rung):
    with open_shop(rung) as shop, pytest.raises(ShopError, match="has no outbox"):
        publish_after_commit(shop)


def test_a_document_is_as_old_as_the_read_side(shop):
    shop.send(ChangePrice("mug", 200))
    assert document_of(shop, "catalogue", "mug")["price_cents"] == 100
    shop.deliver()
    assert document_of(shop, "catalogue", "mug")["price_cents"] == 200
    for projection, key in (("catalogue", "hat"), ("nothing", "mug")):
        with pytest.raises(ShopError, match="no document"):
            document_of(shop, projection, key)
