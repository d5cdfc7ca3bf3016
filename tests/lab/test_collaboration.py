"""Two editors on one order: what is counted is what the database says."""

import threading

import pytest

from cqrs_demo import GetOrder, InvalidMessage, ShopError, open_shop
from cqrs_demo.lab.experiments import collaboration
from cqrs_demo.lab.experiments.collaboration import (
    APPROACHES,
    INTERLEAVINGS,
    ORDER,
    SKUS,
    Approach,
    Round,
    an_order,
    measure,
    played,
    recorded,
    rolled,
    side_by_side,
)
from cqrs_demo.lab.experiments.editors import CommandEditor, NewAddress, OneMore
from cqrs_demo.lab.watching import Cancelled, Watch

BY_NAME = {approach.name: approach for approach in APPROACHES}
HERE, THERE = NewAddress("1 Mill Lane"), NewAddress("2 Castle Hill")
MORE, OTHER = OneMore(SKUS[0]), OneMore(SKUS[1])

# order of events, the edits of a and b -> (lost, overwritten, conflicts) in each approach
LAST_WINS, TOLD, FINE = (1, 0, 0), (0, 0, 1), (0, 0, 0)
OVERWRITTEN = (0, 1, 0)
TABLE = {
    ("aabb", HERE, MORE): {"forms": FINE, "version": FINE, "commands": FINE, "insisting": FINE},
    ("abab", HERE, MORE): {
        "forms": LAST_WINS,
        "version": TOLD,
        "commands": FINE,
        "insisting": TOLD,
    },
    ("baba", MORE, MORE): {
        "forms": LAST_WINS,
        "version": TOLD,
        "commands": FINE,
        "insisting": TOLD,
    },
    ("abba", MORE, OTHER): {
        "forms": LAST_WINS,
        "version": TOLD,
        "commands": FINE,
        "insisting": TOLD,
    },
    ("abab", HERE, THERE): {
        "forms": OVERWRITTEN,
        "version": TOLD,
        "commands": OVERWRITTEN,
        "insisting": TOLD,
    },
    # b has seen the address of a, and wants another one: nobody's edit is lost
    ("aabb", HERE, THERE): {"forms": FINE, "version": FINE, "commands": FINE, "insisting": FINE},
}


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case[0]}")
def test_what_becomes_of_two_edits(case, name):
    interleaving, a, b = case
    approach = BY_NAME[name]
    with open_shop("crud" if approach.by_form else "one-database") as shop:
        an_order(shop)
        found = played(shop, approach, Round({"a": a, "b": b}, interleaving))
    assert (found["lost"], found["overwritten"], found["conflicts"]) == TABLE[case][name]


def test_all_six_interleavings_come_up_and_in_four_both_look_first():
    assert len(INTERLEAVINGS) == 6
    assert {each.interleaving for each in rolled(100, seed=1)} == set(INTERLEAVINGS)
    assert sum(Round({}, each).overlaps for each in INTERLEAVINGS) == 4


def test_the_same_seed_gives_the_same_counts_and_another_seed_others():
    assert measure(60, seed=3).rounds.equals(measure(60, seed=3).rounds)
    assert not measure(60, seed=3).rounds.equals(measure(60, seed=4).rounds)


@pytest.mark.parametrize("rung", ["one-database", "two-stores", "event-sourced"])
def test_only_whole_forms_lose_edits_and_only_whoever_insists_meets_conflicts(rung):
    frame = measure(60, rung=rung).frame.set_index("approach")
    forms, version, commands, insisting = (frame.loc[approach.label] for approach in APPROACHES)
    assert (frame["edits"] == 120).all()
    assert (frame["survived"] + frame["lost"] + frame["overwritten"] == 120).all()
    assert forms["lost"] > 0
    assert (version["lost"], commands["lost"], insisting["lost"]) == (0, 0, 0)
    assert (forms["conflicts"], commands["conflicts"]) == (0, 0)
    assert version["conflicts"] == insisting["conflicts"] == forms["overlapping"]
    assert (version["overwritten"], insisting["overwritten"]) == (0, 0)
    assert commands["overwritten"] == forms["overwritten"] > 0


def test_what_is_lost_is_lost_where_both_looked_first():
    table = measure(120).by_interleaving()
    serial = table["order"].isin(
        ["a looks, a saves, b looks, b saves", "b looks, b saves, a looks, a saves"]
    )
    assert serial.sum() == 2 * len(APPROACHES)
    assert (table[serial][["lost", "overwritten", "conflicts"]] == 0).all(axis=None)
    assert table[~serial]["lost"].sum() > 0


def test_a_count_that_is_not_in_the_database_would_be_noticed():
    """An editor that does nothing: both edits are missing."""

    class Absent(CommandEditor):
        def try_to_save(self):
            pass

    with open_shop("one-database") as shop:
        an_order(shop)
        round_ = Round({"a": HERE, "b": MORE}, "aabb")
        assert played(shop, Approach("absent", "", Absent, False), round_)["lost"] == 2


def test_the_sentences_tell_the_counts():
    found = measure(90)
    rows = found.frame.set_index("approach")
    told = " ".join(found.sentences())
    lost = rows.loc["CRUD: whole forms", "lost"]
    assert f"Whole forms lost {lost} of 180 edits" in told
    assert f"its price is {rows.loc['CRUD: forms with a version', 'conflicts']} conflicts" in told


def test_the_chart_stands_on_the_frame_and_says_in_words_what_it_shows():
    found = measure(30)
    for theme in ("light", "dark", "print"):
        chart = found.chart(theme)
        assert chart.frame.equals(found.frame)
        assert chart.to_svg().startswith(b"<?xml")
    assert f"{found.frame['lost'].max()} edits lost" in chart.alt


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"rounds": 0}, "rounds"),
        ({"rounds": 10**6}, "rounds"),
        ({"rounds": 1.5}, "rounds"),
        ({"seed": -1}, "seed"),
    ],
)
def test_numbers_out_of_range_are_named(bad, error):
    with pytest.raises(InvalidMessage, match=error):
        measure(**bad)


@pytest.mark.parametrize("rung", ["crud", "nope"])
def test_commands_need_a_rung_that_takes_them(rung):
    with pytest.raises(ShopError, match="one-database, two-stores, event-sourced"):
        measure(10, rung=rung)


def test_it_tells_how_far_it_is_and_stops_when_told():
    told = []
    watch = Watch(on_progress=lambda *what: told.append(what))
    measure(50, watch=watch)
    assert told[0] == (0, 200, "CRUD: whole forms")
    assert told[-1][:2] == (200, 200)

    def cancel_soon(done, total, doing):
        if done >= 25:
            stop.set()

    stop = threading.Event()
    with pytest.raises(Cancelled):
        measure(50, watch=Watch(on_progress=cancel_soon, cancelled=stop))


def test_the_story_can_be_watched_in_three_ways():
    ends = {}
    for label in collaboration.STORIES:
        recording = recorded(label)
        asked = [step for step in recording.steps if step.kind == "answer"][-1]
        ends[label] = recording.state(asked.n)["screen"]
        assert {step.scene.split(" · ")[0] for step in recording.steps} == {
            "Both open the order",
            "I change the address",
            "You add one more piece",
            "What is left of it",
        }
        assert any("two_editors.py" in step.code.file for step in recording.steps if step.code)
    answers = [str(screen) for screen in ends.values()]
    assert ["Harbour Street" in answer for answer in answers] == [False, True, True]
    with pytest.raises(ShopError, match="no way 'nope'"):
        recorded("nope")


def test_the_three_stand_beside_each_other():
    widget = side_by_side()
    assert widget.labels == [*collaboration.STORIES]
    assert len(widget.recordings) == 3


def test_the_order_is_what_the_editors_believe_it_to_be():
    with open_shop("crud") as shop:
        an_order(shop)
        assert tuple(line.sku for line in shop.ask(GetOrder(ORDER)).lines) == SKUS
