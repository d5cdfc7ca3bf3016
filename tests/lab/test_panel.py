"""The live panel, driven by clicks in Python."""

import pytest

from cqrs_demo import (
    HANDLERS,
    PROJECTIONS,
    AddOrderItem,
    AddProduct,
    CreateOrder,
    CreateUser,
    GetCatalogue,
    GetUserById,
    PlaceOrder,
    RenameUser,
    Restock,
    Shop,
    UserCreated,
    open_shop,
)
from cqrs_demo.lab.panel import Panel
from cqrs_demo.lab.show import MOST_LINES

RUNGS = ["crud", "one-database", "two-stores", "event-sourced"]


@pytest.fixture
def shop():
    with open_shop("two-stores") as shop:
        yield shop


@pytest.fixture
def panel(shop: Shop) -> Panel:
    return Panel(shop)


def field(panel: Panel, name: str):
    fields = [*panel.command.fields.children, *panel.query.fields.children]
    return next(text for text in fields if text.description == name)


def everything(panel: Panel) -> str:
    return panel.answer.value + panel.gauge.value + panel.stores.value


@pytest.mark.parametrize("rung", RUNGS)
def test_every_command_and_query_can_be_sent_as_it_stands(rung: str):
    with open_shop(rung) as shop:
        panel = Panel(shop)
        for form in (panel.command, panel.query):
            for name, _ in form.choice.options:
                form.choice.label = name
                form.button.click()
                assert "unexpected" not in panel.answer.value, name
                assert f"{name}(" in panel.answer.value
                panel.deliver_all.click()


@pytest.mark.parametrize("rung", RUNGS)
def test_events_can_be_delivered_where_there_are_events(rung: str):
    with open_shop(rung) as shop:
        panel = Panel(shop)
        controls = str(list(widgets_in(panel.root)))
        eventual = rung in ("two-stores", "event-sourced")
        assert ("Deliver next" in controls) == eventual
        assert ("Read store" in panel.stores.value) == eventual
        assert bool(panel.gauge.value) == eventual
        assert ("queries read the tables themselves" in panel.stores.value) != eventual


def widgets_in(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets_in(child)


def test_a_command_an_early_question_a_delivery_and_the_answer(panel: Panel):
    panel.command.button.click()
    assert "accepted; it returned nothing" in panel.answer.value
    assert "1 event behind" in panel.gauge.value
    assert "waiting" in panel.stores.value
    panel.query.button.click()
    assert "NotFound: not there (yet)" in panel.answer.value
    assert "1 event behind" in panel.answer.value
    panel.deliver_next.click()
    assert "1 event delivered" in panel.answer.value
    assert "✓ up to date" in panel.gauge.value
    panel.query.button.click()
    assert "Ada Lovelace" in panel.answer.value
    panel.deliver_all.click()
    assert "nothing waits" in panel.answer.value


def test_what_the_last_action_changed_is_marked_and_a_query_changes_nothing(panel: Panel):
    panel.command.button.click()
    assert " added" in panel.stores.value
    panel.query.button.click()
    assert " added" not in panel.stores.value
    panel.command.choice.value = AddProduct
    panel.command.button.click()
    panel.command.choice.value = Restock
    panel.command.button.click()
    assert "<del>3</del> <ins>5</ins>" in panel.stores.value
    panel.deliver_next.click()
    assert "<del>waiting</del> <ins>✓</ins>" in panel.stores.value


def test_the_answer_says_what_has_changed(panel: Panel):
    panel.command.button.click()
    assert "<li>users: + ada</li><li>outbox: + event 1 UserCreated</li>" in panel.answer.value
    panel.deliver_all.click()
    assert "<li>users: + ada</li></ul>" in panel.answer.value
    for kind in (AddProduct, Restock):
        panel.command.choice.value = kind
        panel.command.button.click()
    assert "<li>products mug: stock 3 → 5, version 1 → 2</li>" in panel.answer.value
    panel.deliver_all.click()
    assert "<li>catalogue: + mug</li>" in panel.answer.value
    panel.query.button.click()
    assert "Changed" not in panel.answer.value


def test_of_many_changes_the_answer_tells_the_first(panel: Panel):
    for kind in (CreateUser, AddProduct, CreateOrder, AddOrderItem, PlaceOrder):
        panel.command.choice.value = kind
        panel.command.button.click()
    panel.deliver_all.click()
    assert panel.answer.value.count("<li>") == MOST_LINES + 1
    assert "<li>and 2 more</li>" in panel.answer.value


@pytest.mark.parametrize("rung", RUNGS)
def test_a_command_that_changes_nothing_says_so(rung: str):
    with open_shop(rung) as shop:
        panel = Panel(shop)
        panel.command.button.click()
        panel.command.choice.value = RenameUser
        field(panel, "name").value = "Ada Lovelace"
        panel.command.button.click()
        assert "accepted" in panel.answer.value
        assert "Nothing has changed." in panel.answer.value
        field(panel, "name").value = ""
        panel.command.button.click()
        assert "InvalidMessage" in panel.answer.value
        assert "Nothing has changed." in panel.answer.value


def test_an_event_that_no_document_tells_is_delivered_all_the_same():
    with open_shop(
        "two-stores", projections={"mine": {UserCreated: lambda _docs, _event: None}}
    ) as shop:
        panel = Panel(shop)
        panel.command.button.click()
        panel.deliver_all.click()
        assert "1 event delivered" in panel.answer.value
        assert "No document has changed." in panel.answer.value


def test_enter_sends_in_the_one_card_and_asks_in_the_other(panel: Panel):
    mine, other = field(panel, "user_id"), panel.query.fields.children[0]
    press_enter(mine)
    assert "shop.send(CreateUser(" in panel.answer.value
    press_enter(other)
    assert "shop.ask(GetUserById(" in panel.answer.value


def press_enter(text) -> None:
    """Do what the browser does."""
    text._handle_custom_msg({"event": "submit"}, [])


def test_a_refused_command_changes_nothing(panel: Panel):
    panel.command.choice.value = PlaceOrder
    panel.command.button.click()
    assert "UnknownId: rejected, and nothing anywhere has changed" in panel.answer.value
    assert "Nothing" not in panel.answer.value
    assert "✓ up to date" in panel.gauge.value


@pytest.mark.parametrize(
    "nonsense", ["", "many", "1.5", "1e3", "9" * 5000, "-1", "²", "<script>", "True", "0x10"]
)
def test_nonsense_in_a_number_is_answered_kindly(panel: Panel, nonsense: str):
    panel.command.choice.value = AddProduct
    field(panel, "stock").value = nonsense
    panel.command.button.click()
    assert "InvalidMessage" in panel.answer.value
    assert "stock: must be" in panel.answer.value
    assert "<script" not in panel.answer.value
    assert len(panel.answer.value) < 1_000
    field(panel, "stock").value = " 3 "
    panel.command.button.click()
    assert "accepted" in panel.answer.value


@pytest.mark.parametrize("nonsense", ["", "a" * 101, "a\0b", "\ud800"])
def test_nonsense_in_a_text_is_answered_kindly(panel: Panel, nonsense: str):
    field(panel, "user_id").value = nonsense
    for form in (panel.command, panel.query):
        form.button.click()
        assert "InvalidMessage" in panel.answer.value
        panel.answer.value.encode()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=1+1", "\"'><img src=x>"])
def test_what_is_typed_is_never_markup(panel: Panel, text: str):
    field(panel, "name").value = text
    field(panel, "user_id").value = text
    panel.command.button.click()
    seen = everything(panel)
    panel.query.button.click()
    seen += everything(panel)
    panel.deliver_all.click()
    seen += everything(panel)
    panel.query.button.click()
    seen += everything(panel) + panel._repr_mimebundle_()["text/html"]
    assert "accepted" in seen
    assert "<script" not in seen
    assert "<img" not in seen


def test_an_id_is_typed_once_for_commands_and_queries(panel: Panel):
    field(panel, "user_id").value = "bob"
    assert panel.query.message() == GetUserById("bob")
    assert panel.command.message() == CreateUser("bob", "Ada Lovelace", "ada@example.org")


def test_a_closed_shop_is_named_and_the_panel_goes_on(panel: Panel, shop: Shop):
    shop.close()
    for button in (panel.command.button, panel.query.button, panel.deliver_next):
        button.click()
        assert "ShopClosed" in panel.answer.value
        assert everything(panel).count("ShopClosed") == 1
    assert everything(Panel(shop)).count("ShopClosed") == 1
    assert Panel(shop).gauge.value == ""


def test_a_mistake_in_a_learners_handler_is_shown_and_not_swallowed():
    def broken(command, work):
        raise RuntimeError("<b>oh</b>")

    with open_shop("two-stores", handlers={**HANDLERS, CreateUser: broken}) as shop:
        panel = Panel(shop)
        panel.command.button.click()
        assert "RuntimeError: unexpected" in panel.answer.value
        assert "&lt;b&gt;oh&lt;/b&gt;" in panel.answer.value
        panel.query.choice.value = GetCatalogue
        panel.query.button.click()
        assert "an empty list" in panel.answer.value


def test_a_stopped_projection_is_named_in_the_gauge():
    def broken(docs, recorded):
        raise RuntimeError("no")

    own = {**PROJECTIONS, "mine": {UserCreated: broken}}
    with open_shop("two-stores", projections=own) as shop:
        panel = Panel(shop)
        panel.command.button.click()
        panel.deliver_all.click()
        assert "× stopped: mine; 1 event behind" in panel.gauge.value


def test_every_control_says_what_it_is(panel: Panel):
    for widget in widgets_in(panel.root):
        if type(widget).__name__ in ("Text", "Dropdown", "Button"):
            assert widget.description


def test_readers_without_a_kernel_see_the_stores(panel: Panel):
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "Write store" in bundle["text/html"]
    assert "run this cell in Jupyter" in bundle["text/plain"]
