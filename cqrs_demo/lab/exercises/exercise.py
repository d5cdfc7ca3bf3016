"""An exercise: what to write, where one begins, what must hold, hints, and our own solution.

In lesson_NN.py the learner's function goes by one name and stands there twice: `starter_add_gift`
is what the notebook's cell gives, `solution_add_gift` is ours, and the learner sees `add_gift`.
"""

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ...domain.errors import InvalidMessage
from .trial import Trial

Case = Callable[[Any, Trial], None]  # raises what a Trial raises if something does not hold

_OURS = re.compile(r"\b(starter|solution)_(?=\w)")


@dataclass(frozen=True)
class Exercise:
    """`task` says in plain text what to write; `minutes` is what most people need.

    `core` marks those of the two-hour path, `finds_bug` those whose starter holds a bug. The
    `cases` are tried one after the other until one fails. `hints` go from a nudge to nearly there.
    """

    name: str
    lesson: str
    title: str
    task: str
    minutes: int
    starter: Callable[..., Any]
    solution: Callable[..., Any]
    hints: tuple[str, ...]
    cases: tuple[Case, ...]
    core: bool = False
    finds_bug: bool = False
    helpers: tuple[Callable[..., Any], ...] = field(default=())  # shown with the solution

    def __post_init__(self) -> None:
        if not self.name.startswith(f"{self.lesson}-"):
            raise InvalidMessage("name", f"{self.name!r} must begin with {self.lesson}-")
        for part in ("title", "task", "hints", "cases"):
            if not getattr(self, part):
                raise InvalidMessage(part, f"is missing in {self.name}")

    @property
    def function(self) -> str:
        """The name that the learner's function has in the notebook."""
        return _OURS.sub("", self.starter.__name__)

    @property
    def starter_text(self) -> str:
        """What the notebook's cell gives."""
        return source_of(self.starter)

    @property
    def solution_text(self) -> str:
        return "\n\n".join(map(source_of, (*self.helpers, self.solution)))


def source_of(function: Callable[..., Any]) -> str:
    """Return a function's source as a learner would have written it, without our prefixes."""
    text = textwrap.dedent(inspect.getsource(function)).rstrip("\n") + "\n"
    return _OURS.sub("", text)
