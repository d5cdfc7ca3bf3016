"""Eventual consistency on a time line: how old answers are while events are on their way."""

from dataclasses import replace
from typing import NamedTuple

from ...domain import commands as c
from ...domain import queries as q
from ...shop import Shop
from ..diagram import Diagram
from ..drawing.mermaid import described, quoted
from ..drawing.scene import Link, Node, Scene, Stroke, Words
from ..rehearsal import BEFORE_PLACING, rehearsing, told

TITLE = "Eventual consistency on a time line"


class Moment(NamedTuple):
    """What happened ("command", "event" or "query"), and how far both sides had come then."""

    did: str
    kind: str
    written: int
    applied: int
    answer: str = ""

    @property
    def behind(self) -> int:
        return self.written - self.applied

    def __str__(self) -> str:
        said = f"{self.did}: {self.written} events written, {self.applied} applied"
        state = "stale" if self.behind else "current"
        return said + (f", the answer is {self.answer} and {state}" if self.answer else "")


def staleness(shop: Shop) -> Diagram:
    """How old answers are, as it really went in a rehearsal."""
    moments = moments_of(shop)
    alt = f"A time line of {len(moments)} moments. {'; '.join(map(str, moments))}."
    return Diagram(
        "eventual-consistency",
        TITLE,
        "How old may an answer be?",
        alt,
        _time_line(moments),
        own_mermaid=_sequence(moments, alt),
    )


def moments_of(shop: Shop) -> list[Moment]:
    """Place an order in a rehearsal, and ask for it while its events arrive one after another."""
    found: list[Moment] = []
    with rehearsing(shop) as copy:
        for command in BEFORE_PLACING:
            told(copy, command)
        copy.deliver()

        def note(did: str, kind: str, answer: str = "") -> None:
            written = copy.position
            found.append(Moment(did, kind, written, written - copy.staleness, answer))

        told(copy, c.PlaceOrder("o-7"))
        note("PlaceOrder", "command")
        note("GetOrder", "query", _status(copy))
        copy.deliver(1)
        note("deliver 1", "event")
        note("GetOrder", "query", _status(copy))
        copy.deliver()
        note("deliver", "event")
        note("GetOrder", "query", _status(copy))
    return found


def _status(shop: Shop) -> str:
    try:
        return str(shop.ask(q.GetOrder("o-7")).status)
    except Exception as error:  # a learner's own query may answer in its own way
        return type(error).__name__


_SLOT, _LEFT = 142, 124
_MOST_SQUARES = 3  # of a moment; more would stand in the next one's column
_LOOKS = {"command": ("command", "tag"), "query": ("read", "bubble"), "event": ("event", "note")}


def _time_line(moments: list[Moment]) -> Scene:
    nodes: list[Node] = []
    words, links = [], []
    right = _LEFT + _SLOT * len(moments)
    first = min(moment.applied for moment in moments)  # older events are the same everywhere
    for n, moment in enumerate(moments):
        x = _LEFT + (n + 0.5) * _SLOT
        nodes += [*_happening(moment, n, x), *_squares(moment, n, x, first)]
        words += _left_out(moment, x, first)
        said = f"{moment.behind} behind" if moment.behind else "up to date"
        role = "event" if moment.behind else "read"
        words.append(Words(said, x, 214, 13, role, "middle", "bold"))
        if n:
            links.append(Link(f"m{n - 1}", f"m{n}", "", waits=False, quiet=True))
        if moment.answer:
            links.append(Link(f"m{n}", f"a{n}", "", quiet=True))
    for label, y in (("what happens", 46), ("written", 122), ("applied", 170), ("answer", 272)):
        words.append(Words(label, 8, y, 14, "ink", font="bold"))
    words.append(Words("time", right - 4, 338, 13, "muted", "end"))
    strokes = (
        Stroke(f"M 8 84 H {right}", "rule", thickness=1),
        Stroke(f"M 8 232 H {right}", "rule", thickness=1),
        Stroke(f"M {_LEFT} 318 H {right - 4}", arrow=True),
    )
    return Scene(right, 342, tuple(nodes), tuple(links), (), tuple(words), strokes)


def _happening(moment: Moment, n: int, x: float) -> list[Node]:
    """Return the message above, and below it the answer, hatched if it is stale."""
    role, shape = _LOOKS[moment.kind]
    high = 62 if shape == "bubble" else 46
    nodes = [Node(f"m{n}", moment.did, role, shape, x, 42, 124, high, size=14)]
    if moment.answer:
        state, is_stale = ("stale", True) if moment.behind else ("current", False)
        nodes.append(
            Node(f"a{n}", moment.answer, "read", "page", x, 268, 112, 52, state, hatched=is_stale)
        )
    return nodes


def _shown(moment: Moment, first: int) -> range:
    """Return the events from `first` on, or the last of them that have room."""
    return range(max(first, moment.written - _MOST_SQUARES + 1), moment.written + 1)


def _left_out(moment: Moment, x: float, first: int) -> list[Words]:
    """Return dots before the squares, above and below, where there are more than have room."""
    if _shown(moment, first)[0] == first:
        return []
    return [Words("…", x - 59, y, 14, "muted", "middle", "bold") for y in (122, 170)]


def _squares(moment: Moment, n: int, x: float, first: int) -> list[Node]:
    """Return a square an event, written above applied; those that are missing are hatched."""
    squares = []
    shown = _shown(moment, first)
    for row, (role, y) in enumerate((("event", 117), ("read", 165))):
        for position in shown:
            at = x - 34 + (position - shown[0]) * 34
            is_missing = row == 1 and position > moment.applied
            square = Node(f"s{n}-{row}-{position}", str(position), role, "table", at, y, 28, 28)
            squares.append(
                replace(square, solid=not is_missing, hatched=is_missing, size=13, quiet=True)
            )
    return squares


def _sequence(moments: list[Moment], alt: str) -> str:
    """Return the same as a Mermaid sequence diagram."""
    lines = ["sequenceDiagram", *described(TITLE, alt)]
    lines += [f"  participant {name}" for name in ("Client", "WriteSide", "ReadSide")]
    for moment in moments:
        did = quoted(moment.did)
        match moment.kind:
            case "command":
                lines.append(f"  Client->>WriteSide: {did}")
                lines.append("  WriteSide-->>Client: done, nothing is returned")
            case "event":
                lines.append(f"  WriteSide--)ReadSide: {did}")
            case _:
                lines.append(f"  Client->>ReadSide: {did}")
                lines.append(f"  ReadSide-->>Client: {quoted(moment.answer)}")
        lines.append(f"  Note over ReadSide: {quoted(str(moment))}")
    return "\n".join(lines) + "\n"
