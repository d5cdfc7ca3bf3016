"""What everybody is asked in a comparison: users, orders, words and products, chosen by chance."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from ..workload import Order, Workload

CALLS = 10  # of each question in a round, with different arguments
IN_STOCK = 50  # products that are ordered: those with the largest stock


class Arguments(NamedTuple):
    """What is asked for in one round, by everybody."""

    users: list[str]
    orders: list[str]
    words: list[str]
    skus: list[str]

    def of(self, row: str) -> list[tuple[str, ...]]:
        """Return the arguments of each call of a question."""
        lists = {
            "last_orders": self.users,
            "history": self.users,
            "order": self.orders,
            "search": self.words,
            "buyers": self.skus,
        }
        return [(x,) for x in lists[row]] if row in lists else [()] * len(self.users)


def choose_arguments(workload: Workload, rounds: int) -> tuple[list[Arguments], datetime]:
    """Choose by chance what is asked in each round, and return the workload's last time, too.

    The users, products and words are those of orders chosen by chance: whoever orders often is
    asked for often.
    """
    random = Random(workload.size)
    wanted = sorted(random.randrange(workload.size) for _ in range(rounds * CALLS))
    picked, last = pick(workload, wanted)
    random.shuffle(picked)
    names = {product.sku: product.name for product in workload.products}
    chosen = []
    for n in range(rounds):
        orders = picked[n * CALLS : (n + 1) * CALLS]
        skus = [random.choice(order.lines).sku for order in orders]
        words = [random.choice(names[sku].split()) for sku in skus]
        users = [order.user_id for order in orders]
        chosen.append(Arguments(users, [order.order_id for order in orders], words, skus))
    return chosen, last


def pick(workload: Workload, numbers: list[int]) -> tuple[list[Order], datetime]:
    """Return the orders with these numbers (in order, some perhaps twice), and the last time."""
    picked: list[Order] = []
    last = datetime.min.replace(tzinfo=UTC)
    wanted = iter(numbers)
    next_one = next(wanted, None)
    for n, order in enumerate(workload.orders()):
        while n == next_one:
            picked.append(order)
            next_one = next(wanted, None)
        last = max(last, order.ended_at or order.placed_at or order.created_at)
    return picked, last


def in_stock(file: Path) -> list[str]:
    """Return the products of which there is most."""
    with closing(sqlite3.connect(file)) as connection:
        sql = "SELECT sku FROM products ORDER BY stock DESC, sku LIMIT ?"
        return [sku for (sku,) in connection.execute(sql, (IN_STOCK,))]
