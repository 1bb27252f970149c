"""open_sources: order, laziness, who closes, live pipes, and errors as values."""

from __future__ import annotations

import errno
import gzip
import io
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import IO, Any

import pytest

from stream_cb.errors import InputError, UsageError
from stream_cb.inputs import Source, open_sources, raw_file
from stream_cb.inputs.magic import is_undecided, kind_of


@pytest.fixture
def pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    reading, writing = os.pipe()
    with io.FileIO(reading) as reader, io.FileIO(writing, "w") as writer:
        yield reader, writer


Only = Callable[[Any], Source]


@pytest.fixture
def only() -> Iterator[Only]:
    """Opens one input whose content is one source; it stays open for the test."""
    opened: list[Iterator[Source | InputError]] = []

    def open_one(given: Any) -> Source:
        opened.append(open_sources([given]))
        source = next(opened[-1])
        assert isinstance(source, Source)
        return source

    yield open_one
    for sources in opened:
        assert next(sources, None) is None


def test_the_import_loads_nothing_that_is_used_later() -> None:
    heavy = "bz2 lzma tarfile zipfile zstandard tempfile shutil"
    script = "import sys, stream_cb.inputs; print(*sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert not set(heavy.split()) & set(done.stdout.split())


def test_sources_come_in_order_with_what_is_known_of_them(tmp_path: Path) -> None:
    a, b = tmp_path / "a.xml", tmp_path / "b.dat"
    a.write_bytes(b"<a/>" * 1000)
    b.write_bytes(gzip.compress(b"{}"))
    seen = []
    for source in open_sources([b, str(a), io.BytesIO(b"[]")]):
        assert isinstance(source, Source)
        seen.append((source.name, source.size, source.is_pipe, source.stream.read(10)))
        assert source.position() == (source.size or 2)
    assert seen == [
        (str(b), b.stat().st_size, False, b"{}"),
        (str(a), 4000, False, b"<a/><a/><a"),
        ("<stream>", None, False, b"[]"),
    ]


def test_a_file_is_opened_when_reached_and_closed_when_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: list[FileIO] = []

    class Spy(FileIO):
        def __init__(self, path: str) -> None:
            super().__init__(path)
            files.append(self)

    monkeypatch.setattr(raw_file, "FileIO", Spy)
    for name in "abc":
        (tmp_path / name).touch()
    sources = open_sources([tmp_path])
    assert not files
    next(sources)
    assert [file.closed for file in files] == [False]
    next(sources)
    assert [file.closed for file in files] == [True, False]
    sources.close()
    assert [file.closed for file in files] == [True, True]


def test_a_source_that_was_left_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"{}")
    sources = open_sources([tmp_path, tmp_path])
    first = next(sources)
    next(sources)
    assert isinstance(first, Source)
    with pytest.raises(UsageError, match="this source is closed"):
        first.stream.read(1)
    assert first.position() == 2


def test_a_stream_handed_in_stays_open(tmp_path: Path, only: Only) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"<a/>")
    with path.open("rb") as file:
        (source,) = open_sources([file])
        assert isinstance(source, Source)
        assert (source.name, source.size, source.is_pipe) == (str(path), 4, False)
        assert not file.closed
    with tempfile.NamedTemporaryFile() as file, gzip.open(io.BytesIO(gzip.compress(b"{}"))) as gz:
        file.write(b"[1]")
        file.seek(0)
        assert [only(given).stream.read(9) for given in (file, gz)] == [b"[1]", b"{}"]


def test_an_empty_file_is_an_empty_source(tmp_path: Path, only: Only) -> None:
    path = tmp_path / "empty"
    path.touch()
    for given in (path, io.BytesIO(), io.BytesIO(gzip.compress(b""))):
        assert only(given).stream.read(10) == b""


def test_what_cannot_be_opened_is_a_value_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, good = tmp_path / "secret", tmp_path / "good"
    secret.touch()
    good.write_bytes(b"{}")

    class Refuses(FileIO):
        def __init__(self, path: str) -> None:
            if path == str(secret):
                raise PermissionError(errno.EACCES, "Permission denied", path)
            super().__init__(path)

    monkeypatch.setattr(raw_file, "FileIO", Refuses)
    found = list(open_sources([tmp_path / "none", secret, good]))
    assert [str(error) for error in found[:2]] == [
        f"{tmp_path / 'none'}: No such file or directory",
        f"{secret}: Permission denied",
    ]
    assert isinstance(found[1], InputError)
    assert isinstance(found[1].__cause__, PermissionError)
    assert isinstance(found[2], Source)


def test_a_failing_read_comes_behind_the_bytes_before_it(failing_stream: Callable[..., IO[bytes]], only: Only) -> None:
    stream = only(failing_stream(b"<a/>")).stream
    assert stream.read(9) == b"<a/>"
    for _ in range(2):
        with pytest.raises(InputError, match=r"^<stream>: Input/output error$"):
            stream.read(9)


def test_a_failing_first_read_is_a_value(failing_stream: Callable[..., IO[bytes]]) -> None:
    given = [failing_stream(b""), failing_stream(b"", EOFError("cut")), io.BytesIO(b"{}")]
    broken, cut, good = open_sources(given)
    assert str(broken) == "<stream>: Input/output error"
    assert str(cut) == "<stream>: EOFError: cut"
    assert isinstance(good, Source)


def test_a_closed_stream_is_a_value() -> None:
    stream = io.BytesIO()
    stream.close()
    (error,) = open_sources([stream])
    assert str(error) == "<stream>: ValueError: I/O operation on closed file."


def test_a_stream_of_text_in_disguise_is_a_value() -> None:
    class Disguised:
        def read(self, _size: int) -> str:
            return "text"

    (error,) = open_sources([Disguised()])  # type: ignore[list-item]
    assert str(error) == "<stream>: TypeError: the stream gives str, not bytes"


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ("a.xml", "inputs are a list"),
        (Path("a.xml"), "inputs are a list"),
        ([3], "not int"),
        ([io.StringIO()], "must be binary"),
    ],
    ids=["str", "path", "number", "text"],
)
def test_impossible_inputs_are_refused_before_anything_is_opened(inputs: object, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        open_sources(inputs)  # type: ignore[arg-type]


def test_a_pipe_gives_what_is_there_without_waiting_for_more(pipe: tuple[IO[bytes], IO[bytes]], only: Only) -> None:
    reader, writer = pipe
    writer.write(b'{"a": 1}')
    source = only(reader)
    assert (source.is_pipe, source.size) == (True, None)
    assert source.stream.read(1 << 20) == b'{"a": 1}'
    writer.write(b"\n")
    assert source.stream.read(1 << 20) == b"\n"
    writer.close()
    assert source.stream.read(1 << 20) == b""


def test_a_compressed_pipe_gives_what_can_be_inflated(pipe: tuple[IO[bytes], IO[bytes]], only: Only) -> None:
    reader, writer = pipe
    with gzip.GzipFile(fileobj=writer, mode="wb") as compressed:
        compressed.write(b"<a/>")
        compressed.flush()
        source = only(reader)
        assert source.stream.read(1 << 20) == b"<a/>"
        compressed.write(b"<b/>")
        compressed.flush()
        assert source.stream.read(1 << 20) == b"<b/>"


@pytest.mark.parametrize("how", ["raw", "buffered"])
def test_a_non_blocking_pipe_does_not_end_before_its_end(how: str, only: Only) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def write() -> None:
        with io.FileIO(writing, "w") as writer:
            writer.writelines([b"[" * 3000] * 50)

    with io.FileIO(reading) as raw:
        reader = raw if how == "raw" else io.BufferedReader(raw)
        writer = threading.Thread(target=write)
        writer.start()
        stream = only(reader).stream
        total = 0
        while chunk := stream.read(1 << 16):
            total += len(chunk)
        writer.join()
    assert total == 150_000


def test_standard_input_is_a_dash(pipe: tuple[IO[bytes], IO[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = pipe
    writer.write(b"<a/>")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.FileIO(os.dup(reader.fileno())))))
    with sys.stdin:
        (source,) = open_sources(["-"])
        assert isinstance(source, Source)
        assert (source.name, source.is_pipe, source.size) == ("<stdin>", True, None)
        assert not sys.stdin.closed
    monkeypatch.setattr("sys.stdin", None)
    assert [str(error) for error in open_sources(["-"])] == ["<stdin>: standard input is closed"]


def test_a_fifo_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"<a/>" * 50_000,))
    writer.start()
    total = 0
    for source in open_sources([path]):
        assert isinstance(source, Source)
        assert (source.is_pipe, source.size) == (True, None)
        while chunk := source.stream.read(10_000):
            total += len(chunk)
    writer.join()
    assert total == 200_000


def test_a_name_that_is_not_utf8_is_opened_and_can_be_encoded(tmp_path: Path, only: Only) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.xml"
    Path(os.fsdecode(path)).write_bytes(b"<a/>")
    source = only(os.fsdecode(path))
    assert source.name.encode() == os.fsencode(tmp_path) + rb"/caf\xe9.xml"
    assert source.stream.read(9) == b"<a/>"


@pytest.mark.parametrize(
    "ahead",
    [b"<", b"{", b"  \n[", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\x1e{", b"\x1f\x8b\x08", b"PK\x03\x04", b"x" * 512],
    ids=repr,
)
def test_these_bytes_are_enough_to_decide(ahead: bytes) -> None:
    assert not is_undecided(ahead)


@pytest.mark.parametrize("ahead", [b"", b"  ", b"\xef\xbb", b"\x1f\x8b", b"logs/a.xml\0\0", b"x" * 511], ids=repr)
def test_these_bytes_are_not_enough_to_decide(ahead: bytes) -> None:
    assert is_undecided(ahead)


def test_text_is_never_taken_for_something_else() -> None:
    for ahead in (b"Before", b"P", b"PK!", b"]", b"BZh9 is a magic", b"<ustar>" * 40):
        assert kind_of(ahead, is_all_of_a_file=False) == "plain"
