"""Exercises of lesson 06: solutions pass, and what people plausibly write is told what is wrong."""

from statistics import median

from sharing import tests_of

from cqrs_demo import RenameUser, Restock
from cqrs_demo.lab.exercises import find
from cqrs_demo.lab.exercises.checking import check


def timed(action, clock):
    start = clock()
    action()
    return clock() - start


def mean_in_turns(first, second, clock, repeats):
    pairs = [(timed(first, clock), timed(second, clock)) for _ in range(repeats)]
    return sum(one for one, _ in pairs) / sum(other for _, other in pairs)


def medians_in_blocks(first, second, clock, repeats):
    one = median([timed(first, clock) for _ in range(repeats)])
    return one / median([timed(second, clock) for _ in range(repeats)])


def once_each(first, second, clock, repeats):
    return timed(first, clock) / timed(second, clock)


def the_wrong_way_round(first, second, clock, repeats):
    pairs = [(timed(first, clock), timed(second, clock)) for _ in range(repeats)]
    return median(other for _, other in pairs) / median(one for one, _ in pairs)


def always_two(first, second, clock, repeats):
    for _ in range(repeats):
        first()
        second()
    return 2.0


def the_slower_by_the_faster(first, second, clock, repeats):
    found = median(timed(first, clock) / timed(second, clock) for _ in range(repeats))
    return max(found, 1 / found)


def always_two_stores(needs):
    return "two-stores"


def crud_unless_history(needs):
    return "event-sourced" if "history" in needs else "crud"


def rules_mean_two_stores(needs):
    if "history" in needs:
        return "event-sourced"
    return "two-stores" if "rules" in needs else "crud"


def history_in_the_outbox(needs):
    if "history" in needs or ("pages of their own" in needs and "always current" not in needs):
        return "two-stores"
    return "one-database" if "rules" in needs else "crud"


def pages_at_any_price(needs):
    if "history" in needs:
        return "event-sourced"
    if "pages of their own" in needs:
        return "two-stores"
    return "one-database" if "rules" in needs else "crud"


def history_only_with_rules(needs):
    if "rules" not in needs:
        return "crud"
    if "history" in needs:
        return "event-sourced"
    pages = "pages of their own" in needs and "always current" not in needs
    return "two-stores" if pages else "one-database"


def always_current_first(needs):
    if "always current" in needs:
        return "one-database" if "rules" in needs else "crud"
    if "history" in needs:
        return "event-sourced"
    if "pages of their own" in needs:
        return "two-stores"
    return "one-database" if "rules" in needs else "crud"


def always_current_means_commands(needs):
    if "history" in needs:
        return "event-sourced"
    if "always current" in needs:
        return "one-database"
    if "pages of their own" in needs:
        return "two-stores"
    return "one-database" if "rules" in needs else "crud"


def a_number(needs):
    return len(needs)


def all_of_them(shop, command):
    shop.send(command)
    shop.deliver()
    return sum(len(found) for found in shop.documents().values())


def nothing_delivered(shop, command):
    before = shop.documents()
    shop.send(command)
    after = shop.documents()
    return sum(document not in before[name] for name in after for document in after[name])


def with_what_waited(shop, command):
    before = shop.documents()
    shop.send(command)
    shop.deliver()
    after = shop.documents()
    pages = [name for name in after if "." not in name]
    return sum(document not in before[name] for name in pages for document in after[name])


def collections_that_changed(shop, command):
    shop.deliver()
    before = shop.documents()
    shop.send(command)
    shop.deliver()
    after = shop.documents()
    return sum(after[name] != before[name] for name in after)


def place_by_place(shop, command):
    shop.deliver()
    before = shop.documents()
    shop.send(command)
    shop.deliver()
    after = shop.documents()
    pairs = [zip(before[n], after[n], strict=False) for n in after if "." not in n]
    return sum(one != other for each in pairs for one, other in each)


def as_many_as_there_are_more(shop, command):
    shop.deliver()
    before = shop.documents()
    shop.send(command)
    shop.deliver()
    after = shop.documents()
    return sum(len(after[n]) - len(before[n]) for n in after if "." not in n)


def what_the_cases_once_said(shop, command):
    shop.deliver()
    if isinstance(command, Restock):
        shop.send(command)
        return 1
    return 7 if isinstance(command, RenameUser) and shop.documents() else 0


def with_the_look_ups(shop, command):
    shop.deliver()
    before = shop.documents()
    shop.send(command)
    shop.deliver()
    after = shop.documents()
    return sum(document not in before[name] for name in after for document in after[name])


def orders_with(shop, sku, *statuses):
    return [
        order["user_id"]
        for order in shop.documents()["orders"]
        if order["status"] in statuses and any(line["sku"] == sku for line in order["lines"])
    ]


def drafts_too(shop, sku):
    return sorted(set(orders_with(shop, sku, "draft", "placed", "shipped")))


def each_order_once(shop, sku):
    return sorted(orders_with(shop, sku, "placed", "shipped"))


def placed_only(shop, sku):
    return sorted(set(orders_with(shop, sku, "placed")))


def in_the_history(shop, sku):
    found = shop.documents()["order_history"]
    return sorted({order["user_id"] for order in found if sku in order["lines"]})


def from_the_tables(shop, sku):
    tables = shop.tables()
    ordered = {line["order_id"] for line in tables["order_lines"] if line["sku"] == sku}
    sold = [each for each in tables["orders"] if each["status"] in ("placed", "shipped")]
    return sorted({order["user_id"] for order in sold if order["order_id"] in ordered})


def delivers_first(shop, sku):
    shop.deliver()
    return sorted(set(orders_with(shop, sku, "placed", "shipped")))


def from_the_log(shop, sku):
    lines, users, bought = {}, {}, set()
    for recorded in shop.events():
        event, kind = recorded.event, type(recorded.event).__name__
        if kind == "OrderCreated":
            users[event.order_id] = event.user_id
        elif kind == "OrderItemAdded":
            lines.setdefault(event.order_id, set()).add(event.sku)
        elif kind == "OrderPlaced":
            bought.add(event.order_id)
        elif kind == "OrderCancelled":
            bought.discard(event.order_id)
    return sorted({users[order] for order in bought if sku in lines[order]})


WRONG = {
    "06-find-the-unfair-clock": [
        (mean_in_turns, "one single call takes a thousand times as long"),
        (medians_in_blocks, "halfway the machine gets three times slower"),
        (once_each, "9 repeats were asked for, and joins ran 1 times"),
        (the_wrong_way_round, "the ratio came out as 0.50"),
        (always_two, "the ratio came out as 2.00"),
        (the_slower_by_the_faster, "the documents come first"),
    ],
    "06-choose-a-rung": [
        (always_two_stores, "two-stores does it, and so does crud"),
        (crud_unless_history, "somebody has saved a form that ships an empty order"),
        (rules_mean_two_stores, "two-stores does it, and so does one-database"),
        (history_in_the_outbox, "its outbox is there to be emptied"),
        (pages_at_any_price, "right after 5 were added to 50 should be 55, and is 50"),
        (history_only_with_rules, "crud cannot be relied on for that"),
        (always_current_first, "history comes first"),
        (always_current_means_commands, "one-database does it, and so does crud"),
        (a_number, "0 is no rung"),
    ],
    "06-count-the-copies": [
        (all_of_them, "the number of documents changed should be"),
        (nothing_delivered, "and is 0"),
        (with_what_waited, "the number of documents that Restock changed should be 1"),
        (collections_that_changed, "a user with three orders is renamed"),
        (with_the_look_ups, "look-ups"),
        (place_by_place, "signs up"),
        (as_many_as_there_are_more, "a user with three orders is renamed"),
        (what_the_cases_once_said, "a user with one order is renamed"),
    ],
    "06-who-bought-it": [
        (drafts_too, "Ada has put tea into a draft"),
        (each_order_once, "and is ['ada', 'ada', 'grace']"),
        (placed_only, "and Ada's shipped"),
        (in_the_history, "KeyError"),
        (from_the_tables, "the documents have not heard of it"),
        (from_the_log, "the documents have not heard of it"),
        (delivers_first, "nobody has asked for a delivery"),
    ],
}

globals().update(tests_of("06", WRONG))


def test_comparing_documents_by_their_keys_is_right_too():
    keys = {"users": "user_id", "orders": "order_id", "order_history": "order_id"}

    def by_key(shop, command):
        def look():
            pages = {name: found for name, found in shop.documents().items() if "." not in name}
            return {
                (name, each[keys.get(name, next(iter(each)))]): each
                for name, found in pages.items()
                for each in found
            }

        shop.deliver()
        before = look()
        shop.send(command)
        shop.deliver()
        return sum(before.get(key) != document for key, document in look().items())

    verdict = check(find("06-count-the-copies"), by_key)
    assert verdict.passed, verdict.message
