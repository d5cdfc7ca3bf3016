"""python -m cqrs_demo compare: what it prints, what it writes, and how it stops."""

import csv
import errno
import os
from pathlib import Path

import pytest

from cqrs_demo import CreateUser, open_shop
from cqrs_demo.__main__ import main
from cqrs_demo.lab.comparison import COLUMNS, Comparison, race
from cqrs_demo.lab.comparison.command import FIGURES, REPORT, VERDICT
from cqrs_demo.visuals import files

CHARTS = ("verdict", "growth", "writes", "ratio", "costs")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def here(tmp_path, cache, monkeypatch):
    """A folder of its own; filled databases are shared by these tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CQRS_DEMO_CACHE", str(cache))


def run(*arguments):
    """Return the exit code, whichever way it comes."""
    try:
        return main(["compare", "--quiet", "--no-experiments", *arguments])
    except SystemExit as end:
        return end.code


TOY = ("--orders", "40", "--rounds", "1")


@pytest.fixture
def no_charts(monkeypatch):
    """Charts take seconds to draw."""
    monkeypatch.setattr(Comparison, "charts", lambda *_: [])


def test_it_prints_who_wins_and_writes_a_report_tables_and_charts(capsys):
    assert run(*TOY, "--out", "out", "--lag", "0.25", "--reads", "2") == 0
    printed = capsys.readouterr().out
    assert "who wins" in printed
    assert "CQRS loses" in printed
    assert "13 files in out" in printed
    names = {path.name for path in Path("out").iterdir()}
    pictures = {f"{name}.{kind}" for name in CHARTS for kind in ("svg", "png")}
    assert names == {REPORT, FIGURES, VERDICT, *pictures}
    with open(Path("out") / FIGURES, newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == COLUMNS
    assert all(float(line["p50"]) <= float(line["p95"]) for line in lines)
    report = (Path("out") / REPORT).read_text()
    assert "Interrupted" not in report
    assert "Measured at 40 orders alone: how it grows cannot be seen." in report
    assert "x1.0" not in report.partition("## ")[0]
    for name in CHARTS:
        assert f"]({name}.svg)" in report


@pytest.mark.usefixtures("no_charts")
def test_its_own_files_are_overwritten_and_nothing_that_somebody_changed(capsys):
    assert run(*TOY, "--out", "out") == 0
    assert run(*TOY, "--out", "out") == 0
    report = Path("out") / REPORT
    report.write_text(report.read_text() + "a note of mine")
    assert run(*TOY, "--out", "out") == 2
    assert "changed since" in capsys.readouterr().err


@pytest.mark.parametrize("name", [FIGURES, VERDICT, REPORT])
def test_somebody_elses_file_is_noticed_before_anything_is_measured(name, capsys, monkeypatch):
    monkeypatch.setattr(race.Race, "warm_up", None)  # would fail
    Path("out").mkdir()
    (Path("out") / name).write_text("mine, since 2019\n")
    assert run(*TOY, "--out", "out") == 2
    assert "--force overwrites it" in capsys.readouterr().err
    assert (Path("out") / name).read_text() == "mine, since 2019\n"


def test_a_folder_that_cannot_be_is_noticed_before_anything_is_measured(capsys, monkeypatch):
    monkeypatch.setattr(race.Race, "warm_up", None)
    Path("file").touch()
    assert run(*TOY, "--out", "file/out") == 2
    assert run(*TOY, "--cache", "file/cache") == 2
    assert capsys.readouterr().err.count("cannot be written") == 2


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--orders", "0"], "orders: must be from 1 to 1,000,000"),
        (["--orders", "-5"], "orders: must be from 1 to 1,000,000"),
        (["--orders", "1000001"], "orders: must be from 1 to 1,000,000"),
        (["--orders", "many"], "invalid int value"),
        (["--rounds", "0"], "rounds: must be from 1 to 50"),
        (["--reads", "-1"], "reads_a_write: must be from"),
        (["--lag", "nan"], "lag: must be a number of seconds"),
        (["--seed", "-1"], "seed: must be from"),
        (["--theme", "pink"], "there is no theme 'pink'"),
        (["--db", "none.db"], "none.db: there is no such file"),
        (["--db", "none.db", "--seed", "3"], "choose one of them"),
    ],
)
def test_what_makes_no_sense_is_one_line_on_stderr(arguments, problem, capsys):
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert problem in err
    assert len(err.splitlines()) == 1
    assert out == ""


@pytest.mark.usefixtures("no_charts")
def test_ctrl_c_prints_and_writes_what_was_measured(capsys, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(race.Race, "rebuild", interrupted)
    assert run(*TOY, "--out", "out") == 130
    out, err = capsys.readouterr()
    assert "interrupted" in err
    assert "who wins" in out
    told = "Interrupted. Asked for: 1 round at 40 orders. Measured: 1 round at 40."
    assert told in out
    report = (Path("out") / REPORT).read_text()
    assert report.startswith(f"# CRUD against CQRS, measured\n\n- {told}")


@pytest.mark.usefixtures("no_charts")
def test_an_interrupted_report_says_which_sizes_and_rounds_were_asked_for(monkeypatch):
    measured = race.Race.round

    def interrupted(self, n):
        if self.size > 100 and n == 1:
            raise KeyboardInterrupt
        measured(self, n)

    monkeypatch.setattr(race.Race, "round", interrupted)
    assert run("--orders", "200", "--rounds", "2", "--out", "out") == 130
    told = (
        "- Interrupted. Asked for: 2 rounds at 100 and 200 orders. Measured: 2 rounds at 100 and "
    )
    assert told + "1 round at 200." in (Path("out") / REPORT).read_text()


@pytest.mark.usefixtures("no_charts")
def test_a_disk_that_is_full_in_the_end_names_the_file(capsys, monkeypatch):
    replaced = files.replace

    def full(path, content):
        if path.name == FIGURES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replaced(path, content)

    monkeypatch.setattr(files, "replace", full)
    assert run(*TOY, "--out", "out") == 2
    assert f"{FIGURES}: cannot be written: {os.strerror(errno.ENOSPC)}" in capsys.readouterr().err


def test_ctrl_c_before_anything_was_measured_says_so(capsys, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(race.Race, "warm_up", interrupted)
    assert run(*TOY, "--out", "out") == 130
    out, err = capsys.readouterr()
    assert "interrupted" in err
    assert "Nothing was measured." in out
    assert list(Path("out").iterdir()) == []


def test_two_contestants_that_disagree_are_an_error_and_the_rest_is_printed(capsys, monkeypatch):
    def wrong(self):
        self._require_equal("order", {"one": [1], "another": [2]})

    monkeypatch.setattr(race.Race, "rebuild", wrong)
    assert run(*TOY) == 2
    out, err = capsys.readouterr()
    assert "who wins" in out
    assert "another and one disagree on 'order'" in err


def test_imported_orders_are_measured_with(capsys):
    with open_shop("crud", write="sqlite:///empty.db") as shop:
        shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    assert run("--db", "empty.db") == 2
    assert "no orders" in capsys.readouterr().err
    rows = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
    for n in range(12):
        sku, day = f"S{n % 5}", 1 + n % 9
        rows.append(
            f"{n},{sku},RED LAMP {sku},{n + 1},2010-12-0{day} 08:2{n % 10}:00,2.55,C{n % 4},UK"
        )
    Path("rows.csv").write_text("\n".join(rows))
    assert main(["import", "rows.csv", "--db", "shop.db", "--quiet"]) == 0
    capsys.readouterr()
    assert run("--db", "shop.db", "--rounds", "1") == 0
    assert "12-orders-imported-" in capsys.readouterr().out
    assert run("--db", "shop.db", "--orders", "13") == 2
    assert "has 12 orders, not 13" in capsys.readouterr().err


def test_an_option_that_makes_no_sense_is_refused_before_there_is_a_progress_bar(capsys):
    assert main(["compare", *TOY, "--no-experiments", "--lag", "nan"]) == 2
    assert capsys.readouterr().err.startswith("cqrs_demo: lag: must be")
