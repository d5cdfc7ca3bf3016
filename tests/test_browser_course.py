"""The cards of a lesson in a live JupyterLab: a question, a summary, an exercise, the board."""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import *
from nbclient import NotebookClient
from playwright.sync_api import Browser, Locator, Page, expect

from cqrs_demo.lab.progress import Progress
from cqrs_demo.lab.quiz import LETTERS, bank

pytestmark = needs_a_browser

CHOOSE = bank().question("rename-in-many-orders")
NUMBER = next(question for question in bank().questions.values() if question.is_number)
CELLS = (
    f'from cqrs_demo.lab.course import *\npredict("{CHOOSE.name}")',
    f'predict("{NUMBER.name}")',
    'summary("06")',
    'task = exercise("01-say-which-version")\ntask',
    "def change_address(shop, order_id, address):\n"
    '    print("<b>trying</b>")\n    shop.crud.load("orders", order_id)["adress"]\n\n'
    "task.check(change_address)",
    "task.hint()",
    "board()",
    "1 + 1",
)


def notebook() -> nbformat.NotebookNode:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    return book


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("lab")
    nbformat.write(notebook(), home / "lesson.ipynb")
    return home


@pytest.fixture(scope="module")
def lab(home: Path) -> Iterator[str]:
    """Start JupyterLab; return the notebook's address. It runs for longer than any page."""
    with serving_lab(home) as address:
        yield address.format("lesson.ipynb")


def look_at(page: Page, name: str) -> None:
    """See in both themes that axe finds nothing serious in the cards, and take pictures of them."""
    cards = page.locator(".cqrs-ask:not(.cqrs-still *)")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        wear(page, theme)
        found = Axe().run(page, context=".cqrs-ask").response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert not serious, json.dumps(serious, indent=1)[:3_000]
        for width in (900, 1280):
            page.set_viewport_size({"width": width, "height": 1000})
            too_wide = "all => all.filter(e => e.scrollWidth > e.clientWidth).length"
            assert page.locator(".cqrs-ask :is(.card, .wide)").evaluate_all(too_wide) == 0, width
        for n in range(cards.count()):
            take_picture(page, cards.nth(n), f"course-{name}-{n}-{theme.split()[-1].lower()}")


def bet_wrong(page: Page, question: Locator) -> int:
    """Bet with keys alone; see what is said of it; return the bet."""
    wrong = next(n for n, choice in enumerate(CHOOSE.choices) if choice.misconception)
    question.get_by_role("radio").nth(int(CHOOSE.right)).focus()
    page.keyboard.press("b")  # a letter that chooses, and JupyterLab's "insert a cell below"
    page.keyboard.press(LETTERS[wrong].lower())
    expect(question.get_by_role("button")).to_have_text(f"Lock in {LETTERS[wrong]}")
    page.keyboard.press("Enter")
    expect(question).to_contain_text(f"You bet {LETTERS[wrong]}: {CHOOSE.choices[wrong].text}")
    expect(question).to_contain_text(f"It shows {LETTERS[int(CHOOSE.right)]}: ")
    for choice in (wrong, int(CHOOSE.right)):
        expect(question).to_contain_text(CHOOSE.choices[choice].why)
    expect(question.get_by_role("status")).to_contain_text("You bet")
    expect(question.get_by_role("button", name="Answer again")).to_be_focused()
    expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))
    return wrong


def test_a_learner_bets_writes_tries_and_sees_what_came_of_it(
    home: Path, lab: str, page: Page
) -> None:
    run_all_cells(page, lab)
    expect(page.locator(".jp-OutputArea-output").last).to_have_text("2", timeout=40_000)
    asking = page.get_by_label("A question to predict")
    expect(asking).to_have_count(2)
    question, number = asking.nth(0), asking.nth(1)
    expect(question.get_by_role("button")).to_have_text("Choose an answer")
    expect(question.get_by_role("button")).to_be_disabled()
    look_at(page, "asking")

    wrong = bet_wrong(page, question)
    number.get_by_role("spinbutton").fill(f"{NUMBER.right:g}")
    number.get_by_role("button").click()
    expect(number).to_contain_text("Right.")

    summary = page.get_by_label("Summary of lesson 06")
    summary.get_by_role("textbox").fill("It is a <b>trade</b>.\nNothing more.")
    summary.get_by_role("button").click()
    expect(summary.locator(".pair")).to_contain_text("It is a <b>trade</b>.")
    expect(summary.get_by_role("heading", name="Ours", exact=True)).to_be_visible()

    verdict = page.locator(".cqrs-ask", has_text="Not yet")
    expect(verdict).to_contain_text("KeyError: 'adress' at line 3")
    expect(page.locator(".jp-CodeCell").nth(4).locator(".cqrs-explorer")).to_be_visible()
    expect(verdict.locator("pre")).to_have_text("<b>trying</b>\n")

    board = page.get_by_label("Your progress")
    # The cell ran before all this: the board follows.
    expect(board).to_contain_text(f"Beliefs you have bet on: 1 of {len(bank().misconceptions)}")
    expect(board.locator("tr", has_text="06 CRUD versus CQRS")).to_contain_text("✓ written")
    look_at(page, "told")

    with page.expect_download() as download:
        board.get_by_role("button", name="Export").click()
    exported = Progress(Path(download.value.path()))
    assert exported.bets()[CHOOSE.name]["bet"] == wrong
    assert exported.remark == ""
    kept = Progress(home / ".own" / "progress.json")
    assert kept.as_json() == exported.as_json()
    assert kept.summaries() == {"06": "It is a <b>trade</b>.\nNothing more."}
    assert kept.exercises()["01-say-which-version"] == {"passed": False, "tries": 1}

    board.get_by_role("button", name="Reset").click()
    expect(board.get_by_role("button", name="Keep them")).to_be_focused()
    board.get_by_role("button", name="Forget everything").click()
    expect(board).to_contain_text("Beliefs you have bet on: 0 of")
    assert kept.bets() == {}
    expect(page.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)


def test_where_nothing_runs_and_nobody_trusts_the_notebook_the_cards_can_be_read(
    browser: Browser,
) -> None:
    ran = notebook()
    endless = "def change_address(shop, order_id, address):\n    while True:\n        pass\n\n"
    ran.cells[4].source = f"{endless}task.check(change_address)"
    NotebookClient(ran, timeout=60, kernel_name="python3").execute()
    texts = [
        "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)
        for cell in ran.cells
    ]
    assert CHOOSE.text in texts[0] and "C: " in texts[0]
    assert CHOOSE.choices[int(CHOOSE.right)].why not in texts[0]  # it would be given away
    assert "still running after 3.5 seconds at line" in texts[4]
    assert texts[-1] == "2"  # the notebook goes on
    htmls = [output["data"].get("text/html", "") for output in ran.cells[0].outputs]
    page = browser.new_page()
    page.set_content("".join(htmls))
    expect(page.get_by_text(CHOOSE.text)).to_be_visible()
    answer = page.get_by_text(CHOOSE.choices[int(CHOOSE.right)].why)
    expect(answer).to_be_hidden()
    page.get_by_text("Show the answer").click()
    expect(answer).to_be_visible()
    page.close()
