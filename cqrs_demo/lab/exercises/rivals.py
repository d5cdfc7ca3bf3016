"""A shop as a learner's function sees it when it is not alone, or behind a bad line.

They stand in a file of their own so that a recording shows the learner's line, and not theirs.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...domain.errors import CommandRejected
from ...domain.events import Event
from ...domain.order import Order
from ...shop import Shop
from ...storage.tables import Row
from ...write_model.work import Work


class QuickerForms:
    """A shop whose every load of a form is followed by somebody else's save, while there are any
    left."""

    def __init__(self, shop: Shop, *saves: Callable[[Shop], None]) -> None:
        self._shop = shop
        self._saves = list(saves)
        self.loads = 0

    @property
    def crud(self) -> "QuickerForms":
        return self

    def load(self, table: str, key: str) -> Row:
        row = self._shop.crud.load(table, key)
        self.loads += 1
        if self._saves:
            self._saves.pop(0)(self._shop)
        return row

    def save(self, table: str, row: Row, version: int | None = None) -> None:
        self._shop.crud.save(table, row, version)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)


class QuickerInTheEnd(QuickerForms):
    """A shop where somebody else is faster at the last moment: right before each save."""

    def load(self, table: str, key: str) -> Row:
        self.loads += 1
        return self._shop.crud.load(table, key)

    def save(self, table: str, row: Row, version: int | None = None) -> None:
        if self._saves:
            self._saves.pop(0)(self._shop)
        super().save(table, row, version)


class QuickerCustomer:
    """A shop where each question is followed by somebody else's command, while there are any
    left."""

    def __init__(self, shop: Shop, *commands: Any) -> None:
        self._shop = shop
        self._commands = list(commands)

    def ask(self, query: Any, **options: Any) -> Any:
        answer = self._shop.ask(query, **options)
        if self._commands:
            self._shop.send(self._commands.pop(0))
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)


class QuickerInSending:
    """A shop where somebody else's command arrives right before each of one's own, while there are
    any left."""

    def __init__(self, shop: Shop, *commands: Any) -> None:
        self._shop = shop
        self._commands = list(commands)

    def send(self, command: Any, *arguments: Any, **named: Any) -> None:
        if self._commands:
            self._shop.send(self._commands.pop(0))
        self._shop.send(command, *arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)


class OneMoreRule:
    """What a handler works with, where orders have got one more rule: some product stays in."""

    def __init__(self, work: Work, stays: str) -> None:
        self._work = work
        self._stays = stays

    def get(self, kind: type[Any], key: str) -> Any:
        aggregate = self._work.get(kind, key)
        if isinstance(aggregate, Order):
            vars(aggregate)["remove_item"] = partial(self._remove_item, aggregate.remove_item)
        return aggregate

    def _remove_item(self, remove_item: Callable[[str], list[Event]], sku: str) -> list[Event]:
        if sku == self._stays:
            raise CommandRejected(f"{sku!r} stays in its order")
        return remove_item(sku)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work, name)


class BadLine:
    """A shop behind a bad line. `fails` says of each attempt what is lost, until the line holds:
    the "command" on its way, or the "answer" to a command that was carried out."""

    def __init__(self, shop: Shop, *fails: str) -> None:
        self._shop = shop
        self._fails = list(fails)
        self.attempts = 0

    def send(self, command: Any, expected_version: int | None = None, **ids: Any) -> None:
        self.attempts += 1
        lost = self._fails.pop(0) if self._fails else ""
        if lost == "command":
            raise ConnectionError("the line broke")
        self._shop.send(command, expected_version, **ids)
        if lost == "answer":
            raise ConnectionError("the line broke")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)
