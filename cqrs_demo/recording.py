"""A recording: one real run, hop by hop, as data. Every view is a view of this.

The state of all stores at step n is `initial` plus the changes of the steps up to n; so a view can
go to any step, and back, without the shop. recording.schema.json describes the form in which a
recording is written. recorder/ makes one while a shop works.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from .domain.errors import InvalidMessage

if TYPE_CHECKING:
    import pandas as pd

    from .shop import Shop
    from .visuals.explorer import Explorer

FORMAT = "cqrs-demo/recording"
VERSION = 1
PANELS = ("write", "outbox", "bus", "read", "checkpoints", "screen")

Row = dict[str, Any]
Panels = dict[str, dict[str, dict[str, Row]]]  # panel -> table -> key -> row
Changes = dict[str, dict[str, dict[str, Row | None]]]  # the same; None: the row is gone


@dataclass(frozen=True)
class Code:
    """The lines that ran: `line` is the number of the current one, `first` that of the first."""

    file: str
    first: int
    source: str
    line: int


@dataclass(frozen=True)
class Step:
    """One move of one message, and what it changed.

    `at` is the time (ISO 8601, UTC) of the command it belongs to, if it belongs to one. `scene`
    names the few steps it is one of, `call` the Python line that caused it. `source` and `target`
    are places of the map. `payload` is the message as plain JSON, `note` says in one sentence what
    happened and why it matters. `question` asks for a prediction before the step is shown.
    """

    n: int
    scene: str
    kind: str
    source: str
    target: str
    name: str
    note: str
    at: str | None = None
    call: str | None = None
    payload: Any = None
    code: Code | None = None
    changes: Changes = field(default_factory=dict)
    question: dict[str, Any] | None = None


@dataclass(frozen=True)
class Fold:
    """Steps `first` to `last` are one delivery: one step in every view, until it is unfolded."""

    first: int
    last: int
    name: str
    kind: str
    source: str
    target: str
    scene: str
    note: str


@dataclass
class Recording:
    """A title, a map, the state at the beginning, and the steps."""

    title: str
    architecture: str
    seed: int | None
    map: dict[str, Any]
    initial: Panels
    steps: list[Step] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    scene: str | None = field(default=None, repr=False, compare=False)
    moments: dict[int, Any] = field(default_factory=dict, repr=False, compare=False)

    def begin_scene(self, name: str | None) -> None:
        """While recording: name the steps that follow. None names each call's by itself again."""
        self.scene = name

    def state(self, n: int) -> Panels:
        """Return panel -> table -> key -> row after step n; 0 is the state at the beginning."""
        if type(n) is not int or not 0 <= n <= len(self.steps):
            raise InvalidMessage("n", f"must be from 0 to {len(self.steps)}")
        panels = deepcopy(self.initial)
        for step in self.steps[:n]:
            apply_changes(panels, deepcopy(step.changes))
        return panels

    def fork(self, step: int) -> "Shop":
        """Open a shop in memory as it was before the call that a step belongs to (the lab only).

        Raises ShopError if there is no way back: the recording came from a file, or the stores
        are not SQLite.
        """
        from .recorder.past import reopened  # noqa: PLC0415

        if type(step) is not int or not 1 <= step <= len(self.steps):
            raise InvalidMessage("step", f"must be from 1 to {len(self.steps)}")
        return reopened(self.moments.get(step))

    def to_json(self, indent: int | None = None) -> str:
        """Return the recording as JSON text, the same for the same run."""
        names = ("title", "architecture", "seed", "map", "initial", "steps", "folds")
        data = {name: msgspec.to_builtins(getattr(self, name)) for name in names}
        data = {"format": FORMAT, "version": VERSION, **data}
        separators = None if indent else (",", ":")
        return json.dumps(data, ensure_ascii=False, indent=indent, separators=separators)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Recording":
        """Read what `to_json` wrote. Raises ShopError if it is damaged, or newer than this program.

        Missing optional parts are filled in; whatever is not in the schema is refused.
        """
        from .recorder.reading import read_recording  # noqa: PLC0415

        return read_recording(text)

    def to_frame(self) -> "pd.DataFrame":
        """Return one row a step as a pandas frame."""
        from .visuals.frame import to_frame  # noqa: PLC0415

        return to_frame(self)

    def to_mermaid(self, unfold: bool = False) -> str:
        """Return a sequence diagram in Mermaid's language; `unfold` shows deliveries in full."""
        from .visuals.sequence import to_mermaid  # noqa: PLC0415

        return to_mermaid(self, unfold)

    def to_svg(self, theme: str = "light") -> str:
        """Return the sequence as a picture with its own background, title and description."""
        from .visuals.sequence import to_svg  # noqa: PLC0415

        return to_svg(self, theme)

    def save_html(self, path: str | Path, quiz: bool = False) -> Path:
        """Write one self-contained page with the explorer, which needs no network; return its path.

        With `quiz`, the page locks what follows a question until it is answered.
        """
        from .visuals.pages import page  # noqa: PLC0415

        path = Path(path)
        path.write_bytes(page(self, quiz).encode("utf-8", "backslashreplace"))
        return path

    def explorer(self, step: int = 1, quiz: bool = True) -> "Explorer":
        """Return the explorer as a widget; its `step` can be read and set."""
        from .visuals.explorer import Explorer  # noqa: PLC0415

        return Explorer(self, step=step, quiz=quiz)

    def _ipython_display_(self) -> None:
        self.explorer()._ipython_display_()

    def __repr__(self) -> str:
        return f"<recording {self.title!r} on {self.architecture!r}: {len(self.steps)} steps>"


def apply_changes(panels: Panels, changes: Mapping[str, Any]) -> None:
    """Bring panels up to date with one step's changes, in place."""
    for panel, tables in changes.items():
        for table, rows in tables.items():
            shown = panels.setdefault(panel, {}).setdefault(table, {})
            for key, row in rows.items():
                if row is None:
                    shown.pop(key, None)
                else:
                    shown[key] = row
