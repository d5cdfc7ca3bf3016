"""PostgreSQL as a write store: the same SQL, another way to connect, lock and fail.

The extra `postgresql` installs the driver, psycopg 3. The address goes to the driver as it is, so
everything it understands can be said there, such as another schema than the default:
postgresql://user@host/database?options=-csearch_path%3Dmy_schema
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import IsolationLevel
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from ..domain.errors import CommandRejected, ShopClosed, StoreUnavailable
from ..hops import Hops
from . import Connection, Cursor, Doing, nothing

PATIENCE_SECONDS = 5.0  # how long to try to reach the server, or to wait for a free connection
BUSY_SECONDS = 30  # how long one command waits for others to commit
MOST_CONNECTIONS = 10

logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())  # we say it in our errors


class PostgresConnection:
    """A connection that takes our SQL, which marks values as SQLite does."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = connection.cursor()
        self._info = connection.info

    @property
    def in_transaction(self) -> bool:
        return self._info.transaction_status != TransactionStatus.IDLE

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        return self._cursor.execute(_in_dialect(sql), parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Cursor:
        self._cursor.executemany(_in_dialect(sql), parameters)
        return self._cursor


class PostgresStore:
    """One schema of a PostgreSQL database, reached through a pool of connections.

    A connection is tried before it is used, so the pool recovers when the server was restarted.
    """

    def __init__(self, url: str, place: str, hops: Hops) -> None:
        _require_readable(url)
        try:
            address = conninfo_to_dict(url)
        except psycopg.Error:  # whose message would repeat the address, password and all
            raise StoreUnavailable("write: this address of PostgreSQL cannot be read") from None
        if not address.keys() & {"dbname", "service"}:
            raise StoreUnavailable("write: this address of PostgreSQL names no database")
        self.name = f"PostgreSQL {address.get('host', 'local')}/{address.get('dbname', '')}"
        self.place = place
        self._password = str(address.get("password") or "")
        self._hops = hops
        self.thread = Doing()
        self._writers = threading.Lock()
        self._closed = False
        with self._errors_translated():
            self._pool = ConnectionPool(
                url,
                min_size=1,
                max_size=MOST_CONNECTIONS,
                timeout=PATIENCE_SECONDS,
                reconnect_timeout=PATIENCE_SECONDS,
                check=ConnectionPool.check_connection,
                kwargs={"connect_timeout": int(PATIENCE_SECONDS), "application_name": "cqrs_demo"},
                open=False,
            )
            self._try_once(url)
            self._pool.open()

    @contextmanager
    def transaction(self, on_rollback: Callable[[], None] = nothing) -> Iterator[Connection]:
        """Let one command at a time write, so that positions have no holes and commit in order.

        The lock belongs to the schema and is given back by commit and rollback alike.
        """
        is_done = False
        with self._one_writer():  # also while announcing, so that hops come in their order
            try:
                with self._connection(IsolationLevel.READ_COMMITTED) as connection:
                    connection.execute(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
                    connection.execute("SELECT pg_advisory_xact_lock(hashtext(current_schema()))")
                    try:
                        self.thread.writing = connection
                        yield connection
                        is_done = True  # all but the commit
                    finally:
                        self.thread.writing = None
            except BaseException as error:
                if not is_done or isinstance(error, StoreUnavailable):
                    on_rollback()
                    self._hops.announce("rollback", self.place, self.place, None, None)
                raise
            self._hops.announce("commit", self.place, self.place, None, None)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """Let the threads of this process wait here, where they hold no connection."""
        self.thread.check_not_writing()
        self.thread.check_not_reading()
        if not self._writers.acquire(timeout=BUSY_SECONDS):
            raise StoreUnavailable(f"{self.name}: lock timeout, other threads are writing")
        try:
            yield
        finally:
            self._writers.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one state throughout, while others go on writing."""
        self.thread.check_not_writing()
        if self.thread.is_reading():  # a query within a query sees the same state
            yield self.thread.reading
            return
        with self._connection(IsolationLevel.REPEATABLE_READ) as connection:
            try:
                self.thread.reading = connection
                yield connection
            finally:
                self.thread.reading = None

    def schema_version(self, connection: Connection) -> int | None:
        """Return what table schema_version says; None for an empty schema, 0 for one not ours."""
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchall()
        if ("shop_stores",) in tables:
            return int(connection.execute("SELECT version FROM schema_version").fetchone()[0])
        return 0 if tables else None

    def set_schema_version(self, connection: Connection, version: int) -> None:
        connection.execute("CREATE TABLE schema_version (version BIGINT NOT NULL)")
        connection.execute("INSERT INTO schema_version VALUES (?)", (version,))

    def close(self) -> None:
        """Close the pool; a connection in use is closed when it comes back."""
        self._closed = True
        self._pool.close()

    @contextmanager
    def _connection(self, level: IsolationLevel) -> Iterator[PostgresConnection]:
        if self._closed:
            raise ShopClosed("this shop was closed; open a new one")
        with self._errors_translated(), self._pool.connection() as connection:
            connection.set_isolation_level(level)
            connection.set_read_only(level == IsolationLevel.REPEATABLE_READ)
            with connection.transaction():
                yield PostgresConnection(connection)

    def _try_once(self, url: str) -> None:
        """Connect without the pool, which would hide why it cannot, and go on trying."""
        psycopg.connect(url, connect_timeout=int(PATIENCE_SECONDS)).close()

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        try:
            yield
        except psycopg.IntegrityError as error:
            raise CommandRejected(f"the database refuses the row: {self._said(error)}") from None
        except (psycopg.Error, PoolTimeout) as error:
            raise StoreUnavailable(f"{self.name}: {self._said(error)}") from None

    def _said(self, error: Exception) -> str:
        """Return the first line of what the driver said; not if the password stands in it, since
        to blacken a short one would show what it is."""
        said = str(error).strip().partition("\n")[0]
        tells = self._password and self._password in said
        return type(error).__name__ if tells or not said else said


def _require_readable(url: str) -> None:
    """Refuse a password with a bare @ or / in it: the driver would take its end for host or
    database, and show it in every message."""
    authority, _, rest = url.partition("://")[2].partition("/")
    if authority.count("@") > 1 or "@" in rest.partition("?")[0]:
        problem = "an @ or / in the password must be written %40 or %2F"
        raise StoreUnavailable(f"write: this address of PostgreSQL cannot be read: {problem}")


def _in_dialect(sql: str) -> str:
    """Translate what differs: the marks for values, the order of text, and the size of numbers."""
    if sql.startswith("CREATE TABLE"):
        sql = sql.replace(" TEXT", ' TEXT COLLATE "C"').replace("INTEGER", "BIGINT")
    return sql.replace("%", "%%").replace("?", "%s")
