"""What is written as a dead letter reads back equal; what is no dead letter is located."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_cb.errors import InputError
from stream_cb.model import DeadLetter
from stream_cb.sinks.dead_letters import DeadLetterSink, read_dead_letters
from stream_cb.sinks.outputs import StdoutOutput

LETTER = DeadLetter(
    source="callbacks.xml",
    index=17,
    offset=40213,
    length=14,
    reason="ParseError",
    detail="a tag is left open",
    raw="<Response>数据\n".encode(),
)

counts = st.integers(min_value=0, max_value=2**63 - 1)
# File names that are no UTF-8 come as lone surrogates, as os.fsdecode gives them.
names = st.binary(max_size=20).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
letters = st.builds(
    DeadLetter,
    source=names,
    index=counts,
    offset=st.none() | counts,
    length=st.none() | counts,
    reason=st.sampled_from(["FramingError", "ParseError", "EventError", "LimitError"]),
    detail=st.text() | names,
    raw=st.binary() | st.text().map(str.encode),
)


def written(batch: list[DeadLetter]) -> bytes:
    stream = io.BytesIO()
    sink = DeadLetterSink(StdoutOutput(stream))
    sink.write(batch)
    sink.close()
    return stream.getvalue()


def test_a_letter_is_one_line_with_its_keys_in_order() -> None:
    (line,) = written([LETTER]).splitlines()
    assert list(json.loads(line).items()) == [
        ("source", "callbacks.xml"),
        ("index", 17),
        ("offset", 40213),
        ("length", 14),
        ("reason", "ParseError"),
        ("detail", "a tag is left open"),
        ("encoding", "text"),
        ("raw", "<Response>数据\n"),
        ("sha256", hashlib.sha256(LETTER.raw).hexdigest()),
    ]
    assert "数据".encode() in line


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [(b"", "text"), ("\ufeff数".encode(), "text"), (b"a\0b", "base64"), (b"\xff\xfe", "base64"), (b"\r\n\x1f", "text")],
    ids=repr,
)
def test_raw_is_text_where_it_can_be(raw: bytes, encoding: str) -> None:
    line = written([DeadLetter(source="s", index=0, reason="ParseError", detail="d", raw=raw)])
    assert json.loads(line)["encoding"] == encoding
    assert [letter.raw for letter in read_dead_letters(io.BytesIO(line))] == [raw]


@given(st.lists(letters, max_size=5))
def test_letters_read_back_equal(batch: list[DeadLetter]) -> None:
    lines = written(batch)
    assert lines.count(b"\n") == len(batch)
    assert list(read_dead_letters(io.BytesIO(lines))) == batch


def test_the_rest_is_delegated(memory: Any) -> None:
    sink = DeadLetterSink(memory)
    sink.write([LETTER])
    sink.flush()
    assert sink.commit() == len(memory.written)
    sink.close()
    sink.abort()
    assert memory.calls == ["flush", "commit", "close", "abort"]
    assert sink.name == "memory"


def test_blank_lines_and_unknown_keys_are_passed_over() -> None:
    line = json.loads(written([LETTER])) | {"added": "later"}
    stream = io.BytesIO(b"\n" + json.dumps(line).encode() + b"\n\n")
    assert list(read_dead_letters(stream)) == [LETTER]
    assert not stream.closed


GOOD = written([LETTER])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (GOOD[:15], "Unterminated string"),
        (b"[]\n", "Expected `object`, got `array`"),
        (b"{}\n", "missing required field `source`"),
        (GOOD.replace(b'"index":17', b'"index":"17"'), r"Expected `int`, got `str` - at `\$.index`"),
        (GOOD.replace(b'"text"', b'"rot13"'), "Invalid enum value 'rot13'"),
        (GOOD.replace(b'"text"', b'"base64"'), "ASCII"),
        (GOOD.replace(b"<Response>", b"<response>"), "its bytes do not match their sha256"),
        (b"[" * 100_000, "recursion"),
        (b"\xff\n", "utf-8"),
    ],
    ids=["cut", "array", "empty", "type", "encoding", "base64", "sha256", "deep", "bytes"],
)
def test_what_is_no_letter_is_located_after_the_good_ones(bad: bytes, reason: str) -> None:
    reading = read_dead_letters(io.BytesIO(GOOD + bad), source="dead.jsonl")
    assert next(reading) == LETTER
    with pytest.raises(InputError, match=rf"^dead\.jsonl: record 1 at byte {len(GOOD)}: no dead letter: .*{reason}"):
        next(reading)
