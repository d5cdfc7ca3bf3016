"""Keeps filled databases, so that a shop of a size has to be filled once.

    with open_filled("two-stores", generated(10_000), folder) as shop: ...

What is kept is never opened: a shop works on a copy, and the next one finds the same data. A
database is filled under a name of its own and renamed when it is whole and on disk; so whatever
interrupts it, nobody takes a half-filled one for whole.
"""

import hashlib
import marshal
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ...domain.errors import ShopError
from ...ladder import LADDER
from ...read_model.projections import PROJECTIONS
from ...shop import Shop
from . import Workload
from .filling import READ, WRITE, Projections, fill
from .ledger import Progress

ENVIRONMENT = "CQRS_DEMO_CACHE"  # names another cache folder
PART = ".part-"  # how the name of what is not whole begins
A_DAY = 86_400  # seconds; nobody fills a database for so long
HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent
MAKERS = ("domain", "storage", "write_model", "read_model", "codec.py")  # what decides what is kept
# Measured, and a third more: bytes an order needs, with the 2.3 lines that it has on average.
BYTES_AN_ORDER = {"crud": 550, "one-database": 550, "two-stores": 4_200, "event-sourced": 3_700}
LINES_AN_ORDER = 2.3
SPARE_BYTES = 50_000_000


def cache_folder(chosen: str | os.PathLike[str] | None = None) -> Path:
    """Return where filled databases are kept: the chosen folder, that of the environment variable
    CQRS_DEMO_CACHE, or the user's cache folder."""
    from platformdirs import user_cache_dir  # noqa: PLC0415 - needed by who measures only

    return Path(chosen or os.environ.get(ENVIRONMENT) or user_cache_dir("cqrs_demo", False))


def filled(
    workload: Workload,
    rungs: Sequence[str] = tuple(LADDER),
    *,
    folder: str | os.PathLike[str] | None = None,
    projections: Projections = PROJECTIONS,
    progress: Progress | None = None,
) -> dict[str, Path]:
    """Return a folder for each rung with its filled databases, filling those that are missing.

    They are for copying: see `open_filled`. `progress` is called with orders done and in all.
    Raises ShopError if the cache folder cannot be written, or the disk is too small.
    """
    for rung in rungs:
        if rung not in LADDER:
            raise ShopError(f"there is no rung {rung!r}; there are {', '.join(LADDER)}")
    place = cache_folder(folder) / f"{workload.key}-{_maker(projections)}"
    missing = [rung for rung in rungs if not (place / rung).is_dir()]
    if missing:
        with clear_errors(place):
            place.mkdir(parents=True, exist_ok=True)
            remove_leftovers(place, PART)
            require_space(place, bytes_needed(workload, missing))
            _fill(workload, missing, place, projections, progress)
    return {rung: place / rung for rung in rungs}


def open_filled(
    rung: str,
    workload: Workload,
    into: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    projections: Projections = PROJECTIONS,
    progress: Progress | None = None,
    **options: Any,
) -> Shop:
    """Open a shop on a copy of filled databases, which is made in the folder `into`.

    `folder` is the cache folder; `options` are those of open_shop. Raises ShopError as `filled`
    does, and if there are databases in `into` already.
    """
    from ... import open_shop  # noqa: PLC0415 - the package imports this room's neighbours

    kept = filled(workload, [rung], folder=folder, projections=projections, progress=progress)[rung]
    copy_files(kept, Path(into))
    urls: dict[str, Any] = {
        name.removesuffix(".db"): f"sqlite:///{Path(into) / name}" for name in _names(kept)
    }
    return open_shop(rung, projections=projections, **urls, **options)


def copy_files(kept: Path, into: Path) -> None:
    """Copy filled databases. Raises ShopError if that cannot be done."""
    with clear_errors(into):
        into.mkdir(parents=True, exist_ok=True)
        require_space(into, sum((kept / name).stat().st_size for name in _names(kept)))
        for name in _names(kept):
            if (into / name).exists():
                raise ShopError(f"{into / name}: is there already; copy into an empty folder")
            shutil.copyfile(kept / name, into / name)


def bytes_needed(workload: Workload, rungs: Sequence[str]) -> int:
    """Return how many bytes filled databases will need, with some to spare."""
    orders: float = workload.size
    if workload.seed is None:  # imported orders may be much longer than ours
        orders = max(orders, sum(len(x.lines) for x in workload.orders()) / LINES_AN_ORDER)
    return SPARE_BYTES + int(orders * sum(BYTES_AN_ORDER[rung] for rung in rungs))


def require_space(folder: Path, needed: int) -> None:
    """Raise ShopError if there is not so much space left on the folder's disk."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        told = f"{needed / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB are free"
        raise ShopError(f"{folder}: {told}; choose fewer orders or another folder ({ENVIRONMENT})")


def _fill(
    workload: Workload,
    rungs: Sequence[str],
    place: Path,
    projections: Projections,
    progress: Progress | None,
) -> None:
    part = Path(tempfile.mkdtemp(prefix=PART, dir=place))
    try:
        for rung in rungs:
            (part / rung).mkdir()
        fill(workload, {rung: part / rung for rung in rungs}, projections, progress)
        for rung in rungs:
            for name in _names(part / rung):
                _to_disk(part / rung / name)
            try:
                os.rename(part / rung, place / rung)
            except OSError:  # somebody else was faster, and theirs is as good
                if not (place / rung).is_dir():
                    raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _to_disk(file: Path) -> None:
    with open(file, "r+b") as opened:
        os.fsync(opened.fileno())


def _names(folder: Path) -> list[str]:
    return [name for name in (WRITE, READ) if (folder / name).exists()]


def remove_leftovers(place: Path, beginning: str) -> None:
    """Remove the folders of programs that were killed: their names begin so, and they are old."""
    for part in place.glob(f"{beginning}*"):
        if time.time() - part.stat().st_mtime > A_DAY:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn what goes wrong while files are written in a folder into a ShopError."""
    try:
        yield
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise ShopError(f"{folder}: {problem}; {ENVIRONMENT} names another folder") from error
    except sqlite3.Error as error:
        raise ShopError(f"{folder}: a database cannot be filled: {error}") from error


def _maker(projections: Projections) -> str:
    """Return what tells this program from others that would fill a shop differently."""
    digest = hashlib.sha256(_program().encode())
    for name, functions in projections.items():
        for event, function in functions.items():
            code = getattr(function, "__code__", None)
            digest.update(f"{name} {event.__name__} ".encode())
            digest.update(marshal.dumps(code) if code else repr(function).encode())
    return digest.hexdigest()[:12]


@cache
def _program() -> str:
    """Return a digest of the sources that decide how a shop is stored."""
    files = [HERE / name for name in ("__init__.py", "ledger.py", "filling.py")]
    for name in MAKERS:
        files += sorted((PACKAGE / name).glob("*.py")) if "." not in name else [PACKAGE / name]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
