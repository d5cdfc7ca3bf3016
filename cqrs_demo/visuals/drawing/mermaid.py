"""A scene as Mermaid, the diagram language that GitHub and Obsidian draw in Markdown."""

import re
from collections.abc import Iterator
from itertools import pairwise

from ..look import Theme
from .scene import Node, Scene
from .text import clean

# our shape -> what stands before and behind the label
_SHAPES = {
    "pill": ("([", "])"),
    "pills": ("([", "])"),
    "hexagon": ("{{", "}}"),
    "diamond": ("{{", "}}"),
    "parallelogram": ("[/", "/]"),
    "cylinder": ("[(", ")]"),
    "pipe": ("[[", "]]"),
    "tag": (">", "]"),
    "bubble": ("(", ")"),
    "start": ("((", "))"),
}
# does the caller wait, and where are arrowheads
_ARROWS = {
    (True, "end"): "-->", (True, "both"): "<-->", (True, "none"): "---", (True, "broken"): "--x",
    (False, "end"): "-.->", (False, "both"): "<-.->", (False, "none"): "-.-",
    (False, "broken"): "-.-x",
}  # fmt: skip
_SYNTAX = re.compile(r"[^\w ,/()=?!+-]", re.ASCII)


def quoted(text: str, syntax: re.Pattern[str] = _SYNTAX) -> str:
    """Return text as it may stand anywhere in Mermaid: every sign it could take for its own is
    written as a number, so that a label is never syntax and never markup."""
    return syntax.sub(lambda sign: f"#{ord(sign[0])};", clean(text)) or "#160;"


def write_mermaid(scene: Scene, title: str, alt: str, theme: Theme) -> str:
    """Return the scene as a flow chart."""
    lines = [f"flowchart {scene.direction}", *described(title, alt)]
    lines += [f"  {line}" for line in _body(scene, "", theme)]
    lines += [f"  {line}" for line in _classes(scene, theme)]
    return "\n".join(lines) + "\n"


def described(title: str, alt: str) -> list[str]:
    """Return what a screen reader is told."""
    return [f"  accTitle: {_in_prose(title)}", f"  accDescr: {_in_prose(alt)}"]


def _in_prose(text: str) -> str:
    """Descriptions end at the end of a line; only a few signs in them would be taken for syntax."""
    return re.sub(r"[{}#;<>\"\\%]", " ", clean(text))


def _body(scene: Scene, prefix: str, theme: Theme) -> Iterator[str]:
    inside: set[str] = set()
    for n, area in enumerate(scene.areas):
        if not area.holds or not area.label:
            continue
        caption = " ".join(filter(None, [area.label, area.sub]))
        yield f'subgraph {prefix}area{n}["{quoted(caption)}"]'
        for node in scene.nodes:
            if node.id in area.holds and node.id not in inside:
                inside.add(node.id)
                yield f"  {_node(node, prefix)}"
        yield "end"
        wash, ink = theme.wash(area.role), theme.tone(area.role)
        yield f"style {prefix}area{n} fill:{wash},stroke:{wash},color:{ink}"
    for node in scene.nodes:
        if node.id not in inside and not node.quiet:
            yield _node(node, prefix)
    for link in scene.links:
        arrow = _ARROWS[link.waits, "broken" if link.broken else link.ends]
        label = f'|"{quoted(link.label)}"|' if link.label else ""
        yield f"{prefix}{link.source} {arrow}{label} {prefix}{link.target}"
    for inset in scene.insets:
        yield f'subgraph {inset.id}["{quoted(inset.label)}"]'
        yield from (f"  {line}" for line in _body(inset.scene, f"{inset.id}_", theme))
        yield "end"
        surface, rule = theme.neutrals["surface"], theme.neutrals["rule"]
        yield f"style {inset.id} fill:{surface},stroke:{rule},color:{theme.neutrals['ink']}"
    for one, other in pairwise(scene.insets):
        yield f"{one.id} ~~~ {other.id}"  # keeps them in their order


def _node(node: Node, prefix: str) -> str:
    before, behind = _SHAPES.get(node.shape, ("[", "]"))
    lines = [node.tip or node.label, *([node.sub] if node.sub else [])]
    lines += [f"{name} {value}".strip() for name, value in node.rows]
    label = "<br/>".join(quoted(line) for line in lines)
    return f'{prefix}{node.id}{before}"{label}"{behind}:::{node.role}'


def _classes(scene: Scene, theme: Theme) -> Iterator[str]:
    ink = theme.neutrals["ink"]
    for role in sorted({node.role for node in scene.all_nodes() if not node.quiet}):
        tones = theme.tones(role)
        yield f"classDef {role} fill:{tones.fill},stroke:{tones.line},color:{ink}"
