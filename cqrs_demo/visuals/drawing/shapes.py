"""The outlines of places, cards and messages, as SVG paths.

A shape is a function of centre and size. It returns its body, then lines that are drawn on top
without being filled. What stands behind the body comes first, marked by BEHIND.
"""

from collections.abc import Callable

BEHIND = "behind "
Outline = tuple[str, ...]
SHAPES: dict[str, Callable[[float, float, float, float], Outline]] = {}


def shape(
    function: Callable[[float, float, float, float], Outline],
) -> Callable[[float, float, float, float], Outline]:
    """Enter a function into SHAPES; it is given left, top, right and bottom."""

    def outline(x: float, y: float, w: float, h: float) -> Outline:
        return function(x - w / 2, y - h / 2, x + w / 2, y + h / 2)

    SHAPES[function.__name__.strip("_")] = outline
    return outline


def outlines(name: str, x: float, y: float, w: float, h: float) -> tuple[list[str], list[str]]:
    """Return a shape's bodies, which are filled, from the back to the front, and lines on them."""
    drawn = SHAPES[name](x, y, w, h)
    behind = [part.removeprefix(BEHIND) for part in drawn if part.startswith(BEHIND)]
    body, *lines = drawn[len(behind) :]
    return [*behind, body], lines


def path(*parts: str | float) -> str:
    """Join commands and numbers to a path; numbers are written as short as they can be."""
    return " ".join(part if isinstance(part, str) else f"{round(part, 1):g}" for part in parts)


def rounded(left: float, top: float, right: float, bottom: float, r: float) -> str:
    """Return a rectangle with round corners."""
    arc = ("A", r, r, "0 0 1")
    return path(
        *("M", left + r, top, "H", right - r, *arc, right, top + r),
        *("V", bottom - r, *arc, right - r, bottom),
        *("H", left + r, *arc, left, bottom - r, "V", top + r, *arc, left + r, top, "Z"),
    )


@shape
def box(left: float, top: float, right: float, bottom: float) -> Outline:
    return (rounded(left, top, right, bottom, 8),)


@shape
def pill(left: float, top: float, right: float, bottom: float) -> Outline:
    return (rounded(left, top, right, bottom, min(bottom - top, right - left) / 2),)


@shape
def tag(left: float, top: float, right: float, bottom: float) -> Outline:
    """An arrow-shaped label pointing right: a command, and what handles it."""
    point = min(16, (bottom - top) / 2)
    middle = (top + bottom) / 2
    body = path("M", left, top, "H", right - point, "L", right, middle, right - point, bottom)
    return (path(body, "H", left, "Z"),)


@shape
def hexagon(left: float, top: float, right: float, bottom: float) -> Outline:
    point = min(18, (bottom - top) / 2)
    middle = (top + bottom) / 2
    return (
        path(
            *("M", left, middle, "L", left + point, top, "H", right - point),
            *("L", right, middle, right - point, bottom, "H", left + point, "Z"),
        ),
    )


@shape
def diamond(left: float, top: float, right: float, bottom: float) -> Outline:
    """A question: a box whose sides are points, so that there is room for its words."""
    return hexagon((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


@shape
def parallelogram(left: float, top: float, right: float, bottom: float) -> Outline:
    slant = 16
    return (path("M", left + slant, top, "H", right, "L", right - slant, bottom, "H", left, "Z"),)


@shape
def bubble(left: float, top: float, right: float, bottom: float) -> Outline:
    """A speech bubble; its tail takes the last 12 units of the height."""
    r, foot = 12, bottom - 12
    arc = ("A", r, r, "0 0 1")
    return (
        path(
            *("M", left + r, top, "H", right - r, *arc, right, top + r, "V", foot - r, *arc),
            *(right - r, foot, "H", left + 36, "L", left + 24, bottom, "V", foot),
            *("H", left + r, *arc, left, foot - r, "V", top + r, *arc, left + r, top, "Z"),
        ),
    )


@shape
def cylinder(left: float, top: float, right: float, bottom: float) -> Outline:
    rx, ry = (right - left) / 2, 9
    body = path(
        *("M", left, top + ry, "A", rx, ry, "0 0 1", right, top + ry),
        *("V", bottom - ry, "A", rx, ry, "0 0 1", left, bottom - ry, "Z"),
    )
    return body, path("M", left, top + ry, "A", rx, ry, "0 0 0", right, top + ry)


@shape
def pipe(left: float, top: float, right: float, bottom: float) -> Outline:
    rx, ry = 9, (bottom - top) / 2
    body = path(
        *("M", left + rx, top, "H", right - rx, "A", rx, ry, "0 0 1", right - rx, bottom),
        *("H", left + rx, "A", rx, ry, "0 0 1", left + rx, top, "Z"),
    )
    return body, path("M", right - rx, top, "A", rx, ry, "0 0 0", right - rx, bottom)


@shape
def envelope(left: float, top: float, right: float, bottom: float) -> Outline:
    middle, fold = (left + right) / 2, top + (bottom - top) * 0.46
    body = path("M", left, top, "H", right, "V", bottom, "H", left, "Z")
    return body, path("M", left, top, "L", middle, fold, right, top)


@shape
def pills(left: float, top: float, right: float, bottom: float) -> Outline:
    """Two stacked pills: there are several."""
    r = (bottom - top) / 2 - 2
    behind = rounded(left + 4, top, right + 4, bottom - 4, r)
    return BEHIND + behind, rounded(left, top + 4, right, bottom, r)


@shape
def note(left: float, top: float, right: float, bottom: float) -> Outline:
    """A sticky note with a folded corner: an event."""
    fold = 12
    body = path("M", left, top, "H", right, "V", bottom - fold, "L", right - fold, bottom)
    corner = path("M", right - fold, bottom, "V", bottom - fold, "H", right)
    return path(body, "H", left, "Z"), corner


@shape
def page(left: float, top: float, right: float, bottom: float) -> Outline:
    """A document: a page whose upper right corner is cut."""
    cut = 14
    return (
        path("M", left, top, "H", right - cut, "L", right, top + cut, "V", bottom, "H", left, "Z"),
    )


@shape
def table(left: float, top: float, right: float, bottom: float) -> Outline:
    return (path("M", left, top, "H", right, "V", bottom, "H", left, "Z"),)


@shape
def octagon(left: float, top: float, right: float, bottom: float) -> Outline:
    c = min(16, (bottom - top) / 3)
    return (
        path(
            *("M", left + c, top, "H", right - c, "L", right, top + c, "V", bottom - c),
            *("L", right - c, bottom, "H", left + c, "L", left, bottom - c, "V", top + c, "Z"),
        ),
    )


@shape
def screen(left: float, top: float, right: float, bottom: float) -> Outline:
    """A window; what it shows is written by its owner."""
    return rounded(left, top, right, bottom, 8), path("M", left, top + 26, "H", right)


@shape
def start(left: float, top: float, right: float, bottom: float) -> Outline:
    """A filled dot: where a life begins."""
    r = (right - left) / 2
    middle = (top + bottom) / 2
    return (
        path(
            "M", left, middle, "A", r, r, "0 1 1", right, middle, "A", r, r, "0 1 1", left, middle
        ),
    )
