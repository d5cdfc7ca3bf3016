"""Event sourcing: a real stream, the snapshot that was taken of it, and what is folded."""

from ... import open_shop
from ...domain import commands as c
from ..diagram import Diagram
from ..drawing.scene import Area, Link, Node, Scene, Stroke, Words
from ..rehearsal import BEFORE_PLACING, Clock

_HISTORY = (
    *BEFORE_PLACING,
    c.ChangeShippingAddress("o-7", "Bath"),
    c.PlaceOrder("o-7"),
    c.ShipOrder("o-7"),
)
_STREAM = "order-o-7"


def event_sourcing() -> Diagram:
    """A real stream of rung 4, the snapshot that was taken of it, and what is folded from both."""
    with open_shop("event-sourced", snapshot_every=3, clock=Clock()) as shop:
        for command in _HISTORY:
            shop.send(command)
        shop.deliver()
        events = [type(recorded.event).__name__ for recorded in shop.events(stream=_STREAM)]
        taken = next(s["version"] for s in shop.tables()["snapshots"] if s["stream"] == _STREAM)
        order = shop.documents()["orders"][0]
    then = f"status draft, version {taken}"
    now = f"status {order['status']}, version {order['version']}"
    scene = _fold_scene(events, taken, then, now)
    told_events = ", ".join(f"{n} {name}" for n, name in enumerate(events, start=1))
    return Diagram(
        "event-sourcing",
        "Event sourcing: state is what is left of a stream",
        "Where is the state, if only events are stored?",
        f"The stream {_STREAM} holds {len(events)} events: {told_events}. Folding events 1 to "
        f"{taken} gives the state that is kept as a snapshot; folding the rest onto it gives the "
        f"order of today, {now}. Replaying all events through a projection makes its documents "
        "anew.",
        scene,
    )


_NOTE_W, _NOTE_GAP, _NOTE_Y, _INDENT = 164, 16, 86, 26


def _fold_scene(events: list[str], taken: int, then: str, now: str) -> Scene:
    """Events above, what is folded from them below, and the way of a replay around the left."""
    first = _INDENT + 16 + _NOTE_W / 2
    centre = [first + n * (_NOTE_W + _NOTE_GAP) for n in range(len(events))]
    right = centre[-1] + _NOTE_W / 2 + 16
    x_then, x_now = (centre[0] + centre[taken - 1]) / 2, (centre[taken] + centre[-1]) / 2
    y, low = 262, 388
    nodes = [
        Node(f"e{n}", name, "event", "note", x, _NOTE_Y, _NOTE_W, 60)
        for n, (name, x) in enumerate(zip(events, centre, strict=True), start=1)
    ]
    stream = Area("EVENT STORE", f"the stream {_STREAM}, append only", "event", _INDENT, 0,
                  right - _INDENT, 130, holds=tuple(node.id for node in nodes))  # fmt: skip
    nodes += [
        Node("snapshot", "Snapshot", "aggregate", "cylinder", x_then, y, 240, 76, sub=then),
        Node("order", "Order", "aggregate", "hexagon", x_now, y, 260, 76, sub=now),
        Node("projection", "Projection", "process", "pill", x_then, low, 180, 56),
        Node("documents", "Documents", "read", "page", x_now, low, 180, 56, sub="made anew"),
    ]
    last = len(events)
    links = (
        Link(f"e{taken}", "snapshot", f"M {x_then} 156 V 222", label=f"fold 1 to {taken}",
             at=(x_then + 12, 194), anchor="start"),
        Link(f"e{last}", "order", f"M {x_now} 156 V 222", label=f"fold {taken + 1} to {last}",
             at=(x_now + 12, 194), anchor="start"),
        Link("snapshot", "order", f"M {x_then + 121} {y} H {x_now - 132}", label="load: begin here",
             at=((x_then + x_now) / 2 - 6, y - 10)),
        Link("projection", "documents", f"M {x_then + 91} {low} H {x_now - 92}", False),
        Link("e1", "projection", f"M {_INDENT} {_NOTE_Y} H 2 V {low} H {x_then - 92}",
             False, label="replay, from event 1", at=(14, low - 12), anchor="start"),
    )  # fmt: skip
    words = tuple(
        Words(str(n), x - _NOTE_W / 2 + 2, _NOTE_Y - 36, 13, "event", font="bold")
        for n, x in enumerate(centre, start=1)
    )
    strokes = (_brace(centre[0], centre[taken - 1]), _brace(centre[taken], centre[-1]))
    return Scene(right, low + 34, tuple(nodes), links, (stream,), words, strokes)


def _brace(left: float, right: float) -> Stroke:
    left, right = left - _NOTE_W / 2, right + _NOTE_W / 2
    return Stroke(f"M {left} 140 V 156 H {right} V 140")
