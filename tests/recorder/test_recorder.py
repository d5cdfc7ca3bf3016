"""A recording tells what really happened: hops, lines of code, rows, and nothing else."""

import linecache
import threading
from collections import Counter
from contextlib import suppress
from itertools import groupby

import pytest
from conftest import TickingClock
from hypothesis import given, settings
from hypothesis import strategies as st

from cqrs_demo import *
from cqrs_demo.recorder.stores import UNSEEN
from cqrs_demo.recording import Recording

EVENTFUL = ("two-stores", "event-sourced")


def with_a_draft(shop):
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(AddProduct("tea", "Earl Grey", 920, 12))
    shop.send(CreateOrder("o-7", "ada"))
    shop.send(AddOrderItem("o-7", "tea", 2))
    shop.deliver()


def kinds(recording):
    return [step.kind for step in recording.steps]


def current_line(step):
    return step.code.source.splitlines()[step.code.line - step.code.first].strip()


def shown(rows):
    return [{k: v for k, v in row.items() if k not in UNSEEN} for row in rows]


def assert_shows(recording, shop):
    """At its last step, the recording shows what the stores hold."""
    end = recording.state(len(recording.steps))
    for table, rows in shop.tables().items():
        if table == "outbox":
            waiting = {row["position"] for row in end["outbox"]["waiting"].values()}
            slowest = min((p.checkpoint for p in shop.projections.values()), default=0)
            assert waiting == {row["position"] for row in rows if row["position"] > slowest}
        elif table == "events":
            seen = sorted(row["position"] for row in end["write"]["events"].values())
            assert seen == [row["position"] for row in rows]
        else:
            told = end["write"][table].values()
            assert sorted(map(str, told)) == sorted(map(str, shown(rows)))
    for name, documents in shop.documents().items():
        assert sorted(map(str, end["read"][name].values())) == sorted(map(str, documents))
    told = end["checkpoints"].get("projections", {})
    assert {name: row["checkpoint"] for name, row in told.items()} == {
        name: state.checkpoint for name, state in shop.projections.items()
    }


def test_a_command_goes_from_the_client_through_the_write_side_and_back(shop):
    with_a_draft(shop)
    with shop.record("place an order") as recording:
        shop.send(PlaceOrder("o-7"))
    assert recording.steps[0].kind == "command"
    assert recording.steps[0].payload == {"PlaceOrder": {"order_id": "o-7"}}
    assert kinds(recording)[-3:] == ["outside", "commit", "accept"]
    assert Counter(kinds(recording))["save"] == 2
    assert {step.call for step in recording.steps} == {'shop.send(PlaceOrder("o-7"))'}
    assert_shows(recording, shop)


def test_a_step_has_the_time_of_its_command(clock):
    with open_shop("two-stores", clock=clock) as shop, shop.record("times") as recording:
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
        shop.deliver()
        with pytest.raises(NotFound):
            shop.ask(GetUserById("bob"))
    times = {step.kind: step.at for step in recording.steps}
    assert times["save"] == times["command"] == "2026-01-01T12:01:00Z"
    assert times["reject"] is None


def test_every_step_has_a_short_sentence_and_scenes_are_short(shop):
    with_a_draft(shop)
    with shop.record("much") as recording:
        for n in range(3):
            shop.send(AddProduct(f"p-{n}", "P", 5, 5))
            shop.send(AddOrderItem("o-7", f"p-{n}", 1))
        shop.send(PlaceOrder("o-7"))
        shop.deliver()
        shop.ask(GetOrder("o-7"))
        shop.ask(GetOrder("o-7"))
    for step in recording.steps:
        assert 20 < len(step.note) <= 130, step.note
        assert "{" not in step.note
    scenes = [len(list(run)) for _, run in groupby(recording.steps, key=lambda s: s.scene)]
    assert max(scenes) <= 7


def test_a_refused_command_shows_the_line_that_refused_it_and_changes_nothing(shop):
    with_a_draft(shop)
    before = shop.tables(), shop.documents()
    with shop.record("too many") as recording:
        shop.send(AddOrderItem("o-7", "tea", 20))
        with pytest.raises(OutOfStock):
            shop.send(PlaceOrder("o-7"))
    assert kinds(recording)[-2:] == ["rollback", "reject"]
    refused = recording.steps[-1]
    assert refused.name == "OutOfStock"
    assert "raise" in current_line(refused) and "OutOfStock" in current_line(refused)
    assert [*refused.changes] == ["screen"]
    outcome = refused.changes["screen"]["command"]["last"]["outcome"]
    assert outcome.startswith("refused: OutOfStock: 22 of 'tea' wanted")
    assert before[0]["products"] == shop.tables()["products"] if "products" in before[0] else True
    assert_shows(recording, shop)


def test_rows_that_are_not_committed_yet_appear_and_vanish(store_urls, rung):
    with open_shop(rung, **store_urls, payments=DemoPayments(declines=None)) as shop:
        with_a_draft(shop)
        with shop.record("declined") as recording, pytest.raises(PaymentDeclined):
            shop.send(PlaceOrder("o-7"))
        table = "orders" if rung != "event-sourced" else "events"
        told = [step.n for step in recording.steps if table in step.changes.get("write", {})]
        rollback = kinds(recording).index("rollback") + 1
        assert told[0] < rollback == told[-1]
        before, after = recording.initial, recording.state(len(recording.steps))
        for panel in ("write", "outbox", "read", "checkpoints"):
            assert after[panel] == before[panel]
        assert_shows(recording, shop)


def test_a_decision_shows_the_aggregates_own_lines():
    with open_shop("one-database") as shop:
        with_a_draft(shop)
        with shop.record("decide") as recording:
            shop.send(PlaceOrder("o-7"))
    reserved, placed = (
        step for step in recording.steps if (step.kind, step.target) == ("command", "aggregate")
    )
    assert reserved.code.file == "cqrs_demo/domain/product.py"
    assert "StockReserved(" in current_line(reserved)
    assert placed.code.file == "cqrs_demo/domain/order.py"
    assert "OrderPlaced(" in current_line(placed)
    assert "2 of tea are in stock: 12 are" in reserved.note


def test_handlers_light_up_at_their_own_lines(shop):
    with_a_draft(shop)
    with shop.record("lines") as recording:
        shop.send(RenameUser("ada", "Ada King"))
        shop.deliver()
        shop.ask(GetUserById("ada"))
    saves = [step for step in recording.steps if step.kind == "save"]
    assert "service.update(" in current_line(saves[0]) or "save(" in current_line(saves[0])
    assert all(
        "docs.put(" in current_line(step) or ".put(" in current_line(step) for step in saves[1:]
    )
    (read,) = [step for step in recording.steps if step.kind == "load"][-1:]
    assert "execute(" in current_line(read) or 'read["users"]' in current_line(read)
    answer = recording.steps[-1]
    assert answer.kind == "answer" and answer.code.file == "tests/recorder/test_recorder.py"
    assert current_line(answer) == 'shop.ask(GetUserById("ada"))'


def as_cell(source, **names):
    """Run source as a notebook does: as a file that exists only in the line cache."""
    filename = f"/tmp/ipykernel_1/{abs(hash(source))}.py"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), names)
    return names


CELL = """def greet(docs, recorded):
    greeting = f"Hello, {recorded.event.name}!"
    docs.put(recorded.event.user_id, {"greeting": greeting})


def create_user(command, work):
    user = work.new(User, command.user_id)
    work.save(user, user.create(command.name.upper(), command.email))


def get_greeting(query, read):
    return read["greetings"].get(query.user_id)
"""


def test_a_learners_own_functions_light_up_with_their_own_source():
    from cqrs_demo.domain.user import User

    names = as_cell(CELL, User=User)
    projections = {**PROJECTIONS, "greetings": {UserCreated: names["greet"]}}
    handlers = {**HANDLERS, CreateUser: names["create_user"]}
    queries = {**QUERIES, GetUserById: names["get_greeting"]}
    own = {"projections": projections, "handlers": handlers, "queries": queries}
    with open_shop("two-stores", **own) as shop, shop.record("mine") as recording:
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
        shop.deliver(only="greetings")
        assert shop.ask(GetUserById("ada")) == {"greeting": "Hello, ADA!"}
    mine = [step for step in recording.steps if step.code and step.code.file == "notebook cell"]
    assert [current_line(step) for step in mine] == [
        "work.save(user, user.create(command.name.upper(), command.email))",
        'docs.put(recorded.event.user_id, {"greeting": greeting})',
        'return read["greetings"].get(query.user_id)',
    ]
    assert mine[1].code.source.startswith("def greet(docs, recorded):")
    assert mine[1].changes["read"] == {"greetings": {"ada": {"greeting": "Hello, ADA!"}}}


def test_what_a_handler_writes_past_the_ports_shows_at_the_commit():
    def create_user(command, work):
        sql = "INSERT INTO users VALUES (?, ?, ?, ?, 1)"
        work.connection.execute(sql, (command.user_id, "raw", command.email, command.email))

    with open_shop("one-database", handlers={**HANDLERS, CreateUser: create_user}) as shop:
        with shop.record("raw") as recording:
            shop.send(CreateUser("ada", "Ada", "a@example.org"))
        (commit,) = [step for step in recording.steps if step.kind == "commit"]
        assert commit.changes["write"]["users"]["ada"]["name"] == "raw"


@pytest.mark.parametrize("rung", EVENTFUL)
def test_one_delivery_is_one_fold(rung, clock):
    with open_shop(rung, clock=clock) as shop:
        with_a_draft(shop)
        with shop.record("deliver") as recording:
            shop.send(PlaceOrder("o-7"))
            shop.deliver()
        (fold,) = recording.folds
        inside = recording.steps[fold.first - 1 : fold.last]
        assert {step.call for step in inside} == {"shop.deliver()"}
        assert fold.name == "2 events"
        assert fold.last == len(recording.steps)
        assert "5 documents change: caught up" in fold.note
        assert recording.state(fold.first - 1)["checkpoints"] != recording.state(fold.last)
        assert_shows(recording, shop)


def test_the_bus_holds_an_event_until_every_projection_has_it(clock):
    with open_shop("two-stores", clock=clock) as shop, shop.record("bus") as recording:
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
        shop.deliver()
    steps = {(step.source, step.target): step.n for step in reversed(recording.steps)}
    put = recording.state(steps["relay", "event_bus"])["bus"]["in transit"]
    assert put["1"]["event"] == "UserCreated" and "users" in put["1"]["for"]
    assert recording.state(len(recording.steps))["bus"]["in transit"] == {}


def test_an_answer_is_stale_until_the_client_asks_again(clock):
    with open_shop("two-stores", clock=clock) as shop:
        with_a_draft(shop)
        with shop.record("stale") as recording:
            shop.ask(GetUserById("ada"))
            shop.send(RenameUser("ada", "Ada King"))
            shop.ask(GetUserById("ada"))
            shop.deliver()
            shop.ask(GetUserById("ada"))
    answers = [step.n for step in recording.steps if step.kind == "answer"]
    commits = [step.n for step in recording.steps if step.kind == "commit"]

    def held(n):
        (row,) = recording.state(n)["screen"]["answers"].values()
        return row["answer"]["name"], row["reflects"], row["stale"]

    assert held(answers[0]) == ("Ada Lovelace", 4, False)
    assert held(commits[0]) == ("Ada Lovelace", 4, True)
    assert held(answers[1]) == ("Ada Lovelace", 4, True)
    assert held(len(recording.steps)) == ("Ada King", 5, False)
    assert "honest but old" in recording.steps[answers[1] - 1].note


def test_a_projection_that_fails_is_shown_with_its_line_and_its_recovery():
    def broken(docs, recorded):
        docs.put("half", {"done": True})
        raise RuntimeError("bug")

    bugs = [broken]
    projections = {**PROJECTIONS, "mine": {UserCreated: lambda docs, r: bugs[0](docs, r)}}
    with open_shop("two-stores", projections=projections) as shop:
        with shop.record("bug") as recording:
            shop.send(CreateUser("ada", "Ada", "a@example.org"))
            shop.deliver()
            bugs[0] = lambda docs, r: docs.put("whole", {"done": True})
            shop.deliver()
        (fault,) = [step for step in recording.steps if step.kind == "fault"]
        assert current_line(fault) == 'raise RuntimeError("bug")'
        assert recording.state(fault.n)["read"]["mine"] == {}
        first, second = recording.folds
        errors = recording.state(first.last)["checkpoints"]["projections"]
        assert errors["mine"] == {"checkpoint": 0, "error": "RuntimeError: bug"}
        assert "mine stopped" in first.note
        assert recording.state(second.last)["checkpoints"]["projections"]["mine"]["error"] is None
        assert_shows(recording, shop)


@pytest.mark.parametrize("delivery", ["manual", "immediate"])
@pytest.mark.parametrize("new_name", ["Zoë", ""])  # accepted, refused
def test_what_a_projection_sends_is_a_call_within_its_delivery(delivery, new_name, clock):
    def react(docs, recorded):
        docs.put("before", {})
        with suppress(ShopError):
            shop.send(RenameUser("ada" if new_name else "nobody", "Zoë"))
        docs.put("after", {})

    mine = {**PROJECTIONS, "mine": {UserCreated: react}}
    with open_shop("two-stores", projections=mine, delivery=delivery, clock=clock) as shop:
        with shop.record("react") as recording:
            shop.send(CreateUser("ada", "Ada", "a@example.org"))
            shop.deliver()
        steps = {step.name: step for step in recording.steps}
        before, after = steps["mine / before"], steps["mine / after"]
        assert before.call == after.call == recording.steps[after.n].call
        assert steps["RenameUser"].call.startswith("shop.send(RenameUser")
        assert before.n < steps["RenameUser"].n < after.n
        assert_shows(recording, shop)


def test_a_rebuild_is_recorded(clock):
    with open_shop("event-sourced", clock=clock) as shop:
        with_a_draft(shop)
        with shop.record("rebuild") as recording:
            shop.rebuild("orders")
        assert kinds(recording) == ["event", "commit"]
        assert "reads 4 events" in recording.steps[0].note
        assert_shows(recording, shop)


@pytest.mark.parametrize("delivery", ["immediate", "background"])
def test_deliveries_that_nobody_called_for_are_recorded_too(delivery, clock):
    with open_shop("two-stores", clock=clock, delivery=delivery) as shop:
        with shop.record("by itself") as recording:
            shop.send(CreateUser("ada", "Ada", "a@example.org"))
            shop.ask(GetUserById("ada"), after=shop.position)
            shop.close()
        assert {fold.scene for fold in recording.folds} <= {
            "Deliver at once",
            "Deliver in the background",
        }
        assert "caught up" in recording.folds[-1].note
        assert Recording.from_json(recording.to_json()) == recording


def test_forms_are_recorded_on_the_lowest_rung():
    with open_shop("crud") as shop:
        with_a_draft(shop)
        with shop.record("forms") as recording:
            form = shop.crud.load("orders", "o-7")
            shop.crud.save("orders", {**form, "shipping_address": "Here"}, version=form["version"])
            with pytest.raises(ConcurrencyConflict):
                shop.crud.save("orders", form, version=form["version"])
            with pytest.raises(UnknownId):
                shop.crud.load("orders", "o-8")
        assert kinds(recording) == [
            *("query", "load", "answer"),
            *("command", "save", "commit", "accept"),
            *("command", "rollback", "reject"),
            *("query", "reject"),
        ]
        assert recording.steps[0].call == 'shop.crud.load("orders", "o-7")'
        assert_shows(recording, shop)


def test_recordings_nest_and_end_even_when_something_breaks(clock):
    with open_shop("one-database", clock=clock) as shop:
        with pytest.raises(ZeroDivisionError), shop.record("outer") as outer:
            shop.send(CreateUser("ada", "Ada", "a@example.org"))
            with shop.record("inner") as inner:
                shop.send(RenameUser("ada", "Ada King"))
                with pytest.raises(UnknownId):
                    shop.send(RenameUser("bob", "Bob"))
            1 / 0
        shop.send(RenameUser("ada", "Ada Byron"))
        assert not shop.hops.listeners
    assert [step.kind for step in outer.steps][-len(inner.steps) :] == kinds(inner)
    assert inner.initial["write"]["users"]["ada"]["name"] == "Ada"
    assert outer.state(len(outer.steps))["write"]["users"]["ada"]["name"] == "Ada King"


def test_the_same_run_gives_the_same_recording(rung):
    def run():
        with open_shop(rung, clock=TickingClock()) as shop, shop.record("again", seed=7) as r:
            with_a_draft(shop)
            shop.send(PlaceOrder("o-7"))
            shop.deliver()
        return r.to_json()

    assert run() == run()


def test_a_named_scene_covers_several_calls(clock):
    with open_shop("two-stores", clock=clock) as shop, shop.record("scenes") as recording:
        recording.begin_scene("Look too early")
        for _ in range(2):
            with pytest.raises(NotFound):
                shop.ask(GetUserById("ada"))
        recording.begin_scene(None)
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
    names = [name for name, _ in groupby(step.scene for step in recording.steps)]
    assert names == ["Look too early", "Create user ada"]


def test_of_a_large_table_at_most_200_rows_are_kept_those_that_change_among_them(rung, clock):
    with open_shop(rung, clock=clock) as shop:
        for n in range(300):
            shop.send(AddProduct(f"p-{n:03}", "P", 5, 5))
        shop.deliver()
        with shop.record("large") as recording:
            shop.send(Restock("p-299", 1))
            shop.send(AddProduct("a", "A", 5, 5))
            shop.deliver()
        for n in range(len(recording.steps) + 1):
            for tables in recording.state(n).values():
                assert all(len(rows) <= 200 for rows in tables.values())
        end = recording.state(len(recording.steps))
        if rung == "event-sourced":
            assert end["write"]["events"]["302"]["body"]["sku"] == "a"
        else:
            assert end["write"]["products"]["p-299"]["stock"] == 6
            assert end["write"]["products"]["a"]["stock"] == 5
        if rung in EVENTFUL:
            assert end["read"]["catalogue"]["p-299"]["stock"] == 6
        removed = [rows for s in recording.steps for t in s.changes.get("write", {}).values()
                   for rows in t.values() if rows is None]  # fmt: skip
        assert removed == []


def test_a_message_that_cannot_be_shown_is_recorded_all_the_same():
    class Silent:
        def __repr__(self):
            raise RuntimeError("no")

    class Strange:
        def __init__(self):
            self.text, self.thing = "half \ud800 a letter", Silent()

    handlers = {**HANDLERS, Strange: lambda command, work: None}
    with open_shop("one-database", handlers=handlers) as shop, shop.record("odd") as recording:
        shop.send(Strange())
    recording.to_json().encode()
    assert kinds(recording) == ["command", "commit", "accept"]


def test_several_threads_may_send_while_one_records():
    with open_shop("two-stores") as shop, shop.record("crowd") as recording:

        def work(n):
            for i in range(10):
                shop.send(AddProduct(f"p-{n}-{i}", "P", 5, 5))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shop.deliver()
        assert Counter(kinds(recording))["accept"] == 40
        assert [step.n for step in recording.steps] == list(range(1, len(recording.steps) + 1))
        assert_shows(recording, shop)
    assert Recording.from_json(recording.to_json()) == recording


def test_recording_a_closed_shop_is_refused():
    shop = open_shop("crud")
    shop.close()
    with pytest.raises(ShopClosed), shop.record("late"):
        pass


@pytest.mark.parametrize("rung", EVENTFUL)
def test_damaged_rows_do_not_disturb_a_shop_that_is_recorded(rung):
    with open_shop(rung) as shop:
        with_a_draft(shop)
        log = "outbox" if rung == "two-stores" else "events"
        with shop.commands.store.transaction() as connection:
            connection.execute(f"UPDATE {log} SET body = 'no JSON' WHERE position = 1")
        with shop.projecting.store.transaction() as connection:
            connection.execute("UPDATE doc_users SET body = 'no JSON'")
        with shop.record("damaged") as recording:
            shop.send(AddProduct("mug", "Mug", 5, 5))
            shop.deliver()
        assert recording.initial["read"]["users"]["ada"] == {"damaged": "no JSON"}
        assert shop.ask(GetCatalogue())[0].sku == "mug"


IDS = st.sampled_from(["a", "b", "c"])
ACTIONS = st.one_of(
    st.builds(CreateUser, IDS, st.just("N"), st.sampled_from(["a@x.org", "b@x.org"])),
    st.builds(RenameUser, IDS, st.sampled_from(["M", "N"])),
    st.builds(AddProduct, IDS, st.just("P"), st.just(5), st.integers(0, 3)),
    st.builds(Restock, IDS, st.integers(1, 3)),
    st.builds(CreateOrder, IDS, IDS),
    st.builds(AddOrderItem, IDS, IDS, st.integers(1, 3)),
    st.builds(RemoveOrderItem, IDS, IDS),
    st.builds(PlaceOrder, IDS),
    st.builds(CancelOrder, IDS, st.just("why")),
    st.builds(GetOrder, IDS),
    st.builds(GetOrderHistory, IDS),
    st.sampled_from([1, None, "orders", "rebuild"]),
)


@settings(max_examples=25, deadline=None)
@given(rung=st.sampled_from(list(LADDER)), actions=st.lists(ACTIONS, max_size=25))
def test_whatever_happens_the_recording_adds_up_to_what_the_stores_hold(rung, actions):
    payments = DemoPayments(declines={"c"})
    with open_shop(rung, clock=TickingClock(), payments=payments) as shop:
        with shop.record("anything") as recording:
            for action in actions:
                with suppress(ShopError):
                    act(shop, action)
        assert_shows(recording, shop)
    again = Recording.from_json(recording.to_json())
    assert again == recording and again.to_json() == recording.to_json()
    assert all(len(step.note) <= 130 for step in recording.steps)


def act(shop, action):
    match action:
        case int() | None:
            shop.deliver(action)
        case "rebuild":
            shop.rebuild("orders")
        case str():
            shop.deliver(only=action)
        case GetOrder() | GetOrderHistory():
            shop.ask(action)
        case _:
            shop.send(action)


@pytest.mark.parametrize("rung", LADDER)
def test_what_is_sent_or_asked_the_wrong_way_leaves_a_step_and_nothing_else(rung):
    with open_shop(rung) as shop, shop.record("the wrong way") as recording:
        for call in (
            lambda: shop.send(GetCatalogue()),
            lambda: shop.ask(CreateUser("ada", "Ada", "a@example.org")),
            lambda: shop.send(3),
        ):
            with pytest.raises(UnknownMessage):
                call()
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
    wrong = recording.steps[:3]
    assert [(step.kind, step.name) for step in wrong] == [("reject", "UnknownMessage")] * 3
    assert "GetCatalogue is a query: use shop.ask" in wrong[0].note
    assert "CreateUser is a command: use shop.send" in wrong[1].note
    assert [step.call.partition("(")[0] for step in wrong] == ["shop.send", "shop.ask", "shop.send"]
    assert all(set(step.changes) <= {"screen"} for step in wrong)
    assert recording.steps[3].kind == "command"
    assert recording.state(3)["screen"]["answers"] == {}
