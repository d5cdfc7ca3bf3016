"""The shape of the program: what may import what, and how much there is to read."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cqrs_demo"
CORE = sorted(
    [
        *PACKAGE.glob("*.py"),
        *(
            path
            for room in ("domain", "storage", "write_model", "event_bus", "read_model", "crud")
            for path in (PACKAGE / room).glob("*.py")
        ),
    ]
)
# PostgreSQL lives beside the core, as brokers and other document stores will; so do recordings.
NOT_CORE = {
    PACKAGE / name
    for name in (
        *("__init__.py", "__main__.py", "minimal.py"),
        *("storage/postgresql.py", "recording.py"),
    )
}

# room -> rooms of this package that it may import
MAY_IMPORT = {
    "domain": set(),
    "hops": set(),
    "codec": {"domain"},
    "storage": {"domain", "hops"},
    "write_model": {"domain", "codec", "hops", "storage"},
    "event_bus": {"domain", "codec", "hops", "storage", "write_model"},
    "read_model": {"domain", "codec", "hops", "storage", "write_model", "event_bus"},
    "crud": {"domain", "codec", "hops", "storage", "write_model"},
}


def code_lines(path: Path) -> int:
    """Count the lines that hold code: no blanks, no comments, no docstrings."""
    source = path.read_text(encoding="utf-8")
    lines: set[int] = set()
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skip and token.string:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            doc = node.body[0]
            lines -= set(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    return len(lines)


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms of this package that a file imports."""
    rooms = set()
    depth = len(path.relative_to(PACKAGE).parts) - 1
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth + 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            rooms.update(name.split(".")[0] for name in names)
    return rooms


def evening() -> list[Path]:
    """Return the files that the README names for an evening, in its order."""
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("Then an evening is enough") : readme.index("The rest stands")]
    found: list[Path] = []
    for place, names in re.findall(r"^\| \[.*?\]\((.*?)\) \| (.*?) \|", table, re.MULTILINE):
        room = PACKAGE.parent / place
        if names == "all":
            found += sorted(room.glob("*.py"))
        else:
            found += [room / name for name in re.findall(r"`(.*?)`", names)] or [room]
    return found


def test_the_pattern_on_all_rungs_can_be_read_in_an_evening():
    read = evening()
    assert {path.parent.name for path in read} == {
        *("cqrs_demo", "domain", "write_model", "event_bus", "read_model")
    }
    assert sum(map(code_lines, read)) <= 1_500


def test_the_core_grows_no_more():
    """A ratchet: lower it whenever the core gets smaller, and think twice before raising it.

    It is more than an evening: it holds what makes the pattern hold under faults and load, too.
    """
    counted = {path: code_lines(path) for path in CORE if path not in NOT_CORE}
    assert sum(counted.values()) <= 2_697, counted


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_core_file_is_longer_than_200_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_below_it(room):
    files = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else []
    for path in files or (PACKAGE / room).glob("*.py"):
        assert imported_rooms(path) <= MAY_IMPORT[room], path


def test_the_domain_imports_only_the_standard_library():
    for path in (PACKAGE / "domain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert all(a.name.split(".")[0] in sys.stdlib_module_names for a in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").split(".")[0] in sys.stdlib_module_names


def test_importing_the_package_pulls_in_nothing_heavy():
    heavy = {"pandas", "matplotlib", "IPython", "ipywidgets", "sqlalchemy", "tqdm", "numpy"}
    code = f"import sys, cqrs_demo; print(*({heavy!r} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_every_public_name_is_exported_and_exists():
    import cqrs_demo

    for name in cqrs_demo.__all__:
        assert hasattr(cqrs_demo, name)
    for module in ("commands", "events", "queries", "errors"):
        vocabulary = __import__(f"cqrs_demo.domain.{module}", fromlist=["*"])
        for name, thing in vars(vocabulary).items():
            if isinstance(thing, type) and thing.__module__ == vocabulary.__name__:
                assert name in cqrs_demo.__all__


def test_a_run_of_the_tests_begins_with_the_stores_that_are_real():
    command = [sys.executable, "-m", "pytest", "--collect-only", "tests/test_codec.py"]
    root = PACKAGE.parent
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert "\nstores: SQLite" in run.stdout[: run.stdout.index("collected")]
