"""CRUD and CQRS side by side, concern by concern, and where each row can be seen to be true."""

from typing import NamedTuple


class Row(NamedTuple):
    """One concern. `better` is "CRUD", "CQRS" or "either"; `seen` is a test or a file, and `also` a
    lesson or a measurement. What only some rungs have is said to be theirs."""

    concern: str
    crud: str
    cqrs: str
    better: str
    seen: str
    also: str = ""


MEASURED = "`python -m cqrs_demo compare`"

# Consistency and cost first: they are what CQRS is paid for with.
CONTRAST = (
    Row(
        "consistency",
        "every read sees the last write",
        "the same on rung 2; from rung 3 on an answer may be old until events arrive",
        "CRUD",
        "tests/contract/test_shop.py::"
        "test_a_user_who_was_created_is_found_once_the_event_is_delivered",
        "lesson 04",
    ),
    Row(
        "cost",
        "one model and a few tables; a new field is one change",
        "commands, handlers and queries for each thing, from rung 3 on events and projections; a "
        "new name is written into every document that shows it",
        "CRUD",
        "tests/contract/test_delivery.py::test_a_user_who_orders_much_and_is_renamed_costs_documents",
        f"lesson 06, {MEASURED}",
    ),
    Row(
        "operations",
        "one database to run and to back up",
        "the same on rung 2; from rung 3 on projections stop, lag and are rebuilt, and somebody "
        "has to watch them",
        "CRUD",
        "tests/contract/test_delivery.py::test_a_projection_that_fails_stops_and_the_others_go_on",
        f"lesson 04, {MEASURED}",
    ),
    Row(
        "storage",
        "every fact once, in normalized tables",
        "the same on rung 2; from rung 3 on every fact again in each document, and in an event",
        "CRUD",
        "cqrs_demo/read_model/projections.py",
        MEASURED,
    ),
    Row(
        "model",
        "one model that reads and writes, shaped like the tables",
        "one that decides, shaped by rules; others that answer, shaped by screens",
        "either",
        "cqrs_demo/ladder.py",
        "lesson 03",
    ),
    Row(
        "validation",
        "a form saves whatever its fields may hold",
        "a command carries an intention, and an aggregate may refuse it",
        "CQRS",
        "tests/crud/test_forms.py::test_no_rule_is_asked_a_shipped_order_can_be_made_a_draft",
        "lessons 01 and 02",
    ),
    Row(
        "concurrency",
        "the last writer wins and nobody is told, unless a version is checked",
        "two intentions about one thing are both carried out; a version is checked as well",
        "CQRS",
        "tests/crud/test_forms.py::test_the_last_writer_wins_and_nobody_is_told",
        f"lesson 01, {MEASURED}",
    ),
    Row(
        "writes",
        "load a row, change it, save it whole",
        "one handler a command, one transaction, nothing returned",
        "either",
        "tests/contract/test_delivery.py::test_placing_and_cancelling_record_what_they_did",
        f"lesson 02, {MEASURED}",
    ),
    Row(
        "reads",
        "joins over the tables that writes use",
        "queries of their own: on rung 2 joins as well; from rung 3 on one look-up in a document "
        "that has the shape of the answer",
        "CQRS",
        "cqrs_demo/read_model/document_queries.py",
        f"lesson 03, {MEASURED}",
    ),
    Row(
        "scaling",
        "reads and writes share one database",
        "the same on rung 2; from rung 3 on read models are added, placed and rebuilt apart from "
        "the write side",
        "CQRS",
        "tests/contract/test_delivery.py::test_commands_and_queries_go_on_during_a_rebuild",
        MEASURED,
    ),
    Row(
        "history",
        "overwritten by the next save",
        "the same on rung 2; on rung 3 events lie in the outbox for as long as it keeps "
        "them; on rung 4, with event sourcing, what has happened is all that is stored",
        "CQRS",
        "tests/contract/test_history.py::"
        "test_the_shop_as_it_was_shows_tables_documents_and_answers_together",
        "lesson 05",
    ),
    Row(
        "security",
        "rights are given for tables and columns: may this user write orders?",
        "a command names an intention, such as CancelOrder, to which a right can be tied (this "
        "shop has neither a login nor rights); whoever asks a query changes nothing",
        "CQRS",
        "tests/contract/test_slips.py::"
        "test_a_query_handler_that_writes_is_told_so_and_changes_nothing",
    ),
    Row(
        "testing",
        "through the database, as rules stand between load and save",
        "aggregates alone, without any store; then projections, event by event",
        "CQRS",
        "tests/domain/test_aggregates.py::"
        "test_deciding_changes_nothing_until_the_events_are_applied",
        "lesson 02",
    ),
    Row(
        "when it wins",
        "few rules, own data, strong consistency: smaller, and enough",
        "many rules, collaboration, reads and writes that differ, or a past that is worth money",
        "either",
        "diagrams/when.svg",
        "lesson 06",
    ),
)
