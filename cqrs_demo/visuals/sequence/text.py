"""Text in a sequence, where any text may stand anywhere: it takes a little more room than it needs.

No width in drawing/text.py is rounded down by as much as two parts in a hundred.
"""

from ..drawing import text as measured

SLACK = 1.02


def width(text: str, size: float, font: str = "regular") -> float:
    """Return how wide a line is at most."""
    return measured.width(text, size * SLACK, font)


def wrapped(
    text: str, room: float, size: float, font: str = "regular", most_lines: int = 9
) -> list[str]:
    """Break text into lines that surely fit."""
    return measured.wrapped(text, room, size * SLACK, font, most_lines)


def shortened(text: str, room: float, size: float, font: str = "regular") -> str:
    """Return text, or as much of it as surely fits before an ellipsis."""
    return measured.shortened(text, room, size * SLACK, font)
