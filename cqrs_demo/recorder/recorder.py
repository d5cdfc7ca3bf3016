"""From hops to steps.

For every hop the recorder looks at the rows that the announcing port can show, finds the lines
that ran, and says in a sentence what happened. It changes nothing, and asks nobody the time.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

from ..eventful_shop import EventfulShop
from ..hops import Hop
from ..lab.narration import counted, sentence
from ..recording import Code, Recording, Step
from ..shop import Shop
from ..visuals.look import MAPS
from .messages import as_json, as_python, call_text
from .scenes import Draft, Group, folds, in_scenes
from .sources import deciding_code, raising_code, running_code
from .stores import Stores, within_bounds
from .telling import TELLERS, Told, type_name, vars_of, words


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

    def hear(self, hop: Hop) -> None:
        """Take down one hop."""
        with self._lock:
            if hop.kind == "call":
                self._thread.group = self._called(*hop.message)
                return
            group = self._group_of(hop)
            LOOKS.get((hop.kind, hop.target), look_at_nothing)(self, hop, group)
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
            self._drafts.append(Draft(step, group, self._scene_of(group)))
            self.recording.steps.append(step)

    def finish(self) -> None:
        """Give the steps their scenes, fold the deliveries, and keep the tables within bounds."""
        with self._lock:
            steps = in_scenes(self._drafts)
            self.recording.initial, steps = within_bounds(self.recording.initial, steps)
            self.recording.steps[:] = steps
            self.recording.folds[:] = folds(self._drafts, self._shop.architecture)

    # which steps belong together

    def _called(self, name: str, *arguments: Any) -> Group:
        scene, call = CALLS[name](*arguments)
        group = Group(self.recording.scene or scene, call, chosen=self.recording.scene is not None)
        group.delivery = name in ("deliver", "rebuild", "retry")
        self.stores.asked_after = arguments[1] if name == "ask" else None
        return group

    def _group_of(self, hop: Hop) -> Group:
        group: Group | None = getattr(self._thread, "group", None)
        if hop.target == "relay" and (group is None or not group.delivery or not group.call):
            at_once = group is not None and group.call is not None
            scene = "Deliver at once" if at_once else "Deliver in the background"
            call = group.call if at_once and group else None
            group = Group(self.recording.scene or scene, call, delivery=True)
            self._thread.group = group
        return group or Group("In between")

    def _scene_of(self, group: Group) -> str:
        if group.chosen or not group.projection:
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
        teller = next(TELLERS[road] for road in roads if road in TELLERS)
        return teller(hop, self.stores)

    def _told_of_commit(self, group: Group) -> Told:
        name = group.projection or "the projection"
        row = self.stores.now["checkpoints"]["projections"].get(name, {})
        behind = self.stores.written - row.get("checkpoint", 0)
        how_far = f"{counted(behind, 'event')} behind" if behind else "it has caught up"
        if row.get("error"):
            how_far = f"it stopped, {how_far}"
        group.how_far = self._how_far()
        facts = {"projection": name, "how_far": how_far, "checkpoint": row.get("checkpoint", 0)}
        if group.call and group.call.startswith("shop.rebuild"):
            return Told("swap", "swap", None, facts)
        changed = any(projection == name for projection, _ in group.documents)
        return Told("commit", "keep" if changed else "keep nothing", None, facts)

    def _how_far(self) -> str:
        rows = self.stores.now["checkpoints"]["projections"].items()
        stopped = [name for name, row in rows if row["error"]]
        if stopped:
            return f"{', '.join(stopped)} stopped"
        behind = self.stores.behind()
        return f"still {counted(behind, 'event')} behind" if behind else "caught up"


def call_of_send(sending: Any) -> tuple[str, str]:
    options = {name: getattr(sending, name) for name in ("expected_version", "command_id")}
    options["correlation_id"] = sending.correlation_id
    return words(sending.command), call_text("send", sending.command, **options)


def call_of_ask(query: Any, after: int | None) -> tuple[str, str]:
    return f"Ask: {words(query).lower()}", call_text("ask", query, after=after)


def call_of_deliver(n: int | None, only: str | None) -> tuple[str, str]:
    arguments = () if n is None else (n,)
    scene = "Deliver" if n is None else f"Deliver {n}"
    return f"{scene} to {only}" if only else scene, call_text("deliver", *arguments, only=only)


def call_of_rebuild(name: str) -> tuple[str, str]:
    return f"Rebuild {name}", call_text("rebuild", name)


def call_of_retry(name: str) -> tuple[str, str]:
    return f"Retry {name}", call_text("retry", name)


def call_of_load(table: str, key: str) -> tuple[str, str]:
    return f"Open the form {key[:20]}", call_text("crud.load", table, key)


def call_of_save(table: str, row: Any, version: int | None) -> tuple[str, str]:
    return f"Save a form of {table}", call_text("crud.save", table, row, version=version)


CALLS: dict[str, Callable[..., tuple[str, str]]] = {
    "send": call_of_send,
    "ask": call_of_ask,
    "deliver": call_of_deliver,
    "rebuild": call_of_rebuild,
    "retry": call_of_retry,
    "crud.load": call_of_load,
    "crud.save": call_of_save,
}


def code_of(hop: Hop) -> Code | None:
    """Return the lines behind a hop: who raised, who decided, or who called."""
    if hop.kind in ("reject", "fault"):
        error = hop.message if isinstance(hop.message, BaseException) else hop.message[-1]
        return raising_code(error) or running_code(sys._getframe())
    if (hop.kind, hop.target) == ("command", "aggregate"):
        aggregate, events = hop.message
        decided = deciding_code(aggregate, events[0]) if events else None
        return decided or running_code(sys._getframe())
    return running_code(sys._getframe())


# What a hop lets us see, by its kind and target.


def look_at_nothing(recorder: Recorder, hop: Hop, group: Group) -> None:
    pass


def look_at_command(recorder: Recorder, hop: Hop, group: Group) -> None:
    if isinstance(hop.message, tuple):  # a form tells no time
        message, at = hop.message
        group.at = as_json(at)
        recorder.stores.notice(ids_in(message))


def look_at_decision(recorder: Recorder, hop: Hop, group: Group) -> None:
    for event in hop.message[1]:
        recorder.stores.notice(ids_in(event))


def look_at_tables(recorder: Recorder, hop: Hop, group: Group) -> None:
    recorder.stores.look_at_tables(hop.connection)


def look_at_commit(recorder: Recorder, hop: Hop, group: Group) -> None:
    if hop.connection is not None:
        recorder.stores.look_at_tables(hop.connection)
    if recorder.stores.keep_write_side():
        recorder.stores.age_answers()


def look_at_rollback(recorder: Recorder, hop: Hop, group: Group) -> None:
    if hop.connection is not None:
        recorder.stores.look_at_tables(hop.connection)
    else:
        recorder.stores.take_back_write_side()


def look_at_documents(recorder: Recorder, hop: Hop, group: Group) -> None:
    projection, _, key = hop.message
    group.documents.add((projection, key))
    recorder.stores.notice([key])
    recorder.stores.look_at_documents(hop.connection, projection)


def look_at_read_store(recorder: Recorder, hop: Hop, group: Group) -> None:
    """A commit or a rollback: of one projection's documents, with its checkpoint."""
    if hop.connection is None:
        return
    for projection in [group.projection] if group.projection else ():
        recorder.stores.look_at_documents(hop.connection, projection)
    recorder.stores.look_at_checkpoints(hop.connection)


def look_at_fault(recorder: Recorder, hop: Hop, group: Group) -> None:
    group.projection = hop.message[0]
    recorder.stores.look_at_documents(hop.connection, hop.message[0])


def look_at_relay(recorder: Recorder, hop: Hop, group: Group) -> None:
    group.projection = None
    recorder.stores.clear_bus()


def look_at_bus(recorder: Recorder, hop: Hop, group: Group) -> None:
    names, recorded = hop.message
    group.events.add(recorded.position)
    group.at = as_json(recorded.at)
    recorder.stores.put_on_bus(recorded.position, type_name(recorded.event), names)


def look_at_projection(recorder: Recorder, hop: Hop, group: Group) -> None:
    if hop.source != "event_bus":  # a rebuild
        group.projection, count = hop.message
        group.events.update(range(1, count + 1))
        return
    group.projection, recorded = hop.message
    group.at = as_json(recorded.at)
    recorder.stores.take_from_bus(recorded.position, hop.message[0])


def look_at_query(recorder: Recorder, hop: Hop, group: Group) -> None:
    recorder.stores.read_from.clear()


def look_at_reading(recorder: Recorder, hop: Hop, group: Group) -> None:
    if isinstance(hop.message, str):
        recorder.stores.read_from.add(hop.message)


def look_at_client(recorder: Recorder, hop: Hop, group: Group) -> None:
    """What comes back to the client: nothing, a no, or an answer."""
    stores = recorder.stores
    if hop.kind == "accept":
        stores.tell_client(as_python(hop.message), "done")
        return
    message, result = hop.message
    is_answer = hop.kind == "answer" or stores.is_query(message)
    told = f"{type_name(result)}: {result}" if hop.kind == "reject" else as_json(result)
    if is_answer:
        eventful = isinstance(stores.shop, EventfulShop)
        reflects = stores.seen_by_query if eventful else None
        stores.answer_client(as_python(message), as_json(told), reflects)
    else:
        stores.tell_client(as_python(message), as_json(f"refused: {told}"))


def ids_in(message: Any) -> list[str]:
    return [value for value in vars_of(message).values() if isinstance(value, str)]


LOOKS = {
    ("command", "command_handler"): look_at_command,
    ("command", "one_model"): look_at_command,
    ("command", "aggregate"): look_at_decision,
    ("save", "write_store"): look_at_tables,
    ("commit", "write_store"): look_at_commit,
    ("rollback", "write_store"): look_at_rollback,
    ("save", "read_store"): look_at_documents,
    ("commit", "read_store"): look_at_read_store,
    ("rollback", "read_store"): look_at_read_store,
    ("fault", "projections"): look_at_fault,
    ("load", "relay"): look_at_relay,
    ("event", "event_bus"): look_at_bus,
    ("event", "projections"): look_at_projection,
    ("query", "query_handler"): look_at_query,
    ("query", "one_model"): look_at_query,
    ("load", "query_handler"): look_at_reading,
    ("accept", "client"): look_at_client,
    ("reject", "client"): look_at_client,
    ("answer", "client"): look_at_client,
}
