"""The values between the layers: they cannot be changed, they print where they lie, and a report knows its balance."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

import pytest

from stream_cb.limits import Limits
from stream_cb.model import DeadLetter, ReadOptions, Record, Report, SinkOptions

VALUES: list[Any] = [
    Limits(),
    ReadOptions(record_path=("a",), format="xml"),
    Record(payload={"a": 1}, format="json", source="s", index=0),
    DeadLetter(source="s", index=0, reason="ParseError", detail="d", raw=b"x"),
    SinkOptions(columns=("a",)),
    Report(),
]


@pytest.mark.parametrize("value", VALUES, ids=[type(value).__name__ for value in VALUES])
def test_a_value_cannot_be_changed_and_pickles(value: Any) -> None:
    with pytest.raises(AttributeError, match="immutable"):
        setattr(value, value.__struct_fields__[0], None)
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({"offset": 40213}, "callbacks.xml: record 17 at byte 40213: cut off"),
        ({"offset": 0}, "callbacks.xml: record 17 at byte 0: cut off"),
        ({}, "callbacks.xml: record 17: cut off"),
    ],
)
def test_a_dead_letter_says_where_and_why(place: dict[str, Any], text: str) -> None:
    letter = DeadLetter(source="callbacks.xml", index=17, reason="FramingError", detail="cut off", **place)
    assert str(letter) == text


def test_a_dead_letter_knows_the_digest_of_its_bytes() -> None:
    letter = DeadLetter(source="s", index=0, reason="ParseError", detail="d", raw=b"<a>")
    assert letter.sha256 == hashlib.sha256(b"<a>").hexdigest()


def test_limits_have_the_documented_defaults() -> None:
    assert (Limits().max_record_bytes, Limits().max_depth) == (16 * 1024 * 1024, 128)
    assert ReadOptions() == ReadOptions(reader="framed", format=None, record_path=(), chunk_bytes=256 * 1024)


BALANCED: dict[str, Any] = {
    "records": 5,
    "events": 7,
    "written": 4,
    "duplicates": 3,
    "event_records": 3,
    "dead_letters": 2,
    "bytes_read": 100,
    "record_bytes": 70,
    "dead_bytes": 20,
    "between_bytes": 10,
}


def test_a_report_that_balances_has_no_problems() -> None:
    assert Report(**BALANCED).problems == []
    assert Report().problems == []


def test_a_record_that_went_missing_is_a_problem() -> None:
    assert Report(**BALANCED | {"records": 6}).problems == ["6 records are not 3 + 2 dead letters"]


def test_an_event_that_is_neither_written_nor_a_duplicate_is_a_problem() -> None:
    assert Report(**BALANCED | {"written": 5}).problems == ["7 events are not 5 written + 3 duplicates"]
    assert Report(**BALANCED | {"duplicates": 2}).problems == ["7 events are not 4 written + 2 duplicates"]


def test_a_byte_that_went_missing_is_a_problem_unless_the_run_was_stopped() -> None:
    missing = BALANCED | {"bytes_read": 101}
    assert Report(**missing).problems == ["101 bytes were read, 100 are covered"]
    assert Report(**missing, stopped="more than 1 dead letters").problems == []
