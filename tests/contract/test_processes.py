"""Several threads and processes on one shop, and processes that are killed at any moment."""

import multiprocessing
import os
import random
import signal
import sys
import threading
from collections import Counter

import pytest
from test_shop import run

from cqrs_demo import *
from cqrs_demo import PROJECTIONS, open_shop

EVENTFUL = ["two-stores", "event-sourced"]
SEED = int(os.environ.get("CQRS_DEMO_SEED", random.SystemRandom().randrange(10**6)))
processes = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


@pytest.fixture(autouse=True)
def seed_is_printed():
    print(f"repeat this run with CQRS_DEMO_SEED={SEED}")


def prepare(rung, urls, stock):
    with open_shop(rung, **urls) as shop:
        run(shop, CreateUser("ada", "Ada", "ada@example.org"), AddProduct("tea", "Tea", 1, stock))


def buy(rung, urls, buyer, times, sold):
    """Place orders for one piece each; tell how many were placed."""
    placed = 0
    with open_shop(rung, **urls, delivery="immediate") as shop:
        for n in range(times):
            order_id = f"{buyer}-{n}"
            run(shop, CreateOrder(order_id, "ada"), AddOrderItem(order_id, "tea", 1))
            try:
                shop.send(PlaceOrder(order_id))
                placed += 1
            except OutOfStock:
                pass
    sold.put(placed)


def in_processes(count, target, *arguments):
    """Run a function in several processes; return what each put into its queue."""
    results = processes.Queue()
    workers = [
        processes.Process(target=target, args=(*arguments[:2], n, *arguments[2:], results))
        for n in range(count)
    ]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * count
    return found


def check_log(shop):
    """No hole and no duplicate in positions, nor in the versions of any stream."""
    recorded = list(shop.events())
    assert [r.position for r in recorded] == list(range(1, len(recorded) + 1))
    counted = Counter()
    for r in recorded:
        counted[r.stream] += 1
        assert r.version == counted[r.stream]


def check_documents(shop):
    """What was projected bit by bit is what a rebuild makes of the whole log."""
    shop.deliver()
    found = shop.documents()
    for name in shop.projections:
        shop.rebuild(name)
    assert shop.documents() == found


def test_processes_that_buy_at_once_never_oversell(rung, lasting_urls):
    prepare(rung, lasting_urls, stock=25)
    assert sum(in_processes(4, buy, rung, lasting_urls, 12)) == 25
    with open_shop(rung, **lasting_urls) as shop:
        check_log(shop)
        check_documents(shop)
        assert shop.ask(GetCatalogue())[0].stock == 0
        assert len(shop.ask(GetRecentOrders(100))) == 25
        assert shop.ask(GetBestSellers()) == [ProductSales("tea", "Tea", 25, 25)]


def test_threads_that_buy_at_once_never_oversell(rung, store_urls):
    with open_shop(rung, **store_urls, delivery="immediate") as shop:
        run(shop, CreateUser("ada", "Ada", "ada@example.org"), AddProduct("tea", "Tea", 1, 25))
        placed = []

        def buyer(name):
            for n in range(12):
                order_id = f"{name}-{n}"
                run(shop, CreateOrder(order_id, "ada"), AddOrderItem(order_id, "tea", 1))
                try:
                    shop.send(PlaceOrder(order_id))
                    placed.append(order_id)
                except OutOfStock:
                    pass

        threads = [threading.Thread(target=buyer, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(placed) == 25
        check_log(shop)
        check_documents(shop)
        assert shop.ask(GetCatalogue())[0].stock == 0


def restock(rung, urls, worker, times, done):
    with open_shop(rung, **urls) as shop:
        for _ in range(times):
            shop.send(Restock("tea", 1))
    done.put(worker)


def test_no_update_is_lost(rung, lasting_urls):
    prepare(rung, lasting_urls, stock=0)
    in_processes(3, restock, rung, lasting_urls, 30)
    with open_shop(rung, **lasting_urls) as shop:
        shop.deliver()
        assert shop.ask(GetCatalogue()) == [ProductView("tea", "Tea", 1, 90, 91)]


def race_for_version(rung, urls, worker, results):
    with open_shop(rung, **urls) as shop:
        won = 0
        for version in range(1, 21):
            try:
                shop.send(ChangePrice("tea", 1000 * worker + version + 1), expected_version=version)
                won += 1
            except ConcurrencyConflict:
                pass
    results.put(won)


def test_of_those_who_saw_the_same_version_one_wins(rung, lasting_urls):
    prepare(rung, lasting_urls, stock=0)
    assert sum(in_processes(3, race_for_version, rung, lasting_urls)) == 20


def deliver_and_rebuild(rung, urls, worker, results):
    with open_shop(rung, **urls) as shop:
        for _ in range(12):
            shop.deliver()
            shop.rebuild(sorted(PROJECTIONS)[worker])
    results.put(worker)


@pytest.mark.parametrize("rung", EVENTFUL)
def test_relays_rebuilds_and_writers_at_once_do_no_harm(rung, lasting_urls):
    prepare(rung, lasting_urls, stock=100)
    results = processes.Queue()
    others = [
        processes.Process(target=deliver_and_rebuild, args=(rung, lasting_urls, n, results))
        for n in range(2)
    ]
    for other in others:
        other.start()
    in_processes(2, buy, rung, lasting_urls, 15)
    for other in others:
        other.join(120)
    assert [other.exitcode for other in others] == [0, 0]
    with open_shop(rung, **lasting_urls) as shop:
        check_log(shop)
        check_documents(shop)
        assert shop.ask(GetCatalogue())[0].stock == 70


def work_until_killed(rung, urls, life, acknowledged):
    """Buy one piece after the other, and say so after each command that was acknowledged."""
    with open_shop(rung, **urls, delivery="immediate") as shop:
        for n in range(1000):
            order_id = f"{life}-{n}"
            for command in (
                CreateOrder(order_id, "ada"),
                AddOrderItem(order_id, "tea", 1),
                PlaceOrder(order_id),
            ):
                shop.send(command, command_id=f"{type(command).__name__}-{order_id}")
                acknowledged.send((type(command).__name__, order_id))
            if n % 3 == 0 and rung in EVENTFUL:
                shop.rebuild("best_sellers")


def killed_at_a_random_moment(chance, rung, urls, life):
    """Run a worker, kill it after some acknowledgements; return these."""
    hears, says = processes.Pipe(duplex=False)
    worker = processes.Process(target=work_until_killed, args=(rung, urls, life, says))
    worker.start()
    says.close()
    heard = [hears.recv() for _ in range(chance.randrange(1, 12))]
    for _ in range(chance.randrange(20_000)):  # spend a random moment of what comes next
        pass
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    while True:  # what was acknowledged before the blow fell
        try:
            heard.append(hears.recv())
        except EOFError:
            return heard


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_kills_at_random_moments_lose_nothing_and_apply_nothing_twice(rung, lasting_urls):
    """13 kills on each rung and store: over a hundred in all."""
    chance = random.Random(f"{SEED} {rung}")
    prepare(rung, lasting_urls, stock=10**6)
    heard = []
    for life in range(13):
        heard += killed_at_a_random_moment(chance, rung, lasting_urls, life)
    with open_shop(rung, **lasting_urls) as shop:
        check_log(shop)
        check_documents(shop)
        placed = {order.order_id for order in shop.ask(GetRecentOrders(10**6))}
        acknowledged = {order_id for name, order_id in heard if name == "PlaceOrder"}
        assert acknowledged <= placed
        assert len(placed - acknowledged) <= 13  # committed, but killed before saying so
        for name, order_id in heard:
            if name == "CreateOrder":
                assert shop.ask(GetOrder(order_id)).order_id == order_id
        assert shop.ask(GetCatalogue())[0].stock == 10**6 - len(placed)
        for order_id in sorted(placed - acknowledged):  # a client that heard nothing tries again
            shop.send(PlaceOrder(order_id), command_id=f"PlaceOrder-{order_id}")
        shop.deliver()
        assert shop.ask(GetCatalogue())[0].stock == 10**6 - len(placed)
