"""The sentences fit, are plain, and stay whole with names of ordinary length."""

import re
from string import Formatter

import pytest

from cqrs_demo import LADDER
from cqrs_demo.lab.narration import MOST_LETTERS, SENTENCES, counted, listed, money, sentence

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
    "message": "the payment for order 'o-12345' was declined",
    "behind": "12 events",
    "waits": "wait",
    "query": 'GetOrderHistory("ada")',
    "projection": "order_history",
    "answer": "12 rows",
    "seen": 120,
    "written": 123,
    "after": 123,
    "events": "12 events",
    "log": "event store",
    "event": "OrderItemRemoved (123)",
    "how_far": "12 events behind",
    "checkpoint": 123,
    "position": 123,
    "documents": "12 documents change",
    "done": "brings twice",
    "tables": "orders, users and order_lines",
    "them": "them",
    "source": "relay",
    "target": "event_bus",
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
