"""What the comparison found, as text: sentences, a table for the terminal, a report in Markdown."""

import os
import platform
import sqlite3
import textwrap
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from .rows import MIX, MIXTURE, ROWS
from .verdict import UNDECIDED, Judged, noise_told, times

if TYPE_CHECKING:
    import pandas as pd

    from ...visuals.charts import Chart
    from . import Comparison

WIDTH = 100  # letters of a line in a terminal
WIDE_ONLY = ("crud-keys", "orm-lazy")

ONE_MACHINE = (
    "All of it ran in one process on one machine, with warm caches and SQLite, which has no "
    "server: what two stores win by being two machines is not in it, nor what a network costs."
)
NOT_TUNED = (
    "The rungs are measured as they are: their tables have an index of a user's orders, but "
    "without the time, so that a list must be sorted; the indexed CRUD has one that is sorted "
    "already. Two stores answers the unplanned question from its documents, as all queries there; "
    "its write tables could be asked too, as fast as one database, with that work on the write "
    "side."
)
A_VIEW = (
    "The view is a second model for reading, too: triggers keep it in the transaction of the "
    "write, so it is never behind, and every write pays for it."
)
FAIRNESS = (
    "The rungs check every field, remember command ids and can be watched; the CRUD here is bare "
    "SQL. What that costs is part of their figures, and so are its lines."
)


OUTCOMES = {
    "CQRS": "CQRS wins",
    "CRUD": "CQRS loses",
    "tie": "A tie within the spread in",
    "noise": "Too noisy to tell in",
    "alone": "One round decides nothing in",
}


def told(found: "Comparison") -> list[str]:
    """Say what was found, every defeat of CQRS included."""
    judged = found.judged()
    if not judged:
        return ["Nothing has been measured yet."]
    sentences = [*_stopped(found), *_outcomes(found, judged)]
    sentences += [f"{found.entries[name].label}: {why}" for name, why in found.skipped.items()]
    return [*sentences, noise_told(found.lost)]


def _stopped(found: "Comparison") -> list[str]:
    """Say that it was interrupted, what was asked for, and what of that there is."""
    if not found.was_stopped:
        return []
    sizes, rounds = found.asked
    wanted = _in_words([f"{size:,}" for size in sizes])
    done = [f"{_counted(rounds_of(found, size), 'round')} at {size:,}" for size in found.sizes]
    return [
        f"Interrupted. Asked for: {_counted(rounds, 'round')} at {wanted} orders. "
        f"Measured: {_in_words(done)}."
    ]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _in_words(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _outcomes(found: "Comparison", judged: list[Judged]) -> list[str]:
    """Name every row under its outcome. Whoever breaks a sentence at each "; " (lesson 06 does) has
    a heading, and a list of rows below it."""
    size = judged[0].size
    sentences = []
    for winner, told_ in OUTCOMES.items():
        rows = [j for j in judged if j.winner == winner]
        named = (f"{ROWS[j.row].label}{_by(found, j)}" for j in rows)
        if rows or winner in ("CQRS", "CRUD"):
            counted = f"{told_} {len(rows) or 'none'} of {len(judged)} rows"
            sentences.append("; ".join((counted, *named)) + ".")
    return [f"At {size:,} orders, the best of each side, row by row.", *sentences]


def _by(found: "Comparison", judged: Judged) -> str:
    if judged.winner in UNDECIDED:
        return ""
    return f" {times(judged.by)} ({found.entries[judged.best].short})"


def duels_table(found: "Comparison", size: int | None = None) -> "pd.DataFrame":
    """Return wins-ties-losses of each rung against each CRUD contestant, over all rows."""
    import pandas as pd  # noqa: PLC0415 - slow to load

    lines: dict[str, dict[str, str]] = {}
    for duel in found.duels(size):
        line = lines.setdefault(duel.rung, {"wins-ties-losses": found.entries[duel.rung].label})
        line[f"against {found.entries[duel.crud].short}"] = duel.told
    return pd.DataFrame(list(lines.values()))


def machine() -> list[tuple[str, str]]:
    """Return what it was measured on: names and versions."""
    found = [
        ("machine", f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("SQLite", f"{sqlite3.sqlite_version}, WAL, synchronous=NORMAL, foreign keys checked"),
    ]
    for name in ("cqrs-demo", "SQLAlchemy", "msgspec"):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return found


def as_text(found: "Comparison") -> str:
    """Return the verdict for a terminal."""
    if not found.judged():
        return "Nothing was measured."
    lines = [*table(_narrow(found.verdict(), found)), ""]
    lines += [*table(duels_table(found)), ""]
    for sentence in told(found):
        lines += textwrap.wrap(f"- {sentence}", WIDTH, subsequent_indent="  ")
    for note in notes(found):
        lines += ["", *textwrap.wrap(note, WIDTH)]
    return "\n".join(lines)


def _narrow(verdict: "pd.DataFrame", found: "Comparison") -> "pd.DataFrame":
    """Leave out what is worth a file but not a terminal's width: a winner without a column has its
    figure behind its name."""
    narrow = verdict.drop(columns=[found.entries[name].short for name in WIDE_ONLY])
    best = [j.best if j.winner not in UNDECIDED else "" for j in found.judged()]
    narrow["who wins"] = [
        f"{told[:-1]}: {figures[found.entries[name].short]})" if name in WIDE_ONLY else told
        for told, name, (_, figures) in zip(
            narrow["who wins"], best, verdict.iterrows(), strict=True
        )
    ]
    return narrow


def notes(found: "Comparison") -> list[str]:
    """Return what must be known to read the figures."""
    mixture = ", ".join(f"{ROWS[row].label} {share}%" for row, share in MIXTURE.items())
    return [
        "Who wins compares the best CRUD in plain SQL with the best CQRS rung of the row. They are "
        "not the same in every row, and nobody can have the best of all. The second table compares "
        f"one with one. {_spread_told(rounds_of(found))} Rebuilding takes long, and is measured "
        "once where there are many orders.",
        f"One order and its reads: {found.reads_a_write} reads, of them {mixture}.",
        FAIRNESS,
        NOT_TUNED,
        A_VIEW,
        ONE_MACHINE,
        f"{found.answers:,} answers were compared and found equal, in {found.seconds:.0f} s. "
        f"Workload: {found.workload}. "
        + "; ".join(f"{name}: {what}" for name, what in machine())
        + ".",
    ]


def _spread_told(rounds: int) -> str:
    if rounds == 1:
        return "One round has no spread to judge by: measure three or more to see who wins."
    return f"A tie is a difference within the spread of {rounds} rounds, or below 5%."


def rounds_of(found: "Comparison", size: int | None = None) -> int:
    """Return how many rounds were measured at a size (the largest); a busy machine gets fewer."""
    return len(found.samples[size or max(found.sizes), MIX.name, next(iter(found.parts))])


def as_markdown(found: "Comparison", charts: "Sequence[Chart]" = ()) -> str:
    """Return a report with the verdict at each size, the charts beside it, and all figures."""
    parts = ["# CRUD against CQRS, measured", ""]
    parts += [f"- {sentence}" for sentence in told(found)]
    for chart in charts:
        parts += ["", f"![{chart.alt.replace('[', '(').replace(']', ')')}]({chart.name}.svg)"]
    for size in reversed(found.sizes):
        parts += ["", f"## Who wins at {size:,} orders", "", *pipes(found.verdict(size))]
        parts += ["", *pipes(duels_table(found, size))]
    parts += ["", "## Who is compared", ""]
    parts += [f"- **{entry.label}**: {entry.told}" for entry in found.entries.values()]
    parts += ["", "## How to read it", "", *(f"- {note}" for note in notes(found))]
    parts += ["", "## All figures", "", *pipes(_rounded(found.frame))]
    return "\n".join(parts) + "\n"


def table(frame: "pd.DataFrame") -> list[str]:
    """Return a frame as lines of a table in plain text, the first column to the left."""
    rows = [list(frame.columns), *frame.fillna("-").astype(str).values.tolist()]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in rows]
    return [lines[0], "-" * max(len(line) for line in lines), *lines[1:]]


def _padded(row: list[str], widths: list[int]) -> Iterable[str]:
    for n, (cell, width) in enumerate(zip(row, widths, strict=True)):
        first_or_last = n in (0, len(row) - 1)
        yield cell.ljust(width) if first_or_last else cell.rjust(width)


def pipes(frame: "pd.DataFrame") -> list[str]:
    """Return a frame as a table in Markdown."""
    rows = [list(frame.columns), *frame.fillna("").astype(str).values.tolist()]
    escaped = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in escaped]
    return [lines[0], "|" + "---|" * len(escaped[0]), *lines[1:]]


def _rounded(frame: "pd.DataFrame") -> "pd.DataFrame":
    copy = frame.drop(columns=["name"])
    for column in ("p50", "p95", "low", "high"):
        copy[column] = [f"{value:.4g}" for value in copy[column]]
    return copy
