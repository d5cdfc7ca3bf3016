"""How an experiment tells how far it is, shows what it has so far, and learns that it is to stop.

An experiment calls `watch.progress(done, total, doing)` between two pieces of its work, and
`watch.show(result)` whenever it has something to show. Who watches is somebody else's business: a
progress bar in a terminal, a panel in a notebook, a test, or nobody.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..domain.errors import ShopError

Progress = Callable[[int, int, str], None]  # pieces done, pieces in all, what is done now


class Cancelled(ShopError):
    """Somebody has cancelled the measurement. What was shown until then still holds."""


def nobody_looks(*_: Any) -> None:
    """Do nothing."""


@dataclass
class Watch:
    """Who watches one measurement. `cancelled` may be set from any thread."""

    on_progress: Progress = nobody_looks
    on_result: Callable[[Any], None] = nobody_looks
    cancelled: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, total: int, doing: str = "") -> None:
        """Tell how many pieces are done, and what comes next. Raises Cancelled if it shall not."""
        self.check()
        self.on_progress(done, total, doing)

    def show(self, result: Any) -> None:
        """Show a result that may still grow."""
        self.on_result(result)

    def check(self) -> None:
        """Raise Cancelled once somebody has cancelled."""
        if self.cancelled.is_set():
            raise Cancelled("the measurement was cancelled")
