"""What a benchmark works with: sizes, a folder for its databases, an event loop, a clean end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from .measuring import Clock, Timed

T = TypeVar("T")


@dataclass(frozen=True)
class Sizes:
    """How much is measured. Counts of events are those of the prepared log."""

    rounds: int = 9
    slow_rounds: int = 5  # for what takes seconds
    slice_seconds: float = 0.04
    short_stream: int = 100
    long_stream: int = 1_000
    log: int = 50_000  # to scan and to project
    rebuild: int = 100_000
    full_rebuild: int = 1_000_000
    orders: int = 100_000  # to query
    commands: int = 40  # in one slice of time, since each uses up an order that was prepared
    followed: int = 1_000  # events in one slice of a projection that has a transaction an event


TOY = Sizes(1, 1, 0.0, 8, 12, 60, 60, 80, 12, 2, 10)


@dataclass
class Stage:
    """Where one benchmark is set up and taken down. `close` is registered by whoever opens."""

    folder: Path
    sizes: Sizes
    closing: ExitStack
    loop: asyncio.AbstractEventLoop
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def file(self, name: str) -> Path:
        """Return the name of a new database in this benchmark's folder."""
        return self.folder / f"{name}-{next(self.numbers)}.db"

    def wait(self, awaitable: Awaitable[T]) -> T:
        """Run something asynchronous to its end, in the one loop of the benchmark."""

        async def waiting() -> T:
            return await awaitable

        return self.loop.run_until_complete(waiting())

    def each(self, once: Callable[[], Awaitable[Any]]) -> Timed:
        """Return what times `once`, awaited many times while the loop is running: starting and
        stopping the loop is not charged to whoever needs one."""

        async def timing(n: int, clock: Clock) -> float:
            start = clock()
            for _ in range(n):
                await once()
            return clock() - start

        return lambda n, clock: self.wait(timing(n, clock))
