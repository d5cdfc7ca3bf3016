"""CRUD against CQRS: everybody is measured, nobody disagrees, and the verdict is honest."""

import os
import shutil
import sqlite3
import sys
import threading
import time
from contextlib import closing

import pytest

from cqrs_demo import CancelOrder, InvalidMessage, ShipOrder, ShopError
from cqrs_demo.lab.comparison import (
    COLUMNS,
    WORKING,
    Comparison,
    arguments,
    compare,
    contestants_crud,
    contestants_orm,
    counting,
    crud_schema,
    panel,
    race,
    sizes_up_to,
)
from cqrs_demo.lab.comparison.contestants import entries
from cqrs_demo.lab.comparison.contestants_cqrs import READ_MODELS
from cqrs_demo.lab.comparison.report import as_markdown, as_text, told
from cqrs_demo.lab.comparison.rows import COSTS, MIXTURE, READS, ROWS, WRITES
from cqrs_demo.lab.comparison.verdict import duel, figure, judge, noise_told, ratio, times
from cqrs_demo.lab.importer import Clock
from cqrs_demo.lab.watching import Cancelled, Watch
from cqrs_demo.lab.workload import generated
from cqrs_demo.lab.workload.cache import copy_files, filled
from cqrs_demo.lab.workload.filling import WRITE

EVERYBODY = list(entries())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def found(folder):
    """All contestants at toy sizes."""
    return compare(60, sizes=[30, 60], rounds=2, lag=0.5, reads_a_write=3, folder=folder)


def test_everybody_is_measured_in_every_row_at_every_size(found):
    assert found.sizes == [30, 60]
    for size in found.sizes:
        for row in (*READS, *WRITES):
            rounds = found.rounds(size, row.name)
            assert list(rounds) == EVERYBODY
            assert all(len(values) == 2 and min(values) > 0 for values in rounds.values())
        for row in COSTS:
            measured = set(found.rounds(size, row.name))
            with_copies = {"crud-view", "two-stores", "event-sourced"}
            assert measured == (with_copies if row.name == "rebuild" else set(EVERYBODY))
    assert found.skipped == {}
    assert found.answers > 1_000


def test_every_value_is_in_the_frame_in_its_unit(found):
    frame = found.frame
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == len(found.samples)
    assert (frame["low"] <= frame["p50"]).all()
    assert (frame["p50"] <= frame["p95"]).all()
    line = frame[(frame["name"] == "order") & (frame["contestant"] == "CRUD, indexed")].iloc[0]
    assert line["unit"] == "ms"
    seconds = [x for rounds in found.samples[30, "order", "crud-indexed"] for x in rounds]
    assert line["values"] == len(seconds)
    assert min(seconds) * 1_000 <= line["p50"] <= max(seconds) * 1_000


def test_a_lag_delays_only_who_delivers_events(found):
    lagging = found.rounds(60, "lag")
    assert {name for name, rounds in lagging.items() if min(rounds) > 0.5} == {
        "two-stores",
        "event-sourced",
    }


def test_an_order_and_its_reads_add_up(found):
    for name in EVERYBODY:
        read = sum(n * found.rounds(60, row)[name][0] for row, n in MIXTURE.items()) / 100
        expected = found.rounds(60, "place_seen")[name][0] + 3 * read
        assert found.rounds(60, "mix")[name][0] == pytest.approx(expected)
    assert sum(MIXTURE.values()) == 100


def test_what_costs_no_time_is_counted_from_the_sources_and_the_files(found):
    parts = found.parts
    assert parts["crud-keys"].indexes == 0
    assert parts["crud-indexed"].indexes == len(crud_schema.INDEXES)
    assert parts["crud-keys"].tables == 4
    assert parts["two-stores"].databases == parts["event-sourced"].databases == 2
    assert parts["crud-keys"].lines < parts["crud-view"].lines < parts["one-database"].lines
    assert parts["one-database"].lines < parts["two-stores"].lines
    storage = {name: rounds[0] for name, rounds in found.rounds(60, "storage").items()}
    assert storage["crud-keys"] < storage["crud-indexed"] < storage["crud-view"]
    assert storage["crud-view"] < storage["two-stores"]


def test_the_verdict_names_a_winner_or_says_that_there_is_none_in_every_row(found):
    verdict = found.verdict()
    assert len(verdict) == len(ROWS)
    told_ = verdict["who wins"]
    assert told_.str.match(r"(CRUD|CQRS) [\d.,]+x \(.+\)|a tie|too noisy to tell").all()
    assert list(found.verdicts()["orders"].unique()) == [30, 60]
    by_row = {judged.row: judged for judged in found.judged()}
    assert by_row["storage"].winner == "CRUD"
    assert by_row["storage"].best == "crud-keys"


def test_every_row_that_cqrs_loses_is_said_in_words(found):
    text = " ".join(told(found))
    for judged in found.judged():
        if judged.winner == "CRUD":
            label = ROWS[judged.row].label
            assert f"{label} {times(judged.by)}" in text.partition("CQRS loses")[2]
    printed = as_text(found)
    assert "SQLite: " in printed
    assert "The machine was" in printed
    assert all(len(line) <= 125 for line in printed.splitlines())


def test_in_a_terminal_a_winner_without_a_column_has_its_figure_behind_its_name(found):
    head, _, *lines = as_text(found).splitlines()
    assert " keys " not in head
    verdict = found.verdict()
    by_keys = verdict[verdict["who wins"].str.endswith("(keys)")]
    assert len(by_keys) > 2
    for _, row in by_keys.iterrows():
        (line,) = (line for line in lines if line.startswith(row["row"] + " "))
        assert line.endswith(f"{row['who wins'][:-1]}: {row['keys']})")


def test_broken_at_each_semicolon_an_outcome_is_a_heading_and_a_list_of_all_its_rows(found):
    """As the cell in lesson 06 does."""
    shown = "\n".join(f"- {each}" for each in found.sentences()).replace("; ", "\n    - ")
    lines = shown.splitlines()
    for outcome, winner in (("CQRS wins", "CQRS"), ("CQRS loses", "CRUD")):
        rows = [ROWS[judged.row].label for judged in found.judged() if judged.winner == winner]
        heading = f"- {outcome} {len(rows) or 'none'} of {len(ROWS)} rows"
        (at,) = (n for n, line in enumerate(lines) if line.startswith(heading))
        assert lines[at] == heading + ("" if rows else ".")
        below = lines[at + 1 : at + 1 + len(rows)]
        assert all(line.startswith(f"    - {row} ") for line, row in zip(below, rows, strict=True))
        assert not lines[at + 1 + len(rows)].startswith("    ")


def test_the_report_holds_all_sizes_all_figures_and_who_took_part(found):
    report = as_markdown(found)
    assert "## Who wins at 30 orders" in report
    assert "## Who wins at 60 orders" in report
    for entry in found.entries.values():
        assert f"**{entry.label}**: {entry.told}" in report
    assert report.count("\n| 60 | ") == len(found.frame[found.frame["orders"] == 60])


def test_nothing_is_left_beside_the_filled_databases(found, folder):
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


# what may go wrong


def toy(folder, **options):
    return compare(30, sizes=[30], rounds=1, folder=folder, **options)


def test_without_sqlalchemy_the_others_are_measured(folder, monkeypatch):
    monkeypatch.setattr(contestants_orm, "find_spec", lambda _: None)
    found = toy(folder)
    assert list(found.skipped) == ["orm-lazy", "orm-selectin"]
    assert set(found.rounds(30, "order")) == set(EVERYBODY) - set(found.skipped)
    assert "pip install 'cqrs-demo[compare]'" in " ".join(told(found))
    assert set(found.verdict()["ORM"]) == {"-"}


def test_a_sqlalchemy_that_cannot_be_loaded_is_said_to_be_so(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, f"{contestants_orm.__package__}.orm_shop", None)
    found = toy(folder)
    assert {"orm-lazy", "orm-selectin"} <= set(found.skipped)
    assert "SQLAlchemy cannot be loaded" in found.skipped["orm-lazy"]


@pytest.mark.parametrize(
    ("file", "damaged"),
    [
        ("crud/write.db", b""),
        ("one-database/write.db", b"no database at all"),
        ("two-stores/read.db", b"no database at all"),
        ("event-sourced/write.db", b""),  # documents that know events which the log does not have
    ],
)
def test_damaged_databases_are_named_with_what_to_do(file, damaged, tmp_path):
    toy(tmp_path)
    (found,) = tmp_path.rglob(file)
    found.write_bytes(damaged)
    with pytest.raises(ShopError, match=r"is damaged .* remove that folder") as told:
        toy(tmp_path)
    assert str(found.parent.parent) in str(told.value)


def test_a_contestant_that_answers_differently_stops_the_comparison(folder, monkeypatch):
    wrong = "SELECT sku, name FROM products WHERE name <> ? AND sku = 'p-00000'"
    monkeypatch.setattr(contestants_crud, "SEARCH", wrong)
    with pytest.raises(ShopError, match="disagree on 'search'"):
        toy(folder)


@pytest.mark.parametrize("error", [KeyboardInterrupt, Cancelled])
def test_whatever_ends_it_early_leaves_what_was_measured_and_no_files(error, folder):
    found = Comparison()

    def stop(done, total, doing):
        if "round 2" in doing:
            raise error

    with pytest.raises(error):
        compare(30, sizes=[30], rounds=3, folder=folder, watch=Watch(stop), into=found)
    assert len(found.samples[30, "order", "two-stores"]) == 1
    assert len(found.verdict()) > 10
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_what_a_killed_comparison_left_is_removed_when_it_is_old(folder):
    old, new = folder / f"{WORKING}old", folder / f"{WORKING}new"
    for left in (old, new):
        left.mkdir()
        (left / "write.db").write_bytes(b"half of a database")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    toy(folder)
    assert not old.exists()
    assert new.exists()  # somebody may be at work in it
    shutil.rmtree(new)


def test_a_slow_machine_gets_fewer_rounds(folder, monkeypatch):
    monkeypatch.setattr("cqrs_demo.lab.comparison.SECONDS_A_SIZE", 0)
    found = compare(30, sizes=[30], rounds=9, folder=folder)
    assert len(found.rounds(30, "order")["two-stores"]) == 3


@pytest.mark.parametrize(
    ("option", "value"), [("lag", -1), ("lag", "1"), ("rounds", 0), ("reads_a_write", -1)]
)
def test_what_makes_no_sense_is_refused_before_anything_is_measured(option, value, folder):
    with pytest.raises(InvalidMessage, match=option):
        compare(30, folder=folder, **{option: value})


def test_nothing_measured_is_said_so():
    empty = Comparison()
    assert told(empty) == ["Nothing has been measured yet."]
    assert as_text(empty) == "Nothing was measured."
    assert empty.verdict().empty
    assert len(empty.frame) == 0


def test_sizes_show_growth():
    assert sizes_up_to(16_000) == [1_000, 4_000, 16_000]
    assert sizes_up_to(200) == [100, 200]
    assert sizes_up_to(7) == [7]


# contestants


@pytest.fixture
def opened(folder, tmp_path):
    """Everybody, on a copy of the same shop."""
    clock, workload = Clock(), generated(60)
    clock.now = arguments.choose_arguments(workload, 1)[1]
    files = filled(workload, folder=folder, projections=READ_MODELS)
    running = {}
    for name, entry in entries().items():
        copy_files(files[entry.rung], tmp_path / name)
        running[name] = entry.open(tmp_path / name, clock)
    yield running
    for contestant in running.values():
        contestant.close()


def test_lists_stay_right_when_orders_are_shipped_and_cancelled(opened):
    """Documents by their events, and the view by its triggers; nobody measures it."""
    view, shop = opened["crud-view"], opened["two-stores"].shop
    (user, *_), sku = [u["user_id"] for u in shop.tables()["users"]], "p-00001"
    before = view.best_sellers()
    for order_id, end in (("a", ShipOrder("a")), ("b", CancelOrder("b", "")), ("c", None)):
        for contestant in (view, opened["two-stores"]):
            contestant.draft(order_id, user, [(sku, 3)])
            contestant.place(order_id)
        if end:
            shop.send(end)
            status = "shipped" if isinstance(end, ShipOrder) else "cancelled"
            sql = "UPDATE orders SET status = ?, version = version + 1 WHERE order_id = ?"
            view.connection.execute(sql, (status, order_id))
    shop.deliver()
    assert view.best_sellers() != before
    for question, asked in (
        ("best_sellers", ()),
        ("recent_orders", ()),
        ("last_orders", (user,)),
        ("history", (user,)),
    ):
        answer = getattr(view, question)(*asked)
        assert answer == getattr(opened["two-stores"], question)(*asked)
    kept = view.best_sellers(), view.history(user), view.search("lamp")
    assert view.rebuild()
    assert (view.best_sellers(), view.history(user), view.search("lamp")) == kept


def test_a_draft_that_is_cancelled_and_a_new_name_reach_the_last_orders(opened):
    contestant = opened["event-sourced"]
    shop = contestant.shop
    user = shop.documents()["last_orders"][0]["user_id"]
    contestant.draft("x", user, [("p-00001", 1)])
    shop.send(CancelOrder("x", "never placed"))
    contestant.rename(user, "Grace Hopper")
    shop.deliver()
    assert contestant.last_orders(user) == contestant.history(user)[:10]
    assert {order.user_name for order in contestant.last_orders(user)} == {"Grace Hopper"}
    assert contestant.last_orders("nobody") == contestant.search("no such word") == []


def test_nobody_sells_what_is_not_in_stock_or_places_an_order_twice(opened):
    for contestant in opened.values():
        contestant.draft("big", "u-000000", [("p-00001", 900_000), ("p-00002", 1)])
        before = contestant.best_sellers()
        with pytest.raises(ShopError, match="in stock"):
            contestant.place("big")
        contestant.catch_up()
        assert contestant.order("big").status == "draft"
        assert contestant.best_sellers() == before
        contestant.draft("small", "u-000000", [("p-00002", 1)])
        contestant.place("small")
        with pytest.raises(ShopError, match="small"):
            contestant.place("small")
        with pytest.raises(ShopError, match="no order"):
            contestant.order("none")


def test_an_order_that_cannot_be_placed_leaves_no_stock_reserved(opened, tmp_path):
    """The first product is in stock, and the second is not: all of it, or none of it."""
    for name, contestant in opened.items():
        contestant.draft("half", "u-000000", [("p-00001", 1), ("p-00002", 900_000)])
        if name == "event-sourced":
            before = contestant.shop.position
        else:
            sql = "SELECT sku, stock, version FROM products"
            with closing(sqlite3.connect(tmp_path / name / WRITE)) as file:
                before = file.execute(sql).fetchall()
        with pytest.raises(ShopError, match="in stock"):
            contestant.place("half")
        if name == "event-sourced":
            assert contestant.shop.position == before
        else:
            with closing(sqlite3.connect(tmp_path / name / WRITE)) as file:
                assert file.execute(sql).fetchall() == before, name


def test_all_files_have_the_same_durability(opened, tmp_path):
    for name, contestant in opened.items():
        with closing(sqlite3.connect(tmp_path / name / WRITE)) as file:
            assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",), name
        connection = getattr(contestant, "connection", None)
        if connection is None and hasattr(contestant, "engine"):
            connection = contestant.engine.raw_connection().driver_connection
        if connection is None:
            with contestant.shop.commands.store.reading() as connection:
                assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
            continue
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)  # NORMAL
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


# counting


def test_lines_of_a_function_are_those_that_hold_code(tmp_path):
    (tmp_path / "a.py").write_text(
        '"""A module."""\n\n\n'
        "@decorated\n"
        "def one(a):\n"
        '    """A docstring\n    of two lines."""\n'
        "    # a comment\n\n"
        "    return [\n        a,\n    ]\n\n\n"
        "two = 2\n"
    )
    assert counting.lines_of(tmp_path / "a.py", 4) == {4, 5, 10, 11, 12}


def test_only_functions_of_this_program_count(tmp_path):
    parts = counting.parts_of(lambda: (figure(1.5), sorted([2, 1])), tmp_path)
    assert parts.functions == parts.files == 1
    assert parts.lines == 4


# the verdict


def test_a_difference_that_all_rounds_agree_on_wins():
    told_ = ratio([1, 1, 1], [2, 2.2, 3])
    assert (told_.median, told_.verdict) == (2.2, "more")
    assert ratio([2, 2.2, 3], [1, 1, 1]).verdict == "less"


def test_what_is_within_the_spread_is_a_tie():
    assert ratio([1, 1, 1], [0.9, 1.1, 1.2]).verdict == "tie"
    assert ratio([1, 1, 1], [1.03, 1.04, 1.04]).verdict == "tie"


def test_rounds_that_contradict_each_other_say_nothing():
    assert ratio([1, 1, 1], [0.5, 1.3, 2.5]).verdict == "noise"


def test_one_odd_round_on_either_side_is_forgiven():
    assert ratio([1] * 7, [0.1, 2, 2, 2, 2, 2, 90]).verdict == "more"
    assert ratio([1] * 4, [0.1, 2, 2, 90]).verdict == "noise"


def test_the_best_of_each_side_are_compared_and_the_orm_is_a_case_of_its_own():
    medians = {"crud-keys": 5.0, "crud-indexed": 2.0, "two-stores": 1.0, "orm-lazy": 0.1}
    rounds = {name: [value] * 3 for name, value in medians.items()}
    judged = judge("order", 10, rounds, entries())
    assert (judged.crud, judged.cqrs, judged.winner, judged.by) == (
        "crud-indexed",
        "two-stores",
        "CQRS",
        2.0,
    )
    assert judged.told(entries()) == "CQRS 2.0x (2 stores)"
    assert judge("order", 10, {"crud-keys": [5.0]}, entries()) is None


def test_one_round_decides_nothing_but_what_is_counted():
    rounds = {"crud-indexed": [2.0], "two-stores": [1.0]}
    judged = judge("order", 10, rounds, entries())
    assert judged.winner == "alone"
    assert judged.told(entries()) == "one round decides nothing"
    assert judge("lines", 10, rounds, entries()).winner == "CQRS"
    told_ = duel("two-stores", "crud-indexed", {"order": rounds, "lines": rounds})
    assert (told_.wins, told_.ties, told_.losses) == ({"lines": 2.0}, ["order"], {})


def test_of_one_round_it_is_said_that_it_decides_nothing(folder):
    found = toy(folder)
    text = " ".join(as_text(found).split())
    assert "One round decides nothing in 12 of 17 rows; a user's last ten orders" in text
    assert {judged.row for judged in found.judged() if judged.winner == "alone"} == {
        row.name for row in (*READS, *WRITES)
    } | {"mix"}
    assert "One round has no spread to judge by" in text
    assert "1 rounds" not in text


def test_a_duel_counts_only_rows_that_both_have():
    rows = {"a": {"x": [1], "y": [2]}, "b": {"x": [3], "y": [1]}, "c": {"x": [1]}, "d": {}}
    told_ = duel("x", "y", rows)
    assert (told_.wins, told_.ties, told_.losses, told_.told) == ({"a": 2}, [], {"b": 3}, "1-0-1")


def test_a_busy_machine_is_said_to_be_busy():
    assert "quiet" in noise_told([0.01, 0.02, 0.9])
    assert "busy" in noise_told([0.3, 0.2, 0.4])
    assert noise_told([]) == "Nothing was measured."


@pytest.mark.parametrize(("ratio", "told"), [(1.44, "1.4x"), (23.4, "23x"), (1_234, "1,200x")])
def test_times_have_two_digits(ratio, told):
    assert times(ratio) == told


# the panel


def test_a_panel_measures_and_shows(folder, monkeypatch):
    monkeypatch.setenv("CQRS_DEMO_CACHE", str(folder))
    monkeypatch.setattr("cqrs_demo.lab.comparison.generated", lambda orders, _: generated(30))
    monkeypatch.setattr("cqrs_demo.lab.comparison.sizes_up_to", lambda _: [30])
    board = panel()
    board.settings = {**board.settings, "rounds": 3, "lag": 0.5}
    board.start()
    board.wait()
    assert board.outcome["role"] == "read", board.outcome
    assert board.result["alt"]
    assert [rounds for rounds in board.found.samples[30, "order", "two-stores"] if rounds]
    assert board.found.lag == 0.5
    board.close()


def test_a_panel_can_be_cancelled(folder, monkeypatch):
    monkeypatch.setenv("CQRS_DEMO_CACHE", str(folder))
    monkeypatch.setattr("cqrs_demo.lab.comparison.generated", lambda orders, _: generated(30))
    asked = threading.Event()
    board = panel()
    monkeypatch.setattr(race.Race, "warm_up", lambda _: (asked.set(), board.cancel()))
    board.start()
    board.wait()
    assert asked.is_set()
    assert "Cancelled" in board.outcome["text"]
    board.close()
