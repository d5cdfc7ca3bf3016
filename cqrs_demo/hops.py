"""The hub through which ports announce hops: a message moving from one place to another.

Only ports announce (stores, bus, payment gateway, the shop's dispatcher), one line a hop. Teaching
code (handlers, aggregates, projections) never does. With nobody listening an announcement costs
one call and one test; nothing is formatted.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Hop(NamedTuple):
    """One move of one message.

    `kind` is command, accept, event, query, load, save, commit, rollback, outside, answer, reject
    or fault. `source` and `target` name places of the map. `connection` is the announcing store's
    own connection, through which uncommitted rows can be seen, or None.

    The kind "call" moves nothing: somebody outside calls on the shop, and the hops that follow in
    the same thread belong to that call. Its message is the method's name and its arguments.
    """

    kind: str
    source: str
    target: str
    message: Any
    connection: Any


class Hops:
    """Passes every announced hop to whoever listens."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Hop], None]] = []

    def announce(
        self, kind: str, source: str, target: str, message: Any = None, connection: Any = None
    ) -> None:
        if self.listeners:
            hop = Hop(kind, source, target, message, connection)
            for listener in tuple(self.listeners):
                listener(hop)

    @contextmanager
    def refusal(self, actor: str, message: Any) -> Iterator[None]:
        """Announce an error in the `with` block as the answer that the client gets."""
        try:
            yield
        except Exception as error:
            self.announce("reject", actor, "client", (message, error))
            raise
