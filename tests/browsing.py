"""A real JupyterLab and a real browser, for tests that look at what a reader sees."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

# The fixtures are not among them: conftest.py has them for all tests.
__all__ = [
    "AS_ROOT",
    "BROWSER",
    "PATIENCE_SECONDS",
    "SCREENSHOTS",
    "choose",
    "free_port",
    "needs_a_browser",
    "run_all_cells",
    "running",
    "serving_lab",
    "take_picture",
    "wait_until_it_says",
    "wear",
]

# The first is the same engine without windows, and needs half the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
PATIENCE_SECONDS = 40
AS_ROOT = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
SCREENSHOTS = os.environ.get("CQRS_DEMO_SCREENSHOTS")

needs_a_browser = pytest.mark.skipif(
    BROWSER is None and os.environ.get("CI") != "true",
    reason="no Chromium or Chrome is installed here",
)


@contextmanager
def serving_lab(home: Path) -> Iterator[str]:
    """Start JupyterLab on a folder, with nobody's settings but its own.

    Gives the address of a notebook, with {} for its name.
    """
    token, port = secrets.token_hex(16), free_port()
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        *(f"--ServerApp.root_dir={home}", "--LabApp.news_url="),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *AS_ROOT,
    ]
    no_news = home / ".own" / "@jupyterlab" / "apputils-extension"
    no_news.mkdir(parents=True)
    (no_news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    with running(command, home, f"127.0.0.1:{port}/lab"):
        yield f"http://127.0.0.1:{port}/lab/tree/{{}}?token={token}&reset"


@contextmanager
def running(command: Sequence[str], home: Path, words: str) -> Iterator[None]:
    """Run a server until the end of the block; go on once it has said these words."""
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {name: str(home / ".own" / name) for name in folders}
    own |= {"HOME": str(home / ".own"), "JUPYTERLAB_SETTINGS_DIR": str(home / ".own")}
    own["CQRS_DEMO_PROGRESS"] = str(home / ".own" / "progress.json")
    server = subprocess.Popen(
        command,
        env={**os.environ, **own},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        wait_until_it_says(server, words)
        yield
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
    told: Queue[bool] = Queue()

    def listen() -> None:
        assert server.stderr
        with server.stderr:
            for line in server.stderr:
                lines.append(line)
                if words in line:
                    told.put(True)
        told.put(False)  # it has ended

    threading.Thread(target=listen, daemon=True).start()
    assert told.get(timeout=PATIENCE_SECONDS), "".join(lines)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if BROWSER is None:
        if os.environ.get("CI") == "true":
            pytest.fail("a browser is promised in CI, and there is none")
        pytest.skip("no Chromium or Chrome is installed here")
    switches = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    quiet = "--disable-background-networking --disable-component-update"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=[*switches.split(), *quiet.split()]
        )
        yield browser
        browser.close()


# What JupyterLab says of its own debugger when a kernel is restarted while it still asks.
OF_JUPYTERLAB = "Could not restore the debugger state"


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Share what the browser keeps: JupyterLab is large, and is the same in every test."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page; whatever it logs as an error fails the test."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    page.close()
    errors = [error for error in errors if not error.startswith(OF_JUPYTERLAB)]
    assert errors == [], errors


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
