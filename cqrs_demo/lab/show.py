"""Call the shop, and show in plain words what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from html import escape
from typing import Any

from ..domain.errors import (
    CommandRejected,
    ConcurrencyConflict,
    InvalidMessage,
    NotFound,
    ShopError,
    StillStale,
)
from .frames import STYLE, as_row, as_text, frame_of, to_html

# error -> role (its colour), sign, what it means; the first that fits counts
MEANINGS: tuple[tuple[type[ShopError], str, str, str], ...] = (
    (NotFound, "event", "…", "not there (yet)"),
    (StillStale, "event", "…", "not caught up yet"),
    (InvalidMessage, "rejection", "×", "no such message can be made"),
    (CommandRejected, "rejection", "×", "rejected, and nothing anywhere has changed"),
    (ConcurrencyConflict, "rejection", "×", "somebody else was faster, and nothing has changed"),
    (ShopError, "rejection", "×", "not possible"),
)

MOST_LINES = 4  # on what changed: the stores tell the rest


@dataclass(frozen=True, repr=False)
class Shown:
    """What came of a call: a title, a sentence, perhaps a DataFrame and a remark under it.

    `changed` tells what else is different now, a line each.
    """

    role: str
    sign: str
    title: str
    sentence: str = ""
    frame: Any = None
    remark: str = ""
    changed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        parts = [f"{self.sign} {self.title}", self.sentence]
        if self.frame is not None:
            parts.append(self.frame.map(as_text).to_string(index=False))
        parts.append(self.remark)
        if self.changed:
            parts.append("Changed: " + " · ".join(self._lines()))
        return "\n".join(filter(None, parts))

    def _repr_html_(self) -> str:
        return f'{STYLE}<div class="cqrs">{self.note()}</div>'

    def note(self, above: str = "") -> str:
        """Return HTML without the stylesheet; `above` is markup to put over the title."""
        sign = f"<span aria-hidden='true'>{self.sign}</span>"
        parts = [above, f'<div class="cqrs-sign">{sign} {escape(self.title)}</div>']
        if self.sentence:
            parts.append(f"<div>{escape(self.sentence)}</div>")
        if self.frame is not None:
            parts.append(f"<div>{to_html(self.frame)}</div>")
        if self.remark:
            parts.append(f'<div class="cqrs-muted">{escape(self.remark)}</div>')
        if self.changed:
            items = "</li><li>".join(map(escape, self._lines()))
            parts.append(
                f'<div class="cqrs-changed"><b>Changed:</b><ul><li>{items}</li></ul></div>'
            )
        return f'<div class="cqrs-note cqrs-{self.role}">{"".join(parts)}</div>'

    def _lines(self) -> list[str]:
        more = len(self.changed) - MOST_LINES
        return [*self.changed[:MOST_LINES], *([f"and {more:,} more"] if more > 0 else [])]


def show(function: Callable[..., Any], *arguments: Any, **options: Any) -> Shown:
    """Call a function, such as `shop.send` or `shop.ask`, and show its answer or the shop's no.

    What is not a ShopError goes through: it is a mistake in a program, not an answer.
    """
    try:
        return shown_answer(function(*arguments, **options))
    except ShopError as error:
        return shown_error(error)


def shown_answer(answer: Any) -> Shown:
    """Say what a command (None) or a query (a DTO, or a list of them) came back with."""
    if answer is None:
        return Shown("command", "✓", "accepted; it returned nothing")
    if isinstance(answer, list):
        return _shown_list(answer)
    if is_dataclass(answer):
        rows = [{"field": name, "value": value} for name, value in as_row(answer).items()]
        return Shown("read", "✓", type(answer).__name__, frame=frame_of(rows))
    return Shown("read", "✓", as_text(answer))


def shown_error(error: ShopError) -> Shown:
    """Name the error, and say it in the shop's own words."""
    role, sign, meaning = next(rest for kind, *rest in MEANINGS if isinstance(error, kind))
    return Shown(role, sign, f"{type(error).__name__}: {meaning}", str(error))


def _shown_list(answer: list[Any]) -> Shown:
    if not answer:
        return Shown("read", "✓", "an empty list", "The shop answers that there are none.")
    if not all(map(is_dataclass, answer)):
        return Shown("read", "✓", f"a list of {len(answer):,}", as_text(answer))
    kinds = " and ".join(sorted({type(dto).__name__ for dto in answer}))
    return Shown("read", "✓", f"{len(answer):,} × {kinds}", frame=frame_of([*map(as_row, answer)]))
