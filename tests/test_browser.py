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
    run_all_cells(page, lab)
    console = page.locator(".cqrs-console")
    answer = console.locator(".cqrs-status").get_by_role("status")
    command, query = (
        console.locator(".cqrs-row.cqrs-command"),
        console.locator(".cqrs-row.cqrs-read"),
    )
    press = console.get_by_role("button")
    expect(press.filter(has_text="Send")).to_be_visible(timeout=40_000)
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
