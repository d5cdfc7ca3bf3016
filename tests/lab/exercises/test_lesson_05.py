"""Lesson 05: the solutions pass, and what learners get wrong is refused in helpful words."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sharing import tests_of

from cqrs_demo import CommandRejected, GetOrder, OrderItemRemoved, ProductAdded
from cqrs_demo.domain.order import Order
from cqrs_demo.domain.product import Product

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
    hour = f"{datetime.fromtimestamp(0, UTC):%H}:00"
    found = docs.get(hour) or {"hour": hour, "orders": 0}
    found["orders"] += 1
    docs.put(hour, found)


ORDERS: Counter[str] = Counter()


def remembers_beside_its_documents(docs: Any, recorded: Any) -> None:
    if hasattr(docs, "all") and not docs.all():  # a new shop, live: each trial begins afresh
        ORDERS.clear()
    hour = f"{recorded.at:%H}:00"
    ORDERS[hour] += 1
    docs.put(hour, {"hour": hour, "orders": ORDERS[hour]})


def counts_only_to_one(docs: Any, recorded: Any) -> None:
    hour = f"{recorded.at:%H}:00"
    docs.put(hour, {"hour": hour, "orders": 1})


def never_puts_it_back(docs: Any, recorded: Any) -> None:
    hour = f"{recorded.at:%H}:00"
    found = docs.get(hour) or {"hour": hour, "orders": 0}
    found["orders"] += 1


def shows_minutes_too(docs: Any, recorded: Any) -> None:
    hour = f"{recorded.at:%H:%M}"
    found = docs.get(hour) or {"hour": hour, "orders": 0}
    found["orders"] += 1
    docs.put(hour, found)


def keeps_the_first_hour(docs: Any, recorded: Any) -> None:
    first = (docs.lookup("first").get("hour") or {"hour": f"{recorded.at:%H}:00"})["hour"]
    docs.lookup("first").put("hour", {"hour": first})
    found = docs.get(first) or {"hour": first, "orders": 0}
    docs.put(first, {**found, "orders": found["orders"] + 1})


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


# 4. from today on


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


# 5. prices were in euros


def cuts_off_what_is_not_whole(fields: dict[str, Any]) -> Any:
    others = {name: value for name, value in fields.items() if name != "unit_price"}
    return {**others, "unit_price_cents": int(fields["unit_price"] * 100)}


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
        (asks_another_clock, "the read model"),
        (remembers_beside_its_documents, "after the rebuild the numbers are others than before"),
        (counts_only_to_one, "the read model should be {'09:00': 2"),
        (never_puts_it_back, "and is {}"),
        (shows_minutes_too, "'09:50'"),
        (keeps_the_first_hour, "and is {'09:00': 3}"),
    ],
    "05-take-it-back": [
        (adds_what_was_counted, "should be 13, and is 116"),
        (adds_the_product_again, "was added to the catalogue twice"),
        (rewrites_the_log, "an old event is not as it was"),
        (records_a_correction_of_nothing, "nothing was wrong"),
        (only_ever_takes_away, "should be 110, and is 103"),
        (saves_no_event, "the log has no new event"),
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
        (changes_what_it_was_given, "it changed what it was given"),
        (leaves_the_old_field_in, "the fields still hold unit_price"),
        (leaves_a_float, "should be a whole number"),
        (asks_what_it_costs_today, "should be 1250, and is 1200"),
        (returns_the_price_alone, "it should return a dict"),
    ],
}

globals().update(tests_of("05", WRONG))
