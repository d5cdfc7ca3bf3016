"""Calls on the shop as headings and as Python lines: ("Deliver", "shop.deliver()")."""

from collections.abc import Callable
from typing import Any

from .messages import call_text
from .telling import words

Called = tuple[str, str]  # the name of the scene, and the line


def call_of_send(sending: Any) -> Called:
    options = {name: getattr(sending, name) for name in ("expected_version", "command_id")}
    options["correlation_id"] = sending.correlation_id
    return words(sending.command), call_text("send", sending.command, **options)


def call_of_ask(query: Any, after: int | None) -> Called:
    return f"Ask: {words(query).lower()}", call_text("ask", query, after=after)


def call_of_deliver(n: int | None, only: str | None) -> Called:
    arguments = () if n is None else (n,)
    scene = "Deliver" if n is None else f"Deliver {n}"
    return f"{scene} to {only}" if only else scene, call_text("deliver", *arguments, only=only)


def call_of_rebuild(name: str) -> Called:
    return f"Rebuild {name}", call_text("rebuild", name)


def call_of_retry(name: str) -> Called:
    return f"Retry {name}", call_text("retry", name)


def call_of_load(table: str, key: str) -> Called:
    return f"Open the form {key[:20]}", call_text("crud.load", table, key)


def call_of_save(table: str, row: Any, version: int | None) -> Called:
    told = f", version={version}" if version is not None else ""
    return f"Save a form of {table}", f'shop.crud.save("{table}", row{told})'


def call_of_react(name: str) -> Called:
    return f"React: {name}", f"{name}.run()"


def call_of_crash() -> Called:
    return "The program stops", "publisher.crash()"


CALLS: dict[str, Callable[..., Called]] = {
    "send": call_of_send,
    "ask": call_of_ask,
    "deliver": call_of_deliver,
    "rebuild": call_of_rebuild,
    "retry": call_of_retry,
    "react": call_of_react,
    "crash": call_of_crash,
    "crud.load": call_of_load,
    "crud.save": call_of_save,
}
