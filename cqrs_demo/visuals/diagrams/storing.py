"""How facts are kept: the write store's tables with their keys, beside the documents to be read."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...shop import Shop
from ..diagram import Diagram
from ..drawing.places import card_height
from ..drawing.scene import Area, Link, Node, Scene, Words
from ..drawing.text import clean, shortened
from ..rehearsal import STORY, rehearsing, told
from .schema import Table, er_diagram, read_tables

TITLE = "Tables that decide, documents that answer"
MOST_ROWS = 9
_W, _GAP, _TOP = 216, 34, 44
_COLUMNS = {"users": 0, "orders": 0, "products": 1, "order_lines": 1}  # the others: where is room


def stores(shop: Shop) -> Diagram:
    """Tables as the database itself describes them, and documents as a real run filled them."""
    with rehearsing(shop) as copy:
        for command in STORY:
            told(copy, command)
        copy.deliver()
        tables = read_tables(copy)
        documents = {
            name: rows[0]
            for name, rows in copy.documents().items()
            if rows and name in copy.projections
        }
    alike = {name: t.name for name, doc in documents.items() for t in tables if _is_row(doc, t)}
    shown = {name: doc for name, doc in documents.items() if name not in alike}
    alt = _alt(tables, shown, alike)
    scene = _with_documents(_with_tables(tables), shown, alike)
    return Diagram(
        "stores",
        TITLE,
        "How is a fact kept, and how is it read?",
        alt,
        scene,
        own_mermaid=er_diagram(tables, shown, TITLE, alt),
    )


def _is_row(document: Mapping[str, Any], table: Table) -> bool:
    """Say whether a document is no more than a row of a table."""
    return document.keys() <= {column.name for column in table.columns}


def _alt(
    tables: list[Table], documents: Mapping[str, Mapping[str, Any]], alike: Mapping[str, str]
) -> str:
    text = "The write store holds " + "; ".join(
        f"{t.name} ({', '.join(f'{c.name} {c.key}'.strip() for c in t.columns)})" for t in tables
    )
    if documents:
        text += ". The read store holds documents: " + "; ".join(
            f"{name} ({', '.join(map(str, document))})" for name, document in documents.items()
        )
    return text + (f". {_said_alike(alike)}" if alike else ".")


def _said_alike(alike: Mapping[str, str]) -> str:
    return "Like a row of a table: " + ", ".join(
        f"{document} (of {table})" if document != table else document
        for document, table in alike.items()
    )


def _with_tables(tables: list[Table]) -> Scene:
    depths: list[float] = [_TOP, _TOP]
    nodes = []
    for table in sorted(tables, key=lambda t: list(_COLUMNS).index(t.name) if t.name in _COLUMNS
                        else len(_COLUMNS)):  # fmt: skip
        rows = _table_rows(table)
        high = card_height(len(rows))
        column = _COLUMNS.get(table.name, 0 if depths[0] <= depths[1] else 1)
        x = 16 + column * (_W + 44) + _W / 2
        role = "event" if table.name in ("outbox", "events") else "aggregate"
        nodes.append(Node(table.name, table.name, role, "table", x, depths[column] + high / 2,
                          _W, high, rows=rows))  # fmt: skip
        depths[column] += high + _GAP
    links = [
        _foreign(column, nodes, table.name, other)
        for table in tables
        for column, other in table.references
    ]
    wide = 2 * _W + 44 + 32 if depths[1] > _TOP else _W + 32
    high = max(depths) - _GAP + 16
    area = Area("WRITE STORE", "every fact once", "aggregate", 0, 0, wide, high,
                holds=tuple(t.name for t in tables))  # fmt: skip
    return Scene(wide, high, tuple(nodes), tuple(links), (area,))


def _table_rows(table: Table) -> tuple[tuple[str, str], ...]:
    rows = [(c.name, c.key or c.kind.lower()) for c in table.columns]
    if len(rows) > MOST_ROWS - 1:
        keyed = [row for row, c in zip(rows, table.columns, strict=True) if c.key]
        rest = len(rows) - len(keyed)
        rows = [*keyed, (f"and {rest} more", "")] if len(table.columns) > MOST_ROWS - 1 else rows
    return tuple(rows)


def _foreign(column: str, nodes: list[Node], source: str, target: str) -> Link:
    """Return the line of a foreign key: straight up in one column, straight across otherwise."""
    one = next(node for node in nodes if node.id == source)
    other = next(node for node in nodes if node.id == target)
    if one.x == other.x:
        path = f"M{one.x:g} {one.y - one.h / 2:g}V{other.y + other.h / 2 + 1:g}"
        return Link(source, target, path, label="", at=(one.x, one.y))
    y = max(one.y - one.h / 2, other.y - other.h / 2) + 40
    return Link(source, target, f"M{one.x - _W / 2:g} {y:g}H{other.x + _W / 2 + 1:g}")


def _with_documents(
    scene: Scene, documents: Mapping[str, Mapping[str, Any]], alike: Mapping[str, str]
) -> Scene:
    if not documents and not alike:
        return scene
    left = scene.width + 96
    depths: list[float] = [_TOP, _TOP]
    nodes = []
    for n, (name, document) in enumerate(documents.items()):
        rows = tuple(_document_rows(document))
        high = card_height(len(rows))
        column = 0 if depths[0] <= depths[1] else 1
        x = left + 16 + column * (_W + 24) + _W / 2
        nodes.append(Node(f"doc{n}", name, "read", "page", x, depths[column] + high / 2, _W, high,
                          rows=rows))  # fmt: skip
        depths[column] += high + 20
    columns = 2 if depths[1] > _TOP else 1
    wide = columns * _W + (columns - 1) * 24 + 32
    high = max(scene.height, max(depths) + 14)
    area = Area("READ STORE", "every answer at hand", "read", left, 0, wide, high,
                holds=tuple(node.id for node in nodes))  # fmt: skip
    words = (Words(shortened(_said_alike(alike), wide - 32, 12), left + 16, high - 12),)
    grown = replace(scene.areas[0], h=high)
    middle = high / 2
    source = next((n.id for n in scene.nodes if n.id in ("outbox", "events")), "")
    arrow = Link(
        source,
        nodes[0].id if nodes else source,
        f"M {scene.width + 6} {middle} H {left - 6}",
        False,
        label="events",
        at=(scene.width + 48, middle - 10),
        role="event",
    )
    return Scene(left + wide, high, (*scene.nodes, *nodes), (*scene.links, arrow),
                 (grown, area), words if alike else ())  # fmt: skip


def _document_rows(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield a document's fields with a value; those of a list's first item follow a dot."""
    for field, value in list(document.items())[:12]:
        name = shortened(str(field), _W - 60, 13, "mono")
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield name, "a list of"
            yield from ((f"· {clean(inner)}", clean(v)) for inner, v in list(value[0].items())[:5])
        else:
            yield name, clean(_spoken(field, value))


def _spoken(field: str, value: Any) -> str:
    """A time is known by its day; nothing is a dash."""
    if value is None:
        return "–"
    return str(value)[:10] if str(field).endswith("_at") else str(value)
