"""The quiz bank: every question of the course, what a wrong choice reveals, and what dispels it.

quiz.json holds it. The predictions in the notebooks and `python -m cqrs_demo quiz` ask from it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from ...domain.errors import ShopError

FILE = Path(__file__).with_name("quiz.json")
LETTERS = "ABCD"


@dataclass(frozen=True)
class Choice:
    """One answer to choose. `why` says why it is right or wrong; a wrong one may have an id of
    what somebody believes who chooses it."""

    text: str
    why: str
    misconception: str | None = None


@dataclass(frozen=True)
class Question:
    """`right` is the index of a choice, or the number that was asked for, explained by `why`."""

    name: str
    lesson: str
    text: str
    choices: tuple[Choice, ...]
    right: float
    why: str
    taught: str

    @property
    def is_number(self) -> bool:
        return not self.choices

    def misconception(self, bet: Any) -> str | None:
        """Return the id of what a bet reveals; None for a right one, and where it reveals none."""
        possible = type(bet) is int and 0 <= bet < len(self.choices)
        return self.choices[bet].misconception if possible else None

    def as_dict(self) -> dict[str, Any]:
        """Return it in the form in which a step of a recording holds its question."""
        if self.is_number:
            return {"text": self.text, "number": True, "right": self.right, "why": self.why}
        choices: list[dict[str, str]] = []
        for choice in self.choices:
            told = {"text": choice.text, "why": choice.why}
            if choice.misconception:
                told["misconception"] = choice.misconception
            choices.append(told)
        return {"text": self.text, "choices": choices, "right": int(self.right)}


@dataclass(frozen=True)
class Misconception:
    """What somebody believes, and the run that shows otherwise: run(scenario, shop)."""

    name: str
    belief: str
    scenario: str
    shop: str


@dataclass(frozen=True)
class Bank:
    """All questions by name, in the order of the lessons, and all misconceptions by name."""

    questions: Mapping[str, Question]
    misconceptions: Mapping[str, Misconception]
    lessons: tuple[str, ...]

    def of(self, lesson: str) -> list[Question]:
        """Return the questions of a lesson. Raises ShopError if there is no such lesson."""
        if lesson not in self.lessons:
            raise ShopError(f"there is no lesson {lesson!r}; there are {', '.join(self.lessons)}")
        return [question for question in self.questions.values() if question.lesson == lesson]

    def question(self, name: str) -> Question:
        """Return a question by its name. Raises ShopError if there is none."""
        if name not in self.questions:
            close = get_close_matches(str(name), self.questions, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ShopError(f"there is no question {name!r} in the quiz bank{hint}")
        return self.questions[name]


def read(text: str) -> Bank:
    """Read a quiz bank. Raises ShopError if two questions have the same name."""
    data = json.loads(text)
    questions: dict[str, Question] = {}
    for lesson, asked in data["lessons"].items():
        for each in asked:
            if each["name"] in questions:
                raise ShopError(f"two questions are called {each['name']!r}")
            questions[each["name"]] = _question(lesson, each)
    misconceptions = {
        name: Misconception(name, each["belief"], **each["dispelled_by"])
        for name, each in data["misconceptions"].items()
    }
    return Bank(questions, misconceptions, tuple(data["lessons"]))


def _question(lesson: str, each: dict[str, Any]) -> Question:
    choices = tuple(Choice(**choice) for choice in each.get("choices", ()))
    return Question(
        each["name"],
        lesson,
        each["text"],
        choices,
        each["right"],
        each.get("why", ""),
        each["taught"],
    )


@cache
def bank() -> Bank:
    """Return the course's own quiz bank."""
    return read(FILE.read_text(encoding="utf-8"))
