"""The command line: python -m cqrs_demo SUBCOMMAND."""

import io
import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, NoReturn

from . import LADDER, ShopError, open_shop
from .lab import explain
from .lab.bench import command as bench
from .lab.comparison import command as compare_command
from .lab.quiz import command as quiz_command
from .visuals import command_line


class Subcommand(NamedTuple):
    """`run` returns the exit code. It imports what is heavy itself, so that --help is quick."""

    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


class OneLineParser(ArgumentParser):
    """Says what is wrong in one line; argparse would print its usage as well."""

    def error(self, message: str) -> NoReturn:
        _complain(f"{message} (try --help)")
        self.exit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; return the exit code. Raises SystemExit for bad usage and --help."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may not know every letter
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    for before, each in pairwise(["SUBCOMMAND", *given]):
        if re.fullmatch(r"(--[a-z-]+=)?", each):  # as a path it would be the folder we are in
            parser.error(f"{(each or before).rstrip('=')}: must not be empty")
    parsed = parser.parse_args(given)
    if parsed.subcommand is None:
        parser.print_help()
        return 0
    try:
        code = SUBCOMMANDS[parsed.subcommand].run(parsed)
        if sys.stdout:  # there is none if it was closed
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        _complain("interrupted; run it again to complete")
        return 130
    except BrokenPipeError:  # whoever read our output has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except ShopError as error:
        _complain(str(error))
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return 2


def _parser() -> ArgumentParser:
    parser = OneLineParser(
        prog="python -m cqrs_demo",
        description="Understand CQRS by watching a small real shop work, on four architectures.",
        allow_abbrev=False,
    )
    subparsers = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND")
    for name, subcommand in SUBCOMMANDS.items():
        subcommand.add_arguments(
            subparsers.add_parser(
                name, help=subcommand.help, description=subcommand.help, allow_abbrev=False
            )
        )
    return parser


def _complain(message: str) -> None:
    """Print one line on stderr, whatever line ends a file name in the message may hold."""
    print(f"cqrs_demo: {' '.join(message.split())}", file=sys.stderr)


def _import_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help='the "Online Retail" CSV file')
    parser.add_argument(
        "--shop", choices=list(LADDER), default="two-stores", help="the rung (two-stores)"
    )
    parser.add_argument(
        "--db", required=True, type=_database, help="an SQLite file, or a URL, to import into"
    )
    parser.add_argument(
        "--report", type=Path, help="a CSV file to write the skipped rows to, with reasons"
    )
    parser.add_argument("--encoding", default="utf-8-sig", help="of FILE (utf-8-sig)")
    parser.add_argument("--quiet", action="store_true", help="show no progress bar")


def _database(text: str) -> str:
    if re.fullmatch(r"(sqlite:/{2,3})?(:memory:)?", text):
        raise ArgumentTypeError("must be a file: what is in memory is gone afterwards")
    if "://" not in text and ("@" in text or re.match(r"\w{2,}:/", text)):
        raise ArgumentTypeError("looks like an address; those begin like postgresql://")
    return text if "://" in text else f"sqlite:///{text}"


def _import(arguments: Namespace) -> int:
    """Import published orders into a shop, rows that make no sense into a report."""
    from .lab import importer  # noqa: PLC0415
    from .lab.importer.command import bar, checked_report, print_summary  # noqa: PLC0415
    from .lab.importer.online_retail import read_rows  # noqa: PLC0415

    report = checked_report(arguments)
    rows, skipped = read_rows(arguments.file, arguments.encoding)
    clock, db = importer.Clock(), arguments.db
    read = db if db.lower().startswith("sqlite:") else "sqlite://"
    with open_shop(arguments.shop, write=db, read=read, clock=clock, delivery="manual") as shop:
        with bar("importing", "row", arguments.quiet) as progress:
            outcome = importer.import_orders(shop, clock, rows, progress)
        skipped += outcome.skipped
        if report:
            importer.write_report(report, skipped)
        with bar("delivering", "event", arguments.quiet) as progress:
            importer.deliver(shop, progress)
        print_summary(outcome, skipped, report)
        try:
            importer.raise_if_stopped(shop)
        except ShopError as error:
            _complain(str(error))
            return 1
    return 0


SUBCOMMANDS = {
    "import": Subcommand(
        'import the published "Online Retail" orders into a shop', _import_arguments, _import
    ),
    "explain": Subcommand(
        "write a recorded scenario as a page, a picture or data", explain.add_arguments, explain.run
    ),
    "diagrams": Subcommand(
        "draw diagrams of the shop, as SVG, PNG, DOT or Mermaid",
        command_line.diagrams_arguments,
        command_line.run_diagrams,
    ),
    "notes": Subcommand(
        "write a note about CQRS: a picture, a code example and a contrast with CRUD",
        command_line.notes_arguments,
        command_line.run_notes,
    ),
    "quiz": Subcommand(
        "ask the questions of the course in the terminal",
        quiz_command.add_arguments,
        quiz_command.run,
    ),
    "compare": Subcommand(
        "measure CRUD against CQRS on this machine, and say who wins what",
        compare_command.add_arguments,
        compare_command.run,
    ),
    "bench": Subcommand(
        "measure the shop against the limit of the machine, and against other packages",
        bench.add_arguments,
        bench.run,
    ),
}

if __name__ == "__main__":
    sys.exit(main())
