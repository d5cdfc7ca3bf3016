"""What went wrong once: interrupts, locks in a circle, own events, gateways that fail."""

import sqlite3
import threading
from dataclasses import dataclass
from datetime import date

import pytest
from test_shop import ADA, MUG, TEA, refused, run, with_a_draft

from cqrs_demo import *
from cqrs_demo import HANDLERS, QUERIES, open_shop
from cqrs_demo.crud.service import CRUD_HANDLERS
from cqrs_demo.domain.user import User

EVENTFUL = ["two-stores", "event-sourced"]


def ours(rung):
    return CRUD_HANDLERS if rung == "crud" else HANDLERS


@pytest.mark.parametrize("where", ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "UPDATE", "INSERT"])
@pytest.mark.parametrize("place", ["in memory", "in files"])
def test_an_interrupt_at_any_statement_leaves_a_shop_that_works(rung, place, where, tmp_path):
    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    urls = urls if place == "in files" else {}
    with open_shop(rung, **urls, delivery="immediate") as shop:
        run(shop, ADA, TEA)
        before = shop.tables()
        with interrupted_at(shop, where), pytest.raises(KeyboardInterrupt):
            shop.send(RenameUser("ada", "Nobody"))
            raise KeyboardInterrupt  # not every rung runs every statement
        if where == "BEGIN IMMEDIATE":
            assert shop.tables() == before
        run(shop, RenameUser("ada", "Ada King"))
        answered = []
        other = threading.Thread(target=lambda: answered.append(shop.ask(GetUserById("ada"))))
        other.start()
        other.join(60)
        assert answered[0].name == "Ada King"


class interrupted_at:  # noqa: N801
    """Raise KeyboardInterrupt just after the next statement that begins so."""

    def __init__(self, shop, where):
        self.store, self.where = shop.commands.store, where

    def __enter__(self):
        self.connections, self.memory = list(self.store._idle), self.store._memory
        self.store._idle.clear()
        self.store._idle.extend(Interrupting(c, self.where) for c in self.connections)
        if self.memory:
            self.store._memory = Interrupting(self.memory, self.where)

    def __exit__(self, *error):
        self.store._idle.clear()
        self.store._idle.extend(self.connections)
        self.store._memory = self.memory


class Interrupting:
    def __init__(self, connection, where):
        self.connection, self.where = connection, where

    def execute(self, sql, *values):
        found = self.connection.execute(sql, *values)
        if sql.strip().upper().startswith(self.where) and self.where:
            self.where = ""
            raise KeyboardInterrupt
        return found

    def __getattr__(self, name):
        return getattr(self.connection, name)


@pytest.mark.parametrize("look", ["deliver", "tables", "position"])
def test_a_handler_may_not_look_at_its_own_store_from_outside(rung, store_urls, look):
    """In memory it would see rows that are not committed, and might project them."""

    def curious(command, work):
        ours(rung)[CreateUser](command, work)
        getattr(shop, look) if look == "position" else getattr(shop, look)()
        shop.tables()  # where there are no events, the others look at nothing

    with open_shop(rung, handlers={**HANDLERS, CreateUser: curious}, **store_urls) as shop:
        assert "only what it is given" in refused(shop, ADA, ShopError)
        shop.deliver()
        run(shop, TEA)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_threads_that_take_locks_in_a_circle_give_up_instead_of_hanging(rung, monkeypatch):
    from cqrs_demo.storage import sqlite

    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)

    def curious(command, work):
        shop.ask(GetCatalogue())  # the read store, while holding the write store
        HANDLERS[RenameUser](command, work)

    with open_shop(rung, handlers={**HANDLERS, RenameUser: curious}) as shop:
        run(shop, ADA, TEA)

        def rebuild_often():
            for _ in range(50):
                attempt(lambda: shop.rebuild("users"))

        other = threading.Thread(target=rebuild_often)
        other.start()
        for n in range(50):
            attempt(lambda n=n: shop.send(RenameUser("ada", f"Ada {n}")))
        other.join(60)
        assert not other.is_alive()
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 5)
        run(shop, RenameUser("ada", "Ada King"))
        shop.deliver()
        assert shop.ask(GetUserById("ada")).name == "Ada King"


def attempt(action):
    try:
        return action()
    except StoreUnavailable:
        return None


@pytest.mark.parametrize("rung", EVENTFUL)
def test_an_event_class_that_is_defined_again_is_read_as_the_new_one(rung):
    """As happens when a notebook cell is run twice."""
    for answer in (1, 2):

        @dataclass(frozen=True)
        class UserWaved(Event):
            user_id: str

        class Wave:
            pass

        def wave(command, work, kind=UserWaved):
            work.save(work.get(User, "ada"), [kind("ada")])

        seen = []
        with open_shop(
            rung,
            handlers={**HANDLERS, Wave: wave},
            projections={"waves": {UserWaved: lambda docs, r, seen=seen: seen.append(r.event)}},
        ) as shop:
            run(shop, ADA, Wave())
            shop.deliver()
            assert len(seen) == 1, answer


@pytest.mark.parametrize("rung", EVENTFUL)
def test_an_event_that_could_not_be_read_again_is_not_written(rung):
    @dataclass(frozen=True)
    class Plain:
        user_id: str

    @dataclass(frozen=True)
    class Numbered(Event):
        n: int

    for event in (Plain("ada"), Numbered("seven"), Numbered(object())):

        def record(command, work, event=event):
            work.save(work.get(User, command.user_id), [event])

        with open_shop(rung, handlers={**HANDLERS, RenameUser: record}) as shop:
            run(shop, ADA)
            refused(shop, RenameUser("ada", "x"), ShopError)


def damage(shop, position):
    log = shop.relay.log.table
    with shop.commands.store.transaction() as connection:
        sql = f"UPDATE {log} SET type = 'FromTheFuture' WHERE position = ?"
        connection.execute(sql, (position,))


@pytest.mark.parametrize("rung", EVENTFUL)
def test_an_unreadable_event_stops_projections_there_and_can_be_set_aside(rung):
    with open_shop(rung, set_aside_after={"users": 1}) as shop:
        run(shop, ADA, TEA, CreateUser("bob", "Bob", "b@b"))
        damage(shop, 2)
        assert shop.deliver() == 3
        assert shop.projections["users"] == (3, 0, None)
        assert "FromTheFuture" in shop.projections["catalogue"].error
        assert shop.projections["catalogue"].checkpoint == 1
        assert shop.dead_letters()[0].position == 2
        run(shop, RenameUser("bob", "Bobby"))
        assert [type(r.event).__name__ for r in shop.events()][1] == "Unreadable"
        with shop.at(1) as past:
            assert past.position == 1
        with pytest.raises(ShopError, match="FromTheFuture"):
            shop.at(2)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_a_send_whose_delivery_fails_has_been_carried_out(rung):
    with open_shop(rung, delivery="immediate") as shop:
        run(shop, ADA)
        with shop.commands.store.transaction() as connection:
            connection.execute(f"UPDATE {shop.relay.log.table} SET at = 'yesterday'")
        with shop.projecting.store.transaction() as connection:
            connection.execute("DELETE FROM checkpoints")
        run(shop, TEA)
        assert shop.position == 2


class Gateway:
    def __init__(self):
        self.calls = []
        self.failing = ()

    def charge(self, order_id, cents):
        self._call("charge", order_id, cents)

    def refund(self, order_id):
        self._call("refund", order_id)

    def _call(self, name, *arguments):
        self.calls.append((name, *arguments))
        if name in self.failing:
            raise ConnectionError(name)


def test_a_refund_that_fails_leaves_the_order_placed(rung, store_urls):
    gateway = Gateway()
    with open_shop(rung, **store_urls, payments=gateway) as shop:
        with_a_draft(shop, PlaceOrder("o-1"))
        gateway.failing = ("refund",)
        refused(shop, CancelOrder("o-1", ""), ConnectionError, command_id="c")
        gateway.failing = ()
        shop.send(CancelOrder("o-1", ""), command_id="c")
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).status == "cancelled"


def test_what_cannot_be_undone_does_not_hide_why_it_had_to_be(rung):
    gateway = Gateway()
    gateway.failing = ("charge", "refund")
    with open_shop(rung, payments=gateway) as shop:
        with_a_draft(shop)
        assert refused(shop, PlaceOrder("o-1"), ConnectionError) == "charge"


def test_a_refund_is_charged_again_when_the_commit_fails(rung):
    gateway = Gateway()
    with open_shop(rung, payments=gateway) as shop:
        with_a_draft(shop, PlaceOrder("o-1"))
        seen = []
        shop.hops.listeners.append(lambda hop: hop.kind == "save" and seen.append(hop.connection))
        gateway.refund = lambda order_id: seen[-1].execute("ROLLBACK")
        with pytest.raises(StoreUnavailable):
            shop.send(CancelOrder("o-1", ""))
        assert gateway.calls == [("charge", "o-1", 2340)] * 2


@pytest.mark.parametrize("version", [1, -1])
def test_a_foreign_file_with_a_version_of_its_own_is_left_alone(version, tmp_path):
    with sqlite3.connect(tmp_path / "w.db") as other:
        other.execute("CREATE TABLE notes (x)")
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    before = (tmp_path / "w.db").read_bytes()
    with pytest.raises(StoreUnavailable, match="another program"):
        open_shop("crud", write=f"sqlite:///{tmp_path}/w.db")
    assert (tmp_path / "w.db").read_bytes() == before


@pytest.mark.parametrize("rung", EVENTFUL)
def test_documents_ahead_of_their_log_are_refused(rung, tmp_path):
    """As after restoring the write store from a backup."""
    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    with open_shop(rung, **urls) as shop:
        run(shop, ADA, TEA)
        shop.deliver()
        with shop.commands.store.transaction() as connection:
            connection.execute(f"DELETE FROM {shop.relay.log.table} WHERE position = 2")
    with pytest.raises(StoreUnavailable, match="does not have"):
        open_shop(rung, **urls)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_an_error_that_another_process_got_over_is_no_longer_shown(rung, tmp_path):
    from test_delivery import with_broken

    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    with open_shop(rung, **urls, projections=with_broken("users", UserCreated)) as broken:
        run(broken, ADA)
        broken.deliver()
        assert broken.projections["users"].error
        with open_shop(rung, **urls) as mended:
            mended.deliver()
        assert broken.projections["users"] == (1, 0, None)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_a_snapshot_that_is_damaged_is_not_missed(rung):
    with open_shop("event-sourced", snapshot_every=1) as shop:
        run(shop, TEA, Restock("tea", 1))
        with shop.commands.store.transaction() as connection:
            connection.execute("UPDATE snapshots SET body = '{'")
        shop.send(Restock("tea", 1), expected_version=2)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_the_past_sets_aside_what_the_present_did(rung):
    from test_delivery import with_broken

    projections = with_broken("catalogue", PriceChanged)
    with open_shop(rung, projections=projections, set_aside_after={"catalogue": 2}) as shop:
        run(shop, TEA, ChangePrice("tea", 1), Restock("tea", 1))
        for _ in range(3):
            shop.deliver()
        with shop.at(3) as past:
            assert past.documents() == shop.documents()


@pytest.mark.parametrize("seconds", [float("inf"), 1e10, -0.1])
@pytest.mark.parametrize("name", ["lag", "poll"])
def test_a_wait_nobody_would_see_the_end_of_is_refused(name, seconds):
    with pytest.raises(InvalidMessage, match=name):
        open_shop("two-stores", delivery="background", **{name: seconds})


def test_a_poll_of_nothing_would_never_rest():
    with pytest.raises(InvalidMessage, match="poll"):
        open_shop("two-stores", delivery="background", poll=0)


def test_no_option_shows_a_password(postgresql_url):
    secret = postgresql_url.replace("postgres@", "postgres:s3cret@")
    with open_shop("crud", write=secret) as shop:
        assert "s3cret" not in repr(shop.options) + repr(shop.commands) + repr(shop.__dict__)


def test_more_threads_than_connections_do_not_starve(postgresql_url):
    with open_shop("one-database", write=postgresql_url) as shop:
        run(shop, TEA)
        threads = [
            threading.Thread(
                target=lambda: (shop.send(Restock("tea", 1)), shop.ask(GetCatalogue()))
            )
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert shop.ask(GetCatalogue())[0].stock == 32


@pytest.mark.parametrize(
    "use",
    [
        lambda shop: shop.send(object(), expected_version=1),
        lambda shop: shop.deliver(only=["users"]),
        lambda shop: shop.rebuild(["users"]),
        lambda shop: shop.events(stream="a", category="b") and list(shop.events(0, "a", "b")),
        lambda shop: open_shop("two-stores", write="sqlite:///x\ud800.db"),
        lambda shop: open_shop("two-stores", write="sqlite:///x.db?mode=ro"),
    ],
)
def test_nonsense_gets_a_sentence(use):
    with open_shop("two-stores") as shop, pytest.raises(ShopError):
        use(shop)


def test_a_handler_that_is_none_handles_nothing(rung):
    with open_shop(rung, handlers={int: None}) as shop, pytest.raises(UnknownMessage):
        shop.send(7)


def test_an_expected_version_needs_a_command_that_names_an_aggregate(rung):
    @dataclass(frozen=True)
    class Greet:
        greeting: str

    with open_shop(rung, handlers={Greet: lambda command, work: None, int: print}) as shop:
        shop.send(Greet("hello"))
        for command in (Greet("hello"), 7):
            with pytest.raises(InvalidMessage, match="first field is user_id or sku or order_id"):
                shop.send(command, expected_version=1)


def test_sending_a_class_says_what_to_send(rung):
    with open_shop(rung) as shop, pytest.raises(UnknownMessage, match=r"CreateUser\(\.\.\.\)"):
        shop.send(CreateUser)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_find_means_the_same_live_and_on_rebuild(rung):
    found = []

    def search(docs, recorded):
        docs.put("a", {"day": date(2026, 1, 1), "tags": ["x"], "n": 1})
        found.append((docs.find("day", date(2026, 1, 1)), docs.find("tags", None)))

    with open_shop(rung, projections={"mine": {UserCreated: search}}) as shop:
        run(shop, ADA)
        shop.deliver()
        live, found[:] = list(found), []
        shop.rebuild("mine")
        assert found == live
        assert len(live[0][0]) == 1


def test_a_query_may_ask_another_but_changes_nothing(rung, store_urls):
    class Wide:
        pass

    class Sly:
        pass

    def wide(query, read):
        return shop.ask(GetUserById("ada")), shop.ask(GetCatalogue()), shop.tables()

    def sly(query, read):
        shop.send(MUG)

    queries = {**QUERIES, Wide: wide, Sly: sly}
    with open_shop(rung, **store_urls, queries=queries) as shop:
        run(shop, ADA, TEA)
        shop.deliver()
        for _ in range(3):
            user, catalogue, tables = shop.ask(Wide())
            assert (user.name, len(catalogue)) == ("Ada Lovelace", 1)
            assert tables == shop.tables()
        before = shop.tables(), shop.position
        with pytest.raises(ShopError, match="sends no commands"):
            shop.ask(Sly())
        assert (shop.tables(), shop.position) == before
        assert shop.ask(GetUserById("ada")) == user


@pytest.mark.parametrize("place", ["in memory", "in files"])
def test_an_interrupt_after_the_commit_refunds_nothing(rung, place, tmp_path):
    urls = {"write": f"sqlite:///{tmp_path}/w.db"} if place == "in files" else {}
    gateway = DemoPayments()
    with open_shop(rung, **urls, payments=gateway) as shop:
        with_a_draft(shop)
        with interrupted_at(shop, "COMMIT"), pytest.raises(KeyboardInterrupt):
            shop.send(PlaceOrder("o-1"))
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).status == "placed"
        assert gateway.charged == {"o-1": 2340}


def test_a_listener_that_fails_at_the_commit_refunds_nothing(rung, store_urls):
    def listener(hop):
        if hop.kind == "commit":
            raise ZeroDivisionError

    gateway = DemoPayments()
    with open_shop(rung, **store_urls, payments=gateway) as shop:
        with_a_draft(shop)
        shop.hops.listeners.append(listener)
        with pytest.raises(ZeroDivisionError):
            shop.send(PlaceOrder("o-1"))
        shop.hops.listeners.clear()
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).status == "placed"
        assert gateway.charged == {"o-1": 2340}


def test_a_thread_that_was_interrupted_with_the_lock_in_hand_goes_on_and_lets_go(rung):
    with open_shop(rung) as shop:
        run(shop, ADA)
        store = shop.commands.store
        store._lock.acquire()  # as if an interrupt had come just before the release
        run(shop, TEA)
        answered = []
        other = threading.Thread(target=lambda: answered.append(shop.tables()))
        other.start()
        other.join(60)
        assert answered


def test_a_shop_in_memory_closes_while_another_thread_is_busy_with_it(rung):
    busy, closed, refusals = threading.Event(), threading.Event(), []

    def slow(command, work):
        busy.set()
        assert closed.wait(60)

    shop = open_shop(rung, handlers={**HANDLERS, RenameUser: slow})

    def work():
        shop.send(RenameUser("ada", "x"))
        try:
            shop.tables()
        except ShopClosed as error:
            refusals.append(error)

    run(shop, ADA)
    other = threading.Thread(target=work)
    other.start()
    assert busy.wait(60)
    shop.close()
    closed.set()
    other.join(60)
    assert refusals


@pytest.mark.parametrize("rung", EVENTFUL)
def test_a_query_within_a_query_does_not_wait_for_what_it_could_never_see(rung):
    class Impatient:
        pass

    def impatient(query, read):
        return shop.ask(GetCatalogue(), after=99, timeout=3600)

    with (
        open_shop(rung, queries={**QUERIES, Impatient: impatient}) as shop,
        pytest.raises(StillStale),
    ):
        shop.ask(Impatient())


def test_an_event_of_ones_own_cannot_take_the_name_of_one_of_ours():
    with pytest.raises(TypeError, match="OrderShipped already"):
        type("OrderShipped", (Event,), {"__module__": "__main__"})
