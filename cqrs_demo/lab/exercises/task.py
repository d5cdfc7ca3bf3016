"""An exercise in a notebook: its card, and what a learner may ask of it."""

from typing import Any

from ..cards import Card, display_card
from ..progress import Progress
from .checking import NOTHING, check
from .exercise import Exercise
from .verdict import Verdict


class Task:
    """Displaying it shows the task. `check`, `hint` and `solution` do as they say."""

    def __init__(self, exercise: Exercise, progress: Progress) -> None:
        self._exercise = exercise
        self._progress = progress
        self._hints = 0

    def check(self, function: Any = NOTHING) -> Verdict:
        """Try your function on small shops; say what goes wrong, and show the run."""
        verdict = check(self._exercise, function)
        if verdict.state in ("passed", "failed"):
            self._progress.exercise_tried(self._exercise.name, verdict.passed)
        return verdict

    def hint(self) -> Card:
        """Return the next hint: each one says more than the last."""
        hints = self._exercise.hints
        self._hints = min(self._hints + 1, len(hints))
        remark = "Run this cell again for more."
        if self._hints == len(hints):
            remark = "That was the last hint. There is also the solution: .solution()"
        return Card(
            f"Hint {self._hints} of {len(hints)}",
            self._exercise.title,
            (hints[self._hints - 1],),
            remark=remark,
        )

    def solution(self) -> Card:
        """Return our own solution; there are others."""
        return Card(
            "Our solution, one of several", self._exercise.title, code=self._exercise.solution_text
        )

    @property
    def card(self) -> Card:
        exercise = self._exercise
        kind = "Find the bug" if exercise.finds_bug else "Exercise"
        path = "core" if exercise.core else "if you have time"
        state = self._progress.exercises().get(exercise.name, {})
        return Card(
            f"{kind} · {exercise.minutes} minutes · {path}",
            exercise.title,
            tuple(" ".join(part.split()) for part in exercise.task.split("\n\n")),
            remark="✓ You have solved this one." if state.get("passed") else "",
        )

    def __repr__(self) -> str:
        return self.card.as_text()

    def _repr_html_(self) -> str:
        return self.card.as_html()

    def _ipython_display_(self) -> None:
        display_card(self.card)
