"""The rules, without any database: given events, when something is decided, then events or no."""

import pytest

from cqrs_demo import (
    CommandRejected,
    EmptyOrder,
    OrderCancelled,
    OrderCreated,
    OrderItemAdded,
    OrderItemRemoved,
    OrderLine,
    OrderPlaced,
    OrderShipped,
    OutOfStock,
    PriceChanged,
    ProductAdded,
    ProductRestocked,
    ShippingAddressChanged,
    StockReleased,
    StockReserved,
    UnknownId,
    UserCreated,
    UserRenamed,
    WrongStatus,
)
from cqrs_demo.domain.order import Order
from cqrs_demo.domain.product import Product
from cqrs_demo.domain.user import User


def given(aggregate, *events):
    for event in events:
        aggregate.apply(event)
    return aggregate


def order(*events):
    return given(Order("o-1"), OrderCreated("o-1", "ada"), *events)


def product(stock=5, price_cents=100):
    return given(Product("tea"), ProductAdded("tea", "Tea", price_cents, stock))


ONE_LINE = OrderItemAdded("o-1", "tea", "Tea", 2, 100)
PLACED = OrderPlaced("o-1", "ada", (OrderLine("tea", "Tea", 2, 100),), 200)
SHIPPED = OrderShipped("o-1")
CANCELLED = OrderCancelled("o-1", "changed my mind")


def test_a_new_user_is_created():
    assert User("ada").create("Ada", "ada@example.org") == [
        UserCreated("ada", "Ada", "ada@example.org")
    ]


def test_renaming_a_user_is_recorded():
    user = given(User("ada"), UserCreated("ada", "Ada", "ada@example.org"))
    assert user.rename("Ada King") == [UserRenamed("ada", "Ada King")]


def test_a_user_who_already_has_the_name_records_nothing():
    user = given(User("ada"), UserCreated("ada", "Ada", "a@b"), UserRenamed("ada", "Ada King"))
    assert user.rename("Ada King") == []


def test_a_price_is_changed_and_the_same_price_is_not():
    assert product().change_price(120) == [PriceChanged("tea", 120)]
    assert product().change_price(100) == []


def test_stock_is_reserved_down_to_the_last_piece():
    assert product(stock=5).reserve("o-1", 5) == [StockReserved("tea", "o-1", 5)]


def test_no_more_is_reserved_than_there_is():
    with pytest.raises(OutOfStock, match="6 of 'tea' wanted, 5 in stock"):
        product(stock=5).reserve("o-1", 6)


def test_stock_goes_down_and_up_with_the_events():
    tea = given(
        product(stock=5),
        StockReserved("tea", "o-1", 4),
        StockReleased("tea", "o-1", 3),
        ProductRestocked("tea", 10),
    )
    assert tea.stock == 14


def test_an_added_line_carries_the_name_and_price_of_the_product():
    assert order().add_item(product(price_cents=120), 2) == [
        OrderItemAdded("o-1", "tea", "Tea", 2, 120)
    ]


def test_adding_a_product_again_adds_up_and_reprices_the_line():
    draft = order(ONE_LINE, OrderItemAdded("o-1", "tea", "Tea", 3, 120))
    assert draft.lines == {"tea": OrderLine("tea", "Tea", 5, 120)}
    assert draft.total_cents == 600


def test_an_item_can_be_added_though_it_is_not_in_stock():
    assert order().add_item(product(stock=0), 1)


def test_an_order_total_may_reach_2_to_the_53_cents_and_not_one_more():
    almost = OrderItemAdded("o-1", "gold", "Gold", 1, 2**53 - 100)
    assert order(almost).add_item(product(price_cents=100), 1)
    with pytest.raises(CommandRejected, match="2\\^53"):
        order(almost).add_item(product(price_cents=101), 1)


def test_repricing_counts_the_line_once_towards_the_limit():
    half = OrderItemAdded("o-1", "tea", "Tea", 1, 2**52)
    assert order(half).add_item(product(price_cents=2**52), 1)


def test_a_line_is_removed_and_a_missing_one_is_unknown():
    assert order(ONE_LINE).remove_item("tea") == [OrderItemRemoved("o-1", "tea")]
    with pytest.raises(UnknownId):
        order(ONE_LINE).remove_item("mug")


def test_lines_stand_in_the_order_first_added():
    mug = OrderItemAdded("o-1", "mug", "Mug", 1, 500)
    draft = order(ONE_LINE, mug, ONE_LINE)
    assert list(draft.lines) == ["tea", "mug"]
    again = given(draft, OrderItemRemoved("o-1", "tea"), ONE_LINE)
    assert list(again.lines) == ["mug", "tea"]


def test_placing_tells_what_was_ordered_and_what_it_costs():
    assert order(ONE_LINE).place() == [PLACED]


def test_an_order_without_lines_is_not_placed():
    with pytest.raises(EmptyOrder):
        order().place()
    with pytest.raises(EmptyOrder):
        order(ONE_LINE, OrderItemRemoved("o-1", "tea")).place()


def test_the_same_address_again_records_nothing():
    changed = ShippingAddressChanged("o-1", "12 St James's Square")
    assert order().change_address("12 St James's Square") == [changed]
    assert order(changed).change_address("12 St James's Square") == []


# What each status allows; everything else is refused with WrongStatus.
ALLOWED = {
    "draft": {"add_item", "remove_item", "change_address", "place", "cancel"},
    "placed": {"change_address", "ship", "cancel"},
    "shipped": set(),
    "cancelled": set(),
}
HISTORIES = {
    "draft": [ONE_LINE],
    "placed": [ONE_LINE, PLACED],
    "shipped": [ONE_LINE, PLACED, SHIPPED],
    "cancelled": [ONE_LINE, PLACED, CANCELLED],
}
DECISIONS = {
    "add_item": lambda order: order.add_item(product(), 1),
    "remove_item": lambda order: order.remove_item("tea"),
    "change_address": lambda order: order.change_address("elsewhere"),
    "place": lambda order: order.place(),
    "ship": lambda order: order.ship(),
    "cancel": lambda order: order.cancel(""),
}


@pytest.mark.parametrize("status", HISTORIES)
@pytest.mark.parametrize("decision", DECISIONS)
def test_a_status_allows_what_it_allows_and_nothing_else(status, decision):
    subject = order(*HISTORIES[status])
    assert subject.status == status
    if decision in ALLOWED[status]:
        assert DECISIONS[decision](subject)
    else:
        with pytest.raises(WrongStatus, match=status):
            DECISIONS[decision](subject)


def test_deciding_changes_nothing_until_the_events_are_applied():
    subject = order(ONE_LINE)
    subject.place()
    subject.cancel("no")
    assert subject.status == "draft"


def test_apply_never_checks_since_rules_tighten_and_history_stays():
    oversold = given(product(stock=1), StockReserved("tea", "o-1", 9))
    assert oversold.stock == -8
    assert order(SHIPPED, CANCELLED).status == "cancelled"
