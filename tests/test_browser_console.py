"""The live console in a real JupyterLab: a ten-minute class, given from the console alone."""

import json
from collections.abc import Iterator

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import *
from playwright.sync_api import Locator, Page, expect

pytestmark = needs_a_browser

CELL = """
from cqrs_demo.lab.console import Console

console = Console({rung!r})
console
"""


BACKGROUND = """
from cqrs_demo import *
from cqrs_demo.lab.console import Console

shop = open_shop("event-sourced", delivery="background", lag=0.2)
Console(shop)
"""
NEWS = 'shop.send(CreateUser("zoe", "Zoe", "zoe@example.org"))'
NOTEBOOKS = {
    "two-stores": [CELL.format(rung="two-stores")],
    "crud": [CELL.format(rung="crud")],
    "background": [BACKGROUND, NEWS, "shop.close()"],
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("lab")
    for name, cells in NOTEBOOKS.items():
        book = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
        nbformat.write(book, home / f"{name}.ipynb")
    with serving_lab(home) as address:
        yield address


def open_console(page: Page, address: str) -> Locator:
    run_all_cells(page, address)
    console = page.locator(".cqrs-console").last
    expect(console.get_by_role("button", name="Send")).to_be_visible(timeout=40_000)
    page.keyboard.press("Control+b")  # the list of files takes half of a small window
    return console


def button(console: Locator, name: str) -> Locator:
    return console.get_by_role("button", name=name, exact=True)


def choose_message(console: Locator, kind: str, name: str) -> None:
    console.get_by_label(kind, exact=True).select_option(name)


def walk(console: Locator, until: str) -> None:
    """Press Next until the explorer says something."""
    said, count = console.locator(".say p"), console.locator(".count")
    for _ in range(40):
        if until in said.inner_text():
            return
        before = count.inner_text()
        button(console, "Next").click()
        expect(count).not_to_have_text(before)
    raise AssertionError(said.inner_text())


def assert_accessible(page: Page, console: Locator) -> None:
    found = Axe().run(page, context=console.evaluate("e => '#' + (e.id ||= 'under-test')"))
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert not serious, json.dumps(serious, indent=1)[:3_000]


def in_both_themes(page: Page, console: Locator, name: str) -> None:
    for theme in ("Light", "Dark"):
        wear(page, f"JupyterLab {theme}")
        assert_accessible(page, console)
        take_picture(page, console, f"console-{name}-{theme.lower()}")
    wear(page, "JupyterLab Light")


def test_a_class_from_the_console_alone(lab: str, page: Page) -> None:
    console = open_console(page, lab.format("two-stores.ipynb"))
    status = console.locator(".cqrs-status").get_by_role("status")
    explorer = console.locator(".cqrs-explorer")
    in_both_themes(page, console, "start")

    button(console, "Predict").click()
    expect(status).to_contain_text("hidden until you bet")
    choose_message(console, "Command", "PlaceOrder")
    button(console, "Send").click()
    expect(status).to_contain_text("accepted; it returned nothing")
    expect(console).to_contain_text("2 events behind")

    choose_message(console, "Query", "GetOrder")
    button(console, "Ask").click()
    expect(status).to_contain_text("Predict first")
    expect(status).not_to_contain_text("draft")
    button(console, "Next").click()
    in_both_themes(page, console, "question")
    explorer.get_by_text("What was saved last", exact=True).click()
    explorer.get_by_role("button", name="Lock in A").click()
    expect(status).to_contain_text("draft")
    button(console, "Next").click()
    expect(explorer).to_contain_text("Saved is not yet visible")
    in_both_themes(page, console, "stale")

    button(console, "Deliver all").click()
    expect(status).to_contain_text("2 events delivered")
    expect(console.locator(".cqrs-gauge")).to_contain_text("up to date")
    button(console, "Ask").click()
    expect(status).to_contain_text("placed")
    in_both_themes(page, console, "healed")

    button(console, "Lab").click()
    expect(button(console, "Fork")).to_be_visible()
    explorer.get_by_role("slider", name="Step").press("ArrowLeft")
    expect(console).to_contain_text("The cursor stands in shop.deliver()")
    button(console, "Fork").click()
    expect(status).to_contain_text("future B begins before that call")
    console.get_by_label("Waiting event").select_option("6 OrderPlaced")
    button(console, "Drop").click()
    expect(console).to_contain_text("will lose event 6")
    button(console, "Deliver all").click()
    expect(status).to_contain_text("1 event delivered")
    expect(console.locator(".cqrs-futures").first).to_be_visible()
    in_both_themes(page, console, "forked")
    button(console, "Log").click()
    expect(console.locator(".cqrs-log")).to_contain_text("tamper(shop).drop(6)")
    in_both_themes(page, console, "log")


def more(console: Locator, entry: str) -> None:
    explorer = console.locator(".cqrs-explorer:visible")
    button(explorer, "More").click()
    button(explorer, entry).click()


def test_a_message_is_dropped_where_it_waits_and_both_futures_are_seen(
    lab: str, page: Page
) -> None:
    console = open_console(page, lab.format("two-stores.ipynb"))
    status = console.locator(".cqrs-status").get_by_role("status")
    explorer, outbox = console.locator(".cqrs-explorer:visible"), console.locator(".p-outbox")
    choose_message(console, "Command", "PlaceOrder")
    button(console, "Send").click()
    button(console, "Deliver all").click()
    expect(status).to_contain_text("2 events delivered")
    expect(outbox.locator(".pick:visible")).to_have_count(0)
    explorer.get_by_role("slider", name="Step").press("Home")
    button(console, "Deliver all").focus()
    explorer.get_by_role("slider", name="Step").press("End")
    expect(console.locator(".cqrs-help", has_text="The cursor stands in")).to_be_attached()
    more(console, "Fork here")
    expect(status).to_contain_text("future B begins before that call")

    handle = outbox.get_by_role("button", name="Pick up 6 OrderPlaced")
    handle.focus()
    page.keyboard.press("Enter")
    expect(button(outbox, "Drop")).to_be_focused()
    in_both_themes(page, console, "picked")
    button(outbox, "Drop").press("Escape")
    expect(handle).to_be_focused()
    expect(button(outbox, "Drop")).to_have_count(0)
    handle.click()
    button(outbox, "Drop").click()
    expect(status).to_contain_text("the bus will lose event 6")
    expect(handle).to_have_text("lost")
    button(console, "Deliver all").click()
    expect(status).to_contain_text("1 event delivered")

    more(console, "Compare futures")
    expect(explorer.locator(".col h3")).to_have_text(["Future A", "Future B, which you drive"])
    expect(explorer.locator(".differences")).to_contain_text("document orders")
    expect(explorer.locator(".map > svg:visible")).to_have_count(2)
    in_both_themes(page, console, "beside")
    choose_message(console, "Query", "GetOrder")
    button(console, "Ask").click()
    expect(explorer.locator(".col").nth(1)).to_contain_text("stale")
    more(console, "Back to one future")
    expect(explorer.locator(".say p")).to_be_visible()
    expect(explorer.locator(".col")).to_have_count(0)


def test_the_form_interface_of_the_first_rung(lab: str, page: Page) -> None:
    console = open_console(page, lab.format("crud.ipynb"))
    status = console.locator(".cqrs-status").get_by_role("status")
    console.get_by_label("Form", exact=True).select_option("orders")
    button(console, "Load").click()
    expect(status).to_contain_text("the form is filled in")
    in_both_themes(page, console, "crud")


def test_everything_goes_by_keyboard_and_jupyterlab_takes_no_key(lab: str, page: Page) -> None:
    console = open_console(page, lab.format("two-stores.ipynb"))
    status = console.locator(".cqrs-status").get_by_role("status")
    console.get_by_label("email").focus()
    page.keyboard.press("Enter")
    expect(status).to_contain_text("accepted")
    page.keyboard.press("Tab")
    expect(button(console, "Send")).to_be_focused()
    page.keyboard.press("b")  # which JupyterLab would take for "insert a cell below"
    page.keyboard.press("Enter")
    expect(status).to_contain_text("AlreadyExists")
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(1)
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.innerText || document.activeElement.id"))
    assert {"Ask", "Deliver one", "Deliver all", "Predict", "Lab", "Log"} <= seen
    button(console, "Lab").press("Enter")
    expect(button(console, "Hide lab")).to_be_focused()
    button(console, "Deliver one").press("Space")
    expect(status).to_contain_text("1 event delivered")


def test_a_click_storm_loses_no_click(lab: str, page: Page) -> None:
    console = open_console(page, lab.format("two-stores.ipynb"))
    choose_message(console, "Command", "Restock")
    for _ in range(20):
        button(console, "Send").click()
        button(console, "Ask").click()
    expect(console.locator(".cqrs-gauge")).to_contain_text("20 events behind")
    expect(console.locator(".count")).to_contain_text(f"of {20 * 9}")


def test_the_console_shows_what_threads_and_cells_do(lab: str, page: Page) -> None:
    page.goto(lab.format("background.ipynb"))
    page.wait_for_selector(".jp-Notebook")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=40_000)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    console = page.locator(".cqrs-console").last
    expect(button(console, "Send")).to_be_visible(timeout=40_000)
    page.keyboard.press("Shift+Enter")  # in the next cell
    expect(console.locator(".cqrs-explorer")).to_contain_text("in the background")
    expect(console.locator(".cqrs-gauge")).to_contain_text("up to date")
    page.keyboard.press("Shift+Enter")
    button(console, "Ask").click()
    status = console.locator(".cqrs-status").get_by_role("status")
    expect(status).to_contain_text("ShopClosed")
    button(console, "Start afresh").click()
    expect(status).to_contain_text("a fresh shop")
    button(console, "Ask").click()
    expect(status).to_contain_text("UserView")
