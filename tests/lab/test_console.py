"""The live console, driven by clicks in Python."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cqrs_demo import *
from cqrs_demo.lab.console import Console, TickingClock
from cqrs_demo.lab.console.session import Session
from cqrs_demo.lab.faults import tamper
from cqrs_demo.lab.questions import BEHIND_IS_A_FAULT, SAVED_IS_VISIBLE

RUNGS = list(LADDER)
EVENTFUL = ["two-stores", "event-sourced"]


@pytest.fixture
def opened():
    """A function that opens consoles, which are closed in the end."""
    consoles = []

    def open_console(*arguments, **options):
        consoles.append(Console(*arguments, **options))
        return consoles[-1]

    yield open_console
    for console in consoles:
        console.close()


def answer(console) -> str:
    return console.controls.answer.value


def send(console, kind, **values) -> str:
    return use(console, console.controls.command, kind, values)


def ask(console, kind, **values) -> str:
    return use(console, console.controls.query, kind, values)


def use(console, form, kind, values) -> str:
    form.choice.value = kind
    for name, value in values.items():
        form.field(name).value = value
    form.button.click()
    return answer(console)


def click(console, name) -> str:
    getattr(console.controls, name).click()
    return answer(console)


def stand_in(console, call) -> None:
    """Move the cursor to the first step of the last call that begins so."""
    entry = [e for e in console.session.entries if e.moved and e.line.startswith(call)][-1]
    console.explorer.step = entry.first


def without_code(recording):
    data = json.loads(recording.to_json())
    return {**data, "steps": [{**step, "code": None} for step in data["steps"]]}


def replayed(log, **names):
    """Run a log as somebody would who pasted it; return the recording."""
    names["__name__"] = "pasted"
    exec(log, names)
    recording = names["recording"]
    names["shop"].close()
    return recording


def widgets_in(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets_in(child)


# every rung


@pytest.mark.parametrize("rung", RUNGS)
def test_every_command_and_query_can_be_sent_as_it_stands(rung, opened):
    console = opened(rung)
    for form in (console.controls.command, console.controls.query):
        for name, kind in form.choice.options:
            use(console, form, kind, {})
            assert "unexpected" not in answer(console), name
            assert f"{name}(" in answer(console)
            console.controls.deliver_all.click()
    assert without_code(replayed(console.log)) == without_code(console.recording)


@pytest.mark.parametrize("rung", RUNGS)
def test_the_examples_make_sense(rung, opened):
    console = opened(rung)
    for kind in (PlaceOrder, ShipOrder, CreateUser, RenameUser, AddProduct, Restock, CreateOrder):
        assert "accepted" in send(console, kind), kind


@pytest.mark.parametrize("rung", RUNGS)
def test_only_what_exists_on_the_rung_appears(rung, opened):
    console = opened(rung)
    shown = {
        getattr(w, "description", "") for w in widgets_in(console.root) if w is not console.explorer
    }
    eventful = rung in EVENTFUL
    for name in ("Deliver one", "Deliver to", "Predict", "Waiting event", "Drop", "Lag in seconds"):
        assert (name in shown) == eventful, name
    assert ("Form" in shown) == (rung == "crud")
    assert {"Send", "Ask", "Lab", "Log", "Rewind", "Fork", "Start afresh", "Seed"} <= shown
    assert ("tables themselves" in console.controls.bars.value) != eventful


def test_every_control_says_what_it_is(opened):
    console = opened("two-stores")
    for widget in widgets_in(console.root):
        if type(widget).__name__ in ("Text", "Combobox", "Dropdown", "Button", "Checkbox"):
            assert widget.description


# what a click does


def test_a_command_an_early_question_a_delivery_and_the_answer(opened):
    console = opened("two-stores", seed=None)
    assert "accepted; it returned nothing" in send(console, CreateUser)
    assert "1 event behind" in console.controls.gauge.value
    assert "NotFound: not there (yet)" in ask(console, GetUserById)
    assert "1 event behind" in answer(console)
    assert "1 event delivered" in click(console, "deliver_one")
    assert "✓ up to date" in console.controls.gauge.value
    assert "Bob Hope" in ask(console, GetUserById)
    assert "nothing waits" in click(console, "deliver_all")


def test_the_cursor_goes_to_the_first_step_of_what_was_done(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    assert console.explorer.step == 1
    assert "Steps 1 to 10" in answer(console)
    ask(console, GetCatalogue)
    assert console.explorer.step == 11
    click(console, "deliver_all")
    fold = console.recording.folds[-1]
    assert console.explorer.step == fold.last  # a delivery is one step until somebody unfolds it
    assert json.loads(console.explorer.recording)["steps"][-1]["n"] == fold.last


@pytest.mark.parametrize("rung", RUNGS)
def test_it_says_what_has_changed_or_that_nothing_has(rung, opened):
    console = opened(rung, seed=None)
    assert "Changed:" in send(console, AddProduct)
    click(console, "deliver_all")
    send(console, Restock)
    if rung != "event-sourced":
        assert "<span>products tea: stock 3 → 5</span>" in answer(console)
    if rung in EVENTFUL:
        assert "catalogue tea: stock 3 → 5" in click(console, "deliver_all")
    send(console, ChangePrice)
    assert "Nothing has changed." in answer(console)
    assert "Changed" not in ask(console, GetCatalogue)
    assert "Changed" not in send(console, PlaceOrder)


def test_of_many_changes_the_first_are_told(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    assert "and 1 more" in click(console, "deliver_all")


def test_one_projection_gets_the_events_and_the_others_wait(opened):
    console = opened("event-sourced")
    send(console, PlaceOrder)
    console.controls.target.value = "order_history"
    assert "2 events delivered" in click(console, "deliver_all")
    assert console.shop.projections["order_history"].staleness == 0
    assert console.shop.projections["orders"].staleness == 2
    assert "order_history has seen" in console.controls.bars.value
    assert "orders −2" in console.controls.bars.value
    click(console, "deliver_one")
    assert console.shop.staleness == 2


def test_who_insists_on_their_own_writes_is_refused_old_data(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    console.controls.insist.value = True
    assert "StillStale" in ask(console, GetCatalogue)
    assert "after=6" in console.log


def test_what_was_created_is_what_the_next_message_is_about(opened):
    console = opened("one-database")
    send(console, CreateOrder, order_id="o-new")
    assert console.controls.command.field("order_id").value == "o-new"
    send(console, AddOrderItem, quantity="1")
    send(console, PlaceOrder)
    assert console.shop.ask(GetOrder("o-new")).status == "placed"
    for form in (console.controls.command, console.controls.query):
        form.choice.label = "GetOrder" if form is console.controls.query else "PlaceOrder"
        assert "o-new" in form.field("order_id").options


@pytest.mark.parametrize("rung", RUNGS)
def test_ids_that_exist_are_suggested_and_ids_to_be_made_are_not(rung, opened):
    console = opened(rung, seed=None)
    send(console, CreateUser, user_id="zoe")
    assert console.controls.query.field("user_id").options == ("zoe",)
    assert console.controls.command.field("user_id").options == ()


def test_enter_does_what_the_button_of_that_row_does(opened):
    console = opened("two-stores")
    press_enter(console.controls.query.field("user_id"))
    assert "shop.ask(GetUserById(" in answer(console)
    press_enter(console.controls.command.field("email"))
    assert "shop.send(CreateUser(" in answer(console)
    press_enter(console.controls.seed)
    assert "a fresh shop" in answer(console)


def press_enter(field):
    """Do what the browser does."""
    field._handle_custom_msg({"event": "submit"}, [])


# forms of the first rung


def test_the_form_interface_loads_and_saves_a_whole_row(opened):
    console = opened("crud")
    form = console.controls.form
    form.table.value = "users"
    form.load.click()
    assert "the form is filled in" in answer(console)
    name = next(f for f in form.fields.children if f.description == "name")
    name.value = "Somebody Else"
    form.save.click()
    assert "accepted" in answer(console)
    assert console.shop.tables()["users"][0]["name"] == "Somebody Else"
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_a_lost_race_is_noticed_by_who_asks_for_it(opened):
    console = opened("crud")
    form = console.controls.form
    form.table.value = "products"
    form.load.click()
    send(console, Restock)
    form.check.value = True
    form.save.click()
    assert "ConcurrencyConflict" in answer(console)
    form.check.value = False
    form.save.click()
    assert "accepted" in answer(console)


def test_nonsense_in_a_form_is_answered_kindly(opened):
    console = opened("crud")
    form = console.controls.form
    form.table.value = "products"
    form.key.children[0].value = "nothing like this"
    form.load.click()
    assert "UnknownId" in answer(console)
    form.key.children[0].value = console.shop.tables()["products"][0]["sku"]
    form.load.click()
    stock = next(f for f in form.fields.children if f.description == "stock")
    stock.value = "plenty"
    form.save.click()
    assert "stock: must be a whole number" in answer(console)
    form.table.value = "orders"
    form.load.click()
    form.save.click()
    assert "accepted" in answer(console)


# bets


def test_an_old_answer_is_hidden_until_somebody_bets_on_it(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    ask(console, GetOrder)
    console.controls.predict.value = True
    assert console.explorer.step == len(console.recording.steps)
    assert "Predict first" in ask(console, GetOrder)
    assert "draft" not in answer(console)
    (asked,) = [s for s in json.loads(console.explorer.recording)["steps"] if s["question"]]
    console.explorer.bets = {str(asked["n"]): 0}
    assert "draft" in answer(console)
    assert console.bets == {str(asked["n"]): 0}
    assert console.misconceptions == [SAVED_IS_VISIBLE]
    console.controls.predict.value = False
    assert "draft" in ask(console, GetOrder)
    assert console.misconceptions == [SAVED_IS_VISIBLE]


def test_an_answer_that_is_current_needs_no_bet(opened):
    console = opened("event-sourced")
    console.controls.predict.value = True
    assert "draft" in ask(console, GetOrder)


def test_bets_on_what_was_taken_back_are_forgotten(opened):
    console = opened("two-stores")
    console.controls.predict.value = True
    send(console, PlaceOrder)
    for choice in (0, 2):
        ask(console, GetOrder)
        asked = [s["n"] for s in json.loads(console.explorer.recording)["steps"] if s["question"]]
        console.explorer.bets = {**console.explorer.bets, str(asked[-1]): choice}
    assert console.misconceptions == [SAVED_IS_VISIBLE, BEHIND_IS_A_FAULT]
    console.explorer.step = asked[-1]
    click(console, "rewind")
    assert console.misconceptions == [SAVED_IS_VISIBLE]
    assert console.explorer.bets == console.bets


# the lab


def test_a_waiting_event_is_dropped_and_the_last_one_stays_away(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    assert console.controls.waiting.options == (("5 StockReserved", 5), ("6 OrderPlaced", 6))
    console.controls.waiting.value = 6
    console.controls.fates["Drop"].click()
    assert "will lose event 6" in console.controls.planned.value
    assert "1 event delivered" in click(console, "deliver_all")
    assert console.shop.staleness == 1
    assert console.controls.waiting.options == (("6 OrderPlaced", 6),)
    assert without_code(replayed(console.log)) == without_code(console.recording)


@pytest.mark.parametrize("rung", EVENTFUL)
@pytest.mark.parametrize("fate", ["Duplicate", "Delay", "Move last", "Leave"])
def test_whatever_the_bus_does_is_in_the_log(rung, fate, opened):
    console = opened(rung)
    send(console, PlaceOrder)
    console.controls.fates["Drop"].click()
    console.controls.fates[fate].click()
    click(console, "deliver_one")
    click(console, "deliver_all")
    click(console, "deliver_all")
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_where_nothing_waits_nothing_can_be_picked_up(opened):
    console = opened("two-stores")
    console.controls.fates["Drop"].click()
    assert "No event waits" in answer(console)


@pytest.mark.parametrize("rung", RUNGS)
def test_rewinding_takes_back_a_call_and_all_later_ones(rung, opened):
    console = opened(rung)
    ask(console, GetCatalogue)
    before = without_code(console.recording)
    send(console, Restock)
    send(console, PlaceOrder)
    click(console, "deliver_all")
    stand_in(console, "shop.send(Restock")
    assert "Restock" in console.controls.here.value
    assert "real events are for ever" in console.controls.here.value
    assert "taken back" in click(console, "rewind")
    assert without_code(console.recording) == before
    send(console, PlaceOrder)
    ask(console, GetCatalogue)
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_before_anything_was_done_there_is_nothing_to_take_back(opened):
    console = opened("crud")
    for name in ("rewind", "fork"):
        assert "nothing has happened yet" in click(console, name)


@pytest.mark.parametrize("rung", RUNGS)
def test_a_fork_keeps_the_other_future_and_shows_what_differs(rung, opened):
    console = opened(rung)
    send(console, PlaceOrder)
    stand_in(console, "shop.send")
    assert "future B begins before that call" in click(console, "fork")
    assert len(console.recordings) == 2
    order = console.recording.state(0)["write"].get("orders")
    assert (
        "1 row differs" in console.controls.compared.value
        or not order
        or ("rows differ" in console.controls.compared.value)
    )
    send(console, CancelOrder)
    assert "rows differ" in console.controls.compared.value or rung == "event-sourced"
    console.controls.driven.value = 0
    assert "you drive future A" in answer(console)
    assert "PlaceOrder" in console.log
    assert "CancelOrder" not in console.log
    console.controls.driven.value = 1
    assert "CancelOrder" in console.log
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_futures_that_are_the_same_say_so(opened):
    console = opened("one-database")
    ask(console, GetCatalogue)
    click(console, "fork")
    assert "No row differs" in console.controls.compared.value


def test_a_fork_can_be_forked_until_there_are_enough(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    for letter in "BCDEF":
        click(console, "deliver_one")
        console.explorer.step = len(console.recording.steps)
        assert f"future {letter}" in click(console, "fork")
    assert without_code(replayed(console.log)) == without_code(console.recording)
    click(console, "deliver_one")
    assert "6 futures are enough" in click(console, "fork")
    assert "delivered" in click(console, "deliver_all")
    click(console, "reset")
    assert len(console.recordings) == 1
    assert console.controls.futures.layout.display == "none"


def test_a_fork_on_postgresql_is_refused_with_the_reason(opened, postgresql_url):
    with open_shop("two-stores", write=postgresql_url) as shop:
        console = opened(shop)
        send(console, CreateUser)
        for name in ("fork", "rewind"):
            assert "only SQLite" in click(console, name)
            assert "PostgreSQL" in answer(console)
        assert "1 event delivered" in click(console, "deliver_all")


def test_starting_afresh_with_the_same_seed_is_the_same_shop(opened):
    console = opened("two-stores", seed=3)
    tables = console.shop.tables()
    send(console, PlaceOrder)
    assert "a fresh shop" in click(console, "reset")
    assert console.shop.tables() == tables
    assert console.recording.steps == []
    console.controls.seed.value = "5"
    click(console, "reset")
    assert console.shop.tables()["users"] != tables["users"]
    assert "accepted" in send(console, PlaceOrder)
    assert "seed=5" in console.log
    console.controls.seed.value = ""
    click(console, "reset")
    assert console.shop.tables()["users"] == []


@pytest.mark.parametrize("seed", ["seven", "-1", "1.5", "9" * 30])
def test_a_seed_that_is_none_is_refused_and_the_shop_stays(seed, opened):
    console = opened("crud")
    before = console.shop
    console.controls.seed.value = seed
    assert "InvalidMessage" in click(console, "reset")
    assert console.shop is before


@pytest.mark.parametrize("lag", ["soon", "-1", "nan", "1e400", ""])
def test_a_lag_that_makes_no_sense_is_refused(lag, opened):
    console = opened("two-stores")
    console.controls.background.value = True
    console.controls.lag.value = lag
    assert "lag: must be" in click(console, "reset")
    assert console.shop.options.delivery == "manual"


def test_events_arrive_by_themselves_and_the_console_shows_them(opened):
    """A loop stands for the kernel's; the last event that arrives ends the test."""

    async def class_():
        console = opened("two-stores")
        console.controls.background.value = True
        console.controls.lag.value = "0.01"
        click(console, "reset")
        assert "Events arrive by themselves, 0.01 s after" in answer(console)
        arrived = asyncio.Event()
        console.controls.gauge.observe(
            lambda change: "up to date" in change["new"] and arrived.set(), names="value"
        )
        send(console, PlaceOrder)
        await arrived.wait()
        assert "in the background" in console.explorer.recording
        assert 'delivery="background"' in console.log.replace("'", '"')
        console.explorer.step = len(console.recording.steps)
        assert "events came by themselves" in click(console, "fork")

    with ThreadPoolExecutor() as elsewhere:  # a browser's tests leave a loop running here
        elsewhere.submit(lambda: asyncio.run(asyncio.wait_for(class_(), 30))).result()


# bad input, and other people


@pytest.mark.parametrize(
    "nonsense", ["", "many", "1.5", "1e3", "9" * 5000, "-1", "²", "<script>", "True", "0x10"]
)
def test_nonsense_in_a_number_is_answered_kindly(nonsense, opened):
    console = opened("one-database")
    send(console, AddProduct, sku="x", stock=nonsense)
    assert "InvalidMessage" in answer(console)
    assert "stock: must be" in answer(console)
    assert "<script" not in answer(console)
    assert len(answer(console)) < 1_000
    assert "accepted" in send(console, AddProduct, stock=" 3 ")


@pytest.mark.parametrize("nonsense", ["", "a" * 101, "a\0b", "\ud800"])
def test_nonsense_in_a_text_is_answered_kindly(nonsense, opened):
    console = opened("two-stores")
    send(console, RenameUser, user_id=nonsense)
    assert "InvalidMessage" in answer(console)
    ask(console, GetUserById, user_id=nonsense)
    assert "InvalidMessage" in answer(console)
    answer(console).encode()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=1+1", "\"'><img src=x>", "'''"])
def test_what_is_typed_is_never_markup_and_never_code(text, opened):
    console = opened("two-stores")
    seen = send(console, CreateUser, user_id=text, name=text)
    seen += ask(console, GetUserById, user_id=text)
    console.controls.deliver_all.click()
    seen += ask(console, GetUserById) + console.controls.written.value
    stand_in(console, "shop.send")
    click(console, "fork")
    seen += console.controls.compared.value + console.controls.here.value
    console.controls.driven.value = 0
    seen += console._repr_mimebundle_()["text/html"]
    assert "accepted" in seen
    assert "<script" not in seen
    assert "<img" not in seen
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_a_refused_command_is_in_the_log_and_harms_nobody(opened):
    console = opened("one-database")
    assert "UnknownId" in send(console, ShipOrder, order_id="no such order")
    assert "with suppress(UnknownId):" in console.log
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_a_click_storm_is_done_click_by_click(opened):
    console = opened("two-stores")
    console.controls.predict.value = True
    for _ in range(25):
        send(console, Restock, quantity="1")
        click(console, "deliver_one")
        ask(console, GetCatalogue)
    assert console.shop.position == 29
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_two_consoles_on_one_shop_tell_the_same_story():
    with open_shop("two-stores", clock=TickingClock()) as shop:
        one, other = Console(shop), Console(shop)
        send(one, CreateUser, user_id="zoe")
        assert "CreateUser" in other.log
        click(other, "deliver_all")
        tamper(shop).drop(2)
        send(one, RenameUser, name="Zoe")
        click(one, "deliver_all")
        shop.send(RenameUser("zoe", "Zoë"))
        assert one.log == other.log
        assert without_code(one.recording) == without_code(other.recording)
        again = without_code(replayed(one.log, shop=open_shop("two-stores", clock=TickingClock())))
        assert again == without_code(one.recording)
        stand_in(one, "shop.deliver")
        click(one, "rewind")
        assert one.shop is not other.shop
        assert other.shop is shop
        assert "Your own shop is as it was" in answer(one)
        assert "accepted" in send(other, RenameUser, user_id="zoe", name="Zoe again")
        one.close()
        other.close()
        assert shop.hops.listeners == []
        assert not shop.closed


def test_a_shop_closed_underneath_can_be_started_afresh():
    shop = open_shop("two-stores")
    console = Console(shop)
    send(console, CreateUser)
    shop.close()
    for name in ("deliver_one", "deliver_all"):
        assert "ShopClosed" in click(console, name)
        assert console.controls.again.layout.display is None
    assert "ShopClosed" in ask(console, GetCatalogue)
    assert "a fresh shop" in click(console, "again")
    assert console.controls.again.layout.display == "none"
    assert "accepted" in send(console, CreateUser)
    assert "That shop was closed" in answer(Console(shop))
    console.close()


def test_a_mistake_in_a_learners_handler_is_shown_and_not_swallowed(opened):
    def broken(command, work):
        raise RuntimeError("<b>oh</b>")

    with open_shop("two-stores", handlers={**HANDLERS, CreateUser: broken}) as shop:
        console = opened(shop)
        assert "RuntimeError: unexpected" in send(console, CreateUser)
        assert "&lt;b&gt;oh&lt;/b&gt;" in answer(console)
        assert "with suppress(Exception):" in console.log
        assert "an empty list" in ask(console, GetCatalogue)


def test_a_stopped_projection_is_named_in_the_gauge(opened):
    def broken(docs, recorded):
        raise RuntimeError("no")

    own = {**PROJECTIONS, "mine": {UserCreated: broken}}
    with open_shop("two-stores", projections=own) as shop:
        console = opened(shop)
        send(console, CreateUser)
        click(console, "deliver_all")
        assert "× stopped: mine; 1 event behind" in console.controls.gauge.value


def wish(console, what, event=None, view=None):
    """Do what the browser does when something is chosen in the explorer."""
    content = {"do": what} if event is None else {"do": what, "event": event}
    (view or console.explorer)._handle_custom_msg(content, [])
    return answer(console)


@pytest.mark.parametrize("rung", EVENTFUL)
@pytest.mark.parametrize("fate", ["Drop", "Duplicate", "Delay", "Move last", "Leave"])
def test_a_message_picked_up_in_the_explorer_gets_its_fate_there(opened, rung, fate):
    console = opened(rung)
    send(console, PlaceOrder)
    assert console.explorer.waiting == [5, 6]
    assert [f"tamper {fate}", fate] in console.explorer.fates
    console.explorer.step = 4
    console.explorer.picked = 6
    assert console.controls.waiting.value == 6
    console.explorer.picked = 5
    assert "event 6 OrderPlaced" in wish(console, f"tamper {fate}", 6)
    assert console.explorer.step == 4  # where the message is
    word = {"Drop": "lost", "Duplicate": "twice", "Delay": "late", "Move last": "last"}.get(fate)
    assert console.explorer.plan == ({"6": word} if word else {})
    click(console, "deliver_all")
    assert console.explorer.picked == 0
    assert without_code(replayed(console.log)) == without_code(console.recording)


def test_what_is_wished_for_an_event_that_waits_no_more_is_answered_kindly(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    click(console, "deliver_all")
    assert "does not wait any more" in wish(console, "tamper Drop", 6)
    assert console.session.bus is None
    before = answer(console)
    for nonsense in ("close", "_act", "", None, 7):
        assert wish(console, nonsense) == before
    assert "nothing waits" in click(console, "deliver_all")


def test_fork_and_rewind_behind_more_act_at_the_cursor(opened):
    console = opened("crud")
    send(console, Restock)
    send(console, PlaceOrder)
    assert [deed for deed, *_ in console.explorer.entries] == ["fork", "rewind"]
    stand_in(console, "shop.send(PlaceOrder")
    assert "future B begins before that call" in wish(console, "fork")
    assert "Restock" in console.log and "PlaceOrder" not in console.log
    assert [deed for deed, *_ in console.explorer.entries] == ["fork", "rewind", "compare"]
    stand_in(console, "shop.send(Restock")
    assert "taken back" in wish(console, "rewind")
    assert "Restock" not in console.log


def shown_views(console):
    views = (console.explorer, console.comparison)
    return [view is not None and view.layout.display != "none" for view in views]


def test_two_futures_are_seen_side_by_side_and_follow_what_is_done(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    assert "one future only" in wish(console, "compare")
    assert shown_views(console) == [True, False]
    click(console, "fork")
    assert "side by side" in wish(console, "compare")
    assert shown_views(console) == [False, True]
    assert console.controls.compared.layout.display == "none"
    assert console.comparison.labels == ["Future A", "Future B, which you drive"]
    send(console, CancelOrder)
    assert "CancelOrder" in console.comparison.recordings[1]
    assert "CancelOrder" not in console.comparison.recordings[0]
    console.controls.driven.value = 0
    assert console.comparison.labels == ["Future A, which you drive", "Future B"]
    assert "you see future A" in wish(console, "compare", view=console.comparison)
    assert shown_views(console) == [True, False]
    console.controls.side_by_side.value = True
    assert shown_views(console) == [False, True]
    assert console.root.children.count(console.comparison) == 1
    click(console, "reset")
    assert shown_views(console) == [True, False]


def test_side_by_side_gives_no_bet_away(opened):
    console = opened("two-stores")
    console.controls.predict.value = True
    send(console, PlaceOrder)
    click(console, "fork")
    send(console, PlaceOrder)
    wish(console, "compare")
    assert "Predict first" in ask(console, GetOrder)
    assert shown_views(console) == [True, False]
    assert "first lock in your bet" in wish(console, "compare")
    asked = [s["n"] for s in json.loads(console.explorer.recording)["steps"] if s["question"]]
    console.explorer.bets = {str(asked[0]): 0}
    wish(console, "compare")
    assert shown_views(console) == [False, True]


def test_readers_without_a_kernel_see_what_was_done(opened):
    console = opened("two-stores")
    send(console, PlaceOrder)
    bundle = console._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "PlaceOrder" in bundle["text/html"]
    assert "run this cell in Jupyter" in bundle["text/plain"]


# the log


def test_the_log_is_what_one_would_have_written(opened):
    console = opened("two-stores", seed=None)
    send(console, CreateUser)
    ask(console, GetUserById)
    click(console, "deliver_one")
    assert console.log == (
        "from contextlib import suppress\n"
        "from cqrs_demo import CreateUser, GetUserById, NotFound, open_shop\n"
        "from cqrs_demo.lab.console import TickingClock\n"
        "\n"
        'shop = open_shop("two-stores", clock=TickingClock())\n'
        "\n"
        'with shop.record("Live console") as recording:\n'
        '    shop.send(CreateUser("bob", "Bob Hope", "bob@example.org"))\n'
        "    with suppress(NotFound):\n"
        '        shop.ask(GetUserById("bob"))\n'
        "    shop.deliver(1)\n"
    )


def test_calls_of_a_cell_are_in_the_log_too():
    shop = open_shop("event-sourced", clock=TickingClock())
    session = Session.of(shop)
    shop.send(AddProduct("tea", 'Earl "Grey"\n', 5, 5), command_id="c")
    with pytest.raises(ConcurrencyConflict):
        shop.send(Restock("tea", 5), expected_version=7)
    with pytest.raises(ShopError):
        shop.deliver(only="nobody")
    shop.rebuild("catalogue")
    again = replayed(session.log, shop=open_shop("event-sourced", clock=TickingClock()))
    assert without_code(again) == without_code(session.recording)
    session.leave(print)
    shop.close()


IDS = st.sampled_from(["mary", "zoe", "o-1", "o-78", "soap", "tea", ""])
TEXTS = st.sampled_from(["Zoë", "z@example.org", 'a"b', "1", "3", "many"])
ACTIONS = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 11), IDS, IDS, TEXTS),
    st.tuples(st.just("ask"), st.integers(0, 6), IDS, st.booleans()),
    st.tuples(st.just("deliver"), st.booleans(), st.integers(0, 6)),
    st.tuples(st.just("tamper"), st.integers(0, 4), st.integers(0, 9)),
    st.tuples(st.just("rewind"), st.integers(0, 60)),
    st.tuples(st.just("fork"), st.integers(0, 60)),
    st.tuples(st.just("switch"), st.integers(0, 5)),
)


@settings(max_examples=40, deadline=None)
@given(rung=st.sampled_from(RUNGS), actions=st.lists(ACTIONS, max_size=14))
def test_whatever_is_done_the_log_gives_the_same_recording(rung, actions):
    console = Console(rung)
    controls = console.controls
    try:
        for what, *how in actions:
            do(console, controls, what, *how)
            assert "unexpected" not in answer(console), answer(console)
        assert without_code(replayed(console.log)) == without_code(console.recording)
    finally:
        console.close()


def do(console, controls, what, *how):
    if what == "send":
        index, *texts = how
        controls.command.choice.index = index
        for field, text in zip(controls.command.fields.children, texts, strict=False):
            field.value = text
        controls.command.button.click()
    elif what == "ask":
        controls.query.choice.index = how[0]
        for field in controls.query.fields.children:
            field.value = how[1]
        controls.insist.value = how[2]
        controls.query.button.click()
    elif what == "deliver":
        controls.target.index = min(how[1], len(controls.target.options) - 1)
        (controls.deliver_one if how[0] else controls.deliver_all).click()
    elif what == "tamper":
        if controls.waiting.options:
            controls.waiting.index = how[1] % len(controls.waiting.options)
        [*controls.fates.values()][how[0]].click()
    elif what == "switch":
        controls.driven.index = (
            how[0] % len(controls.driven.options) if (controls.driven.options) else None
        )
    else:
        console.explorer.step = how[0]
        getattr(controls, what).click()
