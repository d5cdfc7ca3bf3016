"""What a benchmark is: contestants that do the same, and the figures that we want to reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module, metadata
from typing import Any, NamedTuple

from ...domain.errors import ShopError
from .measuring import Contestant, Measured, Spread, spread
from .stage import Sizes, Stage

Maker = Callable[[Stage], Contestant]

COST = "times the limit"  # our time over the limit's: 1.5x
SHARE = "of the limit"  # the limit's time over ours: 70%
GAIN = "times cheaper"  # the other's time over ours: 10x
PLAIN = "plainly"  # not a ratio, such as bytes a document


class Target(NamedTuple):
    """What a figure should reach. `why` says which line costs it and what it would take, and is
    shown beside a figure that falls short."""

    kind: str
    bound: float
    why: str = ""

    def is_reached_by(self, value: float) -> bool:
        is_small_good = self.kind in (COST, PLAIN)  # the others are gains and shares
        return value <= self.bound if is_small_good else value >= self.bound


class Other(NamedTuple):
    """A contestant from another package, which may not be there. `module` is a file of this room,
    imported when it is needed; it has a function `maker` of the stage and the `arguments`."""

    package: str
    module: str
    maker: str
    arguments: tuple[Any, ...] = ()
    target: Target | None = None
    extra: str = "bench"

    def contestant(self, stage: Stage) -> Contestant:
        """Raise ShopError, with what to install, if the package is missing."""
        try:
            module = import_module(f"{__package__}.{self.module}")
            contestant: Contestant = getattr(module, self.maker)(stage, *self.arguments)
        except ImportError as error:
            why = f"{error.name} is missing" if error.name else str(error)
            install = f"pip install 'cqrs-demo[{self.extra}]'"
            raise ShopError(f"{self.package} is not measured: {why}; {install}") from error
        return contestant


class Plain(NamedTuple):
    """A figure of ours alone, such as bytes a document."""

    what: str
    unit: str
    value: Callable[[Stage], float]
    target: Target


@dataclass(frozen=True)
class Benchmark:
    """`per` is what the times are for: a command, an event. `group` is what it is called for
    together with others. `is_large` ones run when they are asked for."""

    name: str
    group: str
    what: str | Callable[[Sizes], str]
    per: str
    us: Maker
    limit: Maker
    limit_target: Target | None = None
    limit_kind: str = COST
    others: tuple[Other, ...] = ()
    plain: tuple[Plain, ...] = ()
    is_slow: bool = False
    is_large: bool = False
    bytes_needed: Callable[[Sizes], int] = lambda sizes: 50_000_000

    def told(self, sizes: Sizes) -> str:
        """Say what is measured, at the sizes that run."""
        return self.what if isinstance(self.what, str) else self.what(sizes)


@dataclass(frozen=True)
class Figure:
    """One line of the report. `verdict` is empty where no target was set."""

    against: str
    kind: str
    value: Spread
    target: Target | None
    verdict: str = ""
    unit: str = ""  # of a figure that is no ratio


MET, MISSED, UNCLEAR = "met", "short", "unclear"
WIDE = 0.25  # the share of a median from which its quartiles are far apart


@dataclass(frozen=True)
class Outcome:
    """What came of a benchmark. `problems` says who could not be measured, and why."""

    benchmark: Benchmark
    what: str = ""
    measured: Measured = field(default_factory=Measured)
    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    durability: str = ""


def figure(
    against: str,
    kind: str,
    ratios: Sequence[float],
    target: Target | None,
    was_busy: bool = False,
    unit: str = "",
) -> Figure:
    """Judge ratios. Whoever has the target within the quartiles has not been measured well enough
    to say on which side of it they are: they are too close, or the machine was too noisy."""
    value = spread(ratios)
    verdict = ""
    if target:
        sides = {target.is_reached_by(v) for v in value}
        verdict = MET if target.is_reached_by(value.median) else MISSED
        if len(sides) > 1:
            is_noisy = was_busy or value.high - value.low > WIDE * value.median
            verdict = UNCLEAR + (": too noisy" if is_noisy else ": too close")
    return Figure(against, kind, value, target, verdict, unit)


def version_of(package: str) -> str:
    """Return a package's version, or nothing if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
