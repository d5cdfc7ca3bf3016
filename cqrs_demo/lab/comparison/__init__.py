"""CRUD against CQRS, measured: the same data, the same questions, the same driver.

    found = compare(orders=10_000)
    found.verdict()      # a frame: who won each row, and by how much
    found.frame          # a frame: median, 95th percentile and spread of everything measured
    found.chart()        # and found.charts()

All contestants take turns in every round, with the same arguments, on copies of the same filled
databases; every answer is compared with the others'. Everybody is asked once before anything is
timed, so caches are warm. What disturbs the machine disturbs all; ratios are taken within a round
(verdict.py). `panel()` shows sliders in a notebook.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from ...domain.fields import check_seconds, number
from ..watching import Watch
from ..workload import SEED, Workload, first_orders, generated
from ..workload.cache import cache_folder, clear_errors, filled, remove_leftovers
from .contestants import Entry, entries
from .contestants_cqrs import READ_MODELS
from .counting import Parts
from .race import ROUNDS, Race, Samples
from .rows import MIX, ROWS
from .verdict import Duel, Judged, duel, figure, judge

if TYPE_CHECKING:
    import pandas as pd

    from ...visuals.charts import Chart

ORDERS = 10_000  # measured in about a minute
PARTS = (16, 4, 1)  # parts of the orders at which it is measured, so that growth can be seen
WORKING = ".working-"  # how the name of a folder begins that is removed in the end
SECONDS_A_SIZE = 25.0  # after which no more rounds begin, if there are a few
FEWEST_ROUNDS = 3
MOST_ROUNDS = 50  # that what is in stock suffices for
FEWEST = 100  # orders: with less there is nothing to see

COLUMNS = ("orders", "row", "contestant", "p50", "p95", "low", "high", "unit", "values", "name")


@dataclass
class Comparison:
    """What was measured, and grows while it is measured."""

    entries: dict[str, Entry] = field(default_factory=entries)
    workload: str = ""
    reads_a_write: int = 0
    lag: float = 0.0
    samples: Samples = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)  # who could not run, and why
    lost: list[float] = field(default_factory=list)  # which share of a core others took
    answers: int = 0  # that were compared and found equal
    seconds: float = 0.0  # that the measurement took
    parts: dict[str, Parts] = field(default_factory=dict)
    asked: tuple[Sequence[int], int] = ((), 0)  # for which sizes, and how many rounds at each
    was_stopped: bool = False  # before all of that was measured

    def add(self, size: int, row: str, name: str, values: Sequence[float]) -> None:
        """Add one round's values."""
        self.samples.setdefault((size, row, name), []).append(list(values))

    @property
    def sizes(self) -> list[int]:
        """The numbers of orders at which at least one round was measured."""
        return sorted({size for size, row, _ in self.samples if row == MIX.name})

    def rounds(self, size: int, row: str) -> dict[str, list[float]]:
        """Return the median of each round, of everybody who was measured in this row."""
        found = {
            n: self.samples[size, row, n] for n in self.entries if (size, row, n) in self.samples
        }
        fewest = min((len(rounds) for rounds in found.values()), default=0)
        return {n: [median(values) for values in s[:fewest]] for n, s in found.items()}

    @property
    def frame(self) -> "pd.DataFrame":
        """Everything measured: one line for each size, row and contestant, in the row's unit.

        p50 and p95 are of all values; `low` and `high` are the lowest and the highest median of a
        round, so they say how steady the machine was.
        """
        import pandas as pd  # noqa: PLC0415 - slow to load

        measured = [key for key in self.samples if key[0] in self.sizes]
        lines = [self._line(*key) for key in sorted(measured, key=self._place)]
        return pd.DataFrame(lines, columns=COLUMNS)

    def judged(self, size: int | None = None) -> list[Judged]:
        """Return who won each row, at a size (the largest)."""
        size = size or max(self.sizes, default=0)
        found = (judge(row, size, self.rounds(size, row), self.entries) for row in ROWS)
        return [judged for judged in found if judged]

    def verdict(self, size: int | None = None) -> "pd.DataFrame":
        """Who won each row, and by how much: a line a row, with medians in the row's unit."""
        import pandas as pd  # noqa: PLC0415

        return pd.DataFrame([self._verdict_line(judged) for judged in self.judged(size)])

    def verdicts(self) -> "pd.DataFrame":
        """Return the verdict at every size, one below the other."""
        import pandas as pd  # noqa: PLC0415

        frames = []
        for size in self.sizes:
            frame = self.verdict(size)
            frame.insert(0, "orders", size)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def duels(self, size: int | None = None) -> list[Duel]:
        """Return each CQRS rung against each CRUD contestant, in all rows of a size."""
        size = size or max(self.sizes, default=0)
        rows = {row: self.rounds(size, row) for row in ROWS}
        ran = {name for (z, _, name) in self.samples if z == size}
        cqrs = [n for n, entry in self.entries.items() if n in ran and entry.family == "CQRS"]
        crud = [n for n in self.entries if n in ran and n not in cqrs]
        return [duel(rung, other, rows) for rung in cqrs for other in crud]

    def sentences(self) -> list[str]:
        """Say in words what was found, every defeat of CQRS included."""
        from .report import told  # noqa: PLC0415

        return told(self)

    def chart(self, theme: str = "light") -> "Chart":
        """Return the verdict as a picture."""
        from ...visuals.charts.comparison import verdict_chart  # noqa: PLC0415

        return verdict_chart(self, theme)

    def charts(self, theme: str = "light") -> "list[Chart]":
        """Return all pictures of what was measured."""
        from ...visuals.charts.comparison import comparison_charts  # noqa: PLC0415

        return comparison_charts(self, theme)

    def to_markdown(self, charts: "Sequence[Chart]" = ()) -> str:
        """Return a report: the verdict, what it was measured on, and all figures. `charts` are
        expected beside it, as SVG files."""
        from .report import as_markdown  # noqa: PLC0415

        return as_markdown(self, charts)

    def _place(self, key: tuple[int, str, str]) -> tuple[int, int, int]:
        size, row, name = key
        return size, [*ROWS].index(row), [*self.entries].index(name)

    def _line(self, size: int, row: str, name: str) -> tuple[Any, ...]:
        rounds = self.samples[size, row, name]
        unit, factor = ROWS[row].unit, ROWS[row].factor
        values = sorted(factor * value for values in rounds for value in values)
        medians = [factor * median(values) for values in rounds]
        p95 = values[min(len(values) - 1, int(0.95 * len(values)))]
        spread = (min(medians), max(medians))
        label = self.entries[name].label
        told = ROWS[row].label
        return size, told, label, median(values), p95, *spread, unit, len(values), row

    def _verdict_line(self, judged: Judged) -> dict[str, Any]:
        row, rounds = ROWS[judged.row], self.rounds(judged.size, judged.row)
        line: dict[str, Any] = {"row": f"{row.label}, {row.unit}" if row.unit else row.label}
        for name, entry in self.entries.items():
            shown = name in rounds and any(rounds[name])
            line[entry.short] = figure(row.factor * median(rounds[name])) if shown else "-"
        line["who wins"] = judged.told(self.entries)
        return line


def compare(
    orders: int = ORDERS,
    seed: int = SEED,
    *,
    workload: Workload | None = None,
    reads_a_write: int = 10,
    lag: float = 0.0,
    rounds: int = ROUNDS,
    sizes: Sequence[int] | None = None,
    folder: str | Path | None = None,
    watch: Watch | None = None,
    into: Comparison | None = None,
) -> Comparison:
    """Measure all contestants at several sizes, up to so many orders; return what was found.

    `workload` takes the place of generated orders (see workload/imported.py). `reads_a_write` says
    how many reads come with each order in the row that adds both up; `lag` is how many seconds the
    rungs with a read side of its own wait before they deliver. `folder` is the cache folder.
    `into` is filled while it is measured, so that an interruption leaves what there is.

    Raises InvalidMessage for sizes that make no sense, ShopError if the disk is too small, the
    folder cannot be written or two contestants disagree, Cancelled if `watch` says so.
    """
    workload = workload or generated(orders, seed)
    number(0, 1_000_000)("reads_a_write", reads_a_write)
    number(1, MOST_ROUNDS)("rounds", rounds)
    check_seconds("lag", lag)
    found = into or Comparison()
    found.reads_a_write, found.lag, found.workload = reads_a_write, lag, workload.key
    measured = sizes or sizes_up_to(workload.size)
    found.asked = (measured, rounds)
    course = Course(watch or Watch(), len(measured) * (rounds + 3))
    start = time.perf_counter()
    try:
        for size in measured:
            part = workload if size == workload.size else first_orders(workload, size)
            _measure(found, part, rounds, folder, course)
    except BaseException:
        found.was_stopped = True
        raise
    finally:
        found.seconds = time.perf_counter() - start
    return found


def sizes_up_to(orders: int) -> list[int]:
    """Return some sizes up to `orders`, so that growth can be seen."""
    return sorted({max(min(orders, FEWEST), orders // part) for part in PARTS})


@dataclass
class Course:
    """How far the measurement is, in pieces of about the same length."""

    watch: Watch
    total: int
    done: int = -1

    def next(self, doing: str) -> None:
        """Begin the next piece. Raises Cancelled."""
        self.done += 1
        self.watch.progress(self.done, self.total, doing)

    def within(self, doing: str) -> None:
        """Say more of this piece. Raises Cancelled."""
        self.watch.progress(self.done, self.total, doing)


def _measure(
    found: Comparison, workload: Workload, rounds: int, folder: str | Path | None, course: Course
) -> None:
    """Measure one size."""
    size = f"{workload.size:,} orders"
    course.next(f"filling databases with {size}")
    files = filled(
        workload,
        tuple(dict.fromkeys(entry.rung for entry in found.entries.values())),
        folder=folder,
        projections=READ_MODELS,
        progress=lambda done, _: course.within(f"filled {done:,} of {size}"),
    )
    race = Race(found, workload, rounds)
    with _working_folder(folder) as place:
        try:
            course.next(f"{size}: everybody gets a copy")
            race.open(found.entries, files, place)
            race.warm_up()
            found.parts = found.parts or race.count_parts()
            race.keep_parts(found.parts)
            start = time.perf_counter()
            for n in range(rounds):
                course.next(f"{size}: round {n + 1} of {rounds}")
                late = time.perf_counter() - start > SECONDS_A_SIZE
                if late and n >= FEWEST_ROUNDS:
                    continue  # a slow or a busy machine: what there is must do
                race.round(n)
                if n == 0:  # something to look at; it takes a while to draw
                    course.watch.show(found)
            course.next(f"{size}: rebuilding")
            race.rebuild()
            course.watch.show(found)
        finally:
            race.close()


@contextmanager
def _working_folder(folder: str | Path | None) -> Iterator[Path]:
    """Make a folder beside the filled databases, on the same disk; it is removed in the end."""
    place = cache_folder(folder)
    with clear_errors(place):
        remove_leftovers(place, WORKING)
        made = tempfile.mkdtemp(prefix=WORKING, dir=place)
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def panel() -> Any:
    """Return a panel for a notebook: choose a size, reads for each order and a lag, and measure."""
    from ..measuring_panel import MeasuringPanel, Slider  # noqa: PLC0415 - needs the notebook's parts

    return MeasuringPanel(
        "CRUD against CQRS",
        "The same data, the same questions, the same driver; all answers are compared. Everybody"
        " takes turns. The first time at a size, databases are filled, which takes longer.",
        [
            Slider("orders", "Shop", (500, 2_000, 5_000, 20_000, 100_000), 2_000, "orders"),
            Slider("reads_a_write", "Reads for each order", (0, 1, 3, 10, 30, 100, 1_000), 10),
            Slider("lag", "Lag of delivery", (0, 0.1, 0.5, 1, 2, 5), 0, "s"),
            Slider("rounds", "Rounds", (3, 5, 7, 15), 5),
        ],
        lambda chosen, watch: compare(**chosen, watch=watch),
    )
