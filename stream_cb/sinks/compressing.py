"""Writes are compressed on their way, if they are to be; see `BufferedOutput` for what it does before.

Invariant: `end_member` leaves bytes behind it that can be decompressed as far as they go.
"""

from __future__ import annotations

from stream_cb.sinks.buffering import BufferedOutput
from stream_cb.sinks.compressors import Codec, Compression, load_compressor


class CompressedOutput(BufferedOutput):
    """Compresses what is passed on; a subclass writes it in `write_out`.

    position: bytes written out so far, compressed; a subclass counts them.
    """

    def __init__(self, name: str, compression: Compression | None) -> None:
        super().__init__(name)
        self.position = 0
        self._compressor = load_compressor(compression)
        self._codec: Codec | None = None

    def write_out(self, chunk: bytes, /) -> None:
        """Write all of `chunk` to wherever it goes; OSErrors may leave it."""
        raise NotImplementedError

    def pass_on(self, chunk: bytes, /) -> None:
        if self._compressor:
            if self._codec is None:
                self._codec = self._compressor.start()
            chunk = self._codec.compress(chunk)
        self.write_out(chunk)

    def make_readable(self) -> None:
        """Write out what the codec holds back, in a form that can be decompressed."""
        if self._codec and self._compressor:
            self.write_out(self._codec.flush(self._compressor.sync_mode))

    def end_member(self) -> None:
        """End the compressed member that is open, if there is one."""
        if self._codec:
            self.write_out(self._codec.flush())
            self._codec = None

    def end(self) -> None:
        """Write out everything, and end the last member: no bytes at all are no valid .gz or .zst."""
        self.drain()
        if self._compressor and not self.position and not self._codec:
            self._codec = self._compressor.start()
        self.end_member()
