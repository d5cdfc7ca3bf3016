"""Lesson 03: the solutions pass, and what learners get wrong is refused in helpful words."""

from contextlib import suppress
from typing import Any

from sharing import tests_of

from cqrs_demo import (
    CommandRejected,
    CreateUser,
    EmailTaken,
    NotFound,
    OrderCancelled,
    OrderPlaced,
    OrderShipped,
    ShopError,
)
from cqrs_demo.lab.exercises.lesson_03 import Label

# 1. the packing list


def counts_lines_for_pieces(docs: Any, recorded: Any) -> None:
    match recorded.event:
        case OrderPlaced() as order:
            pieces = len(order.lines)
            waiting = {"order_id": order.order_id, "user_id": order.user_id, "pieces": pieces}
            docs.put(order.order_id, waiting)
        case OrderShipped() | OrderCancelled() as done:
            docs.delete(done.order_id)


def waiting_for(order: Any) -> dict[str, Any]:
    pieces = sum(line.quantity for line in order.lines)
    return {"order_id": order.order_id, "user_id": order.user_id, "pieces": pieces}


def forgets_that_orders_are_cancelled(docs: Any, recorded: Any) -> None:
    match recorded.event:
        case OrderPlaced() as order:
            docs.put(order.order_id, waiting_for(order))
        case OrderShipped() as done:
            docs.delete(done.order_id)


def refuses_what_it_does_not_know(docs: Any, recorded: Any) -> None:
    match recorded.event:
        case OrderPlaced() as order:
            docs.put(order.order_id, waiting_for(order))
        case OrderShipped() | OrderCancelled() as done:
            if docs.get(done.order_id) is None:
                raise LookupError(f"no order {done.order_id}")
            docs.delete(done.order_id)


def keeps_what_is_done(docs: Any, recorded: Any) -> None:
    match recorded.event:
        case OrderPlaced() as order:
            docs.put(order.order_id, waiting_for(order))
        case OrderShipped() | OrderCancelled() as done:
            document = docs.get(done.order_id)
            if document:
                docs.put(done.order_id, {**document, "done": True})


def returns_the_document(docs: Any, recorded: Any) -> Any:
    match recorded.event:
        case OrderPlaced() as order:
            return waiting_for(order)


def keeps_one_document_a_customer(docs: Any, recorded: Any) -> None:
    match recorded.event:
        case OrderPlaced() as order:
            docs.put(order.user_id, waiting_for(order))
        case OrderShipped() | OrderCancelled() as done:
            docs.delete(done.order_id)


known_orders: set[str] = set()


def remembers_outside_of_the_documents(docs: Any, recorded: Any) -> None:
    match recorded.event:
        case OrderPlaced() as order if recorded.at.isoformat() + order.order_id not in known_orders:
            known_orders.add(recorded.at.isoformat() + order.order_id)
            docs.put(order.order_id, waiting_for(order))
        case OrderShipped() | OrderCancelled() as done:
            docs.delete(done.order_id)


orders_on_the_list: set[str] = set()


def remembers_what_is_on_the_list(docs: Any, recorded: Any) -> None:
    match recorded.event:
        case OrderPlaced() as order:
            orders_on_the_list.add(order.order_id)
            docs.put(order.order_id, waiting_for(order))
        case OrderShipped() | OrderCancelled() as done:
            if done.order_id in orders_on_the_list:
                docs.delete(done.order_id)


# 2. the e-mail that was free


def asks_the_documents_again(
    shop: Any, known_emails: Any, user_id: str, name: str, email: str
) -> str:
    if email in [user["email"] for user in shop.documents()["users"]]:
        return "taken"
    shop.send(CreateUser(user_id, name, email))
    return "welcome"


def delivers_and_looks(shop: Any, known_emails: Any, user_id: str, name: str, email: str) -> str:
    shop.deliver()
    if email in [user["email"] for user in shop.documents()["users"]]:
        return "taken"
    shop.send(CreateUser(user_id, name, email))
    return "welcome"


def looks_at_the_table_first(
    shop: Any, known_emails: Any, user_id: str, name: str, email: str
) -> str:
    if email.casefold() in [row["email"].casefold() for row in shop.tables()["users"]]:
        return "taken"
    shop.send(CreateUser(user_id, name, email))
    return "welcome"


def takes_every_no_for_taken(
    shop: Any, known_emails: Any, user_id: str, name: str, email: str
) -> str:
    try:
        shop.send(CreateUser(user_id, name, email))
    except CommandRejected:
        return "taken"
    return "welcome"


def welcomes_everybody(shop: Any, known_emails: Any, user_id: str, name: str, email: str) -> str:
    with suppress(ShopError):
        shop.send(CreateUser(user_id, name, email))
    return "welcome"


def only_folds_the_list(shop: Any, known_emails: Any, user_id: str, name: str, email: str) -> str:
    if email.casefold() in [known.casefold() for known in known_emails]:
        return "taken"
    shop.send(CreateUser(user_id, name, email))
    return "welcome"


def forgets_to_answer(shop: Any, known_emails: Any, user_id: str, name: str, email: str) -> Any:
    try:
        shop.send(CreateUser(user_id, name, email))
    except EmailTaken:
        return "taken"


# 3. a new name on every label


def does_not_put_it_back(docs: Any, recorded: Any) -> None:
    user = recorded.event
    docs.lookup("names").put(user.user_id, {"name": user.name})
    for label in docs.find("user_id", user.user_id):
        label["name"] = user.name


def puts_it_under_the_user(docs: Any, recorded: Any) -> None:
    user = recorded.event
    docs.lookup("names").put(user.user_id, {"name": user.name})
    for label in docs.find("user_id", user.user_id):
        docs.put(user.user_id, {**label, "name": user.name})


def renames_the_first_only(docs: Any, recorded: Any) -> None:
    user = recorded.event
    docs.lookup("names").put(user.user_id, {"name": user.name})
    label = docs.find("user_id", user.user_id)[0]
    docs.put(label["order_id"], {**label, "name": user.name})


def forgets_labels_to_come(docs: Any, recorded: Any) -> None:
    user = recorded.event
    for label in docs.find("user_id", user.user_id):
        docs.put(label["order_id"], {**label, "name": user.name})


def puts_the_name_alone(docs: Any, recorded: Any) -> None:
    user = recorded.event
    docs.lookup("names").put(user.user_id, {"name": user.name})
    for label in docs.find("user_id", user.user_id):
        docs.put(label["order_id"], {"order_id": label["order_id"], "name": user.name})


# 4. the query handler


def answers_with_documents(query: Any, read: Any) -> Any:
    return read["labels"].find("user_id", query.user_id)


def answers_everybodys(query: Any, read: Any) -> Any:
    return [Label(label["order_id"], label["name"]) for label in read["labels"].all()]


def looks_for_the_key(query: Any, read: Any) -> Any:
    label = read["labels"].get(query.user_id)
    return [Label(label["order_id"], label["name"])]


def takes_none_for_an_error(query: Any, read: Any) -> Any:
    found = read["labels"].find("user_id", query.user_id)
    if not found:
        raise NotFound(f"no labels for {query.user_id}")
    return [Label(label["order_id"], label["name"]) for label in found]


def answers_with_one_label(query: Any, read: Any) -> Any:
    for label in read["labels"].find("user_id", query.user_id):
        return Label(label["order_id"], label["name"])


WRONG = {
    "03-packing-list": [
        (counts_lines_for_pieces, "5 pieces"),
        (forgets_that_orders_are_cancelled, "after o-1 was cancelled"),
        (refuses_what_it_does_not_know, "the projection packing_list stopped"),
        (keeps_what_is_done, "after o-1 was shipped"),
        (
            returns_the_document,
            "the projection packing_list stopped: ShopError: a projection is a plain def",
        ),
        (keeps_one_document_a_customer, "one customer places two orders"),
        (remembers_outside_of_the_documents, "remember things in docs only"),
        (remembers_what_is_on_the_list, "the program is started anew"),
    ],
    "03-sign-up": [
        (asks_the_documents_again, "the documents have not heard"),
        (delivers_and_looks, "the documents know nobody"),
        (looks_at_the_table_first, "between any look at the shop and your command"),
        (takes_every_no_for_taken, "AlreadyExists"),
        (welcomes_everybody, "should be 'taken', and is 'welcome'"),
        (only_folds_the_list, "an error instead of"),
        (forgets_to_answer, "no return"),
    ],
    "03-labels": [
        (does_not_put_it_back, "should be ['o-1: Ada King'"),
        (puts_it_under_the_user, "what the labels say should be"),
        (renames_the_first_only, "has two orders"),
        (forgets_labels_to_come, "orders again in between"),
        (puts_the_name_alone, "nothing else on her label changes"),
    ],
    "03-get-labels": [
        (answers_with_documents, "a list of Label objects"),
        (answers_everybodys, "Bob has some, too"),
        (looks_for_the_key, "at line"),
        (takes_none_for_an_error, "to have no labels is no error"),
        (answers_with_one_label, "a list of Label objects"),
    ],
}

globals().update(tests_of("03", WRONG))
