"""What a case of an exercise works with: small recorded shops, and words for what went wrong."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from copy import deepcopy
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from ... import DemoPayments, ShopError, open_shop
from ...read_model.answering import Answers
from ...recording import Recording
from ...shop import Shop
from ..scenarios import TickingClock

MOST_LETTERS = 160  # of a value in a sentence
MOST_SECONDS_TO_WAIT = 0.05  # for documents that nobody brings up to date meanwhile


class HastyAnswers(Answers):
    """Waits hardly at all: where no thread delivers, a longer wait would end alike."""

    def ask(self, query: Any, after: int, timeout: float) -> Any:
        return super().ask(query, after, min(timeout, MOST_SECONDS_TO_WAIT))


class CaseFailed(Exception):
    """Something that must hold does not; the message says what, in the learner's words."""


@dataclass
class Trial:
    """One case on trial. Its shops are in memory, have a clock that ticks, and are closed for it.

    Recording begins with the first `does`: what a case prepares before that is not shown.
    """

    title: str = "exercise"
    must_return: bool = False  # whether the learner's function is one that gives something back
    scene: str = ""  # what is going on, as the last `does` said
    recording: Recording | None = None  # of the shop that was opened last
    shops: list[Shop] = field(default_factory=list)
    was_closed: bool = False  # by the learner, and not by the trial
    now_stopped: str = ""  # which projection stood still at the end, and why
    _open: ExitStack = field(default_factory=ExitStack)
    _recordings: list[tuple[Shop, Recording]] = field(default_factory=list)

    def shop(self, rung: str = "two-stores", **options: Any) -> Shop:
        """Open a small shop; `options` are those of open_shop, such as handlers."""
        options = {"clock": TickingClock(), "payments": DemoPayments(), **options}
        shop = self._open.enter_context(open_shop(rung, **options))
        if shop.options.delivery != "background":
            shop.queries = HastyAnswers(**vars(shop.queries))
        self.shops.append(shop)
        if self.scene:
            self._record(shop)
        return shop

    def does(self, what: str) -> None:
        """Name what happens next, as in "two people edit one order": a failure begins with it."""
        self.scene = what
        recorded = [shop for shop, _ in self._recordings]
        for shop in self.shops:
            if shop not in recorded and not shop.closed:
                self._record(shop)
        for _, recording in self._recordings:
            recording.begin_scene(_capital(what))

    def expect(self, holds: Any, problem: str) -> None:
        """Fail with these words unless it holds."""
        if not holds:
            raise CaseFailed(problem)

    def equal(self, wanted: Any, got: Any, what: str) -> None:
        """Fail unless the two are equal; `what` names the thing: "the answer to GetOrder"."""
        if same(wanted, got):
            return
        told = f"{what} should be {shown(wanted)}, and is {shown(got)}"
        if shown(wanted) == shown(got):
            told += f", but of the type {type(got).__name__}"
        if got is None and self.must_return:
            told += "; None is also what a function gives that has no return"
        raise CaseFailed(told)

    def refuses(
        self, kind: type[BaseException], action: Callable[[], Any], problem: str
    ) -> BaseException:
        """Fail with these words unless the action is refused with this error; return the error."""
        try:
            action()
        except kind as error:
            return error
        except ShopError as error:
            told = f"{problem}. It should be refused with {kind.__name__}; the shop said"
            raise CaseFailed(f"{told} {type(error).__name__}: {error}") from error
        raise CaseFailed(f"{problem}. It should be refused with {kind.__name__}, and was not")

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call the learner's function with copies, and fail if it changes what it was given."""
        given = deepcopy((arguments, named))
        result = function(*given[0], **given[1])
        if given != (arguments, named):
            pairs = zip((*given[0], *given[1].values()), (*arguments, *named.values()), strict=True)
            after, before = next((a, b) for a, b in pairs if a != b)
            raise CaseFailed(
                f"it changed what it was given: {shown(before)} became {shown(after)}. "
                "Whoever called still needs that; make something new instead"
            )
        return result

    def deliver(self, shop: Shop, n: int | None = None) -> int:
        """Deliver events; fail if a projection stops, which by itself raises nothing."""
        count = shop.deliver(n)
        stopped = self.stopped()
        if stopped:
            raise CaseFailed(stopped)
        return count

    def stopped(self) -> str:
        """Say which projection has stopped, at which of the learner's lines; "" if none has."""
        for shop in self.shops:
            with suppress(ShopError):  # it was closed
                for name, projection in shop.projections.items():
                    if projection.error:
                        where = self._line_of_fault(shop)
                        return f"the projection {name} stopped{where}: {projection.error}"
        return ""

    def closed_by_learner(self) -> bool:
        return any(shop.closed for shop in self.shops)

    def close(self) -> None:
        """Close what is open; a recording ends even where a shop can no longer say how it is."""
        with suppress(Exception):
            self._open.close()
        recordings = [recording for _, recording in self._recordings if recording.steps]
        self.recording = recordings[-1] if recordings else None

    def _record(self, shop: Shop) -> None:
        recording = self._open.enter_context(shop.record(_capital(self.title)))
        recording.begin_scene(_capital(self.scene))
        self._recordings.append((shop, recording))

    def _line_of_fault(self, shop: Shop) -> str:
        for recorded, recording in self._recordings:
            faults = [step.code for step in recording.steps if step.kind == "fault" and step.code]
            if recorded is shop and faults and not faults[-1].file.startswith("cqrs_demo/"):
                code = faults[-1]
                line = code.source.splitlines()[code.line - code.first].strip()
                return f" at line {code.line}, {line}"
        return ""


def same(wanted: Any, got: Any) -> bool:
    """Say whether two values are equal, and not because one of them says so of everything.

    A str may be an Enum's, a number a Decimal, and a tuple may have names: what Python holds for
    equal is, down to each part.
    """
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple):
        alike = isinstance(got, list) == isinstance(wanted, list) and len(wanted) == len(got)
        return alike and all(map(same, wanted, got))
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return len(wanted) == len(got) and all(
            key in got and same(value, got[key]) for key, value in wanted.items()
        )
    if is_dataclass(wanted) and type(wanted) is type(got) and wanted == got:
        return all(same(vars_of(wanted)[name], part) for name, part in vars_of(got).items())
    return bool(wanted == got) and not any(got == other for other in (object(), f"not {wanted}"))


def vars_of(value: Any) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value) if each.compare}


def shown(value: Any) -> str:
    """Return a value as Python would write it, cut off where it gets too long."""
    try:
        told = " ".join(repr(value).split())
    except Exception:  # a learner's object may fail at that
        told = f"<{type(value).__name__}>"
    return told if len(told) <= MOST_LETTERS else f"{told[: MOST_LETTERS - 1]}…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
