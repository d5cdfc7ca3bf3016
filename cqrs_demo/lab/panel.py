"""A live panel: send commands, ask queries, deliver events, and see what each of them changes.

It works on every rung; where there are no events, there is nothing to deliver.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from html import escape
from typing import Any, get_type_hints

import ipywidgets as widgets

from ..domain.errors import InvalidMessage, ShopError
from ..read_model.document_queries import QUERIES
from ..shop import Shop
from ..write_model.handlers import HANDLERS
from .frames import STYLE, Frames, Store, absent, differences, look_into
from .show import Shown, show, shown_error

EXAMPLES = {
    "user_id": "ada",
    "name": "Ada Lovelace",
    "RenameUser.name": "Ada King",
    "AddProduct.name": "Mug",
    "email": "ada@example.org",
    "sku": "mug",
    "price_cents": "1200",
    "stock": "3",
    "quantity": "2",
    "order_id": "o-1",
    "address": "12 St James's Square, London",
    "reason": "changed my mind",
    "limit": "10",
}
PANEL_LOOK = """<style>
.cqrs.widget-vbox, .cqrs .widget-vbox, .cqrs .widget-hbox { gap: 8px; overflow: visible }
.cqrs .cqrs-card { background: var(--surface); border: 1px solid var(--rule); border-radius: 10px;
  padding: 12px 16px 14px; border-top: 4px solid var(--line) }
.cqrs .widget-vbox, .cqrs .widget-text, .cqrs .widget-dropdown, .cqrs .widget-html,
.cqrs .widget-html-content, .cqrs input, .cqrs select, .cqrs .jupyter-button { min-width: 0 }
.cqrs .cqrs-card .widget-html-content, .cqrs .widget-html-content { line-height: 1.4;
  white-space: normal; align-self: stretch }
.cqrs .widget-html { height: auto; margin: 0 }
.cqrs .cqrs-card h4 { margin: 0; font-size: 14px; font-weight: 600; color: var(--line) }
.cqrs .widget-label { color: var(--muted); font-size: 13px; width: 96px; line-height: 32px;
  height: 32px; text-align: left }
.cqrs .widget-text, .cqrs .widget-dropdown { width: 100%; height: 32px; margin: 0 }
.cqrs .widget-text input, .cqrs .widget-dropdown > select { height: 32px; font-size: 13px;
  color: var(--ink); background-color: var(--surface); border: 1px solid var(--edge);
  border-radius: 6px }
.cqrs .widget-dropdown > select { appearance: auto; background-image: none; padding: 0 6px }
.cqrs .widget-dropdown > select option { color: var(--ink); background: var(--surface) }
.cqrs .jupyter-button { height: 34px; margin: 0; padding: 0 12px; width: auto;
  font: inherit; font-weight: 600; line-height: 1; color: var(--on); background: var(--solid);
  border: 1.5px solid var(--line); border-radius: 8px; box-shadow: none }
.cqrs .widget-hbox > .jupyter-button { flex: 1 }
.cqrs .jupyter-button:hover { border-color: var(--ink); box-shadow: none }
.cqrs .jupyter-button:focus-visible, .cqrs input:focus-visible, .cqrs select:focus-visible {
  outline: 3px solid var(--focus); outline-offset: 2px }
.cqrs .cqrs-gauge { display: inline-block; padding: 2px 10px; border-radius: 6px; font-size: 13px;
  font-weight: 600; color: var(--line); border: 1.5px solid var(--line); background: var(--fill) }
.cqrs .cqrs-gauge.cqrs-event { color: var(--ink); text-shadow: 0 0 4px var(--fill),
  0 0 4px var(--fill), 0 0 3px var(--fill); background: repeating-linear-gradient(-45deg,
  var(--fill) 0 6px, var(--solid) 6px 7px) }
</style>"""


class Form:
    """A choice of messages, a field for each of their parts, and a button."""

    def __init__(
        self, kind: str, verb: str, messages: Iterable[type], shared: dict[str, widgets.Text]
    ) -> None:
        self.choice = widgets.Dropdown(
            options=[(message.__name__, message) for message in messages], description=kind
        )
        self.explanation = widgets.HTML()
        # Room for the message with most fields, so that the button never moves.
        most = max(len(fields(message)) for _, message in self.choice.options)
        self.fields = widgets.VBox(layout=widgets.Layout(min_height=f"{most * 40 - 8}px"))
        self.button = widgets.Button(description=verb, tooltip=f"{verb} this {kind.lower()}")
        self._inputs: dict[str, widgets.Text] = {}
        self._shared = shared
        self.choice.observe(self._choose, names="value")
        self._choose()

    @property
    def parts(self) -> tuple[widgets.Widget, ...]:
        return self.choice, self.explanation, self.fields, self.button

    def message(self) -> Any:
        """Make the chosen message from the fields. Raises InvalidMessage if they make no sense."""
        kind = self.choice.value
        hints = get_type_hints(kind)
        values = {name: self._input(name).value for name in _names(kind)}
        return kind(**{n: _number(n, v) if hints[n] is int else v for n, v in values.items()})

    def _enter(self, _text: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("event") == "submit":
            self.button.click()

    def _choose(self, _change: object = None) -> None:
        kind = self.choice.value
        first_line = escape((kind.__doc__ or "").strip().split("\n")[0])
        self.explanation.value = f'<span class="cqrs-muted">{first_line}</span>'
        self.fields.children = [self._input(name) for name in _names(kind)]

    def _input(self, name: str) -> widgets.Text:
        """Return the field of that name; messages share it, so an id need be typed only once.

        The other form has a field of its own with the same text, since Enter does another thing.
        """
        special = f"{self.choice.value.__name__}.{name}"
        key = special if special in EXAMPLES else name
        if key not in self._inputs:
            text = widgets.Text(EXAMPLES.get(key, ""), placeholder=name, description=name)
            text.on_msg(self._enter)
            if self._shared.setdefault(key, text) is not text:
                widgets.link((self._shared[key], "value"), (text, "value"))
            self._inputs[key] = text
        return self._inputs[key]


def _names(kind: Any) -> list[str]:
    return [part.name for part in fields(kind)]


def _number(field: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        short = text if len(text) <= 40 else text[:40] + "…"
        raise InvalidMessage(field, f"must be a whole number, not {short!r}") from None


class Panel:
    """A live panel for a shop on any rung; displaying it shows it.

    `commands` and `queries` are those to choose from, such as the keys of your own handlers.
    """

    def __init__(
        self, shop: Shop, commands: Iterable[type] = HANDLERS, queries: Iterable[type] = QUERIES
    ) -> None:
        self.shop = shop
        shared: dict[str, widgets.Text] = {}
        self.command = Form("Command", "Send", commands, shared)
        self.query = Form("Query", "Ask", queries, shared)
        self.deliver_next = widgets.Button(
            description="Deliver next", tooltip="Take the next waiting event to the projections"
        )
        self.deliver_all = widgets.Button(
            description="Deliver all", tooltip="Take all waiting events to the projections"
        )
        self.gauge, self.answer, self.stores = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.command.button.on_click(lambda _: self._act(self._send, changing=True))
        self.query.button.on_click(lambda _: self._act(self._ask))
        self.deliver_next.on_click(lambda _: self._act(lambda: self._deliver(1), changing=True))
        self.deliver_all.on_click(lambda _: self._act(lambda: self._deliver(None), changing=True))
        self._call = ""
        hint = "Send a command or ask a query; the answer comes here."
        self._act(lambda: Shown("neutral", "›", hint))
        self.root = self._build()

    def _act(self, action: Callable[[], Shown], changing: bool = False) -> None:
        """Do what a button says, and show what came of it, whatever that is."""
        self._call = ""
        before, _ = self._look()
        shown = _attempt(action)
        now, trouble = self._look()
        if trouble and shown.role != "rejection":
            shown = trouble
        elif changing and before and now:
            shown = _with_changes(shown, differences(before, now))
        self._say(shown)
        self._draw(before, now)

    def _send(self) -> Shown:
        command = self.command.message()
        self._call = f"shop.send({command!r})"
        return show(self.shop.send, command)

    def _ask(self) -> Shown:
        query = self.query.message()
        self._call = f"shop.ask({query!r})"
        shown = show(self.shop.ask, query)
        behind = self.shop.staleness
        remark = f"The read store is {_events(behind)} behind." if behind else ""
        return replace(shown, remark=remark)

    def _deliver(self, n: int | None) -> Shown:
        self._call = f"shop.deliver({n or ''})"
        count = self.shop.deliver(n)
        return Shown("process", "✓", f"{_events(count)} delivered" if count else "nothing waits")

    def _look(self) -> tuple[dict[str, Store], Shown | None]:
        """Return the stores, or none and what stands in the way."""
        try:
            return look_into(self.shop), None
        except Exception as error:
            return {}, _shown_trouble(error)

    def _say(self, shown: Shown) -> None:
        call = f'<code class="cqrs-muted">{escape(self._call)}</code>' if self._call else ""
        self.answer.value = f'<div role="status">{shown.note(above=call)}</div>'

    def _draw(self, before: dict[str, Store], now: dict[str, Store]) -> None:
        """Show the stores, with what has changed since `before` marked."""
        frames = [Frames(store, before.get(name)) for name, store in now.items()]
        if now and "documents" not in now:
            frames.append(Frames(absent("documents")))
        sections = "".join(frame.section() for frame in frames)
        self.stores.value = f'<div class="cqrs-stores">{sections}</div>'
        self.gauge.value = self._measure() if now else ""

    def _measure(self) -> str:
        """Return the staleness gauge; being behind is orange and hatched, for it is no fault."""
        projections = self.shop.projections
        if not projections:
            return ""
        behind = max(projection.staleness for projection in projections.values())
        role, words = ("event", f"{_events(behind)} behind") if behind else ("read", "✓ up to date")
        stopped = [name for name, projection in projections.items() if projection.error]
        if stopped:
            role, words = "rejection", f"× stopped: {', '.join(stopped)}; {words}"
        return f'<span class="cqrs-gauge cqrs-{role}">{escape(words)}</span>'

    def _build(self) -> widgets.VBox:
        cards = [_card("read", "Ask a query", *self.query.parts)]
        if "documents" in self._look()[0]:
            buttons = widgets.HBox([self.deliver_next, self.deliver_all])
            cards.append(_card("process", "Deliver events", self.gauge, buttons))
        right = widgets.VBox(cards)
        controls = widgets.GridBox(
            [_card("command", "Send a command", *self.command.parts), right],
            layout=widgets.Layout(
                grid_template_columns="repeat(auto-fit, minmax(min(300px, 100%), 1fr))",
                grid_gap="8px",
            ),
        )
        root = widgets.VBox(
            [widgets.HTML(STYLE + PANEL_LOOK), controls, self.answer, self.stores],
            layout=widgets.Layout(max_width="1100px"),
        )
        root.add_class("cqrs")
        return root

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and beside it what readers see where no kernel runs."""
        fallback = f'{STYLE}<div class="cqrs"><p>{escape(repr(self))}</p>{self.stores.value}</div>'
        bundle = dict(self.root._repr_mimebundle_(**options))
        return {**bundle, "text/html": fallback, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"A live panel for {self.shop!r}: run this cell in Jupyter to use it."


def _attempt(action: Callable[[], Shown]) -> Shown:
    try:
        return action()
    except Exception as error:  # raised in a callback it would vanish in the kernel's log
        return _shown_trouble(error)


def _shown_trouble(error: Exception) -> Shown:
    return shown_error(error) if isinstance(error, ShopError) else shown_failure(error)


def _with_changes(shown: Shown, changed: list[str]) -> Shown:
    if changed:
        return replace(shown, changed=tuple(changed))
    if "changed" in shown.title or "waits" in shown.title:  # it says so itself
        return shown
    remark = "No document has changed." if shown.role == "process" else "Nothing has changed."
    return replace(shown, remark=remark)


def shown_failure(error: Exception) -> Shown:
    """Show an error that is no answer of the shop's, such as a mistake in your own handler."""
    title = f"{type(error).__name__}: unexpected, perhaps a mistake in a program"
    return Shown("rejection", "×", title, str(error))


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count:,} events"


def _card(role: str, title: str, *parts: widgets.Widget) -> widgets.VBox:
    heading = widgets.HTML(f"<h4>{title}</h4>")
    card = widgets.VBox([heading, *parts])
    card.add_class("cqrs-card").add_class(f"cqrs-{role}")
    return card
