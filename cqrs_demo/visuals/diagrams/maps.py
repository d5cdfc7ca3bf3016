"""The rungs as maps: write on top, events right, read below, as the explorer arranges them."""

from dataclasses import replace

from ...ladder import LADDER
from ...shop import Shop
from ..diagram import Diagram
from ..drawing.scene import Area, Inset, Link, Node, Scene, Stroke, Words
from ..drawing.text import shortened
from ..look import MAPS, Band, Map
from ..wiring import Wiring, wiring_of

RUNG_QUESTIONS = {
    "crud": "Where are the rules when one model does everything?",
    "one-database": "What is the least that CQRS needs?",
    "two-stores": "Who waits for whom?",
    "event-sourced": "What if events are all that is stored?",
}
ADDED = {  # what a rung has that the one before has not
    "crud": "one model reads and writes",
    "one-database": "adds commands, handlers and aggregates",
    "two-stores": "keeps and sends events, adds documents",
    "event-sourced": "keeps events and nothing else",
}
_ALT = {
    "crud": (
        "The client sends changes to one model and asks it questions. The model reads and writes "
        "the tables of one database, and calls payments."
    ),
    "one-database": (
        "The client sends a command to a command handler, which lets an aggregate decide, saves "
        "to the tables of one database in one transaction, and calls payments. A query goes to a "
        "query handler, which reads the same tables. The caller waits for both."
    ),
    "two-stores": (
        "The client sends a command to a command handler, which lets an aggregate decide and "
        "stores tables and outbox in one transaction. Later, while nobody waits, a relay moves "
        "the events over the bus to projections, which update documents in the read store. A "
        "query goes to a query handler, which looks them up."
    ),
    "event-sourced": (
        "The client sends a command to a command handler, which lets an aggregate decide and "
        "appends its events to an event store. Later, while nobody waits, a relay moves the "
        "events over the bus to projections, which update documents in the read store. A query "
        "goes to a query handler, which looks them up."
    ),
}


def map_scene(architecture: str, *, legend: bool = True) -> Scene:
    """Return a rung's map, with what a solid and a dashed line mean."""
    drawn = MAPS[architecture]
    nodes = tuple(
        Node(id, p.label, p.role, p.shape, p.x, p.y, p.w, p.h, p.sub if id != "client" else "")
        for id, p in drawn.places.items()
    )
    links = tuple(
        Link(e.source, e.target, e.path, e.waits, "both" if e.waits else "end") for e in drawn.edges
    )
    bands = tuple(_area(band, drawn) for band in drawn.bands)
    frame = Area("one transaction", "", "aggregate", *drawn.frame, "frame", caption="below")
    scene = Scene(840, 336, (*nodes, *_screen()), links, (*bands, frame))
    scene = scene.with_(words=_screen_words())
    return _with_legend(scene) if legend else scene


def _area(band: Band, drawn: Map) -> Area:
    inside = tuple(
        id
        for id, p in drawn.places.items()
        if band.x < p.x < band.x + band.w and band.y < p.y < band.y + band.h
    )
    where = "bottom" if band.label.startswith("READ") else "top"
    return Area(*band, caption=where, holds=inside)


def _screen() -> tuple[Node, ...]:
    """Return what the client's window shows: a button above, a list below."""
    return (
        Node("button", "Place order", "command", "box", 70, 86, 104, 34, solid=True, size=14,
             quiet=True),
        Node("list", "My orders", "read", "box", 70, 274, 104, 56, size=14, quiet=True),
    )  # fmt: skip


def _screen_words() -> tuple[Words, ...]:
    lines = (("a command:", 122), ("do this", 137), ("a query:", 222), ("tell me", 237))
    return tuple(Words(text, 70, y, 12, "muted", "middle") for text, y in lines)


def _with_legend(scene: Scene) -> Scene:
    """Say in a corner what a solid and a dashed line mean, if both occur."""
    strokes = [Stroke("M 440 317 H 468")]
    words = [Words("the caller waits", 474, 321)]
    if any(not link.waits for link in scene.links):
        strokes.append(Stroke("M 580 317 H 608", dashed=True))
        words.append(Words("nobody waits", 614, 321))
    return scene.with_(strokes=tuple(strokes), words=tuple(words))


def rung(shop: Shop) -> Diagram:
    """The shop's own rung, with the stores it really has."""
    wiring = wiring_of(shop)
    name = wiring.architecture
    return Diagram(
        f"rung-{name}",
        f"Rung {list(LADDER).index(name) + 1}: {name}",
        RUNG_QUESTIONS[name],
        _ALT[name],
        named(map_scene(name), wiring),
    )


def named(scene: Scene, wiring: Wiring) -> Scene:
    """Return a map with what really stands behind its places written under their names."""
    subs = {
        "read_store": f"documents, {wiring.read_store}",
        "projections": f"{len(wiring.projections)} of them",
        "event_bus": wiring.bus,
    }
    nodes = tuple(replace(node, sub=subs.get(node.id, node.sub)) for node in scene.nodes)
    store = Words(shortened(wiring.write_store, 360, 12), 688, 24, 12, "muted", "end")
    return replace(scene, nodes=nodes).with_(words=(store,))


def one_glance(shop: Shop) -> Diagram:
    """The separation of commands and queries, and nothing else."""
    scene = map_scene(shop.architecture).without("payments", "relay")
    drawn = MAPS[shop.architecture]
    if "event_bus" in drawn.places:
        source = "outbox" if "outbox" in drawn.places else "write_store"
        left = 684 if source == "outbox" else 604
        scene = scene.with_(links=(Link(source, "event_bus", f"M{left} 86H776V152", False),))
    return Diagram(
        "one-glance",
        "CQRS at one glance",
        "What changes data, and what answers questions?",
        _GLANCE_ALT if "event_bus" in drawn.places else _ALT[shop.architecture],
        scene,
    )


_GLANCE_ALT = (
    "The client sends a command to a command handler, which lets an aggregate decide and stores "
    "state and events in one transaction: the caller waits for that. Later, while nobody waits, "
    "the events cross a bus to projections, which update documents. A query goes to a query "
    "handler, which looks them up."
)


def ladder() -> Diagram:
    """The four rungs as small multiples: what they share stands in the same place."""
    scale, gap = 0.64, 24
    wide, high = 840 * scale, 336 * scale + 34
    insets, words = [], []
    for n, name in enumerate(LADDER):
        x, y = (n % 2) * (wide + gap), (n // 2) * (high + gap)
        insets.append(Inset(small(name), x, y + 34, scale, f"rung{n + 1}", f"{n + 1} {name}"))
        words.append(Words(f"{n + 1} {name}", x + 6, y + 20, 17, "ink", font="bold"))
        words.append(Words(ADDED[name], x + wide - 4, y + 20, 13.5, "muted", "end"))
    scene = Scene(2 * wide + gap, 2 * high + gap, insets=tuple(insets), words=tuple(words))
    alt = "Four maps of the same shop. " + " ".join(
        f"Rung {n}, {name}, {ADDED[name]}." for n, name in enumerate(LADDER, start=1)
    )
    title = "The ladder: the same shop on four architectures"
    return Diagram("ladder", title, "What does each rung add?", alt, scene)


def small(architecture: str) -> Scene:
    """Return a map for a small picture: larger words, and fewer."""
    scene = map_scene(architecture, legend=False)
    nodes = tuple(replace(node, sub="", size=17) for node in scene.nodes)
    areas = tuple(replace(area, label="", sub="") for area in scene.areas)
    return replace(scene, nodes=nodes, areas=areas, words=())
