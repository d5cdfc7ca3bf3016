"""Running somebody's function for a while, and no longer.

It runs in a thread of its own, which is the only way that works with a function from a notebook on
every system: it cannot be pickled into another process. Whoever asked gets an answer in time,
whatever the thread does. A loop that never ends is stopped from outside by an exception; what
waits inside one call of the system, such as Event().wait(), is left behind and stopped when that
call returns. time.sleep is short in that thread, and its clocks go on by what it was to be, so that
whoever waits between two attempts, or until some time, is not taken for a loop without end. Nothing
written in Python can stop one C call that never lets go of the interpreter, such as
sum(range(10**15)); for that there is "Restart kernel".
"""

import ctypes
import io
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from types import FrameType
from typing import Any

MOST_LETTERS_PRINTED = 4_000
MOST_SECONDS_TO_SLEEP = 0.02  # at once; less where less was wanted
GRACE_SECONDS = 0.2  # to end in, before one goes on without it


class TookTooLong(BaseException):
    """Ends a thread from outside; no `except Exception` stops it."""


@dataclass
class Outcome:
    """What came of it: `error` if it raised, `frame` (where it was) if it was not done in time."""

    done: bool = False
    error: BaseException | None = None
    frame: FrameType | None = None
    printed: str = ""


def run_patiently(
    function: Callable[[], None], seconds: float, names: dict[str, Any] | None = None
) -> Outcome:
    """Call a function and return what came of it, after at most so many seconds.

    What its thread prints is kept, and not shown. KeyboardInterrupt is for the caller, and ends
    the waiting; everything that the function raises is in the outcome. `names` are those that its
    code uses, in which a sleep may be that came by `from time import sleep`.
    """
    if isinstance(threading.current_thread(), _Worker):  # each would start the next, for ever
        raise RuntimeError("check was called by the function that is being checked")
    outcome = Outcome()
    printed = io.StringIO()

    def work() -> None:
        try:
            with suppress(TookTooLong):
                function()
                outcome.done = True
        except BaseException as error:  # a learner's function may raise anything
            outcome.error, outcome.done = error, True

    thread = _Worker(target=work, name="exercise", daemon=True)
    with _listening(thread, printed), _hurrying(names or {}):
        thread.start()
        try:
            thread.join(seconds)
        finally:
            if thread.is_alive():
                outcome.frame = sys._current_frames().get(thread.ident or 0)
                threading.Thread(target=_stop, args=(thread,), daemon=True).start()
                thread.join(GRACE_SECONDS)
    came = Outcome(outcome.done, outcome.error, outcome.frame, printed.getvalue())
    return came if came.frame is None else Outcome(frame=came.frame, printed=came.printed)


class _Worker(threading.Thread):
    slept = 0.0  # seconds, beyond those that have really gone by

    def run(self) -> None:
        with suppress(TookTooLong):  # which may come a moment after the function has ended
            super().run()


def _stop(thread: threading.Thread) -> None:
    """Raise TookTooLong in a thread until it has ended, for it may catch even that.

    Sooner or later it is raised between two rounds of the loop that catches it, so try often;
    what has not ended by then is waiting for something, and need not be disturbed as often.
    """
    for attempt in count():
        if not thread.is_alive():
            return
        ident = ctypes.c_ulong(thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(TookTooLong))
        thread.join(0.02 if attempt < 500 else 1.0)


def _sleep(seconds: float) -> None:
    """Sleep as long as was asked for; a worker sleeps shortly, and its clocks go on."""
    worker = threading.current_thread()
    if not isinstance(worker, _Worker) or not isinstance(seconds, int | float) or seconds <= 0:
        _REAL["sleep"](seconds)
        return
    short = min(seconds / 20, MOST_SECONDS_TO_SLEEP)
    _REAL["sleep"](short)
    worker.slept += seconds - short


def _clock(name: str) -> Callable[[], float]:
    def now() -> float:
        return float(_REAL[name]() + getattr(threading.current_thread(), "slept", 0.0))

    return now


_REAL: dict[str, Any] = {
    name: getattr(time, name) for name in ("sleep", "time", "monotonic", "perf_counter")
}
_HURRIED = {"sleep": _sleep, **{name: _clock(name) for name in _REAL if name != "sleep"}}
_hurry = threading.Lock()
_before: list[dict[str, Any]] = []  # what stood in time, for each check that is going on


@contextmanager
def _hurrying(names: dict[str, Any]) -> Any:
    """Put our sleep and clocks in the place of Python's; the last one to go puts them back.

    For all threads but workers they are what they were.
    """
    with _hurry:
        _before.append({name: getattr(time, name) for name in _HURRIED})
        vars(time).update(_HURRIED)
    replaced = {
        key: name
        for key, value in list(names.items())
        for name, real in _REAL.items()
        if value is real
    }
    names.update({key: _HURRIED[name] for key, name in replaced.items()})
    try:
        yield
    finally:
        for key, name in replaced.items():
            if names.get(key) is _HURRIED[name]:
                names[key] = _REAL[name]
        with _hurry:
            latest = _before.pop()  # whichever check it is that ends
            if not _before:
                vars(time).update(latest)


class _Ear(io.TextIOBase):
    """Keeps what one thread writes; everybody else's goes where it went before."""

    def __init__(self, thread: threading.Thread, kept: io.StringIO, before: Any) -> None:
        self._thread, self._kept, self._before = thread, kept, before

    def write(self, text: str) -> int:
        if threading.current_thread() is not self._thread:
            return int(self._before.write(text))
        self._kept.write(text[: max(0, MOST_LETTERS_PRINTED - self._kept.tell())])
        return len(text)

    def flush(self) -> None:
        if threading.current_thread() is not self._thread:
            self._before.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._before, name)


@contextmanager
def _listening(thread: threading.Thread, kept: io.StringIO) -> Any:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_Ear(thread, kept, stream) for stream in before)
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:  # there exit() does not raise SystemExit but ends the kernel
        shell.ask_exit = sys.exit
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        if shell is not None:
            del shell.ask_exit
