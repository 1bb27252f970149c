"""Members of tar and zip archives: found by content, streamed, honest about damage."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from stream_cb.errors import InputError
from stream_cb.inputs import Source, open_sources

A, B = b"<a>one</a>" * 100, b'{"b": 2}\n' * 300


def make_tar(members: dict[str, bytes], tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tar_format) as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return target.getvalue()


def make_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


class OnlyRead:
    """A stream that can do nothing else, and gives a few bytes at a time."""

    name = "pipe"

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        return self._content.read(min(size, 100))


def contents(given: object) -> list[tuple[str, object]]:
    """Name and content of each source; the text of each error, with what came before it if it came from a read."""
    found: list[tuple[str, object]] = []
    for source in open_sources([given]):  # type: ignore[list-item]
        if isinstance(source, InputError):
            found.append(("error", str(source)))
            continue
        content = bytearray()
        try:
            while chunk := source.stream.read(1000):
                content += chunk
            found.append((source.name, bytes(content)))
        except InputError as error:
            found.append((source.name, (bytes(content), str(error))))
    return found


@pytest.mark.parametrize("tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize(
    "compress",
    [bytes, gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress],
    ids=["plain", "gzip", "bzip2", "xz", "zstd"],
)
@pytest.mark.parametrize("wrap", [io.BytesIO, OnlyRead])
def test_a_tar_is_streamed_in_any_format_and_compression(
    tar_format: int, compress: Callable[[bytes], bytes], wrap: Callable[[bytes], object]
) -> None:
    long = "/".join(["2022"] * 30) + "/a.xml" if tar_format == tarfile.USTAR_FORMAT else "深" * 300 + "/a.xml"
    members = {long: A, "b.json": B, "empty": b""}
    stream = wrap(compress(make_tar(members, tar_format)))
    name = getattr(stream, "name", "<stream>")
    assert contents(stream) == [(f"{name}!{member}", content) for member, content in members.items()]


def test_members_are_named_behind_the_path_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("logs.tar.gz").write_bytes(gzip.compress(make_tar({"2022/06/a.xml": A})))
    Path("logs.zip").write_bytes(make_zip({"2022/06/a.xml": A}))
    assert contents("./logs.tar.gz") == [("./logs.tar.gz!2022/06/a.xml", A)]
    assert contents("logs.zip") == [("logs.zip!2022/06/a.xml", A)]
    sources = [source for source in open_sources(["logs.tar.gz", "logs.zip"]) if isinstance(source, Source)]
    assert [(source.size, source.is_pipe) for source in sources] == [(None, False)] * 2
    assert sources[0].position() == Path("logs.tar.gz").stat().st_size


def test_folders_links_and_specials_of_a_tar_are_passed_over() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            header = tarfile.TarInfo(f"x{kind!r}")
            header.type, header.linkname = kind, "a.xml"
            archive.addfile(header)
        header = tarfile.TarInfo("a.xml")
        header.size = len(A)
        archive.addfile(header, io.BytesIO(A))
    assert contents(io.BytesIO(target.getvalue())) == [("<stream>!a.xml", A)]


def test_global_pax_records_and_a_pax_size_are_heeded() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", pax_headers={"comment": "hello"}) as archive:
        header = tarfile.TarInfo("a.xml")
        header.size, header.pax_headers = len(A), {"size": str(len(A)), "SCHILY.xattr.user.x": "a=b\nc"}
        archive.addfile(header, io.BytesIO(A))
    assert contents(io.BytesIO(target.getvalue())) == [("<stream>!a.xml", A)]


def test_concatenated_tars_are_read_through() -> None:
    raw = make_tar({"a": A}) + make_tar({"b": B})
    assert contents(io.BytesIO(raw)) == [("<stream>!a", A), ("<stream>!b", B)]


def test_a_name_that_is_not_utf8_can_be_encoded() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.USTAR_FORMAT, encoding="latin-1") as archive:
        archive.addfile(tarfile.TarInfo("café.xml"))
    assert contents(io.BytesIO(target.getvalue())) == [(r"<stream>!caf\xe9.xml", b"")]


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_compressed_members_are_inflated_and_archives_in_archives_are_not_opened(
    make: Callable[[dict[str, bytes]], bytes],
) -> None:
    raw = make({"a.gz": gzip.compress(A), "t": make_tar({"a": A}), "tgz": gzip.compress(make_tar({"a": A})),
                "z": make_zip({"a": A}), "b.xz": lzma.compress(B), "k": b"B"})  # fmt: skip
    refusal = "archive inside an archive is not opened"
    assert contents(io.BytesIO(raw)) == [
        ("<stream>!a.gz", A),
        ("error", f"<stream>!t: {refusal}"),
        ("error", f"<stream>!tgz: {refusal}"),
        ("error", f"<stream>!z: {refusal}"),
        ("<stream>!b.xz", B),
        ("<stream>!k", b"B"),
    ]


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_a_damaged_compressed_member_does_not_end_the_archive(make: Callable[[dict[str, bytes]], bytes]) -> None:
    raw = make({"a.gz": gzip.compress(A)[:-4], "b.gz": gzip.compress(B)[:3], "c": B})
    reason = "gzip data ends before its end marker"
    assert contents(io.BytesIO(raw)) == [
        ("<stream>!a.gz", (A, f"<stream>!a.gz: {reason}")),
        ("error", f"<stream>!b.gz: {reason}"),
        ("<stream>!c", B),
    ]


@pytest.mark.parametrize("make", [make_tar, make_zip])
@pytest.mark.parametrize("size", [0, 1, 5000])
def test_members_need_not_be_read_to_their_end(make: Callable[[dict[str, bytes]], bytes], size: int) -> None:
    big = A * 1000
    raw = make({"a": big, "b.gz": gzip.compress(big), "c": B})
    seen = []
    for source in open_sources([io.BytesIO(raw)]):
        assert isinstance(source, Source)
        seen.append((source.name, source.stream.read(size)))
    assert seen == [("<stream>!a", big[:size]), ("<stream>!b.gz", big[:size]), ("<stream>!c", B[:size])]


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_an_archive_without_files_is_an_error(make: Callable[[dict[str, bytes]], bytes]) -> None:
    target = io.BytesIO()
    if make is make_tar:
        with tarfile.open(fileobj=target, mode="w") as archive:
            folder = tarfile.TarInfo("folder")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
    raw = target.getvalue() or make({})
    assert contents(io.BytesIO(raw)) == [("error", "<stream>: archive holds no files")]


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("reads", [True, False])
def test_a_cut_tar_gives_its_good_members_and_one_error(compress: Callable[[bytes], bytes], reads: bool) -> None:
    members = {"a": b"<a>" * 500, "b": b"<b>" * 500}
    tar = make_tar(members, tarfile.USTAR_FORMAT)
    whole = compress(tar)
    end = 512 + 1536 + 512 + 1536 + 512 if compress is bytes else len(whole)
    for cut in range(1024, end, 128) if compress is bytes else range(30, end, 3):
        errors, good = 0, {}
        for source in open_sources([io.BytesIO(whole[:cut])]):
            if isinstance(source, InputError):
                errors += 1
                continue
            content = bytearray()
            try:
                while (reads or "!" not in source.name) and (chunk := source.stream.read(100)):
                    content += chunk
                good[source.name] = bytes(content)
            except InputError:
                errors += 1
            # Up to its magic at byte 257, a tar cannot be told from other content.
            assert members.get(source.name.partition("!")[2], tar[:262]).startswith(content)
        assert errors == 1, cut
        assert not reads or good.items() <= {f"<stream>!{name}": content for name, content in members.items()}.items()


def test_each_kind_of_tar_damage_is_named() -> None:
    raw = make_tar({"a": A, "b": B}, tarfile.USTAR_FORMAT)
    second = 512 + 1024
    bad = bytearray(raw)
    bad[second] ^= 0x55
    for damaged, reason in (
        (bytes(bad), "tar header is damaged: bad checksum"),
        (raw[: second + 100], "tar archive ends inside a header"),
        (raw[:second], "tar archive ends before its end marker"),
        (raw[:second] + bytes(1024) + b"junk" * 128, "the tar archive is followed by bytes that are not tar: "),
    ):
        (first, error) = contents(io.BytesIO(damaged))
        assert first == ("<stream>!a", A)
        assert str(error[1]).startswith(f"<stream>: {reason}")
    assert contents(io.BytesIO(raw[:1000])) == [
        ("<stream>!a", (A[:488], "<stream>!a: tar archive ends inside a member"))
    ]
    assert contents(io.BytesIO(raw[: 512 + 1010])) == [
        ("<stream>!a", A),
        ("error", "<stream>: tar archive ends inside a member"),
    ]


@pytest.mark.parametrize(
    ("header", "content", "reason"),
    [
        ({"size": 5000}, b"x" * 5000, "a pax record is none"),
        ({"size": 12}, b"99 path=abc\n", "a pax record is none"),
        ({"size": 20}, b"20 size=aaaaaaaaaaa\n", "a size of aaaaaaaaaaa"),
        ({"size": 2_000_000}, b"", "an extended header of 2000000 bytes"),
    ],
    ids=["no record", "overlong", "size", "huge"],
)
def test_damaged_extended_headers_are_named(header: dict[str, int], content: bytes, reason: str) -> None:
    extended = tarfile.TarInfo("x")
    extended.type, extended.size = tarfile.XHDTYPE, header["size"]
    raw = extended.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512) + make_tar({"a": A})
    assert contents(io.BytesIO(raw)) == [("error", f"<stream>: tar header is damaged: {reason}")]


def test_a_cut_extended_header_is_named() -> None:
    raw = make_tar({"深" * 200: A})
    assert contents(io.BytesIO(raw[:700])) == [("error", "<stream>: tar archive ends inside a header")]


@pytest.mark.parametrize("kind", ["pax", "gnu"])
def test_a_sparse_member_is_refused_and_the_next_one_is_read(kind: str) -> None:
    if kind == "pax":
        extended = tarfile.TarInfo("x")
        content = b"22 GNU.sparse.major=1\n"
        extended.type, extended.size = tarfile.XHDTYPE, len(content)
        raw = extended.tobuf() + content + bytes(-len(content) % 512) + make_tar({"a": A}, tarfile.USTAR_FORMAT)[:1536]
    else:
        header = bytearray(make_tar({"a": A}, tarfile.GNU_FORMAT)[:512])
        header[156:157], header[482] = b"S", 1
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        further = bytearray(512)
        further[504] = 1
        raw = bytes(header) + bytes(further) + bytes(512) + A + bytes(-len(A) % 512)
    assert contents(io.BytesIO(raw + make_tar({"b": B}))) == [
        ("error", "<stream>!a: sparse tar member is not supported"),
        ("<stream>!b", B),
    ]


def test_a_failing_disk_below_a_tar_is_told_once(failing_stream: Callable[..., object]) -> None:
    raw = make_tar({"a": A, "b": B}, tarfile.USTAR_FORMAT)
    found = contents(failing_stream(raw[:3000]))
    assert found == [
        ("<stream>!a", A),
        ("<stream>!b", (B[: 3000 - 2048], "<stream>!b: Input/output error")),
    ]


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
@pytest.mark.parametrize("how", ["file", "stream", "pipe", "inside gzip"])
def test_a_zip_is_read_from_anywhere(method: int, how: str, tmp_path: Path) -> None:
    members = {"2022/a.xml": A, "b.json": B, "empty": b"", "big": bytes(range(256)) * 3000}
    raw = make_zip(members, method)
    path = tmp_path / "x.dat"
    path.write_bytes(raw)
    given = {"file": str(path), "stream": io.BytesIO(raw), "pipe": OnlyRead(raw), "inside gzip": None}[how]
    name = {"file": str(path), "pipe": "pipe"}.get(how, "<stream>")
    found = contents(given or io.BytesIO(gzip.compress(raw)))
    assert found == [(f"{name}!{member}", content) for member, content in members.items()]


def test_a_zip_written_to_a_pipe_is_read() -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA):
        target = Unseekable()
        with zipfile.ZipFile(target, "w", method) as archive:  # sizes behind the content
            archive.writestr("a", A)
        assert contents(io.BytesIO(target.getvalue())) == [("<stream>!a", A)]


def test_folders_and_links_of_a_zip_are_passed_over() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("folder/", b"")
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"a.xml")
        archive.writestr("a.xml", A)
    assert contents(io.BytesIO(target.getvalue())) == [("<stream>!a.xml", A)]


def patched_zip(offset_in_directory: int, value: bytes) -> bytes:
    """A zip of two members, with a field of the first one's entry in the directory replaced."""
    raw = bytearray(make_zip({"a": A, "b": B}))
    entry = raw.index(b"PK\x01\x02") + offset_in_directory
    raw[entry : entry + len(value)] = value
    return bytes(raw)


@pytest.mark.parametrize(
    ("offset", "value", "before", "reason"),
    [
        (8, b"\x01\0", None, "zip member is encrypted"),
        (10, b"\x09\0", None, "zip compression method 9 is not supported"),
        (16, b"abcd", A, "zip member is damaged: incorrect CRC"),
        (24, b"\x07\0\0\0", A, "zip member holds 1000 bytes, and 7 by its directory"),
        (42, b"\x08\0\0\0", None, "zip member does not lie where the directory says"),
        (20, b"\x05\0\0\0", b"<a>o", "deflate data ends before its end marker"),
    ],
    ids=["encrypted", "method", "crc", "size", "place", "cut"],
)
def test_a_zip_member_that_cannot_be_read_does_not_end_the_archive(
    offset: int, value: bytes, before: bytes | None, reason: str
) -> None:
    first, second = contents(io.BytesIO(patched_zip(offset, value)))
    text = f"<stream>!a: {reason}"
    assert first == (("error", text) if before is None else ("<stream>!a", (before, text)))
    assert second == ("<stream>!b", B)


def test_damaged_zips_never_pass_for_whole_ones() -> None:
    members = {"a": A[:50], "b": B[:50]}
    raw = make_zip(members)
    whole = [(f"<stream>!{name}", content) for name, content in members.items()]
    for cut in range(1, len(raw)):
        (found,) = contents(io.BytesIO(raw[:cut]))
        assert found[0] == "error"
        if cut > 4:
            assert str(found[1]).startswith("<stream>: zip archive has no readable directory at its end: ")
    for at in range(len(raw)):
        damaged = bytearray(raw)
        damaged[at] ^= 0x55
        for name, content in contents(io.BytesIO(bytes(damaged))):
            assert name == "error" or isinstance(content, tuple) or content in (A[:50], B[:50], bytes(damaged))
    assert contents(io.BytesIO(raw)) == whole


def test_a_full_disk_while_spooling_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _chunk: object, /) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    reason = "zip archive cannot be spooled to a temporary file: No space left on device"
    assert contents(OnlyRead(make_zip({"a": A}))) == [("error", f"pipe: {reason}")]


def test_a_cut_stream_around_a_zip_is_an_error() -> None:
    raw = gzip.compress(make_zip({"a": A}))
    assert contents(io.BytesIO(raw[:-9])) == [("error", "<stream>: gzip data ends before its end marker")]


def test_a_zip_member_without_a_name_is_read() -> None:
    raw = make_zip({"a": A, "b": B}).replace(b"a", b"\0")  # what follows a NUL is no part of a name
    assert contents(io.BytesIO(raw))[-1] == ("<stream>!b", B)


def test_no_room_for_a_temporary_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    ((kind, text),) = contents(OnlyRead(make_zip({"a": A})))
    assert kind == "error"
    assert str(text).startswith("pipe: zip archive cannot be spooled to a temporary file: No usable temporary")
