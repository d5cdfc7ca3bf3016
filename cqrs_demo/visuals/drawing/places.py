"""Places, messages and cards in an SVG: a shape, and words that fit into it."""

from collections.abc import Iterator

from ..look import Theme, Tones
from .scene import Node, Words
from .shapes import outlines, path
from .svg_parts import escaped, halo, text_of
from .text import clean, is_break, shortened, width, wrapped

SMALLEST = 11.5  # letters of a place
SUB = 12  # letters of what stands below its name
ROW = 20  # of a table or a document
CARD_HEAD = 28


def draw_place(node: Node, name: str, theme: Theme) -> Iterator[str]:
    """Yield the elements of a place, a message or a card."""
    tones = theme.tones(node.role)
    fill = tones.solid if node.solid else f"url(#{name}-stale)" if node.hatched else tones.fill
    bodies, lines = outlines(node.shape, node.x, node.y, node.w, node.h)
    yield f'<g id="{name}-{node.id}" class="place">'
    if node.tip:
        yield f"<title>{escaped(node.tip)}</title>"
    yield (
        f'<g stroke="{tones.line}" stroke-width="1.75" stroke-linejoin="round">'
        + "".join(f'<path d="{x}" fill="{fill}"/>' for x in bodies)
        + "".join(f'<path d="{line}" fill="none"/>' for line in lines)
        + "</g>"
    )
    yield from _card(node, theme) if node.rows else _label(node, tones, theme)
    yield "</g>"


# shape -> how much of its width its words may use, and by how much they stand lower
_ROOM = {
    "tag": (-18, 0), "hexagon": (-22, 0), "diamond": (-30, 0), "parallelogram": (-26, 0),
    "cylinder": (-6, 5), "pipe": (-28, 0), "bubble": (-12, -6), "envelope": (-6, 13),
    "note": (-10, 0), "pill": (-12, 0), "pills": (-8, 2), "octagon": (-14, 0),
}  # fmt: skip
_LEFT = {"tag": -6, "pipe": -7}


def fitted(node: Node) -> tuple[float, list[str]]:
    """Return the size and the lines in which a place's label fits into its shape.

    Letters get a little smaller before a word is broken, and a word is broken before it is cut.
    """
    room = node.w + _ROOM.get(node.shape, (-10, 0))[0]
    text, size = clean(node.label), node.size
    while size > SMALLEST and not _fits(text, wrapped(text, room, size, "bold", _most(node, size))):
        size -= 0.5
    size = size if size > SMALLEST else min(node.size, 13)
    return size, wrapped(text, room, size, "bold", _most(node, size))


def room_below(node: Node) -> float:
    """Return how wide what stands below a place's name may be; it is smaller, and may be wider."""
    return node.w + _ROOM.get(node.shape, (-10, 0))[0] + 6


def _most(node: Node, size: float) -> int:
    """Return how many lines have room; a pipe is too narrow at its ends for more than one."""
    if node.shape == "pipe":
        return 1
    return max(1, int((node.h - 6 - (16 if node.sub else 0)) // (size * 1.2)))


def _fits(text: str, lines: list[str]) -> bool:
    """Say whether lines hold the whole text, broken only where that does not hurt."""
    return "".join(lines).replace(" ", "") == text.replace(" ", "") and all(
        text[end - 1 : end + 1].isspace() or " " in text[end - 1 : end + 1] or is_break(text, end)
        for end in _ends(text, lines)
    )


def _ends(text: str, lines: list[str]) -> list[int]:
    """Return where in the text all lines but the last one end."""
    ends, at = [], 0
    for line in lines[:-1]:
        at = text.index(line, at) + len(line)
        ends.append(at)
    return ends


def _label(node: Node, tones: Tones, theme: Theme) -> Iterator[str]:
    if node.shape == "start":
        return
    size, lines = fitted(node)
    step = size * 1.2
    lower = _ROOM.get(node.shape, (-10, 0))[1]
    x = node.x + _LEFT.get(node.shape, 0)
    high = step * len(lines) + (15 if node.sub else 0)
    y = node.y + lower - high / 2 + step * 0.82
    if node.shape == "screen":
        y = node.y - node.h / 2 + 18
    ink = tones.on if node.solid else theme.neutrals["ink"]
    outline = halo(theme, 5) if node.hatched else ""
    for line in lines:
        yield (
            f'<text x="{x:g}" y="{round(y, 1):g}" font-size="{size:g}" font-weight="600" '
            f'text-anchor="middle" fill="{ink}"{outline}>{escaped(line)}</text>'
        )
        y += step
    if node.sub:
        sub = shortened(node.sub, room_below(node), SUB)
        muted = tones.on if node.solid else theme.neutrals["muted"]
        yield (
            f'<text x="{x:g}" y="{round(y - 2, 1):g}" font-size="{SUB}" text-anchor="middle" '
            f'fill="{muted}"{outline}>'
            f"{escaped(sub)}</text>"
        )


def card_height(rows: int) -> float:
    """Return how high a table or a document with so many lines is."""
    return CARD_HEAD + ROW * rows + 8


def _card(node: Node, theme: Theme) -> Iterator[str]:
    """Yield the head and the rows of a table or a document."""
    left, top = node.x - node.w / 2, node.y - node.h / 2
    tones, ground = theme.tones(node.role), theme.neutrals["surface"]
    below = path("M", left, top + CARD_HEAD, "H", left + node.w, "V", top + node.h, "H", left, "Z")
    yield f'<path d="{below}" fill="{ground}" stroke="{tones.line}" stroke-width="1.75"/>'
    head = shortened(node.label, node.w - 20, 14, "bold")
    yield text_of(Words(head, left + 10, top + 19, 14, "ink", font="bold"), theme)
    if node.sub:
        beside = Words(node.sub, left + node.w - 18, top + 19, 12, "muted", "end")
        yield text_of(beside, theme)
    y = top + CARD_HEAD + 17
    for field, value in node.rows:
        yield text_of(Words(field, left + 10, y, 13, "ink", font="mono"), theme)
        room = node.w - 28 - width(field, 13, "mono")
        yield text_of(
            Words(shortened(value, room, 12), left + node.w - 10, y, 12, "muted", "end"), theme
        )
        y += ROW
