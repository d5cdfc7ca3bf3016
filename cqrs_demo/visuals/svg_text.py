"""Text in an SVG: escaped, and painted in the tones of a theme."""

from html import escape

from .look import CODE_FONT, Theme
from .scene import Words
from .text import clean

FONTS = {"regular": "", "bold": ' font-weight="600"', "mono": f" font-family='{CODE_FONT}'"}


def escaped(text: str) -> str:
    """Return text that is nothing but text."""
    return escape(clean(text))


def text_of(words: Words, theme: Theme) -> str:
    """Return the element that shows a line of text."""
    anchor = f' text-anchor="{words.anchor}"' if words.anchor != "start" else ""
    return (
        f'<text x="{words.x:g}" y="{words.y:g}" font-size="{words.size:g}"{anchor}'
        f'{FONTS[words.font]} fill="{theme.tone(words.tone)}">{escaped(words.text)}</text>'
    )


def halo(theme: Theme, thickness: float) -> str:
    """Return the attributes that keep what lies behind away from the letters."""
    return (
        f' stroke="{theme.neutrals["surface"]}" stroke-width="{thickness:g}" '
        'stroke-linejoin="round" paint-order="stroke"'
    )
