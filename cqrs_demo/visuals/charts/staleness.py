"""How far documents are behind when somebody looks: a curve a lag, a panel a rung and load."""

from typing import TYPE_CHECKING, Any

from ..look import Theme
from .style import NORMAL, SERIES, SMALL, Chart, blank, in_both_themes, theme_of

if TYPE_CHECKING:
    import pandas as pd

DASHES = ("-", "--", "-.", ":")
WIDTHS = (2.4, 2.0, 1.6, 1.6)


@in_both_themes
def staleness_chart(looks: "pd.DataFrame", frame: "pd.DataFrame", theme: str = "light") -> Chart:
    """Draw the part of looks that were at most so many milliseconds behind.

    lab/experiments/staleness.py makes the frames: one row a look, and one row a curve.
    """
    look = theme_of(theme)
    rungs, loads = [*dict.fromkeys(frame["rung"])], sorted(set(frame["load"]))
    columns = len(loads) if len(loads) > 1 else len(rungs)
    rows = -(-len(rungs) * len(loads) // columns)
    most_curves = int(frame.groupby(["rung", "load"]).size().max())  # the lines of a legend
    figure, axes = blank(
        "How far documents are behind when somebody looks",
        "Part of all looks (up) that were at most so many milliseconds behind (right)",
        theme=theme,
        size=(max(8.0, 4.4 * columns), 1.0 + rows * (2.8 + 0.18 * most_curves)),
        panels=len(rungs) * len(loads),
        columns=columns,
    )
    # Far to the right there may be one odd look: the words tell of it, and the picture does not
    # shrink all others for it.
    ends = looks.groupby(["rung", "lag_s", "load"])["ms"].quantile(0.99)
    most = max(5.0, float(ends.max()) * 1.12)
    places = [(rung, load) for rung in rungs for load in loads]
    for axis, (rung, load) in zip(axes, places, strict=True):
        curves = frame[(frame["rung"] == rung) & (frame["load"] == load)]
        for nth, row in enumerate(curves.to_dict("records")):
            same = looks["lag_s"] == row["lag_s"]
            same &= (looks["rung"] == rung) & (looks["load"] == load)
            _curve(axis, looks[same]["ms"], row, nth, look)
        _dress(axis, most, look)
        axis.set_title(f"{SERIES[rung].label}, {load:,} commands/s", loc="left", fontsize=NORMAL,
                       weight="bold", color=look.tone("ink"))  # fmt: skip
    return Chart("staleness", figure, frame, " ".join(map(_in_words, frame.to_dict("records"))))


def _curve(axis: Any, ms: Any, row: dict[str, Any], nth: int, look: Theme) -> None:
    """Draw an empirical distribution function, with a mark where 95% are reached."""
    tones = look.tones("event")
    axis.ecdf(
        ms.to_numpy(),
        color=tones.line,
        linestyle=DASHES[nth % len(DASHES)],
        linewidth=WIDTHS[nth % len(WIDTHS)],
        label=f"{row['lag_s']:g} s: {in_ms(row['ms_p95'])}, {_events(row['events_p95'])}",
    )
    axis.plot([row["ms_p95"]], [0.95], marker="o", markersize=5, markeredgecolor=tones.line,
              markerfacecolor=tones.solid, clip_on=False)  # fmt: skip


def _dress(axis: Any, most: float, look: Theme) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter  # noqa: PLC0415

    axis.set_xlim(-0.012 * most, most)
    axis.xaxis.set_major_locator(MaxNLocator(6))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: in_ms(value)))
    axis.set_ylim(0, 1.02)
    axis.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    axis.yaxis.set_major_formatter(PercentFormatter(1.0))
    axis.grid(True, axis="x", color=look.tone("rule"), linewidth=0.7)
    # Below the panel: a curve may pass anywhere within it.
    legend = axis.legend(title="Lag: 95% of looks within", title_fontsize=SMALL, alignment="left",
                loc="upper left", bbox_to_anchor=(0, -0.14), borderaxespad=0, borderpad=0,
                fontsize=SMALL, frameon=False, handlelength=3.2,
                labelcolor=look.tone("ink"))  # fmt: skip
    legend.get_title().set_color(look.tone("muted"))


def in_ms(value: float) -> str:
    """Return a time with as many digits as a reader can use."""
    if value >= 1_000:
        return f"{value / 1_000:,.3g} s"
    return f"{value:,.1f} ms" if 0.05 <= value < 10 and value != int(value) else f"{value:,.0f} ms"


def _events(count: float) -> str:
    return f"{count:,.0f} event{'' if round(count) == 1 else 's'}"


def _in_words(row: dict[str, Any]) -> str:
    return (
        f"{row['rung']}, {row['load']:,} commands/s, lag {row['lag_s']:g} s: half of the looks were"
        f" at most {in_ms(row['ms_p50'])} behind, 95% at most {in_ms(row['ms_p95'])} and"
        f" {_events(row['events_p95'])}."
    )
