"""Exercises of lesson 02: handlers that a learner writes, and clients that send commands well.

The first three are command handlers, passed to the shop in its plain dict; the last two stand on
the client's side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from ... import (
    HANDLERS,
    AddOrderItem,
    AddProduct,
    AlreadyExists,
    CancelOrder,
    ChangePrice,
    ChangeShippingAddress,
    CommandRejected,
    ConcurrencyConflict,
    CreateOrder,
    CreateUser,
    DemoPayments,
    EmptyOrder,
    GetOrder,
    OrderView,
    OutOfStock,
    PaymentDeclined,
    PlaceOrder,
    RemoveOrderItem,
    ShipOrder,
    Shop,
    ShopError,
    UnknownId,
    WrongStatus,
)
from ...domain.fields import Id, Message
from ...domain.order import Order
from ...domain.product import Product
from ...write_model.work import Work
from .exercise import Exercise
from .rivals import BadLine, OneMoreRule, QuickerCustomer
from .trial import Trial

SUMMARY = """A command says what is meant, and carries no more than that; so edits that do not touch
each other both survive. Its handler loads an aggregate, lets it decide and saves, in one
transaction: all of it happens, or none. Rules stand in the aggregate, so there is no way around
them. A handler decides by what it has loaded from the write store in that transaction, and never by
a look at the read side, which may be behind. A command returns nothing, as the client makes the id;
if it is refused, it raises and says why."""


@dataclass(frozen=True)
class EmptyBasket(Message):
    """Take every line out of a draft order."""

    order_id: Id


@dataclass(frozen=True)
class OrderAgain(Message):
    """Open a new draft with what is in an older order, at today's prices."""

    order_id: Id
    like: Id


# What a small shop holds.


def fill(shop: Shop) -> None:
    """Two products, and a draft order with both of them."""
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(AddProduct("mug", "Mug", price_cents=1200, stock=9))
    shop.send(AddProduct("tea", "Tea", price_cents=500, stock=9))
    shop.send(CreateOrder("o-1", "ada"))
    shop.send(AddOrderItem("o-1", "mug", 2))
    shop.send(AddOrderItem("o-1", "tea", 3))


def lines_of(shop: Shop, order_id: str = "o-1") -> list[tuple[str, int, int]]:
    """Return (sku, quantity, unit price in cents) of each line in the table."""
    return [
        (row["sku"], row["quantity"], row["unit_price_cents"])
        for row in shop.tables()["order_lines"]
        if row["order_id"] == order_id
    ]


def must_refuse(
    trial: Trial, shop: Shop, kind: type[ShopError], action: Callable[[], Any], problem: str
) -> None:
    """Fail unless the action is refused, nothing has changed, and whoever called has been told."""
    before = shop.tables()

    def tried() -> None:
        action()
        silence = "nothing has changed, but whoever called was told that it is done"
        trial.expect(shop.tables() != before, f"{silence}. Let the {kind.__name__} through")

    trial.refuses(kind, tried, problem)
    trial.expect(shop.tables() == before, "it was refused, and still something has changed")


def status_of(shop: Shop, order_id: str = "o-1") -> str:
    status: str = shop.ask(GetOrder(order_id)).status
    return status


# 1. Empty the basket

Handle = Callable[[Any, Work], None]


def starter_empty_basket(command: EmptyBasket, work: Work) -> None:
    order = work.get(Order, command.order_id)
    work.save(order, [])


def solution_empty_basket(command: EmptyBasket, work: Work) -> None:
    order = work.get(Order, command.order_id)
    for sku in list(order.lines):
        work.save(order, order.remove_item(sku))


def shop_that_empties(trial: Trial, empty_basket: Handle, rung: str = "one-database") -> Shop:
    shop = trial.shop(rung, handlers={**HANDLERS, EmptyBasket: empty_basket})
    fill(shop)
    return shop


def a_basket_is_emptied(empty_basket: Handle, trial: Trial) -> None:
    shop = shop_that_empties(trial, empty_basket)
    trial.does("a draft with two lines is emptied")
    shop.send(EmptyBasket("o-1"))
    trial.equal([], lines_of(shop), "the lines in the table")
    trial.equal("draft", status_of(shop), "the status")


def a_placed_order_is_left_alone(empty_basket: Handle, trial: Trial) -> None:
    shop = shop_that_empties(trial, empty_basket)
    shop.send(PlaceOrder("o-1"))
    trial.does("somebody wants to empty an order that is placed and paid for")
    problem = "a placed order must not change its lines; its aggregate knows that rule. Ask it"
    must_refuse(trial, shop, WrongStatus, lambda: shop.send(EmptyBasket("o-1")), problem)


def an_empty_basket_stays_empty(empty_basket: Handle, trial: Trial) -> None:
    shop = shop_that_empties(trial, empty_basket)
    shop.send(CreateOrder("o-2", "ada"))
    before = shop.tables()
    trial.does("an empty draft is emptied")
    shop.send(EmptyBasket("o-2"))
    trial.expect(shop.tables() == before, "there was nothing to do, and something has changed")


def the_read_side_hears_of_it(empty_basket: Handle, trial: Trial) -> None:
    shop = shop_that_empties(trial, empty_basket, "two-stores")
    trial.does("the same handler serves a shop with two stores")
    shop.send(EmptyBasket("o-1"))
    trial.deliver(shop)
    trial.equal((), shop.ask(GetOrder("o-1")).lines, "the lines in the document")


def a_rule_of_tomorrow_holds_too(empty_basket: Handle, trial: Trial) -> None:
    def with_one_more_rule(command: EmptyBasket, work: Work) -> None:
        empty_basket(command, cast(Work, OneMoreRule(work, stays="tea")))

    shop = shop_that_empties(trial, with_one_more_rule)
    trial.does("tomorrow Order.remove_item gets one more rule: tea stays in the order")
    problem = (
        "the tea was taken out: the handler has made that decision by itself. Let "
        "order.remove_item(sku) decide, and save what it returns"
    )
    must_refuse(trial, shop, CommandRejected, lambda: shop.send(EmptyBasket("o-1")), problem)


EMPTY_THE_BASKET = Exercise(
    name="02-empty-the-basket",
    lesson="02",
    title="Empty the basket",
    task=(
        "`EmptyBasket(order_id)` is a new command: take every line out of a draft order. Write "
        "its handler. It should hold no rule of its own: `order.remove_item(sku)` decides about "
        "one line, and refuses if the order is no draft any more. Walk through "
        "`list(order.lines)`, a copy, since `work.save` changes `order.lines`."
    ),
    minutes=5,
    core=True,
    starter=starter_empty_basket,
    solution=solution_empty_basket,
    hints=(
        "Load, let the aggregate decide, save: as the handler of Ada's address does, but once for "
        "each line.",
        "`order.lines` is a dict with the sku as key. `order.remove_item(sku)` returns what has "
        "been decided, and `work.save(order, ...)` carries it out.",
        "`for sku in list(order.lines):` in each round, save what `order.remove_item(sku)` "
        "returns.",
    ),
    cases=(
        a_basket_is_emptied,
        a_placed_order_is_left_alone,
        an_empty_basket_stays_empty,
        the_read_side_hears_of_it,
        a_rule_of_tomorrow_holds_too,
    ),
)


# 2. Find the swallowed no


def starter_place_order(command: PlaceOrder, work: Work) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        try:
            reserved = product.reserve(order.order_id, order.lines[sku].quantity)
        except OutOfStock:
            continue
        work.save(product, reserved)
    work.save(order, placed)
    work.payments.charge(order.order_id, order.total_cents)


def solution_place_order(command: PlaceOrder, work: Work) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
    work.save(order, placed)
    work.payments.charge(order.order_id, order.total_cents)


def shop_that_places(trial: Trial, place_order: Handle, payments: DemoPayments) -> Shop:
    handlers = {**HANDLERS, PlaceOrder: place_order}
    shop = trial.shop("one-database", handlers=handlers, payments=payments)
    fill(shop)
    return shop


def stock_of(shop: Shop) -> dict[str, int]:
    return {row["sku"]: row["stock"] for row in shop.tables()["products"]}


def an_order_is_placed(place_order: Handle, trial: Trial) -> None:
    payments = DemoPayments()
    shop = shop_that_places(trial, place_order, payments)
    trial.does("an order is placed that can be filled")
    shop.send(PlaceOrder("o-1"))
    trial.equal("placed", status_of(shop), "the status")
    trial.equal({"mug": 7, "tea": 6}, stock_of(shop), "the stock")
    trial.equal({"o-1": 3900}, payments.charged, "what was charged, in cents,")


def the_card_comes_last(place_order: Handle, trial: Trial) -> None:
    shop = shop_that_places(trial, place_order, DemoPayments())
    trial.does("an order is placed, and we look when the card is charged")
    moves: list[str] = []
    shop.hops.listeners.append(lambda hop: moves.append(hop.kind))
    shop.send(PlaceOrder("o-1"))
    problem = (
        "the card was charged, and something was saved afterwards. If that goes wrong, a "
        "rollback does not reach the card: charge last"
    )
    trial.expect("save" not in moves[moves.index("outside") :], problem)


def what_is_not_there_is_not_sold(place_order: Handle, trial: Trial) -> None:
    payments = DemoPayments()
    shop = shop_that_places(trial, place_order, payments)
    shop.send(AddOrderItem("o-1", "tea", 20))
    trial.does("an order wants 23 teas, and 9 are there")
    problem = "the order was placed without tea that the shop has not got"

    def place() -> None:
        shop.send(PlaceOrder("o-1"))
        half = status_of(shop) == "draft" and stock_of(shop) != {"mug": 9, "tea": 9}
        trial.expect(not half, "mugs are reserved for an order that nobody has placed: half done")

    must_refuse(trial, shop, OutOfStock, place, problem)
    trial.equal({}, payments.charged, "what was charged for a refused order")


def a_declined_card_changes_nothing(place_order: Handle, trial: Trial) -> None:
    payments = DemoPayments(declines={"o-1"})
    shop = shop_that_places(trial, place_order, payments)
    trial.does("the card is declined")
    problem = "the order was placed, and nobody has paid for it"
    must_refuse(trial, shop, PaymentDeclined, lambda: shop.send(PlaceOrder("o-1")), problem)


def an_empty_order_is_refused(place_order: Handle, trial: Trial) -> None:
    payments = DemoPayments()
    shop = shop_that_places(trial, place_order, payments)
    shop.send(CreateOrder("o-2", "ada"))
    trial.does("somebody places an empty order")
    problem = "an empty order was placed; Order.place knows better"
    must_refuse(trial, shop, EmptyOrder, lambda: shop.send(PlaceOrder("o-2")), problem)


FIND_THE_SWALLOWED_NO = Exercise(
    name="02-find-the-swallowed-no",
    lesson="02",
    title="Find the swallowed no",
    task=(
        "Customers have paid for tea that the shop has not got. Somebody wrote this handler for "
        "`PlaceOrder`. Find the bug, and mend it: an order is placed as a whole, or it is refused "
        "with `OutOfStock` and nothing has changed. The card is charged last, as it is now: no "
        "rollback reaches it."
    ),
    minutes=5,
    core=True,
    finds_bug=True,
    starter=starter_place_order,
    solution=solution_place_order,
    hints=(
        "Who says no here, and who hears it?",
        "An exception that leaves the handler rolls everything back, and reaches the client. "
        "One that is caught inside does neither.",
        "Take the try and the except away. What is left is as long as the handler of the shop.",
    ),
    cases=(
        an_order_is_placed,
        the_card_comes_last,
        what_is_not_there_is_not_sold,
        a_declined_card_changes_nothing,
        an_empty_order_is_refused,
    ),
)


# 3. The same again


def starter_order_again(command: OrderAgain, work: Work) -> None:
    old = work.get(Order, command.like)
    order = work.new(Order, command.order_id)
    work.save(order, order.create(old.user_id))


def solution_order_again(command: OrderAgain, work: Work) -> None:
    old = work.get(Order, command.like)
    order = work.new(Order, command.order_id)
    work.save(order, order.create(old.user_id))
    for line in old.lines.values():
        product = work.get(Product, line.sku)
        work.save(order, order.add_item(product, line.quantity))


def shop_that_orders_again(trial: Trial, order_again: Handle) -> Shop:
    shop = trial.shop("one-database", handlers={**HANDLERS, OrderAgain: order_again})
    fill(shop)
    shop.send(PlaceOrder("o-1"))
    return shop


def the_lines_are_there_again(order_again: Handle, trial: Trial) -> None:
    shop = shop_that_orders_again(trial, order_again)
    trial.does("Ada wants order o-1 again, as o-2")
    shop.send(OrderAgain("o-2", like="o-1"))
    trial.equal([("mug", 2, 1200), ("tea", 3, 500)], lines_of(shop, "o-2"), "the lines of o-2")
    order = shop.ask(GetOrder("o-2"))
    trial.equal(("ada", "draft"), (order.user_id, order.status), "whose it is, and its status,")


def todays_price_counts(order_again: Handle, trial: Trial) -> None:
    shop = shop_that_orders_again(trial, order_again)
    shop.send(ChangePrice("mug", 1500))
    trial.does("the mug costs more than when it was first ordered")
    shop.send(OrderAgain("o-2", like="o-1"))
    trial.equal([("mug", 2, 1500), ("tea", 3, 500)], lines_of(shop, "o-2"), "the lines of o-2")
    trial.equal([("mug", 2, 1200), ("tea", 3, 500)], lines_of(shop), "the lines of the old order")


def an_id_is_used_once(order_again: Handle, trial: Trial) -> None:
    shop = shop_that_orders_again(trial, order_again)
    shop.send(CreateOrder("o-2", "ada"))
    trial.does("the new id is in use already")
    problem = "there is an order o-2, and it is not this one"
    again = OrderAgain("o-2", like="o-1")
    must_refuse(trial, shop, AlreadyExists, lambda: shop.send(again), problem)


def an_unknown_order_is_refused(order_again: Handle, trial: Trial) -> None:
    shop = shop_that_orders_again(trial, order_again)
    trial.does("the older order does not exist")
    again, problem = OrderAgain("o-2", like="o-9"), "there is no order o-9 to copy"
    must_refuse(trial, shop, UnknownId, lambda: shop.send(again), problem)


THE_SAME_AGAIN = Exercise(
    name="02-the-same-again",
    lesson="02",
    title="The same again, please",
    task=(
        "`OrderAgain(order_id, like)` opens a new draft for the same customer, with the lines of "
        "an older order, at today's prices. Its handler makes the draft, and forgets the lines. "
        "Add them: all in one transaction, and each by asking the aggregate."
    ),
    minutes=10,
    starter=starter_order_again,
    solution=solution_order_again,
    hints=(
        "How does the handler of `AddOrderItem` put one line into an order?",
        "Go through `old.lines.values()`; each line has a sku and a quantity. The price of today "
        "is not in the line, but in the product.",
        "For each line: `product = work.get(Product, line.sku)`, then "
        "`order.add_item(product, line.quantity)`, and save what it returns.",
    ),
    cases=(
        the_lines_are_there_again,
        todays_price_counts,
        an_id_is_used_once,
        an_unknown_order_is_refused,
    ),
)


# 4. Retry, or ask


def starter_cancel_as_seen(shop: Shop, seen: OrderView, reason: str) -> None:
    while True:
        try:
            shop.send(CancelOrder(seen.order_id, reason), expected_version=seen.version)
            return
        except ConcurrencyConflict:
            seen = shop.ask(GetOrder(seen.order_id))


def solution_cancel_as_seen(shop: Shop, seen: OrderView, reason: str) -> None:
    order = seen
    while True:
        try:
            shop.send(CancelOrder(seen.order_id, reason), expected_version=order.version)
            return
        except ConcurrencyConflict:
            order = shop.ask(GetOrder(seen.order_id))
            if order.lines != seen.lines:
                raise


Cancel = Callable[..., None]


def a_shop_and_what_was_seen(trial: Trial) -> tuple[Shop, OrderView]:
    shop = trial.shop("one-database")
    fill(shop)
    return shop, shop.ask(GetOrder("o-1"))


def nobody_was_faster(cancel_as_seen: Cancel, trial: Trial) -> None:
    shop, seen = a_shop_and_what_was_seen(trial)
    trial.does("a clerk cancels an order that nobody else has touched")
    cancel_as_seen(shop, seen, "only tea and mugs")
    trial.equal("cancelled", status_of(shop), "the status")


def an_address_is_no_reason_to_ask(cancel_as_seen: Cancel, trial: Trial) -> None:
    shop, seen = a_shop_and_what_was_seen(trial)
    trial.does("the customer changes the address before the clerk cancels for the lines")
    shop.send(ChangeShippingAddress("o-1", "12 Mill Lane"))
    try:
        cancel_as_seen(shop, seen, "only tea and mugs")
    except ConcurrencyConflict:
        trial.expect(False, "the lines are what the clerk saw, so there is nothing to ask: retry")
    trial.equal("cancelled", status_of(shop), "the status")


def other_lines_are(cancel_as_seen: Cancel, trial: Trial) -> None:
    shop, seen = a_shop_and_what_was_seen(trial)
    trial.does("the customer adds seven mugs before the clerk cancels for the lines")
    shop.send(AddOrderItem("o-1", "mug", 7))
    must_refuse(
        trial,
        shop,
        ConcurrencyConflict,
        lambda: cancel_as_seen(shop, seen, "only tea and mugs"),
        "an order was cancelled that the clerk has never seen like this",
    )


def so_are_lines_for_the_same_money(cancel_as_seen: Cancel, trial: Trial) -> None:
    shop, _ = a_shop_and_what_was_seen(trial)
    shop.send(AddProduct("cup", "Cup", price_cents=1200, stock=9))
    seen = shop.ask(GetOrder("o-1"))
    trial.does("the customer takes two cups instead of two mugs, at the same price")
    shop.send(RemoveOrderItem("o-1", "mug"))
    shop.send(AddOrderItem("o-1", "cup", 2))
    must_refuse(
        trial,
        shop,
        ConcurrencyConflict,
        lambda: cancel_as_seen(shop, seen, "only tea and mugs"),
        "an order was cancelled that the clerk has never seen like this. It costs the same and "
        "has as many pieces, and still it is another order: look at the lines themselves",
    )


def somebody_is_faster_again(cancel_as_seen: Cancel, trial: Trial) -> None:
    shop, seen = a_shop_and_what_was_seen(trial)
    trial.does("the address changes first, and the lines while you look again")
    shop.send(ChangeShippingAddress("o-1", "12 Mill Lane"))
    rival = QuickerCustomer(shop, AddOrderItem("o-1", "mug", 7))
    trial.refuses(
        ConcurrencyConflict,
        lambda: cancel_as_seen(rival, seen, "only tea and mugs"),
        "the second attempt cancelled lines that nobody had looked at",
    )
    trial.equal("draft", status_of(shop), "the status")


def a_no_is_a_no(cancel_as_seen: Cancel, trial: Trial) -> None:
    shop, _ = a_shop_and_what_was_seen(trial)
    shop.send(PlaceOrder("o-1"))
    shop.send(ShipOrder("o-1"))
    seen = shop.ask(GetOrder("o-1"))
    trial.does("the order has been shipped")
    cancel, problem = (
        lambda: cancel_as_seen(shop, seen, "too late"),
        "a shipped order was cancelled",
    )
    must_refuse(trial, shop, WrongStatus, cancel, problem)


RETRY_OR_ASK = Exercise(
    name="02-retry-or-ask",
    lesson="02",
    title="Retry, or ask",
    task=(
        "A clerk looked at an order (seen) and decided to cancel it because of its lines. "
        "`cancel_as_seen` retries blindly: it cancels whatever the order has become. Let it retry "
        "only while the lines are what the clerk saw; otherwise let the `ConcurrencyConflict` "
        "through, so that the clerk is asked."
    ),
    minutes=10,
    starter=starter_cancel_as_seen,
    solution=solution_cancel_as_seen,
    hints=(
        "What did the clerk's decision rest on? Keep that; the loop forgets it.",
        "After a conflict, ask for the order as it is now. If its lines are not those that the "
        "clerk saw, a bare raise in the except block passes the conflict on.",
        "Keep seen as it is, and put the newer order into another variable. Send with the version "
        "of the newer one: it may change once more while you look.",
    ),
    cases=(
        nobody_was_faster,
        an_address_is_no_reason_to_ask,
        other_lines_are,
        so_are_lines_for_the_same_money,
        somebody_is_faster_again,
        a_no_is_a_no,
    ),
)


# 5. Send until answered


def starter_send_until_answered(shop: Shop, command: Any) -> None:
    while True:
        try:
            shop.send(command)
            return
        except ConnectionError:
            continue


def solution_send_until_answered(shop: Shop, command: Any) -> None:
    command_id = str(uuid4())
    while True:
        try:
            shop.send(command, command_id=command_id)
            return
        except ConnectionError:
            continue  # nobody knows whether it was done; under this id it is done once


Send = Callable[[Any, Any], None]
ONE_MUG = AddOrderItem("o-1", "mug", 1)  # two are in the order already


def mugs_in(shop: Shop) -> int:
    return next(quantity for sku, quantity, _ in lines_of(shop) if sku == "mug")


def a_lost_command_is_sent_again(send_until_answered: Send, trial: Trial) -> None:
    shop = trial.shop("one-database")
    fill(shop)
    trial.does("the line breaks twice before one more mug has reached the shop")
    try:
        send_until_answered(BadLine(shop, "command", "command"), ONE_MUG)
    except ConnectionError:
        trial.expect(False, "it gave up; the line will hold again, so go on until it does")
    trial.equal(3, mugs_in(shop), "the number of mugs in the order")


def a_lost_answer_changes_nothing(send_until_answered: Send, trial: Trial) -> None:
    shop = trial.shop("one-database")
    fill(shop)
    trial.does("one more mug is added, and only the shop's answer is lost")
    line = BadLine(shop, "answer", "answer")
    send_until_answered(line, ONE_MUG)
    trial.expect(line.attempts > 1, "nobody knows whether it was done, so it must be sent again")
    trial.equal(3, mugs_in(shop), "the number of mugs in the order")


def two_wishes_are_two(send_until_answered: Send, trial: Trial) -> None:
    shop = trial.shop("one-database")
    fill(shop)
    trial.does("the customer adds one mug, and then wants one more")
    send_until_answered(BadLine(shop, "answer"), ONE_MUG)
    send_until_answered(BadLine(shop), ONE_MUG)
    trial.equal(4, mugs_in(shop), "the number of mugs in the order")


def a_refusal_is_an_answer(send_until_answered: Send, trial: Trial) -> None:
    shop = trial.shop("one-database")
    fill(shop)
    trial.does("the command is refused")
    line, unknown = BadLine(shop), AddOrderItem("o-9", "mug", 1)
    problem = "there is no order o-9"
    must_refuse(trial, shop, UnknownId, lambda: send_until_answered(line, unknown), problem)
    trial.equal(1, line.attempts, "the number of attempts (a refusal stays one)")


SEND_UNTIL_ANSWERED = Exercise(
    name="02-send-until-answered",
    lesson="02",
    title="Send until answered",
    task=(
        "The line between client and shop is bad: send may raise `ConnectionError` before the "
        "command has arrived, or after it was carried out. `send_until_answered` tries again, and "
        "adds two mugs where one was wanted. Let it be carried out exactly once. Two calls with "
        "equal commands are two wishes."
    ),
    minutes=10,
    starter=starter_send_until_answered,
    solution=solution_send_until_answered,
    hints=(
        "How can the shop tell a command that comes again from a second one that is equal?",
        "`shop.send` takes `command_id=`. A command that comes again under an id that was carried "
        "out is done once.",
        "Make the id with `str(uuid4())`, before the loop: one id a wish, not one an attempt.",
    ),
    cases=(
        a_lost_command_is_sent_again,
        a_lost_answer_changes_nothing,
        two_wishes_are_two,
        a_refusal_is_an_answer,
    ),
)

EXERCISES = (
    EMPTY_THE_BASKET,
    FIND_THE_SWALLOWED_NO,
    THE_SAME_AGAIN,
    RETRY_OR_ASK,
    SEND_UNTIL_ANSWERED,
)
