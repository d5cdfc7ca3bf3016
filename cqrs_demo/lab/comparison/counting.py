"""Counts what a contestant is made of, from what really runs.

A tracer writes down which functions of this program run while a contestant does each thing that is
measured, once. Their lines of code are counted, without blanks, comments and docstrings. It is one
rule for all, and it leaves nothing out: what a rung needs from the domain to the projections
counts, as does each statement of SQL that stands in a function. Libraries are not counted, sqlite3
as little as SQLAlchemy; nor is what only serves to watch the shop (hops.py).
"""

import ast
import io
import sqlite3
import sys
import tokenize
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

PACKAGE = Path(__file__).parent.parent.parent
NOT_COUNTED = (PACKAGE / "hops.py", Path(__file__))  # for teaching and measuring only


class Parts(NamedTuple):
    """What a contestant is made of."""

    lines: int  # of code, in the functions that ran
    functions: int
    files: int  # of source, that these functions stand in
    tables: int  # a projection's documents count as one
    indexes: int  # besides those of keys
    databases: int


@contextmanager
def traced(seen: set[CodeType]) -> Iterator[None]:
    """Add to `seen` the code of every function of this program that is called in a block."""

    def called(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield
    finally:
        sys.setprofile(before)


def parts_of(do_everything: Callable[[], None], folder: Path) -> Parts:
    """Count what runs in `do_everything`, and what stands in the databases in `folder`."""
    seen: set[CodeType] = set()
    with traced(seen):
        do_everything()
    lines: dict[Path, set[int]] = {}
    functions = 0
    for code in seen:
        path = Path(code.co_filename)
        if PACKAGE not in path.parents or path in NOT_COUNTED or code.co_name.startswith("<"):
            continue
        functions += 1
        lines.setdefault(path, set()).update(lines_of(path, code.co_firstlineno))
    tables, indexes, databases = _stored(folder)
    count = sum(len(numbers) for numbers in lines.values())
    return Parts(count, functions, len(lines), tables, indexes, databases)


def lines_of(path: Path, first: int) -> set[int]:
    """Return the lines of code of the function that begins at a line, decorators included."""
    code, functions = _source(path)
    begin, end = functions.get(first, (first, first))
    return {line for line in code if begin <= line <= end}


@cache
def _source(path: Path) -> tuple[set[int], dict[int, tuple[int, int]]]:
    """Return a file's lines of code, and where each function begins and ends."""
    source = path.read_text(encoding="utf-8")
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skip and token.string:
            code.update(range(token.start[0], token.end[0] + 1))
    functions: dict[int, tuple[int, int]] = {}
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            doc = node.body[0]
            code -= set(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(x.lineno for x in node.decorator_list)])
            functions[first] = (first, node.end_lineno or node.lineno)
    return code, functions


def _stored(folder: Path) -> tuple[int, int, int]:
    """Count tables, indexes and databases. Tables in which nothing stands are not counted."""
    tables = indexes = databases = 0
    for file in folder.glob("*.db"):
        databases += 1
        connection = sqlite3.connect(file)
        try:
            sql = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
            for kind, name in connection.execute(sql).fetchall():
                if kind == "index":
                    indexes += 1
                elif kind == "table" and name != "shop_stores":
                    sql = f'SELECT EXISTS (SELECT 1 FROM "{name}")'
                    tables += connection.execute(sql).fetchone()[0]
        finally:
            connection.close()
    return tables, indexes, databases


def bytes_in_use(folder: Path) -> int:
    """Return how many bytes the databases in a folder need, free pages not counted."""
    total = 0
    for file in folder.glob("*.db"):
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            pages, free, size = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            total += (pages - free) * size
        finally:
            connection.close()
    return total
