"""Four ways to edit an order, and two edits that somebody may have in mind.

A form takes what is typed into it, and is saved whole; a command says what is meant, and nothing
else. Either can insist that nothing has changed since the editor looked.
"""

from dataclasses import dataclass, field
from typing import Any

from ... import AddOrderItem, ChangeShippingAddress, ConcurrencyConflict, GetOrder, Shop
from ...storage.tables import Row


@dataclass(frozen=True)
class NewAddress:
    """Send it there instead."""

    address: str

    def type_into(self, form: Row) -> None:
        form["shipping_address"] = self.address

    def command(self, order: str) -> ChangeShippingAddress:
        return ChangeShippingAddress(order, self.address)


@dataclass(frozen=True)
class OneMore:
    """One more piece of this product."""

    sku: str

    def type_into(self, form: Row) -> None:
        line = next(line for line in form["lines"] if line["sku"] == self.sku)
        line["quantity"] += 1  # a number is typed: the one on the screen, and one more

    def command(self, order: str) -> AddOrderItem:
        return AddOrderItem(order, self.sku, 1)


Edit = NewAddress | OneMore


def can_both_stand(one: Edit, other: Edit) -> bool:
    """Say whether an order can show both edits: it has two lines, but one address."""
    return not (isinstance(one, NewAddress) and isinstance(other, NewAddress))


@dataclass
class Editor:
    """Somebody with one edit in mind. `seen` is what the screen shows, and may be old."""

    shop: Shop
    order: str
    edit: Edit
    conflicts: int = 0
    seen: Any = field(default=None, init=False)

    def look(self) -> None:
        """Have the order shown."""
        raise NotImplementedError

    def try_to_save(self) -> None:
        """Save the edit. Raises ConcurrencyConflict if the editor is told of another's."""
        raise NotImplementedError

    def save(self) -> None:
        """Save; whoever is told of a conflict looks again and does it once more."""
        while True:
            try:
                self.try_to_save()
            except ConcurrencyConflict:
                self.conflicts += 1
                self.look()
            else:
                return


class FormEditor(Editor):
    """Saves the whole row as it stands in the form: the last writer wins."""

    def look(self) -> None:
        self.seen = self.shop.crud.load("orders", self.order)

    def try_to_save(self) -> None:
        self.edit.type_into(self.seen)
        self.shop.crud.save("orders", self.seen)


class VersionedFormEditor(FormEditor):
    """Saves the whole row unless its version has changed; then everything is typed again."""

    def try_to_save(self) -> None:
        self.edit.type_into(self.seen)
        self.shop.crud.save("orders", self.seen, version=self.seen["version"])


class CommandEditor(Editor):
    """Sends what is meant, whatever else has changed."""

    def look(self) -> None:
        self.seen = self.shop.ask(GetOrder(self.order))

    def try_to_save(self) -> None:
        self.shop.send(self.edit.command(self.order))


class InsistingEditor(CommandEditor):
    """Sends what is meant, provided that nothing has changed since the look."""

    def try_to_save(self) -> None:
        self.shop.send(self.edit.command(self.order), expected_version=self.seen.version)
