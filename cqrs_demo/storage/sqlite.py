"""SQLite: a file in WAL mode, or a database in memory.

A file is used through a few connections, one for each thread that is busy with it at the moment.
A database in memory has only one, and a lock that lets one thread at a time use it.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from ..domain.errors import CommandRejected, ShopClosed, ShopError, StoreUnavailable
from ..hops import Hops
from . import Connection

BUSY_SECONDS = 5.0  # how long to wait for another writer before saying that the file is locked


class SqliteStore:
    """One SQLite database; `path` is None for one in memory. `place` is where it is on the map."""

    def __init__(self, path: str | None, place: str, hops: Hops) -> None:
        self.name = f"SQLite file {path}" if path else "SQLite in memory"
        self.place = place
        self._path = str(Path(path).absolute()) if path else None  # a later chdir changes nothing
        self._hops = hops
        self._one_at_a_time = nullcontext() if path else threading.RLock()
        self._thread = threading.local()
        self._closed = False
        with _errors_translated(self.name):
            self._idle = deque([self._connect()])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Take the write lock at once, so that what is read here is still true at the commit."""
        if getattr(self._thread, "writing", False):
            raise ShopError("a transaction is open already: a handler cannot send commands")
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._thread.writing = True
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                self._hops.announce("rollback", self.place, self.place, None, connection)
                raise
            finally:
                self._thread.writing = False
            self._hops.announce("commit", self.place, self.place, None, connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """See one state throughout, while others go on writing."""
        with self._connection() as connection:
            if connection.in_transaction:  # in memory, called from within this thread's writing
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    def schema_version(self, connection: Connection) -> int | None:
        """Return PRAGMA user_version; None for an empty database, 0 for another program's."""
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return version if version or tables else None

    def set_schema_version(self, connection: Connection, version: int) -> None:
        connection.execute(f"PRAGMA user_version = {version:d}")  # a PRAGMA binds no values

    def close(self) -> None:
        """Close the connections; one that is in use is closed when it comes back."""
        self._closed = True
        with self._one_at_a_time:
            while self._idle:
                self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Borrow an idle connection; for a file, make one if all are in use."""
        with _errors_translated(self.name), self._one_at_a_time:
            if self._closed:
                raise ShopClosed("this shop was closed; open a new one")
            if self._path is None:
                yield self._idle[0]
                return
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            finally:
                self._idle.append(connection)
                if self._closed:
                    self.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path or ":memory:",
            timeout=BUSY_SECONDS,
            isolation_level=None,  # we say BEGIN and COMMIT ourselves
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            if self.schema_version(connection) != 0:  # another program's file is left as it is
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def _errors_translated(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise CommandRejected(f"the database refuses the row: {error}") from error
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{name}: {error}") from error
