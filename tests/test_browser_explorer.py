"""The explorer where learners meet it: in a live JupyterLab, in Voila, and where nothing runs."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import *
from nbclient import NotebookClient
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = needs_a_browser

NAME = "story.ipynb"
STORY = """
from cqrs_demo import *


def greet(docs, recorded):
    greeting = f"Hello, {recorded.event.name}!"
    docs.put(recorded.event.user_id, {"greeting": greeting})


mine = {**PROJECTIONS, "greetings": {UserCreated: greet}}
shop = open_shop("two-stores", projections=mine)
shop.send(CreateUser("ada", "Ada <b>Lovelace</b>", "ada@example.org"))
with shop.record("Look too early") as recording:
    shop.send(RenameUser("ada", "Ada King"))
    shop.ask(GetUserById("ada"), after=0) if not shop.staleness else None
    shop.deliver(only="greetings")
    shop.deliver()
    shop.ask(GetUserById("ada"))
"""


def notebook(*cells: str) -> nbformat.NotebookNode:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    return book


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a notebook that has not run, and one that ran where nobody trusts it."""
    home = tmp_path_factory.mktemp("lab")
    live = notebook(STORY, "explorer = recording.explorer()\nexplorer", "explorer.step")
    nbformat.write(live, home / NAME)
    ran = notebook(STORY.strip() + "\nrecording")
    NotebookClient(ran, timeout=60, kernel_name="python3").execute()
    nbformat.write(ran, home / "ran.ipynb")
    return home


@pytest.fixture(scope="module")
def lab(home: Path) -> Iterator[str]:
    with serving_lab(home) as address:
        yield address


def assert_accessible(page: Page, explorer: Locator) -> None:
    """See that axe finds nothing serious in the explorer; JupyterLab's own faults are its own."""
    found = Axe().run(page, context=explorer.evaluate("e => '#' + (e.id ||= 'under-test')"))
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert not serious, json.dumps(serious, indent=1)[:3_000]


def test_a_learner_runs_a_cell_and_steps_through_their_own_code(lab: str, page: Page) -> None:
    run_all_cells(page, lab.format(NAME))
    explorer = page.locator(".cqrs-explorer").first
    count, said = explorer.locator(".count"), explorer.locator(".say p")
    expect(count).to_contain_text("1 of", timeout=40_000)
    expect(explorer.get_by_role("button", name="Next")).to_be_visible()
    explorer.get_by_role("button", name="Next").click()
    expect(count).to_contain_text("2 of")
    page.keyboard.press("b")  # which JupyterLab would take for "insert a cell below"
    explorer.locator(".count").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    expect(count).to_contain_text("4 of")
    page.keyboard.press("b")  # which JupyterLab would take for "insert a cell below"
    page.keyboard.press("ArrowLeft")
    expect(count).to_contain_text("3 of")
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(3)
    before = said.inner_text()
    explorer.get_by_role("slider", name="Step").press("End")
    expect(said).not_to_have_text(before)
    expect(explorer).to_contain_text("up to date")

    take_picture(page, page, "explorer-lab-light")
    assert_accessible(page, explorer)
    wear(page, "JupyterLab Dark")
    take_picture(page, page, "explorer-lab-dark")
    assert_accessible(page, explorer)
    wear(page, "JupyterLab Light")

    explorer.get_by_role("slider", name="Step").press("End")
    page.keyboard.press("ArrowLeft")
    before = said.inner_text()
    explorer.get_by_role("button", name="Next").press("Enter")
    expect(said).not_to_have_text(before)
    page.keyboard.press("ArrowLeft")  # Next can do no more, and has the focus all the same
    expect(said).to_have_text(before)


def test_python_reads_and_sets_the_cursor(lab: str, page: Page) -> None:
    run_all_cells(page, lab.format(NAME))
    explorer = page.locator(".cqrs-explorer").first
    expect(explorer.locator(".count")).to_contain_text("1 of", timeout=40_000)
    explorer.get_by_role("button", name="Next").click()
    expect(explorer.locator(".count")).to_contain_text("2 of")
    last = page.locator(".jp-CodeCell").last
    last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(last.locator(".jp-OutputArea-output")).to_have_text("2")
    last.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("explorer.step = 5")
    page.keyboard.press("Control+Enter")
    expect(explorer.locator(".count")).to_contain_text("5 of")


def test_their_own_projection_lights_up_with_its_own_lines(lab: str, page: Page) -> None:
    run_all_cells(page, lab.format(NAME))
    explorer = page.locator(".cqrs-explorer").first
    expect(explorer.locator(".count")).to_contain_text("1 of", timeout=40_000)
    last = page.locator(".jp-CodeCell").last
    last.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(
        "explorer.step = next(s.n for s in recording.steps if s.name.startswith('greetings'))"
    )
    page.keyboard.press("Control+Enter")
    expect(explorer.locator("ol.code .on")).to_contain_text("docs.put(")
    expect(explorer).to_contain_text("notebook cell")
    take_picture(page, page, "explorer-lab-own-lines")


def test_it_can_be_reopened_after_the_kernel_was_restarted(lab: str, page: Page) -> None:
    run_all_cells(page, lab.format(NAME))
    expect(page.locator(".cqrs-explorer .count").first).to_contain_text("1 of", timeout=40_000)
    choose(page, "Kernel", "Restart Kernel and Run All Cells…")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=40_000)
    explorer = page.locator(".cqrs-explorer").first
    expect(explorer.locator(".count")).to_contain_text("1 of", timeout=40_000)
    explorer.get_by_role("button", name="Next").click()
    expect(explorer.locator(".count")).to_contain_text("2 of")


def test_once_the_kernel_is_gone_a_picture_and_the_sentences_are_there(
    home: Path, lab: str, browser: Browser
) -> None:
    """JupyterLab trusts what it has run, but it cannot draw a widget whose kernel is gone."""
    nbformat.write(notebook(STORY.strip() + "\nrecording"), home / "mine.ipynb")
    page = browser.new_page()  # JupyterLab logs that there is no such widget any more
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    run_all_cells(page, lab.format("mine.ipynb"))
    expect(page.locator(".cqrs-explorer .count")).to_contain_text("1 of", timeout=40_000)
    expect(page.locator(".cqrs-still")).to_be_hidden()
    choose(page, "File", "Save Notebook")
    expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
    choose(page, "Kernel", "Shut Down Kernel")
    expect(page.get_by_text("No Kernel").first).to_be_visible()
    page.goto(lab.format("mine.ipynb"))
    beside = page.locator(".cqrs-still")
    expect(beside.locator("img[alt*='Look too early']")).to_be_visible(timeout=40_000)
    expect(beside).to_contain_text("RenameUser is an instruction to one handler")
    page.close()


def test_where_nobody_trusts_it_a_picture_and_the_sentences_are_there(
    lab: str, browser: Browser
) -> None:
    page = browser.new_page()  # it may log that there is no kernel
    page.goto(lab.format("ran.ipynb"))
    output = page.locator(".jp-OutputArea").first
    expect(output.locator("img[alt*='Look too early']")).to_be_visible(timeout=40_000)
    expect(output).to_contain_text("RenameUser is an instruction to one handler")
    expect(output).not_to_contain_text("object at 0x")
    take_picture(page, page, "explorer-lab-without-kernel")
    page.close()


def test_voila_shows_it_without_code(home: Path, browser: Browser) -> None:
    page, errors = browser.new_page(), []  # Voila itself looks for fonts and MathJax on a CDN
    page.on("pageerror", lambda error: errors.append(str(error)))
    port = free_port()
    command = [
        *(sys.executable, "-m", "voila", str(home / NAME), f"--port={port}"),
        *("--no-browser", "--Voila.ip=127.0.0.1"),
    ]
    with running(command, home, f"127.0.0.1:{port}"):
        page.goto(f"http://127.0.0.1:{port}/")
        explorer = page.locator(".cqrs-explorer").first
        expect(explorer.locator(".count")).to_contain_text("1 of", timeout=40_000)
        explorer.get_by_role("button", name="Next").click()
        expect(explorer.locator(".count")).to_contain_text("2 of")
        take_picture(page, page, "explorer-voila")
        page.close()
    assert not errors
