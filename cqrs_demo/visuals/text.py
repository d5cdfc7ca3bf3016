"""Text that must fit: how wide it is, how it breaks into lines, and what must not be in it.

Widths are those of DejaVu Sans, the widest of the fonts that a picture may be shown in; what fits
in it fits in all of them.
"""

import re
import unicodedata

# Advance widths of the characters from space to tilde, in hundredths of the font size.
_REGULAR = """
32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53
100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50
50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84
"""
_BOLD = """
35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58
100 77 76 73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50
50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 37 71 84
"""
_WIDTHS = {
    "regular": dict(zip(map(chr, range(32, 127)), map(int, _REGULAR.split()), strict=True)),
    "bold": dict(zip(map(chr, range(32, 127)), map(int, _BOLD.split()), strict=True)),
    "mono": dict.fromkeys(map(chr, range(32, 127)), 60),
}
ELLIPSIS = "…"
# Where a long name may break: before a capital, behind an underscore, a slash, a dot or a hyphen.
_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[_/.\-])(?=\w)")


def clean(text: object) -> str:
    """Return text as one line that no format can choke on.

    Control characters, lone surrogates and the marks that turn the direction of writing round for
    whatever follows are left out; line ends become spaces.
    """
    kept = (" " if c.isspace() else c for c in str(text) if c.isspace() or _is_harmless(c))
    return " ".join("".join(kept).split())


def _is_harmless(character: str) -> bool:
    if character == "\u200d":  # joins emoji and Arabic letters
        return True
    is_no_character = ord(character) & 0xFFFE == 0xFFFE  # not even XML may hold it
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co") and not is_no_character


def width(text: str, size: float, font: str = "regular") -> float:
    """Return how wide a line is; `font` is "regular", "bold" or "mono"."""
    known = _WIDTHS[font]
    return sum(known.get(c) or _width_of_other(c) for c in text) * size / 100


def _width_of_other(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    is_wide = unicodedata.east_asian_width(character) in "WF"
    return 130 if is_wide else 75


def wrapped(
    text: str, room: float, size: float, font: str = "regular", lines: int = 9
) -> list[str]:
    """Break text into lines no wider than `room`; what does not fit ends in an ellipsis."""
    found: list[str] = []
    rest = clean(text)
    while rest and len(found) < lines:
        line = _first_line(rest, room, size, font)
        found.append(line)
        rest = rest[len(line) :].lstrip()
    if rest:
        found[-1] = shortened(f"{found[-1]} {rest}", room, size, font)
    return found


def shortened(text: str, room: float, size: float, font: str = "regular") -> str:
    """Return text, or as much of it as fits before an ellipsis."""
    text = clean(text)
    if width(text, size, font) <= room:
        return text
    while text and width(text + ELLIPSIS, size, font) > room:
        text = text[:-1].rstrip()
    return text + ELLIPSIS


def _first_line(text: str, room: float, size: float, font: str) -> str:
    """Return what stands on the first line: whole words, parts of a word, or letters."""
    if width(text, size, font) <= room:
        return text
    for breaks in (_spaces(text), _humps(text), range(len(text) - 1, 1, -1)):
        for place in breaks:
            if width(text[:place].rstrip(), size, font) <= room:
                return text[:place].rstrip()
    return text[:1]


def _spaces(text: str) -> list[int]:
    return [place.start() for place in re.finditer(" ", text)][::-1]


def is_break(text: str, place: int) -> bool:
    """Say whether a word may break before this place."""
    return any(found.start() == place for found in _BREAKS.finditer(text))


def _humps(text: str) -> list[int]:
    return [place.start() for place in _BREAKS.finditer(text) if place.start() > 1][::-1]
