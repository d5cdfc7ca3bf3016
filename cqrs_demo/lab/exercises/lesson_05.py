"""Exercises of lesson 05: fold, rebuild, take back, react, tighten a rule, read old events."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from ... import (
    HANDLERS,
    AddOrderItem,
    AddProduct,
    CancelOrder,
    ChangeShippingAddress,
    CommandRejected,
    CreateOrder,
    CreateUser,
    GetCatalogue,
    OrderItemAdded,
    OrderPlaced,
    PlaceOrder,
    ProductAdded,
    ProductRestocked,
    Restock,
    Shop,
    ShopError,
)
from ...codec import RecordedEvent, as_dto
from ...domain.order import Order
from ...domain.product import Product
from ...read_model.documents import Docs
from ..reactor import Mail, PostOffice, Reactor
from .exercise import Exercise
from .trial import Trial
from .trial import shown as in_short

TUESDAY = datetime(2026, 1, 6, tzinfo=UTC)
RUNG = "event-sourced"


@dataclass
class Clock:
    """A clock that a case sets as it likes."""

    now: datetime = TUESDAY

    def __call__(self) -> datetime:
        return self.now

    def at(self, hour: int, minute: int = 0, days: int = 0) -> None:
        """Make it that time on Tuesday, or so many days later."""
        self.now = TUESDAY + timedelta(days=days, hours=hour, minutes=minute)


def stock(shop: Shop, *orders: str, mugs: int = 90) -> None:
    """Put a customer, mugs and tea into a shop, and some draft orders of hers."""
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(AddProduct("mug", "Blue mug", 1200, stock=mugs))
    shop.send(AddProduct("tea", "Earl Grey", 450, stock=90))
    for order_id in orders:
        shop.send(CreateOrder(order_id, "ada"))


def order_mug(shop: Shop, order_id: str, user_id: str = "ada") -> None:
    """Place an order of one mug."""
    shop.send(CreateOrder(order_id, user_id))
    shop.send(AddOrderItem(order_id, "mug", 1))
    shop.send(PlaceOrder(order_id))


# 1. Last Tuesday (core)


def starter_order_then(shop: Shop, order_id: str, when: datetime) -> Order:
    order = Order(order_id)
    return order


def solution_order_then(shop: Shop, order_id: str, when: datetime) -> Order:
    order = Order(order_id)
    for recorded in shop.events(stream=f"order-{order_id}"):
        if recorded.at <= when:
            order.apply(recorded.event)
            order.version = recorded.version
    return order


OrderThen = Callable[[Shop, str, datetime], Order]


def a_tuesday(trial: Trial) -> Shop:
    """Two orders of a day: o-1 with 2 mugs at 9, an address at 11, placed at 14; o-2 with tea."""
    clock = Clock()
    shop = trial.shop(RUNG, clock=clock)
    stock(shop, "o-1", "o-2")
    clock.at(9)
    shop.send(AddOrderItem("o-1", "mug", 2))
    shop.send(AddOrderItem("o-2", "tea", 5))
    clock.at(11)
    shop.send(ChangeShippingAddress("o-1", "12 Mill Lane"))
    clock.at(14)
    shop.send(PlaceOrder("o-1"))
    return shop


def folded(order_then: OrderThen, trial: Trial, shop: Shop, hour: int, minute: int = 0) -> Order:
    when = TUESDAY + timedelta(hours=hour, minutes=minute)
    order = order_then(shop, "o-1", when)
    trial.expect(
        isinstance(order, Order), f"it should return an Order, and returned {in_short(order)}"
    )
    return order


def at_the_end_all_events_count(order_then: OrderThen, trial: Trial) -> None:
    shop = a_tuesday(trial)
    trial.does("you ask for o-1 as it was at 18:00, after all that happened")
    order = folded(order_then, trial, shop, 18)
    trial.equal("placed", order.status, "its status")
    trial.equal("12 Mill Lane", order.shipping_address, "its address")
    foreign = "there is tea in it, which belongs to o-2: fold the events of one stream only"
    trial.expect("tea" not in order.lines, foreign)
    trial.equal(2400, order.total_cents, "its total in cents")


def at_noon_it_was_a_draft(order_then: OrderThen, trial: Trial) -> None:
    shop = a_tuesday(trial)
    trial.does("you ask for o-1 as it was at noon, two hours before it was placed")
    order = folded(order_then, trial, shop, 12)
    trial.equal("draft", order.status, "its status at noon")
    trial.equal("12 Mill Lane", order.shipping_address, "its address at noon")
    trial.equal(3, order.version, "its version at noon (as many events as its stream had then)")


def an_event_of_that_very_moment_counts(order_then: OrderThen, trial: Trial) -> None:
    shop = a_tuesday(trial)
    trial.does("you ask for o-1 as it was at 11:00, the moment in which its address was given")
    order = folded(order_then, trial, shop, 11)
    trial.equal("12 Mill Lane", order.shipping_address, "its address at 11:00 sharp")
    trial.equal(None, folded(order_then, trial, shop, 10, 59).shipping_address, "that at 10:59")


def nothing_is_delivered_and_it_works_all_the_same(order_then: OrderThen, trial: Trial) -> None:
    shop = a_tuesday(trial)
    trial.does("no document knows of o-1, as nothing was delivered, and you fold it all the same")
    before = list(shop.events())
    order = folded(order_then, trial, shop, 18)
    trial.equal(4, order.version, "its version")
    trial.equal(before, list(shop.events()), "the log, to which folding adds nothing,")


LAST_TUESDAY = Exercise(
    name="05-last-tuesday",
    lesson="05",
    title="What did it look like at noon?",
    task=(
        "Write `order_then`: it returns the Order as it stood at the moment `when`. Begin with a "
        "blank Order, apply the events of its stream one after the other, and leave out those "
        "that came later than `when`. Keep the version too, as the shop does: `order.version` is "
        "`recorded.version` of the last event that you have applied."
    ),
    minutes=5,
    core=True,
    starter=starter_order_then,
    solution=solution_order_then,
    hints=(
        "You have folded a stream in this lesson already. What is new is the question of when "
        "each event happened.",
        "`shop.events(stream='order-o-1')` gives the envelopes of one stream, oldest first. "
        "`recorded.at` is when it happened, `recorded.event` what; `recorded.version` counts them.",
        "`for recorded in shop.events(stream=f'order-{order_id}')`: if `recorded.at <= when`, "
        "apply `recorded.event`, and set `order.version` to `recorded.version`.",
    ),
    cases=(
        at_the_end_all_events_count,
        at_noon_it_was_a_draft,
        an_event_of_that_very_moment_counts,
        nothing_is_delivered_and_it_works_all_the_same,
    ),
)


# 2. Find the bug that a rebuild brings to light


def starter_customer_since(docs: Docs, recorded: RecordedEvent[OrderPlaced]) -> None:
    user_id = recorded.event.user_id
    if docs.get(user_id) is None:
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        docs.put(user_id, {"user_id": user_id, "since": today})


def solution_customer_since(docs: Docs, recorded: RecordedEvent[OrderPlaced]) -> None:
    user_id = recorded.event.user_id
    if docs.get(user_id) is None:
        day = f"{recorded.at:%Y-%m-%d}"
        docs.put(user_id, {"user_id": user_id, "since": day})


Project = Callable[[Docs, RecordedEvent[Any]], None]


def shop_with_customers(trial: Trial, customer_since: Project) -> tuple[Shop, Clock]:
    """Ada orders on Tuesday, Grace on Wednesday, and Ada again on Thursday."""
    clock = Clock()
    projections = {"customers": {OrderPlaced: customer_since}}
    shop = trial.shop(RUNG, clock=clock, projections=projections)
    stock(shop)
    shop.send(CreateUser("grace", "Grace Hopper", "grace@example.org"))
    for days, user_id in enumerate(("ada", "grace", "ada")):
        clock.at(10, days=days)
        order_mug(shop, f"o-{days + 1}", user_id)
    return shop, clock


def since(shop: Shop) -> dict[str, str]:
    return {found["user_id"]: found["since"] for found in shop.documents()["customers"]}


THEY_CAME = {"ada": "2026-01-06", "grace": "2026-01-07"}


def the_first_order_counts(customer_since: Project, trial: Trial) -> None:
    shop, _ = shop_with_customers(trial, customer_since)
    trial.does("the read side hears of orders of Ada (6 January), Grace (7th), and Ada (8th)")
    trial.deliver(shop)
    trial.equal(THEY_CAME, since(shop), "the read model")


def late_delivery_changes_nothing(customer_since: Project, trial: Trial) -> None:
    shop, clock = shop_with_customers(trial, customer_since)
    clock.at(9, days=10)
    trial.does("all these orders come to the read side ten days late, and one by one")
    while trial.deliver(shop, 1):
        pass
    trial.equal(THEY_CAME, since(shop), "the read model")


def a_rebuild_finds_the_same(customer_since: Project, trial: Trial) -> None:
    shop, clock = shop_with_customers(trial, customer_since)
    trial.deliver(shop)
    before = since(shop)
    clock.at(9, days=30)
    trial.does("the read model is rebuilt from all events, a month later")
    shop.rebuild("customers")
    same = "after the rebuild the documents are others than before: {} became {}. Whatever a "
    same += "projection says must come from its events and its own documents, and from nowhere else"
    trial.expect(before == since(shop), same.format(before, since(shop)))


REBUILT_DIFFERENTLY = Exercise(
    name="05-rebuilt-differently",
    lesson="05",
    title="Find the bug that a rebuild brings to light",
    task=(
        "`customer_since` is the projection of a read model that says since when somebody has been "
        "a customer, which is the day of their first order: documents such as "
        "`{'user_id': 'ada', 'since': '2026-01-06'}`. It went well for months, with events that "
        "were delivered at once. Then somebody rebuilt it, and now all customers are new. Find "
        "the bug, and mend it."
    ),
    minutes=5,
    finds_bug=True,
    starter=starter_customer_since,
    solution=solution_customer_since,
    hints=(
        "Replay gives the projection the same events again. What else does it look at, that is "
        "not the same as it was then?",
        "A projection that asks the clock learns when it is being run. The envelope of an event "
        "says when it happened.",
        "Take the day from the envelope: `f'{recorded.at:%Y-%m-%d}'`",
    ),
    cases=(the_first_order_counts, late_delivery_changes_nothing, a_rebuild_finds_the_same),
)


# 3. Take it back


@dataclass(frozen=True)
class CorrectStock:
    """Somebody went to the shelf: so many pieces are there, whatever the shop believes."""

    sku: str
    counted: int


def starter_correct_stock(command: CorrectStock, work: Any) -> None:
    product = work.get(Product, command.sku)
    product.stock = command.counted
    work.save(product, [])


def solution_correct_stock(command: CorrectStock, work: Any) -> None:
    product = work.get(Product, command.sku)
    difference = command.counted - product.stock
    if difference:
        work.save(product, [ProductRestocked(product.sku, difference)])


Handle = Callable[[Any, Any], None]


def a_wrong_delivery_note(trial: Trial, correct_stock: Handle) -> Shop:
    """3 mugs are there, and 10 came; but somebody typed 100."""
    shop = trial.shop(RUNG, handlers={**HANDLERS, CorrectStock: correct_stock})
    stock(shop, mugs=3)
    shop.send(Restock("mug", 100))
    shop.deliver()
    return shop


def pieces(shop: Shop) -> int:
    """Return how many mugs the write side believes to have."""
    mug = Product("mug")
    for recorded in shop.events(stream="product-mug"):
        mug.apply(recorded.event)
    return mug.stock


def shown_pieces(trial: Trial, shop: Shop) -> int:
    trial.deliver(shop)
    return int(next(each.stock for each in shop.ask(GetCatalogue()) if each.sku == "mug"))


def both_sides_have_what_was_counted(correct_stock: Handle, trial: Trial) -> None:
    shop = a_wrong_delivery_note(trial, correct_stock)
    before = list(shop.events())
    trial.does("the shop believes in 103 mugs, and 13 were counted")
    shop.send(CorrectStock("mug", 13))
    kept = "an old event is not as it was. What is in the log stays there: others have read it"
    trial.expect(list(shop.events())[: len(before)] == before, kept)
    none = "the log has no new event, so nobody will ever know, and the next load finds 103 again"
    trial.expect(shop.position > len(before), none)
    trial.equal(13, pieces(shop), "the stock that is folded from the stream")
    trial.equal(13, shown_pieces(trial, shop), "the stock in the catalogue")


def the_product_stays_what_it_is(correct_stock: Handle, trial: Trial) -> None:
    shop = a_wrong_delivery_note(trial, correct_stock)
    trial.does("13 mugs were counted, and the log says what has happened to the mug")
    shop.send(CorrectStock("mug", 13))
    kinds = [type(recorded.event) for recorded in shop.events(stream="product-mug")]
    twice = "the log says now that the mug was added to the catalogue twice, which never happened"
    trial.expect(kinds.count(ProductAdded) == 1, twice)


def more_were_found_than_believed(correct_stock: Handle, trial: Trial) -> None:
    shop = a_wrong_delivery_note(trial, correct_stock)
    trial.does("the shop believes in 103 mugs, and 110 were counted")
    shop.send(CorrectStock("mug", 110))
    trial.equal(110, pieces(shop), "the stock that is folded from the stream")


def the_past_keeps_the_mistake(correct_stock: Handle, trial: Trial) -> None:
    shop = a_wrong_delivery_note(trial, correct_stock)
    last = shop.position
    trial.does("13 mugs were counted; then the read model is rebuilt, and somebody looks back")
    shop.send(CorrectStock("mug", 13))
    shop.rebuild("catalogue")
    trial.equal(13, shown_pieces(trial, shop), "the stock in the rebuilt catalogue")
    with shop.at(last) as past:
        then = next(product.stock for product in past.ask(GetCatalogue()))
    trial.equal(103, then, "the stock that was believed in before the correction")


def nothing_to_correct_is_nothing_to_record(correct_stock: Handle, trial: Trial) -> None:
    shop = a_wrong_delivery_note(trial, correct_stock)
    last = shop.position
    trial.does("103 mugs were counted, as many as the shop believes in")
    shop.send(CorrectStock("mug", 103))
    trial.equal(last, shop.position, "the position of the last event (nothing was wrong)")


TAKE_BACK = Exercise(
    name="05-take-it-back",
    lesson="05",
    title="Take it back",
    task=(
        "Ten mugs came, and somebody typed 100. Somebody else went to the shelf and counted. "
        "`correct_stock` handles their command `CorrectStock(sku, counted)`: afterwards the shop "
        "has what was counted, on both sides, and its log tells how that came about. The starter "
        "sets the field of the aggregate, and all is forgotten. An event for it exists: "
        "`ProductRestocked`, whose quantity may be negative, as events never check. If the count "
        "is what the shop believes, record nothing."
    ),
    minutes=10,
    starter=starter_correct_stock,
    solution=solution_correct_stock,
    hints=(
        "On this rung an aggregate is loaded by folding its events. What is not an event is gone "
        "with the next load.",
        "An accountant writes no new balance, and rubs nothing out: the next entry takes the "
        "mistake back. How many pieces must the entry be, if 103 are believed in and 13 were "
        "counted?",
        "`work.save(product, [ProductRestocked(product.sku, difference)])`, where `difference` is "
        "what was counted minus `product.stock`, and only if it is not 0.",
    ),
    cases=(
        both_sides_have_what_was_counted,
        the_product_stays_what_it_is,
        more_were_found_than_believed,
        the_past_keeps_the_mistake,
        nothing_to_correct_is_nothing_to_record,
    ),
)


# 4. One letter an order


def starter_confirm(recorded: RecordedEvent[OrderPlaced], post: PostOffice) -> None:
    order = recorded.event
    post.send(str(uuid4()), order.user_id, f"We have your order {order.order_id}.")


def solution_confirm(recorded: RecordedEvent[OrderPlaced], post: PostOffice) -> None:
    order = recorded.event
    post.send(f"placed-{order.order_id}", order.user_id, f"We have your order {order.order_id}.")


Confirm = Callable[[Any, Any], None]


def shop_that_writes(trial: Trial, confirm: Confirm, **options: Any) -> tuple[Shop, Reactor]:
    shop = trial.shop(RUNG, **options)
    stock(shop)
    return shop, Reactor("confirmations", shop, {OrderPlaced: confirm})


def letters(reactor: Reactor) -> list[Mail]:
    return list(reactor.post.sent.values())


def told_about(reactor: Reactor) -> list[str]:
    """Return which of o-1 and o-2 a letter speaks of."""
    found = letters(reactor)
    return [order for order in ("o-1", "o-2") if any(order in each.text for each in found)]


def wrote_about_the_first(reactor: Reactor, trial: Trial) -> None:
    """Fail if o-1 has no letter: a post office that has sent nothing yet refuses no key."""
    forgotten = "the post office was not asked for a letter about o-1. If the program remembers "
    forgotten += "that it wrote about an o-1: that was in another shop, and what a program "
    forgotten += "remembers is gone after a crash. It is the key that must tell letters apart"
    trial.expect(letters(reactor) and "o-2" not in letters(reactor)[0].text, forgotten)


def an_order_is_confirmed(confirm: Confirm, trial: Trial) -> None:
    shop, reactor = shop_that_writes(trial, confirm)
    order_mug(shop, "o-1")
    trial.does("the reactor hears that Ada has placed o-1")
    reactor.run()
    wrote_about_the_first(reactor, trial)
    trial.equal(1, len(letters(reactor)), "the number of letters")
    (letter,) = letters(reactor)
    trial.equal("ada", letter.user_id, "whom the letter goes to")
    unsaid = f"the letter does not say which order it is about: {letter.text!r}"
    trial.expect("o-1" in letter.text, unsaid)


def a_second_order_is_confirmed_too(confirm: Confirm, trial: Trial) -> None:
    shop, reactor = shop_that_writes(trial, confirm)
    order_mug(shop, "o-1")
    order_mug(shop, "o-2")
    trial.does("the reactor hears that Ada has placed o-1 and o-2")
    reactor.run()
    wrote_about_the_first(reactor, trial)
    trial.equal(["o-1", "o-2"], told_about(reactor), "the orders that Ada had a letter about")


def two_orders_in_one_moment(confirm: Confirm, trial: Trial) -> None:
    shop, reactor = shop_that_writes(trial, confirm, clock=Clock())
    order_mug(shop, "o-1")
    order_mug(shop, "o-2")
    trial.does("the reactor hears of o-1 and o-2, which were placed in one and the same moment")
    reactor.run()
    trial.equal(["o-1", "o-2"], told_about(reactor), "the orders that Ada had a letter about")


def a_crash_sends_no_second_letter(confirm: Confirm, trial: Trial) -> None:
    _, elsewhere = shop_that_writes(trial, confirm)
    shop, reactor = shop_that_writes(trial, confirm)
    before = reactor.checkpoint
    order_mug(shop, "o-1")
    reactor.run()
    trial.does("the reactor crashed after the letter, before its checkpoint moved, and runs again")
    with shop.commands.store.transaction() as connection:
        connection.execute("UPDATE reactors SET position = ?", (before,))
    again = started_anew(reactor, elsewhere)
    again.run()
    twice = "Ada has two letters about o-1. What a program remembers is gone after a crash; the "
    twice += "post office remembers, and sends each key once. Which key is the same for the same "
    twice += "order, and another for another one?"
    trial.expect(len(letters(again)) == 1, twice)


def started_anew(reactor: Reactor, elsewhere: Reactor) -> Reactor:
    """Return the reactor as a new process has it: only the store and the post office are kept.

    Meanwhile the old process writes for another shop, where nothing was sent yet.
    """
    order_mug(elsewhere.shop, "o-9")
    elsewhere.run()
    post = PostOffice(dict(reactor.post.sent))
    return Reactor(reactor.name, reactor.shop, reactor.actions, post)


def a_rebuild_sends_nothing(confirm: Confirm, trial: Trial) -> None:
    shop, reactor = shop_that_writes(trial, confirm)
    order_mug(shop, "o-1")
    reactor.run()
    shop.deliver()
    trial.does("a read model is rebuilt from event 1, and the reactor runs")
    shop.rebuild("order_history")
    reactor.run()
    trial.equal(1, len(letters(reactor)), "the number of letters")


ONE_LETTER = Exercise(
    name="05-one-letter-an-order",
    lesson="05",
    title="One letter an order",
    task=(
        "`confirm` is what a reactor does when an order was placed. A reactor acts first and moves "
        "its checkpoint afterwards; after a crash in between it acts on the same event again. The "
        "post office sends each key once, so it could tell that this letter is out already. Yet "
        "customers got theirs twice. Find the bug, and mend it."
    ),
    minutes=5,
    finds_bug=True,
    starter=starter_confirm,
    solution=solution_confirm,
    hints=(
        "`post.send` takes a key, the user and the text. Write down the keys of the two attempts "
        "for one order.",
        "A key protects if the second attempt finds the same one. It must come from the event, "
        "and differ between two orders of one customer.",
        "The id of the order is in the event, and never used twice: `f'placed-{order.order_id}'`.",
    ),
    cases=(
        an_order_is_confirmed,
        a_second_order_is_confirmed_too,
        two_orders_in_one_moment,
        a_crash_sends_no_second_letter,
        a_rebuild_sends_nothing,
    ),
)


# 5. From today on (core)


def starter_add_order_item(command: AddOrderItem, work: Any) -> None:
    order = work.get(Order, command.order_id)
    product = work.get(Product, command.sku)
    work.save(order, order.add_item(product, command.quantity))


def solution_add_order_item(command: AddOrderItem, work: Any) -> None:
    order = work.get(Order, command.order_id)
    product = work.get(Product, command.sku)
    line = order.lines.get(command.sku)
    quantity = command.quantity + (line.quantity if line else 0)
    if quantity > 10:
        raise CommandRejected("an order takes at most 10 pieces of a product")
    work.save(order, order.add_item(product, command.quantity))


def before_the_rule(trial: Trial, add_order_item: Handle) -> Shop:
    """Order o-old holds 20 mugs from before the rule; o-new is an empty draft."""
    handlers: dict[type, Any] = {**HANDLERS}
    shop = trial.shop(RUNG, handlers=handlers)
    stock(shop, "o-old", "o-new")
    shop.send(AddOrderItem("o-old", "mug", 20))
    handlers[AddOrderItem] = add_order_item
    return shop


def order_of(shop: Shop, order_id: str) -> dict[str, int]:
    order = Order(order_id)
    for recorded in shop.events(stream=f"order-{order_id}"):
        order.apply(recorded.event)
    return {line.sku: line.quantity for line in order.lines.values()}


def ten_are_enough(add_order_item: Handle, trial: Trial) -> None:
    shop = before_the_rule(trial, add_order_item)
    trial.does("10 mugs are put into a new order, which is allowed")
    shop.send(AddOrderItem("o-new", "mug", 10))
    trial.equal({"mug": 10}, order_of(shop, "o-new"), "the lines of o-new")
    trial.does("11 packets of tea are put into it, which is too many")
    last = shop.position
    problem = "11 packets of tea were wanted, and whoever asked for them was told that all is well"
    trial.refuses(CommandRejected, lambda: shop.send(AddOrderItem("o-new", "tea", 11)), problem)
    trial.equal(last, shop.position, "the position after the refusal")


def six_and_six_are_twelve(add_order_item: Handle, trial: Trial) -> None:
    shop = before_the_rule(trial, add_order_item)
    trial.does("6 mugs are put into a new order, and then another 6")
    shop.send(AddOrderItem("o-new", "mug", 6))
    problem = "the order holds 12 mugs now, in two goes of 6"
    trial.refuses(CommandRejected, lambda: shop.send(AddOrderItem("o-new", "mug", 6)), problem)
    trial.equal({"mug": 6}, order_of(shop, "o-new"), "the lines of o-new")


def an_old_order_lives_on(add_order_item: Handle, trial: Trial) -> None:
    shop = before_the_rule(trial, add_order_item)
    old = list(shop.events())
    trial.does("o-old has held 20 mugs since before the rule, and now takes 2 packets of tea")
    try:
        shop.send(AddOrderItem("o-old", "tea", 2))
    except ShopError as error:
        problem = "o-old is refused tea because of its mugs, which broke no rule when they were put"
        trial.expect(False, f"{problem} in ({error}). Judge what is wanted now, not what was")
    trial.equal({"mug": 20, "tea": 2}, order_of(shop, "o-old"), "the lines of o-old")
    trial.equal(old, list(shop.events())[: len(old)], "what was in the log before the rule")
    trial.does("o-old is placed, with all its mugs")
    shop.send(PlaceOrder("o-old"))
    trial.equal(70, pieces(shop), "the mugs that are left of 90")


def an_old_order_grows_no_more(add_order_item: Handle, trial: Trial) -> None:
    shop = before_the_rule(trial, add_order_item)
    trial.does("o-old has 20 mugs, and one more is put in")
    problem = "the 21st mug was put into o-old, and that is a decision of today"
    trial.refuses(CommandRejected, lambda: shop.send(AddOrderItem("o-old", "mug", 1)), problem)
    trial.does("o-old is cancelled, which is always possible for a draft")
    shop.send(CancelOrder("o-old", "too many mugs"))


FROM_TODAY_ON = Exercise(
    name="05-from-today-on",
    lesson="05",
    title="From today on, ten are enough",
    task=(
        "A new rule: an order takes at most 10 pieces of one product, however often they are put "
        "in. `add_order_item` is the handler of `AddOrderItem` as it was until now. Let it refuse "
        "with a `CommandRejected` what goes beyond. The log holds orders from before the rule with "
        "more in them. They broke no rule: they can still be placed, and still take other things."
    ),
    minutes=5,
    core=True,
    starter=starter_add_order_item,
    solution=solution_add_order_item,
    hints=(
        "A rule decides about what is wanted now: this product, in this order, with this command. "
        "What else the order holds was decided earlier.",
        "`order.lines` is a dict by sku. `order.lines.get(command.sku)` is the line of that "
        "product, or None; `line.quantity` says how many there are already.",
        "Add `command.quantity` to what the line holds (0 if there is none). If that is more than "
        "10, raise `CommandRejected('...')` before anything is saved.",
    ),
    cases=(
        ten_are_enough,
        six_and_six_are_twelve,
        an_old_order_lives_on,
        an_old_order_grows_no_more,
    ),
)


# 6. Prices used to be in euros


def starter_in_cents(fields: dict[str, Any]) -> dict[str, Any]:
    return fields


def solution_in_cents(fields: dict[str, Any]) -> dict[str, Any]:
    others = {name: value for name, value in fields.items() if name != "unit_price"}
    return {**others, "unit_price_cents": round(fields["unit_price"] * 100)}


Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def old_row(sku: str, quantity: int, unit_price: float) -> dict[str, Any]:
    """Return the fields of an OrderItemAdded as they were once written, in euros."""
    name = {"mug": "Blue mug", "tea": "Earl Grey"}[sku]
    return {
        "order_id": "o-1",
        "sku": sku,
        "name": name,
        "quantity": quantity,
        "unit_price": unit_price,
    }


def upcast(in_cents: Upcast, trial: Trial, row: dict[str, Any]) -> OrderItemAdded:
    fields = trial.call(in_cents, row)
    trial.expect(
        isinstance(fields, dict), f"it should return a dict, and returned {in_short(fields)}"
    )
    left = "the fields still hold unit_price, which today's event does not have"
    trial.expect("unit_price" not in fields, left)
    cents = fields.get("unit_price_cents")
    whole = f"unit_price_cents should be a whole number, an int, and is {cents!r}"
    trial.expect(type(cents) is int, whole)
    event: OrderItemAdded = as_dto(fields, OrderItemAdded)
    return event


def folded_from(in_cents: Upcast, trial: Trial, *rows: dict[str, Any]) -> Order:
    """Put upcast events into the log of a small shop, and fold the order from it."""
    events = [upcast(in_cents, trial, row) for row in rows]

    def put_in(command: AddOrderItem, work: Any) -> None:
        work.save(work.get(Order, command.order_id), events)

    shop = trial.shop(RUNG, handlers={**HANDLERS, AddOrderItem: put_in})
    stock(shop, "o-1")
    shop.send(AddOrderItem("o-1", "mug", 1))
    order = Order("o-1")
    for recorded in shop.events(stream="order-o-1"):
        order.apply(recorded.event)
    return order


def a_price_in_euros_is_read_in_cents(in_cents: Upcast, trial: Trial) -> None:
    trial.does("an old event says that two mugs cost 12.5 each")
    order = folded_from(in_cents, trial, old_row("mug", 2, 12.5))
    trial.equal(1250, order.lines["mug"].unit_price_cents, "the price of a mug (it was 12.5)")
    trial.equal(2, order.lines["mug"].quantity, "the number of mugs")
    trial.equal("Blue mug", order.lines["mug"].name, "the name of the product")


def no_cent_is_lost(in_cents: Upcast, trial: Trial) -> None:
    trial.does("an old event says that a mug cost 19.99, another that tea cost 4.35")
    order = folded_from(in_cents, trial, old_row("mug", 1, 19.99), old_row("tea", 3, 4.35))
    trial.equal(1999, order.lines["mug"].unit_price_cents, "the price of a mug (it was 19.99)")
    trial.equal(435, order.lines["tea"].unit_price_cents, "the price of tea (it was 4.35)")
    trial.equal(1999 + 3 * 435, order.total_cents, "the total of the order")


def no_cent_is_put_on_top(in_cents: Upcast, trial: Trial) -> None:
    trial.does("an old event says that a mug cost 1.10, another that tea, 5 % off, cost 4.1325")
    order = folded_from(in_cents, trial, old_row("mug", 1, 1.10), old_row("tea", 3, 4.1325))
    trial.equal(110, order.lines["mug"].unit_price_cents, "the price of a mug (it was 1.10)")
    trial.equal(413, order.lines["tea"].unit_price_cents, "the price of tea (it was 4.1325)")


def what_was_free_stays_free(in_cents: Upcast, trial: Trial) -> None:
    trial.does("an old event says that tea cost nothing")
    order = folded_from(in_cents, trial, old_row("tea", 1, 0))
    trial.equal(0, order.lines["tea"].unit_price_cents, "the price of a present")


IN_CENTS = Exercise(
    name="05-prices-were-in-euros",
    lesson="05",
    title="Prices used to be in euros",
    task=(
        "Suppose `OrderItemAdded` once held its price in euros: its fields were `order_id`, `sku`, "
        "`name`, `quantity` and `unit_price`, such as 19.99. Today's event has `unit_price_cents` "
        "in its place, such as 1999: whole cents, to the nearest. Write the upcaster `in_cents`: "
        "it gets the fields of an old event and returns those of today's. It is called at every "
        "reading, so leave what you are given as it is."
    ),
    minutes=5,
    starter=starter_in_cents,
    solution=solution_in_cents,
    hints=(
        "The upcaster of `OrderCancelled`, which you have seen, makes a new dict from the old one. "
        "What must be left out of yours, what put in?",
        "Computers keep some prices as a number that is a tiny bit off, in either direction. Look "
        "at `19.99 * 100` and `1.10 * 100`. What brings both to the nearest whole number?",
        "A new dict of all fields but `unit_price`, and in it "
        "`'unit_price_cents': round(fields['unit_price'] * 100)`.",
    ),
    cases=(
        a_price_in_euros_is_read_in_cents,
        no_cent_is_lost,
        no_cent_is_put_on_top,
        what_was_free_stays_free,
    ),
)

SUMMARY = """
    On this rung only events are stored. An aggregate is what its stream leaves when one event
    after the other is applied; so the past can be folded as well as the present, and questions
    that nobody planned can be answered by replay into a new read model. Events are never changed: a
    wrong one is taken back by the next one, an old one is upcast when it is read, and rules decide
    about commands only, never on replay. What cannot be done twice, such as a mail, is a reactor's
    business. A snapshot saves time and can be thrown away. All this is a way to store the write
    side. CQRS does not need it, and it is paid for: old forms, personal data and wrong events stay
    with you.
"""

EXERCISES = (LAST_TUESDAY, REBUILT_DIFFERENTLY, TAKE_BACK, ONE_LETTER, FROM_TODAY_ON, IN_CENTS)
