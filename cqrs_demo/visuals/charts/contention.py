"""Readers and writers at once: how many calls a second alone, apart and together."""

from typing import TYPE_CHECKING, Any

from ..look import Theme
from .style import NORMAL, SERIES, SMALL, Chart, blank, in_both_themes, theme_of

if TYPE_CHECKING:
    import pandas as pd

SITUATIONS = {
    "alone": "alone",
    "apart": "both, on files of their own",
    "together": "both, on the same files",
}
ROLES = {"read": "read", "write": "command"}
THICK = 0.26  # of a bar; three make a rung


@in_both_themes
def contention_chart(frame: "pd.DataFrame", told: str, theme: str = "light") -> Chart:
    """Draw each rung's reads and writes a second (lab/experiments/contention.py makes the frame).

    `told` says who worked on what. Bars are medians, whiskers reach from the lowest repeat to the
    highest, percentages compare with "alone".
    """
    look = theme_of(theme)
    rungs = [*dict.fromkeys(frame["rung"])]
    figure, axes = blank(
        "Readers and writers at once",
        f"{told}. Median and range of {frame['repeats'].max()} repeats; per cent of those alone"
        " in the same repeat",
        theme=theme,
        size=(8.6, 1.6 + 0.92 * len(rungs)),
        panels=2,
    )
    for axis, work in zip(axes, ROLES, strict=True):
        _draw(axis, frame[frame["work"] == work], rungs, look, work)
        axis.set_title(f"{work.title()}s a second", loc="left", fontsize=NORMAL, weight="bold",
                       color=look.tone("ink"))  # fmt: skip
        names = [SERIES[rung].label if rung in SERIES else "CRUD" for rung in rungs]
        axis.set_yticks(range(len(rungs)), names if axis is axes[0] else [""] * len(rungs))
        axis.tick_params("y", length=0, labelsize=NORMAL, labelcolor=look.tone("ink"))
        axis.set_ylim(len(rungs) - 0.5, -0.5)
        axis.grid(False)
        axis.set_xticks([])
        axis.spines["bottom"].set_visible(False)
    _legend(figure, look)
    return Chart("contention", figure, frame, _in_words(frame, told))


def _draw(axis: Any, rows: "pd.DataFrame", rungs: list[str], look: Theme, work: str) -> None:
    most = float(rows["high"].max())
    for row in rows.to_dict("records"):
        nth = [*SITUATIONS].index(row["situation"])
        y = rungs.index(row["rung"]) + (nth - 1) * (THICK + 0.02)
        axis.barh(y, row["per_second"], height=THICK, **_bar(row["situation"], look, ROLES[work]))
        span = [row["low"], row["high"]]
        axis.plot(span, [y, y], color=look.tone("surface"), linewidth=3.0)  # a halo on the bar
        axis.plot(span, [y, y], color=look.tone("ink"), linewidth=1.2, solid_capstyle="butt")
        words = f"{row['per_second']:,.0f}"
        if row["situation"] != "alone":
            words += f" · {row['of_alone']:.0%}"
        end = max(row["high"], row["per_second"])
        axis.annotate(words, (end, y), xytext=(4, 0), textcoords="offset points", va="center",
                      fontsize=SMALL, color=look.tone("ink"))  # fmt: skip
    axis.set_xlim(0, most * 1.32)


def _bar(situation: str, look: Theme, role: str) -> dict[str, Any]:
    """Alone is tinted, apart is hatched, together is solid: thick and solid is what counts."""
    tones = look.tones(role)
    style: dict[str, Any] = {"edgecolor": tones.line, "linewidth": 1.0}
    style["facecolor"] = tones.solid if situation == "together" else tones.fill
    if situation == "apart":
        style["hatch"] = "////"
    return style


def _legend(figure: Any, look: Theme) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415 - slow to load

    role = "read" if look.name == "print" else "neutral"  # on paper all roles look alike
    handles = [
        Patch(label=words, **_bar(situation, look, role)) for situation, words in SITUATIONS.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=SMALL,
                  frameon=False, labelcolor=look.tone("ink"))  # fmt: skip


def _in_words(frame: "pd.DataFrame", told: str) -> str:
    together = frame[frame["situation"] == "together"].to_dict("records")
    rows = (
        f"{row['rung']} {row['work']}s {row['per_second']:,.0f}/s, {row['of_alone']:.0%} of alone"
        for row in together
    )
    return f"{told}, on the same files: {'; '.join(rows)}."
