"""Readers and writers at once: every situation on every rung, and what becomes of the figures."""

import threading
from array import array
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from cqrs_demo import LADDER, InvalidMessage, ShopError
from cqrs_demo.lab.experiments import contention
from cqrs_demo.lab.experiments.contention import (
    PHASES,
    Contention,
    Phase,
    measure,
    planned,
    summed,
    with_ratios,
)
from cqrs_demo.lab.experiments.workers import Report
from cqrs_demo.lab.watching import Cancelled, Watch


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def told():
    return {"progress": [], "results": []}


@pytest.fixture(scope="module")
def found(cache, told):
    """Every rung and situation, once for real: so briefly that the figures mean nothing."""
    watch = Watch(lambda *what: told["progress"].append(what), told["results"].append)
    return measure(30, 1, 1, seconds=0.02, warm_up=0.0, repeats=2, cache=cache, watch=watch)


def test_every_situation_is_measured_on_every_rung(found):
    rows = found.frame
    expected = [
        (rung, work, situation)
        for rung in LADDER
        for work in ("read", "write")
        for situation in ("alone", "apart", "together")
    ]
    assert [*zip(rows["rung"], rows["work"], rows["situation"], strict=True)] == expected
    assert (rows["repeats"] == 2).all()
    assert (rows["per_second"] > 0).all()
    assert (rows["low"] <= rows["per_second"]).all()
    assert (rows["per_second"] <= rows["high"]).all()
    assert (rows["p50_ms"] <= rows["p95_ms"]).all()
    assert (rows[rows["situation"] == "alone"]["of_alone"] == 1).all()


def test_rungs_without_events_are_never_behind(found):
    behind = found.frame.set_index("rung")["events_behind"]
    assert (behind[["crud", "one-database"]] == 0).all()


def test_it_tells_how_far_it_is_and_shows_what_it_has_after_each_repeat(found, told):
    pieces = len(LADDER) * len(PHASES) * 2
    done = [n for n, total, _ in told["progress"] if total == pieces]
    assert done == [*range(pieces + 1)]
    assert "filling shops with 30 orders" in told["progress"][0][2]
    (half,) = told["results"]
    assert len(half.runs) == len(found.runs) / 2


def test_each_repeat_measures_everything_in_an_order_of_its_own():
    plan = [*planned(("crud", "two-stores"), 3, seed=1)]
    orders = [[each[1:] for each in plan if each[0] == repeat] for repeat in (1, 2, 3)]
    assert all(Counter(order) == Counter(orders[0]) for order in orders)
    assert orders[0] != orders[1] != orders[2]
    assert all(len({rung for rung, _ in order[:4]}) == 1 for order in orders)  # side by side
    assert plan == [*planned(("crud", "two-stores"), 3, seed=1)]


def test_what_is_together_shares_files_and_what_is_apart_does_not(tmp_path):
    setting = contention._Setting({}, tmp_path, readers=2, writers=1, warm_up=0, seconds=1, seed=1)
    places = {"read": tmp_path / "a", "write": tmp_path / "b", "deliver": tmp_path / "b"}
    tasks = [*setting._tasks("two-stores", Phase("apart", ("read", "write")), places)]
    assert Counter(task.work for task in tasks) == {"read": 2, "write": 1, "deliver": 1}
    where = {task.work: {url.split("/")[-2] for url in task.urls.values()} for task in tasks}
    assert where == {"read": {"a"}, "write": {"b"}, "deliver": {"b"}}
    assert len({task.seed for task in tasks if task.work == "read"}) == 2


@pytest.mark.parametrize(("rung", "count"), [("crud", 0), ("event-sourced", 1)])
def test_events_are_delivered_by_a_process_of_its_own_where_there_are_writers(
    rung, count, tmp_path
):
    setting = contention._Setting({}, tmp_path, readers=1, writers=1, warm_up=0, seconds=1, seed=1)
    places = dict.fromkeys(("read", "write", "deliver"), tmp_path)
    works = [task.work for task in setting._tasks(rung, Phase("alone", ("write",)), places)]
    assert works.count("deliver") == count
    works = [task.work for task in setting._tasks(rung, Phase("alone", ("read",)), places)]
    assert works == ["read"]


def test_several_workers_of_a_kind_are_put_together():
    fast = Report(array("d", [0.001] * 30), seconds=1.0, behind=0)
    slow = Report(array("d", [0.010] * 10), seconds=2.0, behind=0)
    found = summed([fast, slow], behind=3)
    assert found["calls"] == 40
    assert found["per_second"] == 35
    assert found["p50_ms"] == pytest.approx(1)
    assert found["p95_ms"] == pytest.approx(10)
    assert found["events_behind"] == 3


def test_a_worker_that_came_to_nothing_has_no_percentiles():
    found = summed([Report(array("d"), seconds=1.0, behind=0)], behind=0)
    assert found["per_second"] == 0
    assert np.isnan(found["p50_ms"])


def invented(alone=(100.0, 200.0), together=(50.0, 180.0)):
    """Two repeats with figures that are easy to check; the machine was twice as fast in one."""
    rows = []
    for rung in LADDER:
        for work in ("read", "write"):
            for repeat in (0, 1):
                per_second = {"alone": alone[repeat], "apart": 80.0, "together": together[repeat]}
                for situation, value in per_second.items():
                    rows.append(
                        {"rung": rung, "repeat": repeat, "work": work, "situation": situation,
                         "per_second": value, "p50_ms": 1.0, "p95_ms": 2.0, "events_behind": 4}
                    )  # fmt: skip
    return Contention(with_ratios(rows), 2, 1, 500)


def test_situations_are_compared_within_one_repeat():
    frame = invented().frame.set_index(["rung", "work", "situation"])
    row = frame.loc[("crud", "read", "together")]
    assert row["per_second"] == 115
    assert (row["low"], row["high"]) == (50, 180)
    assert row["of_alone"] == pytest.approx((0.5 + 0.9) / 2)  # not 115 / 150


def test_the_sentences_say_what_one_machine_can_show_and_how_noisy_it_was():
    told = invented().sentences()
    assert "interference, not scaling" in told[0]
    assert "crud: together, reads 115/s, 70% of those alone" in told[1]
    assert "behind" not in told[1]
    assert "4 events behind" in told[3]
    assert told[-1].startswith("Repeats differed by up to 3.6 times")
    assert "measure again when it is quiet" in told[-1]
    quiet = invented(together=(150.0, 180.0)).sentences()[-1]
    assert quiet == "Repeats differed by up to 2.0 times; smaller differences mean nothing."
    once = invented()
    runs = once.runs[once.runs["repeat"] == 0]
    assert "Measured once" in Contention(runs, 2, 1, 500).sentences()[-1]


def test_the_chart_stands_on_the_frame_and_says_in_words_what_it_shows():
    found = invented()
    for theme in ("light", "dark", "print"):
        chart = found.chart(theme)
        pd.testing.assert_frame_equal(chart.frame, found.frame)
        assert chart.to_svg().startswith(b"<?xml")
    assert "2 readers, 1 writer, 500 orders" in chart.alt
    assert "event-sourced writes 115/s, 70% of alone" in chart.alt


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"orders": 0}, "orders"),
        ({"orders": -5}, "orders"),
        ({"orders": 10**6}, "orders"),
        ({"readers": 0}, "readers"),
        ({"writers": 99}, "writers"),
        ({"repeats": 0}, "repeats"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"warm_up": -1}, "warm_up"),
        ({"seed": -1}, "seed"),
    ],
)
def test_numbers_out_of_range_are_named_before_anything_is_started(bad, named, cache):
    with pytest.raises(InvalidMessage, match=named):
        measure(**bad, cache=cache)


def test_what_it_worked_on_is_removed(found, cache):
    assert [*cache.glob(".working-*")] == []
    assert [*cache.iterdir()] != []  # but what was filled is kept


def test_an_unknown_rung_is_named(cache):
    with pytest.raises(ShopError, match="no rung 'nope'"):
        measure(30, rungs=["nope"], cache=cache)


def test_cancelling_leaves_no_process_behind(cache, monkeypatch):
    started = []

    class Seen(contention.Workers):
        def __init__(self, count):
            super().__init__(count)
            started.extend(self.processes)

    monkeypatch.setattr(contention, "Workers", Seen)
    stop = threading.Event()
    watch = Watch(lambda done, total, doing: stop.set() if done else None, cancelled=stop)
    with pytest.raises(Cancelled):
        measure(30, 1, 1, seconds=0.01, repeats=1, rungs=["crud"], cache=cache, watch=watch)
    assert len(started) == 3
    assert not any(process.is_alive() for process in started)
