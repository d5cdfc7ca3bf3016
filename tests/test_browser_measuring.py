"""The panel that measures in a real JupyterLab: sliders, cancel, results, in both themes."""

import json
from collections.abc import Iterator

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import *
from playwright.sync_api import Locator, Page, expect

pytestmark = needs_a_browser

CELLS = (
    "from cqrs_demo.lab.experiments import collaboration, contention\n\ncollaboration.panel()",
    "contention.panel()",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("lab")
    book = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, CELLS)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    nbformat.write(book, home / "panels.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CQRS_DEMO_CACHE", str(home / ".cache"))
        with serving_lab(home) as address:
            yield address


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, context=".cqrs-measuring")
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert not serious, json.dumps(serious, indent=1)[:3_000]


def test_experiments_are_driven_from_their_panels(lab: str, page: Page) -> None:
    run_all_cells(page, lab.format("panels.ipynb"))
    editors, processes = (page.locator(".cqrs-measuring").nth(n) for n in (0, 1))
    expect(processes.get_by_role("button", name="Measure")).to_be_visible(timeout=40_000)
    page.keyboard.press("Control+b")  # the list of files takes half of a small window
    edits_are_counted_by_keyboard(page, editors)
    processes_are_cancelled(processes)
    for theme in ("Light", "Dark"):
        wear(page, f"JupyterLab {theme}")
        assert_accessible(page)
        take_picture(page, editors, f"measuring-{theme.lower()}")
    expect(editors.locator(".on-dark")).to_be_visible()
    expect(editors.locator(".on-light")).to_be_hidden()


def edits_are_counted_by_keyboard(page: Page, panel: Locator) -> None:
    rounds = panel.get_by_role("slider", name="Rounds")
    expect(rounds).to_have_attribute("aria-valuetext", "300")
    rounds.focus()
    page.keyboard.press("ArrowLeft")
    expect(rounds).to_have_attribute("aria-valuetext", "100")
    page.keyboard.press("b")  # which JupyterLab would take for "insert a cell below"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    button = panel.get_by_role("button", name="Measure")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("Measured in", timeout=40_000)
    expect(button).to_be_focused()
    expect(panel.locator(".result")).to_contain_text("Whole forms lost")
    expect(panel.locator(".result")).to_contain_text("of 100 rounds")
    light, dark = panel.locator(".on-light"), panel.locator(".on-dark")
    expect(light).to_be_visible()
    expect(dark).to_be_hidden()
    panel.get_by_text("The numbers behind it").click()
    expect(panel.get_by_role("rowheader", name="CRUD: whole forms")).to_be_visible()
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))


def processes_are_cancelled(panel: Locator) -> None:
    panel.get_by_role("slider", name="Each measurement").press("Home")
    panel.get_by_role("button", name="Measure").click()
    expect(panel.get_by_role("progressbar")).to_be_visible()
    expect(panel.get_by_role("slider", name="Shop")).to_be_disabled()
    expect(panel.locator(".doing")).to_contain_text("alone", timeout=40_000)
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.get_by_role("status")).to_contain_text("Cancelled", timeout=40_000)
    expect(panel.get_by_role("button", name="Measure")).to_be_enabled()
