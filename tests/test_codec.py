"""Events on disk: what is written is read back, and what was written long ago still is."""

import typing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqrs_demo import *
from cqrs_demo import open_shop
from cqrs_demo.codec import CURRENT_FORM, UPCASTERS, decode_event, encode_event, to_text, to_time
from cqrs_demo.domain.events import KINDS, Event

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


def any_event(kind):
    lines = st.lists(st.builds(OrderLine, TEXTS, TEXTS, NUMBERS, NUMBERS), max_size=3).map(tuple)
    by_type = {str: TEXTS, int: NUMBERS, tuple[OrderLine, ...]: lines}
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{name: by_type[hint] for name, hint in hints.items()})


@given(st.one_of([any_event(kind) for kind in KINDS.values()]))
def test_an_event_that_was_written_is_read_back(event):
    assert decode_event(*encode_event(event)) == event


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_times_as_text_are_exact_and_sort_as_times_do(a, b):
    assert to_time(to_text(a)) == a
    assert to_time(to_text(a)).tzinfo is UTC
    assert (to_text(a) < to_text(b)) == (a < b)


def test_the_first_form_of_order_cancelled_had_no_reason():
    assert decode_event("OrderCancelled", 1, '{"order_id":"o-1"}') == OrderCancelled("o-1", "")


def test_a_chain_of_upcasters_leads_to_todays_form(monkeypatch):
    monkeypatch.setitem(CURRENT_FORM, "UserRenamed", 3)
    monkeypatch.setitem(UPCASTERS, ("UserRenamed", 1), lambda f: {"user_id": f["id"], "n": f["n"]})
    monkeypatch.setitem(
        UPCASTERS, ("UserRenamed", 2), lambda f: {"user_id": f["user_id"], "name": f["n"]}
    )
    assert decode_event("UserRenamed", 1, '{"id":"ada","n":"Ada"}') == UserRenamed("ada", "Ada")
    assert decode_event("UserRenamed", 2, '{"user_id":"ada","n":"A"}') == UserRenamed("ada", "A")


@pytest.mark.parametrize(("name", "form"), [("UserVanished", 1), ("OrderCancelled", 3)])
def test_what_cannot_be_read_is_a_clear_error(name, form):
    with pytest.raises(ShopError, match=name):
        decode_event(name, form, "{}")


def test_old_rows_are_upcast_when_read_and_stay_as_they_are_on_disk():
    with open_shop("event-sourced") as shop:
        for command in (CreateUser("ada", "Ada", "a@b"), CreateOrder("o-1", "ada")):
            shop.send(command)
        row = (
            3,
            "order-o-1",
            2,
            to_text(datetime(2019, 1, 1, tzinfo=UTC)),
            "old",
            "old",
            "OrderCancelled",
        )
        with shop.commands.store.transaction() as connection:
            sql = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)"
            connection.execute(sql, (*row, '{"order_id":"o-1"}'))
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).status == "cancelled"
        assert list(shop.events())[-1].event == OrderCancelled("o-1", "")
        with pytest.raises(WrongStatus, match="cancelled"):
            shop.send(CancelOrder("o-1", "again"))
        assert shop.tables()["events"][-1]["body"] == '{"order_id":"o-1"}'


def test_an_event_of_ones_own_is_recorded_and_projected():
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class UserWaved(Event):
        user_id: str

    class Wave:
        pass

    def wave(command, work):
        work.log.append(work, "user-ada", 0, [UserWaved("ada")])

    seen = []
    with open_shop(
        "event-sourced",
        handlers={Wave: wave},
        projections={"waves": {UserWaved: lambda docs, recorded: seen.append(recorded.event)}},
    ) as shop:
        shop.send(Wave())
        shop.deliver()
    assert seen == [UserWaved("ada")]
