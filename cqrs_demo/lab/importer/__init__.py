"""Sends published orders to a shop, as the commands their customers might have sent.

    clock = Clock()
    rows, skipped = read_rows("online_retail.csv")
    with open_shop("two-stores", clock=clock) as shop:
        outcome = import_orders(shop, clock, rows)

Doing it again imports nothing twice, and completes what was interrupted.
"""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...domain import commands as c
from ...domain.errors import (
    AlreadyExists,
    CommandRejected,
    InvalidMessage,
    NotFound,
    OutOfStock,
    ShopError,
    WrongStatus,
)
from ...domain.order import MOST_TOTAL_CENTS
from ...domain.queries import GetCatalogue, GetOrder, GetUserById, OrderView
from ...shop import Shop
from .online_retail import COLUMNS, Row, Skipped

Progress = Callable[[int, int], None]  # called with what is done and what there is in all

MOST_PIECES = 10**6  # in one command
EVENTS_A_TIME = 5_000
CHANGED_MEANWHILE = "somebody else changes this shop at the same time; import again afterwards"


class Clock:
    """A clock for `open_shop` that stands where it was put."""

    def __init__(self) -> None:
        self.now = datetime(1970, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Outcome:
    """What became of the rows: each was imported, imported before, or skipped.

    `orders`, `users` and `products` are the ids in what was imported now.
    """

    imported: int = 0
    imported_before: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    products: set[str] = field(default_factory=set)


@dataclass
class Line:
    """What an invoice has of one product."""

    name: str
    price_cents: int
    quantity: int = 0


@dataclass
class Invoice:
    """The rows of one invoice that fit together. The first says whose it is, when and where to."""

    rows: list[Row]
    lines: dict[str, Line] = field(default_factory=dict)  # by sku
    total_cents: int = 0

    @property
    def first(self) -> Row:
        return self.rows[0]

    def misfit(self, row: Row) -> str:
        """Say why a row cannot be part of this invoice; nothing if it can."""
        if row.customer != self.first.customer:
            return "another customer than in the invoice's first row"
        line = self.lines.get(row.sku)
        if line and line.price_cents != row.price_cents:
            return "another price than in the product's first row of the invoice"
        if self.total_cents + row.price_cents * row.quantity > MOST_TOTAL_CENTS:
            return "an order's total cannot exceed 2^53 cents"
        return ""

    def add(self, row: Row) -> None:
        name = row.description if row.description.strip() else row.sku
        self.lines.setdefault(row.sku, Line(name, row.price_cents)).quantity += row.quantity
        self.total_cents += row.price_cents * row.quantity


def import_orders(
    shop: Shop, clock: Clock, rows: Sequence[Row], progress: Progress | None = None
) -> Outcome:
    """Place an order for each invoice in `rows`, in the order of their dates.

    `clock` must be the shop's clock; it is put to the date of each invoice. Whatever the shop
    refuses is skipped. Its events wait until they are delivered (see `deliver`).

    Raises ShopError if the shop cannot go on; doing it again completes the import.
    """
    deliver(shop)  # or the shop could not say what an earlier import has done
    raise_if_stopped(shop)
    outcome = Outcome()
    invoices = _invoices(rows, outcome.skipped)
    clerk = _Clerk(shop, clock)
    done = len(outcome.skipped)
    for invoice in invoices:
        _import_one(clerk, invoice, outcome)
        done += len(invoice.rows)
        if progress:
            progress(done, len(rows))
    return outcome


def deliver(shop: Shop, progress: Progress | None = None) -> None:
    """Deliver all waiting events, a few thousand at a time."""
    done, waiting = 0, shop.staleness
    while delivered := shop.deliver(EVENTS_A_TIME):
        done += delivered
        if progress:
            progress(done, max(done, waiting))


def raise_if_stopped(shop: Shop) -> None:
    """Raises ShopError if a projection has failed on an event."""
    for name, projection in shop.projections.items():
        if projection.error:
            raise ShopError(f"the projection {name!r} has stopped: {projection.error}")


def write_report(path: Path, skipped: Iterable[Skipped]) -> None:
    """Write the skipped records to a CSV file, in the order of their lines.

    The file appears when it is complete. Raises OSError if it cannot be written.
    """
    part = _part(path)
    try:
        # Encodings such as utf-7 can produce halves of surrogate pairs, which UTF-8 has none of.
        with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("line", "reason", *COLUMNS))
            for s in sorted(skipped, key=lambda s: s.record.line):
                writer.writerow((s.record.line, s.reason, *s.record.original))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def require_writable(path: Path) -> None:
    """Find out before the work whether the report can be written after it.

    Raises ShopError if it cannot.
    """
    if path.exists() and not path.is_file():
        raise ShopError(f"{path}: the report must be a file")
    try:
        if path.exists():
            open(path, "ab").close()
        part = _part(path)
        open(part, "wb").close()
        part.unlink()
    except OSError as error:
        raise ShopError(f"{path}: the report cannot be written: {error.strerror}") from error


def _part(path: Path) -> Path:
    return path.with_name(f".cqrs_demo-{os.getpid()}.part")


def _invoices(rows: Iterable[Row], skipped: list[Skipped]) -> list[Invoice]:
    """Group the rows that fit together; the others go to `skipped`."""
    invoices: dict[str, Invoice] = {}
    for row in rows:
        try:
            _check_fields(row)
        except InvalidMessage as error:
            skipped.append(_refused(row, error))
            continue
        invoice = invoices.get(row.invoice) or Invoice([])
        if invoice.rows and (reason := invoice.misfit(row)):
            skipped.append(Skipped(row.record, reason))
            continue
        invoice.rows.append(row)
        invoice.add(row)
        invoices[row.invoice] = invoice
    return sorted(
        invoices.values(), key=lambda invoice: (invoice.first.at, invoice.first.record.line)
    )


def _check_fields(row: Row) -> None:
    """Make every command a row may lead to, whether it will be needed or not.

    If it depended on what the shop knows already, another run could decide otherwise.
    """
    try:
        _new_user(row.customer)
    except InvalidMessage as error:
        if error.field != "email":
            raise
        raise InvalidMessage("CustomerID", "cannot be part of an e-mail address") from error
    c.CreateOrder(row.invoice, row.customer)
    if row.country.strip():
        c.ChangeShippingAddress(row.invoice, row.country)
    name = row.description if row.description.strip() else row.sku
    c.AddProduct(row.sku, name, row.price_cents, 0)
    c.AddOrderItem(row.invoice, row.sku, row.quantity)


def _new_user(customer: str) -> c.CreateUser:
    return c.CreateUser(customer, f"Customer {customer}", f"customer-{customer}@example.org")


def _refused(row: Row, error: ShopError) -> Skipped:
    kind = f"the shop refuses it ({type(error).__name__})"
    return Skipped(row.record, kind, str(error))


def _import_one(clerk: "_Clerk", invoice: Invoice, outcome: Outcome) -> None:
    order = clerk.find(invoice)
    if order and (reason := _difference(order, invoice)):
        outcome.skipped += [Skipped(row.record, reason) for row in invoice.rows]
    elif order and order.status != "draft":
        outcome.imported_before += len(invoice.rows)
    else:
        try:
            clerk.place(invoice, order)
        except (AlreadyExists, OutOfStock, WrongStatus) as error:  # it was looked at just before
            raise ShopError(CHANGED_MEANWHILE) from error
        except CommandRejected as error:
            outcome.skipped += [_refused(row, error) for row in invoice.rows]
            return
        outcome.imported += len(invoice.rows)
        outcome.orders.add(invoice.first.invoice)
        outcome.users.add(invoice.first.customer)
        outcome.products.update(invoice.lines)


def _difference(order: OrderView, invoice: Invoice) -> str:
    """Say why an order cannot come from this invoice; a draft may still lack something."""
    if order.user_id != invoice.first.customer:
        return "the shop has this order from another user"
    wanted = {sku: (line.price_cents, line.quantity) for sku, line in invoice.lines.items()}
    for line in order.lines:
        cents, quantity = wanted.pop(line.sku, (0, 0))
        too_few = line.quantity < quantity and order.status != "draft"
        if too_few or line.quantity > quantity or line.unit_price_cents != cents:
            return "the shop has this order with other lines"
    if wanted and order.status != "draft":
        return "the shop has this order with other lines"
    return ""


class _Clerk:
    """Sends what a shop needs for an order and does not have yet."""

    def __init__(self, shop: Shop, clock: Clock) -> None:
        self.shop = shop
        self.clock = clock
        self.known_users: set[str] = set()
        catalogue = shop.ask(GetCatalogue())
        self.prices = {product.sku: product.price_cents for product in catalogue}
        self.stock = {product.sku: product.stock for product in catalogue}

    def find(self, invoice: Invoice) -> OrderView | None:
        order: OrderView | None = self._ask(GetOrder(invoice.first.invoice))
        return order

    def place(self, invoice: Invoice, draft: OrderView | None) -> None:
        """Place an order for an invoice, or complete a draft. Raises CommandRejected."""
        first = invoice.first
        self.clock.now = first.at
        if draft is None:
            self._provide_user(first.customer)
            self.shop.send(c.CreateOrder(first.invoice, first.customer))
        if first.country.strip() and (draft is None or draft.shipping_address != first.country):
            self.shop.send(c.ChangeShippingAddress(first.invoice, first.country))
        ordered = {line.sku: line.quantity for line in draft.lines} if draft else {}
        for sku, line in invoice.lines.items():
            missing = line.quantity - ordered.get(sku, 0)
            if missing:
                self._provide_product(sku, line)
            self._provide_stock(sku, line.quantity)
            for quantity in _portions(missing):
                self.shop.send(c.AddOrderItem(first.invoice, sku, quantity))
        self.shop.send(c.PlaceOrder(first.invoice))
        for sku, line in invoice.lines.items():
            self.stock[sku] -= line.quantity

    def _provide_user(self, customer: str) -> None:
        if customer not in self.known_users and self._ask(GetUserById(customer)) is None:
            self.shop.send(_new_user(customer))
        self.known_users.add(customer)

    def _provide_product(self, sku: str, line: Line) -> None:
        if sku not in self.prices:
            self.shop.send(c.AddProduct(sku, line.name, line.price_cents, 0))
            self.stock[sku] = 0
        elif self.prices[sku] != line.price_cents:
            self.shop.send(c.ChangePrice(sku, line.price_cents))
        self.prices[sku] = line.price_cents

    def _provide_stock(self, sku: str, quantity: int) -> None:
        if sku not in self.stock:  # of a draft that somebody else has just begun
            raise ShopError(CHANGED_MEANWHILE)
        for portion in _portions(quantity - self.stock[sku]):
            self.shop.send(c.Restock(sku, portion))
            self.stock[sku] += portion

    def _ask(self, query: Any) -> Any:
        try:
            return self.shop.ask(query)
        except NotFound:
            return None


def _portions(quantity: int) -> Iterator[int]:
    """Split a quantity into what one command may hold."""
    while quantity > 0:
        yield min(quantity, MOST_PIECES)
        quantity -= MOST_PIECES
