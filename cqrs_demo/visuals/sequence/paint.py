"""The sequence of a recording as SVG and as PNG."""

from collections.abc import Iterator
from hashlib import sha256

from ...domain.errors import InvalidMessage
from ...recording import Recording
from ..drawing.scene import Words
from ..drawing.shapes import SHAPES, outlines
from ..drawing.svg_parts import ground, number, opening, text_of
from ..look import THEMES, Theme
from .marks import Box, Icon, Line, Mark
from .picture import Picture, layout

MOST_PIXELS = 60_000_000  # of a PNG, and
MOST_HEIGHT = 60_000  # of them one below the other


def to_svg(recording: Recording, theme: str = "light") -> str:
    """Return the sequence as SVG text: light, dark, or for print."""
    return _svg(layout(recording), _theme(theme))


def to_png(recording: Recording, theme: str = "light") -> bytes:
    """Return the sequence as a PNG, twice as sharp as the SVG's units unless it gets too large."""
    from ..drawing.png import ZOOM, write_png  # noqa: PLC0415  most readers want the SVG

    picture = layout(recording)
    wide, high = picture.width, picture.height
    zoom = min(ZOOM, MOST_HEIGHT / high, (MOST_PIXELS / wide / high) ** 0.5)
    return write_png(_svg(picture, _theme(theme)), zoom)


def _theme(name: str) -> Theme:
    if name not in THEMES:
        raise InvalidMessage("theme", f"must be one of {', '.join(THEMES)}")
    return _without_tints(THEMES[name]) if name == "print" else THEMES[name]


def _without_tints(theme: Theme) -> Theme:
    """Return a theme without grey areas: a sequence may fill many sheets of paper."""
    ink, white = theme.neutrals["ink"], theme.neutrals["surface"]
    roles = {role: tones._replace(solid=white, on=ink) for role, tones in theme.roles.items()}
    return Theme(theme.name, roles, {**theme.neutrals, "page": white, "edge": ink})


def _svg(picture: Picture, theme: Theme) -> str:
    wide, high = picture.width, picture.height
    told = f"{theme.name} {picture.title} {picture.description}".encode()
    name = f"sequence-{sha256(told).hexdigest()[:10]}"  # a page may hold several pictures
    lines = [
        *opening(name, wide, high, picture.title, picture.description),
        ground(wide, high, theme.neutrals["page"]),
        *(element for mark in picture.marks for element in _drawn(mark, theme)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _drawn(mark: Mark, theme: Theme) -> Iterator[str]:
    match mark:
        case Words():
            yield text_of(mark, theme)
        case Icon():
            yield from _icon(mark, theme)
        case Box():
            yield (
                f'<rect x="{number(mark.x)}" y="{number(mark.y)}" width="{number(mark.w)}"'
                f' height="{number(mark.h)}" rx="{number(mark.round)}"'
                f' fill="{theme.tone(mark.fill)}" stroke="{theme.tone(mark.tone)}"'
                f' stroke-width="{number(mark.thickness)}"/>'
            )
        case Line():
            path = "L".join(f"{number(x)} {number(y)}" for x, y in mark.points)
            fill = theme.tone(mark.fill) if mark.fill else "none"
            dashes = ' stroke-dasharray="7 5"' if mark.dashed else ""
            yield (
                f'<path d="M{path}" fill="{fill}" stroke="{theme.tone(mark.tone)}"'
                f' stroke-width="{number(mark.thickness)}" stroke-linejoin="round"{dashes}/>'
            )


def _icon(icon: Icon, theme: Theme) -> Iterator[str]:
    tones = theme.tones(icon.role)
    shape = icon.shape if icon.shape in SHAPES else "box"
    bodies, lines = outlines(shape, 0, 0, icon.w / icon.scale, icon.h / icon.scale)
    looks = (
        f'stroke="{tones.line}" stroke-width="{number(1.75 / icon.scale)}" stroke-linejoin="round"'
        f' transform="translate({number(icon.x)} {number(icon.y)}) scale({number(icon.scale)})"'
    )
    yield from (f'<path d="{body}" fill="{tones.fill}" {looks}/>' for body in bodies)
    yield from (f'<path d="{line}" fill="none" {looks}/>' for line in lines)
