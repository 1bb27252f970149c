"""A tar stream → its files, one after another, never sought and never unpacked whole.

In: a stream that stands at the first header. Out: (name, pieces) of each regular file. The blocks are walked here since
`tarfile` takes a damaged header or a missing end for the end, keeps every header, and drops what it read before damage.
Invariant: the stream is read to its very end, so the check sums of a compression around it are verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stream_cb.errors import InputError
from stream_cb.inputs.piece_stream import PIECE_BYTES, PieceStream
from stream_cb.patterns import lazy_pattern

if TYPE_CHECKING:
    from tarfile import TarInfo

_BLOCK = 512
# What one extended header (long name, pax records) may be; they are held in memory. Paths are 4 KiB at the most,
# extended attributes 64 KiB.
_MAX_EXTENDED_BYTES = 1024 * 1024

_LONG_NAME, _LONG_LINK, _PAX, _PAX_SOLARIS, _PAX_GLOBAL, _SPARSE = b"L", b"K", b"x", b"X", b"g", b"S"
_REGULAR = (b"0", b"\0", b"7")
_WITHOUT_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")  # links, devices, folders, FIFOs: whatever their size says
_SIZE = lazy_pattern(r"[0-9]{1,19}")
_PAX_RECORD = lazy_pattern(rb"(\d{1,9}) ([^=\n]+)=")


def tar_members(stream: PieceStream) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each regular file; links, folders and specials are passed over.

    The pieces can be read until the next member is asked for; what was not read is then passed over. Archives that
    were simply concatenated are read through.

    Raises:
        InputError: a cut or damaged archive, from here or from the pieces; all members before were yielded.
    """
    global_records: dict[str, str] = {}
    records: dict[str, str] = {}
    while header := _next_header(stream):
        if header.type in (_PAX, _PAX_SOLARIS, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK):
            found = _extended_records(header.type, _extended(stream, header.size))
            (global_records if header.type == _PAX_GLOBAL else records).update(found)
            continue
        merged = global_records | records
        records = {}
        if header.type in _WITHOUT_CONTENT:
            continue
        body = _Body(stream, _size(header, merged))
        if header.type == _SPARSE or any(key.startswith("GNU.sparse.") for key in merged):
            yield merged.get("GNU.sparse.name") or merged.get("path") or header.name, _refuse_sparse()
        elif header.type in _REGULAR:
            yield merged.get("path") or header.name, body.pieces()
        body.skip()


class _Body:
    """The content of one member and the padding behind it."""

    def __init__(self, stream: PieceStream, size: int) -> None:
        self._stream = stream
        self._left = size
        self._padding = -size % _BLOCK
        # One object, however often it is raised, so that who has told it once can know it again.
        self._cut = InputError("tar archive ends inside a member")

    def pieces(self) -> Iterator[bytes]:
        """Yield what is left of the content, as it comes."""
        while self._left:
            chunk = self._stream.read(min(self._left, PIECE_BYTES))
            if not chunk:
                raise self._cut
            self._left -= len(chunk)
            yield chunk

    def skip(self) -> None:
        """Pass over what is left and the padding, or raise InputError."""
        for _ in self.pieces():
            pass
        if self._stream.skip(self._padding) < self._padding:
            self._stream.check()
            raise self._cut


def _next_header(stream: PieceStream) -> TarInfo | None:
    """Read the next header; None behind the end marker (a block of zeros) and all the zeros that follow."""
    import tarfile

    is_marked = False
    while True:
        block = stream.take(_BLOCK)
        if len(block) < _BLOCK:
            stream.check()
            if is_marked and not block.strip(b"\0"):
                return None
            raise InputError(f"tar archive ends {'inside a header' if block else 'before its end marker'}")
        if not block.strip(b"\0"):
            is_marked = True
            continue
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "backslashreplace")
        except (tarfile.TarError, ValueError) as error:
            what = "the tar archive is followed by bytes that are not tar" if is_marked else "tar header is damaged"
            raise InputError(f"{what}: {error}") from error
        if header.type == _SPARSE:
            _skip_sparse_map(stream, is_extended=bool(block[482]))
        return header


def _skip_sparse_map(stream: PieceStream, *, is_extended: bool) -> None:
    """Pass over the blocks that go on with the map of an old GNU sparse header; byte 504 says whether one follows."""
    while is_extended:
        block = stream.take(_BLOCK)
        if len(block) < _BLOCK:
            stream.check()
            raise InputError("tar archive ends inside a header")
        is_extended = bool(block[504])


def _refuse_sparse() -> Iterator[bytes]:
    yield from ()
    raise InputError("sparse tar member is not supported")


def _size(header: TarInfo, records: dict[str, str]) -> int:
    """Bytes of content that follow the header."""
    size = records.get("size", str(header.size))
    if not _SIZE.fullmatch(size):
        raise InputError(f"tar header is damaged: a size of {size[:20]}")
    return int(size)


def _extended(stream: PieceStream, size: int) -> bytes:
    """The content of an extended header, held whole."""
    if not 0 <= size <= _MAX_EXTENDED_BYTES:
        raise InputError(f"tar header is damaged: an extended header of {size} bytes")
    content = stream.take(size)
    if len(content) < size or stream.skip(-size % _BLOCK) < -size % _BLOCK:
        stream.check()
        raise InputError("tar archive ends inside a header")
    return content


def _extended_records(kind: bytes, content: bytes) -> dict[str, str]:
    """What an extended header says of the member that follows: pax records; of GNU's long name its path."""
    if kind == _LONG_LINK:
        return {}
    if kind == _LONG_NAME:
        return {"path": content.partition(b"\0")[0].decode("utf-8", "backslashreplace")}
    records: dict[str, str] = {}
    at = 0
    while at < len(content) and content[at]:
        match = _PAX_RECORD.match(content, at)
        end = at + int(match[1]) if match else 0
        if not match or not match.end() < end <= len(content) or content[end - 1 : end] != b"\n":
            raise InputError("tar header is damaged: a pax record is none")
        value = content[match.end() : end - 1]
        records[match[2].decode("utf-8", "backslashreplace")] = value.decode("utf-8", "backslashreplace")
        at = end
    return records
