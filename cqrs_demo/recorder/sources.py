"""Which lines ran: the nearest caller that a learner came to read.

Teaching code announces nothing and knows nothing of being watched. It is found on the stack: the
file of a handler, an aggregate or a projection, or a learner's own file or notebook cell.
"""

import inspect
import linecache
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tokenize import TokenError
from types import CodeType, FrameType, TracebackType
from typing import Any

from ..recording import Code

PACKAGE = Path(__file__).resolve().parent.parent
TEACHING = (
    "domain/",
    "write_model/handlers.py",
    "crud/service.py",
    "event_bus/relay.py",
    "event_bus/in_process.py",
    "read_model/projections.py",
    "read_model/orders.py",
    "read_model/sales.py",
    "read_model/document_queries.py",
    "read_model/sql_queries.py",
    "lab/scenarios/",
    "lab/experiments/two_editors.py",
    "lab/exercises/lesson_",
)
PORTS = ("Service.",)  # classes that stand among teaching code, but announce
_paths = sysconfig.get_paths()
OTHERS = tuple(_paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
MOST_LINES = 48  # of one function or cell; a longer one is shown around its current line


def running_code(frame: FrameType | None) -> Code | None:
    """Return the nearest caller's lines, looking outwards from a frame."""
    while frame is not None:
        if is_teaching(frame.f_code.co_filename) and not _is_port(frame.f_code):
            code = code_at(frame.f_code, frame.f_lineno)
            if code:
                return _before_announcing(code)
        frame = frame.f_back
    return None


def raising_code(error: BaseException) -> Code | None:
    """Return the lines that raised an error: the innermost ones that a learner came to read."""
    found = None
    for frame, line in _raised_through(error.__traceback__):
        if is_teaching(frame.f_code.co_filename):
            found = code_at(frame.f_code, line) or found
    return found


def deciding_method(aggregate: Any, event: Any) -> CodeType | None:
    """Return the method of an aggregate that makes this kind of event."""
    methods = ((name, getattr(m, "__code__", None)) for name, m in vars(type(aggregate)).items())
    made = (code for name, code in methods if code and name != "apply")
    return next((code for code in made if type(event).__name__ in code.co_names), None)


def deciding_code(aggregate: Any, event: Any, handler: Code | None) -> Code | None:
    """Return the method of an aggregate that makes this kind of event, at the line that does.

    None if the handler does not call that method: then it was not the aggregate that decided.
    """
    code = deciding_method(aggregate, event)
    if code is None or handler is None or f".{code.co_name}(" not in handler.source:
        return None
    lines, first = _lines(code.co_filename, code)
    made = (n for n, line in enumerate(lines, first) if f"{type(event).__name__}(" in line)
    return code_at(code, next(made, first))


@lru_cache(maxsize=1_000)
def is_teaching(filename: str) -> bool:
    """Say whether a file holds what a learner reads or wrote, not what makes it run."""
    path = Path(filename)
    if path.is_relative_to(PACKAGE):
        return path.relative_to(PACKAGE).as_posix().startswith(TEACHING)
    return not filename.startswith(("<frozen", *OTHERS))


def code_at(code: CodeType, line: int) -> Code | None:
    """Return a function's or a cell's source with its current line; None if there is none."""
    lines, first = _lines(code.co_filename, code)
    if not first <= line < first + len(lines):
        return None
    if len(lines) > MOST_LINES:
        start = min(max(line - first - MOST_LINES // 2, 0), len(lines) - MOST_LINES)
        lines, first = lines[start : start + MOST_LINES], first + start
    return Code(_name_of(code.co_filename), first, "".join(lines).rstrip("\n"), line)


@lru_cache(maxsize=1_000)
def _lines(filename: str, code: CodeType) -> tuple[list[str], int]:
    """Return the lines of a function or of a whole file or cell, and the number of the first."""
    linecache.checkcache(filename)  # a file may have been edited and loaded again
    lines = linecache.getlines(filename)
    if code.co_name == "<module>" or not lines:
        return lines, 1
    first = code.co_firstlineno
    try:
        return inspect.getblock(lines[first - 1 :]), first
    except (SyntaxError, TokenError):  # the file is no longer what runs
        return [], 1


def _before_announcing(code: Code) -> Code:
    """The relay and the bus announce, too; what they announce is in the line before."""
    current = code.source.splitlines()[code.line - code.first]
    return replace(code, line=code.line - 1) if ".announce(" in current else code


def _is_port(code: CodeType) -> bool:
    return code.co_qualname.startswith(PORTS) and Path(code.co_filename).is_relative_to(PACKAGE)


def _name_of(filename: str) -> str:
    if "ipykernel_" in filename or filename.startswith("<ipython-input"):
        return "notebook cell"
    path = Path(filename)
    if path.is_relative_to(PACKAGE.parent):
        return path.relative_to(PACKAGE.parent).as_posix()
    return path.name  # where a file lies on somebody's disk is nobody's business


def _raised_through(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next
