"""Every field of every command and query: what it takes, and what it says when it does not."""

import dataclasses
import pickle

import pytest

import cqrs_demo
from cqrs_demo import InvalidMessage, ShopError
from cqrs_demo.domain import commands, events, queries
from cqrs_demo.domain.fields import Message

MESSAGES = [
    kind
    for module in (commands, queries)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Message) and kind is not Message
]
GOOD = {
    "user_id": "ada",
    "name": "Ada",
    "email": "ada@example.org",
    "sku": "tea",
    "price_cents": 920,
    "stock": 12,
    "quantity": 2,
    "order_id": "o-1",
    "address": "12 St James's Square",
    "reason": "",
    "limit": 10,
}
FIELDS = [
    pytest.param(kind, field.name, id=f"{kind.__name__}.{field.name}")
    for kind in MESSAGES
    for field in dataclasses.fields(kind)
]
LONGEST = {"user_id": 100, "sku": 100, "order_id": 100, "email": 254}
LONGEST |= {"name": 1000, "address": 1000, "reason": 1000}
RANGE = {
    "price_cents": (0, 10**9),
    "stock": (0, 10**9),
    "quantity": (1, 10**6),
    "limit": (1, 10**9),
}


def make(kind, **changed):
    return kind(**{f.name: GOOD[f.name] for f in dataclasses.fields(kind)} | changed)


def test_there_are_twelve_commands_and_seven_queries():
    modules = [kind.__module__ for kind in MESSAGES]
    assert modules.count(commands.__name__) == 12
    assert modules.count(queries.__name__) == 7


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_a_field_refuses_what_it_cannot_hold_and_names_itself(kind, field):
    wrong = [None, b"bytes", ["list"], {"a": 1}, 1.5, True, False, object()]
    if field in RANGE:
        least, most = RANGE[field]
        wrong += [least - 1, most + 1, -(10**30), 10**30, "1", float("nan")]
    else:
        wrong += [1, "\0", "a\0b", "\ud800", "a\udfff", "x" * (LONGEST[field] + 1)]
        wrong += [] if field == "reason" else [""]
    for value in wrong:
        with pytest.raises(InvalidMessage) as refused:
            make(kind, **{field: value})
        assert refused.value.field == field
        assert str(refused.value).startswith(f"{field}: ")
        assert isinstance(refused.value, ValueError)
        assert isinstance(refused.value, ShopError)


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_a_field_takes_its_limits(kind, field):
    if field in RANGE:
        for value in RANGE[field]:
            assert getattr(make(kind, **{field: value}), field) == value
    elif field == "email":
        long_one = "a" * 242 + "@example.org"
        assert len(long_one) == 254
        assert make(kind, email=long_one).email == long_one
    else:
        for value in ("x", "x" * LONGEST[field], "é" * LONGEST[field], "😀", " ", "a\nb"):
            assert getattr(make(kind, **{field: value}), field) == value


@pytest.mark.parametrize(
    "email",
    ["ada", "@", "ada@", "@example.org", "a b@example.org", "a@b@c", "a@.org", "a@b..c", "a@b.",
     "ada@example.org\n", " ada@example.org", "a\u200b\x07@b.c", "ada@exam ple.org", "a@b.c,d@e.f"],
)  # fmt: skip
def test_a_malformed_email_is_refused(email):
    with pytest.raises(InvalidMessage, match="email: must look like"):
        commands.CreateUser("ada", "Ada", email)


@pytest.mark.parametrize("email", ["a@b", "ada+x@example.co.uk", "ädä@exämple.org", "o'x@e.org"])
def test_an_unusual_email_is_taken_as_it_is(email):
    assert commands.CreateUser("ada", "Ada", email).email == email


def test_a_text_that_merely_behaves_like_text_is_refused():
    class Sly(str):
        pass

    with pytest.raises(InvalidMessage, match="user_id"):
        queries.GetUserById(Sly("ada"))


def test_messages_and_events_cannot_be_changed():
    for module in (commands, queries, events):
        for kind in vars(module).values():
            if dataclasses.is_dataclass(kind):
                assert kind.__dataclass_params__.frozen, kind


def test_events_never_check():
    assert events.StockReserved("", "", -5).quantity == -5
    assert events.UserCreated(None, 7, "no e-mail").name == 7


def test_errors_survive_pickling_as_worker_processes_need():
    error = pickle.loads(pickle.dumps(InvalidMessage("name", "must be text")))
    assert (error.field, str(error)) == ("name", "name: must be text")


def test_every_error_derives_from_shop_error():
    for name in cqrs_demo.__all__:
        thing = getattr(cqrs_demo, name)
        if isinstance(thing, type) and issubclass(thing, Exception):
            assert issubclass(thing, ShopError), name
