"""The first notebook in a real JupyterLab, driven by a real browser, as a reader would use it."""

from collections.abc import Iterator
from shutil import copytree

import pytest
from browsing import *
from playwright.sync_api import Locator, Page, expect
from test_notebooks import FOLDER, committed

NOTEBOOK = "00_start_here.ipynb"

pytestmark = needs_a_browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab; return the notebook's address."""
    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    (home / "notebooks" / NOTEBOOK).write_text(committed(NOTEBOOK), encoding="utf-8")
    copytree(FOLDER.parent / "diagrams", home / "diagrams")
    with serving_lab(home) as address:
        yield address.format(f"notebooks/{NOTEBOOK}")


def run_the_lesson(page: Page, lab: str) -> Locator:
    """Run all cells, and wait until the last one is done; return the board that it shows.

    Until then the kernel is busy, and answers nobody.
    """
    run_all_cells(page, lab)
    board = page.get_by_label("Your progress")
    expect(board).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    return board


def nothing_sticks_out(page: Page, console: Locator) -> None:
    """See that a console in a narrow window still shows its buttons and its whole answer."""
    parts = "button, input, select, .cqrs-card, .cqrs-note, .cqrs-note > *"
    for width in (1280, 900):
        page.set_viewport_size({"width": width, "height": 1000})
        edge = console.evaluate("console => console.getBoundingClientRect().right")
        ends = (
            console.locator(".cqrs-card, .cqrs-status")
            .locator(parts)
            .evaluate_all("all => all.map(each => each.getBoundingClientRect().right)")
        )
        assert max(ends) <= edge, width


def test_a_reader_runs_the_notebook_and_plays_with_the_console(lab: str, page: Page) -> None:
    run_the_lesson(page, lab)
    console = page.locator(".cqrs-console")
    answer = console.locator(".cqrs-status").get_by_role("status")
    command, query = (
        console.locator(".cqrs-row.cqrs-command"),
        console.locator(".cqrs-row.cqrs-read"),
    )
    press = console.get_by_role("button")
    expect(press.filter(has_text="Send")).to_be_visible()
    gauge = console.locator(".cqrs-gauge")
    expect(gauge).to_contain_text("2 events behind")  # the notebook left them there
    press.filter(has_text="Deliver all").click()
    expect(gauge).to_contain_text("✓ up to date")

    command.get_by_label("name").fill("Bob <b>Hope</b>")
    command.get_by_label("email").press("Enter")
    expect(answer).to_contain_text("accepted; it returned nothing")
    expect(answer).to_contain_text("users bob +")
    expect(gauge).to_contain_text("1 event behind")
    expect(query.get_by_label("user_id")).to_have_value("bob")
    query.get_by_label("user_id").press("Enter")
    expect(answer).to_contain_text("NotFound: not there (yet)")
    expect(answer).to_contain_text("there is no user 'bob'")
    take_picture(page, console, "notebook-console-light-too-early")

    press.filter(has_text="Deliver one").click()
    expect(answer).to_contain_text("1 event delivered")
    expect(gauge).to_contain_text("✓ up to date")
    press.filter(has_text="Ask").click()
    expect(answer).to_contain_text("Bob <b>Hope</b>")

    command.get_by_label("Command").select_option("PlaceOrder")
    expect(command.get_by_label("order_id")).to_have_value("o-2")
    press.filter(has_text="Send").click()
    expect(answer).to_contain_text("OutOfStock: rejected, and nothing anywhere has changed")
    press.filter(has_text="Next").click()
    expect(console.locator(".say")).to_contain_text("loads order o-2")
    take_picture(page, console, "notebook-console-light-refused")

    command.get_by_label("Command").select_option("Restock")
    press.filter(has_text="Send").click()
    expect(answer).to_contain_text("products mug: stock 1 → 3")
    nothing_sticks_out(page, console)
    wear(page, "JupyterLab Dark")
    press.filter(has_text="Deliver all").click()
    expect(answer).to_contain_text("catalogue mug: stock 1 → 3")
    take_picture(page, console, "notebook-console-dark")
    expect(page.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)
    page.locator(".jp-Cell").first.scroll_into_view_if_needed()
    take_picture(page, page, "notebook-top-dark")
    wear(page, "JupyterLab Light")
    take_picture(page, page, "notebook-top-light")


# What a learner might write first, forgetting events, and what is asked for.
WRONG = """def kind_of(message):
    return "query" if type(message).__name__.startswith("Get") else "command"


task_1.check(kind_of)"""
RIGHT = """from cqrs_demo import QUERIES, Event


def kind_of(message):
    if isinstance(message, Event):
        return "event"
    return "query" if type(message) in QUERIES else "command"


task_1.check(kind_of)"""


def rewrite(page: Page, cell: Locator, code: str) -> None:
    """Put other code into a cell, as a learner would, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")


def test_a_learner_walks_the_lesson_and_is_wrong_first(lab: str, page: Page) -> None:
    board = run_the_lesson(page, lab)
    expect(board).to_contain_text("Beliefs you have bet on: 0")

    question = page.get_by_label("A question to predict").first
    expect(question).to_contain_text("What does the page with her orders show?")
    expect(question.get_by_role("button")).to_have_text("Choose an answer")
    question.get_by_label("The order, as placed").check()
    question.get_by_role("button", name="Lock in A").click()
    expect(question).to_contain_text("No orders at all")
    expect(question).to_contain_text("What has been saved is visible everywhere at once")
    expect(board).to_contain_text("Beliefs you have bet on: 1")

    explorer = page.locator(".cqrs-explorer:not(.cqrs-console *)").first
    said = explorer.locator(".say")
    first = said.inner_text()
    explorer.get_by_role("button", name="Next").click()
    expect(said).not_to_have_text(first)

    exercise = page.locator(".jp-CodeCell", has_text="task_1.check(kind_of)")
    answer = exercise.locator(".jp-OutputArea")
    expect(answer).to_contain_text("kind_of is still what the cell began with")
    rewrite(page, exercise, WRONG)
    expect(answer).to_contain_text("which has happened already, should be 'event'")
    expect(answer.locator(".cqrs-explorer")).to_be_visible()
    rewrite(page, exercise, RIGHT)
    expect(answer).to_contain_text("kind_of does what was asked")

    summary = page.get_by_label("Summary of lesson 00")
    summary.get_by_role("textbox").fill("It waits.")
    summary.get_by_role("button", name="Keep it").click()
    expect(summary.locator(".pair")).to_contain_text("The order went into the tables")
    row = board.locator("tr", has_text="00 Start here")
    expect(row).to_contain_text("✓ written")
    take_picture(page, board, "notebook-board")
