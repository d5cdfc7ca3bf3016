"""What a sequence shows of a recording: moves between places, in scenes.

A move is a step, or a whole delivery while it is folded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ...recording import Fold, Recording, Step
from ..look import KIND_ROLES

REPLIES = ("accept", "answer")  # somebody has waited for these
REFUSALS = ("reject", "fault")
AT_THE_READ_STORE = ("load", "save", "commit")


@dataclass(frozen=True)
class Move:
    """One message on its way, or, where `source` is `target`, what happens at one place."""

    first: int
    last: int
    scene: str
    kind: str
    source: str
    target: str
    name: str
    note: str
    waits: bool

    @property
    def number(self) -> str:
        """The number of its step, or of its first and last one."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def is_fold(self) -> bool:
        return self.last > self.first

    @property
    def stays(self) -> bool:
        return self.source == self.target

    @property
    def role(self) -> str:
        """Where the words come from, so comes the colour."""
        if self.kind == "load" and self.target == "relay":
            return "event"
        if self.kind in AT_THE_READ_STORE and "read_store" in (self.source, self.target):
            return "read"
        return KIND_ROLES.get(self.kind, "neutral")


def moves(recording: Recording, unfold: bool = False) -> list[Move]:
    """Return what is shown: every step, and each delivery as one move unless `unfold`."""
    waits = {}
    for edge in recording.map["edges"]:
        waits[edge["source"], edge["target"]] = waits[edge["target"], edge["source"]] = edge[
            "waits"
        ]

    def move(told: Step | Fold, first: int, last: int) -> Move:
        between = (told.source, told.target)
        return Move(
            *(int(first), int(last), told.scene, told.kind, *between, told.name, told.note),
            waits=waits.get(between, told.kind != "event" and first == last),
        )

    shown = []
    folds = {} if unfold else {fold.first: fold for fold in recording.folds}
    end = 0
    for step in recording.steps:
        if step.n <= end:
            continue
        fold = folds.get(step.n)
        end = fold.last if fold else step.n
        shown.append(move(fold or step, step.n, end))
    return shown


def scenes(shown: list[Move]) -> Iterator[tuple[str, list[Move]]]:
    """Yield the title and the moves of each scene."""
    for title, run in groupby(shown, key=lambda move: move.scene):
        yield title, list(run)


def places(recording: Recording, shown: list[Move]) -> dict[str, dict[str, Any]]:
    """Return the places that the moves touch, in the map's order; unknown ones come last."""
    touched = dict.fromkeys(place for move in shown for place in (move.source, move.target))
    nodes = recording.map["nodes"]
    known = {name: node for name, node in nodes.items() if name in touched}
    unknown = {"sub": "", "role": "neutral", "shape": "box"}
    return known | {name: {"label": name, **unknown} for name in touched if name not in nodes}
