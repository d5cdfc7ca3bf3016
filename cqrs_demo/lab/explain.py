"""What `python -m cqrs_demo explain` does: run a scenario, and write its recording to a file."""

import json
import os
import struct
import zlib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.errors import ShopError
from ..ladder import LADDER
from ..visuals import files
from .narration import counted

if TYPE_CHECKING:
    from ..recording import Recording

MARK = "made by cqrs_demo explain"  # and of what; the mark of visuals/files.py follows


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="its name, see --list")
    parser.add_argument("--list", action="store_true", help="say what each scenario teaches")
    parser.add_argument(
        "--shop", choices=list(LADDER), default="two-stores", help="the rung (two-stores)"
    )
    parser.add_argument("--seed", type=int, help="a number that chooses people, products, amounts")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"ends in {listed(FORMATS)}")
    parser.add_argument(
        "--quiz", action="store_true", help="a page whose questions must be answered"
    )
    parser.add_argument("--force", action="store_true", help="overwrite FILE, whoever wrote it")


def run(arguments: Namespace) -> int:
    """Run the subcommand; return the exit code. Raises ShopError for what cannot be done."""
    from . import questions, scenarios  # noqa: PLC0415 - loaded only when needed

    if arguments.list:
        print_list()
        return 0
    if arguments.scenario is None:
        raise ShopError("which scenario? --list says what each of them teaches")
    name, rung = arguments.scenario, arguments.shop
    seed = scenarios.SEED if arguments.seed is None else arguments.seed
    scenarios.find(name, rung)
    path = checked_path(arguments.out, arguments.quiz, arguments.force)
    recording = scenarios.run(name, rung, seed)
    if arguments.quiz:
        recording = questions.with_predictions(recording)
    made = f"{MARK}: {name} on {rung}, seed {seed}"
    data = FORMATS[path.suffix.lower()](recording, made, arguments.quiz)
    write(path, data if path.suffix.lower() == ".json" else files.marked(path.name, data))
    asked = sum(step.question is not None for step in recording.steps)
    told = f", {counted(asked, 'question')}" if arguments.quiz else ""
    print(f"{arguments.out}: {recording.title} ({rung}, {len(recording.steps)} steps{told})")
    return 0


def print_list() -> None:
    """Print each scenario with the rungs that it is told on and what it teaches."""
    from .scenarios import ALL_RUNGS, SCENARIOS  # noqa: PLC0415

    for name, scenario in SCENARIOS.items():
        rungs = "every rung" if scenario.rungs == ALL_RUNGS else " and ".join(scenario.rungs)
        print(f"{name} (on {rungs})\n    {scenario.teaches}")


def checked_path(out: Path | None, quiz: bool, force: bool) -> Path:
    """Return where to write, links followed. Raises ShopError if nothing must be written there."""
    if out is None:
        raise ShopError(f"where to? --out FILE is missing; it ends in {listed(FORMATS)}")
    suffix = out.suffix.lower()
    if suffix not in FORMATS:
        raise ShopError(f"{out}: ends in none of {listed(FORMATS)}")
    if quiz and suffix != ".html":
        raise ShopError(f"{out}: only a page (.html) can ask questions; leave out --quiz")
    try:
        return _free_path(out, force)
    except OSError as error:
        raise ShopError(f"{out}: cannot be read: {error.strerror}") from error


def _free_path(out: Path, force: bool) -> Path:
    path = Path(os.path.realpath(out))
    if path.is_symlink():
        raise ShopError(f"{out}: is a link that leads back to itself")
    if path.suffix.lower() != out.suffix.lower():
        raise ShopError(f"{out}: is a link to {path.name}, which does not end in {out.suffix}")
    if not path.exists():
        return path
    if not path.is_file():
        raise ShopError(f"{out}: is there, and is no file")
    if not force and not is_ours(path):
        problem = "explain did not write it, or it was changed since"
        raise ShopError(f"{out}: is there, and {problem}; --force overwrites it")
    return path


def is_ours(path: Path) -> bool:
    """Say whether explain wrote this file, and nobody has changed it."""
    data = path.read_bytes()
    if path.suffix.lower() == ".json":
        return data.replace(b"\r\n", b"\n") == written_again(data)
    return MARK.encode() in data and files.is_ours(path.name, data)


def written_again(data: bytes) -> bytes | None:
    """Return what explain would write for the scenario, rung and seed that a JSON file names.

    JSON has no room for a mark. None if it does not name them.
    """
    from . import scenarios  # noqa: PLC0415

    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("architecture"), str):
        return None
    for name, scenario in scenarios.SCENARIOS.items():
        if scenario.title == found.get("title"):
            with suppress(ShopError):
                recording = scenarios.run(name, found["architecture"], found.get("seed", -1))
                return as_json(recording, "", quiz=False)
    return None


def write(path: Path, data: bytes) -> None:
    """Write a file, in a folder that is made if need be. It appears when it is complete."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, data)
    except OSError as error:
        raise ShopError(f"{path}: cannot be written: {error.strerror}") from error


def as_html(recording: "Recording", made: str, quiz: bool) -> bytes:
    from ..visuals.pages import page  # noqa: PLC0415

    return f"{page(recording, quiz)}<!-- {made} -->\n".encode()


def as_json(recording: "Recording", made: str, quiz: bool) -> bytes:
    return f"{recording.to_json()}\n".encode()


def as_svg(recording: "Recording", made: str, quiz: bool) -> bytes:
    return f"{recording.to_svg().rstrip()}\n<!-- {made} -->\n".encode()


def as_mermaid(recording: "Recording", made: str, quiz: bool) -> bytes:
    return f"{recording.to_mermaid().rstrip()}\n%% {made}\n".encode()


def as_png(recording: "Recording", made: str, quiz: bool) -> bytes:
    """Return a PNG picture with a comment: one more chunk behind the header."""
    from ..visuals.sequence import to_png  # noqa: PLC0415

    picture = to_png(recording)
    header = 8 + 25  # the signature, and the chunk that every PNG begins with
    text = b"tEXt" + b"Software\0" + made.encode("latin-1")
    comment = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return picture[:header] + comment + picture[header:]


def listed(names: "dict[str, Format]") -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}"


Format = Callable[["Recording", str, bool], bytes]

FORMATS: dict[str, Format] = {
    ".html": as_html,
    ".json": as_json,
    ".svg": as_svg,
    ".png": as_png,
    ".mmd": as_mermaid,
}
