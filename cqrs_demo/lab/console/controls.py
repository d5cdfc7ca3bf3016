"""The console's controls and where they stand. What they do is in `Console`."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ..scenarios import SEED, cast
from .forms import Fields, MessageForm, RowForm, examples
from .look import Frame
from .session import Session

FATES = {  # a button -> what tamper(shop) calls it, what is told of it, and a word for it
    "Drop": ("drop", "will lose", "lost"),
    "Duplicate": ("duplicate", "will bring twice", "twice"),
    "Delay": ("delay", "will hold back", "late"),
    "Move last": ("move", "will bring last", "last"),
    "Leave": (None, "leaves alone", ""),
}
AFRESH = "Open a fresh shop on the same rung; what was done so far is gone"

Do = Callable[[str], None]


class Controls:
    """All widgets of one console. `do` is called with the name of an action."""

    def __init__(self, session: Session, explorer: widgets.Widget, do: Do) -> None:
        self._do = do
        self.shared = Fields(seeded(session.seed))
        shop = session.shop
        self.command = self._form("Command", "Send", "send", shop.commands.handlers)
        self.query = self._form("Query", "Ask", "ask", shop.queries.handlers)
        self.insist = widgets.Checkbox(description="must reflect my writes", indent=False)
        self.form = RowForm(self.shared, lambda: do("load"), lambda: do("save"))
        self.target = widgets.Dropdown(options=[("all projections", "")], description="Deliver to")
        self.deliver_one = self._button("Deliver one", "deliver_one", "The next waiting event")
        self.deliver_all = self._button("Deliver all", "deliver_all", "All waiting events")
        self.gauge, self.bars = widgets.HTML(), widgets.HTML(NO_BARS)
        self.predict = toggle("Predict", "Predicting", "Hide old answers until you bet on them")
        self.open_lab = toggle("Lab", "Hide lab", "Tamper with the bus, rewind, fork, start afresh")
        self.open_log = toggle("Log", "Hide log", "What was done, as Python")
        self.answer, self.written = widgets.HTML(), widgets.HTML()
        self.again = self._button("Start afresh", "reset", AFRESH)
        # the lab
        self.waiting = widgets.Dropdown(options=[], description="Waiting event")
        self.fates = {
            name: self._button(name, f"tamper {name}", f"{name}: at its next delivery")
            for name in FATES
        }
        self.planned, self.here = widgets.HTML(), widgets.HTML()
        self.rewind = self._button("Rewind", "rewind", "Take back the call at the cursor")
        self.fork = self._button("Fork", "fork", "Keep this future, and begin another")
        seed = session.seed if session.ours else SEED
        self.seed = self._setting("Seed", "" if seed is None else str(seed), "empty shop")
        self.background = widgets.Checkbox(description="deliver in the background", indent=False)
        self.lag = self._setting("Lag in seconds", "2", "seconds")
        self.reset = self._button("Start afresh", "reset", AFRESH)
        # other futures
        self.driven = widgets.Dropdown(options=[], description="You drive")
        self.beside = widgets.Dropdown(options=[], description="Beside it")
        self.side_by_side = toggle("Side by side", "Side by side", "Both futures on one cursor")
        self.compared = widgets.HTML()
        self.compared.add_class("cqrs-compared")
        choice = row("neutral", self.driven, self.beside, self.side_by_side)
        self.futures = card(choice, self.compared)
        explorer.add_class("cqrs-view")
        self.root = self._laid_out(session, explorer)

    def put_beside(self, comparison: widgets.Widget) -> None:
        """Let futures side by side stand where the explorer stands, whenever that is hidden."""
        comparison.add_class("cqrs-view")
        self.root.children = (*self.root.children, comparison)

    def _form(self, kind: str, verb: str, action: str, messages: Any) -> MessageForm:
        return MessageForm(kind, verb, messages, self.shared, lambda: self._do(action))

    def _button(self, name: str, action: str, tooltip: str) -> widgets.Button:
        button = widgets.Button(description=name, tooltip=tooltip)
        button.on_click(lambda _: self._do(action))
        return button

    def _setting(self, name: str, value: str, placeholder: str) -> widgets.Text:
        """Return a field in which Enter starts afresh."""

        def pressed(_widget: object, content: dict[str, Any], _buffers: object) -> None:
            if content.get("event") == "submit":
                self._do("reset")

        field = widgets.Text(value, description=name, placeholder=placeholder)
        field.add_class("cqrs-number")
        field.on_msg(pressed)
        return field

    def _laid_out(self, session: Session, explorer: widgets.Widget) -> widgets.VBox:
        """Put together what exists on this rung."""
        lab = card(*self._lab(session.has_events))
        for button, part in ((self.open_lab, lab), (self.open_log, self.written)):
            part.layout.display = "none"
            widgets.dlink((button, "value"), (part.layout, "display"), {False: "none"}.get)
        status = widgets.HBox([stretched(self.answer), self.again])
        status.add_class("cqrs-status")
        parts = [card(*self._rows(session)), status, lab, self.futures, self.written, explorer]
        root = widgets.VBox([Frame(), *parts])
        root.add_class("cqrs").add_class("cqrs-console")
        return root

    def _rows(self, session: Session) -> list[widgets.Box]:
        command, query, form = self.command, self.query, self.form
        insist = [self.insist] if session.has_events else []
        rows = [
            row("command", command.choice, command.fields, command.button),
            row("read", query.choice, query.fields, *insist, query.button),
        ]
        if session.shop.forms is not None:
            whole_row = (form.fields, form.check, form.save)
            rows.append(row("aggregate", form.table, form.key, form.load, *whole_row))
        if session.has_events:
            parts = (self.deliver_one, self.deliver_all, stretched(self.gauge))
            rows.append(row("process", self.target, *parts))
        predict = [self.predict] if session.has_events else []
        switches = widgets.HBox([*predict, self.open_lab, self.open_log])
        rows.append(row("neutral", stretched(self.bars), switches))
        rows[-1].add_class("cqrs-tools")
        return rows

    def _lab(self, eventful: bool) -> list[widgets.Box]:
        rows = [row("process", titled("Time"), self.rewind, self.fork, stretched(self.here))]
        if eventful:
            picked = (self.waiting, *self.fates.values(), stretched(self.planned))
            rows.insert(0, row("event", titled("Bus"), *picked))
        knobs = [self.background, self.lag] if eventful else []
        told = widgets.HTML(f'<div class="cqrs-help">{AFRESH}.</div>')
        afresh = row("neutral", titled("Afresh"), self.seed, *knobs, self.reset, stretched(told))
        return [*rows, afresh]


NO_BARS = '<div class="cqrs-help">Queries read the tables themselves: no answer is old.</div>'


def seeded(seed: int | None) -> dict[str, str]:
    """Return the examples that go with a seed. Raises InvalidMessage if it is no seed."""
    return examples(None if seed is None else cast(seed))


def offer(dropdown: widgets.Dropdown, options: list[tuple[str, Any]]) -> None:
    """Change what can be chosen, and keep what was chosen if it is still there."""
    if list(dropdown.options) == options:
        return
    before = dropdown.value
    dropdown.options = options
    if before in [value for _, value in options]:
        dropdown.value = before


def toggle(name: str, pressed: str, tooltip: str) -> widgets.ToggleButton:
    """Make a button that stays pressed, and is then called otherwise: a shade tells too little."""
    button = widgets.ToggleButton(description=name, tooltip=tooltip)
    widgets.dlink((button, "value"), (button, "description"), {True: pressed, False: name}.get)
    return button


def row(role: str, *parts: widgets.Widget) -> widgets.Box:
    """Put widgets into a line that wears the colour of a role."""
    box = widgets.Box(parts)
    box.add_class("cqrs-row").add_class(f"cqrs-{role}")
    return box


def card(*rows: widgets.Widget) -> widgets.VBox:
    box = widgets.VBox(rows)
    box.add_class("cqrs-card")
    return box


def stretched(widget: widgets.Widget) -> widgets.Widget:
    widget.add_class("cqrs-stretch")
    return widget


def titled(words: str) -> widgets.HTML:
    title = widgets.HTML(words)
    title.add_class("cqrs-title")
    return title
