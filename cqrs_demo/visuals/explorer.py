"""The explorer in a notebook: anywidget hosts the same module that a page of its own inlines."""

import json
from typing import Any

import anywidget
import traitlets

from .pages import ASKING, ASKING_STYLES, MODULE, STYLES, module, sentences, stylesheet
from .still import display_with_still, still


class Explorer(anywidget.AnyWidget):
    """One recorded run in linked views. `step` is the cursor: read it, or set it.

    `bets` holds the learner's answers, {"7": 2} for choice C at step 7. With `quiz` a question
    cannot be skipped. `unfolded` names the folds that are open, each by its first step.
    """

    _esm = module(*MODULE, *ASKING) + "export default explorer;\n"
    _css = stylesheet(*STYLES, *ASKING_STYLES)

    recording = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(1).tag(sync=True)
    bets = traitlets.Dict().tag(sync=True)
    quiz = traitlets.Bool(True).tag(sync=True)
    unfolded = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, recording: Any, step: int = 1, quiz: bool = True, **traits: Any) -> None:
        text = recording.to_json()
        self._draw_still = recording.to_svg
        self._data: dict[str, Any] = json.loads(text)
        super().__init__(recording=text, quiz=quiz, step=step, **traits)

    @traitlets.validate("step")
    def _within(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), len(self._data["steps"])))

    def __repr__(self) -> str:
        notes = sentences(self._data)
        title = f"{self._data['title']} ({self._data['architecture']}, {len(notes)} steps)"
        return "\n".join([title, *(f"{n:>4}. {note}" for n, note in enumerate(notes, 1))])

    def _ipython_display_(self) -> None:
        title = str(self._data["title"])
        html = still(title, [self._draw_still()], sentences(self._data))
        bundle: Any = self._repr_mimebundle_()
        display_with_still({**bundle[0], "text/plain": f"The explorer: {title}"}, html, repr(self))
