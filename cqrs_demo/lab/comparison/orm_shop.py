"""The shop through SQLAlchemy: mapped classes, and a session for each screen and click.

Importing this needs SQLAlchemy; contestants_orm.py says so where it is missing.
"""

import sqlite3
from typing import Any

from sqlalchemy import ForeignKey, Select, create_engine, event, func, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import StaticPool

from ...codec import to_text, to_time
from ...domain.errors import NotFound, OutOfStock, WrongStatus
from ...domain.queries import OrderLineView, OrderSummary, OrderView, ProductSales
from .contestants import FEW, Clock, Found, Items


class Base(DeclarativeBase):
    """What all mapped classes share."""


class User(Base):
    __tablename__ = "users"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    version: Mapped[int]


class Product(Base):
    __tablename__ = "products"

    sku: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    price_cents: Mapped[int]
    stock: Mapped[int]
    version: Mapped[int]


class Line(Base):
    __tablename__ = "order_lines"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.order_id"), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("products.sku"), primary_key=True)
    line_no: Mapped[int]
    quantity: Mapped[int]
    unit_price_cents: Mapped[int]
    product: Mapped[Product] = relationship()


class Order(Base):
    __tablename__ = "orders"

    order_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"))
    status: Mapped[str]
    shipping_address: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    created_at: Mapped[str]
    placed_at: Mapped[str | None]
    version: Mapped[int]
    user: Mapped[User] = relationship()
    lines: Mapped[list[Line]] = relationship(order_by=Line.line_no)

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def total_cents(self) -> int:
        return sum(line.quantity * line.unit_price_cents for line in self.lines)


class OrmCrud:
    """The shop on objects that are loaded, changed and saved.

    `eager` says whether a list asks beforehand for all that belongs to its orders, or loads it when
    it is touched, with a query each time (the default, known for its "N+1 queries").
    """

    def __init__(self, connection: sqlite3.Connection, clock: Clock, eager: bool) -> None:
        self.clock = clock
        self.engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
        # The connection begins nothing by itself, as with all contestants; so this must.
        event.listen(self.engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN"))
        self.eager = (joinedload(Order.user), selectinload(Order.lines)) if eager else ()

    def last_orders(self, user_id: str) -> list[OrderSummary]:
        return self._listed(newest().where(Order.user_id == user_id).limit(FEW))

    def history(self, user_id: str) -> list[OrderSummary]:
        return self._listed(newest().where(Order.user_id == user_id))

    def recent_orders(self) -> list[OrderSummary]:
        return self._listed(newest().limit(FEW))

    def order(self, order_id: str) -> OrderView:
        options = [*self.eager]
        if options:
            options[-1] = selectinload(Order.lines).joinedload(Line.product)
        with Session(self.engine) as session:
            order = session.get(Order, order_id, options=options)
            if order is None:
                raise NotFound(f"there is no order {order_id!r}")
            return as_view(order)

    def best_sellers(self) -> list[ProductSales]:
        revenue = func.sum(Line.quantity * Line.unit_price_cents)
        best = (
            select(Product.sku, Product.name, func.sum(Line.quantity), revenue)
            .join(Line, Line.sku == Product.sku)
            .join(Order, Order.order_id == Line.order_id)
            .where(Order.status.in_(("placed", "shipped")))
            .group_by(Product.sku)
            .order_by(revenue.desc(), Product.sku)
            .limit(FEW)
        )
        with Session(self.engine) as session:
            return [ProductSales(*row) for row in session.execute(best)]

    def search(self, word: str) -> Found:
        padded = " " + func.lower(Product.name) + " "
        has_word = func.instr(padded, " " + func.lower(word) + " ") > 0
        with Session(self.engine) as session:
            found = session.scalars(select(Product).where(has_word).order_by(Product.sku))
            return [(product.sku, product.name) for product in found]

    def buyers(self, sku: str) -> Found:
        bought = (
            select(User)
            .join(Order, Order.user_id == User.user_id)
            .join(Line, Line.order_id == Order.order_id)
            .where(Line.sku == sku, Order.placed_at.is_not(None))
            .order_by(User.user_id)
            .distinct()
        )
        with Session(self.engine) as session:
            return [(user.user_id, user.name) for user in session.scalars(bought)]

    def draft(self, order_id: str, user_id: str, items: Items) -> None:
        with Session(self.engine) as session:
            at, version = to_text(self.clock()), 1 + len(items)
            order = Order(
                order_id=order_id, user_id=user_id, status="draft", created_at=at, version=version
            )
            for n, (sku, quantity) in enumerate(items, start=1):
                product = session.get_one(Product, sku)
                price = product.price_cents
                order.lines.append(
                    Line(sku=sku, line_no=n, quantity=quantity, unit_price_cents=price)
                )
            session.add(order)
            session.commit()

    def place(self, order_id: str) -> None:
        with Session(self.engine) as session:
            order = session.get_one(Order, order_id)
            if order.status != "draft":
                raise WrongStatus(f"order {order_id!r} is no draft")
            for line in sorted(order.lines, key=lambda line: line.sku):
                if line.product.stock < line.quantity:
                    raise OutOfStock(f"fewer than {line.quantity} of {line.sku!r} are in stock")
                line.product.stock -= line.quantity
                line.product.version += 1
            order.status, order.placed_at = "placed", to_text(self.clock())
            order.version += 1
            session.commit()

    def rename(self, user_id: str, name: str) -> None:
        with Session(self.engine) as session:
            user = session.get_one(User, user_id)
            user.name = name
            user.version += 1
            session.commit()

    def catch_up(self) -> None:
        """There is nothing that could be behind."""

    def rebuild(self) -> bool:
        return False

    def close(self) -> None:
        self.engine.dispose()

    def _listed(self, orders: Select[Any]) -> list[OrderSummary]:
        with Session(self.engine) as session:
            return [as_summary(order) for order in session.scalars(orders.options(*self.eager))]


def newest() -> Select[Any]:
    placed = select(Order).where(Order.placed_at.is_not(None))
    return placed.order_by(Order.placed_at.desc(), Order.order_id)


def as_summary(order: Order) -> OrderSummary:
    who = order.order_id, order.user_id, order.user.name
    numbers = order.item_count, order.total_cents
    return OrderSummary(*who, order.status, *numbers, to_time(order.placed_at or ""))


def as_view(order: Order) -> OrderView:
    lines = tuple(
        OrderLineView(line.sku, line.product.name, line.quantity, line.unit_price_cents)
        for line in order.lines
    )
    who = order.order_id, order.user_id, order.user.name, order.status
    at = to_time(order.created_at), to_time(order.placed_at) if order.placed_at else None
    return OrderView(*who, lines, order.total_cents, order.shipping_address, *at, order.version)
