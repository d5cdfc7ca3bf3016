"""What `check` answers: whether it works, in words, and the recording of a case that failed."""

from dataclasses import dataclass, field
from typing import Any

from ...recording import Recording
from ..cards import Card, display_card

KICKERS = {"passed": "✓ It works", "not yet": "Not yet", "failed": "Not yet", "wrong": "Not yet"}


@dataclass(frozen=True, repr=False)
class Verdict:
    """`passed`, `message` in plain words, and `recording` where a case was recorded and failed.

    `state` is "passed", "not yet" (nothing was written so far), "failed" (a case did not hold) or
    "wrong" (what was given cannot be tried). `printed` is what the learner's function printed.
    """

    title: str
    state: str
    message: str
    recording: Recording | None = field(default=None, compare=False)
    printed: str = ""
    remark: str = ""

    @property
    def passed(self) -> bool:
        return self.state == "passed"

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return self.card.as_text()

    @property
    def card(self) -> Card:
        parts = [self.message]
        if self.recording:
            parts.append("Below is what happened, step by step.")
        return Card(
            kicker=KICKERS[self.state],
            title=self.title,
            paragraphs=tuple(parts),
            code=self.printed,
            code_title="It printed",
            remark=self.remark,
        )

    def _repr_html_(self) -> str:
        return self.card.as_html()

    def _ipython_display_(self) -> None:
        display_card(self.card)
        if self.recording:
            show: Any = self.recording.explorer()
            show._ipython_display_()
