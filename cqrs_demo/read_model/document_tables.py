"""The tables in which documents are kept: one a projection, a row a document, as JSON text."""

from collections.abc import Iterable

from ..domain.errors import InvalidMessage
from ..storage import Connection


def table_of(projection: str) -> str:
    """Return the quoted name of a projection's table; only plain words will do as names."""
    if not (type(projection) is str and projection.isascii() and projection.isidentifier()):
        raise InvalidMessage(
            "projections", f"{str(projection)[:60]!r} is not a name such as my_list"
        )
    return f'"doc_{projection}"'


def create_table(connection: Connection, projection: str, indexed: Iterable[str]) -> None:
    """Create a projection's table unless it exists; `indexed` fields are fast to find."""
    connection.execute(
        f"""CREATE TABLE IF NOT EXISTS {table_of(projection)} (
            kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key))"""
    )
    for field in indexed:
        connection.execute(
            f"""CREATE INDEX IF NOT EXISTS "doc_{projection}_{field}"
            ON {table_of(projection)} (kind, {column_of(field)} DESC, key)"""
        )


def replace_table(
    connection: Connection,
    projection: str,
    indexed: Iterable[str],
    rows: Iterable[tuple[str, str, str]],
) -> None:
    """Put these rows in the place of a projection's old documents."""
    connection.execute(f"DROP TABLE {table_of(projection)}")
    create_table(connection, projection, ())
    connection.executemany(f"INSERT INTO {table_of(projection)} VALUES (?, ?, ?)", rows)
    create_table(connection, projection, indexed)  # an index is made fastest when all is there


def column_of(field: str) -> str:
    """Return what stands for a top-level field in SQL; only plain words will do as fields."""
    if not (isinstance(field, str) and field.isidentifier()):
        raise ValueError(f"{field!r} is not the name of a field")
    return f"json_extract(body, '$.{field}')"
