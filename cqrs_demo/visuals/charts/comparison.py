"""Charts of CRUD against CQRS: what each contestant needs, and how that grows."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ...lab.comparison.rows import (
    COSTS,
    MIXTURE,
    PLACE,
    PLACE_SEEN,
    READS,
    RENAME,
    RENAME_SEEN,
    ROWS,
    Row,
)
from .style import (
    NORMAL,
    SERIES,
    SMALL,
    Chart,
    bar,
    blank,
    heading,
    in_both_themes,
    legend,
    line,
    theme_of,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ...lab.comparison import Comparison

REFERENCE = "crud-indexed"  # the ordinary good case: all others are drawn against it
AGAINST = ("crud-view", "orm-selectin", "crud-rung", "one-database", "two-stores", "event-sourced")
COST_TITLES = {
    "rebuild": "rebuild copies, s",
    "storage": "storage, MB",
    "lines": "lines of code",
    "functions": "functions",
    "stored": "tables and indexes",
}
READS_A_WRITE = (0.1, 1, 10, 100, 1_000)


def comparison_charts(found: "Comparison", theme: str = "light") -> list[Chart]:
    """Draw everything that was measured, the summary first."""
    charts = [verdict_chart(found, theme)]
    if found.sizes:
        charts += [
            growth_chart(found, theme),
            writes_chart(found, theme),
            ratio_chart(found, theme),
            costs_chart(found, theme),
        ]
    return charts


def verdict_frame(found: "Comparison") -> "pd.DataFrame":
    """One line a row and contestant: how many times better than the reference, with its spread."""
    import pandas as pd  # noqa: PLC0415 - slow to load

    from ...lab.comparison.verdict import ratio  # noqa: PLC0415

    lines = []
    size = max(found.sizes, default=0)
    for row in ROWS:
        rounds = found.rounds(size, row)
        for name in AGAINST:
            if name in rounds and REFERENCE in rounds:
                told = ratio(rounds[name], rounds[REFERENCE])
                lines.append((ROWS[row].label, name, *told[:3]))
    return pd.DataFrame(lines, columns=["row", "contestant", "times better", "low", "high"])


@in_both_themes
def verdict_chart(found: "Comparison", theme: str) -> Chart:
    """Everything at a glance: left of the line worse than indexed CRUD, right of it better."""
    look, frame = theme_of(theme), verdict_frame(found)
    labels = list(dict.fromkeys(frame["row"]))
    size = max(found.sizes, default=0)
    figure, (axis,) = blank(
        f"CRUD against CQRS at {size:,} orders",
        "How many times better than CRUD with indexes (the line at 1); spread of the rounds",
        theme=theme,
        size=(9.0, 2.1 + 0.42 * max(4, len(labels))),
    )
    if frame.empty:
        axis.set_axis_off()
        return Chart("verdict", figure, frame, "Nothing has been measured yet.")
    axis.grid(True, axis="x", color=look.tone("rule"), linewidth=0.7)
    axis.axvline(1, color=look.tone("ink"), linewidth=1.6)
    for n, name in enumerate(AGAINST):
        mine = frame[frame["contestant"] == name]
        if mine.empty:
            continue
        style = line(SERIES[name], look) | {"linestyle": "none"}
        offset = 0.13 * (n - (len(AGAINST) - 1) / 2)
        y = [labels.index(label) + offset for label in mine["row"]]
        axis.hlines(y, mine["low"], mine["high"], color=style["color"], linewidth=1.2)
        axis.plot(mine["times better"], y, **style)
    axis.set_xscale("log")
    axis.set_yticks(range(len(labels)), labels)
    axis.set_ylim(len(labels) - 0.4, -0.6)
    axis.tick_params("y", length=0, labelsize=NORMAL, labelcolor=look.tone("ink"))
    plain_numbers(axis.xaxis)
    widen(axis, frame)
    for x, text, side in ((0.0, "← worse", "left"), (1.0, "better →", "right")):
        axis.text(x, 1.01, text, transform=axis.transAxes, ha=side, va="bottom",
                  color=look.tone("muted"), fontsize=NORMAL)  # fmt: skip
    legend(figure, axis, look, columns=3)
    return Chart("verdict", figure, frame, " ".join(found.sentences()[: 3 + found.was_stopped]))


@in_both_themes
def growth_chart(found: "Comparison", theme: str) -> Chart:
    """One panel a question, both axes logarithmic: a slope of 1 means twice the orders, twice
    the time."""
    look = theme_of(theme)
    frame = picked(found, READS)
    figure, axes = blank(
        "What a question costs as the shop grows",
        "Milliseconds (median; bars: the rounds' spread) by number of orders; both logarithmic",
        theme=theme,
        size=(11.0, 6.4),
        panels=len(READS),
        columns=4,
    )
    for axis, row in zip(axes, READS, strict=True):
        heading(axis, row.label, look)
        for name in found.entries:
            mine = frame[(frame["name"] == row.name) & (frame["contestant"] == name)]
            if len(mine):
                spread = [mine["p50"] - mine["low"], mine["high"] - mine["p50"]]
                axis.errorbar(mine["orders"], mine["p50"], yerr=spread, elinewidth=0.8,
                              **line(SERIES[name], look))  # fmt: skip
        axis.set_xscale("log")
        axis.set_yscale("log")
        plain_numbers(axis.yaxis)
        sizes = found.sizes
        axis.set_xticks(sizes, [short(size) for size in sizes])
        axis.minorticks_off()
    legend(figure, axes[0], look, columns=1, corner=True)
    if len(found.sizes) < 2:
        alone = f"Measured at {found.sizes[0]:,} orders alone: how it grows cannot be seen."
        return Chart("growth", figure, frame, alone)
    worst = "; ".join(_grown(found, row) for row in READS)
    return Chart("growth", figure, frame, f"From the smallest to the largest size: {worst}.")


def _grown(found: "Comparison", row: Row) -> str:
    parts = []
    for name in (REFERENCE, "two-stores"):
        first, last = (found.rounds(size, row.name).get(name) for size in
                       (found.sizes[0], found.sizes[-1]))  # fmt: skip
        if first and last:
            parts.append(f"{found.entries[name].label} x{middle(last) / middle(first):.1f}")
    return f"{row.label}: {', '.join(parts)}"


@in_both_themes
def writes_chart(found: "Comparison", theme: str) -> Chart:
    """What the caller waits for, and what is done for the read side after it."""
    look, frame = theme_of(theme), picked(found, (PLACE, PLACE_SEEN, RENAME, RENAME_SEEN))
    size = max(found.sizes)
    figure, axes = blank(
        "What a write costs, and what it costs later",
        f"Milliseconds at {size:,} orders, logarithmic; whiskers reach to the 95th percentile",
        theme=theme,
        size=(9.5, 4.5),
        panels=2,
        foot="filled: the caller waits · dotted: until every list shows it, nobody waits",
    )
    for axis, (stored, seen) in zip(
        axes, ((PLACE, PLACE_SEEN), (RENAME, RENAME_SEEN)), strict=True
    ):
        heading(axis, stored.label.partition(":")[0], look)
        mine = frame[frame["orders"] == size]
        waits = mine[mine["name"] == stored.name].set_index("contestant")
        shown = mine[mine["name"] == seen.name].set_index("contestant")
        names = [name for name in found.entries if name in waits.index]
        for y, name in enumerate(names):
            style = bar(SERIES[name], look)
            style.pop("label")
            later = style | {"facecolor": "none", "linestyle": ":", "hatch": ""}
            axis.barh(y, shown["p50"][name], **later)
            axis.barh(y, waits["p50"][name], **style)
            most, usual = shown["p95"][name], shown["p50"][name]
            axis.hlines(y, usual, most, color=style["edgecolor"], linewidth=1.4)
            axis.text(max(most, usual) * 1.15, y, f"{usual:.2g}", va="center",
                      color=look.tone("ink"), fontsize=SMALL)  # fmt: skip
        axis.set_xscale("log")
        plain_numbers(axis.xaxis)
        axis.set_xlim(right=float(shown["p95"].max()) * 3)
        axis.set_yticks(range(len(names)), [found.entries[name].label for name in names])
        axis.invert_yaxis()
        axis.tick_params("y", length=0, labelcolor=look.tone("ink"))
        axis.grid(False, axis="y")
    axes[1].set_yticklabels([])
    told = ", ".join(f"{found.entries[n].label} {v:.2g} ms" for n, v in waits["p50"].items())
    return Chart("writes", figure, frame, f"Renaming a user, until it is stored: {told}.")


def ratio_frame(found: "Comparison") -> "pd.DataFrame":
    """The machine's time for one order and its reads, by how many reads come with it."""
    import pandas as pd  # noqa: PLC0415

    size, lines = max(found.sizes), []
    for name in found.entries:
        seen = found.rounds(size, PLACE_SEEN.name).get(name)
        reads = {row: found.rounds(size, row).get(name) for row in MIXTURE}
        if seen and all(reads.values()):
            read = sum(share * middle(reads[row] or ()) for row, share in MIXTURE.items()) / 100
            for n in READS_A_WRITE:
                lines.append((name, n, 1_000 * (middle(seen) + n * read)))
    return pd.DataFrame(lines, columns=["contestant", "reads a write", "ms"])


@in_both_themes
def ratio_chart(found: "Comparison", theme: str) -> Chart:
    """Where the lines cross, the extra work at each write begins to pay."""
    look, frame = theme_of(theme), ratio_frame(found)
    figure, (axis,) = blank(
        "How many reads does a write need before documents pay?",
        f"The machine's milliseconds for one order with its reads, at {max(found.sizes):,} orders",
        theme=theme,
        size=(8.5, 5.0),
    )
    for name in found.entries:
        mine = frame[frame["contestant"] == name]
        if len(mine):
            axis.plot(mine["reads a write"], mine["ms"], **line(SERIES[name], look))
    axis.set(xscale="log", yscale="log", xlabel="reads for each write", ylabel="ms")
    plain_numbers(axis.xaxis)
    plain_numbers(axis.yaxis)
    legend(figure, axis, look, columns=3)
    told = ", ".join(
        f"{found.entries[name].label} {ms:.2g} ms"
        for name, n, ms in frame.itertuples(index=False)
        if n == 10
    )
    return Chart("ratio", figure, frame, f"With ten reads for each write: {told}.")


@in_both_themes
def costs_chart(found: "Comparison", theme: str) -> Chart:
    """What is paid once, or all the time: storage, rebuilding, code and parts."""
    look, frame = theme_of(theme), picked(found, COSTS)
    size = max(found.sizes)
    figure, axes = blank(
        "What it costs besides time",
        f"At {size:,} orders; lower is better",
        theme=theme,
        size=(11.5, 3.9),
        panels=len(COSTS),
    )
    for axis, row in zip(axes, COSTS, strict=True):
        heading(axis, COST_TITLES[row.name], look)
        mine = frame[(frame["orders"] == size) & (frame["name"] == row.name)]
        values = dict(zip(mine["contestant"], mine["p50"], strict=True))
        top = max(values.values(), default=1)
        for y, name in enumerate(found.entries):
            value = values.get(name)
            if value is not None:
                style = bar(SERIES[name], look)
                style.pop("label")
                axis.barh(y, value, **style)
            told = "none" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
            axis.text((value or 0) + 0.03 * top, y, told, va="center",
                      color=look.tone("ink"), fontsize=SMALL)  # fmt: skip
        axis.set_xlim(0, top * 1.35)
        axis.set_xticks([])
        axis.spines["bottom"].set_visible(False)
        labels = [e.label for e in found.entries.values()] if axis is axes[0] else []
        axis.set_yticks(range(len(found.entries)), labels or [""] * len(found.entries))
        axis.set_ylim(len(found.entries) - 0.4, -0.6)
        axis.tick_params("y", length=0, labelcolor=look.tone("ink"))
        axis.grid(False)
    stored = frame[(frame["orders"] == size) & (frame["name"] == "storage")]
    told = ", ".join(
        f"{found.entries[name].label} {value:.3g} MB"
        for name, value in zip(stored["contestant"], stored["p50"], strict=True)
    )
    return Chart("costs", figure, frame, f"Storage: {told}.")


def picked(found: "Comparison", rows: Iterable[Row]) -> "pd.DataFrame":
    """Return the lines of the comparison's frame that belong to these rows, with short names."""
    frame = found.frame
    names = {entry.label: name for name, entry in found.entries.items()}
    frame = frame[frame["name"].isin([row.name for row in rows])].copy()
    frame["contestant"] = [names[label] for label in frame["contestant"]]
    return frame


def plain_numbers(axis: Any) -> None:
    """Write 0.1, 10 and 1,000 along a logarithmic axis, not powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: PLC0415

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
    axis.set_minor_formatter(NullFormatter())


def widen(axis: "Axes", frame: "pd.DataFrame") -> None:
    """Leave room on both sides of a logarithmic axis."""
    axis.set_xlim(min(0.5, frame["low"].min() / 1.5), max(2.0, frame["high"].max() * 1.5))


def short(orders: int) -> str:
    """Return 1.2k for 1,250."""
    return f"{orders / 1000:.3g}k" if orders >= 1_000 else str(orders)


def middle(values: Sequence[float]) -> float:
    from statistics import median  # noqa: PLC0415

    return median(values)
