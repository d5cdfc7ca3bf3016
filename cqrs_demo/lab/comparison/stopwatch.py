"""Times calls and writes, one by one, while the garbage collector stands still."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .contestants import Contestant


def timed_calls(
    function: Callable[..., Any], arguments: Sequence[tuple[str, ...]]
) -> tuple[list[Any], list[float]]:
    """Return what a function answers, and how many seconds each call took."""
    answers, seconds = [], []
    with without_collector():
        for values in arguments:
            start = time.perf_counter()
            answer = function(*values)
            seconds.append(time.perf_counter() - start)
            answers.append(answer)
    return answers, seconds


def timed_write(
    contestant: Contestant, write: Callable[..., None], *arguments: str
) -> tuple[float, float]:
    """Return the seconds until a write is stored, and until the read side shows it."""
    with without_collector():
        start = time.perf_counter()
        write(*arguments)
        stored = time.perf_counter()
        contestant.catch_up()
        shown = time.perf_counter()
    return stored - start, shown - start


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from running while something is timed; run it before."""
    gc.collect(0)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
