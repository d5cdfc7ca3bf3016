"""What `python -m cqrs_demo compare` does: measure CRUD against CQRS, and say who wins."""

import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...domain.errors import ShopError
from ..workload import MOST_ORDERS, SEED

if TYPE_CHECKING:
    from ..watching import Watch
    from ..workload import Workload
    from . import Comparison

REPORT, FIGURES, VERDICT = "comparison.md", "figures.csv", "verdict.csv"
CSV_HEADS = (b"orders,row,contestant,p50,", b"orders,row,keys,indexed,")
INTERRUPTED = 130  # the exit code of whoever was stopped by Ctrl-C


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--orders",
        type=int,
        metavar="N",
        help=f"in the largest shop, up to {MOST_ORDERS:,} (10000)",
    )
    parser.add_argument("--seed", type=int, help=f"a number that makes up the shop ({SEED})")
    parser.add_argument(
        "--db", metavar="DB", help="a shop whose orders are used instead: a file, or a URL"
    )
    parser.add_argument(
        "--reads", type=int, default=10, metavar="N", help="that come with each order (10)"
    )
    parser.add_argument(
        "--lag", type=float, default=0.0, metavar="SECONDS", help="of the delivery of events (0)"
    )
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="of measuring (7)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="a folder for a report, tables and charts"
    )
    parser.add_argument(
        "--no-experiments",
        action="store_true",
        help="leave out two editors, readers and writers at once, and how far documents are behind",
    )
    parser.add_argument("--theme", default="light", help="of the charts: light, dark, print")
    parser.add_argument("--force", action="store_true", help="overwrite files that are not ours")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="the folder where filled databases are kept"
    )
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")


def run(arguments: Namespace) -> int:
    """Run the subcommand; return the exit code. Raises ShopError for what cannot be done.

    Whatever ends the measurement early, what was measured until then is printed and written.
    """
    from ...visuals.charts.style import theme_of  # noqa: PLC0415 - slow to load
    from ..experiments import measured  # noqa: PLC0415
    from ..experiments.report import as_text as experiments_told  # noqa: PLC0415
    from . import Comparison, compare  # noqa: PLC0415
    from .report import as_text  # noqa: PLC0415

    theme_of(arguments.theme)
    if arguments.out is not None:
        require_writable(arguments.out, arguments.force)
    workload = chosen_workload(arguments)
    found, code, trouble = Comparison(), 0, None
    experiments: dict[str, Any] = {}
    try:
        with progress_bar(arguments.quiet) as watch:
            compare(
                workload=workload,
                reads_a_write=arguments.reads,
                lag=arguments.lag,
                rounds=arguments.rounds,
                folder=arguments.cache,
                watch=watch,
                into=found,
            )
            if not arguments.no_experiments:
                seed = SEED if arguments.seed is None else arguments.seed
                for name, result in measured(workload.size, seed, arguments.cache, watch):
                    experiments[name] = result
    except KeyboardInterrupt:
        print("cqrs_demo: interrupted; this was measured until then", file=sys.stderr)
        code = INTERRUPTED
    except ShopError as error:
        trouble = error
    if found.sizes or trouble is None:
        print(as_text(found))
    if experiments:
        print(experiments_told(experiments))
    if arguments.out is not None and found.sizes:
        count = write(found, experiments, arguments.out, arguments.theme, arguments.force)
        print(f"{count} files in {arguments.out}")
    if trouble:
        raise trouble
    return code


def chosen_workload(arguments: Namespace) -> "Workload":
    """Return what is measured with. Raises ShopError for what makes no sense together."""
    from ..workload import first_orders, generated  # noqa: PLC0415
    from . import ORDERS  # noqa: PLC0415

    orders = ORDERS if arguments.orders is None else arguments.orders
    seed = SEED if arguments.seed is None else arguments.seed
    if arguments.db is None:
        return generated(orders, seed)
    if arguments.seed is not None:
        raise ShopError("--seed makes up a shop, and --db names one; choose one of them")
    from ..workload.imported import imported  # noqa: PLC0415

    workload = imported(arguments.db)
    if arguments.orders is None:
        return workload
    if orders > workload.size:
        raise ShopError(f"{arguments.db}: has {workload.size:,} orders, not {orders:,}")
    return first_orders(workload, orders)


@contextmanager
def progress_bar(quiet: bool) -> "Iterator[Watch]":
    from tqdm import tqdm  # noqa: PLC0415

    from ..watching import Watch  # noqa: PLC0415

    form = "{l_bar}{bar}| {elapsed}"
    shown_after = 0.5  # seconds; options that make no sense are refused before
    with tqdm(
        desc="measuring", disable=quiet, bar_format=form, leave=False, delay=shown_after
    ) as shown:

        def show(done: int, total: int, doing: str) -> None:
            shown.total = total
            shown.set_description_str(doing, refresh=False)
            shown.update(done - shown.n)
            shown.refresh()

        yield Watch(show)


def require_writable(folder: Path, force: bool) -> None:
    """Find out before the work whether files can be written after it. Raises ShopError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        os.unlink(name)
    except OSError as error:
        raise ShopError(f"{folder}: cannot be written: {error.strerror}") from error
    from ..experiments.report import REPORT as EXPERIMENTS  # noqa: PLC0415
    from ..experiments.report import TABLES  # noqa: PLC0415

    for name in (REPORT, FIGURES, VERDICT, EXPERIMENTS, *TABLES):
        path = folder / name
        if not force and path.exists() and not is_ours(path):
            raise ShopError(f"{path}: not made here, or changed since; --force overwrites it")


def is_ours(path: Path) -> bool:
    """Say whether we wrote a file. CSV has no room for a mark: there the first line must be."""
    from ...visuals import files  # noqa: PLC0415
    from ..experiments.report import CSV_HEADS as OTHER_HEADS  # noqa: PLC0415

    content = path.read_bytes()
    if path.suffix == ".csv":
        return content.startswith((*CSV_HEADS, *OTHER_HEADS))
    return files.is_ours(path.name, content)


def write(
    found: "Comparison", experiments: dict[str, Any], folder: Path, theme: str, force: bool
) -> int:
    """Write the reports, the tables and the charts; return how many files."""
    from ...visuals import files  # noqa: PLC0415
    from ..experiments.report import contents as experiments_written  # noqa: PLC0415

    charts = found.charts(theme)
    report = found.to_markdown(charts)
    contents = {REPORT: files.marked(REPORT, report.encode())}
    for chart in charts:
        svg, png = f"{chart.name}.svg", f"{chart.name}.png"
        contents[svg] = files.marked(svg, chart.to_svg())
        contents[png] = files.marked(png, chart.to_png())
    more, tables = experiments_written(experiments, theme)
    files.write_all(folder, contents | more, force)
    for name, frame in {FIGURES: found.frame, VERDICT: found.verdicts()}.items():
        tables[name] = frame.to_csv(index=False).encode()
    for name, table in tables.items():
        try:
            files.replace(folder / name, table)
        except OSError as error:  # a disk that is full names no file
            raise ShopError(f"{folder / name}: cannot be written: {error.strerror}") from error
    return len(contents) + len(more) + len(tables)
