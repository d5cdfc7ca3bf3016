"""Lesson 05: the solutions pass, and what learners get wrong is refused in helpful words."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from time import perf_counter
from typing import Any
from uuid import uuid4

from sharing import tests_of

from cqrs_demo import CommandRejected, GetOrder, OrderItemRemoved, ProductAdded
from cqrs_demo.domain.order import Order
from cqrs_demo.domain.product import Product
from cqrs_demo.lab.exercises import find
from cqrs_demo.lab.exercises.checking import check

# 1. last Tuesday


def folds_up_to_today(shop: Any, order_id: str, when: datetime) -> Any:
    order = Order(order_id)
    for recorded in shop.events(stream=f"order-{order_id}"):
        order.apply(recorded.event)
        order.version = recorded.version
    return order


def leaves_out_the_very_moment(shop: Any, order_id: str, when: datetime) -> Any:
    order = Order(order_id)
    for recorded in shop.events(stream=f"order-{order_id}"):
        if recorded.at < when:
            order.apply(recorded.event)
            order.version = recorded.version
    return order


def folds_the_whole_log(shop: Any, order_id: str, when: datetime) -> Any:
    order = Order(order_id)
    for recorded in shop.events():
        if recorded.at <= when:
            order.apply(recorded.event)
            order.version = recorded.version
    return order


def forgets_the_version(shop: Any, order_id: str, when: datetime) -> Any:
    order = Order(order_id)
    for recorded in shop.events(stream=f"order-{order_id}"):
        if recorded.at <= when:
            order.apply(recorded.event)
    return order


def asks_the_read_side(shop: Any, order_id: str, when: datetime) -> Any:
    return shop.ask(GetOrder(order_id))


def returns_the_last_event(shop: Any, order_id: str, when: datetime) -> Any:
    events = [r for r in shop.events(stream=f"order-{order_id}") if r.at <= when]
    return events[-1].event


# 2. rebuilt differently


def asks_another_clock(docs: Any, recorded: Any) -> None:
    user_id = recorded.event.user_id
    if docs.get(user_id) is None:
        docs.put(user_id, {"user_id": user_id, "since": f"{datetime.fromtimestamp(0, UTC):%Y}"})


SEEN: dict[str, str] = {}


def remembers_beside_its_documents(docs: Any, recorded: Any) -> None:
    if hasattr(docs, "all") and not docs.all():  # a new shop, live: each trial begins afresh
        SEEN.clear()
    user_id = recorded.event.user_id
    if user_id not in SEEN:
        SEEN[user_id] = f"{recorded.at:%Y-%m-%d}"
        docs.put(user_id, {"user_id": user_id, "since": SEEN[user_id]})


def takes_the_last_order(docs: Any, recorded: Any) -> None:
    user_id = recorded.event.user_id
    docs.put(user_id, {"user_id": user_id, "since": f"{recorded.at:%Y-%m-%d}"})


def changes_what_it_got_and_never_puts_it(docs: Any, recorded: Any) -> None:
    found = docs.get(recorded.event.user_id) or {"user_id": recorded.event.user_id}
    found.setdefault("since", f"{recorded.at:%Y-%m-%d}")


def has_one_document_for_all(docs: Any, recorded: Any) -> None:
    if docs.get("since") is None:
        day = f"{recorded.at:%Y-%m-%d}"
        docs.put("since", {"user_id": recorded.event.user_id, "since": day})


def expects_the_document_to_be_there(docs: Any, recorded: Any) -> None:
    found = docs.get(recorded.event.user_id)
    found["since"] = f"{recorded.at:%Y-%m-%d}"
    docs.put(recorded.event.user_id, found)


# 3. take it back


def adds_what_was_counted(command: Any, work: Any) -> None:
    product = work.get(Product, command.sku)
    work.save(product, product.restock(command.counted))


def adds_the_product_again(command: Any, work: Any) -> None:
    product = work.get(Product, command.sku)
    if product.stock != command.counted:
        event = ProductAdded(product.sku, product.name, product.price_cents, command.counted)
        work.save(product, [event])


def rewrites_the_log(command: Any, work: Any) -> None:
    product = work.get(Product, command.sku)
    more = command.counted - 3
    body = f'{{"sku":"{product.sku}","quantity":{more}}}'
    sql = "UPDATE events SET body = ? WHERE type = 'ProductRestocked'"
    work.connection.execute(sql, (body,))


def records_a_correction_of_nothing(command: Any, work: Any) -> None:
    product = work.get(Product, command.sku)
    work.save(product, product.restock(command.counted - product.stock))


def only_ever_takes_away(command: Any, work: Any) -> None:
    product = work.get(Product, command.sku)
    if product.stock > command.counted:
        work.save(product, product.restock(command.counted - product.stock))


def saves_no_event(command: Any, work: Any) -> None:
    product = work.get(Product, command.sku)
    product.stock += command.counted - product.stock
    work.save(product, ())


# 4. one letter an order


def keys_by_customer(recorded: Any, post: Any) -> None:
    order = recorded.event
    post.send(order.user_id, order.user_id, f"We have your order {order.order_id}.")


def has_one_key_for_all(recorded: Any, post: Any) -> None:
    order = recorded.event
    post.send("placed", order.user_id, f"We have your order {order.order_id}.")


def counts_its_letters(recorded: Any, post: Any) -> None:
    order = recorded.event
    key = f"letter-{len(post.sent) + 1}"
    post.send(key, order.user_id, f"We have your order {order.order_id}.")


def takes_the_time_of_day(recorded: Any, post: Any) -> None:
    order = recorded.event
    post.send(f"{perf_counter()}", order.user_id, f"We have your order {order.order_id}.")


def says_nothing_of_the_order(recorded: Any, post: Any) -> None:
    order = recorded.event
    post.send(f"placed-{order.order_id}", order.user_id, "We have your order.")


def writes_to_the_order(recorded: Any, post: Any) -> None:
    order = recorded.event
    post.send(f"placed-{order.order_id}", order.order_id, f"We have your order {order.order_id}.")


def takes_the_time_of_the_event(recorded: Any, post: Any) -> None:
    order = recorded.event
    post.send(str(recorded.at), order.user_id, f"We have your order {order.order_id}.")


WRITTEN: set[Any] = set()


def remembers_per_post_office(recorded: Any, post: Any) -> None:
    order = recorded.event
    if (id(post), order.order_id) not in WRITTEN:
        WRITTEN.add((id(post), order.order_id))
        post.send(str(uuid4()), order.user_id, f"We have your order {order.order_id}.")


def remembers_at_the_post_office(recorded: Any, post: Any) -> None:
    order = recorded.event
    post.written = getattr(post, "written", set())
    if order.order_id not in post.written:
        post.written.add(order.order_id)
        post.send(str(uuid4()), order.user_id, f"We have your order {order.order_id}.")


def remembers_until_it_sees_an_empty_one(recorded: Any, post: Any) -> None:
    order = recorded.event
    if not post.sent:
        WRITTEN.clear()
    if order.order_id not in WRITTEN:
        WRITTEN.add(order.order_id)
        post.send(str(uuid4()), order.user_id, f"We have your order {order.order_id}.")


ALL_MY_LIFE: set[str] = set()


def remembers_all_its_life(recorded: Any, post: Any) -> None:
    order = recorded.event
    if order.order_id not in ALL_MY_LIFE:
        ALL_MY_LIFE.add(order.order_id)
        post.send(str(uuid4()), order.user_id, f"We have your order {order.order_id}.")


def test_who_remembers_is_told_so_in_the_first_shop_and_in_every_later_one():
    for _ in range(2):
        verdict = check(find("05-one-letter-an-order"), remembers_all_its_life)
        assert "gone after a crash" in verdict.message
        assert "another shop" in verdict.message


# 5. from today on


def looks_at_the_command_alone(command: Any, work: Any) -> None:
    if command.quantity > 10:
        raise CommandRejected("an order takes at most 10 pieces of a product")
    order = work.get(Order, command.order_id)
    work.save(order, order.add_item(work.get(Product, command.sku), command.quantity))


def judges_the_whole_order(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    events = order.add_item(work.get(Product, command.sku), command.quantity)
    line = order.lines.get(command.sku)
    wanted = command.quantity + (line.quantity if line else 0)
    if wanted > 10 or any(line.quantity > 10 for line in order.lines.values()):
        raise CommandRejected("an order takes at most 10 pieces of a product")
    work.save(order, events)


def puts_in_what_fits(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    line = order.lines.get(command.sku)
    room = 10 - (line.quantity if line else 0)
    fits = min(command.quantity, room)
    if fits > 0:
        work.save(order, order.add_item(work.get(Product, command.sku), fits))


def raises_something_else(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    line = order.lines.get(command.sku)
    if command.quantity + (line.quantity if line else 0) > 10:
        raise ValueError("too many")
    work.save(order, order.add_item(work.get(Product, command.sku), command.quantity))


def tidies_up_old_orders(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    for line in list(order.lines.values()):
        if line.quantity > 10:
            work.save(order, [OrderItemRemoved(order.order_id, line.sku)])
    held = order.lines.get(command.sku)
    if command.quantity + (held.quantity if held else 0) > 10:
        raise CommandRejected("an order takes at most 10 pieces of a product")
    work.save(order, order.add_item(work.get(Product, command.sku), command.quantity))


def allows_nine(command: Any, work: Any) -> None:
    order = work.get(Order, command.order_id)
    line = order.lines.get(command.sku)
    if command.quantity + (line.quantity if line else 0) >= 10:
        raise CommandRejected("an order takes at most 10 pieces of a product")
    work.save(order, order.add_item(work.get(Product, command.sku), command.quantity))


# 6. prices were in euros


def cuts_off_what_is_not_whole(fields: dict[str, Any]) -> Any:
    others = {name: value for name, value in fields.items() if name != "unit_price"}
    return {**others, "unit_price_cents": int(fields["unit_price"] * 100)}


def rounds_up(fields: dict[str, Any]) -> Any:
    others = {name: value for name, value in fields.items() if name != "unit_price"}
    return {**others, "unit_price_cents": math.ceil(fields["unit_price"] * 100)}


def adds_nearly_one(fields: dict[str, Any]) -> Any:
    others = {name: value for name, value in fields.items() if name != "unit_price"}
    return {**others, "unit_price_cents": int(fields["unit_price"] * 100 + 0.9)}


def changes_what_it_was_given(fields: dict[str, Any]) -> Any:
    fields["unit_price_cents"] = round(fields.pop("unit_price") * 100)
    return fields


def leaves_the_old_field_in(fields: dict[str, Any]) -> Any:
    return {**fields, "unit_price_cents": round(fields["unit_price"] * 100)}


def leaves_a_float(fields: dict[str, Any]) -> Any:
    others = {name: value for name, value in fields.items() if name != "unit_price"}
    return {**others, "unit_price_cents": fields["unit_price"] * 100}


def asks_what_it_costs_today(fields: dict[str, Any]) -> Any:
    others = {name: value for name, value in fields.items() if name != "unit_price"}
    return {**others, "unit_price_cents": {"mug": 1200, "tea": 450}[fields["sku"]]}


def returns_the_price_alone(fields: dict[str, Any]) -> Any:
    return round(fields["unit_price"] * 100)


WRONG = {
    "05-last-tuesday": [
        (folds_up_to_today, "its status at noon should be 'draft', and is 'placed'"),
        (leaves_out_the_very_moment, "its address at 11:00 sharp"),
        (folds_the_whole_log, "fold the events of one stream only"),
        (forgets_the_version, "as many events as its stream had then"),
        (asks_the_read_side, "your function raised NotFound"),
        (returns_the_last_event, "it should return an Order"),
    ],
    "05-rebuilt-differently": [
        (asks_another_clock, "the read model should be"),
        (remembers_beside_its_documents, "after the rebuild the documents are others than before"),
        (takes_the_last_order, "and is {'ada': '2026-01-08'"),
        (changes_what_it_got_and_never_puts_it, "and is {}"),
        (has_one_document_for_all, "and is {'ada': '2026-01-06'}"),
        (expects_the_document_to_be_there, "the projection customers stopped"),
    ],
    "05-take-it-back": [
        (adds_what_was_counted, "should be 13, and is 116"),
        (adds_the_product_again, "was added to the catalogue twice"),
        (rewrites_the_log, "an old event is not as it was"),
        (records_a_correction_of_nothing, "nothing was wrong"),
        (only_ever_takes_away, "should be 110, and is 103"),
        (saves_no_event, "the log has no new event"),
    ],
    "05-one-letter-an-order": [
        (keys_by_customer, "the orders that Ada had a letter about"),
        (has_one_key_for_all, "should be ['o-1', 'o-2'], and is ['o-1']"),
        (counts_its_letters, "Ada has two letters about o-1"),
        (takes_the_time_of_day, "Ada has two letters about o-1"),
        (takes_the_time_of_the_event, "in one and the same moment"),
        (remembers_per_post_office, "gone after a crash"),
        (remembers_at_the_post_office, "gone after a crash"),
        (remembers_until_it_sees_an_empty_one, "gone after a crash"),
        (remembers_all_its_life, "another shop"),
        (says_nothing_of_the_order, "does not say which order it is about"),
        (writes_to_the_order, "whom the letter goes to should be 'ada'"),
    ],
    "05-from-today-on": [
        (looks_at_the_command_alone, "holds 12 mugs now, in two goes of 6"),
        (judges_the_whole_order, "which broke no rule when they were put in"),
        (puts_in_what_fits, "should be refused with CommandRejected, and was not"),
        (raises_something_else, "ValueError: too many"),
        (tidies_up_old_orders, "the lines of o-old"),
        (allows_nine, "10 mugs are put into a new order, which is allowed"),
    ],
    "05-prices-were-in-euros": [
        (cuts_off_what_is_not_whole, "should be 1999, and is 1998"),
        (rounds_up, "should be 110, and is 111"),
        (adds_nearly_one, "should be 413, and is 414"),
        (changes_what_it_was_given, "it changed what it was given"),
        (leaves_the_old_field_in, "the fields still hold unit_price"),
        (leaves_a_float, "should be a whole number"),
        (asks_what_it_costs_today, "should be 1250, and is 1200"),
        (returns_the_price_alone, "it should return a dict"),
    ],
}

globals().update(tests_of("05", WRONG))


def test_prices_in_decimal_numbers_are_right_too():
    def in_decimal_numbers(fields: dict[str, Any]) -> Any:
        others = {name: value for name, value in fields.items() if name != "unit_price"}
        cents = (Decimal(str(fields["unit_price"])) * 100).quantize(Decimal(1))
        return {**others, "unit_price_cents": int(cents)}

    verdict = check(find("05-prices-were-in-euros"), in_decimal_numbers)
    assert verdict.passed, verdict.message


def test_any_key_that_is_the_orders_own_is_right():
    def takes_the_position(recorded: Any, post: Any) -> None:
        order = recorded.event
        post.send(str(recorded.position), order.user_id, f"We have your order {order.order_id}.")

    verdict = check(find("05-one-letter-an-order"), takes_the_position)
    assert verdict.passed, verdict.message
