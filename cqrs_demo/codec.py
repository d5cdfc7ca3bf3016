"""Events as JSON text, and back; the envelope they travel in; how old versions are read.

msgspec does the work at this edge, so that the domain stays bare dataclasses.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from .domain.errors import ShopError
from .domain.events import KINDS, Event

E = TypeVar("E", bound=Event)
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class RecordedEvent(NamedTuple, Generic[E]):
    """An event in its envelope.

    `position` counts all events of the shop (1, 2, 3 ... without holes), `version` those of one
    `stream` (such as "order-o-7"). `at` is when the command ran (UTC); `command_id` says which
    command caused it, `correlation_id` which conversation that command belonged to.
    """

    position: int
    stream: str
    version: int
    at: datetime
    event: E
    command_id: str
    correlation_id: str


# The form in which each event is written today; what is not listed is still in its first form.
CURRENT_FORM = {"OrderCancelled": 2}


def _add_reason(fields: dict[str, Any]) -> dict[str, Any]:
    """Orders used to be cancelled without a word; an empty reason says just that."""
    return {**fields, "reason": ""}


# (type, form) -> a function that turns the fields into those of the next form. Old rows stay as
# they are on disk; they are upcast each time they are read (Young, "Versioning in an Event
# Sourced System", 2017).
UPCASTERS: dict[tuple[str, int], Upcaster] = {("OrderCancelled", 1): _add_reason}

_encode = msgspec.json.Encoder().encode


def encode_event(event: Event) -> tuple[str, int, str]:
    """Return the event's type, the form it is written in, and its fields as JSON text.

    Raises ShopError if it could not be read again: what is in a log stays there for ever.
    """
    name = type(event).__name__
    try:
        written = name, CURRENT_FORM.get(name, 1), _encode(event).decode()
        if decode_event(*written) == event:
            return written
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise ShopError(f"{event!r} cannot be written: {error}") from error
    raise ShopError(f"{event!r} would not come back as it is; is it an Event, with typed fields?")


def decode_event(name: str, form: int, body: str) -> Any:
    """Return the event, in its current form whatever form it was written in.

    Raises ShopError if this program does not know the type or the form, or if the text is damaged.
    """
    try:
        kind = KINDS.get(name)
        if kind is None:
            raise ShopError(f"the log holds an event of an unknown type, {name!r}")
        current = CURRENT_FORM.get(name, 1)
        if form == current:
            return _decoder(kind).decode(body)
        fields = decode_document(body)
        while form != current:
            upcast = UPCASTERS.get((name, form))
            if upcast is None:
                raise ShopError(f"no upcaster leads from {name} in form {form} to form {current}")
            fields, form = upcast(fields), form + 1
        return msgspec.convert(fields, kind)
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ShopError(f"an event of the type {name} is damaged: {reason}") from error


@cache
def _decoder(kind: Any) -> Any:
    """Return the one decoder of a kind of event, which is costly to make and fast to use."""
    return msgspec.json.Decoder(kind)


def encode_document(document: dict[str, Any]) -> str:
    """Return a document as JSON text. Dates become ISO text, tuples lists."""
    return _encode(document).decode()


decode_document: Callable[[str], dict[str, Any]] = msgspec.json.Decoder(dict[str, Any]).decode
as_dto = msgspec.convert  # (document, DTO type) -> DTO: checks types, turns ISO text into dates


def to_text(at: datetime) -> str:
    """Return a UTC time as text of fixed width, so that text sorts as time does."""
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def to_time(text: str) -> datetime:
    """Return the aware UTC datetime that `to_text` wrote. Raises ShopError for anything else."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise ShopError(f"{text!r} is not a time") from error
