"""What the fields of commands and queries may hold, checked when a message is made.

Events never check: rules tighten over the years, and history stays as it was.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, get_type_hints

from .errors import InvalidMessage

Check = Callable[[str, Any], None]  # (name of the field, value): raises InvalidMessage

# One @, no spaces, no empty part between dots. Whether mail arrives only a mail can tell.
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*")


def text(least: int, most: int) -> Check:
    """Make a check for `least` to `most` characters that any store can keep."""

    def check(field: str, value: Any) -> None:
        if type(value) is not str:
            raise InvalidMessage(field, f"must be text, not {type(value).__name__}")
        if len(value) < least:
            raise InvalidMessage(field, "must not be empty")
        if len(value) > most:
            raise InvalidMessage(field, f"has {len(value):,} characters, {most:,} are allowed")
        if "\0" in value:
            raise InvalidMessage(field, "must not contain the character NUL")
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise InvalidMessage(field, "contains half of a surrogate pair, which is not text")

    return check


def number(least: int, most: int) -> Check:
    """Make a check for a whole number from `least` to `most`; True and False are not numbers."""

    def check(field: str, value: Any) -> None:
        if type(value) is not int:
            raise InvalidMessage(field, f"must be a whole number, not {type(value).__name__}")
        if not least <= value <= most:
            raise InvalidMessage(field, f"must be from {least:,} to {most:,}")

    return check


def check_email(field: str, value: Any) -> None:
    """Require something of the form name@host, of at most 254 characters."""
    text(1, 254)(field, value)
    if not (_EMAIL.fullmatch(value) and value.isprintable()):
        raise InvalidMessage(field, "must look like name@example.org")


def if_given(check: Check) -> Check:
    """Make a check that lets None pass."""
    return lambda field, value: None if value is None else check(field, value)


Id = Annotated[str, text(1, 100)]
OptionalId = Annotated[str | None, if_given(text(1, 100))]
OptionalPosition = Annotated[int | None, if_given(number(0, 2**63 - 1))]
Text = Annotated[str, text(1, 1_000)]
Reason = Annotated[str, text(0, 1_000)]
Email = Annotated[str, check_email]
Quantity = Annotated[int, number(1, 10**6)]
Cents = Annotated[int, number(0, 10**9)]
Stock = Annotated[int, number(0, 10**9)]
Limit = Annotated[int, number(1, 10**9)]

check_position = number(0, 2**63 - 1)


def check_seconds(field: str, value: Any) -> None:
    """Require a number of seconds, from 0 to a million."""
    if type(value) not in (int, float) or not 0 <= value <= 10**6:  # NaN is not >= 0 either
        raise InvalidMessage(field, "must be a number of seconds, from 0 to 1,000,000")


class Message:
    """A command or a query: it cannot be made with fields that make no sense."""

    def __post_init__(self) -> None:
        for field, check in _checks(type(self)):  # type: ignore[arg-type]  # a class has a hash
            check(field, getattr(self, field))


@cache
def _checks(message: Any) -> list[tuple[str, Check]]:
    """Return the check of each field, as its type above says."""
    hints = get_type_hints(message, include_extras=True)
    return [(f, hint.__metadata__[0]) for f, hint in hints.items() if hasattr(hint, "__metadata__")]
