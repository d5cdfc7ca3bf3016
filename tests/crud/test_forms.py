"""CRUD through forms: whole rows, no rules, and what a version column buys."""

import pytest

from cqrs_demo import *
from cqrs_demo import open_shop


@pytest.fixture
def shop():
    with open_shop("crud") as shop:
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        shop.send(AddProduct("tea", "Tea", 920, 12))
        shop.send(CreateOrder("o-1", "ada"))
        shop.send(AddOrderItem("o-1", "tea", 2))
        yield shop


def test_a_row_is_loaded_as_a_dict_with_its_version(shop):
    assert shop.crud.load("users", "ada") == {
        "user_id": "ada",
        "name": "Ada",
        "email": "ada@example.org",
        "version": 1,
    }
    line = {"sku": "tea", "quantity": 2, "unit_price_cents": 920}
    assert shop.crud.load("orders", "o-1")["lines"] == [line]


def test_the_last_writer_wins_and_nobody_is_told(shop):
    mine, yours = shop.crud.load("orders", "o-1"), shop.crud.load("orders", "o-1")
    shop.crud.save("orders", {**mine, "shipping_address": "Paris"})
    shop.crud.save("orders", {**yours, "lines": []})
    order = shop.ask(GetOrder("o-1"))
    assert order.shipping_address is None  # my edit is gone
    assert order.lines == ()
    assert order.version == 4


def test_a_version_catches_the_lost_race(shop):
    mine, yours = shop.crud.load("orders", "o-1"), shop.crud.load("orders", "o-1")
    shop.crud.save("orders", {**mine, "shipping_address": "Paris"}, version=mine["version"])
    with pytest.raises(ConcurrencyConflict, match="version 3, expected was 2"):
        shop.crud.save("orders", {**yours, "lines": []}, version=yours["version"])
    assert shop.ask(GetOrder("o-1")).shipping_address == "Paris"


def test_a_new_row_is_inserted_at_version_1(shop):
    row = {"user_id": "eve", "name": "Eve", "email": "eve@example.org"}
    shop.crud.save("users", row)
    assert shop.ask(GetUserById("eve")).version == 1
    with pytest.raises(ConcurrencyConflict):
        shop.crud.save("users", row, version=0)


def test_no_rule_is_asked_a_shipped_order_can_be_made_a_draft(shop):
    shop.send(PlaceOrder("o-1"))
    shop.send(ShipOrder("o-1"))
    shop.crud.save("orders", {**shop.crud.load("orders", "o-1"), "status": "draft"})
    assert shop.ask(GetOrder("o-1")).status == "draft"


@pytest.mark.parametrize(
    ("table", "change", "error"),
    [
        ("users", {"email": "x"}, None),
        ("users", {"name": 7}, InvalidMessage),
        ("users", {"name": "\ud800"}, InvalidMessage),
        ("users", {"surname": "King"}, InvalidMessage),
        ("users", {"name": None}, InvalidMessage),
        ("products", {"stock": -1}, InvalidMessage),
        ("products", {"stock": 10**30}, InvalidMessage),
        ("products", {"price_cents": True}, InvalidMessage),
        ("orders", {"status": "lost"}, CommandRejected),
        ("orders", {"user_id": "nobody"}, CommandRejected),
        ("orders", {"lines": None}, InvalidMessage),
        ("orders", {"lines": [{"sku": "tea"}]}, InvalidMessage),
        ("orders", {"lines": ["tea"]}, InvalidMessage),
        (
            "orders",
            {"lines": [{"sku": "no", "quantity": 1, "unit_price_cents": 1}]},
            CommandRejected,
        ),
        (
            "orders",
            {"lines": [{"sku": "tea", "quantity": 1, "unit_price_cents": 1}] * 2},
            CommandRejected,
        ),
    ],
)
def test_only_what_the_tables_forbid_is_refused(shop, table, change, error):
    key = {"users": "ada", "products": "tea", "orders": "o-1"}[table]
    row, before = shop.crud.load(table, key), shop.tables()
    if error is None:
        shop.crud.save(table, {**row, **change})
        return
    with pytest.raises(error):
        shop.crud.save(table, {**row, **change})
    assert shop.tables() == before


def test_an_email_is_unique_in_forms_too(shop):
    with pytest.raises(EmailTaken):
        shop.crud.save("users", {"user_id": "eve", "name": "Eve", "email": "ADA@example.org"})


def test_a_form_that_does_not_exist_names_those_that_do(shop):
    with pytest.raises(ShopError, match="users, products, orders"):
        shop.crud.load("order_lines", "o-1")
    with pytest.raises(ShopError, match="users, products, orders"):
        shop.crud.save("users; DROP TABLE users", {})
    with pytest.raises(UnknownId):
        shop.crud.load("users", "nobody")
    with pytest.raises(InvalidMessage):
        shop.crud.load("users", None)
    with pytest.raises(InvalidMessage, match="is missing"):
        shop.crud.save("users", {"user_id": "ada"})
    with pytest.raises(InvalidMessage, match="row"):
        shop.crud.save("users", ["ada"])
