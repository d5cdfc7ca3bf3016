"""The subcommands `diagrams` and `notes`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..domain.errors import ShopError


def diagrams_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="which diagrams (all)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder to write to")
    parser.add_argument(
        "--format", default="svg", help="one or more of svg,png,dot,mermaid, with commas (svg)"
    )
    parser.add_argument("--theme", default="light", help="light, dark or print (light)")
    parser.add_argument("--gallery", action="store_true", help="write a page that shows them, too")
    parser.add_argument("--force", action="store_true", help="overwrite files that are not ours")
    parser.add_argument("--list", action="store_true", help="say which diagrams there are")


def run_diagrams(arguments: Namespace) -> int:
    """Draw diagrams into files."""
    from .gallery import COMMITTED, drawn, require_known, write  # noqa: PLC0415

    formats = [format.strip() for format in arguments.format.split(",")]
    require_known(formats, arguments.theme)
    diagrams = drawn(arguments.names, arguments.theme)
    if arguments.list:
        for diagram in diagrams:
            print(f"{diagram.name:<22}{diagram.caption}")
        return 0
    if arguments.out is None:
        raise ShopError("--out DIR is missing; --list says which diagrams there are")
    if arguments.gallery and (arguments.names or arguments.theme != "light"):
        raise ShopError("--gallery shows all diagrams, in light")
    if arguments.gallery and set(formats) != set(COMMITTED.split(",")):
        raise ShopError(f"--gallery links to every format: add --format {COMMITTED}")
    files = write(arguments.out, diagrams, formats, arguments.gallery, arguments.force)
    print(f"{len(files)} files in {arguments.out}")
    return 0


def notes_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="the folder")
    parser.add_argument("--force", action="store_true", help="overwrite files that are not ours")


def run_notes(arguments: Namespace) -> int:
    """Write a note about CQRS, with its pictures."""
    from .notes import NOTE, write_notes  # noqa: PLC0415

    files = write_notes(arguments.out, arguments.force)
    print(f"{arguments.out / NOTE}, with {len(files) - 1} pictures")
    return 0
