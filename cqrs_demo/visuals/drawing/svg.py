"""A scene as SVG: with a title and a description, readable alone, in light, dark or print."""

from collections import Counter
from collections.abc import Iterator

from ..look import Theme
from .places import draw_place
from .scene import MARGIN, Area, Inset, Link, Mark, Scene, Stroke, Words
from .svg_parts import escaped, ground, halo, opening, text_of
from .text import width

HEAD = 44  # above the scene: the question that the picture answers
HEAD_SIZE = 20


def write_svg(scene: Scene, name: str, title: str, alt: str, caption: str, theme: Theme) -> str:
    """Return the whole picture; `name` keeps its ids apart from those of others on a page."""
    wide, high = scene.width + 2 * MARGIN, scene.height + 2 * MARGIN + HEAD
    size = HEAD_SIZE
    while width(caption, size, "bold") > scene.width and size > 12:
        size -= 1
    head = Words(caption, MARGIN, MARGIN + 18, size, "ink", font="bold")
    lines = [
        *opening(name, wide, high, title, alt),
        f"<defs>{''.join(_definitions(name, theme))}</defs>",
        ground(wide, high, theme.neutrals["surface"]),
        text_of(head, theme),
        f'<g transform="translate({MARGIN} {MARGIN + HEAD})">',
        *_drawn(scene, name, theme),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _definitions(name: str, theme: Theme) -> Iterator[str]:
    """Yield the arrowheads, one for each colour of a line, and the hatching of what is stale."""
    for tone in ("edge", *theme.roles):
        yield (
            f'<marker id="{name}-arrow-{tone}" viewBox="0 0 10 10" refX="9" refY="5" '
            'markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" '
            f'orient="auto-start-reverse"><path d="M0 .5 10 5 0 9.5z" fill="{theme.tone(tone)}"/>'
            "</marker>"
        )
    event = theme.tones("event")
    yield (
        f'<pattern id="{name}-stale" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" '
        f'fill="{theme.neutrals["surface"]}"/><path d="M0 0V7" stroke="{event.line}" '
        'stroke-width="3" stroke-opacity=".55"/></pattern>'
    )


def _drawn(scene: Scene, name: str, theme: Theme) -> Iterator[str]:
    """Yield everything, from the background to the foreground."""
    for area in scene.areas:
        yield from _area(area, theme)
    for stroke in scene.strokes:
        yield _stroke(stroke, name, theme)
    ids: Counter[str] = Counter()
    for link in scene.links:
        if not link.quiet:
            id = f"{name}-{link.source}-{link.target}"
            ids[id] += 1
            yield _link(link, id if ids[id] == 1 else f"{id}-{ids[id]}", name, theme)
    for node in scene.nodes:
        yield from draw_place(node, name, theme)
    for link in scene.links:
        if link.label and not link.quiet:
            yield _link_label(link, theme, has_halo=not scene.pinned)
    for mark in scene.marks:
        yield _mark(mark, theme)
    for words in scene.words:
        yield text_of(words, theme)
    for inset in scene.insets:
        yield from _inset(inset, name, theme)


def _inset(inset: Inset, name: str, theme: Theme) -> Iterator[str]:
    place = f"translate({inset.x:g} {inset.y:g}) scale({inset.scale:g})"
    yield f'<g id="{name}-{inset.id}" transform="{place}">'
    for line in _drawn(inset.scene, f"{name}-{inset.id}", theme):
        # An arrowhead is defined once, at the root.
        yield line.replace(f"url(#{name}-{inset.id}-", f"url(#{name}-")
    yield "</g>"


def _area(area: Area, theme: Theme) -> Iterator[str]:
    tones = theme.tones(area.role)
    box = f'x="{area.x:g}" y="{area.y:g}" width="{area.w:g}" height="{area.h:g}"'
    if area.style == "frame":
        fill = theme.neutrals["surface"]
        yield f'<rect {box} rx="8" fill="{fill}" stroke="{tones.line}" stroke-width="1.75"/>'
    else:
        yield f'<rect {box} rx="10" fill="{theme.wash(area.role)}"/>'
    if not area.label:
        return
    if area.caption == "below":
        yield text_of(Words(area.label, area.x + 2, area.y + area.h + 15), theme)
        return
    y = area.y + 20 if area.caption == "top" else area.y + area.h - 11
    tone = "muted" if area.role not in theme.roles else area.role
    yield (
        f'<text x="{area.x + 12:g}" y="{y:g}" font-size="12" font-weight="600" '
        f'fill="{theme.tone(tone)}">{escaped(area.label)}<tspan dx="7" font-weight="400" '
        f'fill="{theme.tone("muted")}">{escaped(area.sub)}</tspan></text>'
    )


def _stroke(stroke: Stroke, name: str, theme: Theme) -> str:
    dashes = ' stroke-dasharray="6 5"' if stroke.dashed else ""
    arrow = f' marker-end="url(#{name}-arrow-edge)"' if stroke.arrow else ""
    return (
        f'<path d="{stroke.path}" fill="none" stroke="{theme.tone(stroke.tone)}" '
        f'stroke-width="{stroke.thickness:g}"{dashes}{arrow}/>'
    )


def _link(link: Link, id: str, name: str, theme: Theme) -> str:
    tone = link.role or "edge"
    head = f'="url(#{name}-arrow-{tone})"'
    arrows = {"end": f" marker-end{head}", "both": f" marker-start{head} marker-end{head}"}
    dashes = "" if link.waits else ' stroke-dasharray="6 5"'
    return (
        f'<g id="{id}" class="link"><path d="{link.path}" '
        f'fill="none" stroke="{theme.tone(tone)}" stroke-width="2"{dashes}'
        f"{'' if link.broken else arrows.get(link.ends, '')}/></g>"
    )


def _link_label(link: Link, theme: Theme, has_halo: bool) -> str:
    """Return a label; where Graphviz put it, a halo keeps lines away from its letters."""
    x, y = link.at
    anchor = f' text-anchor="{link.anchor}"' if link.anchor != "start" else ""
    outline = halo(theme, 4) if has_halo else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="13"{anchor} fill="{theme.tone(link.role or "ink")}"'
        f"{outline}>{escaped(link.label)}</text>"
    )


def _mark(mark: Mark, theme: Theme) -> str:
    tones = theme.tones(mark.role)
    return (
        f'<circle cx="{mark.x:g}" cy="{mark.y:g}" r="{mark.radius:g}" fill="{tones.solid}" '
        f'stroke="{tones.line}" stroke-width="1.75"/><text x="{mark.x:g}" y="{mark.y + 4.5:g}" '
        f'font-size="13" font-weight="600" text-anchor="middle" fill="{tones.on}">'
        f"{escaped(mark.text)}</text>"
    )
