"""Promises of runs: each record of a run is found again where it lies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_cb.framing.runs import element_spans, value_spans
from stream_cb.model import Span

ELEMENTS = st.lists(st.sampled_from([b"<Response></Response>", b"<Response><A>1</A></Response>"]), min_size=1)
VALUES = st.lists(
    st.sampled_from(
        [
            b'{"EventName":"x"}',
            b'{ "EventName" : "x","b":{"c":{}}}',
            b'{\n  "EventName":"}","b":[{"Key":"EventName"},{"b":"{\\"EventName\\""}]\n}',
        ]
    ),
    min_size=1,
)
SPACES = st.sampled_from([b"", b"\n", b"\r\n", b" \t\n"])
GAPS = st.sampled_from([b"\n", b"", b",", b" ,\n", b"\r\n"])


def laid_out(records: list[bytes], gap: bytes) -> tuple[bytes, list[Span]]:
    """The records behind some other bytes, and where each of them lies."""
    spans: list[Span] = []
    raw = b"??"
    for number, record in enumerate(records):
        raw += gap if number else b""
        spans.append((len(raw), len(record)))
        raw += record
    return raw, spans


@given(records=ELEMENTS, space=SPACES)
def test_each_element_of_a_run_is_found_again(records: list[bytes], space: bytes) -> None:
    raw, spans = laid_out(records, space)
    assert element_spans(raw + b"<Response>", 2, len(raw)) == spans


@given(records=VALUES, gap=GAPS)
def test_each_object_of_a_run_is_found_again(records: list[bytes], gap: bytes) -> None:
    raw, spans = laid_out(records, gap)
    assert value_spans(raw + gap + b'{"EventName":3}', 2, len(raw)) == spans
