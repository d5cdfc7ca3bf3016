"""What became of two editors' edits: what is gone, and what it cost to keep the rest."""

from typing import TYPE_CHECKING, Any

from .style import NORMAL, SMALL, Chart, blank, in_both_themes, theme_of

if TYPE_CHECKING:
    import pandas as pd


@in_both_themes
def collaboration_chart(frame: "pd.DataFrame", theme: str = "light") -> Chart:
    """Draw one row an approach (lab/experiments/collaboration.py makes the frame)."""
    look = theme_of(theme)
    rounds, overlapping = int(frame["rounds"].max()), int(frame["overlapping"].max())
    figure, (gone, told) = blank(
        "Two editors, one order: what became of their edits",
        f"{rounds:,} rounds of two edits, the same for all four;"
        f" in {overlapping:,} both looked before either saved",
        theme=theme,
        size=(8.0, 3.7),
        panels=2,
    )
    red = look.tones("rejection")
    lost = {"facecolor": red.solid, "edgecolor": red.line, "label": "lost: both could have stood"}
    over = {"facecolor": red.fill, "edgecolor": red.line, "hatch": "////"}
    over["label"] = "overwritten: two addresses at once"
    grey = look.tones("neutral")
    again = {"facecolor": look.tone("rule"), "edgecolor": grey.line}
    rows = range(len(frame))
    _bars(gone, rows, frame["lost"], **lost)
    _bars(gone, rows, frame["overwritten"], left=frame["lost"], **over)
    _bars(told, rows, frame["conflicts"], **again)
    _label(gone, frame["lost"] + frame["overwritten"], look, _gone_in_words(frame))
    _label(told, frame["conflicts"], look, [f"{count:,}" for count in frame["conflicts"]])
    titles = ("Edits gone, nobody told", "Told, and done again")
    for axis, title in zip((gone, told), titles, strict=True):
        axis.set_title(title, loc="left", fontsize=NORMAL, weight="bold", color=look.tone("ink"))
        axis.set_yticks([*rows], frame["approach"] if axis is gone else [""] * len(frame))
        axis.tick_params("y", length=0, labelsize=NORMAL, labelcolor=look.tone("ink"))
        axis.invert_yaxis()
        axis.grid(False)
        axis.set_xticks([])
        axis.spines["bottom"].set_visible(False)
    figure.legend(
        *gone.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=2,
        fontsize=SMALL,
        frameon=False,
        labelcolor=look.tone("ink"),
    )
    return Chart("collaboration", figure, frame, " ".join(_in_words(frame)))


def _bars(axis: Any, rows: Any, widths: Any, **options: Any) -> None:
    outlined = [1.2 if width else 0 for width in widths]  # nothing is no bar
    axis.barh(rows, widths, height=0.56, linewidth=outlined, **options)


def _label(axis: Any, ends: Any, look: Any, words: list[str]) -> None:
    """Write the number behind each bar; a zero is a number too."""
    axis.set_xlim(0, max(1, ends.max()) * 1.45)
    for row, (end, text) in enumerate(zip(ends, words, strict=True)):
        axis.annotate(
            text,
            (end, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=NORMAL,
            color=look.tone("ink"),
        )


def _gone_in_words(frame: "pd.DataFrame") -> list[str]:
    words = []
    for lost, over in zip(frame["lost"], frame["overwritten"], strict=True):
        parts = [f"{lost:,} lost"] * bool(lost) + [f"{over:,} overwritten"] * bool(over)
        words.append(", ".join(parts) or "0")
    return words


def _in_words(frame: "pd.DataFrame") -> list[str]:
    return [
        f"{row['approach']}: {row['lost']:,} edits lost, {row['overwritten']:,} overwritten,"
        f" {row['conflicts']:,} conflicts."
        for row in frame.to_dict("records")
    ]
