"""Exercises of lesson 03: projections, read models, and what the read side cannot decide.

What learners write has no types, so what they begin with has none either.
"""

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: B007, F841 - what a learner begins with names what is there, and does not use it yet

from dataclasses import dataclass
from typing import Any

from ... import (
    PROJECTIONS,
    QUERIES,
    AddOrderItem,
    AddProduct,
    AlreadyExists,
    CancelOrder,
    CreateOrder,
    CreateUser,
    EmailTaken,
    OrderCancelled,
    OrderPlaced,
    OrderShipped,
    PlaceOrder,
    RenameUser,
    ShipOrder,
    Shop,
    ShopError,
    UserCreated,
    UserRenamed,
)
from ...domain.fields import Id, Message
from .exercise import Exercise
from .rivals import QuickerInSending
from .trial import Trial

SUMMARY = """
A query changes nothing and has no rules: it looks up documents that stand ready in the shape in
which one screen shows them, and answers with a DTO. A projection is the code that makes and
maintains these documents from events; the documents are the read model. A list of all customers is
a read model too. The price is that a name stands in many documents, and all of them must change
when it does. What must be true now, such as that an e-mail is unique, is decided on the write side,
for the documents may be old.
"""


def stock_up(shop: Shop) -> None:
    """Two customers, two products and enough of both."""
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    shop.send(CreateUser("bob", "Bob Bell", "bob@example.org"))
    shop.send(AddProduct("mug", "Mug", price_cents=1200, stock=50))
    shop.send(AddProduct("tea", "Earl Grey", price_cents=920, stock=50))


def order(shop: Shop, order_id: str, user_id: str = "ada", mugs: int = 2, teas: int = 0) -> None:
    """Place an order."""
    shop.send(CreateOrder(order_id, user_id))
    shop.send(AddOrderItem(order_id, "mug", mugs))
    if teas:
        shop.send(AddOrderItem(order_id, "tea", teas))
    shop.send(PlaceOrder(order_id))


# A projection of one's own: the packing list.


def starter_keep_packing_list(docs, recorded):
    """Keep one document for each order that waits to be packed."""
    match recorded.event:
        case OrderPlaced() as order:
            ...  # order has order_id, user_id and lines; a line has sku, name and quantity
        case OrderShipped() | OrderCancelled() as done:
            ...  # done has order_id


def solution_keep_packing_list(docs, recorded):
    """Keep one document for each order that waits to be packed."""
    match recorded.event:
        case OrderPlaced() as order:
            pieces = sum(line.quantity for line in order.lines)
            waiting = {"order_id": order.order_id, "user_id": order.user_id, "pieces": pieces}
            docs.put(order.order_id, waiting)
        case OrderShipped() | OrderCancelled() as done:
            docs.delete(done.order_id)


def with_packing_list(thing: Any, trial: Trial) -> Shop:
    kinds = (OrderPlaced, OrderShipped, OrderCancelled)
    shop = trial.shop(projections={"packing_list": dict.fromkeys(kinds, thing)})
    stock_up(shop)
    return shop


def packing_list_of(shop: Shop, trial: Trial) -> list[str]:
    """Return the list as a packer reads it, after delivery."""
    trial.deliver(shop)
    found = shop.documents()["packing_list"]
    for document in found:
        missing = [name for name in ("order_id", "user_id", "pieces") if name not in document]
        trial.expect(
            not missing, f"a document of the packing list lacks {' and '.join(missing)}: {document}"
        )
    return [f"{one['order_id']} for {one['user_id']}: {one['pieces']} pieces" for one in found]


def lists_what_was_placed(thing: Any, trial: Trial) -> None:
    shop = with_packing_list(thing, trial)
    trial.does("an order of two mugs and three teas is placed")
    order(shop, "o-1", mugs=2, teas=3)
    wanted = ["o-1 for ada: 5 pieces"]
    trial.equal(wanted, packing_list_of(shop, trial), "the packing list")


def keeps_orders_apart(thing: Any, trial: Trial) -> None:
    shop = with_packing_list(thing, trial)
    trial.does("one customer places two orders")
    order(shop, "o-1", mugs=2)
    order(shop, "o-2", mugs=1)
    wanted = ["o-1 for ada: 2 pieces", "o-2 for ada: 1 pieces"]
    trial.equal(wanted, packing_list_of(shop, trial), "the packing list")


def forgets_what_was_shipped(thing: Any, trial: Trial) -> None:
    shop = with_packing_list(thing, trial)
    order(shop, "o-1")
    order(shop, "o-2", "bob")
    trial.does("one of two orders is shipped")
    shop.send(ShipOrder("o-1"))
    found = packing_list_of(shop, trial)
    trial.equal(["o-2 for bob: 2 pieces"], found, "the packing list after o-1 was shipped")


def forgets_what_was_cancelled(thing: Any, trial: Trial) -> None:
    shop = with_packing_list(thing, trial)
    order(shop, "o-1")
    trial.does("an order that was placed is cancelled")
    shop.send(CancelOrder("o-1", "ordered twice"))
    trial.equal([], packing_list_of(shop, trial), "the packing list after o-1 was cancelled")


def lets_a_draft_be_cancelled(thing: Any, trial: Trial) -> None:
    shop = with_packing_list(thing, trial)
    order(shop, "o-1")
    trial.does("a draft that was never placed is cancelled")
    shop.send(CreateOrder("o-2", "bob"))
    shop.send(CancelOrder("o-2", "changed my mind"))
    trial.equal(["o-1 for ada: 2 pieces"], packing_list_of(shop, trial), "the packing list")


def goes_on_after_a_restart(thing: Any, trial: Trial) -> None:
    """Until now our own projection was at work: what is in docs is all that is known."""
    kinds = (OrderPlaced, OrderShipped, OrderCancelled)
    at_work = dict.fromkeys(kinds, solution_keep_packing_list)
    shop = trial.shop(projections={"packing_list": at_work})
    stock_up(shop)
    order(shop, "o-8")
    order(shop, "o-9", "bob")
    shop.deliver()
    at_work.update(dict.fromkeys(kinds, thing))
    trial.does("two orders are on the list, the program is started anew, and one is shipped")
    shop.send(ShipOrder("o-8"))
    told = "the packing list (a projection may remember things in docs only)"
    trial.equal(["o-9 for bob: 2 pieces"], packing_list_of(shop, trial), told)


def can_be_rebuilt(thing: Any, trial: Trial) -> None:
    shop = with_packing_list(thing, trial)
    order(shop, "o-1")
    trial.deliver(shop)
    trial.does("the packing list is built anew from all events")
    shop.rebuild("packing_list")
    told = "the packing list, built anew (a projection may remember things in docs only)"
    trial.equal(["o-1 for ada: 2 pieces"], packing_list_of(shop, trial), told)


# Find the bug: who says that an e-mail is free?


def starter_sign_up(shop, known_emails, user_id, name, email):
    """Register somebody; answer "welcome" or "taken"."""
    if email in known_emails:
        return "taken"
    shop.send(CreateUser(user_id, name, email))
    return "welcome"


def solution_sign_up(shop, known_emails, user_id, name, email):
    """Register somebody; answer "welcome" or "taken"."""
    try:
        shop.send(CreateUser(user_id, name, email))
    except EmailTaken:
        return "taken"
    return "welcome"


def sign_up_with(
    thing: Any, trial: Trial, shop: Shop, known: list[str], user_id: str, email: str
) -> str:
    try:
        answer: str = thing(shop, list(known), user_id, "Eve Adams", email)
    except EmailTaken as error:
        trial.expect(False, f'the person sees an error instead of "taken" (EmailTaken: {error})')
    return answer


def users_of(shop: Shop) -> list[str]:
    return [row["user_id"] for row in shop.tables()["users"]]


def welcomes_somebody_new(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    trial.does("somebody signs up with an e-mail that nobody has")
    trial.equal(
        "welcome", sign_up_with(thing, trial, shop, [], "eve", "eve@example.org"), "the answer"
    )
    trial.expect("eve" in users_of(shop), "eve was welcomed, but the write side does not know her")


def notices_what_everybody_knows(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    stock_up(shop)
    shop.deliver()
    trial.does("somebody signs up with Ada's e-mail, and the documents know Ada")
    known = ["ada@example.org", "bob@example.org"]
    trial.equal(
        "taken", sign_up_with(thing, trial, shop, known, "eve", "ada@example.org"), "the answer"
    )
    trial.expect("eve" not in users_of(shop), "eve was registered under the e-mail of Ada")


def notices_what_the_documents_do_not_know_yet(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    trial.does("Ada signed up a moment ago, and the documents have not heard")
    shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    trial.equal(
        "taken", sign_up_with(thing, trial, shop, [], "eve", "ada@example.org"), "the answer"
    )
    trial.expect("eve" not in users_of(shop), "eve was registered under the e-mail of Ada")


def does_without_the_read_side(thing: Any, trial: Trial) -> None:
    shop = trial.shop(projections={**PROJECTIONS, "users": {}})
    trial.does("the documents know nobody, and two people sign up with one e-mail")
    trial.equal(
        "welcome", sign_up_with(thing, trial, shop, [], "ada", "ada@example.org"), "the answer"
    )
    trial.equal(
        "taken", sign_up_with(thing, trial, shop, [], "eve", "ada@example.org"), "the answer"
    )


def is_not_overtaken_after_a_look(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    trial.does("Ada signs up with the same e-mail right before your command arrives")
    quicker = QuickerInSending(shop, CreateUser("ada", "Ada Lovelace", "ada@example.org"))
    try:
        answer = thing(quicker, [], "eve", "Eve Adams", "ada@example.org")
    except EmailTaken as error:
        told = (
            f'the person sees an error instead of "taken" (EmailTaken: {error}). Somebody may be '
            "faster between any look at the shop and your command; only the refusal is certain"
        )
        trial.expect(False, told)
    trial.equal("taken", answer, "the answer")
    trial.expect("eve" not in users_of(shop), "eve was registered under the e-mail of Ada")


def is_not_fooled_by_capitals(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    stock_up(shop)
    shop.deliver()
    trial.does("somebody signs up as ADA@Example.org")
    known = ["ada@example.org", "bob@example.org"]
    trial.equal(
        "taken", sign_up_with(thing, trial, shop, known, "eve", "ADA@Example.org"), "the answer"
    )


def tells_other_refusals_as_they_are(thing: Any, trial: Trial) -> None:
    shop = trial.shop()
    stock_up(shop)
    trial.does("somebody signs up with a free e-mail, but under the id ada, which is in use")
    problem = "the e-mail is free, so this is no case of taken, nor of welcome"
    trial.refuses(AlreadyExists, lambda: thing(shop, [], "ada", "Eve", "eve@example.org"), problem)


# Labels: what a rename costs, and how they are read.


def starter_rename_on_labels(docs, recorded):
    """Put the new name on every label of this user."""
    user = recorded.event
    docs.lookup("names").put(user.user_id, {"name": user.name})  # for the labels to come
    for label in docs.find("user_id", user.user_id):
        ...


def solution_rename_on_labels(docs, recorded):
    """Put the new name on every label of this user."""
    user = recorded.event
    docs.lookup("names").put(user.user_id, {"name": user.name})  # for the labels to come
    for label in docs.find("user_id", user.user_id):
        docs.put(label["order_id"], {**label, "name": user.name})


def remember_name(docs: Any, recorded: Any) -> None:
    docs.lookup("names").put(recorded.event.user_id, {"name": recorded.event.name})


def print_label(docs: Any, recorded: Any) -> None:
    placed = recorded.event
    name = docs.lookup("names").get(placed.user_id)["name"]
    label = {"order_id": placed.order_id, "user_id": placed.user_id, "name": name}
    docs.put(placed.order_id, {**label, "pieces": sum(line.quantity for line in placed.lines)})


def with_labels(rename: Any, trial: Trial, **options: Any) -> Shop:
    labels = {UserCreated: remember_name, OrderPlaced: print_label, UserRenamed: rename}
    shop = trial.shop(projections={"labels": labels}, **options)
    stock_up(shop)
    return shop


def labels_of(shop: Shop, trial: Trial) -> list[str]:
    trial.deliver(shop)
    return [f"{one['order_id']}: {one.get('name')}" for one in shop.documents()["labels"]]


def renames_every_label(thing: Any, trial: Trial) -> None:
    shop = with_labels(thing, trial)
    order(shop, "o-1")
    order(shop, "o-2")
    order(shop, "o-3", "bob")
    shop.deliver()
    trial.does("Ada, who has two orders, is called Ada King from now on")
    shop.send(RenameUser("ada", "Ada King"))
    wanted = ["o-1: Ada King", "o-2: Ada King", "o-3: Bob Bell"]
    trial.equal(wanted, labels_of(shop, trial), "what the labels say")


def leaves_the_rest_of_a_label(thing: Any, trial: Trial) -> None:
    shop = with_labels(thing, trial)
    order(shop, "o-1", mugs=2, teas=1)
    shop.deliver()
    (before,) = shop.documents()["labels"]
    trial.does("Ada is renamed; nothing else on her label changes")
    shop.send(RenameUser("ada", "Ada King"))
    trial.deliver(shop)
    found = shop.documents()["labels"]
    trial.equal([{**before, "name": "Ada King"}], found, "the list of labels")


def renames_again_and_again(thing: Any, trial: Trial) -> None:
    shop = with_labels(thing, trial)
    order(shop, "o-1")
    trial.does("Ada is renamed twice, and orders again in between")
    shop.send(RenameUser("ada", "Ada King"))
    order(shop, "o-2")
    shop.send(RenameUser("ada", "Ada Byron"))
    order(shop, "o-3")
    wanted = ["o-1: Ada Byron", "o-2: Ada Byron", "o-3: Ada Byron"]
    trial.equal(wanted, labels_of(shop, trial), "what the labels say")


def renames_whoever_has_none(thing: Any, trial: Trial) -> None:
    shop = with_labels(thing, trial)
    trial.does("Bob is renamed, who has no order yet, and then orders")
    shop.send(RenameUser("bob", "Bob Bull"))
    order(shop, "o-1", "bob")
    trial.equal(["o-1: Bob Bull"], labels_of(shop, trial), "what the labels say")


# A query handler.


@dataclass(frozen=True)
class GetLabels(Message):
    """Which labels has this user? Answers Label objects, by order_id."""

    user_id: Id


@dataclass(frozen=True)
class Label:
    order_id: str
    name: str


def starter_get_labels(query, read):
    """Answer the labels of query.user_id, a list of Label objects."""
    return read["labels"].all()


def solution_get_labels(query, read):
    """Answer the labels of query.user_id, a list of Label objects."""
    found = read["labels"].find("user_id", query.user_id)
    return [Label(label["order_id"], label["name"]) for label in found]


def with_label_query(thing: Any, trial: Trial) -> Shop:
    return with_labels(solution_rename_on_labels, trial, queries={**QUERIES, GetLabels: thing})


def asked_for_labels(shop: Shop, trial: Trial, user_id: str) -> list[Label]:
    answer = shop.ask(GetLabels(user_id))
    trial.expect(
        isinstance(answer, list) and all(type(label) is Label for label in answer),
        f"the answer should be a list of Label objects, and is {str(answer)[:120]}",
    )
    found: list[Label] = answer
    return found


def answers_with_dtos(thing: Any, trial: Trial) -> None:
    shop = with_label_query(thing, trial)
    order(shop, "o-1", "bob")
    shop.deliver()
    trial.does("Bob, who has one order, asks for his labels")
    wanted = [Label("o-1", "Bob Bell")]
    trial.equal(wanted, asked_for_labels(shop, trial, "bob"), 'the answer to GetLabels("bob")')


def answers_one_user_only(thing: Any, trial: Trial) -> None:
    shop = with_label_query(thing, trial)
    order(shop, "o-2")
    order(shop, "o-1")
    order(shop, "o-3", "bob")
    shop.deliver()
    trial.does("Ada asks for her labels, and Bob has some, too")
    wanted = [Label("o-1", "Ada Lovelace"), Label("o-2", "Ada Lovelace")]
    trial.equal(wanted, asked_for_labels(shop, trial, "ada"), 'the answer to GetLabels("ada")')


def answers_that_there_are_none(thing: Any, trial: Trial) -> None:
    shop = with_label_query(thing, trial)
    shop.deliver()
    trial.does("Ada asks for her labels before she has ordered anything")
    try:
        found = asked_for_labels(shop, trial, "ada")
    except (ShopError, LookupError) as error:
        told = f"to have no labels is no error: the answer is an empty list, not {error!r}"
        trial.expect(False, told)
    trial.equal([], found, 'the answer to GetLabels("ada")')


def changes_nothing_by_answering(thing: Any, trial: Trial) -> None:
    shop = with_label_query(thing, trial)
    order(shop, "o-1")
    shop.deliver()
    before = shop.documents()
    trial.does("Ada asks twice, and looking changes nothing")
    first = asked_for_labels(shop, trial, "ada")
    trial.equal(first, asked_for_labels(shop, trial, "ada"), "the second answer")
    trial.equal(before, shop.documents(), "what the documents hold after two queries")


EXERCISES = (
    Exercise(
        name="03-packing-list",
        lesson="03",
        title="A read model for the people who pack",
        task="""The packers need a page: every order that was placed and neither shipped nor
            cancelled. Write the projection that keeps it.

            It is called with one event at a time. docs.put(key, document) stores a document,
            docs.delete(key) removes it, docs.get(key) reads it. Keep one document an order, under
            its order_id: {"order_id": ..., "user_id": ..., "pieces": ...}, where pieces is how many
            things go into the parcel.""",
        minutes=5,
        core=True,
        starter=starter_keep_packing_list,
        solution=solution_keep_packing_list,
        hints=(
            "Two things can happen: an order comes onto the list, or it leaves the list. Which "
            "events are which?",
            "A line is one product, and its quantity says how many pieces of it. Sum the "
            "quantities of order.lines.",
            "On OrderPlaced: docs.put(order.order_id, {...}). On the other two: "
            "docs.delete(done.order_id), which does no harm if there is nothing to delete.",
        ),
        cases=(
            lists_what_was_placed,
            can_be_rebuilt,
            keeps_orders_apart,
            forgets_what_was_shipped,
            forgets_what_was_cancelled,
            lets_a_draft_be_cancelled,
            goes_on_after_a_restart,
        ),
    ),
    Exercise(
        name="03-sign-up",
        lesson="03",
        title="The e-mail that was free",
        task="""This function registers people, and most of the time it works. known_emails is a
            list that the read side answered when the form was opened. Now and then somebody gets
            an error page. Find the bug and mend it.

            It must answer "welcome" or "taken", whatever the documents have heard of. Other
            refusals, such as AlreadyExists, are somebody else's business and go through.""",
        minutes=5,
        core=True,
        finds_bug=True,
        starter=starter_sign_up,
        solution=solution_sign_up,
        hints=(
            "How old is known_emails when the command is sent? Who else may have signed up since?",
            "A list from the read side may be old, whatever you do. Who knows for certain, and "
            "says so by refusing?",
            "Send the command without asking anybody, and catch EmailTaken: that is the answer "
            '"taken".',
        ),
        cases=(
            welcomes_somebody_new,
            notices_what_everybody_knows,
            notices_what_the_documents_do_not_know_yet,
            does_without_the_read_side,
            is_not_overtaken_after_a_look,
            is_not_fooled_by_capitals,
            tells_other_refusals_as_they_are,
        ),
    ),
    Exercise(
        name="03-labels",
        lesson="03",
        title="A new name on every label",
        task="""A projection keeps an address label for each order: {"order_id", "user_id", "name",
            "pieces"}, under its order_id. Write the function that it calls on UserRenamed: the new
            name must stand on every label of that user, and on the labels to come.""",
        minutes=5,
        starter=starter_rename_on_labels,
        solution=solution_rename_on_labels,
        hints=(
            "The loop already goes over the labels of this user. What docs.find gives is a copy.",
            "A changed copy must be put back. Under which key do labels stand?",
            'docs.put(label["order_id"], {**label, "name": user.name})',
        ),
        cases=(
            renames_every_label,
            leaves_the_rest_of_a_label,
            renames_again_and_again,
            renames_whoever_has_none,
        ),
    ),
    Exercise(
        name="03-get-labels",
        lesson="03",
        title="The query that reads the labels",
        task="""Now somebody wants to see the labels of one user. Write the query handler for
            GetLabels(user_id). read["labels"] gives the documents of the projection labels; they
            have get(key), find(field, value) and all(). Answer with a list of
            Label(order_id, name), by order_id; an empty list if there are none.""",
        minutes=5,
        starter=starter_get_labels,
        solution=solution_get_labels,
        hints=(
            "A query handler looks up and hands over. Which of get, find and all fits here?",
            'read["labels"].find("user_id", query.user_id) gives dicts, by order_id. The client '
            "was promised Label objects.",
            'Make Label(label["order_id"], label["name"]) of each of them, in a list.',
        ),
        cases=(
            answers_with_dtos,
            answers_one_user_only,
            answers_that_there_are_none,
            changes_nothing_by_answering,
        ),
    ),
)
