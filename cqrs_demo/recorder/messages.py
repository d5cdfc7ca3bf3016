"""Messages as a reader meets them: as plain JSON, as a Python line, in a word or two."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from math import isfinite
from typing import Any

from ..codec import RecordedEvent

SAFE_INTEGER = 2**53  # JavaScript counts no further
MOST_LEVELS = 40
MOST_LEVELS_WRITTEN = 6  # in a line of Python


def as_json(value: Any, within: tuple[int, ...] = ()) -> Any:  # noqa: PLR0912 - a branch a kind
    """Return a value as what JSON can hold: dataclasses become objects, times ISO text.

    `within` are the ids of what the value is in: a list may hold itself, or go too deep.
    """
    if id(value) in within or len(within) > MOST_LEVELS:
        return "…"
    inner = (*within, id(value))
    told: Any = None
    match value:
        case None | bool():
            told = value
        case Enum():
            told = as_json(value.value, inner)
        case str():
            told = clean(value)
        case int():
            told = int(value) if abs(value) <= SAFE_INTEGER else str(int(value))
        case float():
            told = float(value) if isfinite(value) else str(float(value))
        case date():
            told = value.isoformat().replace("+00:00", "Z")
        case RecordedEvent():
            event = {"position": value.position, "stream": value.stream, "version": value.version}
            told = {**event, "at": as_json(value.at), **named(value.event)}
        case Mapping():
            told = {clean(str(key)): as_json(item, inner) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            told = [as_json(item, inner) for item in value]
            if isinstance(value, set | frozenset):  # in an order that is the same tomorrow
                told.sort(key=str)
        case _ if is_dataclass(value) and not isinstance(value, type):
            told = {f.name: as_json(getattr(value, f.name, None), inner) for f in fields(value)}
        case _:
            told = clean(safe_repr(value))
    return told


def named(message: Any) -> Any:
    """Return a message under its own name: {"PlaceOrder": {"order_id": "o-7"}}."""
    if isinstance(message, list | tuple) and not hasattr(message, "_fields"):
        return [named(item) for item in message]
    if is_dataclass(message) and not isinstance(message, type | RecordedEvent):
        return {type(message).__name__: as_json(message)}
    return as_json(message)


def as_python(value: Any, level: int = 0) -> str:
    """Return a value as one would write it: PlaceOrder("o-7")."""
    if level > MOST_LEVELS_WRITTEN:
        return "..."
    told = ""
    match value:
        case str():
            told = json.dumps(value, ensure_ascii=False) if _is_plain(value) else repr(value)
        case dict():
            items = (
                f"{as_python(k, level + 1)}: {as_python(v, level + 1)}" for k, v in value.items()
            )
            told = f"{{{', '.join(items)}}}"
        case list():
            told = f"[{', '.join(as_python(item, level + 1) for item in value)}]"
        case _ if is_dataclass(value) and not isinstance(value, type):
            given = [f for f in fields(value) if f.init]
            while given and _is_default(getattr(value, given[-1].name), given[-1].default):
                given.pop()
            parts = (as_python(getattr(value, f.name), level + 1) for f in given)
            told = f"{type(value).__name__}({', '.join(parts)})"
        case _:
            told = safe_repr(value)
    return clean(told)


def call_text(name: str, *arguments: Any, **options: Any) -> str:
    """Return the Python line of a call on the shop; options that are None are left out."""
    told = [as_python(argument) for argument in arguments]
    told += [f"{key}={as_python(value)}" for key, value in options.items() if value is not None]
    return f"shop.{name}({', '.join(told)})"


def clean(text: str) -> str:
    """Return text that UTF-8 can hold: half a character becomes the sign for an unknown one."""
    return str.encode(text, "utf-16", "surrogatepass").decode("utf-16", "replace")


def safe_repr(value: Any) -> str:
    """Return what an object says of itself, without where it is in memory; it may fail at that."""
    try:
        is_set = isinstance(value, set) and value  # in an order that is the same tomorrow
        told = f"{{{', '.join(sorted(map(repr, value)))}}}" if is_set else repr(value)
    except Exception:  # whatever it is: a learner's object must not disturb the shop
        return f"<{type(value).__name__}>"
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", told)


def said(error: BaseException) -> str:
    """Return the message of an error; a learner's own may fail even at that."""
    try:
        return clean(str(error))
    except Exception:  # as above
        return ""


def _is_plain(text: str) -> bool:
    return text.isprintable() and '"' not in text and "\\" not in text


def _is_default(value: Any, default: Any) -> bool:
    """Compare plain values only: what `==` does is an object's own affair."""
    return type(value) in (int, str, float, bool, type(None)) and (
        type(value) is type(default) and value == default
    )
