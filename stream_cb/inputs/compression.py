"""Compressed bytes → pieces, for every kind of compression.

In: a stream that stands at compressed bytes, and their kind. Out: pieces of at most PIECE_BYTES, as soon as they can be
inflated. Invariant: what can be inflated before a cut or damage is yielded before the InputError is raised; no call
inflates more than one piece, so a bomb costs time, never memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Protocol

from stream_cb.errors import InputError
from stream_cb.inputs.magic import is_undecided_member, kind_of
from stream_cb.inputs.piece_stream import PIECE_BYTES, PieceStream
from stream_cb.inputs.zstd_frames import inflate_zstd

# bz2 and lzma drop what they inflated in a call that then fails, so this is what damage may cost besides itself.
# 1 KiB a call was as fast as 256 KiB (bz2 38 MB/s) or 5 % slower (xz 98 MB/s).
_SLICE_BYTES = 1024
# What xz may allocate: `xz -9` needs 65 MiB to inflate; a forged header could ask for 4 GiB.
_XZ_MEMORY_BYTES = 256 * 1024 * 1024

# The first bytes fed to each member's decoder; chunks grow from there. A log may be a small member per record, and
# all that was fed beyond a member is copied out of its decoder.
_FIRST_CHUNK_BYTES = 4096

_GZIP_WINDOW_BITS = 31
_RAW_DEFLATE_WINDOW_BITS = -15


class _SlicedDecoder(Protocol):
    """What bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, compressed: bytes, max_length: int, /) -> bytes: ...


def inflate(kind: str, stream: PieceStream) -> Iterator[bytes]:
    """Yield all content of the stream: its members one after another, zeros between and behind them passed over.

    Args:
        kind: a row of INFLATERS; the members must all be of it.
        stream: stands at the first member; read to its end.

    Raises:
        InputError: cut, damaged, or followed by other bytes; all that can be inflated before was yielded.
    """
    inflate_member, may_repeat = INFLATERS[kind]
    yield from inflate_member(stream)
    while _pass_zeros(stream):
        ahead = stream.peek(is_undecided_member)
        if not may_repeat or kind_of(ahead, is_all_of_a_file=stream.ended) != kind:
            raise InputError(f"the {kind} data is followed by bytes that are not {kind}")
        yield from inflate_member(stream)


def _pass_zeros(stream: PieceStream) -> bool:
    """Skip the zeros that tapes and disk images pad with; False at the end."""
    while chunk := stream.read(_FIRST_CHUNK_BYTES):
        if rest := chunk.lstrip(b"\0"):
            stream.unread(rest)
            return True
    return False


def _inflate_gzip(stream: PieceStream) -> Iterator[bytes]:
    return _inflate_zlib(stream, _GZIP_WINDOW_BITS, "gzip")


def _inflate_deflate(stream: PieceStream) -> Iterator[bytes]:
    return _inflate_zlib(stream, _RAW_DEFLATE_WINDOW_BITS, "deflate")


def _inflate_zlib(stream: PieceStream, window_bits: int, kind: str) -> Iterator[bytes]:
    """Inflate one member, check sums included."""
    zlib = _load_zlib()
    decoder = zlib.decompressobj(window_bits)
    chunks = _chunks(stream, kind)
    while not decoder.eof:
        compressed = next(chunks)
        is_full = False
        while (compressed or is_full) and not decoder.eof:
            before = decoder.copy()  # 40 KB; not measurable beside inflating a piece
            try:
                piece = decoder.decompress(compressed, PIECE_BYTES)
            except zlib.error as error:
                yield _before_damage(before, compressed, zlib.error)
                raise InputError(f"{kind} data is damaged: {str(error).rpartition(': ')[2]}") from error
            yield piece
            # A full piece may leave content inside the decoder, even when all input is taken.
            compressed, is_full = decoder.unconsumed_tail, len(piece) == PIECE_BYTES
    stream.unread(decoder.unused_data)


@cache
def _load_zlib() -> Any:
    """zlib-ng, or zlib where that is not installed: the same calls and the same bytes, in 0.12 s or 0.21 for 100 MB.

    Looked for once: a log may be a small member per record.
    """
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        import zlib

        return zlib
    return zlib_ng


def _before_damage(decoder: Any, compressed: bytes, damage: type[Exception]) -> bytes:
    """What the failed call inflated before it failed and dropped: the same input again, byte by byte."""
    inflated = bytearray()
    try:
        for at in range(len(compressed)):
            inflated += decoder.decompress(compressed[at : at + 1])
    except damage:
        pass  # the caller raises it
    return bytes(inflated)


def _inflate_bzip2(stream: PieceStream) -> Iterator[bytes]:
    import bz2

    return _inflate_sliced(stream, bz2.BZ2Decompressor(), (OSError, ValueError), "bzip2")


def _inflate_xz(stream: PieceStream) -> Iterator[bytes]:
    import lzma

    decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
    return _inflate_sliced(stream, decoder, (lzma.LZMAError,), "xz")


def _inflate_lzma(stream: PieceStream) -> Iterator[bytes]:
    import lzma

    decoder = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_XZ_MEMORY_BYTES)
    return _inflate_sliced(stream, decoder, (lzma.LZMAError,), "lzma")


def _inflate_sliced(
    stream: PieceStream, decoder: _SlicedDecoder, errors: tuple[type[Exception], ...], kind: str
) -> Iterator[bytes]:
    """Inflate one member in slices that are joined to pieces."""
    chunks = _chunks(stream, kind)
    while not decoder.eof:
        compressed = next(chunks) if decoder.needs_input else b""
        slices: list[bytes] = []
        try:
            for _ in range(PIECE_BYTES // _SLICE_BYTES):
                slices.append(decoder.decompress(compressed, _SLICE_BYTES))
                compressed = b""
                if _is_waiting(decoder):
                    break
        except errors as error:
            yield b"".join(slices)
            raise InputError(f"{kind} data is damaged: {error}") from error
        yield b"".join(slices)
    stream.unread(decoder.unused_data)


def _is_waiting(decoder: _SlicedDecoder) -> bool:
    """True if nothing more comes out of the decoder unless something goes in."""
    return decoder.eof or decoder.needs_input


def _chunks(stream: PieceStream, kind: str) -> Iterator[bytes]:
    """Yield compressed bytes, in growing chunks; InputError at the end, as a decoder that still asks was cut short."""
    size = _FIRST_CHUNK_BYTES
    while chunk := stream.read(size):
        yield chunk
        size = min(4 * size, PIECE_BYTES)
    raise InputError(f"{kind} data ends before its end marker")


# kind: what inflates one member, and whether another may follow. Raw deflate is found in zip archives only.
INFLATERS: dict[str, tuple[Callable[[PieceStream], Iterator[bytes]], bool]] = {
    "gzip": (_inflate_gzip, True),
    "bzip2": (_inflate_bzip2, True),
    "xz": (_inflate_xz, True),
    "zstd": (inflate_zstd, True),
    "lzma": (_inflate_lzma, False),
    "deflate": (_inflate_deflate, False),
}
