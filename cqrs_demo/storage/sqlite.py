"""SQLite: a file in WAL mode, or a database in memory.

A file is used through a few connections, one for each thread that is busy with it at the moment.
A database in memory has only one, and a lock that lets one thread at a time use it.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from ..domain.errors import CommandRejected, ShopClosed, ShopError, StoreUnavailable
from ..hops import Hops
from . import Connection, Doing, nothing

BUSY_SECONDS = 5.0  # how long to wait for another writer before saying that the file is locked


class SqliteStore:
    """One SQLite database; `path` is None for one in memory. `place` is where it is on the map."""

    def __init__(self, path: str | None, place: str, hops: Hops) -> None:
        self.name = f"SQLite file {path}" if path else "SQLite in memory"
        self.place = place
        self._path = str(Path(path).absolute()) if path else None  # a later chdir changes nothing
        self._hops = hops
        self._lock = threading.RLock()  # of the one connection in memory
        self.thread = Doing()
        self._closed = False
        with _errors_translated(self.name):
            self._memory = None if self._path else self._connect()
            self._idle = deque([self._connect()] if self._path else [])

    @contextmanager
    def transaction(self, on_rollback: Callable[[], None] = nothing) -> Iterator[Connection]:
        """Take the write lock at once, so that what is read here is still true at the commit."""
        self.thread.check_not_writing()
        self.thread.check_not_reading()
        with self._connection() as connection:
            try:
                self.thread.writing = connection
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                # An interrupt that came after the COMMIT must not undo what is done.
                was_open = connection.in_transaction
                connection.rollback()
                if was_open or isinstance(error, sqlite3.Error):
                    on_rollback()
                    self._hops.announce("rollback", self.place, self.place, None, connection)
                raise
            finally:
                self.thread.writing = None
            self._hops.announce("commit", self.place, self.place, None, connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """See one state throughout, while others go on writing."""
        self.thread.check_not_writing()
        if self.thread.is_reading():  # a query within a query sees the same state
            yield self.thread.reading
            return
        with self._connection() as connection:
            changes = connection.total_changes
            try:
                connection.execute("BEGIN")
                self.thread.reading = connection
                yield connection
            finally:
                self.thread.reading = None
            if connection.total_changes != changes:
                raise ShopError("a query changes nothing: what its handler wrote was undone")

    def become(self, copy: sqlite3.Connection) -> None:
        """Hold what a copy holds, and nothing else. Only the lab goes back in time."""
        with self._connection() as connection:
            copy.backup(connection)

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
        is_busy = self.thread.is_reading() or self.thread.is_writing()
        if self._memory and not is_busy and self._lock.acquire(blocking=False):
            self._memory.close()
            self._lock.release()
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Borrow the one in memory, or an idle one of the file; make one if all are in use."""
        alone = self._one_thread_at_a_time() if self._memory else nullcontext()
        with alone, _errors_translated(self.name):
            if self._closed:
                raise ShopClosed("this shop was closed; open a new one")
            try:
                connection = self._memory or self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            finally:
                connection.rollback()  # there is something to undo if an interrupt came too early
                if not self._memory:
                    self._idle.append(connection)
                if self._closed:
                    self.close()

    @contextmanager
    def _one_thread_at_a_time(self) -> Iterator[None]:
        """Wait for the lock; give up should two threads wait for each other."""
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise StoreUnavailable(f"{self.name}: another thread does not let go of it")
        try:
            yield
        finally:
            with suppress(RuntimeError):  # which says that it is free
                while True:  # more than once if an interrupt kept us from it before
                    self._lock.release()

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
