"""The tables in which documents are kept: one a projection, a row a document, as JSON text."""

from collections.abc import Iterable

from ..domain.errors import InvalidMessage
from ..storage import Connection

Rows = Iterable[tuple[str, str, str]]  # kind, key, body


def table_of(projection: str) -> str:
    """Return the quoted name of a projection's table; only plain words will do as names."""
    if not (type(projection) is str and projection.isascii() and projection.isidentifier()):
        problem = f"{str(projection)[:60]!r} is not a name such as my_list"
        raise InvalidMessage("projections", problem)
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
