"""The scenarios: the point of each story really happens, on every rung that it is told on."""

import inspect
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cqrs_demo import LADDER, InvalidMessage, ShopError
from cqrs_demo.lab import scenarios
from cqrs_demo.lab.scenarios import SCENARIOS, SEED, cast, ordering, run
from cqrs_demo.recording import Recording

EVERYWHERE = [(name, rung) for name, scenario in SCENARIOS.items() for rung in scenario.rungs]
IMMEDIATE = ("crud", "one-database")
EVENTUAL = ("two-stores", "event-sourced")
everywhere = pytest.mark.parametrize(("name", "rung"), EVERYWHERE)
on_every_rung = pytest.mark.parametrize("rung", LADDER)
on_immediate_rungs = pytest.mark.parametrize("rung", IMMEDIATE)
on_eventual_rungs = pytest.mark.parametrize("rung", EVENTUAL)

THE = cast(SEED)
ROOM = "cqrs_demo/lab/scenarios/"


def replies(recording):
    """Return what came back to the client, reply by reply: (scene, name, answer or outcome)."""
    found = []
    for step in recording.steps:
        if step.target == "client":
            screen = step.changes.get("screen", {})
            answers = list(screen.get("answers", {}).values())
            outcome = screen.get("command", {}).get("last", {}).get("outcome")
            answer = answers[-1] if answers else outcome
            scene = re.sub(r" · \d of \d$", "", step.scene)
            found.append((scene, step.name, answer))
    return found


def reply(recording, scene):
    """Return name and answer of the one reply of a scene."""
    ((name, answer),) = [(name, answer) for at, name, answer in replies(recording) if at == scene]
    return name, answer


def end(recording):
    return recording.state(len(recording.steps))


def folds(recording):
    return [(fold.scene, fold.name) for fold in recording.folds]


# what every story has in common


@everywhere
def test_a_story_is_short_and_told_in_scenes(name, rung):
    recording = run(name, rung)
    hidden = sum(fold.last - fold.first for fold in recording.folds)
    calls = {(step.scene.split(" · ")[0], step.call) for step in recording.steps}
    assert recording.architecture == rung
    assert 7 <= len(recording.steps) - hidden <= 25
    assert 2 <= len(calls) <= 7
    assert {fold.scene for fold in recording.folds} <= {scene for scene, _ in calls}
    scenes = [step.scene for step in recording.steps]
    assert all(len(scene) <= 28 for scene in scenes)
    assert all(scenes.count(scene) <= 7 for scene in scenes)
    assert "In between" not in scenes
    assert len(recording.to_json()) < 80_000


@everywhere
def test_a_sentence_fits_below_the_picture_and_makes_nothing_small(name, rung):
    recording = run(name, rung)
    for told in (*recording.steps, *recording.folds):
        assert 0 < len(told.note) <= 130
        assert not re.search(r"\b(simply|just)\b", told.note, re.IGNORECASE)
    assert not re.search(r"\b(simply|just)\b", SCENARIOS[name].teaches, re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "sought"),
    [
        ("stale-read", lambda the: f"price {the.price_cents // 100}.{the.price_cents % 100:02}"),
        ("read-your-own-writes", lambda the: f"address {the.address}"),
        ("rename-a-user", lambda the: f"2 rows (first: status placed, name {the.new_name})"),
    ],
)
@pytest.mark.parametrize("seed", [3, SEED, 8])
def test_an_answer_names_what_the_story_is_about(name, sought, seed):
    recording = run(name, seed=seed)
    notes = [step.note for step in recording.steps if step.kind == "answer"]
    assert any(sought(cast(seed)) in note for note in notes), notes
    assert not any("…" in note for note in notes)


@everywhere
def test_the_clients_code_is_the_line_of_the_story_that_called(name, rung):
    recording = run(name, rung)
    ours = [step for step in recording.steps if step.code and step.code.file.startswith(ROOM)]
    assert ours
    for step in ours:
        line = step.code.source.splitlines()[step.code.line - step.code.first]
        if step.source == "client" and step.call:
            method = re.match(r"shop\.([\w.]+)\(", step.call)[1]
            assert f"shop.{method}(" in line


@everywhere
def test_the_same_seed_gives_the_same_recording_to_the_byte(name, rung):
    text = run(name, rung, 11).to_json()
    assert run(name, rung, 11).to_json() == text
    assert Recording.from_json(text).to_json() == text


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**53), story=st.sampled_from(EVERYWHERE))
def test_another_seed_tells_the_same_story_with_other_data(seed, story):
    def shape(recording):
        scenes = [(step.kind, step.source, step.target, step.scene) for step in recording.steps]
        return scenes, [(fold.first, fold.last) for fold in recording.folds]

    other, usual = run(*story, seed), run(*story)
    assert shape(other) == shape(usual)
    assert seed == SEED or other.to_json() != usual.to_json()
    assert all(len(step.note) <= 130 for step in other.steps)


@given(seed=st.integers(0, 2**53))
def test_a_cast_makes_sense(seed):
    the = cast(seed)
    assert the == cast(seed)
    assert the.user != the.other_user
    assert the.order != the.other_order
    assert the.name != the.new_name
    assert 0 < the.quantity < the.stock
    assert 0 < the.price_cents < the.new_price_cents


def test_a_hundred_seeds_give_a_hundred_casts():
    casts = [cast(seed) for seed in range(100)]
    assert all(one not in casts[:n] for n, one in enumerate(casts))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_story_is_a_short_function_that_fits_into_the_code_panel(name):
    story = SCENARIOS[name].story
    parts = [vars(ordering).get(f"{story.__name__}_{way}") for way in ("form", "forms")]
    for function in [story, *filter(None, parts)]:
        lines = inspect.getsource(function).splitlines()
        assert len(lines) <= 26
        assert all(len(line) <= 88 for line in lines)


@pytest.mark.parametrize("path", sorted(Path(scenarios.__file__).parent.glob("*.py")), ids=str)
def test_a_scenario_uses_no_private_member(path):
    assert not re.search(r"\._[a-z]", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("place-oder",), "no scenario 'place-oder'; did you mean place-order? there are place-"),
        (("xyz",), "no scenario 'xyz'; there are place-order, out-of-stock"),
        ((7,), "there is no scenario 7; there are"),
        (("place-order", "three-stores"), "no rung 'three-stores'; there are crud, one"),
        (("stale-read", "crud"), "makes no sense on the rung 'crud'; it does on two-stores and ev"),
    ],
)
def test_what_cannot_be_told_is_said(arguments, problem):
    with pytest.raises(ShopError, match=re.escape(problem)):
        run(*arguments)


@pytest.mark.parametrize("seed", [-1, 1.0, True, "7", None, 2**53 + 1])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(InvalidMessage, match="seed"):
        run("place-order", seed=seed)


# the stories


@on_eventual_rungs
def test_place_order_the_first_answer_is_not_found(rung):
    recording = run("place-order", rung)
    assert reply(recording, "Place the order") == ("nothing", "done")
    name, answer = reply(recording, "Look at once")
    assert name == "NotFound"
    assert answer["answer"].startswith("NotFound")
    assert (answer["reflects"], answer["stale"]) == (2, True)
    assert folds(recording) == [("Deliver", "4 events")]
    name, answer = reply(recording, "Look again")
    assert (name, answer["answer"]["status"]) == ("OrderView", "placed")
    assert (answer["reflects"], answer["stale"]) == (6, False)


@on_immediate_rungs
def test_place_order_is_current_at_once_where_nothing_is_delivered(rung):
    recording = run("place-order", rung)
    assert [scene for scene, *_ in replies(recording)] == ["Place the order", "Look at once"]
    name, answer = reply(recording, "Look at once")
    assert (name, answer["answer"]["status"], answer["stale"]) == ("OrderView", "placed", False)


@on_every_rung
def test_out_of_stock_whatever_the_page_says_and_restocking_heals(rung):
    recording = run("out-of-stock", rung)
    _, page = reply(recording, "Look at the page")
    assert page["answer"][0]["stock"] == (0 if rung in IMMEDIATE else THE.stock)
    assert page["stale"] == (rung in EVENTUAL)
    name, outcome = reply(recording, "Order it anyway")
    assert name == "OutOfStock"
    assert f"{THE.stock} of '{THE.sku}' wanted, 0 in stock" in outcome
    refused = next(step.n for step in recording.steps if step.name == "OutOfStock")
    for panel in ("write", "outbox", "read", "checkpoints"):
        assert recording.state(refused)[panel] == recording.initial[panel]
    assert reply(recording, "Order again") == ("nothing", "done")


@on_every_rung
def test_a_declined_payment_takes_back_what_was_written(rung):
    recording = run("payment-declined", rung)
    (rollback,) = (step.n for step in recording.steps if step.kind == "rollback")
    panels = ("write", "outbox", "checkpoints")
    before = [recording.state(rollback - 1)[panel] for panel in panels]
    after = [recording.state(rollback)[panel] for panel in panels]
    assert after == [recording.initial[panel] for panel in panels] != before
    assert reply(recording, "Payment declined")[0] == "PaymentDeclined"
    assert reply(recording, "It is still a draft")[1]["answer"]["status"] == "draft"
    assert reply(recording, "Try another card") == ("nothing", "done")


@on_eventual_rungs
def test_a_stale_read_shows_the_old_price_until_the_event_is_delivered(rung):
    recording = run("stale-read", rung)
    _, old = reply(recording, "Read the old price")
    assert (old["answer"][0]["price_cents"], old["stale"]) == (THE.price_cents, True)
    _, new = reply(recording, "Read the new price")
    assert (new["answer"][0]["price_cents"], new["stale"]) == (THE.new_price_cents, False)
    delivered = recording.state(recording.folds[0].last)["screen"]["answers"]["GetCatalogue()"]
    assert delivered["stale"]  # a screen is not told


@on_eventual_rungs
def test_a_client_that_insists_on_its_own_write_gets_no_old_answer(rung):
    recording = run("read-your-own-writes", rung)
    _, old = reply(recording, "Where is my change?")
    assert (old["answer"]["shipping_address"], old["stale"]) == (None, True)
    assert reply(recording, "Ask for no less")[0] == "StillStale"
    _, mine = reply(recording, "Ask for it again")
    assert (mine["answer"]["shipping_address"], mine["stale"]) == (THE.address, False)
    assert [step.call.endswith("after=5)") for step in recording.steps if step.kind == "query"] == [
        *(False, True, True)
    ]


@on_every_rung
def test_a_renamed_user_shows_in_old_orders_once_every_copy_is_renamed(rung):
    recording = run("rename-a-user", rung)
    seen = {scene: answer for scene, _, answer in replies(recording) if "Look" in scene}
    names = {
        scene: {order["user_name"] for order in answer["answer"]} for scene, answer in seen.items()
    }
    if rung in IMMEDIATE:
        assert names == {"Look at old orders": {THE.new_name}}
        assert [s.name for s in recording.steps if s.kind == "save"] in (
            [[f"row {THE.user}"], [f"user {THE.user}"]]
        )
    else:
        assert names == {"Look at old orders": {THE.name}, "Look again": {THE.new_name}}
        changed = [step.name for step in recording.steps if step.target == "read_store"]
        assert {f"order_history / {THE.order}", f"order_history / {THE.other_order}"} < {*changed}


def test_two_editors_with_forms_lose_one_edit_and_a_version_catches_it():
    recording = run("two-editors-one-order", "crud")
    row = {"shipping_address": THE.address}
    saved = next(s.n for s in recording.steps if s.kind == "accept")
    assert row.items() <= recording.state(saved)["write"]["orders"][THE.order].items()
    _, answer = reply(recording, "My address is gone")
    assert answer["answer"]["shipping_address"] is None
    assert answer["answer"]["lines"][0]["quantity"] == THE.quantity + 1
    assert reply(recording, "Save with a version")[0] == "ConcurrencyConflict"
    assert end(recording)["write"]["orders"][THE.order]["shipping_address"] is None


@pytest.mark.parametrize("rung", [rung for rung in LADDER if rung != "crud"])
def test_two_editors_with_commands_both_have_their_way(rung):
    recording = run("two-editors-one-order", rung)
    _, answer = reply(recording, "Both edits are there")
    assert answer["answer"]["shipping_address"] == THE.address
    assert answer["answer"]["lines"][0]["quantity"] == THE.quantity + 1
    assert not answer["stale"]
    name, outcome = reply(recording, "Insist on what I saw")
    assert name == "ConcurrencyConflict"
    assert "at version 4, expected was 2" in outcome


@on_eventual_rungs
def test_a_new_read_model_is_built_from_events_that_are_older_than_it(rung):
    recording = run("replay-into-a-new-read-model", rung)
    _, nothing = reply(recording, "Ask the new read model")
    assert (nothing["answer"], nothing["reflects"]) == ([], 0)
    _, spenders = reply(recording, "Ask again")
    spent = sorted([THE.quantity * THE.price_cents, THE.price_cents], reverse=True)
    assert [one["spent_cents"] for one in spenders["answer"]] == spent
    assert spenders["answer"][0]["user_id"] == THE.user
    assert not spenders["stale"]
    assert any("rebuild" in (step.call or "") for step in recording.steps)
    assert not any(step.target == "event_bus" for step in recording.steps)


@on_every_rung
def test_a_shipped_order_cannot_be_cancelled_and_another_can(rung):
    recording = run("ship-and-cancel", rung)
    _, seen = reply(recording, "Look at the order")
    assert seen["answer"]["status"] == ("placed" if rung in EVENTUAL else "shipped")
    name, outcome = reply(recording, "Too late to cancel")
    assert name == "WrongStatus"
    assert "is shipped" in outcome
    assert reply(recording, "Cancel another") == ("nothing", "done")
    (refund,) = (step.name for step in recording.steps if step.target == "payments")
    assert refund == f"refund {THE.price_cents // 100}.{THE.price_cents % 100:02}"


@on_eventual_rungs
def test_a_projection_stops_alone_and_goes_on_once_it_is_mended(rung):
    recording = run("projection-fails-and-recovers", rung)
    (fault,) = (step for step in recording.steps if step.kind == "fault")
    assert fault.name == "AttributeError"
    broken = fault.code.source.splitlines()[fault.code.line - fault.code.first]
    assert "order.total " in broken
    stopped = recording.state(recording.folds[0].last)["checkpoints"]["projections"]
    assert "AttributeError" in stopped["big_spenders"]["error"]
    assert stopped["big_spenders"]["checkpoint"] < stopped["order_history"]["checkpoint"]
    _, history = reply(recording, "The others went on")
    assert (len(history["answer"]), history["stale"]) == (1, False)
    name, answer = reply(recording, "Ask the one that stopped")
    assert name == "StillStale"
    assert "it stopped" in answer["answer"]
    _, spenders = reply(recording, "Ask again")
    assert (len(spenders["answer"]), spenders["stale"]) == (2, False)
    checkpoints = end(recording)["checkpoints"]["projections"].values()
    assert {(row["checkpoint"], row["error"]) for row in checkpoints} == {(11, None)}


def test_a_mended_projection_does_not_stay_mended_in_the_next_run():
    first, second = (run("projection-fails-and-recovers").to_json() for _ in range(2))
    assert first == second


# the stories that dispel what many people believe


def notes_of(recording, kind):
    return [step.note for step in recording.steps if step.kind == kind]


@on_every_rung
def test_who_makes_the_id_can_go_on_with_it_and_send_again(rung):
    recording = run("the-client-makes-the-id", rung)
    outcomes = [(scene, name) for scene, name, _ in replies(recording)]
    assert outcomes[:3] == [
        ("Send it under my own id", "nothing"),
        ("Go on with that id", "nothing"),
        ("No answer? Send it again", "nothing"),
    ]
    _, answer = reply(recording, "It was done once")
    (line,) = answer["answer"]["lines"]
    assert (answer["answer"]["order_id"], line["quantity"]) == (THE.order, 1)


@on_eventual_rungs
def test_an_email_is_unique_although_the_read_side_calls_it_free(rung):
    recording = run("an-email-is-unique", rung)
    _, seen = reply(recording, "Is the e-mail still free?")
    assert (seen["answer"]["is_free"], seen["stale"]) == (True, True)
    assert reply(recording, "Another signs up with it")[0] == "EmailTaken"
    _, seen = reply(recording, "Ask again")
    assert (seen["answer"]["is_free"], seen["stale"]) == (False, False)


def test_a_handler_that_decides_by_the_documents_oversells_and_the_product_would_not():
    recording = run("decide-by-the-documents", "event-sourced")
    _, page = reply(recording, "Look at the page")
    assert page["answer"][0]["stock"] == THE.stock
    assert reply(recording, "Go by the page") == ("nothing", "done")
    assert any("is not asked, and cannot say no" in note for note in notes_of(recording, "command"))
    assert any("a copy that may be behind" in note for note in notes_of(recording, "load"))
    _, page = reply(recording, "Less than nothing in stock")
    assert page["answer"][0]["stock"] == -THE.stock
    assert reply(recording, "Let the product decide")[0] == "OutOfStock"


@on_every_rung
def test_a_conflict_overwrites_nothing_and_what_harms_nobody_is_merged(rung):
    recording = run("a-conflict-is-a-question", rung)
    assert reply(recording, "You send another: conflict")[0] == "ConcurrencyConflict"
    assert reply(recording, "One more piece harms nobody") == ("nothing", "done")
    _, seen = reply(recording, "Look, and let a person say")
    assert seen["answer"]["shipping_address"] == THE.address != THE.other_address
    assert seen["answer"]["lines"][0]["quantity"] == THE.quantity + 1


def test_the_smallest_shop_has_least_to_do_and_loses_no_edit():
    steps = {rung: len(run("change-a-price", rung).steps) for rung in LADDER}
    assert min(steps, key=steps.get) == "crud"
    for rung in LADDER:
        recording = run("change-a-price", rung)
        _, seen = reply(recording, "Read it back")
        assert (seen["answer"][0]["price_cents"], seen["stale"]) == (THE.new_price_cents, False)
        assert reply(recording, "Who is late is told so")[0] == "ConcurrencyConflict"


def test_an_event_that_is_published_after_the_commit_can_be_lost_and_one_in_an_outbox_cannot():
    recording = run("publish-after-commit")
    _, seen = reply(recording, "Nothing waits; it is wrong")
    assert (seen["answer"][0]["price_cents"], seen["stale"]) == (THE.price_cents, False)
    assert end(recording)["write"]["products"][THE.sku]["price_cents"] == THE.new_price_cents
    lost, kept = notes_of(recording, "fault")
    assert "PriceChanged was only in memory" in lost
    assert "UserRenamed was committed, too" in kept
    _, seen = reply(recording, "Nothing was lost")
    assert seen["answer"]["name"] == THE.new_name
    assert not any("into the outbox" in note for note in notes_of(recording, "save")[:1])


@on_eventual_rungs
def test_a_bus_may_repeat_muddle_and_lose_events_and_the_checkpoint_heals_it(rung):
    recording = run("a-bus-that-misbehaves", rung)
    done = [
        re.sub(r".*?(brings twice|brings last|loses).*", r"\1", note)
        for note in notes_of(recording, "fault")
    ]
    assert done == ["brings last", "brings twice", "loses"]
    _, seen = reply(recording, "Nobody can tell")
    product = seen["answer"][0]
    assert (product["price_cents"], seen["stale"]) == (THE.new_price_cents, False)
    assert product["stock"] == THE.stock + THE.quantity
    old = next(s.n for s in recording.steps if s.kind == "answer" and s.scene.startswith("Old"))
    seen = recording.state(old)["screen"]["answers"]["GetCatalogue()"]  # the same as before
    assert (seen["answer"][0]["price_cents"], seen["stale"]) == (THE.new_price_cents, True)
    _, seen = reply(recording, "The checkpoint knew")
    assert (seen["answer"][0]["price_cents"], seen["stale"]) == (THE.price_cents, False)
    assert "to the bus, and nothing arrives" in recording.folds[1].note


@on_eventual_rungs
def test_a_replay_sends_no_mail_again(rung):
    recording = run("replay-sends-no-mail", rung)
    (mail,) = (step for step in recording.steps if step.kind == "outside" and step.name == "mail")
    assert mail.payload["mail"]["to"] == THE.user
    assert THE.order in mail.payload["mail"]["text"]
    looked = [s for s in recording.steps if s.kind == "load" and s.target == "projections"]
    assert [step.payload["new"] for step in looked] == [[9, 10], []]
    (rebuilt,) = {s.scene for s in recording.steps if "rebuild" in (s.call or "")}
    assert rebuilt == "Replay all events"
    _, seen = reply(recording, "The history is there")
    assert len(seen["answer"]) == 2


def test_old_events_are_kept_whatever_the_rules_say_now():
    recording = run("old-events-under-new-rules", "event-sourced")
    assert reply(recording, "The new rule says no")[0] == "CommandRejected"
    assert reply(recording, "An old order breaks it") == ("nothing", "done")
    _, seen = reply(recording, "A field that was missing")
    assert seen["answer"]["status"] == "cancelled"
    _, seen = reply(recording, "Both are as they were")
    assert (seen["answer"]["status"], seen["answer"]["lines"][0]["quantity"]) == (
        *("shipped", THE.stock),
    )
    bodies = [row["body"] for row in recording.initial["write"]["events"].values()]
    assert {"order_id": f"{THE.order}-b"} in bodies  # as it was written before there were reasons
