"""Whatever a learner gives to `check`, it answers in a sentence, and the notebook goes on."""

import sys
import threading
import time
from collections import Counter, OrderedDict, namedtuple
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial
from time import sleep
from types import MappingProxyType, SimpleNamespace
from unittest.mock import ANY

import pytest

from cqrs_demo import (
    HANDLERS,
    PROJECTIONS,
    ChangePrice,
    CreateUser,
    GetOrder,
    GetUserById,
    InvalidMessage,
    OutOfStock,
    RenameUser,
    StillStale,
    UserCreated,
    WrongStatus,
)
from cqrs_demo.lab.exercises import LESSONS, Task, all_exercises, find, summary_of
from cqrs_demo.lab.exercises.checking import PATIENCE_SECONDS, check, is_same, try_cases
from cqrs_demo.lab.exercises.exercise import Exercise
from cqrs_demo.lab.exercises.patience import GRACE_SECONDS, MOST_LETTERS_PRINTED, run_patiently
from cqrs_demo.lab.exercises.trial import CaseFailed, Trial, shown
from cqrs_demo.recorder.sources import PACKAGE

ADA = CreateUser("ada", "Ada", "ada@example.org")


def starter_rename(shop, name):
    pass


def solution_rename(shop, name):
    shop.send(RenameUser("ada", name))


def renames(rename, trial):
    shop = trial.shop("one-database")
    shop.send(ADA)
    trial.does("Ada marries")
    rename(shop, "Ada King")
    trial.equal("Ada King", shop.ask(GetUserById("ada")).name, "the name")


EXERCISE = Exercise(
    name="00-rename",
    lesson="00",
    title="Rename somebody",
    task="Rename Ada.",
    minutes=5,
    starter=starter_rename,
    solution=solution_rename,
    hints=("Which command renames?", "RenameUser"),
    cases=(renames,),
)


def made(case, solution=solution_rename, starter=starter_rename):
    return Exercise("00-x", "00", "X", "Do x.", 5, starter, solution, ("look",), (case,))


# what learners paste


def test_the_solution_passes_and_the_starter_is_not_yet():
    verdict = check(EXERCISE, solution_rename)
    assert verdict and verdict.passed and verdict.recording is None
    assert "rename does what was asked" in verdict.message
    verdict = check(EXERCISE, starter_rename)
    assert not verdict
    assert (verdict.state, verdict.recording) == ("not yet", None)
    assert "still what the cell began with" in verdict.message


def test_the_starter_is_known_wherever_it_stands_and_whatever_surrounds_it():
    text = EXERCISE.starter_text
    assert text == "def rename(shop, name):\n    pass\n"
    pasted = {}
    exec(compile(f"\n\n\n# a comment\n{text}", "<cell>", "exec"), pasted)
    assert check(EXERCISE, pasted["rename"]).state == "not yet"
    exec(compile(text.replace("pass", "return 1"), "<cell>", "exec"), pasted)
    assert check(EXERCISE, pasted["rename"]).state == "failed"
    exec(compile(text.replace("pass", "return True"), "<cell>", "exec"), pasted)
    one = pasted["rename"]
    exec(compile(text.replace("pass", "return 1"), "<cell>", "exec"), pasted)
    assert not is_same(one, pasted["rename"])  # True == 1, and is something else


async def asynchronous(shop, name):
    pass


def generating(shop, name):
    yield shop


def with_one_argument(shop):
    pass


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "check needs your function: check(rename)"),
        ((None,), "That is None."),
        (("rename",), "without quotes"),
        ((Exercise,), "the class Exercise"),
        (([],), "a value of the type list"),
        ((asynchronous,), "is async"),
        ((generating,), "has a yield"),
        ((with_one_argument,), "It takes (shop), and will be called with (shop, name)"),
        ((lambda: 1,), "It takes (nothing)"),
    ],
)
def test_what_is_no_function_of_the_right_kind_is_said_to_be_none(arguments, words):
    verdict = check(EXERCISE, *arguments)
    assert verdict.state == "wrong"
    assert words in verdict.message


class Hostile:
    def __getattribute__(self, name):
        raise ZeroDivisionError

    def __call__(self):
        pass


def test_what_cannot_even_be_looked_at_is_told_so():
    verdict = check(EXERCISE, Hostile())
    assert verdict.state == "wrong"
    assert "failed with ZeroDivisionError" in verdict.message


@pytest.mark.parametrize("answer", [partial(solution_rename), lambda *all: solution_rename(*all)])
def test_anything_that_can_be_called_so_will_do(answer):
    assert check(EXERCISE, answer).passed


def raising(shop, name):
    return {}["nam"]


def refused(shop, name):
    shop.send(RenameUser("bob", name))


def failing_at_telling(shop, name):
    class Silent(Exception):
        def __str__(self):
            raise ValueError

    raise Silent


def leaving(shop, name):
    sys.exit("bye")


def interrupting(shop, name):
    raise KeyboardInterrupt


def closing(shop, name):
    solution_rename(shop, name)
    shop.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raising, ["Your function raised KeyError: 'nam' at line ", 'return {}["nam"]']),
        (refused, ["Your function raised UnknownId: there is no user 'bob'", "shop.send(Rename"]),
        (failing_at_telling, ["Your function raised Silent at line"]),
        (leaving, ["Your function raised SystemExit: bye"]),
        (interrupting, ["Your function raised KeyboardInterrupt"]),
        (closing, ["The shop was closed", "leave it open"]),
        (lambda shop, name: name, ["The name should be 'Ada King', and is 'Ada'."]),
    ],
)
def test_what_went_wrong_is_said_with_the_learners_own_line(answer, words):
    verdict = check(EXERCISE, answer)
    assert verdict.state == "failed"
    assert verdict.message.startswith("While Ada marries: ")
    for each in words:
        assert each.lower() in verdict.message.lower()


def test_a_failing_case_can_be_replayed_and_begins_where_it_matters():
    verdict = check(EXERCISE, refused)
    assert verdict.recording.title == "Rename somebody"
    assert {step.scene for step in verdict.recording.steps} == {"Ada marries"}
    assert verdict.recording.steps[0].name == "RenameUser"
    assert "Below is what happened" in repr(verdict)


# never too long


def test_there_is_time_left_of_the_five_seconds():
    assert PATIENCE_SECONDS + GRACE_SECONDS < 4


def test_a_loop_without_end_is_stopped():
    running = []

    def endless(shop, name):
        running.append(threading.current_thread())
        while True:
            pass

    verdict = try_cases(EXERCISE, endless, seconds=0.2)
    assert "still running after 0.2 seconds at line" in verdict.message
    assert "while True" in verdict.message or "pass" in verdict.message
    running[0].join(20)
    assert not running[0].is_alive()
    assert check(EXERCISE, solution_rename).passed


def test_a_loop_that_catches_everything_is_stopped_too():
    running = []

    def stubborn(shop, name):
        running.append(threading.current_thread())
        while True:
            try:  # noqa: SIM105 - as a learner writes it
                time.perf_counter()
            except BaseException:
                pass

    assert "still running" in try_cases(EXERCISE, stubborn, seconds=0.2).message
    running[0].join(20)
    assert not running[0].is_alive()


def test_what_sleeps_is_left_behind_and_answered_at_once():
    wake = threading.Event()
    running = []

    def sleeping(shop, name):
        running.append(threading.current_thread())
        wake.wait()

    verdict = try_cases(EXERCISE, sleeping, seconds=0.2)
    assert "wake.wait()" in verdict.message
    assert running[0].is_alive()
    wake.set()
    running[0].join(20)
    assert not running[0].is_alive()


def being_prepared(shop, seen):
    """Look a few times, as lesson 04 teaches; what is seen must have all that is written by now."""
    try:
        return shop.ask(seen, after=shop.position, timeout=0)
    except StillStale:
        return None


def polls_three_times(shop, command):
    shop.send(command)
    for _ in range(3):
        if found := being_prepared(shop, GetOrder(command.order_id)):
            return found
        time.sleep(0.5)
    return "being prepared"


def polls_until_it_is_late(shop, command):
    shop.send(command)
    late = time.monotonic() + 2
    while time.monotonic() < late:
        if found := being_prepared(shop, GetOrder(command.order_id)):
            return found
        sleep(0.02)
    return "being prepared"


@pytest.mark.parametrize("answer", [polls_three_times, polls_until_it_is_late])
def test_whoever_waits_a_little_has_not_waited_too_long(answer):
    verdict = check(find("04-show-my-change"), answer)
    assert verdict.passed, verdict.message


def test_a_pause_in_a_trial_is_short_but_seems_as_long_as_it_was_meant_to_be():
    seen = []

    def pausing(shop, name):
        before = time.time(), time.monotonic(), time.perf_counter()
        time.sleep(60)
        seen.extend((time.time() - before[0], time.monotonic() - before[1]))
        seen.append(time.perf_counter() - before[2])
        solution_rename(shop, name)

    began = time.perf_counter()
    assert check(EXERCISE, pausing).passed
    assert time.perf_counter() - began < 3
    assert all(60 <= seconds < 64 for seconds in seen) and len(seen) == 3
    for seconds, words in ((-1, "ValueError"), ("1", "TypeError")):
        verdict = check(EXERCISE, lambda shop, name, seconds=seconds: time.sleep(seconds))
        assert words in verdict.message and "time.sleep(seconds)" in verdict.message


def test_a_loop_that_pauses_without_end_is_stopped_too_and_others_pause_as_ever():
    took, running, clocks = [], [], (time.sleep, time.time, time.monotonic, time.perf_counter)

    def other():
        began = clocks[3]()
        time.sleep(0.15)
        sleep(0.15)
        took.append(clocks[3]() - began)

    def waiting(shop, name):
        running.append(threading.current_thread())
        threading.Thread(target=other).start()
        while not name.islower():
            time.sleep(1)

    verdict = try_cases(EXERCISE, waiting, seconds=0.5)
    assert "still running after 0.5 seconds at line" in verdict.message
    running[0].join(20)
    assert not running[0].is_alive()
    assert took[0] >= 0.3
    assert (time.sleep, time.time, time.monotonic, time.perf_counter) == clocks
    assert sleep is time.sleep


def test_two_checks_at_once_leave_the_clocks_as_they_were():
    clocks = time.sleep, time.monotonic

    def slow(shop, name):
        time.sleep(5)
        solution_rename(shop, name)

    def check_often(n):
        for _ in range(n):
            check(EXERCISE, slow)

    threads = [threading.Thread(target=check_often, args=(n,)) for n in (3, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (time.sleep, time.monotonic) == clocks and sleep is time.sleep


def test_an_interrupt_ends_the_waiting(monkeypatch):
    wake = threading.Event()

    def interrupted(self, seconds=None):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_patiently(wake.wait, 5)
    wake.set()


# printing


def test_a_check_within_a_check_is_no_way_out():
    exercise = made(renames)

    def recursive(shop, name):
        return check(exercise, recursive)

    assert check(exercise, recursive).state == "failed"
    assert not [each for each in threading.enumerate() if each.name == "exercise"]


def test_exit_in_a_notebook_leaves_the_kernel_alone(monkeypatch):
    left = []
    shell = SimpleNamespace(ask_exit=lambda: left.append(True))
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    verdict = check(made(renames), lambda shop, name: shell.ask_exit())
    assert "SystemExit" in verdict.message
    assert left == []


def test_an_error_that_never_says_what_it_is_is_survived():
    class Endless(Exception):
        def __str__(self):
            while self:
                pass
            return ""

    def raising_endless(shop, name):
        raise Endless

    verdict = check(made(renames), raising_endless)
    assert "your function raised Endless" in verdict.message


def test_what_it_prints_is_kept_and_what_others_print_is_not(capsys):
    def talkative(shop, name):
        print("in", "thread")
        print("aside", file=sys.stderr)
        solution_rename(shop, name)

    before = sys.stdout, sys.stderr
    verdict = check(EXERCISE, talkative)
    assert verdict.passed
    assert verdict.printed == "in thread\naside\n"
    assert "It printed\nin thread" in repr(verdict)
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == ""


def test_who_prints_without_end_is_kept_short():
    def chatter(shop, name):
        while True:
            print("x" * 100)

    verdict = try_cases(EXERCISE, chatter, seconds=0.2)
    assert len(verdict.printed) == MOST_LETTERS_PRINTED


def test_others_print_where_they_did_before(capsys):
    ready, done = threading.Event(), threading.Event()

    def other():
        ready.wait(20)
        print("from somebody else", flush=True)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()

    def waiting(shop, name):
        ready.set()
        done.wait(20)
        solution_rename(shop, name)

    assert check(EXERCISE, waiting).printed == ""
    thread.join()
    assert capsys.readouterr().out == "from somebody else\n"


# what a case works with


def test_a_function_that_changes_what_it_was_given_is_told_so():
    given = [[1, 2]]

    def case(pop, trial):
        trial.does("a list is given")
        trial.call(pop, given[0], key={"a": 1})

    def popping(numbers, key):
        numbers.pop()

    verdict = try_cases(made(case), popping)
    assert "it changed what it was given: [1, 2] became [1]" in verdict.message
    assert given == [[1, 2]]  # the next check begins as this one did
    verdict = try_cases(made(case), lambda numbers, key: key.clear())
    assert "{'a': 1} became {}" in verdict.message
    assert try_cases(made(case), lambda numbers, key: numbers[0]).passed


def solution_double(number):
    return 2 * number


def test_none_is_explained_where_something_should_come_back_and_nowhere_else():
    def case(double, trial):
        trial.equal(4, double(2), "the double of 2")

    exercise = made(case, solution_double, lambda number: ...)
    message = check(exercise, lambda number: None).message
    assert message.startswith("The double of 2 should be 4, and is None")
    assert "no return" in message
    exercise = made(case, starter=lambda number: ...)
    assert "no return" not in check(exercise, lambda number: None).message


def test_a_refusal_that_is_expected_must_come_and_be_the_right_one():
    trial = Trial()

    def refuse():
        raise OutOfStock("0 left")

    def fail():
        raise ZeroDivisionError

    assert str(trial.refuses(OutOfStock, refuse, "it was sold")) == "0 left"
    with pytest.raises(CaseFailed, match=r"it was sold. It should .* OutOfStock, and was not"):
        trial.refuses(OutOfStock, lambda: None, "it was sold")
    with pytest.raises(CaseFailed, match=r"the shop said OutOfStock: 0 left"):
        trial.refuses(WrongStatus, refuse, "it was sold")
    with pytest.raises(ZeroDivisionError):  # a mistake of the learner's, to be told as one
        trial.refuses(WrongStatus, fail, "it was sold")


class EqualsAnything:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


@pytest.mark.parametrize("name", all_exercises())
@pytest.mark.parametrize("answer", [EqualsAnything(), ANY, [ANY]], ids=["own", "any", "list"])
def test_an_answer_that_equals_anything_is_no_answer_to_any_exercise(name, answer):
    verdict = check(find(name), lambda *all, **named: answer)
    assert verdict.state == "failed"


@dataclass(frozen=True)
class Pair:
    one: object
    other: object = field(default=0, compare=False)


class Word(StrEnum):
    SOLD = "sold"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("sold", Word.SOLD),
        (5, Decimal(5)),
        (5, 5.0),
        (1, True),
        (None, None),
        ([("o-1", 2)], [namedtuple("Row", "key, n")("o-1", 2)]),
        ({"a": [1]}, OrderedDict(a=[1.0])),
        ({"mug": 2}, Counter(mug=2)),
        ({"mug": 2}, MappingProxyType({"mug": 2})),
        ({1, 2}, frozenset((1, 2))),
        ({1, 2}, {1: "", 2: ""}.keys()),
        (Pair("a", 1), Pair(Word.SOLD.replace("sold", "a"), 2)),
    ],
)
def test_what_python_holds_for_equal_is_equal(wanted, got):
    Trial().equal(wanted, got, "it")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("sold", ANY),
        (None, ANY),
        (5, "5"),
        ([1], (1,)),
        ((1,), [1]),
        ([1], [1, 2]),
        ([{"a": 1}], [{"a": ANY}]),
        ({"a": 1}, {"b": 1}),
        ({1}, ANY),
        (Pair("a"), Pair(ANY)),
        (Pair("a"), ANY),
        ("sold", EqualsAnything()),
    ],
)
def test_what_says_that_it_equals_everything_is_not(wanted, got):
    with pytest.raises(CaseFailed, match="it should be"):
        Trial().equal(wanted, got, "it")


def test_two_things_that_look_alike_are_told_apart_by_their_type():
    class Sold:
        def __repr__(self):
            return "'sold'"

    with pytest.raises(CaseFailed, match="and is 'sold', but of the type Sold"):
        Trial().equal("sold", Sold(), "it")


def starter_greet(docs, recorded):
    pass


def greets(greet, trial):
    shop = trial.shop(projections={**PROJECTIONS, "greetings": {UserCreated: greet}})
    trial.does("Ada signs up")
    shop.send(ADA)
    trial.deliver(shop)
    trial.expect(shop.documents()["greetings"], "nobody was greeted")


def test_a_projection_that_stops_says_so_though_it_raises_nothing():
    def wrong(docs, recorded):
        docs.put(recorded.event.user_id, recorded.event.nick)

    verdict = try_cases(made(greets, starter=starter_greet), wrong)
    assert "the projection greetings stopped at line" in verdict.message
    assert "docs.put(recorded.event.user_id, recorded.event.nick)" in verdict.message
    assert "AttributeError" in verdict.message
    verdict = try_cases(made(greets, starter=starter_greet), lambda docs, recorded: None)
    assert "nobody was greeted" in verdict.message


def test_a_handler_of_the_learners_is_at_work_in_the_shop():
    def case(change_price, trial):
        trial.does("a price is changed")
        shop = trial.shop("event-sourced", handlers={**HANDLERS, ChangePrice: change_price})
        trial.does("and changed again")
        shop.send(ChangePrice("mug", 1))

    verdict = try_cases(made(case), lambda command, work: 1 / 0)
    assert verdict.message.startswith("While and changed again: your function raised ZeroDivision")
    assert verdict.recording.steps[0].scene == "And changed again"


def test_a_value_is_shown_in_short_and_may_fail_at_that():
    class Hostile:
        def __repr__(self):
            raise ValueError

    assert shown(Hostile()) == "<Hostile>"
    assert len(shown("x" * 1_000)) == 160


def test_cases_of_one_check_share_no_shop_and_all_shops_are_closed():
    seen = []

    def case(rename, trial):
        shop = trial.shop()
        seen.append(shop)
        shop.send(ADA)

    exercise = Exercise(
        "00-x", "00", "X", "x", 5, starter_rename, solution_rename, ("a",), (case, case)
    )
    assert check(exercise, solution_rename).passed
    assert seen[0] is not seen[1] and all(shop.closed for shop in seen)


def test_a_mistake_in_a_case_is_no_mistake_of_the_learners():
    ours = {}
    text = "def case(rename, trial):\n    rename(trial.shop('crud'), 'x').upper()\n"
    exec(compile(text, str(PACKAGE / "lab" / "exercises" / "lesson_99.py"), "exec"), ours)
    verdict = try_cases(made(ours["case"]), lambda shop, name: None)
    assert verdict.message.startswith("What came back cannot be used (AttributeError: 'NoneType'")


# exercises as such


def test_an_exercise_that_makes_no_sense_is_refused():
    for change in ({"name": "01-x"}, {"hints": ()}, {"cases": ()}, {"task": ""}):
        with pytest.raises(InvalidMessage):
            Exercise(**{**vars(EXERCISE), **change})


def test_a_hint_says_how_to_get_the_next_one_whatever_the_task_is_called():
    last_tuesday = Task(EXERCISE, None)
    first, second = repr(last_tuesday.hint()), repr(last_tuesday.hint())
    assert "Run this cell again for more." in first and "task" not in first
    assert "That was the last hint." in second


def test_exercises_are_found_by_name():
    for name, exercise in all_exercises().items():
        assert find(name) is exercise
        assert name.startswith(f"{exercise.lesson}-") and exercise.lesson in LESSONS


def test_every_lesson_has_a_summary_of_ours():
    for lesson in LESSONS:
        assert 80 <= len(summary_of(lesson)) <= 900, lesson
