"""From hops to steps.

For every hop the recorder looks at the rows that the announcing port can show, finds the lines
that ran, and says in a sentence what happened. It changes nothing, and asks nobody the time.
"""

import sys
import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..domain.errors import ShopError
from ..eventful_shop import EventfulShop
from ..hops import Hop
from ..lab.narration import counted, listed, sentence, without_direction
from ..recording import Code, Recording, Step
from ..shop import Shop
from ..visuals.look import MAPS
from .calls import CALLS
from .looking import LOOKS, look_at_nothing
from .past import Past
from .scenes import Draft, Group, folds, in_scenes
from .sources import deciding_code, raising_code, running_code
from .stores import Stores, within_bounds
from .telling import TELLERS, Told, anything


class Recorder:
    """Makes one recording. `hear` may be called by several threads."""

    def __init__(self, shop: Shop, title: str, seed: int | None) -> None:
        self.stores = Stores(shop)
        map_ = MAPS[shop.architecture].as_json()
        self.recording = Recording(title, shop.architecture, seed, map_, self.stores.initial)
        self._shop = shop
        self._projections = shop.projecting.projections if isinstance(shop, EventfulShop) else {}
        self._drafts: list[Draft] = []
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._past = Past(shop)

    def hear(self, hop: Hop) -> None:
        """Take down one hop. Whatever goes wrong here, the shop goes on as if nobody listened."""
        if getattr(self._thread, "is_busy", False):
            return  # what looking at a hop sets in motion is no part of the run
        self._thread.is_busy = True
        try:
            if hop.kind == "call":  # without our lock: looking back takes the stores' locks
                self._thread.group = self._called(*hop.message)
                return
            with self._lock:
                self._take_down(hop)
        finally:
            self._thread.is_busy = False

    def _take_down(self, hop: Hop) -> None:
        if hop.kind in ("command", "outside", "commit"):  # clock, gateway, stores
            self._past.is_over = True
        group = self._group_of(hop)
        try:
            LOOKS.get((hop.kind, hop.target), look_at_nothing)(self.stores, hop, group)
            if not self._is_news(hop):
                return
            told = self._told(hop, group)
            note, code = sentence(told.situation, self._shop.architecture, told.facts), code_of(hop)
        except Exception as error:  # a learner's object, which cannot be looked at
            told, code = unshown(hop, error), None
            note = sentence(told.situation, self._shop.architecture, told.facts)
        step = Step(
            n=len(self._drafts) + 1,
            scene=group.scene,
            kind=hop.kind,
            source=hop.source,
            target=hop.target,
            name=without_direction(told.name),
            note=note,
            at=group.at,
            call=group.call,
            payload=told.payload,
            code=code,
            changes=self.stores.take_changes(),
        )
        self.recording.moments[step.n] = group.moment
        self._drafts.append(Draft(step, group, self._scene_of(group)))
        self.recording.steps.append(step)
        self._end_call(hop, group)

    def finish(self) -> None:
        """Give the steps their scenes, fold the deliveries, and keep the tables within bounds.

        It may be called again when more has happened.
        """
        with self._lock:
            steps = in_scenes(self._drafts)
            self.recording.initial, steps = within_bounds(self.stores.initial, steps)
            self.recording.steps[:] = steps
            self.recording.folds[:] = folds(self._drafts, self._shop.architecture)

    # which steps belong together

    def _called(self, name: str, *arguments: Any) -> Group:
        try:
            scene, call = CALLS[name](*arguments)
        except Exception:  # a learner's object, which cannot be told
            scene, call = name.capitalize(), f"shop.{name}(...)"
        group = Group(self.recording.scene or scene, call, chosen=self.recording.scene is not None)
        group.moment = self._past.moment()
        group.delivery = name in ("deliver", "retry")
        group.outer = getattr(self._thread, "group", None)
        group.asked_after = arguments[1] if name == "ask" else None
        with suppress(ShopError):  # the call itself will meet it
            self._look_before(group, name, *arguments)
        return group

    def _look_before(self, group: Group, name: str, *arguments: Any) -> None:
        """Look what another shop on the same stores has done. Hops cannot: they look at their own
        port's store alone; here no port is at work in this thread yet."""
        store = self._shop.commands.store
        if store.thread.is_writing():
            return
        if name == "ask" and store.name != "SQLite in memory":  # which nobody else can reach
            position = self._shop.position
            with self._lock:
                self.stores.notice_position(position)
        elif name == "send" and arguments[0].command_id is not None:
            with store.reading() as connection:
                sql = "SELECT 1 FROM done_commands WHERE command_id = ?"
                found = connection.execute(sql, (arguments[0].command_id,)).fetchone()
            group.done_before = found is not None

    def _end_call(self, hop: Hop, group: Group) -> None:
        """After its answer a query is over, and so is a command that nothing follows.

        What a projection has called for was within its delivery, which goes on. A mail that is
        sent ends nothing.
        """
        if hop.target != "client" or hop.kind == "outside":
            return
        within = group.outer is not None and group.outer.applying
        if within or hop.kind == "answer" or self.stores.is_query(group.asked):
            self._thread.group = group.outer
        elif self._shop.options.delivery != "immediate":
            self._thread.group = None

    def _group_of(self, hop: Hop) -> Group:
        group: Group | None = getattr(self._thread, "group", None)
        if hop.target == "relay" and (group is None or not group.delivery or not group.call):
            at_once = group is not None and group.call is not None
            scene = "Deliver at once" if at_once else "Deliver in the background"
            before = group if at_once and group else Group(scene)
            group = replace(before, scene=self.recording.scene or scene, delivery=True)
        self._thread.group = group = group or Group("In between")
        return group

    def _scene_of(self, group: Group) -> str:
        if group.chosen or not group.delivery or not group.projection:
            return group.scene
        return f"{group.scene}: {group.projection}"

    # what is worth a step

    def _is_news(self, hop: Hop) -> bool:
        """A projection's own affairs are no news where it has no use for an event."""
        if hop.kind == "event" and hop.source in ("event_bus", "projections"):
            projection, *_, recorded = hop.message
            return type(recorded.event) in self._projections.get(projection, ())
        return True

    def _told(self, hop: Hop, group: Group) -> Told:
        if (hop.kind, hop.target) == ("commit", "read_store"):
            return self._told_of_commit(group)
        if group.done_before and hop.kind in ("commit", "accept"):
            name = "nothing" if hop.kind == "accept" else "commit"
            return Told(name, f"{hop.kind}, done before")
        roads = (
            (hop.kind, hop.source, hop.target),
            (hop.kind, hop.source, None),
            (hop.kind, None, hop.target),
            (hop.kind, None, None),
        )
        teller = next((TELLERS[road] for road in roads if road in TELLERS), anything)
        return teller(hop, self.stores)

    def _told_of_commit(self, group: Group) -> Told:
        name = group.projection
        if name is None and group.events:
            log = "outbox" if "outbox" in self._shop.shown_tables else "event store"
            return Told("commit", "bring nothing", None, {"log": log})
        if name is None:  # the recording began in the middle
            return Told("commit", "keep unseen")
        row = self.stores.now["checkpoints"]["projections"].get(name, {})
        behind = self.stores.written - row.get("checkpoint", 0)
        how_far = f"{counted(behind, 'event')} behind" if behind else "it has caught up"
        # Where it stands before the last one, it has stopped there; the others it has passed.
        passed = [position for position in group.faults if position <= row.get("checkpoint", 0)]
        group.faults.clear()
        group.set_aside.update(passed)
        group.how_far = self._how_far(group)
        facts = {"projection": name, "how_far": how_far, "checkpoint": row.get("checkpoint", 0)}
        if group.call and group.call.startswith("shop.rebuild"):
            return Told("swap", "swap", None, facts)
        if row.get("error"):
            return Told("commit", "stand still", None, facts)
        if passed:
            events = f"event{'s' if len(passed) > 1 else ''} {listed([*map(str, passed)])}"
            facts |= {"events": events, "them": "them" if len(passed) > 1 else "it"}
            return Told("commit", "set aside", None, facts)
        used = name in group.users
        return Told("commit", "keep" if used else "keep nothing", None, facts)

    def _how_far(self, group: Group) -> str:
        rows = self.stores.now["checkpoints"]["projections"].items()
        stopped = [name for name, row in rows if row["error"]]
        if stopped:
            return f"{', '.join(stopped)} stopped"
        behind = self.stores.behind()
        how_far = [f"{counted(len(group.set_aside), 'event')} set aside"] if group.set_aside else []
        how_far += [f"still {counted(behind, 'event')} behind"] if behind else []
        return ", ".join(how_far) or "caught up"


def unshown(hop: Hop, error: Exception) -> Told:
    """Tell of a hop that cannot be shown, and why."""
    return Told(hop.kind, "unshown", None, {"kind": hop.kind, "error": type(error).__name__})


def code_of(hop: Hop) -> Code | None:
    """Return the lines behind a hop: who raised, who decided, or who called."""
    if hop.kind in ("reject", "fault"):
        error = hop.message if isinstance(hop.message, BaseException) else hop.message[-1]
        raised = raising_code(error) if isinstance(error, BaseException) else None
        return raised or running_code(sys._getframe())
    if (hop.kind, hop.target) == ("command", "aggregate"):
        aggregate, events = hop.message
        handler = running_code(sys._getframe())
        return (deciding_code(aggregate, events[0], handler) if events else None) or handler
    return running_code(sys._getframe())
