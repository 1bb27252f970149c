"""Compressed sources: equal to the whole at any read size, honest about cuts and damage, bounded in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import IO

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from stream_cb.errors import InputError
from stream_cb.inputs import Source, compression, open_sources
from stream_cb.inputs.compression import inflate
from stream_cb.inputs.piece_stream import PIECE_BYTES, PieceStream

TEXT = b"".join(b'{"JobId": "j%d", "State": "Success"}\n' % (n * 7919) for n in range(40))


def zstd_compress(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(content)


def zstd_without_size(content: bytes) -> bytes:
    """Many small blocks, no content size, no checksum, as a pipe makes them."""
    compressor = zstandard.ZstdCompressor(write_checksum=False, write_content_size=False).compressobj()
    parts = [content[at : at + 100] for at in range(0, len(content), 100)]
    flush = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return b"".join(compressor.compress(part) + compressor.flush(flush) for part in parts) + compressor.flush()


def lzma_alone(content: bytes) -> bytes:
    return lzma.compress(content, format=lzma.FORMAT_ALONE)


REPEATABLE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd_compress,
}
COMPRESSORS = REPEATABLE | {"zstd without size": zstd_without_size, "lzma": lzma_alone}

each_kind = pytest.mark.parametrize("compress", COMPRESSORS.values(), ids=COMPRESSORS.keys())
each_repeatable = pytest.mark.parametrize("compress", REPEATABLE.values(), ids=REPEATABLE.keys())


def read_out(raw: bytes, size: int = 1 << 20) -> tuple[bytes, str]:
    """All content, and the reason of the error that ended it, or ""."""
    sources = open_sources([io.BytesIO(raw)])
    source = next(sources)
    content = bytearray()
    reason = ""
    if isinstance(source, InputError):
        reason = source.reason
    else:
        try:
            while chunk := source.stream.read(size):
                assert len(chunk) <= size
                content += chunk
        except InputError as error:
            reason = error.reason
            with pytest.raises(InputError, match=f"^<stream>: {re.escape(reason)}$"):
                source.stream.read(size)
        else:
            assert source.stream.read(size) == b""
    assert next(sources, None) is None
    return bytes(content), reason


@each_kind
@given(parts=st.lists(st.binary(max_size=3000), max_size=4), size=st.integers(1, 5000))
def test_content_is_equal_at_any_read_size(compress: Callable[[bytes], bytes], parts: list[bytes], size: int) -> None:
    whole = b"{" + b"".join(parts)  # content that begins with a magic is for the tests of archives
    assert read_out(compress(whole), size) == (whole, "")


@each_repeatable
@given(parts=st.lists(st.binary(max_size=300), max_size=3), zeros=st.integers(0, 5000))
def test_concatenated_members_are_one_content_and_zeros_around_them_none(
    compress: Callable[[bytes], bytes], parts: list[bytes], zeros: int
) -> None:
    parts = [b"{", *parts]
    raw = b"".join(compress(part) + b"\0" * zeros for part in parts)
    assert read_out(raw) == (b"".join(parts), "")


@each_kind
def test_content_of_many_pieces_comes_whole(compress: Callable[[bytes], bytes]) -> None:
    rng = random.Random(5)
    whole = b"".join(b"%d,%s\n" % (n, rng.randbytes(20)) for n in range(50_000)) + b"\0" * 600_000
    assert read_out(compress(whole), 100_000) == (whole, "")


def test_a_member_a_record_is_read_through() -> None:
    lines = TEXT.splitlines(keepends=True) * 50
    assert read_out(b"".join(map(gzip.compress, lines))) == (b"".join(lines), "")


def test_zstd_passes_over_skippable_frames() -> None:
    skippable = b"\x53\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    frame = zstd_compress(TEXT)
    assert read_out(skippable + frame + skippable + frame) == (TEXT * 2, "")


def test_zstd_inflates_incompressible_and_repeated_blocks() -> None:
    whole = random.Random(1).randbytes(300_000) + b"a" * 1_000_000
    assert read_out(zstd_compress(whole)) == (whole, "")


@each_kind
def test_a_cut_at_every_byte_delivers_a_prefix_and_then_raises(compress: Callable[[bytes], bytes]) -> None:
    raw = compress(TEXT[:900])
    first = 13 if compress is lzma_alone else 1  # the header of .lzma is its only mark
    for cut in range(first, len(raw)):
        content, reason = read_out(raw[:cut], 64)
        assert TEXT.startswith(content)
        assert reason.endswith("data ends before its end marker"), cut


@each_repeatable
def test_a_cut_in_a_later_member_delivers_all_members_before(compress: Callable[[bytes], bytes]) -> None:
    raw = compress(TEXT)
    for cut in range(1, len(raw)):
        content, reason = read_out(raw + raw[:cut])
        assert content.startswith(TEXT)
        assert (TEXT * 2).startswith(content)
        assert reason, cut


def test_a_cut_gzip_delivers_all_that_zlib_can_inflate() -> None:
    raw = gzip.compress(random.Random(2).randbytes(1000) * 3 + TEXT)
    for cut in range(18, len(raw), 7):
        content, reason = read_out(raw[:cut])
        assert content == zlib.decompressobj(31).decompress(raw[:cut])
        assert reason == "gzip data ends before its end marker"


def test_a_cut_zstd_delivers_the_whole_blocks_and_the_part_of_a_raw_one() -> None:
    noise = random.Random(3).randbytes(200_000)
    raw = zstd_compress(noise)
    content, reason = read_out(raw[:150_000])
    assert noise.startswith(content)
    assert len(content) > 149_000
    assert reason == "zstd data ends before its end marker"


@each_kind
def test_damage_anywhere_never_passes_for_a_clean_end(compress: Callable[[bytes], bytes]) -> None:
    raw = bytearray(compress(TEXT))
    unchecked = compress in (zstd_without_size, lzma_alone)  # no check sum, so some damage is beyond finding
    for at in range(len(raw)):
        raw[at] ^= 0x55
        content, reason = read_out(bytes(raw))
        assert reason or unchecked or content in (TEXT, raw), at
        raw[at] ^= 0x55


def test_damaged_deflate_delivers_what_came_before_it() -> None:
    first = b"".join(b"%d;" % n for n in range(2000))
    compressor = zlib.compressobj(wbits=31)
    raw = compressor.compress(first) + compressor.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 50
    content, reason = read_out(raw)
    assert content == first
    assert reason == "gzip data is damaged: invalid block type"


def test_a_wrong_check_sum_is_told_behind_the_content() -> None:
    raw = bytearray(gzip.compress(TEXT))
    raw[-8] ^= 1
    assert read_out(bytes(raw)) == (TEXT, "gzip data is damaged: incorrect data check")


@given(st.data(), st.binary(max_size=300), st.sampled_from([0, 1, 6]))
def test_without_zlib_ng_damage_delivers_and_says_the_same(data: st.DataObject, words: bytes, level: int) -> None:
    raw = bytearray(gzip.compress(words * data.draw(st.integers(1, 300)), level))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    with pytest.MonkeyPatch.context() as patched:
        with_it = read_out(bytes(raw))
        patched.setitem(sys.modules, "zlib_ng", None)
        patched.setattr(compression, "_load_zlib", compression._load_zlib.__wrapped__)
        assert read_out(bytes(raw)) == with_it


def test_damaged_bzip2_loses_no_more_than_a_slice_before_it() -> None:
    whole = b"".join(b"%d;" % n for n in range(60_000))
    raw = bz2.compress(whole, 1)
    raw = raw[: len(raw) // 2]
    whole_blocks = bz2.BZ2Decompressor().decompress(raw)
    content, reason = read_out(raw + b"\xff" * 1000)
    assert len(whole_blocks) > 90_000
    assert content.startswith(whole_blocks[:-1024])
    assert reason == "bzip2 data is damaged: Invalid data stream"


def test_damaged_xz_and_zstd_say_so() -> None:
    for compress, reason in (
        (lzma.compress, "xz data is damaged: Corrupt input data"),
        (zstd_compress, "zstd data is damaged: Restored data doesn't match checksum"),
    ):
        raw = bytearray(compress(random.Random(4).randbytes(500)))
        raw[len(raw) // 2] ^= 1
        assert read_out(bytes(raw))[1] == reason


@each_repeatable
def test_other_bytes_behind_compressed_ones_are_refused(compress: Callable[[bytes], bytes]) -> None:
    content, reason = read_out(compress(TEXT) + b"\0\0junk")
    assert content == TEXT
    assert reason.startswith("the ")
    assert " data is followed by bytes that are not " in reason


def test_lzma_alone_does_not_repeat() -> None:
    content, reason = read_out(lzma_alone(TEXT) * 2)
    assert (content, reason) == (TEXT, "the lzma data is followed by bytes that are not lzma")


def test_compression_around_compression_is_taken_off_and_has_a_limit() -> None:
    assert read_out(gzip.compress(bz2.compress(zstd_compress(lzma.compress(TEXT))))) == (TEXT, "")
    raw = TEXT
    for _ in range(5):
        raw = gzip.compress(raw)
    assert read_out(raw) == (b"", "compressed more than 4 times over")


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(b"\0" * 50_000_000, 9),
        bz2.compress(b"\0" * 50_000_000),
        lzma.compress(b"\0" * 50_000_000, preset=0),
        zstandard.ZstdCompressor().compress(b"\0" * 50_000_000),
    ],
    ids=["gzip", "bzip2", "xz", "zstd"],
)
def test_a_bomb_inflates_one_piece_at_a_time(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[int] = []

    def measured(kind: str, stream: PieceStream) -> Iterator[bytes]:
        for piece in inflate(kind, stream):
            pieces.append(len(piece))
            yield piece

    monkeypatch.setattr("stream_cb.inputs.inflate", measured)
    content, reason = read_out(raw)
    assert (len(content), reason) == (50_000_000, "")
    assert max(pieces) <= PIECE_BYTES


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, zstd_compress], ids=["gzip", "bzip2", "zstd"])
def test_a_failing_disk_below_compression_delivers_what_was_inflated(
    compress: Callable[[bytes], bytes], failing_stream: Callable[[bytes], IO[bytes]]
) -> None:
    whole = random.Random(6).randbytes(1_000_000)
    cut = compress(whole)[:950_000]
    sources = open_sources([failing_stream(cut)])
    source = next(sources)
    assert isinstance(source, Source)
    content = bytearray()
    error = None
    try:
        while chunk := source.stream.read(10_000):
            content += chunk
    except InputError as caught:
        error = caught
    assert str(error) == "<stream>: Input/output error"
    assert whole.startswith(content)
    assert content == read_out(cut)[0]
    assert len(content) > 800_000
