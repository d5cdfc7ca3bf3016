"""Order, positions and delivery, on the two rungs that have events."""

import random
import threading
from datetime import UTC, datetime

import pytest
from test_shop import ADA, MUG, TEA, run, with_a_draft

from cqrs_demo import *
from cqrs_demo import PROJECTIONS, QUERIES, open_shop


@pytest.fixture(params=["two-stores", "event-sourced"])
def rung(request):
    return request.param


def everything(shop):
    """Send a run that touches every kind of event."""
    with_a_draft(shop, ChangeShippingAddress("o-1", "Paris"), PlaceOrder("o-1"))
    run(shop, CreateOrder("o-2", "ada"), AddOrderItem("o-2", "tea", 4), ChangePrice("tea", 800))
    run(shop, RemoveOrderItem("o-2", "tea"), AddOrderItem("o-2", "mug", 1), PlaceOrder("o-2"))
    run(shop, RenameUser("ada", "Ada King"), CancelOrder("o-1", "late"), ShipOrder("o-2"))
    run(shop, Restock("mug", 5), CreateOrder("o-3", "ada"), CancelOrder("o-3", ""))


def test_positions_are_1_to_n_without_holes_whatever_is_refused(shop):
    everything(shop)
    for command in (ADA, PlaceOrder("o-2"), ShipOrder("nope")):
        with pytest.raises(CommandRejected):
            shop.send(command)
    run(shop, RenameUser("ada", "Ada"))
    recorded = list(shop.events())
    assert [r.position for r in recorded] == list(range(1, shop.position + 1))


def test_versions_count_within_a_stream(shop):
    everything(shop)
    versions = {}
    for recorded in shop.events():
        versions.setdefault(recorded.stream, []).append(recorded.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    assert {"user-ada", "product-tea", "order-o-1"} <= versions.keys()


def test_an_envelope_tells_when_and_by_which_command(shop):
    with_a_draft(shop, PlaceOrder("o-1"))
    recorded = list(shop.events(after=6))
    assert [type(r.event) for r in recorded] == [StockReserved, StockReserved, OrderPlaced]
    assert [r.event.sku for r in recorded[:2]] == ["mug", "tea"]
    assert {r.at for r in recorded} == {datetime(2026, 1, 1, 12, 7, tzinfo=UTC)}
    assert len({r.command_id for r in recorded}) == 1
    assert len({r.command_id for r in shop.events()}) == 7


def test_placing_and_cancelling_record_what_they_did(shop):
    with_a_draft(shop, PlaceOrder("o-1"), CancelOrder("o-1", "late"))
    assert [r.event for r in shop.events(after=8)] == [
        OrderPlaced(
            "o-1",
            "ada",
            (OrderLine("tea", "Earl Grey", 2, 920), OrderLine("mug", "Mug", 1, 500)),
            2340,
        ),
        StockReleased("mug", "o-1", 1),
        StockReleased("tea", "o-1", 2),
        OrderCancelled("o-1", "late"),
    ]


def test_events_can_be_read_while_commands_are_sent(shop):
    run(shop, ADA, TEA)
    seen = []
    for recorded in shop.events():
        seen.append(recorded.position)
        if len(seen) == 1:
            run(shop, MUG)
    assert seen[:2] == [1, 2]


def test_deliver_takes_the_next_n_and_says_how_many(shop):
    run(shop, ADA, TEA, MUG)
    assert shop.deliver(0) == 0
    assert shop.deliver(1) == 1
    assert shop.staleness == 2
    assert shop.ask(GetUserById("ada")).name == "Ada Lovelace"
    assert shop.ask(GetCatalogue()) == []
    assert shop.deliver(10) == 2
    assert shop.deliver() == 0


def test_deliver_to_one_projection_leaves_the_others_behind(shop):
    run(shop, ADA, TEA)
    assert shop.deliver(only="catalogue") == 2
    assert [p.sku for p in shop.ask(GetCatalogue())] == ["tea"]
    with pytest.raises(NotFound):
        shop.ask(GetUserById("ada"))
    assert shop.projections["catalogue"] == (2, 0, None)
    assert shop.projections["users"] == (0, 2, None)
    assert shop.staleness == 2
    assert shop.deliver(1) == 1  # the first event, which the catalogue has seen already
    assert shop.deliver() == 1


@pytest.mark.parametrize("n", [-1, 1.0, "1", True, 2**63])
def test_deliver_refuses_what_is_not_a_count(shop, n):
    with pytest.raises(InvalidMessage, match="n:"):
        shop.deliver(n)


def test_an_unknown_projection_is_named_beside_the_known_ones(shop):
    for use in (lambda: shop.deliver(only="nope"), lambda: shop.rebuild("nope")):
        with pytest.raises(ShopError, match=r"'nope'.*best_sellers"):
            use()


def test_events_delivered_in_any_order_and_any_number_of_times_make_the_same_documents(shop):
    everything(shop)
    recorded = list(shop.events())
    chance = random.Random(7)
    receive = shop.projecting.receive
    for name in PROJECTIONS:
        jumble = recorded * 2
        chance.shuffle(jumble)
        for one in jumble:
            receive(name, [one])
    jumbled = shop.documents()
    assert shop.staleness == 0
    for name in PROJECTIONS:
        shop.rebuild(name)
    assert shop.documents() == jumbled
    assert jumbled["orders"] and jumbled["best_sellers"]


def test_delivering_one_by_one_or_all_at_once_makes_no_difference(rung):
    found = []
    for step in (1, 3, None):
        with open_shop(rung, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as shop:
            everything(shop)
            while shop.deliver(step):
                pass
            found.append(shop.documents())
    assert found[0] == found[1] == found[2]


def test_a_lost_event_is_read_from_the_log_by_the_next(shop):
    run(shop, ADA, TEA, MUG)
    last = list(shop.events())[-1]
    shop.projecting.receive("catalogue", [last])
    assert [p.sku for p in shop.ask(GetCatalogue())] == ["mug", "tea"]


def test_reading_your_own_writes(shop):
    run(shop, ADA)
    with pytest.raises(StillStale, match="users"):
        shop.ask(GetUserById("ada"), after=shop.position)
    shop.deliver(only="users")
    assert shop.ask(GetUserById("ada"), after=shop.position).name == "Ada Lovelace"
    with pytest.raises(StillStale, match="catalogue"):
        shop.ask(GetCatalogue(), after=shop.position)


def test_ask_waits_for_somebody_else_to_deliver(rung):
    asked = threading.Event()

    def get_user(query, read):
        asked.set()  # from here on the first answer is too old, and ask must wait
        return QUERIES[GetUserById](query, read)

    with open_shop(rung, queries={**QUERIES, GetUserById: get_user}) as shop:
        run(shop, ADA)
        other = threading.Thread(target=lambda: asked.wait() and shop.deliver())
        other.start()
        assert shop.ask(GetUserById("ada"), after=1, timeout=60).name == "Ada Lovelace"
        other.join()


@pytest.mark.parametrize("bad", [-1, "1", True, float("nan"), [1]])
def test_a_timeout_is_a_number_of_seconds(shop, bad):
    with pytest.raises(InvalidMessage, match="timeout"):
        shop.ask(GetCatalogue(), timeout=bad)


@pytest.mark.parametrize("bad", [-1, "1", True, 1.0])
def test_after_is_a_position(shop, bad):
    with pytest.raises(InvalidMessage, match="after"):
        shop.ask(GetCatalogue(), after=bad)
    with pytest.raises(InvalidMessage, match="after"):
        shop.events(after=bad)


def test_immediate_delivery_follows_each_command(rung, store_urls):
    with open_shop(rung, **store_urls, delivery="immediate") as shop:
        run(shop, ADA)
        assert shop.staleness == 0
        assert shop.ask(GetUserById("ada"), after=shop.position).name == "Ada Lovelace"


def broken(docs, recorded):
    raise RuntimeError("the disk of dreams is full")


def with_broken(name, event_type):
    """Return the projections, one of which fails on an event; mend it by putting ours back."""
    return {**PROJECTIONS, name: {**PROJECTIONS[name], event_type: broken}}


@pytest.mark.parametrize("delivery", ["manual", "immediate"])
def test_a_projection_that_fails_stops_and_the_others_go_on(rung, store_urls, delivery):
    projections = with_broken("catalogue", PriceChanged)
    with open_shop(rung, **store_urls, projections=projections, delivery=delivery) as shop:
        run(shop, ADA, TEA, ChangePrice("tea", 1), MUG)
        shop.deliver()
        stopped = shop.projections["catalogue"]
        assert (stopped.checkpoint, stopped.staleness) == (2, 2)
        assert stopped.error == "RuntimeError: the disk of dreams is full"
        assert shop.projections["users"] == (4, 0, None)
        assert shop.ask(GetUserById("ada")).name == "Ada Lovelace"
        assert shop.deliver() == 0
        with pytest.raises(StillStale, match="disk of dreams"):
            shop.ask(GetCatalogue(), after=shop.position, timeout=3600)  # at once

        projections["catalogue"][PriceChanged] = PROJECTIONS["catalogue"][PriceChanged]
        assert shop.deliver() == 2
        assert shop.projections["catalogue"] == (4, 0, None)
        assert [p.price_cents for p in shop.ask(GetCatalogue())] == [500, 1]


def test_a_projection_that_fails_half_way_through_an_event_leaves_nothing_of_it(rung):
    def half(docs, recorded):
        docs.put("half", {"user_id": "half"})
        docs.lookup("aside").put("half", {})
        raise RuntimeError

    projections = {**PROJECTIONS, "users": {**PROJECTIONS["users"], UserRenamed: half}}
    with open_shop(rung, projections=projections) as shop:
        run(shop, ADA)
        shop.deliver()
        before = shop.documents()
        run(shop, RenameUser("ada", "Ada King"))
        shop.deliver(only="users")
        assert shop.documents() == before


def test_a_rebuild_makes_the_same_documents_and_reports_progress(shop):
    everything(shop)
    shop.deliver()
    before = shop.documents()
    for name in PROJECTIONS:
        steps = []
        shop.rebuild(name, progress=lambda done, total, steps=steps: steps.append((done, total)))
        assert steps[-1] == (shop.position, shop.position)
    assert shop.documents() == before
    assert shop.staleness == 0


def test_a_rebuild_brings_a_projection_that_was_behind_up_to_date(shop):
    everything(shop)
    shop.rebuild("catalogue")
    assert shop.projections["catalogue"].staleness == 0
    assert shop.projections["users"].checkpoint == 0
    assert shop.deliver() == shop.position


def test_a_rebuild_that_fails_keeps_the_old_documents(rung):
    projections = {name: dict(functions) for name, functions in PROJECTIONS.items()}
    with open_shop(rung, projections=projections) as shop:
        everything(shop)
        shop.deliver()
        before = shop.documents(), shop.projections
        projections["catalogue"][StockReserved] = broken
        with pytest.raises(ShopError, match="event 8 failed with RuntimeError"):
            shop.rebuild("catalogue")
        assert (shop.documents(), shop.projections) == before


def test_commands_and_queries_go_on_during_a_rebuild(shop):
    everything(shop)
    shop.deliver()

    def meanwhile(done, total):
        if done < shop.position or total == done:
            assert shop.ask(GetCatalogue())

    run(shop, Restock("tea", 1))
    shop.rebuild("catalogue", progress=meanwhile)
    assert shop.projections["catalogue"].staleness == 0


def names_by_length(docs, recorded):
    """A learner's own projection: how many users have a name of so many letters."""
    length = str(len(recorded.event.name))
    found = docs.get(length) or {"length": length, "users": 0}
    found["users"] += 1
    docs.put(length, found)


def test_a_new_read_model_is_made_from_old_events(rung, tmp_path):
    urls = {"write": f"sqlite:///{tmp_path}/w.db", "read": f"sqlite:///{tmp_path}/r.db"}
    with open_shop(rung, **urls) as shop:
        run(shop, ADA, CreateUser("bob", "Bob", "bob@example.org"), TEA)
        shop.deliver()
    mine = {**PROJECTIONS, "name_lengths": {UserCreated: names_by_length}}
    with open_shop(rung, **urls, projections=mine) as shop:
        assert shop.projections["name_lengths"] == (0, 3, None)
        assert shop.projections["users"] == (3, 0, None)
        shop.deliver()
        assert shop.documents()["name_lengths"] == [
            {"length": "12", "users": 1},
            {"length": "3", "users": 1},
        ]
        rebuilt = shop.documents()
        shop.rebuild("name_lengths")
        assert shop.documents() == rebuilt


def test_a_query_of_ones_own_reads_a_projection_of_ones_own(rung):
    mine = {**PROJECTIONS, "name_lengths": {UserCreated: names_by_length}}

    class CountNames:
        pass

    def count_names(query, read):
        return {doc["length"]: doc["users"] for doc in read["name_lengths"].all()}

    with open_shop(rung, projections=mine, queries={**QUERIES, CountNames: count_names}) as shop:
        run(shop, ADA)
        assert shop.ask(CountNames()) == {}
        with pytest.raises(StillStale):
            shop.ask(CountNames(), after=1)
        shop.deliver()
        assert shop.ask(CountNames(), after=1) == {"12": 1}


@pytest.mark.parametrize("name", ["", "a b", 'x"; DROP TABLE y', "naïve", 7, None, "a-b", "1a"])
def test_a_projection_needs_a_plain_name(rung, name):
    """Plainer than a name in Python, so it is said which letters may be in it."""
    with pytest.raises(InvalidMessage, match=r"projections: .* is no name of letters a to z or _"):
        open_shop(rung, projections={name: {}})


def test_two_projections_cannot_share_a_table(rung):
    with pytest.raises(InvalidMessage, match="upper and lower case"):
        open_shop(rung, projections={"mine": {}, "Mine": {}})


@pytest.mark.parametrize(
    "misuse",
    [lambda d: d.put(7, {}), lambda d: d.put("k", [1]), lambda d: d.put("k", {"x": object()}),
     lambda d: d.find("a'b", 1), lambda d: d.find("x", [1])],
)  # fmt: skip
def test_misuse_of_documents_stops_the_projection_live_and_on_rebuild(rung, misuse):
    mine = {"mine": {UserCreated: lambda docs, recorded: misuse(docs)}}
    with open_shop(rung, projections=mine) as shop:
        run(shop, ADA)
        assert shop.deliver() == 0
        assert shop.projections["mine"].error
        with pytest.raises(ShopError, match="cannot be rebuilt"):
            shop.rebuild("mine")


def test_a_document_that_was_read_is_a_copy_live_and_on_rebuild(rung):
    def forgetful(docs, recorded):
        user = docs.get("ada") or {"user_id": "ada", "tags": []}
        if recorded.version == 1:
            docs.put("ada", user)
        user["tags"].append("never put")

    mine = {"mine": {UserCreated: forgetful, UserRenamed: forgetful}}
    with open_shop(rung, projections=mine) as shop:
        run(shop, ADA, RenameUser("ada", "Ada King"))
        shop.deliver()
        assert shop.documents()["mine"] == [{"user_id": "ada", "tags": []}]
        shop.rebuild("mine")
        assert shop.documents()["mine"] == [{"user_id": "ada", "tags": []}]


def test_find_gives_the_same_live_and_on_rebuild(rung):
    found = []

    def search(docs, recorded):
        docs.put(recorded.event.user_id, {"n": len(recorded.event.name), "x": None, "b": True})
        found.append(
            (docs.find("n", 3), docs.find("x", None), docs.find("b", 1), docs.find("no", 0))
        )
        if recorded.event.user_id == "c":
            docs.delete("a")
            docs.put("b", {"n": 4})
            found.append((docs.find("n", 3), docs.find("n", 4)))

    with open_shop(rung, projections={"mine": {UserCreated: search}}) as shop:
        run(shop, *(CreateUser(x, "Bob", f"{x}@b") for x in "abc"))
        shop.deliver()
        live, found[:] = list(found), []
        shop.rebuild("mine")
        assert found == live


def test_a_user_who_orders_much_and_is_renamed_costs_documents(rung):
    with open_shop(rung) as shop:
        run(shop, ADA, *(CreateOrder(f"o-{n}", "ada") for n in range(30)))
        run(shop, RenameUser("ada", "Ada King"))
        shop.deliver()
        assert {order["user_name"] for order in shop.documents()["orders"]} == {"Ada King"}
