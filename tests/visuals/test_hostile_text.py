"""Names from data never become syntax: not in SVG, DOT, HTML-like labels, Mermaid or Markdown."""

import json
import re
from xml.etree import ElementTree

import pytest

from cqrs_demo import PROJECTIONS, UserCreated, open_shop
from cqrs_demo.visuals.diagram import Diagram
from cqrs_demo.visuals.diagrams import event_map, one_event, stores
from cqrs_demo.visuals.drawing import engine
from cqrs_demo.visuals.drawing.scene import Area, Link, Node, Scene, Words
from cqrs_demo.visuals.drawing.text import clean
from cqrs_demo.visuals.gallery import HEAD, gallery_page

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = {
    "quotes": "say \"no\" and 'yes'",
    "markup": "<b>bold</b><script>alert(1)</script>",
    "ampersand": "salt & pepper &amp; &#60; &lt;",
    "bars": "a|b|{c}|[d]|(e)",
    "braces": "{{x}} }} ]] )) -->",
    "backslashes": "C:\\new\\temp \\N \\G \\l \\",
    "newlines": "one\ntwo\r\nthree",
    "html label": "<<table><tr><td>x</td></tr></table>>",
    "entity": "#quot; #35; #lt;",
    "directive": "%%{init: {'theme': 'dark'}}%%",
    "style": "style x fill:#f00; classDef a:#b;",
    "end": "end",
    "markdown": "`**bold**` 1. list ![x](y)",
    "emoji": "🚚 order 👩\u200d💻",
    "right to left": "הזמנה של עדה",
    "arabic": "طلب جديد",
    "chinese": "订单已下",
    "control": "a\x00b\x1bc\u202ed\ufeff\ud800",
    "long": "AVeryLongNameIndeed" * 12,
    "long word": "x" * 300,
    "empty": "",
    "click": 'click a call alert() "x"',
}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def text(request):
    return request.param


def diagram_of(text):
    nodes = (
        Node("a", text, "command", "tag", 80, 40, 140, 56, sub=text, tip=text),
        Node(
            "b", "card", "read", "page", 300, 60, 180, 76, sub=text, rows=((text, text), ("x", ""))
        ),
    )
    links = (Link("a", "b", "M 150 40 H 208", label=text, at=(180, 30)),)
    areas = (Area(text, text, "event", 0, 0, 420, 120, holds=("a", "b")),)
    scene = Scene(420, 130, nodes, links, areas, (Words(text, 10, 120),))
    return Diagram("hostile", text or "x", text or "x", text or "x", scene)


def test_svg_stays_well_formed_and_holds_no_element_of_theirs(text):
    root = ElementTree.fromstring(diagram_of(text).svg)
    ours = {
        "svg",
        "title",
        "desc",
        "defs",
        "marker",
        "path",
        "pattern",
        "rect",
        "g",
        "text",
        "tspan",
    }
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ours
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)


def test_dot_has_the_same_two_nodes_and_one_edge_in_the_engine(text):
    diagram = diagram_of(text)
    for dot in (diagram.dot, diagram.themed("dark").dot):
        drawn = engine.run(engine.engine(), dot, "-Tjson").decode()
        plan = json.loads(drawn)
        assert {x["name"] for x in plan["objects"]} == {"area0", "a", "b"}
        assert len(plan["edges"]) == 1
    svg = engine.run(engine.engine(), diagram.dot, "-Tsvg").decode()
    assert "<script" not in svg
    assert "<b>" not in svg


def test_a_layout_by_graphviz_takes_it(text):
    scene = Scene(0, 0, (Node("a", text), Node("b", text)), (Link("a", "b", "", label=text),))
    arranged = engine.arranged(scene)
    assert arranged.node("a").x < arranged.node("b").x


def test_mermaid_shows_it_as_text_and_nothing_else(text, mermaid):
    drawn = mermaid(diagram_of(text).mermaid)
    assert drawn.svg.count('class="node ') == 2
    assert clean(text) in "\n".join(drawn.texts).replace("\xa0", " ")


def test_the_image_in_a_notebook_cannot_be_broken_out_of(text):
    assert diagram_of(text)._repr_html_().count("<") == 5


def test_the_gallery_shows_it_as_text(text):
    """In Markdown, outside of code, no sign of theirs may begin markup."""
    page = gallery_page([diagram_of(text)])
    prose = re.sub(r"`[^`\n]*`", "", page[len(HEAD) :])
    assert not re.search(r"(?<!\\)<(?!https?:)", prose)
    assert prose.count("![") - prose.count("\\![") == 1


def test_a_projection_with_a_hostile_document_is_drawn(mermaid):
    def project(docs, recorded):
        docs.put("k", {text: text for text in HOSTILE.values() if "\ud800" not in text})

    mine = {**PROJECTIONS, "mine": {UserCreated: project}}
    with open_shop("two-stores", projections=mine) as shop:
        diagram = stores(shop)
    ElementTree.fromstring(diagram.svg)
    engine.run(engine.engine(), diagram.dot, "-Tsvg")
    mermaid(diagram.mermaid)


@pytest.mark.parametrize("draw", [event_map, one_event, stores])
def test_handlers_may_have_any_name(draw, mermaid):
    kinds = [
        type(name, (UserCreated,), {"__module__": __name__}) for name in ("Größe", "שלום", "名")
    ]
    mine = {**PROJECTIONS, "mine": dict.fromkeys(kinds, lambda docs, recorded: None)}
    with open_shop("two-stores", projections=mine) as shop:
        diagram = draw(shop)
    ElementTree.fromstring(diagram.svg)
    engine.run(engine.engine(), diagram.dot, "-Tsvg")
    mermaid(diagram.mermaid)
