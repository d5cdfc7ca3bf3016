"""The look of charts: the colours of look.py, and marks that can be told apart in grey.

    figure, (left, right) = blank("Title", "What is measured, in which unit", panels=2)
    left.plot(x, y, **line(SERIES["two-stores"], theme_of("light")))
    chart = Chart("reads", figure, frame, alt="What the picture says, in a sentence")

Figures are made without pyplot, and nothing global is changed, so that charts can be drawn in
any thread, in any number, in two themes at once. Each paints its own ground.
"""

import io
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, wraps
from hashlib import sha256
from html import escape
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec

from ...domain.errors import ShopError
from ..look import THEMES, Theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Given = ParamSpec("Given")

SMALL, NORMAL, LARGE = 8.5, 10, 13  # points
FOOT = 0.30  # inches, below the panels
DPI = 144
FITTING = "max-width: 100%; height: auto"


class Series(NamedTuple):
    """How one thing is drawn wherever it appears: colour by role, and again by mark and dash."""

    label: str
    role: str  # of look.py, or "neutral"
    marker: str
    dash: str
    hatch: str


# CQRS has the colours of its sides: blue, green, orange. CRUD has others.
SERIES: dict[str, Series] = {
    "crud-keys": Series("CRUD, keys only", "neutral", "x", ":", ".."),
    "crud-indexed": Series("CRUD, indexed", "neutral", "o", "-", ""),
    "crud-view": Series("CRUD, materialized view", "aggregate", "D", "-", "++"),
    "orm-lazy": Series("CRUD, ORM lazy", "outside", "v", ":", "xx"),
    "orm-selectin": Series("CRUD, ORM selectinload", "outside", "^", "--", "xx"),
    "crud-rung": Series("CRUD, rung 1", "process", "h", "--", "oo"),
    "one-database": Series("CQRS, one database", "command", "s", "--", "//"),
    "two-stores": Series("CQRS, two stores", "read", "P", "-", "\\\\"),
    "event-sourced": Series("CQRS, event-sourced", "event", "*", "-.", "||"),
}


@dataclass(frozen=True)
class Chart:
    """A figure, the table it was drawn from, and in words what it shows.

    `in_dark` draws the same on dark ground, for notebooks that are dark (see `in_both_themes`).
    """

    name: str
    figure: "Figure"
    frame: "pd.DataFrame"
    alt: str
    in_dark: "Callable[[], Chart] | None" = None

    def to_png(self) -> bytes:
        return self._saved("png", dpi=DPI)

    def to_svg(self) -> bytes:
        return self._saved("svg", metadata={"Title": self.alt, "Date": None})

    def _saved(self, format: str, **options: Any) -> bytes:
        file = io.BytesIO()
        self.figure.savefig(file, format=format, facecolor=self.figure.get_facecolor(), **options)
        return file.getvalue()

    def _repr_html_(self) -> str:
        """An image with its words: it shows in notebooks that nobody has trusted, too."""
        light = self._as_address()
        name = f"cqrs-chart-{sha256(light.encode()).hexdigest()[:12]}"
        image = f'<img class="{name}" alt="{escape(self.alt)}" style="{FITTING}" src="{light}">'
        if self.in_dark is None:
            return image
        # The dark one stands in the stylesheet, so where styles are stripped nobody sees two.
        there = f":is([data-jp-theme-light=false], .vscode-dark) .{name}"
        dark = self.in_dark()._as_address()
        return f"<style>{there} {{ content: url({dark}) }}</style>{image}"

    def _as_address(self) -> str:
        return f"data:image/png;base64,{b64encode(self.to_png()).decode()}"


def in_both_themes(draw: Callable[Given, Chart]) -> Callable[Given, Chart]:
    """Let a chart that a function draws on light ground know how to be drawn on dark ground.

    The function takes the name of a `theme`, which is "light" unless said otherwise.
    """
    parameters = signature(draw)

    @wraps(draw)
    def drawn(*data: Given.args, **named: Given.kwargs) -> Chart:
        chart = draw(*data, **named)
        given = parameters.bind(*data, **named)
        if given.arguments.get("theme", "light") != "light":
            return chart
        given.arguments["theme"] = "dark"
        return replace(chart, in_dark=partial(draw, *given.args, **given.kwargs))

    return drawn


def theme_of(name: str) -> Theme:
    """Return a theme: "light", "dark" or "print". Raises ShopError for any other."""
    if name not in THEMES:
        raise ShopError(f"there is no theme {name!r}; there are {', '.join(THEMES)}")
    return THEMES[name]


def blank(
    title: str,
    sub: str = "",
    *,
    theme: str = "light",
    size: tuple[float, float] = (8.0, 4.5),
    panels: int = 1,
    columns: int | None = None,
    foot: str = "",
) -> "tuple[Figure, list[Axes]]":
    """Return an empty figure in a theme, and its panels (left to right, row by row).

    `sub` says what is measured and in which unit; `foot` where the figures come from. `size` is in
    inches.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

    look = theme_of(theme)
    figure = Figure(figsize=size, facecolor=look.tone("surface"), layout="constrained")
    height = size[1]
    top, bottom = (0.62 if sub else 0.38) / height, FOOT / height if foot else 0.0
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0.01, bottom, 0.98, 1 - top - bottom), w_pad=0.08, h_pad=0.08)
    figure.text(0.015, 1 - 0.14 / height, title, color=look.tone("ink"), fontsize=LARGE,
                fontweight="bold", va="top")  # fmt: skip
    figure.text(0.015, 1 - 0.40 / height, sub, color=look.tone("muted"), fontsize=NORMAL, va="top")
    figure.text(0.015, 0.10 / height, foot, color=look.tone("muted"), fontsize=SMALL, va="bottom")
    wide = columns or panels
    grid: Any = figure.subplots(-(-panels // wide), wide, squeeze=False)
    axes = list(grid.flat)
    for spare in axes[panels:]:
        spare.remove()
    for axis in axes[:panels]:
        dress(axis, look)
    return figure, axes[:panels]


def dress(axis: "Axes", look: Theme) -> None:
    """Give one panel its look: quiet lines, no box, text that can be read."""
    axis.set_facecolor(look.tone("surface"))
    axis.grid(True, axis="y", color=look.tone("rule"), linewidth=0.7)
    axis.set_axisbelow(True)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(look.tone("edge"))
    for which in ("x", "y"):
        axis.tick_params(which, which="both", colors=look.tone("muted"), labelsize=SMALL)
    axis.xaxis.label.set(color=look.tone("muted"), fontsize=NORMAL)
    axis.yaxis.label.set(color=look.tone("muted"), fontsize=NORMAL)


def heading(axis: "Axes", text: str, look: Theme) -> None:
    """Write what one panel of several shows above its left edge."""
    axis.set_title(text, loc="left", color=look.tone("ink"), fontsize=NORMAL, fontweight="bold")


def line(series: Series, look: Theme) -> dict[str, Any]:
    """Return how a series is drawn as a line: colour, dash and mark all say which it is."""
    tones = look.tones(series.role)
    return {
        "label": series.label,
        "color": tones.line,
        "linestyle": series.dash,
        "marker": series.marker,
        "markersize": 6,
        "markerfacecolor": tones.solid,
        "markeredgecolor": tones.line,
        "linewidth": 1.8,
    }


def bar(series: Series, look: Theme) -> dict[str, Any]:
    """Return how a series is drawn as a bar: tint, outline and hatching all say which it is."""
    tones = look.tones(series.role)
    return {
        "label": series.label,
        "facecolor": tones.fill,
        "edgecolor": tones.line,
        "hatch": series.hatch,
        "linewidth": 1.2,
    }


def legend(
    figure: "Figure", axis: "Axes", look: Theme, columns: int = 4, corner: bool = False
) -> None:
    """Write which mark is whose: below the panels, or in the lower right corner if no panel is
    there."""
    handles, labels = axis.get_legend_handles_labels()
    height = figure.get_figheight()
    engine: Any = figure.get_layout_engine()
    left, low, width, tall = engine.get()["rect"]
    if not corner:  # the panels make room
        room = (0.1 + 0.19 * -(-len(labels) // columns)) / height
        engine.set(rect=(left, low + room, width, tall - room))
    figure.legend(
        handles,
        labels,
        loc="lower right" if corner else "lower center",
        bbox_to_anchor=(0.98, FOOT / height) if corner else (0.5, low),
        ncols=columns,
        fontsize=NORMAL if corner else SMALL,
        frameon=False,
        labelcolor=look.tone("ink"),
        handlelength=3.2,
    )
