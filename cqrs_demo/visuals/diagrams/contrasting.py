"""CRUD beside CQRS on one sheet: what each costs, and what it buys, counted in real runs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ... import open_shop
from ...domain import commands as c
from ...domain import queries as q
from ...shop import Shop
from ..diagram import Diagram
from ..drawing.scene import Inset, Scene, Stroke, Words
from ..look import MAPS
from ..rehearsal import STORY, Clock, listened
from .maps import small

CQRS = "two-stores"


@dataclass(frozen=True)
class Contrast:
    """One concern; `winner` is the better one of the two."""

    concern: str
    crud: str
    cqrs: str
    winner: str  # "crud" or "cqrs"


def contrasts() -> list[Contrast]:
    """Run both, count, and say who wins; what CRUD wins comes first."""
    with _played("crud") as crud, _played(CQRS) as cqrs:
        orders = len(cqrs.documents()["orders"])
        rows, events, documents = _written_by_a_rename(crud)[0], *_written_by_a_rename(cqrs)[1:]
        behind = _behind_after_a_command(cqrs)
        joined, looked_up = len(_tables_read(crud)), 1
    return [
        Contrast("An answer is", "always current", f"old until delivery: {behind} behind", "crud"),
        Contrast("Places to run and know", _places("crud"), _places(CQRS), "crud"),
        Contrast(
            f"Renaming a user of {orders} orders",
            f"writes {rows} row",
            f"writes {rows} row, {events} event, {documents} documents",
            "crud",
        ),
        Contrast(
            "The page of an order", f"joins {joined} tables", f"is {looked_up} document", "cqrs"
        ),
        Contrast("Rules stand", "between load and save", "in aggregates, tested alone", "cqrs"),
        Contrast("What happened", "is overwritten", "is kept as an event", "cqrs"),
    ]


@contextmanager
def _played(architecture: str) -> Iterator[Shop]:
    with open_shop(architecture, clock=Clock()) as shop:
        for command in STORY:
            shop.send(command)
        shop.deliver()
        yield shop


def _places(architecture: str) -> str:
    return f"{len(MAPS[architecture].places)} places"


def _behind_after_a_command(shop: Shop) -> int:
    shop.send(c.CreateOrder("o-10", "ada"))
    behind = shop.staleness
    shop.deliver()
    return behind


def _written_by_a_rename(shop: Shop) -> tuple[int, int, int]:
    """Return how many rows, events and documents are written when a user gets a new name."""
    before = shop.tables(), shop.documents(), shop.position
    shop.send(c.RenameUser("ada", "Ada, Countess of Lovelace"))
    shop.deliver()
    tables = {n: rows for n, rows in shop.tables().items() if n != "outbox"}
    rows = sum(_changed(before[0][name], rows) for name, rows in tables.items())
    shown = {n: docs for n, docs in shop.documents().items() if n in shop.projections}
    documents = sum(_changed(before[1][name], found) for name, found in shown.items())
    return rows, shop.position - before[2], documents


def _changed(before: list[Any], after: list[Any]) -> int:
    return sum(row not in before for row in after)


def _tables_read(shop: Shop) -> set[str]:
    """Return the tables that the page of an order reads, as SQLite is told them."""
    statements: list[str] = []

    def trace(hop: Any) -> None:
        if hop.kind == "load":
            hop.connection.set_trace_callback(statements.append)

    shop.hops.listeners.append(trace)
    try:
        listened(shop, lambda: shop.ask(q.GetOrder("o-7")))
    finally:
        shop.hops.listeners.remove(trace)
    return set(re.findall(r"(?:FROM|JOIN)\s+(\w+)", " ".join(statements)))


def beside() -> Diagram:
    """Rung 1 and rung 3 with what each of them wins; a tick stands at the better one."""
    found = contrasts()
    scale, gap = 0.62, 30
    wide = 840 * scale
    insets = (
        Inset(small("crud"), 0, 36, scale, "crud", "CRUD"),
        Inset(small(CQRS), wide + gap, 36, scale, "cqrs", "CQRS"),
    )
    words = [
        Words("CRUD", 6, 20, 18, "ink", font="bold"),
        Words("rung 1", 68, 20, 14),
        Words("CQRS", wide + gap + 6, 20, 18, "ink", font="bold"),
        Words("rung 3, two stores", wide + gap + 70, 20, 14),
    ]
    strokes: list[Stroke] = []
    top = 36 + 336 * scale + 44
    for n, contrast in enumerate(found):
        y = top + n * 34
        strokes.append(Stroke(f"M 0 {y - 23:g} H {2 * wide + gap:g}", "rule", thickness=1))
        words += _row(contrast, y, wide)
    scene = Scene(2 * wide + gap, top + 34 * len(found) - 20, insets=insets, words=tuple(words),
                  strokes=tuple(strokes))  # fmt: skip
    alt = "Two maps: CRUD with one model, CQRS with two sides and events. " + " ".join(
        f"{x.concern}: CRUD {x.crud}; CQRS {x.cqrs}; {x.winner.upper()} wins." for x in found
    )
    return Diagram(
        "crud-beside-cqrs",
        "CRUD beside CQRS",
        "What does CQRS cost, and what does it buy?",
        alt,
        scene,
    )


def _row(contrast: Contrast, y: float, wide: float) -> list[Words]:
    columns = {"crud": (288.0, contrast.crud), "cqrs": (wide + 62, contrast.cqrs)}
    words = [Words(contrast.concern, 6, y, 15, "ink", font="bold")]
    for name, (x, text) in columns.items():
        wins = contrast.winner == name
        if wins:
            words.append(Words("✓", x - 22, y, 16, "read", font="bold"))
        words.append(
            Words(text, x, y, 15, "ink" if wins else "muted", font="bold" if wins else "regular")
        )
    return words
