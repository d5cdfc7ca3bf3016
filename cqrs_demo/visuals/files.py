"""Writing generated files, and never over somebody else's.

Each file ends in a mark that holds a checksum of the rest. A file without it, or one that was
changed since, is not ours: it is left alone unless `force` says otherwise.
"""

import hashlib
import os
import re
import struct
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from ..domain.errors import ShopError

_COMMENTS = {  # how the last line begins and ends, in each kind of file
    ".html": ("<!-- ", " -->"),
    ".svg": ("<!-- ", " -->"),
    ".md": ("<!-- ", " -->"),
    ".dot": ("// ", ""),
    ".mmd": ("%% ", ""),
}
_MARK = re.compile(rb"made by cqrs_demo, ([0-9a-f]{16})")
_PNG_END = 12  # bytes of the chunk that ends every PNG
_BEFORE_MARK = len(b"1234tEXtComment\0")  # of our chunk in a PNG


def marked(name: str, content: bytes) -> bytes:
    """Return the content with our mark."""
    mark = b"made by cqrs_demo, " + _checksum(content)
    suffix = Path(name).suffix.lower()
    if suffix == ".png":
        chunk = b"tEXtComment\0" + mark
        framed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return content[:-_PNG_END] + framed + content[-_PNG_END:]
    before, behind = _COMMENTS[suffix]
    return content + f"{before}{mark.decode()}{behind}\n".encode()


def is_ours(name: str, content: bytes) -> bool:
    """Say whether we wrote this, and nobody has changed it."""
    suffix = Path(name).suffix.lower()
    if suffix in _COMMENTS:
        content = content.replace(b"\r\n", b"\n")
    elif suffix != ".png":
        return False
    starts = [found.start() for found in _MARK.finditer(content)]
    if not starts:
        return False
    last = starts[-1]  # what the file tells of may hold a mark too
    if suffix == ".png":
        rest = content[: last - _BEFORE_MARK] + content[-_PNG_END:]
    else:
        rest = content[: content.rfind(b"\n", 0, last) + 1]
    return marked(name, rest) == content


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:16].encode()


def write_all(folder: Path, files: Mapping[str, bytes], force: bool = False) -> None:
    """Write files into a folder, which is made if need be; all of them, or none.

    Raises ShopError if one of them would replace what is not ours, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        targets = {Path(os.path.realpath(folder / name)): data for name, data in files.items()}
        for path, content in targets.items():
            _require_ours(path, content, force)
        for path, content in targets.items():
            replace(path, content)
    except OSError as error:
        raise ShopError(f"{folder}: cannot be written: {error.strerror}") from error


def _require_ours(path: Path, content: bytes, force: bool) -> None:
    if path.is_dir():
        raise ShopError(f"{path}: a folder of that name is in the way")
    if force or not path.exists():
        return
    there = path.read_bytes()
    if there != content and not is_ours(path.name, there):
        raise ShopError(f"{path}: not made here, or changed since; --force overwrites it")


def replace(path: Path, content: bytes) -> None:
    """Write a file; beside the target first, so that nobody ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".cqrs_demo-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
