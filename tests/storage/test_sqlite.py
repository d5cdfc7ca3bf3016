"""Stores that cannot be used, and files that outlive the shop."""

import os
import sqlite3
import stat
import tempfile
from contextlib import contextmanager

import pytest

from cqrs_demo import *
from cqrs_demo import LADDER, open_shop
from cqrs_demo.hops import Hops
from cqrs_demo.storage import sqlite

ADA = CreateUser("ada", "Ada", "ada@example.org")
EVENTFUL = ["two-stores", "event-sourced"]


def urls(folder):
    return {"write": f"sqlite:///{folder}/w.db", "read": f"sqlite:///{folder}/r.db"}


@pytest.mark.parametrize("rung", LADDER)
def test_what_was_acknowledged_is_there_when_the_shop_is_opened_again(rung, tmp_path):
    with open_shop(rung, **urls(tmp_path)) as shop:
        shop.send(ADA)
        shop.deliver()
    with open_shop(rung, **urls(tmp_path)) as shop:
        assert shop.ask(GetUserById("ada")).name == "Ada"
        assert shop.staleness == 0
        with pytest.raises(AlreadyExists):
            shop.send(ADA)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_events_that_were_not_delivered_wait_for_the_next_opening(rung, tmp_path):
    with open_shop(rung, **urls(tmp_path)) as shop:
        shop.send(ADA)
    with open_shop(rung, **urls(tmp_path)) as shop:
        assert shop.staleness == 1
        assert shop.deliver() == 1


@pytest.mark.parametrize("rung", EVENTFUL)
def test_both_stores_may_be_one_file(rung, tmp_path):
    url = f"sqlite:///{tmp_path}/one.db"
    with open_shop(rung, write=url, read=url, delivery="immediate") as shop:
        shop.send(ADA)
        assert shop.ask(GetUserById("ada")).name == "Ada"
        shop.rebuild("users")
        shop.send(RenameUser("ada", "Ada King"))
        assert shop.ask(GetUserById("ada")).name == "Ada King"


def test_a_relative_file_stays_where_it_was_when_the_folder_changes(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with open_shop("crud", write="sqlite:///shop.db") as shop:
        monkeypatch.chdir(tmp_path / "elsewhere")
        shop.send(ADA)
        assert shop.ask(GetUserById("ada")).name == "Ada"
    assert not (tmp_path / "elsewhere" / "shop.db").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "SQLite://"])
def test_these_are_in_memory(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_shop("two-stores", write=url, read=url) as shop:
        shop.send(ADA)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("side", ["write", "read"])
@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("shop.db", InvalidMessage, "address"),
        ("", InvalidMessage, "address"),
        (None, InvalidMessage, "address"),
        (7, InvalidMessage, "address"),
        ("sqlite:///a\0b", InvalidMessage, "NUL"),
        ("sqlite://relative.db", ShopError, "three slashes"),
        ("oracle://scott:tiger@host/x", ShopError, "oracle"),
        ("postgresq://user:s3cret@host/x?password=s3cret", ShopError, "postgresq"),
        ("sqlite:////no/such/folder/shop.db", StoreUnavailable, "unable to open"),
        ("sqlite:////", StoreUnavailable, "unable to open"),
    ],
)
def test_an_address_that_cannot_be_used_says_why_and_keeps_secrets(side, url, error, words):
    with pytest.raises(error) as caught:
        open_shop("two-stores", **{side: url})
    assert words in str(caught.value)
    assert "s3cret" not in str(caught.value) + repr(caught.value)
    assert "tiger" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("bus", ["amqp://guest:s3cret@host", "memory://x", "memory", None])
def test_a_bus_that_is_not_known(bus):
    with pytest.raises(ShopError) as caught:
        open_shop("two-stores", bus=bus)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"delivery": "pigeon"}, {"lag": -1}, {"lag": "1"}, {"lag": True}, {"lag": float("nan")},
     {"handlers": None}, {"projections": []}, {"queries": "x"}],
)  # fmt: skip
def test_options_that_make_no_sense(options):
    with pytest.raises(ShopError):
        open_shop("two-stores", **options)


@pytest.mark.parametrize("rung", LADDER)
def test_a_file_that_is_not_a_database(rung, tmp_path):
    (tmp_path / "w.db").write_text("this is a letter to my aunt" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_shop(rung, **urls(tmp_path))
    assert (tmp_path / "w.db").read_text().startswith("this is a letter")


def test_the_database_of_another_program_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "w.db") as other:
        other.execute("CREATE TABLE users (id INTEGER)")
    other.close()
    before = (tmp_path / "w.db").read_bytes()
    with pytest.raises(StoreUnavailable, match="another program"):
        open_shop("crud", **urls(tmp_path))
    assert (tmp_path / "w.db").read_bytes() == before


@pytest.mark.parametrize("file", ["w.db", "r.db"])
def test_a_newer_schema_is_refused(file, tmp_path):
    open_shop("two-stores", **urls(tmp_path)).close()
    newer = sqlite3.connect(tmp_path / file)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StoreUnavailable, match="schema version 99"):
        open_shop("two-stores", **urls(tmp_path))


def test_a_shop_of_one_rung_is_not_opened_as_another(tmp_path):
    for made in LADDER:
        (tmp_path / made).mkdir()
        open_shop(made, **urls(tmp_path / made)).close()
        for opened in LADDER:
            if opened != made:
                with pytest.raises(StoreUnavailable, match=made):
                    open_shop(opened, **urls(tmp_path / made))


def test_documents_of_another_shop_are_refused(tmp_path):
    """Its checkpoints would make the first events look like duplicates."""
    with open_shop("two-stores", **urls(tmp_path)) as shop:
        shop.send(ADA)
        shop.deliver()
    with pytest.raises(StoreUnavailable, match="another shop"):
        open_shop("two-stores", read=urls(tmp_path)["read"])


@pytest.mark.parametrize("rung", LADDER)
def test_a_locked_file_is_unavailable_and_then_available_again(rung, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.01)
    with open_shop(rung, **urls(tmp_path)) as shop:
        other = sqlite3.connect(tmp_path / "w.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            shop.send(ADA)
        assert shop.tables()
        other.execute("ROLLBACK")
        other.close()
        shop.send(ADA)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_a_locked_read_store_does_not_undo_a_command(rung, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.01)
    with open_shop(rung, **urls(tmp_path), delivery="immediate") as shop:
        other = sqlite3.connect(tmp_path / "r.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        shop.send(ADA)
        assert shop.staleness == 1
        with pytest.raises(StoreUnavailable, match="locked"):
            shop.deliver()
        other.execute("ROLLBACK")
        other.close()
        assert shop.deliver() == 1


@pytest.mark.parametrize("rung", LADDER)
def test_a_read_only_file_is_unavailable(rung):
    with tempfile.TemporaryDirectory() as folder:
        open_shop(rung, **urls(folder)).close()
        os.chmod(f"{folder}/w.db", stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH)
        os.chmod(folder, 0o755)
        with (
            as_an_ordinary_user(),
            pytest.raises(StoreUnavailable, match=r"readonly|unable to open"),
        ):
            open_shop(rung, **urls(folder))
        os.chmod(f"{folder}/w.db", stat.S_IREAD | stat.S_IWRITE)
        open_shop(rung, **urls(folder)).close()


@contextmanager
def as_an_ordinary_user():
    """Give up root for a while: root may write what is read-only."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    with open_shop("two-stores", **urls(tmp_path)) as shop:
        shop.send(ADA)
        before = shop.tables()
        with shop.commands.store.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreUnavailable, match="full"):
            for n in range(1000):
                shop.send(AddProduct(f"sku-{n}", "x" * 1000, 1, 1))
        full = shop.tables()
        assert len(full["products"]) == len(full["outbox"]) - 1
        assert full["users"] == before["users"]
        with shop.commands.store.reading() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        shop.send(AddProduct("more", "x", 1, 1))


def test_an_opening_that_fails_half_way_leaves_no_connection_open(tmp_path):
    """A ResourceWarning would fail the test; on Windows the file could not be deleted."""
    with pytest.raises(StoreUnavailable):
        open_shop("two-stores", write=f"sqlite:///{tmp_path}/w.db", read="sqlite:////no/such/x.db")
    (tmp_path / "w.db").unlink()


def test_a_store_shows_no_more_than_where_it_is():
    store = sqlite.SqliteStore(None, "write_store", Hops())
    assert store.name == "SQLite in memory"
    store.close()
