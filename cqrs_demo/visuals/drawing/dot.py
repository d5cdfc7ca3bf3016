"""A scene as DOT, Graphviz' language: one text for readers, one for asking where things stand."""

from html import escape
from typing import Any

import graphviz

from ..look import Theme
from .places import SUB, fitted, room_below
from .scene import Area, Inset, Link, Node, Scene
from .text import clean, shortened, width

# our shape -> Graphviz' nearest one
_SHAPES: dict[str, dict[str, str]] = {
    "box": {"shape": "box", "style": "filled,rounded"},
    "screen": {"shape": "box", "style": "filled,rounded"},
    "bubble": {"shape": "box", "style": "filled,rounded"},
    "pill": {"shape": "oval"},
    "pills": {"shape": "oval", "peripheries": "2"},
    "tag": {"shape": "cds"},
    "hexagon": {"shape": "hexagon"},
    "diamond": {"shape": "hexagon"},
    "parallelogram": {"shape": "parallelogram"},
    "cylinder": {"shape": "cylinder"},
    "pipe": {"shape": "box", "peripheries": "2"},
    "envelope": {"shape": "tab"},
    "note": {"shape": "note"},
    "page": {"shape": "note"},
    "table": {"shape": "box"},
    "octagon": {"shape": "octagon"},
    "start": {"shape": "circle"},
}
FONT = "Helvetica"  # every engine knows its widths


def write_dot(scene: Scene, name: str, title: str, caption: str, theme: Theme) -> str:
    """Return DOT that any Graphviz draws in much the same arrangement."""
    ink = theme.neutrals["ink"]
    graph = graphviz.Digraph(name, comment=clean(title))
    graph.attr(
        label=_text(_plain(caption)), labelloc="t", labeljust="l", fontsize="20", fontname=FONT,
        fontcolor=ink, bgcolor=theme.neutrals["surface"], pad="0.3",
        tooltip=_text(_plain(title)), outputorder="nodesfirst",
    )  # fmt: skip
    if scene.pinned:
        graph.attr(layout="neato", inputscale="72", splines="line", overlap="true")
    else:
        graph.attr(rankdir=scene.direction, nodesep="0.25", ranksep="0.7")
    graph.attr("node", fontname=FONT, fontsize="14.5", fontcolor=ink, style="filled",
               penwidth="1.75", fixedsize="true")  # fmt: skip
    graph.attr("edge", fontname=FONT, fontsize="13", fontcolor=ink, penwidth="2",
               color=theme.neutrals["edge"], arrowsize="0.8")  # fmt: skip
    _write(graph, scene, theme, "", 0, 0, 1)
    return str(graph.source)


def _write(
    graph: Any, scene: Scene, theme: Theme, prefix: str, dx: float, dy: float, scale: float
) -> None:
    place = _Placing(prefix, dx, dy, scale, scene.pinned)
    if scene.pinned:
        for n, area in enumerate(scene.areas):
            _write_area(graph, area, f"{prefix}area{n}", theme, place)
    for node in scene.nodes:
        if not node.quiet:
            graph.node(prefix + node.id, **place.of(node), **_painted(node, theme, scale))
    for link in scene.links:
        tail, head = prefix + link.source, prefix + link.target
        graph.edge(tail, head, **_edge(link, theme, scene.pinned))
    for inset in scene.insets:
        _write_inset(graph, inset, theme, place)


def _write_inset(graph: Any, inset: Inset, theme: Theme, place: "_Placing") -> None:
    dx, dy, scale = place.dx + inset.x, place.dy + inset.y, inset.scale
    _write(graph, inset.scene, theme, f"{inset.id}_", dx, dy, scale)


class _Placing:
    """Where a scene's own coordinates are on the sheet; Graphviz counts upwards."""

    def __init__(self, prefix: str, dx: float, dy: float, scale: float, pinned: bool) -> None:
        self.prefix, self.dx, self.dy, self.scale, self.pinned = prefix, dx, dy, scale, pinned

    def at(self, x: float, y: float, w: float, h: float) -> dict[str, str]:
        size = {"width": f"{w * self.scale / 72:.3f}", "height": f"{h * self.scale / 72:.3f}"}
        x, y = self.dx + x * self.scale, self.dy + y * self.scale
        return {**size, "pos": f"{x:.1f},{0 - y:.1f}!"} if self.pinned else size

    def of(self, node: Node) -> dict[str, str]:
        return self.at(node.x, node.y, node.w, node.h)


def _write_area(graph: Any, area: Area, id: str, theme: Theme, place: _Placing) -> None:
    tones = theme.tones(area.role)
    is_frame = area.style == "frame"
    caption = _plain(f"{area.label} {area.sub}") + "\\l"  # the l: to the left
    if area.caption == "below" and area.label:
        below = place.at(area.x + area.w / 2, area.y + area.h + 11, area.w, 14)
        graph.node(f"{id}caption", label=_text(caption), shape="plaintext", style="", margin="0",
                   fontsize=f"{12 * place.scale:.3g}", fontcolor=theme.neutrals["muted"],
                   **below)  # fmt: skip
    if area.caption == "below":
        caption = ""
    graph.node(
        id, label=_text(caption), shape="box", labelloc="b" if area.caption == "bottom" else "t",
        style="filled,rounded", fontsize=f"{12 * place.scale:.3g}", fontcolor=tones.line,
        fillcolor=theme.neutrals["surface"] if is_frame else theme.wash(area.role),
        color=tones.line if is_frame else theme.wash(area.role),
        **place.at(area.x + area.w / 2, area.y + area.h / 2, area.w, area.h),
    )  # fmt: skip


def _painted(node: Node, theme: Theme, scale: float) -> dict[str, str]:
    tones = theme.tones(node.role)
    if node.rows:
        return {"shape": "plain", "label": _html_card(node, theme), "fixedsize": "false"}
    size, lines = fitted(node)
    painted = {
        "label": _label(node, lines, scale),
        "fillcolor": tones.solid if node.solid or node.shape == "start" else tones.fill,
        "color": tones.line,
        **_SHAPES[node.shape],
    }
    if size != 14.5 or scale != 1:
        painted["fontsize"] = f"{size * scale:.3g}"
    if node.solid:
        painted["fontcolor"] = tones.on
    if node.tip:
        painted["tooltip"] = _text(_plain(node.tip))
    return painted


def _label(node: Node, lines: list[str], scale: float) -> Any:
    """Return a place's words; what stands below its name is smaller, and has room as we draw it."""
    if node.shape == "start":
        return _text("")
    if not node.sub:
        return _text("\\n".join(_plain(line) for line in lines if line))
    sub = _html(shortened(node.sub, room_below(node), SUB))
    named = "".join(f"{_html(line)}<br/>" for line in lines if line)
    return f'<{named}<font point-size="{SUB * scale:.3g}">{sub}</font>>'


def _html_card(node: Node, theme: Theme) -> str:
    """Return a table or a document as an HTML-like label; whatever comes from data is escaped."""
    tones, muted = theme.tones(node.role), theme.neutrals["muted"]
    head = f'<b>{_html(node.label)}</b> <font point-size="12">{_html(node.sub)}</font>'
    cells = "".join(
        f'<tr><td align="left">{_html(name)}</td>'
        f'<td align="right"><font color="{muted}">{_html(value)}</font></td></tr>'
        for name, value in node.rows
    )
    return (
        f'<<table border="1" cellborder="0" cellspacing="0" cellpadding="3" color="{tones.line}" '
        f'bgcolor="{theme.neutrals["surface"]}"><tr><td colspan="2" align="left" '
        f'bgcolor="{tones.fill}">{head}</td></tr>{cells}</table>>'
    )


def _edge(link: Link, theme: Theme, pinned: bool) -> dict[str, str]:
    painted: dict[str, str] = {}
    if not link.waits:
        painted["style"] = "dashed"
    if link.ends == "both":
        painted["dir"] = "both"
    if link.ends == "none" or link.broken:
        painted["arrowhead"] = "tee" if link.broken else "none"
    if link.role:
        painted["color"] = painted["fontcolor"] = theme.tone(link.role)
    if link.label:
        painted["label"] = _text(_plain(link.label))
    return {**painted, **_ports(link.path)} if pinned and not link.quiet else painted


def _ports(drawn: str) -> dict[str, str]:
    """Return at which sides a line of our own leaves and arrives, if it runs along the axes."""
    steps = [x for x in drawn if x.isalpha()]
    if len(steps) < 2 or set(steps) - set("MHV"):
        return {}
    numbers = [float(x) for x in "".join(" " if c.isalpha() else c for c in drawn).split()]
    x, y, *turns = numbers
    sides = []
    for step, to in zip(steps[1:], turns, strict=True):
        backwards = to < (x if step == "H" else y)
        sides.append(("w" if backwards else "e") if step == "H" else ("n" if backwards else "s"))
        x, y = (to, y) if step == "H" else (x, to)
    opposite = {"e": "w", "w": "e", "n": "s", "s": "n"}
    return {"tailport": sides[0], "headport": opposite[sides[-1]]}


def _plain(text: str) -> str:
    """Return text that Graphviz shows as it is: no escape, no HTML."""
    return str(graphviz.escape(clean(text)))


def _text(text: str) -> Any:
    """Return a whole attribute; not even <this> is taken for markup."""
    return graphviz.nohtml(text)


def _html(text: str) -> str:
    return escape(clean(text), quote=True) or "&#160;"  # an empty cell is a syntax error


def layout_dot(scene: Scene) -> str:
    """Return DOT whose boxes are as large as we shall draw them; it holds none of the texts."""
    graph = graphviz.Digraph()
    graph.attr(rankdir=scene.direction, nodesep="0.36", ranksep="0.75")
    graph.attr(splines="true" if any(link.label for link in scene.links) else "line")
    graph.attr("node", shape="box", fixedsize="true", label="")
    for node in scene.nodes:
        graph.node(node.id, width=f"{node.w / 72:.4f}", height=f"{node.h / 72:.4f}")
    for n, link in enumerate(scene.links):
        attributes = {"id": f"e{n}", "dir": "both" if link.ends == "both" else "forward"}
        if link.label:
            room = width(clean(link.label), 13) + 12
            attributes["label"] = (
                f'<<table border="0" fixedsize="true" width="{room:.0f}" height="20">'
                "<tr><td></td></tr></table>>"
            )
        if scene.direction == "LR":
            attributes |= {"tailport": "e", "headport": "w"}
        graph.edge(link.source, link.target, **attributes)
    return str(graph.source)
