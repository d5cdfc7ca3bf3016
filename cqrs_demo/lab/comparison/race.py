"""One size of the comparison: everybody gets the same data, and then they take turns.

In each round everybody is asked the same questions with the same arguments, and does the same
writes; who begins changes from question to question. All answers of a round are compared.
"""

import sqlite3
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from ...domain.errors import ShopError, StoreUnavailable
from ..importer import Clock
from ..workload import Workload
from ..workload.cache import copy_files
from ..workload.filling import LOGS, WRITE
from .arguments import CALLS, choose_arguments, in_stock
from .contestants import Contestant, Entry
from .counting import Parts, bytes_in_use, parts_of
from .rows import (
    FUNCTIONS,
    LAG,
    LINES,
    MIX,
    MIXTURE,
    PLACE,
    PLACE_SEEN,
    READS,
    REBUILD,
    RENAME,
    RENAME_SEEN,
    STORAGE,
    STORED,
)
from .stopwatch import timed_calls, timed_write

ROUNDS = 7
FEWEST_CALLS = 2  # of a question that is the same each time
FEWEST_ARGUMENTS = 4  # of one that is not: some users have ordered much more than others
SECONDS_A_BLOCK = 0.06  # for one question in a round, by the slowest contestant
PLACED = 6  # orders in a round
RENAMED = 2  # users in a round
REBUILT_OFTEN = 1_500  # orders up to which a rebuild is short enough to be repeated


Samples = dict[tuple[int, str, str], list[list[float]]]  # size, row, contestant -> rounds -> values


class Notebook(Protocol):
    """Where the figures go: see Comparison."""

    reads_a_write: int
    lag: float
    skipped: dict[str, str]
    lost: list[float]
    answers: int
    samples: Samples

    def add(self, size: int, row: str, name: str, values: Sequence[float]) -> None: ...


class Race:
    """All contestants on their copies of one workload."""

    def __init__(self, notebook: Notebook, workload: Workload, rounds: int) -> None:
        self.notebook = notebook
        self.workload = workload
        self.size = workload.size
        self.running: dict[str, Contestant] = {}
        self.folders: dict[str, Path] = {}
        self.clock = Clock()
        self.turn = 0
        self.entries: dict[str, Entry] = {}
        self.arguments, self.last = choose_arguments(workload, rounds)
        self.calls: dict[str, int] = {}
        self.stock: list[str] = []

    def open(self, entries: dict[str, Entry], files: dict[str, Path], folder: Path) -> None:
        """Give everybody a copy of the data. Who cannot run is skipped, and it is said why."""
        self.entries = entries
        self.clock.now = self.last + timedelta(days=1)
        try:
            self.stock = in_stock(files["crud"] / WRITE)
        except sqlite3.Error as error:
            raise _damaged(files["crud"].parent, error) from error
        for name, entry in entries.items():
            self.folders[name] = folder / f"{self.size}-{name}"
            copy_files(files[entry.rung], self.folders[name])
            try:
                self.running[name] = entry.open(self.folders[name], self.clock)
            except StoreUnavailable as error:  # a copy just made: so what was copied is to blame
                raise _damaged(files[entry.rung].parent, error) from error
            except ShopError as error:
                self.notebook.skipped[name] = str(error)
                continue
            self._keep(STORAGE.name, {name: [bytes_in_use(self.folders[name])]})

    def close(self) -> None:
        for contestant in self.running.values():
            contestant.close()
        self.running.clear()

    def warm_up(self) -> None:
        """Ask everything once, untimed: to fill caches, and to see how often there is time for."""
        for row in READS:
            arguments = self.arguments[0].of(row.name)[:FEWEST_CALLS]
            slowest = max(self._ask(row.name, arguments, keep=False)) / len(arguments)
            fit = int(SECONDS_A_BLOCK / max(slowest, 1e-6))
            fewest = FEWEST_ARGUMENTS if arguments[0] else FEWEST_CALLS
            self.calls[row.name] = max(fewest, min(CALLS, fit))

    def round(self, n: int) -> None:
        """Measure every question and every write, once more."""
        wall, cpu = time.perf_counter(), time.process_time()
        for row in READS:  # all is in memory: a process that is not computing had to wait
            self._ask(row.name, self.arguments[n].of(row.name)[: self.calls[row.name]])
        share = (time.process_time() - cpu) / (time.perf_counter() - wall)
        self.notebook.lost.append(max(0.0, 1 - share))
        self._place_orders(n)
        self._rename_users(n)
        for name in self.running:
            self._work_out(name)

    def rebuild(self) -> None:
        """Time how long everything that was stored a second time takes to be made anew."""
        for _ in range(3 if self.size <= REBUILT_OFTEN else 1):
            for name, contestant in self._in_turn():
                start = time.perf_counter()
                if contestant.rebuild():
                    self._keep(REBUILD.name, {name: [time.perf_counter() - start]})
        for row in READS:  # what was made anew must answer as before
            self._ask(row.name, self.arguments[-1].of(row.name)[:1], keep=False)

    def count_parts(self) -> dict[str, Parts]:
        """Have everybody do everything once more, and count what takes part in it."""
        self._tick()
        return {
            name: parts_of(partial(self._everything, contestant), self.folders[name])
            for name, contestant in self.running.items()
        }

    def keep_parts(self, parts: dict[str, Parts]) -> None:
        for name in self.running:
            counted = parts[name]
            self._keep(LINES.name, {name: [counted.lines]})
            self._keep(FUNCTIONS.name, {name: [counted.functions]})
            self._keep(STORED.name, {name: [counted.tables + counted.indexes]})

    def _everything(self, contestant: Contestant) -> None:
        for row in READS:
            getattr(contestant, row.name)(*self.arguments[0].of(row.name)[0])
        user = self.arguments[0].users[0]
        contestant.draft("counted", user, self._items(0))
        contestant.place("counted")
        contestant.rename(user, "Somebody Else")
        contestant.catch_up()

    def _ask(self, row: str, arguments: list[tuple[str, ...]], keep: bool = True) -> list[float]:
        """Ask everybody; return the seconds that each needed. Raises ShopError if two disagree."""
        answers: dict[str, list[Any]] = {}
        needed = []
        for name, contestant in self._in_turn():
            answers[name], seconds = timed_calls(getattr(contestant, row), arguments)
            needed.append(sum(seconds))
            if keep:
                self.notebook.add(self.size, row, name, seconds)
        self._require_equal(row, answers)
        return needed

    def _require_equal(self, row: str, answers: dict[str, list[Any]]) -> None:
        if not answers:
            return
        first, *others = answers
        for name in others:
            if answers[name] != answers[first]:
                raise ShopError(f"{name} and {first} disagree on {row!r}: that must not be")
        self.notebook.answers += len(answers[first]) * len(answers)

    def _place_orders(self, n: int) -> None:
        waits: dict[str, list[float]] = {name: [] for name in self.running}
        seen: dict[str, list[float]] = {name: [] for name in self.running}
        for k, user in enumerate(self.arguments[n].users[:PLACED]):
            order_id = f"new-{n}-{k}"
            self._tick()
            for _, contestant in self._in_turn():
                contestant.draft(order_id, user, self._items(n * PLACED + k))
                contestant.catch_up()
            self._tick()
            for name, contestant in self._in_turn():
                stored, shown = timed_write(contestant, contestant.place, order_id)
                waits[name].append(stored)
                seen[name].append(shown)
            self._compare("order", order_id)
            self._compare("last_orders", user)
        self._keep(PLACE.name, waits)
        self._keep(PLACE_SEEN.name, seen)
        self._compare("best_sellers")

    def _rename_users(self, n: int) -> None:
        waits: dict[str, list[float]] = {name: [] for name in self.running}
        seen: dict[str, list[float]] = {name: [] for name in self.running}
        for k, user in enumerate(self.arguments[n].users[:RENAMED]):
            new_name = f"New Name {n} {k}"
            self._tick()
            for name, contestant in self._in_turn():
                stored, shown = timed_write(contestant, contestant.rename, user, new_name)
                waits[name].append(stored)
                seen[name].append(shown)
            self._compare("history", user)
        self._keep(RENAME.name, waits)
        self._keep(RENAME_SEEN.name, seen)

    def _keep(self, row: str, values: dict[str, list[float]]) -> None:
        for name, seconds in values.items():
            self.notebook.add(self.size, row, name, seconds)

    def _work_out(self, name: str) -> None:
        """Add what follows from this round's figures: all the work for an order, and the wait."""
        seen = self._median(PLACE_SEEN.name, name)
        reads = sum(share * self._median(row, name) for row, share in MIXTURE.items()) / 100
        self._keep(MIX.name, {name: [seen + self.notebook.reads_a_write * reads]})
        if self.notebook.lag:
            behind = self.entries[name].rung in LOGS
            self._keep(LAG.name, {name: [seen + (self.notebook.lag if behind else 0)]})

    def _median(self, row: str, name: str) -> float:
        return statistics.median(self.notebook.samples[self.size, row, name][-1])

    def _compare(self, row: str, *arguments: str) -> None:
        answers = {name: [getattr(c, row)(*arguments)] for name, c in self.running.items()}
        self._require_equal(row, answers)

    def _in_turn(self) -> list[tuple[str, Contestant]]:
        """Return everybody, each time beginning with another one."""
        everybody = list(self.running.items())
        self.turn = (self.turn + 1) % max(1, len(everybody))
        return everybody[self.turn :] + everybody[: self.turn]

    def _items(self, n: int) -> list[tuple[str, int]]:
        """Return two products that are in stock, others each time."""
        return sorted({(self.stock[(2 * n + i) % len(self.stock)], 1) for i in range(2)})

    def _tick(self) -> None:
        self.clock.now += timedelta(seconds=1)


def _damaged(kept: Path, error: Exception) -> ShopError:
    return ShopError(f"{kept}: is damaged ({error}); remove that folder, and it is filled again")
