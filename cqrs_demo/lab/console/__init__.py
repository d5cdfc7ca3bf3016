"""The live console: drive a real shop, and watch each message go its way.

    from cqrs_demo.lab.console import Console

    Console("two-stores")        # or a shop of your own: Console(shop)

At the top are forms for commands, queries and deliveries, below them the explorer with everything
done so far; what is rarely used is in the lab between them. There is only what exists on the rung.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

from ...domain.errors import InvalidMessage, ShopError
from ...domain.fields import check_seconds
from ...recording import Recording
from ...shop import Shop
from ...write_model.dispatching import Sending
from ..narration import counted
from ..questions import misconceptions, with_predictions
from ..scenarios import SEED, TickingClock
from ..show import Shown, show, shown_error
from .controls import FATES, Controls, offer, seeded
from .drawing import LOG, cursor, gauges, help_, note, planned, waiting_events, walk
from .forms import CREATING, known_ids, whole
from .futures import as_html, as_line, changed_rows, differing_rows
from .look import CSS
from .session import Session, line_of
from .views import COMPARE, EVERYTHING, FORK, REWIND, LiveComparison, LiveExplorer

__all__ = ["Console", "TickingClock"]

FUTURES = "ABCDEF"
HINT = "Send a command or ask a query. Then press Next in the explorer, and watch it go its way."
CLOSED = "Nothing can be done with it any more. Start afresh opens a new one."
LAB_ONLY = "In the lab only: real events are for ever."


class Console:
    """A live console for a shop on any rung; displaying it shows it.

    `shop` is a shop of yours, or the name of a rung. A shop of its own begins with a user, a
    product and a draft order that `seed` chooses (with nothing, if None). `delivery="background"`
    has a thread deliver events, `lag` seconds after each command.
    """

    def __init__(
        self,
        shop: Shop | str = "two-stores",
        seed: int | None = SEED,
        delivery: str = "manual",
        lag: float = 0.0,
    ) -> None:
        hello = Shown("neutral", "›", HINT)
        if isinstance(shop, Shop) and shop.closed:
            hello = Shown("neutral", "›", "That shop was closed, so here is a fresh one.", HINT)
            shop = shop.architecture
        if isinstance(shop, Shop):
            self.session = Session.of(shop)
        else:
            self.session = Session.fresh(shop, seed, delivery, lag)
        self.session.views.append(self._news)
        self._futures = [self.session]
        self._shown = self.recording  # as the explorer has it, perhaps with questions
        self._predict_from: int | None = None
        self._hidden: tuple[int, Shown] | None = None  # the answer that waits for a bet
        self._call = ""
        self._acting = 0  # the thread that does what a button says
        self._one_at_a_time = threading.RLock()
        self._due = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._actions: dict[str, Callable[[], Shown]] = {
            "send": self.send,
            "ask": self.ask,
            "load": self.load,
            "save": self.save,
            "deliver_one": partial(self.deliver, 1),
            "deliver_all": partial(self.deliver, None),
            "rewind": self.rewind,
            "fork": self.fork,
            "compare": self.compare,
            "reset": self.reset,
            **{f"tamper {fate}": partial(self.tamper, fate) for fate in FATES},
        }
        fates = [[f"tamper {fate}", fate] for fate in FATES]
        self.explorer = LiveExplorer(self._shown, step=0, fates=fates)
        self.comparison: LiveComparison | None = None  # once somebody wants to see two futures
        self.controls = Controls(
            self.session, self.explorer, lambda name: self._act(self._actions[name])
        )
        self.root = self.controls.root
        self._observe()
        self._fill_ids()
        self._act(lambda: hello)

    # what Python can read

    @property
    def shop(self) -> Shop:
        """The shop that is driven now."""
        return self.session.shop

    @property
    def recording(self) -> Recording:
        """Everything done so far."""
        return self.session.recording

    @property
    def recordings(self) -> list[Recording]:
        """One recording for each future."""
        return [session.recording for session in self._futures]

    @property
    def log(self) -> str:
        """What was done, as Python; run in a fresh shop, it gives the same recording."""
        return self.session.log

    @property
    def bets(self) -> dict[str, Any]:
        """What was predicted: the number of a step -> the choice, from 0."""
        return dict(self.session.bets)

    @property
    def misconceptions(self) -> list[str]:
        """What the learner seems to believe, by the wrong bets."""
        return misconceptions(with_predictions(self.recording), self.session.bets)

    # actions: each does one thing, and returns what to say of it

    def send(self) -> Shown:
        """Send the command that stands in the form."""
        command = self.controls.command.message()
        self._call = line_of("send", Sending(command))
        shown = show(self.shop.send, command)
        created = CREATING.get(type(command).__name__)
        if created and shown.role != "rejection":
            self.controls.shared.fill(created, getattr(command, created))
        return shown

    def ask(self) -> Shown:
        """Ask the query that stands in the form."""
        query = self.controls.query.message()
        after = self.shop.position if self.controls.insist.value else None
        self._call = line_of("ask", query, after)
        behind = self.shop.staleness
        remark = f"The documents are {counted(behind, 'event')} behind." if behind else ""
        return replace(show(self.shop.ask, query, after=after), remark=remark)

    def deliver(self, n: int | None) -> Shown:
        """Deliver the next `n` events, or all, to the chosen projections."""
        only = self.controls.target.value or None
        self._call = line_of("deliver", n, only)
        count = self.shop.deliver(n, only)
        title = f"{counted(count, 'event')} delivered"
        return Shown("process", "✓", title if count or self.shop.staleness else "nothing waits")

    def load(self) -> Shown:
        """Fill the form with a row (rung "crud")."""
        table, key = self.controls.form.wanted
        self._call = line_of("crud.load", table, key)
        row = self.shop.crud.load(table, key)
        self.controls.form.show(row)
        told = f"{key} as it is at version {row['version']}. Change what you like, then save."
        return Shown("read", "✓", "the form is filled in", told)

    def save(self) -> Shown:
        """Write the whole form back (rung "crud")."""
        form = self.controls.form
        table, row, version = form.table.value, form.row(), form.version
        self._call = line_of("crud.save", table, row, version)
        return show(self.shop.crud.save, table, row, version=version)

    def tamper(self, fate: str) -> Shown:
        """Plan what the bus does to the picked event at its next delivery."""
        waiting = self.controls.waiting
        if waiting.value is None:
            return Shown("neutral", "›", "No event waits, so there is nothing to pick up.")
        what, told, _ = FATES[fate]
        self.session.plan(waiting.value, what)
        return Shown("event", "!", f"At its next delivery the bus {told} event {waiting.label}")

    def rewind(self) -> Shown:
        """Take back the call at the cursor, and all later ones. The lab only."""
        before, future = self.session, self.session.fork(self.explorer.step)
        self._futures[self._futures.index(before)] = future
        before.leave(self._news)
        self._drive(future)
        count = counted(len(before.entries) - len(future.entries), "call")
        yours = "" if before.ours else " Your own shop is as it was; this is a copy in memory."
        return Shown("process", "↶", f"rewound: {count} taken back", LAB_ONLY + yours)

    def fork(self) -> Shown:
        """Open another future that begins before the call at the cursor; this one is kept."""
        if len(self._futures) == len(FUTURES):
            raise ShopError(f"{len(FUTURES)} futures are enough: start afresh to get rid of them")
        before, future = self.session, self.session.fork(self.explorer.step)
        self._futures.append(future)
        self._drive(future, beside=before)
        here, there = self._name(future), self._name(before)
        told = f"You drive {here} now. Do something else, and see it side by side with {there}."
        return Shown("process", "⇉", f"forked: {here} begins before that call", told)

    def compare(self) -> Shown:
        """Show the driven future and the one beside it side by side; again: back to one."""
        if len(self._futures) < 2:
            raise ShopError("there is one future only: fork it, and there are two to compare")
        if self._open_question():
            raise ShopError("first lock in your bet: the other future could give it away")
        controls = self.controls
        controls.side_by_side.value = not controls.side_by_side.value
        if not controls.side_by_side.value:
            return Shown("neutral", "⇉", f"you see {self._name(self.session)}, which you drive")
        told = "Call by call, from the beginning that they share. What you do now is done in "
        return Shown("neutral", "⇉", "side by side", f"{told}{self._name(self.session)}.")

    def reset(self) -> Shown:
        """Start afresh: a new shop, which the seed fills."""
        text = self.controls.seed.value.strip()
        seed = whole("seed", text) if text else None
        examples = seeded(seed)
        delivery, lag = "manual", 0.0
        if self.controls.background.value:
            delivery, lag = "background", seconds(self.controls.lag.value)
        fresh = Session.fresh(self.shop.architecture, seed, delivery, lag)
        for future in self._futures:
            future.leave(self._news)
        self._futures = [fresh]
        self._predict_from = 0 if self.controls.predict.value else None
        self._drive(fresh)
        self.controls.shared.fill_all(examples)
        told = "It begins with what the seed has chosen." if text else "It is empty."
        if delivery == "background":
            told += f" Events arrive by themselves, {lag:g} s after each command."
        return Shown("neutral", "✓", "a fresh shop", told)

    def close(self) -> None:
        """Stop listening, and close the shops that the console has opened."""
        for future in self._futures:
            future.leave(self._news)

    # from a click to what is seen

    def _act(self, action: Callable[[], Shown], stay: bool = False) -> None:
        """Do what a button says, and show what came of it; with `stay` the cursor stays."""
        with self._one_at_a_time:
            self._act_alone(action, stay)

    def _act_alone(self, action: Callable[[], Shown], stay: bool) -> None:
        self._call, self._hidden = "", None
        with suppress(RuntimeError):  # outside a notebook there is no loop
            self._loop = asyncio.get_running_loop()
        session, first = self.session, len(self.recording.steps)
        self._acting = threading.get_ident()
        try:
            shown = attempt(action)
            if self.shop.closed:
                shown = Shown("rejection", "×", "ShopClosed: this shop was closed", CLOSED)
            if self.session is not session:  # the cursor goes to the end of what is left
                first = max(len(self.recording.steps) - 1, 0)
                self._call = ""
            self._refresh(None if stay else first)
        finally:
            self._acting = 0
        self._say(self._told(shown, first))
        for view in self.session.views:
            if view != self._news:
                view()

    def _open_question(self) -> int | None:
        """Return the first step that waits for a bet."""
        asked = (step.n for step in self._shown.steps if step.question)
        return next((n for n in asked if str(n) not in self.session.bets), None)

    def _told(self, shown: Shown, first: int) -> Shown:
        """Keep an answer back until there is a bet on it, and say which steps tell more."""
        asked = [step.n for step in self._shown.steps[first:] if step.question]
        if asked and str(asked[0]) not in self.session.bets:
            self._hidden = (asked[0], shown)
            hint = "Press Next in the explorer until it asks you, and lock in your bet."
            return Shown("neutral", "?", "What will it answer? Predict first.", hint)
        if not self._call:
            return shown
        remark = " ".join(filter(None, [shown.remark, walk(first, len(self._shown.steps) - first)]))
        changed = tuple(map(as_line, changed_rows(self._shown, first)))
        if not changed and shown.role == "command":
            remark = f"Nothing has changed. {remark}"
        return replace(shown, remark=remark, changed=changed)

    def _say(self, shown: Shown) -> None:
        self.controls.answer.value = note(shown, self._call)

    def refresh(self) -> None:
        """Show what has happened in the meantime, done by a thread, a cell or another console."""
        self._due = False
        self._refresh()

    def _news(self) -> None:
        """Something happens on the shop: look again, once whoever does it has finished."""
        if self._acting == threading.get_ident() or self._due:
            return
        if self._loop is None or self._loop.is_closed():
            return
        self._due = True
        self._loop.call_soon_threadsafe(self.refresh)

    def _refresh(self, first: int | None = None) -> None:
        """Bring everything up to date; the cursor goes to the step after `first`, if given."""
        self._shown = self._with_questions(self.recording)
        step = None if first is None else start_of(self._shown, first + 1)
        self.explorer.bets = dict(self.session.bets)  # first: without them the cursor would stop
        self.explorer.show(self._shown, step)
        controls, stores = self.controls, self.session.recorder.stores
        controls.shared.suggest(known_ids(stores.now))
        if self.session.has_events:
            controls.gauge.value, controls.bars.value = gauges(stores.now["checkpoints"])
            controls.planned.value = planned(self.session)
            offer(controls.waiting, waiting_events(stores.now))
            self._offer_messages()
            names = [(name, name) for name in stores.checkpoints]
            offer(controls.target, [("all projections", ""), *names])
        controls.written.value = LOG.format(escape(self.log))
        controls.again.layout.display = None if self.shop.closed else "none"
        self._compare()
        self._moved()

    def _offer_messages(self) -> None:
        """Say which messages can be picked up in the explorer, and what is planned for them."""
        explorer, plan = self.explorer, self.session.bus.plan if self.session.bus else {}
        words = {what: word for what, _, word in FATES.values()}
        explorer.waiting = [position for _, position in self.controls.waiting.options]
        explorer.plan = {str(n): words.get(what, what) for n, what in plan.items()}
        if explorer.picked not in explorer.waiting:
            explorer.picked = 0

    def _with_questions(self, recording: Recording) -> Recording:
        """Return the recording with predictions for what was done since they were wanted."""
        after = self._predict_from
        if after is None:
            return recording
        asking = with_predictions(recording)
        steps = [replace(s, question=None) if s.n <= after else s for s in asking.steps]
        return replace(asking, steps=steps)

    def _fill_ids(self) -> None:
        """Begin with ids that exist."""
        for name, ids in known_ids(self.session.recorder.stores.now).items():
            if ids:
                self.controls.shared.fill(name, ids[0])

    # several futures

    def _drive(self, session: Session, beside: Session | None = None) -> None:
        """Drive another future; `beside` is the one to compare with."""
        if self._news in self.session.views and self.session is not session:
            self.session.views.remove(self._news)
        self.session = session
        if self._news not in session.views:
            session.views.append(self._news)
        here = self._futures.index(session)
        options = [(f"Future {FUTURES[n]}", n) for n in range(len(self._futures))]
        offer(self.controls.driven, options)
        self.controls.driven.value = here
        offer(self.controls.beside, [each for each in options if each[1] != here])
        if beside:
            self.controls.beside.value = self._futures.index(beside)

    def _name(self, session: Session) -> str:
        return f"future {FUTURES[self._futures.index(session)]}"

    def _compare(self, _change: object = None) -> None:
        """Show in which rows the driven future and the one beside it differ."""
        controls = self.controls
        several = len(self._futures) > 1 and controls.beside.value is not None
        controls.futures.layout.display = None if several else "none"
        self.explorer.entries = [FORK, REWIND, *([COMPARE] if several else [])]
        if not several or self._open_question():  # a bet is locked in in the explorer
            controls.side_by_side.value = False
        both = controls.side_by_side.value
        if several:
            pair = sorted((self._futures.index(self.session), controls.beside.value))
            recordings = [self._futures[n].recording for n in pair]
            names = [f"Future {FUTURES[n]}" for n in pair]
            controls.compared.value = as_html(differing_rows(*recordings), *names)
            if both:
                self._put_beside(recordings, names)
        controls.compared.layout.display = "none" if both else None
        self.explorer.layout.display = "none" if both else None
        if self.comparison:
            self.comparison.layout.display = None if both else "none"

    def _put_beside(self, recordings: list[Recording], names: list[str]) -> None:
        """Show two futures on one cursor, as they are by now."""
        here = f"Future {FUTURES[self._futures.index(self.session)]}"
        labels = [f"{name}, which you drive" if name == here else name for name in names]
        if self.comparison is None:
            self.comparison = LiveComparison(recordings, labels, step=EVERYTHING)
            self.comparison.on_msg(self._wished)
            self.controls.put_beside(self.comparison)
        self.comparison.show(recordings, labels)

    # what is not a button

    def _observe(self) -> None:
        self.explorer.observe(self._bet, names="bets")
        self.explorer.observe(self._moved, names="step")
        self.explorer.observe(self._picked, names="picked")
        self.explorer.on_msg(self._wished)
        self.controls.predict.observe(self._predict, names="value")
        self.controls.driven.observe(self._switch, names="value")
        self.controls.beside.observe(self._compare, names="value")
        self.controls.side_by_side.observe(self._compare, names="value")

    def _bet(self, change: dict[str, Any]) -> None:
        """A bet was locked in: it counts, and the answer that waited for it is shown."""
        self.session.bets = dict(change["new"])
        if self._hidden and str(self._hidden[0]) in self.session.bets:
            shown, self._hidden = self._hidden[1], None
            self._say(shown)

    def _moved(self, _change: object = None) -> None:
        """The cursor moved: say before which call rewind and fork would go back."""
        try:
            told = cursor(self.session.entries[self.session.call_at(self.explorer.step)].line)
        except ShopError as error:
            told = help_(f"{error}.")
        self.controls.here.value = told

    def _picked(self, change: dict[str, Any]) -> None:
        """A waiting message was picked up in the explorer."""
        if change["new"] in self.explorer.waiting:
            self.controls.waiting.value = change["new"]

    def _wished(self, _view: object, wish: Any, _buffers: object) -> None:
        """Something was chosen in the explorer: behind "More", or for the message picked up."""
        action, event = self._actions.get(wish.get("do")), wish.get("event")
        if event is not None and event not in self.explorer.waiting:
            action = partial(Shown, "neutral", "›", "That event does not wait any more.")
        elif event is not None:
            self.controls.waiting.value = event
        if action:
            self._act(action, stay=event is not None or action == self.compare)

    def _predict(self, change: dict[str, Any]) -> None:
        self._predict_from = len(self.recording.steps) if change["new"] else None
        told = "From now on an answer that may be old is hidden until you bet on it."
        if not change["new"]:
            told = "Answers are shown at once."
        self._act(lambda: Shown("neutral", "?", told))

    def _switch(self, change: dict[str, Any]) -> None:
        """Drive the future that was chosen."""
        if self._acting or change["new"] is None:
            return
        before, chosen = self.session, self._futures[change["new"]]

        def switch() -> Shown:
            self._drive(chosen, beside=before)
            return Shown("process", "⇉", f"you drive {self._name(chosen)} now")

        if chosen is not before:
            self._act(switch)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Return the widget, and beside it what readers see where no kernel runs."""
        told = f"<p>{escape(repr(self))}</p>{LOG.format(escape(self.log))}"
        still = f'<style>{CSS}</style><div class="cqrs cqrs-console">{told}</div>'
        bundle = dict(self.root._repr_mimebundle_(**options))
        return {**bundle, "text/html": still, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"A live console for {self.shop!r}: run this cell in Jupyter to use it."


def start_of(recording: Recording, step: int) -> int:
    """Return where to stand to see what begins at a step: a delivery is seen as a whole."""
    step = min(step, len(recording.steps))
    fold = next((fold for fold in recording.folds if fold.first == step), None)
    return fold.last if fold else step


def seconds(text: str) -> float:
    """Read a lag. Raises InvalidMessage if it makes no sense."""
    try:
        lag = float(text)
    except ValueError:
        raise InvalidMessage("lag", f"must be a number of seconds, not {text[:40]!r}") from None
    check_seconds("lag", lag)
    return lag


def attempt(action: Callable[[], Shown]) -> Shown:
    """Return what an action says, or what went wrong: in a callback it would vanish in a log."""
    try:
        return action()
    except ShopError as error:
        return shown_error(error)
    except Exception as error:
        title = f"{type(error).__name__}: unexpected, perhaps a mistake in a program"
        return Shown("rejection", "×", title, str(error))
