"""The experiments beside the comparison: all of them, in text, in a report and as files."""

from pathlib import Path

import pytest
import test_contention
import test_staleness

from cqrs_demo import ShopError
from cqrs_demo.lab import experiments
from cqrs_demo.lab.comparison import Comparison
from cqrs_demo.lab.comparison import command as compare_command
from cqrs_demo.lab.experiments import EXPERIMENTS, Experiment, measured
from cqrs_demo.lab.experiments import report as experiments_report
from cqrs_demo.lab.experiments.collaboration import measure
from cqrs_demo.lab.experiments.report import as_markdown, as_text, contents
from cqrs_demo.lab.watching import Watch
from cqrs_demo.visuals import files


@pytest.fixture(scope="module")
def results():
    """One for real; the others look the same from here."""
    return {"collaboration": measure(40)}


def test_each_is_measured_with_what_was_asked_for_and_shown_as_soon_as_it_is_there(monkeypatch):
    asked = []

    def experiment(name):
        return Experiment(name, "?", lambda *given: asked.append((name, *given)) or f"{name}!")

    monkeypatch.setattr(experiments, "EXPERIMENTS", {name: experiment(name) for name in "ab"})
    watch = Watch()
    found = measured(500, 3, "cache", watch)
    assert asked == []
    assert next(found) == ("a", "a!")
    assert asked == [("a", 500, 3, "cache", watch)]
    assert [*found] == [("b", "b!")]


def test_they_know_their_modules(monkeypatch):
    asked = {}
    for name in EXPERIMENTS:
        module = getattr(experiments, name)
        monkeypatch.setattr(module, "measure", lambda *a, n=name, **o: asked.update({n: (a, o)}))
    watch = Watch()
    assert [name for name, _ in measured(50_000, 3, "cache", watch)] == [*EXPERIMENTS]
    assert all(options["watch"] is watch for _, options in asked.values())
    assert asked["contention"][0] == (experiments.MOST_ORDERS,)
    assert asked["contention"][1]["cache"] == "cache"


def test_a_terminal_gets_titles_and_sentences_in_its_width(results):
    told = as_text(results)
    assert told.splitlines()[1] == "Two editors, one order"
    assert "- Whole forms lost" in told
    assert all(len(line) <= 100 for line in told.splitlines())


def test_the_report_has_charts_sentences_and_figures(results):
    report = as_markdown(results, {"collaboration": results["collaboration"].chart()})
    assert "## Two editors, one order\n\nTwo people edit the same order" in report
    assert "](collaboration.svg)" in report
    lost = results["collaboration"].frame["lost"].max()
    assert "| CRUD: whole forms | 40 | 80 | " in report
    assert f" {lost} edits lost" in report


def test_files_that_can_bear_a_mark_do(results):
    marked, tables = contents(results, "dark")
    assert {*marked} == {"experiments.md", "collaboration.svg", "collaboration.png"}
    assert all(files.is_ours(name, content) for name, content in marked.items())
    assert {*tables} == {"collaboration.csv"}
    assert contents({}, "light") == ({}, {})


def test_tables_are_known_again_and_those_of_others_are_left_alone(results, tmp_path: Path):
    _, tables = contents(results, "light")
    for name, content in tables.items():
        (tmp_path / name).write_bytes(content)
    compare_command.require_writable(tmp_path, force=False)
    (tmp_path / "contention.csv").write_text("name,address\n")
    with pytest.raises(ShopError, match=r"contention\.csv: not made here"):
        compare_command.require_writable(tmp_path, force=False)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_table_begins_as_it_is_known_again(name):
    heads = dict(zip(EXPERIMENTS, experiments_report.CSV_HEADS, strict=True))
    results = {
        "collaboration": measure(5),
        "contention": test_contention.invented(),
        "staleness": test_staleness.invented(),
    }
    frame = results[name].frame
    assert frame.to_csv(index=False).encode().startswith(heads[name])


def run(arguments, monkeypatch, results):
    """Run `compare` without the comparison itself; the experiments are what is looked at."""
    from argparse import ArgumentParser

    monkeypatch.setattr("cqrs_demo.lab.comparison.compare", lambda **options: None)
    monkeypatch.setattr("cqrs_demo.lab.experiments.measured", lambda *given: results.items())
    monkeypatch.setattr(Comparison, "sizes", [1])
    written = []
    monkeypatch.setattr(
        compare_command, "write", lambda found, experiments, *rest: written.append(experiments) or 0
    )
    parser = ArgumentParser()
    compare_command.add_arguments(parser)
    assert compare_command.run(parser.parse_args(["--quiet", *arguments])) == 0
    return written


def test_compare_measures_them_too_and_writes_what_they_found(
    monkeypatch, results, tmp_path, capsys
):
    (written,) = run(["--out", str(tmp_path)], monkeypatch, results)
    assert written == results
    assert "Two editors, one order" in capsys.readouterr().out


def test_compare_leaves_them_out_when_told(monkeypatch, results, capsys):
    assert run(["--no-experiments"], monkeypatch, results) == []
    assert "Two editors" not in capsys.readouterr().out
