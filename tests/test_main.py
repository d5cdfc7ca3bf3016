"""The command line: what it prints, its exit codes, and that errors are one line."""

import csv
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import cqrs_demo.lab.importer
from cqrs_demo import LADDER, CreateUser, GetBestSellers, UserCreated, open_shop
from cqrs_demo.__main__ import main
from cqrs_demo.read_model.projections import PROJECTIONS

ROOT = Path(__file__).parent.parent
FILE = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,=CMD(),6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527.0,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0,,United Kingdom
536415,22139,CLOCK,56,2010-12-01 11:52:00,1.50,0.0,United Kingdom
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A directory of its own with the file a.csv; everything else is looked for in it."""
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(FILE)
    return tmp_path


def run(*arguments):
    """Return the exit code, whichever way it comes."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def python(*arguments, stdout=subprocess.PIPE):
    """Run the program as its users do."""
    return subprocess.run(
        [sys.executable, "-m", "cqrs_demo", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_without_arguments_it_lists_the_subcommands():
    done = python()
    assert done.returncode == 0
    assert "import" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [["--help"], ["import", "--help"]])
def test_help_is_there(arguments, capsys):
    assert run(*arguments) == 0
    out, err = capsys.readouterr()
    assert "Online Retail" in out
    assert err == ""


@pytest.mark.parametrize("architecture", LADDER)
def test_import_says_what_became_of_every_row(architecture, capsys):
    arguments = ["import", "a.csv", "--shop", architecture, "--db", "shop.db"]
    assert run(*arguments, "--report", "skipped.csv", "--quiet") == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "5 rows: 2 imported, 0 imported before, 3 reported",
        "imported now: orders 1, users 1, products 2",
        "        2  no customer",
        "        1  credit note",
        f"report: {Path('skipped.csv').resolve()}",
    ]
    assert err == ""
    with open("skipped.csv", encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    with open("a.csv", encoding="utf-8", newline="") as file:
        original = list(csv.reader(file))
    assert written == [
        ["line", "reason", *original[0]],
        ["4", "credit note", *original[3]],
        ["5", "no customer", *original[4]],
        ["6", "no customer", *original[5]],
    ]
    with open_shop(architecture, write="sqlite:///shop.db", read="sqlite:///shop.db") as shop:
        best = shop.ask(GetBestSellers())
    assert [(p.name, p.revenue_cents) for p in best] == [("=CMD()", 2034), ("WHITE HEART", 1530)]

    assert run(*arguments, "--quiet") == 0
    out, _ = capsys.readouterr()
    assert out.startswith(
        "5 rows: 0 imported, 2 imported before, 3 reported\nimported now: orders 0,"
    )
    assert out.endswith("\n--report FILE writes the reported rows to a file\n")


def test_a_progress_bar_is_shown_on_stderr(capsys):
    assert run("import", "a.csv", "--db", "sqlite:///shop.db") == 0
    out, err = capsys.readouterr()
    assert "importing: 100%" in err
    assert "delivering: 100%" in err
    assert "%" not in out
    assert Path("shop.db").exists()


def prepare_bad_files():
    Path("columns.csv").write_text("InvoiceNo,StockCode\n1,2\n")
    Path("latin.csv").write_bytes(FILE.replace("WHITE", "CAF\xc9").encode("latin-1"))
    Path("empty.csv").write_text("")
    Path("open.csv").write_text(FILE + '1,"open\n')
    Path("folder").mkdir()
    Path("text.db").write_text("This is not a database, however long one looks at it.\n" * 100)
    with open_shop("crud", write="sqlite:///crud.db") as shop:
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
    with closing(sqlite3.connect("other.db")) as connection:
        connection.execute("CREATE TABLE theirs (x)")


IMPORT = ("import", "a.csv", "--db", "shop.db")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nonsense"], "nonsense"),
        (["import"], "required: FILE, --db"),
        (["import", "a.csv", "--db", ""], "--db: must not be empty"),
        (["quiz", "--lesson="], "--lesson: must not be empty"),
        (["notes", "--out", ""], "--out: must not be empty"),
        (["explain", ""], "explain: must not be empty"),
        (["import", "a.csv", "--db", ":memory:"], "what is in memory is gone afterwards"),
        (["import", "a.csv", "--db", "sqlite://"], "what is in memory is gone afterwards"),
        ([*IMPORT, "--shop", "three-stores"], "three-stores"),
        ([*IMPORT, "--bogus"], "--bogus"),
        ([*IMPORT, "--bogus=a\nb"], "--bogus=a b"),
        (["import", "missing.csv", "--db", "shop.db"], "missing.csv: No such file"),
        (["import", "folder", "--db", "shop.db"], "folder: Is a directory"),
        (["import", "columns.csv", "--db", "shop.db"], "missing: Description, Quantity, Inv"),
        (["import", "latin.csv", "--db", "shop.db"], "utf-8-sig; try --encoding latin-1"),
        (["import", "empty.csv", "--db", "shop.db"], "empty.csv: is empty"),
        (["import", "open.csv", "--db", "shop.db"], "open.csv: is not CSV, see line 7"),
        ([*IMPORT, "--encoding", "klingon"], "no text encoding 'klingon'"),
        (["import", "a.csv", "--db", "text.db"], "text.db: file is not a database"),
        (["import", "a.csv", "--db", "crud.db"], "belongs to a shop on the rung 'crud'"),
        (["import", "a.csv", "--db", "other.db"], "the database of another program"),
        (["import", "a.csv", "--db", "folder"], "unable to open database file"),
        (["import", "a.csv", "--db", "no/shop.db"], "unable to open database file"),
        (["import", "a.csv", "--db", "mongodb://host/x"], "there is no store for mongodb"),
        (["import", "a.csv", "--db", "a.csv"], "cannot be the database too"),
        ([*IMPORT, "--report", "a.csv"], "would overwrite a.csv"),
        ([*IMPORT, "--report", "folder/../a.csv"], "would overwrite a.csv"),
        ([*IMPORT, "--report", "shop.db"], "would overwrite shop.db"),
        ([*IMPORT, "--report", "shop.db-wal"], "would overwrite shop.db-wal"),
        (["import", "a.csv", "--db", "crud.db", "--report", "crud.db"], "overwrite crud.db"),
        ([*IMPORT, "--report", "folder"], "folder: the report must be a file"),
        ([*IMPORT, "--report", "no/report.csv"], "cannot be written: No such file"),
        ([*IMPORT, "--report", "a.csv/report.csv"], "cannot be written: Not a directory"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_touched(arguments, problem, here, capsys):
    prepare_bad_files()
    before = contents(here)
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("cqrs_demo: ")
    assert problem in err
    assert contents(here) == before


def test_a_bad_file_name_ends_a_real_process_in_one_line(here):
    done = python("import", "miss\ning.csv", "--db", "shop.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cqrs_demo: miss ing.csv: No such file or directory\n"
    assert not Path("shop.db").exists()


def test_latin_1_can_be_asked_for(capsys):
    prepare_bad_files()
    assert run("import", "latin.csv", "--db", "shop.db", "--encoding", "latin-1", "--quiet") == 0
    with open_shop("two-stores", write="sqlite:///shop.db", read="sqlite:///shop.db") as shop:
        assert shop.ask(GetBestSellers())[1].name == "CAF\xc9 HEART"


def test_a_report_through_a_link_leaves_the_link(capsys):
    Path("link.csv").symlink_to("real.csv")
    assert run(*IMPORT, "--report", "link.csv", "--quiet") == 0
    assert Path("link.csv").is_symlink()
    assert Path("real.csv").read_text().startswith("line,reason,InvoiceNo")
    Path("to_input.csv").symlink_to("a.csv")
    assert run(*IMPORT, "--report", "to_input.csv", "--quiet") == 2
    assert Path("a.csv").read_text() == FILE


def test_ctrl_c_says_how_to_go_on(monkeypatch, capsys):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cqrs_demo.lab.importer, "import_orders", interrupt)
    assert run(*IMPORT, "--quiet", "--report", "r.csv") == 130
    assert capsys.readouterr().err == "cqrs_demo: interrupted; run it again to complete\n"
    assert not Path("r.csv").exists()
    monkeypatch.undo()


def test_a_projection_that_fails_is_named_and_the_exit_code_is_1(monkeypatch, capsys):
    def fail(docs, recorded):
        raise RuntimeError("no")

    def open_with_failing(*arguments, **options):
        projections = {**PROJECTIONS, "users": {UserCreated: fail}}
        return open_shop(*arguments, **options, projections=projections)

    monkeypatch.setattr("cqrs_demo.__main__.open_shop", open_with_failing)
    assert run(*IMPORT, "--quiet", "--report", "r.csv") == 1
    out, err = capsys.readouterr()
    assert out.startswith("5 rows: 2 imported")
    assert err.startswith("cqrs_demo: the projection 'users' has stopped: ")
    assert err.count("\n") == 1
    assert Path("r.csv").exists()


def test_a_reader_that_has_heard_enough_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = python(*IMPORT, "--quiet", stdout=nobody)
    assert (done.returncode, done.stderr) == (141, "")
