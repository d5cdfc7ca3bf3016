"""The first notebook in a real JupyterLab, driven by a real browser, as a reader would use it."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from test_notebooks import committed

NOTEBOOK = "00_start_here.ipynb"
BROWSER = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)
PATIENCE_SECONDS = 40
SCREENSHOTS = os.environ.get("CQRS_DEMO_SCREENSHOTS")

pytestmark = pytest.mark.skipif(
    BROWSER is None and os.environ.get("CI") != "true",
    reason="no Chromium or Chrome is installed here",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab with nobody's settings but its own; return the notebook's address."""
    home = tmp_path_factory.mktemp("lab")
    (home / NOTEBOOK).write_text(committed(NOTEBOOK), encoding="utf-8")
    token, port = secrets.token_hex(16), free_port()
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        *(f"--ServerApp.root_dir={home}", "--LabApp.news_url="),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    no_news = home / ".own" / "@jupyterlab" / "apputils-extension"
    no_news.mkdir(parents=True)
    (no_news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {name: str(home / ".own" / name) for name in folders}
    own |= {"HOME": str(home / ".own"), "JUPYTERLAB_SETTINGS_DIR": str(home / ".own")}
    server = subprocess.Popen(
        command,
        env={**os.environ, **own},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        wait_until_it_says(server, f"127.0.0.1:{port}/lab")
        yield f"http://127.0.0.1:{port}/lab/tree/{NOTEBOOK}?token={token}&reset"
    finally:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_says(server: "subprocess.Popen[str]", words: str) -> None:
    """Wait until the server writes these words; go on reading, or it would block on a full pipe."""
    lines: list[str] = []
    told = threading.Event()

    def listen() -> None:
        assert server.stderr
        with server.stderr:
            for line in server.stderr:
                lines.append(line)
                if words in line:
                    told.set()
        told.set()  # it has ended

    threading.Thread(target=listen, daemon=True).start()
    assert told.wait(PATIENCE_SECONDS), "".join(lines)
    assert server.poll() is None, "".join(lines)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    switches = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    quiet = "--disable-background-networking --disable-component-update"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=[*switches.split(), *quiet.split()]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page; whatever it logs as an error fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    page.close()
    assert errors == []


def run_all_cells(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".jp-Notebook")
    # Before the kernel is ready, Run All would run the first cell only.
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=40_000)
    choose(page, "Run", "Run All Cells")


def choose(page: Page, *names: str) -> None:
    """Choose from the menu bar."""
    for name in names:
        page.locator(".lm-MenuBar-itemLabel, .lm-Menu-itemLabel").get_by_text(
            name, exact=True
        ).first.click()


def wear(page: Page, theme: str) -> None:
    choose(page, "Settings", "Theme", theme)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)


def take_picture(page: Page, of: Page | Locator, name: str) -> None:
    """Take pictures for a designer's eye, if somebody asked for them: as wide and as a cell."""
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        height = 2200 if isinstance(of, Locator) else 1000  # the whole panel in one picture
        for width in (900, 1280):
            page.set_viewport_size({"width": width, "height": height})
            of.screenshot(path=Path(SCREENSHOTS) / f"{name}-{width}.png")


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
