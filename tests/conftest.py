"""What all tests share: shops on every rung, a clock that ticks, and what was exercised."""

import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from cqrs_demo import LADDER, open_shop

EXERCISED: set[str] = set()  # "rung on store": what tests really ran on


class TickingClock:
    """A clock that is a minute later each time it is read, so that runs can be repeated."""

    def __init__(self, start=datetime(2026, 1, 1, 12, 0, tzinfo=UTC)):
        self.now = start

    def __call__(self):
        self.now += timedelta(minutes=1)
        return self.now


def pytest_report_header():
    browser = shutil.which("chromium") or shutil.which("google-chrome") or "none found"
    return [
        f"stores: SQLite {sqlite3.sqlite_version} (real), in memory and as files",
        f"bus: memory:// (real); browser: {browser}",
    ]


def pytest_terminal_summary(terminalreporter):
    if EXERCISED:
        terminalreporter.section("exercised for real", sep="-")
        for line in sorted(EXERCISED):
            terminalreporter.line(line)


@pytest.fixture
def clock():
    return TickingClock()


@pytest.fixture(params=["memory", "file"])
def store_urls(request, tmp_path):
    """URLs of a write and a read store, each kind in turn."""
    if request.param == "memory":
        return {"write": "sqlite://", "read": "sqlite://"}
    return {"write": f"sqlite:///{tmp_path}/write.db", "read": f"sqlite:///{tmp_path}/read.db"}


@pytest.fixture(params=list(LADDER))
def rung(request):
    return request.param


@pytest.fixture
def shop(rung, store_urls, clock):
    """An empty shop on each rung and each kind of store."""
    EXERCISED.add(
        f"{rung} on SQLite {'in memory' if store_urls['write'] == 'sqlite://' else 'in files'}"
    )
    with open_shop(rung, **store_urls, clock=clock) as shop:
        yield shop


def in_ci():
    return os.environ.get("CI") == "true"
