"""A stream over pieces: reads of any size, looking ahead, damage that stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_cb.errors import InputError, UsageError
from stream_cb.inputs.piece_stream import PieceStream


def damaged(*pieces: bytes, source: str | None = None) -> Iterator[bytes]:
    yield from pieces
    raise InputError("it broke", source=source)


@given(st.lists(st.binary(max_size=600)), st.lists(st.tuples(st.sampled_from("rtpus"), st.integers(1, 700))))
def test_any_mix_of_calls_delivers_each_byte_once(pieces: list[bytes], calls: list[tuple[str, int]]) -> None:
    whole = b"".join(pieces)
    stream = PieceStream(iter(pieces), "x")
    at = 0
    for call, size in calls:
        if call == "r":
            chunk = stream.read(size)
            assert len(chunk) <= size
            assert chunk or at == len(whole)
        elif call == "t":
            chunk = stream.take(size)
            assert len(chunk) == min(size, len(whole) - at)
        elif call == "s":
            chunk = whole[at : at + size]
            assert stream.skip(size) == len(chunk)
        else:
            chunk = b""
            if call == "p":
                wanted = min(size, 512)
                ahead = stream.peek(lambda ahead: len(ahead) < wanted)  # noqa: B023 - called at once
                assert len(ahead) >= min(wanted, len(whole) - at)
                assert whole[at:].startswith(ahead)
            else:
                back = stream.read(size)
                stream.unread(back)
        assert chunk == whole[at : at + len(chunk)]
        at += len(chunk)
    assert stream.take(len(whole) + 1) == whole[at:]


def test_bytes_before_damage_come_first_and_the_damage_stays() -> None:
    stream = PieceStream(damaged(b"ab", b"c"), "x.xml")
    assert stream.take(9) == b"abc"
    for _ in range(3):
        with pytest.raises(InputError, match=r"^x\.xml: it broke$"):
            stream.read(1)
    assert stream.raised
    assert stream.raised.source == "x.xml"


def test_looking_ahead_meets_damage_without_raising_it() -> None:
    stream = PieceStream(damaged(b"ab"), "x")
    assert stream.peek(lambda _: True) == b"ab"
    assert stream.ended
    assert stream.raised is None
    assert stream.read(9) == b"ab"
    with pytest.raises(InputError):
        stream.check()


def test_damage_of_a_shared_stream_gets_the_name_of_the_one_that_reads() -> None:
    stream = PieceStream(damaged(source="a.tar"), "a.tar!b")
    with pytest.raises(InputError, match=r"^a\.tar!b: it broke$") as caught:
        stream.read(1)
    assert isinstance(caught.value.__cause__, InputError)
    assert caught.value.__cause__.source == "a.tar"


def test_a_size_of_zero_reads_nothing_and_a_negative_one_is_refused() -> None:
    stream = PieceStream(iter([b"ab"]), "x")
    assert stream.read(0) == b""
    with pytest.raises(UsageError, match="size of 0 or more"):
        stream.read(-1)
    assert stream.read(2) == b"ab"


def test_a_closed_stream_says_so() -> None:
    stream = PieceStream(iter([b"ab"]), "x")
    stream.close()
    with pytest.raises(UsageError, match="this source is closed"):
        stream.read(1)
