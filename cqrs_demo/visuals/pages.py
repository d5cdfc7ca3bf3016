"""A recording as one self-contained page: it opens from a file, offline, and needs no notebook."""

import json
from html import escape
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# Whatever a payload holds, the page can neither load nor send anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

# A page has no kernel: the least that the explorer needs of a model; the address holds the step.
# On paper a page is a storyboard: every displayed step as a small map, its sentence, its changes.
SHIM = """
const calls = {};
const data = document.getElementById("recording").textContent;
const traits = { recording: data, alone: true, quiz: QUIZ };
const model = {
	get: (name) => traits[name],
	set(name, value) {
		traits[name] = value;
		if (name === "step") window.history.replaceState(null, "", `#step=${value}`);
	},
	on: (name, call) => { calls[name] = call; },
	off: (name) => delete calls[name],
	save_changes() {},
};
const readAddress = () => {
	traits.step = Number(/^#step=(\\d+)$/.exec(location.hash)?.[1] ?? traits.step ?? 1);
	calls["change:step"]?.();
};
readAddress();
addEventListener("hashchange", readAddress);
explorer.render({ model, el: document.getElementById("explorer") });

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
body {{ margin: 0; background: light-dark(#F1F3F6, #101318) }}
noscript {{ font: 16px/1.5 sans-serif }}
.board.board {{ display: none }}
{css}
@media print {{
:root, .board {{ color-scheme: light !important }}
body {{ background: none }}
#explorer {{ display: none }}
.board.board {{ display: grid; grid-template-columns: 1fr 1fr; gap: 12px; background: none }}
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
{shim}</script>
</body>
</html>
"""


def page(recording: Any, quiz: bool = False) -> str:
    """Return the page that shows this recording; with `quiz`, questions cannot be skipped."""
    text = recording.to_json()
    data = json.loads(text)
    return PAGE.format(
        policy=POLICY,
        title=escape(str(data.get("title") or "A recorded run")),
        sentences="\n".join(f"<li>{escape(note)}</li>" for note in sentences(data)),
        css=(HERE / "explorer.css").read_text(encoding="utf-8"),
        module=(HERE / "explorer.js").read_text(encoding="utf-8"),
        shim=SHIM.replace("QUIZ", "true" if quiz else "false"),
        recording=inert(text),
    )


def save_page(recording: Any, path: str | Path, quiz: bool = False) -> Path:
    """Write the page to a file and return its path."""
    path = Path(path)
    path.write_text(page(recording, quiz), encoding="utf-8")
    return path


def sentences(data: dict[str, Any]) -> list[str]:
    """Return the sentence of every step of a recording, for where no script runs."""
    return [str(step.get("note", "")) for step in data.get("steps", ())]


def inert(text: str) -> str:
    r"""Return JSON that no payload can end: HTML reads on until it meets a `<`."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
