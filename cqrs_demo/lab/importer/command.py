"""What `python -m cqrs_demo import` checks beforehand, shows meanwhile, and prints in the end."""

import os
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from ...domain.errors import ShopError
from . import Outcome, Progress, require_writable
from .online_retail import Skipped


def checked_report(arguments: Namespace) -> Path | None:
    """Return where the report goes, links followed. Raises ShopError if it must not go there."""
    database = arguments.db.partition(":///")[2]
    if database and _same_file(arguments.file, database):
        raise ShopError(f"{database}: the file to import cannot be the database too")
    if arguments.report is None:
        return None
    ours = (database, f"{database}-wal", f"{database}-shm") if database else ()
    for taken in (str(arguments.file), *ours):
        if _same_file(arguments.report, taken):
            raise ShopError(f"{arguments.report}: the report would overwrite {taken}")
    report = Path(os.path.realpath(arguments.report))
    require_writable(report)
    return report


def _same_file(one: Path, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them does not exist, yet
        return os.path.realpath(one) == os.path.realpath(other)


@contextmanager
def bar(title: str, unit: str, quiet: bool) -> Iterator[Progress]:
    with tqdm(desc=title, unit=f" {unit}s", disable=quiet) as shown:

        def show(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield show


def print_summary(outcome: Outcome, skipped: list[Skipped], report: Path | None) -> None:
    imported, before = outcome.imported, outcome.imported_before
    print(
        f"{imported + before + len(skipped):,} rows: {imported:,} imported, "
        f"{before:,} imported before, {len(skipped):,} reported"
    )
    print(
        f"imported now: orders {len(outcome.orders):,}, users {len(outcome.users):,}, "
        f"products {len(outcome.products):,}"
    )
    for kind, count in Counter(s.kind for s in skipped).most_common():
        print(f"{count:>9,}  {kind}")
    if report:
        print(f"report: {report}")
    elif skipped:
        print("--report FILE writes the reported rows to a file")
