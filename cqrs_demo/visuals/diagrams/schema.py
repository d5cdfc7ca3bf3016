"""The write store's tables as the database itself describes them, and as Mermaid draws them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...shop import Shop
from ..drawing.mermaid import described, quoted
from ..drawing.text import clean


class Column(NamedTuple):
    name: str
    kind: str
    key: str  # "PK", "FK", "UK" or several of them


class Table(NamedTuple):
    name: str
    columns: tuple[Column, ...]
    references: tuple[tuple[str, str], ...]  # own column, other table


def read_tables(shop: Shop) -> list[Table]:
    """Ask SQLite for the columns and keys of the tables that the shop shows."""
    with shop.commands.store.reading() as connection:
        return [_read_table(connection, name) for name in shop.shown_tables]


def _read_table(connection: Any, name: str) -> Table:
    def pragma(what: str, of: str) -> list[Any]:
        return list(connection.execute(f"PRAGMA {what}({of})").fetchall())

    references = tuple((row[3], row[2]) for row in pragma("foreign_key_list", name))[::-1]
    unique = {
        column[2]
        for index in pragma("index_list", name)
        if index[2] and index[3] == "u"
        for column in pragma("index_info", index[1])
    }
    columns = []
    for _, column, kind, _, _, is_key in pragma("table_info", name):
        is_foreign = column in [own for own, _ in references]
        keys = [("PK", is_key), ("FK", is_foreign), ("UK", column in unique)]
        columns.append(Column(column, kind, " ".join(key for key, holds in keys if holds)))
    return Table(name, tuple(columns), references)


def er_diagram(
    tables: list[Table], documents: Mapping[str, Mapping[str, Any]], title: str, alt: str
) -> str:
    lines = ["erDiagram", *described(title, alt)]
    for table in tables:
        lines.append(f"  {table.name} {{")
        lines += [
            f"    {c.kind.lower()} {c.name} {', '.join(c.key.split())}".rstrip()
            for c in table.columns
        ]
        lines.append("  }")
    for table in tables:
        for column, other in table.references:
            lines.append(f'  {other} ||--o{{ {table.name} : "{column}"')
    for n, (name, document) in enumerate(documents.items()):
        lines.append(f'  doc{n}["{quoted(name)} document"] {{')
        lines += [f"    {_kind(value)} {_word(field)}" for field, value in document.items()]
        lines.append("  }")
    return "\n".join(lines) + "\n"


def _kind(value: Any) -> str:
    return {int: "number", list: "list", dict: "object"}.get(type(value), "text")


def _word(field: Any) -> str:
    """Return a field's name as Mermaid takes it: letters, digits and underscores."""
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in clean(field))
    return word if word[:1].isalpha() else f"f{word}"
