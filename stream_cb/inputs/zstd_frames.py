"""One zstd frame → pieces, block by block (RFC 8878, 3.1.1).

In: a stream that stands at a frame. Out: the content of each block, at most 128 KiB. The blocks are walked here since
the library's own stream reader takes a cut frame for a finished one, and its decompressobj gives out whatever a chunk
inflates to; a block at a time, the end of the frame is certain, the memory bounded, and damage costs its block only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stream_cb.errors import InputError
from stream_cb.inputs.piece_stream import PieceStream

if TYPE_CHECKING:
    from zstandard import ZstdDecompressionObj

_ENDS_EARLY = "zstd data ends before its end marker"
_DICTIONARY_ID_BYTES = (0, 1, 2, 4)
_CONTENT_SIZE_BYTES = (0, 2, 4, 8)
_RLE_BLOCK = 1


def inflate_zstd(stream: PieceStream) -> Iterator[bytes]:
    """Yield the content of one frame; nothing for a skippable one.

    Holds the frame's window: the library refuses one over 128 MiB.

    Raises:
        InputError: the frame is cut or damaged; the content of all blocks before was yielded.
    """
    import zstandard

    magic = _exactly(stream, 4)
    if magic[1:] == b"\x2a\x4d\x18":
        size = int.from_bytes(_exactly(stream, 4), "little")
        if stream.skip(size) < size:
            raise _cut(stream)
        return
    decoder = zstandard.ZstdDecompressor().decompressobj()
    try:
        yield from _inflate_blocks(stream, decoder, magic)
    except zstandard.ZstdError as error:
        raise InputError(f"zstd data is damaged: {str(error).rpartition(': ')[2]}") from error


def _inflate_blocks(stream: PieceStream, decoder: ZstdDecompressionObj, magic: bytes) -> Iterator[bytes]:
    """Feed the decoder the frame's header, each of its blocks, and its checksum, which it verifies."""
    descriptor = _exactly(stream, 1)
    decoder.decompress(magic + descriptor + _exactly(stream, _header_bytes(descriptor[0])))
    is_last = False
    while not is_last:
        header = _exactly(stream, 3)
        bits = int.from_bytes(header, "little")
        is_last, kind, size = bool(bits & 1), bits >> 1 & 3, bits >> 3
        wanted = 1 if kind == _RLE_BLOCK else size
        body = stream.take(wanted)
        yield decoder.decompress(header + body)
        if len(body) < wanted:
            raise _cut(stream)
    if descriptor[0] & 4:
        yield decoder.decompress(_exactly(stream, 4))


def _header_bytes(descriptor: int) -> int:
    """Bytes of the frame header behind its descriptor: window, dictionary's number, content size."""
    is_single_segment = bool(descriptor & 0x20)
    content_size = _CONTENT_SIZE_BYTES[descriptor >> 6] or int(is_single_segment)
    return int(not is_single_segment) + _DICTIONARY_ID_BYTES[descriptor & 3] + content_size


def _exactly(stream: PieceStream, size: int) -> bytes:
    """Take `size` bytes, or raise InputError."""
    taken = stream.take(size)
    if len(taken) < size:
        raise _cut(stream)
    return taken


def _cut(stream: PieceStream) -> InputError:
    """The error for a frame that ends here; raises the stream's own damage if that is the cause."""
    stream.check()
    return InputError(_ENDS_EARLY)
