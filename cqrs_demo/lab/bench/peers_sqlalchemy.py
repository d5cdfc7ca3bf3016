"""SQLAlchemy's ORM with selectinload and a session a question: the contestant of the comparison."""

import sqlite3

from ...domain import queries as q
from ..comparison.orm_shop import OrmCrud
from ..workload.filling import WRITE
from .benchmark import version_of
from .measuring import Contestant, each
from .querying import answer_of_join, filled, query
from .sample import NOW
from .stage import Stage


def orm(stage: Stage, which: str) -> Contestant:
    connection = sqlite3.connect(filled(stage) / WRITE)
    stage.closing.callback(connection.close)
    shop = OrmCrud(connection, clock=lambda: NOW, eager=True)
    stage.closing.callback(shop.engine.dispose)
    question = query(stage, which)

    def once() -> list[q.OrderSummary]:
        if isinstance(question, q.GetOrderHistory):
            return shop.history(question.user_id)
        return shop.recent_orders()

    assert once() == answer_of_join(stage, which)
    return Contestant(f"SQLAlchemy {version_of('sqlalchemy')} selectinload", each(once))
