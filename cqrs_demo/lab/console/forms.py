"""The console's forms: a choice of messages with their fields, examples, and ids that exist."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, get_type_hints

import ipywidgets as widgets

from ...crud.forms import FORMS
from ...domain.errors import InvalidMessage
from ...recording import Panels
from ..scenarios import PRODUCTS, Cast

MOST_SUGGESTIONS = 20
ID_TABLES = {"user_id": "users", "sku": "products", "order_id": "orders"}
STREAMS = {"user": "users", "product": "products", "order": "orders"}  # of the event store
CREATING = {"CreateUser": "user_id", "AddProduct": "sku", "CreateOrder": "order_id"}

EXAMPLES = {
    "user_id": "ada",
    "name": "Ada King",
    "email": "ada@example.org",
    "sku": "mug",
    "order_id": "o-2",
    "price_cents": "950",
    "stock": "3",
    "quantity": "2",
    "address": "12 St James's Square, London",
    "reason": "changed my mind",
    "limit": "10",
    "CreateUser.user_id": "bob",
    "CreateUser.name": "Bob Hope",
    "CreateUser.email": "bob@example.org",
    "AddProduct.sku": "tea",
    "AddProduct.name": "Earl Grey",
    "CreateOrder.order_id": "o-3",
}


def examples(the: Cast | None) -> dict[str, str]:
    """Return an example for every field, "CreateUser.name" before "name"; those of a seed, if any.

    What creates something proposes what does not exist yet.
    """
    if the is None:
        return dict(EXAMPLES)
    sku, product = next(each for each in PRODUCTS if each[0] != the.sku)
    return EXAMPLES | {
        "user_id": the.user,
        "name": the.new_name,
        "sku": the.sku,
        "order_id": the.order,
        "price_cents": str(the.new_price_cents),
        "quantity": str(the.quantity),
        "address": the.address,
        "CreateUser.user_id": the.other_user,
        "CreateUser.name": the.other_name,
        "CreateUser.email": f"{the.other_user}@example.org",
        "AddProduct.sku": sku,
        "AddProduct.name": product,
        "CreateOrder.order_id": the.other_order,
    }


def known_ids(panels: Panels) -> dict[str, list[str]]:
    """Return the ids that exist, by the name of the field that takes them; the last first."""
    tables = panels["write"]
    found: dict[str, list[str]] = {table: [*tables.get(table, {})] for table in STREAMS.values()}
    events = tables.get("events", {}).values()
    for row in sorted(events, key=lambda row: int(row["position"])):
        kind, _, key = str(row["stream"]).partition("-")
        if kind in STREAMS and key not in found[STREAMS[kind]]:
            found[STREAMS[kind]].append(key)
    return {name: found[table][::-1][:MOST_SUGGESTIONS] for name, table in ID_TABLES.items()}


class Fields:
    """Input fields by name. All forms share what is typed, so an id need be typed only once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)
        self.ids: dict[str, list[str]] = {}
        self._all: dict[str, list[widgets.Combobox]] = {}

    def make(self, key: str, name: str, enter: Callable[[], None]) -> widgets.Combobox:
        """Return a new field; what is typed there appears in the others of the same key."""
        field = widgets.Combobox(
            value=self.values.get(key, ""), placeholder=name, description=name, options=()
        )
        field.add_class(f"cqrs-{'number' if key in NUMBERS else 'text'}")

        def pressed(_widget: object, content: dict[str, Any], _buffers: object) -> None:
            if content.get("event") == "submit":
                enter()

        field.on_msg(pressed)
        field.observe(lambda change: self.fill(key, change["new"]), names="value")
        self._all.setdefault(key, []).append(field)
        self._suggest(key, field)
        return field

    def fill(self, key: str, value: str) -> None:
        """Put a value into all fields of a key."""
        self.values[key] = value
        for field in self._all.get(key, []):
            field.value = value

    def fill_all(self, values: Mapping[str, str]) -> None:
        """Put new examples into all fields."""
        for key, value in values.items():
            self.fill(key, value)

    def suggest(self, ids: dict[str, list[str]]) -> None:
        """Offer ids that exist."""
        self.ids = ids
        for key, several in self._all.items():
            for field in several:
                self._suggest(key, field)

    def _suggest(self, key: str, field: widgets.Combobox) -> None:
        options = tuple(self.ids.get(key.partition(".")[2] or key, ()))
        if key not in NEW_IDS and field.options != options:
            field.options = options


NUMBERS = {"price_cents", "stock", "quantity", "limit"}
NEW_IDS = {f"{message}.{name}" for message, name in CREATING.items()}


class MessageForm:
    """A choice of messages, a field for each of their parts, and a button."""

    def __init__(
        self, kind: str, verb: str, messages: Iterable[type], shared: Fields, do: Callable[[], None]
    ) -> None:
        options = [(message.__name__, message) for message in messages]
        self.choice = widgets.Dropdown(options=options, description=kind)
        self.button = widgets.Button(description=verb)
        self.button.on_click(lambda _: do())
        self.fields = widgets.HBox()
        self.fields.add_class("cqrs-fields")
        self._do = do
        self._shared = shared
        self._made: dict[str, widgets.Combobox] = {}
        self.choice.observe(self._choose, names="value")
        self._choose()

    def message(self) -> Any:
        """Make the chosen message from the fields. Raises InvalidMessage if they make no sense."""
        kind = self.choice.value
        hints = get_type_hints(kind)
        values = {part.name: self.field(part.name).value for part in fields(kind)}
        return kind(**{n: whole(n, v) if hints[n] is int else v for n, v in values.items()})

    def field(self, name: str) -> widgets.Combobox:
        """Return the field of that name of the chosen message."""
        special = f"{self.choice.value.__name__}.{name}"
        key = special if special in self._shared.values else name
        if key not in self._made:
            self._made[key] = self._shared.make(key, name, self._do)
        return self._made[key]

    def _choose(self, _change: object = None) -> None:
        kind = self.choice.value
        self.button.tooltip = (kind.__doc__ or "").strip().split("\n")[0]
        self.fields.children = [self.field(part.name) for part in fields(kind)]


class RowForm:
    """The form interface of the rung "crud": load a row, change what you like, save all of it."""

    def __init__(self, shared: Fields, load: Callable[[], None], save: Callable[[], None]) -> None:
        self.table = widgets.Dropdown(options=list(FORMS), description="Form")
        self.load = widgets.Button(description="Load", tooltip="Fill the form with a whole row")
        self.save = widgets.Button(description="Save", tooltip="Write the whole row back")
        self.check = widgets.Checkbox(
            description="notice if somebody else was faster", value=False, indent=False
        )
        self.load.on_click(lambda _: load())
        self.save.on_click(lambda _: save())
        self.key = widgets.HBox()
        self.fields = widgets.HBox()
        for box, kind in ((self.key, "cqrs-key"), (self.fields, "cqrs-all")):
            box.add_class("cqrs-fields").add_class(kind)
        self._row: dict[str, Any] = {}
        keys = {table: next(iter(columns)) for table, columns in FORMS.items()}
        self._keys = {table: shared.make(key, key, load) for table, key in keys.items()}
        self.table.observe(self._choose, names="value")
        self._choose()

    @property
    def wanted(self) -> tuple[str, str]:
        """The table and the id to load."""
        return self.table.value, self.key.children[0].value

    @property
    def version(self) -> int | None:
        """The version that the form was filled with, if a lost race shall be noticed."""
        return self._row.get("version") if self.check.value else None

    def show(self, row: dict[str, Any]) -> None:
        """Fill the form."""
        self._row = row
        names = [name for name in row if name not in ("version", "lines")][1:]
        self.fields.children = [
            widgets.Text("" if row[name] is None else str(row[name]), description=name)
            for name in names
        ]
        self.save.description = f"Save {str(next(iter(row.values())))[:20]}"
        self._offer_save()

    def row(self) -> dict[str, Any]:
        """Return the whole row as it now stands in the form. Raises InvalidMessage."""
        row = dict(self._row)
        for field in self.fields.children:
            name, was = field.description, self._row[field.description]
            if isinstance(was, int):
                row[name] = whole(name, field.value)
            else:
                row[name] = None if was is None and not field.value else field.value
        return row

    def _choose(self, _change: object = None) -> None:
        self._row = {}
        self.key.children = [self._keys[self.table.value]]
        self.fields.children = []
        self._offer_save()

    def _offer_save(self) -> None:
        for control in (self.save, self.check):
            control.layout.display = None if self._row else "none"


def whole(field: str, text: str) -> int:
    """Read a whole number. Raises InvalidMessage, naming the field, if it is none."""
    try:
        return int(text)
    except ValueError:
        short = text if len(text) <= 40 else text[:40] + "…"
        raise InvalidMessage(field, f"must be a whole number, not {short!r}") from None
