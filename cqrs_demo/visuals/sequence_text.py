"""Text in a picture: what can be printed, how wide it is at most, where it breaks.

Nobody knows the reader's fonts. Widths are those of DejaVu Sans, which is wider than the others,
rounded up; so what fits here fits everywhere.
"""

import unicodedata

BOLD = 1.15
MOST_MARKS = 2  # on one letter: more of them climb into the line above
_TURNS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# How wide a letter is, in parts of the font's size.
_WIDTHS = {
    letter: width
    for width, letters in {
        0.3: "'ijl",
        0.35: " ,./:;\\|·IJ",
        0.4: "()-[]f‘’",
        0.45: "!rt",
        0.5: '"*_`–',
        0.55: "?csz",
        0.6: "FLkvxy“”",
        0.65: "$0123456789EPSTYabdeghnopqu{}é",
        0.7: "ABCKRVXZ",
        0.75: "NU",
        0.8: "&DGHOQ",
        0.85: "#+<=>^w~→",
        0.9: "M",
        1.0: "%@Wm…—",
    }.items()
    for letter in letters
}


def printable(text: str) -> str:
    """Return text on one line, without what no file or picture can hold or what turns it round."""
    kept: list[str] = []
    marks = 0
    for letter in text:
        category = unicodedata.category(letter)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if letter.isspace():
            kept.append(" ")
        elif marks <= MOST_MARKS and _can_be_printed(letter, category):
            kept.append(letter)
    return " ".join("".join(kept).split())


def _can_be_printed(letter: str, category: str) -> bool:
    code = ord(letter)
    nothing = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # will never be a letter
    return category not in ("Cc", "Cs") and letter not in _TURNS and not nothing


def width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text is at most."""
    return sum(map(_width, text)) * size * (BOLD if bold else 1)


def is_measured(text: str) -> bool:
    """Say whether `width` knows the letters. It guesses others: their fonts differ too much."""
    return all(letter in _WIDTHS or _is_western(letter) for letter in text)


def fitted(text: str, room: float, size: float, bold: bool = False) -> str:
    """Return a text cut off so that it fits, with an ellipsis if anything is missing."""
    if width(text, size, bold) <= room:
        return text
    while text and width(f"{text}…", size, bold) > room:
        end = _last_that_fits(text, room, size, bold)
        text = text[: min(end, len(text) - 1)].rstrip()
    return f"{text}…"


def wrapped(
    text: str, room: float, size: float, bold: bool = False, most_lines: int = 9
) -> list[str]:
    """Return a text as lines that fit; a long word is broken, what is too much is cut off."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most_lines - 1 and width(rest, size, bold) > room:
        end = _last_that_fits(rest, room, size, bold)
        space = rest.rfind(" ", 1, end + 1)
        end = space if space > 0 else end
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*lines, fitted(rest, room, size, bold)] if rest or not lines else lines


def _last_that_fits(text: str, room: float, size: float, bold: bool) -> int:
    """Return how many letters fit; at least one less than there are, and at least one."""
    total, fit = 0.0, 0
    for letter in text[:-1]:
        total += width(letter, size, bold)
        if total > room:
            break
        fit += 1
    return max(fit, 1)


def _width(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    category = unicodedata.category(letter)
    if category in ("Mn", "Me", "Cf"):
        return 0
    if category in ("So", "Sk", "Co"):
        return 1.3
    if _is_western(letter):
        return 1.16 if letter.isupper() else 1.05
    return 1.05 if unicodedata.east_asian_width(letter) in "WF" else 0.8


def _is_western(letter: str) -> bool:
    """Say whether a letter is Latin, Greek or Cyrillic, and not a rare one."""
    code = ord(letter)
    return code < 0x180 or 0x370 <= code < 0x460
