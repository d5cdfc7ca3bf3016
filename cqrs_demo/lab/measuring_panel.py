"""A panel in a notebook that measures: sliders, a progress bar, results as they come, cancel.

    MeasuringPanel(
        "Two editors, one order",
        "Counts, not times: the same seed gives the same counts on every machine.",
        [Slider("rounds", "Rounds", (10, 100, 1_000), 100)],
        lambda settings, watch: measure(settings["rounds"], watch=watch),
    )

The measurement runs in a thread, so that the button stays alive. Two panels never measure at the
same time: each would spoil the other's figures.
"""

import base64
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol

import anywidget
import traitlets

from ..domain.errors import InvalidMessage, ShopError
from ..visuals.charts import Chart
from ..visuals.pages import HERE, colours
from ..visuals.still import STYLE, display_with_still
from .cells import as_cell
from .watching import Cancelled, Watch

SECONDS_BETWEEN_UPDATES = 0.1  # of the progress bar: the eye sees no more
MOST_ROWS = 60  # of the table that a browser is sent

_measuring = threading.Lock()  # held while any panel measures


@dataclass(frozen=True)
class Slider:
    """A number that a reader may choose. `choices` are the numbers it moves over."""

    name: str
    label: str
    choices: Sequence[float]
    value: float
    unit: str = ""

    def __post_init__(self) -> None:
        if self.value not in self.choices:
            raise InvalidMessage(self.name, f"{self.value!r} is not among its choices")


class Result(Protocol):
    """What a measurement gives: a picture, what it says in words, and the numbers behind it."""

    @property
    def frame(self) -> Any: ...
    def chart(self, theme: str = "light") -> Chart: ...
    def sentences(self) -> list[str]: ...


Settings = dict[str, Any]  # name of a slider -> its number
Measure = Callable[[Settings, Watch], Result]


class MeasuringPanel(anywidget.AnyWidget):
    """Sliders, a button, a progress bar, and what was measured. `found` is the last result."""

    _esm = (HERE / "measuring.js").read_text(encoding="utf-8")
    _css = colours(".cqrs-measuring") + (HERE / "measuring.css").read_text(encoding="utf-8")

    title = traitlets.Unicode().tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)
    sliders: Any = traitlets.List().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    state = traitlets.Enum(["idle", "running", "cancelling"], "idle").tag(sync=True)
    progress = traitlets.Dict({"done": 0, "total": 0, "doing": ""}).tag(sync=True)
    outcome = traitlets.Dict({"role": "neutral", "text": ""}).tag(sync=True)
    result = traitlets.Dict({}).tag(sync=True)

    def __init__(self, title: str, told: str, sliders: Sequence[Slider], measure: Measure) -> None:
        settings = {slider.name: slider.value for slider in sliders}
        described = [{**vars(slider), "choices": [*slider.choices]} for slider in sliders]
        super().__init__(title=title, told=told, sliders=described, settings=settings)
        self.found: Any = None
        self._measure = measure
        self._watch = Watch()
        self._thread: threading.Thread | None = None
        self._last_update = 0.0
        self.on_msg(self._heard)

    def start(self) -> None:
        """Begin to measure with the sliders as they stand; do nothing while it measures already."""
        if self.state != "idle":
            return
        self._watch = Watch(self._told_progress, self._told_result)
        self.outcome = {"role": "neutral", "text": ""}
        self.progress = {"done": 0, "total": 0, "doing": "beginning"}
        self.state = "running"
        self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop as soon as the piece at hand is done; what was measured stays."""
        if self.state == "running":
            self.state = "cancelling"
        self._watch.cancelled.set()

    def wait(self) -> None:
        """Wait until nothing is measured any more."""
        if self._thread:
            self._thread.join()

    def close(self) -> None:
        self._watch.cancelled.set()
        super().close()

    def _heard(self, _widget: Any, content: Any, _buffers: Any) -> None:
        wanted = content.get("do") if isinstance(content, dict) else None
        if wanted == "start":
            self.start()
        elif wanted == "cancel":
            self.cancel()

    def _run(self) -> None:
        began = time.monotonic()
        role = "rejection"
        try:
            with _alone():
                self._told_result(self._measure(self._chosen(), self._watch))
            role, text = "read", f"Measured in {time.monotonic() - began:.0f} s."
        except Cancelled:
            role, text = "event", "Cancelled. What was measured until then is shown."
            if self.found is None:
                text = "Cancelled, before anything was measured."
        except ShopError as error:
            text = f"It stopped: {error}"
        except Exception as error:  # a panel has no other place to tell of a mistake in a program
            text = f"It stopped with {type(error).__name__}: {error}"
        self.outcome = {"role": role, "text": text}
        self.state = "idle"

    def _chosen(self) -> Settings:
        """Return the settings as they stand; the browser can send no others than were offered."""
        offered = {slider["name"]: slider["choices"] for slider in self.sliders}
        for name, value in self.settings.items():
            if value not in offered.get(name, ()):
                raise InvalidMessage(str(name), f"{value!r} is not among its choices")
        return dict(self.settings)

    def _told_progress(self, done: int, total: int, doing: str) -> None:
        now = time.monotonic()
        if done and now - self._last_update < SECONDS_BETWEEN_UPDATES:
            return
        self._last_update = now
        self.progress = {"done": done, "total": total, "doing": doing}

    def _told_result(self, found: Result) -> None:
        self.found = found
        light = found.chart("light")
        self.result = {
            "light": picture(light),
            "dark": picture(found.chart("dark")),
            "alt": light.alt,
            "sentences": found.sentences(),
            "table": as_table(found.frame),
        }

    def __repr__(self) -> str:
        lines = [self.title, self.told, *self.result.get("sentences", ())]
        return "\n".join(filter(None, lines))

    def _ipython_display_(self) -> None:
        lines = "".join(f"<p>{escape(line)}</p>" for line in repr(self).splitlines())
        bundle: Any = self._repr_mimebundle_()
        view = {**bundle[0], "text/plain": f"A panel that measures: {self.title}"}
        display_with_still(view, f'{STYLE}<div class="cqrs-still">{lines}</div>', repr(self))


class _alone:  # noqa: N801 - reads as a word
    """Hold off other panels. Raises ShopError if one is measuring."""

    def __enter__(self) -> None:
        if not _measuring.acquire(blocking=False):
            raise ShopError("another panel is measuring, and both would spoil each other's figures")

    def __exit__(self, *_: object) -> None:
        _measuring.release()


def picture(chart: Chart) -> str:
    """Return a chart as the address of an SVG image."""
    return "data:image/svg+xml;base64," + base64.b64encode(chart.to_svg()).decode()


def as_table(frame: Any) -> dict[str, Any]:
    """Return the first rows of a frame as text."""
    rows = frame.head(MOST_ROWS).itertuples(index=False)
    return {
        "columns": [str(column).replace("_", " ") for column in frame.columns],
        "rows": [[as_cell(value) for value in row] for row in rows],
    }
