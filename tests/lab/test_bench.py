"""The benchmarks: each runs once, tiny; what is judged, said and written; what goes wrong.

No test looks at how long anything took.
"""

import asyncio
import errno
import json
import math
import os
import shutil
import sys
from importlib.util import find_spec
from itertools import islice
from types import SimpleNamespace

import pytest

from cqrs_demo.__main__ import main
from cqrs_demo.domain.errors import ShopError
from cqrs_demo.lab.bench import appending, catalogue, commanding, projecting, running, sample
from cqrs_demo.lab.bench.benchmark import (
    COST,
    GAIN,
    SHARE,
    Benchmark,
    Figure,
    Other,
    Target,
    figure,
)
from cqrs_demo.lab.bench.measuring import (
    CPU,
    WALL,
    Contestant,
    Measured,
    Spread,
    each,
    measure,
    spread,
)
from cqrs_demo.lab.bench.sqlite_files import FULL, MEMORY, NORMAL
from cqrs_demo.lab.bench.stage import TOY, Sizes

PEERS = ("mediatr", "diator", "cqrs", "eventsourcing", "eventsource", "sqlalchemy")
needs_peers = pytest.mark.skipif(
    not all(find_spec(peer) for peer in PEERS), reason="the extras bench and compare are missing"
)


def run(*arguments):
    """Return the exit code, whichever way it comes."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


@pytest.fixture(scope="module", autouse=True)
def no_loop_of_others():
    """A browser that other tests have opened keeps an event loop of its own in this thread."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All benchmarks, run once at toy size: what was printed, and what was written."""
    folder = tmp_path_factory.mktemp("bench")
    file = folder / "bench.json"
    printed = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CQRS_DEMO_CACHE", str(folder / "cache"))
        patch.setattr("builtins.print", lambda *lines, **_: printed.extend(map(str, lines)))
        code = run("bench", "--toy", "--json", str(file), "--folder", str(folder))
    written = json.loads(file.read_text(encoding="utf-8"))
    return SimpleNamespace(code=code, lines=printed, written=written, folder=folder)


@pytest.fixture
def stage(tmp_path):
    with running.open_stage(tmp_path, TOY) as stage:
        yield stage


def problems_that_may_be(problems):
    """Without aiosqlite, which that package does not bring along, its SQLite store says so."""
    return [p for p in problems if "aiosqlite" not in p or find_spec("aiosqlite")]


@needs_peers
def test_every_benchmark_runs(whole):
    assert whole.code == 0
    names = [b.name for b in catalogue.BENCHMARKS if not b.is_large]
    assert [b["name"] for b in whole.written["benchmarks"]] == names
    for benchmark in whole.written["benchmarks"]:
        assert problems_that_may_be(benchmark["problems"]) == []
        assert len(benchmark["seconds"]) >= 2
        assert all(len(times) == TOY.rounds for times in benchmark["seconds"].values())
        for one in benchmark["figures"]:
            assert math.isfinite(one["median"])
            assert one["median"] > 0


@needs_peers
def test_every_target_has_its_contestant(whole):
    """Twelve of them: all that the table of figures asks for."""
    with_target = {
        (b["name"], f["kind"])
        for b in whole.written["benchmarks"]
        for f in b["figures"]
        if f["target"]
    }
    assert {
        ("dispatch", COST),
        ("dispatch", GAIN),
        ("append-1", SHARE),
        ("append-1", GAIN),
        ("append-100", SHARE),
        ("append-100", GAIN),
        ("load-1000", COST),
        ("load-1000", GAIN),
        ("scan", SHARE),
        ("scan", GAIN),
        ("rebuild", SHARE),
        ("rebuild", GAIN),
        ("query", GAIN),
        ("command", GAIN),
    } <= with_target


@needs_peers
def test_what_is_printed_names_machine_versions_and_every_benchmark(whole):
    text = "\n".join(whole.lines)
    assert "cores" in text
    assert "SQLite 3." in text
    assert "eventsourcing 9" in text
    assert "Toy sizes" in text
    for benchmark in whole.written["benchmarks"]:
        assert f"\n{benchmark['name']}: " in text
    assert max(map(len, text.splitlines())) <= 110


@needs_peers
def test_titles_tell_the_sizes_that_ran(whole):
    told = {benchmark["name"]: benchmark["what"] for benchmark in whole.written["benchmarks"]}
    assert told["load-1000-snapshot"] == "an aggregate of 12 events, a snapshot 6 events ago"
    assert told["project-batch"] == "orders kept up to date, 10 events at a time"
    assert told["rebuild"] == "orders made anew from 60 events"
    assert told["query"] == "the last ten of 12 orders: documents, against the tables"
    text = "\n".join(whole.lines)
    assert "1,000 events" not in text
    assert "100,000 orders" not in text


@needs_peers
def test_one_round_is_not_judged(whole):
    assert {f["verdict"] for b in whole.written["benchmarks"] for f in b["figures"]} == {""}
    assert not any("targets met" in line for line in whole.lines)


def test_the_databases_are_gone_afterwards(whole):
    assert {path.name for path in whole.folder.iterdir()} <= {"bench.json", "cache"}


def test_durability_is_read_back_and_is_the_same_on_every_side(whole):
    told = {b["name"]: b["durability"] for b in whole.written["benchmarks"]}
    assert told["append-1"] == "WAL, synchronous=NORMAL"
    assert told["append-100-full"] == "WAL, synchronous=FULL"
    assert told["append-1-memory"] == "in memory"
    assert told["rebuild"] == "WAL, synchronous=NORMAL"


@needs_peers
@pytest.mark.parametrize("level", [NORMAL, FULL])
def test_another_packages_connection_is_asked_too(stage, level):
    from cqrs_demo.lab.bench import peers_eventsourcing

    assert peers_eventsourcing.append(stage, 1, level).durability().endswith(level)
    shop = peers_eventsourcing.open_shop(stage, level)
    peers_eventsourcing.pragma(shop, "synchronous = OFF")
    assert peers_eventsourcing.durability(shop, level) == "WAL, synchronous=OFF"


def test_who_promises_less_is_not_compared(stage):
    us = Contestant("us", each(int), durability=lambda: "WAL, synchronous=FULL")
    other = Contestant("them", each(int), durability=lambda: "WAL, synchronous=NORMAL")
    with pytest.raises(ShopError, match="them is not measured: it runs at WAL, synchronous=NORMAL"):
        running.require_equal_durability(us, other)
    running.require_equal_durability(us, us)


@pytest.mark.parametrize("level", [NORMAL, MEMORY])
@pytest.mark.parametrize("us", [appending.append, appending.save])
def test_what_is_appended_is_in_the_log(stage, us, level, monkeypatch):
    logs = []
    monkeypatch.setattr(
        appending, "open_log", lambda *a: logs.append(opened := original(*a)) or opened
    )
    original = running_log
    us(stage, 3, level).timed(5, WALL)
    positions = [r.position for batch in logs[0].batches(after=0) for r in batch]
    assert positions == list(range(1, len(positions) + 1))
    assert len(positions) in (15, 16)  # saving begins with the event that adds the product


def running_log(stage, level, *tables):
    from cqrs_demo.lab.bench.sqlite_files import open_log

    return open_log(stage, level, *tables)


@needs_peers
def test_the_follower_makes_the_documents_that_we_make(stage):
    """All fields but the times, which the other package takes from its own clock."""
    from cqrs_demo.lab.bench import peers_eventsourcing as peer

    made = []
    original = peer.Orders

    def remembered(env):
        made.append(original(env))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peer, "Orders", remembered)
        peer.follow(stage).timed(TOY.log, WALL)
    shop = projecting.open_shop_with_log(stage, TOY.log)
    shop.deliver()
    ours = {d["order_id"]: d for d in shop.documents()["orders"]}
    with made[0].recorder.datastore.transaction(commit=False) as cursor:
        cursor.execute("SELECT body FROM documents WHERE key NOT LIKE 'user-%'")
        theirs = {d["order_id"]: d for d in (json.loads(body) for (body,) in cursor.fetchall())}
    assert len(ours) > 1
    for document in (*ours.values(), *theirs.values()):
        document.pop("created_at")
        document["placed_at"] = bool(document["placed_at"])
        document["lines"].sort(key=lambda line: line["sku"])
    assert theirs == ours


def test_placing_really_places(stage, monkeypatch):
    shops = []
    original = commanding.open_shop
    monkeypatch.setattr(
        commanding, "open_shop", lambda stage: shops.append(s := original(stage)) or s
    )
    commanding.place(stage).timed(3, WALL)
    (shop,) = shops
    assert [order["status"] for order in shop.documents()["orders"]] == ["placed"] * 3
    assert shop.staleness == 0


def test_the_rows_of_the_limit_are_those_that_the_projection_writes(stage):
    shop = projecting.open_shop_with_log(stage, TOY.log)
    shop.deliver()
    with shop.projecting.store.reading() as connection:
        ours = connection.execute(f"SELECT * FROM {projecting.TABLE} ORDER BY 1, 2").fetchall()
    last = {}
    for rows in projecting.changes_by_position(stage).values():
        last.update({(kind, key): (kind, key, body) for kind, key, body in rows})
    assert [tuple(row) for row in ours] == [last[key] for key in sorted(last)]


def test_the_sample_is_the_same_each_time():
    assert list(sample.shop_events(50)) == list(sample.shop_events(50))
    assert [r.version for r in sample.product_stream(5)] == [1, 2, 3, 4, 5]
    assert len(list(islice(sample.product_events(), 5))) == 5


def test_contestants_take_turns_and_each_begins_in_its_turn():
    turns = []

    def contestant(name):
        def timed(n, clock):
            turns.append((name, n))
            return 2.0

        return Contestant(name, timed, at_once=4)

    measured = measure([contestant("a"), contestant("b"), contestant("c")], 3, 0.0, WALL)
    assert [name for name, _ in turns] == [*"abc", *"bca", *"cab"]
    assert measured.seconds == {name: [0.5] * 3 for name in "abc"}
    assert len(measured.lost) == 3


def test_who_is_quick_does_it_more_often():
    asked = []

    def timed(n, clock):
        asked.append(n)
        return n * 0.001

    measure([Contestant("a", timed)], 1, 0.1, WALL)
    assert asked[0] == 1
    assert 100 <= asked[-1] <= 1_000


@pytest.mark.parametrize("clock", [WALL, CPU])
def test_each_calls_as_often_as_asked(clock):
    calls = []
    assert each(lambda: calls.append(1))(7, clock) >= 0
    assert len(calls) == 7


def test_what_is_asynchronous_is_timed_inside_one_running_loop(stage):
    import asyncio

    loops = []

    async def once():
        loops.append(asyncio.get_running_loop())

    timed = stage.each(once)
    timed(2, WALL)
    timed(1, WALL)
    assert loops == [stage.loop] * 3


def test_figures_are_medians_of_ratios_within_a_round():
    measured = Measured({"us": [1.0, 10.0, 2.0], "other": [2.0, 30.0, 8.0]}, [0.0])
    assert measured.ratios("other", "us") == [2.0, 3.0, 4.0]
    assert spread([2.0, 3.0, 4.0]) == (3.0, 2.5, 3.5)
    assert spread([5.0]) == (5.0, 5.0, 5.0)


@pytest.mark.parametrize(
    ("kind", "bound", "ratios", "busy", "verdict"),
    [
        (GAIN, 10, [11, 12, 13], False, "met"),
        (GAIN, 10, [7, 8, 9], False, "short"),
        (GAIN, 10, [9.8, 9.9, 10.2], False, "unclear: too close"),
        (GAIN, 10, [9.8, 9.9, 10.2], True, "unclear: too noisy"),
        (GAIN, 10, [5, 11, 30], False, "unclear: too noisy"),
        (GAIN, 10, [11, 12, 13], True, "met"),
        (COST, 1.5, [1.0, 1.2, 1.4], False, "met"),
        (COST, 1.5, [1.6, 1.7, 1.8], False, "short"),
        (SHARE, 0.7, [0.8, 0.8, 0.8], False, "met"),
        (SHARE, 0.7, [0.5, 0.6, 0.6], False, "short"),
    ],
)
def test_a_verdict_needs_all_quartiles_on_one_side(kind, bound, ratios, busy, verdict):
    assert figure("other", kind, ratios, Target(kind, bound), busy).verdict == verdict


def test_what_has_no_target_is_not_judged():
    assert figure("other", GAIN, [1.0, 2.0, 3.0], None).verdict == ""


def test_a_missing_package_is_said_and_the_others_are_measured(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "mediatr", None)
    monkeypatch.delitem(sys.modules, "cqrs_demo.lab.bench.peers_mediatr", raising=False)
    assert run("bench", "dispatch", "--toy", "--folder", str(tmp_path)) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "mediatr is not measured: mediatr is missing; pip install 'cqrs-demo[bench]'" in text
    assert "a dict call" in text


def test_without_any_other_package_the_limit_is_measured(monkeypatch, capsys, tmp_path):
    for name in [*PEERS, *sys.modules]:
        if name.partition(".")[0] in PEERS:
            monkeypatch.setitem(sys.modules, name, None)
        elif name.startswith("cqrs_demo.lab.bench."):
            monkeypatch.delitem(sys.modules, name)
    assert run("bench", "append-1", "load-100", "scan", "--toy", "--folder", str(tmp_path)) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("eventsourcing is not measured") == 3
    assert text.count("of the limit") >= 2


def test_a_million_events_are_rebuilt_only_when_asked_for():
    usual = {b.name for b in catalogue.chosen([], is_full=False)}
    assert "rebuild-million" not in usual
    assert {b.name for b in catalogue.chosen([], is_full=True)} == {*usual, "rebuild-million"}
    assert [b.name for b in catalogue.chosen(["rebuild-million"], False)] == ["rebuild-million"]
    names = [b.name for b in catalogue.chosen(["rebuild"], is_full=True)]
    assert names == ["rebuild", "rebuild-raw", "rebuild-million"]


def test_a_group_stands_for_its_benchmarks():
    names = [b.name for b in catalogue.chosen(["load", "scan"], is_full=False)]
    assert names == ["load-100", "load-1000", "load-100-snapshot", "load-1000-snapshot", "scan"]


def test_names_are_listed(capsys):
    assert run("bench", "--list") == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == [b.name for b in catalogue.BENCHMARKS]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nonsense"], "there is no benchmark 'nonsense'; --list"),
        (["dispatch", "non\nsense"], "there is no benchmark"),
        (["--rounds", "4"], "rounds: must be from 5"),
        (["--rounds", "0"], "rounds: must be from 5"),
        (["--rounds", "-1"], "rounds: must be from 5"),
        (["--rounds", "many"], "--rounds"),
        (["--bogus"], "--bogus"),
        (["dispatch", "--folder", "no/where"], "no/where: No such file"),
        (["dispatch", "--json", "."], ".: is a folder"),
        (["dispatch", "--json", "no/file.json"], "no/file.json: cannot be written"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, problem, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("bench", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert problem in err
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_small_is_found_out_beforehand(monkeypatch, capsys, tmp_path):
    nearly_full = SimpleNamespace(free=60_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: nearly_full)
    assert run("bench", "rebuild-million", "--folder", str(tmp_path)) == 2
    err = capsys.readouterr().err
    assert "1,550 MB are needed, 60 MB are free; --folder names another one" in err


def test_one_without_room_says_so_and_the_others_are_measured(monkeypatch, capsys, tmp_path):
    original = running.run

    def no_room(benchmark, *others):
        if benchmark.name == "dispatch":
            raise ShopError("50 MB are needed, 1 MB are free")
        return original(benchmark, *others)

    monkeypatch.setattr(running, "run", no_room)
    file = tmp_path / "bench.json"
    assert run("bench", "dispatch", "publish", "--toy", "--json", str(file)) == 2
    printed = capsys.readouterr().out
    assert "dispatch is not measured: 50 MB are needed" in printed
    assert [each["name"] for each in json.loads(file.read_text())["benchmarks"]] == ["publish"]


def test_it_writes_over_its_own_json_and_over_nothing_else(capsys, tmp_path):
    file = tmp_path / "notes.md"
    file.write_text("mine")
    assert run("bench", "dispatch", "--toy", "--json", str(file)) == 2
    assert "not written by bench; --force overwrites it" in capsys.readouterr().err
    assert file.read_text() == "mine"
    for arguments in (["--force"], []):
        assert run("bench", "dispatch", "--toy", "--json", str(file), *arguments) == 0
    assert json.loads(file.read_text())["format"] == "cqrs-demo/bench"


def test_a_disk_that_is_full_in_the_end_names_the_file(capsys, tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("cqrs_demo.visuals.files.replace", full)
    file = tmp_path / "bench.json"
    assert run("bench", "dispatch", "--toy", "--json", str(file), "--folder", str(tmp_path)) == 2
    out, err = capsys.readouterr()
    assert err == f"cqrs_demo: {file}: cannot be written: {os.strerror(errno.ENOSPC)}\n"
    assert "dispatch: a command" in out


def test_ctrl_c_prints_and_writes_what_was_measured(monkeypatch, capsys, tmp_path):
    original = running.run

    def run_until(benchmark, *arguments):
        if benchmark.name == "publish":
            raise KeyboardInterrupt
        return original(benchmark, *arguments)

    monkeypatch.setattr(running, "run", run_until)
    file = tmp_path / "bench.json"
    arguments = ["dispatch", "publish", "scan", "--toy", "--json", str(file)]
    assert run("bench", *arguments, "--folder", str(tmp_path)) == 130
    out = capsys.readouterr().out
    assert "dispatch: a command" in out
    assert "interrupted; this is what was measured" in out
    written = json.loads(file.read_text(encoding="utf-8"))
    assert [b["name"] for b in written["benchmarks"]] == ["dispatch"]
    assert written["complete"] is False
    assert {path.name for path in tmp_path.iterdir()} == {"bench.json"}


def test_a_shortfall_is_explained_and_says_what_the_limit_would_reach(tmp_path):
    from cqrs_demo.lab.bench import report

    def contestant(name, seconds):
        return lambda *_: Contestant(name, lambda n, clock: n * seconds, at_once=1)

    def fake(stage, name, seconds):
        return contestant(name, seconds)()

    sys.modules[f"{catalogue.__package__}.fake_peer"] = SimpleNamespace(fake=fake)
    try:
        slow = Benchmark(
            "slow",
            "slow",
            "something",
            "thing",
            contestant("cqrs_demo", 2.0),
            contestant("the limit", 1.0),
            Target(COST, 3),
            others=(Other("p", "fake_peer", "fake", ("p 1", 6.0), Target(GAIN, 4, "this line")),),
        )
        outcome = running.run(slow, Sizes(rounds=5), tmp_path, WALL)
    finally:
        del sys.modules[f"{catalogue.__package__}.fake_peer"]
    text = " ".join(" ".join(report.lines(outcome)).split())
    assert "the limit 2.00x the limit 2.00x to 2.00x <= 3.00x met" in text
    assert "p 1 3.00x cheaper 3.00x to 3.00x >= 4.00x short" in text
    assert "this line (the limit itself: 6.00x cheaper)" in text
    told = list(report.summary([outcome]))
    assert "1 of 2 targets met" in told
    assert "  falls short: slow against p 1" in told


@pytest.mark.parametrize(
    ("low", "median", "high", "told"),
    [
        (0.08, 0.10, 0.125, "10.0x dearer 8.00x to 12.5x >= 3.00x"),
        (0.80, 0.90, 1.10, "1.11x dearer 1.25x dearer to 1.10x cheaper >= 3.00x"),
        (0.80, 1.10, 4.0, "1.10x cheaper 1.25x dearer to 4.00x cheaper >= 3.00x"),
        (2.0, 4.0, 5.0, "4.00x cheaper 2.00x to 5.00x >= 3.00x"),
    ],
)
def test_who_is_ten_times_dearer_is_not_said_to_be_a_tenth_cheaper(low, median, high, told):
    from cqrs_demo.lab.bench import report

    line = report._line(Figure("peer", GAIN, Spread(median, low, high), Target(GAIN, 3)))
    assert " ".join(line.split()) == f"peer {told}"
