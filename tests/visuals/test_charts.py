"""Charts: the look, the words, the frame behind each, and no global state."""

import os
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path

import pandas as pd
import pytest

from cqrs_demo import ShopError
from cqrs_demo.lab.comparison import Comparison
from cqrs_demo.lab.comparison.contestants import entries
from cqrs_demo.lab.comparison.rows import COSTS, MIX, READS, WRITES
from cqrs_demo.visuals.charts import Chart
from cqrs_demo.visuals.charts.comparison import comparison_charts
from cqrs_demo.visuals.charts.style import SERIES, blank, line, theme_of
from cqrs_demo.visuals.look import THEMES

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def found():
    """A comparison of made-up figures: contestant n needs n milliseconds, ten times the orders
    ten times as many."""
    made_up = Comparison(lost=[0.0])
    for size in (100, 1_000):
        for row in (*READS, *WRITES, MIX, *COSTS):
            for n, name in enumerate(made_up.entries, start=1):
                for wobble in (0.9, 1.0, 1.1):
                    made_up.add(size, row.name, name, [n * size * wobble / 100_000] * 3)
    return made_up


@pytest.mark.parametrize("theme", THEMES)
def test_every_chart_is_a_picture_with_words_and_a_frame_behind_it(found, theme):
    charts = comparison_charts(found, theme)
    assert [chart.name for chart in charts] == ["verdict", "growth", "writes", "ratio", "costs"]
    for chart in charts:
        assert isinstance(chart.frame, pd.DataFrame)
        assert len(chart.frame) >= len(found.entries) - 3
        assert len(chart.alt) > 20
        assert chart.figure.get_facecolor() != (0, 0, 0, 0)
    assert charts[0].to_png().startswith(b"\x89PNG")
    assert b"<svg" in charts[0].to_svg()


def test_the_verdict_chart_draws_the_frame(found):
    chart = comparison_charts(found)[0]
    (axis,) = chart.figure.axes
    drawn = {line.get_label(): list(line.get_xdata()) for line in axis.get_lines()}
    for name in ("crud-view", "two-stores"):
        mine = chart.frame[chart.frame["contestant"] == name]["times better"]
        assert drawn[SERIES[name].label] == list(mine)
    two_stores = chart.frame[chart.frame["contestant"] == "two-stores"]["times better"]
    position = list(found.entries).index
    expected = (position("crud-indexed") + 1) / (position("two-stores") + 1)
    assert two_stores.to_list() == pytest.approx([expected] * len(two_stores))


def test_the_ratio_chart_rises_with_the_reads(found):
    frame = comparison_charts(found)[3].frame
    for _, mine in frame.groupby("contestant"):
        assert mine["ms"].is_monotonic_increasing


def test_an_empty_comparison_has_a_picture_that_says_so():
    (chart,) = comparison_charts(Comparison())
    assert chart.alt == "Nothing has been measured yet."
    assert chart.to_png()


def test_every_contestant_is_told_from_the_others_without_colour():
    assert set(SERIES) == set(entries())
    for name, entry in entries().items():
        assert SERIES[name].label == entry.label
    assert len({series.marker for series in SERIES.values()}) == len(SERIES)
    assert len({(series.hatch, series.dash) for series in SERIES.values()}) == len(SERIES)


def test_a_theme_that_does_not_exist_is_refused():
    with pytest.raises(ShopError, match="light, dark, print"):
        blank("Title", theme="pink")


def test_words_in_a_chart_are_data_and_never_markup():
    figure, _ = blank("<b>Title</b>")
    html = Chart("name", figure, pd.DataFrame(), '"><script>alert(1)</script>')._repr_html_()
    assert "<script>" not in html
    assert "data:image/png;base64," in html


def test_a_chart_in_a_notebook_is_dark_where_the_notebook_is(found):
    light, dark = (comparison_charts(found, theme)[0].to_png() for theme in ("light", "dark"))
    style, image = comparison_charts(found)[0]._repr_html_().split("</style>")
    assert image.count("<img") == 1
    assert b64encode(light).decode() in image
    (address,) = re.findall(r"url\(data:image/png;base64,([^)]*)\)", style)
    assert b64decode(address) == dark
    (name,) = re.findall(r'class="([^"]*)"', image)
    assert f":is([data-jp-theme-light=false], .vscode-dark) .{name} " in style


def test_a_chart_whose_theme_was_chosen_keeps_it(found):
    assert "<style>" not in comparison_charts(found, "dark")[0]._repr_html_()
    assert comparison_charts(found, theme="print")[0].in_dark is None


def test_charts_change_nothing_that_others_see():
    code = (
        "import sys, matplotlib; before = matplotlib.rcParams.copy()\n"
        "from cqrs_demo.visuals.charts.style import *\n"
        "figure, (axis,) = blank('Title', 'What', theme='dark', foot='Where from')\n"
        "axis.plot([1, 2], [2, 1], **line(SERIES['two-stores'], theme_of('dark')))\n"
        "legend(figure, axis, theme_of('dark'))\n"
        "Chart('a', figure, None, 'alt').to_png()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert matplotlib.rcParams.copy() == before\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_lines_are_visible_on_their_ground():
    for theme in ("light", "dark"):
        look = theme_of(theme)
        for series in SERIES.values():
            assert line(series, look)["color"] != look.tone("surface")
