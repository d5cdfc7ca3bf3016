"""Events that a projection could not apply: counted, and after enough attempts set aside.

Setting aside is dangerous, because order carries meaning. If "product added" is set aside, every
later event of that product fails too or, worse, is applied to a document that is not there as it
should be; and when the letter is retried at last, it is applied after events that came after it.
So the default is to stop: an old answer is honest, a wrong one is not. Set aside where events
stand for themselves, and rebuild once the projection is mended.
"""

from typing import NamedTuple

from ..storage import Connection

DEAD_LETTERS_TABLE = """CREATE TABLE IF NOT EXISTS dead_letters (
    projection TEXT NOT NULL, position BIGINT NOT NULL, attempts BIGINT NOT NULL,
    error TEXT NOT NULL, set_aside BIGINT NOT NULL, PRIMARY KEY (projection, position))"""


class DeadLetter(NamedTuple):
    """An event that was set aside: whose, which, how often tried, and how it failed last."""

    projection: str
    position: int
    attempts: int
    error: str


def count_failure(
    connection: Connection, name: str, position: int, error: str, most: int | None
) -> bool:
    """Count a failed attempt; return whether the event is now set aside (after `most` of them)."""
    sql = "SELECT attempts FROM dead_letters WHERE projection = ? AND position = ?"
    before = connection.execute(sql, (name, position)).fetchone() or (0,)
    attempts = before[0] + 1
    is_set_aside = most is not None and attempts >= most
    sql = "INSERT OR REPLACE INTO dead_letters VALUES (?, ?, ?, ?, ?)"
    connection.execute(sql, (name, position, attempts, error, is_set_aside))
    return is_set_aside


def forget_failures(connection: Connection, name: str, position: int | None = None) -> None:
    """Forget the failures of one event, or of all events of a projection."""
    sql = "DELETE FROM dead_letters WHERE projection = ? AND position = COALESCE(?, position)"
    connection.execute(sql, (name, position))


def dead_letters(connection: Connection) -> list[DeadLetter]:
    sql = """SELECT projection, position, attempts, error FROM dead_letters
        WHERE set_aside = 1 ORDER BY projection, position"""
    return [DeadLetter(*row) for row in connection.execute(sql).fetchall()]
