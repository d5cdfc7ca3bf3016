"""Whoever is recorded works as if nobody watched, whatever a learner's objects do."""

import linecache
import sqlite3
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from cqrs_demo import *
from cqrs_demo.recording import Recording


class Rude:
    """Fails at whatever one may ask of an object."""

    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    __hash__ = None


@dataclass
class Note:
    sku: str
    note: Any = None


def itself():
    found = []
    found.append(found)
    return found


def deep(levels=600):
    found = "bottom"
    for _ in range(levels):
        found = [found]
    return found


STRANGE = {
    "itself": itself,
    "deep": deep,
    "a frame": lambda: pd.DataFrame({"a": [1, 2]}),
    "a number of pandas": lambda: pd.Series([1.5]).iloc[0],
    "rude": Rude,
    "a set": lambda: {"b", "a", ("c",)},
    "bytes": lambda: b"\xff",
    "a generator": lambda: (n for n in range(3)),
    "a dict of odd keys": lambda: {1: {None: "x"}, ("a",): 2},
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_message_is_carried_out_and_the_recording_can_be_written(name, rung):
    done = []
    handlers = {**HANDLERS, Note: lambda command, work: done.append(command)}
    with open_shop(rung, handlers=handlers) as shop:
        with shop.record("strange") as recording:
            shop.send(Note("tea", STRANGE[name]()))
        assert len(done) == 1
    assert [step.kind for step in recording.steps] == ["command", "commit", "accept"]
    assert Recording.from_json(recording.to_json()).to_json() == recording.to_json()
    assert " at 0x" not in str([(step.call, step.payload) for step in recording.steps])


def test_an_error_that_cannot_be_told_is_the_learners_own():
    class Mute(CommandRejected):
        def __str__(self):
            raise RuntimeError("no")

    def refuse(command, work):
        raise Mute

    own = {**HANDLERS, Note: refuse}
    with (
        open_shop("crud", handlers=own) as shop,
        shop.record("mute") as recording,
        pytest.raises(Mute),
    ):
        shop.send(Note("tea"))
    assert recording.steps[-1].kind == "reject"


def test_a_message_that_asks_the_shop_while_it_is_looked_at_does_not_hang():
    class Curious:
        def __repr__(self):
            return f"{len(shop.ask(GetCatalogue()))} products"

    with open_shop("two-stores", handlers={**HANDLERS, Note: lambda c, w: None}) as shop:
        with shop.record("curious") as recording:
            shop.send(Note("tea", Curious()))
        assert {step.kind for step in recording.steps} == {"command", "commit", "accept"}


def test_a_projection_that_was_taken_away_afterwards_goes_on():
    mine = dict(PROJECTIONS)
    with open_shop("two-stores", projections=mine) as shop:
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
        del mine["orders"]
        with shop.record("gone"):
            assert shop.deliver() == 1


def test_listeners_that_were_cleared_do_not_hide_what_happened():
    with open_shop("crud") as shop:
        with pytest.raises(ZeroDivisionError), shop.record("cleared") as recording:
            shop.send(AddProduct("tea", "Tea", 5, 5))
            shop.hops.listeners.clear()
            1 / 0
        assert len(recording.steps) > 3


def test_a_query_handler_may_use_its_connection_as_it_likes():
    def catalogue(query, connection):
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute("SELECT sku FROM products")]
        finally:
            connection.row_factory = None

    with open_shop("one-database", queries={**QUERIES, GetCatalogue: catalogue}) as shop:
        shop.send(AddProduct("tea", "Tea", 5, 5))
        with shop.record("factory"):
            assert shop.ask(GetCatalogue()) == [{"sku": "tea"}]


@pytest.mark.parametrize("row", [{}, None, [], "x"])
def test_a_form_that_makes_no_sense_is_refused_as_ever(row):
    with open_shop("crud") as shop, shop.record("form"), pytest.raises(InvalidMessage):
        shop.crud.save("users", row)


@pytest.mark.parametrize("title", [None, 5, ""])
def test_a_recording_needs_a_title(title):
    with open_shop("crud") as shop, pytest.raises(InvalidMessage), shop.record(title):
        pass


def test_many_rows_one_after_another_are_all_seen(clock):
    with open_shop("two-stores", clock=clock) as shop:
        with shop.record("many") as recording:
            for n in range(230):
                shop.send(Restock("tea", 1) if n else AddProduct("tea", "Tea", 5, 5))
                if n < 229:
                    shop.deliver()
        end = recording.state(len(recording.steps))
        assert list(end["outbox"]["waiting"]) == ["230"]
        assert end["write"]["products"]["tea"]["stock"] == 234


def test_a_query_within_a_query_leaves_the_outer_ones_steps_alone(clock):
    def history(query, read):
        with pytest.raises(NotFound):
            shop.ask(GetUserById("nobody"))
        return read["order_history"].find("user_id", query.user_id)

    queries = {**QUERIES, GetOrderHistory: history}
    own = {"queries": queries, "clock": clock}
    with open_shop("two-stores", **own) as shop, shop.record("nested") as recording:
        shop.ask(GetOrderHistory("ada"))
    assert recording.steps[-1].call == 'shop.ask(GetOrderHistory("ada"))'
    assert 'shop.ask(GetUserById("nobody"))' in {step.call for step in recording.steps}


def test_documents_that_another_shop_delivered_are_seen_by_the_query(tmp_path):
    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    with open_shop("two-stores", **urls) as shop, open_shop("two-stores", **urls) as other:
        shop.send(AddProduct("tea", "Tea", 5, 5))
        with shop.record("two") as recording:
            other.deliver()
            shop.ask(GetCatalogue())
    end = recording.state(len(recording.steps))
    assert end["read"]["catalogue"]["tea"]["stock"] == 5
    (answer,) = end["screen"]["answers"].values()
    assert (answer["reflects"], answer["stale"]) == (1, False)


def test_a_recording_that_begins_in_the_middle_of_a_delivery_says_so():
    with open_shop("two-stores") as shop:
        shop.send(CreateUser("ada", "Ada", "a@example.org"))
        started = []

        def begin(hop):
            if hop.kind == "save" and not started:
                started.append(shop.record("late"))

        shop.hops.listeners.append(begin)
        shop.deliver()
        with started[0] as recording, shop.projecting.store.transaction():
            pass
    (step,) = recording.steps
    assert "before this recording began" in step.note


def test_what_a_handler_decides_by_itself_is_not_told_as_the_aggregates_decision():
    def restock(command, work):
        product = work.get(Product, command.sku)
        work.save(product, [ProductRestocked(command.sku, 1)])

    from cqrs_demo.domain.product import Product

    with open_shop("one-database", handlers={**HANDLERS, Restock: restock}) as shop:
        shop.send(AddProduct("tea", "Tea", 5, 5))
        with shop.record("by itself") as recording:
            shop.send(Restock("tea", 1))
    (decided,) = [s for s in recording.steps if (s.kind, s.target) == ("command", "aggregate")]
    assert "product.py" not in decided.code.file


def test_a_file_that_was_edited_and_loaded_again_shows_its_new_lines(tmp_path):
    file = tmp_path / "mine.py"

    def handler(source):
        file.write_text(source)
        names = {}
        exec(compile(source, str(file), "exec"), names)
        return names["handle"]

    def current(source):
        handlers = {**HANDLERS, Note: handler(source)}
        with open_shop("crud", handlers=handlers) as shop:
            shop.send(AddProduct("tea", "Tea", 5, 5))
            with shop.record("edited") as recording:
                shop.send(Note("tea"))
        return next(s.code.source for s in recording.steps if s.kind == "load")

    assert "first" in current(
        "def handle(command, work):\n    work.load('products', 'tea')  # first\n"
    )
    linecache.checkcache()
    second = "def handle(command, work):\n\n    work.load('products', 'tea')  # second, longer\n"
    assert "second" in current(second)


def test_sets_and_addresses_look_the_same_in_every_process():
    from cqrs_demo.recorder.messages import as_json, as_python, safe_repr

    assert as_json({"b", "a"}) == ["a", "b"]
    assert [as_python(x) for x in ({"b", "a"}, set())] == ["{'a', 'b'}", "set()"]
    assert "0x" not in as_python(object()) + safe_repr(lambda: None)
