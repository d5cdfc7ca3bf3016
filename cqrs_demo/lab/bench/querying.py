"""How much it costs to ask for the last ten orders: documents, a join, an ORM."""

import sqlite3
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ...domain import queries as q
from ...read_model import document_queries, sql_queries
from ...read_model.documents import SqlDocuments
from ..importer.command import bar
from ..workload import generated
from ..workload.cache import open_filled
from ..workload.filling import READ, WRITE
from .benchmark import GAIN, Benchmark, Other, Target
from .measuring import Contestant, each
from .stage import Sizes, Stage

RECENT, HISTORY = "recent", "history"  # the last ten of all; the ten or so of one user
BYTES_AN_ORDER = 4_200


def filled(stage: Stage) -> Path:
    """Return a folder with the files of a filled shop on the rung two-stores: what the tables of
    the one side and the documents of the other hold is the same."""
    place = stage.folder / "filled"
    if not place.exists():
        quiet = not sys.stderr.isatty()
        with bar("filling a shop, once", "order", quiet) as progress:
            workload = generated(stage.sizes.orders)
            open_filled("two-stores", workload, place, progress=progress).close()
    return place


def query(stage: Stage, which: str) -> Any:
    """Return the question; the user is one who has ordered about ten times."""
    if which == RECENT:
        return q.GetRecentOrders(10)
    connection = sqlite3.connect(filled(stage) / WRITE)
    sql = """SELECT user_id FROM orders WHERE placed_at IS NOT NULL GROUP BY user_id
        ORDER BY ABS(COUNT(*) - 10), user_id LIMIT 1"""
    (user_id,) = connection.execute(sql).fetchone()
    connection.close()
    return q.GetOrderHistory(user_id)


def documents(stage: Stage, which: str) -> Contestant:
    """The query handler of the documents, on a connection with nothing around it."""
    connection = sqlite3.connect(filled(stage) / READ, isolation_level=None)
    stage.closing.callback(connection.close)
    question = query(stage, which)
    ask: Any = document_queries.QUERIES[type(question)]

    def once() -> Any:
        return ask(question, {"order_history": SqlDocuments(connection, "order_history")})

    assert once() == answer_of_join(stage, which)
    return Contestant("documents, raw sqlite3", each(once))


def asked(stage: Stage, which: str) -> Contestant:
    """The same through the shop: a transaction, a look at the checkpoint, ports that announce."""
    from ... import open_shop  # noqa: PLC0415 - the package imports this room's neighbours

    place = filled(stage)
    urls: Any = {"write": f"sqlite:///{place / WRITE}", "read": f"sqlite:///{place / READ}"}
    shop = open_shop("two-stores", **urls)
    stage.closing.callback(shop.close)
    question = query(stage, which)
    return Contestant("documents, shop.ask", each(lambda: shop.ask(question)))


def join(stage: Stage, which: str) -> Contestant:
    connection = sqlite3.connect(filled(stage) / WRITE, isolation_level=None)
    stage.closing.callback(connection.close)
    ask, question = sql_queries.SQL_QUERIES[type(query(stage, which))], query(stage, which)
    return Contestant("the join, raw sqlite3", each(lambda: ask(question, connection)))


def answer_of_join(stage: Stage, which: str) -> Any:
    connection = sqlite3.connect(filled(stage) / WRITE)
    question = query(stage, which)
    answer = sql_queries.SQL_QUERIES[type(question)](question, connection)
    connection.close()
    return answer


WHY_JOIN = (
    "the documents' own rows are there in half the time; decoding them in SqlDocuments._select and "
    "checking every field in as_dto take as much again"
)
WHY_ORM = "an order of ours has two or three lines, so the ORM has few objects to make"


def benchmark(name: str, which: str, what: Callable[[Sizes], str], has_target: bool) -> Benchmark:
    arguments = (which,)
    return Benchmark(
        name,
        "query",
        what,
        "query",
        partial(documents, which=which),
        partial(join, which=which),
        Target(GAIN, 3, WHY_JOIN) if has_target else None,
        limit_kind=GAIN,
        others=(
            Other("cqrs_demo", "querying", "asked", arguments),
            Other(
                "sqlalchemy",
                "peers_sqlalchemy",
                "orm",
                arguments,
                Target(GAIN, 30, WHY_ORM) if has_target else None,
                extra="compare",
            ),
        ),
        bytes_needed=lambda sizes: 100_000_000 + BYTES_AN_ORDER * sizes.orders,
    )


BENCHMARKS = (
    benchmark(
        "query",
        RECENT,
        lambda sizes: f"the last ten of {sizes.orders:,} orders: documents, against the tables",
        has_target=True,
    ),
    benchmark(
        "query-history",
        HISTORY,
        lambda sizes: (
            f"the ten orders of one user, of {sizes.orders:,}: documents, against the tables"
        ),
        has_target=False,
    ),
)
