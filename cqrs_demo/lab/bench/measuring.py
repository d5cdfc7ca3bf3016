"""Interleaved measurements: contestants take turns, so that what disturbs one disturbs all.

Only ratios within one round are compared, never times of different rounds. The figure is the
median of the ratios, its spread are their quartiles (Fleming and Wallace, "How not to lie with
statistics", 1986, on why times are not averaged over unlike runs).
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

Clock = Callable[[], float]
Timed = Callable[[int, Clock], float]  # does it so many times; returns the seconds that it took

WALL: Clock = time.perf_counter
CPU: Clock = time.process_time  # of all threads of this process; does not see waiting for the disk
PROBE_SECONDS = 0.002
BUSY = 0.1  # the share of a core lost to others from which a machine counts as busy


@dataclass(frozen=True)
class Contestant:
    """One way to do the same thing. `at_once` fixes how often a slice of time does it; None lets
    the measurement choose. `durability` reads back what the database promises."""

    name: str
    timed: Timed
    at_once: int | None = None
    durability: Callable[[], str] | None = None


def each(once: Callable[[], Any]) -> Timed:
    """Return what times `once`, called many times."""

    def timed(n: int, clock: Clock) -> float:
        start = clock()
        for _ in repeat(None, n):
            once()
        return clock() - start

    return timed


class Spread(NamedTuple):
    """A median between its quartiles."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


@dataclass(frozen=True)
class Measured:
    """Seconds for doing it once, for every contestant and round; and how much of its core this
    process lost to others meanwhile, from 0 to 1."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    lost: list[float] = field(default_factory=list)

    def ratios(self, over: str, under: str) -> list[float]:
        """Return the ratio of two contestants' times in each round."""
        pairs = zip(self.seconds[over], self.seconds[under], strict=True)
        return [o / max(u, 1e-12) for o, u in pairs]

    @property
    def was_busy(self) -> bool:
        return statistics.median(self.lost) > BUSY


def measure(
    contestants: Sequence[Contestant], rounds: int, slice_seconds: float, clock: Clock
) -> Measured:
    """Let the contestants take turns, `rounds` times, each starting with another one.

    What was made before is hidden from the garbage collector, so that a slice pays for its own
    garbage alone.
    """
    measured = Measured({c.name: [] for c in contestants})
    at_once = {c.name: c.at_once or _times_for(c, slice_seconds, clock) for c in contestants}
    gc.collect()
    gc.freeze()
    try:
        for number in range(rounds):
            measured.lost.append(lost_to_others())
            first = number % len(contestants)
            for contestant in (*contestants[first:], *contestants[:first]):
                gc.collect()
                n = at_once[contestant.name]
                measured.seconds[contestant.name].append(contestant.timed(n, clock) / n)
    finally:
        gc.unfreeze()
    return measured


def lost_to_others() -> float:
    """Return which share of its core this process does not get while it only computes."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < PROBE_SECONDS:
        pass
    return max(0.0, 1 - (time.process_time() - cpu) / (time.perf_counter() - wall))


def _times_for(contestant: Contestant, slice_seconds: float, clock: Clock) -> int:
    """Return how often fills a slice of time. Finding out warms the contestant up."""
    n = 1
    while (seconds := contestant.timed(n, clock)) < slice_seconds and n < 10**6:
        n = max(n + 1, min(10 * n, int(1.1 * n * slice_seconds / max(seconds, 1e-9))))
    return n
