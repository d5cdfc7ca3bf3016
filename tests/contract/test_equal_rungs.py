"""Random commands, valid and not, to all four rungs at once: they must be the same shop."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cqrs_demo import *
from cqrs_demo import LADDER, DemoPayments, open_shop

USERS = st.sampled_from(["ada", "bob", "nobody"])
SKUS = st.sampled_from(["tea", "mug", "cup", "nothing"])
ORDERS = st.sampled_from(["o-1", "o-2", "declined", "no-order"])
NAMES = st.sampled_from(["Ada", "Bob", "<b>", "é"])
QUANTITIES = st.integers(1, 4) | st.just(10**6)
CENTS = st.integers(0, 3) | st.just(10**9)
COMMANDS = st.one_of(
    st.builds(CreateUser, USERS, NAMES, st.sampled_from(["a@b", "A@B", "ß@b", "SS@b", "c@d"])),
    st.builds(RenameUser, USERS, NAMES),
    st.builds(AddProduct, SKUS, NAMES, CENTS, st.integers(0, 4)),
    st.builds(ChangePrice, SKUS, CENTS),
    st.builds(Restock, SKUS, QUANTITIES),
    st.builds(CreateOrder, ORDERS, USERS),
    st.builds(AddOrderItem, ORDERS, SKUS, QUANTITIES),
    st.builds(RemoveOrderItem, ORDERS, SKUS),
    st.builds(ChangeShippingAddress, ORDERS, NAMES),
    st.builds(PlaceOrder, ORDERS),
    st.builds(ShipOrder, ORDERS),
    st.builds(CancelOrder, ORDERS, st.sampled_from(["", "late"])),
)
LISTS = [GetCatalogue(), GetRecentOrders(), GetRecentOrders(1), GetBestSellers(), GetBestSellers(2)]
LISTS += [GetSalesByDay(), *(GetOrderHistory(user) for user in ("ada", "bob", "nobody"))]
SINGLES = [GetUserById(user) for user in ("ada", "bob", "nobody")]
SINGLES += [GetOrder(order) for order in ("o-1", "o-2", "declined", "no-order")]


def outcome(action):
    """Return what an action returned, or the kind of error it ended with."""
    try:
        return action()
    except ShopError as error:
        return type(error)


def state(shop):
    return shop.tables(), shop.documents(), shop.position


class FourShops(RuleBasedStateMachine):
    """The rungs side by side, each with a gateway of its own that declines one order."""

    @initialize()
    def open_them(self):
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.gateways = {rung: DemoPayments(declines=["declined"]) for rung in LADDER}
        self.shops = {
            rung: open_shop(rung, payments=self.gateways[rung], clock=lambda: self.now)
            for rung in LADDER
        }

    def teardown(self):
        for shop in getattr(self, "shops", {}).values():
            shop.close()

    @rule(command=COMMANDS, version=st.none() | st.integers(0, 5), hours=st.integers(0, 30))
    def send(self, command, version, hours):
        self.now += timedelta(hours=hours)
        before = {rung: state(shop) for rung, shop in self.shops.items()}
        outcomes = {
            rung: outcome(lambda shop=shop: shop.send(command, expected_version=version))
            for rung, shop in self.shops.items()
        }
        assert len(set(outcomes.values())) == 1, (command, outcomes)
        if outcomes["crud"] is not None:
            assert {rung: state(shop) for rung, shop in self.shops.items()} == before

    @rule(rung=st.sampled_from(["two-stores", "event-sourced"]), n=st.integers(0, 5))
    def deliver_some(self, rung, n):
        self.shops[rung].deliver(n)

    @rule(data=st.data(), rung=st.sampled_from(["two-stores", "event-sourced"]))
    def deliver_to_one_or_rebuild_it(self, data, rung):
        name = data.draw(st.sampled_from(sorted(self.shops[rung].projections)))
        if data.draw(st.booleans()):
            self.shops[rung].rebuild(name)
        else:
            self.shops[rung].deliver(only=name)

    @rule(data=st.data(), rung=st.sampled_from(["two-stores", "event-sourced"]))
    def deliver_out_of_order(self, data, rung):
        shop = self.shops[rung]
        recorded = list(shop.events())
        if recorded:
            name = data.draw(st.sampled_from(sorted(shop.projections)))
            one = data.draw(st.sampled_from(recorded))
            shop.projecting.receive(name, [one])

    @rule()
    def everybody_answers_the_same_once_all_is_delivered(self):
        for shop in self.shops.values():
            shop.deliver()
        for query in LISTS + SINGLES:
            answers = [outcome(lambda s=s, q=query: s.ask(q)) for s in self.shops.values()]
            assert all(answer == answers[0] for answer in answers), (query, answers)
        catalogue = self.shops["crud"].ask(GetCatalogue())
        assert all(product.stock >= 0 for product in catalogue)

    @invariant()
    def what_was_charged_is_what_was_placed(self):
        if not hasattr(self, "shops"):
            return
        charged = [gateway.charged for gateway in self.gateways.values()]
        assert all(c == charged[0] for c in charged)
        orders = self.shops["crud"].tables()["orders"]
        paid = {row["order_id"] for row in orders if row["status"] in ("placed", "shipped")}
        assert charged[0].keys() == paid

    @invariant()
    def positions_have_no_holes_and_both_logs_are_the_same(self):
        if not hasattr(self, "shops"):
            return
        three, four = (list(self.shops[rung].events()) for rung in ("two-stores", "event-sourced"))
        assert three == four
        assert [r.position for r in three] == list(range(1, len(three) + 1))


FourShops.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
test_four_rungs_are_the_same_shop = FourShops.TestCase
