"""The committed pictures and their page are those that the code draws today."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from cqrs_demo.visuals.diagrams import DIAGRAMS
from cqrs_demo.visuals.files import is_ours
from cqrs_demo.visuals.gallery import GALLERY, drawn, files_of, gallery_page

FOLDER = Path(__file__).parent.parent.parent / "diagrams"
REDRAW = "python -m cqrs_demo diagrams --out diagrams --format svg,png,dot,mermaid --gallery"
ENDINGS = ("svg", "png", "dot", "mmd")


@pytest.fixture(scope="module")
def today():
    return files_of(drawn(), ("svg", "dot", "mermaid"))


def structure(svg):
    """What an SVG is made of: elements, ids and words. Where they stand is Graphviz' business."""
    return [
        (element.tag, element.get("id"), element.get("class"), (element.text or "").strip())
        for element in ElementTree.fromstring(svg).iter()
    ]


def text_of(path):
    return path.read_text(encoding="utf-8").rsplit("\n", 2)[0]  # without the mark


@pytest.mark.parametrize("ending", ["dot", "mmd"])
@pytest.mark.parametrize("name", DIAGRAMS)
def test_dot_and_mermaid_are_as_the_code_writes_them(name, ending, today):
    written = today[f"{name}.{ending}"].decode().rsplit("\n", 2)[0]
    assert text_of(FOLDER / f"{name}.{ending}") == written, f"redraw it: {REDRAW}"


@pytest.mark.parametrize("name", DIAGRAMS)
def test_svgs_are_made_of_what_the_code_draws(name, today):
    found = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert structure(found) == structure(today[f"{name}.svg"]), f"redraw it: {REDRAW}"


def test_the_page_is_as_the_code_writes_it():
    assert text_of(FOLDER / GALLERY) == gallery_page(drawn()).rstrip("\n"), f"redraw it: {REDRAW}"


def test_the_folder_holds_our_files_and_no_others():
    expected = {GALLERY, *(f"{name}.{ending}" for name in DIAGRAMS for ending in ENDINGS)}
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert set(found) == expected
    changed = [name for name, content in found.items() if not is_ours(name, content)]
    assert changed == []


def test_a_picture_keeps_its_size():
    for name in DIAGRAMS:
        png = (FOLDER / f"{name}.png").read_bytes()
        root = ElementTree.fromstring((FOLDER / f"{name}.svg").read_bytes())
        size = [round(float(root.get(x)) * 2) for x in ("width", "height")]
        found = [int.from_bytes(png[n : n + 4], "big") for n in (16, 20)]
        assert all(abs(a - b) <= 2 for a, b in zip(found, size, strict=True)), name
