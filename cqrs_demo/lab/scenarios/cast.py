"""Who and what the stories are about: names and numbers that a seed has chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from ... import HANDLERS, LADDER, DemoPayments, Shop
from ...domain.fields import number
from ...read_model.projections import Project
from ...write_model.handlers import Handler
from ..reactor import Reactor
from ..shortcuts import LatePublisher

ALL_RUNGS = tuple(LADDER)
WITH_EVENTS = ("two-stores", "event-sourced")
SEED = 7
MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

PEOPLE = (
    *("Ada Lovelace", "Grace Hopper", "Alan Turing", "Emmy Noether", "Charles Babbage"),
    *("Mary Somerville", "Sofia Kovalevskaya", "Blaise Pascal", "Sophie Germain", "George Boole"),
)
NEW_SURNAMES = ("Winter", "Rivers", "Meadow", "Stone", "Field", "Brook")
PRODUCTS = (
    *(("tea", "Earl Grey"), ("mug", "Blue mug"), ("kite", "Paper kite"), ("lamp", "Desk lamp")),
    *(("ink", "Green ink"), ("map", "Star map"), ("soap", "Olive soap"), ("puzzle", "Oak puzzle")),
)
STREETS = ("Mill Lane", "Harbour Street", "Orchard Road", "Station Square", "Castle Hill")


@dataclass
class Cast:
    """Who and what a story is about. The shop was opened with its `payments`, `projections` and
    `handlers`; `reactor` and `publisher` are set by what comes before a story that needs them."""

    user: str
    name: str
    new_name: str
    other_user: str
    other_name: str
    sku: str
    product: str
    price_cents: int
    new_price_cents: int
    quantity: int
    stock: int
    order: str
    other_order: str
    address: str
    other_address: str
    payments: DemoPayments = field(default_factory=DemoPayments, compare=False)
    projections: dict[str, dict[type, Project]] = field(default_factory=dict)
    handlers: dict[type, Handler] = field(default_factory=lambda: dict(HANDLERS), compare=False)
    reactor: Reactor | None = field(default=None, compare=False)
    publisher: LatePublisher | None = field(default=None, compare=False)

    @property
    def email(self) -> str:
        return f"{self.user}@example.org"


Scene = Callable[[str], None]
Story = Callable[[Shop, Scene, Cast], None]


def cast(seed: int) -> Cast:
    """Choose names and numbers by chance, and the same ones for the same seed."""
    number(0, 2**53)("seed", seed)
    chance = Random(seed)
    name, other_name = chance.sample(PEOPLE, 2)
    sku, product = chance.choice(PRODUCTS)
    price_cents = chance.randrange(300, 3_000, 10)
    quantity = chance.randint(2, 4)
    order, other_order = chance.sample(range(10, 100), 2)
    first, other_first = name.split()[0], other_name.split()[0]
    new_name = f"{first} {chance.choice(NEW_SURNAMES)}"
    new_price_cents = price_cents + chance.randrange(50, 300, 10)
    stock = quantity + chance.randint(3, 8)
    house, street = chance.randint(2, 98), chance.choice(STREETS)
    other_street = chance.choice([each for each in STREETS if each != street])
    return Cast(
        user=first.lower(),
        name=name,
        new_name=new_name,
        other_user=other_first.lower(),
        other_name=other_name,
        sku=sku,
        product=product,
        price_cents=price_cents,
        new_price_cents=new_price_cents,
        quantity=quantity,
        stock=stock,
        order=f"o-{order}",
        other_order=f"o-{other_order}",
        address=f"{house} {street}",
        other_address=f"{house} {other_street}",
    )


@dataclass
class TickingClock:
    """A clock that is a minute later each time it is read, so that a run can be repeated."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now
