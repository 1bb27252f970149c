"""Compression for outputs: chunks → members (gzip) or frames (zstd) that stand on their own.

Equal chunks in give equal bytes out: no time and no name is written. Members and frames may be concatenated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from stream_cb.errors import UsageError

Compression = Literal["gz", "zst"]


class Codec(Protocol):
    """What zlib and zstandard have in common: it compresses one member or frame, which `flush()` ends."""

    def compress(self, chunk: bytes, /) -> bytes: ...
    def flush(self, mode: int = ..., /) -> bytes: ...


class Compressor(NamedTuple):
    """start: begins a member. sync_mode: with `flush(sync_mode)` everything so far can be decompressed."""

    start: Callable[[], Codec]
    sync_mode: int


def load_compressor(compression: Compression | None) -> Compressor | None:
    """Import what `compression` needs; None for None. Raises UsageError for an unknown one."""
    if compression is None:
        return None
    if compression == "gz":
        import zlib

        # 31: a window of 2**15 and a gzip header, whose time zlib leaves at 0.
        return Compressor(lambda: zlib.compressobj(6, zlib.DEFLATED, 31), zlib.Z_SYNC_FLUSH)
    if compression == "zst":
        import zstandard

        # A zstd frame has no checksum unless asked; a gzip member always has one.
        zstd = zstandard.ZstdCompressor(level=3, write_checksum=True)
        return Compressor(zstd.compressobj, zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    raise UsageError(f"there is no compression {compression!r}; known: gz, zst")
