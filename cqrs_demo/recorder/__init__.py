"""The recorder: listens to a shop's hops and makes a recording of them.

Nothing in the shop knows of it: ports announce, whoever listens or not.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ..domain.errors import InvalidMessage
from ..domain.fields import text
from ..recording import Recording
from ..shop import Shop
from .recorder import Recorder


@contextmanager
def record(shop: Shop, title: str, seed: int | None = None) -> Iterator[Recording]:
    """Record what happens in the `with` block, refused commands and errors included."""
    text(1, 1_000)("title", title)
    if seed is not None and type(seed) is not int:
        raise InvalidMessage("seed", f"must be a whole number, not {type(seed).__name__}")
    recorder = Recorder(shop, title, seed)
    shop.hops.listeners.append(recorder.hear)
    try:
        yield recorder.recording
    finally:
        if recorder.hear in shop.hops.listeners:
            shop.hops.listeners.remove(recorder.hear)
        recorder.finish()
