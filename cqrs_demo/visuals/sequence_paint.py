"""Puts a picture on the screen or on paper: as SVG with no library, as PNG with matplotlib."""

import warnings
from hashlib import sha256
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..domain.errors import InvalidMessage
from ..recording import Recording
from .look import FONT, NEUTRALS, ROLES
from .sequence_layout import layout
from .sequence_marks import Box, Line, Mark, Words
from .sequence_text import is_measured, width

THEMES = ("light", "dark", "print")
SHARPNESS = 2.0  # pixels a unit
MOST_PIXELS = 60_000_000  # of a PNG, and
MOST_HEIGHT = 60_000  # of them one below the other


def to_svg(recording: Recording, theme: str = "light") -> str:
    """Return the sequence as SVG text: light, dark, or for print."""
    colours = palette(theme)
    picture = layout(recording)
    told = f"{theme} {picture.title} {picture.description}".encode()
    name = f"sequence-{sha256(told).hexdigest()[:10]}"  # a page may hold several pictures
    wide, high = _n(picture.width), _n(picture.height)
    ground = f'<rect width="{wide}" height="{high}" fill="{colours["page"]}"/>'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}"'
        f' viewBox="0 0 {wide} {high}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" font-family={quoteattr(FONT)}>',
        f'<title id="{name}-title">{escape(picture.title)}</title>',
        f'<desc id="{name}-desc">{escape(picture.description)}</desc>',
        ground,
        *(_svg(mark, colours) for mark in picture.marks),
        "</svg>",
    ]
    return "\n".join([*parts, ""])


def palette(theme: str) -> dict[str, str]:
    """Return the colour behind each name: "ink", "event fill" ..."""
    if theme not in THEMES:
        raise InvalidMessage("theme", f"must be one of {', '.join(THEMES)}")
    n = 1 if theme == "dark" else 0
    colours = {name: both[n] for name, both in NEUTRALS.items()}
    for role, both in ROLES.items():
        tones = both[n]._asdict()
        colours |= {f"{role} {tone}": colour for tone, colour in tones.items()}
    colours |= {"neutral line": colours["ink"], "neutral fill": colours["surface"]}
    colours |= {"neutral solid": colours["surface"], "neutral on": colours["ink"]}
    if theme == "print":
        grounds = ("page", "surface", "sunken")
        white = [name for name in colours if name in grounds or name.endswith((" fill", " solid"))]
        ink = [name for name in colours if name.endswith(" on")]
        colours |= dict.fromkeys(white, "#FFFFFF") | dict.fromkeys(ink, colours["ink"])
    return colours


def _svg(mark: Mark, colours: dict[str, str]) -> str:
    match mark:
        case Words():
            return _svg_words(mark, colours[mark.colour])
        case Box():
            return (
                f'<rect x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.w)}"'
                f' height="{_n(mark.h)}" rx="{_n(mark.round)}" fill="{colours[mark.fill]}"'
                f' stroke="{colours[mark.colour]}" stroke-width="{_n(mark.thick)}"/>'
            )
        case Line():
            path = "L".join(f"{_n(x)} {_n(y)}" for x, y in mark.points)
            fill = colours[mark.fill] if mark.fill else "none"
            dashes = ' stroke-dasharray="7 5"' if mark.dashed else ""
            return (
                f'<path d="M{path}" fill="{fill}" stroke="{colours[mark.colour]}"'
                f' stroke-width="{_n(mark.thick)}" stroke-linejoin="round"{dashes}/>'
            )


def _svg_words(mark: Words, colour: str) -> str:
    looks = f' font-size="{_n(mark.size)}" fill="{colour}"'
    looks += ' font-weight="600"' if mark.bold else ""
    looks += ' text-anchor="middle"' if mark.middle else ""
    if not is_measured(mark.text):  # whatever the reader's font does, it keeps to its room
        room = _n(width(mark.text, mark.size, mark.bold))
        looks += f' textLength="{room}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{_n(mark.x)}" y="{_n(mark.y)}"{looks}>{escape(mark.text)}</text>'


def _n(number: float) -> str:
    return f"{round(number, 2):.10g}"


def to_png(recording: Recording, theme: str = "light") -> bytes:
    """Return the sequence as a PNG, twice as sharp as the SVG's units unless it gets too large."""
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.transforms import Affine2D  # noqa: PLC0415

    colours = palette(theme)
    picture = layout(recording)
    wide, high = picture.width, picture.height
    sharp = min(SHARPNESS, MOST_HEIGHT / high, (MOST_PIXELS / wide / high) ** 0.5)
    # 72 units of the picture are one inch of the figure, so that its sizes are points.
    figure = Figure((wide / 72, high / 72), 72 * sharp, facecolor=colours["page"])
    place = Affine2D().scale(1 / wide, -1 / high).translate(0, 1) + figure.transFigure
    for n, mark in enumerate(picture.marks):
        figure.add_artist(_artist(mark, colours)).set(transform=place, zorder=n)
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about letters that the font has not got
        figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _artist(mark: Mark, colours: dict[str, str]) -> Any:
    from matplotlib.patches import FancyBboxPatch, PathPatch  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415
    from matplotlib.text import Text  # noqa: PLC0415

    match mark:
        case Words():
            return Text(
                *(mark.x, mark.y, mark.text),
                color=colours[mark.colour],
                fontfamily="DejaVu Sans",
                fontsize=mark.size,
                fontweight="bold" if mark.bold else "normal",
                horizontalalignment="center" if mark.middle else "left",
                parse_math=False,
            )
        case Box():
            return FancyBboxPatch(
                *((mark.x, mark.y), mark.w, mark.h),
                boxstyle=f"round,pad=0,rounding_size={mark.round}",
                facecolor=colours[mark.fill],
                edgecolor=colours[mark.colour],
                linewidth=mark.thick,
            )
        case Line():
            return PathPatch(
                Path(mark.points),
                facecolor=colours[mark.fill] if mark.fill else "none",
                edgecolor=colours[mark.colour],
                linewidth=mark.thick,
                linestyle=(0, (2.8, 2)) if mark.dashed else "-",
                capstyle="butt",
            )
