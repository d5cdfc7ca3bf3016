"""Steps in groups: scenes of at most seven steps, and deliveries that views show as one step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from ..lab.narration import counted, sentence
from ..recording import Fold, Step

MOST_STEPS = 7  # in a scene: what fits into a head (Miller, 1956)


@dataclass(eq=False)
class Group:
    """The steps that one call on the shop caused, or one delivery.

    Of a delivery it knows the positions that went over the bus, and in words how far the
    projections have come.
    """

    scene: str
    call: str | None = None
    at: str | None = None
    delivery: bool = False
    chosen: bool = False  # somebody gave the scene its name
    moment: Any = None  # the shop before the call (past.py)
    outer: "Group | None" = None  # the call within which this one was made
    asked: Any = None  # the query
    asked_after: int | None = None  # the position that its answer must reflect
    read_from: dict[str, int] = field(default_factory=dict)  # projection -> checkpoint it read at
    projection: str | None = None  # the one that is at work
    applying: bool = False  # it is in the middle of an event
    events: set[int] = field(default_factory=set)
    users: set[str] = field(default_factory=set)  # projections that had use for an event
    faults: list[int] = field(default_factory=list)  # positions, since the last commit
    set_aside: set[int] = field(default_factory=set)  # positions
    done_before: bool = False  # the command came again under its id
    how_far: str = ""


@dataclass(frozen=True)
class Draft:
    """A step that has no scene yet, the group that it belongs to, and what names its scene."""

    step: Step
    group: Group
    scene: str


def in_scenes(drafts: Sequence[Draft]) -> list[Step]:
    """Return the steps with their scenes: one a run of drafts, or several if it is too long."""
    steps: list[Step] = []
    before = ""
    for scene, run in _runs(drafts):
        parts = -(-len(run) // MOST_STEPS)
        name, again = scene, 1
        while name == before:
            again += 1
            name = f"{scene} ({again})"
        for n, draft in enumerate(run):
            part = n * parts // len(run) + 1
            told = f"{name} · {part} of {parts}" if parts > 1 else name
            steps.append(replace(draft.step, scene=told))
        before = name
    return steps


def folds(drafts: Sequence[Draft], rung: str) -> list[Fold]:
    """Return the deliveries among the steps: each becomes one step until it is unfolded."""
    found = []
    for group, run in groupby(drafts, key=lambda draft: draft.group):
        steps = [draft.step for draft in run]
        if group.delivery and len(steps) > 1:
            found.append(_fold(group, steps, rung))
    return found


def _runs(drafts: Sequence[Draft]) -> Iterator[tuple[str, list[Draft]]]:
    """Yield drafts that share a scene; two calls are two scenes, unless somebody named them one."""
    for key, run in groupby(drafts, key=lambda d: (None if d.group.chosen else d.group, d.scene)):
        yield key[1], list(run)


def _fold(group: Group, steps: list[Step], rung: str) -> Fold:
    source = next((s.source for s in steps if s.target in ("relay", "projections")), "relay")
    events = counted(len(group.events), "event")
    changed = len(_documents(steps))
    facts = {
        "events": events,
        "them": "it" if len(group.events) == 1 else "them",
        "log": "outbox" if source == "outbox" else "event store",
        "documents": f"{counted(changed, 'document')} change{'s' if changed == 1 else ''}",
        "how_far": group.how_far or "nothing has arrived",
    }
    in_vain = group.events and not group.how_far
    note = sentence("deliver in vain" if in_vain else "deliver", rung, facts)
    kind = "fault" if any(step.kind == "fault" for step in steps) else "event"
    first, last = steps[0].n, steps[-1].n
    return Fold(first, last, events, kind, source, "read_store", group.scene, note)


def _documents(steps: list[Step]) -> set[tuple[str, str]]:
    """Return the documents that changed, without what projections only remember for themselves."""
    return {
        (table, key)
        for step in steps
        for table, rows in step.changes.get("read", {}).items()
        for key in rows
        if "." not in table
    }
