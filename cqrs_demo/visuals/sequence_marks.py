"""What a picture is made of, and the shapes of places and messages as points.

Colours are named, not given: "ink", or a role and one of its tones such as "event fill".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, pi, sin

Point = tuple[float, float]
Points = tuple[Point, ...]


@dataclass(frozen=True)
class Line:
    """A line through points; closed ones may be filled."""

    points: Points
    colour: str
    thick: float = 1.5
    fill: str | None = None
    dashed: bool = False


@dataclass(frozen=True)
class Box:
    """A rectangle with round corners."""

    x: float
    y: float
    w: float
    h: float
    round: float
    fill: str
    colour: str
    thick: float = 1


@dataclass(frozen=True)
class Words:
    """One line of text; x is its left end or, if `middle`, its middle; y is its baseline."""

    x: float
    y: float
    text: str
    size: float
    colour: str = "ink"
    bold: bool = False
    middle: bool = False


Mark = Line | Box | Words


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Return points on an ellipse, from one angle to another; 90 degrees is down."""
    steps = 12
    angles = [pi / 180 * (start + (end - start) * n / steps) for n in range(steps + 1)]
    return tuple((x + rx * cos(a), y + ry * sin(a)) for a in angles)


def _round(x: float, y: float, w: float, h: float, r: float) -> Points:
    corners = ((x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90))
    last = arc(x + r, y + r, r, r, 180, 270)
    return (*(p for cx, cy, a in corners for p in arc(cx, cy, r, r, a, a + 90)), *last)


def _closed(*points: Point) -> Points:
    return (*points, points[0])


def _points(text: str) -> Points:
    """Return the points of "0,1 2,3"."""
    return tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.split()))


def _ring(text: str) -> Points:
    return _closed(*_points(text))


# The outline of each shape, then what is drawn on it. Places stand in a box of 40 x 26 around 0,0.
PLACES: dict[str, tuple[Points, ...]] = {
    "screen": (_closed(*_round(-17, -13, 34, 26, 3)), _points("-17,-6 17,-6")),
    "box": (_closed(*_round(-18, -13, 36, 26, 4)),),
    "tag": (_ring("-19,-13 10,-13 20,0 10,13 -19,13"),),
    "hexagon": (_ring("-20,0 -12,-13 12,-13 20,0 12,13 -12,13"),),
    "parallelogram": (_ring("-13,-13 20,-13 13,13 -20,13"),),
    "pill": (_closed(*_round(-20, -12, 40, 24, 12)),),
    "pills": (_closed(*_round(-16, -13, 36, 20, 10)), _closed(*_round(-20, -8, 36, 20, 10))),
    "bubble": (_ring("-19,-13 19,-13 19,7 -4,7 -12,14 -12,7 -19,7"),),
    "envelope": (_ring("-19,-13 19,-13 19,13 -19,13"), _points("-19,-13 0,2 19,-13")),
    "pipe": (
        _closed(*arc(-15, 0, 5, 12, 90, 270), *arc(15, 0, 5, 12, 270, 450)),
        arc(15, 0, 5, 12, 90, 270),
    ),
    "cylinder": (
        _closed(*arc(0, -9, 18, 4.5, 180, 360), *arc(0, 9, 18, 4.5, 0, 180)),
        arc(0, -9, 18, 4.5, 180, 0),
    ),
}

# Messages stand in a box of 16 x 16 around 0,0.
MESSAGES: dict[str, tuple[Points, ...]] = {
    name: (_ring(outline), *map(_points, details))
    for name, (outline, *details) in {
        "command": ("-8,-6.5 2,-6.5 8,0 2,6.5 -8,6.5", "-2,-3.5 -2,.5", "-2,3 -2,3.6"),
        "accept": ("8,-6.5 -2,-6.5 -8,0 -2,6.5 8,6.5", "-2,0 1,2.8 5,-2.8"),
        "event": ("-7,-7 7,-7 7,2.5 2.5,7 -7,7", "7,2.5 2.5,2.5 2.5,7", "-4,-3 4,-3", "-4,1 0,1"),
        "query": (
            "-7.5,-7.5 7.5,-7.5 7.5,4 0,4 -4,8 -4,4 -7.5,4",
            *("-2.3,-3.2 -1.2,-5 1.2,-5 2.3,-3.2 0,-1 0,-.2", "0,1.9 0,2.2"),
        ),
        "answer": ("-6,-8 2.5,-8 6,-4.5 6,8 -6,8", "-3,-2 3,-2", "-3,1.5 3,1.5", "-3,5 1,5"),
        "save": ("-8,0 -4,-7 4,-7 8,0 4,7 -4,7", *(f"-3.5,{y} 3.5,{y}" for y in (-2.7, 0, 2.7))),
        "commit": ("-8,0 -4,-7 4,-7 8,0 4,7 -4,7", "-3.5,0 -.8,2.8 3.8,-2.8"),
        "outside": ("-4,-6.5 8,-6.5 4,6.5 -8,6.5", "-3.5,0 3.5,0", ".8,-2.6 3.5,0 .8,2.6"),
        "reject": (
            "-3,-7.5 3,-7.5 7.5,-3 7.5,3 3,7.5 -3,7.5 -7.5,3 -7.5,-3",
            *("-3,-3 3,3", "3,-3 -3,3"),
        ),
    }.items()
}
KIND_MESSAGES = {"load": "save", "rollback": "reject", "fault": "reject"}  # others are themselves


def place(shape: str, role: str, x: float, y: float) -> Iterable[Mark]:
    """Draw an idle place around a point."""
    outline, *details = PLACES.get(shape, PLACES["box"])
    yield Line(_moved(outline, x, y), f"{role} line", 1.75, fill=f"{role} fill")
    for detail in details:
        fill = f"{role} fill" if shape == "pills" else None
        yield Line(_moved(detail, x, y), f"{role} line", 1.75, fill=fill)


def message(kind: str, role: str, x: float, y: float) -> Iterable[Mark]:
    """Draw the sign of a message around a point."""
    outline, *details = MESSAGES.get(KIND_MESSAGES.get(kind, kind), MESSAGES["event"])
    is_hollow = kind == "accept"
    yield Line(
        _moved(outline, x, y),
        f"{role} line",
        1.25,
        fill="surface" if is_hollow else f"{role} solid",
    )
    for detail in details:
        yield Line(_moved(detail, x, y), f"{role} line" if is_hollow else f"{role} on", 1.5)


def _moved(points: Points, x: float, y: float) -> Points:
    return tuple((round(x + px, 2), round(y + py, 2)) for px, py in points)
