"""What every SVG has: a root that says what it shows, and text in the tones of a theme."""

from html import escape

from ..look import CODE_FONT, FONT, Theme
from .scene import Words
from .text import clean, is_measured, width

FONTS = {"regular": "", "bold": ' font-weight="600"', "mono": f" font-family='{CODE_FONT}'"}


def escaped(text: str) -> str:
    """Return text that is nothing but text."""
    return escape(clean(text))


def number(value: float) -> str:
    """Return a number as short as it can be."""
    return f"{round(value, 2):.10g}"


def opening(name: str, width: float, height: float, title: str, description: str) -> list[str]:
    """Return how a picture begins; `name` keeps its ids apart from those of others on a page."""
    wide, high = number(width), number(height)
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" height="{high}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="{escape(FONT)}">',
        f'<title id="{name}-title">{escaped(title)}</title>',
        f'<desc id="{name}-desc">{escaped(description)}</desc>',
    ]


def ground(width: float, height: float, colour: str) -> str:
    """Return what the picture stands on."""
    return f'<rect width="{number(width)}" height="{number(height)}" fill="{colour}"/>'


def text_of(words: Words, theme: Theme) -> str:
    """Return the element that shows a line of text."""
    looks = f' text-anchor="{words.anchor}"' if words.anchor != "start" else ""
    looks += FONTS[words.font]
    if not is_measured(words.text):  # whatever the reader's font does, it keeps to its room
        room = number(width(words.text, words.size, words.font))
        looks += f' textLength="{room}" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<text x="{number(words.x)}" y="{number(words.y)}" font-size="{number(words.size)}"{looks}'
        f' fill="{theme.tone(words.tone)}">{escaped(words.text)}</text>'
    )


def halo(theme: Theme, thickness: float) -> str:
    """Return the attributes that keep what lies behind away from the letters."""
    return (
        f' stroke="{theme.neutrals["surface"]}" stroke-width="{thickness:g}" '
        'stroke-linejoin="round" paint-order="stroke"'
    )
