"""From hops to steps.

For every hop the recorder looks at the rows that the announcing port can show, finds the lines
that ran, and says in a sentence what happened. It changes nothing, and asks nobody the time.
"""

import sys
import threading
from dataclasses import replace
from typing import Any

from ..hops import Hop
from ..lab.narration import counted, sentence
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
        self._drafts: list[Draft] = []
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._past = Past(shop)

    def hear(self, hop: Hop) -> None:
        """Take down one hop."""
        if hop.kind == "call":  # without our lock: looking back takes the stores' locks
            self._thread.group = self._called(*hop.message)
            return
        with self._lock:
            if hop.kind in ("command", "outside", "commit"):  # clock, gateway, stores
                self._past.is_over = True
            group = self._group_of(hop)
            LOOKS.get((hop.kind, hop.target), look_at_nothing)(self.stores, hop, group)
            if not self._is_news(hop):
                return
            told = self._told(hop, group)
            changes = self.stores.take_changes()
            step = Step(
                n=len(self._drafts) + 1,
                scene=group.scene,
                kind=hop.kind,
                source=hop.source,
                target=hop.target,
                name=told.name,
                note=sentence(told.situation, self._shop.architecture, told.facts),
                at=group.at,
                call=group.call,
                payload=told.payload,
                code=code_of(hop),
                changes=changes,
            )
            self.recording.moments[step.n] = group.moment
            self._drafts.append(Draft(step, group, self._scene_of(group)))
            self.recording.steps.append(step)

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
        scene, call = CALLS[name](*arguments)
        group = Group(self.recording.scene or scene, call, chosen=self.recording.scene is not None)
        group.moment = self._past.moment()
        group.delivery = name in ("deliver", "retry")
        self.stores.asked_after = arguments[1] if name == "ask" else None
        return group

    def _group_of(self, hop: Hop) -> Group:
        group: Group | None = getattr(self._thread, "group", None)
        if hop.target == "relay" and (group is None or not group.delivery or not group.call):
            at_once = group is not None and group.call is not None
            scene = "Deliver at once" if at_once else "Deliver in the background"
            before = group if at_once and group else Group(scene)
            group = replace(before, scene=self.recording.scene or scene, delivery=True)
            self._thread.group = group
        return group or Group("In between")

    def _scene_of(self, group: Group) -> str:
        if group.chosen or not group.delivery or not group.projection:
            return group.scene
        return f"{group.scene}: {group.projection}"

    # what is worth a step

    def _is_news(self, hop: Hop) -> bool:
        """A projection's own affairs are no news where it has no use for an event."""
        if (hop.kind, hop.source, hop.target) == ("event", "event_bus", "projections"):
            projection, recorded = hop.message
            return type(recorded.event) in self._shop.options.projections[projection]
        return True

    def _told(self, hop: Hop, group: Group) -> Told:
        if (hop.kind, hop.target) == ("commit", "read_store"):
            return self._told_of_commit(group)
        roads = (
            (hop.kind, hop.source, hop.target),
            (hop.kind, hop.source, None),
            (hop.kind, None, hop.target),
            (hop.kind, None, None),
        )
        teller = next((TELLERS[road] for road in roads if road in TELLERS), anything)
        return teller(hop, self.stores)

    def _told_of_commit(self, group: Group) -> Told:
        name = group.projection or "the projection"
        row = self.stores.now["checkpoints"]["projections"].get(name, {})
        behind = self.stores.written - row.get("checkpoint", 0)
        how_far = f"{counted(behind, 'event')} behind" if behind else "it has caught up"
        group.how_far = self._how_far()
        facts = {"projection": name, "how_far": how_far, "checkpoint": row.get("checkpoint", 0)}
        if group.call and group.call.startswith("shop.rebuild"):
            return Told("swap", "swap", None, facts)
        if row.get("error"):
            return Told("commit", "stand still", None, facts)
        used = name in group.users
        return Told("commit", "keep" if used else "keep nothing", None, facts)

    def _how_far(self) -> str:
        rows = self.stores.now["checkpoints"]["projections"].items()
        stopped = [name for name, row in rows if row["error"]]
        if stopped:
            return f"{', '.join(stopped)} stopped"
        behind = self.stores.behind()
        return f"still {counted(behind, 'event')} behind" if behind else "caught up"


def code_of(hop: Hop) -> Code | None:
    """Return the lines behind a hop: who raised, who decided, or who called."""
    if hop.kind in ("reject", "fault"):
        error = hop.message if isinstance(hop.message, BaseException) else hop.message[-1]
        raised = raising_code(error) if isinstance(error, BaseException) else None
        return raised or running_code(sys._getframe())
    if (hop.kind, hop.target) == ("command", "aggregate"):
        aggregate, events = hop.message
        decided = deciding_code(aggregate, events[0]) if events else None
        return decided or running_code(sys._getframe())
    return running_code(sys._getframe())
