"""A rehearsal: an empty copy of a shop, in memory, in which a short story is really played.

No table says which events a command leads to, or which documents a query reads. So a story is
sent through a copy with the same handlers, projections and queries, and what happens is written
down. The shop itself is left alone; the copy has a demo gateway and a clock of its own.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ..domain import commands as c
from ..domain import queries as q
from ..domain.events import Event
from ..hops import Hop, Hops
from ..ladder import LADDER
from ..shop import Shop
from ..write_model.dispatching import Surroundings
from ..write_model.payments import DemoPayments

EVENTFUL = ("two-stores", "event-sourced")  # the rungs that record events

BEFORE_PLACING = (
    c.CreateUser("ada", "Ada Lovelace", "ada@example.org"),
    c.AddProduct("tea", "Earl Grey", 920, 12),
    c.CreateOrder("o-7", "ada"),
    c.AddOrderItem("o-7", "tea", 2),
)
# Every command once, and each in a moment in which it does all that it ever does.
STORY = (
    *BEFORE_PLACING,
    c.RenameUser("ada", "Ada King"),
    c.AddProduct("jam", "Plum jam", 450, 3),
    c.ChangePrice("tea", 990),
    c.Restock("tea", 5),
    c.AddOrderItem("o-7", "jam", 1),
    c.RemoveOrderItem("o-7", "jam"),
    c.ChangeShippingAddress("o-7", "Bath"),
    c.PlaceOrder("o-7"),
    c.ShipOrder("o-7"),
    c.CreateOrder("o-8", "ada"),
    c.AddOrderItem("o-8", "tea", 1),
    c.PlaceOrder("o-8"),
    c.CancelOrder("o-8", "ordered twice"),
    c.CreateOrder("o-9", "ada"),
    c.AddOrderItem("o-9", "tea", 1),
    c.PlaceOrder("o-9"),
)
QUESTIONS = (
    q.GetUserById("ada"),
    q.GetOrder("o-7"),
    q.GetOrderHistory("ada"),
    q.GetRecentOrders(),
    q.GetCatalogue(),
    q.GetBestSellers(),
    q.GetSalesByDay(),
)


class Clock:
    """Noon of a new year, and a minute later each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@contextmanager
def rehearsing(shop: Shop, **changes: Any) -> Iterator[Shop]:
    """Open the copy; `changes` are options in which it differs from the shop."""
    surroundings = Surroundings(DemoPayments(), Clock(), Hops())
    options = replace(
        shop.options.for_the_past(), read_only=False, surroundings=surroundings, **changes
    )
    with LADDER[shop.architecture](options) as copy:
        yield copy


def told(shop: Shop, command: Any) -> list[Event]:
    """Send a command and return the events that it led to; none if it was refused or failed."""
    before = shop.position
    try:
        shop.send(command)
    except Exception:  # whatever a learner's own handler raises is not ours to judge
        return []
    return [recorded.event for recorded in shop.events(after=before)]


def asked(shop: Shop, query: Any) -> None:
    """Ask a query for the sake of what happens; a learner's own may fail."""
    with suppress(Exception):
        shop.ask(query)


def listened(shop: Shop, action: Callable[[], Any]) -> list[Hop]:
    """Do something and return the hops that messages made meanwhile."""
    hops: list[Hop] = []
    shop.hops.listeners.append(hops.append)
    try:
        action()
    finally:
        shop.hops.listeners.remove(hops.append)
    return hops


def events_of_commands(shop: Shop, also: Iterable[Any] = ()) -> dict[type, tuple[str, ...]]:
    """Return, for every command the shop handles, the names of the events it can lead to.

    `also` are commands of one's own, sent at the end of the story; of others nothing can be known.
    What has no handler in this shop is refused as unknown, and is no command of it.
    """
    found: dict[type, list[str]] = {command: [] for command in shop.commands.handlers}
    with rehearsing(shop) as copy:
        for command in (*STORY, *also):
            if type(command) in found:
                events = told(copy, command)
                found[type(command)] += [type(event).__name__ for event in events]
    return {command: tuple(dict.fromkeys(names)) for command, names in found.items()}


def read_by_queries(shop: Shop, also: Iterable[Any] = ()) -> dict[type, tuple[str, ...]]:
    """Return, for every query, the projections whose documents it reads."""
    found: dict[type, list[str]] = {query: [] for query in shop.queries.handlers}
    spying = {query: _spied(f, found[query]) for query, f in shop.options.queries.items()}
    with rehearsing(shop, queries=spying) as copy:
        for command in STORY:
            told(copy, command)
        copy.deliver()
        for query in (*QUESTIONS, *also):
            if type(query) in found:
                asked(copy, query)
    return {query: tuple(dict.fromkeys(names)) for query, names in found.items()}


def _spied(handler: Callable[[Any, Any], Any], names: list[str]) -> Callable[[Any, Any], Any]:
    class Spy:
        """Notes which documents are asked for, and hands them over."""

        def __init__(self, read: Any) -> None:
            self._read = read

        def __getitem__(self, name: str) -> Any:
            names.append(name)
            return self._read[name]

    return lambda query, read: handler(query, Spy(read))
