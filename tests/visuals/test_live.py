"""What the explorer can do where a shop is behind it, and a page of its own cannot."""

from typing import Any

import pytest
import test_pages
from browsing import needs_a_browser
from playwright.sync_api import Locator, Page, expect
from test_pages import HOSTILE, Show, press, serious_problems_are_none, story

from cqrs_demo.lab.console.views import LiveExplorer
from cqrs_demo.visuals.look import MAPS
from cqrs_demo.visuals.pages import filled_page

pytestmark = needs_a_browser
show = test_pages.show  # the fixture

MODEL = """
const calls = {};
const traits = {
	recording: JSON.parse(document.getElementById("recording").textContent), quiz: true, step: 3,
	entries: [["fork", "Fork here", "Keep this one"], ["rewind", "Rewind to here", "Take it back"]],
	fates: [["tamper Drop", "Drop"], ["tamper Delay", "Delay"]], waiting: [1, 2],
	plan: {}, picked: 0,
};
window.wishes = [];
window.model = {
	get: (name) => traits[name],
	set(name, value) {
		traits[name] = value;
		for (const call of calls[`change:${name}`] ?? []) call();
	},
	on: (name, call) => { (calls[name] ??= []).push(call); },
	off: (name, call) => { calls[name] = calls[name].filter((each) => each !== call); },
	save_changes() {},
	send: (wish) => { wishes.push(wish); },
};
explorer.render({ model, el: document.getElementById("explorer") });
"""


def live_page(recording: Any) -> str:
    module = str(LiveExplorer._esm).replace("export default explorer;", "")
    return filled_page("A test", [], str(LiveExplorer._css), module, MODEL, recording.to_json())


def wishes(page: Page) -> Any:
    return page.evaluate("JSON.parse(JSON.stringify(wishes))")  # as they travel


def handle(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Pick up {name}")


def test_a_message_that_waits_is_picked_up_and_what_is_chosen_is_wished(show: Show) -> None:
    page = show(live_page(story()))
    outbox = page.locator(".p-outbox")
    handle(page, "2 OrderPlaced").click()
    assert page.evaluate("model.get('picked')") == 2
    hand = outbox.get_by_role("group", name="The message in your hand")
    expect(hand).to_contain_text("2 OrderPlaced")
    expect(hand.get_by_role("button")).to_have_text(["Drop", "Delay", "Put back"])
    expect(handle(page, "2 OrderPlaced")).to_have_attribute("aria-expanded", "true")
    serious_problems_are_none(page)
    hand.get_by_role("button", name="Delay").click()
    assert wishes(page) == [{"do": "tamper Delay", "event": 2}]
    expect(hand).to_have_count(0)
    page.evaluate("model.set('plan', { 2: 'late' })")
    expect(handle(page, "2 OrderPlaced: late")).to_have_text("late")
    expect(handle(page, "2 OrderPlaced: late")).to_be_focused()
    expect(page.locator(".count")).to_have_text("3 of 12")


def test_it_goes_by_keyboard_and_escape_puts_back(show: Show) -> None:
    page = show(live_page(story()))
    handle(page, "1 OrderPlaced").focus()
    press(page, "Enter")
    expect(page.get_by_role("button", name="Drop")).to_be_focused()
    press(page, "Escape")
    expect(handle(page, "1 OrderPlaced")).to_be_focused()
    press(page, "Space Tab Tab Enter")
    expect(page.get_by_role("button", name="Put back")).to_have_count(0)
    assert page.evaluate("[model.get('picked'), wishes.length]") == [0, 0]


def test_what_waits_no_more_or_is_not_there_yet_cannot_be_picked_up(show: Show) -> None:
    page = show(live_page(story()))
    handle(page, "1 OrderPlaced").click()
    page.evaluate("model.set('waiting', [2])")
    expect(handle(page, "1 OrderPlaced")).to_have_count(0)
    expect(page.get_by_role("button", name="Drop")).to_have_count(0)
    expect(handle(page, "2 OrderPlaced")).to_be_visible()
    press(page, "Home")
    expect(handle(page, "2 OrderPlaced")).to_have_count(0)
    page.evaluate("model.set('picked', 2)")  # from Python
    press(page, "ArrowRight ArrowRight")
    expect(page.get_by_role("button", name="Drop")).to_be_visible()


def test_where_there_is_no_outbox_it_is_picked_up_from_the_log(show: Show) -> None:
    made = story(architecture="event-sourced", map=MAPS["event-sourced"].as_json())
    row = {"position": 2, "stream": "order-o-7", "version": 2, "type": "OrderPlaced", "body": {}}
    made.parts["initial"]["write"] = {"events": {"2": row}, "parts": {"2": {"position": 2}}}
    page = show(live_page(made))
    expect(page.locator(".p-write").get_by_role("button", name="Pick up")).to_have_count(1)
    handle(page, "2 OrderPlaced").first.click()
    expect(page.get_by_role("button", name="Drop")).to_be_visible()


def test_entries_behind_more_wish_and_may_become_others(show: Show) -> None:
    page = show(live_page(story()))
    more = page.get_by_role("button", name="More")
    expect(page.get_by_role("button", name="Fork here")).to_be_hidden()
    more.click()
    page.get_by_role("button", name="Fork here").click()
    expect(page.locator(".menu")).to_be_hidden()
    expect(more).to_be_focused()
    assert wishes(page) == [{"do": "fork"}]
    page.evaluate("model.set('entries', [['compare', 'Compare futures', 'Both']])")
    more.click()
    expect(page.get_by_role("button", name="Rewind to here")).to_have_count(0)
    page.get_by_role("button", name="Compare futures").press("Enter")
    assert wishes(page)[-1] == {"do": "compare"}


def test_a_page_of_its_own_has_none_of_it(show: Show) -> None:
    page = show(story(), "#step=3")
    page.get_by_role("button", name="More").click()
    names = page.locator(".menu button").all_inner_texts()
    assert names == ["Present (P)", "Theme: auto (T)", "Speed: normal"]
    expect(page.locator(".p-outbox .add")).to_have_count(2)
    expect(page.locator(".p-outbox button")).to_have_count(0)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_is_text_also_in_the_hand(show: Show, text: str) -> None:
    told = story()
    waiting = {"waiting": {"1": {"position": 1, "event": text}}}
    told.parts["steps"][2]["changes"]["outbox"] = waiting
    page = show(live_page(told))
    page.locator(".p-outbox .pick").click()
    expect(page.locator(".hand b")).to_contain_text(" ".join(text.split())[:20])
    assert page.locator("script").count() == 2
    assert page.locator("img, [onerror]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
