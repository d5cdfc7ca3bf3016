"""Lesson 04: the solutions pass, and what learners get wrong is refused in helpful words."""

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sharing import tests_of

from cqrs_demo import GetOrder, NotFound, OrderPlaced, ShopError, StillStale
from cqrs_demo.lab.exercises import find
from cqrs_demo.lab.exercises.checking import check
from cqrs_demo.lab.scenarios import run

# 1. the page that shows what I saved


def takes_the_position_before(shop: Any, command: Any) -> Any:
    position = shop.position
    shop.send(command)
    try:
        return shop.ask(GetOrder(command.order_id), after=position)
    except StillStale:
        return "being prepared"


def delivers_by_itself(shop: Any, command: Any) -> Any:
    shop.send(command)
    shop.deliver()
    return shop.ask(GetOrder(command.order_id), after=shop.position)


def waits_for_every_page(shop: Any, command: Any) -> Any:
    shop.send(command)
    if shop.staleness:
        return "being prepared"
    return shop.ask(GetOrder(command.order_id))


def takes_every_no_for_staleness(shop: Any, command: Any) -> Any:
    try:
        shop.send(command)
        return shop.ask(GetOrder(command.order_id), after=shop.position)
    except ShopError:
        return "being prepared"


def lets_the_error_through(shop: Any, command: Any) -> Any:
    shop.send(command)
    return shop.ask(GetOrder(command.order_id), after=shop.position)


def compares_what_the_page_says(shop: Any, command: Any) -> Any:
    shop.send(command)
    try:
        order = shop.ask(GetOrder(command.order_id))
    except NotFound:
        return "being prepared"
    return order if order.shipping_address == command.address else "being prepared"


def says_it_always(shop: Any, command: Any) -> Any:
    shop.send(command)
    return "being prepared"


def shows_the_commands_own_data(shop: Any, command: Any) -> Any:
    shop.send(command)
    return replace(shop.ask(GetOrder(command.order_id)), shipping_address=command.address)


def delivers_to_the_one_page(shop: Any, command: Any) -> Any:
    shop.send(command)
    shop.deliver(only="orders")
    return shop.ask(GetOrder(command.order_id), after=shop.position)


def test_waiting_as_the_lesson_does_is_right_too():
    def waits(shop: Any, command: Any) -> Any:
        shop.send(command)
        try:
            return shop.ask(GetOrder(command.order_id), after=shop.position, timeout=60)
        except StillStale:
            return "being prepared"

    verdict = check(find("04-show-my-change"), waits)
    assert verdict.passed, verdict.message


# 2. once and in order


def leaves_out_what_is_old(checkpoint: int, brought: Any, log: Any) -> Any:
    return [recorded for recorded in brought if recorded.position > checkpoint]


def sorts_and_drops_doubles(checkpoint: int, brought: Any, log: Any) -> Any:
    new = {recorded.position: recorded for recorded in brought if recorded.position > checkpoint}
    return [new[position] for position in sorted(new)]


def takes_the_next_only(checkpoint: int, brought: Any, log: Any) -> Any:
    events = []
    for recorded in brought:
        if recorded.position == checkpoint + 1:
            events.append(recorded)
            checkpoint += 1
    return events


def takes_the_rest_of_the_log(checkpoint: int, brought: Any, log: Any) -> Any:
    return log[checkpoint:] if brought else []


def is_one_off(checkpoint: int, brought: Any, log: Any) -> Any:
    last = max((recorded.position for recorded in brought), default=checkpoint)
    return log[checkpoint + 1 : last + 1]


def answers_with_positions(checkpoint: int, brought: Any, log: Any) -> Any:
    last = max((recorded.position for recorded in brought), default=checkpoint)
    return list(range(checkpoint + 1, last + 1))


def sorts_what_it_was_given(checkpoint: int, brought: Any, log: Any) -> Any:
    brought.sort(key=lambda recorded: recorded.position)
    return [recorded for recorded in brought if recorded.position > checkpoint]


# 3. the relay


def goes_on_in_silence(shop: Any, checkpoint: Any, tell: Any) -> None:
    for recorded in shop.events(after=checkpoint["position"]):
        if isinstance(recorded.event, OrderPlaced):
            with suppress(Exception):
                tell(recorded.event.order_id)
        checkpoint["position"] = recorded.position


def keeps_no_checkpoint(shop: Any, checkpoint: Any, tell: Any) -> None:
    for recorded in shop.events(after=checkpoint["position"]):
        if isinstance(recorded.event, OrderPlaced):
            tell(recorded.event.order_id)


def jumps_to_the_newest(shop: Any, checkpoint: Any, tell: Any) -> None:
    for recorded in list(shop.events(after=checkpoint["position"])):
        if isinstance(recorded.event, OrderPlaced):
            tell(recorded.event.order_id)
    checkpoint["position"] = shop.position


def sets_it_in_any_case(shop: Any, checkpoint: Any, tell: Any) -> None:
    for recorded in shop.events(after=checkpoint["position"]):
        try:
            if isinstance(recorded.event, OrderPlaced):
                tell(recorded.event.order_id)
        finally:
            checkpoint["position"] = recorded.position


def makes_a_checkpoint_of_its_own(shop: Any, checkpoint: Any, tell: Any) -> None:
    for recorded in shop.events(after=checkpoint["position"]):
        if isinstance(recorded.event, OrderPlaced):
            tell(recorded.event.order_id)
        checkpoint = {"position": recorded.position}


def starts_all_over(shop: Any, checkpoint: Any, tell: Any) -> None:
    for recorded in shop.events():
        if isinstance(recorded.event, OrderPlaced):
            tell(recorded.event.order_id)
        checkpoint["position"] = recorded.position


# 4. how old


def told(events: int) -> str:
    if events == 0:
        return "up to date"
    return f"{events} event{'' if events == 1 else 's'} behind"


def speaks_of_the_slowest(shop: Any, page: str) -> str:
    return told(shop.staleness)


def never_says_stopped(shop: Any, page: str) -> str:
    return told(shop.projections[page].staleness)


def always_says_events(shop: Any, page: str) -> str:
    events = shop.projections[page].staleness
    return f"{events} events behind" if events else "up to date"


def says_nothing_behind(shop: Any, page: str) -> str:
    if shop.projections[page].error:
        return "stopped"
    events = shop.projections[page].staleness
    return f"{events} event{'' if events == 1 else 's'} behind"


def says_why_it_stopped(shop: Any, page: str) -> str:
    projection = shop.projections[page]
    return projection.error or told(projection.staleness)


WRONG = {
    "04-show-my-change": [
        (takes_the_position_before, "as if nothing had been saved"),
        (delivers_by_itself, "to deliver is no business of a screen"),
        (delivers_to_the_one_page, "to deliver is no business of a screen"),
        (shows_the_commands_own_data, "own data"),
        (waits_for_every_page, "the catalogue, has stopped"),
        (takes_every_no_for_staleness, "so nothing is being prepared"),
        (lets_the_error_through, "StillStale"),
        (compares_what_the_page_says, "right by chance"),
        (says_it_always, "so the answer should be the order"),
    ],
    "04-apply-once": [
        (leaves_out_what_is_old, "an event twice"),
        (sorts_and_drops_doubles, "has lost an event"),
        (takes_the_next_only, "has lost an event"),
        (takes_the_rest_of_the_log, "positions to apply should be [3, 4]"),
        (is_one_off, "positions to apply should be [3, 4]"),
        (answers_with_positions, "a list of recorded events"),
        (sorts_what_it_was_given, "an event twice"),
    ],
    "04-relay": [
        (goes_on_in_silence, "is told of o-1"),
        (keeps_no_checkpoint, "a third order is placed"),
        (jumps_to_the_newest, "in two runs"),
        (sets_it_in_any_case, "has heard of in the end"),
        (makes_a_checkpoint_of_its_own, "a third order is placed"),
        (starts_all_over, "a third order is placed"),
    ],
    "04-how-old": [
        (speaks_of_the_slowest, "has seen everything, the others nothing"),
        (never_says_stopped, "should be 'stopped'"),
        (always_says_events, "should be '1 event behind'"),
        (says_nothing_behind, "should be 'up to date', and is '0 events behind'"),
        (says_why_it_stopped, "should be 'stopped'"),
    ],
}

globals().update(tests_of("04", WRONG))


def test_the_notebook_asks_for_the_old_price_right_before_it_is_answered():
    notebook = Path(__file__).parents[3] / "notebooks" / "04_events_and_eventual_consistency.ipynb"
    asked = re.search(r'run\(\\"stale-read\\"\), \{(\d+): ', notebook.read_text(encoding="utf-8"))
    assert asked
    step = int(asked[1])
    kinds = [each.kind for each in run("stale-read").steps[step - 1 : step + 1]]
    assert kinds == ["load", "answer"]
