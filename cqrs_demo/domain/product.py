"""The product: an aggregate that never sells more than it has."""

from dataclasses import dataclass

from . import events as e
from .errors import OutOfStock
from .events import Event


@dataclass
class Product:
    """Something for sale. Deciding methods return events; `apply` never checks."""

    sku: str
    name: str = ""
    price_cents: int = 0
    stock: int = 0
    version: int = 0

    @property
    def key(self) -> str:
        return self.sku

    def add(self, name: str, price_cents: int, stock: int) -> list[Event]:
        return [e.ProductAdded(self.sku, name, price_cents, stock)]

    def change_price(self, price_cents: int) -> list[Event]:
        if price_cents == self.price_cents:
            return []
        return [e.PriceChanged(self.sku, price_cents)]

    def restock(self, quantity: int) -> list[Event]:
        return [e.ProductRestocked(self.sku, quantity)]

    def reserve(self, order_id: str, quantity: int) -> list[Event]:
        if quantity > self.stock:
            raise OutOfStock(f"{quantity} of {self.sku!r} wanted, {self.stock} in stock")
        return [e.StockReserved(self.sku, order_id, quantity)]

    def release(self, order_id: str, quantity: int) -> list[Event]:
        return [e.StockReleased(self.sku, order_id, quantity)]

    def apply(self, event: Event) -> None:
        match event:
            case e.ProductAdded():
                self.name = event.name
                self.price_cents = event.price_cents
                self.stock = event.stock
            case e.PriceChanged():
                self.price_cents = event.price_cents
            case e.ProductRestocked() | e.StockReleased():
                self.stock += event.quantity
            case e.StockReserved():
                self.stock -= event.quantity
