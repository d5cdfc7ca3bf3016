"""The payment gateway: charged once, given back when it must be, never in the way of the truth."""

import pytest

from cqrs_demo import *
from cqrs_demo import LADDER, DemoPayments, open_shop


@pytest.fixture(params=LADDER)
def rung(request):
    return request.param


def open_with_draft(rung, gateway, **urls):
    shop = open_shop(rung, payments=gateway, **urls)
    for command in (CreateUser("ada", "Ada", "a@b"), AddProduct("tea", "Tea", 100, 5)):
        shop.send(command)
    shop.send(CreateOrder("o-1", "ada"))
    shop.send(AddOrderItem("o-1", "tea", 2))
    return shop


def test_placing_charges_the_total_and_cancelling_gives_it_back(rung):
    gateway = DemoPayments()
    with open_with_draft(rung, gateway) as shop:
        shop.send(PlaceOrder("o-1"))
        assert gateway.charged == {"o-1": 200}
        shop.send(CancelOrder("o-1", ""))
        assert gateway.charged == {}


def test_cancelling_a_draft_asks_nothing_of_the_gateway(rung):
    gateway = Recorder()
    with open_with_draft(rung, gateway) as shop:
        shop.send(CancelOrder("o-1", ""))
    assert gateway.calls == []


@pytest.mark.parametrize("declines", [["o-1"], None])
def test_a_declined_payment_leaves_nothing_but_a_rejection(rung, declines):
    with open_with_draft(rung, DemoPayments(declines)) as shop:
        before = shop.tables(), shop.position
        with pytest.raises(PaymentDeclined):
            shop.send(PlaceOrder("o-1"))
        assert (shop.tables(), shop.position) == before


def test_an_order_that_cannot_be_placed_is_never_charged(rung):
    gateway = Recorder()
    with open_with_draft(rung, gateway) as shop:
        shop.send(AddOrderItem("o-1", "tea", 100))
        with pytest.raises(OutOfStock):
            shop.send(PlaceOrder("o-1"))
    assert gateway.calls == []


class Recorder:
    """A gateway that writes down what it is asked, and fails when told."""

    def __init__(self, on_charge=lambda: None):
        self.calls = []
        self.on_charge = on_charge

    def charge(self, order_id, cents):
        self.calls.append(("charge", order_id, cents))
        self.on_charge()

    def refund(self, order_id):
        self.calls.append(("refund", order_id))


def test_a_charge_is_given_back_when_the_commit_fails(rung):
    """The transaction is ended under the shop's feet, so that its COMMIT must fail."""
    gateway = Recorder()
    with open_with_draft(rung, gateway) as shop:
        before = shop.tables()

        def end_the_transaction(hop):
            if hop.kind == "save":
                connection.append(hop.connection)

        connection = []
        shop.hops.listeners.append(end_the_transaction)
        gateway.on_charge = lambda: connection[-1].execute("ROLLBACK")
        with pytest.raises(StoreUnavailable):
            shop.send(PlaceOrder("o-1"))
        assert gateway.calls == [("charge", "o-1", 200), ("refund", "o-1")]
        gateway.on_charge = lambda: None
        shop.hops.listeners.clear()
        assert shop.tables() == before
        shop.send(PlaceOrder("o-1"))


@pytest.mark.parametrize("error", [TimeoutError, KeyboardInterrupt])
def test_a_charge_that_breaks_off_is_given_back_and_the_order_stays_a_draft(rung, error):
    def break_off():
        raise error

    gateway = Recorder(break_off)
    with open_with_draft(rung, gateway) as shop:
        with pytest.raises(error):
            shop.send(PlaceOrder("o-1"))
        assert gateway.calls == [("charge", "o-1", 200), ("refund", "o-1")]
        shop.deliver()
        assert shop.ask(GetOrder("o-1")).status == "draft"


def test_the_demo_gateway_charges_once_however_often_it_is_asked():
    gateway = DemoPayments()
    gateway.charge("o-1", 100)
    gateway.charge("o-1", 999)
    assert gateway.charged == {"o-1": 100}
    gateway.refund("o-1")
    gateway.refund("o-1")
    assert gateway.charged == {}
