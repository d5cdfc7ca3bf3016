"""Screens: what a client sees while its documents are old, filmed from real runs."""

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from cqrs_demo import (
    ChangeShippingAddress,
    GetOrder,
    InvalidMessage,
    ShipOrder,
    WrongStatus,
    open_shop,
)
from cqrs_demo.lab.screens import (
    FOUR_WAYS,
    MOST_LOOKS,
    NEW_ADDRESS,
    OLD_ADDRESS,
    ORDER,
    Film,
    Way,
    act,
    ask_at_once,
    film,
    poll,
    prepare,
    say_being_prepared,
    show_own_data,
    wait_with_after,
)
from cqrs_demo.shop import Shop


class Time:
    """A clock that stands still but for pauses; at the end of the n-th pause events arrive."""

    def __init__(self, shop: Shop, arrives_after: int = 1) -> None:
        self.shop, self.arrives_after = shop, arrives_after
        self.now, self.pauses = 0.0, 0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.pauses += 1
        if self.pauses == self.arrives_after:
            self.shop.deliver()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop("two-stores") as shop:
        prepare(shop)
        yield shop


def filmed(way: Way, shop: Shop, arrives_after: int = 1) -> Film:
    time = Time(shop, arrives_after)
    return act(way, shop, time.clock, time.pause)


def seen(film: Film) -> list[tuple[str | None, str, str]]:
    return [(m.order.shipping_address, m.notice, m.state) for m in film.moments]


def test_asking_at_once_shows_the_old_address_as_if_nothing_had_been_saved(shop: Shop):
    assert seen(filmed(ask_at_once, shop)) == [
        (OLD_ADDRESS, "", "before"),
        (OLD_ADDRESS, "", "old"),
        (NEW_ADDRESS, "", "current"),
    ]


def test_the_commands_own_data_are_shown_without_asking(shop: Shop):
    film = filmed(show_own_data, shop)
    assert seen(film)[1] == (NEW_ADDRESS, "", "own")
    assert film.queries == 0


def test_waiting_shows_the_change_once_the_documents_have_it():
    with open_shop("two-stores", delivery="background", lag=0.01) as shop:
        prepare(shop)
        film = act(wait_with_after, shop)
    assert seen(film) == [
        (OLD_ADDRESS, "", "before"),
        (OLD_ADDRESS, "Saving …", "old"),
        (NEW_ADDRESS, "", "current"),
    ]
    assert film.queries == 1
    assert not film.moments[-1].is_opened_again


def test_waiting_in_vain_says_that_it_is_saved_and_does_not_fail(shop: Shop, monkeypatch):
    monkeypatch.setattr("cqrs_demo.lab.screens.PATIENCE", 0.0)
    film = filmed(wait_with_after, shop)
    assert seen(film)[2] == (OLD_ADDRESS, "Saved. It takes longer than usual to show.", "old")
    assert film.moments[-1].is_opened_again
    assert film.moments[-1].state == "current"


def test_saying_that_it_is_being_prepared_asks_once_and_is_old_but_honest(shop: Shop):
    film = filmed(say_being_prepared, shop)
    assert seen(film)[1] == (OLD_ADDRESS, "Saved. This page is being prepared.", "old")
    assert film.queries == 1


def test_polling_asks_until_it_is_there_and_repeats_nothing_on_the_screen(shop: Shop):
    film = filmed(poll, shop, arrives_after=3)
    assert film.queries == 4
    assert seen(film)[1:] == [
        (OLD_ADDRESS, "Saved. Looking again …", "old"),
        (NEW_ADDRESS, "", "current"),
    ]
    assert film.moments[-1].at == pytest.approx(0.3)


def test_polling_gives_up_in_the_end(shop: Shop):
    film = filmed(poll, shop, arrives_after=0)
    assert film.queries == MOST_LOOKS
    assert seen(film)[2] == (OLD_ADDRESS, "Saved. Look again later.", "old")


@pytest.mark.parametrize("way", FOUR_WAYS)
def test_a_refused_command_goes_through_to_the_caller(way: Way, shop: Shop):
    shop.send(ShipOrder(ORDER))
    with pytest.raises(WrongStatus):
        filmed(way, shop)
    assert shop.hops.listeners == []


def test_a_film_says_when_the_documents_had_heard(shop: Shop):
    assert filmed(poll, shop, arrives_after=2).caught_up == pytest.approx(0.2)


def test_a_way_of_ones_own_can_be_filmed(shop: Shop):
    def own_then_true(shop, screen, command: ChangeShippingAddress):
        """First my own words, then the truth"""
        shop.send(command)
        screen.shows(replace(screen.order, shipping_address=command.address))
        screen.pause(0.1)
        screen.shows(shop.ask(GetOrder(command.order_id)))

    film = filmed(own_then_true, shop)
    assert film.title == "First my own words, then the truth"
    assert [moment.state for moment in film.moments] == ["before", "own", "current"]


def test_a_film_opens_its_own_shop():
    assert [m.state for m in film(show_own_data, lag=0).moments] == ["before", "own", "current"]


@pytest.mark.parametrize("lag", [-1, 11, "1", float("nan"), True])
def test_a_lag_is_a_small_number_of_seconds(lag):
    with pytest.raises(InvalidMessage, match="lag"):
        film(show_own_data, lag=lag)


class Text(HTMLParser):
    """Collects what a reader sees, and the names of the tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        if self.lasttag != "style":
            self.words.append(data)


def test_a_film_reads_as_text_and_as_html(shop: Shop):
    film = filmed(say_being_prepared, shop)
    text = repr(film)
    html = " ".join(Text(film._repr_html_()).words)
    for told in ("Say that it is being prepared", "1 query", "This page is being prepared."):
        assert told in text
        assert told in html
    assert text.count("\n") == 1 + len(film.moments)
    assert "opened again, 0.10 s" in text


def test_a_film_says_how_to_read_its_bar(shop: Shop):
    words = Text(filmed(ask_at_once, shop)._repr_html_()).words
    told = words[words.index("documents heard") + 1]
    assert "hatched while that is the old address" in told


def test_what_stands_on_a_screen_is_data_and_never_markup(shop: Shop):
    nasty = "<img src=x onerror=alert(1)>"

    def show_nasty(shop, screen, command):
        screen.shows(replace(screen.order, shipping_address=nasty), nasty)

    show_nasty.__doc__ = nasty
    drawn = Text(filmed(show_nasty, shop)._repr_html_())
    assert "img" not in drawn.tags
    assert drawn.words.count(nasty) == 3
