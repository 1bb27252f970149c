"""Promises of transcoding: UTF-16 comes out as UTF-8, and every position finds its way back to the original bytes."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.framing.transcode import Transcoder, wide_encoding

MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("text", ["<a/>", "{}", "[]"])
def test_a_wide_encoding_is_told_by_its_mark_or_by_the_first_character(encoding: str, text: str) -> None:
    assert wide_encoding(text.encode(encoding)) == (encoding, 0)
    assert wide_encoding(MARKS[encoding] + text.encode(encoding)) == (encoding, 2)


@pytest.mark.parametrize(
    "head", [b"", b"<", b"<a/>", b"{}", b"\xef\xbb\xbf<", b"\0\0", b"\n\0", b"<?xml encoding='GBK'?>"]
)
def test_single_bytes_are_no_wide_encoding(head: bytes) -> None:
    assert wide_encoding(head) is None


texts = st.text(alphabet=st.characters(codec="utf-16-le") | st.sampled_from("中𝄞é<{\n"), max_size=40)


@settings(max_examples=150)
@given(text=texts, encoding=st.sampled_from(list(MARKS)), mark=st.booleans(), step=st.integers(1, 9))
def test_text_comes_out_whole_and_positions_find_back(text: str, encoding: str, mark: bool, step: int) -> None:
    raw = (MARKS[encoding] if mark else b"") + text.encode(encoding)
    transcoder = Transcoder(encoding, 2 if mark else 0)
    utf8 = b"".join(transcoder.feed(raw[start : start + step]) for start in range(0, len(raw), step))
    utf8 += transcoder.feed(b"", final=True)
    assert utf8 == text.encode()
    for length in range(len(text) + 1):
        original = transcoder.original(len(text[:length].encode()))
        assert original == (2 if mark else 0) + len(text[:length].encode(encoding))
    assert transcoder.restore(utf8) == text.encode(encoding)


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("step", [1, 2, 3, 100])
def test_a_lone_surrogate_passes_through_and_costs_no_neighbour(encoding: str, step: int) -> None:
    raw = "ab\ud800cd".encode(encoding, "surrogatepass")
    transcoder = Transcoder(encoding, 0)
    utf8 = b"".join(transcoder.feed(raw[start : start + step]) for start in range(0, len(raw), step))
    utf8 += transcoder.feed(b"", final=True)
    assert utf8 == "ab\ud800cd".encode("utf-8", "surrogatepass")
    assert transcoder.restore(utf8) == raw
    assert transcoder.original(len(utf8)) == len(raw)


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("rest", [b"a", "𝄞".encode("utf-16-be")[:3]])
def test_a_unit_that_the_end_cuts_off_becomes_a_replacement(encoding: str, rest: bytes) -> None:
    transcoder = Transcoder(encoding, 0)
    assert transcoder.feed("ab".encode(encoding)) == b"ab"
    assert (transcoder.feed(rest) + transcoder.feed(b"", final=True)).decode("utf-8", "surrogatepass")
