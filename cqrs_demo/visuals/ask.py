"""Cards that ask, in a notebook: anywidget hosts ask.js; without it there is the same to read."""

from typing import Any

import anywidget
import traitlets

from .pages import module, stylesheet
from .still import STYLE, display_with_still


class AskCard(anywidget.AnyWidget):
    """A card of one of three kinds: "question", "summary" or "board"; `data` says what is on it.

    `answer` is what the learner gave: the index of a choice, a number or a text; None before.
    `html` and `text` are what a reader sees where no widget runs.
    """

    _esm = module("ask.js") + "export default ask;\n"
    _css = stylesheet("ask.css", scope=".cqrs-ask")

    kind = traitlets.Unicode().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)
    is_open = traitlets.Bool(False).tag(sync=True)  # a summary that is being changed

    def __init__(self, kind: str, data: dict[str, Any], html: str, text: str, **traits: Any):
        self._html, self._text = html, text
        super().__init__(kind=kind, data=data, **traits)

    def __repr__(self) -> str:
        return self._text

    def _ipython_display_(self) -> None:
        bundle: Any = self._repr_mimebundle_()
        view = {**bundle[0], "text/plain": f"A card: {self.data.get('label', '')}"}
        html = f'{STYLE}<div class="cqrs-still">{self._html}</div>'
        display_with_still(view, html, self._text)
