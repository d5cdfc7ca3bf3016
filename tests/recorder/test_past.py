"""Another future from a moment of a recorded run: the lab's way back."""

import pytest
from conftest import TickingClock

from cqrs_demo import *
from cqrs_demo.recorder import past
from cqrs_demo.recording import Recording


def state(shop):
    return shop.tables(), shop.documents(), shop.position, shop.projections


def stock(shop):
    return shop.ask(GetCatalogue())[0].stock


def story(shop):
    shop.send(CreateUser("ada", "Ada", "a@example.org"))
    shop.send(AddProduct("tea", "Tea", 920, 12))
    shop.deliver()


def step_of(recording, call):
    return next(step.n for step in recording.steps if step.call and step.call.startswith(call))


@pytest.fixture(params=["in memory", "in files"])
def sqlite_urls(request, tmp_path):
    if request.param == "in memory":
        return {}
    return {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}


def test_a_fork_is_the_shop_as_it_was_before_the_call(rung, sqlite_urls, clock):
    with open_shop(rung, **sqlite_urls, clock=clock) as shop:
        story(shop)
        before = state(shop)
        with shop.record("fork me") as recording:
            shop.send(Restock("tea", 5))
            shop.deliver()
            between = state(shop)
            shop.ask(GetCatalogue())
            shop.send(RenameUser("ada", "Ada King"))
        after = state(shop)
        for n in range(1, step_of(recording, "shop.deliver") if shop.position else 2):
            with recording.fork(n) as fork:
                assert state(fork) == before
        with recording.fork(step_of(recording, "shop.ask")) as fork:
            assert state(fork) == between
            fork.send(Restock("tea", 100))
            fork.deliver()
            assert stock(fork) == 117
        assert state(shop) == after
        with recording.fork(len(recording.steps)) as again:
            assert state(again) == between


def test_the_fork_goes_on_with_the_clock_and_the_gateway_of_that_moment():
    clock, payments = TickingClock(), DemoPayments()
    with open_shop("one-database", clock=clock, payments=payments) as shop:
        story(shop)
        for order in ("o-1", "o-2"):
            shop.send(CreateOrder(order, "ada"))
            shop.send(AddOrderItem(order, "tea", 1))
        with shop.record("pay") as recording:
            shop.send(PlaceOrder("o-1"))
        placed = shop.ask(GetOrder("o-1")).placed_at
        with recording.fork(1) as fork:
            fork.send(PlaceOrder("o-2"))
            assert fork.ask(GetOrder("o-2")).placed_at == placed
            assert fork.options.surroundings.payments.charged == {"o-2": 920}
        assert payments.charged == {"o-1": 920}


def test_a_refused_command_has_read_the_clock_too(clock):
    with open_shop("crud", clock=clock) as shop:
        story(shop)
        with shop.record("refused") as recording:
            with pytest.raises(UnknownId):
                shop.send(RenameUser("bob", "Bob"))
            shop.ask(GetCatalogue())
        with recording.fork(len(recording.steps)) as fork:
            assert fork.options.surroundings.clock.now == clock.now


def test_a_fork_can_be_recorded_and_forked_again(rung):
    with open_shop(rung) as shop:
        with shop.record("one") as first:
            story(shop)
        with first.fork(step_of(first, "shop.send(AddProduct")) as fork:
            with fork.record("two") as second:
                fork.send(AddProduct("mug", "Mug", 5, 1))
                fork.send(AddProduct("tea", "Tea", 5, 2))
            with second.fork(len(second.steps)) as again:
                again.deliver()
                assert [product.sku for product in again.ask(GetCatalogue())] == ["mug"]


def test_a_fork_with_background_delivery_delivers_when_told_to():
    with open_shop("two-stores", delivery="background", lag=60.0) as shop:
        with shop.record("lag") as recording:
            story(shop)
        with recording.fork(1) as fork:
            fork.send(CreateUser("bob", "Bob", "b@example.org"))
            assert fork.staleness == 1 == fork.deliver()


def test_postgresql_has_no_way_back_and_the_refusal_says_so(postgresql_url):
    with open_shop("one-database", write=postgresql_url) as shop:
        with shop.record("pg") as recording:
            shop.send(CreateUser("ada", "Ada", "a@example.org"))
        with pytest.raises(ShopError, match=r"only SQLite .* and this is PostgreSQL"):
            recording.fork(1)


def test_a_recording_from_a_file_has_no_shop_behind_it():
    with open_shop("crud") as shop, shop.record("file") as recording:
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
    read = Recording.from_json(recording.to_json())
    with pytest.raises(ShopError, match="no shop stands behind"):
        read.fork(1)
    for step in (0, 99, "1", True):
        with pytest.raises(InvalidMessage):
            recording.fork(step)


def test_the_first_moments_of_a_long_recording_are_forgotten(monkeypatch):
    monkeypatch.setattr(past, "MOST_BYTES_IN_ALL", 200_000)
    with open_shop("crud") as shop, shop.record("long") as recording:
        for n in range(20):
            shop.send(AddProduct(f"p-{n}", "P", 5, 5))
    with pytest.raises(ShopError, match="too many calls ago"):
        recording.fork(1)
    with recording.fork(len(recording.steps)) as fork:
        assert len(fork.tables()["products"]) == 19


def test_a_large_shop_is_recorded_but_not_copied(monkeypatch):
    monkeypatch.setattr(past, "MOST_BYTES", 1_000)
    with open_shop("crud") as shop, shop.record("large") as recording:
        shop.send(AddProduct("tea", "Tea", 5, 5))
    with pytest.raises(ShopError, match="too large"):
        recording.fork(1)


def test_a_gateway_that_cannot_be_copied_is_named(monkeypatch):
    class Gateway(DemoPayments):
        def __deepcopy__(self, memo):
            raise TypeError("a connection cannot be copied")

    with open_shop("crud", payments=Gateway()) as shop, shop.record("own") as recording:
        shop.send(AddProduct("tea", "Tea", 5, 5))
    with pytest.raises(ShopError, match="a connection cannot be copied"):
        recording.fork(1)
