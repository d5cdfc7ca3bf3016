"""A recording as one self-contained page: it opens from a file, offline, and needs no notebook."""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from .look import CODE_FONT, FONT, NEUTRALS, ROLES

HERE = Path(__file__).parent
# What an explorer consists of, and what comes with it where a recording asks questions.
MODULE, STYLES = ("stage.js", "explorer.js"), ("explorer.css",)
ASKING, ASKING_STYLES = ("predict.js",), ("predict.css",)
# Whatever a payload holds, the page can neither load nor send anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
TEXTS = re.compile(r'("(?:\\.|[^"\\])*"|`(?:[^`$]|\$(?!\{)|\$\{[^`{}]*\})*`)')  # in our modules
COMMENTS = re.compile(rf"{TEXTS.pattern}|(?:^|\s)//(?:\s.*)?$")  # or a text that looks like one

# A page has no kernel: the least that a view needs of a model. The address holds the step: #step=7,
# or #scene=3 for the first step of a scene; in #scene=3&step=7 the step decides.
HOST = """
const calls = {};
const data = document.getElementById("recording").textContent;
const traits = { TRAITS, alone: true, quiz: QUIZ };
const model = {
	get: (name) => traits[name],
	set(name, value) {
		traits[name] = value;
		try {
			if (name === "step") window.history.replaceState(null, "", `#step=${value}`);
		} catch { /* browsers refuse when it changes too often: the next step writes it again */ }
	},
	on: (name, call) => { calls[name] = call; },
	off: (name) => delete calls[name],
	save_changes() {},
};
const readAddress = () => {
	const address = new URLSearchParams(location.hash.slice(1));
	const number = (name) => (/^\\d+$/.test(address.get(name)) ? Number(address.get(name)) : null);
	const [scene, step] = [number("scene"), number("step")];
	if ((scene ?? step) !== null) [traits.scene, traits.step] = [scene, step];
	calls["change:step"]?.();
};
readAddress();
addEventListener("hashchange", readAddress);
RENDER({ model, el: document.getElementById("explorer") });
"""

# On paper a page is a storyboard: every displayed step as a small map, its sentence, its changes.
STORYBOARD = """
function drawStoryboard() {
	const { recording } = readRecording(data);
	if (!recording || document.querySelector("figure")) return;
	const at = history(recording);
	document.querySelector(".board").append(...displayed(recording).slice(0, 200).map((item) => {
		const { role, title } = looks(item), [before, after] = [at(item.first - 1), at(item.last)];
		const map = recording.map && drawMap(recording, `paper-${item.n}`);
		map?.show(item, [])?.move(1);
		map?.land(item, before, after, item.pending);
		const span = `${item.first < item.last ? `${item.first}–` : ""}${item.n}`;
		const caption = h("figcaption", h("b", `${span}. ${title}`), ` ${item.note}`);
		const changed = h("ul", linesOf(changedLines(before, after)));
		return h(`figure.${role}`, map?.svg, caption, changed);
	}));
}
const paper = matchMedia("print");
addEventListener("beforeprint", drawStoryboard);
paper.addEventListener("change", () => paper.matches && drawStoryboard());
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ margin: 0; background: light-dark({page_colours}) }}
noscript {{ font: 16px/1.5 sans-serif }}
.board.board {{ display: none }}
{css}
@media print {{
:root, .board {{ color-scheme: light !important }}
body {{ background: none }}
body:has(figure) #explorer {{ display: none }}
.board.board:has(figure) {{
  display: grid; grid-template-columns: 1fr 1fr; gap: 12px; background: none
}}
.board h2 {{ grid-column: 1 / -1 }}
.board figure {{
  padding: 8px; border: 1px solid var(--rule); border-left: 4px solid var(--l); border-radius: 6px;
  break-inside: avoid; print-color-adjust: exact; font-size: 12px
}}
}}
</style>
</head>
<body>
<main id="explorer"></main>
<div class="cqrs-explorer board"><h2>{title}</h2></div>
<noscript><h1>{title}</h1>
<ol>
{sentences}
</ol></noscript>
<script type="application/json" id="recording">{recording}</script>
<script type="module">
{module}
{host}</script>
</body>
</html>
"""


def page(recording: Any, quiz: bool = False) -> str:
    """Return the page that shows this recording; with `quiz`, questions cannot be skipped."""
    text = recording.to_json()
    data = json.loads(text)
    return filled_page(
        title=str(data.get("title") or "A recorded run"),
        sentences=sentences(data),
        css=stylesheet(*STYLES, *(ASKING_STYLES if asks(data) else ())),
        module=module(*MODULE, *(ASKING if asks(data) else ())),
        host=host("recording: data", "explorer.render", quiz) + STORYBOARD,
        recording=text,
    )


def filled_page(
    title: str, sentences: list[str], css: str, module: str, host: str, recording: str
) -> str:
    """Return a page of these parts; `title`, `sentences` and `recording` may hold anything."""
    return PAGE.format(
        policy=POLICY,
        page_colours=", ".join(NEUTRALS["page"]),
        title=escape(title),
        sentences="\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences),
        css=css,
        module=module,
        host=host,
        recording=inert(recording),
    )


def host(traits: str, render: str, quiz: bool) -> str:
    """Return the script that has a page's module show what the page holds."""
    return (
        HOST.replace("TRAITS", traits)
        .replace("RENDER", render)
        .replace("QUIZ", "true" if quiz else "false")
    )


def module(*names: str) -> str:
    """Return one lean ES module of several files; what they share with each other is all there."""
    sources = [(HERE / name).read_text(encoding="utf-8") for name in names]
    shared = re.compile(r'^import {[^}]*} from "\./.*";\n|^export ', re.MULTILINE)
    return "".join(lean(shared.sub("", source)) for source in sources)


def stylesheet(*names: str, scope: str = ".cqrs-explorer") -> str:
    """Return one stylesheet of several files, after the project's colours and fonts."""
    sources = [(HERE / name).read_text(encoding="utf-8") for name in names]
    lines = re.sub(r"/\*.*?\*/", "", "\n".join(sources), flags=re.DOTALL).splitlines()
    return colours(scope) + "\n" + "".join(map(str.strip, lines))


def lean(source: str) -> str:
    """Return one of our modules without comments, indents and spaces that mean nothing.

    It knows our own code only: a comment begins a line or follows a space, and no text goes over
    several lines. What it cannot tell from a text it leaves.
    """
    lines = (COMMENTS.sub(r"\1", line).strip() for line in source.splitlines())
    return "".join(f"{_tight(line)}\n" for line in lines if line)


def _tight(line: str) -> str:
    parts = TEXTS.split(line)  # between texts is code
    if any("`" in code or re.search("/(?! )", code) for code in parts[::2]):
        return line  # a text within a text, or a pattern
    parts[::2] = [re.sub(r" ?([!=<>?:,;(){}\[\]&|*]+) ?", r"\1", code) for code in parts[::2]]
    return "".join(parts)


def colours(scope: str = ".cqrs-explorer") -> str:
    """Return the colours of look.py as variables: a role's are line, fill, solid, on.

    They hold inside `scope`, since JupyterLab puts everything on one page.
    """

    def both(light: str, dark: str) -> str:
        return f"light-dark({light},{dark})"

    named = [f"--{name}:{both(*pair)}" for name, pair in NEUTRALS.items()]
    roles = []
    for name, role in ROLES.items():
        tones = zip("lfso", *role, strict=True)  # line, fill, solid, on
        roles.append(f".{name}{{{';'.join(f'--{k}:{both(*pair)}' for k, *pair in tones)}}}")
    fonts = [f"--sans:{FONT}", f"--mono:{CODE_FONT}"]
    return "\n".join([f"{scope}{{", ";".join(named + fonts) + ";", *roles, "}"])


def asks(data: dict[str, Any]) -> bool:
    """Tell whether a recording asks for a prediction."""
    return any(step.get("question") for step in data.get("steps", ()))


def sentences(data: dict[str, Any]) -> list[str]:
    """Return the sentence of every step of a recording, for where no script runs."""
    return [str(step.get("note", "")) for step in data.get("steps", ())]


def inert(text: str) -> str:
    r"""Return JSON that no payload can end: HTML reads on until it meets a `<`."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
