"""Promises about keys that stand in one object more than once: the last one is kept, and the report tells of them."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_cb import Limits, ReadOptions, Report, RunOptions, WriteOptions, convert
from stream_cb.events.repeated_keys import repeated_keys
from stream_cb.generate import generate

KEYS = st.sampled_from(["a", "b", "é", 'q"', "\n", ""])
# Of the numbers, one is longer than Python reads.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**15) | st.text(max_size=3) | st.just(...),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEYS, inner), max_size=4).map(tuple),
)


def written(value: Any) -> str:
    """JSON, of which the objects are tuples of their members."""
    if isinstance(value, tuple):
        return "{" + ",".join(f"{orjson.dumps(key).decode()}: {written(inner)}" for key, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return "1" * 5_000 if value is ... else orjson.dumps(value).decode()


def repeated_in(value: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    if isinstance(value, tuple):
        found += Counter([key for key, _ in value]) - Counter({key for key, _ in value})
    for inner in [one for _, one in value] if isinstance(value, tuple) else value if isinstance(value, list) else []:
        found += repeated_in(inner)
    return found


@given(VALUES)
def test_each_key_counts_as_often_as_it_stands_there_once_more(value: Any) -> None:
    assert Counter(repeated_keys(written(value).encode())) == repeated_in(value)


TWICE = (
    b'{"EventName":"TaskFinish","JobsDetail":[{"JobId":"a","JobId":"b","Operation":{"x":1,"x":2},"Tag":"Snapshot"}]}'
)


def report_of(log: bytes, **options: Any) -> tuple[Report, bytes]:
    out = io.BytesIO()
    report = convert(io.BytesIO(log), RunOptions(**options), WriteOptions(), stdout=out)
    assert not report.problems
    return report, out.getvalue()


@pytest.mark.parametrize("layout", ["ndjson", "json-array", "pretty", "mixed"])
def test_they_are_counted_in_every_layout_and_never_where_there_are_none(layout: str) -> None:
    log = b"".join(generate(layout=layout, count=200, seed=3))
    assert report_of(log)[0].repeated_keys == {}
    changed = log.replace(b'"State":', b'"State":"x","State":').replace(b'"State": ', b'"State": "x", "State": ')
    report, lines = report_of(changed)
    assert report.repeated_keys == {"State": changed.count(b'"x"')}
    assert lines == report_of(log)[1]


class Job(msgspec.Struct):
    """A type of a user's own."""

    a: int


@pytest.mark.parametrize(
    ("options", "log", "counted", "kept"),
    [
        ({}, TWICE, {"JobId": 1, "x": 1}, b'"JobId":"b"'),
        ({"untyped": True}, TWICE, {"JobId": 1, "x": 1}, b'"JobId":"b"'),
        ({"distinct": True}, TWICE, {"JobId": 1, "x": 1}, b'"JobId":"b"'),
        ({"schema": Job}, b'{"a":1,"a":2}', {"a": 1}, b'{"a":2}'),
        ({"read": ReadOptions(limits=Limits(max_depth=16))}, TWICE, {"JobId": 1, "x": 1}, b'"JobId":"b"'),
        ({}, b'{"code":1,"code":2}', {"code": 1}, b'"code":2'),
    ],
)
def test_they_are_counted_whatever_becomes_of_the_records(
    options: dict[str, Any], log: bytes, counted: dict[str, int], kept: bytes
) -> None:
    report, lines = report_of(log, **options)
    assert report.repeated_keys == counted
    assert kept in lines
