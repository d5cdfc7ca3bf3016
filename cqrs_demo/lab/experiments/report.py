"""What the experiments found, as text, as a report in Markdown, and as files."""

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...visuals import files
from ..cells import as_cell
from ..comparison.report import WIDTH, pipes
from . import EXPERIMENTS

if TYPE_CHECKING:
    import pandas as pd

    from ...visuals.charts import Chart

REPORT = "experiments.md"
TABLES = tuple(f"{name}.csv" for name in EXPERIMENTS)
CSV_HEADS = (b"approach,rounds,edits,", b"rung,work,situation,", b"rung,lag_s,load,")

Results = Mapping[str, Any]  # name of an experiment -> what it found


def as_text(results: Results) -> str:
    """Return what was found, for a terminal."""
    lines = []
    for name, result in results.items():
        lines += ["", EXPERIMENTS[name].title]
        for sentence in result.sentences():
            lines += textwrap.wrap(f"- {sentence}", WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def as_markdown(results: Results, charts: "Mapping[str, Chart]") -> str:
    """Return a report: each experiment with its chart, its sentences and its figures."""
    parts = ["# Experiments", ""]
    for name, result in results.items():
        alt = charts[name].alt.replace("[", "(").replace("]", ")")
        parts += [f"## {EXPERIMENTS[name].title}", "", EXPERIMENTS[name].asks, ""]
        parts += [f"![{alt}]({name}.svg)", ""]
        parts += [*(f"- {line}" for line in result.sentences()), ""]
        parts += [*pipes(rounded(result.frame)), ""]
    return "\n".join(parts)


def rounded(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return a frame as text, with as many digits as a reader can use."""
    return frame.map(as_cell).rename(columns=lambda name: name.replace("_", " "))


def contents(results: Results, theme: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return files that bear our mark (report and charts), and tables, which cannot."""
    charts = {name: result.chart(theme) for name, result in results.items()}
    marked = {REPORT: as_markdown(results, charts).encode()} if results else {}
    for name, chart in charts.items():
        marked |= {f"{name}.svg": chart.to_svg(), f"{name}.png": chart.to_png()}
    tables = {f"{n}.csv": r.frame.to_csv(index=False).encode() for n, r in results.items()}
    return {name: files.marked(name, content) for name, content in marked.items()}, tables
