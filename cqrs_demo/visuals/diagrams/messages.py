"""Which command leads to which events, and which projections hear of them."""

from collections.abc import Iterable
from typing import Any

from ...domain.errors import ShopError
from ...shop import Shop
from ..diagram import Diagram
from ..drawing.engine import arranged
from ..drawing.scene import Area, Link, Node, Scene, Stroke, Words
from ..drawing.text import shortened, width
from ..rehearsal import EVENTFUL, events_of_commands
from ..wiring import wiring_of

ROW = 36
_COMMAND_W, _EVENT_W, _COLUMN_W = 246, 240, 88
_COMMAND_X, _EVENT_X = _COMMAND_W / 2, _COMMAND_W + 46 + _EVENT_W / 2
_FIRST_COLUMN = _COMMAND_W + 46 + _EVENT_W + 30


def event_map(shop: Shop, also: Iterable[Any] = ()) -> Diagram:
    """Every command, the events it leads to, and a dot where a projection applies them.

    It is a table, since lines from so many events to so many projections would all cross. `also`
    are commands of one's own, to be played in the rehearsal.
    """
    commands = _told(shop, also)
    projections = wiring_of(shop).projections
    rows = [(c, e) for c, events in commands.items() for e in events or ("",)]
    unsent = [e for applied in projections.values() for e in applied]
    known = {e for _, e in rows}
    rows += [("", e) for e in dict.fromkeys(unsent) if e not in known]
    scene = _table(rows, projections)
    return Diagram(
        "event-map",
        "Commands, events and projections",
        "Who hears of what?",
        _alt(commands, projections),
        scene,
    )


def _told(shop: Shop, also: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    if shop.architecture not in EVENTFUL:
        raise ShopError(f"the rung {shop.architecture!r} records no events; try two-stores")
    return {kind.__name__: events for kind, events in events_of_commands(shop, also).items()}


def _alt(commands: dict[str, tuple[str, ...]], projections: dict[str, tuple[str, ...]]) -> str:
    told = [
        f"{c} leads to {' and '.join(e) or 'nothing that was seen'}" for c, e in commands.items()
    ]
    heard = [f"{p} applies {', '.join(e) or 'nothing'}" for p, e in projections.items()]
    return f"Commands: {'; '.join(told) or 'none'}. Projections: {'; '.join(heard) or 'none'}."


def _table(rows: list[tuple[str, str]], projections: dict[str, tuple[str, ...]]) -> Scene:
    columns = {name: _FIRST_COLUMN + (n + 0.5) * _COLUMN_W for n, name in enumerate(projections)}
    top = _heading_height(list(projections))
    middles = {row: top + (n + 0.5) * ROW for n, row in enumerate(rows)}
    right = _FIRST_COLUMN + _COLUMN_W * len(columns)
    height = top + ROW * len(rows)
    nodes, links = _places(rows, middles)
    nodes += _headings(columns, top)
    for (_, event), y in middles.items():
        for name, applied in projections.items():
            if event in applied:
                nodes.append(_dot(f"{event}-{name}", columns[name], y))
                links.append(Link(_id("e", event), _id("p", name), "", False, quiet=True))
    strokes = [Stroke(f"M {x:g} {top} V {height:g}", "rule", thickness=1) for x in columns.values()]
    strokes += [
        Stroke(f"M {_EVENT_X + _EVENT_W / 2:g} {y:g} H {right:g}", "rule", thickness=1)
        for y in middles.values()
    ]
    words = _titles(top, right)
    areas = (Area("", "", "event", _COMMAND_W + 32, top - 4, _EVENT_W + 28, height - top + 10),)
    return Scene(right, height + 8, tuple(nodes), tuple(links), areas, words, tuple(strokes),
                 pinned=False)  # fmt: skip


def _places(
    rows: list[tuple[str, str]], middles: dict[tuple[str, str], float]
) -> tuple[list[Node], list[Link]]:
    """Return a command beside the first of its events, and lines to all of them."""
    nodes: list[Node] = []
    links: list[Link] = []
    first: dict[str, float] = {}
    for row, y in middles.items():
        command, event = row
        if command and command not in first:
            first[command] = y
            nodes.append(Node(_id("c", command), _fit(command, _COMMAND_W - 30), "command", "tag",
                              _COMMAND_X, y, _COMMAND_W, 28, size=14, tip=command))  # fmt: skip
        if not event:
            continue
        if all(node.id != _id("e", event) for node in nodes):
            nodes.append(Node(_id("e", event), _fit(event, _EVENT_W - 34), "event", "note",
                              _EVENT_X, y, _EVENT_W, 28, size=14, tip=event))  # fmt: skip
        if command:
            start, end = _COMMAND_W, _EVENT_X - _EVENT_W / 2 - 2
            bend = f"M{start} {first[command]:g}H{start + 18}V{y:g}H{end:g}"
            line = f"M{start} {y:g}H{end:g}" if y == first[command] else bend
            links.append(Link(_id("c", command), _id("e", event), line))
    return nodes, links


def _id(kind: str, name: str) -> str:
    """Return an id that says what it is, and that no name can break."""
    return kind + "_" + "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)


def _fit(name: str, room: float) -> str:
    return shortened(name, room, 14, "bold")


def _dot(id: str, x: float, y: float) -> Node:
    return Node(f"dot-{_id('', id)}", "", "read", "start", x, y, 16, 16, solid=True, quiet=True)


def _heading_height(names: list[str]) -> float:
    return 80 if any(width(name, 13, "bold") > _COLUMN_W - 14 for name in names) else 62


def _headings(columns: dict[str, float], top: float) -> list[Node]:
    return [
        Node(_id("p", name), name, "process", "box", x, top - 10 - (top - 40) / 2, _COLUMN_W - 6,
             top - 40, size=12.5, tip=name)
        for name, x in columns.items()
    ]  # fmt: skip


def _titles(top: float, right: float) -> tuple[Words, ...]:
    y = top - 14
    return (
        Words("A COMMAND", 2, y, 12, "command", font="bold"),
        Words("leads to EVENTS", _EVENT_X - _EVENT_W / 2, y, 12, "event", font="bold"),
        Words("which PROJECTIONS apply", right, 16, 12, "process", "end", "bold"),
    )


def one_event(shop: Shop, command: str = "PlaceOrder", also: Iterable[Any] = ()) -> Diagram:
    """One command, its events, and the projections that apply them."""
    told = _told(shop, also)
    if command not in told:
        raise ShopError(
            f"nothing handles {command!r}; there are {', '.join(told) or 'no handlers'}"
        )
    projections = wiring_of(shop).projections
    events = told[command]
    nodes = [Node("command", command, "command", "tag", w=_wide(command, 40), h=52)]
    links = []
    heard = {p: [e for e in events if e in applied] for p, applied in projections.items()}
    for event in events:
        nodes.append(Node(_id("e", event), event, "event", "note", w=_wide(event, 28), h=52))
        links.append(Link("command", _id("e", event), "", label=""))
    for name, applied in heard.items():
        if applied:
            nodes.append(Node(_id("p", name), name, "process", "pill", w=168, h=46))
            links += [Link(_id("e", e), _id("p", name), "", False) for e in applied]
    alt = f"{command} leads to {' and '.join(events) or 'no event that was seen'}. " + " ".join(
        f"{name} applies {' and '.join(applied)}." for name, applied in heard.items() if applied
    )
    deaf = [name for name, applied in heard.items() if not applied]
    return Diagram(
        "one-command",
        f"{command}, its events, and who applies them",
        f"Who hears of {command}?",
        alt + (f" {', '.join(deaf)}: nothing for them." if deaf else ""),
        Scene(0, 0, tuple(nodes), tuple(links), pinned=False),
        arranged,
    )


def _wide(name: str, margin: float) -> float:
    return min(260, width(name, 14.5, "bold") + margin)
