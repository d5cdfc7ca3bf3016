"""The note: its snippets run, its pointers lead somewhere, its pictures lie beside it."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from cqrs_demo.__main__ import SUBCOMMANDS
from cqrs_demo.visuals.contrast import CONTRAST
from cqrs_demo.visuals.notes import GLOSSARY, NOTE, write_notes

ROOT = Path(__file__).parent.parent.parent
CONCERNS = {
    "model", "validation", "history", "reads", "writes", "consistency", "scaling", "security",
    "concurrency", "testing", "storage", "operations", "cost", "when it wins",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes")
    write_notes(folder)
    return folder


@pytest.fixture(scope="module")
def note(folder):
    return (folder / NOTE).read_text(encoding="utf-8")


def test_every_snippet_runs_and_prints_what_the_note_says(note):
    pairs = re.findall(r"```python\n(.*?)```\s+prints\s+```text\n(.*?)```", note, re.DOTALL)
    assert len(pairs) == note.count("```python") == 2
    for snippet, promised in pairs:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(snippet, NOTE, "exec"), {"__name__": "__main__"})
        assert printed.getvalue() == promised


def test_the_code_example_is_minimal_py(note):
    assert (ROOT / "cqrs_demo" / "minimal.py").read_text(encoding="utf-8").strip() in note


@pytest.mark.parametrize("row", CONTRAST, ids=lambda row: row.concern)
def test_a_row_points_to_what_shows_it(row, note):
    path, _, test = row.seen.partition("::")
    source = ROOT / path
    assert source.exists()
    assert not test or f"def {test}(" in source.read_text(encoding="utf-8")
    assert f"`{row.seen}`" in note
    assert "|" not in "".join(row)


@pytest.mark.parametrize("row", CONTRAST, ids=lambda row: row.concern)
def test_a_row_points_to_lessons_and_commands_that_there_are(row, note):
    assert row.also in note
    for number in re.findall(r"\b\d\d\b", row.also):
        assert [*(ROOT / "notebooks").glob(f"{number}_*.ipynb")], number
    for command in re.findall(r"`python -m cqrs_demo (\w+)`", row.also):
        assert command in SUBCOMMANDS


@pytest.mark.parametrize("row", CONTRAST, ids=lambda row: row.concern)
def test_documents_and_events_are_said_to_be_those_of_rung_3_and_4(row):
    """CQRS needs neither: rung 2 has it without them."""
    cqrs = row.cqrs.replace("event by event", "")
    if row.concern != "testing" and re.search("event|document|projection|read model", cqrs):
        assert re.search("from rung 3 on|on rung 3", cqrs)


def test_every_concern_has_a_row_and_consistency_and_cost_come_first():
    assert {row.concern for row in CONTRAST} == CONCERNS
    assert len(CONTRAST) == len(CONCERNS)
    assert [row.concern for row in CONTRAST[:2]] == ["consistency", "cost"]
    assert {row.better for row in CONTRAST} == {"CRUD", "CQRS", "either"}


def test_every_picture_has_words_and_lies_beside_the_note(folder, note):
    pictures = re.findall(r"!\[((?:\\.|[^\]])*)\]\(([^)]+)\)", note)
    assert len(pictures) == 6
    for alt, file in pictures:
        assert len(alt) > 60
        assert (folder / file).exists()
    assert {path.name for path in folder.iterdir()} == {NOTE, *(file for _, file in pictures)}


def test_it_begins_with_front_matter_and_links_to_nothing_outside(note):
    assert re.match(r"---\ntitle: .+\ntags: \[.+\]\n---\n", note)
    assert "](http" not in note
    assert "](/" not in note


def test_its_mermaid_is_drawn_by_the_real_parser(note, mermaid):
    blocks = re.findall(r"```mermaid\n(.*?)```", note, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert mermaid(block).svg.startswith("<svg")


def test_the_words_are_those_of_the_note(note):
    for word, meaning in GLOSSARY:
        assert f"- **{word}**: {meaning}\n" in note
        assert "simply" not in meaning
