"""The sequence of a recording: as Mermaid text, as SVG, as PNG; whatever the recording holds."""

import re
import struct
import warnings
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font
from test_recording import story

from cqrs_demo import CreateUser, GetUserById, InvalidMessage, NotFound, open_shop
from cqrs_demo.recording import Fold, Recording, Step
from cqrs_demo.visuals.drawing.scene import Words
from cqrs_demo.visuals.drawing.text import clean, is_measured, wrapped
from cqrs_demo.visuals.look import KIND_ROLES, MAPS, NEUTRALS, ROLES, THEMES
from cqrs_demo.visuals.sequence import layout, to_mermaid, to_png, to_svg
from cqrs_demo.visuals.sequence.marks import Box, Icon, Line
from cqrs_demo.visuals.sequence.moves import moves
from cqrs_demo.visuals.sequence.text import width

SVG = "{http://www.w3.org/2000/svg}"
LONG = "x" * 1_000
NASTY = [
    'a "quoted" name',
    "it's; done; really",
    "#35; # #quot; #hash",
    "%% a comment %%{init: {'theme': 'forest'}}%%",
    "two\nlines\r\nand a\ttab\u2028and more",
    "end",
    "end\nclient->>read_store: injected",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a<br/>b & c &amp; d",
    "\u202egnirts \u2066turned\u2069 \u200fround\u061c",
    "{ braces } [brackets] (round) @{ type: actor }",
    "wrap: nowrap: title: note over",
    "style: x#35; classDef: y#35;",
    "$$x^2$$ `code` **bold** _it_ ~~no~~",
    "-->> --x ->> -) :: ,, ;;",
    "\ufb02\u00b0\u00b035\u00b6\u00df",
    "nothing\x00here\x07at\x1ball\ufffe\ud800",
    "👩‍🚀 İstanbul 東京 עברית العربية Zoë",
    "Z" + "\u0301" * 50,
    "",
    "   ",
    LONG,
    "word " * 200,
    "W" * 1_000,
    "😀" * 500,
    "---\ntitle: no\n---",
    "participant client as Server",
]


def a_recording(steps, folds=(), title="A title", rung="two-stores"):
    return Recording(title, rung, None, MAPS[rung].as_json(), {}, list(steps), list(folds))


def step(n, kind="command", source="client", target="command_handler", text="text", scene="Scene"):
    return Step(n, scene, kind, source, target, text, f"{text}.")


def nasty_recording(text, rung="two-stores"):
    """Return a recording with a text wherever a text can stand."""
    recording = a_recording(
        [
            step(1, text=text, scene=text),
            step(2, "save", "aggregate", "write_store", text, text),
            step(3, "commit", "write_store", "write_store", text, text),
            step(4, "event", "relay", text, text, "other"),
            step(5, "reject", "command_handler", "client", text, "other"),
            step(6, "fault", "projections", "projections", text, "other"),
        ],
        title=text,
    )
    for node in recording.map["nodes"].values():
        node["label"] = text
    return recording


def every_kind(count=1):
    """Return a recording with each kind of step between all neighbours on the map."""
    ways = [(e.source, e.target) for e in MAPS["two-stores"].edges]
    ways += [(b, a) for a, b in ways] + [("relay", "relay"), ("outbox", "read_store")]
    told = [(kind, *way) for way in ways for kind in KIND_ROLES] * count
    return a_recording(step(n, *way, scene=f"Scene {n // 7}") for n, way in enumerate(told, 1))


# Mermaid


def test_a_small_run_in_mermaid():
    with open_shop("one-database") as shop, shop.record("One user") as recording:
        shop.send(CreateUser("ada", "Ada", "ada@example.org"))
        with pytest.raises(NotFound):
            shop.ask(GetUserById("bob"))
    assert recording.to_mermaid() == to_mermaid(recording) == SMALL


SMALL = """\
sequenceDiagram
    accTitle: One user
    participant client as Client
    participant command_handler as Command handler
    participant query_handler as Query handler
    participant aggregate as Aggregate
    participant write_store as Database
    rect rgba(107, 117, 131, 0.12)
        Note over client,write_store: Create user ada
        client->>command_handler: 1. CreateUser
        command_handler->>aggregate: 2. create
        aggregate->>write_store: 3. user ada
        Note over write_store: 4. commit
        command_handler-->>client: 5. nothing
    end
    rect rgba(107, 117, 131, 0.12)
        Note over client,write_store: Ask#58; get user by id bob
        client->>query_handler: 6. GetUserById
        write_store->>query_handler: 7. rows
        query_handler-xclient: 8. NotFound
    end
"""


def test_a_delivery_is_one_message_until_it_is_unfolded():
    recording = story("two-stores")
    (fold,) = recording.folds
    folded, unfolded = to_mermaid(recording), to_mermaid(recording, unfold=True)
    assert f"outbox--)read_store: {fold.first}–{fold.last}. {fold.name}" in folded
    assert "participant event_bus" not in folded
    assert f"outbox--)relay: {fold.first}. {fold.name}" in unfolded
    assert "relay--)event_bus" in unfolded
    assert "projections--)read_store" in unfolded
    for told, shown in ((folded, moves(recording)), (unfolded, recording.steps)):
        assert len(re.findall(r"(?m): \d+(?:–\d+)?\. ", told)) == len(shown)


def test_nobody_waits_for_a_delivery_even_if_it_fails():
    steps = [step(1, "load", "outbox", "relay"), step(2, "fault", "projections", "projections")]
    told = ("1 event", "fault", "outbox", "read_store", "Deliver", "One stopped.")
    recording = a_recording(steps, [Fold(1, 2, *told)])
    assert "outbox--xread_store: 1–2. 1 event" in to_mermaid(recording)
    assert not moves(recording)[0].waits


def test_every_step_is_shown_once(rung):
    recording = story(rung)
    shown = moves(recording)
    covered = [n for move in shown for n in range(move.first, move.last + 1)]
    assert covered == [step.n for step in recording.steps]
    assert [m.first for m in moves(recording, unfold=True)] == covered
    assert len(recording.folds) == sum(move.is_fold for move in shown)


@pytest.mark.parametrize(
    ("kind", "source", "target", "arrow"),
    [
        ("command", "client", "command_handler", "client->>command_handler"),
        ("load", "write_store", "aggregate", "write_store->>aggregate"),
        ("accept", "command_handler", "client", "command_handler-->>client"),
        ("answer", "query_handler", "client", "query_handler-->>client"),
        ("reject", "command_handler", "client", "command_handler-xclient"),
        ("load", "outbox", "relay", "outbox--)relay"),
        ("event", "outbox", "projections", "outbox--)projections"),
        ("save", "projections", "read_store", "projections--)read_store"),
        ("load", "read_store", "client", "read_store->>client"),
        ("commit", "write_store", "write_store", "Note over write_store"),
        ("rollback", "write_store", "write_store", "Note over write_store"),
        ("fault", "projections", "projections", "Note over projections"),
    ],
)
def test_arrows_tell_who_waits(kind, source, target, arrow):
    told = to_mermaid(a_recording([step(1, kind, source, target)]))
    assert f"        {arrow}: 1. text\n" in told


@pytest.mark.parametrize("text", NASTY)
def test_no_text_breaks_out_of_its_place_in_mermaid(text):
    form = re.compile(
        r"sequenceDiagram|    end|    rect rgba\([\d, .]+\)"
        r"|    accTitle: (?P<a>.*)|    participant \w+ as (?P<b>.*)"
        r"| +Note over \w+(,\w+)?: (?P<c>.*)| +\w+(->>|-->>|--\)|--?x)\w+: (?P<d>.*)"
    )
    lines = to_mermaid(nasty_recording(text)).splitlines()
    harmless = to_mermaid(nasty_recording("harmless")).splitlines()
    assert len(lines) == len(harmless)
    for line in lines:
        match = form.fullmatch(line)
        assert match, line
        for told in filter(None, match.groupdict().values()):
            left = re.sub(r"#\d+;|<br/>", "", told)
            assert all(letter.isalnum() or letter in " .,()/_-–…·" for letter in left), line


def test_a_recording_too_long_for_mermaid_says_so():
    told = to_mermaid(every_kind(20))
    assert len(told) < 50_000
    assert re.search(r"the steps from \d+ on", told.replace("<br/>", " "))


def test_the_real_mermaid_draws_every_rung(mermaid, rung):
    recording = story(rung)
    for unfold in (False, True):
        shown = moves(recording, unfold)
        drawn = mermaid(to_mermaid(recording, unfold))
        assert drawn.arrows == sum(not move.stays for move in shown)
        for move in shown:
            assert any(t.startswith(f"{move.number}. {move.name[:8]}") for t in drawn.texts)


@pytest.mark.parametrize("text", NASTY)
def test_the_real_mermaid_shows_any_text_as_it_is(mermaid, text):
    recording = nasty_recording(text)
    drawn = mermaid(to_mermaid(recording))
    assert drawn.arrows == 4
    if text.strip():
        lines = wrapped(clean(f"2. {text}"), 30, 1.6, most_lines=3)
        for line in lines:
            assert line in [told.strip() for told in drawn.texts]


def test_the_real_mermaid_draws_every_kind_nothing_and_too_much(mermaid):
    assert mermaid(to_mermaid(every_kind())).arrows > 100
    assert "no steps yet" in mermaid(to_mermaid(a_recording([]))).texts
    assert mermaid(to_mermaid(every_kind(20))).arrows > 300


# SVG


def parsed(svg):
    return ElementTree.fromstring(svg.encode("utf-8"))


@pytest.mark.parametrize("theme", THEMES)
def test_the_picture_says_what_it_shows_to_those_who_cannot_see_it(rung, theme):
    recording = story(rung)
    root = parsed(to_svg(recording, theme))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert title.text == recording.title
    assert f"{len(recording.steps)} steps" in description.text
    for move in moves(recording):
        assert f"{move.number}. {move.note}" in description.text


def test_two_pictures_on_one_page_do_not_share_ids():
    drawn = [to_svg(story(r), theme) for r in ("crud", "two-stores") for theme in THEMES]
    names = [parsed(svg).get("aria-labelledby") for svg in drawn]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("theme", THEMES)
def test_the_same_run_gives_the_same_picture(rung, theme):
    assert to_svg(story(rung), theme) == to_svg(story(rung), theme)
    assert story(rung).to_svg(theme) == to_svg(story(rung), theme)


@pytest.mark.parametrize("theme", THEMES)
def test_the_picture_has_its_own_ground_and_no_colours_but_those_of_the_look(theme):
    svg = to_svg(every_kind(), theme)
    n = 1 if theme == "dark" else 0
    known = {both[n] for both in NEUTRALS.values()} | {c for r in ROLES.values() for c in r[n]}
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", svg)) <= known | {"#FFFFFF"}
    root = parsed(svg)
    ground = root.find(f"{SVG}rect")
    page = "#FFFFFF" if theme == "print" else NEUTRALS["page"][n]
    assert ground.get("fill") == page
    assert (ground.get("width"), ground.get("height")) == (root.get("width"), root.get("height"))


def test_print_wastes_no_ink_on_tints():
    root = parsed(to_svg(every_kind(), "print"))
    lines = {tones.light.line for tones in ROLES.values()} | {NEUTRALS["ink"][0]}
    shapes = {e.get("fill") for tag in ("rect", "path") for e in root.iter(f"{SVG}{tag}")}
    assert shapes <= {"#FFFFFF", "none"} | lines


@pytest.mark.parametrize("draw", [to_svg, to_png])
def test_an_unknown_theme_is_refused(draw):
    with pytest.raises(InvalidMessage, match="theme: must be one of light, dark, print"):
        draw(story("crud"), "pink")


def test_a_recording_without_steps_gives_a_friendly_picture(rung):
    with open_shop(rung) as shop, shop.record("Nothing") as recording:
        pass
    for theme in THEMES:
        svg = to_svg(recording, theme)
        parsed(svg)
        assert "Nothing has happened yet" in svg
    assert to_png(recording)
    assert to_mermaid(recording).startswith("sequenceDiagram")
    bare = Recording("", "crud", None, {"nodes": {}, "edges": []}, {})
    assert "A recording" in to_svg(bare)
    assert to_png(bare)


def test_solid_where_the_caller_waits_and_dashed_where_nobody_does():
    def dashed(*way):
        picture = layout(a_recording([step(1, *way)]))
        roles = {f"{role} line" for role in ROLES}
        return any(isinstance(m, Line) and m.dashed and m.tone in roles for m in picture.marks)

    assert not dashed("command", "client", "command_handler")
    assert not dashed("accept", "command_handler", "client")
    assert not dashed("load", "read_store", "query_handler")
    assert dashed("load", "outbox", "relay")
    assert dashed("event", "relay", "event_bus")
    assert dashed("save", "projections", "read_store")


def test_the_picture_shows_each_move_with_its_number_name_and_sentence(rung):
    recording = story(rung)
    written = [mark for mark in layout(recording).marks if isinstance(mark, Words)]
    texts = [mark.text for mark in written]
    told = " ".join(texts)
    for move in moves(recording):
        assert move.name in texts
        assert (f"{move.first}–" if move.is_fold else str(move.first)) in texts
        assert move.note in told
    scenes = {move.scene for move in moves(recording)}
    assert scenes <= {mark.text for mark in written if mark.font == "bold"}


def nothing_sticks_out_or_overlaps(picture):
    """See that all marks lie within the picture, and that no two texts overlap."""
    texts = []
    for mark in picture.marks:
        if isinstance(mark, Words):
            wide = width(mark.text, mark.size, mark.font)
            left = mark.x - wide / 2 if mark.anchor == "middle" else mark.x
            corners = (left, mark.y - 0.93 * mark.size, left + wide, mark.y + 0.24 * mark.size)
            texts.append((mark.y, corners, mark.text))
        elif isinstance(mark, Box):
            corners = (mark.x, mark.y, mark.x + mark.w, mark.y + mark.h)
        elif isinstance(mark, Icon):
            across, down = mark.w / 2, mark.h / 2
            corners = (mark.x - across, mark.y - down, mark.x + across, mark.y + down)
        else:
            xs, ys = zip(*mark.points, strict=True)
            corners = (min(xs), min(ys), max(xs), max(ys))
        assert corners[0] >= 0, mark
        assert corners[1] >= 0, mark
        assert corners[2] <= picture.width, mark
        assert corners[3] <= picture.height, mark
    texts.sort()
    for n, (y, one, text) in enumerate(texts):
        for other_y, other, other_text in texts[n + 1 :]:
            if other_y - y > 30:
                break
            apart = one[2] <= other[0] + 0.1 or other[2] <= one[0] + 0.1
            apart = apart or one[3] <= other[1] + 0.1 or other[3] <= one[1] + 0.1
            assert apart, (text, other_text)


def test_nothing_sticks_out_or_overlaps(rung):
    picture = layout(story(rung))
    assert 900 <= picture.width <= 920
    nothing_sticks_out_or_overlaps(picture)


@pytest.mark.parametrize("text", NASTY)
def test_no_text_sticks_out_or_overlaps(text):
    nothing_sticks_out_or_overlaps(layout(nasty_recording(text)))
    for theme in THEMES:
        root = parsed(to_svg(nasty_recording(text), theme))
        assert {e.tag.removeprefix(SVG) for e in root.iter()} == (
            {"svg", "title", "desc", "rect", "path", "text"}
        )


def test_every_kind_of_step_everywhere_fits():
    nothing_sticks_out_or_overlaps(layout(every_kind()))


texts = st.text(max_size=200) | st.sampled_from(NASTY)
sites = st.sampled_from([*MAPS["two-stores"].places, "elsewhere"])


@st.composite
def recordings(draw):
    """Make recordings that nobody has run: any text, any way, folds anywhere."""
    kinds = st.sampled_from(list(KIND_ROLES))
    count = draw(st.integers(0, 50))
    steps = [
        Step(n, draw(texts), draw(kinds), draw(sites), draw(sites), draw(texts), draw(texts))
        for n in range(1, count + 1)
    ]
    folds = []
    for first in range(1, count, 9):
        if draw(st.booleans()):
            last = min(first + draw(st.integers(0, 8)), count)
            told = (draw(texts), "event", draw(sites), draw(sites), draw(texts), draw(texts))
            folds.append(Fold(first, last, *told))
    recording = a_recording(steps, folds, draw(texts))
    for node in recording.map["nodes"].values():
        if draw(st.booleans()):
            node["label"] = draw(texts)
    return recording


@given(recordings())
@settings(max_examples=40, deadline=None)
def test_any_recording_can_be_drawn(recording):
    nothing_sticks_out_or_overlaps(layout(recording))
    parsed(to_svg(recording))
    to_mermaid(recording).encode("utf-8")


def test_in_a_browser_no_text_is_wider_than_the_layout_thought(page):
    """With DejaVu Sans, the widest of the usual fonts, if the machine has it."""
    for text in ["Mm WW %% @@ " * 20, *NASTY]:
        recording = nasty_recording(text)
        svg = to_svg(recording).replace("Segoe UI", "DejaVu Sans")
        page.set_content(f"<body style='margin:0'>{svg}")
        wide = page.eval_on_selector_all(
            "svg text", "all => all.map((each) => each.getComputedTextLength())"
        )
        words = [mark for mark in layout(recording).marks if isinstance(mark, Words)]
        for mark, real in zip(words, wide, strict=True):
            assert real <= width(mark.text, mark.size, mark.font) + 0.5, mark


# PNG


def test_the_png_shows_the_same_picture_twice_as_sharp(rung):
    recording = story(rung)
    png, picture = to_png(recording), layout(recording)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", png[16:24])
    assert abs(wide - 2 * picture.width) <= 2
    assert abs(high - 2 * picture.height) <= 2
    assert png == to_png(recording)
    assert png != to_png(recording, "dark")


def test_no_text_upsets_the_png():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in NASTY:
            assert to_png(nasty_recording(text))


def test_a_very_long_png_is_less_sharp():
    png = to_png(every_kind(2))
    wide, high = struct.unpack(">II", png[16:24])
    assert high < 2**16
    assert wide * high < 80_000_000


# Text


@pytest.mark.parametrize(("name", "kind"), [("DejaVuSans", "regular"), ("DejaVuSans-Bold", "bold")])
def test_widths_are_at_least_those_of_dejavu_sans(name, kind):
    font = FT2Font(f"{get_data_path()}/fonts/ttf/{name}.ttf")
    font.set_size(1_000, 72)
    letters = [letter for letter in map(chr, range(0x20, 0x3000)) if letter.isprintable()]
    for letter in filter(is_measured, letters):
        if font.get_char_index(ord(letter)):
            real = font.load_char(ord(letter)).linearHoriAdvance / 65_536 / 1_000
            assert width(letter, 1, kind) >= real, letter
