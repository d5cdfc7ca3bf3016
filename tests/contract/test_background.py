"""Background delivery, and events that a projection cannot digest."""

import threading

import pytest
from test_delivery import broken, with_broken
from test_shop import ADA, MUG, TEA, run

from cqrs_demo import *
from cqrs_demo import PROJECTIONS, open_shop
from cqrs_demo.event_bus import background

PATIENT = 60  # seconds; a test that waits in vain fails, and none waits in vain


@pytest.fixture(params=["two-stores", "event-sourced"])
def rung(request):
    return request.param


def test_events_arrive_by_themselves_and_ask_waits_for_them(rung, store_urls):
    with open_shop(rung, **store_urls, delivery="background") as shop:
        run(shop, ADA)
        found = shop.ask(GetUserById("ada"), after=shop.position, timeout=PATIENT)
        assert found.name == "Ada Lovelace"


def test_events_stay_away_for_the_chosen_lag_and_can_be_drained(rung, store_urls):
    with open_shop(rung, **store_urls, delivery="background", lag=3600) as shop:
        run(shop, ADA, TEA)
        with pytest.raises(NotFound):
            shop.ask(GetUserById("ada"))
        with pytest.raises(StillStale):
            shop.ask(GetUserById("ada"), after=1, timeout=0)
        assert shop.deliver() == 2
        assert shop.ask(GetUserById("ada"), after=1, timeout=0).name == "Ada Lovelace"


def test_what_is_stored_during_the_lag_of_others_waits_its_own(monkeypatch):
    """Time passes only while the thread waits, and as long as it wants to."""
    at, stored, delivered, done = [0.0], [3], [], threading.Event()

    def wait(seconds):
        at[0] += seconds
        if at[0] > 0.5:
            stored[0] = 5  # two more, half a second after the first three
        return True

    def deliver(until):
        if until and until not in [position for _, position in delivered]:
            delivered.append((round(at[0], 6), until))
        if until == 5:
            done.set()
        return 0

    monkeypatch.setattr(background.time, "monotonic", lambda: at[0])
    delivery = background.BackgroundDelivery(lambda: stored[0], deliver, lag=1.0, poll=0.25)
    delivery._woken.wait = wait
    assert done.wait(PATIENT)
    delivery.stop()
    assert delivered[0] in [(1.0, 3), (1.25, 3)]  # its first wait may have begun in real time
    assert delivered[1:] == [(1.75, 5)]


def test_a_projection_that_stopped_does_not_speed_up_the_others(rung):
    with open_shop(rung, projections=with_broken("catalogue", ProductAdded)) as shop:
        run(shop, TEA, ADA, MUG)
        while shop._deliver_until(2):
            pass
        reached = {name: state.checkpoint for name, state in shop.projections.items()}
        assert reached.pop("catalogue") == 0
        assert set(reached.values()) == {2}


def test_closing_stops_the_thread_even_in_the_middle_of_its_lag(rung):
    shop = open_shop(rung, delivery="background", lag=3600)
    run(shop, ADA)
    shop.close()
    assert "delivery" not in [thread.name for thread in threading.enumerate()]


def test_what_another_process_stored_is_found_by_looking(rung, lasting_urls):
    with open_shop(rung, **lasting_urls, delivery="background", poll=0.01) as here:
        with open_shop(rung, **lasting_urls) as elsewhere:
            run(elsewhere, ADA)
        assert here.ask(GetUserById("ada"), after=1, timeout=PATIENT).name == "Ada Lovelace"


def test_a_projection_that_fails_in_the_background_says_so(rung):
    projections = with_broken("catalogue", ProductAdded)
    with open_shop(rung, projections=projections, delivery="background", poll=0.01) as shop:
        run(shop, ADA, TEA)
        assert shop.ask(GetUserById("ada"), after=2, timeout=PATIENT)
        with pytest.raises(StillStale, match="disk of dreams"):
            shop.ask(GetCatalogue(), after=2, timeout=PATIENT)
        assert "disk of dreams" in shop.projections["catalogue"].error
        projections["catalogue"][ProductAdded] = PROJECTIONS["catalogue"][ProductAdded]
        shop.deliver()
        assert shop.projections["catalogue"].error is None


def test_a_store_that_fails_in_the_background_is_seen_and_got_over(rung, tmp_path, monkeypatch):
    import sqlite3

    from cqrs_demo.storage import sqlite

    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.01)
    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    with open_shop(rung, **urls, delivery="background", poll=0.01) as shop:
        other = sqlite3.connect(tmp_path / "r.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        run(shop, ADA)
        wait_until(lambda: "locked" in (shop.projections["users"].error or ""))
        other.execute("ROLLBACK")
        other.close()
        assert shop.ask(GetUserById("ada"), after=1, timeout=PATIENT)
        wait_until(lambda: shop.projections["users"].error is None)


def wait_until(condition):
    tick = threading.Event()
    for _ in range(PATIENT * 100):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("waited in vain")


@pytest.mark.parametrize("poll", [-1, "1", float("nan")])
def test_a_poll_is_a_number_of_seconds(rung, poll):
    with pytest.raises(InvalidMessage, match="poll"):
        open_shop(rung, delivery="background", poll=poll)


def with_poison(rung, attempts=3, **urls):
    """Open a shop whose catalogue cannot digest a changed price, and gives up after attempts."""
    projections = with_broken("catalogue", PriceChanged)
    shop = open_shop(rung, **urls, projections=projections, set_aside_after={"catalogue": attempts})
    run(shop, ADA, TEA, ChangePrice("tea", 1), MUG)
    return shop, projections["catalogue"]


def test_a_poison_event_is_set_aside_after_the_chosen_attempts(rung, store_urls):
    shop, _ = with_poison(rung, **store_urls)
    with shop:
        for _ in range(2):
            shop.deliver()
            assert shop.projections["catalogue"].checkpoint == 2
            assert shop.dead_letters() == []
        shop.deliver()
        assert shop.projections["catalogue"] == (4, 0, None)
        assert [p.sku for p in shop.ask(GetCatalogue())] == ["mug", "tea"]
        error = "RuntimeError: the disk of dreams is full"
        assert shop.dead_letters() == [("catalogue", 3, 3, error)]


def test_attempts_are_counted_across_restarts(rung, lasting_urls):
    shop, _ = with_poison(rung, **lasting_urls)
    with shop:
        shop.deliver()
    for checkpoint in (2, 4):
        with open_shop(
            rung,
            **lasting_urls,
            projections=with_broken("catalogue", PriceChanged),
            set_aside_after={"catalogue": 3},
        ) as shop:
            shop.deliver()
            assert shop.projections["catalogue"].checkpoint == checkpoint


def test_a_dead_letter_is_retried_once_the_projection_is_mended(rung):
    shop, catalogue = with_poison(rung, attempts=1)
    with shop:
        shop.deliver()
        assert shop.retry("catalogue") == 0
        assert shop.dead_letters()[0].attempts == 2
        catalogue[PriceChanged] = PROJECTIONS["catalogue"][PriceChanged]
        assert shop.retry("catalogue") == 1
        assert shop.dead_letters() == []
        assert [p.price_cents for p in shop.ask(GetCatalogue())] == [500, 1]
        assert shop.retry("catalogue") == 0


def test_a_retried_letter_comes_after_what_came_after_it(rung):
    """The price of setting aside: the old price change wins over the newer one."""
    shop, catalogue = with_poison(rung, attempts=1)
    with shop:
        shop.deliver()
        catalogue[PriceChanged] = PROJECTIONS["catalogue"][PriceChanged]
        run(shop, ChangePrice("tea", 2))
        shop.deliver()
        shop.retry("catalogue")
        assert shop.ask(GetCatalogue())[1].price_cents == 1  # wrong, as the docstring warns
        shop.rebuild("catalogue")
        assert shop.ask(GetCatalogue())[1].price_cents == 2


def test_a_rebuild_forgets_the_dead_letters(rung):
    shop, catalogue = with_poison(rung, attempts=1)
    with shop:
        shop.deliver()
        with pytest.raises(ShopError, match="cannot be rebuilt"):
            shop.rebuild("catalogue")
        assert len(shop.dead_letters()) == 1
        catalogue[PriceChanged] = PROJECTIONS["catalogue"][PriceChanged]
        shop.rebuild("catalogue")
        assert shop.dead_letters() == []


def test_only_projections_that_were_told_so_set_anything_aside(rung):
    projections = {"a": {UserCreated: broken}, "b": {UserCreated: broken}}
    with open_shop(rung, projections=projections, set_aside_after={"a": 1}) as shop:
        run(shop, ADA)
        for _ in range(5):
            shop.deliver()
        assert shop.projections["a"].checkpoint == 1
        assert shop.projections["b"].checkpoint == 0


@pytest.mark.parametrize("bad", [0, -1, "3", True, 1.5])
def test_a_number_of_attempts_is_a_number(rung, bad):
    with pytest.raises(InvalidMessage, match="set_aside_after"):
        open_shop(rung, set_aside_after={"catalogue": bad})


def test_unknown_projections_cannot_be_retried_or_told(rung):
    with open_shop(rung) as shop, pytest.raises(ShopError, match="no projection 'nope'"):
        shop.retry("nope")
    with pytest.raises(ShopError, match="nope"):
        open_shop(rung, set_aside_after={"nope": 1})


def test_rungs_without_events_have_no_dead_letters():
    for rung in ("crud", "one-database"):
        with open_shop(rung) as shop:
            assert shop.dead_letters() == []
            with pytest.raises(ShopError):
                shop.retry("users")
