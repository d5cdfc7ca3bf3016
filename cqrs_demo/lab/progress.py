"""What a learner has done so far: bets, exercises, summaries. One JSON file on their own machine.

It lies where platformdirs puts a user's data, or where the environment variable
CQRS_DEMO_PROGRESS says. Several notebooks may be open at once, each with a kernel of its own, so
every change begins by reading the file again. A file that is damaged is set aside, never deleted;
where nothing can be written, progress is kept in memory, and `remark` says so.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from ..domain.errors import ShopError
from ..visuals.files import replace

FORMAT = "cqrs-demo/progress"
VERSION = 1
VARIABLE = "CQRS_DEMO_PROGRESS"
PARTS = ("bets", "exercises", "summaries")
MOST_LETTERS = 20_000  # of a summary

Data = dict[str, Any]


def empty() -> Data:
    return {"format": FORMAT, "version": VERSION, **{part: {} for part in PARTS}}


def default_path() -> Path:
    """Return where a user's progress is kept."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else Path(user_data_dir("cqrs_demo", False)) / "progress.json"


@dataclass
class Progress:
    """The progress in one file. `remark` says what a learner should know of how it is kept."""

    path: Path
    remark: str = ""

    def __post_init__(self) -> None:
        self.path = Path(os.path.realpath(self.path))  # a link stays one
        self._data = empty()
        self._is_kept = True  # on disk
        self._listeners: list[Callable[[], None]] = []
        self._read()

    # what there is

    def bets(self) -> dict[str, Data]:
        """Return question -> {"lesson", "bet", "right", "misconception", "first"}."""
        return self._part("bets")

    def exercises(self) -> dict[str, Data]:
        """Return exercise -> {"passed", "tries"}."""
        return self._part("exercises")

    def summaries(self) -> dict[str, str]:
        """Return lesson -> what the learner wrote."""
        return self._part("summaries")

    def as_json(self) -> str:
        self._read()
        return _written(self._data)

    # what happens

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change that is made in this program."""
        self._listeners.append(listener)

    def bet(
        self, question: str, lesson: str, bet: Any, right: bool, misconception: str | None = None
    ) -> None:
        """Keep the answer to a question, and which was the first one given."""

        def change(data: Data) -> None:
            before = data["bets"].get(question, {})
            told = {"lesson": lesson, "bet": bet, "right": right, "misconception": misconception}
            met = {*before.get("met", ()), *([misconception] if misconception else [])}
            first = before.get("first", bet)
            data["bets"][question] = {**told, "first": first, "met": sorted(met)}

        self._change(change)

    def exercise_tried(self, name: str, passed: bool) -> None:
        """Count an attempt; what was solved once stays solved."""

        def change(data: Data) -> None:
            before = data["exercises"].get(name, {"passed": False, "tries": 0})
            solved = before["passed"] or passed
            data["exercises"][name] = {"passed": solved, "tries": before["tries"] + 1}

        self._change(change)

    def summarise(self, lesson: str, text: str) -> None:
        """Keep what the learner wrote about a lesson."""
        self._change(lambda data: data["summaries"].update({lesson: text[:MOST_LETTERS]}))

    def reset(self) -> None:
        """Forget everything, as for the next group."""
        self._change(lambda data: data.update(empty()))

    def export(self, path: str | Path) -> Path:
        """Write a copy. Raises ShopError if that cannot be done, or something else is there."""
        path = Path(path)
        try:
            if path.exists() and not _is_progress(path.read_bytes()):
                raise ShopError(f"{path}: is there, and holds no progress")
            path.parent.mkdir(parents=True, exist_ok=True)
            replace(path, self.as_json().encode())
        except OSError as error:
            raise ShopError(f"{path}: cannot be written: {error.strerror}") from error
        return path

    # how it is kept

    def _part(self, name: str) -> dict[str, Any]:
        self._read()
        return deepcopy(self._data[name])

    def _change(self, change: Callable[[Data], Any]) -> None:
        with self._alone():
            self._read()
            change(self._data)
            if self._is_kept:
                self._write()
        for listener in self._listeners:
            listener()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other kernel write between our reading and our writing; wait a second at most."""
        lock, until = self.path.with_name(f".{self.path.name}.lock"), time.monotonic() + 1
        held = False
        while self._is_kept and not held and time.monotonic() < until:
            try:
                lock.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                held = True
            except FileExistsError:
                time.sleep(0.005)
            except OSError:  # it cannot be written, and _write says so
                break
        try:
            yield
        finally:
            if held or time.monotonic() >= until:  # left by a kernel that was killed
                with suppress(OSError):
                    lock.unlink()

    def _read(self) -> None:
        if not self._is_kept:
            return
        if self.path.exists() and not (self.path.is_file() or self.path.is_dir()):
            self._keep_in_memory(f"{self.path} is no file")  # such as a device: not ours to replace
            return
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            self._data = empty()
            return
        except OSError as error:
            self._keep_in_memory(f"{self.path} cannot be read ({error.strerror})")
            return
        try:
            self._data = read(text)
        except NewerError as error:
            self._keep_in_memory(f"{self.path} {error}")
        except ValueError as error:
            self._set_aside(str(error))

    def _write(self) -> None:
        text = _written(self._data).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                replace(self.path, text)
            except PermissionError:  # on Windows, while another notebook reads it
                time.sleep(0.05)
                replace(self.path, text)
        except OSError as error:
            self._keep_in_memory(f"{self.path} cannot be written ({error.strerror})")

    def _set_aside(self, problem: str) -> None:
        self._data = empty()
        for n in range(1, 1_000):
            aside = self.path.with_name(f"{self.path.stem}.damaged-{n}{self.path.suffix}")
            if not aside.exists():
                break
        try:
            self.path.rename(aside)
        except OSError as error:
            self._keep_in_memory(f"{self.path} is damaged and cannot be moved ({error.strerror})")
            return
        self.remark = f"The file of your progress {problem}; it is kept as {aside.name}."

    def _keep_in_memory(self, why: str) -> None:
        self._is_kept = False
        self.remark = f"Your progress is kept only until this program ends: {why}."


def _written(data: Data) -> str:
    """Return JSON text; half a character, which UTF-8 cannot hold, becomes a question mark."""
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return text.encode("utf-8", "replace").decode()


class NewerError(Exception):
    """The file was written by a newer program, and must be left alone."""


def read(text: bytes) -> Data:
    """Return what a file of progress holds. Raises ValueError if it is damaged, or NewerError."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("was damaged") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError("held something else")
    if type(data.get("version")) is not int or data["version"] < 1:
        raise ValueError("was damaged")
    if data["version"] > VERSION:
        raise NewerError("was written by a newer version of cqrs_demo, and is left alone")
    kept = {part: data.get(part, {}) for part in PARTS}
    if not _fits(kept):
        raise ValueError("was damaged")
    return {"format": FORMAT, "version": VERSION, **kept}


def _fits(kept: Data) -> bool:
    """Say whether each part holds what it should, so that nobody else need look."""
    if not all(isinstance(part, dict) for part in kept.values()):
        return False
    bets, exercises, summaries = (kept[part] for part in PARTS)
    return (
        all(_is_bet(each) for each in bets.values())
        and all(
            isinstance(each, dict)
            and type(each.get("passed")) is bool
            and type(each.get("tries")) is int
            for each in exercises.values()
        )
        and all(isinstance(each, str) for each in summaries.values())
    )


def _is_bet(each: Any) -> bool:
    return (
        isinstance(each, dict)
        and isinstance(each.get("lesson"), str)
        and type(each.get("bet")) in (int, float)
        and type(each.get("right")) is bool
        and isinstance(each.get("misconception"), str | None)
        and isinstance(each.get("met", []), list)
        and all(isinstance(name, str) for name in each.get("met", []))
    )


def _is_progress(text: bytes) -> bool:
    with suppress(ValueError, NewerError):
        read(text)
        return True
    return False


@cache
def _at(path: Path) -> Progress:
    return Progress(path)


def progress() -> Progress:
    """Return the progress of whoever is learning here."""
    return _at(default_path().absolute())
