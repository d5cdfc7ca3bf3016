"""How long a lesson takes, by an estimate: run this file to see it for all lessons.

Nobody has been timed. The rates are those at which people are said to read plain prose and code
that is shown to them; what they are good for is to keep the core of a lesson short, and the
lessons comparable.
"""

import re
from dataclasses import dataclass
from functools import cache

import nbformat
from test_notebooks import NAMES, read

FURTHER = "further"  # the cell with this id begins what a learner may leave out ...
WHERE_NEXT = "where-next"  # ... and this one ends it

WORDS_A_MINUTE = 200
SECONDS_A_LINE = 3  # of code that is read, its output included
SECONDS_A_BET = 30
SECONDS_TO_WATCH = {  # what is stepped through, dragged, clicked or played
    **dict.fromkeys(("watch", "beside", "time_travel", "Console", "panel"), 60),
    "film": 15,
}
MINUTES_TO_SOLVE = 5  # a core exercise, its text included
MINUTES_FOR_THE_SUMMARY = 1


@dataclass(frozen=True)
class Estimate:
    """What there is to do in a part of a lesson, and how many minutes that takes."""

    words: int
    lines: int
    bets: int
    watching: float  # seconds
    exercises: int

    @property
    def minutes(self) -> float:
        """Return the minutes, one for the learner's own summary included."""
        seconds = self.lines * SECONDS_A_LINE + self.bets * SECONDS_A_BET + self.watching
        solving = self.exercises * MINUTES_TO_SOLVE + MINUTES_FOR_THE_SUMMARY
        return self.words / WORDS_A_MINUTE + seconds / 60 + solving


@cache
def core_of(name: str) -> list[nbformat.NotebookNode]:
    """Return the cells of a notebook without those that a learner may leave out."""
    kept, left_out = [], False
    for cell in read(name).cells:
        left_out = (left_out or cell.id == FURTHER) and cell.id != WHERE_NEXT
        if not left_out:
            kept.append(cell)
    return kept


def estimate(cells: list[nbformat.NotebookNode]) -> Estimate:
    """Estimate some cells; imports and the cells in which exercises are solved are not read."""
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    words = re.sub(r"!\[.*?\]\(.*?\)|\]\(.*?\)", "", prose, flags=re.DOTALL).split()
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    shown = [
        source
        for source in code
        if not re.search(r"\A(import|from) |\.check\(|\bexercise\(|\.hint\(", source)
    ]
    text = "\n".join(shown)
    return Estimate(
        words=len(words),
        lines=sum(bool(line.strip()) for line in text.splitlines()),
        bets=len(re.findall(r"\bpredict\(\"", text)) + len(re.findall(r"\{\d+: \"", text)),
        watching=sum(
            seconds * len(re.findall(rf"^[^#\n]*\b{name}\(", text, re.MULTILINE))
            for name, seconds in SECONDS_TO_WATCH.items()
        ),
        exercises=sum(len(re.findall(r"\bexercise\(\"", source)) for source in code),
    )


def main() -> None:
    """Print the estimate of every lesson's core, and of all of them."""
    total = 0.0
    for name in NAMES:
        found = estimate(core_of(name))
        total += found.minutes
        print(f"{found.minutes:5.1f} min  {name}  {found}")
    print(f"{total:5.0f} min  in all")


if __name__ == "__main__":
    main()
