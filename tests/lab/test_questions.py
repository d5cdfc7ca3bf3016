"""Predictions stand where the read side is behind, and know the misconception behind a bet."""

import pytest

from cqrs_demo import *
from cqrs_demo.lab.questions import (
    BEHIND_IS_A_FAULT,
    SAVED_IS_VISIBLE,
    choose,
    misconceptions,
    number,
    with_predictions,
    with_question,
)
from cqrs_demo.recording import Recording


@pytest.fixture
def recording(clock):
    with open_shop("two-stores", clock=clock) as shop, shop.record("too early") as recording:
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
        with pytest.raises(NotFound):
            shop.ask(GetUserById("ada"))
        with pytest.raises(StillStale):
            shop.ask(GetUserById("ada"), after=1)
        shop.deliver()
        shop.ask(GetUserById("ada"))
        shop.send(RenameUser("ada", "Ada King"))
        shop.ask(GetUserById("ada"))
    return recording


def asked(recording):
    return [step for step in recording.steps if step.question]


def test_a_question_stands_before_each_answer_that_may_be_old_and_nowhere_else(recording):
    predicted = with_predictions(recording)
    assert len(asked(predicted)) == 3
    assert asked(recording) == []
    for step in asked(predicted):
        outcome = predicted.steps[step.n]
        assert outcome.kind in ("answer", "reject")
        right = step.question["choices"][step.question["right"]]["text"]
        expected = {
            "NotFound": "Nothing: it is not found",
            "StillStale": "A refusal: not up to date yet",
            "UserView": "What the read side knew before",
        }
        assert right == expected[outcome.name]
        assert outcome.note not in step.note


def test_rungs_without_events_are_never_behind():
    for rung in ("crud", "one-database"):
        with open_shop(rung) as shop, shop.record("current") as recording:
            shop.send(CreateUser("ada", "Ada", "a@example.org"))
            shop.ask(GetUserById("ada"))
        assert asked(with_predictions(recording)) == []


def test_a_wrong_bet_names_the_misconception_behind_it(recording):
    predicted = with_predictions(recording)
    first, second, third = (step.n for step in asked(predicted))
    assert misconceptions(predicted, {first: 0, str(second): 2, third: 2}) == [
        SAVED_IS_VISIBLE,
        BEHIND_IS_A_FAULT,
    ]
    assert misconceptions(predicted, {}) == []


def test_questions_survive_being_written_and_read(recording):
    predicted = with_question(recording, 2, number("How many?", 3, "Three."))
    assert Recording.from_json(predicted.to_json()) == predicted
    assert misconceptions(predicted, {2: 99}) == []


def test_questions_that_make_no_sense_are_refused(recording):
    for choices, right in (([("one", "why")], 0), ([("a", ""), ("b", "")], 2)):
        with pytest.raises(InvalidMessage):
            choose("?", choices, right)
    for step in (0, 1_000, "1"):
        with pytest.raises(InvalidMessage):
            with_question(recording, step, number("?", 1, ""))
