"""The subcommand `bench`."""

import json
import tempfile
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from ...domain.errors import ShopError
from ...domain.fields import number

LEAST_ROUNDS = 5
OURS = b'"format": "cqrs-demo/bench"'  # stands at the beginning of what --json writes


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks or groups (all)")
    parser.add_argument("--list", action="store_true", help="say which benchmarks there are")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    parser.add_argument("--force", action="store_true", help="overwrite a FILE that is not ours")
    parser.add_argument("--full", action="store_true", help="a rebuild of a million events, too")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often to repeat, at least 5")
    parser.add_argument(
        "--cpu",
        action="store_true",
        help="count processor time, on a machine that others use too; waiting for the disk is free",
    )
    parser.add_argument("--toy", action="store_true", help="once and tiny, to see that it works")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to put the databases")


def run(arguments: Namespace) -> int:
    """Measure, and print each benchmark when it is done. Ctrl-C prints what was measured so far."""
    from ...visuals import files  # noqa: PLC0415 - slow to load
    from . import catalogue, measuring, report, running, stage  # noqa: PLC0415

    sizes = stage.TOY if arguments.toy else stage.Sizes()
    benchmarks = catalogue.chosen(arguments.names, arguments.full)
    if arguments.list:
        for b in catalogue.BENCHMARKS:
            asked = " (if asked for)" if b.is_large else ""
            print(f"{b.name:<20}{b.told(sizes)}{asked}")
        return 0
    if arguments.rounds is not None:
        number(LEAST_ROUNDS, 1_000)("rounds", arguments.rounds)
        sizes = replace(sizes, rounds=arguments.rounds, slow_rounds=arguments.rounds)
    if arguments.json:
        _require_writable(arguments.json, arguments.force)
    folder = arguments.folder or Path(tempfile.gettempdir())
    running.require_space(folder, 0)
    clock = measuring.CPU if arguments.cpu else measuring.WALL
    told = "processor time of this process" if arguments.cpu else "elapsed time"
    print(*report.heading(told, arguments.toy), sep="\n", flush=True)
    outcomes, code, trouble = [], 0, None
    try:
        for benchmark in benchmarks:
            try:
                outcome = running.run(benchmark, sizes, folder, clock)
            except (ShopError, OSError) as error:  # too little space, for instance: the others run
                print(f"\n{benchmark.name} is not measured: {error}", flush=True)
                trouble = error
                continue
            outcomes.append(outcome)
            print(*report.lines(outcome), sep="\n", flush=True)
    except KeyboardInterrupt:
        print("\ninterrupted; this is what was measured", flush=True)
        code = 130
    print(*report.summary(outcomes), sep="\n")
    if arguments.json:
        is_whole = len(outcomes) == len(benchmarks)
        data = report.as_json(outcomes, told, arguments.toy, is_whole)
        try:
            files.replace(arguments.json, (json.dumps(data, indent=1) + "\n").encode())
        except OSError as error:  # a disk that is full names no file
            raise ShopError(f"{arguments.json}: cannot be written: {error.strerror}") from error
    if trouble:
        raise trouble
    return code


def _require_writable(file: Path, force: bool) -> None:
    """Raise ShopError now rather than when all has been measured."""
    if file.is_dir():
        raise ShopError(f"{file}: is a folder")
    is_new = not file.exists()
    try:
        if not is_new and not force and OURS not in file.read_bytes()[:100]:
            raise ShopError(f"{file}: not written by bench; --force overwrites it")
        with open(file, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise ShopError(f"{file}: cannot be written: {error.strerror}") from error
    if is_new:
        file.unlink()
