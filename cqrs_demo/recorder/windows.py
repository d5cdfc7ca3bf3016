"""A window on a table: its first rows, and those that somebody spoke of.

A recording shows at most MOST_ROWS rows of a table, and tables can be large. Looking happens at
every hop, so it must cost little: a row that is as it was is not made ready for reading again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..recording import Row
from ..storage import Connection

MOST_ROWS = 200
Key = tuple[Any, ...]
Raw = tuple[Any, ...]


@dataclass
class Window:
    """The rows of one table as they were seen last.

    `keys` are the columns of its key; rows are looked up by the one called `by`. A log is seen
    from its end, and only grows.
    """

    table: str
    keys: tuple[str, ...]
    by: str
    as_row: Callable[[Row], Row]
    is_log: bool = False
    rows: dict[Key, Row] = field(default_factory=dict)  # replaced when anything changed
    _seen: dict[Key, Raw] = field(default_factory=dict)
    _first: set[Key] = field(default_factory=set)

    def look(self, connection: Connection, ids: Iterable[str]) -> dict[Key, Row]:
        """Return the rows as this connection sees them; `ids` are looked up wherever they are."""
        order = ", ".join(f"{key} DESC" if self.is_log else key for key in self.keys)
        seen, columns = self._select(connection, f"ORDER BY {order} LIMIT {MOST_ROWS}")
        first = set(seen)
        if len(first) == MOST_ROWS:
            seen |= self._beyond(connection, first, ids)
        if seen != self._seen:
            self.rows = {key: self._row(key, raw, columns) for key, raw in seen.items()}
        self._first, self._seen = first, seen
        return self.rows

    def _beyond(
        self, connection: Connection, first: set[Key], ids: Iterable[str]
    ) -> dict[Key, Raw]:
        """Return the other rows that we know of: those looked up now, the rest as they were."""
        known = {key: raw for key, raw in self._seen.items() if key not in first}
        if self.is_log:
            oldest = min(first)
            return {key: raw for key, raw in known.items() if key < oldest}
        at = self.keys.index(self.by)
        sought = {*ids, *(key[at] for key in self._first - first)}  # the latter were pushed out
        if not sought:
            return known
        marks = ", ".join("?" * len(sought))
        found, _ = self._select(connection, f"WHERE {self.by} IN ({marks})", *sorted(sought))
        return {key: raw for key, raw in known.items() if key[at] not in sought} | found

    def _select(
        self, connection: Connection, condition: str, *values: str
    ) -> tuple[dict[Key, Raw], list[str]]:
        cursor = connection.execute(f"SELECT * FROM {self.table} {condition}", values)
        columns = [column[0] for column in cursor.description]
        places = [columns.index(key) for key in self.keys]
        return {tuple(raw[at] for at in places): raw for raw in cursor.fetchall()}, columns

    def _row(self, key: Key, raw: Raw, columns: list[str]) -> Row:
        if self._seen.get(key) == raw:
            return self.rows[key]
        return self.as_row(dict(zip(columns, raw, strict=True)))
