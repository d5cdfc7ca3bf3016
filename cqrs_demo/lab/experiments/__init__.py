"""The experiments that go with the comparison: edits that get lost, processes that disturb each
other, documents that are behind. Each is measured briefly here; their modules measure longer.

    for name, result in measured(orders=2_000): ...
    results["collaboration"].frame, .chart(), .sentences()
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..watching import Watch
from ..workload import SEED
from . import collaboration, contention, staleness

MOST_ORDERS = 5_000  # for contention, which copies the files again and again

Cache = str | os.PathLike[str] | None


@dataclass(frozen=True)
class Experiment:
    """A title, what it asks, and how it is measured: with orders, seed, cache folder, watch."""

    title: str
    asks: str
    measure: Callable[[int, int, Cache, Watch], Any]


def _collaboration(orders: int, seed: int, cache: Cache, watch: Watch) -> Any:
    return collaboration.measure(300, seed, watch=watch)


def _contention(orders: int, seed: int, cache: Cache, watch: Watch) -> Any:
    fewer = min(orders, MOST_ORDERS)
    return contention.measure(
        fewer, seconds=0.2, warm_up=0.05, repeats=2, seed=seed, cache=cache, watch=watch
    )


def _staleness(orders: int, seed: int, cache: Cache, watch: Watch) -> Any:
    return staleness.measure((0.0, 0.1), (20, 200), seconds=0.4, repeats=2, seed=seed, watch=watch)


EXPERIMENTS: dict[str, Experiment] = {
    "collaboration": Experiment(
        "Two editors, one order",
        "Two people edit the same order, again and again: whose edits are lost?",
        _collaboration,
    ),
    "contention": Experiment(
        "Readers and writers at once",
        "Processes read and write at the same time: how much do they disturb each other?",
        _contention,
    ),
    "staleness": Experiment(
        "How far documents are behind",
        "Events are delivered in the background: how old is what a reader sees?",
        _staleness,
    ),
}


def measured(
    orders: int, seed: int = SEED, cache: str | Path | None = None, watch: Watch | None = None
) -> Iterator[tuple[str, Any]]:
    """Measure one experiment after the other; yield its name and result as soon as it is there.

    It takes about half a minute. Raises what their `measure` raises.
    """
    for name, experiment in EXPERIMENTS.items():
        yield name, experiment.measure(orders, seed, cache, watch or Watch())
