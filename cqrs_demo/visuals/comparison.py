"""Two to four recordings beside each other on one cursor, in a notebook or as a page."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..domain.errors import InvalidMessage
from .pages import filled_page, host, module, sentences, stylesheet
from .still import display_with_still, still

MODULE = ("stage.js", "explorer.js", "predict.js", "compare.js")
STYLES = ("explorer.css", "predict.css", "compare.css")


class Comparison(anywidget.AnyWidget):
    """Recordings beside each other, call by call. `step` is the cursor: read it, or set it.

    It counts positions: where one run needs more steps for a call, the others rest. `bets` holds
    the learner's answers, {"1:7": 2} for choice C at step 7 of the second recording.
    """

    _esm = module(*MODULE) + "export default comparison;\n"
    _css = stylesheet(*STYLES)

    recordings = traitlets.List(traitlets.Unicode()).tag(sync=True)
    labels = traitlets.List(traitlets.Unicode()).tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)
    bets = traitlets.Dict().tag(sync=True)
    quiz = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        recordings: Sequence[Any],
        labels: Sequence[str] | None = None,
        step: int = 1,
        quiz: bool = True,
        **traits: Any,
    ) -> None:
        texts, labels = _checked(recordings, labels)
        self._data = [json.loads(text) for text in texts]
        self._stills = [recording.to_svg for recording in recordings]
        super().__init__(recordings=texts, labels=labels, step=step, quiz=quiz, **traits)

    @traitlets.validate("step")
    def _within(self, proposal: dict[str, Any]) -> int:
        return max(0, int(proposal["value"]))  # where they end is known where they are laid out

    def __repr__(self) -> str:
        lines = []
        for data, name in zip(self._data, _names(self._data, self.labels), strict=True):
            notes = sentences(data)
            lines.append(f"{name}: {data['title']} ({len(notes)} steps)")
            lines += [f"{n:>4}. {note}" for n, note in enumerate(notes, 1)]
        return "\n".join(lines)

    def _ipython_display_(self) -> None:
        title = _title(self._data, self.labels)
        html = still(title, [draw() for draw in self._stills], _told(self._data, self.labels))
        bundle = self._repr_mimebundle_()
        view = bundle[0] if bundle else {}
        display_with_still({**view, "text/plain": f"Compared: {title}"}, html, repr(self))


def compare(*recordings: Any, labels: Sequence[str] | None = None) -> Comparison:
    """Return two to four recordings beside each other, for a notebook.

    `labels` names the columns: compare(a, b, labels=["this happened", "the event was dropped"]).
    """
    return Comparison(recordings, labels)


def comparison_page(
    recordings: Sequence[Any],
    path: str | Path | None = None,
    quiz: bool = False,
    labels: Sequence[str] | None = None,
) -> str:
    """Return one self-contained page that compares recordings, and write it if `path` is given.

    With `quiz`, questions cannot be skipped.
    """
    texts, labels = _checked(recordings, labels)
    data = [json.loads(text) for text in texts]
    page = filled_page(
        title=_title(data, labels),
        sentences=_told(data, labels),
        css=stylesheet(*STYLES),
        module=module(*MODULE),
        host=host("...JSON.parse(data)", "comparison.render", quiz),
        recording=json.dumps({"recordings": data, "labels": labels}, ensure_ascii=False),
    )
    if path is not None:
        Path(path).write_text(page, encoding="utf-8")
    return page


def _checked(
    recordings: Sequence[Any], labels: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    if not 2 <= len(recordings) <= 4:
        raise InvalidMessage("recordings", "must be two to four, to be compared")
    if labels is not None and len(labels) != len(recordings):
        raise InvalidMessage("labels", f"must be {len(recordings)}, one for each recording")
    return [recording.to_json() for recording in recordings], [str(label) for label in labels or ()]


def _names(data: Sequence[dict[str, Any]], labels: Sequence[str]) -> list[str]:
    return list(labels) or [str(each.get("architecture")) for each in data]


def _title(data: Sequence[dict[str, Any]], labels: Sequence[str]) -> str:
    titles = " / ".join(dict.fromkeys(str(each.get("title") or "A recorded run") for each in data))
    return f"{titles}: {', '.join(_names(data, labels))}"


def _told(data: Sequence[dict[str, Any]], labels: Sequence[str]) -> list[str]:
    names = _names(data, labels)
    return [
        f"{name}: {note}"
        for each, name in zip(data, names, strict=True)
        for note in sentences(each)
    ]
