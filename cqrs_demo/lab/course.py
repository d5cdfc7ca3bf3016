"""What a lesson's notebook calls: predict, watch, summary, board, exercise.

    predict("two-editors")        # a question; what you bet is kept
    watch(run("place-order"))     # a recorded run, step by step
    task = exercise("01-find-the-lost-edit")
    task.check(my_function)
    summary("01")                 # in your own words
    board()                       # what you have done so far

Everything is kept with the learner's progress (progress.py), on their own machine.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..domain.errors import InvalidMessage
from ..recording import Recording
from ..visuals.ask import AskCard
from ..visuals.explorer import Explorer
from .cards import Card
from .exercises import Task, all_exercises, find, summary_of
from .progress import Progress, progress
from .questions import BEHIND_IS_A_FAULT, QUERIES_WAIT, SAVED_IS_VISIBLE, with_question
from .questions import with_predictions as asked_automatically
from .quiz import LETTERS, Misconception, bank
from .quiz import Question as BankQuestion
from .scenarios import run

TITLES = {
    "00": "Start here",
    "01": "CRUD, and where it hurts",
    "02": "Commands and the write model",
    "03": "Queries and the read model",
    "04": "Events and eventual consistency",
    "05": "Event sourcing",
    "06": "CRUD versus CQRS",
}
OF_AUTOMATIC = {  # what a bet on an automatic question reveals -> its id in the quiz bank
    SAVED_IS_VISIBLE: "saved-is-visible",
    QUERIES_WAIT: "saved-is-visible",
    BEHIND_IS_A_FAULT: "eventual-consistency-is-a-race",
}


def predict(name: str) -> AskCard:
    """Return a question of the quiz bank as a card: bet first, then read what is so, and why.

    Whoever has answered it before sees the answer, and may answer again. Raises ShopError if there
    is no such question.
    """
    question = bank().question(name)
    kept = progress()
    before = kept.bets().get(name, {}).get("bet")
    card = AskCard("question", question_data(question), *still_of(question), answer=before)

    def answered(change: Any) -> None:
        bet = change["new"]
        if is_possible(question, bet):
            right, believed = bet == question.right, question.misconception(bet)
            kept.bet(name, question.lesson, bet, right, believed)

    card.observe(answered, "answer")
    return card


def watch(
    recording: Recording, questions: Mapping[int, str] | None = None, predict: bool = False
) -> Explorer:
    """Return the explorer on a recording.

    `questions` asks questions of the quiz bank, {step: name}; `predict` asks automatic ones,
    wherever a query is asked while events wait. What is bet is kept. Raises ShopError for a
    question that does not exist, InvalidMessage for a step that does not.
    """
    if not isinstance(recording, Recording):
        raise InvalidMessage("recording", f"must be one, not {type(recording).__name__}")
    asked = {n: bank().question(name) for n, name in (questions or {}).items()}
    for n, question in asked.items():
        recording = with_question(recording, n, question.as_dict())
    if predict:
        recording = asked_automatically(recording)
    explorer = recording.explorer()
    explorer.observe(partial(_keep_bets, recording, asked), "bets")
    return explorer


def summary(lesson: str) -> AskCard:
    """Return a field for a summary in the learner's own words; ours is shown once it is kept.

    Raises ShopError if there is no such lesson.
    """
    ours = summary_of(lesson) or f"Nobody has written ours yet (SUMMARY in lesson_{lesson}.py)."
    kept = progress()
    before = kept.summaries().get(lesson)
    label = f"Summary of lesson {lesson}"
    still = Card("Summary · not graded", label, (before or "Nothing was written so far.",))
    data = {"lesson": lesson, "ours": ours, "label": label, "remark": kept.remark}
    card = AskCard("summary", data, still.as_html(), still.as_text(), answer=before)

    def written(change: Any) -> None:
        if isinstance(change["new"], str):
            kept.summarise(lesson, change["new"])
            card.data = {**data, "remark": kept.remark}

    card.observe(written, "answer")
    return card


def board() -> AskCard:
    """Return the board: predictions, exercises and beliefs met, with export and reset.

    It follows what is done in this notebook; what is done in others shows when it is next drawn.
    """
    kept = progress()
    data = board_data(kept)
    still = still_of_board(data)
    card = AskCard("board", data, still.as_html(), still.as_text())

    def told(_: Any, message: Any, buffers: Any) -> None:
        if isinstance(message, dict) and message.get("reset") is True:
            kept.reset()

    def follow() -> None:
        card.data = board_data(kept)

    card.on_msg(told)
    kept.listen(follow)
    return card


def exercise(name: str) -> Task:
    """Return an exercise; displaying it shows the task. Raises ShopError if there is none."""
    return Task(find(name), progress())


# what stands on the cards


def run_of(misconception: Misconception) -> str:
    """Return the line of Python that shows what dispels a misconception."""
    return f'watch(run("{misconception.scenario}", "{misconception.shop}"))'


def question_data(question: BankQuestion) -> dict[str, Any]:
    data = {**question.as_dict(), "kick": "Predict first", "label": "A question to predict"}
    for choice in data.get("choices", ()):
        believed = bank().misconceptions.get(choice.get("misconception", ""))
        if believed:
            choice |= {"belief": believed.belief, "run": run_of(believed)}
    return data


def still_of(question: BankQuestion) -> tuple[str, str]:
    """Return the question as HTML and as text, for where no widget runs."""
    pairs = zip(LETTERS, question.choices, strict=False)
    items = tuple(f"{letter}: {choice.text}" for letter, choice in pairs)
    right = f"{question.right:g}. {question.why}"
    if question.choices:
        n = int(question.right)
        right = f"{LETTERS[n]}: {question.choices[n].text}. {question.choices[n].why}"
    card = Card("Predict first", question.text, items=items, behind=right)
    return card.as_html(), card.as_text()


def board_data(kept: Progress) -> dict[str, Any]:
    """Return what the board shows."""
    bets, solved, written = kept.bets(), kept.exercises(), kept.summaries()
    lessons = []
    for lesson, title in TITLES.items():
        asked = [question.name for question in bank().of(lesson)]
        tasks = [name for name, task in all_exercises().items() if task.lesson == lesson]
        lessons.append(
            {
                "lesson": lesson,
                "title": title,
                "predictions": [sum(name in bets for name in asked), len(asked)],
                "exercises": [sum(_is_solved(solved, name) for name in tasks), len(tasks)],
                "summary": lesson in written,
            }
        )
    return {
        "label": "Your progress",
        "lessons": lessons,
        "met": [
            {"belief": each.belief, "run": run_of(each), "since": _is_seen_through(bets, name)}
            for name, each in bank().misconceptions.items()
            if any(name in bet.get("met", ()) for bet in bets.values())
        ],
        "beliefs": len(bank().misconceptions),
        "remark": kept.remark,
        "json": kept.as_json(),
    }


def still_of_board(data: dict[str, Any]) -> Card:
    items = []
    for each in data["lessons"]:
        (bet, asked), (solved, tasks) = each["predictions"], each["exercises"]
        told = f"{bet} of {asked} predictions made, {solved} of {tasks} exercises solved"
        items.append(f"{each['lesson']} {each['title']}: {told}")
    met = f"Beliefs you have bet on: {len(data['met'])} of {data['beliefs']}"
    beliefs = tuple(f"{each['belief']} See it happen: {each['run']}" for each in data["met"])
    kicker, title = "Your progress", "What you have done so far"
    return Card(kicker, title, items=(*items, met, *beliefs), remark=data["remark"])


def _is_solved(solved: Mapping[str, Any], name: str) -> bool:
    return bool(solved.get(name, {}).get("passed"))


def _is_seen_through(bets: Mapping[str, Any], misconception: str) -> bool:
    """Say whether every question that once revealed it has been answered right since."""
    return all(bet["right"] for bet in bets.values() if misconception in bet.get("met", ()))


def is_possible(question: BankQuestion, bet: Any) -> bool:
    """Say whether a browser sent an answer that this question can have."""
    if question.is_number:
        return type(bet) in (int, float)
    return type(bet) is int and 0 <= bet < len(question.choices)


def _keep_bets(recording: Recording, asked: Mapping[int, BankQuestion], change: Any) -> None:
    """Keep what was bet in an explorer, be it on a question of the bank or an automatic one."""
    before = change["old"] if isinstance(change["old"], dict) else {}
    for key, bet in change["new"].items():
        n = int(key) if str(key).isdigit() else 0
        if key in before or not 1 <= n <= len(recording.steps):
            continue
        question = recording.steps[n - 1].question
        if n in asked and is_possible(asked[n], bet):
            ours = asked[n]
            right, believed = bet == ours.right, ours.misconception(bet)
            progress().bet(ours.name, ours.lesson, bet, right, believed)
        elif question and type(bet) is int and 0 <= bet < len(question.get("choices", ())):
            name = f"{recording.title} ({recording.architecture}, step {n})"
            believed = OF_AUTOMATIC.get(question["choices"][bet].get("misconception", ""))
            progress().bet(name, "", bet, bet == question["right"], believed)


__all__ = ["board", "exercise", "predict", "run", "summary", "watch"]
