"""Recordings: what is written can be read again, and what is damaged is refused in a sentence."""

import json
import math
from copy import deepcopy

import jsonschema
import pandas as pd
import pytest
from conftest import TickingClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cqrs_demo import (
    LADDER,
    AddOrderItem,
    AddProduct,
    CreateOrder,
    CreateUser,
    GetOrder,
    GetOrderHistory,
    GetUserById,
    InvalidMessage,
    PlaceOrder,
    ShopError,
    open_shop,
)
from cqrs_demo.recorder.reading import SCHEMA
from cqrs_demo.recording import FORMAT, PANELS, VERSION, Recording

STRANGE = 'Ada "O\'Neil" <script>alert(1)</script> {%%} ;#35; \u202egnirts\u202c 👩‍🚀 İß'


def story(rung, name="Ada Lovelace"):
    """Record a shop: commands, an early question, a delivery, and two refusals."""
    with open_shop(rung, clock=TickingClock()) as shop:
        shop.send(CreateUser("ada", name, "ada@example.org"))
        shop.send(AddProduct("tea", "Earl Grey", 920, 12))
        shop.send(CreateOrder("o-7", "ada"))
        shop.send(AddOrderItem("o-7", "tea", 2))
        shop.deliver()
        with shop.record("Place an order, then look too early") as recording:
            shop.send(PlaceOrder("o-7"))
            shop.ask(GetOrderHistory("ada"))
            shop.deliver()
            recording.begin_scene("Ask again")
            shop.ask(GetOrder("o-7"))
            recording.begin_scene(None)
            with pytest.raises(ShopError):
                shop.send(AddOrderItem("o-7", "tea", 1))
            with pytest.raises(ShopError):
                shop.ask(GetUserById("bob"))
        return recording


def test_a_recording_survives_writing_and_reading(rung):
    recording = story(rung)
    text = recording.to_json()
    again = Recording.from_json(text)
    assert again == recording
    assert again.to_json() == text
    assert Recording.from_json(text.encode()) == recording
    assert Recording.from_json(recording.to_json(indent=2)) == recording


def test_strange_letters_survive_writing_and_reading(rung):
    recording = story(rung, STRANGE)
    table = "events" if rung == "event-sourced" else "users"
    assert json.dumps(STRANGE)[1:-1] in json.dumps(recording.initial["write"][table])
    assert Recording.from_json(recording.to_json()) == recording


def test_the_same_run_is_written_the_same(rung):
    assert story(rung).to_json() == story(rung).to_json()


def test_the_schema_is_a_schema_and_recordings_follow_it(rung):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(json.loads(story(rung).to_json()), schema, jsonschema.Draft7Validator)


def test_an_empty_recording_survives_too(rung):
    with open_shop(rung) as shop, shop.record("Nothing") as recording:
        pass
    assert recording.steps == []
    assert Recording.from_json(recording.to_json()) == recording
    assert recording.state(0) == recording.initial
    assert len(recording.to_frame()) == 0


def test_parts_that_nobody_needs_may_be_missing():
    data = a_recording()
    del data["folds"], data["map"]["bands"], data["map"]["frame"]
    for step in data["steps"]:
        for part in ("at", "call", "payload", "code", "changes", "question"):
            del step[part]
    recording = Recording.from_json(json.dumps(data))
    assert recording.folds == []
    assert recording.steps[0].code is None
    assert recording.steps[0].changes == {}
    assert recording.state(len(recording.steps)) == recording.initial


def test_state_is_the_beginning_plus_what_changed(rung):
    recording = story(rung)
    steps = recording.steps
    assert recording.state(0) == recording.initial
    assert set(recording.state(0)) <= set(PANELS)
    for n, step in enumerate(steps, 1):
        before, after = recording.state(n - 1), recording.state(n)
        assert (before != after) == bool(step.changes), step
        for panel, tables in step.changes.items():
            for table, rows in tables.items():
                for key, row in rows.items():
                    assert after[panel][table].get(key) == row


def test_state_knows_what_the_shop_ended_with():
    last = (recording := story("two-stores")).state(len(recording.steps))
    assert last["write"]["orders"]["o-7"]["status"] == "placed"
    assert last["outbox"]["waiting"] == {}
    assert last["screen"]["command"]["last"]["outcome"].startswith("refused: WrongStatus")
    checkpoints = last["checkpoints"]
    written = checkpoints["log"]["written"]["position"]
    assert {row["checkpoint"] for row in checkpoints["projections"].values()} == {written}


def test_nobody_can_change_a_recording_through_a_state():
    recording = story("one-database")
    text = recording.to_json()
    for n in range(len(recording.steps) + 1):
        for tables in recording.state(n).values():
            for rows in tables.values():
                for row in rows.values():
                    row.clear()
    assert recording.to_json() == text


@pytest.mark.parametrize("n", [-1, 10_000, 1.0, "1", None, True])
def test_there_is_no_state_before_the_beginning_or_after_the_end(n):
    with pytest.raises(InvalidMessage, match=r"^n: must be from 0 to \d+$"):
        story("crud").state(n)


def test_a_frame_has_a_row_for_each_step(rung):
    recording = story(rung)
    frame = recording.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.index) == [step.n for step in recording.steps]
    assert frame.index.name == "n"
    assert list(frame["note"]) == [step.note for step in recording.steps]
    assert frame["changed"].str.contains("orders o-7|events").any()
    assert frame["code"].str.match(r".+\.py:\d+$").any()


# what is refused


def a_recording():
    return json.loads(story("two-stores").to_json())


def refused(text):
    """Return the one sentence with which a text is refused."""
    with pytest.raises(ShopError) as caught:
        Recording.from_json(text)
    told = str(caught.value)
    assert told.startswith(("this is no recording: ", "this recording "))
    assert len(told) < 400
    assert "\n" not in told
    return told


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "3", '"x"', "{}", "NaN", '{"format": "other", "version": 1}', b"\xff"],
)
def test_what_is_no_recording_is_refused(text):
    assert refused(text).startswith("this is no recording")


@pytest.mark.parametrize("thing", [None, 3, [], {}])
def test_what_is_not_even_text_is_refused(thing):
    assert refused(thing).startswith("this is no recording")


def test_deep_nesting_is_refused():
    assert refused("[" * 100_000).startswith("this is no recording")


@pytest.mark.parametrize("left", [0.001, 0.25, 0.5, 0.75, 0.9999])
def test_a_recording_that_breaks_off_is_refused(left):
    text = story("crud").to_json()
    assert refused(text[: int(len(text) * left)]).startswith("this is no recording")


def test_a_recording_of_a_newer_program_is_refused_and_says_so():
    told = refused(json.dumps({"format": FORMAT, "version": VERSION + 1, "new": "things"}))
    assert f"version {VERSION + 1}" in told
    assert f"reads up to {VERSION}" in told


@pytest.mark.parametrize("version", [None, 0, -1, 1.5, "1", True, []])
def test_a_strange_version_is_refused(version):
    assert "version" in refused(json.dumps({**a_recording(), "version": version}))


@pytest.mark.parametrize(
    "part", ["version", "title", "architecture", "seed", "map", "initial", "steps"]
)
def test_a_recording_without_a_part_is_refused(part):
    data = a_recording()
    del data[part]
    assert part in refused(json.dumps(data))


@pytest.mark.parametrize("part", ["n", "scene", "kind", "source", "target", "name", "note"])
def test_a_step_without_a_part_is_refused(part):
    data = a_recording()
    del data["steps"][3][part]
    assert part in refused(json.dumps(data))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("title",), None),
        (("title",), 7),
        (("architecture",), "three-stores"),
        (("seed",), "seven"),
        (("map",), []),
        (("map", "nodes"), []),
        (("map", "nodes", "client", "x"), "left"),
        (("map", "edges", 0, "waits"), "maybe"),
        (("initial",), None),
        (("initial", "elsewhere"), {}),
        (("initial", "write", "orders"), []),
        (("initial", "write", "orders", "o-7"), "placed"),
        (("steps",), {}),
        (("steps", 0), None),
        (("steps", 0, "n"), "1"),
        (("steps", 0, "n"), 2),
        (("steps", 0, "kind"), "miracle"),
        (("steps", 0, "source"), 7),
        (("steps", 0, "code"), "handlers.py"),
        (("steps", 0, "code"), {"file": "x.py"}),
        (("steps", 0, "changes"), []),
        (("steps", 0, "changes"), {"write": {"orders": {"o-7": 7}}}),
        (("steps", 0, "question"), "which?"),
        (("steps", 0, "surprise"), 1),
        (("folds",), None),
        (("folds", 0, "first"), "1"),
        (("folds", 0, "last"), 10_000),
        (("folds", 0, "first"), 0),
        (("surprise",), 1),
    ],
)
def test_a_part_of_the_wrong_type_is_refused(path, value):
    data = a_recording()
    *way, last = path
    part = data
    for name in way:
        part = part[name]
    part[last] = value
    assert refused(json.dumps(data)).startswith("this recording is damaged")


def test_steps_in_another_order_and_folds_that_overlap_are_refused():
    data = a_recording()
    data["steps"].reverse()
    assert "numbered" in refused(json.dumps(data))
    data = a_recording()
    data["folds"] *= 2
    assert "folds overlap" in refused(json.dumps(data))


# whatever is done to a recording, it can be read, or is refused

VALID = {rung: json.loads(story(rung).to_json()) for rung in LADDER}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text()
    | st.sampled_from(["client", "event", "read_store", "write", 10**400, math.inf]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def damaged(draw):
    """Take a valid recording, walk into it, and put something else there, or nothing."""
    data = deepcopy(VALID[draw(st.sampled_from(list(LADDER)))])
    for _ in range(draw(st.integers(1, 3))):
        part = data
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(part[key], dict | list) and draw(st.booleans()):
                part = part[key]
                continue
            if draw(st.booleans()):
                del part[key]
            else:
                part[key] = draw(JSON)
            break
    return data


@given(damaged())
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_damaged_recording_is_read_or_refused_and_nothing_else(data):
    try:
        recording = Recording.from_json(json.dumps(data))
    except ShopError as error:
        assert "\n" not in str(error)
        return
    assert len(recording.steps) == len(data["steps"])
    recording.state(len(recording.steps))
    recording.to_frame()
    recording.to_mermaid()
    recording.to_svg()
    assert Recording.from_json(recording.to_json()).to_json() == recording.to_json()


@given(st.binary(max_size=200) | st.text(max_size=200))
@settings(deadline=None)
def test_any_text_is_read_or_refused_and_nothing_else(text):
    with pytest.raises(ShopError):
        Recording.from_json(text)
