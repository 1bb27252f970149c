"""A zip archive → its files, one after another, in the order of its directory.

In: a file that can seek, or a stream, whose bytes then go to a temporary file as they are: the directory of a zip lies
at its end. Out: (name, pieces) of each regular file. `zipfile` reads the directory (held in memory, about 1 KB a
member); the content is inflated by this package, piece by piece, as `zipfile` inflates bz2 and lzma without a bound.
"""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from stream_cb.errors import InputError
from stream_cb.inputs.compression import inflate
from stream_cb.inputs.piece_stream import PIECE_BYTES, PieceStream
from stream_cb.inputs.raw_file import RawFile, reason_of

if TYPE_CHECKING:
    from zipfile import ZipInfo

# APPNOTE 4.4.5 → kinds of compression; 0 is stored.
_LZMA_METHOD = 14
_METHODS = {0: "", 8: "deflate", 12: "bzip2", _LZMA_METHOD: "lzma", 93: "zstd", 95: "xz"}
# APPNOTE 4.4.4: encrypted, lzma with an end marker, strong encryption, masked directory.
_ENCRYPTED, _LZMA_MARKED, _STRONG, _MASKED = 0x1, 0x2, 0x40, 0x2000

_LOCAL_HEADER_BYTES = 30
_LOCAL_SIGNATURE = b"PK\x03\x04"
_UNIX = 3
_CUT = "zip archive ends inside a member"


def zip_members(raw: RawFile) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each regular file; links and folders are passed over. The pieces stand alone, in any order.

    Raises:
        InputError: the directory cannot be read. A damaged, encrypted or unsupported member raises from its pieces
            only; the others can still be read.
    """
    import struct
    import zipfile

    try:
        members = zipfile.ZipFile(raw.file).infolist()
    except OSError as error:
        raise InputError(reason_of(error)) from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error, OverflowError) as error:
        raise InputError(f"zip archive has no readable directory at its end: {error}") from error
    for member in members:
        if _is_regular(member):
            yield member.filename, _content(raw, member)


def spool_zip(stream: PieceStream, spool: IO[bytes]) -> None:
    """Copy the archive as it is, compressed, to a file that can seek.

    Raises:
        InputError: the stream is damaged, so that the directory at its end is out of reach; or the file is full.
    """
    while chunk := stream.read(PIECE_BYTES):
        try:
            spool.write(chunk)
        except OSError as error:
            raise InputError(f"zip archive cannot be spooled to a temporary file: {reason_of(error)}") from error


def _is_regular(member: ZipInfo) -> bool:
    """False for folders, and for links and specials that a Unix zip has marked as such."""
    file_type = stat.S_IFMT(member.external_attr >> 16)
    is_special = member.create_system == _UNIX and file_type not in (0, stat.S_IFREG)
    return not member.filename.endswith("/") and not is_special


def _content(raw: RawFile, member: ZipInfo) -> Iterator[bytes]:
    """Yield the member's content, and verify its size and CRC at the end."""
    if member.flag_bits & (_ENCRYPTED | _STRONG | _MASKED):
        raise InputError("zip member is encrypted")
    if member.compress_type not in _METHODS:
        raise InputError(f"zip compression method {member.compress_type} is not supported")
    kind = _METHODS[member.compress_type]
    pieces = _lzma_alone(raw, member) if member.compress_type == _LZMA_METHOD else _stored(raw, member)
    if kind:
        pieces = inflate(kind, PieceStream(pieces, ""))
    size, crc = 0, 0
    for piece in pieces:
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != member.file_size:
        raise InputError(f"zip member holds {size} bytes, and {member.file_size} by its directory")
    if crc != member.CRC:
        raise InputError("zip member is damaged: incorrect CRC")


def _stored(raw: RawFile, member: ZipInfo) -> Iterator[bytes]:
    """Yield the member's bytes as they lie in the archive."""
    header = _read_whole(raw, member.header_offset, _LOCAL_HEADER_BYTES)
    if header[:4] != _LOCAL_SIGNATURE:
        raise InputError("zip member does not lie where the directory says")
    name_bytes, extra_bytes = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    at = member.header_offset + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes
    end = at + member.compress_size
    while at < end:
        chunk = raw.read_at(at, min(end - at, PIECE_BYTES))
        if not chunk:
            raise InputError(_CUT)
        at += len(chunk)
        yield chunk


def _lzma_alone(raw: RawFile, member: ZipInfo) -> Iterator[bytes]:
    """Yield a member of method 14 as a .lzma file: its properties, its length (or "unknown"), its bytes."""
    stream = PieceStream(_stored(raw, member), "")
    prefix = stream.take(4)  # APPNOTE 5.8.8: version, 2 bytes; size of the properties, 2 bytes
    properties = stream.take(int.from_bytes(prefix[2:], "little"))
    is_marked = bool(member.flag_bits & _LZMA_MARKED)
    yield properties + (b"\xff" * 8 if is_marked else member.file_size.to_bytes(8, "little"))
    while chunk := stream.read(PIECE_BYTES):
        yield chunk


def _read_whole(raw: RawFile, offset: int, size: int) -> bytes:
    """Read exactly `size` bytes, or raise InputError."""
    found = b""
    while len(found) < size:
        chunk = raw.read_at(offset + len(found), size - len(found))
        if not chunk:
            raise InputError(_CUT)
        found += chunk
    return found
