"""The first notebook in a real JupyterLab, driven by a real browser, as a reader would use it."""

from collections.abc import Iterator

import pytest
from browsing import *
from playwright.sync_api import Locator, Page, expect
from test_notebooks import committed

NOTEBOOK = "00_start_here.ipynb"

pytestmark = needs_a_browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab; return the notebook's address."""
    home = tmp_path_factory.mktemp("lab")
    (home / NOTEBOOK).write_text(committed(NOTEBOOK), encoding="utf-8")
    with serving_lab(home) as address:
        yield address.format(NOTEBOOK)


def nothing_sticks_out(page: Page, panel: Locator) -> None:
    """See that a panel in a narrow window still shows its buttons and its whole answer."""
    parts = "button, input, select, .cqrs-card, .cqrs-note, .cqrs-note > *, .cqrs-store"
    for width in (1280, 900):
        page.set_viewport_size({"width": width, "height": 1000})
        edge = panel.evaluate("panel => panel.getBoundingClientRect().right")
        ends = panel.locator(parts).evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().right)"
        )
        assert max(ends) <= edge, width


def test_a_reader_runs_the_notebook_and_plays_with_the_panel(lab: str, page: Page) -> None:
    run_all_cells(page, lab)
    panel = page.locator(".widget-vbox.cqrs")
    answer, stores = panel.get_by_role("status"), panel.locator(".cqrs-stores")
    press = panel.get_by_role("button")
    expect(press.filter(has_text="Send")).to_be_visible(timeout=40_000)
    expect(panel).to_contain_text("2 events behind")  # the notebook left them there
    press.filter(has_text="Deliver all").click()
    expect(panel).to_contain_text("✓ up to date")

    panel.get_by_label("user_id").first.fill("bob")
    panel.get_by_label("name").fill("Bob <b>Hope</b>")
    panel.get_by_label("email").fill("bob@example.org")
    panel.get_by_label("email").press("Enter")
    expect(answer).to_contain_text("accepted; it returned nothing")
    expect(panel).to_contain_text("1 event behind")
    expect(stores.locator("td.added", has_text="Bob <b>Hope</b>").first).to_be_visible()

    panel.get_by_label("user_id").last.press("Enter")
    expect(answer).to_contain_text("NotFound: not there (yet)")
    expect(answer).to_contain_text("there is no user 'bob'")
    take_picture(page, panel, "panel-light-too-early")

    press.filter(has_text="Deliver next").click()
    expect(answer).to_contain_text("1 event delivered")
    expect(panel).to_contain_text("✓ up to date")
    press.filter(has_text="Ask").click()
    expect(answer).to_contain_text("Bob <b>Hope</b>")
    take_picture(page, panel, "panel-light-answer")

    panel.get_by_label("Command").select_option("PlaceOrder")
    panel.get_by_label("order_id").fill("o-2")
    press.filter(has_text="Send").click()
    expect(answer).to_contain_text("OutOfStock: rejected, and nothing anywhere has changed")
    take_picture(page, panel, "panel-light-refused")

    panel.get_by_label("Command").select_option("Restock")
    press.filter(has_text="Send").click()
    expect(stores.locator("td.changed", has_text="1 3")).to_be_visible()
    expect(answer).to_contain_text("products mug: stock 1 → 3")
    nothing_sticks_out(page, panel)
    take_picture(page, panel, "panel-light")
    wear(page, "JupyterLab Dark")
    take_picture(page, panel, "panel-dark")
    press.filter(has_text="Deliver all").click()
    expect(answer).to_contain_text("1 event delivered")
    expect(answer).to_contain_text("Changed:catalogue mug: stock 1 → 3, version 2 → 3")
    take_picture(page, panel, "panel-dark-delivered")
    expect(page.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)
    page.locator(".jp-Cell").first.scroll_into_view_if_needed()
    take_picture(page, page, "notebook-top-dark")
    wear(page, "JupyterLab Light")
    take_picture(page, page, "notebook-top-light")
