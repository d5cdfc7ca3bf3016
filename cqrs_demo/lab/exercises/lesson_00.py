"""Exercises of lesson 00: kinds of messages, an answer that is new enough, who is behind, and a
decision that was made by the wrong side."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ... import (
    PROJECTIONS,
    QUERIES,
    AddOrderItem,
    AddProduct,
    CreateOrder,
    CreateUser,
    Event,
    GetCatalogue,
    GetOrder,
    GetUserById,
    OrderView,
    OutOfStock,
    PlaceOrder,
    RenameUser,
    Restock,
    Shop,
    StillStale,
    WrongStatus,
)
from .exercise import Exercise
from .trial import Trial
from .trial import shown as in_short

SUMMARY = """The order went into the tables of the write side, in one transaction with its events.
Queries read documents, which projections update when events reach them; until then an answer is
honest but old. Commands decide on the write side, by the truth, so old documents sell nothing
twice. One may do the same with one database: then answers are never old, and always worked out
from the tables."""


def fill(shop: Shop, *orders: str, stock: int = 3) -> None:
    """Put a customer, so many mugs, and drafts for two mugs each into a shop."""
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(AddProduct("mug", "Mug", 1200, stock))
    for order in orders:
        shop.send(CreateOrder(order, "ada"))
        shop.send(AddOrderItem(order, "mug", 2))


# 1. Command, event or query?


def starter_kind_of(message: object) -> str:
    return "command"


def solution_kind_of(message: object) -> str:
    if isinstance(message, Event):
        return "event"
    return "query" if type(message) in QUERIES else "command"


@dataclass(frozen=True)
class GiftWrapped(Event):
    """An event that is not the shop's own."""

    order_id: str


def kinds_of_instructions(kind_of: Callable[[Any], str], trial: Trial) -> None:
    shop = trial.shop()
    trial.does("the shop is asked to do things")
    for command in (
        CreateUser("ada", "Ada Lovelace", "ada@example.org"),
        AddProduct("mug", "Mug", 1200, 3),
        Restock("mug", 2),
        RenameUser("ada", "Ada King"),
    ):
        shop.send(command)
        trial.equal(
            "command", kind_of(command), f"the kind of {command!r}, which asks for a change,"
        )


def kinds_of_facts(kind_of: Callable[[Any], str], trial: Trial) -> None:
    shop = trial.shop()
    trial.does("the shop stores what has happened")
    fill(shop, "o-1")
    shop.send(PlaceOrder("o-1"))
    facts = [recorded.event for recorded in shop.events()]
    for event in (*facts, GiftWrapped("o-1")):
        what = f"the kind of {type(event).__name__}, which has happened already,"
        trial.equal("event", kind_of(event), what)


def kinds_of_questions(kind_of: Callable[[Any], str], trial: Trial) -> None:
    shop = trial.shop()
    trial.does("the shop is asked questions")
    fill(shop, "o-1")
    shop.deliver()
    for query in (GetCatalogue(), GetUserById("ada"), GetOrder("o-1")):
        shop.ask(query)
        trial.equal("query", kind_of(query), f"the kind of {query!r}, which changes nothing,")


WHAT_IS_IT = Exercise(
    name="00-what-is-it",
    lesson="00",
    title="Command, event or query?",
    task=(
        "Every message of the shop is one of three kinds. Write kind_of(message): it returns "
        '"command", "event" or "query" for any message that the shop sends, stores or is asked.'
    ),
    minutes=5,
    core=True,
    starter=starter_kind_of,
    solution=solution_kind_of,
    hints=(
        "Read the names aloud. One kind is in the imperative, one in the past tense, and one asks.",
        "type(message).__name__ is the name. Or use what was imported above: events have a base "
        "class Event, and QUERIES is a dict whose keys are the queries.",
        "if isinstance(message, Event) it is an event; if type(message) in QUERIES it is a query.",
    ),
    cases=(kinds_of_instructions, kinds_of_facts, kinds_of_questions),
)


# 2. Show the order


def starter_place_and_show(shop: Shop, order_id: str) -> OrderView:
    shop.send(PlaceOrder(order_id))
    order: OrderView = shop.ask(GetOrder(order_id))
    return order


def solution_place_and_show(shop: Shop, order_id: str) -> OrderView:
    shop.send(PlaceOrder(order_id))
    shop.deliver()
    order: OrderView = shop.ask(GetOrder(order_id))
    return order


Show = Callable[[Shop, str], Any]


def shown_as_placed(place_and_show: Show, trial: Trial) -> None:
    shop = trial.shop("two-stores")
    fill(shop, "o-1")
    shop.deliver()
    shop.send(AddOrderItem("o-1", "mug", 1))
    trial.does("Ada places an order that the read side knows as a smaller draft")
    try:
        shown = place_and_show(shop, "o-1")
    except StillStale:
        trial.expect(False, "never old, that is true; but Ada gets an error and no page, and in "
                     "this shop nobody delivers unless you do")  # fmt: skip
    told = f"it should return the order, and gave {in_short(shown)}"
    trial.expect(isinstance(shown, OrderView), told)
    trial.equal("placed", shown.status, "the status of the order that it shows")
    shop.deliver()
    trial.equal(shop.ask(GetOrder("o-1")), shown, "the order that it shows")


def one_database_needs_no_more(place_and_show: Show, trial: Trial) -> None:
    shop = trial.shop("one-database")
    fill(shop, "o-1")
    trial.does("Ada places an order in a shop with one database")
    shown = place_and_show(shop, "o-1")
    trial.equal("placed", getattr(shown, "status", None), "the status of the order that it shows")


def a_refusal_reaches_the_customer(place_and_show: Show, trial: Trial) -> None:
    shop = trial.shop("two-stores")
    fill(shop, "o-1", stock=1)
    shop.deliver()
    trial.does("Ada places an order for two mugs, and one is left")
    problem = "nobody would tell Ada that her order was not placed"
    trial.refuses(OutOfStock, lambda: place_and_show(shop, "o-1"), problem)


SHOW_THE_ORDER = Exercise(
    name="00-show-the-order",
    lesson="00",
    title="Show the order as it is now",
    task=(
        "This function places an order and shows it. Ada complains: the page says that it is a "
        "draft, although she has paid. Change the function so that it shows the order as it is "
        "after what it has done (in this lab, whoever shows may also deliver). If the shop refuses "
        "the order, Ada must still be told."
    ),
    minutes=5,
    core=True,
    starter=starter_place_and_show,
    solution=solution_place_and_show,
    hints=(
        "Where does GetOrder look, and who tells that place of the order?",
        "In this shop events are carried over when somebody calls shop.deliver().",
        "shop.deliver() goes right behind shop.send, and before shop.ask.",
    ),
    cases=(shown_as_placed, one_database_needs_no_more, a_refusal_reaches_the_customer),
)


# 3. Who is behind?


def starter_who_is_behind(shop: Shop) -> list[str]:
    return []


def solution_who_is_behind(shop: Shop) -> list[str]:
    return sorted(name for name, state in shop.projections.items() if state.staleness > 0)


Names = Callable[[Shop], Any]


def all_are_behind_at_first(who_is_behind: Names, trial: Trial) -> None:
    shop = trial.shop()
    trial.does("a product is added, and nothing was delivered")
    shop.send(AddProduct("mug", "Mug", 1200, 3))
    trial.equal(sorted(PROJECTIONS), who_is_behind(shop), "the list of those behind")


def only_some_are_behind(who_is_behind: Names, trial: Trial) -> None:
    shop = trial.shop()
    fill(shop)
    shop.deliver()
    trial.does("mugs are restocked, and only the catalogue hears of it")
    shop.send(Restock("mug", 2))
    shop.deliver(only="catalogue")
    wanted = sorted(set(PROJECTIONS) - {"catalogue"})
    trial.equal(wanted, who_is_behind(shop), "the list of those behind")
    shop.deliver()
    trial.equal([], who_is_behind(shop), "the list of those behind, after all was delivered,")


def nobody_can_be_behind_with_one_database(who_is_behind: Names, trial: Trial) -> None:
    shop = trial.shop("one-database")
    trial.does("a product is added in a shop with one database")
    shop.send(AddProduct("mug", "Mug", 1200, 3))
    trial.equal([], who_is_behind(shop), "the list of those behind")


WHO_IS_BEHIND = Exercise(
    name="00-who-is-behind",
    lesson="00",
    title="Who is behind?",
    task=(
        "Write who_is_behind(shop): the names of the projections whose documents are behind, "
        "sorted. shop.projections is a dict; its values know their staleness."
    ),
    minutes=5,
    starter=starter_who_is_behind,
    solution=solution_who_is_behind,
    hints=(
        "Look at shop.projections in a cell, before and after shop.deliver(only='orders').",
        "A projection with staleness 0 has seen every event; all others are behind.",
        "sorted(name for name, state in shop.projections.items() if ...)",
    ),
    cases=(all_are_behind_at_first, only_some_are_behind, nobody_can_be_behind_with_one_database),
)


# 4. Find the bug: it asked the wrong side


def starter_sell(shop: Shop, order_id: str, sku: str) -> str:
    product = next(each for each in shop.ask(GetCatalogue()) if each.sku == sku)
    if product.stock == 0:
        return "sold out"
    shop.send(PlaceOrder(order_id))
    return "sold"


def solution_sell(shop: Shop, order_id: str, sku: str) -> str:
    try:
        shop.send(PlaceOrder(order_id))
    except OutOfStock:
        return "sold out"
    return "sold"


Sell = Callable[[Shop, str, str], Any]


def sold_while_there_is_some(sell: Sell, trial: Trial) -> None:
    shop = trial.shop()
    fill(shop, "o-1")
    shop.deliver()
    trial.does("three mugs are in stock, and two are wanted")
    trial.equal("sold", sell(shop, "o-1", "mug"), "the answer")


def the_page_has_not_heard_of_the_restock(sell: Sell, trial: Trial) -> None:
    shop = trial.shop()
    fill(shop, "o-1", stock=0)
    shop.deliver()
    trial.does("the shelf was filled, and the catalogue has not heard of it")
    shop.send(Restock("mug", 5))
    trial.equal("sold", sell(shop, "o-1", "mug"), "the answer, with 5 mugs on the shelf,")


def the_page_has_not_heard_of_a_sale(sell: Sell, trial: Trial) -> None:
    shop = trial.shop()
    fill(shop, "o-1", "o-2", stock=2)
    shop.deliver()
    trial.does("somebody else got the last two, and the catalogue has not heard of it")
    shop.send(PlaceOrder("o-2"))
    trial.equal("sold out", sell(shop, "o-1", "mug"), "the answer, with no mug left,")


def the_page_has_stopped(sell: Sell, trial: Trial) -> None:
    shop = trial.shop(projections={**PROJECTIONS, "catalogue": broken_after_the_first()})
    fill(shop, "o-1", stock=0)
    shop.deliver()
    trial.does("the shelf was filled, and the catalogue's projection has stopped")
    shop.send(Restock("mug", 5))
    problem = "5 mugs are on the shelf, and delivering once more has not helped the catalogue"
    trial.expect(sell(shop, "o-1", "mug") == "sold", problem)


def broken_after_the_first() -> dict[type, Any]:
    """Return a catalogue that takes products, and nothing that happens to them."""

    def fail(docs: Any, recorded: Any) -> None:
        raise ValueError("the catalogue's projection has a bug of its own")

    added, *others = PROJECTIONS["catalogue"]
    return {added: PROJECTIONS["catalogue"][added], **dict.fromkeys(others, fail)}


def another_refusal_is_no_sold_out(sell: Sell, trial: Trial) -> None:
    shop = trial.shop()
    fill(shop, "o-1")
    shop.send(PlaceOrder("o-1"))
    shop.deliver()
    trial.does("the order was placed already")
    problem = "the mugs are not sold out, the order is placed already"
    trial.refuses(WrongStatus, lambda: sell(shop, "o-1", "mug"), problem)


SOLD_OUT_TOO_SOON = Exercise(
    name="00-find-who-decided",
    lesson="00",
    title="Sold out too soon",
    task=(
        "This function sells an order of one product, and answers 'sold' or 'sold out'. Customers "
        "complain about both: some are told 'sold out' while the shelf is full, and some get an "
        "error in place of an answer. Find the bug. Refusals for other reasons must get through."
    ),
    minutes=10,
    finds_bug=True,
    starter=starter_sell,
    solution=solution_sell,
    hints=(
        "Two numbers say how many mugs there are: one in the tables, one in a document. By which "
        "of them does this function decide?",
        "A function that first delivers is right only until a projection is late or stops. Who can "
        "refuse an order without asking a copy?",
        "Send PlaceOrder without looking first; the product itself raises OutOfStock.",
    ),
    cases=(
        sold_while_there_is_some,
        the_page_has_not_heard_of_the_restock,
        the_page_has_not_heard_of_a_sale,
        the_page_has_stopped,
        another_refusal_is_no_sold_out,
    ),
)

EXERCISES = (WHAT_IS_IT, SHOW_THE_ORDER, WHO_IS_BEHIND, SOLD_OUT_TOO_SOON)
