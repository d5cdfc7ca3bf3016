"""Exercises that check themselves: `EXERCISES` has all of them, by name.

exercise.py says what one is made of, trial.py what its cases work with, checking.py how a verdict
comes about; lesson_NN.py holds those of a lesson as its `EXERCISES`, and as its `SUMMARY` the few
sentences that are shown beside the learner's own at the end of the lesson.
"""

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ...domain.errors import ShopError
from .exercise import Exercise
from .task import Task
from .trial import Trial
from .verdict import Verdict

LESSONS = ("00", "01", "02", "03", "04", "05", "06")

__all__ = ["LESSONS", "Exercise", "Task", "Trial", "Verdict", "all_exercises", "find", "summary_of"]


@cache
def all_exercises() -> dict[str, Exercise]:
    """Return every exercise by its name, in the order of the lessons."""
    found: dict[str, Exercise] = {}
    for lesson in LESSONS:
        for exercise in getattr(module_of(lesson), "EXERCISES", ()):
            if exercise.name in found:
                raise ShopError(f"two exercises are called {exercise.name!r}")
            found[exercise.name] = exercise
    return found


def find(name: str) -> Exercise:
    """Return an exercise by its name. Raises ShopError if there is none."""
    known = all_exercises()
    if name not in known:
        close = get_close_matches(str(name), known, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ShopError(f"there is no exercise {name!r}; {hint}there are {', '.join(known)}")
    return known[name]


def summary_of(lesson: str) -> str:
    """Return our summary of a lesson; "" if it has none."""
    text: str = getattr(module_of(lesson), "SUMMARY", "")
    return " ".join(text.split())


def module_of(lesson: str) -> ModuleType | None:
    if lesson not in LESSONS:
        raise ShopError(f"there is no lesson {lesson!r}; there are {', '.join(LESSONS)}")
    name = f"{__name__}.lesson_{lesson}"
    return import_module(name) if find_spec(name) else None
