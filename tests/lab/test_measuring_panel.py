"""The panel that measures: what a button does, what is shown, and what goes wrong in words."""

import base64
import threading

import pandas as pd
import pytest

from cqrs_demo import InvalidMessage, ShopError
from cqrs_demo.lab import measuring_panel
from cqrs_demo.lab.cells import as_cell
from cqrs_demo.lab.experiments import collaboration, contention, staleness
from cqrs_demo.lab.measuring_panel import MeasuringPanel, Slider, as_table
from cqrs_demo.lab.watching import Watch

PATIENT = 60  # seconds; a test that waits in vain fails, and none waits in vain


class Found:
    """A result that is quickly made."""

    def __init__(self, rounds):
        self.rounds = rounds
        self.frame = pd.DataFrame({"who": ["<b>a</b>"], "per_second": [rounds]})

    def chart(self, theme="light"):
        class Drawn:
            alt = f"{self.rounds} rounds"

            def to_svg(self):
                return f"<svg>{theme}</svg>".encode()

        return Drawn()

    def sentences(self):
        return [f"There were {self.rounds} rounds."]


def panel_of(measure):
    sliders = [Slider("rounds", "Rounds", (1, 10, 100), 10)]
    return MeasuringPanel("A title", "What it does.", sliders, measure)


def press(panel, what):
    """As the browser does it."""
    panel._handle_custom_msg({"do": what}, [])


def finished(panel):
    panel._thread.join(PATIENT)
    assert not panel._thread.is_alive()
    return panel.outcome["text"]


def test_a_press_measures_with_the_sliders_as_they_stand():
    panel = panel_of(lambda settings, watch: Found(settings["rounds"]))
    panel.set_state({"settings": {"rounds": 100}})
    press(panel, "start")
    assert finished(panel).startswith("Measured in")
    assert panel.state == "idle"
    assert panel.found.rounds == 100
    shown = panel.result
    assert base64.b64decode(shown["light"].split(",")[1]) == b"<svg>light</svg>"
    assert base64.b64decode(shown["dark"].split(",")[1]) == b"<svg>dark</svg>"
    assert shown["alt"] == "100 rounds"
    assert shown["sentences"] == ["There were 100 rounds."]
    assert shown["table"] == {"columns": ["who", "per second"], "rows": [["<b>a</b>", "100"]]}


def test_the_browser_can_send_no_number_that_was_not_offered():
    panel = panel_of(lambda settings, watch: Found(settings["rounds"]))
    for bad in ({"rounds": 10**9}, {"rounds": "10"}, {"other": 1}):
        panel.set_state({"settings": bad})
        press(panel, "start")
        assert "is not among its choices" in finished(panel)
        assert panel.found is None


def test_results_appear_as_they_come_and_stay_when_it_is_cancelled():
    shown, go_on = threading.Event(), threading.Event()

    def measure(settings, watch):
        watch.progress(0, 2, "the first piece")
        watch.show(Found(1))
        shown.set()
        assert go_on.wait(PATIENT)
        watch.progress(1, 2, "the second piece")
        raise AssertionError("it was cancelled")

    panel = panel_of(measure)
    press(panel, "start")
    assert shown.wait(PATIENT)
    assert panel.state == "running"
    assert panel.found.rounds == 1
    assert panel.progress == {"done": 0, "total": 2, "doing": "the first piece"}
    press(panel, "cancel")
    assert panel.state == "cancelling"
    go_on.set()
    assert finished(panel) == "Cancelled. What was measured until then is shown."
    assert panel.found.rounds == 1
    assert panel.state == "idle"


def test_it_can_measure_again_after_it_was_cancelled():
    times = []

    def measure(settings, watch):
        times.append(1)
        if len(times) == 1:
            panel.cancel()
        watch.check()
        return Found(len(times))

    panel = panel_of(measure)
    press(panel, "start")
    assert finished(panel) == "Cancelled, before anything was measured."
    press(panel, "start")
    finished(panel)
    assert panel.found.rounds == 2


def test_pressing_twice_measures_once():
    go_on, times = threading.Event(), []

    def measure(settings, watch):
        times.append(1)
        assert go_on.wait(PATIENT)
        return Found(1)

    panel = panel_of(measure)
    press(panel, "start")
    press(panel, "start")
    go_on.set()
    finished(panel)
    assert times == [1]


def test_two_panels_never_measure_at_the_same_time():
    go_on = threading.Event()
    first = panel_of(lambda settings, watch: go_on.wait(PATIENT) and Found(1))
    second = panel_of(lambda settings, watch: Found(2))
    press(first, "start")
    press(second, "start")
    assert "another panel is measuring" in finished(second)
    go_on.set()
    finished(first)
    press(second, "start")
    finished(second)
    assert second.found.rounds == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ShopError("the disk is full"), "It stopped: the disk is full"),
        (ZeroDivisionError("division by zero"), "It stopped with ZeroDivisionError: division"),
    ],
)
def test_what_goes_wrong_is_told_in_the_panel(error, told):
    def measure(settings, watch):
        raise error

    panel = panel_of(measure)
    press(panel, "start")
    assert finished(panel).startswith(told)
    assert panel.outcome["role"] == "rejection"
    assert panel.state == "idle"


def test_a_closed_panel_stops_measuring():
    begun = threading.Event()

    def measure(settings, watch):
        begun.set()
        assert watch.cancelled.wait(PATIENT)
        watch.check()

    panel = panel_of(measure)
    press(panel, "start")
    assert begun.wait(PATIENT)
    panel.close()
    assert "Cancelled" in finished(panel)


@pytest.mark.parametrize("content", [None, {}, {"do": "nope"}, ["start"]])
def test_messages_that_mean_nothing_do_nothing(content):
    panel = panel_of(lambda settings, watch: Found(1))
    panel._handle_custom_msg(content, [])
    assert panel.state == "idle"
    assert panel._thread is None


def test_a_slider_begins_at_one_of_its_choices():
    with pytest.raises(InvalidMessage, match="rounds"):
        Slider("rounds", "Rounds", (1, 2), 3)


def test_progress_is_not_sent_more_often_than_the_eye_sees():
    told = []

    def measure(settings, watch):
        for n in range(1_000):
            watch.progress(n, 1_000, "counting")
        return Found(1)

    panel = panel_of(measure)
    panel.observe(lambda change: told.append(change["new"]), "progress")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring_panel, "SECONDS_BETWEEN_UPDATES", 3_600)
        press(panel, "start")
        finished(panel)
    assert [each["doing"] for each in told] == ["beginning", "counting"]


def test_numbers_have_as_many_digits_as_a_reader_can_use():
    cells = [0.123456, 12_345.678, 3.0, 7, float("nan"), None, "text", True]
    assert [*map(as_cell, cells)] == ["0.123", "12,346", "3", "7", "–", "–", "text", "True"]
    assert len(as_table(pd.DataFrame({"a": range(500)}))["rows"]) == 60


def test_where_no_widget_runs_it_says_what_it_is():
    panel = panel_of(lambda settings, watch: Found(3))
    assert repr(panel) == "A title\nWhat it does."
    press(panel, "start")
    finished(panel)
    assert repr(panel).endswith("There were 3 rounds.")


@pytest.mark.parametrize("module", [collaboration, contention, staleness])
def test_every_experiment_has_a_panel_whose_sliders_it_understands(module, monkeypatch):
    asked = []

    def measure(*arguments, watch, **options):
        asked.append((arguments, options))
        return Found(1)

    monkeypatch.setattr(module, "measure", measure)
    panel = module.panel()
    assert isinstance(panel._watch, Watch)
    press(panel, "start")
    assert finished(panel).startswith("Measured in")
    assert len(asked) == 1


def test_the_panel_for_collaboration_counts_for_real():
    panel = collaboration.panel()
    panel.set_state({"settings": {"rounds": 10, "seed": 3}})
    press(panel, "start")
    assert finished(panel).startswith("Measured in")
    assert panel.found.frame.equals(collaboration.measure(10, 3).frame)
    assert panel.result["table"]["rows"][0][0] == "CRUD: whole forms"
