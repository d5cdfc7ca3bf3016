"""Diagrams show the shop as it really is, a learner's own parts included, and leave it alone."""

from dataclasses import dataclass

import pytest

from cqrs_demo import (
    HANDLERS,
    PROJECTIONS,
    QUERIES,
    CancelOrder,
    CreateUser,
    Event,
    GetOrder,
    OrderCreated,
    OrderPlaced,
    PlaceOrder,
    ShopError,
    UserCreated,
    open_shop,
)
from cqrs_demo.domain import commands, queries
from cqrs_demo.domain.errors import WrongStatus
from cqrs_demo.domain.order import Order
from cqrs_demo.visuals.diagrams import (
    event_map,
    flow,
    life_cycle,
    one_event,
    rung,
    staleness,
    stores,
)
from cqrs_demo.visuals.diagrams.aging import moments_of
from cqrs_demo.visuals.diagrams.contrasting import contrasts
from cqrs_demo.visuals.diagrams.flows import steps_of
from cqrs_demo.visuals.diagrams.states import ATTEMPTS, transitions
from cqrs_demo.visuals.look import MAPS
from cqrs_demo.visuals.rehearsal import QUESTIONS, STORY, events_of_commands, read_by_queries
from cqrs_demo.visuals.wiring import wiring_of


def labels(diagram):
    return [node.tip or node.label for node in diagram.plan.nodes]


@dataclass(frozen=True)
class GreetUser:
    user_id: str


@dataclass(frozen=True)
class UserGreeted(Event):
    user_id: str


def greet_user(command, work):
    from cqrs_demo.domain.user import User

    work.save(work.get(User, command.user_id), [UserGreeted(command.user_id)])


def count_hosts(docs, recorded):
    docs.put(recorded.event.email.split("@")[1], {"host": "x", "users": 1})


MINE = {
    "handlers": {**HANDLERS, GreetUser: greet_user},
    "projections": {**PROJECTIONS, "hosts": {UserCreated: count_hosts}},
}


def test_the_story_sends_every_command_and_asks_every_query():
    vocabulary = [
        {kind for kind in vars(module).values() if isinstance(kind, type) and kind in handled}
        for module, handled in ((commands, HANDLERS), (queries, QUERIES))
    ]
    assert {type(command) for command in STORY} == vocabulary[0] == set(HANDLERS)
    assert {type(query) for query in QUESTIONS} == vocabulary[1] == set(QUERIES)


@pytest.mark.parametrize("architecture", ["two-stores", "event-sourced"])
def test_every_event_of_the_domain_comes_from_some_command(architecture):
    from cqrs_demo.domain import events

    with open_shop(architecture) as shop:
        found = events_of_commands(shop)
    told = {name for names in found.values() for name in names}
    ours = {k for k, v in events.KINDS.items() if v.__module__ == events.__name__}
    assert told == ours - {"Unreadable"}
    assert found[PlaceOrder] == ("StockReserved", "OrderPlaced")
    assert found[CancelOrder] == ("StockReleased", "OrderCancelled")


def test_a_query_is_seen_to_read_its_projections():
    with open_shop("two-stores") as shop:
        assert read_by_queries(shop)[GetOrder] == ("orders",)
        assert all(len(names) == 1 for names in read_by_queries(shop).values())


@pytest.mark.parametrize("architecture", MAPS)
def test_a_rehearsal_leaves_the_shop_alone(architecture):
    with open_shop(architecture) as shop:
        shop.send(CreateUser("eve", "Eve", "eve@example.org"))
        before = shop.tables(), shop.documents(), shop.position
        flow(shop), stores(shop), events_of_commands(shop), rung(shop)
        assert (shop.tables(), shop.documents(), shop.position) == before


def test_a_command_an_event_and_a_projection_of_ones_own_appear():
    with open_shop("two-stores", **MINE) as shop:
        unseen, seen = event_map(shop), event_map(shop, also=[GreetUser("ada")])
        focused = one_event(shop, "GreetUser", also=[GreetUser("ada")])
        assert "hosts" in labels(one_event(shop, "CreateUser"))
        assert "7 of them" in [node.sub for node in rung(shop).plan.nodes]
        assert "hosts" in labels(stores(shop))
    assert "GreetUser" in labels(unseen)
    assert "GreetUser leads to nothing that was seen" in unseen.alt
    assert {"GreetUser", "UserGreeted", "hosts"} <= set(labels(seen))
    assert "GreetUser leads to UserGreeted" in seen.alt
    assert labels(focused) == ["GreetUser", "UserGreeted"]


def test_a_dot_of_the_event_map_stands_for_every_event_a_projection_applies():
    with open_shop("two-stores", **MINE) as shop:
        applied = wiring_of(shop).projections
        diagram = event_map(shop)
    dots = {node.id for node in diagram.plan.nodes if node.id.startswith("dot-")}
    assert len(dots) == sum(map(len, applied.values()))


def test_a_handler_that_raises_is_no_reason_not_to_draw():
    def fail(command, work):
        raise ZeroDivisionError

    with open_shop("two-stores", handlers={**HANDLERS, PlaceOrder: fail}) as shop:
        assert "PlaceOrder leads to nothing that was seen" in event_map(shop).alt


def test_a_flow_is_drawn_though_the_command_is_refused_or_the_query_fails():
    def fail(*arguments):
        raise ZeroDivisionError

    with open_shop("two-stores", handlers={**HANDLERS, PlaceOrder: fail}) as shop:
        assert "refused: nothing has changed" in flow(shop).alt
    with open_shop("two-stores", queries={**QUERIES, GetOrder: fail}) as shop:
        assert "there is no answer" in flow(shop).alt
    lacks_one = pytest.raises(ShopError, match="needs handlers for PlaceOrder and GetOrder")
    with open_shop("two-stores", queries={}) as shop, lacks_one:
        flow(shop)


def test_a_projection_for_an_event_that_no_command_leads_to_is_shown_with_it():
    mine = {"strange": {UserGreeted: count_hosts}}
    with open_shop("two-stores", projections=mine) as shop:
        assert {"UserGreeted", "strange"} <= set(labels(event_map(shop)))


@pytest.mark.parametrize("architecture", ["crud", "one-database"])
def test_where_no_events_are_recorded_there_is_no_map_of_them(architecture):
    with open_shop(architecture) as shop, pytest.raises(ShopError, match="records no events"):
        event_map(shop)


def test_a_command_without_a_handler_is_not_on_the_map():
    """The story sends it all the same, and the shop refuses it as unknown."""
    only = {CreateUser: HANDLERS[CreateUser]}
    with open_shop("two-stores", handlers=only) as shop:
        some = event_map(shop, also=[GreetUser("ada")])
    assert some.alt.startswith("Commands: CreateUser leads to UserCreated. ")
    assert {"PlaceOrder", "GreetUser"}.isdisjoint(labels(some))
    assert {"UserCreated", "OrderPlaced"} <= set(labels(some))  # projections still apply it
    with open_shop("two-stores", handlers={}) as shop:
        assert not [node.id for node in event_map(shop).plan.nodes if node.id.startswith("c_")]
        assert event_map(shop).alt.startswith("Commands: none. ")
        with pytest.raises(ShopError, match="nothing handles 'PlaceOrder'; there are no handlers"):
            one_event(shop, "PlaceOrder")


def test_events_that_have_no_room_on_the_time_line_are_dots():
    """A projection that stops leaves all it has missed to be applied."""

    def fail(docs, event):
        raise ZeroDivisionError

    with open_shop("two-stores", projections={"orders": {OrderCreated: fail}}) as shop:
        moments, diagram = moments_of(shop), staleness(shop)
    assert max(moment.behind for moment in moments) > 3
    for n, moment in enumerate(moments):
        left, right = 124 + 142 * n, 124 + 142 * (n + 1)
        squares = [node for node in diagram.plan.nodes if node.id.startswith(f"s{n}-")]
        assert all(left < s.x - s.w / 2 and s.x + s.w / 2 < right for s in squares)
        assert [int(s.label) for s in squares[:3]] == [
            *range(moment.written - 2, moment.written + 1)
        ]
        assert all(s.hatched for s in squares[3:])
    dots = [words for words in diagram.plan.words if words.text == "…"]
    assert len(dots) == 2 * len(moments)
    assert all(0 < (words.x - 124) % 142 < 142 - 59 - 48 for words in dots)


def test_an_unknown_command_names_those_that_are_handled():
    with open_shop("two-stores") as shop, pytest.raises(ShopError, match="there are CreateUser, R"):
        one_event(shop, "PlaceOrders")


def test_stores_are_named_as_they_are_without_folders(tmp_path):
    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    with open_shop("two-stores", **urls) as shop:
        svg = rung(shop).svg
    assert "SQLite file w.db" in svg
    assert "documents, SQLite file r.db" in svg
    assert str(tmp_path) not in svg


def test_postgresql_is_named_without_its_password(postgresql_url):
    with open_shop("two-stores", write=postgresql_url) as shop:
        diagram = flow(shop)
        assert "PostgreSQL " in diagram.svg
        assert stores(shop).plan.nodes  # described by the rehearsal, which runs on SQLite
    assert "options" not in diagram.svg


@pytest.mark.parametrize("architecture", MAPS)
def test_every_step_of_the_flow_is_numbered_and_told(architecture):
    with open_shop(architecture) as shop:
        steps, diagram = steps_of(shop), flow(shop)
    assert [mark.text for mark in diagram.plan.marks] == [str(n + 1) for n in range(len(steps))]
    places = {(mark.x, mark.y) for mark in diagram.plan.marks}
    assert len(places) == len(steps)
    drawn = MAPS[architecture].places
    assert all(source in drawn and target in drawn for _, source, target in steps)


def test_the_life_cycle_and_the_aggregate_agree_on_every_transition():
    """Rebuild each status by its real commands, and try each of them there."""
    ways = {
        "draft": [],
        "placed": ["PlaceOrder"],
        "shipped": ["PlaceOrder", "ShipOrder"],
        "cancelled": ["CancelOrder"],
    }
    expected = set()
    for status, way in ways.items():
        for command, attempt in ATTEMPTS.items():
            order = Order("o-7")
            steps = [lambda o: o.create("ada"), ATTEMPTS["AddOrderItem"]]
            steps += [ATTEMPTS[name] for name in way]
            for step in steps:
                for event in step(order):
                    order.apply(event)
            assert order.status == status
            try:
                events = attempt(order)
            except WrongStatus:
                continue
            for event in events:
                order.apply(event)
            expected.add((command, status, order.status))
    assert set(transitions()) == expected
    diagram = life_cycle()
    drawn = {(link.source, link.target): link.label for link in diagram.plan.links}
    inside = {node.id: [row[0] for row in node.rows] for node in diagram.plan.nodes}
    for command, before, after in expected:
        shown = inside[before] if before == after else drawn[before, after].split(", ")
        assert command in shown
    assert drawn["start", "draft"] == "CreateOrder"
    assert sum(map(len, inside.values())) + len(drawn) - 1 == len(expected)


def test_every_command_about_an_order_is_tried():
    about_orders = {
        kind.__name__ for kind in HANDLERS if next(iter(kind.__dataclass_fields__)) == "order_id"
    }
    assert about_orders == {*ATTEMPTS, "CreateOrder"}


def test_tables_and_keys_are_those_of_the_database():
    with open_shop("two-stores") as shop:
        diagram = stores(shop)
    rows = {node.label: dict(node.rows) for node in diagram.plan.nodes if node.shape == "table"}
    assert rows["order_lines"]["order_id"] == rows["order_lines"]["sku"] == "PK FK"
    assert rows["orders"]["user_id"] == "FK"
    assert rows["users"]["email_key"] == "UK"
    keys = {(x.source, x.target) for x in diagram.plan.links if x.role != "event"}
    assert keys == {("orders", "users"), ("order_lines", "orders"), ("order_lines", "products")}


def test_the_contrast_is_counted_and_each_side_wins_something():
    found = {x.concern: x for x in contrasts()}
    assert [x.winner for x in found.values()] == ["crud"] * 3 + ["cqrs"] * 3
    assert found["Places to run and know"].crud == "4 places"
    assert found["The page of an order"].crud == "joins 4 tables"
    assert found["Renaming a user of 3 orders"].cqrs == "writes 1 row, 1 event, 7 documents"


def test_the_event_that_a_document_shows_is_one_that_it_applies():
    with open_shop("two-stores") as shop:
        assert OrderPlaced.__name__ in wiring_of(shop).projections["orders"]
