"""Readers and writers at the same time, as processes of their own: how much do they disturb?

    found = measure(readers=2, writers=1)
    found.frame          # one row a rung, kind of work and situation
    found.chart()
    panel()              # the same in a notebook, with sliders

Each rung is measured in three situations: readers alone and writers alone; both at once on the
same files ("together"); and both at once on copies, so that they share nothing but the machine
("apart"). What "apart" loses against "alone" is the price of sharing processors and disk. What
"together" loses against "apart" is the price of sharing a database, and of nothing else.

On rungs 3 and 4 one more process delivers the events wherever there are writers, since that work
is part of these rungs.

On one small machine this shows interference, not scaling: there are more processes than processors,
and SQLite lets one writer at a time into a file. What several machines would do, it cannot show.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...domain.errors import InvalidMessage
from ...domain.fields import number
from ...ladder import LADDER
from ...visuals.charts import Chart
from ...visuals.charts.contention import contention_chart
from ..watching import Watch
from ..workload import SEED, generated
from ..workload.cache import cache_folder, clear_errors, copy_files, filled
from ..workload.filling import READ, WRITE
from .workers import Report, Task, Workers

RUNGS = tuple(LADDER)
WITH_EVENTS = ("two-stores", "event-sourced")
MOST_ORDERS = 100_000  # each phase copies the files
MOST_WORKERS = 8  # of each kind
SITUATIONS = ("alone", "apart", "together")
WORKS = ("read", "write")
TOO_NOISY = 3.0  # times that one repeat differs from another


class Phase(NamedTuple):
    """Who works at the same time: the kinds of work, and whether they share files."""

    situation: str
    works: tuple[str, ...]


PHASES = (
    Phase("alone", ("read",)),
    Phase("alone", ("write",)),
    Phase("apart", ("read", "write")),
    Phase("together", ("read", "write")),
)


@dataclass(frozen=True)
class Contention:
    """What was measured. `runs` has one row a rung, repeat, kind of work and situation."""

    runs: pd.DataFrame
    readers: int
    writers: int
    orders: int

    @property
    def frame(self) -> pd.DataFrame:
        """Medians over the repeats, with the lowest and highest; times in milliseconds.

        `of_alone` is the throughput as a part of that alone, compared within one repeat.
        """
        keys = ["rung", "work", "situation"]
        groups = self.runs.groupby(keys, sort=False)
        frame = groups["per_second"].agg(["median", "min", "max"])
        frame.columns = pd.Index(["per_second", "low", "high"])
        for name in ("of_alone", "p50_ms", "p95_ms", "events_behind"):
            frame[name] = groups[name].median()
        frame["repeats"] = groups.size()
        order = [(r, w, s) for r in RUNGS for w in WORKS for s in SITUATIONS]
        return frame.loc[[key for key in order if key in frame.index]].reset_index()

    def chart(self, theme: str = "light") -> Chart:
        """Draw throughput alone, apart and together, rung by rung."""
        told = f"{counted(self.readers, 'reader')}, {counted(self.writers, 'writer')}"
        return contention_chart(self.frame, f"{told}, {self.orders:,} orders", theme)

    def sentences(self) -> list[str]:
        """Say what the figures show, and what they cannot."""
        table = self.frame.set_index(["rung", "work", "situation"])
        processors = os.cpu_count() or 1
        told = [
            f"{counted(self.readers, 'reading process', 'es')} and"
            f" {counted(self.writers, 'writing process', 'es')} shared"
            f" {counted(processors, 'processor')} of one machine: this shows interference,"
            " not scaling."
        ]
        for rung in dict.fromkeys(self.frame["rung"]):
            parts = []
            for work in WORKS:
                together = table.loc[(rung, work, "together")]
                apart = table.loc[(rung, work, "apart"), "of_alone"]
                parts.append(
                    f"{work}s {together['per_second']:,.0f}/s, {together['of_alone']:.0%} of those"
                    f" alone ({apart:.0%} where only the machine was shared)"
                )
            behind = table.loc[(rung, "write", "together"), "events_behind"]
            late = (
                f"; documents ended {counted(round(behind), 'event')} behind"
                if rung in WITH_EVENTS
                else ""
            )
            told.append(f"{rung}: together, {' and '.join(parts)}{late}.")
        return [*told, self.noise()]

    def noise(self) -> str:
        """Say how far the repeats lie apart, and so which differences mean nothing."""
        frame = self.frame
        if frame["repeats"].max() == 1:
            return "Measured once: it is not known how much of this is noise."
        apart = float((frame["high"] / frame["low"]).max())
        told = f"Repeats differed by up to {apart:.1f} times; smaller differences mean nothing."
        if apart > TOO_NOISY:
            told += " The machine was too busy with other things: measure again when it is quiet."
        return told


def measure(
    orders: int = 2_000,
    readers: int = 2,
    writers: int = 1,
    *,
    seconds: float = 0.5,
    warm_up: float = 0.1,
    repeats: int = 3,
    rungs: Sequence[str] = RUNGS,
    seed: int = SEED,
    cache: str | os.PathLike[str] | None = None,
    watch: Watch | None = None,
) -> Contention:
    """Measure every situation on every rung, `repeats` times, in an order that chance decides.

    `orders` is how many the shop begins with; `cache` where filled databases are kept. It takes
    about 4 x len(rungs) x repeats x (seconds + warm_up + 0.2) seconds. Raises InvalidMessage for
    numbers out of range, ShopError if a worker fails, Cancelled if the watch says so.
    """
    number(1, MOST_ORDERS)("orders", orders)
    number(1, MOST_WORKERS)("readers", readers)
    number(1, MOST_WORKERS)("writers", writers)
    number(1, 100)("repeats", repeats)
    check_span("seconds", seconds, 0.01)
    check_span("warm_up", warm_up, 0)
    watch = watch or Watch()
    watch.progress(0, 1, f"filling shops with {orders:,} orders")
    kept = filled(generated(orders, seed), rungs, folder=cache)
    setting = _Setting(kept, cache_folder(cache), readers, writers, warm_up, seconds, seed)
    plan = [*planned(rungs, repeats, seed)]
    rows: list[dict[str, Any]] = []
    with Workers(readers + writers + 1) as workers:
        for done, (repeat, rung, phase) in enumerate(plan):
            watch.progress(
                done, len(plan), f"{rung}: {' and '.join(phase.works)}, {phase.situation}"
            )
            for work, found in setting.run(workers, rung, phase, watch).items():
                key = {"rung": rung, "repeat": repeat, "work": work, "situation": phase.situation}
                rows.append(key | found)
            if done + 1 < len(plan) and plan[done + 1][0] != repeat:
                watch.show(Contention(with_ratios(rows), readers, writers, orders))
    watch.progress(len(plan), len(plan))
    return Contention(with_ratios(rows), readers, writers, orders)


def planned(rungs: Sequence[str], repeats: int, seed: int) -> Iterator[tuple[int, str, Phase]]:
    """Yield what is measured when. Each repeat shuffles anew: no rung is always first or warm.

    The phases of a rung follow each other, so that what disturbs the machine disturbs all of them.
    """
    chance = Random(seed)
    for repeat in range(1, repeats + 1):
        for rung in chance.sample(rungs, len(rungs)):
            for phase in chance.sample(PHASES, len(PHASES)):
                yield repeat, rung, phase


@dataclass(frozen=True)
class _Setting:
    """What all phases have in common."""

    kept: dict[str, Path]
    place: Path  # a folder for the copies
    readers: int
    writers: int
    warm_up: float
    seconds: float
    seed: int

    def run(
        self, workers: Workers, rung: str, phase: Phase, watch: Watch
    ) -> dict[str, dict[str, Any]]:
        """Measure one phase on fresh copies of the files: kind of work -> what came of it."""
        with clear_errors(self.place):  # not among the system's files, which may be kept in memory
            folder = tempfile.TemporaryDirectory(
                prefix=".working-", dir=self.place, ignore_cleanup_errors=True
            )
        with folder:
            ours = Path(folder.name) / "shared"
            theirs = Path(folder.name) / "copy" if phase.situation == "apart" else ours
            for place in {ours, theirs}:
                copy_files(self.kept[rung], place)
            tasks = [*self._tasks(rung, phase, {"read": theirs, "write": ours, "deliver": ours})]
            reports = workers.run(tasks, watch)
        behind = max(report.behind for report in reports)
        return {
            work: summed([r for t, r in zip(tasks, reports, strict=True) if t.work == work], behind)
            for work in phase.works
        }

    def _tasks(self, rung: str, phase: Phase, places: dict[str, Path]) -> Iterator[Task]:
        count = {"read": self.readers, "write": self.writers, "deliver": 1}
        delivers = "write" in phase.works and rung in WITH_EVENTS
        for work in (*phase.works, *["deliver"] * delivers):
            urls = {"write": f"sqlite:///{places[work] / WRITE}"}
            if rung in WITH_EVENTS:
                urls["read"] = f"sqlite:///{places[work] / READ}"
            for n in range(count[work]):
                yield Task(work, rung, urls, self.seed + n, self.warm_up, self.seconds)


def summed(reports: Sequence[Report], behind: int) -> dict[str, Any]:
    """Put together what several workers of one kind have done."""
    took = np.concatenate([np.asarray(report.took) for report in reports]) * 1_000
    nothing = not len(took)
    return {
        "calls": len(took),
        "per_second": sum(len(report.took) / report.seconds for report in reports),
        "p50_ms": float("nan") if nothing else float(np.percentile(took, 50)),
        "p95_ms": float("nan") if nothing else float(np.percentile(took, 95)),
        "events_behind": behind,
    }


def with_ratios(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the rows as a frame that compares each with "alone" in the same repeat."""
    runs = pd.DataFrame(rows)
    keys = ["rung", "repeat", "work"]
    alone = runs[runs["situation"] == "alone"].set_index(keys)["per_second"]
    compared = runs.join(alone.rename("alone"), on=keys)
    return runs.assign(of_alone=compared["per_second"] / compared["alone"])


def check_span(name: str, seconds: Any, least: float) -> None:
    """Require a number of seconds up to a minute."""
    if type(seconds) not in (int, float) or not least <= seconds <= 60:
        raise InvalidMessage(name, f"must be a number of seconds, from {least:g} to 60")


def counted(n: int, word: str, plural: str = "s") -> str:
    return f"{n:,} {word}{'' if n == 1 else plural}"


def panel() -> Any:
    """Return a panel for a notebook: choose how many read and how many write, and measure."""
    from ..measuring_panel import MeasuringPanel, Slider  # noqa: PLC0415

    return MeasuringPanel(
        "Readers and writers at once",
        "Processes read and write the same shop: alone, together, and together on files of their"
        " own. Choose how many read for how many that write. They share the"
        f" {counted(os.cpu_count() or 1, 'processor')} of this machine, so this shows"
        " interference, not scaling.",
        [
            Slider("readers", "Reading processes", range(1, MOST_WORKERS + 1), 2),
            Slider("writers", "Writing processes", range(1, MOST_WORKERS + 1), 1),
            Slider("orders", "Shop", (200, 1_000, 2_000, 10_000, 50_000), 2_000, "orders"),
            Slider("seconds", "Each measurement", (0.1, 0.25, 0.5, 1.0, 3.0), 0.25, "s"),
        ],
        lambda chosen, watch: measure(**chosen, watch=watch),
    )
