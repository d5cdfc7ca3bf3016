"""What is printed, and what is written as JSON."""

import os
import platform
import sqlite3
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .benchmark import COST, GAIN, MET, MISSED, PLAIN, SHARE, Figure, Outcome, Target, version_of
from .measuring import spread

WIDTH = 100
PACKAGES = (
    *("cqrs-demo", "msgspec", "eventsourcing", "eventsource-py", "aiosqlite", "diator", "mediatr"),
    *("python-cqrs", "sqlalchemy"),
)
HOW_TO_READ = (
    "Every figure is a ratio of times within one round, the median of all rounds, with its "
    "quartiles. 'x the limit' and '% of the limit': against the same work with nothing around it. "
    "'x cheaper': the other's time over ours; 'x dearer': ours over the other's."
)


def machine() -> dict[str, Any]:
    """Return where this is measured."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
    }


def versions() -> dict[str, str]:
    return {package: version_of(package) for package in PACKAGES if version_of(package)}


def heading(clock: str, is_toy: bool) -> Iterator[str]:
    here = machine()
    yield f"{here['processor']}, {here['cores']} cores; {here['system']}; load {_load()}"
    packages = ", ".join(f"{name} {version}" for name, version in versions().items())
    yield from _wrapped(f"{here['python']}, SQLite {here['sqlite']}; {packages}")
    yield f"clock: {clock}"
    yield from _wrapped(HOW_TO_READ)
    if is_toy:
        yield "Toy sizes: this shows that the benchmarks work; the figures mean nothing."


def lines(outcome: Outcome) -> Iterator[str]:
    """Return what is printed of one benchmark."""
    b = outcome.benchmark
    times = {name: spread(seconds).median for name, seconds in outcome.measured.seconds.items()}
    yield ""
    yield from _wrapped(f"{b.name}: {outcome.what}")
    us = next(iter(times))
    facts = [f"{us} takes {_duration(times[us])} for each {b.per}"]
    if outcome.durability:
        facts.append(f"{outcome.durability}, as every side's connection says")
    if outcome.measured.was_busy:
        lost = spread(outcome.measured.lost).median
        facts.append(f"the machine was busy: others took {lost:.0%} of our core")
    yield from _wrapped("; ".join(facts), "  ")
    for figure in outcome.figures:
        yield _line(figure)
        if figure.target and figure.verdict not in ("", MET) and figure.target.why:
            yield from _wrapped(_why(outcome, figure), " " * 8)
    yield from (line for problem in outcome.problems for line in _wrapped(problem, "    "))


def _line(figure: Figure) -> str:
    value = _shown(figure.kind, figure.value.median, figure.unit)
    quartiles = _quartiles(figure) if figure.kind != PLAIN else ""
    target = _bound(figure.target) if figure.target else ""
    measured = f"{figure.against:<34}{value:<20}{quartiles:<17}"
    return f"    {measured} {target:<14}{figure.verdict}".rstrip()


def _quartiles(figure: Figure) -> str:
    """Return both, the lower one first, in the same words as the median where that is possible."""
    low, high = figure.value.low, figure.value.high
    if figure.kind == GAIN and low < 1:
        if high >= 1:
            return f"{_shown(GAIN, low)} to {_shown(GAIN, high)}"
        low, high = 1 / high, 1 / low
    return f"{_number(figure.kind, low)} to {_number(figure.kind, high)}"


def _why(outcome: Outcome, figure: Figure) -> str:
    """Return what a figure costs, and what the limit itself would have reached."""
    assert figure.target
    why = figure.target.why
    names = list(outcome.measured.seconds)
    if figure.kind == GAIN and figure.against in names[2:]:
        best = spread(outcome.measured.ratios(figure.against, names[1])).median
        why += f" ({names[1]} itself: {_shown(GAIN, best)})"
    return why


def _bound(target: Target) -> str:
    sign = "<=" if target.kind in (COST, PLAIN) else ">="
    return f"{sign} {_number(target.kind, target.bound)}"


def _shown(kind: str, value: float, unit: str = "") -> str:
    if kind == GAIN and value < 1:
        return f"{_number(kind, 1 / value)} dearer"
    words = {COST: "the limit", SHARE: "of the limit", GAIN: "cheaper", PLAIN: unit}
    return f"{_number(kind, value)} {words[kind]}"


def _number(kind: str, value: float) -> str:
    if kind == SHARE:
        return f"{value:.0%}"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}" + ("x" if kind != PLAIN else "")


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:,.3g} {unit}"
    return f"{seconds / 1e-9:,.3g} ns"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Return the last lines: how many targets were met, and which were not."""
    judged = [(o.benchmark.name, f) for o in outcomes for f in o.figures if f.verdict]
    met = sum(f.verdict == MET for _, f in judged)
    yield ""
    if judged:
        yield f"{met} of {len(judged)} targets met"
    for verdict in sorted({f.verdict for _, f in judged} - {MET}):
        which = (f"{name} against {f.against}" for name, f in judged if f.verdict == verdict)
        told = "falls short" if verdict == MISSED else verdict
        yield from _wrapped(f"{told}: {'; '.join(which)}", "  ")
    if any(o.measured.was_busy for o in outcomes):
        yield from _wrapped(
            "Others used this machine meanwhile. Ratios within a round bear with that, but what is "
            "unclear should be measured again when it is idle."
        )


def as_json(outcomes: Iterable[Outcome], clock: str, is_toy: bool, is_whole: bool) -> Any:
    """Return everything that was measured, for a program to read."""
    return {
        "format": "cqrs-demo/bench",
        "version": 1,
        "machine": machine(),
        "versions": versions(),
        "clock": clock,
        "toy": is_toy,
        "complete": is_whole,
        "benchmarks": [_outcome_as_json(outcome) for outcome in outcomes],
    }


def _outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    b = outcome.benchmark
    return {
        "name": b.name,
        "what": outcome.what,
        "per": b.per,
        "durability": outcome.durability,
        "lost_to_others": spread(outcome.measured.lost).median,
        "seconds": outcome.measured.seconds,
        "figures": [
            {
                "against": f.against,
                "kind": f.kind,
                **f.value._asdict(),
                "unit": f.unit,
                "target": f.target.bound if f.target else None,
                "verdict": f.verdict,
                "why": f.target.why if f.target else "",
            }
            for f in outcome.figures
        ],
        "problems": outcome.problems,
    }


def _processor() -> str:
    """Return the processor's name, as well as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # there is no such file but on Linux
    return platform.processor() or platform.machine()


def _load() -> str:
    if sys.platform == "win32":
        return "unknown"
    return f"{os.getloadavg()[0]:.1f}"
