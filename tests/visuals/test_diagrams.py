"""Every diagram, in every theme: well made, described, and with nothing out of place."""

import re
import subprocess
from xml.etree import ElementTree

import pytest

from cqrs_demo import ShopError, open_shop
from cqrs_demo.visuals.diagrams import DIAGRAMS, one_glance, rung
from cqrs_demo.visuals.drawing import engine
from cqrs_demo.visuals.drawing.places import fitted
from cqrs_demo.visuals.drawing.scene import MARGIN
from cqrs_demo.visuals.drawing.text import width
from cqrs_demo.visuals.look import MAPS, THEMES

SVG = "{http://www.w3.org/2000/svg}"
WHOLE_RUNGS = {"crud-beside-cqrs", "ladder", "flow", "event-map"} | {f"rung-{r}" for r in MAPS}


@pytest.fixture(scope="module")
def diagrams():
    return {name: draw() for name, draw in DIAGRAMS.items()}


@pytest.fixture(params=DIAGRAMS)
def diagram(request, diagrams):
    return diagrams[request.param]


@pytest.fixture(params=THEMES)
def tree(request, diagram):
    return ElementTree.fromstring(diagram.themed(request.param).svg)


def test_it_has_a_name_a_title_a_question_and_words_for_who_cannot_see(diagram):
    assert DIAGRAMS[diagram.name]
    assert diagram.title
    assert diagram.caption.endswith("?")
    assert len(diagram.alt) > 60


def test_the_svg_has_a_title_and_a_description_at_its_root(tree, diagram):
    title, description = tree[0], tree[1]
    assert (title.tag, title.text) == (f"{SVG}title", diagram.title)
    assert (description.tag, description.text) == (f"{SVG}desc", diagram.alt)
    assert tree.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert tree.get("role") == "img"


def test_the_question_stands_in_the_picture(tree, diagram):
    assert diagram.caption in [text.text for text in tree.iter(f"{SVG}text")]


def test_every_id_is_used_once_and_every_reference_leads_somewhere(tree):
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    links = [id for id in ids if "-arrow-" not in id]
    assert len(links) == len(set(links)), sorted(id for id in links if links.count(id) > 1)
    used = set(re.findall(r"url\(#([^)]+)\)", ElementTree.tostring(tree, encoding="unicode")))
    assert used <= set(ids)


def test_every_place_and_line_is_drawn(tree, diagram):
    drawn = {group.get("id") for group in tree.iter(f"{SVG}g")}
    for node in diagram.scene.nodes:
        assert f"{diagram.name}-{node.id}" in drawn
    for link in diagram.scene.links:
        assert link.quiet or f"{diagram.name}-{link.source}-{link.target}" in drawn


def test_at_most_nine_places_unless_it_is_a_whole_rung(diagram):
    if diagram.name not in WHOLE_RUNGS:
        assert sum(not node.quiet for node in diagram.scene.all_nodes()) <= 9


def test_all_stands_within_the_picture(diagram):
    scene = diagram.scene
    for node in scene.nodes:
        assert node.x - node.w / 2 > -MARGIN
        assert node.x + node.w / 2 < scene.width + MARGIN
        assert node.y - node.h / 2 > -MARGIN
        assert node.y + node.h / 2 < scene.height + MARGIN
    for words in scene.words:
        room = width(words.text, words.size, words.font)
        left = words.x - {"start": 0, "middle": 0.5, "end": 1}[words.anchor] * room
        assert left > -MARGIN, words
        assert left + room < scene.width + MARGIN, words


def test_no_label_is_cut_or_broken_within_a_word(diagram):
    for node in diagram.scene.all_nodes():
        size, lines = fitted(node)
        assert "…" not in "".join(lines), node.label
        assert size >= 11.5
        if not node.rows:
            assert " ".join(lines).replace("_ ", "_").replace(" ", "") == node.label.replace(
                " ", ""
            )


def test_no_two_places_overlap(diagram):
    places = [node for node in diagram.scene.nodes if not node.quiet]
    for n, one in enumerate(places):
        for other in places[n + 1 :]:
            apart_x = abs(one.x - other.x) >= (one.w + other.w) / 2
            apart_y = abs(one.y - other.y) >= (one.h + other.h) / 2
            assert apart_x or apart_y, (one.id, other.id)


def test_dot_is_drawn_by_every_engine_there_is(diagram):
    programs = {engine.engine(), *filter(None, [engine.shutil.which("dot")])}
    for program in programs:
        drawn = engine.run(program, diagram.dot, "-Tsvg").decode()
        root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", drawn))
        titles = [title.text for title in root.iter(f"{SVG}title")]
        assert diagram.name in titles
        for node in diagram.scene.nodes:
            assert node.quiet or node.id in titles


def test_all_words_have_room_when_graphviz_draws_them(diagram, tmp_path):
    """It warns of labels that stick out of their places, at every size of ours."""
    if not (dot := engine.shutil.which("dot")):
        pytest.skip("Graphviz is not installed")
    (tmp_path / "a.dot").write_text(diagram.dot)
    done = subprocess.run([dot, "-Tsvg", "a.dot"], cwd=tmp_path, capture_output=True, check=True)
    assert "too small" not in done.stderr.decode()


def test_a_diagram_is_the_same_each_time(diagram):
    again = DIAGRAMS[diagram.name]()
    assert (again.svg, again.dot, again.mermaid) == (diagram.svg, diagram.dot, diagram.mermaid)


def test_a_png_is_twice_as_large_as_the_svg_and_the_same_each_time(diagrams):
    diagram = diagrams["one-glance"]
    wide, high = (
        round(float(ElementTree.fromstring(diagram.svg).get(x))) for x in ("width", "height")
    )
    assert diagram.png[:8] == b"\x89PNG\r\n\x1a\n"
    size = [int.from_bytes(diagram.png[n : n + 4], "big") for n in (16, 20)]
    assert size == [2 * wide, 2 * high]
    assert diagram.png == diagram.png


def test_notebooks_show_an_image_with_its_words_trusted_or_not(diagrams):
    html = diagrams["when"]._repr_html_()
    assert re.match(r'<figure [^>]*><img alt="[^"]+" src="data:image/svg\+xml;base64,', html)
    assert "<script" not in html
    assert "Which rung is enough?" not in repr(diagrams["one-glance"])
    assert diagrams["when"].alt in repr(diagrams["when"])


def test_an_unknown_theme_names_those_that_exist(diagrams):
    with pytest.raises(ShopError, match="there is no theme 'sepia'; there are light, dark, print"):
        diagrams["when"].themed("sepia")


def test_what_rungs_share_stands_in_the_same_place_on_every_map():
    seen = {}
    for architecture in MAPS:
        with open_shop(architecture) as shop:
            for diagram in (rung(shop), one_glance(shop)):
                for node in diagram.scene.nodes:
                    assert seen.setdefault(node.id, (node.x, node.y)) == (node.x, node.y)


def test_without_any_engine_the_error_says_what_to_install_and_text_is_still_given(monkeypatch):
    engine.engine.cache_clear()
    monkeypatch.setattr(engine.sysconfig, "get_path", lambda name: "/nowhere")
    monkeypatch.setattr(engine.shutil, "which", lambda name: None)
    try:
        diagram = DIAGRAMS["life-cycle"]()
        with pytest.raises(ShopError, match="pip install graphviz-pure"):
            diagram.svg
        assert "PlaceOrder" in diagram.dot
        assert "PlaceOrder" in diagram.mermaid
    finally:
        engine.engine.cache_clear()


def test_an_engine_that_cannot_run_gives_way_to_the_next(monkeypatch, tmp_path):
    ours = engine.engine()
    broken = tmp_path / "graphviz-pure"
    broken.write_text("no program")
    engine.engine.cache_clear()
    monkeypatch.setattr(engine.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(engine.shutil, "which", {"graphviz-pure": None, "dot": ours}.get)
    try:
        assert engine.engine() == ours
    finally:
        engine.engine.cache_clear()
