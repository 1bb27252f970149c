"""Promises of encoding: one line an event, the documented names, extra fields beside the typed ones, no digit lost."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.events import Event, Extra, Input, Other, TaskFinish, Workflow, encode_lines, to_document
from stream_cb.generate import callbacks, to_json, to_xml
from stream_cb.model import Record
from tests.decoding import events_of

FIXED = timezone(timedelta(hours=8))


def test_a_line_has_the_documented_names_and_no_absent_field() -> None:
    event: TaskFinish[Any] = TaskFinish(
        job_id="j", end_time=datetime(2022, 6, 30, 19, 27, 39, tzinfo=FIXED), input=Input(object="视频")
    )
    expected = (
        '{"EventName":"TaskFinish","JobId":"j","EndTime":"2022-06-30T19:27:39+08:00","Input":{"Object":"视频"}}\n'
    )
    assert encode_lines([event]).decode() == expected


def test_extra_fields_lie_beside_the_typed_ones_at_every_level() -> None:
    event: TaskFinish[Any] = TaskFinish(
        job_id="j",
        input=Input(object="o", extra=Extra({"Deep": {"a": [1]}})),
        workflow=Workflow(extra=Extra({"Only": None})),
        extra=Extra({"New": "x", "Progress": 5}),
    )
    assert json.loads(encode_lines([event])) == {
        "EventName": "TaskFinish",
        "JobId": "j",
        "Input": {"Object": "o", "Deep": {"a": [1]}},
        "Workflow": {"Only": None},
        "New": "x",
        "Progress": 5,
    }


def test_a_payload_that_looks_like_an_extra_is_written_as_it_is() -> None:
    payloads: list[Any] = [{"": {"a": 1}}, {"a": '"":{'}, {"": {"": {}}}]
    for payload in payloads:
        assert json.loads(encode_lines([Other(payload=payload)])) == {"EventName": "Other", "Payload": payload}
    event: TaskFinish[Any] = TaskFinish(operation={"": {"a": 1}}, extra=Extra({"": {"b": 2}, "c": 3}))
    assert json.loads(encode_lines([event])) == {
        "EventName": "TaskFinish",
        "Operation": {"": {"a": 1}},
        "": {"b": 2},
        "c": 3,
    }


def test_no_digit_of_a_number_is_lost() -> None:
    payload = {"a": Decimal("1.500000000000000000000001"), "b": 10**40, "c": Decimal("1E+3")}
    line = encode_lines([Other(payload=payload)])
    assert json.loads(line, parse_float=Decimal)["Payload"] == payload
    assert b'"' not in line.partition(b'"a":')[2].partition(b",")[0]


def test_no_events_are_no_lines() -> None:
    assert encode_lines([]) == b""


def test_lines_come_in_the_order_of_the_events() -> None:
    events = [TaskFinish(job_id="a"), Other(payload=1), TaskFinish(extra=Extra({"b": "c"}))]
    lines = encode_lines(events).splitlines(keepends=True)
    assert lines == [encode_lines([event]) for event in events]
    assert all(line.endswith(b"\n") for line in lines)


@pytest.mark.parametrize(("name", "document"), [("Response", {"Response": {"a": "1"}}), ("", {"a": "1"})])
def test_an_untyped_record_is_its_payload_under_the_name_of_its_root(name: str, document: Any) -> None:
    record = Record(payload={"a": "1"}, format="json", source="test", index=0, name=name)
    assert to_document(record) == document
    assert encode_lines([record, record]) == (json.dumps(document, separators=(",", ":")).encode() + b"\n") * 2


names = st.text(max_size=3) | st.sampled_from(["", "New", "Operation", '"', "\\"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(['"":{', "\u2028", "\x00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
TYPED = {"EventName", "JobId", "Operation", "Input", "Workflow", "Response", "Object", "RunId"}


def is_untyped(name: str) -> bool:
    return name not in TYPED


extras = st.dictionaries(names.filter(is_untyped), values, max_size=3).map(Extra)
events: st.SearchStrategy[Event] = st.builds(
    TaskFinish,
    job_id=st.text(max_size=4),
    operation=st.none() | st.dictionaries(names, values, max_size=3),
    input=st.none() | st.builds(Input, object=st.text(max_size=3), extra=extras),
    workflow=st.none() | st.builds(Workflow, run_id=st.text(max_size=3), extra=extras),
    response=extras,
    extra=extras,
) | st.builds(Other, root=st.text(max_size=3), payload=values)


@settings(max_examples=200)
@given(events=st.lists(events, max_size=4))
def test_a_line_says_what_the_document_says(events: list[Event]) -> None:
    lines = encode_lines(events).splitlines()
    assert [json.loads(line) for line in lines] == [to_document(event) for event in events]


def test_lines_of_generated_events_say_what_their_documents_say() -> None:
    for tree in itertools.islice(callbacks(seed=3), 100):
        for raw in (to_xml(tree), to_json(tree)):
            decoded = events_of(raw)
            lines = encode_lines(decoded).splitlines()
            assert [json.loads(line, parse_float=Decimal) for line in lines] == [to_document(one) for one in decoded]
