"""Slips that are easily made in a handler, a projection or an address, and what is said of them."""

import pytest
from test_shop import ADA, MUG, refused, run, with_a_draft

from cqrs_demo import *
from cqrs_demo import HANDLERS, PROJECTIONS, QUERIES, open_shop
from cqrs_demo.crud.service import Service
from cqrs_demo.domain.order import Order
from cqrs_demo.domain.user import User

EVENTFUL = ["two-stores", "event-sourced"]
WITH_AGGREGATES = ["one-database", *EVENTFUL]


def place_with_yield(command, work):
    order = work.get(Order, command.order_id)

    def decide():
        yield from order.place()

    work.save(order, decide())


@pytest.mark.parametrize("rung", WITH_AGGREGATES)
def test_events_that_come_out_of_a_generator_are_stored_like_others(rung):
    with open_shop(rung, handlers={**HANDLERS, PlaceOrder: place_with_yield}) as shop:
        with_a_draft(shop)
        run(shop, PlaceOrder("o-1"))
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).status == "placed"
        assert [type(x.event) for x in shop.events()][-1:] in ([], [OrderPlaced])


def forgets_to_save(command, work):
    return [UserRenamed(command.user_id, command.name)]


def yields(command, work):
    yield UserRenamed(command.user_id, command.name)


def saves_and_returns(command, work):
    if isinstance(work, Service):  # on rung 1
        work.update("users", command.user_id, name=command.name)
        return True
    user = work.get(User, command.user_id)
    work.save(user, user.rename(command.name))
    return user


@pytest.mark.parametrize("handler", [forgets_to_save, yields, saves_and_returns])
def test_a_handler_that_returns_something_is_told_so_and_changes_nothing(rung, handler):
    with open_shop(rung, handlers={**HANDLERS, RenameUser: handler}) as shop:
        run(shop, ADA)
        error = refused(shop, RenameUser("ada", "Ada King"), ShopError)
        assert "a handler is a plain def that returns nothing" in str(error)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_a_projection_that_returns_something_stops_and_says_so(rung):
    def project(docs, recorded):
        docs.put("ada", {"name": recorded.event.name})
        yield "never reached, for nobody asks for it"

    with open_shop(rung, projections={**PROJECTIONS, "mine": {UserCreated: project}}) as shop:
        run(shop, ADA)
        shop.deliver()
        assert "a projection is a plain def that returns nothing" in shop.projections["mine"].error
        assert shop.projections["mine"].checkpoint == 0
        assert shop.projections["users"] == (1, 0, None)
        with pytest.raises(ShopError, match="a projection is a plain def that returns nothing"):
            shop.rebuild("mine")


class CannotSay(Exception):
    def __init__(self, code):
        self.code = code

    def __str__(self):
        return self.code  # not text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CannotSay(42), "CannotSay: it cannot say why"),
        (ValueError("half a pair: \ud800"), r"ValueError: half a pair: \\ud800"),
    ],
)
@pytest.mark.parametrize("delivery", ["manual", "immediate"])
@pytest.mark.parametrize("rung", EVENTFUL)
def test_an_error_that_cannot_be_told_stops_its_projection_alone(rung, delivery, error, words):
    def fail(docs, recorded):
        raise error

    mine = {"mine": {UserCreated: fail}, **PROJECTIONS}
    with open_shop(rung, delivery=delivery, projections=mine) as shop:
        shop.send(ADA)
        shop.deliver()
        assert shop.projections["mine"].error == words.replace(r"\\", "\\")
        assert shop.projections["users"] == (1, 0, None)
        with pytest.raises(ShopError, match=words):
            shop.rebuild("mine")


def test_a_query_handler_that_writes_is_told_so_and_changes_nothing(rung, store_urls):
    def count_views(query, read):
        if rung in EVENTFUL:
            read["users"].put(query.user_id, {"views": 1})
        else:
            read.execute("UPDATE users SET name = 'seen' WHERE user_id = ?", (query.user_id,))

    queries = {**QUERIES, GetUserById: count_views}
    with open_shop(rung, **store_urls, queries=queries) as shop:
        run(shop, ADA)
        shop.deliver()
        before = shop.tables(), shop.documents()
        with pytest.raises(ShopError, match=r"changes nothing|read-only transaction"):
            shop.ask(GetUserById("ada"))
        assert (shop.tables(), shop.documents()) == before
        run(shop, MUG)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_addresses_that_were_exchanged_open_no_second_shop(rung, tmp_path):
    one, other = f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/other.db"
    with open_shop(rung, write=one, read=other) as shop:
        run(shop, ADA)
        shop.deliver()
    for write, read in ((other, one), (other, other), (f"sqlite:///{tmp_path}/new.db", one)):
        with pytest.raises(StoreUnavailable, match="another shop"):
            open_shop(rung, write=write, read=read)
    with open_shop(rung, write=one, read=other) as shop:
        assert shop.ask(GetUserById("ada")).name == "Ada Lovelace"
    with open_shop(rung, write=one, read=one) as shop:  # documents made anew, beside their log
        shop.deliver()
        assert shop.ask(GetUserById("ada")).name == "Ada Lovelace"


def test_a_gateway_that_is_given_one_order_id_declines_that_order(rung):
    with open_shop(rung, payments=DemoPayments("o-1")) as shop:
        with_a_draft(shop)
        refused(shop, PlaceOrder("o-1"), PaymentDeclined)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_an_event_that_is_damaged_keeps_its_time(rung, clock):
    with open_shop(rung, clock=clock) as shop:
        run(shop, ADA, MUG)
        before = [x.at for x in shop.events()]
        with shop.commands.store.transaction() as connection:
            connection.execute(f"UPDATE {shop.commands.log.table} SET body = '[]'")
        assert [x.at for x in shop.events()] == before
        assert {type(x.event).__name__ for x in shop.events()} == {"Unreadable"}
