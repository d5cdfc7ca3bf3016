"""Background delivery: a thread that delivers by itself, some time after each command.

It is what makes a system feel eventually consistent: nobody waits, and for a while nobody sees.
"""

import threading
from collections.abc import Callable

from ..domain.errors import ShopClosed

EVENTS_AT_ONCE = 100  # between two looks whether to stop


class BackgroundDelivery:
    """Delivers `lag` seconds after it is woken, and looks every `poll` seconds unasked, since
    another process may have stored events. `error` tells why the last attempt failed, if it did.
    """

    def __init__(self, deliver: Callable[[int], int], lag: float, poll: float) -> None:
        self.error: str | None = None
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
        while not self._stopped.is_set():
            self._woken.wait(self._poll)
            self._woken.clear()
            if self._stopped.wait(self._lag):
                return
            try:
                while not self._stopped.is_set() and self._deliver(EVENTS_AT_ONCE):
                    pass
                self.error = None
            except ShopClosed:
                return
            except Exception as error:  # such as a store that is gone: try again at the next poll
                self.error = f"{type(error).__name__}: {error}"
