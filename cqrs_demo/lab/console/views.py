"""What the console shows a run in: the explorer, or two futures beside each other; both can act."""

import json

import traitlets

from ...recording import Recording
from ...visuals import comparison
from ...visuals.comparison import Comparison
from ...visuals.explorer import Explorer
from ...visuals.pages import ASKING, ASKING_STYLES, MODULE, STYLES, module, stylesheet

EVERYTHING = 1_000_000  # a cursor beyond any end: the view stands at its last position

# [what it does, its name, what to say of it], as entries behind "More"
FORK = ["fork", "Fork here", "Keep this future, and begin another before the call at the cursor"]
REWIND = ["rewind", "Rewind to here", "Take back the call at the cursor and all later ones"]
COMPARE = ["compare", "Compare futures", "Both futures side by side, and what differs"]
ONE = ["compare", "Back to one future", "The explorer of the future that you drive"]


class LiveExplorer(Explorer):
    """An explorer that can be handed another recording, and that passes on what is wished in it.

    `entries` stand behind "More". Of the messages at the positions `waiting` one can be `picked` up
    (0: none) and then be given one of `fates`; `plan` says which has which, in a word.
    """

    _esm = module(*MODULE, *ASKING, "live.js") + "export default explorer;\n"
    _css = stylesheet(*STYLES, *ASKING_STYLES, "live.css")

    entries = traitlets.List([FORK, REWIND]).tag(sync=True)
    fates = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    waiting = traitlets.List(traitlets.Int()).tag(sync=True)
    plan = traitlets.Dict().tag(sync=True)
    picked = traitlets.Int(0).tag(sync=True)

    def show(self, recording: Recording, step: int | None = None) -> None:
        """Show a recording, and stand at a step; at no moment is the cursor outside."""
        text, steps = recording.to_json(), len(recording.steps)
        if text != self.recording:
            self.step = min(self.step, steps if step is None else max(step - 1, 0), steps)
            self._data = json.loads(text)
            self._draw_still = recording.to_svg
            self.recording = text
        if step is not None:
            self.step = step


class LiveComparison(Comparison):
    """Futures beside each other, which can be handed others; its "More" leads back to one."""

    _esm = module(*comparison.MODULE, "live.js") + "export default comparison;\n"
    _css = stylesheet(*comparison.STYLES, "live.css")

    entries = traitlets.List([ONE]).tag(sync=True)

    def show(self, recordings: list[Recording], labels: list[str]) -> None:
        """Show these recordings, and what is there at their ends."""
        texts = [recording.to_json() for recording in recordings]
        if (texts, labels) == (self.recordings, self.labels):
            return
        self._data = [json.loads(text) for text in texts]
        self._stills = [recording.to_svg for recording in recordings]
        self.recordings, self.labels, self.step = texts, labels, EVERYTHING
        self.send_state("step")  # even if the answer to the last one is still on its way
