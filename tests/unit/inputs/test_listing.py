"""What a name stands for: files, folders, patterns; their order, and what is left out."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_cb.errors import InputError
from stream_cb.inputs.listing import display_name, list_files


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(b"{}")


def listed(name: str) -> list[str]:
    return [str(path) for path in list_files(name)]


def test_a_file_is_given_back_as_it_is_written() -> None:
    make("a/b.xml")
    assert listed("./a//b.xml") == ["./a//b.xml"]


@pytest.mark.parametrize("name", ["none.xml", "", "file.xml/below", "none/x.xml"])
def test_what_is_not_there_is_a_located_error(name: str) -> None:
    make("file.xml")
    (error,) = list_files(name)
    assert isinstance(error, InputError)
    assert error.source == name
    assert error.reason == ("Not a directory" if "below" in name else "No such file or directory")


def test_a_name_with_a_nul_is_an_error_not_a_crash() -> None:
    assert listed("a\0b") == ["a\0b: embedded null byte"]


def test_a_folder_is_listed_bytewise_by_whole_path_and_without_hidden_files() -> None:
    make("logs/b.xml", "logs/a/z.xml", "logs/a.xml", "logs/a/b/c.xml", "logs/Z.xml", "logs/ä.xml", "logs/a-b.xml")
    make("logs/.hidden", "logs/.git/config", "logs/a/.x")
    found = listed("logs")
    assert found == sorted(found, key=os.fsencode)
    assert found[:4] == ["logs/Z.xml", "logs/a-b.xml", "logs/a.xml", "logs/a/b/c.xml"]
    assert len(found) == 7


def test_a_hidden_folder_that_is_named_is_listed() -> None:
    make(".logs/a.xml")
    assert listed(".logs") == [".logs/a.xml"]
    make("b.xml")
    assert listed(".") == ["b.xml"]


def test_folders_far_below_are_found() -> None:
    folders = [Path("/".join("d" * depth)) for depth in range(1, 1_202)]  # more than Python would recurse
    for folder in folders:
        folder.mkdir()
    deepest = folders[-1] / "x"
    deepest.write_bytes(b"")
    try:
        assert listed("d") == [str(deepest)]
    finally:  # pytest would recurse to clean this up
        deepest.unlink()
        for folder in reversed(folders):
            folder.rmdir()


def test_links_are_followed_and_circles_end() -> None:
    make("logs/a/x.xml", "elsewhere/y.xml", "z.xml")
    Path("logs/a/up").symlink_to("..")
    Path("logs/a/self").symlink_to("self")
    Path("logs/b").symlink_to(Path("elsewhere").absolute())
    Path("logs/c").symlink_to("b")
    Path("logs/z.xml").symlink_to(Path("z.xml").absolute())
    # A link to itself is no file; opening it tells so.
    assert listed("logs") == ["logs/a/self", "logs/a/x.xml", "logs/b/y.xml", "logs/z.xml"]


def test_sockets_and_fifos_in_a_folder_are_passed_over() -> None:
    make("logs/a.xml")
    os.mkfifo("logs/fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("logs/socket")
        assert listed("logs") == ["logs/a.xml"]
        assert listed("logs/*") == ["logs/a.xml"]
        assert listed("logs/fifo") == ["logs/fifo"]


def test_a_folder_without_files_is_an_error() -> None:
    make("logs/.hidden")
    Path("logs/empty").mkdir()
    assert listed("logs") == ["logs: folder holds no files"]


def test_a_folder_that_cannot_be_read_does_not_end_the_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    make("logs/a/x.xml", "logs/b/x.xml")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("a"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert listed("logs") == ["logs/a: Permission denied", "logs/b/x.xml"]


def test_patterns_match_sorted_and_without_hidden_files() -> None:
    make("more/b.xml.gz", "more/a.xml.gz", "more/c.xml", "more/.d.xml.gz", "more/sub/e.xml.gz")
    assert listed("more/*.xml.gz") == ["more/a.xml.gz", "more/b.xml.gz"]
    assert listed("more/[!a].xml*") == ["more/b.xml.gz", "more/c.xml"]
    assert listed("m*/?.xml") == ["more/c.xml"]
    assert listed("more/.*.gz") == ["more/.d.xml.gz"]
    assert listed(f"{Path.cwd()}/mor?/c.xml") == [f"{Path.cwd()}/more/c.xml"]


def test_two_stars_match_any_number_of_folders() -> None:
    make("m/a.xml", "m/b/c.xml", "m/b/d/e.xml", "m/b/f.json", "m/.g/h.xml")
    assert listed("m/**/*.xml") == ["m/a.xml", "m/b/c.xml", "m/b/d/e.xml"]
    assert listed("m/**/**/*.xml") == ["m/a.xml", "m/b/c.xml", "m/b/d/e.xml"]
    assert listed("**") == ["m/a.xml", "m/b/c.xml", "m/b/d/e.xml", "m/b/f.json"]
    assert listed("**/d/*") == ["m/b/d/e.xml"]
    Path("m/b/loop").symlink_to("..")
    assert listed("m/**/*.xml") == ["m/a.xml", "m/b/c.xml", "m/b/d/e.xml"]


def test_a_folder_that_matches_is_listed() -> None:
    make("2022-05/a.xml", "2022-06/b/c.xml", "2022-06/.d")
    assert listed("2022-*") == ["2022-05/a.xml", "2022-06/b/c.xml"]


def test_a_file_of_the_very_name_comes_before_the_pattern() -> None:
    make("a[1].xml", "a1.xml")
    assert listed("a[1].xml") == ["a[1].xml"]
    Path("a[1].xml").unlink()
    assert listed("a[1].xml") == ["a1.xml"]
    Path("a[1].xml").symlink_to("nowhere")
    assert listed("a[1].xml") == ["a[1].xml: No such file or directory"]


def test_a_pattern_without_a_match_is_an_error() -> None:
    Path("empty").mkdir()
    assert listed("*.xml") == ["*.xml: no file matches"]
    assert listed("none/*") == ["none/*: no file matches"]
    assert listed("e*") == ["e*: no file matches"]


@given(st.lists(st.text("ab.-/", min_size=1, max_size=7), max_size=8))
def test_the_order_is_that_of_whole_paths(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    root = tmp_path_factory.mktemp("tree")
    for name in names:
        path = root / "/".join(part for part in name.split("/") if part and not part.startswith("."))
        if not path.is_dir() and not any(parent.is_file() for parent in [path, *path.parents]):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
    found = [path for path in list_files(str(root)) if isinstance(path, str)]
    assert found == sorted((str(path) for path in root.rglob("*") if path.is_file()), key=os.fsencode)


def test_a_name_that_is_not_utf8_is_shown_as_text() -> None:
    assert display_name(os.fsdecode(b"caf\xe9.xml")) == r"caf\xe9.xml"
    assert display_name("回调.xml") == "回调.xml"
