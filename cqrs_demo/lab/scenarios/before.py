"""What was before a story, and is not recorded."""

from functools import partial

from ... import (
    AddOrderItem,
    AddProduct,
    CancelOrder,
    ChangePrice,
    CreateOrder,
    CreateUser,
    OrderPlaced,
    PlaceOrder,
    Restock,
    Shop,
)
from ..reactor import Reactor
from ..shortcuts import publish_after_commit
from .cast import Cast
from .read_models import (
    add_a_few_at_most,
    confirm_by_mail,
    count_spending_with_a_bug,
    place_order_by_the_page,
)

OLD_FORM = """UPDATE events SET form = 1, body = ? WHERE stream = ? AND type = 'OrderCancelled'"""


def a_product(shop: Shop, the: Cast) -> None:
    shop.send(AddProduct(the.sku, the.product, the.price_cents, the.stock))
    shop.deliver()


def a_user_and_a_product(shop: Shop, the: Cast) -> None:
    shop.send(CreateUser(the.user, the.name, the.email))
    shop.send(AddProduct(the.sku, the.product, the.price_cents, the.stock))


def fill_order(shop: Shop, the: Cast, order: str, user: str, quantity: int) -> None:
    shop.send(CreateOrder(order, user))
    shop.send(AddOrderItem(order, the.sku, quantity))


def nothing_but_a_user_and_a_product(shop: Shop, the: Cast) -> None:
    a_user_and_a_product(shop, the)
    shop.deliver()


def an_unseen_draft(shop: Shop, the: Cast) -> None:
    """The read side has heard of the user, not of the order."""
    nothing_but_a_user_and_a_product(shop, the)
    fill_order(shop, the, the.order, the.user, the.quantity)


def a_draft(shop: Shop, the: Cast) -> None:
    an_unseen_draft(shop, the)
    shop.deliver()


def the_last_ones_sold(shop: Shop, the: Cast) -> None:
    """Two drafts wanted all there was; the other one was faster, as the read side will hear."""
    a_user_and_a_product(shop, the)
    shop.send(CreateUser(the.other_user, the.other_name, f"{the.other_user}@example.org"))
    fill_order(shop, the, the.order, the.user, the.stock)
    fill_order(shop, the, the.other_order, the.other_user, the.stock)
    shop.deliver()
    shop.send(PlaceOrder(the.other_order))


def a_handler_that_peeks(shop: Shop, the: Cast) -> None:
    """Three drafts want all there is. One has got it, as the read side will hear; the handler that
    takes the next goes by what the page says."""
    a_user_and_a_product(shop, the)
    for order in (the.order, the.other_order, f"{the.order}-b"):
        fill_order(shop, the, order, the.user, the.stock)
    shop.deliver()
    shop.send(PlaceOrder(the.order))
    the.handlers[PlaceOrder] = partial(place_order_by_the_page, shop)


def a_draft_that_will_be_declined(shop: Shop, the: Cast) -> None:
    a_draft(shop, the)
    the.payments.declines = {the.order}


def two_orders_of_one_user(shop: Shop, the: Cast) -> None:
    a_user_and_a_product(shop, the)
    for order in (the.order, the.other_order):
        fill_order(shop, the, order, the.user, 1)
        shop.send(PlaceOrder(order))
    shop.deliver()


def two_users_with_drafts(shop: Shop, the: Cast) -> None:
    a_user_and_a_product(shop, the)
    shop.send(CreateUser(the.other_user, the.other_name, f"{the.other_user}@example.org"))
    fill_order(shop, the, the.order, the.user, the.quantity)
    fill_order(shop, the, the.other_order, the.other_user, 1)


def a_new_read_model(shop: Shop, the: Cast) -> None:
    """Nothing has reached it of what the order history has long seen."""
    two_users_with_drafts(shop, the)
    shop.send(PlaceOrder(the.order))
    shop.send(PlaceOrder(the.other_order))
    shop.deliver(only="order_history")


def a_bug_in_big_spenders(shop: Shop, the: Cast) -> None:
    the.projections["big_spenders"][OrderPlaced] = count_spending_with_a_bug
    two_users_with_drafts(shop, the)
    shop.deliver()
    shop.send(PlaceOrder(the.order))
    shop.send(PlaceOrder(the.other_order))


def a_publisher_without_an_outbox(shop: Shop, the: Cast) -> None:
    nothing_but_a_user_and_a_product(shop, the)
    the.publisher = publish_after_commit(shop)


def events_under_way(shop: Shop, the: Cast) -> None:
    nothing_but_a_user_and_a_product(shop, the)
    shop.send(ChangePrice(the.sku, the.new_price_cents))
    shop.send(Restock(the.sku, the.quantity))


def a_reactor_and_a_draft(shop: Shop, the: Cast) -> None:
    """One order was placed before the reactor came; no mail will be sent for that one."""
    a_draft(shop, the)
    fill_order(shop, the, the.other_order, the.user, 1)
    shop.send(PlaceOrder(the.other_order))
    shop.deliver()
    the.reactor = Reactor("mailer", shop, {OrderPlaced: confirm_by_mail})


def orders_from_before_the_rule(shop: Shop, the: Cast) -> None:
    """One order has more pieces than are allowed now; one was cancelled when nobody gave a reason,
    and its event is on disk as it was written then."""
    a_user_and_a_product(shop, the)
    cancelled = f"{the.order}-b"
    fill_order(shop, the, the.order, the.user, 1)
    fill_order(shop, the, the.other_order, the.user, the.stock)
    fill_order(shop, the, cancelled, the.user, 1)
    shop.send(PlaceOrder(the.other_order))
    shop.send(CancelOrder(cancelled, ""))
    with shop.commands.store.transaction() as connection:
        connection.execute(OLD_FORM, (f'{{"order_id":"{cancelled}"}}', f"order-{cancelled}"))
    shop.deliver()
    the.handlers[AddOrderItem] = add_a_few_at_most
