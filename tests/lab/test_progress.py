"""Progress is kept in one file, survives whatever happens to it, and never costs a lesson."""

import json
import os
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cqrs_demo import ShopError
from cqrs_demo.lab.progress import FORMAT, VARIABLE, VERSION, Progress, default_path, progress


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "progress.json"


def test_what_was_done_is_there_again(path):
    kept = Progress(path)
    assert (kept.bets(), kept.exercises(), kept.summaries(), kept.remark) == ({}, {}, {}, "")
    assert not path.exists()  # a look leaves nothing behind
    kept.bet("two-editors", "01", 2, False, "saved-is-visible")
    kept.bet("two-editors", "01", 1, True)
    kept.exercise_tried("01-x", False)
    kept.exercise_tried("01-x", True)
    kept.exercise_tried("01-x", False)
    kept.summarise("01", "Grüße \ud800 <b>")
    again = Progress(path)
    bet = again.bets()["two-editors"]
    assert (bet["bet"], bet["first"], bet["right"]) == (1, 2, True)
    assert bet["met"] == ["saved-is-visible"]
    assert again.exercises() == {"01-x": {"passed": True, "tries": 3}}  # solved stays solved
    assert again.summaries()["01"].startswith("Grüße")
    assert again.remark == ""


OPERATIONS = st.tuples(
    st.sampled_from(["bet", "try", "write"]), st.sampled_from("abc"), st.integers(0, 3)
)


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 1), OPERATIONS), max_size=12))
def test_two_notebooks_lose_nothing_of_each_other_whoever_comes_first(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("two") / "p.json"
    both, alone = [Progress(path), Progress(path)], Progress(path.with_name("alone.json"))
    for who, (what, name, n) in steps:
        for kept in (both[who], alone):
            if what == "bet":
                kept.bet(name, "01", n, n == 1, None if n == 1 else f"m-{n}")
            elif what == "try":
                kept.exercise_tried(name, n == 1)
            else:
                kept.summarise(name, str(n))
    assert both[0].as_json() == both[1].as_json() == alone.as_json()


def test_who_listens_hears_of_every_change_once_it_is_kept(path):
    kept, heard = Progress(path), []
    kept.listen(lambda: heard.append((len(kept.bets()), len(Progress(path).summaries()))))
    kept.bet("q", "01", 1, True)
    kept.summarise("01", "x")
    kept.bets()
    kept.reset()
    assert heard == [(1, 0), (1, 1), (0, 0)]


def test_what_is_handed_out_is_a_copy(path):
    kept = Progress(path)
    kept.bet("q", "01", 1, True)
    kept.bets()["q"]["bet"] = 7
    assert kept.bets()["q"]["bet"] == 1


def damaged():
    good = {"format": FORMAT, "version": VERSION, "bets": {}, "exercises": {}, "summaries": {}}
    yield "no JSON", "{"
    yield "deep", "[" * 100_000
    yield "another file", '{"a": 1}'
    yield "a list", "[]"
    yield "not UTF-8", b"\xff\xfe\x00"
    yield "no version", json.dumps({**good, "version": "1"})
    yield "bets are a list", json.dumps({**good, "bets": []})
    yield "a bet without a lesson", json.dumps({**good, "bets": {"q": {"bet": 1}}})
    yield "a bet that is text", json.dumps({**good, "bets": {"q": {"lesson": "1", "bet": "x"}}})
    yield "tries are text", json.dumps({**good, "exercises": {"e": {"passed": True, "tries": ""}}})
    yield "a summary is a number", json.dumps({**good, "summaries": {"01": 1}})


@pytest.mark.parametrize(
    "text", [text for _, text in damaged()], ids=[name for name, _ in damaged()]
)
def test_a_damaged_file_is_set_aside_and_kept(path, text):
    path.parent.mkdir()
    data = text if isinstance(text, bytes) else text.encode()
    for n in (1, 2):
        path.write_bytes(data)
        kept = Progress(path)
        assert kept.bets() == {}
        assert f"kept as progress.damaged-{n}.json" in kept.remark
        assert (path.parent / f"progress.damaged-{n}.json").read_bytes() == data
        kept.bet("q", "01", 1, True)
        assert Progress(path).bets()["q"]["right"]


def test_a_file_of_a_newer_program_is_left_alone(path):
    path.parent.mkdir()
    text = json.dumps({"format": FORMAT, "version": VERSION + 1})
    path.write_text(text)
    kept = Progress(path)
    kept.bet("q", "01", 1, True)
    assert kept.bets()["q"]["right"]
    assert "newer version" in kept.remark
    assert path.read_text() == text


def test_where_nothing_can_be_written_it_is_kept_in_memory_and_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    kept = Progress(tmp_path / "file" / "progress.json")
    kept.bet("q", "01", 1, True)
    assert kept.bets()["q"]["bet"] == 1
    assert "only until this program ends" in kept.remark
    copy = kept.export(tmp_path / "copy.json")
    assert Progress(copy).bets()["q"]["bet"] == 1


def test_a_folder_in_the_place_of_the_file_is_survived(tmp_path):
    kept = Progress(tmp_path)
    kept.exercise_tried("e", True)
    assert kept.exercises()["e"]["passed"] and "cannot be read" in kept.remark


def test_nobody_ever_sees_half_a_file(path, monkeypatch):
    kept = Progress(path)
    kept.bet("q", "01", 1, True)
    before = path.read_bytes()

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    kept.bet("r", "01", 1, True)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["progress.json"]
    assert set(kept.bets()) == {"q", "r"} and "No space left" in kept.remark


def test_two_kernels_that_write_at_once_lose_nothing_of_each_other(path):
    def work():
        mine = Progress(path)
        for _ in range(40):
            mine.exercise_tried("00-what-is-it", False)

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Progress(path).exercises()["00-what-is-it"]["tries"] == 120


def test_a_lock_that_a_killed_kernel_left_is_taken_away(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / f".{path.name}.lock").touch()
    progress = Progress(path)
    progress.summarise("00", "all is well")
    assert Progress(path).summaries() == {"00": "all is well"}
    assert not (path.parent / f".{path.name}.lock").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
def test_what_is_no_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    progress = Progress(pipe)
    progress.summarise("00", "kept in memory")
    assert "is no file" in progress.remark
    assert pipe.is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_one(tmp_path):
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    link.symlink_to(target)
    Progress(link).summarise("00", "through the link")
    assert link.is_symlink()
    assert "through the link" in target.read_text()


def test_export_writes_a_copy_and_over_nothing_else(path, tmp_path):
    kept = Progress(path)
    kept.summarise("00", "x")
    target = tmp_path / "new" / "copy.json"
    assert kept.export(target) == target
    assert kept.export(str(target)) == target  # an older copy may go
    assert Progress(target).summaries() == {"00": "x"}
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ShopError, match="holds no progress"):
        kept.export(tmp_path / "mine.txt")
    with pytest.raises(ShopError, match="cannot be written"):
        kept.export(tmp_path / "mine.txt" / "copy.json")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_reset_forgets_everything(path):
    kept = Progress(path)
    kept.bet("q", "01", 1, True)
    kept.reset()
    assert kept.bets() == {} == Progress(path).bets()


def test_the_environment_says_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "here.json"))
    assert default_path() == tmp_path / "here.json"
    assert progress() is progress()
    progress().bet("q", "01", 1, True)
    assert (tmp_path / "here.json").exists()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "there.json"))
    assert progress().bets() == {}
    monkeypatch.delenv(VARIABLE)
    assert default_path().name == "progress.json" and "cqrs_demo" in str(default_path())


def test_no_test_touches_what_a_learner_has_done():
    assert Path(os.environ[VARIABLE]).name == "progress.json"
    assert "own-progress" in os.environ[VARIABLE]
