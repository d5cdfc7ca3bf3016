"""Lesson 02: the solutions pass, and what learners get wrong is refused in helpful words."""

import time
from contextlib import suppress
from time import sleep
from typing import Any
from uuid import uuid4

from sharing import tests_of

from cqrs_demo import (
    CancelOrder,
    CommandRejected,
    ConcurrencyConflict,
    GetOrder,
    OrderItemAdded,
    OrderItemRemoved,
    OutOfStock,
    PaymentDeclined,
    WrongStatus,
)
from cqrs_demo.domain.order import Order
from cqrs_demo.domain.product import Product

# 1. empty the basket


def walks_through_what_it_changes(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    for sku in order.lines:
        work.save(order, order.remove_item(sku))


def changes_the_lines_itself(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    order.lines.clear()
    work.save(order, [])


def asks_nobody(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    work.save(order, [OrderItemRemoved(order.order_id, sku) for sku in order.lines])


def makes_the_decisions_by_hand(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    order._require("draft")
    work.save(order, [OrderItemRemoved(order.order_id, sku) for sku in order.lines])


def asks_and_does_as_it_likes(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    order._require("draft")
    for sku in list(order.lines):
        with suppress(CommandRejected):
            order.remove_item(sku)
        work.save(order, [OrderItemRemoved(order.order_id, sku)])


def takes_out_the_first(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    work.save(order, order.remove_item(next(iter(order.lines))))


def decides_and_saves_nothing(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    for sku in list(order.lines):
        order.remove_item(sku)


def leaves_it_without_a_word(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    with suppress(WrongStatus):
        for sku in list(order.lines):
            work.save(order, order.remove_item(sku))


def writes_sql(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    if order.status != "draft":
        raise WrongStatus(order.status)
    work.connection.execute("DELETE FROM order_lines WHERE order_id = ?", (order.order_id,))


# 2. find the swallowed no


def returns_where_it_went_on(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        try:
            reserved = product.reserve(order.order_id, order.lines[sku].quantity)
        except OutOfStock:
            return
        work.save(product, reserved)
    work.save(order, placed)
    work.payments.charge(order.order_id, order.total_cents)


def leaves_out_what_is_not_there(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        if product.stock < order.lines[sku].quantity:
            work.save(order, order.remove_item(sku))
        else:
            work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
    work.save(order, order.place())
    work.payments.charge(order.order_id, order.total_cents)


def says_no_in_other_words(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        try:
            work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
        except OutOfStock:
            raise CommandRejected("sorry") from None
    work.save(order, placed)
    work.payments.charge(order.order_id, order.total_cents)


def forgets_to_charge(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
    work.save(order, placed)


def charges_first(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    work.payments.charge(order.order_id, order.total_cents)
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
    work.save(order, placed)


def charges_before_the_order_is_saved(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
    work.payments.charge(order.order_id, order.total_cents)
    work.save(order, placed)


def swallows_another_no(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        work.save(product, product.reserve(order.order_id, order.lines[sku].quantity))
    work.save(order, placed)
    with suppress(PaymentDeclined):
        work.payments.charge(order.order_id, order.total_cents)


def reserves_one_of_each(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    placed = order.place()
    for sku in sorted(order.lines):
        product = work.get(Product, sku)
        work.save(product, product.reserve(order.order_id, 1))
    work.save(order, placed)
    work.payments.charge(order.order_id, order.total_cents)


# 3. the same again


def copies_the_dict(command: Any, work: Any) -> None:
    old = work.get(Order, command.like)
    order = work.new(Order, command.order_id)
    order.lines = dict(old.lines)
    work.save(order, order.create(old.user_id))


def copies_the_old_prices(command: Any, work: Any) -> None:
    old = work.get(Order, command.like)
    order = work.new(Order, command.order_id)
    work.save(order, order.create(old.user_id))
    for x in old.lines.values():
        added = OrderItemAdded(order.order_id, x.sku, x.name, x.quantity, x.unit_price_cents)
        work.save(order, [added])


def adds_to_the_old_order(command: Any, work: Any) -> None:
    old = work.get(Order, command.like)
    for line in list(old.lines.values()):
        work.save(old, old.add_item(work.get(Product, line.sku), line.quantity))


def takes_one_of_each(command: Any, work: Any) -> None:
    old = work.get(Order, command.like)
    order = work.new(Order, command.order_id)
    work.save(order, order.create(old.user_id))
    for line in old.lines.values():
        work.save(order, order.add_item(work.get(Product, line.sku), 1))


def expects_the_new_order_to_be_there(command: Any, work: Any) -> None:
    old, order = work.get(Order, command.like), work.get(Order, command.order_id)
    for line in old.lines.values():
        work.save(order, order.add_item(work.get(Product, line.sku), line.quantity))


# 4. retry, or ask


def always_asks(shop: Any, seen: Any, reason: str) -> None:
    shop.send(CancelOrder(seen.order_id, reason), expected_version=seen.version)


def says_no_version(shop: Any, seen: Any, reason: str) -> None:
    shop.send(CancelOrder(seen.order_id, reason))


def looks_and_then_shuts_its_eyes(shop: Any, seen: Any, reason: str) -> None:
    try:
        shop.send(CancelOrder(seen.order_id, reason), expected_version=seen.version)
    except ConcurrencyConflict:
        if shop.ask(GetOrder(seen.order_id)).lines != seen.lines:
            raise
        shop.send(CancelOrder(seen.order_id, reason))


def keeps_quiet(shop: Any, seen: Any, reason: str) -> None:
    try:
        shop.send(CancelOrder(seen.order_id, reason), expected_version=seen.version)
    except ConcurrencyConflict:
        order = shop.ask(GetOrder(seen.order_id))
        if order.lines == seen.lines:
            shop.send(CancelOrder(seen.order_id, reason), expected_version=order.version)


def compares_with_the_last_look(shop: Any, seen: Any, reason: str) -> None:
    while True:
        try:
            return shop.send(CancelOrder(seen.order_id, reason), expected_version=seen.version)
        except ConcurrencyConflict:
            before, seen = seen, shop.ask(GetOrder(seen.order_id))
            if before.total_cents > seen.total_cents:
                raise


def compares_the_sum(shop: Any, seen: Any, reason: str) -> None:
    order = seen
    while True:
        try:
            return shop.send(CancelOrder(seen.order_id, reason), expected_version=order.version)
        except ConcurrencyConflict:
            order = shop.ask(GetOrder(seen.order_id))
            if order.total_cents != seen.total_cents:
                raise


def compares_how_many_there_are(shop: Any, seen: Any, reason: str) -> None:
    order = seen
    while True:
        try:
            return shop.send(CancelOrder(seen.order_id, reason), expected_version=order.version)
        except ConcurrencyConflict:
            order = shop.ask(GetOrder(seen.order_id))
            counts = [sorted(line.quantity for line in each.lines) for each in (order, seen)]
            if counts[0] != counts[1]:
                raise


# 5. send until answered


def makes_an_id_for_each_attempt(shop: Any, command: Any) -> None:
    while True:
        try:
            return shop.send(command, command_id=str(uuid4()))
        except ConnectionError:
            pass


def takes_the_command_for_its_id(shop: Any, command: Any) -> None:
    while True:
        try:
            return shop.send(command, command_id=repr(command)[:100])
        except ConnectionError:
            pass


def hopes_for_the_best(shop: Any, command: Any) -> None:
    with suppress(ConnectionError):
        shop.send(command, command_id=str(uuid4()))


def gives_up_after_two(shop: Any, command: Any) -> None:
    command_id = str(uuid4())
    with suppress(ConnectionError):
        return shop.send(command, command_id=command_id)
    return shop.send(command, command_id=command_id)


def never_takes_no_for_an_answer(shop: Any, command: Any) -> None:
    command_id = str(uuid4())
    for _ in range(5):
        with suppress(Exception):
            return shop.send(command, command_id=command_id)
    return None


def waits_twice_as_long_each_time(shop: Any, command: Any) -> None:
    command_id, seconds = str(uuid4()), 0.5
    while True:
        try:
            return shop.send(command, command_id=command_id)
        except ConnectionError:
            time.sleep(seconds)
            seconds *= 2


def waits_by_another_name(shop: Any, command: Any) -> None:
    command_id = str(uuid4())
    while True:
        try:
            return shop.send(command, command_id=command_id)
        except ConnectionError:
            sleep(1.5)


WRONG = {
    "02-empty-the-basket": [
        (walks_through_what_it_changes, "dictionary changed size during iteration"),
        (changes_the_lines_itself, "the lines in the table should be []"),
        (asks_nobody, "its aggregate knows that rule. Ask it"),
        (makes_the_decisions_by_hand, "has made that decision by itself"),
        (asks_and_does_as_it_likes, "has made that decision by itself"),
        (takes_out_the_first, "the lines in the table should be []"),
        (decides_and_saves_nothing, "the lines in the table should be []"),
        (leaves_it_without_a_word, "whoever called was told that it is done"),
        (writes_sql, "the lines in the document should be ()"),
    ],
    "02-find-the-swallowed-no": [
        (returns_where_it_went_on, "reserved for an order that nobody has placed"),
        (leaves_out_what_is_not_there, "without tea that the shop has not got"),
        (says_no_in_other_words, "the shop said CommandRejected: sorry"),
        (charges_first, "a rollback does not reach the card"),
        (charges_before_the_order_is_saved, "a rollback does not reach the card"),
        (forgets_to_charge, "what was charged, in cents,"),
        (swallows_another_no, "nobody has paid for it"),
        (reserves_one_of_each, "the stock should be {'mug': 7, 'tea': 6}"),
    ],
    "02-the-same-again": [
        (copies_the_dict, "the lines of o-2 should be"),
        (copies_the_old_prices, "costs more than when it was first ordered"),
        (adds_to_the_old_order, "order 'o-1' is placed, not draft"),
        (takes_one_of_each, "the lines of o-2 should be"),
        (expects_the_new_order_to_be_there, "there is no order 'o-2'"),
    ],
    "02-retry-or-ask": [
        (always_asks, "there is nothing to ask: retry"),
        (says_no_version, "has never seen like this"),
        (looks_and_then_shuts_its_eyes, "lines that nobody had looked at"),
        (keeps_quiet, "nothing has changed, but whoever called"),
        (compares_with_the_last_look, "has never seen like this"),
        (compares_the_sum, "look at the lines themselves"),
        (compares_how_many_there_are, "look at the lines themselves"),
    ],
    "02-send-until-answered": [
        (makes_an_id_for_each_attempt, "the number of mugs in the order should be 3, and is 5"),
        (takes_the_command_for_its_id, "wants one more"),
        (hopes_for_the_best, "the number of mugs in the order should be 3, and is 2"),
        (gives_up_after_two, "it gave up"),
        (never_takes_no_for_an_answer, "Let the UnknownId through"),
    ],
}

RIGHT = [
    ("02-send-until-answered", waits_twice_as_long_each_time),
    ("02-send-until-answered", waits_by_another_name),
]

globals().update(tests_of("02", WRONG, RIGHT))
