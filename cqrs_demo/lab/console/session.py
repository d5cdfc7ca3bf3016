"""What the console is about: a shop, the recording of it, and a log of what was done to it.

Whoever acts on the shop, a console, another one or a cell of the notebook, the session hears of it:
it listens where the recorder does. So the log is complete, and leads to the same recording.
"""

import re
import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import cqrs_demo

from ... import open_shop
from ...domain.errors import ShopClosed, ShopError
from ...eventful_shop import EventfulShop
from ...hops import Hop
from ...recorder.calls import CALLS
from ...recorder.messages import call_text
from ...recorder.recorder import Recorder
from ...recording import Recording, apply_changes
from ...shop import Shop
from ..faults import DONE, TamperingBus, tamper
from ..scenarios import TickingClock, a_draft, cast

TITLE = "Live console"


@dataclass
class Entry:
    """One line of the log, and what rewinding needs: its first step, and the bus before it."""

    line: str
    first: int
    call: str | None = None  # what the recording says of it
    moved: bool = False  # a call that moved nothing leaves no trace in the recording
    error: str | None = None
    plan: dict[int, str] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)
    held: list[Any] = field(default_factory=list)


class ContinuedRecorder(Recorder):
    """Goes on with the first `steps` steps of another recorder, in a shop reopened from there."""

    def __init__(self, shop: Shop, earlier: Recorder, steps: int) -> None:
        super().__init__(shop, earlier.recording.title, earlier.recording.seed)
        self._drafts = earlier._drafts[:steps]
        self.recording.steps[:] = [draft.step for draft in self._drafts]
        moments = earlier.recording.moments
        self.recording.moments.update({n: m for n, m in moments.items() if n <= steps})
        reached = deepcopy(earlier.stores.initial)
        for step in self.recording.steps:
            apply_changes(reached, deepcopy(step.changes))
        self.stores.initial = deepcopy(earlier.stores.initial)
        self.stores.now["screen"] = reached["screen"]  # no store remembers what a client holds
        self.stores._shown = {panel: dict(tables) for panel, tables in reached.items()}
        self.finish()


class Session:
    """One shop with its recording and its log. `opening` are the lines that lead to its start."""

    def __init__(
        self,
        shop: Shop,
        opening: list[str],
        seed: int | None = None,
        ours: bool = False,
        origin: tuple["Session", int] | None = None,
    ) -> None:
        self.shop = shop
        self.ours = ours  # we opened the shop, and close it
        self.seed = seed
        self.opening = opening
        self.entries: list[Entry] = []
        self.bets: dict[str, Any] = {}
        self.views: list[Callable[[], None]] = []
        self.told: dict[int, str] = {}  # what the log says of the bus's plan
        self._thread = threading.local()
        if origin:
            earlier, index = origin
            entry = earlier.entries[index]
            self.entries = earlier.entries[:index]
            self.recorder: Recorder = ContinuedRecorder(shop, earlier.recorder, entry.first - 1)
            self.bets = {n: bet for n, bet in earlier.bets.items() if int(n) < entry.first}
            self._plan_again(entry)
        else:
            self.recorder = Recorder(shop, TITLE, seed)
        shop.hops.listeners.append(self.hear)

    @classmethod
    def of(cls, shop: Shop) -> "Session":
        """Return the session of somebody's shop: two consoles on one shop share it."""
        if shop.closed:
            raise ShopClosed("this shop was closed; open a new one")
        for listener in shop.hops.listeners:
            owner = getattr(listener, "__self__", None)
            if isinstance(owner, Session):
                return owner
        return cls(shop, ["# shop: the one that you gave to the console, as it was then"])

    @classmethod
    def fresh(
        cls, rung: str, seed: int | None = None, delivery: str = "manual", lag: float = 0.0
    ) -> "Session":
        """Open a shop with a user, a product and a draft order that `seed` chooses, or empty."""
        the = None if seed is None else cast(seed)
        options: dict[str, Any] = {}
        if delivery != "manual":
            options = {"delivery": delivery, "lag": lag}
        shop = open_shop(rung, clock=TickingClock(), **options)
        told = "".join(f", {name}={value!r}" for name, value in options.items())
        opening = [f'shop = open_shop("{rung}", clock=TickingClock(){told})']

        def hear(hop: Hop) -> None:
            if hop.kind == "call":
                opening.append(line_of(*hop.message))

        try:
            shop.hops.listeners.append(hear)
            if the:
                a_draft(shop, the)
            shop.hops.listeners.remove(hear)
            return cls(shop, opening, seed, ours=True)
        except BaseException:
            shop.close()
            raise

    @property
    def recording(self) -> Recording:
        """All that was done so far, up to date."""
        self.recorder.finish()
        return self.recorder.recording

    @property
    def has_events(self) -> bool:
        return isinstance(self.shop, EventfulShop)

    # listening

    def hear(self, hop: Hop) -> None:
        """Take down a call for the log, and pass every hop on to the recorder."""
        entry: Entry | None
        if hop.kind == "call":
            if hop.message[0] == "deliver":
                self.tell_plan()
            entry = self._thread.entry = self._enter(line_of(*hop.message))
            entry.call = CALLS[hop.message[0]](*hop.message[1:])[1]
        steps = self.recorder.recording.steps
        before = len(steps)
        self.recorder.hear(hop)
        entry = getattr(self._thread, "entry", None)
        if entry and len(steps) > before:
            entry.moved = True
        if entry and hop.kind == "reject" and hop.target == "client":
            name = type(hop.message[-1]).__name__
            entry.error = name if name in cqrs_demo.__all__ else "Exception"
        for view in tuple(self.views):
            view()

    def _enter(self, line: str, moved: bool = False) -> Entry:
        bus = self.bus
        first = len(self.recorder.recording.steps) + 1
        entry = Entry(line, first, moved=moved, told=dict(self.told))
        if bus:
            entry.plan, entry.held = dict(bus.plan), list(bus.held)
        self.entries.append(entry)
        return entry

    # the bus

    @property
    def bus(self) -> TamperingBus | None:
        """The bus that somebody may have tampered with; None if it is as it was."""
        bus = self.shop.relay.bus if isinstance(self.shop, EventfulShop) else None
        return bus if isinstance(bus, TamperingBus) else None

    def plan(self, position: int, what: str | None) -> None:
        """Say what shall happen to an event at its next delivery; nothing if None."""
        bus = tamper(self.shop)
        if what is not None:
            getattr(bus, what)(position)
        elif bus.plan.pop(position, None) and self.told.pop(position, None):
            self._enter(f"tamper(shop).plan.pop({position})", moved=True)
        self.tell_plan()

    def tell_plan(self) -> None:
        """Put into the log what is planned and not yet told, whoever planned it."""
        plan = self.bus.plan if self.bus else {}
        for position, what in sorted(plan.items()):
            if self.told.get(position) != what and what in DONE:
                self._enter(f"tamper(shop).{what}({position})", moved=True)
        self.told = dict(plan)

    def _plan_again(self, entry: Entry) -> None:
        self.told = dict(entry.told)
        if entry.plan or entry.held:
            bus = tamper(self.shop)
            bus.plan, bus.held = dict(entry.plan), list(entry.held)

    # other futures

    def call_at(self, step: int) -> int:
        """Return the index of the call that a step belongs to; raise ShopError if there is none."""
        recording = self.recording
        if not recording.steps:
            raise ShopError("nothing has happened yet that could be taken back")
        call = recording.steps[max(step, 1) - 1].call
        for index, entry in reversed([*enumerate(self.entries)]):
            if entry.first <= max(step, 1) and entry.call == call:
                return index
        raise ShopError(
            "no call caused this step, events came by themselves: choose a step of a call"
        )

    def fork(self, step: int) -> "Session":
        """Return another session: the shop as it was before the call that a step belongs to."""
        index = self.call_at(step)
        first = self.entries[index].first
        shop = self.recording.fork(first)
        return Session(shop, self.opening, self.seed, ours=True, origin=(self, index))

    # the log

    @property
    def log(self) -> str:
        """What was done, as Python; run in a fresh shop, it leads to the same recording."""
        lines: list[str] = []
        for entry in self.entries:
            if entry.moved and entry.error:
                lines += [f"with suppress({entry.error}):", f"    {entry.line}"]
            elif entry.moved:
                lines.append(entry.line)
        seed = "" if self.seed is None else f", seed={self.seed}"
        body = [f'with shop.record("{TITLE}"{seed}) as recording:']
        body += [f"    {line}" for line in lines or ["pass"]]
        code = "\n".join([*self.opening, "", *body])
        return f"{imports(code)}\n\n{code}\n"

    def leave(self, view: Callable[[], None]) -> None:
        """A console goes; the last one closes the shop, if it is not somebody else's."""
        if view in self.views:
            self.views.remove(view)
        if self.views:
            return
        if self.hear in self.shop.hops.listeners:
            self.shop.hops.listeners.remove(self.hear)
        if self.ours:
            self.shop.close()


def line_of(name: str, *arguments: Any) -> str:
    """Return the Python line of a call, with all it takes to call it again."""
    if name == "crud.save":
        table, row, version = arguments
        return call_text("crud.save", table, row, version=version)
    return CALLS[name](*arguments)[1]


def imports(code: str) -> str:
    """Return the import lines that code of the console needs."""
    words = set(re.findall(r"\w+", code))
    lines = ["from contextlib import suppress"] if "suppress" in words else []
    names = sorted(words & set(cqrs_demo.__all__))
    text = f"from cqrs_demo import {', '.join(names)}"
    if len(text) > 88:
        text = "\n".join(["from cqrs_demo import (", *(f"    {name}," for name in names), ")"])
    lines += [text] if names else []
    if "TickingClock" in words:
        lines.append("from cqrs_demo.lab.console import TickingClock")
    if "tamper" in words:
        lines.append("from cqrs_demo.lab.faults import tamper")
    return "\n".join(lines)
