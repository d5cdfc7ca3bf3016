"""One look for everything that is seen: colours by role, shapes by place, and the maps.

Places stand still and messages move, so what two rungs share has the same place on every map. The
roles' colours follow Event Storming (Brandolini, 2013). Colour never stands alone: shape and word
say the same again.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Tones(NamedTuple):
    """The four values of a role: outline and text, idle body, active place, text on that."""

    line: str
    fill: str
    solid: str
    on: str


class Role(NamedTuple):
    """A role's colours on light and on dark ground."""

    light: Tones
    dark: Tones


def _role(light: str, dark: str) -> Role:
    return Role(Tones(*light.split()), Tones(*dark.split()))


ROLES: dict[str, Role] = {
    "command": _role("#1A4FA3 #DDE9FB #1F55B0 #FFFFFF", "#8FC7FF #16324F #8FC7FF #0B1016"),
    "event": _role("#9A4700 #FFE3C2 #EE8F2A #15191F", "#F9A13A #47290A #F9A13A #0B1016"),
    "aggregate": _role("#675300 #FFF3A6 #FADF2E #15191F", "#FCE63A #3A3406 #FCE63A #0B1016"),
    "read": _role("#00664B #CFF0E1 #007F5D #FFFFFF", "#4DE3AE #0B3A2D #4DE3AE #0B1016"),
    "process": _role("#4E1C78 #EBE0F6 #4B1A70 #FFFFFF", "#AE8BF5 #33214F #AE8BF5 #0B1016"),
    "outside": _role("#8C2A66 #FDE1EF #F9A9D2 #15191F", "#D9A0BE #46203A #D9A0BE #0B1016"),
    "rejection": _role("#8A0F12 #FBDAD6 #8A0F12 #FFFFFF", "#F76A5C #4C1713 #F76A5C #0B1016"),
}

NEUTRALS: dict[str, tuple[str, str]] = {  # on light and on dark ground
    "page": ("#F1F3F6", "#101318"),
    "surface": ("#FFFFFF", "#191E25"),
    "sunken": ("#F6F7F9", "#14181E"),
    "ink": ("#15191F", "#EEF1F5"),
    "on-ink": ("#FFFFFF", "#0B1016"),
    "muted": ("#4B5563", "#AEB7C4"),
    "edge": ("#6B7583", "#8994A3"),
    "rule": ("#C9CFD8", "#3B4450"),
    "focus": ("#1F55B0", "#8FC7FF"),
}

FONT = '"Segoe UI", Roboto, "Helvetica Neue", Arial, system-ui, sans-serif'
CODE_FONT = 'ui-monospace, "Cascadia Code", Consolas, "DejaVu Sans Mono", Menlo, monospace'


class Theme(NamedTuple):
    """What a picture is painted with: on a light screen, on a dark one, or on grey paper."""

    name: str
    roles: Mapping[str, Tones]
    neutrals: Mapping[str, str]

    def tones(self, role: str) -> Tones:
        """Return a role's colours; "neutral" is the role of what has none."""
        if role in self.roles:
            return self.roles[role]
        names = ("muted", "surface", "muted", "on-ink")
        return Tones(*(self.neutrals[name] for name in names))

    def tone(self, name: str) -> str:
        """Return a colour by its name: "ink", "event fill", or "event", which means its line."""
        if name in self.neutrals:
            return self.neutrals[name]
        role, _, tone = name.partition(" ")
        colour: str = getattr(self.tones(role), tone or "line")
        return colour

    def wash(self, role: str) -> str:
        """Return the faint tint of a region that holds places of a role."""
        if role not in self.roles or self.name == "print":
            return self.neutrals["page"]
        return mix(self.roles[role].fill, self.neutrals["surface"])


def mix(one: str, other: str) -> str:
    """Return the colour half-way between two."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{(a + b) // 2:02X}" for a, b in pairs)


# On paper idle fills turn white; outlines, shapes and words carry everything.
_PAPER = Tones("#15191F", "#FFFFFF", "#D5D9DF", "#15191F")

THEMES: dict[str, Theme] = {
    "light": Theme(
        "light",
        {name: role.light for name, role in ROLES.items()},
        {name: light for name, (light, _) in NEUTRALS.items()},
    ),
    "dark": Theme(
        "dark",
        {name: role.dark for name, role in ROLES.items()},
        {name: dark for name, (_, dark) in NEUTRALS.items()},
    ),
    "print": Theme(
        "print",
        dict.fromkeys(ROLES, _PAPER),
        {name: light for name, (light, _) in NEUTRALS.items()} | {"edge": "#3B4450"},
    ),
}

KIND_ROLES: dict[str, str] = {  # what colour a step has
    "command": "command",
    "accept": "command",
    "event": "event",
    "query": "read",
    "answer": "read",
    "load": "aggregate",
    "save": "aggregate",
    "commit": "aggregate",
    "rollback": "rejection",
    "outside": "outside",
    "reject": "rejection",
    "fault": "rejection",
}


class Place(NamedTuple):
    """Where a place stands on the map (its centre), how large it is, and how it is drawn."""

    label: str
    sub: str
    role: str
    shape: str
    x: int
    y: int
    w: int
    h: int


class Edge(NamedTuple):
    """A line between two places, as an SVG path. Solid if the caller waits, dashed if nobody does.

    `call` tells two lines between the same places apart: it is "send", "ask" or None.
    """

    source: str
    target: str
    path: str
    waits: bool = True
    call: str | None = None


class Band(NamedTuple):
    """A tinted region of the map with its caption."""

    label: str
    sub: str
    role: str
    x: int
    y: int
    w: int
    h: int


Box = tuple[int, int, int, int]  # x, y, width, height


class Map(NamedTuple):
    """One rung's map, on a grid of 840 x 336."""

    places: Mapping[str, Place]
    edges: tuple[Edge, ...]
    bands: tuple[Band, ...]
    frame: Box  # what one transaction holds together
    gauge: Box | None  # where staleness is shown

    def as_json(self) -> dict[str, Any]:
        """Return the map as a recording keeps it."""
        return {
            "width": 840,
            "height": 336,
            "nodes": {name: place._asdict() for name, place in self.places.items()},
            "edges": [edge._asdict() for edge in self.edges],
            "bands": [band._asdict() for band in self.bands],
            "frame": list(self.frame),
            "gauge": list(self.gauge) if self.gauge else None,
        }


_PLACES = {
    "client": Place("Client", "screen", "neutral", "screen", 70, 177, 124, 282),
    "one_model": Place("One model", "reads and writes", "neutral", "box", 232, 180, 112, 244),
    "command_handler": Place("Command handler", "", "command", "tag", 232, 86, 112, 56),
    "query_handler": Place("Query handler", "", "read", "bubble", 232, 274, 112, 62),
    "aggregate": Place("Aggregate", "rules", "aggregate", "hexagon", 388, 86, 112, 56),
    "payments": Place("Payments", "outside", "outside", "parallelogram", 388, 180, 112, 56),
    "write_store": Place("Write store", "tables", "aggregate", "cylinder", 544, 86, 104, 64),
    "outbox": Place("Outbox", "", "event", "envelope", 645, 86, 78, 56),
    "relay": Place("Relay", "", "process", "pill", 776, 86, 104, 56),
    "event_bus": Place("Event bus", "", "event", "pipe", 776, 180, 104, 56),
    "projections": Place("Projections", "", "process", "pills", 776, 274, 104, 56),
    "read_store": Place("Read store", "documents", "read", "cylinder", 588, 274, 208, 64),
}


def _places(names: str, **labels: tuple[str, str]) -> dict[str, Place]:
    chosen = {name: _PLACES[name] for name in names.split()}
    for name, (label, sub) in labels.items():
        chosen[name] = chosen[name]._replace(label=label, sub=sub)
    return chosen


_WRITE_SIDE = (
    Edge("client", "command_handler", "M132 86H176", call="send"),
    Edge("command_handler", "aggregate", "M288 86H332"),
    Edge("aggregate", "write_store", "M444 86H484"),
    Edge("command_handler", "payments", "M232 114V180H338"),
    Edge("client", "query_handler", "M132 274H176", call="ask"),
)
_EVENTS = (
    Edge("relay", "event_bus", "M776 114V152", waits=False),
    Edge("event_bus", "projections", "M776 208V246", waits=False),
    Edge("projections", "read_store", "M724 274H692", waits=False),
    Edge("query_handler", "read_store", "M288 274H484"),
)
_TWO_BANDS = (
    Band("WRITE SIDE", "decides", "command", 144, 4, 556, 140),
    Band("READ SIDE", "answers, and has no rules", "read", 144, 216, 556, 116),
)
_THREE_BANDS = (*_TWO_BANDS, Band("EVENTS", "later", "event", 708, 4, 128, 328))
_DECIDING = "client command_handler query_handler aggregate payments write_store"
_DELIVERING = "relay event_bus projections read_store"
_GAUGE = (484, 150, 208, 60)

MAPS: dict[str, Map] = {
    "crud": Map(
        _places("client one_model payments write_store", write_store=("Database", "tables")),
        (
            Edge("client", "one_model", "M132 86H176", call="send"),
            Edge("client", "one_model", "M132 274H176", call="ask"),
            Edge("one_model", "write_store", "M288 86H484"),
            Edge("one_model", "payments", "M288 180H338"),
        ),
        (Band("ONE SIDE", "reads and writes", "command", 144, 4, 556, 328),),
        (484, 46, 120, 78),
        None,
    ),
    "one-database": Map(
        _places(_DECIDING, write_store=("Database", "tables")),
        (*_WRITE_SIDE, Edge("query_handler", "write_store", "M288 274H590V124")),
        _TWO_BANDS,
        (484, 46, 120, 78),
        None,
    ),
    "two-stores": Map(
        _places(f"{_DECIDING} outbox {_DELIVERING}"),
        (*_WRITE_SIDE, Edge("outbox", "relay", "M684 86H724", waits=False), *_EVENTS),
        _THREE_BANDS,
        (484, 46, 208, 78),
        _GAUGE,
    ),
    "event-sourced": Map(
        _places(f"{_DECIDING} {_DELIVERING}", write_store=("Event store", "events")),
        (*_WRITE_SIDE, Edge("write_store", "relay", "M604 86H724", waits=False), *_EVENTS),
        _THREE_BANDS,
        (484, 46, 120, 78),
        _GAUGE,
    ),
}
