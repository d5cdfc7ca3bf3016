"""What the stores hold while a recording runs, and what each hop changed.

Rows are read on the announcing port's own connection, so that rows which are not committed yet
appear, and vanish on a rollback. Never is another store read from a hop: it might wait for us.
"""

from collections import deque
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from ..codec import decode_document
from ..eventful_shop import EventfulShop
from ..read_model.checkpoints import error_at
from ..read_model.documents import table_of
from ..recording import Changes, Panels, Row, Step
from ..shop import Shop
from ..storage import Connection
from .messages import as_json
from .scenes import Group
from .windows import MOST_ROWS, Window

LOGS = ("outbox", "events")
UNSEEN = ("email_key", "line_no", "command_id", "correlation_id", "form")  # no news to a reader
WRITE_SIDE = ("write", "outbox")

Shown = dict[str, Row]  # one table: key -> row; a row is replaced, never changed


@dataclass
class Stores:
    """The panels of one recording as they are now, and as they were when it began."""

    shop: Shop
    now: Panels = field(default_factory=dict)
    initial: Panels = field(default_factory=dict)
    asking: Group | None = None  # the query that is being answered
    _shown: Panels = field(default_factory=dict)  # what the steps so far add up to
    _committed: dict[str, Any] = field(default_factory=dict)  # what cannot vanish any more
    _ids: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_ROWS))
    _tables: dict[str, Window] = field(default_factory=dict)
    _documents: dict[str, Window] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = {panel: {} for panel in ("write", "outbox", "bus", "read", "checkpoints")}
        self.now["screen"] = {"command": {}, "answers": {}}
        shown = self.shop.shown_tables.items()
        self._tables = {table: _window(table, key) for table, key in shown if table != "outbox"}
        if isinstance(self.shop, EventfulShop):
            self.now["bus"] = {"in transit": {}}
            self._documents = {
                name: Window(table_of(name), ("kind", "key"), "key", _document)
                for name in self.shop.projecting.projections
            }
            with self.shop.projecting.store.reading() as connection:
                for name in self.shop.projecting.projections:
                    self.look_at_documents(connection, name)
                self.look_at_checkpoints(connection)
        with self.shop.commands.store.reading() as connection:
            self.look_at_tables(connection)
        self.keep_write_side()
        self._shown = {panel: dict(tables) for panel, tables in self.now.items()}
        self.initial = deepcopy(self.now)

    # what is known

    @property
    def written(self) -> int:
        """The position of the last event in the log; 0 on rungs that have none."""
        log = self.now["checkpoints"].get("log", {"written": {"position": 0}})
        return int(log["written"]["position"])

    @property
    def checkpoints(self) -> dict[str, int]:
        rows = self.now["checkpoints"].get("projections", {})
        return {name: row["checkpoint"] for name, row in rows.items()}

    @property
    def seen_by_query(self) -> int:
        """How far the documents that the last query looked into have come."""
        seen = self.asking.read_from.values() if self.asking else ()
        return min(seen or self.checkpoints.values(), default=0)

    @property
    def asked_after(self) -> int | None:
        return self.asking.asked_after if self.asking else None

    def is_query(self, message: Any) -> bool:
        return type(message) in self.shop.queries.handlers

    def behind(self) -> int:
        return self.written - min(self.checkpoints.values(), default=self.written)

    # looking at what a port shows

    def notice(self, ids: Iterable[str]) -> None:
        """From now on look at the rows with these ids, wherever in a large table they stand."""
        self._ids.extend(ids)

    def notice_position(self, position: int) -> None:
        """The log goes on to here: another shop may have written to it."""
        if position > self.written:
            self._show("checkpoints", "log", {"written": {"position": position}})
            self.age_answers()

    def look_at_tables(self, connection: Connection) -> None:
        for table, window in self._tables.items():
            rows = window.look(connection, self._ids)
            self._show("write", table, {" · ".join(map(str, key)): rows[key] for key in rows})
        self._look_at_log(connection)

    def look_at_documents(self, connection: Connection, projection: str) -> None:
        rows = self._documents[projection].look(connection, self._ids)
        kinds: dict[str, Shown] = {name: {} for name in (projection, *self._kinds(projection))}
        for (kind, key), document in rows.items():
            kinds.setdefault(f"{projection}.{kind}" if kind else projection, {})[key] = document
        for name, documents in kinds.items():
            self._show("read", name, documents)

    def look_at_checkpoints(self, connection: Connection) -> None:
        projecting = self._eventful.projecting
        sql = "SELECT projection, position FROM checkpoints"
        positions = dict(connection.execute(sql).fetchall())
        rows: Shown = {}
        for name in projecting.projections:
            checkpoint = positions.get(name, 0)
            error = error_at(checkpoint, projecting.errors.get(name))
            rows[name] = {"checkpoint": checkpoint, "error": error}
        self._show("checkpoints", "projections", rows)
        seen = min(self.checkpoints.values(), default=0)
        waiting = self.now["outbox"].get("waiting", {})
        left = {key: row for key, row in waiting.items() if row["position"] > seen}
        if "outbox" in self.shop.shown_tables:
            self._show("outbox", "waiting", left)

    def _look_at_log(self, connection: Connection) -> None:
        if not isinstance(self.shop, EventfulShop):
            return
        log = self.shop.relay.log
        last = log.last_position(connection)
        self._show("checkpoints", "log", {"written": {"position": last}})
        if log.place != "outbox":
            return
        seen = min(self.checkpoints.values(), default=0)
        found = connection.execute(
            f"""SELECT position, type, stream FROM {log.table} WHERE position > ?
            ORDER BY position LIMIT {MOST_ROWS}""",
            (seen,),
        ).fetchall()
        waiting = {str(p): {"position": p, "event": t, "stream": s} for p, t, s in found}
        self._show("outbox", "waiting", waiting)

    def _kinds(self, projection: str) -> list[str]:
        tables = self.now["read"]
        return [name for name in tables if name.partition(".")[0] == projection]

    # what becomes of the write side

    def keep_write_side(self) -> bool:
        """What is there now is committed; return whether that is anything new."""
        before = self._committed.get("write", {})
        news = bool(self.now["write"] != before)
        self._committed = {panel: dict(self.now[panel]) for panel in WRITE_SIDE}
        self._committed["log"] = {"log": self.now["checkpoints"].get("log", {})}
        return news

    def take_back_write_side(self) -> None:
        """Show again what was committed last, where the port could not show it itself."""
        for panel in WRITE_SIDE:
            self.now[panel] = dict(self._committed[panel])
        if self._committed["log"]["log"]:
            self.now["checkpoints"]["log"] = self._committed["log"]["log"]

    # what is on its way, and what the client holds

    def put_on_bus(self, position: int, event: str, names: Iterable[str]) -> None:
        row = {"position": position, "event": event, "for": ", ".join(names)}
        self._set("bus", "in transit", str(position), row)

    def take_from_bus(self, position: int, name: str) -> None:
        row = self.now["bus"]["in transit"].get(str(position))
        if row:
            left = [x for x in row["for"].split(", ") if x != name]
            row = {**row, "for": ", ".join(left)} if left else None
            self._set("bus", "in transit", str(position), row)

    def lose_from_bus(self, position: int) -> None:
        self._set("bus", "in transit", str(position), None)

    def clear_bus(self) -> None:
        self._show("bus", "in transit", {})

    def tell_client(self, sent: str, outcome: str) -> None:
        self._set("screen", "command", "last", {"sent": sent, "outcome": outcome})

    def answer_client(self, query: str, answer: Any, reflects: int | None) -> None:
        stale = reflects is not None and reflects < self.written
        row = {"answer": answer, "reflects": reflects, "stale": stale}
        self._set("screen", "answers", query, row)

    def age_answers(self) -> None:
        """Something was committed: what the client holds may be old until it asks again."""
        for query, row in self.now["screen"]["answers"].items():
            if not row["stale"]:
                self._set("screen", "answers", query, {**row, "stale": True})

    # what changed

    def take_changes(self) -> Changes:
        """Return what is different from what the steps so far add up to."""
        changes: Changes = {}
        for panel, tables in self.now.items():
            for table, rows in tables.items():
                before = self._shown[panel].get(table, {})
                if rows is before:
                    continue
                changed = _difference(before, rows)
                if changed:
                    changes.setdefault(panel, {})[table] = changed
            self._shown[panel] = dict(tables)
        return changes

    @property
    def _eventful(self) -> EventfulShop:
        assert isinstance(self.shop, EventfulShop)
        return self.shop

    def _show(self, panel: str, table: str, rows: Shown) -> None:
        if rows != self.now[panel].get(table):
            self.now[panel][table] = rows

    def _set(self, panel: str, table: str, key: str, row: Row | None) -> None:
        rows = {k: v for k, v in self.now[panel][table].items() if k != key or row is not None}
        self.now[panel][table] = rows if row is None else {**rows, key: row}


def within_bounds(initial: Panels, steps: list[Step]) -> tuple[Panels, list[Step]]:
    """Leave at most MOST_ROWS rows a table: those that change, then the first of the others."""
    too_long = _too_long(initial, steps)
    kept: dict[tuple[str, str], set[str]] = {}
    for panel, table, keys in _keys_by_importance(initial, steps):
        if (panel, table) in too_long:
            kept[panel, table] = set(list(keys)[:MOST_ROWS])
    if not kept:
        return initial, steps

    def cut(panels: Any) -> Any:
        return {
            panel: {
                table: {k: row for k, row in rows.items() if k in kept.get((panel, table), rows)}
                for table, rows in tables.items()
            }
            for panel, tables in panels.items()
        }

    return cut(initial), [replace(step, changes=_not_empty(cut(step.changes))) for step in steps]


def _too_long(initial: Panels, steps: list[Step]) -> set[tuple[str, str]]:
    """Return the tables that hold more than MOST_ROWS rows at some step."""
    sizes = {(p, t): len(rows) for p, tables in initial.items() for t, rows in tables.items()}
    too_long = {place for place, size in sizes.items() if size > MOST_ROWS}
    there = {place: set(initial[place[0]][place[1]]) for place in sizes}
    for step in steps:
        for panel, tables in step.changes.items():
            for table, rows in tables.items():
                keys = there.setdefault((panel, table), set())
                keys -= {key for key, row in rows.items() if row is None}
                keys |= {key for key, row in rows.items() if row is not None}
                if len(keys) > MOST_ROWS:
                    too_long.add((panel, table))
    return too_long


def _not_empty(changes: Changes) -> Changes:
    tables = {panel: {t: rows for t, rows in x.items() if rows} for panel, x in changes.items()}
    return {panel: x for panel, x in tables.items() if x}


def _keys_by_importance(
    initial: Panels, steps: list[Step]
) -> Iterable[tuple[str, str, dict[str, None]]]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    several: list[Any] = [*(step.changes for step in steps), initial]
    for panels in several:
        for panel, tables in panels.items():
            for table, rows in tables.items():
                found.setdefault((panel, table), {}).update(dict.fromkeys(rows))
    return ((panel, table, keys) for (panel, table), keys in found.items())


def _difference(before: Shown, after: Shown) -> dict[str, Row | None]:
    gone: dict[str, Row | None] = {key: None for key in before if key not in after}
    return gone | {key: row for key, row in after.items() if before.get(key) != row}


def _table_row(row: Row) -> Row:
    """Return a row as a reader wants to see it."""
    seen = {name: as_json(value) for name, value in row.items() if name not in UNSEEN}
    if "body" in seen and "type" in seen:  # an event
        del seen["at"]
        return {**seen, "body": _decoded(row["body"])}
    return seen


def _document(row: Row) -> Row:
    return _decoded(row["body"])


def _decoded(body: str) -> Row:
    """Return what JSON text says; damaged text as it is, for the shop's own port will complain."""
    try:
        return {name: as_json(value) for name, value in decode_document(body).items()}
    except msgspec.MsgspecError:
        return {"damaged": as_json(body)}


def _window(table: str, key: str) -> Window:
    keys = tuple(key.split(", "))
    return Window(table, keys, keys[0], _table_row, is_log=table in LOGS)
