"""The sentences fit, are plain, and stay whole with names of ordinary length."""

import re
from contextlib import suppress
from dataclasses import replace
from string import Formatter

import pytest

from cqrs_demo import (
    LADDER,
    AddOrderItem,
    AddProduct,
    ChangePrice,
    CommandRejected,
    CreateOrder,
    CreateUser,
    DemoPayments,
    GetCatalogue,
    GetOrder,
    PlaceOrder,
    PriceChanged,
    ProductAdded,
    open_shop,
)
from cqrs_demo.domain.product import Product
from cqrs_demo.lab.faults import tamper
from cqrs_demo.lab.narration import MOST_LETTERS, SENTENCES, counted, listed, money, sentence
from cqrs_demo.write_model import event_log

# facts as they come from a run with names of ordinary length
FACTS = {
    "command": "ChangeShippingAddress",
    "key": "o-12345",
    "kind": "product",
    "version": 12,
    "facts": "ShippingAddressChanged",
    "quantity": 12,
    "stock": 120,
    "stream": "product-earl-grey",
    "money": "1234.50",
    "error": "PaymentDeclined",
    "because": ": the payment for order 'o-12345' was declined",
    "behind": "12 events",
    "query": 'GetOrderHistory("ada")',
    "projection": "order_history",
    "answer": "OrderView (status draft, address 12 Mill Lane)",
    "seen": 120,
    "after": 123,
    "events": "12 events",
    "log": "event store",
    "event": "OrderItemRemoved (123)",
    "how_far": "12 events behind",
    "checkpoint": 123,
    "position": 123,
    "missing": "101 to 122",
    "documents": "12 documents change",
    "done": "brings twice",
    "tables": "orders, users and order_lines",
    "them": "them",
    "go": "goes",
    "source": "relay",
    "target": "event_bus",
    "reactor": "confirmations_mailer",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_is_whole_with_names_of_ordinary_length(name):
    situation, _, rung = name.partition("/")
    told = sentence(situation, rung or "two-stores", FACTS)
    assert len(told) <= MOST_LETTERS
    assert told[0].isupper() and told.endswith(".")
    assert "…" not in told.removesuffix("…."), told


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_with_names_of_a_thousand_letters_still_fits(name):
    situation, _, rung = name.partition("/")
    facts = dict.fromkeys(FACTS, "x" * 1000)
    assert len(sentence(situation, rung or "two-stores", facts)) <= MOST_LETTERS


def test_sentences_use_plain_words_and_only_facts_that_exist():
    for template in SENTENCES.values():
        assert not re.search(r"\b(simply|just|easily|obviously)\b", template, re.IGNORECASE)
        assert {name for _, name, _, _ in Formatter().parse(template) if name} <= FACTS.keys()


def test_a_sentence_for_one_rung_names_a_rung_that_exists():
    rungs = {name.partition("/")[2] for name in SENTENCES} - {""}
    assert rungs <= set(LADDER)


def test_facts_are_data_and_are_not_filled_in_a_second_time():
    assert "{key}" in sentence("open form", "crud", {"key": "{key}"})
    assert "\n" not in sentence("open form", "crud", {"key": "two\nlines"})


def test_a_situation_without_a_sentence_is_an_error():
    with pytest.raises(KeyError):
        sentence("no such thing", "crud", {})


def test_amounts_and_lists_read_well():
    assert money(1840) == "18.40" and money(5) == "0.05"
    assert [counted(n, "event") for n in (0, 1, 2)] == ["no events", "1 event", "2 events"]
    assert listed(["A"]) == "A" and listed(["A", "B", "C"]) == "A, B and C"


# sentences that are true whatever happened


def told(rung, before, act, **options):
    """Return the sentences of what `act` does to a shop in which `before` has happened."""
    with open_shop(rung, **options) as shop:
        before(shop)
        with shop.record("test") as recording, suppress(Exception):
            act(shop)
    return [step.note for step in recording.steps], [fold.note for fold in recording.folds]


def mug(shop):
    shop.send(AddProduct("mug", "Blue mug", 450, 5))


def nothing(shop):
    pass


def fails(docs, recorded):
    raise ValueError


@pytest.mark.parametrize("situation", ["publish", "fault", "deliver", "read documents"])
def test_long_names_of_ours_are_not_cut(situation):
    facts = {
        **FACTS,
        "event": "ShippingAddressChanged (123)",
        "projection": "order_history",
        "error": "AttributeError",
        "because": ": 'OrderPlaced' object has no attribute 'total'",
        "how_far": "order_history stopped",
    }
    assert "…" not in sentence(situation, "event-sourced", facts)


def test_who_stopped_is_cut_and_that_it_stopped_is_not():
    stopped = {**FACTS, "how_far": f"{'my_own_projection, ' * 9}orders stopped"}
    assert sentence("deliver", "event-sourced", stopped).endswith("… stopped.")


def test_a_crash_of_the_relay_is_told_of_those_projections_that_an_event_is_for():
    def half(shop):
        mug(shop)
        shop.deliver(only="catalogue")

    notes, _ = told("two-stores", half, lambda shop: shop.deliver())
    (publish,) = (note for note in notes if note.startswith("The relay hands"))
    assert "a crash loses nothing: the checkpoints of those it is for have not" in publish


@pytest.mark.parametrize(("n", "events"), [(1, "1 event"), (2, "2 events")])
def test_a_rebuild_and_an_answer_count_any_number_of_events(n, events):
    def before(shop):
        for k in range(n):
            shop.send(AddProduct(f"mug-{k}", "Blue mug", 450, 5))

    notes, _ = told("two-stores", before, lambda shop: shop.rebuild("catalogue"))
    assert notes[0] == (
        f"The projection catalogue reads {events}, from the first one;"
        " meanwhile queries get what was there before."
    )

    def caught_up(shop):
        before(shop)
        shop.deliver()

    notes, _ = told("two-stores", caught_up, lambda shop: shop.ask(GetCatalogue()))
    assert notes[-1].endswith(f"; its documents have seen all there is ({events}).")
    notes, _ = told("two-stores", caught_up, lambda shop: shop.ask(GetOrder("x")))
    assert f"The documents have seen all there is ({events})" in notes[-1]


@pytest.mark.parametrize("rung", LADDER)
def test_a_refusal_without_a_reason_has_no_colon(rung):
    def refuse(*arguments):
        raise CommandRejected

    options = {"payments": DemoPayments()}
    options["payments"].charge = refuse

    def draft(shop):
        mug(shop)
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        shop.send(CreateOrder("o-1", "ada"))
        shop.send(AddOrderItem("o-1", "mug", 1))

    notes, _ = told(rung, draft, lambda shop: shop.send(PlaceOrder("o-1")), **options)
    assert notes[-1] == "No (CommandRejected). Nothing in the shop has changed."


@pytest.mark.parametrize("rung", LADDER)
def test_a_sale_whose_money_cannot_be_given_back_changes_nothing_in_the_shop(rung):
    class Gateway(DemoPayments):
        def charge(self, order_id, cents):
            raise ConnectionError("is unreachable")

        def refund(self, order_id):
            raise OSError

    def draft(shop):
        mug(shop)
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        shop.send(CreateOrder("o-1", "ada"))
        shop.send(AddOrderItem("o-1", "mug", 1))

    notes, _ = told(rung, draft, lambda shop: shop.send(PlaceOrder("o-1")), payments=Gateway())
    assert any("could not take it back: OSError." in note for note in notes)
    assert notes[-1] == "No (ConnectionError): is unreachable. Nothing in the shop has changed."


@pytest.mark.parametrize("row", [{}, None, [], "x", {"user_id": None}, {1: {}}, {"user_id": "ada"}])
def test_a_form_that_holds_anything_is_told_of(row):
    notes, _ = told("crud", nothing, lambda shop: shop.crud.save("users", row))
    assert notes[0].startswith("The client saves the form of ")
    assert notes[-1].startswith("No (InvalidMessage)")


def test_the_last_writer_wins_with_a_form_and_not_with_a_command():
    notes, _ = told("crud", mug, lambda shop: shop.send(ChangePrice("mug", 500)))
    assert not any("last writer" in note for note in notes)
    row = {"sku": "mug", "name": "Mug", "price_cents": 1, "stock": 1}
    notes, _ = told("crud", mug, lambda shop: shop.crud.save("products", row))
    assert "the last writer wins" in notes[0]


@pytest.mark.parametrize("rung", ["two-stores", "event-sourced"])
def test_what_is_delivered_at_once_is_not_said_to_wait(rung):
    notes, _ = told(rung, nothing, mug, delivery="immediate")
    assert any(note.startswith("The relay finds 1 event in the ") for note in notes)
    assert not any("did not wait" in note or "nobody waits" in note for note in notes)


@pytest.mark.parametrize("rung", ["two-stores", "event-sourced"])
def test_a_command_that_changes_nothing_has_no_new_events(rung):
    notes, _ = told(rung, mug, lambda shop: shop.send(ChangePrice("mug", 450)))
    assert not any("the new events are there" in note for note in notes)
    assert notes[-1] == (
        "Done, and nothing comes back but that. The read side is 1 event behind; it catches"
        " up by delivery."
    )


@pytest.mark.parametrize("rung", ["crud", "one-database"])
def test_who_made_the_id_is_told_only_where_one_was_made(rung):
    def creates(shop):
        shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
        mug(shop)
        shop.send(CreateOrder("o-1", "ada"))

    notes, _ = told(rung, nothing, creates)
    assert sum("the client made the id itself" in note for note in notes) == 3
    notes, _ = told(rung, creates, lambda shop: shop.send(AddOrderItem("o-1", "mug", 1)))
    assert not any("made the id" in note for note in notes)
    assert notes[-1] == "Done: the command is accepted, and nothing else comes back."


def test_a_state_may_come_from_a_snapshot():
    def often(shop):
        mug(shop)
        for cents in range(1, 111):
            shop.send(ChangePrice("mug", cents))

    notes, _ = told("event-sourced", often, lambda shop: shop.send(ChangePrice("mug", 999)))
    assert notes[1].endswith("(111 by now); a snapshot, if there is one, only shortens that.")


def test_an_event_that_is_set_aside_stops_nobody_and_is_tried_again():
    options = {"projections": {"mine": {ProductAdded: fails}}, "set_aside_after": {"mine": 1}}
    notes, _ = told("two-stores", mug, lambda shop: shop.deliver(), **options)
    assert notes[-2] == "The projection mine fails on event 1 (ValueError); the others go on."
    assert notes[-1] == (
        "The projection mine sets event 1 aside, among its dead letters, and goes on:"
        " its documents lack it."
    )

    def set_aside(shop):
        mug(shop)
        shop.deliver()

    _, (fold,) = told("two-stores", set_aside, lambda shop: shop.retry("mine"), **options)
    assert fold == (
        "What a projection had set aside is tried again; no documents change: 1 event set aside."
    )


def test_events_that_are_set_aside_are_told_once_and_in_their_order(monkeypatch):
    monkeypatch.setattr(event_log, "BATCH", 3)  # so that one delivery takes several transactions

    def mugs(shop):
        for n in range(1, 8):
            shop.send(AddProduct(f"mug-{n}", "Mug", 450, 5))

    def some_fail(docs, recorded):
        if recorded.position in (1, 3, 5):
            fails(docs, recorded)

    options = {"projections": {"mine": {ProductAdded: some_fail}}, "set_aside_after": {"mine": 1}}
    notes, (fold,) = told("two-stores", mugs, lambda shop: shop.deliver(), **options)
    aside = [note for note in notes if "dead letters" in note]
    assert ["events 1 and 3 aside" in aside[0], "event 5 aside" in aside[1]] == [True, True]
    assert len(aside) == 2
    assert fold.endswith("no documents change: 3 events set aside.")


def test_a_rebuild_of_a_shop_without_a_past_reads_nothing():
    notes, _ = told("two-stores", lambda shop: None, lambda shop: shop.rebuild("catalogue"))
    assert notes[0].startswith("The projection catalogue begins anew, and there is no event yet")


@pytest.mark.parametrize("rung", LADDER)
def test_a_command_that_comes_again_under_its_id_is_not_said_to_be_carried_out(rung):
    again = lambda shop: shop.send(ChangePrice("mug", 7), command_id="p-1")  # noqa: E731
    notes, _ = told(rung, lambda shop: (mug(shop), again(shop)), again)
    assert [note.partition(":")[0] for note in notes[1:]] == [
        "Commit, with nothing in it",
        "Done, as it was the first time",
    ]
    notes, _ = told(rung, mug, again)
    assert not any("carried out" in note for note in notes)


@pytest.mark.parametrize("rung", ["two-stores", "event-sourced"])
def test_what_the_bus_has_lost_was_not_brought(rung):
    def lost(shop):
        tamper(shop).drop(1)
        mug(shop)

    notes, (fold,) = told(rung, lost, lambda shop: shop.deliver(only="catalogue"))
    assert notes[-1].startswith("Nothing was brought to this projection: its checkpoint stays")
    assert fold.startswith("The relay hands 1 event to the bus, and nothing arrives")


@pytest.mark.parametrize("rung", ["two-stores", "event-sourced"])
def test_a_projection_that_is_interrupted_is_told_of_its_own_rollback(rung):
    def interrupted(docs, recorded):
        docs.put("a", {})
        raise KeyboardInterrupt

    def deliver(shop):
        with suppress(KeyboardInterrupt):
            shop.deliver()

    mine = {"mine": {ProductAdded: interrupted}}
    notes, _ = told(rung, mug, deliver, projections=mine)
    assert notes[-1].startswith("Rollback: documents and checkpoint are as they were; the event")


@pytest.mark.parametrize("rung", ["two-stores", "event-sourced"])
def test_an_answer_is_old_too_where_another_shop_has_written(rung, lasting_urls):
    with open_shop(rung, **lasting_urls) as shop, open_shop(rung, **lasting_urls) as other:
        mug(shop)
        shop.deliver()
        with shop.record("two on one store") as recording:
            other.send(ChangePrice("mug", 7))
            shop.ask(GetCatalogue())
    assert recording.steps[-1].note.startswith("An honest but old answer")
    (seen,) = recording.state(len(recording.steps))["screen"]["answers"].values()
    assert seen["stale"]


def test_an_error_that_cannot_say_why_is_told_by_its_name_and_line():
    class Rude(Exception):
        def __str__(self):
            raise AttributeError

    def refuse(command, work):
        raise Rude

    with (
        open_shop("one-database", handlers={ChangePrice: refuse}) as shop,
        shop.record("rude") as recording,
        suppress(Rude),
    ):
        shop.send(ChangePrice("mug", 7))
    last = recording.steps[-1]
    assert last.note == "No (Rude). Nothing in the shop has changed."
    assert last.code.source.splitlines()[last.code.line - last.code.first].strip() == "raise Rude"


def test_marks_of_direction_in_what_is_told_do_not_turn_our_words():
    sly = "\u202eadmin"
    with open_shop("two-stores") as shop, shop.record("sly") as recording:
        shop.send(CreateUser(sly, "A", "a@x"))
        shop.deliver()
    ours = [x for step in recording.steps for x in (step.note, step.name, step.scene, step.call)]
    assert not any("\u202e" in text for text in ours)
    assert any(r"\u202eadmin" in step.note for step in recording.steps)
    users = recording.state(len(recording.steps))["read"]["users"]
    assert users[sly]["user_id"] == sly  # what is stored stays what it is


def test_two_events_in_one_save_go():
    def both(command, work):
        product = work.get(Product, "mug")
        work.save(product, [PriceChanged("mug", 1), PriceChanged("mug", 2)])

    with open_shop("event-sourced") as shop:
        mug(shop)
        handlers = {**shop.commands.handlers, ChangePrice: both}
        shop.commands = replace(shop.commands, handlers=handlers)
        with shop.record("test") as recording:
            shop.send(ChangePrice("mug", 2))
    words = "PriceChanged and PriceChanged go to the end of the stream"
    assert any(words in step.note for step in recording.steps)
