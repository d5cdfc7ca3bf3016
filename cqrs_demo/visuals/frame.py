"""A recording as a pandas frame: one row a step."""

from dataclasses import fields

import pandas as pd

from ..recording import Recording, Step

NOT_FLAT = ("code", "changes", "question")


def to_frame(recording: Recording) -> pd.DataFrame:
    """Return the steps as rows, indexed by their number; `changed` names the rows they changed."""
    names = [f.name for f in fields(Step) if f.name not in NOT_FLAT]
    rows = [[getattr(step, name) for name in names] for step in recording.steps]
    frame = pd.DataFrame(rows, columns=names)
    codes = [step.code for step in recording.steps]
    frame["code"] = [f"{code.file}:{code.line}" if code else None for code in codes]
    frame["changed"] = [", ".join(changed_rows(step)) for step in recording.steps]
    return frame.set_index("n")


def changed_rows(step: Step) -> list[str]:
    """Return what a step changed, such as "write orders o-7"."""
    return [
        f"{panel} {table} {key}"
        for panel, tables in step.changes.items()
        for table, rows in tables.items()
        for key in rows
    ]
