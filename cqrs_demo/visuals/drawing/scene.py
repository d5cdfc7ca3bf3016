"""What a picture is made of, before it is written as SVG, DOT or Mermaid.

A scene says what stands where and what it means. Coordinates are those of a page: x to the right,
y downwards, in the units of the maps in look.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

MARGIN = 20


@dataclass(frozen=True)
class Node:
    """A place, a message or a card; x and y are its centre.

    `hatched` means stale, `solid` means now. `rows` are the lines of a table or of a document:
    a name, and what stands beside it.
    """

    id: str
    label: str
    role: str = "neutral"
    shape: str = "box"
    x: float = 0
    y: float = 0
    w: float = 112
    h: float = 56
    sub: str = ""
    solid: bool = False
    hatched: bool = False
    rows: tuple[tuple[str, str], ...] = ()
    size: float = 14.5
    tip: str = ""  # the whole text, where the label had to be shortened
    quiet: bool = False  # decoration: drawn, but no place of its own


@dataclass(frozen=True)
class Link:
    """A line from one node to another, as an SVG path. Solid if the caller waits.

    `ends` says where arrowheads are: "end", "both" or "none"; a line of `broken` ends in a cross.
    """

    source: str
    target: str
    path: str
    waits: bool = True
    ends: str = "end"
    label: str = ""
    at: tuple[float, float] = (0, 0)
    anchor: str = "middle"
    role: str = ""
    broken: bool = False
    quiet: bool = False  # means something, but is not drawn


@dataclass(frozen=True)
class Area:
    """A region with a caption: a tinted "band", or a "frame" with an outline.

    The caption stands at the "top", at the "bottom", or "below" the region.
    """

    label: str
    sub: str
    role: str
    x: float
    y: float
    w: float
    h: float
    style: str = "band"
    caption: str = "top"
    id: str = ""
    holds: tuple[str, ...] = ()  # ids of nodes, for the formats that group them


@dataclass(frozen=True)
class Words:
    """Text on the picture, one line; `y` is its base line."""

    text: str
    x: float
    y: float
    size: float = 12
    tone: str = "muted"
    anchor: str = "start"
    font: str = "regular"


@dataclass(frozen=True)
class Stroke:
    """A line that joins nothing: an axis, a rule of a table, a sample in the legend."""

    path: str
    tone: str = "edge"
    dashed: bool = False
    thickness: float = 2
    arrow: bool = False


@dataclass(frozen=True)
class Mark:
    """A number or a sign in a circle; `role` gives its colour."""

    text: str
    x: float
    y: float
    role: str = "neutral"
    radius: float = 11


@dataclass(frozen=True)
class Inset:
    """A whole scene within another one."""

    scene: "Scene"
    x: float
    y: float
    scale: float
    id: str
    label: str


@dataclass(frozen=True)
class Scene:
    """Everything that is drawn."""

    width: float
    height: float
    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()
    areas: tuple[Area, ...] = ()
    words: tuple[Words, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    marks: tuple[Mark, ...] = ()
    insets: tuple[Inset, ...] = field(default=())
    direction: str = "LR"  # for formats that place things by themselves
    pinned: bool = True  # DOT keeps the places; if not, Graphviz chooses them

    def node(self, id: str) -> Node:
        return next(node for node in self.nodes if node.id == id)

    def with_(self, **more: tuple[object, ...]) -> "Scene":
        """Return the scene with more nodes, links, words ..."""
        parts = {name: (*getattr(self, name), *added) for name, added in more.items()}
        return replace(self, **parts)  # type: ignore[arg-type]

    def without(self, *ids: str) -> "Scene":
        """Return the scene without some nodes, and without the lines that touched them."""
        nodes = tuple(node for node in self.nodes if node.id not in ids)
        links = tuple(x for x in self.links if x.source not in ids and x.target not in ids)
        return replace(self, nodes=nodes, links=links)

    def all_nodes(self) -> Iterator[Node]:
        """Iterate over the nodes, those of insets too."""
        yield from self.nodes
        for inset in self.insets:
            yield from inset.scene.all_nodes()
