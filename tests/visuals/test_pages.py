"""The explorer's page, opened from a file in a real browser, as a reader without Python would."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import needs_a_browser
from playwright.sync_api import Browser, Page, expect

from cqrs_demo.visuals.look import MAPS, NEUTRALS, ROLES
from cqrs_demo.visuals.pages import POLICY, colours, filled_page, module, page, stylesheet

pytestmark = needs_a_browser

HERE = Path(__file__).parents[2] / "cqrs_demo" / "visuals"
HOSTILE = [
    "</script><script>document.title = 'broken'</script>",
    "<img src=x onerror=\"document.title = 'broken'\">",
    "\"'`${document.title = 'broken'}\\",
    "\u202etxet sdrawkcab\u2066",
    "\u2028line and \u2029paragraph<!-- <script>",
    "x" * 1000,
]
FOLD = {
    **{"first": 8, "last": 11, "name": "2 events", "kind": "event", "scene": "Deliver"},
    **{"source": "outbox", "target": "read_store", "note": "The relay takes 2 events."},
}


class Made:
    """A recording made by hand."""

    def __init__(self, **parts: Any) -> None:
        self.parts = parts

    def to_json(self) -> str:
        return json.dumps(self.parts)

    def to_svg(self) -> str:
        return "<svg xmlns='http://www.w3.org/2000/svg'/>"


def step(kind: str, way: str, name: str = "", scene: str = "Send", **more: Any) -> dict[str, Any]:
    source, target = way.split()
    call = "shop.send(PlaceOrder('o-7'))"
    empty = {"at": None, "call": call, "payload": None, "code": None, "changes": {}}
    words = {"kind": kind, "source": source, "target": target, "name": name or kind}
    return {
        **empty,
        "scene": scene,
        "note": f"The {kind}, {name}.",
        "question": None,
        **words,
        **more,
    }


def story(question: dict[str, Any] | None = None, **more: Any) -> Made:
    """Return a small run on two stores: a command, a stale answer, a delivery, an answer."""
    order = {"order_id": "o-7", "status": "placed", "version": 2}
    waiting = {str(n): {"position": n, "event": "OrderPlaced"} for n in (1, 2)}
    held = {"answer": [], "reflects": 0, "stale": True}
    answers = {"screen": {"answers": {"GetOrders()": held}}}
    fresh = {"screen": {"answers": {"GetOrders()": {**held, "answer": [order], "stale": False}}}}
    code = {"file": "cqrs_demo/handlers.py", "first": 10, "line": 12}
    source = 'def place(command, work):\n    """Why."""\n    work.save(order)'
    saved = {
        "write": {"orders": {"o-7": order}},
        "outbox": {"waiting": waiting},
        "checkpoints": {"log": {"written": {"position": 2}}},
    }
    caught_up = {"projections": {"orders": {"checkpoint": 2, "error": None}}}
    sent = {"command": {"last": {"sent": "PlaceOrder('o-7')", "outcome": "done"}}}
    gone = {"waiting": dict.fromkeys(waiting)}
    steps = [
        step("command", "client command_handler", "PlaceOrder"),
        step("load", "write_store aggregate", "order o-7"),
        step(
            *("save", "aggregate write_store", "order o-7"),
            changes=saved,
            code={**code, "source": source},
        ),
        step("accept", "command_handler client", "nothing", changes={"screen": sent}),
        step("query", "client query_handler", "GetOrders", "Ask too early", question=question),
        step("load", "read_store query_handler", "documents", "Ask too early"),
        step("answer", "query_handler client", "no rows", "Ask too early", changes=answers),
        step("load", "outbox relay", "2 events", "Deliver · 1 of 1"),
        step("event", "relay event_bus", "OrderPlaced", "Deliver · 1 of 1"),
        step("event", "event_bus projections", "OrderPlaced", "Deliver · 1 of 1"),
        step(
            *("save", "projections read_store", "orders / o-7", "Deliver · 1 of 1"),
            changes={"read": {"orders": {"o-7": order}}, "outbox": gone, "checkpoints": caught_up},
        ),
        step("answer", "query_handler client", "1 row", "Ask again", changes=fresh),
    ]
    old = {"order_id": "o-7", "status": "draft", "version": 1}
    initial = {
        "write": {"orders": {"o-7": old}},
        "read": {"orders": {"o-7": {**old, "user_name": "Ada"}}},
        "outbox": {"waiting": {}},
        "bus": {"in transit": {}},
        "checkpoints": {
            "log": {"written": {"position": 0}},
            "projections": {"orders": {"checkpoint": 0, "error": None}},
        },
        "screen": {"command": {}, "answers": {}},
    }
    made = {
        **{"format": "cqrs-demo/recording", "version": 1, "title": "A story", "seed": 1},
        **{"architecture": "two-stores", "map": MAPS["two-stores"].as_json()},
        **{"initial": initial, "steps": [{"n": n, **each} for n, each in enumerate(steps, 1)]},
        "folds": [FOLD],
    }
    return Made(**{**made, **more})


Show = Callable[..., Page]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Any:
    """Open a recording's page, or any page, from a file; an error that it logs fails the test."""
    errors: list[str] = []
    contexts = []

    def open_page(
        recording: Any, at: str = "", quiz: bool = False, width: int = 1280, **options: Any
    ) -> Page:
        file = tmp_path / f"page-{len(contexts)}.html"
        text = recording if isinstance(recording, str) else page(recording, quiz)
        file.write_text(text, encoding="utf-8")
        options = {"reduced_motion": "reduce", "color_scheme": "light", **options}
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on(
            "console", lambda said: errors.append(said.text) if said.type == "error" else None
        )
        opened.on(
            "request",
            lambda asked: errors.append(asked.url) if not asked.url.startswith("file:") else None,
        )
        opened.goto(file.as_uri() + at)
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def count(page: Page) -> Any:
    return page.locator(".count")


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def test_next_steps_and_every_view_follows(show: Show) -> None:
    page = show(story(), "#step=2")
    expect(count(page)).to_have_text("2 of 12")
    page.get_by_role("button", name="Next").click()
    expect(count(page)).to_have_text("3 of 12")
    expect(page.locator(".say p")).to_have_text("The save, order o-7.")
    expect(page.locator(".code .on")).to_have_text("work.save(order)")
    expect(page.locator(".code .on")).to_have_attribute("data-n", "12")
    expect(page.locator(".msg dd").first).to_have_text("shop.send(PlaceOrder('o-7'))")
    expect(page.locator(".p-write .chg").first).to_have_text("draft placed")
    expect(page.locator(".p-outbox .add")).to_have_count(2)
    expect(page.locator(".map")).to_contain_text("2 events behind")
    expect(page.get_by_role("status")).to_contain_text("Step 3 of 12. Save.")
    page.get_by_role("button", name="Previous step").click()
    expect(page.locator(".p-write .chg")).to_have_count(0)
    expect(page.locator(".map")).to_contain_text("up to date")


def test_every_key_does_what_the_menu_says(show: Show) -> None:
    page = show(story())
    for keys, words in {
        "ArrowRight PageDown": "3 of 12",
        "ArrowLeft PageUp": "1 of 12",
        "End": "12 of 12",
        "Home": "1 of 12",
        "End ArrowRight": "12 of 12",
        "ArrowLeft": "8–11 of 12",
        "u": "8 of 12",
        "U": "8–11 of 12",
    }.items():
        press(page, keys)
        expect(count(page)).to_have_text(words)
    press(page, "Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(count(page)).to_have_text("12 of 12")  # playing takes one step at once and ends
    press(page, "Home Space")
    expect(count(page)).to_have_text("2 of 12")
    press(page, "Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_slider_scrubs(show: Show) -> None:
    page = show(story())
    slider = page.get_by_role("slider", name="Step")
    slider.fill("3")
    expect(count(page)).to_have_text("3 of 12")
    slider.focus()
    press(page, "ArrowRight")
    expect(count(page)).to_have_text("4 of 12")
    expect(slider).to_have_attribute("aria-valuetext", "Step 4 of 12, Accepted")


def test_a_deep_link_opens_its_step_and_the_address_follows(show: Show) -> None:
    page = show(story(), "#step=7")
    expect(count(page)).to_have_text("7 of 12")
    press(page, "ArrowLeft")
    expect(page).to_have_url(re.compile("#step=6$"))
    page.evaluate("location.hash = '#step=3'")
    expect(count(page)).to_have_text("3 of 12")
    page.evaluate("location.hash = '#step=999'")
    expect(count(page)).to_have_text("12 of 12")
    expect(page).to_have_url(re.compile("#step=12$"))
    page.evaluate("location.hash = '#step=0'")
    expect(page.locator(".say")).to_contain_text("before anything happens")


def test_a_fold_is_one_step_until_somebody_unfolds_it(show: Show) -> None:
    page = show(story(), "#step=11")
    expect(count(page)).to_have_text("8–11 of 12")
    expect(page.locator(".seg")).to_have_count(9)
    expect(page.locator(".p-outbox .del")).to_have_count(2)
    expect(page.locator(".p-read .doc .chg").first).to_have_text("checkpoint 0 2")
    page.get_by_role("button", name="Unfold", exact=True).click()
    expect(count(page)).to_have_text("8 of 12")
    expect(page.locator(".seg")).to_have_count(12)
    page.get_by_role("button", name="Fold", exact=True).click()
    expect(count(page)).to_have_text("8–11 of 12")


def test_a_link_into_a_fold_unfolds_it(show: Show) -> None:
    page = show(story(), "#step=9")
    expect(count(page)).to_have_text("9 of 12")
    expect(page.locator(".seg")).to_have_count(12)


def test_what_a_hop_changed_shows_when_its_message_lands(show: Show) -> None:
    page = show(story(), "#step=2", reduced_motion="no-preference")
    # Hold the animation's clock: no frame, no landing.
    page.evaluate("window.frames_ = []; window.requestAnimationFrame = f => frames_.push(f); 0")
    press(page, "ArrowRight")
    expect(page.locator(".say p")).to_have_text("The save, order o-7.")
    expect(page.locator(".p-write .chg")).to_have_count(0)
    page.evaluate("frames_.shift()(performance.now() + 5000), 0")
    expect(page.locator(".p-write .chg")).to_have_count(2)
    assert page.evaluate("frames_.length") == 0


def test_reduced_motion_and_going_back_do_not_animate(show: Show) -> None:
    for motion, key in [("reduce", "ArrowRight"), ("no-preference", "ArrowLeft")]:
        page = show(story(), "#step=4", reduced_motion=motion)
        page.evaluate("window.frames_ = 0; window.requestAnimationFrame = () => ++frames_; 0")
        press(page, key)
        assert page.evaluate("frames_") == 0


CHOICES = {
    "text": "What will it show?",
    "right": 1,
    "choices": [
        {"text": "The order", "why": "It is saved, but not yet visible."},
        {"text": "No rows", "why": "The read side has not heard."},
    ],
}


def test_a_question_locks_what_follows_until_it_is_answered(show: Show) -> None:
    page = show(story(CHOICES), quiz=True)
    press(page, "End")
    expect(count(page)).to_have_text("5 of 12")
    expect(page.get_by_role("button", name="Answer first")).to_be_disabled()
    expect(page.locator(".seg[data-state=lock]")).to_have_count(4)
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)
    page.get_by_role("slider", name="Step").fill("9")
    page.evaluate("location.hash = '#step=12'")
    expect(count(page)).to_have_text("5 of 12")
    press(page, "ArrowRight Enter")
    expect(count(page)).to_have_text("5 of 12")
    press(page, "a")
    expect(page.get_by_role("radio").first).to_be_checked()
    press(page, "Enter")
    expect(page.locator(".side .bet")).to_contain_text("You bet A: The order")
    expect(page.locator(".side .bet")).to_contain_text("Press Next to see")
    press(page, "ArrowRight ArrowRight")
    expect(page.locator(".side .bet")).to_contain_text("It shows: No rows. It is saved")
    press(page, "ArrowRight")
    expect(page.locator(".side .bet")).to_be_hidden()


def test_a_question_may_ask_for_a_number_and_may_be_skipped(show: Show) -> None:
    number = {"text": "How many events?", "number": True, "right": 2, "why": "One an item."}
    page = show(story(number), "#step=5")
    page.get_by_label("Your number").fill("2")
    page.get_by_label("Your number").press("Enter")
    press(page, "ArrowRight ArrowRight")
    expect(page.locator(".side .bet")).to_contain_text("You bet 2Right. One an item.")
    page = show(story(number), "#step=5")
    page.get_by_role("button", name="Skip").click()
    press(page, "ArrowRight")
    expect(count(page)).to_have_text("6 of 12")


def test_a_question_within_a_fold_unfolds_it(show: Show) -> None:
    told = story()
    told.parts["steps"][8]["question"] = CHOICES
    page = show(told, "#step=12")
    expect(count(page)).to_have_text("9 of 12")
    expect(page.locator("legend")).to_contain_text("What will it show?")


def test_presenting_shows_the_map_large_and_the_changes_in_words(show: Show) -> None:
    page = show(story(), "#step=3", color_scheme="dark")
    press(page, "p")
    root = page.locator("section.cqrs-explorer")
    expect(root).to_have_class(re.compile("present"))
    expect(root).to_have_css("color-scheme", "light")
    expect(page.locator(".data")).to_be_hidden()
    expect(page.locator(".changes li").first).to_have_text("~ orders o-7 status draft placed")
    press(page, "PageDown")
    expect(count(page)).to_have_text("4 of 12")
    press(page, ".")
    expect(page.locator(".g")).to_be_hidden()
    press(page, ".")
    press(page, "t")
    expect(root).to_have_css("color-scheme", "dark")
    press(page, "Escape")
    expect(page.locator(".data")).to_be_visible()


def test_the_rarely_used_stands_behind_more(show: Show) -> None:
    page = show(story())
    more = page.get_by_role("button", name="More")
    expect(page.get_by_role("button", name="Present (P)")).to_be_hidden()
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="Theme: auto (T)").click()
    expect(page.locator("html")).to_have_css("color-scheme", "light")
    page.get_by_role("button", name="Speed: normal").press("Escape")
    expect(more).to_be_focused()
    expect(page.locator(".menu")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 900, 600])
def test_nothing_is_inaccessible(show: Show, theme: Any, width: int) -> None:
    page = show(story(CHOICES), "#step=3", width=width, color_scheme=theme)
    for keys in ["Home", "ArrowRight ArrowRight", "End", "p", "p"]:
        press(page, keys)
        if keys == "p":
            page.locator(".g").wait_for()
        serious_problems_are_none(page)
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="More").click()
    serious_problems_are_none(page)
    press(page, "Escape ArrowRight ArrowRight ArrowRight")
    serious_problems_are_none(page)


def serious_problems_are_none(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], [n["html"][:200] for n in each["nodes"]]) for each in serious] == []


@pytest.mark.parametrize("width", [1280, 900, 600])
def test_the_transport_stays_where_it_is(show: Show, width: int) -> None:
    page = show(story(), width=width)
    parts = page.locator(".bar, .tl, .btns button:visible")

    def boxes() -> Any:
        return parts.evaluate_all("all => all.map(e => JSON.stringify(e.getBoundingClientRect()))")

    first = boxes()
    for _ in range(9):
        press(page, "ArrowRight")
        assert boxes() == first
    assert page.evaluate("document.documentElement.scrollWidth") == width


CUT = """[...document.querySelectorAll('.map, .say, .say p')].filter(
    each => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight
).map(each => each.closest('.say') ? 'say' : 'map')"""


@pytest.mark.parametrize("width", [1101, 1133, 1200, 1245, 1246, 1265, 1280])
def test_the_whole_map_is_seen_wherever_it_stands_beside_the_code(show: Show, width: int) -> None:
    told = story()
    told.parts["steps"][0]["note"] = "A command asks for a change, and may be refused. " * 2
    page = show(told, width=width)
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [1280, 1246, 900, 600, 360])
def test_what_waits_and_what_travels_is_seen_with_all_its_fields(show: Show, width: int) -> None:
    told = story()
    item = {"position": 14, "event": "OrderItemAdded"}
    rows = {"outbox": {"waiting": {"14": {**item, "stream": "product-soap"}}}}
    rows["bus"] = {"in transit": {"14": {**item, "for": "orders, catalogue, greetings"}}}
    told.parts["steps"][0]["changes"] = rows
    page = show(told, width=width)
    for panel, last in (("outbox", "product-soap"), ("bus", "orders, catalogue, greetings")):
        body = page.locator(f".p-{panel} .body")
        assert body.evaluate("e => e.scrollWidth - e.clientWidth") == 0
        assert body.locator("td", has_text="OrderItemAdded").bounding_box()["height"] < 25
        expect(body.get_by_role("row").last.get_by_role("cell")).to_contain_text(
            ["+", "14", "OrderItemAdded", last]
        )
        expect(body.get_by_role("columnheader")).to_have_count(3)


LENGTHY = [
    "An honest but old answer: OrderView (status draft, no address, name Mary Somerville); its "
    "documents have seen 104 of 105 events.",
    "The order 3f2c9a7e-81d4-4b6f-9c02-7d5e1a8b4c60 has said yes, as it is a draft and not empty: "
    "OrderPlaced, which is not stored yet.",
    "o-" + "7f3a9c0b" * 16,  # no sentence is longer
]


def lengthy() -> Made:
    told = story()
    for each, note in zip(told.parts["steps"][1:], LENGTHY, strict=False):
        each["note"] = note
    return told


@pytest.mark.parametrize("width", [1280, 1246, 900, 861, 780, 700, 600, 360])
def test_a_sentence_of_three_lines_is_read_in_full(show: Show, width: int) -> None:
    page = show(lengthy(), width=width)
    for note in LENGTHY:
        press(page, "ArrowRight")
        expect(page.locator(".say p")).to_have_text(note)
        assert "say" not in page.evaluate(CUT)
        press(page, "p")
        assert "say" not in page.evaluate(CUT)
        press(page, "p")


def test_letters_are_small_only_where_a_sentence_needs_it(show: Show) -> None:
    page = show(lengthy(), "#step=2", width=1900)
    small = page.locator(".wordy")
    expect(small).to_have_count(0)
    page.set_viewport_size({"width": 780, "height": 800})  # a sidebar opens
    expect(small).to_have_count(1)
    assert "say" not in page.evaluate(CUT)
    press(page, "Home")
    expect(small).to_have_count(0)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_a_payload_holds_is_shown_as_text(show: Show, text: str) -> None:
    told = story({**CHOICES, "text": text, "choices": [{"text": text, "why": text}] * 2})
    told.parts |= {"title": text, "architecture": text}
    told.parts["map"]["nodes"]["relay"] |= {"label": text, "role": text, "shape": text}
    told.parts["map"]["edges"][0]["path"] = text
    told.parts["initial"]["write"][text] = {text: {text: text}}
    told.parts["initial"]["read"][text] = {text: {text: [text]}}
    told.parts["folds"] = [{**FOLD, "name": text, "scene": text, "note": text, "kind": text}]
    for each in told.parts["steps"]:
        each |= {"name": text, "note": text, "scene": text, "call": text, "payload": {text: text}}
        each["code"] = {"file": text, "first": 1, "line": 1, "source": text}
        each["changes"] |= {"screen": {"command": {"last": {"sent": text, "outcome": text}}}}
    told.parts["steps"][2] |= {"kind": text, "source": text, "target": text}
    page = show(told)
    for _ in range(12):
        press(page, "ArrowRight a Enter")
    press(page, "u p ArrowRight p")
    page.emulate_media(media="print")
    page.locator("figure").first.wait_for()
    page.emulate_media(media="screen")
    assert page.title() == " ".join(text.split()) or text in page.title()
    assert page.locator("script").count() == 2
    assert page.locator("img, [onerror]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    expect(page.locator("h1")).to_have_text(text)


def test_a_link_to_a_scene_opens_its_first_step(show: Show) -> None:
    expect(count(show(story(), "#scene=2"))).to_have_text("5 of 12")
    expect(count(show(story(), "#scene=3"))).to_have_text("8–11 of 12")
    page = show(story(), "#scene=3&step=7")
    expect(count(page)).to_have_text("7 of 12")  # the step decides
    page.evaluate("location.hash = '#scene=1'")
    expect(count(page)).to_have_text("1 of 12")
    page.evaluate("location.hash = '#scene=99'")
    expect(count(page)).to_have_text("1 of 12")
    page.evaluate("location.hash = '#step=<b>'")
    expect(count(page)).to_have_text("1 of 12")


def test_without_predictions_questions_are_ignored(show: Show) -> None:
    text = page(story(CHOICES), quiz=True)
    predict = module("predict.js")
    assert predict in text
    opened = show(text.replace(predict, ""))
    press(opened, "End")
    expect(count(opened)).to_have_text("12 of 12")
    expect(opened.locator("form")).to_have_count(0)
    assert predict not in page(story())  # nobody needs it where nothing is asked


def test_the_gauge_opens_into_a_bar_for_each_projection(show: Show) -> None:
    told = story()
    stopped = {"checkpoint": 1, "error": "boom"}
    told.parts["initial"]["checkpoints"]["projections"]["users"] = stopped
    page = show(told, "#step=3")
    gauge = page.get_by_role("button", name="Each projection")
    expect(gauge).to_have_attribute("aria-expanded", "false")
    expect(gauge).to_contain_text("2 behind, 1 stopped")
    gauge.click()
    expect(gauge).to_have_attribute("aria-expanded", "true")
    expect(gauge.locator(".st title")).to_have_text(["orders", "users"])
    expect(gauge).to_contain_text("✕ 1")
    press(page, "ArrowRight")
    expect(count(page)).to_have_text("4 of 12")
    gauge.press("Enter")
    expect(gauge).to_contain_text("written")
    expect(count(page)).to_have_text("4 of 12")


def test_what_is_refused_ends_in_a_bar(show: Show) -> None:
    told = story()
    told.parts["steps"][3] |= {"kind": "reject", "name": "OutOfStock"}
    told.parts["steps"][2] |= {"kind": "rollback", "source": "write_store", "changes": {}}
    told.parts["steps"][2]["target"] = "write_store"
    page = show(told, "#step=3")
    bars = page.locator(".rejection.on > path[d*='v20']")
    expect(bars).to_have_count(2)  # one an end; the arrowhead of the other direction is hidden
    press(page, "ArrowRight")
    expect(page.locator(".rejection.on.bwd > path[d*='v20']")).to_have_count(2)
    press(page, "ArrowRight")
    expect(page.locator("path[d*='v20']")).to_have_count(0)


def test_a_delivery_with_a_fault_looks_like_a_refusal(show: Show) -> None:
    page = show(story(folds=[{**FOLD, "kind": "fault"}]), "#step=11")
    expect(page.locator(".say")).to_have_class(re.compile("rejection"))
    expect(page.locator(".seg[data-state=on]")).to_have_class(re.compile("rejection"))


LIVE = """
const calls = {};
const traits = { recording: JSON.parse(data), quiz: true, step: 1 };
window.model = {
	get: (name) => traits[name],
	set: (name, value) => { traits[name] = value; },
	on: (name, call) => { (calls[name] ??= []).push(call); },
	off: (name, call) => { calls[name] = calls[name].filter((each) => each !== call); },
	save_changes() {},
	send(name, value) {
		traits[name] = value;
		for (const call of calls[`change:${name}`] ?? []) call();
	},
};
explorer.render({ model, el: document.getElementById("explorer") });
"""


def live_page(recording: Any) -> str:
    """Return a page whose model a test can reach as window.model, as Python reaches a widget's."""
    return filled_page(
        title="A test",
        sentences=[],
        css=stylesheet("explorer.css", "predict.css"),
        module=module("stage.js", "explorer.js", "predict.js"),
        host='const data = document.getElementById("recording").textContent;' + LIVE,
        recording=recording.to_json(),
    )


def test_python_unfolds_and_folds_a_shown_explorer(show: Show) -> None:
    page = show(live_page(story()))
    press(page, "Tab")
    page.evaluate("model.send('step', 11)")
    expect(count(page)).to_have_text("8–11 of 12")
    page.evaluate("model.send('unfolded', [8])")
    expect(count(page)).to_have_text("11 of 12")
    expect(page.locator(".seg")).to_have_count(12)
    page.evaluate("model.send('unfolded', [])")
    expect(page.locator(".seg")).to_have_count(9)


def test_keys_go_on_working_where_a_button_can_do_no_more(show: Show) -> None:
    page = show(live_page(story(CHOICES)))  # as in a cell, keys reach what has the focus
    forward = page.get_by_role("button", name=re.compile("Next|Answer first"))
    back = page.get_by_role("button", name="Previous step")
    for _ in range(4):
        forward.click()
    expect(forward).to_have_text("Answer first")
    expect(forward).to_be_disabled()
    press(page, "Enter Space ArrowRight b")
    expect(count(page)).to_have_text("5 of 12")
    press(page, "Enter")
    expect(page.locator(".side .bet")).to_contain_text("You bet B: No rows")
    expect(forward).to_be_focused()
    for _ in range(4):
        forward.press("Enter")
    expect(count(page)).to_have_text("12 of 12")
    expect(forward).to_be_disabled()
    press(page, "Enter ArrowLeft")
    expect(count(page)).to_have_text("8–11 of 12")
    press(page, "Home ArrowRight")
    back.click()
    expect(back).to_be_disabled()
    press(page, "ArrowRight")
    expect(count(page)).to_have_text("2 of 12")


def test_keys_go_on_working_when_what_had_the_focus_goes(show: Show) -> None:
    page = show(live_page(story(CHOICES)))
    page.locator(".msg dd").last.click()
    press(page, "End")  # a question takes the place of the code
    expect(page.locator("form")).to_be_visible()
    press(page, "b Enter End ArrowLeft")
    page.get_by_role("button", name="Unfold", exact=True).click()
    press(page, "Home")  # here is nothing to fold
    page.evaluate("() => new Promise(requestAnimationFrame)")
    press(page, "ArrowRight")
    expect(count(page)).to_have_text("2 of 12")


def test_space_plays_even_after_next_was_clicked(show: Show) -> None:
    page = show(story())
    forward, more = (page.get_by_role("button", name=name) for name in ("Next", "More"))
    forward.click()
    press(page, "Space")
    pause = page.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    expect(count(page)).to_have_text("3 of 12")
    press(page, "Space")
    expect(pause).to_have_count(0)
    press(page, "Enter")
    expect(count(page)).to_have_text("4 of 12")
    play = page.get_by_role("button", name="Play")
    play.press("Space")
    expect(pause).to_be_visible()
    pause.press("Enter")
    expect(play).to_be_visible()
    more.press("Space")
    expect(page.locator(".menu")).to_be_visible()
    page.get_by_role("button", name="Speed: normal").press("Space")
    expect(page.get_by_role("button", name="Speed: double")).to_be_visible()
    expect(play).to_be_visible()


def test_a_recording_that_grows_is_shown_in_place(show: Show) -> None:
    begun = story(folds=[])
    begun.parts["steps"] = begun.parts["steps"][:4]
    page = show(live_page(begun))
    page.evaluate("model.send('step', 3)")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Present (P)").click()
    press(page, "t")
    page.evaluate("""window.shown = ['svg', '.next', '.p-write .body', '.g'].map(
        each => document.querySelector('.map ' + each) ?? document.querySelector(each))""")
    grown = story(title="A longer story")
    page.evaluate("all => model.send('recording', all)", grown.parts)
    expect(count(page)).to_have_text("3 of 12")
    expect(page.locator("section h2")).to_have_text("A longer story")
    expect(page.locator("section.cqrs-explorer")).to_have_class(re.compile("present"))
    expect(page.locator("section.cqrs-explorer")).to_have_css("color-scheme", "dark")
    assert page.evaluate("shown.every(each => !each || each.isConnected)")  # nothing was replaced
    expect(page.locator(".changes li").first).to_have_text("~ orders o-7 status draft placed")
    press(page, "End")
    expect(count(page)).to_have_text("12 of 12")


def test_a_recording_of_another_rung_keeps_the_cursor_and_the_look(show: Show) -> None:
    page = show(live_page(story()))
    page.evaluate("model.send('step', 5)")
    press(page, "Tab")
    page.locator(".count").click()
    page.keyboard.press("t")
    other = story(architecture="crud", map=MAPS["crud"].as_json(), folds=[])
    page.evaluate("all => model.send('recording', all)", other.parts)
    expect(page.locator(".ladder .on")).to_contain_text("crud")
    expect(count(page)).to_have_text("5 of 12")
    expect(page.locator("section.cqrs-explorer")).to_have_css("color-scheme", "light")
    page.evaluate("model.send('recording', {})")
    expect(page.locator(".problem")).to_contain_text("not a recording")
    page.evaluate("all => model.send('recording', all)", story().parts)
    expect(count(page)).to_have_text("5 of 12")


BAD: list[dict[str, Any]] = [
    {"steps": [], "folds": []},
    {"map": None},
    {"map": MAPS["crud"].as_json()},
    {"map": {"nodes": {"client": None}, "edges": [{"path": "M0"}], "bands": 3, "gauge": [1]}},
    {"initial": None},
    {"architecture": "microservices"},
    {"folds": [{"first": 3}, {"first": 1, "last": 99}]},
    {"steps": [{}, {"kind": "leap", "source": "a", "target": "b", "changes": {"x": {"y": 3}}}]},
]


@pytest.mark.parametrize("parts", BAD, ids=range(len(BAD)))
def test_a_strange_recording_is_drawn_as_far_as_it_goes(show: Show, parts: Any) -> None:
    page = show(story(**parts))
    press(page, "ArrowRight End u p ArrowLeft Home")
    expect(page.locator(".say p")).to_have_count(1)


@pytest.mark.parametrize("parts", [{"version": 2}, {"format": "other"}])
def test_what_is_not_a_recording_is_said_kindly(show: Show, parts: Any) -> None:
    expect(show(story(**parts)).locator(".problem")).to_contain_text("recording")


def test_a_thousand_steps_are_one_strip(show: Show) -> None:
    told = story(folds=[])
    steps = [dict(each) for _ in range(84) for each in told.parts["steps"]][:1000]
    told.parts["steps"] = [{**each, "scene": f"{n // 6}"} for n, each in enumerate(steps)]
    page = show(told, "#step=500")
    expect(page.locator(".tl")).to_have_attribute("data-mode", "lines")
    expect(page.locator(".playhead")).to_be_visible()
    press(page, "ArrowRight")
    expect(count(page)).to_have_text("501 of 1000")
    expect(page.locator(".scenes")).to_have_text("83: step 3 of 6")


def test_a_large_table_shows_what_changed_first_and_counts_the_rest(show: Show) -> None:
    told = story()
    rows = {f"p{n:03}": {"sku": f"p{n:03}", "stock": n} for n in range(200)}
    told.parts["initial"]["write"]["products"] = rows
    change = {"products": {"p150": {"sku": "p150", "stock": 7}}}
    told.parts["steps"][1]["changes"] = {"write": change}
    page = show(told, "#step=2")
    table = page.locator(".p-write table", has_text="products")
    expect(table.locator("tbody tr")).to_have_count(8)
    expect(table.locator("tbody tr").first).to_contain_text("p150")
    expect(table.locator(".chg")).to_be_in_viewport()
    page.get_by_role("button", name="and 192 more products").click()
    expect(table.locator("tbody tr")).to_have_count(200)
    press(page, "ArrowRight")
    expect(table.locator("tbody tr")).to_have_count(200)
    page.get_by_role("button", name="show fewer products").click()
    expect(table.locator("tbody tr")).to_have_count(8)


def test_on_paper_it_is_a_storyboard(show: Show) -> None:
    page = show(story(), "#step=3")
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.locator("figure")).to_have_count(9)
    expect(page.locator("figure").nth(2)).to_contain_text("3. Save The save, order o-7.")
    expect(page.locator("figure").nth(2)).to_contain_text("~ orders o-7 status draft placed")
    expect(page.locator(".g")).to_be_hidden()


def test_without_scripts_there_are_the_sentences(show: Show) -> None:
    page = show(story(), java_script_enabled=False)
    expect(page.locator("noscript li")).to_have_count(12)
    expect(page.get_by_role("heading")).to_have_text("A story")


def test_the_page_can_reach_nothing() -> None:
    text = page(story())
    assert f'content="{POLICY}"' in text
    assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg", "", text.split("<main")[1])
    assert len(text.encode()) < 150_000


def test_the_stylesheet_wears_the_project_s_colours() -> None:
    css = stylesheet("explorer.css")
    for name, (light, dark) in NEUTRALS.items():
        assert f"--{name}:light-dark({light},{dark})" in css
    for name, (light_tones, dark_tones) in ROLES.items():
        (rule,) = re.findall(rf"^\.{name}{{(--l.*)}}$", css, flags=re.MULTILINE)
        pairs = zip("lfso", light_tones, dark_tones, strict=True)
        assert rule == ";".join(f"--{key}:light-dark({a},{b})" for key, a, b in pairs)


@pytest.mark.parametrize("name", [each.name for each in HERE.glob("*.css")])
def test_everything_in_a_stylesheet_hangs_under_one_class(name: str) -> None:
    for source in (colours(), (HERE / name).read_text(encoding="utf-8")):
        bare = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
        scope = re.search(r"\.cqrs-[\w.-]+(?=\{)", bare)[0]
        rest = re.sub(r":has\(\.cqrs-[\w.-]+\) ", "", outside(f"{scope}{{", bare))
        assert (
            re.sub(r"\.jp-OutputArea(\.cqrs-still\{[^}]*\})|\.cqrs-still\{[^}]*\}", "", rest) == ""
        )


def outside(head: str, css: str) -> str:
    """Return what stands beside the one block that begins with `head`; a rule must name it, too."""
    depth, rest = 1, ""
    before, _, after = css.partition(head)
    for character in after:
        depth -= character == "}"
        rest += character if depth <= 0 else ""
        depth += character == "{"
    rules = (before + rest.removeprefix("}")).strip()
    assert depth == 0
    return re.sub(r"[^{}]*:has\(\.cqrs-explorer\) ", "", rules)
