"""The command explain: what it writes, what it refuses, and that it overwrites only its own."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import pytest

import cqrs_demo.lab.explain
from cqrs_demo.__main__ import main
from cqrs_demo.lab.explain import FORMATS
from cqrs_demo.lab.scenarios import SCENARIOS
from cqrs_demo.recording import Recording

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    """Return the exit code, whichever way it comes."""
    try:
        return main(["explain", *arguments])
    except SystemExit as end:
        return end.code


def files(folder):
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def chunks(png):
    """Return the chunks of a PNG picture, their checksums tested."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        checksum = int.from_bytes(png[at + 8 + length : at + 12 + length], "big")
        assert checksum == zlib.crc32(kind + data)
        found.append((kind, data))
        at += 12 + length
    return found


def test_the_list_says_what_each_scenario_teaches_and_on_which_rungs(capsys):
    assert run("--list") == 0
    out, err = capsys.readouterr()
    told = dict(zip(*[iter(out.splitlines())] * 2, strict=True))
    assert len(told) == len(SCENARIOS)
    assert max(map(len, out.splitlines())) <= 100
    assert told["place-order (on every rung)"].strip() == SCENARIOS["place-order"].teaches
    assert "stale-read (on two-stores and event-sourced)" in told
    assert err == ""


@pytest.mark.parametrize("extension", [*FORMATS, ".HTML"])
def test_it_writes_every_format_and_says_so(extension, capsys):
    out = f"new/folder/page{extension}"
    assert run("stale-read", "--out", out) == 0
    told, err = capsys.readouterr()
    assert told == f"{out}: Read an old price (two-stores, 17 steps)\n"
    assert err == ""
    assert os.listdir("new/folder") == [f"page{extension}"]


def test_a_page_is_whole_and_small():
    assert run("place-order", "--out", "page.html") == 0
    page = Path("page.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "Place an order, then look for it" in page
    assert len(page) < 150_000


def test_only_a_quiz_asks_before_it_shows(capsys):
    assert run("place-order", "--out", "page.html") == 0
    assert run("place-order", "--out", "quiz.html", "--quiz") == 0
    assert run("place-order", "--out", "crud.html", "--quiz", "--shop", "crud") == 0
    page, quiz = Path("page.html").read_text("utf-8"), Path("quiz.html").read_text("utf-8")
    assert ("quiz: false" in page, '"question":{' in page) == (True, False)
    assert ("quiz: true" in quiz, '"question":{' in quiz) == (True, True)
    told = [line.rpartition("steps")[2] for line in capsys.readouterr().out.splitlines()]
    assert told == [")", ", 1 question)", ", no questions)"]


def test_json_is_the_recording():
    assert run("place-order", "--shop", "crud", "--seed", "3", "--out", "a.json") == 0
    recording = Recording.from_json(Path("a.json").read_text("utf-8"))
    assert (recording.architecture, recording.seed) == ("crud", 3)


def test_an_svg_picture_is_well_formed():
    assert run("place-order", "--out", "a.svg") == 0
    assert ET.fromstring(Path("a.svg").read_text("utf-8")).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_png_picture_is_sound():
    assert run("place-order", "--out", "a.png") == 0
    found = chunks(Path("a.png").read_bytes())
    assert [found[0][0], found[1][0], found[-1][0]] == [b"IHDR", b"tEXt", b"IEND"]
    made = b"made by cqrs_demo explain: place-order on two-stores, seed 7"
    assert found[1][1] == b"Software\0" + made


def test_mermaid_text_is_a_sequence_diagram():
    assert run("place-order", "--out", "a.mmd") == 0
    lines = Path("a.mmd").read_text("utf-8").splitlines()
    assert lines[0] == "sequenceDiagram"
    assert lines[-2] == "%% made by cqrs_demo explain: place-order on two-stores, seed 7"


@pytest.mark.parametrize("extension", FORMATS)
def test_it_overwrites_its_own_file_and_nobody_elses(extension, capsys):
    path = Path(f"a{extension}")
    assert run("stale-read", "--out", str(path)) == 0
    first = path.read_bytes()
    assert run("stale-read", "--seed", "8", "--out", str(path)) == 0
    second = path.read_bytes()
    assert first != second
    foreign = {b"", b"my notes", first.replace(b"made by cqrs_demo", b"drawn by hand"), b"{}"}
    fake = b'{"title": "Read an old price", "seed": 7}'
    foreign |= {fake, fake.replace(b'"seed"', b'"architecture": "crud", "seed"')}
    foreign |= {b'{"title": 7, "architecture": []}', b"made by cqrs_demo, 0123456789abcdef"}
    foreign |= {first.replace(b"e", b"a", 1), first[:60] + b" " + first[60:], first + b"more\n"}
    for theirs in (foreign - {first}) | {b'{"title": 7}', b"[1]", b"\xff"}:
        path.write_bytes(theirs)
        capsys.readouterr()
        assert run("stale-read", "--out", str(path)) == 2
        assert capsys.readouterr().err == (
            f"cqrs_demo: a{extension}: is there, and explain did not write it,"
            " or it was changed since; --force overwrites it\n"
        )
        assert path.read_bytes() == theirs
    assert run("stale-read", "--force", "--out", str(path)) == 0
    assert path.read_bytes() == first


def test_a_recording_of_somebody_else_is_not_overwritten():
    from cqrs_demo import GetCatalogue, open_shop

    with open_shop("crud") as shop, shop.record("my own run") as recording:
        shop.ask(GetCatalogue())
    Path("mine.json").write_text(recording.to_json())
    assert run("stale-read", "--out", "mine.json") == 2
    assert json.loads(Path("mine.json").read_text())["title"] == "my own run"


def test_a_link_stays_a_link():
    Path("link.html").symlink_to("real.html")
    assert run("stale-read", "--out", "link.html") == 0
    assert Path("link.html").is_symlink()
    assert Path("real.html").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("link", "target", "problem"),
    [
        ("x.html", "nowhere.txt", "is a link to nowhere.txt, which does not end in .html"),
        ("cross.html", "real.svg", "is a link to real.svg, which does not end in .html"),
        ("loop.html", "loop.html", "is a link that leads back to itself"),
        ("one.html", "two.html", "is a link that leads back to itself"),
    ],
)
def test_a_link_that_leads_elsewhere_is_refused(link, target, problem, capsys):
    Path("real.svg").write_text("theirs")
    Path("two.html").symlink_to("one.html")
    Path(link).symlink_to(target)
    for force in ([], ["--force"]):
        assert run("stale-read", "--out", link, *force) == 2
        assert capsys.readouterr() == ("", f"cqrs_demo: {link}: {problem}\n")
    assert Path(link).is_symlink()
    assert Path("real.svg").read_text() == "theirs"
    assert not Path("nowhere.txt").exists()


def test_a_link_to_nothing_makes_the_file_it_names():
    Path("link.json").symlink_to("new.json")
    assert run("stale-read", "--out", "link.json") == 0
    assert Path("link.json").is_symlink()
    assert Recording.from_json(Path("new.json").read_text("utf-8")).seed == 7


@pytest.mark.parametrize("method", ["exists", "is_file", "read_bytes"])
def test_a_file_that_cannot_be_read_is_named(method, monkeypatch, capsys):
    def fail(self, *arguments, **options):
        raise PermissionError(13, "Permission denied", str(self))

    Path("a.html").write_text("theirs")
    with monkeypatch.context() as patch:
        patch.setattr(Path, method, fail)
        assert run("stale-read", "--out", "a.html") == 2
    assert capsys.readouterr().err == "cqrs_demo: a.html: cannot be read: Permission denied\n"
    assert Path("a.html").read_text() == "theirs"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "which scenario? --list"),
        (["place-oder", "--out", "a.html"], "did you mean place-order? there are place-order, out"),
        (["xyz", "--out", "a.html"], "no scenario 'xyz'; there are place-order, out-of-stock, pay"),
        (["a\nb", "--out", "a.html"], "no scenario"),
        (["place-order"], "--out FILE is missing; it ends in .html, .json, .svg, .png or .mmd"),
        (["place-order", "--out", "a.pdf"], "a.pdf: ends in none of .html, .json, .svg, .png or"),
        (["place-order", "--out", "page"], "page: ends in none of"),
        (["place-order", "--out", "-"], "-: ends in none of"),
        (["place-order", "--out", "a.svg", "--quiz"], "a.svg: only a page (.html) can ask"),
        (["place-order", "--out", "a.html", "--shop", "three"], "invalid choice: 'three'"),
        (["stale-read", "--out", "a.html", "--shop", "crud"], "it does on two-stores and event-"),
        (["place-order", "--out", "a.html", "--seed", "x"], "--seed: invalid int value: 'x'"),
        (["place-order", "--out", "a.html", "--seed", "-1"], "seed: must be"),
        (["place-order", "--out", "a.html", "--seed", "9" * 30], "seed: must be"),
        (["place-order", "--out", "folder.html"], "folder.html: is there, and is no file"),
        (["place-order", "--out", "text.txt/a.html"], "a.html: cannot be written"),
        (["place-order", "--out", "/proc/no/a.html"], "/proc/no/a.html: cannot be written"),
        (["place-order", "--out", f"{'x' * 300}.html"], "File name too long"),
        (["place-order", "--bogus"], "--bogus"),
        (["place-order", "--o", "a.html"], "--o"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_touched(arguments, problem, here, capsys):
    Path("folder.html").mkdir()
    Path("text.txt").write_text("text")
    before = files(here)
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("cqrs_demo: ")
    assert problem in err
    assert files(here) == before


def test_what_cannot_be_drawn_leaves_nothing_behind(here, monkeypatch):
    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cqrs_demo.lab.explain.os, "replace", fail)
    assert run("stale-read", "--out", "a.html") == 2
    assert files(here) == {}


def test_a_real_process_writes_the_same_file_twice():
    texts = []
    for name in ("a.html", "b.html"):
        done = subprocess.run(
            [sys.executable, "-m", "cqrs_demo", "explain", "place-order", "--out", name],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        texts.append(Path(name).read_bytes())
    assert texts[0] == texts[1]


def test_help_names_the_formats_and_loads_nothing_heavy(capsys):
    assert run("--help") == 0
    out = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "ends in .html, .json, .svg, .png or .mmd" in out
    code = "import sys, cqrs_demo.__main__; print({'tqdm', 'pandas'} & set(sys.modules))"
    code += "; print('cqrs_demo.lab.scenarios' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\nFalse\n"
