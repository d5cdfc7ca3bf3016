"""Rows and DTOs as pandas frames, and their look in a notebook.

What changed is marked twice over, never by colour alone: a sign in the gutter says so, and in a
changed cell the old value stands struck through beside the new one. Text from data is escaped.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from html import escape
from math import isnan
from typing import Any

import pandas as pd

from ..codec import decode_document, to_time
from ..read_model.checkpoints import Projection
from ..shop import Shop
from ..visuals.look import CODE_FONT, FONT, NEUTRALS, ROLES, Tones

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]

LOGS = ("outbox", "events")  # what the log of events is called, on rungs 3 and 4
TIMES = ("created_at", "placed_at")  # text in the stores, as SQLite and JSON know no times
KEY_COLUMNS = {"order_lines": 2, "claims": 2}  # the others have a key of one column
HIDDEN = ("email_key", "line_no")  # how a store does its work, and no news to a reader
MOST_ROWS = 12  # in one frame: what changed, then the newest
MOST_LETTERS = 32  # of a value, where it is told in a sentence
MARKS = {"+": "added", "~": "changed", "−": "removed"}

LOOK = """
.cqrs { color-scheme: light; color: var(--ink); line-height: 1.4; font: 14px/1.4 $font }
[data-jp-theme-light="false"] .cqrs, .vscode-dark .cqrs { color-scheme: dark }
.cqrs code, .cqrs .cqrs-frame td { font: 13px/1.4 $code; background: none; color: inherit }
.cqrs .cqrs-note, .cqrs .cqrs-store { background: var(--surface); border: 1px solid var(--rule);
  border-radius: 10px; margin: 0; min-width: 0 }
.cqrs .cqrs-store { overflow: hidden }
.cqrs .cqrs-note { border-left: 5px solid var(--line); padding: 10px 16px }
.cqrs .cqrs-note > * { display: block; margin: 0 0 4px; min-width: 0; overflow-x: auto;
  overflow-wrap: anywhere }
.cqrs .cqrs-note > :last-child { margin: 0 }
.cqrs .cqrs-sign { color: var(--line); font-weight: 600 }
.cqrs .cqrs-muted, .cqrs th { color: var(--muted); font-size: 12px; font-weight: 400 }
.cqrs .cqrs-note .cqrs-changed { display: flex; gap: 8px; font-size: 13px }
.cqrs .cqrs-changed ul, .cqrs .cqrs-changed li { margin: 0; padding: 0; list-style: none;
  min-width: 0 }
.cqrs .cqrs-stores { display: grid; grid-template-columns: minmax(0, 1fr); gap: 8px }
.cqrs .cqrs-store > h4 { margin: 0; padding: 7px 16px; font-size: 14px; font-weight: 600;
  line-height: 1.4; color: var(--ink); background: var(--fill);
  border-bottom: 1.5px solid var(--line) }
.cqrs .cqrs-store > div { display: flex; flex-wrap: wrap; gap: 12px 32px; padding: 10px 16px 12px;
  overflow-x: auto }
.cqrs .cqrs-store h5 { margin: 0 0 2px 22px; font-size: 13px; font-weight: 600; line-height: 1.4 }
.cqrs .cqrs-store p { margin: 2px 0 0 22px }
.cqrs table.cqrs-frame.cqrs-frame { margin: 0; border: 0; border-collapse: collapse; width: auto;
  table-layout: auto; color: var(--ink); font-size: 13px }
.cqrs .cqrs-frame.cqrs-frame thead, .cqrs .cqrs-frame.cqrs-frame tr { background: none;
  border: 0 }
.cqrs .cqrs-frame.cqrs-frame th, .cqrs .cqrs-frame.cqrs-frame td { text-align: left;
  vertical-align: top; padding: 3px 6px; border: 0; border-bottom: 1px solid var(--rule);
  max-width: 34em; white-space: normal; overflow-wrap: break-word; background: none }
.cqrs .cqrs-frame.cqrs-frame th { padding-bottom: 1px; overflow-wrap: normal;
  vertical-align: bottom }
.cqrs .cqrs-frame.cqrs-frame td.short { white-space: nowrap }
.cqrs .cqrs-frame.cqrs-frame td.long { min-width: 17ch; overflow-wrap: anywhere }
.cqrs .cqrs-frame.cqrs-frame td.long.changed { min-width: 12ch }
.cqrs .cqrs-frame.cqrs-frame td.time { min-width: 11ch }
.cqrs .cqrs-frame.cqrs-frame th:empty { border: 0 }
.cqrs .cqrs-frame.cqrs-frame td.gutter { padding: 3px 4px; border: 0; color: var(--line);
  font-weight: 700; text-align: center; width: 14px; min-width: 14px }
.cqrs .cqrs-frame.cqrs-frame td.added { background: var(--fill) }
.cqrs .cqrs-frame.cqrs-frame td.changed { background: var(--fill);
  border-bottom: 2px solid var(--line) }
.cqrs .cqrs-frame.cqrs-frame td.removed { color: var(--muted); text-decoration: line-through }
.cqrs td del { color: var(--muted) }
.cqrs td ins { text-decoration: none; font-weight: 700 }
"""


def _variables() -> str:
    """Write the palette once for both themes; the browser picks by `color-scheme`."""

    def declare(values: Mapping[str, tuple[str, str]]) -> str:
        return "".join(f"--{name}:light-dark({a},{b});" for name, (a, b) in values.items())

    neutral = dict(zip(Tones._fields, ("muted", "sunken", "edge", "on-ink"), strict=True))
    roles = {"neutral": {part: NEUTRALS[name] for part, name in neutral.items()}}
    for name, role in ROLES.items():
        roles[name] = dict(zip(Tones._fields, zip(*role, strict=True), strict=True))
    rules = (f".cqrs-{name}{{{declare(values)}}}" for name, values in roles.items())
    return f".cqrs{{{declare(NEUTRALS)}}}" + "".join(rules)


STYLE = f"<style>{_variables()}{LOOK.replace('$font', FONT).replace('$code', CODE_FONT)}</style>"


@dataclass(frozen=True)
class Changed:
    """A cell that held one value at the last look and holds another one now."""

    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{as_text(self.old)} → {as_text(self.new)}"


def as_text(value: Any) -> str:
    """Return a value as a reader wants to see it: times without fractions, lines one by one."""
    if value is None or (isinstance(value, float) and isnan(value)):  # pandas fills gaps with NaN
        return "–"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if is_dataclass(value) and not isinstance(value, Changed):
        return as_text(as_row(value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {as_text(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(as_text, value)) or "none"
    return str(value)


def as_row(dto: Any) -> Row:
    """Return the fields of a DTO or message."""
    return {part.name: getattr(dto, part.name) for part in fields(dto)}


def frame_of(rows: list[Row]) -> Any:
    """Return rows as a DataFrame that leaves every value as it is."""
    return pd.DataFrame(rows, dtype=object)


def changes(before: list[Row], after: list[Row], key_columns: int = 1) -> Any:
    """Return `after` as a DataFrame with a gutter that says what is new, changed or removed.

    Rows are the same if their first `key_columns` are. Of many rows, only those that changed and
    the newest are kept.
    """
    old, new = _by_key(before, key_columns), _by_key(after, key_columns)
    marked = [_mark(old.get(key), row) for key, row in new.items()]
    marked += [{"": "−", **row} for key, row in old.items() if key not in new]
    spare = MOST_ROWS - sum(bool(row[""]) for row in marked)
    newest = len(marked) - max(spare, 0)
    kept = [row for place, row in enumerate(marked) if row[""] or place >= newest]
    return frame_of(kept[-MOST_ROWS:])


def _by_key(rows: list[Row], key_columns: int) -> dict[Any, Row]:
    """Number rows that have the same key, for a learner's own documents may have any."""
    seen: Counter[Any] = Counter()
    keyed = {}
    for row in rows:
        key = tuple(as_text(value) for value in list(row.values())[:key_columns])
        seen[key] += 1
        keyed[key, seen[key]] = row
    return keyed


def _mark(old: Row | None, new: Row) -> Row:
    if old is None:
        return {"": "+", **new}
    if old == new:
        return {"": "", **new}
    marked: Row = {"": "~"}
    for name in {**new, **old}:
        was, is_now = old.get(name), new.get(name)
        marked[name] = is_now if was == is_now else Changed(was, is_now)
    return marked


def to_html(frame: Any) -> str:
    """Return a frame as an HTML table, through pandas' Styler, with everything escaped."""
    kinds = frame.apply(_kinds, axis=1, result_type="expand") if len(frame) else frame
    kinds.columns = frame.columns
    styler = frame.style.hide(axis="index").format(_cell).format_index(_heading, axis=1)
    styler = styler.set_td_classes(kinds).set_table_attributes('class="cqrs-frame"')
    return str(styler.to_html())


def _kinds(row: Any) -> list[str]:
    """Return the CSS classes of each cell of a row, as its mark in the gutter says."""
    mark = MARKS.get(row.get("", ""), "")
    return [
        "gutter" if name == "" else f"{_width(value)} {_state(mark, value)}"
        for name, value in row.items()
    ]


def _state(mark: str, value: Any) -> str:
    return "" if mark == "changed" and not isinstance(value, Changed) else mark


def _width(value: Any) -> str:
    if isinstance(value.new if isinstance(value, Changed) else value, datetime):
        return "time"
    return "short" if len(as_text(value)) <= 18 else "long"


def _heading(name: str) -> str:
    return escape(name).replace("_", "_<wbr>")  # a narrow column may have a long name


def _cell(value: Any) -> str:
    if isinstance(value, Changed):
        return f"<del>{_cell(value.old)}</del> <ins>{_cell(value.new)}</ins>"
    return escape(as_text(value))


@dataclass(frozen=True)
class Store:
    """What one store holds at some moment: tables, events, or documents."""

    title: str
    role: str
    tables: Tables
    notes: Mapping[str, str] = field(default_factory=dict)  # table -> a remark
    sentence: str = ""


class Frames(dict[str, Any]):
    """The DataFrames of one store, by name; displaying it shows them all."""

    def __init__(self, store: Store, before: Store | None = None) -> None:
        self.store = store
        old = (before or store).tables  # at the first look nothing has changed
        for name in {**store.tables, **old}:
            rows = old.get(name, []), store.tables.get(name, [])
            self[name] = changes(*rows, KEY_COLUMNS.get(name, 1))

    def _repr_html_(self) -> str:
        return f'{STYLE}<div class="cqrs">{self.section()}</div>'

    def section(self) -> str:
        """Return HTML without the stylesheet, to be put beside other sections."""
        tables = "".join(self._table(name, frame) for name, frame in self.items() if len(frame))
        empty = ", ".join(escape(name) for name, frame in self.items() if not len(frame))
        rest = f'<p class="cqrs-muted">empty: {empty}</p>' if empty else ""
        if self.store.sentence:
            rest += f"<p>{escape(self.store.sentence)}</p>"
        head = f"<h4>{escape(self.store.title)}</h4>"
        return (
            f'<section class="cqrs-store cqrs-{self.store.role}">{head}'
            f"<div>{tables}{rest}</div></section>"
        )

    def _table(self, name: str, frame: Any) -> str:
        note = self._note(name, frame)
        small = f' <span class="cqrs-muted">{escape(note)}</span>' if note else ""
        return f"<div><h5>{escape(name)}{small}</h5>{to_html(frame)}</div>"

    def _note(self, name: str, frame: Any) -> str:
        rows = len(self.store.tables.get(name, []))
        shown = len(frame) - list(frame[""]).count("−")
        hidden = f"{rows - shown:,} more rows not shown" if rows > shown else ""
        return " · ".join(filter(None, [self.store.notes.get(name, ""), hidden]))

    def __repr__(self) -> str:
        parts = [*filter(None, [self.store.title, self.store.sentence])]
        for name, frame in self.items():
            note = f" ({self.store.notes[name]})" if name in self.store.notes else ""
            text = frame.map(as_text).to_string(index=False) if len(frame) else "  empty"
            parts.append(f"{name}{note}\n{text}")
        return "\n\n".join(parts)


def look_into(shop: Shop) -> dict[str, Store]:
    """Return the shop's stores under "tables", "events" and "documents".

    What projections remember without showing it is left out. Raises ShopError, as the shop does.
    """
    tables = {name: [_as_shown(row) for row in rows] for name, rows in shop.tables().items()}
    log = next((name for name in LOGS if name in tables), None)
    if log is None:
        return {"tables": Store("Database: tables", "aggregate", tables)}
    projections = shop.projections
    reached = min((state.checkpoint for state in projections.values()), default=0)
    events = {log: [_event_row(row, reached) for row in tables.pop(log)]}
    documents = {
        name: [_as_shown(row) for row in rows]
        for name, rows in shop.documents().items()
        if name in projections
    }
    notes = {name: _progress(projection) for name, projection in projections.items()}
    return {
        "tables": Store(f"Write store: {_TABLES_BESIDE[log]}", "aggregate", tables),
        "events": Store(_LOG_TITLES[log], "event", events),
        "documents": Store("Read store: documents", "read", documents, notes),
    }


_TABLES_BESIDE = {"outbox": "tables", "events": "what must be unique, beside the events"}
_LOG_TITLES = {"outbox": "Outbox: events", "events": "Event store: events"}


def absent(name: str) -> Store:
    """Return a box that says that a rung has no such store, and that nothing is wrong."""
    return Store(f"No {name} on this rung", "neutral", {}, sentence=_WHY_ABSENT[name])


_WHY_ABSENT = {
    "documents": "This rung keeps no documents: queries read the tables themselves.",
    "events": "This rung keeps no events: commands change the tables, and that is all.",
}


def _as_shown(row: Row) -> Row:
    return {
        name: to_time(value) if name in TIMES and isinstance(value, str) else value
        for name, value in row.items()
        if name not in HIDDEN
    }


def _event_row(row: Row, reached: int) -> Row:
    """Return what matters of an event in the log, and whether all projections have applied it."""
    delivered = "✓" if row["position"] <= reached else "waiting"
    return {
        "position": row["position"],
        "delivered": delivered,
        "stream": row["stream"],
        "type": row["type"],
        "body": decode_document(row["body"]),
    }


def _progress(projection: Projection) -> str:
    if projection.error:
        return f"stopped at checkpoint {projection.checkpoint}: {projection.error}"
    return f"checkpoint {projection.checkpoint}"


class Look:
    """Looks into a shop's stores; each look marks what has changed since the one before."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._seen: dict[str, Store] = {}

    def tables(self) -> Frames:
        """Return the tables of the write store."""
        return self._since_last("tables")

    def events(self) -> Frames:
        """Return the outbox or the event store; nothing on rungs without events."""
        return self._since_last("events")

    def documents(self) -> Frames:
        """Return the documents that queries read; nothing on rungs without events."""
        return self._since_last("documents")

    def _since_last(self, name: str) -> Frames:
        stores = look_into(self._shop)
        now = stores[name] if name in stores else absent(name)
        frames = Frames(now, self._seen.get(name))
        self._seen[name] = now
        return frames
