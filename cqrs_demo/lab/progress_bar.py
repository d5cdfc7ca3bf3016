"""A bar that shows how far a rebuild has come."""

import time
from html import escape
from typing import Any

from IPython.display import display

from .frames import STYLE

SIZE = "width: 100%; height: 16px; accent-color: var(--line)"


class ProgressBar:
    """Shows how far a rebuild has come: shop.rebuild(name, progress=ProgressBar("my bar")).

    It waits `pause_seconds` at each step: as long as a log is short, all is over too fast to see.
    """

    def __init__(self, label: str, pause_seconds: float = 0.0) -> None:
        self.label = label
        self.steps: list[tuple[int, int]] = []  # events done and events in all, as they were told
        self._pause = pause_seconds
        self._shown: Any = None

    def __call__(self, done: int, total: int) -> None:
        self.steps.append((done, total))
        if self._shown is None:
            self._shown = _display(self)
        else:
            self._shown.update(self)
        time.sleep(self._pause)

    def __repr__(self) -> str:
        done, total = self.steps[-1] if self.steps else (0, 0)
        return f"{self.label}: {done:,} of {total:,} events"

    def _repr_html_(self) -> str:
        done, total = self.steps[-1] if self.steps else (0, 1)
        bar = f'<progress value="{done}" max="{total}" style="{SIZE}"></progress>'
        said = f"<label>{escape(repr(self))}{bar}</label>"
        return f'{STYLE}<div class="cqrs"><div class="cqrs-note cqrs-process">{said}</div></div>'


def _display(bar: ProgressBar) -> Any:
    show: Any = display
    return show(bar, display_id=True) or _Nowhere()


class _Nowhere:
    """Where there is no notebook, there is nothing to update."""

    def update(self, bar: ProgressBar) -> None:
        print(bar)
