"""Whatever the bus does, the projections end up right: at the latest with the next delivery."""

import pytest
from conftest import TickingClock
from hypothesis import given, settings
from hypothesis import strategies as st

from cqrs_demo import *
from cqrs_demo.lab.faults import DONE, tamper


def with_events(shop):
    shop.send(CreateUser("ada", "Ada", "a@example.org"))
    shop.send(RenameUser("ada", "Ada King"))
    shop.send(RenameUser("ada", "Ada Byron"))


def test_a_lost_last_event_leaves_an_old_answer_until_the_next_delivery():
    with open_shop("two-stores") as shop:
        with_events(shop)
        tamper(shop).drop(3)
        with shop.record("lost") as recording:
            shop.deliver()
        assert shop.ask(GetUserById("ada")).name == "Ada King"
        assert shop.staleness == 1
        (fault,) = [step for step in recording.steps if step.kind == "fault"]
        assert fault.source == fault.target == "event_bus"
        assert "loses UserRenamed (3)" in fault.note
        shop.deliver()
        assert shop.ask(GetUserById("ada")).name == "Ada Byron"


@pytest.mark.parametrize("what", ["duplicate", "delay", "move", "drop"])
def test_in_the_middle_it_is_noticed_at_once_and_the_log_is_read(what):
    with open_shop("event-sourced") as shop:
        with_events(shop)
        getattr(tamper(shop), what)(2)
        shop.deliver()
        assert shop.ask(GetUserById("ada")).name == "Ada Byron"
        assert shop.staleness == 0
        shop.deliver()
        assert shop.ask(GetUserById("ada")).version == 3


@pytest.mark.parametrize(
    ("rung", "log"), [("two-stores", "outbox"), ("event-sourced", "event store")]
)
def test_a_recording_tells_how_a_projection_notices_what_is_missing_late_or_twice(rung, log):
    users = {"users": PROJECTIONS["users"]}
    with open_shop(rung, projections=users) as shop:
        with_events(shop)
        shop.send(AddProduct("mug", "Mug", 5, 5))  # of no use to the users
        bus = tamper(shop)
        bus.drop(1)
        bus.move(2)
        bus.duplicate(3)
        bus.duplicate(4)
        with shop.record("muddled") as recording:
            shop.deliver()
    told = [
        (step.source, step.note, step.payload)
        for step in recording.steps
        if step.target == "projections" and step.source != "event_bus"
    ]
    stands = "The projection users stands at"
    assert told == [
        (
            recording.steps[0].source,
            f"{stands} 0 and was brought 3: it reads 1 to 2 from the {log} first.",
            {"checkpoint": 0, "brought": 3, "missing": "1 to 2"},
        ),
        (
            "projections",
            f"{stands} 3: it has seen UserRenamed (3) before, and passes it over.",
            {"checkpoint": 3, "brought": 3},
        ),
        (
            "projections",
            f"{stands} 4: it has seen UserRenamed (2) before, and passes it over.",
            {"checkpoint": 4, "brought": 2},
        ),
    ]
    saved = [step.n for step in recording.steps if step.kind == "save"]
    (gap,) = [step.n for step in recording.steps if step.name == "missing: 1 to 2"]
    assert gap < min(saved)


@settings(max_examples=40, deadline=None)
@given(
    plans=st.lists(st.dictionaries(st.integers(1, 9), st.sampled_from(list(DONE))), max_size=4),
    rung=st.sampled_from(["two-stores", "event-sourced"]),
)
def test_whatever_a_bus_does_one_good_delivery_puts_right(plans, rung):
    def run(plans):
        with open_shop(rung, clock=TickingClock()) as shop:
            with_events(shop)
            for n, plan in enumerate(plans):
                for position, what in plan.items():
                    getattr(tamper(shop), what)(position)
                shop.deliver()
                shop.send(AddProduct(f"p-{n}", "P", 5, 5))
            tamper(shop).plan.clear()
            shop.deliver()
            documents = shop.documents()
            return documents, shop.staleness

    documents, staleness = run(plans)
    assert staleness == 0
    assert documents == run([{} for _ in plans])[0]


def test_a_fault_happens_once_and_only_where_there_is_a_bus():
    with open_shop("two-stores") as shop:
        with_events(shop)
        bus = tamper(shop)
        assert tamper(shop) is bus
        bus.drop(1)
        shop.deliver()
        assert bus.plan == {}
        for nonsense in (0, "1", None, True):
            with pytest.raises(InvalidMessage):
                bus.drop(nonsense)
    with open_shop("crud") as shop, pytest.raises(ShopError, match="has no bus"):
        tamper(shop)
