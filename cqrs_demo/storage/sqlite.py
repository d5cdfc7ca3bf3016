"""SQLite: a file in WAL mode, or a database in memory.

A file is used through a few connections, one for each thread that is busy with it at the moment.
A database in memory has only one, and a lock that lets one thread at a time use it.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..domain.errors import CommandRejected, ShopClosed, StoreUnavailable
from ..hops import Hops
from . import Connection, Doing

BUSY_SECONDS = 5.0  # how long to wait for another writer before saying that the file is locked


class SqliteStore:
    """One SQLite database; `path` is None for one in memory. `place` is where it is on the map."""

    def __init__(self, path: str | None, place: str, hops: Hops) -> None:
        self.name = f"SQLite file {path}" if path else "SQLite in memory"
        self.place = place
        self._path = str(Path(path).absolute()) if path else None  # a later chdir changes nothing
        self._hops = hops
        self._memory_lock = threading.RLock()
        self._thread = Doing()
        self._closed = False
        with _errors_translated(self.name):
            self._idle = deque([self._connect()])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Take the write lock at once, so that what is read here is still true at the commit."""
        self._thread.check_idle()
        with self._connection() as connection:
            try:
                self._thread.writing = True
                connection.execute("BEGIN IMMEDIATE")
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
        self._thread.check_not_writing()
        if self._thread.reading:  # a query within a query sees the same state
            yield self._thread.reading
            return
        with self._connection() as connection:
            try:
                connection.execute("BEGIN")
                self._thread.reading = connection
                yield connection
            finally:
                self._thread.reading = None
                connection.rollback()

    def schema_version(self, connection: Connection) -> int | None:
        """Return PRAGMA user_version; None for an empty database, 0 for another program's."""
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        if ("shop_stores",) not in tables:
            return 0 if tables else None
        return int(connection.execute("PRAGMA user_version").fetchone()[0])

    def set_schema_version(self, connection: Connection, version: int) -> None:
        connection.execute(f"PRAGMA user_version = {version:d}")  # a PRAGMA binds no values

    def close(self) -> None:
        """Close the connections; one that is in use is closed when it comes back."""
        self._closed = True
        with self._alone(), suppress(IndexError):
            while True:
                self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Borrow an idle connection; for a file, make one if all are in use."""
        with _errors_translated(self.name), self._alone():
            if self._closed:
                raise ShopClosed("this shop was closed; open a new one")
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            finally:
                connection.rollback()  # there is something to undo if an interrupt came too early
                self._idle.append(connection)
                if self._closed:
                    self.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """In memory: let one thread at a time in, or give up, should two wait for each other."""
        if self._path is None and not self._memory_lock.acquire(timeout=BUSY_SECONDS):
            raise StoreUnavailable(f"{self.name}: another thread does not let go of it")
        try:
            yield
        finally:
            if self._path is None:
                self._memory_lock.release()

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
                _use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite does not wait by itself if others are opening the file just now."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)


@contextmanager
def _errors_translated(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise CommandRejected(f"the database refuses the row: {error}") from error
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{name}: {error}") from error
