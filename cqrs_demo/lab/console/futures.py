"""Two states of one shop beside each other, such as two futures: the rows in which they differ.

It looks at recordings, so whatever compares two recordings in another way can be put beside it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from ...recording import Recording, Row
from ..frames import as_text

SHOWN = {  # panel -> its heading and its role, in the order in which an event travels
    "write": ("Write store", "aggregate"),
    "outbox": ("Outbox", "event"),
    "read": ("Read documents", "read"),
    "checkpoints": ("Checkpoints", "process"),
}
MOST_ROWS = 40
A_TIME = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|\+00:00)")
MOST_FIELDS = 4
MOST_LETTERS = 60


@dataclass(frozen=True)
class Difference:
    """One row that is not the same in two futures: `left` and `right` hold what differs of it.

    None stands for a row that is not there at all.
    """

    panel: str
    table: str
    key: str
    left: Row | None
    right: Row | None


def differing_rows(left: Recording, right: Recording) -> list[Difference]:
    """Return the rows that differ between the last states of two recordings."""
    return list(_differences(left.state(len(left.steps)), right.state(len(right.steps))))


def changed_rows(recording: Recording, since: int) -> list[Difference]:
    """Return what has changed in tables and documents since a step."""
    found = _differences(recording.state(since), recording.state(len(recording.steps)))
    return [each for each in found if each.panel in ("write", "read")]


def as_line(each: Difference) -> str:
    """Tell in plain text how a row changed."""
    name = f"{each.table} {_short(each.key)}"
    if each.left is None or each.right is None:
        return f"{name} {'+' if each.left is None else '−'}"
    fields = (
        f"{field} {_short(as_text(old))} → {_short(as_text(each.right[field]))}"
        for field, old in each.left.items()
        if field != "version"
    )
    return f"{name}: {', '.join(fields)}"


def _differences(left: Any, right: Any) -> Iterator[Difference]:
    for panel in SHOWN:
        for table in {**left.get(panel, {}), **right.get(panel, {})}:
            if panel == "read" and "." in table:  # what a projection remembers for itself
                continue
            old, new = left[panel].get(table, {}), right[panel].get(table, {})
            for key in {**old, **new}:
                a, b = old.get(key), new.get(key)
                if a is None or b is None:
                    yield Difference(panel, table, key, a, b)
                elif a != b:
                    names = [name for name in {**a, **b} if a.get(name) != b.get(name)]
                    parts = ({name: row.get(name) for name in names} for row in (a, b))
                    yield Difference(panel, table, key, *parts)


def as_html(differences: list[Difference], left: str, right: str) -> str:
    """Return the differences as one table a panel, with a column for each future."""
    sections = []
    for panel, (heading, role) in SHOWN.items():
        rows = [each for each in differences if each.panel == panel]
        if rows:
            sections.append(_section(heading, role, rows, left, right))
    same = "<p>No row differs: so far both futures are the same.</p>"
    return (
        f'<div class="cqrs-stores" role="region" tabindex="0" aria-label="What differs">'
        f"{''.join(sections) or same}</div>"
    )


def _section(heading: str, role: str, rows: list[Difference], left: str, right: str) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("row", left, right))
    told = _together(rows)
    body = "".join(f"<tr>{row}</tr>" for row in told[:MOST_ROWS])
    more = len(told) - MOST_ROWS
    rest = f'<p class="cqrs-muted">and {more:,} more rows</p>' if more > 0 else ""
    count = "1 row differs" if len(rows) == 1 else f"{len(rows):,} rows differ"
    return (
        f'<section class="cqrs-store cqrs-{role}"><h4>{heading}: {count}</h4><div>'
        f'<table class="cqrs-frame cqrs-futures"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>{rest}</div></section>"
    )


def _together(rows: list[Difference]) -> list[str]:
    """Return the cells of each row; rows of a table that differ in the same way share a line."""
    keys: dict[tuple[str, str], list[str]] = {}
    for each in rows:
        cells = f"<td>{_cell(each.left)}</td><td>{_cell(each.right)}</td>"
        keys.setdefault((each.table, cells), []).append(escape(_short(each.key)))
    return [
        f'<th scope="row">{escape(table)} <b>{", ".join(names)}</b></th>{cells}'
        for (table, cells), names in keys.items()
    ]


def _cell(row: Row | None) -> str:
    if row is None:
        return '<span class="cqrs-muted">not there</span>'
    fields = [
        f'<span><span class="cqrs-muted">{escape(str(name))}</span> '
        f"{escape(_short(as_text(value)))}</span>"
        for name, value in row.items()
    ]
    rest = [f'<span class="cqrs-muted">and {len(fields) - MOST_FIELDS} more</span>']
    shown = fields if len(fields) <= MOST_FIELDS + 1 else fields[:MOST_FIELDS] + rest
    return f'<div class="cqrs-cells">{"".join(shown)}</div>'


def _short(text: str) -> str:
    text = A_TIME.sub(r"\1 \2", text)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
