"""The generated shop: what bulk filling writes is what the commands would have written."""


import pytest

from cqrs_demo import LADDER, PROJECTIONS, GetOrderHistory, InvalidMessage, ShopError, open_shop
from cqrs_demo.lab import cache
from cqrs_demo.lab.cache import filled, open_filled
from cqrs_demo.lab.importer import Clock
from cqrs_demo.lab.workload import Line, Order, Product, User, generated, history, recorded_as


def sent(rung, workload):
    """Return a shop in memory that got every command of a workload, and delivered its events."""
    clock = Clock()
    shop = open_shop(rung, clock=clock)
    for at, command in history(workload):
        clock.now = at
        shop.send(command)
    shop.deliver()
    return shop


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("rung", LADDER)
def test_bulk_filling_writes_what_the_commands_would_have_written(rung, folder, tmp_path):
    workload = generated(300)
    with open_filled(rung, workload, tmp_path, folder=folder) as bulk, sent(rung, workload) as one:
        assert bulk.tables() == one.tables()
        assert list(bulk.events()) == list(one.events())
        assert bulk.documents() == one.documents()
        assert bulk.staleness == one.staleness == 0
        assert len(bulk.ask(GetOrderHistory("u-000000"))) > 1


def test_a_filled_shop_goes_on_as_if_it_had_a_past(folder, tmp_path):
    workload = generated(300)
    with open_filled("event-sourced", workload, tmp_path, folder=folder) as shop:
        drafts = [x["order_id"] for x in shop.documents()["orders"] if x["status"] == "draft"]
        assert drafts
        from cqrs_demo import GetOrder, PlaceOrder

        shop.send(PlaceOrder(drafts[0]))
        shop.deliver()
        assert shop.ask(GetOrder(drafts[0])).status == "placed"
        before = shop.documents()
        for name in PROJECTIONS:
            shop.rebuild(name)
        assert shop.documents() == before
