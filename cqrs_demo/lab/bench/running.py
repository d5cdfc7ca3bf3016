"""Runs one benchmark: sets the stage, lets the contestants take turns, judges, clears away."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ...domain.errors import ShopError
from .benchmark import COST, GAIN, PLAIN, Benchmark, Figure, Other, Outcome, figure
from .measuring import Clock, Contestant, Measured, measure
from .stage import Sizes, Stage


def run(benchmark: Benchmark, sizes: Sizes, folder: Path, clock: Clock) -> Outcome:
    """Run a benchmark in a new folder within `folder`, which is removed afterwards.

    A contestant that cannot be had is a problem of its own line; the others are measured.
    """
    with open_stage(folder, sizes) as stage:
        require_space(folder, benchmark.bytes_needed(sizes))
        us, limit = benchmark.us(stage), benchmark.limit(stage)
        require_equal_durability(us, limit)
        others, problems = _contestants(benchmark, stage, us)
        rounds = sizes.slow_rounds if benchmark.is_slow else sizes.rounds
        everybody = (us, limit, *others)
        measured = measure(everybody, rounds, sizes.slice_seconds, clock)
        figures = [_against_limit(benchmark, measured, us, limit)]
        for contestant, other in others.items():
            ratios = measured.ratios(contestant.name, us.name)
            figures.append(figure(contestant.name, GAIN, ratios, other.target, measured.was_busy))
        for plain in benchmark.plain:
            value = [plain.value(stage)]
            figures.append(figure(plain.what, PLAIN, value, plain.target, unit=plain.unit))
        if rounds == 1:  # which proves nothing
            figures = [replace(f, verdict="") for f in figures]
        return Outcome(
            benchmark, benchmark.told(sizes), measured, figures, problems, durability_of(us)
        )


def _contestants(
    benchmark: Benchmark, stage: Stage, us: Contestant
) -> tuple[dict[Contestant, Other], list[str]]:
    others, problems = {}, []
    for other in benchmark.others:
        try:
            contestant = other.contestant(stage)
            require_equal_durability(us, contestant)
            others[contestant] = other
        except ShopError as error:
            problems.append(str(error))
    return others, problems


def _against_limit(
    benchmark: Benchmark, measured: Measured, us: Contestant, limit: Contestant
) -> Figure:
    target = benchmark.limit_target
    kind = target.kind if target else benchmark.limit_kind
    over, under = (us, limit) if kind == COST else (limit, us)
    ratios = measured.ratios(over.name, under.name)
    return figure(limit.name, kind, ratios, target, measured.was_busy)


@contextmanager
def open_stage(folder: Path, sizes: Sizes) -> Iterator[Stage]:
    """Open a stage in a new folder. Raises ShopError if there can be none."""
    try:
        place = TemporaryDirectory(prefix="cqrs_demo-bench-", dir=folder)
    except OSError as error:
        raise ShopError(f"{folder}: cannot be written: {error.strerror}") from error
    with place as name, asyncio.Runner() as runner, ExitStack() as closing:
        yield Stage(Path(name), sizes, closing, runner.get_loop())


def require_space(folder: Path, needed: int) -> None:
    """Raise ShopError if a folder's disk has not so many bytes left, or there is no folder."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise ShopError(f"{folder}: {error.strerror}") from error
    if free < needed:
        told = f"{needed / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB are free"
        raise ShopError(f"{folder}: {told}; --folder names another one")


def durability_of(contestant: Contestant) -> str:
    return contestant.durability() if contestant.durability else ""


def require_equal_durability(us: Contestant, other: Contestant) -> None:
    """Raise ShopError if the two databases, asked for it, promise different things."""
    ours, theirs = durability_of(us), durability_of(other)
    if ours and theirs and ours != theirs:
        raise ShopError(f"{other.name} is not measured: it runs at {theirs}, we run at {ours}")
