"""Checkpoints: the position of the last event that each projection has seen.

They live beside the documents and change in the same transaction, so that an event is never
applied twice and never forgotten.
"""

from typing import NamedTuple

from ..storage import Connection

CHECKPOINTS_TABLE = """CREATE TABLE IF NOT EXISTS checkpoints (
    projection TEXT PRIMARY KEY, position BIGINT NOT NULL)"""


class Projection(NamedTuple):
    """How far one projection has come, in positions; `error` says why it stopped, or is None."""

    checkpoint: int
    staleness: int
    error: str | None


def read_checkpoint(connection: Connection, name: str) -> int:
    sql = "SELECT position FROM checkpoints WHERE projection = ?"
    row = connection.execute(sql, (name,)).fetchone()
    return row[0] if row else 0


def error_at(checkpoint: int, failure: tuple[int, str] | None) -> str | None:
    """Return why a projection stands at its checkpoint, unless another process got it over that."""
    return failure[1] if failure and failure[0] > checkpoint else None


def write_checkpoint(connection: Connection, name: str, position: int) -> None:
    connection.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?)", (name, position))
