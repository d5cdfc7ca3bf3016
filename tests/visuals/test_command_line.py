"""The subcommands `diagrams` and `notes`: what they write, and errors of one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cqrs_demo.__main__ import main
from cqrs_demo.visuals.diagrams import DIAGRAMS

ROOT = Path(__file__).parent.parent.parent
ALL = ("--format", "svg,png,dot,mermaid")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


def test_all_diagrams_in_all_formats_and_twice_the_same(capsys):
    assert run("diagrams", "--out", "one", *ALL, "--gallery") == 0
    assert capsys.readouterr().out == f"{len(DIAGRAMS) * 4 + 1} files in one\n"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-m", "cqrs_demo", "diagrams", "--out", "two", *ALL, "--gallery"]
    subprocess.run(command, check=True, env={**environment, "PYTHONHASHSEED": "7"})
    one, two = ({p.name: p.read_bytes() for p in Path(x).iterdir()} for x in ("one", "two"))
    assert one == two


def test_some_diagrams_in_another_theme(capsys):
    assert run("diagrams", "when", "outbox", "--out", "new/folder", "--theme", "dark") == 0
    assert {p.name for p in Path("new/folder").iterdir()} == {"when.dark.svg", "outbox.dark.svg"}


def test_list_says_which_diagrams_there_are(capsys):
    assert run("diagrams", "--list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(DIAGRAMS)
    assert all(line.endswith("?") for line in lines)


def test_notes_are_written_and_written_again(capsys):
    assert run("notes", "--out", "mine") == 0
    assert capsys.readouterr().out == f"{Path('mine/cqrs.md')}, with 6 pictures\n"
    assert run("notes", "--out", "mine") == 0


def test_a_note_that_somebody_has_written_in_is_kept(capsys):
    run("notes", "--out", "mine")
    note = Path("mine/cqrs.md")
    note.write_text(note.read_text(encoding="utf-8") + "my own words\n", encoding="utf-8")
    capsys.readouterr()
    assert run("notes", "--out", "mine") == 2
    assert "cqrs.md: not made here, or changed since; --force" in capsys.readouterr().err
    assert "my own words" in note.read_text(encoding="utf-8")
    assert run("notes", "--out", "mine", "--force") == 0
    assert "my own words" not in note.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["diagrams", "nonsense", "--out", "x"], "no diagram 'nonsense'; there are one-glance, "),
        (["diagrams", "--out", "x", "--format", "gif"], "no format 'gif'; there are svg, png, dot"),
        (["diagrams", "--out", "x", "--format", ""], "--format: must not be empty"),
        (["diagrams", "--out", "x", "--theme", "sepia"], "'sepia'; there are light, dark, print"),
        (["diagrams"], "--out DIR is missing; --list says"),
        (["diagrams", "when", "--out", "x", *ALL, "--gallery"], "--gallery shows all diagrams"),
        (["diagrams", "--out", "x", "--gallery"], "--gallery links to every format"),
        (["diagrams", "when", "--out", "file"], "file: cannot be written"),
        (["diagrams", "when", "--out", "file/below"], "file/below: cannot be written"),
        (["diagrams", "when", "--out", "taken"], "when.svg: not made here, or changed since"),
        (["diagrams", "--bogus"], "--bogus"),
        (["notes"], "required: --out"),
        (["notes", "--out", "file"], "file: cannot be written"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_touched(arguments, problem, here, capsys):
    (here / "file").write_text("x")
    (here / "taken").mkdir()
    (here / "taken" / "when.svg").write_text("somebody's")
    before = {p: p.is_file() and p.read_bytes() for p in here.rglob("*")}
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cqrs_demo: ")
    assert err.count("\n") == 1
    assert problem in err
    assert {p: p.is_file() and p.read_bytes() for p in here.rglob("*")} == before
