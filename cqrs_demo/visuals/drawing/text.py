"""Text that must fit: how wide it is, how it breaks into lines, and what must not be in it.

Nobody knows the reader's fonts. Widths are those of DejaVu Sans, the widest of the usual ones; so
what fits in it fits in all of them.
"""

import re
import unicodedata
from functools import cache

# Advance widths of the characters from space to tilde, then those of _OTHERS, in hundredths of the
# font size.
_REGULAR = """
32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53
100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50
50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84
32 50 100 32 32 52 52 100 84 84
"""
_BOLD = """
35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58
100 77 76 73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50
50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 37 71 84
38 50 100 38 38 66 66 100 84 84
"""
_OTHERS = "·–—‘’“”…→✓"
_MEASURED = [*map(chr, range(32, 127)), *_OTHERS]
_WIDTHS = {
    "regular": dict(zip(_MEASURED, map(int, _REGULAR.split()), strict=True)),
    "bold": dict(zip(_MEASURED, map(int, _BOLD.split()), strict=True)),
    "mono": dict.fromkeys(_MEASURED, 60),
}
_BOLDER = 1.15  # than regular, at most
ELLIPSIS = "…"
# Where a long name may break: before a capital, behind an underscore, a slash, a dot or a hyphen.
_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[_/.\-])(?=\w)")
_JOINERS = "\u200c\u200d"  # of emoji, and of letters of Arabic and its neighbours
MOST_MARKS = 2  # on one letter: more of them climb into the line above


def clean(text: object) -> str:
    """Return text as one line that no format can choke on.

    Control characters, lone surrogates and the marks that turn the direction of writing round for
    whatever follows are left out; line ends become spaces.
    """
    kept: list[str] = []
    marks = 0
    for letter in str(text):
        if letter.isspace():
            kept.append(" ")
            marks = 0
        elif letter in _JOINERS:
            kept.append(letter)
        elif _is_harmless(letter):
            marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
            kept.append(letter if marks <= MOST_MARKS else "")
    return " ".join("".join(kept).split())


def _is_harmless(letter: str) -> bool:
    code = ord(letter)
    nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # will never be a letter
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co") and not nothing


def width(text: str, size: float, font: str = "regular") -> float:
    """Return how wide a line is; `font` is "regular", "bold" or "mono"."""
    return sum(_width(letter, font) for letter in text) * size / 100


def is_measured(text: str) -> bool:
    """Say whether `width` knows the letters. It guesses others: their fonts differ too much."""
    return all(letter in _WIDTHS["regular"] or _is_western(letter) for letter in text)


@cache
def _width(letter: str, font: str) -> float:
    known = _WIDTHS[font].get(letter)
    return known or _width_of_other(letter) * (_BOLDER if font == "bold" else 1)


def _width_of_other(letter: str) -> int:
    category = unicodedata.category(letter)
    if category in ("Mn", "Me", "Cf"):
        return 0
    if category in ("So", "Sk"):
        return 130
    if _is_western(letter):
        return 116 if letter.isupper() else 105
    return 105 if unicodedata.east_asian_width(letter) in "WF" else 80


def _is_western(letter: str) -> bool:
    """Say whether a letter is Latin, Greek or Cyrillic, and not a rare one."""
    code = ord(letter)
    return code < 0x180 or 0x370 <= code < 0x460


def wrapped(
    text: str, room: float, size: float, font: str = "regular", most_lines: int = 9
) -> list[str]:
    """Break text into lines no wider than `room`; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    rest = clean(text)
    while len(lines) < most_lines - 1 and width(rest, size, font) > room:
        end = _end_of_line(rest, room, size, font)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*lines, shortened(rest, room, size, font)]


def shortened(text: str, room: float, size: float, font: str = "regular") -> str:
    """Return text, or as much of it as fits before an ellipsis."""
    text = clean(text)
    if width(text, size, font) <= room:
        return text
    end = _letters_that_fit(text, room, size, font, _width(ELLIPSIS, font))
    return text[:end].rstrip() + ELLIPSIS


def _end_of_line(text: str, room: float, size: float, font: str) -> int:
    """Return where the first line ends: behind a word, behind a part of one, or anywhere."""
    end = max(1, _letters_that_fit(text, room, size, font))
    space = text.rfind(" ", 1, end + 1)
    humps = [place.start() for place in _BREAKS.finditer(text) if 1 < place.start() <= end]
    return space if space > 0 else humps[-1] if humps else end


def _letters_that_fit(text: str, room: float, size: float, font: str, taken: float = 0) -> int:
    for fit, letter in enumerate(text):
        taken += _width(letter, font)
        if taken * size / 100 > room:
            return fit
    return len(text)


def is_break(text: str, place: int) -> bool:
    """Say whether a word may break before this place."""
    return any(found.start() == place for found in _BREAKS.finditer(text))
