"""One command and one query on their way, numbered in the order in which it really happens."""

from collections.abc import Iterable
from dataclasses import replace

from ...domain import commands as c
from ...domain import queries as q
from ...domain.errors import ShopError
from ...hops import Hop
from ...shop import Shop
from ..diagram import Diagram
from ..drawing.scene import Mark, Scene, Words
from ..drawing.text import shortened
from ..look import MAPS
from ..rehearsal import BEFORE_PLACING, asked, listened, read_by_queries, rehearsing, told
from ..wiring import Wiring, wiring_of
from .maps import map_scene, named

COMMAND, QUERY = c.PlaceOrder("o-7"), q.GetOrder("o-7")
Step = tuple[str, str, str]  # what kind of hop, from where, to where

# Where a step's number stands on the map. What goes and comes on one line has two places on it.
_PLACES: dict[Step, tuple[float, float]] = {
    ("command", "client", "command_handler"): (154, 64),
    ("accept", "command_handler", "client"): (154, 108),
    ("reject", "command_handler", "client"): (154, 108),
    ("command", "client", "one_model"): (154, 64),
    ("reject", "one_model", "client"): (154, 108),
    ("accept", "one_model", "client"): (154, 108),
    ("load", "write_store", "aggregate"): (464, 64),
    ("save", "aggregate", "write_store"): (464, 108),
    ("load", "write_store", "one_model"): (400, 64),
    ("save", "one_model", "write_store"): (400, 108),
    ("outside", "command_handler", "payments"): (260, 162),
    ("outside", "one_model", "payments"): (313, 162),
    ("event", "relay", "event_bus"): (800, 133),
    ("event", "event_bus", "projections"): (800, 227),
    ("save", "projections", "read_store"): (708, 252),
    ("query", "client", "query_handler"): (154, 252),
    ("answer", "query_handler", "client"): (154, 296),
    ("query", "client", "one_model"): (154, 252),
    ("answer", "one_model", "client"): (154, 296),
    ("reject", "query_handler", "client"): (154, 296),
    ("load", "read_store", "query_handler"): (386, 252),
    ("load", "write_store", "query_handler"): (450, 252),
}
_ASKED = (428, 64)  # rung 1: the answer is loaded on the line that the command took


def flow(shop: Shop) -> Diagram:
    """A command and a query from end to end, with the names of the functions and stores."""
    wiring = wiring_of(shop)
    steps = steps_of(shop)
    scene = map_scene(shop.architecture)
    said = _sentences(shop, wiring, steps)
    lines = [f"{n} {sentence}" for n, sentence in enumerate(said, start=1)]
    marks = tuple(_mark(n, step, steps) for n, step in enumerate(steps, start=1))
    scene = _with_lines(named(scene, wiring).with_(marks=marks), lines)
    alt = f"{len(steps)} numbered steps on the map of rung {wiring.architecture}: "
    return Diagram(
        "flow",
        "One command and one query, end to end",
        "Which way does an order go, and which way does its answer come?",
        alt + "; ".join(lines) + ".",
        scene,
    )


def steps_of(shop: Shop) -> list[Step]:
    """Play the command and the query in a rehearsal; return each kind of hop once, in order."""
    with rehearsing(shop) as copy:
        for command in BEFORE_PLACING:
            told(copy, command)
        copy.deliver()
        written = listened(copy, lambda: told(copy, COMMAND)) + listened(copy, copy.deliver)
        steps = _distinct(written) + _distinct(listened(copy, lambda: asked(copy, QUERY)))
    if not {"command", "query"} <= {kind for kind, _, _ in steps}:
        raise ShopError(
            "a flow needs handlers for PlaceOrder and GetOrder, and this shop lacks one"
        )
    return steps


def _distinct(hops: Iterable[Hop]) -> list[Step]:
    """A commit moves nothing and has no place; the others count once, whatever they moved."""
    moves = ((hop.kind, hop.source, hop.target) for hop in hops)
    return list(dict.fromkeys(move for move in moves if move in _PLACES))


def _mark(n: int, step: Step, steps: list[Step]) -> Mark:
    """Return a step's number: blue for the command, orange for events, green for the query."""
    kinds = [kind for kind, _, _ in steps]
    asked_at = kinds.index("query") + 1
    delivered_at = kinds.index("event") + 1 if "event" in kinds else asked_at
    role = "command" if n < min(delivered_at, asked_at) else "event" if n < asked_at else "read"
    is_second = n > steps.index(step) + 1
    x, y = _ASKED if is_second else _PLACES[step]
    return Mark(str(n), x, y, role, 10)


def _sentences(shop: Shop, wiring: Wiring, steps: list[Step]) -> list[str]:
    """Return what each step does, with the names that this shop really has."""
    asked_at = [kind for kind, _, _ in steps].index("query")
    handler = wiring.handlers.get("PlaceOrder", "nobody")
    answering = wiring.queries.get("GetOrder", "nobody")
    model = "one_model" if "one_model" in MAPS[shop.architecture].places else ""
    writer, reader = model or "command_handler", model or "query_handler"
    source = "read_store" if wiring.read_store else "write_store"
    documents = read_by_queries(shop).get(q.GetOrder, ()) if wiring.read_store else ()
    reads = f"documents: {', '.join(documents)}" if documents else "the tables"
    said = {
        ("command", "client", writer): f"PlaceOrder goes to {handler}",
        ("load", "write_store", model or "aggregate"): "it loads what the rules need",
        ("save", model or "aggregate", "write_store"): _saved(shop),
        ("outside", writer, "payments"): "it charges the customer, last",
        ("accept", writer, "client"): "done: nothing is returned",
        ("reject", writer, "client"): "refused: nothing has changed",
        ("reject", reader, "client"): "there is no answer",
        ("event", "relay", "event_bus"): "the relay sends the events on",
        ("event", "event_bus", "projections"): f"{len(wiring.projections)} projections hear of it",
        ("save", "projections", "read_store"): "each saves its documents",
        ("query", "client", reader): f"GetOrder goes to {answering}",
        ("answer", reader, "client"): "the client gets an OrderView",
    }
    loads = {("load", source, reader): f"it reads {reads}"}
    return [(said | loads if n > asked_at else loads | said)[step] for n, step in enumerate(steps)]


def _saved(shop: Shop) -> str:
    if shop.architecture == "event-sourced":
        return "it appends the events"
    return "it saves rows and events" if shop.architecture == "two-stores" else "it saves the rows"


def _with_lines(scene: Scene, lines: list[str]) -> Scene:
    """Write the steps under the map, in columns."""
    columns, top = 3, 366
    rows = -(-len(lines) // columns)
    words: list[Words] = []
    for n, line in enumerate(lines):
        x, y = 8 + (n // rows) * 284, top + (n % rows) * 22
        number, _, rest = line.partition(" ")
        words.append(Words(number, x + 16, y, 14, "ink", "end", "bold"))
        words.append(Words(shortened(rest, 252, 13.5), x + 24, y, 13.5, "ink"))
    wider = scene.with_(words=tuple(words))
    return replace(wider, height=top + rows * 22 - 10)
