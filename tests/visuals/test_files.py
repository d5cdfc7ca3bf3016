"""Generated files replace their own kind, and never what somebody else made or changed."""

import os
import zlib

import pytest

from cqrs_demo import ShopError
from cqrs_demo.visuals.files import is_ours, marked, write_all

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND" + zlib.crc32(b"IEND").to_bytes(4, "big")
CONTENTS = {"a.svg": b"<svg/>\n", "a.png": PNG, "a.dot": b"digraph {}\n", "a.mmd": b"x\n"}


@pytest.mark.parametrize("name", [*CONTENTS, "a.md"])
def test_our_mark_is_known_again_and_a_change_is_noticed(name):
    written = marked(name, CONTENTS.get(name, b"# note\n"))
    assert is_ours(name, written)
    assert not is_ours(name, CONTENTS.get(name, b"# note\n"))
    assert not is_ours(name, written[:1] + b" " + written[1:])
    assert not is_ours(name, written + b"more\n")


def test_line_ends_of_another_system_are_no_change():
    written = marked("a.md", b"# note\n\ntext\n")
    assert is_ours("a.md", written.replace(b"\n", b"\r\n"))


def test_a_folder_is_made_and_files_of_ours_are_replaced(tmp_path):
    folder = tmp_path / "new" / "folder"
    write_all(folder, {"a.svg": marked("a.svg", b"<svg/>\n")})
    write_all(folder, {"a.svg": marked("a.svg", b"<svg></svg>\n")})
    assert (folder / "a.svg").read_bytes().startswith(b"<svg></svg>")
    assert [path.name for path in folder.iterdir()] == ["a.svg"]


def test_what_is_not_ours_is_left_alone_and_nothing_is_written(tmp_path):
    (tmp_path / "b.svg").write_bytes(b"somebody's")
    files = {name: marked(name, b"<svg/>\n") for name in ("a.svg", "b.svg")}
    with pytest.raises(ShopError, match=r"b\.svg: not made here, or changed since; --force"):
        write_all(tmp_path, files)
    assert not (tmp_path / "a.svg").exists()
    assert (tmp_path / "b.svg").read_bytes() == b"somebody's"
    write_all(tmp_path, files, force=True)
    assert is_ours("b.svg", (tmp_path / "b.svg").read_bytes())


def test_a_folder_that_is_a_file_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ShopError, match=r"file: cannot be written: "):
        write_all(tmp_path / "file", {})
    with pytest.raises(ShopError, match=r"cannot be written: Not a directory"):
        write_all(tmp_path / "file" / "below", {})


def test_a_folder_in_the_place_of_a_file_says_so(tmp_path):
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(ShopError, match="a folder of that name is in the way"):
        write_all(tmp_path, {"a.svg": b""}, force=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write it")
def test_a_folder_without_permission_says_so(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ShopError, match="cannot be written: Permission denied"):
        write_all(tmp_path, {"a.svg": b""})


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "link.svg").symlink_to("real.svg")
    write_all(tmp_path, {"link.svg": marked("link.svg", b"<svg/>\n")})
    assert (tmp_path / "link.svg").is_symlink()
    assert (tmp_path / "real.svg").exists()
