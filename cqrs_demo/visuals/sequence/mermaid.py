"""A recording as a sequence diagram in Mermaid's language.

Everything that comes from a recording is written so that Mermaid takes it for text and nothing
else: letters and digits as they are, the rest as codes such as #59; for a semicolon.
"""

import re
from collections.abc import Iterator

from ...recording import Recording
from ..drawing.mermaid import quoted
from ..drawing.text import wrapped
from ..look import MAPS, NEUTRALS
from .moves import REFUSALS, REPLIES, Move, moves, places, scenes

MOST_LETTERS = 45_000  # Mermaid draws no diagram of more than 50,000
ROOM = 30  # letters in a line, about
SYNTAX = re.compile("[^\\w .,()/–…·-]|\ufb02")  # \ufb02 is Mermaid's own sign
PLAIN_IDS = frozenset(name for map_ in MAPS.values() for name in map_.places)


def to_mermaid(recording: Recording, unfold: bool = False) -> str:
    """Return a `sequenceDiagram`; each delivery is one message unless `unfold`.

    Solid: the caller waits. Dashed with an open head: nobody waits. Dashed with a full head: a
    reply. A cross: a refusal.
    """
    shown = moves(recording, unfold)
    lines = ["sequenceDiagram", f"    accTitle: {_text(recording.title or 'A recording')}"]
    if not shown:
        lines += ["    participant client as Client", "    Note over client: no steps yet"]
        return "\n".join([*lines, ""])
    names: dict[str, str] = {}
    for n, (place, node) in enumerate(places(recording, shown).items(), 1):
        names[place] = place if place in PLAIN_IDS else f"place{n}"
        lines.append(f"    participant {names[place]} as {_text(node['label'])}")
    for title, run in scenes(shown):
        told = list(_scene(title, run, names))
        if sum(map(len, lines)) + sum(map(len, told)) > MOST_LETTERS:
            first = next(iter(names.values()))
            left = f"the steps from {run[0].first} on are too many for Mermaid"
            lines.append(f"    Note over {first}: {_text(left)}")
            break
        lines += told
    return "\n".join([*lines, ""])


def _scene(title: str, run: list[Move], names: dict[str, str]) -> Iterator[str]:
    touched = {place for move in run for place in (move.source, move.target)}
    used = [name for place, name in names.items() if place in touched]
    ends = ",".join(dict.fromkeys((used[0], used[-1])))
    yield f"    rect rgba({_tint()}, 0.12)"
    yield f"        Note over {ends}: {_text(title)}"
    for move in run:
        source, target = names[move.source], names[move.target]
        told = _text(f"{move.number}. {move.name}")
        if move.stays:
            yield f"        Note over {source}: {told}"
        else:
            yield f"        {source}{_arrow(move)}{target}: {told}"
    yield "    end"


def _arrow(move: Move) -> str:
    if move.kind in REFUSALS:
        return "-x" if move.waits else "--x"
    if move.kind in REPLIES:
        return "-->>"
    return "->>" if move.waits else "--)"


def _tint() -> str:
    edge = NEUTRALS["edge"][0].lstrip("#")
    return ", ".join(str(int(edge[n : n + 2], 16)) for n in (0, 2, 4))


def _text(text: str) -> str:
    """Return text as Mermaid must be told it, in at most three lines."""
    return "<br/>".join(quoted(line, SYNTAX) for line in wrapped(text, ROOM, 1.6, most_lines=3))
