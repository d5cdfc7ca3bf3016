"""Who won a row, and by how much: only where the difference is larger than the noise.

Two contestants are compared by the ratios of their medians within each round, since what disturbs
the machine in a round disturbs both. A ratio is believed if all rounds agree on who is faster (the
furthest round on either side is left out) and it is more than a few percent.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..bench.measuring import BUSY
from .contestants import Entry
from .rows import TIMED

LEAST_DIFFERENCE = 1.05  # what is closer is a tie, whatever the rounds say
MANY = 5  # rounds, of which two may be odd
UNDECIDED = {"tie": "a tie", "noise": "too noisy to tell", "alone": "one round decides nothing"}
WIDE = 2.0  # a spread from x to 2 x and more, around 1, says nothing at all

Rounds = Mapping[str, Sequence[float]]  # contestant -> what was measured in each round


class Ratio(NamedTuple):
    """How many times as much one needs as another: the median of all rounds, and their spread."""

    median: float
    low: float
    high: float
    is_alone: bool = False  # there was one round of what differs from round to round

    @property
    def verdict(self) -> str:
        """Return "more", "less", "tie", "noise" if the rounds differ too much to tell, or "alone"
        if there is no other round to judge by."""
        if self.is_alone:
            return "alone"
        if self.low > 1 and self.median > LEAST_DIFFERENCE:
            return "more"
        if self.high < 1 and self.median < 1 / LEAST_DIFFERENCE:
            return "less"
        return "noise" if self.high > WIDE * self.low else "tie"


class Judged(NamedTuple):
    """One row: the best CRUD in plain SQL, the best CQRS rung, and who is better."""

    row: str
    size: int
    crud: str
    cqrs: str
    ratio: Ratio  # the best CRUD's figure over the best rung's: above 1 the rung is better

    @property
    def winner(self) -> str:
        """Return "CQRS", "CRUD", "tie", "noise" or "alone"."""
        return {"more": "CQRS", "less": "CRUD"}.get(self.ratio.verdict, self.ratio.verdict)

    @property
    def by(self) -> float:
        """By how much the winner is better; at least 1."""
        return max(self.ratio.median, 1 / self.ratio.median)

    @property
    def best(self) -> str:
        """The winning contestant."""
        return self.crud if self.winner == "CRUD" else self.cqrs

    def told(self, entries: Mapping[str, Entry]) -> str:
        """Say it in a cell."""
        if self.winner in UNDECIDED:
            return UNDECIDED[self.winner]
        return f"{self.winner} {times(self.by)} ({entries[self.best].short})"


class Duel(NamedTuple):
    """A CQRS rung against one CRUD contestant: the rows that it wins, and those that it loses."""

    rung: str
    crud: str
    wins: dict[str, float]  # row -> how many times better
    ties: list[str]
    losses: dict[str, float]

    @property
    def told(self) -> str:
        return f"{len(self.wins)}-{len(self.ties)}-{len(self.losses)}"


def ratio(ours: Sequence[float], theirs: Sequence[float], row: str = "") -> Ratio:
    """Return how many times as much "theirs" is as "ours", round by round. In a row that is timed
    in every round, a single one is not enough; sizes and lines of code are the same each time."""
    found = sorted(t / o for o, t in zip(ours, theirs, strict=True))
    kept = found[1:-1] if len(found) >= MANY else found
    is_alone = len(found) == 1 and row in TIMED
    return Ratio(statistics.median(found), kept[0], kept[-1], is_alone)


def judge(row: str, size: int, rounds: Rounds, entries: Mapping[str, Entry]) -> Judged | None:
    """Judge one row; None if one side has not been measured."""
    best = {
        family: min(names, key=lambda name: statistics.median(rounds[name]))
        for family in ("CRUD", "CQRS")
        if (names := [name for name in rounds if entries[name].family == family])
    }
    if len(best) < 2:
        return None
    crud, cqrs = best["CRUD"], best["CQRS"]
    return Judged(row, size, crud, cqrs, ratio(rounds[cqrs], rounds[crud], row))


def duel(rung: str, crud: str, rows: Mapping[str, Rounds]) -> Duel:
    """Compare two contestants in every row that both have."""
    found = Duel(rung, crud, {}, [], {})
    for row, rounds in rows.items():
        if rung in rounds and crud in rounds:
            told = ratio(rounds[rung], rounds[crud], row)
            if told.verdict == "more":
                found.wins[row] = told.median
            elif told.verdict == "less":
                found.losses[row] = 1 / told.median
            else:
                found.ties.append(row)
    return found


def figure(value: float) -> str:
    """Return a figure with two or three digits, as many as the spread allows."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2g}" if value < 10 else f"{value:.3g}"


def times(ratio: float) -> str:
    """Return how often, with two digits: 1.4x, 23x, 1,200x."""
    return f"{ratio:.1f}x" if ratio < 10 else f"{float(f'{ratio:.2g}'):,.0f}x"


def noise_told(lost: Sequence[float]) -> str:
    """Say whether the machine was quiet; `lost` are the shares of a core that others took."""
    if not lost:
        return "Nothing was measured."
    share = statistics.median(lost)
    if share > BUSY:
        return (
            f"The machine was busy: others took {share:.0%} of this program's core. Close what is "
            "running and measure again before you conclude anything from small differences."
        )
    return f"The machine was quiet: others took {share:.0%} of this program's core."
