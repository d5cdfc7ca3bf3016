"""Recordings beside each other: as a page in a real browser, and as a widget."""

import base64
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import test_pages
from browsing import needs_a_browser
from playwright.sync_api import Locator, Page, expect
from test_pages import (
    CHOICES,
    HOSTILE,
    Made,
    Show,
    count,
    press,
    serious_problems_are_none,
    step,
    story,
)

from cqrs_demo import ShopError
from cqrs_demo.lab.questions import with_predictions
from cqrs_demo.lab.scenarios import run
from cqrs_demo.recording import Recording
from cqrs_demo.visuals import still
from cqrs_demo.visuals.comparison import Comparison, compare, comparison_page
from cqrs_demo.visuals.look import MAPS
from cqrs_demo.visuals.pages import POLICY

in_a_browser = needs_a_browser
show = test_pages.show  # the fixture
HAPPENED, DROPPED = "this happened", "the event was dropped"


@cache
def told(name: str, rung: str) -> Recording:
    return run(name, rung)


def rungs(*names: str) -> list[Recording]:
    return [told("place-order", name) for name in names]


def short(**more: Any) -> Made:
    """Return a run on the first rung of the same two calls as in `story`, in fewer steps."""
    ask, held = "shop.ask(GetOrders())", {"answer": [{"status": "placed"}], "reflects": None}
    answers = {"screen": {"answers": {"GetOrders()": {**held, "stale": False}}}}
    steps = [
        step("command", "client one_model", "PlaceOrder"),
        step("accept", "one_model client", "nothing"),
        step("query", "client one_model", "GetOrders", "Ask", call=ask),
        step("answer", "one_model client", "1 row", "Ask", call=ask, changes=answers),
    ]
    parts = {
        **story().parts,
        **{"architecture": "crud", "map": MAPS["crud"].as_json(), "folds": []},
        **{"initial": {"write": {"orders": {"o-7": {"order_id": "o-7", "status": "draft"}}}}},
        "steps": [{"n": n, **each} for n, each in enumerate(steps, 1)],
    }
    return Made(**{**parts, **more})


def long(question: dict[str, Any] | None = None, **more: Any) -> Made:
    """Return `story` with a call for each of its parts."""
    made = story(question, **more)
    for each in made.parts["steps"][4:7]:
        each["call"] = "shop.ask(GetOrders())"
    for each in made.parts["steps"][7:11]:
        each["call"] = "shop.deliver()"
    made.parts["steps"][11]["call"] = "shop.ask(GetOrders())"
    return made


def column(page: Page, n: int) -> Locator:
    return page.locator(".col").nth(n)


@in_a_browser
def test_the_same_call_stands_beside_itself_and_the_shorter_run_rests(show: Show) -> None:
    page = show(comparison_page([short(), long()]))
    expect(count(page)).to_have_text("1 of 9")  # 4 + 3 + a folded delivery + 1
    expect(page.locator(".col h3")).to_have_text(["crud", "two-stores"])
    press(page, "ArrowRight")
    expect(column(page, 0).locator(".told")).to_contain_text("The accept, nothing.")
    expect(column(page, 1).locator(".told")).to_contain_text("The load, order o-7.")
    press(page, "ArrowRight")
    expect(column(page, 0).locator(".told")).to_contain_text("The accept, nothing.")
    expect(column(page, 0).locator(".rests")).to_have_text("rests")
    expect(column(page, 1).locator(".rests")).to_have_text("")
    expect(page.get_by_role("status")).to_contain_text("two-stores: The save, order o-7.")
    expect(page.get_by_role("status")).not_to_contain_text("crud:")
    press(page, "ArrowRight ArrowRight")
    expect(page.locator(".told p")).to_contain_text(["The query, GetOrders."] * 2)
    press(page, "End")
    expect(count(page)).to_have_text("9 of 9")
    expect(column(page, 0).locator(".told")).to_contain_text("The answer, 1 row.")


@in_a_browser
def test_it_has_the_keys_and_the_slider_of_the_explorer(show: Show) -> None:
    page = show(comparison_page([short(), long()]))
    for keys, words in {
        "PageDown PageDown": "3 of 9",
        "ArrowLeft": "2 of 9",
        "End ArrowRight": "9 of 9",
        "Home": "1 of 9",
        "u": "1 of 9",
    }.items():
        press(page, keys)
        expect(count(page)).to_have_text(words)
    page.get_by_role("slider", name="Step").fill("4")
    expect(count(page)).to_have_text("4 of 9")
    expect(page).to_have_url(re.compile("#step=4$"))
    press(page, "p")
    expect(page.locator("section.cqrs-explorer")).to_have_class(re.compile("present"))
    press(page, "Escape")
    press(page, "Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(count(page)).to_have_text("5 of 9")


@in_a_browser
def test_links_lead_to_a_step_or_to_a_scene(show: Show) -> None:
    pages = comparison_page([short(), long()])
    expect(count(show(pages, "#step=7"))).to_have_text("7 of 9")
    expect(count(show(pages, "#scene=2"))).to_have_text("5 of 9")
    expect(count(show(pages, "#scene=3&step=2"))).to_have_text("2 of 9")
    expect(count(show(pages, "#step=99"))).to_have_text("9 of 9")


@in_a_browser
def test_what_differs_has_a_sign_and_a_word(show: Show) -> None:
    page = show(comparison_page([short(), long()]), "#step=3")
    differs = page.locator(".differences")
    expect(differs.locator("tbody tr").first).to_have_text(
        "orders o-7 status≠ another valuedraftplaced"
    )
    expect(differs).to_contain_text("Only two-stores has documents of orders, an outbox, a bus")
    expect(page.locator(".changed").nth(1)).to_contain_text("draft placed≠ another value")
    press(page, "End ArrowLeft ArrowLeft")
    expect(differs).to_contain_text("GetOrders()≠ another answer")
    expect(differs).to_contain_text("GetOrders()≠ another agecurrentstale")
    expect(column(page, 0).locator(".came").nth(1)).to_contain_text("≠ another answer")
    expect(column(page, 1).locator(".came").nth(1)).to_contain_text("stale")


@in_a_browser
def test_answers_that_differ_in_one_field_show_that_field(show: Show) -> None:
    both = [told("two-editors-one-order", name) for name in ("crud", "two-stores")]
    page = show(comparison_page(both))
    press(page, "End")
    row = page.locator(".differences tbody tr", has_text="another answer")
    expect(row.locator("td").nth(1)).to_have_text("shipping_address –")
    expect(row.locator("td").nth(2)).to_contain_text(re.compile("^shipping_address \\d+ "))


@in_a_browser
def test_an_outcome_that_another_still_waits_for_is_a_difference(show: Show) -> None:
    page = show(comparison_page(rungs("crud", "one-database", "two-stores")), "#step=8")
    differs = page.locator(".differences")
    expect(column(page, 0).locator(".came").first).to_have_text("✓ done≠ not yet in all")
    expect(column(page, 1).locator(".came").first).to_have_text("…")
    expect(differs.locator("tbody tr")).to_have_text("the command≠ not yet in alldone……")
    expect(differs.locator(".flag")).to_have_text("≠ 1 difference")
    press(page, "Home")
    expect(differs.locator(".flag")).to_have_text("= the same")
    expect(differs).to_contain_text("No row, no outcome and no answer differs here.")


OUTSIDE = """all => all.map(each => each.getBoundingClientRect())
    .filter(({left, right}) => bands.every(b => left < b.left + 4 || right > b.right - 4)).length"""


@in_a_browser
@pytest.mark.parametrize("number", [2, 4])
def test_the_words_on_a_map_stay_within_its_bands(show: Show, number: int) -> None:
    recordings = rungs("crud", "two-stores", "one-database", "event-sourced")[:number]
    page = show(comparison_page(recordings))
    page.evaluate("""window.bands = [...document.querySelectorAll('.col .band')]
        .map(each => each.getBoundingClientRect()), 0""")
    words = page.locator(".col .legend text:visible")
    expect(words).to_have_count(number)
    assert words.evaluate_all(OUTSIDE) == 0
    expect(page.locator(".n > text", has_text="reads and writes")).to_have_count(0)


@in_a_browser
def test_two_futures_are_told_apart_by_their_labels_and_rows(show: Show) -> None:
    lost = long()
    del lost.parts["steps"][10]["changes"]["read"]
    gone = {"read": {"orders": {"o-7": None}}}
    lost.parts["steps"][10]["changes"] |= gone
    page = show(comparison_page([long(), lost], labels=[HAPPENED, DROPPED]))
    expect(page.locator(".col h3")).to_have_text([HAPPENED, DROPPED])
    expect(page.locator(".differences .flag")).to_have_text("= the same")
    press(page, "End")
    row = page.locator(".differences tbody tr", has_text="document orders o-7")
    expect(row).to_contain_text("≠ not in all")
    expect(row).to_contain_text("∅ not there")
    press(page, "ArrowLeft")
    expect(page.locator(".changed").nth(1)).to_contain_text("− orders o-7 ≠ not in all")


@in_a_browser
def test_many_differences_are_counted_and_shown_on_demand(show: Show) -> None:
    more = short()
    rows = {f"p{n:02}": {"sku": f"p{n:02}"} for n in range(30)}
    more.parts["initial"]["write"]["orders"] |= rows
    page = show(comparison_page([short(), more]))
    rows_shown = page.locator(".differences tbody tr")
    expect(rows_shown).to_have_count(8)
    page.get_by_role("button", name="and 22 more").click()
    expect(rows_shown).to_have_count(30)
    page.get_by_role("button", name="show fewer").click()
    expect(rows_shown).to_have_count(8)


@in_a_browser
def test_a_question_of_one_run_locks_the_cursor_of_all(show: Show) -> None:
    page = show(comparison_page([short(), long(CHOICES)], quiz=True))
    press(page, "End")
    expect(count(page)).to_have_text("5 of 9")
    expect(page.locator("legend")).to_have_text("PREDICT FIRST: two-storesWhat will it show?")
    expect(column(page, 1).locator(".came").nth(1)).to_have_text("?")
    expect(column(page, 0).locator(".came").nth(1)).to_have_text("…")
    expect(page.locator(".differences")).to_be_visible()  # evidence stays
    press(page, "p a")
    page.get_by_role("button", name="Lock in A").click()  # the class has voted
    expect(page.locator(".side .bet")).to_be_visible()
    press(page, "p")
    expect(page.locator(".side .bet")).to_contain_text("two-stores: You bet A: The order")
    press(page, "ArrowRight ArrowRight")
    expect(page.locator(".side .bet")).to_contain_text("It shows: No rows. It is saved")
    press(page, "ArrowRight")
    expect(page.locator(".side")).to_be_hidden()


@in_a_browser
def test_a_question_of_both_is_asked_of_both(show: Show) -> None:
    both = [long(CHOICES), long(CHOICES)]
    page = show(comparison_page(both, labels=[HAPPENED, DROPPED]), "#step=9")
    expect(page.locator(".kick")).to_contain_text(HAPPENED)
    page.get_by_role("button", name="Skip").click()
    expect(page.locator(".kick")).to_contain_text(DROPPED)
    press(page, "b Enter ArrowRight ArrowRight")
    expect(page.locator(".side .bet")).to_contain_text("Right.")


@in_a_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("names", [("crud", "two-stores"), ("crud", "one-database", "two-stores")])
def test_nothing_is_inaccessible(show: Show, names: tuple[str, ...], theme: Any) -> None:
    recordings = [*rungs(*names[:-1]), with_predictions(told("place-order", names[-1]))]
    for width in (1280, 900, 600):
        page = show(comparison_page(recordings), "#step=9", width=width, color_scheme=theme)
        serious_problems_are_none(page)
        press(page, "End")
        page.locator("form").wait_for()
        serious_problems_are_none(page)
        page.get_by_role("button", name="Skip").click()
        press(page, "End p")
        page.locator(".g").wait_for()
        serious_problems_are_none(page)


@in_a_browser
@pytest.mark.parametrize("number", [2, 3, 4])
def test_columns_fit_beside_each_other_and_stack_where_it_is_narrow(
    show: Show, number: int
) -> None:
    recordings = rungs("crud", "one-database", "two-stores", "event-sourced")[:number]
    for width, beside in (
        (1280, {2: 2, 3: 3, 4: 2}[number]),
        (1060, {2: 2, 3: 1, 4: 1}[number]),  # a notebook's cell on a screen of 1280
        (900, 1),
        (600, 1),
    ):
        page = show(comparison_page(recordings), "#step=5", width=width)
        lefts = page.locator(".col").evaluate_all("all => all.map(e => e.offsetLeft)")
        assert len(set(lefts)) == beside
        assert page.evaluate("document.documentElement.scrollWidth") == width
        sizes = page.locator(".col svg text").evaluate_all(SIZES_SEEN)
        assert min(sizes) >= 11.9, sorted(sizes)[:3]


SIZES_SEEN = """all => all.filter(e => e.textContent && e.getClientRects().length).map(
    e => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)"""


@in_a_browser
def test_the_transport_stays_where_it_is(show: Show) -> None:
    page = show(comparison_page(rungs("crud", "two-stores")))
    bar = page.locator(".bar")
    first = bar.bounding_box()
    for _ in range(17):
        press(page, "ArrowRight")
        assert bar.bounding_box() == first


@in_a_browser
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_payload_holds_is_shown_as_text(show: Show, text: str) -> None:
    odd = long({**CHOICES, "text": text, "choices": [{"text": text, "why": text}] * 2})
    odd.parts |= {"title": text, "architecture": text}
    odd.parts["map"]["nodes"]["relay"] |= {"label": text, "role": text, "shape": text}
    odd.parts["initial"]["write"][text] = {text: {text: text}}
    odd.parts["initial"]["write"]["orders"]["o-7"]["status"] = text
    for each in odd.parts["steps"]:
        each |= {"name": text, "note": text, "scene": text, "call": text, "payload": {text: text}}
        sent = {"command": {"last": {"sent": text, "outcome": text}}}
        held = {"answers": {text: {"answer": text, "stale": True, "reflects": 1}}}
        each["changes"] |= {"screen": {**sent, **held}}
    page = show(comparison_page([short(), odd], labels=[text, text]))
    for _ in range(12):
        press(page, "ArrowRight a Enter")
    press(page, "p ArrowRight p End Home")
    assert page.locator("script").count() == 2
    assert page.locator("img, [onerror]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    expect(page.locator(".col h3").first).to_have_text(text)


BAD: list[dict[str, Any]] = [
    {"steps": [], "folds": []},
    {"map": None},
    {"initial": None},
    {"architecture": "microservices"},
    {"steps": [{}, {"kind": "leap", "source": "a", "target": "b", "changes": {"x": {"y": 3}}}]},
]


@in_a_browser
@pytest.mark.parametrize("parts", BAD, ids=range(len(BAD)))
def test_a_strange_recording_is_drawn_as_far_as_it_goes(show: Show, parts: Any) -> None:
    for recordings in ([story(**parts), story()], [story(**parts), story(**parts)]):
        page = show(comparison_page(recordings))
        press(page, "ArrowRight End p ArrowLeft Home p")
        expect(page.locator(".col")).to_have_count(2)


@in_a_browser
def test_what_is_not_a_recording_is_said_kindly(show: Show) -> None:
    page = show(comparison_page([story(), story(version=2)]))
    expect(page.locator(".problem")).to_contain_text("version 2")


@in_a_browser
def test_on_paper_it_is_what_stands_there(show: Show) -> None:
    page = show(comparison_page([short(), long()]), "#step=3")
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.locator(".col").first).to_be_visible()


@in_a_browser
def test_without_scripts_there_are_the_sentences(show: Show) -> None:
    page = show(comparison_page([short(), long()]), java_script_enabled=False)
    expect(page.locator("noscript li")).to_have_count(16)
    expect(page.locator("noscript li").first).to_have_text("crud: The command, PlaceOrder.")


def test_a_page_is_returned_and_written(tmp_path: Path) -> None:
    text = comparison_page([short(), long()], tmp_path / "compared.html", labels=["a", "b"])
    assert (tmp_path / "compared.html").read_text(encoding="utf-8") == text
    assert f'content="{POLICY}"' in text
    assert "http" not in text.split("<main")[1].replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("number", [0, 1, 5])
def test_there_must_be_two_to_four(number: int) -> None:
    with pytest.raises(ShopError, match="two to four"):
        compare(*[short()] * number)
    with pytest.raises(ShopError, match="two to four"):
        comparison_page([short()] * number)


def test_there_is_a_label_for_each_or_none() -> None:
    with pytest.raises(ShopError, match="must be 2"):
        compare(short(), long(), labels=["only one"])


def test_what_the_browser_sends_can_be_read() -> None:
    comparison = compare(short(), long(CHOICES), labels=[HAPPENED, DROPPED])
    assert [json.loads(text)["title"] for text in comparison.recordings] == ["A story"] * 2
    assert (comparison.step, comparison.labels) == (1, [HAPPENED, DROPPED])
    comparison.set_state({"step": 4, "bets": {"1:5": 0}})
    assert (comparison.step, comparison.bets) == (4, {"1:5": 0})
    comparison.step = -3
    assert comparison.step == 0


Display = Callable[[Comparison], list[dict[str, Any]]]


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> Display:
    def display(comparison: Comparison) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        monkeypatch.setattr(still, "display", lambda bundle, raw: shown.append(bundle))
        comparison._ipython_display_()
        return shown

    return display


def test_behind_the_widget_stand_its_sentences_and_pictures(displayed: Display) -> None:
    view, beside = displayed(compare(short(), long()))
    assert "application/vnd.jupyter.widget-view+json" in view
    assert view["text/plain"] == "Compared: A story: crud, two-stores"
    assert beside["text/plain"].splitlines()[:2] == [
        "crud: A story (4 steps)",
        "   1. The command, PlaceOrder.",
    ]
    assert "object at 0x" not in str([view, beside])
    pictures = re.findall('base64,([^"]*)"', beside["text/html"])
    assert [base64.b64decode(each)[:4] for each in pictures] == [b"<svg"] * 2


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_words_behind_it_are_no_markup(text: str, displayed: Display) -> None:
    tame, wild = (
        displayed(compare(short(), long(title=title), labels=[title, "b"]))[1]["text/html"]
        for title in ("a", text)
    )
    assert wild.count("<") == tame.count("<")


def test_a_real_run_is_compared_on_all_rungs() -> None:
    recordings = rungs("crud", "one-database", "two-stores", "event-sourced")
    assert "event-sourced: Place an order" in repr(compare(*recordings))
    assert len(comparison_page(recordings).encode()) < 300_000
