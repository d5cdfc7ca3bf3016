"""What a reader sees when the shop answers, refuses, or is behind."""

import pytest

from cqrs_demo import (
    PROJECTIONS,
    AddOrderItem,
    AddProduct,
    ConcurrencyConflict,
    CreateOrder,
    CreateUser,
    GetCatalogue,
    GetOrder,
    GetUserById,
    PlaceOrder,
    RenameUser,
    Shop,
    UserCreated,
    open_shop,
)
from cqrs_demo.lab.frames import MOST_ROWS, Changed, Look, as_text, changes, to_html
from cqrs_demo.lab.show import show

HOSTILE = ["<script>alert(1)</script>", "=1+1", "\"'><img src=x onerror=alert(1)>", "&lt;b&gt;"]


@pytest.fixture
def shop():
    with open_shop("two-stores") as shop:
        yield shop


def html(shown) -> str:
    return shown._repr_html_()


def test_an_accepted_command_says_that_it_returned_nothing(shop: Shop):
    shown = show(shop.send, CreateUser("ada", "Ada", "ada@example.org"))
    assert repr(shown) == "✓ accepted; it returned nothing"
    assert "accepted; it returned nothing" in html(shown)


def test_what_is_not_there_yet_is_orange_and_named(shop: Shop):
    shop.send(CreateUser("ada", "Ada", "ada@example.org"))
    shown = show(shop.ask, GetUserById("ada"))
    assert repr(shown) == "… NotFound: not there (yet)\nthere is no user 'ada'"
    assert "cqrs-event" in html(shown)
    stale = show(shop.ask, GetUserById("ada"), after=shop.position)
    assert "StillStale" in repr(stale)
    assert "cqrs-event" in html(stale)


def test_a_refusal_is_red_and_named(shop: Shop):
    shown = show(shop.send, PlaceOrder("o-1"))
    assert "UnknownId: rejected, and nothing anywhere has changed" in repr(shown)
    assert "cqrs-rejection" in html(shown)


def test_a_message_that_cannot_be_made_is_a_refusal_too():
    shown = show(CreateUser, "", "Ada", "ada@example.org")
    assert (
        repr(shown) == "× InvalidMessage: no such message can be made\nuser_id: must not be empty"
    )


def test_a_lost_race_is_named(shop: Shop):
    shop.send(CreateUser("ada", "Ada", "ada@example.org"))
    shown = show(shop.send, RenameUser("ada", "A."), expected_version=7)
    assert ConcurrencyConflict.__name__ in repr(shown)


def test_a_closed_shop_is_named():
    with open_shop("crud") as shop:
        pass
    assert "ShopClosed" in repr(show(shop.ask, GetCatalogue()))


def test_other_errors_go_through():
    with pytest.raises(ZeroDivisionError):
        show(lambda: 1 / 0)


def test_a_dto_is_a_frame_of_fields_and_a_list_a_frame_of_rows(shop: Shop):
    shop.send(AddProduct("mug", "Mug", 1200, 3))
    shop.send(CreateUser("ada", "Ada", "ada@example.org"))
    shop.send(CreateOrder("o-1", "ada"))
    shop.send(AddOrderItem("o-1", "mug", 2))
    shop.deliver()
    user = show(shop.ask, GetUserById("ada"))
    assert list(user.frame["field"]) == ["user_id", "name", "email", "version"]
    catalogue = show(shop.ask, GetCatalogue())
    assert catalogue.frame.to_dict("records") == [
        {"sku": "mug", "name": "Mug", "price_cents": 1200, "stock": 3, "version": 1}
    ]
    assert "1 × ProductView" in html(catalogue)
    order = show(shop.ask, GetOrder("o-1"))
    assert "sku: mug, name: Mug, quantity: 2" in repr(order)
    assert "shipping_address" in html(order)


def test_an_empty_list_is_said_in_words(shop: Shop):
    assert "there are none" in repr(show(shop.ask, GetCatalogue()))


def test_other_answers_are_shown_as_text():
    assert repr(show(lambda: 3)) == "✓ 3"
    assert repr(show(lambda: [1, 2])) == "✓ a list of 2\n1; 2"


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_data_is_never_markup(shop: Shop, text: str):
    shop.send(CreateUser("ada", text, "ada@example.org"))
    look = Look(shop)
    first = html(look.tables()) + html(look.events())
    shop.send(RenameUser("ada", text + text))
    shop.deliver()
    seen = first + html(look.tables()) + html(look.events()) + html(look.documents())
    seen += html(show(shop.ask, GetUserById("ada"))) + html(show(shop.ask, GetUserById(text)))
    if text != "=1+1":
        assert text not in seen
    assert "<script" not in seen
    assert "<img" not in seen


def test_names_of_a_learners_own_documents_are_escaped_too():
    frame = changes([], [{"<i>column</i>": "<b>"}])
    assert "<i>" not in to_html(frame)
    assert "<b>" not in to_html(frame)


# What has changed


def test_added_changed_and_removed_rows_are_marked_and_cells_say_old_and_new():
    before = [{"id": "a", "n": 1}, {"id": "b", "n": 1}, {"id": "c", "n": 1}]
    after = [{"id": "a", "n": 1}, {"id": "b", "n": 2}, {"id": "d", "n": 1}]
    frame = changes(before, after)
    assert list(frame[""]) == ["", "~", "+", "−"]
    assert list(frame["id"]) == ["a", "b", "d", "c"]
    assert frame["n"][1] == Changed(1, 2)
    assert str(frame["n"][1]) == "1 → 2"
    marked = to_html(frame)
    assert "<del>1</del> <ins>2</ins>" in marked
    assert marked.count("removed") == 2
    assert marked.count("added") == 2
    assert marked.count("changed") == 1


def test_a_key_may_have_two_columns_or_stand_for_several_rows():
    rows = [{"order": "o", "sku": "a"}, {"order": "o", "sku": "b"}]
    assert list(changes(rows, rows[1:], key_columns=2)[""]) == ["", "−"]
    assert list(changes(rows, rows)[""]) == ["", ""]


def test_a_field_that_comes_or_goes_is_a_change():
    frame = changes([{"id": 1, "old": 2}], [{"id": 1, "new": 3}])
    assert str(frame["old"][0]) == "2 → –"
    assert str(frame["new"][0]) == "– → 3"


def test_of_many_rows_the_changed_and_the_newest_are_shown():
    before = [{"id": n, "value": 0} for n in range(100)]
    after = [{**row, "value": 1} if row["id"] == 5 else row for row in before]
    frame = changes(before, after)
    assert len(frame) == MOST_ROWS
    assert list(frame["id"])[:2] == [5, 100 - MOST_ROWS + 1]


def test_a_look_marks_what_has_changed_since_the_one_before(shop: Shop):
    shop.send(CreateUser("ada", "Ada", "ada@example.org"))
    look = Look(shop)
    assert list(look.tables()["users"][""]) == [""]
    assert list(look.events()["outbox"]["delivered"]) == ["waiting"]
    assert "email_key" not in look.tables()["users"]
    assert len(look.documents()["users"]) == 0
    shop.send(RenameUser("ada", "Ada King"))
    assert "Ada → Ada King" in repr(look.tables())
    shop.deliver()
    assert "users (checkpoint 2)" in repr(look.documents())
    assert "waiting → ✓" in repr(look.events())
    assert list(look.tables()["users"][""]) == [""]


@pytest.mark.parametrize("rung", ["crud", "one-database", "two-stores", "event-sourced"])
def test_every_rung_can_be_looked_into(rung: str):
    with open_shop(rung) as shop:
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        look = Look(shop)
        for frames in (look.tables(), look.events(), look.documents()):
            assert "cqrs-store" in html(frames)
            assert repr(frames)


def test_a_rung_without_documents_says_why_and_raises_no_alarm():
    with open_shop("one-database") as shop:
        documents = Look(shop).documents()
    assert "queries read the tables themselves" in repr(documents)
    assert "queries read the tables themselves" in html(documents)
    assert 'class="cqrs-store cqrs-neutral"' in html(documents)


def test_a_stopped_projection_says_so():
    def fail(docs, recorded):
        raise RuntimeError("<b>no</b>")

    with open_shop("two-stores", projections={**PROJECTIONS, "mine": {UserCreated: fail}}) as shop:
        look = Look(shop)
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        shop.deliver()
        assert look.documents().store.notes["mine"].startswith("stopped at checkpoint 0")


def test_values_are_shown_as_a_reader_wants_to_see_them():
    assert as_text(None) == as_text(float("nan")) == "–"
    assert as_text([]) == "none"
    assert as_text({"sku": "mug", "sizes": [1, 2]}) == "sku: mug, sizes: 1; 2"
