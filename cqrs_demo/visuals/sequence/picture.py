"""Where everything stands in the picture of a sequence. Pure: a recording in, marks out.

On the left what happens, in sentences; on the right who talks to whom, one column a place and one
row a move. Scenes are cards one below the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...recording import Recording
from ..drawing.scene import Words
from ..drawing.text import clean
from .marks import Box, Icon, Line, Mark, message
from .moves import REFUSALS, REPLIES, Move, moves, places, scenes
from .text import shortened, width, wrapped

WIDTH = 900  # at least: as wide as a note
MARGIN = 16
INSET = 14  # between a card's edge and its text
GAP = 16  # between sentences and columns
LANE = (62, 104, 112)  # how wide a place's column is: at least, the label's wish at most, at most
TEXT_ROOM = 288  # for a sentence and its number, at least
LINE = 18  # from one line of a sentence to the next
CHIP = 24  # how high
ARROW = 9  # below its chip
ROW = 60  # how high, at least
SENTENCE, CAPTION, TITLE, HEADING = 13, 12, 14, 18  # sizes


@dataclass(frozen=True)
class Picture:
    """Marks on a ground of a size, with a title and a description in words."""

    width: float
    height: float
    title: str
    description: str
    marks: tuple[Mark, ...]


@dataclass
class _Sheet:
    """A picture in the making: marks from the top down to y, some of them behind the others."""

    lanes: dict[str, float]  # place -> the x of its lifeline
    width: float
    numbers: float  # the room for the steps' numbers
    text: float  # the room for the sentences
    y: float = MARGIN
    behind: list[Mark] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labels: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # tops and bottoms

    @property
    def lanes_begin(self) -> float:
        return MARGIN + INSET + self.numbers + self.text + GAP

    @property
    def lanes_end(self) -> float:
        return self.width - MARGIN - 4

    def write(
        self, x: float, lines: list[str], size: float, step: float, tone: str = "ink", **looks: str
    ) -> None:
        """Write lines one below the other; the first one's baseline is at y + size."""
        for n, line in enumerate(lines):
            self.marks.append(Words(line, x, self.y + size + n * step, size, tone, **looks))


def layout(recording: Recording) -> Picture:
    """Return the picture of a recording; one without steps says so kindly."""
    shown = moves(recording)
    title = clean(recording.title) or "A recording"
    nodes = places(recording, shown)
    sheet = _sheet(nodes, shown)
    _write_head(sheet, title, recording, shown)
    if shown:
        _draw_places(sheet, nodes)
        for n, (scene, run) in enumerate(scenes(shown)):
            labels = {} if n == 0 else {name: node["label"] for name, node in nodes.items()}
            _draw_scene(sheet, scene, run, labels)
        _draw_lifelines(sheet)
        _write_legend(sheet, shown)
    else:
        _write_nothing(sheet)
    height = round(sheet.y + MARGIN, 1)
    marks = (*_cards_first(sheet.behind), *sheet.marks)
    return Picture(sheet.width, height, title, _description(recording, shown), marks)


def _sheet(nodes: dict[str, dict[str, Any]], shown: list[Move]) -> _Sheet:
    least, wish, most = LANE
    words = [word for node in nodes.values() for word in clean(node["label"]).split()]
    longest = max((width(word, CAPTION) + 5 for word in words), default=0)
    count = max(len(nodes), 1)
    numbers = max((width(n, CAPTION, "bold") for move in shown for n in _number(move)), default=0)
    room = WIDTH - 2 * MARGIN - INSET - GAP - TEXT_ROOM
    lane = round(min(most, max(least, min(longest, wish), room / count)), 1)
    total = max(WIDTH, round(WIDTH - room + count * lane, 1))
    text = total - 2 * MARGIN - INSET - GAP - count * lane - numbers - 10
    begin = total - MARGIN - 4 - count * lane
    lanes = {name: round(begin + (n + 0.5) * lane, 1) for n, name in enumerate(nodes)}
    return _Sheet(lanes, total, numbers + 10, text - 4)


def _number(move: Move) -> list[str]:
    return [f"{move.first}–", str(move.last)] if move.is_fold else [str(move.first)]


def _write_head(sheet: _Sheet, title: str, recording: Recording, shown: list[Move]) -> None:
    room = sheet.width - 2 * MARGIN
    lines = wrapped(title, room, HEADING, "bold", most_lines=2)
    sheet.write(MARGIN, lines, HEADING, 24, font="bold")
    sheet.y += len(lines) * 24
    folded = sum(move.last - move.first + 1 for move in shown if move.is_fold)
    told = f"{recording.architecture} · {_count(recording)}"
    told += f", {folded} of them folded" if folded else ""
    sheet.write(MARGIN, [shortened(told, room, SENTENCE)], SENTENCE, LINE, "muted")
    sheet.y += 32


def _draw_places(sheet: _Sheet, nodes: dict[str, dict[str, Any]]) -> None:
    for name, node in nodes.items():
        sheet.marks.append(Icon(node["shape"], node["role"], sheet.lanes[name], sheet.y + 14))
    sheet.y += 34
    sheet.y += _write_labels(sheet, {name: node["label"] for name, node in nodes.items()}, "ink")
    sheet.y += 8


def _write_labels(sheet: _Sheet, labels: dict[str, str], tone: str) -> float:
    """Write each place's label over its lifeline; return how high that is."""
    room = (sheet.lanes_end - sheet.lanes_begin) / max(len(sheet.lanes), 1) - 4
    told = {name: wrapped(label, room, CAPTION, most_lines=2) for name, label in labels.items()}
    for name, lines in told.items():
        sheet.write(sheet.lanes[name], lines, CAPTION, 15, tone, anchor="middle")
        ends = (sheet.y - 2, sheet.y + 15 * len(lines) + 3)
        sheet.labels.setdefault(name, []).append(ends)
    return 15.0 * max(map(len, told.values()), default=0) + 4


def _draw_scene(sheet: _Sheet, title: str, run: list[Move], labels: dict[str, str]) -> None:
    """Draw a card: its title, over the columns the labels of the places in use, then the moves."""
    top = sheet.y
    sheet.y += 12
    touched = {name for move in run for name in (move.source, move.target)}
    used = {name: label for name, label in labels.items() if name in touched}
    room = sheet.numbers + sheet.text if used else sheet.lanes_end - MARGIN - 2 * INSET
    lines = wrapped(title, room, TITLE, "bold", most_lines=2)
    sheet.write(MARGIN + INSET, lines, TITLE, 19, font="bold")
    sheet.y += max(19.0 * len(lines), _write_labels(sheet, used, "muted") if used else 0) + 6
    for n, move in enumerate(run):
        if n:
            across = ((MARGIN + INSET, sheet.y), (sheet.width - MARGIN - INSET, sheet.y))
            sheet.behind.append(Line(across, "rule", 1))
        _draw_move(sheet, move)
    sheet.y += 4
    card = Box(MARGIN, top, sheet.width - 2 * MARGIN, sheet.y - top, 10, "surface", "rule")
    sheet.behind.append(card)
    sheet.y += 12


def _draw_lifelines(sheet: _Sheet) -> None:
    """Draw a line below each label, down to the next one or to the end of the last card."""
    for name, x in sheet.lanes.items():
        tops = [bottom for _, bottom in sheet.labels[name]]
        bottoms = [*(top for top, _ in sheet.labels[name][1:]), sheet.y - 12]
        for top, bottom in zip(tops, bottoms, strict=True):
            sheet.behind.append(Line(((x, top), (x, bottom)), "rule", 1.5))


def _draw_move(sheet: _Sheet, move: Move) -> None:
    lines = wrapped(move.note, sheet.text, SENTENCE)
    number = _number(move)
    high = max(ROW, 22 + LINE * max(len(lines), len(number)))
    top = sheet.y
    sheet.y = top + (high - LINE * max(len(lines), len(number))) / 2
    sheet.write(MARGIN + INSET, number, SENTENCE, LINE, f"{move.role} line", font="bold")
    sheet.write(MARGIN + INSET + sheet.numbers, lines, SENTENCE, LINE)
    middle = top + high / 2
    if move.stays:
        _draw_chip(sheet, move, sheet.lanes[move.source], middle)
    else:
        arrow = middle + (CHIP + ARROW) / 2
        _draw_arrow(sheet, move, arrow)
        ends = sheet.lanes[move.source] + sheet.lanes[move.target]
        _draw_chip(sheet, move, ends / 2, arrow - ARROW - CHIP / 2)
    sheet.y = top + high


def _draw_chip(sheet: _Sheet, move: Move, x: float, y: float) -> None:
    """Draw what travels: its sign and its name, under a number; a fold looks like a pile."""
    most = min(240.0, sheet.lanes_end - sheet.lanes_begin - 40)
    name = shortened(clean(move.name) or move.kind, most, CAPTION, "bold")
    wide = round(width(name, CAPTION, "bold") + 36, 1)
    left = min(max(x - wide / 2, sheet.lanes_begin), sheet.lanes_end - wide - 4)
    left, top = round(left, 1), round(y - CHIP / 2, 1)
    for shift in (3, 0) if move.is_fold else (0,):
        fill, line = f"{move.role} fill", f"{move.role} line"
        sheet.marks.append(Box(left + shift, top - shift, wide, CHIP, 6, fill, line, 1.5))
    sheet.marks += message(move.kind, move.role, left + 15, top + CHIP / 2)
    middle = round(left + 26 + (wide - 32) / 2, 1)
    sheet.marks.append(Words(name, middle, top + 16.5, CAPTION, "ink", "middle", "bold"))


def _draw_arrow(sheet: _Sheet, move: Move, y: float) -> None:
    """Draw an arrow: full head, or an open one for a reply; a refusal ends in a bar."""
    start, end = sheet.lanes[move.source], sheet.lanes[move.target]
    y, to, tone = round(y, 1), 1 if end > start else -1, f"{move.role} line"
    tip = end - to * 3
    sheet.marks.append(Line(((start, y), (tip - to * 4, y)), tone, 2.5, dashed=not move.waits))
    sheet.marks.append(Box(start - 3, y - 3, 6, 6, 3, tone, tone))
    if move.kind in REFUSALS:
        bar = tip - to * 4
        sheet.marks.append(Line(((bar, y - 7), (bar, y + 7)), tone, 3.5))
        return
    head = ((tip - to * 10, y - 5.5), (tip, y), (tip - to * 10, y + 5.5))
    if move.kind in REPLIES:
        sheet.marks.append(Line(head, tone, 2.5))
    else:
        sheet.marks.append(Line((*head, head[0]), tone, 1, fill=tone))


def _write_legend(sheet: _Sheet, shown: list[Move]) -> None:
    x: float = MARGIN + INSET
    for words, waits in (("the caller waits", True), ("nobody waits", False)):
        if waits not in {move.waits for move in shown}:
            continue
        across = ((x, sheet.y + 8), (x + 34, sheet.y + 8))
        sheet.marks.append(Line(across, "edge", 2.5, dashed=not waits))
        sheet.write(x + 42, [words], CAPTION, LINE, "muted")
        x += 42 + width(words, CAPTION) + 24
    sheet.y += 14


def _write_nothing(sheet: _Sheet) -> None:
    top = sheet.y
    card = Box(MARGIN, top, sheet.width - 2 * MARGIN, 92, 10, "surface", "rule")
    sheet.behind.append(card)
    sheet.y += 18
    sheet.write(MARGIN + INSET, ["Nothing has happened yet"], HEADING, 24, font="bold")
    sheet.y += 32
    told = "While the recording runs, send a command or ask a question: each step gets a row here."
    sheet.write(MARGIN + INSET, [told], SENTENCE, LINE, "muted")
    sheet.y = top + 92


def _cards_first(marks: list[Mark]) -> Iterator[Mark]:
    yield from sorted(marks, key=lambda mark: not isinstance(mark, Box))


def _count(recording: Recording) -> str:
    count = len(recording.steps)
    return f"{count} step{'' if count == 1 else 's'}"


def _description(recording: Recording, shown: list[Move]) -> str:
    """Return the picture in words: what a reader who cannot see it needs."""
    told = [f"A sequence of {_count(recording)} on the rung {recording.architecture}."]
    for scene, run in scenes(shown):
        told.append(f"{clean(scene)}:")
        told += [f"{move.number}. {clean(move.note)}" for move in run]
    return " ".join(told)
