"""Background delivery: a thread that delivers by itself, some time after each command.

It is what makes a system feel eventually consistent: nobody waits, and for a while nobody sees.
"""

import threading
import time
from collections import deque
from collections.abc import Callable


class BackgroundDelivery:
    """Delivers each event `lag` seconds after it was stored. It is woken when there are new ones,
    and looks every `poll` seconds unasked, since another process may have stored some.

    `deliver` is called with a position until nothing up to it is left to do. `error` tells why the
    last attempt failed, if it did.
    """

    def __init__(
        self, position: Callable[[], int], deliver: Callable[[int], int], lag: float, poll: float
    ) -> None:
        self.error: str | None = None
        self._position = position
        self._deliver = deliver
        self._lag = lag
        self._poll = poll
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """Stop after the events that are being delivered; the rest waits in the log."""
        self._stopped.set()
        self._woken.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        due: deque[tuple[float, int]] = deque()  # when to deliver, and up to which position
        noted = until = 0
        while not self._stopped.is_set():
            rest = due[0][0] - time.monotonic() if due else self._poll
            self._woken.wait(min(max(rest, 0.0), self._poll))
            self._woken.clear()
            try:
                now, position = time.monotonic(), self._position()
                if position > noted:
                    due.append((now + self._lag, position))
                    noted = position
                while due and due[0][0] <= now:
                    until = due.popleft()[1]
                while not self._stopped.is_set() and self._deliver(until):
                    pass
                self.error = None
            except Exception as error:  # such as a store that is gone: try again after a while
                self.error = f"{type(error).__name__}: {error}"
                self._stopped.wait(self._poll)
