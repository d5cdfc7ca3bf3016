"""Mermaid itself, in a real browser: its parser is the only one that knows what it understands."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser

MERMAID = Path(__file__).parent / "node/node_modules/mermaid/dist/mermaid.min.js"
DRAW = """async (text) => {
    await mermaid.parse(text);
    const out = document.querySelector("#out");
    window.alert = () => { throw new Error("a script ran") };
    const {svg} = await mermaid.render("drawing", text);
    out.innerHTML = svg;
    if (out.querySelector("script, img")) throw new Error("markup came through");
    const texts = [...out.querySelectorAll("text, .nodeLabel, .edgeLabel")];
    const arrows = out.querySelectorAll(".messageLine0, .messageLine1").length;
    return [svg, texts.map((t) => t.textContent), arrows];
}"""


class Drawn(NamedTuple):
    """What Mermaid made of a text: an SVG, the words one sees, and the arrows of a sequence."""

    svg: str
    texts: list[str]
    arrows: int


@pytest.fixture(scope="module")
def mermaid(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Drawn]]:
    """A function that draws; it raises the parser's error for what Mermaid does not understand."""
    if not MERMAID.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Mermaid is promised in CI, and {MERMAID} is missing")
        pytest.skip("Mermaid is not installed: npm ci --prefix tests/node")
    browser: Browser = request.getfixturevalue("browser")
    page = browser.new_page()
    page.route("**/*", lambda route: route.abort())  # nothing comes from outside
    page.set_content("<div id='out'></div>")
    page.add_script_tag(path=MERMAID)
    page.evaluate("mermaid.initialize({startOnLoad: false, securityLevel: 'strict'})")
    yield lambda text: Drawn(*page.evaluate(DRAW, text))
    page.close()
