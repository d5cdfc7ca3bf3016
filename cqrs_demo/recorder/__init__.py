"""The recorder: listens to a shop's hops and makes a recording of them.

Nothing in the shop knows of it: ports announce, whoever listens or not.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ..recording import Recording
from ..shop import Shop
from .recorder import Recorder


@contextmanager
def record(shop: Shop, title: str, seed: int | None = None) -> Iterator[Recording]:
    """Record what happens in the `with` block, refused commands and errors included."""
    recorder = Recorder(shop, title, seed)
    shop.hops.listeners.append(recorder.hear)
    try:
        yield recorder.recording
    finally:
        shop.hops.listeners.remove(recorder.hear)
        recorder.finish()
