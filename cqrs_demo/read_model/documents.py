"""Documents: denormalized, one for each thing a screen shows, found by key or by a field.

Two forms with one meaning: rows of JSON text in SQL, used while the shop runs, and folded in
memory, used to rebuild a projection from the whole log.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ..codec import decode_document, encode_document
from ..domain.errors import InvalidMessage
from ..storage import Connection

Document = dict[str, Any]
Changed = Callable[[str, str], None]
Rows = Iterable[tuple[str, str, str]]  # kind, key, body


def nothing(kind: str, key: str) -> None:
    """Tell nobody."""


class SqlDocuments:
    """One projection's documents in a table (kind, key, body); kind '' is what is shown.

    Changing what `get`, `find`, `top` or `all` return changes nothing until it is `put`.
    """

    def __init__(
        self, connection: Connection, projection: str, kind: str = "", changed: Changed = nothing
    ) -> None:
        self._changed = changed  # called with kind and key of what is put or deleted
        self._connection = connection
        self._projection = projection
        self._table = table_of(projection)
        self._kind = kind

    def get(self, key: str) -> Document | None:
        """Return the document, or None."""
        check_key(key)
        found = self._select("kind = ? AND key = ?", key)
        return found[0] if found else None

    def put(self, key: str, document: Document) -> None:
        """Store a document under its key, in place of the one that was there."""
        check_document(key, document)
        sql = f"""INSERT INTO {self._table} (kind, key, body) VALUES (?, ?, ?)
            ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"""
        self._connection.execute(sql, (self._kind, key, encode_document(document)))
        self._changed(self._kind, key)

    def delete(self, key: str) -> None:
        """Remove a document; nothing happens if there is none."""
        sql = f"DELETE FROM {self._table} WHERE kind = ? AND key = ?"
        self._connection.execute(sql, (self._kind, key))
        self._changed(self._kind, key)

    def find(self, field: str, value: Any) -> list[Document]:
        """Return the documents whose top-level field has this value, by key."""
        sought = as_stored(value)
        return self._select(f"kind = ? AND {column_of(field)} IS ? ORDER BY key", sought)

    def top(self, field: str, limit: int) -> list[Document]:
        """Return the documents with the highest values of a field; equal ones by key."""
        return self._select(f"kind = ? ORDER BY {column_of(field)} DESC, key LIMIT ?", limit)

    def all(self) -> list[Document]:
        """Return every document, by key."""
        return self._select("kind = ? ORDER BY key")

    def lookup(self, name: str) -> "SqlDocuments":
        """Return a side collection for what a projection must remember but does not show."""
        return SqlDocuments(self._connection, self._projection, name, self._changed)

    def lookups(self) -> list[str]:
        """Return the names of the side collections that hold anything."""
        sql = f"SELECT DISTINCT kind FROM {self._table} WHERE kind <> '' ORDER BY kind"
        return [kind for (kind,) in self._connection.execute(sql).fetchall()]

    def _select(self, condition: str, *values: Any) -> list[Document]:
        sql = f"SELECT body FROM {self._table} WHERE {condition}"
        found = self._connection.execute(sql, (self._kind, *values)).fetchall()
        return [decode_document(body) for (body,) in found]


class FoldedDocuments:
    """The same in memory. Bodies are kept as JSON text, so that both forms behave alike."""

    def __init__(self, kinds: dict[str, "FoldedDocuments"] | None = None) -> None:
        self._kinds = {"": self} if kinds is None else kinds
        self._bodies: dict[str, str] = {}
        self._indexes: dict[str, dict[Any, set[str]]] = {}  # field -> value -> keys

    def get(self, key: str) -> Document | None:
        check_key(key)
        body = self._bodies.get(key)
        return None if body is None else decode_document(body)

    def put(self, key: str, document: Document) -> None:
        check_document(key, document)
        if self._indexes:
            self.delete(key)  # the indexes know it by its old values
        self._bodies[key] = encode_document(document)
        for field, index in self._indexes.items():
            index[self._value(key, field)].add(key)

    def delete(self, key: str) -> None:
        if key in self._bodies:
            for field, index in self._indexes.items():
                index[self._value(key, field)].discard(key)
            del self._bodies[key]

    def find(self, field: str, value: Any) -> list[Document]:
        column_of(field)
        value = as_stored(value)
        if field not in self._indexes:
            self._indexes[field] = defaultdict(set)
            for key in self._bodies:
                self._indexes[field][self._value(key, field)].add(key)
        return [decode_document(self._bodies[key]) for key in sorted(self._indexes[field][value])]

    def lookup(self, name: str) -> "FoldedDocuments":
        return self._kinds.setdefault(name, FoldedDocuments(self._kinds))

    def _value(self, key: str, field: str) -> Any:
        value = decode_document(self._bodies[key]).get(field)
        return value if value.__hash__ else object()  # lists and dicts are never found

    def rows(self) -> Rows:
        """Return (kind, key, body) of every document."""
        return ((k, key, body) for k, d in self._kinds.items() for key, body in d._bodies.items())


Docs = SqlDocuments | FoldedDocuments  # what a projection works with: its own documents


def known(docs: Docs, key: str) -> Document:
    """Return a document that an earlier event has created."""
    document = docs.get(key)
    if document is None:
        raise LookupError(f"no earlier event created the document {key!r}")
    return document


def as_stored(value: Any) -> Any:
    """Return a value as it is in a document, where dates are text. Raises TypeError for lists."""
    stored = decode_document(encode_document({"": value}))[""]
    if isinstance(stored, list | dict):
        raise TypeError("documents cannot be searched for a list or a dict")
    return stored


def check_key(key: Any) -> None:
    """Raise TypeError or UnicodeEncodeError for what cannot be a key."""
    if type(key) is not str:
        raise TypeError(f"a document's key must be text, not {type(key).__name__}")
    key.encode()


def check_document(key: Any, document: Any) -> None:
    check_key(key)
    if not isinstance(document, dict):
        raise TypeError(f"a document must be a dict, not {type(document).__name__}")


def table_of(projection: str) -> str:
    """Return the quoted name of a projection's table; only plain words will do as names."""
    if not (type(projection) is str and projection.isascii() and projection.isidentifier()):
        raise InvalidMessage("projections", f"{projection!r:.60} is no name of letters a to z or _")
    return f'"doc_{projection}"'


def create_table(
    connection: Connection, projection: str, indexed: Iterable[str], rows: Rows = ()
) -> None:
    """Create a projection's table unless it exists, with these rows; `indexed` fields are fast to
    find."""
    table = table_of(projection)
    columns = "kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL"
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns}, PRIMARY KEY (kind, key))")
    connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
    for field in indexed:  # an index is made fastest when all is there
        index = f'"doc_{projection}_{field}"'
        columns = f"kind, {column_of(field)} DESC, key"
        connection.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {table} ({columns})")


def column_of(field: str) -> str:
    """Return what stands for a top-level field in SQL; only plain words will do as fields."""
    if not (isinstance(field, str) and field.isidentifier()):
        raise ValueError(f"{field!r} is not the name of a field")
    return f"json_extract(body, '$.{field}')"
