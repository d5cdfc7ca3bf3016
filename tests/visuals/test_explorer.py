"""The explorer as a widget: what Python sets and reads, and what is seen where no widget runs."""

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from test_pages import CHOICES, HERE, HOSTILE, story

from cqrs_demo import open_shop
from cqrs_demo.domain.commands import CreateUser
from cqrs_demo.visuals import still
from cqrs_demo.visuals.explorer import Explorer
from cqrs_demo.visuals.pages import ASKING, ASKING_STYLES, MODULE, STYLES, lean, module, stylesheet

WIDGET = "application/vnd.jupyter.widget-view+json"


def test_it_holds_the_recording_as_text() -> None:
    explorer = Explorer(story())
    assert json.loads(explorer.recording)["title"] == "A story"
    assert (explorer.step, explorer.quiz, explorer.bets, explorer.unfolded) == (1, True, {}, [])


@pytest.mark.parametrize(("asked", "given"), [(7, 7), (0, 0), (-3, 0), (99, 12)])
def test_a_step_out_of_range_becomes_the_nearest(asked: int, given: int) -> None:
    assert Explorer(story(), step=asked).step == given
    explorer = Explorer(story())
    explorer.step = asked
    assert explorer.step == given


def test_what_the_browser_sends_can_be_read() -> None:
    explorer = Explorer(story(CHOICES), quiz=False)
    seen: list[int] = []
    explorer.observe(lambda change: seen.append(change["new"]), "step")
    explorer.set_state({"step": 4, "bets": {"5": 1}, "unfolded": [8]})
    assert (explorer.step, explorer.bets, explorer.unfolded, seen) == (4, {"5": 1}, [8], [4])


def test_the_module_and_the_stylesheet_are_small() -> None:
    """Bounds for what an explorer is sent as, for that with predictions, and for its sources."""

    def size(modules: tuple[str, ...], styles: tuple[str, ...]) -> int:
        return len(f"{module(*modules)}{stylesheet(*styles)}".encode())

    assert size(MODULE, STYLES) < 60_000
    assert size(MODULE + ASKING, STYLES + ASKING_STYLES) < 65_000
    explorer: Any = Explorer(story())
    assert len(f"{explorer._esm}{explorer._css}".encode()) < 65_000
    assert sum((HERE / name).stat().st_size for name in MODULE + STYLES) < 72_000


@pytest.mark.parametrize("name", [each.name for each in HERE.glob("*.js")])
def test_what_is_sent_lacks_comments_and_idle_spaces_alone(name: str) -> None:
    source = (HERE / name).read_text(encoding="utf-8")
    comments = re.compile(r"(^|[ \t])//([ \t].*)?$", re.MULTILINE)
    bare, sent = re.sub(comments, "", source), lean(source)
    assert re.sub(r"\s", "", sent) == re.sub(r"\s", "", bare)
    assert not comments.search(sent)
    for text in ('"(?:[^"\\\n]|\\\\.)*"', "`[^`\n]*`", r"(?<=[(=,:?&|] )/\S.*?/[gm]*(?=[.,);])"):
        assert re.findall(text, sent) == re.findall(text, bare)


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ('const a = "x = y"; // why', 'const a="x = y";'),
        ("\treturn `${n} : ${word}` + 'b';", "return `${n} : ${word}` + 'b';"),
        ("f(`a ${b ? `c = d` : e} = f`);", "f(`a ${b ? `c = d` : e} = f`);"),
        ("if (/a = b/.test(c)) return;", "if (/a = b/.test(c)) return;"),
        ("const half = (a + b) / 2;", "const half=(a + b)/ 2;"),
        ('// "alone"', ""),
        ('open("http://a // b");', 'open("http://a // b");'),
    ],
)
def test_only_code_gets_lean_and_never_a_text(source: str, sent: str) -> None:
    assert lean(source).strip() == sent


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Explorer], list[dict[str, Any]]]:
    """Display an explorer; return what IPython is asked to show, one bundle an output."""

    def show(explorer: Explorer) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        monkeypatch.setattr(still, "display", lambda bundle, raw: shown.append(bundle))
        explorer._ipython_display_()
        return shown

    return show


def test_behind_the_widget_stand_its_sentences_and_a_picture(displayed: Any) -> None:
    view, beside = displayed(Explorer(story()))
    assert WIDGET in view and WIDGET not in beside
    assert view["text/plain"] == "The explorer: A story"
    assert beside["text/plain"].splitlines()[:2] == [
        "A story (two-stores, 12 steps)",
        "   1. The command, PlaceOrder.",
    ]
    assert "object at 0x" not in str([view, beside])
    picture = beside["text/html"].split("base64,")[1].split('"')[0]
    assert base64.b64decode(picture).startswith(b"<svg")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_picture_s_words_are_no_markup(text: str, displayed: Any) -> None:
    tame, wild = (displayed(Explorer(x))[1]["text/html"] for x in (story(), story(title=text)))
    assert wild.count("<") == tame.count("<")


def test_a_notebook_without_widgets_shows_the_picture_and_the_sentences(displayed: Any) -> None:
    shown = displayed(Explorer(story()))
    outputs = [nbformat.v4.new_output("display_data", data=bundle) for bundle in shown]
    cell = nbformat.v4.new_code_cell("recording", outputs=outputs)
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "<li>The command, PlaceOrder.</li>" in html


def test_a_real_run_opens_in_it() -> None:
    with open_shop("two-stores") as shop, shop.record("Ada arrives") as recording:
        shop.send(CreateUser("ada", "Ada Lovelace", "ada@example.org"))
        shop.deliver()
    explorer = Explorer(recording, step=2)
    assert explorer.step == 2
    assert "Ada arrives" in repr(explorer)


def test_nobody_imports_widgets_without_asking_for_them() -> None:
    code = "import sys, cqrs_demo.visuals.pages; sys.exit('anywidget' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("name", ["explorer", "compare"])
def test_the_modules_pure_parts_pass_their_own_tests(name: str) -> None:
    """Run node's tests; they are skipped where there is no node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node is installed here")
    here = Path(__file__).with_name(f"{name}.test.mjs")
    done = subprocess.run([node, "--test", here], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
