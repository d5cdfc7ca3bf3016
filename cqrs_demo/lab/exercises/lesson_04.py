"""Exercises of lesson 04: reading one's own writes, and what a bus and a crash may do.

What learners write has no types, so what they begin with has none either.
"""

# mypy: disable-error-code="no-untyped-def"

from typing import Any

from ... import (
    PROJECTIONS,
    AddOrderItem,
    AddProduct,
    ChangePrice,
    ChangeShippingAddress,
    CreateOrder,
    CreateUser,
    GetOrder,
    OrderCreated,
    OrderItemAdded,
    OrderPlaced,
    OrderView,
    PlaceOrder,
    PriceChanged,
    ProductAdded,
    ShipOrder,
    Shop,
    StillStale,
    StockReserved,
    UserCreated,
    WrongStatus,
)
from ..faults import tamper
from .exercise import Exercise
from .trial import Trial

SUMMARY = """
A command commits its change and its events in one transaction, and is done. Some time later a relay
takes the events from the outbox to the bus, and each projection applies the one behind its
checkpoint, whatever the bus does: lost events it reads from the outbox, repeated ones it passes
over. Until then the page is old, by a staleness that can be counted. A screen that must show what
was just saved shows the command's own data, waits with after=, says that it is being prepared, or
asks again. Publishing after the commit without an outbox loses events whenever a process dies in
between.
"""


def stock_up(shop: Shop) -> None:
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(AddProduct("mug", "Mug", price_cents=1200, stock=50))


def order(shop: Shop, order_id: str) -> None:
    """Place an order of one mug."""
    shop.send(CreateOrder(order_id, "ada"))
    shop.send(AddOrderItem(order_id, "mug", 1))
    shop.send(PlaceOrder(order_id))


# Show somebody her own change.


def starter_change_and_show(shop, command):
    """Send the command; answer the order with this change in it, or "being prepared"."""
    shop.send(command)
    return shop.ask(GetOrder(command.order_id))


def solution_change_and_show(shop, command):
    """Send the command; answer the order with this change in it, or "being prepared"."""
    shop.send(command)
    try:
        return shop.ask(GetOrder(command.order_id), after=shop.position)
    except StillStale:
        return "being prepared"


MOVE = ChangeShippingAddress("o-1", "9 Castle Hill")


def an_order(trial: Trial, **options: Any) -> Shop:
    shop = trial.shop(**options)
    stock_up(shop)
    order(shop, "o-1")
    shop.deliver()
    return shop


def must_show_the_change(answer: Any, trial: Trial) -> None:
    trial.expect(
        isinstance(answer, OrderView),
        f'the documents have the change, so the answer should be the order, not "{answer}"',
    )
    trial.equal(MOVE.address, answer.shipping_address, "the address in the answer")


def says_so_while_events_wait(thing: Any, trial: Trial) -> None:
    shop = an_order(trial)
    trial.does("the address changes, and nobody delivers")
    answer = thing(shop, MOVE)
    if isinstance(answer, OrderView):
        shown = answer.shipping_address
        own = (
            f"the page shows the new address, {shown}, and the documents have not heard of it: you "
            "have shown the command's own data (or what the tables say). A screen may show its own "
            "data, but here the documents are asked, and until they know, the answer is "
            '"being prepared"'
        )
        trial.expect(shown != MOVE.address, own)
        trial.expect(False, f"the page shows the address {shown}, as if nothing had been saved")
    trial.equal("being prepared", answer, "the answer")


def shows_it_once_delivered(thing: Any, trial: Trial) -> None:
    shop = an_order(trial, delivery="immediate")
    trial.does("the address changes, and the event is delivered right after")
    must_show_the_change(thing(shop, MOVE), trial)


def leaves_delivery_to_others(thing: Any, trial: Trial) -> None:
    shop = an_order(trial)
    trial.does("the address changes; to deliver is no business of a screen")
    thing(shop, MOVE)
    trial.equal(1, shop.staleness, "the number of events that wait")
    waiting = shop.projections["orders"].staleness
    trial.equal(1, waiting, 'the number of events that wait for the page "orders"')


def speaks_of_an_order_nobody_heard_of(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    stock_up(shop)
    trial.does("the order is so new that the documents do not know it")
    shop.send(CreateOrder("o-1", "ada"))
    trial.equal("being prepared", thing(shop, MOVE), "the answer")


def is_not_fooled_by_an_old_page(thing: Any, trial: Trial) -> None:
    shop = an_order(trial)
    shop.send(MOVE)
    shop.deliver()
    shop.send(ChangeShippingAddress("o-1", "1 Elm Row"))
    trial.does(f"the address was {MOVE.address}, became 1 Elm Row, and is changed back")
    answer = thing(shop, MOVE)
    problem = (
        "the address on the page is right by chance: the documents have heard of neither change"
    )
    trial.expect(not isinstance(answer, OrderView), problem)
    trial.equal("being prepared", answer, "the answer")


def stuck(docs: Any, recorded: Any) -> None:
    raise RuntimeError("a bug in the catalogue")


def waits_for_its_own_page_only(thing: Any, trial: Trial) -> None:
    shop = an_order(
        trial, delivery="immediate", projections={**PROJECTIONS, "catalogue": {PriceChanged: stuck}}
    )
    shop.send(ChangePrice("mug", 1300))
    trial.does("another page, the catalogue, has stopped; the page of orders has not")
    must_show_the_change(thing(shop, MOVE), trial)


def passes_a_refusal_on(thing: Any, trial: Trial) -> None:
    shop = an_order(trial)
    shop.send(ShipOrder("o-1"))
    trial.does("the order has shipped, so the shop refuses the new address")
    problem = "nothing was saved, so nothing is being prepared"
    trial.refuses(WrongStatus, lambda: thing(shop, MOVE), problem)


# Each event once, and in order, whatever the bus brings.


def starter_to_apply(checkpoint, brought, log):
    """Return the events to apply now, as a list: each once, in order, none left out."""
    return brought


def solution_to_apply(checkpoint, brought, log):
    """Return the events to apply now, as a list: each once, in order, none left out."""
    events = []
    for recorded in brought:
        if recorded.position > checkpoint:
            events += log[checkpoint : recorded.position]
            checkpoint = recorded.position
    return events


def note(docs: Any, recorded: Any) -> None:
    """A page that lists what has happened, event by event."""
    what = {"position": recorded.position, "event": type(recorded.event).__name__}
    docs.put(str(recorded.position), what)


def applies(
    thing: Any, trial: Trial, told: str, checkpoint: int, brought: list[int], wanted: list[int]
) -> None:
    """Have a bus bring events, and compare the positions of those that are applied.

    What the shop's own projection makes of these events is recorded, for whoever wants to see it.
    """
    kinds = (UserCreated, ProductAdded, OrderCreated, OrderItemAdded, StockReserved, OrderPlaced)
    shop = trial.shop(projections={"what_happened": dict.fromkeys(kinds, note)})
    stock_up(shop)
    order(shop, "o-1")
    shop.deliver(checkpoint)
    log = list(shop.events())
    trial.does(told)
    events = [log[position - 1] for position in brought]
    bus = tamper(shop).bus
    bus.publish(["what_happened"], events)
    found = trial.call(thing, checkpoint, events, log)
    trial.expect(
        isinstance(found, list) and all(hasattr(each, "position") for each in found),
        f"the answer should be a list of recorded events, and is {str(found)[:120]}",
    )
    positions = [recorded.position for recorded in found]
    what = (
        f"checkpoint {checkpoint}, the bus brings {brought} (and does so to the shop's own "
        "projection, if you want to compare): the positions to apply"
    )
    trial.equal(wanted, positions, what)


def applies_what_comes_in_order(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "all is well", 2, [3, 4], [3, 4])


def passes_over_what_it_has_seen(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "the bus brings old events again", 3, [2, 3, 4], [4])


def applies_nothing_twice(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "the bus brings an event twice", 2, [3, 3, 4, 3], [3, 4])


def fills_a_gap(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "the bus has lost an event", 1, [2, 4], [2, 3, 4])


def fills_a_gap_at_the_beginning(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "the bus has lost the first two", 0, [3], [1, 2, 3])


def puts_them_in_order(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "the bus brings the last one first", 2, [5, 3, 4], [3, 4, 5])


def goes_no_further_than_the_bus(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "the log is longer than what the bus has brought", 1, [2, 3], [2, 3])


def applies_nothing_if_nothing_came(thing: Any, trial: Trial) -> None:
    applies(thing, trial, "the bus brings nothing", 3, [], [])


# Find the bug: a relay that dies at the wrong moment.


def starter_relay(shop, checkpoint, tell):
    """Tell the warehouse of every order that was placed; checkpoint["position"] is kept."""
    for recorded in shop.events(after=checkpoint["position"]):
        checkpoint["position"] = recorded.position
        if isinstance(recorded.event, OrderPlaced):
            tell(recorded.event.order_id)


def solution_relay(shop, checkpoint, tell):
    """Tell the warehouse of every order that was placed; checkpoint["position"] is kept."""
    for recorded in shop.events(after=checkpoint["position"]):
        if isinstance(recorded.event, OrderPlaced):
            tell(recorded.event.order_id)
        checkpoint["position"] = recorded.position


class LineIsDown(Exception):
    """The warehouse cannot be reached, or our process dies while it calls."""


class Warehouse:
    """Notes what it is told. While it is told of `fails_at`, the line goes down, once."""

    def __init__(self, fails_at: str = "") -> None:
        self.heard: list[str] = []
        self.fails_at = fails_at

    def tell(self, order_id: str) -> None:
        if order_id == self.fails_at:
            self.fails_at = ""
            raise LineIsDown(f"while the warehouse was told of {order_id}")
        self.heard.append(order_id)


def relays(thing: Any, shop: Shop, checkpoint: dict[str, int], warehouse: Warehouse) -> None:
    """Run the relay; when the line is down it dies, and whoever started it starts it again."""
    try:
        thing(shop, checkpoint, warehouse.tell)
    except LineIsDown:
        thing(shop, checkpoint, warehouse.tell)


def orders_placed(trial: Trial, told: str) -> Shop:
    shop = trial.shop()
    stock_up(shop)
    order(shop, "o-1")
    trial.does(told)
    order(shop, "o-2")
    return shop


def tells_of_each_order(thing: Any, trial: Trial) -> None:
    shop, warehouse = (
        orders_placed(trial, "two orders are placed, and the line is fine"),
        Warehouse(),
    )
    relays(thing, shop, {"position": 0}, warehouse)
    trial.equal(["o-1", "o-2"], warehouse.heard, "what the warehouse heard")


def tells_only_what_is_new(thing: Any, trial: Trial) -> None:
    told = "the relay runs, a third order is placed, and the relay runs again"
    shop, warehouse, checkpoint = orders_placed(trial, told), Warehouse(), {"position": 0}
    relays(thing, shop, checkpoint, warehouse)
    order(shop, "o-3")
    relays(thing, shop, checkpoint, warehouse)
    trial.equal(["o-1", "o-2", "o-3"], warehouse.heard, "what the warehouse heard")


def loses_nothing_when_the_line_goes_down(thing: Any, trial: Trial) -> None:
    told = "the line goes down as the warehouse is told of o-1, and the relay starts again"
    shop, warehouse = orders_placed(trial, told), Warehouse(fails_at="o-1")
    checkpoint = {"position": 0}
    relays(thing, shop, checkpoint, warehouse)
    relays(thing, shop, checkpoint, warehouse)
    heard = sorted(set(warehouse.heard))
    trial.equal(["o-1", "o-2"], heard, "the orders that the warehouse has heard of in the end")


def loses_nothing_in_the_middle(thing: Any, trial: Trial) -> None:
    told = "the line goes down as the warehouse is told of o-2, and the relay starts again"
    shop, warehouse = orders_placed(trial, told), Warehouse(fails_at="o-2")
    checkpoint = {"position": 0}
    relays(thing, shop, checkpoint, warehouse)
    relays(thing, shop, checkpoint, warehouse)
    heard = sorted(set(warehouse.heard))
    trial.equal(["o-1", "o-2"], heard, "the orders that the warehouse has heard of in the end")


def loses_nothing_that_comes_meanwhile(thing: Any, trial: Trial) -> None:
    told = "a third order is placed as the warehouse is told of the second"
    shop, warehouse, checkpoint = orders_placed(trial, told), Warehouse(), {"position": 0}

    def tell(order_id: str) -> None:
        warehouse.tell(order_id)
        if order_id == "o-2" and warehouse.heard.count("o-2") == 1:
            order(shop, "o-3")

    thing(shop, checkpoint, tell)
    thing(shop, checkpoint, tell)
    trial.equal(["o-1", "o-2", "o-3"], warehouse.heard, "what the warehouse heard in two runs")


# How old is this page?


def starter_how_old(shop, page):
    """Say how old a page is: "up to date", "1 event behind", "3 events behind", "stopped"."""
    return f"{shop.staleness} events behind"


def solution_how_old(shop, page):
    """Say how old a page is: "up to date", "1 event behind", "3 events behind", "stopped"."""
    projection = shop.projections[page]
    if projection.error:
        return "stopped"
    if projection.staleness == 0:
        return "up to date"
    events = "event" if projection.staleness == 1 else "events"
    return f"{projection.staleness} {events} behind"


def says_that_it_is_up_to_date(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    trial.does("two events were stored and delivered")
    stock_up(shop)
    shop.deliver()
    trial.equal("up to date", thing(shop, "orders"), 'how old the page "orders" is')


def counts_the_events(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    trial.does("two events wait")
    stock_up(shop)
    trial.equal("2 events behind", thing(shop, "orders"), 'how old the page "orders" is')


def counts_one_as_one(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    stock_up(shop)
    trial.does("one of two events was delivered")
    shop.deliver(1)
    trial.equal("1 event behind", thing(shop, "orders"), 'how old the page "orders" is')


def speaks_of_one_page(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    stock_up(shop)
    trial.does("the page of orders has seen everything, the others nothing")
    shop.deliver(only="orders")
    trial.equal("up to date", thing(shop, "orders"), 'how old the page "orders" is')
    trial.equal("2 events behind", thing(shop, "users"), 'how old the page "users" is')


def says_when_waiting_is_in_vain(thing: Any, trial: Trial) -> None:
    shop = trial.shop(projections={**PROJECTIONS, "catalogue": {PriceChanged: stuck}})
    stock_up(shop)
    trial.does("the projection of the catalogue stops at an event, the others go on")
    shop.send(ChangePrice("mug", 1300))
    shop.deliver()
    trial.equal("stopped", thing(shop, "catalogue"), 'how old the page "catalogue" is')
    trial.equal("up to date", thing(shop, "orders"), 'how old the page "orders" is')


EXERCISES = (
    Exercise(
        name="04-show-my-change",
        lesson="04",
        title="The page that shows what I saved",
        task="""Somebody changes the address of an order and then sees the order page. This
            function shows what was there before. Mend it: it must answer the order, as read from
            the documents, with this very change in it or, if they have not heard of it yet, the
            text "being prepared", even if the order itself is new.

            What the shop refuses is for the caller to see, and to deliver is not your business.""",
        minutes=5,
        core=True,
        starter=starter_change_and_show,
        solution=solution_change_and_show,
        hints=(
            "The query must say what its answer has to reflect. Which parameter of shop.ask is for "
            "that, and which position is that of your own change?",
            "shop.position is the newest position; after the send it is at least that of your "
            "change. If the documents are not there yet, shop.ask(..., after=...) raises "
            "StillStale.",
            "Put the second line into try: return shop.ask(..., after=shop.position), and under "
            'except StillStale: return "being prepared".',
        ),
        cases=(
            leaves_delivery_to_others,
            says_so_while_events_wait,
            shows_it_once_delivered,
            speaks_of_an_order_nobody_heard_of,
            is_not_fooled_by_an_old_page,
            waits_for_its_own_page_only,
            passes_a_refusal_on,
        ),
    ),
    Exercise(
        name="04-apply-once",
        lesson="04",
        title="Once and in order, whatever the bus does",
        task="""A projection stands at its checkpoint, the position of the last event it has
            applied. The bus brings it a list of events, and may have lost some (or all of them),
            brought some twice, and mixed them up. Return the list of events to apply now: each
            once, in order, none left out, and none beyond the last that the bus has brought.

            log is the list of all events; the event at position n is log[n - 1]. Every event has a
            position.""",
        minutes=5,
        core=True,
        starter=starter_to_apply,
        solution=solution_to_apply,
        hints=(
            "Go through what the bus has brought, and look at the position of each. Which three "
            "cases are there, compared with the checkpoint?",
            "At or below the checkpoint: seen before, pass over it. Above it: you need everything "
            "from behind the checkpoint up to this one, and the log has it.",
            "log[checkpoint : recorded.position] are the events behind the checkpoint, up to this "
            "one. Add them, and move the checkpoint there.",
        ),
        cases=(
            applies_what_comes_in_order,
            passes_over_what_it_has_seen,
            applies_nothing_twice,
            fills_a_gap,
            fills_a_gap_at_the_beginning,
            puts_them_in_order,
            goes_no_further_than_the_bus,
            applies_nothing_if_nothing_came,
        ),
    ),
    Exercise(
        name="04-relay",
        lesson="04",
        title="The order that the warehouse never heard of",
        task="""This small relay reads the events behind its checkpoint and tells the warehouse of
            every order that was placed. checkpoint is a dict that outlives a crash. Once in a while
            the line goes down while tell is at work: then tell raises, the relay dies, and somebody
            starts it again. Find out why an order is lost then, and mend it.

            The warehouse may hear of an order twice after a crash, but never not at all.""",
        minutes=5,
        finds_bug=True,
        starter=starter_relay,
        solution=solution_relay,
        hints=(
            "Imagine that tell raises. What does the checkpoint say at that moment, and where will "
            "the next run begin?",
            "A checkpoint says: up to here it is done. When may it say so?",
            "Move the line that sets the checkpoint to the end of the loop, behind tell.",
        ),
        cases=(
            tells_of_each_order,
            tells_only_what_is_new,
            loses_nothing_when_the_line_goes_down,
            loses_nothing_in_the_middle,
            loses_nothing_that_comes_meanwhile,
        ),
    ),
    Exercise(
        name="04-how-old",
        lesson="04",
        title="A page that says how old it is",
        task="""An honest page says how old it is. shop.projections gives, for each page by name,
            its checkpoint, staleness and error. Answer "up to date", "1 event behind", "3 events
            behind" (whatever the number is) or, if the projection stands still because of an error,
            "stopped".""",
        minutes=5,
        starter=starter_how_old,
        solution=solution_how_old,
        hints=(
            "shop.staleness is that of the slowest projection. Which one does this page depend on?",
            "shop.projections[page] has .staleness and .error. Look at the error first: with an "
            "error, waiting does not help.",
            'Four cases: error -> "stopped", 0 -> "up to date", 1 -> "1 event behind", else '
            'f"{n} events behind".',
        ),
        cases=(
            says_that_it_is_up_to_date,
            counts_the_events,
            counts_one_as_one,
            speaks_of_one_page,
            says_when_waiting_is_in_vain,
        ),
    ),
)
