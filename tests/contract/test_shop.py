"""What every shop does, whatever its rung and store: one suite for all."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cqrs_demo import *
from cqrs_demo import HANDLERS, QUERIES, open_shop
from cqrs_demo.crud.service import CRUD_HANDLERS

ADA = CreateUser("ada", "Ada Lovelace", "ada@example.org")
TEA = AddProduct("tea", "Earl Grey", 920, 12)
MUG = AddProduct("mug", "Mug", 500, 3)


def run(shop, *commands):
    for command in commands:
        assert shop.send(command) is None


def fresh(shop, query):
    """Ask once everything has been delivered."""
    shop.deliver()
    return shop.ask(query)


def with_a_draft(shop, *more):
    lines = AddOrderItem("o-1", "tea", 2), AddOrderItem("o-1", "mug", 1)
    run(shop, ADA, TEA, MUG, CreateOrder("o-1", "ada"), *lines, *more)


def snapshot(shop):
    return shop.tables(), shop.documents(), shop.position


def refused(shop, command, error, **options):
    """Send a command that must be refused, and see that nothing has changed anywhere."""
    before = snapshot(shop)
    with pytest.raises(error) as caught:
        shop.send(command, **options)
    assert snapshot(shop) == before
    return str(caught.value)


def test_a_user_who_was_created_is_found_once_the_event_is_delivered(shop, rung):
    run(shop, ADA)
    if rung in ("two-stores", "event-sourced"):
        assert shop.staleness == 1
        with pytest.raises(NotFound):
            shop.ask(GetUserById("ada"))
        assert shop.deliver() == 1
    assert shop.ask(GetUserById("ada")) == UserView("ada", "Ada Lovelace", "ada@example.org", 1)
    assert shop.staleness == 0


def test_an_order_is_shown_with_its_lines_in_the_order_first_added(shop):
    with_a_draft(shop, AddOrderItem("o-1", "tea", 1))
    order = fresh(shop, GetOrder("o-1"))
    assert order == OrderView(
        "o-1",
        "ada",
        "Ada Lovelace",
        "draft",
        (OrderLineView("tea", "Earl Grey", 3, 920), OrderLineView("mug", "Mug", 1, 500)),
        3260,
        None,
        datetime(2026, 1, 1, 12, 4, tzinfo=UTC),
        None,
        4,
    )
    assert order.created_at.tzinfo is UTC


def test_a_line_that_was_removed_and_added_again_comes_last(shop):
    with_a_draft(shop, RemoveOrderItem("o-1", "tea"), AddOrderItem("o-1", "tea", 1))
    assert [line.sku for line in fresh(shop, GetOrder("o-1")).lines] == ["mug", "tea"]


def test_placing_an_order_reserves_its_stock_and_enters_the_history(shop):
    with_a_draft(shop, PlaceOrder("o-1"))
    placed_at = datetime(2026, 1, 1, 12, 7, tzinfo=UTC)
    summary = OrderSummary("o-1", "ada", "Ada Lovelace", "placed", 3, 2340, placed_at)
    assert fresh(shop, GetOrderHistory("ada")) == [summary]
    assert shop.ask(GetRecentOrders()) == [summary]
    assert shop.ask(GetOrder("o-1")).placed_at == placed_at
    assert shop.ask(GetCatalogue()) == [
        ProductView("mug", "Mug", 500, 2, 2),
        ProductView("tea", "Earl Grey", 920, 10, 2),
    ]
    assert shop.ask(GetBestSellers()) == [
        ProductSales("tea", "Earl Grey", 2, 1840),
        ProductSales("mug", "Mug", 1, 500),
    ]
    assert shop.ask(GetSalesByDay()) == [DaySales(date(2026, 1, 1), 1, 2340)]


def test_a_draft_is_in_no_list_of_orders(shop):
    with_a_draft(shop)
    assert fresh(shop, GetOrderHistory("ada")) == []
    assert shop.ask(GetRecentOrders()) == []
    assert shop.ask(GetBestSellers()) == []
    assert shop.ask(GetSalesByDay()) == []


def test_cancelling_a_placed_order_releases_stock_and_takes_it_out_of_the_sales(shop):
    with_a_draft(shop, PlaceOrder("o-1"), CancelOrder("o-1", "too slow"))
    assert [p.stock for p in fresh(shop, GetCatalogue())] == [3, 12]
    assert shop.ask(GetBestSellers()) == []
    assert shop.ask(GetSalesByDay()) == []
    assert [o.status for o in shop.ask(GetOrderHistory("ada"))] == ["cancelled"]


def test_cancelling_one_of_two_orders_leaves_the_other_in_the_sales(shop):
    with_a_draft(shop, PlaceOrder("o-1"), CreateOrder("o-2", "ada"))
    run(shop, AddOrderItem("o-2", "tea", 5), PlaceOrder("o-2"), CancelOrder("o-1", ""))
    assert fresh(shop, GetBestSellers()) == [ProductSales("tea", "Earl Grey", 5, 4600)]
    assert shop.ask(GetSalesByDay()) == [DaySales(date(2026, 1, 1), 1, 4600)]


def test_a_cancelled_draft_holds_no_stock_and_no_history(shop):
    with_a_draft(shop, CancelOrder("o-1", ""))
    assert [p.stock for p in fresh(shop, GetCatalogue())] == [3, 12]
    assert shop.ask(GetOrderHistory("ada")) == []
    assert shop.ask(GetOrder("o-1")).status == "cancelled"


def test_a_shipped_order_cannot_be_cancelled_or_sent_elsewhere(shop):
    with_a_draft(shop, PlaceOrder("o-1"), ChangeShippingAddress("o-1", "Paris"), ShipOrder("o-1"))
    assert "shipped" in refused(shop, CancelOrder("o-1", "late"), WrongStatus)
    refused(shop, ChangeShippingAddress("o-1", "Rome"), WrongStatus)
    refused(shop, ShipOrder("o-1"), WrongStatus)
    order = fresh(shop, GetOrder("o-1"))
    assert (order.status, order.shipping_address) == ("shipped", "Paris")
    assert shop.ask(GetBestSellers(1)) == [ProductSales("tea", "Earl Grey", 2, 1840)]


def test_only_a_draft_changes(shop):
    with_a_draft(shop, PlaceOrder("o-1"))
    refused(shop, AddOrderItem("o-1", "tea", 1), WrongStatus)
    refused(shop, RemoveOrderItem("o-1", "tea"), WrongStatus)
    refused(shop, PlaceOrder("o-1"), WrongStatus)


def test_no_product_is_oversold(shop):
    with_a_draft(shop, AddOrderItem("o-1", "mug", 3))
    refused(shop, PlaceOrder("o-1"), OutOfStock)
    run(shop, Restock("mug", 1), PlaceOrder("o-1"))
    assert fresh(shop, GetCatalogue())[0].stock == 0


def test_an_empty_order_cannot_be_placed(shop):
    run(shop, ADA, CreateOrder("o-1", "ada"))
    refused(shop, PlaceOrder("o-1"), EmptyOrder)


def test_a_later_price_leaves_the_line_alone_until_the_product_is_added_again(shop):
    with_a_draft(shop, ChangePrice("tea", 1000))
    assert fresh(shop, GetOrder("o-1")).lines[0].unit_price_cents == 920
    run(shop, AddOrderItem("o-1", "tea", 1))
    assert fresh(shop, GetOrder("o-1")).lines[0] == OrderLineView("tea", "Earl Grey", 3, 1000)


def test_a_renamed_user_shows_under_the_new_name_everywhere(shop):
    with_a_draft(shop, PlaceOrder("o-1"), CreateOrder("o-2", "ada"), RenameUser("ada", "Ada King"))
    assert fresh(shop, GetUserById("ada")) == UserView("ada", "Ada King", "ada@example.org", 2)
    assert shop.ask(GetOrder("o-1")).user_name == "Ada King"
    assert shop.ask(GetOrder("o-2")).user_name == "Ada King"
    assert shop.ask(GetOrderHistory("ada"))[0].user_name == "Ada King"
    run(shop, CreateOrder("o-3", "ada"))
    assert fresh(shop, GetOrder("o-3")).user_name == "Ada King"


def test_an_email_is_unique_case_folded_and_stored_as_given(shop):
    run(shop, CreateUser("ada", "Ada", "Ada@Straße.example"))
    refused(shop, CreateUser("eve", "Eve", "aDA@STRASSE.example"), EmailTaken)
    assert fresh(shop, GetUserById("ada")).email == "Ada@Straße.example"


def test_ids_are_checked_before_the_email(shop):
    run(shop, ADA)
    refused(shop, ADA, AlreadyExists)


def test_the_email_of_a_refused_user_stays_free(shop):
    run(shop, ADA)
    refused(shop, CreateUser("ada", "Eve", "eve@example.org"), AlreadyExists)
    run(shop, CreateUser("eve", "Eve", "eve@example.org"))


def test_an_unknown_id_is_refused(shop):
    with_a_draft(shop)
    for command in (
        *(RenameUser("eve", "Eve"), ChangePrice("cup", 1), Restock("cup", 1)),
        *(CreateOrder("o-9", "eve"), AddOrderItem("o-9", "tea", 1), AddOrderItem("o-1", "cup", 1)),
        *(RemoveOrderItem("o-9", "tea"), RemoveOrderItem("o-1", "cup"), PlaceOrder("o-9")),
        *(ChangeShippingAddress("o-9", "x"), ShipOrder("o-9"), CancelOrder("o-9", "")),
    ):
        refused(shop, command, UnknownId)


def test_an_id_is_used_once(shop):
    with_a_draft(shop)
    for command in (ADA, TEA, CreateOrder("o-1", "ada")):
        refused(shop, command, AlreadyExists)


def test_a_repeated_name_price_or_address_is_accepted_and_records_nothing(shop):
    with_a_draft(shop, ChangeShippingAddress("o-1", "Paris"))
    before = snapshot(shop)
    run(shop, RenameUser("ada", "Ada Lovelace"), ChangePrice("tea", 920))
    run(shop, ChangeShippingAddress("o-1", "Paris"))
    assert snapshot(shop) == before


def test_an_order_total_beyond_2_to_the_53_is_refused(shop):
    run(shop, ADA, AddProduct("gold", "Gold", 10**9, 0), CreateOrder("o-1", "ada"))
    for _ in range(9):
        run(shop, AddOrderItem("o-1", "gold", 10**6))
    assert "2^53" in refused(shop, AddOrderItem("o-1", "gold", 10**6), CommandRejected)


def test_lists_are_newest_first_then_by_id_and_limited(shop_at_noon):
    shop = shop_at_noon
    run(shop, ADA, AddProduct("tea", "Tea", 1, 100))
    for order_id in ("o-2", "o-10", "o-1"):
        run(shop, CreateOrder(order_id, "ada"), AddOrderItem(order_id, "tea", 1))
        run(shop, PlaceOrder(order_id))
    assert [o.order_id for o in fresh(shop, GetRecentOrders(2))] == ["o-1", "o-10"]
    assert [o.order_id for o in shop.ask(GetOrderHistory("ada"))] == ["o-1", "o-10", "o-2"]


@pytest.fixture
def shop_at_noon(rung):
    """A shop whose clock stands still, so that only ids tell orders apart."""
    with open_shop(rung, clock=lambda: datetime(2026, 1, 1, 12, tzinfo=UTC)) as shop:
        yield shop


def test_best_sellers_of_equal_revenue_come_by_sku(shop):
    run(shop, ADA, AddProduct("b", "B", 10, 9), AddProduct("a", "A", 10, 9))
    run(shop, CreateOrder("o-1", "ada"), AddOrderItem("o-1", "b", 1), AddOrderItem("o-1", "a", 1))
    run(shop, PlaceOrder("o-1"))
    assert [p.sku for p in fresh(shop, GetBestSellers())] == ["a", "b"]


def test_a_day_is_a_utc_day_whatever_zone_the_clock_is_in(rung):
    from zoneinfo import ZoneInfo

    late = datetime(2026, 6, 1, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    with open_shop(rung, clock=lambda: late) as shop:
        with_a_draft(shop, PlaceOrder("o-1"))
        assert fresh(shop, GetSalesByDay())[0].day == date(2026, 6, 2)
        assert shop.ask(GetOrder("o-1")).placed_at == datetime(2026, 6, 2, 3, 30, tzinfo=UTC)


def test_the_clock_is_read_once_a_send(rung):
    readings = []

    def clock():
        readings.append(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=len(readings)))
        return readings[-1]

    with open_shop(rung, clock=clock) as shop:
        with_a_draft(shop, PlaceOrder("o-1"))
        assert len(readings) == 7
        fresh(shop, GetOrder("o-1"))
        assert len(readings) == 7


def test_a_clock_without_a_time_zone_is_refused(rung):
    with open_shop(rung, clock=lambda: datetime(2026, 1, 1)) as shop:
        assert "clock" in refused(shop, ADA, InvalidMessage)


def test_an_expected_version_that_is_no_longer_current_is_a_conflict(shop):
    with_a_draft(shop, RenameUser("ada", "Ada King"))
    assert "version 2" in refused(
        shop, RenameUser("ada", "Countess"), ConcurrencyConflict, expected_version=1
    )
    shop.send(RenameUser("ada", "Countess"), expected_version=2)
    shop.send(ChangePrice("tea", 1), expected_version=1)
    shop.send(PlaceOrder("o-1"), expected_version=3)
    assert fresh(shop, GetUserById("ada")).version == 3
    refused(shop, ShipOrder("o-1"), ConcurrencyConflict, expected_version=3)


def test_an_expected_version_of_something_unknown_says_so(shop):
    refused(shop, RenameUser("eve", "Eve"), UnknownId, expected_version=3)
    refused(shop, CreateUser("eve", "Eve", "e@e.e"), UnknownId, expected_version=3)
    shop.send(CreateUser("eve", "Eve", "e@e.e"), expected_version=0)
    refused(shop, CreateUser("eve", "Eve", "e@e.e"), ConcurrencyConflict, expected_version=0)


def test_an_expected_version_is_a_whole_number(shop):
    for version in ("1", 1.0, True, -1, 2**63):
        assert "expected_version" in refused(shop, ADA, InvalidMessage, expected_version=version)


TEXTS = ("'; DROP TABLE users; --", "<script>alert(1)</script>", "=1+1", '{"a": 1}', "%s ? :x",
         "a\nb\tc\r", "\u202etfel", "😀", "  spaces  ", "\\", "NULL")  # fmt: skip


def test_text_comes_back_exactly_as_it_went_in(shop):
    for n, text in enumerate(TEXTS):
        run(shop, CreateUser(text, text, f"{n}@example.org"), AddProduct(text, text, 1, 9))
        run(shop, CreateOrder(text, text), AddOrderItem(text, text, 1))
        run(shop, ChangeShippingAddress(text, text), PlaceOrder(text))
        order = fresh(shop, GetOrder(text))
        assert (order.order_id, order.user_id, order.user_name) == (text,) * 3
        assert (order.shipping_address, order.lines[0].sku, order.lines[0].name) == (text,) * 3
        assert shop.ask(GetUserById(text)).name == text
        assert [found.order_id for found in shop.ask(GetOrderHistory(text))] == [text]
    assert {found.sku for found in shop.ask(GetBestSellers(limit=99))} == {*TEXTS}


def test_a_query_is_not_sent_and_a_command_is_not_asked(shop):
    assert "shop.ask" in refused(shop, GetCatalogue(), UnknownMessage)
    with pytest.raises(UnknownMessage, match=r"shop\.send"):
        shop.ask(ADA)
    for nonsense in (None, "CreateUser", CreateUser, 7, object()):
        with pytest.raises(UnknownMessage):
            shop.send(nonsense)
        with pytest.raises(UnknownMessage):
            shop.ask(nonsense)


def test_nothing_is_found_where_nothing_is(shop):
    for query in (GetUserById("ada"), GetOrder("o-1")):
        with pytest.raises(NotFound):
            shop.ask(query)
    assert shop.ask(GetOrderHistory("ada")) == []
    assert shop.ask(GetCatalogue()) == []
    assert shop.ask(GetSalesByDay()) == []


def test_asking_changes_nothing(shop):
    with_a_draft(shop, PlaceOrder("o-1"))
    shop.deliver()
    before = snapshot(shop)
    for query in (GetUserById("ada"), GetOrder("o-1"), GetOrderHistory("ada"), GetRecentOrders(),
                  GetCatalogue(), GetBestSellers(), GetSalesByDay()):  # fmt: skip
        shop.ask(query)
    assert snapshot(shop) == before


def test_a_closed_shop_says_so_whatever_it_is_asked(shop):
    run(shop, ADA)
    iterator = shop.events()
    shop.close()
    shop.close()
    uses = [
        lambda: shop.send(TEA),
        lambda: shop.ask(GetCatalogue()),
        lambda: shop.deliver(),
        lambda: shop.position,
        lambda: shop.staleness,
        lambda: shop.projections,
        lambda: shop.rebuild("users"),
        lambda: shop.events(),
        lambda: shop.tables(),
        lambda: shop.documents(),
        lambda: shop.crud,
        lambda: shop.__enter__(),
    ]
    for use in uses:
        with pytest.raises(ShopClosed):
            use()
    if shop.architecture in ("two-stores", "event-sourced"):
        with pytest.raises(ShopClosed):
            next(iterator)
    assert "closed" in repr(shop)


def test_tables_and_documents_are_ordered_by_key(shop, rung):
    run(shop, CreateUser("b", "B", "b@b"), CreateUser("a", "A", "a@a"))
    shop.deliver()
    if rung != "event-sourced":
        assert [row["user_id"] for row in shop.tables()["users"]] == ["a", "b"]
    if rung in ("two-stores", "event-sourced"):
        assert [row["user_id"] for row in shop.documents()["users"]] == ["a", "b"]


def test_members_without_a_meaning_on_a_rung_still_answer(rung):
    with open_shop(rung, lag=0.5) as shop:
        run(shop, ADA)
        assert shop.architecture == rung
        if rung in ("crud", "one-database"):
            assert (shop.position, shop.staleness, shop.deliver()) == (0, 0, 0)
            assert (list(shop.events()), shop.documents(), shop.projections) == ([], {}, {})
            assert shop.ask(GetUserById("ada"), after=999).name == "Ada Lovelace"
            with pytest.raises(ShopError):
                shop.rebuild("users")
        if rung != "crud":
            with pytest.raises(ShopError, match="commands, not forms"):
                shop.crud


def test_the_first_two_rungs_ignore_what_they_do_not_have():
    for rung in ("crud", "one-database"):
        with open_shop(rung, bus="x://", read="y://", delivery="background", lag=9) as shop:
            run(shop, ADA)


@pytest.mark.parametrize("rung", ["", "CRUD", "three-stores", None, 3, ["crud"]])
def test_an_unknown_rung_names_the_known_ones(rung):
    with pytest.raises(ShopError, match="crud, one-database, two-stores, event-sourced"):
        open_shop(rung)


def test_a_handler_of_ones_own_is_used_on_every_rung(rung):
    called = []

    def greet(command, work):
        called.append(command)

    class Hello:
        pass

    with open_shop(
        rung,
        handlers={**HANDLERS, Hello: greet},
        queries={**QUERIES, Hello.__class__: lambda query, read: "hi"},
    ) as shop:
        hello = Hello()
        run(shop, hello, ADA)
        assert called == [hello]
        assert fresh(shop, GetUserById("ada")).name == "Ada Lovelace"
        assert shop.ask(Hello) == "hi"


def test_a_handler_that_fails_leaves_nothing_and_its_error_comes_through(rung):
    create_user = (CRUD_HANDLERS if rung == "crud" else HANDLERS)[CreateUser]

    def half_done(command, work):
        create_user(command, work)
        raise ZeroDivisionError

    with open_shop(rung, handlers={**HANDLERS, CreateUser: half_done}) as shop:
        refused(shop, ADA, ZeroDivisionError)


def test_a_handler_cannot_send_commands(rung):
    def nested(command, work):
        shop.send(TEA)

    with open_shop(rung, handlers={**HANDLERS, CreateUser: nested}) as shop:
        assert "transaction" in refused(shop, ADA, ShopError)
        run(shop, TEA)
