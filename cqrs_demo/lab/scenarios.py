"""Short stories, each told by a real shop that is recorded while it works.

    recording = run("place-order", shop="two-stores")

A story is a plain function of an open shop; `scene` names the steps that follow, and `the` holds
the names and numbers that a seed has chosen. What was before a story is not recorded. The explorer
shows these functions as the client's code, so they hold what a client would write, and little else.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from random import Random
from typing import Any

from .. import (
    LADDER,
    PROJECTIONS,
    QUERIES,
    AddOrderItem,
    AddProduct,
    CancelOrder,
    ChangePrice,
    ChangeShippingAddress,
    ConcurrencyConflict,
    CreateOrder,
    CreateUser,
    DemoPayments,
    GetCatalogue,
    GetOrder,
    GetOrderHistory,
    NotFound,
    OrderPlaced,
    OutOfStock,
    PaymentDeclined,
    PlaceOrder,
    RecordedEvent,
    RemoveOrderItem,
    RenameUser,
    Restock,
    ShipOrder,
    Shop,
    ShopError,
    StillStale,
    WrongStatus,
    open_shop,
)
from ..domain.fields import number
from ..read_model.answering import ReadModels
from ..read_model.documents import Docs
from ..read_model.projections import Project
from ..recording import Recording

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
    """Who and what a story is about. The shop was opened with its `payments` and `projections`."""

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
    payments: DemoPayments = field(default_factory=DemoPayments, compare=False)
    projections: dict[str, dict[type, Project]] = field(default_factory=dict)


Scene = Callable[[str], None]
Story = Callable[[Shop, Scene, Cast], None]


# The stories. What surprises comes first, then what heals it.


def place_order(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Place the order")
    shop.send(PlaceOrder(the.order))

    scene("Look at once")
    with suppress(NotFound):
        shop.ask(GetOrder(the.order))

    if shop.staleness:  # events are waiting
        scene("Deliver")
        shop.deliver()

        scene("Look again")
        shop.ask(GetOrder(the.order))


def out_of_stock(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Look at the page")
    shop.ask(GetCatalogue())

    scene("Order it anyway")
    with suppress(OutOfStock):
        shop.send(PlaceOrder(the.order))

    scene("Restock")
    shop.send(Restock(the.sku, the.stock))

    scene("Order again")
    shop.send(PlaceOrder(the.order))


def payment_declined(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Payment declined")
    with suppress(PaymentDeclined):
        shop.send(PlaceOrder(the.order))

    scene("It is still a draft")
    shop.ask(GetOrder(the.order))

    scene("Try another card")
    the.payments.declines = set()
    shop.send(PlaceOrder(the.order))


def stale_read(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Change the price")
    shop.send(ChangePrice(the.sku, the.new_price_cents))

    scene("Read the old price")
    shop.ask(GetCatalogue())

    scene("Deliver")
    shop.deliver()

    scene("Read the new price")
    shop.ask(GetCatalogue())


def read_your_own_writes(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Change my address")
    shop.send(ChangeShippingAddress(the.order, the.address))
    mine = shop.position

    scene("Where is my change?")
    shop.ask(GetOrder(the.order))

    scene("Ask for no less")
    with suppress(StillStale):
        shop.ask(GetOrder(the.order), after=mine)

    scene("Deliver")
    shop.deliver()

    scene("Ask for it again")
    shop.ask(GetOrder(the.order), after=mine)


def rename_a_user(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Rename the user")
    shop.send(RenameUser(the.user, the.new_name))

    scene("Look at old orders")
    shop.ask(GetOrderHistory(the.user))

    if shop.staleness:  # the old name stands in every order
        scene("Rename every copy")
        shop.deliver()

        scene("Look again")
        shop.ask(GetOrderHistory(the.user))


def two_editors_one_order(shop: Shop, scene: Scene, the: Cast) -> None:
    if shop.architecture == "crud":
        two_editors_with_forms(shop, scene, the)
    else:
        two_editors_with_commands(shop, scene, the)


def two_editors_with_forms(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Two open the same form")
    mine = shop.crud.load("orders", the.order)
    yours = shop.crud.load("orders", the.order)

    scene("I save an address")
    mine["shipping_address"] = the.address
    shop.crud.save("orders", mine)

    scene("You save one more piece")
    yours["lines"][0]["quantity"] += 1
    shop.crud.save("orders", yours)

    scene("My address is gone")
    shop.ask(GetOrder(the.order))

    scene("Save with a version")
    with suppress(ConcurrencyConflict):
        shop.crud.save("orders", mine, version=mine["version"])


def two_editors_with_commands(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Two look at one order")
    seen = shop.ask(GetOrder(the.order))

    scene("I send an address")
    shop.send(ChangeShippingAddress(the.order, the.address))

    scene("You add one more piece")
    shop.send(AddOrderItem(the.order, the.sku, 1))

    if shop.staleness:
        scene("Deliver")
        shop.deliver()

    scene("Both edits are there")
    shop.ask(GetOrder(the.order))

    scene("Insist on what I saw")
    with suppress(ConcurrencyConflict):
        shop.send(RemoveOrderItem(the.order, the.sku), expected_version=seen.version)


def replay_into_a_new_read_model(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Ask the new read model")
    shop.ask(GetBigSpenders())

    scene("Replay the old events")
    shop.rebuild("big_spenders")

    scene("Ask again")
    shop.ask(GetBigSpenders())


def ship_and_cancel(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("Ship the order")
    shop.send(ShipOrder(the.order))

    scene("Look at the order")
    shop.ask(GetOrder(the.order))

    scene("Too late to cancel")
    with suppress(WrongStatus):
        shop.send(CancelOrder(the.order, "changed my mind"))

    scene("Cancel another")
    shop.send(CancelOrder(the.other_order, "changed my mind"))


def projection_fails_and_recovers(shop: Shop, scene: Scene, the: Cast) -> None:
    scene("A projection stops")
    shop.deliver()

    scene("The others went on")
    shop.ask(GetOrderHistory(the.user))

    scene("Ask the one that stopped")
    with suppress(StillStale):
        shop.ask(GetBigSpenders(), after=shop.position)

    scene("Mend it")
    the.projections["big_spenders"][OrderPlaced] = count_spending
    shop.deliver()

    scene("Ask again")
    shop.ask(GetBigSpenders())


# A read model of our own: a query, its answer, its handler, its projection, and a projection with
# a bug. Any learner could write these in a notebook.


@dataclass(frozen=True)
class GetBigSpenders:
    """Who has spent most? Answers Spender objects."""


@dataclass(frozen=True)
class Spender:
    user_id: str
    spent_cents: int


def get_big_spenders(query: GetBigSpenders, read: ReadModels) -> list[Spender]:
    return [Spender(**found) for found in read["big_spenders"].top("spent_cents", 10)]


def count_spending(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    order = recorded.event
    user = docs.get(order.user_id) or {"user_id": order.user_id, "spent_cents": 0}
    user["spent_cents"] += order.total_cents
    docs.put(order.user_id, user)


def count_spending_with_a_bug(docs: Docs, recorded: RecordedEvent[Any]) -> None:
    order = recorded.event
    user = docs.get(order.user_id) or {"user_id": order.user_id, "spent_cents": 0}
    user["spent_cents"] += order.total  # it is called total_cents
    docs.put(order.user_id, user)


OUR_PROJECTIONS: dict[str, dict[type, Project]] = {
    **PROJECTIONS,
    "big_spenders": {OrderPlaced: count_spending},
}
OUR_QUERIES = {**QUERIES, GetBigSpenders: get_big_spenders}


# What was before a story.


def a_user_and_a_product(shop: Shop, the: Cast) -> None:
    shop.send(CreateUser(the.user, the.name, f"{the.user}@example.org"))
    shop.send(AddProduct(the.sku, the.product, the.price_cents, the.stock))


def fill_order(shop: Shop, the: Cast, order: str, user: str, quantity: int) -> None:
    shop.send(CreateOrder(order, user))
    shop.send(AddOrderItem(order, the.sku, quantity))


def an_unseen_draft(shop: Shop, the: Cast) -> None:
    """The read side has heard of the user, not of the order."""
    a_user_and_a_product(shop, the)
    shop.deliver()
    fill_order(shop, the, the.order, the.user, the.quantity)


def a_draft(shop: Shop, the: Cast) -> None:
    an_unseen_draft(shop, the)
    shop.deliver()


def the_last_ones_sold(shop: Shop, the: Cast) -> None:
    """Two drafts wanted all there was; the other one was faster, as the read side will hear."""
    a_user_and_a_product(shop, the)
    shop.send(CreateUser(the.other_user, the.other_name, f"{the.other_user}@example.org"))
    fill_order(shop, the, the.order, the.user, the.stock)
    fill_order(shop, the, the.other_order, the.other_user, the.stock)
    shop.deliver()
    shop.send(PlaceOrder(the.other_order))


def a_draft_that_will_be_declined(shop: Shop, the: Cast) -> None:
    a_draft(shop, the)
    the.payments.declines = {the.order}


def two_orders_of_one_user(shop: Shop, the: Cast) -> None:
    a_user_and_a_product(shop, the)
    for order in (the.order, the.other_order):
        fill_order(shop, the, order, the.user, 1)
        shop.send(PlaceOrder(order))
    shop.deliver()


def two_users_with_drafts(shop: Shop, the: Cast) -> None:
    a_user_and_a_product(shop, the)
    shop.send(CreateUser(the.other_user, the.other_name, f"{the.other_user}@example.org"))
    fill_order(shop, the, the.order, the.user, the.quantity)
    fill_order(shop, the, the.other_order, the.other_user, 1)


def a_new_read_model(shop: Shop, the: Cast) -> None:
    """Nothing has reached it of what the order history has long seen."""
    two_users_with_drafts(shop, the)
    shop.send(PlaceOrder(the.order))
    shop.send(PlaceOrder(the.other_order))
    shop.deliver(only="order_history")


def a_bug_in_big_spenders(shop: Shop, the: Cast) -> None:
    the.projections["big_spenders"][OrderPlaced] = count_spending_with_a_bug
    two_users_with_drafts(shop, the)
    shop.deliver()
    shop.send(PlaceOrder(the.order))
    shop.send(PlaceOrder(the.other_order))


# The table of stories, and how one is run.


@dataclass(frozen=True)
class Scenario:
    """A story, what comes before it, and the read models it needs on rungs that have any."""

    title: str
    teaches: str
    rungs: tuple[str, ...]
    before: Callable[[Shop, Cast], None]
    story: Story
    read_models: tuple[str, ...]


SCENARIOS: Mapping[str, Scenario] = {
    "place-order": Scenario(
        "Place an order, then look for it",
        "Where a command goes, what it leaves behind, and why the first answer may be old.",
        ALL_RUNGS,
        an_unseen_draft,
        place_order,
        ("orders", "catalogue"),
    ),
    "out-of-stock": Scenario(
        "Order what is sold out",
        "The write side decides with the truth, whatever a page said; a no changes nothing.",
        ALL_RUNGS,
        the_last_ones_sold,
        out_of_stock,
        ("catalogue",),
    ),
    "payment-declined": Scenario(
        "A payment is declined at the last moment",
        "A command is done completely or not at all: what was written already vanishes again.",
        ALL_RUNGS,
        a_draft_that_will_be_declined,
        payment_declined,
        ("orders",),
    ),
    "stale-read": Scenario(
        "Read an old price",
        "An answer can be honest but old, and what a screen holds stays old until it asks again.",
        WITH_EVENTS,
        a_draft,
        stale_read,
        ("catalogue",),
    ),
    "read-your-own-writes": Scenario(
        "See what I have saved",
        "A client that knows the position of its own write can insist on an answer that has it.",
        WITH_EVENTS,
        a_draft,
        read_your_own_writes,
        ("orders",),
    ),
    "rename-a-user": Scenario(
        "Rename a user who has old orders",
        "Documents hold copies: one event changes many of them, where tables change one row.",
        ALL_RUNGS,
        two_orders_of_one_user,
        rename_a_user,
        ("users", "order_history"),
    ),
    "two-editors-one-order": Scenario(
        "Two people edit one order",
        "Saving whole forms loses an edit; commands say what is meant, so that both survive.",
        ALL_RUNGS,
        a_draft,
        two_editors_one_order,
        ("orders",),
    ),
    "replay-into-a-new-read-model": Scenario(
        "A new question to old events",
        "A read model that nobody planned can be built from events that were kept.",
        WITH_EVENTS,
        a_new_read_model,
        replay_into_a_new_read_model,
        ("order_history", "big_spenders"),
    ),
    "ship-and-cancel": Scenario(
        "Cancel an order that has been shipped",
        "Rules live with the aggregate; cancelling in time gives back the stock and the money.",
        ALL_RUNGS,
        two_orders_of_one_user,
        ship_and_cancel,
        ("orders", "catalogue"),
    ),
    "projection-fails-and-recovers": Scenario(
        "A projection with a bug",
        "A projection that fails stops alone, loses nothing, and goes on once it is mended.",
        WITH_EVENTS,
        a_bug_in_big_spenders,
        projection_fails_and_recovers,
        ("order_history", "big_spenders"),
    ),
}


def run(name: str, shop: str = "two-stores", seed: int = SEED) -> Recording:
    """Have a shop on the rung `shop` live through a scenario; return the recording.

    The same seed gives the same recording, another seed the same story with other people, products
    and quantities. Raises ShopError if there is no such scenario, or not on this rung.
    """
    scenario = find(name, shop)
    the = cast(seed)
    the.projections = {name: dict(OUR_PROJECTIONS[name]) for name in scenario.read_models}
    with open_shop(
        shop,
        clock=TickingClock(MORNING - timedelta(minutes=1)),
        payments=the.payments,
        projections=the.projections,
        queries=OUR_QUERIES,
    ) as opened:
        scenario.before(opened, the)
        with opened.record(scenario.title, seed) as recording:
            scenario.story(opened, recording.begin_scene, the)
    return recording


def find(name: str, rung: str) -> Scenario:
    """Return a scenario that is told on this rung. Raises ShopError if there is none."""
    if rung not in LADDER:
        raise ShopError(f"there is no rung {rung!r}; there are {', '.join(LADDER)}")
    if name not in SCENARIOS:
        close = get_close_matches(str(name), SCENARIOS, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ShopError(f"there is no scenario {name!r}; {hint}there are {', '.join(SCENARIOS)}")
    scenario = SCENARIOS[name]
    if rung not in scenario.rungs:
        raise ShopError(
            f"{name} makes no sense on the rung {rung!r}; it does on {' and '.join(scenario.rungs)}"
        )
    return scenario


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
    return Cast(
        user=first.lower(),
        name=name,
        new_name=f"{first} {chance.choice(NEW_SURNAMES)}",
        other_user=other_first.lower(),
        other_name=other_name,
        sku=sku,
        product=product,
        price_cents=price_cents,
        new_price_cents=price_cents + chance.randrange(50, 300, 10),
        quantity=quantity,
        stock=quantity + chance.randint(3, 8),
        order=f"o-{order}",
        other_order=f"o-{other_order}",
        address=f"{chance.randint(2, 98)} {chance.choice(STREETS)}",
    )


@dataclass
class TickingClock:
    """A clock that is a minute later each time it is read, so that a run can be repeated."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now
