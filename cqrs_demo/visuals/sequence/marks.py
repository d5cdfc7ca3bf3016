"""What the picture of a sequence is made of, and the signs of messages as points.

Colours are named, not given: "ink", or a role and one of its tones such as "event fill".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..drawing.scene import Words

Point = tuple[float, float]
Points = tuple[Point, ...]


@dataclass(frozen=True)
class Line:
    """A line through points; closed ones may be filled."""

    points: Points
    tone: str
    thickness: float = 1.5
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
    tone: str
    thickness: float = 1


@dataclass(frozen=True)
class Icon:
    """A place's shape on the map, made smaller; x and y are its centre."""

    shape: str
    role: str
    x: float
    y: float
    w: float = 40
    h: float = 26
    scale: float = 0.36


Mark = Line | Box | Icon | Words


def _points(text: str) -> Points:
    """Return the points of "0,1 2,3"."""
    return tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in text.split()))


def _ring(text: str) -> Points:
    points = _points(text)
    return (*points, points[0])


# The outline of each sign, then what is drawn on it. They stand in a box of 16 x 16 around 0,0.
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
