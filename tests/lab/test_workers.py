"""Processes of their own: they do their tasks, fail in one sentence, and outlive nobody."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from array import array
from itertools import repeat
from random import Random

import pytest

from cqrs_demo import GetRecentOrders, ShopError, open_shop
from cqrs_demo.lab.experiments.workers import CALLS, Report, Task, Workers, timed, writing
from cqrs_demo.lab.watching import Cancelled, Watch
from cqrs_demo.lab.workload import generated
from cqrs_demo.lab.workload.cache import copy_files, filled
from cqrs_demo.lab.workload.filling import READ, WRITE

PATIENT = 60  # seconds; a test that waits in vain fails, and none waits in vain


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return filled(generated(30), folder=tmp_path_factory.mktemp("cache"))


@pytest.fixture
def urls(kept, tmp_path):
    """URLs of a filled shop on the rung "two-stores"."""
    copy_files(kept["two-stores"], tmp_path / "shop")
    return {
        "write": f"sqlite:///{tmp_path}/shop/{WRITE}",
        "read": f"sqlite:///{tmp_path}/shop/{READ}",
    }


def task(work, urls, **changes):
    return Task(**{"work": work, "rung": "two-stores", "urls": urls, "seed": 1, "warm_up": 0.0,
                   "seconds": 0.05, **changes})  # fmt: skip


@pytest.fixture(scope="module")
def workers():
    with Workers(3) as workers:
        yield workers


def test_they_read_write_and_deliver_at_the_same_time(workers, urls):
    tasks = [task(work, urls) for work in ("read", "write", "deliver")]
    read, wrote, _ = workers.run(tasks)
    assert len(read.took) > 0
    assert len(wrote.took) > 0
    assert min(read.took) > 0
    with open_shop("two-stores", **urls) as shop:
        shop.deliver()
        found = {order.order_id for order in shop.ask(GetRecentOrders(1_000))}
        # every third write places an order; the last one may have been left as a draft
        placed = [order for order in found if order.startswith("write-1-")]
        assert len(placed) == len(wrote.took) // 3


def test_the_same_processes_do_one_task_after_the_other(workers, urls):
    before = [process.pid for process in workers.processes]
    for _ in range(2):
        assert len(workers.run([task("read", urls)])) == 1
    assert [process.pid for process in workers.processes] == before


def test_what_a_worker_cannot_do_is_one_sentence(tmp_path):
    nowhere = {"write": f"sqlite:///{tmp_path}/no/such/folder.db"}
    with (
        Workers(1) as workers,
        pytest.raises(ShopError, match=r"a worker process stopped: StoreUnavailable: .*folder\.db"),
    ):
        workers.run([task("read", nowhere)])


def test_an_empty_shop_has_nothing_to_read_or_to_go_on_from(tmp_path):
    with open_shop("two-stores") as shop:
        for work in ("read", "write"):
            with pytest.raises(ShopError, match="no orders"):
                CALLS[work](shop, Random(1), "w")


def test_a_worker_that_is_killed_is_told_of(urls):
    with Workers(1) as workers:
        workers.processes[0].kill()
        workers.processes[0].join()
        with pytest.raises(ShopError, match="a worker process ended by itself"):
            workers.run([task("read", urls)])


def test_cancelling_ends_all_processes_in_the_middle_of_their_work(urls):
    cancelled = threading.Event()
    with Workers(2) as workers:
        processes = list(workers.processes)
        threading.Timer(0.2, cancelled.set).start()
        with pytest.raises(Cancelled):
            workers.run([task("read", urls, seconds=PATIENT)] * 2, Watch(cancelled=cancelled))
    assert not any(process.is_alive() for process in processes)


def test_an_interrupt_ends_them_too():
    with pytest.raises(KeyboardInterrupt), Workers(1) as workers:
        processes = list(workers.processes)
        raise KeyboardInterrupt
    assert not any(process.is_alive() for process in processes)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_no_worker_outlives_whoever_started_it(urls, tmp_path):
    """They share its output: it ends when the last of them has ended, working or waiting."""
    script = tmp_path / "start_and_be_killed.py"
    script.write_text(
        textwrap.dedent(f"""
            import os, signal, sqlite3
            from cqrs_demo.lab.watching import Watch
            from cqrs_demo.lab.experiments.workers import Task, Workers

            orders = sqlite3.connect({str(tmp_path / "shop" / WRITE)!r})

            class Busy(Watch):
                def check(self):  # asked every moment; once it writes, it is in the middle of it
                    sql = "SELECT COUNT(*) FROM orders WHERE order_id LIKE 'write-%'"
                    if orders.execute(sql).fetchone() > (0,):
                        os.kill(os.getpid(), signal.SIGKILL)

            if __name__ == "__main__":
                workers = Workers(2)
                print("started", flush=True)
                task = Task("write", "two-stores", {urls!r}, 1, 0.0, {PATIENT}.0)
                workers.run([task], Busy())
        """)
    )
    run = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True,
                           stderr=subprocess.STDOUT, env=dict(os.environ))  # fmt: skip
    told, _ = run.communicate(timeout=PATIENT)
    assert told == "started\n"
    assert run.returncode == -signal.SIGKILL


def test_a_script_without_a_guard_is_told_what_it_lacks(tmp_path):
    script = tmp_path / "no_guard.py"
    script.write_text(
        "from cqrs_demo.lab.experiments.workers import Task, Workers\n"
        "with Workers(1) as workers:\n"
        "    workers.run([Task('read', 'crud', {'write': 'sqlite://'}, 1, 0.0, 0.1)])\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=PATIENT,
                         check=False)  # fmt: skip
    assert run.returncode == 1
    assert "a script calls this below if __name__ == '__main__'" in run.stderr


def test_what_happens_in_the_warm_up_does_not_count():
    now = iter(range(100))
    with open_shop("crud") as shop, pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "cqrs_demo.lab.experiments.workers.time.perf_counter", lambda: float(next(now))
        )
        # the clock is read once at the start, once before the loop, and twice a call
        report = timed(repeat(lambda: None), task("read", {}, warm_up=4.0, seconds=8.0), shop)
    assert report == Report(array("d", [1.0] * 5), 9.0, 0)


def test_writes_go_round_from_an_order_to_its_placing(kept, tmp_path):
    copy_files(kept["crud"], tmp_path / "crud")
    with open_shop("crud", write=f"sqlite:///{tmp_path}/crud/{WRITE}") as shop:
        calls = writing(shop, Random(1), "w")
        for _ in range(6):
            next(calls)()
        found = {order.order_id for order in shop.ask(GetRecentOrders(1_000))}
        assert {"w-0", "w-1"} <= found
