"""What a lesson calls, without a browser: what is asked, what is kept, what can be read."""

import json

import pytest

from cqrs_demo import InvalidMessage, ShopError
from cqrs_demo.lab import course
from cqrs_demo.lab.cards import Card
from cqrs_demo.lab.course import board, exercise, predict, summary, watch
from cqrs_demo.lab.exercises import LESSONS, all_exercises
from cqrs_demo.lab.progress import progress
from cqrs_demo.lab.questions import with_predictions
from cqrs_demo.lab.quiz import bank
from cqrs_demo.lab.scenarios import run

QUESTIONS = list(bank().questions.values())
CHOOSE = next(q for q in QUESTIONS if any(c.misconception for c in q.choices))
WRONG = next(n for n, choice in enumerate(CHOOSE.choices) if choice.misconception)
NUMBER = next(q for q in QUESTIONS if q.is_number)


@pytest.fixture(scope="module")
def recording():
    return run("place-order")


# predict


def test_a_bet_is_kept_with_what_it_reveals():
    card = predict(CHOOSE.name)
    assert card.answer is None
    card.answer = WRONG
    bet = progress().bets()[CHOOSE.name]
    assert (bet["bet"], bet["right"], bet["lesson"]) == (WRONG, False, CHOOSE.lesson)
    assert bet["misconception"] == CHOOSE.choices[WRONG].misconception
    assert predict(CHOOSE.name).answer == WRONG  # asked again, it shows what was bet
    card.answer = None
    assert progress().bets()[CHOOSE.name]["bet"] == WRONG
    card.answer = int(CHOOSE.right)
    bet = progress().bets()[CHOOSE.name]
    assert (bet["right"], bet["first"]) == (True, WRONG)


def test_a_number_is_asked_for_and_kept():
    card = predict(NUMBER.name)
    assert "choices" not in card.data
    card.answer = NUMBER.right
    assert progress().bets()[NUMBER.name]["right"]


@pytest.mark.parametrize("nonsense", [99, -1, "B", [1], {}, True, 1.5])
def test_an_answer_that_is_impossible_is_not_kept(nonsense):
    predict(CHOOSE.name).answer = nonsense
    assert progress().bets() == {}


def test_what_a_choice_reveals_comes_with_the_run_that_dispels_it():
    choice = predict(CHOOSE.name).data["choices"][WRONG]
    belief = bank().misconceptions[CHOOSE.choices[WRONG].misconception]
    assert choice["belief"] == belief.belief
    assert choice["run"] == f'watch(run("{belief.scenario}", "{belief.shop}"))'
    assert eval(choice["run"], vars(course)).recording


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_can_be_read_without_a_widget_and_gives_nothing_away(question):
    text = repr(predict(question.name))
    assert question.text in text
    for letter, choice in zip("ABCD", question.choices, strict=False):
        assert f"{letter}: {choice.text}" in text
        assert choice.why not in text


def test_a_question_that_does_not_exist_is_said():
    with pytest.raises(ShopError, match="no question 'x'"):
        predict("x")


# watch


def test_bets_in_the_explorer_are_kept_for_questions_of_the_bank(recording):
    explorer = watch(recording, {2: CHOOSE.name, 4: NUMBER.name})
    steps = json.loads(explorer.recording)["steps"]
    assert [step["n"] for step in steps if step["question"]] == [2, 4]
    assert steps[1]["question"]["text"] == CHOOSE.text
    assert not any(step.question for step in recording.steps)
    explorer.bets = {"2": WRONG}
    explorer.bets = {"2": WRONG, "4": 7}
    bets = progress().bets()
    assert bets[CHOOSE.name]["misconception"] == CHOOSE.choices[WRONG].misconception
    assert bets[NUMBER.name]["bet"] == 7


def test_bets_on_automatic_questions_are_kept_too(recording):
    explorer = watch(recording, predict=True)
    (asked,) = (step for step in with_predictions(recording).steps if step.question)
    explorer.bets = {str(asked.n): 0, "999": 1, "x": 2}
    (bet,) = progress().bets().values()
    assert (bet["right"], bet["misconception"]) == (False, "saved-is-visible")


def test_what_cannot_be_watched_is_said(recording):
    with pytest.raises(InvalidMessage, match="recording: must be one, not str"):
        watch("place-order")
    with pytest.raises(InvalidMessage, match="step"):
        watch(recording, {999: CHOOSE.name})
    with pytest.raises(ShopError, match="no question"):
        watch(recording, {1: "x"})


# summary and board


def test_a_summary_is_kept_and_is_there_the_next_time():
    card = summary("01")
    assert card.data["ours"] and card.answer is None
    assert card.data["ours"] not in repr(card)  # ours comes after theirs
    card.answer = "Forms lose edits."
    assert progress().summaries() == {"01": "Forms lose edits."}
    assert summary("01").answer == "Forms lose edits."
    assert "Forms lose edits." in repr(summary("01"))
    with pytest.raises(ShopError, match="no lesson '1'"):
        summary("1")


def told_of(card, lesson):
    return next(each for each in card.data["lessons"] if each["lesson"] == lesson)


def test_the_board_counts_what_was_done_by_lesson():
    before = told_of(board(), CHOOSE.lesson)
    asked = len(bank().of(CHOOSE.lesson))
    assert before["predictions"] == [0, asked]
    predict(CHOOSE.name).answer = WRONG
    summary(CHOOSE.lesson).answer = "x"
    name = next(n for n, each in all_exercises().items() if each.lesson == "01")
    task = exercise(name)
    assert task.check(all_exercises()[name].solution).passed
    card = board()
    assert told_of(card, CHOOSE.lesson)["predictions"] == [1, asked]
    assert told_of(card, CHOOSE.lesson)["summary"]
    assert told_of(card, "01")["exercises"][0] == 1
    (met,) = card.data["met"]
    assert met["belief"] == bank().misconceptions[CHOOSE.choices[WRONG].misconception].belief
    assert not met["since"]
    assert f"1 of {asked} predictions made" in repr(card)
    assert [each["lesson"] for each in card.data["lessons"]] == list(LESSONS)
    predict(CHOOSE.name).answer = int(CHOOSE.right)
    assert board().data["met"][0]["since"]  # answered right since, and still one that was met


def test_boards_that_are_shown_follow_what_is_done():
    boards = [board(), board()]
    explorer = watch(run("place-order"), {2: NUMBER.name})
    name = next(n for n, each in all_exercises().items() if each.lesson == "01")
    before = told_of(boards[0], CHOOSE.lesson)["predictions"][0]
    predict(CHOOSE.name).answer = WRONG
    summary(CHOOSE.lesson).answer = "x"
    explorer.bets = {"2": 7}
    exercise(name).check(all_exercises()[name].solution)
    for card in boards:
        assert told_of(card, CHOOSE.lesson)["predictions"][0] > before
        assert told_of(card, CHOOSE.lesson)["summary"]
        assert told_of(card, "01")["exercises"][0] == 1
        assert NUMBER.name in json.loads(card.data["json"])["bets"]
    boards[0]._handle_custom_msg({"reset": True}, [])
    assert boards[1].data["met"] == [] and not told_of(boards[1], CHOOSE.lesson)["summary"]


def test_the_board_forgets_everything_when_told_to():
    predict(CHOOSE.name).answer = WRONG
    card = board()
    for message in ({"reset": "yes"}, {}, "reset", None):
        card._handle_custom_msg(message, [])
    assert progress().bets()
    card._handle_custom_msg({"reset": True}, [])
    assert progress().bets() == {} == json.loads(card.data["json"])["bets"]
    assert card.data["met"] == []


def test_the_board_says_where_progress_is_not_kept(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CQRS_DEMO_PROGRESS", str(tmp_path / "file" / "p.json"))
    predict(CHOOSE.name).answer = WRONG
    card = board()
    assert "only until this program ends" in card.data["remark"]
    assert card.data["met"]


# exercises and cards


def test_a_task_says_what_to_do_hints_and_solves_when_asked():
    name, ours = next(iter(all_exercises().items()))
    task = exercise(name)
    assert ours.title in repr(task) and f"{ours.minutes} minutes" in repr(task)
    assert ours.solution_text not in repr(task)
    hints = [repr(task.hint()) for _ in range(len(ours.hints) + 1)]
    for n, hint in enumerate(ours.hints, 1):
        assert f"Hint {n} of {len(ours.hints)}" in hints[n - 1] and hint in hints[n - 1]
    assert hints[-1] == hints[-2] and "the last hint" in hints[-1]
    assert ours.solution_text.strip() in repr(task.solution())
    assert task.check(ours.starter).state == "not yet"
    assert progress().exercises() == {}  # nothing was tried yet
    assert not task.check(lambda *all: None).passed
    assert progress().exercises()[name] == {"passed": False, "tries": 1}
    task.check(ours.solution)
    assert "You have solved this one" in repr(exercise(name))
    with pytest.raises(ShopError, match="did you mean"):
        exercise(f"{name}x")


def test_a_card_escapes_whatever_it_holds():
    hostile = "<script>alert(1)</script>"
    card = Card(*[hostile] * 2, (hostile,), (hostile,), hostile, hostile, hostile, hostile)
    html = card.as_html()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 8
    assert card.as_text().count(hostile) == 7  # all but the answer, which is folded up


def test_names_between_backticks_look_like_code_on_a_card_whatever_they_hold():
    sentence = "Call `check(f)`, not `<b>`; a lone ` stays."
    card = Card("kicker", sentence, (sentence,), (sentence,), sentence, remark=sentence, code="`x`")
    html = card.as_html()
    shown = "Call <code>check(f)</code>, not <code>&lt;b&gt;</code>; a lone ` stays."
    assert html.count(shown) == 5
    assert "<pre><code>`x`</code></pre>" in html  # code is shown as it is
    assert "Call `check(f)`" in card.as_text()


def test_a_verdict_is_shown_as_a_card_and_then_the_run_that_failed(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    monkeypatch.setattr("cqrs_demo.visuals.still.display", lambda data, raw: shown.append(data))
    name = next(n for n, each in all_exercises().items() if each.lesson == "01")
    verdict = exercise(name).check(lambda shop, order_id, address: 1)
    verdict._ipython_display_()
    card, explorer, still = shown
    assert "Not yet" in card["text/html"] and verdict.message in card["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in explorer
    assert "<img" in still["text/html"] and verdict.recording.steps[0].note in still["text/plain"]
