"""Processes of their own that read, write or deliver on a shop's files, all at the same time.

    with Workers(3) as workers:
        reports = workers.run([Task("read", ...), Task("write", ...), Task("deliver", ...)])

They are started anew ("spawn", the one way that every system has) and end with whoever started
them, even if that one is killed. A worker imports no more than the shop, so that it is ready soon.
"""

import os
import signal
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from random import Random
from typing import Any, Self

from ... import (
    AddOrderItem,
    CreateOrder,
    GetCatalogue,
    GetOrder,
    GetOrderHistory,
    GetRecentOrders,
    PlaceOrder,
    Restock,
    Shop,
    ShopError,
    open_shop,
)
from ..watching import Watch

SECONDS_TO_LOOK_UP = 0.1  # how soon whoever cancels is heard
PATIENCE_SECONDS = 60.0  # with a worker, beyond the time its task takes
DELIVERER_POLL_SECONDS = 0.01
WANTED = 1_000  # how many of the newest orders are read
SOLD = 20  # how many products are bought

READY, GO = "ready", "go"


@dataclass(frozen=True)
class Task:
    """What a worker shall do on a rung's files: "read", "write" or "deliver".

    What it does in the first `warm_up` seconds does not count; then it is measured for `seconds`.
    """

    work: str
    rung: str
    urls: dict[str, str]
    seed: int
    warm_up: float
    seconds: float


@dataclass(frozen=True)
class Report:
    """How a worker fared: what each call took, in seconds, and the time in which it made them.

    `behind` is how many events the documents were behind at the end.
    """

    took: "array[float]" = field(repr=False)
    seconds: float
    behind: int


@dataclass(frozen=True)
class Failed:
    """Why a worker could not go on."""

    problem: str


class Workers:
    """Some processes, started and waiting for tasks. Use them in a `with` block."""

    def __init__(self, count: int) -> None:
        self.processes: list[Any] = []
        self._connections: list[Any] = []
        context = get_context("spawn")
        try:
            for n in range(count):
                ours, theirs = context.Pipe()
                self._connections.append(ours)
                process = context.Process(target=serve, args=(theirs,), name=f"worker-{n}")
                process.daemon = True  # multiprocessing ends these when Python ends
                process.start()
                self.processes.append(process)
                theirs.close()  # so that we hear when the worker's end is closed
        except BaseException:
            self.close()
            raise

    def run(self, tasks: Sequence[Task], watch: Watch | None = None) -> list[Report]:
        """Have each task done by a worker of its own, all at the same time; return their reports.

        Raises ShopError with what the first one says that fails or ends, Cancelled if the watch
        says so. After an error the workers are of no use any more: close them.
        """
        watch = watch or Watch()
        until = time.monotonic() + PATIENCE_SECONDS
        until += max(task.warm_up + task.seconds for task in tasks)
        for n, task in enumerate(tasks):
            self._send(n, task)
        self._hear(len(tasks), watch, until)
        for n in range(len(tasks)):
            self._send(n, GO)
        return self._hear(len(tasks), watch, until)

    def close(self) -> None:
        """End all processes, whatever they are doing, and wait until they have ended."""
        for connection in self._connections:
            connection.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()
        self.processes = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, n: int, what: Any) -> None:
        try:
            self._connections[n].send(what)
        except OSError:
            raise self._ended(n) from None

    def _hear(self, count: int, watch: Watch, until: float) -> list[Any]:
        """Wait until each of the first workers has said something; return it in their order."""
        said: dict[int, Any] = {}
        while len(said) < count:
            watch.check()
            if time.monotonic() > until:
                raise ShopError("a worker process does not answer any more")
            waited_for: dict[Any, int] = {
                self._connections[n]: n for n in range(count) if n not in said
            }
            for connection in wait([*waited_for], SECONDS_TO_LOOK_UP):
                n = waited_for[connection]
                try:
                    said[n] = self._connections[n].recv()
                except (EOFError, OSError):
                    raise self._ended(n) from None
                if isinstance(said[n], Failed):
                    raise ShopError(f"a worker process stopped: {said[n].problem}")
        return [said[n] for n in range(count)]

    def _ended(self, n: int) -> ShopError:
        self.processes[n].join(5)
        code = self.processes[n].exitcode
        hint = "; a script calls this below if __name__ == '__main__'" if code == 1 else ""
        return ShopError(f"a worker process ended by itself, with exit code {code}{hint}")


# What runs in a worker.


def serve(connection: "Connection[Any, Any]") -> None:
    """Do tasks as they come, until nobody sends any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us is interrupted, and ends us
    end_with_parent()
    while True:
        try:
            task = connection.recv()
            connection.send(done(task, connection))
        except (EOFError, OSError):  # nobody is there any more
            return


def end_with_parent() -> None:
    """End at once when whoever started us does, though it may not be able to say so."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, name="end with parent", daemon=True).start()


def done(task: Task, connection: "Connection[Any, Any]") -> Report | Failed:
    """Do one task: open the shop, say that we are ready, wait for the word, and begin."""
    options: dict[str, Any] = dict(task.urls)
    if task.work == "deliver":
        options |= {"delivery": "background", "poll": DELIVERER_POLL_SECONDS}
    try:
        with open_shop(task.rung, **options) as shop:
            calls = CALLS[task.work](shop, Random(task.seed), f"{task.work}-{task.seed}")
            connection.send(READY)
            connection.recv()
            return timed(calls, task, shop)
    except ShopError as error:
        return Failed(f"{type(error).__name__}: {error}")


def timed(calls: Iterator[Callable[[], Any]], task: Task, shop: Shop) -> Report:
    """Make one call after the other until the time is up; keep how long they took."""
    clock, took = time.perf_counter, array("d")
    begin = clock() + task.warm_up
    end = begin + task.seconds
    now = clock()
    while now < end:
        call = next(calls)
        started = clock()
        call()
        now = clock()
        if started >= begin:
            took.append(now - started)
    return Report(took, now - begin, shop.staleness)


def reading(shop: Shop, chance: Random, _: str) -> Iterator[Callable[[], Any]]:
    """Ask for one of the newest orders, and for the history of its user, in turn."""
    orders = shop.ask(GetRecentOrders(WANTED))
    if not orders:
        raise ShopError("there are no orders to read")

    def calls() -> Iterator[Callable[[], Any]]:
        while True:
            order = chance.choice(orders)
            yield partial(shop.ask, GetOrder(order.order_id))
            yield partial(shop.ask, GetOrderHistory(order.user_id))

    return calls()


def writing(shop: Shop, chance: Random, name: str) -> Iterator[Callable[[], Any]]:
    """Create an order, add a product, place it: three commands, each a write of its own."""
    users = [order.user_id for order in shop.ask(GetRecentOrders(WANTED))]
    skus = [product.sku for product in shop.ask(GetCatalogue())]
    if not users:
        raise ShopError("there are no orders to go on from")
    skus = chance.sample(skus, min(SOLD, len(skus)))
    for sku in skus:
        shop.send(Restock(sku, 10**6))  # nothing is sold out while we measure

    def calls() -> Iterator[Callable[[], Any]]:
        for n in count():
            order = f"{name}-{n}"
            create = CreateOrder(order, chance.choice(users))
            add = AddOrderItem(order, chance.choice(skus), 1)
            for command in (create, add, PlaceOrder(order)):
                yield partial(shop.send, command)

    return calls()


def delivering(shop: Shop, chance: Random, _: str) -> Iterator[Callable[[], Any]]:
    """Do nothing: the shop's own thread delivers in the background."""
    pause = threading.Event()
    while True:
        yield partial(pause.wait, 0.05)


CALLS = {"read": reading, "write": writing, "deliver": delivering}
