"""A client that got no answer sends its command again under the same id, and it is done once.

(Hohpe and Woolf call it an idempotent receiver, "Enterprise Integration Patterns", 2003.)
"""

from typing import Any

from ..domain.errors import InvalidMessage
from ..storage import Connection

DONE_COMMANDS_TABLE = """CREATE TABLE IF NOT EXISTS done_commands (
    command_id TEXT PRIMARY KEY, command TEXT NOT NULL)"""


def was_done(connection: Connection, command_id: str | None, command: Any) -> bool:
    """Say whether the command with this id was carried out before, and remember that it now is.

    Raises InvalidMessage if the id was used for another command.
    """
    if command_id is None:
        return False
    sql = "SELECT command FROM done_commands WHERE command_id = ?"
    found = connection.execute(sql, (command_id,)).fetchone()
    if found is None:
        connection.execute("INSERT INTO done_commands VALUES (?, ?)", (command_id, repr(command)))
    elif found[0] != repr(command):
        raise InvalidMessage("command_id", f"{command_id!r} was used for another command")
    return found is not None
