"""Messages as a reader meets them: as plain JSON, as a Python line, in a word or two."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from math import isfinite
from typing import Any

from ..codec import RecordedEvent

SAFE_INTEGER = 2**53  # JavaScript counts no further


def as_json(value: Any) -> Any:
    """Return a value as what JSON can hold: dataclasses become objects, times ISO text."""
    told: Any = None
    match value:
        case None | bool():
            told = value
        case Enum():
            told = as_json(value.value)
        case str():
            told = clean(value)
        case int():
            told = value if abs(value) <= SAFE_INTEGER else str(value)
        case float():
            told = value if isfinite(value) else str(value)
        case date():
            told = value.isoformat().replace("+00:00", "Z")
        case RecordedEvent():
            event = {"position": value.position, "stream": value.stream, "version": value.version}
            told = as_json({**event, "at": value.at, **named(value.event)})
        case Mapping():
            told = {clean(str(key)): as_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            told = [as_json(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            told = {f.name: as_json(getattr(value, f.name, None)) for f in fields(value)}
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


def as_python(value: Any) -> str:
    """Return a value as one would write it: PlaceOrder("o-7")."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False) if _is_plain(value) else clean(repr(value))
        case dict():
            items = (f"{as_python(key)}: {as_python(item)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        case list():
            return f"[{', '.join(map(as_python, value))}]"
    if not is_dataclass(value) or isinstance(value, type):
        return clean(safe_repr(value))
    given = [f for f in fields(value) if f.init]
    while given and _is_default(value, given[-1]):
        given.pop()
    return f"{type(value).__name__}({', '.join(as_python(getattr(value, f.name)) for f in given)})"


def call_text(name: str, *arguments: Any, **options: Any) -> str:
    """Return the Python line of a call on the shop; options that are None are left out."""
    told = [as_python(argument) for argument in arguments]
    told += [f"{key}={as_python(value)}" for key, value in options.items() if value is not None]
    return f"shop.{name}({', '.join(told)})"


def clean(text: str) -> str:
    """Return text that UTF-8 can hold: half a character becomes the sign for an unknown one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def safe_repr(value: Any) -> str:
    """Return what an object says of itself; a learner's object may fail even at that."""
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}>"


def _is_plain(text: str) -> bool:
    return text.isprintable() and '"' not in text and "\\" not in text


def _is_default(value: Any, field: Any) -> bool:
    return field.default is not MISSING and getattr(value, field.name) == field.default
