"""Promises of identity, outputs and durations: what deliveries of one thing share, and what a job made and took."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stream_cb.events import KINDS, Extra, Operation, TaskFinish, identity_of
from stream_cb.events.probe import Probe
from stream_cb.events.review import Review, ReviewImage, ReviewSimple
from stream_cb.events.workflow_finish import WorkflowFinish
from stream_cb.generate import to_json, to_pretty_json, to_pretty_xml, to_xml
from stream_cb.model import Record
from tests.decoding import callback, events_of, job_of, read_back

JOB: dict[str, Any] = {
    "JobId": "j1",
    "State": "Success",
    "Tag": "Snapshot",
    "CreationTime": "2022-06-30T19:25:11+0800",
    "StartTime": "2022-06-30T19:25:13+0800",
    "EndTime": "2022-06-30T19:27:39+0800",
}
RUN: dict[str, Any] = {"RunId": "i1", "State": "Success", "Tasks": [{"Type": "Snapshot"}]}
REVIEW: dict[str, Any] = {"JobId": "s1", "State": "Success", "Label": "Normal"}
SIMPLE: dict[str, Any] = {"code": 0, "message": "success", "data": {"trace_id": "t1", "result": 0}}


def identity(document: Any) -> tuple[str, ...]:
    (event,) = events_of(document)
    assert identity_of(event) == event.identity
    return event.identity


def run_of(**changes: Any) -> dict[str, Any]:
    return {"EventName": "WorkflowFinish", "WorkflowExecution": RUN | changes}


def review_of(**changes: Any) -> dict[str, Any]:
    return {"EventName": "ReviewImage", "JobsDetail": REVIEW | changes}


EMPTY: list[type[Any]] = [*Review.__subclasses__(), ReviewSimple, Probe, WorkflowFinish]


# Identity.
def test_a_job_is_its_id_its_state_and_its_end() -> None:
    assert identity(callback(**JOB)) == ("TaskFinish", "j1", "Success", "2022-06-30T19:27:39+08:00")
    assert identity(callback(JobId="j1")) == ("TaskFinish", "j1", "", "")


@pytest.mark.parametrize("change", [{"JobId": "j2"}, {"State": "Failed"}, {"EndTime": "2022-06-30T19:27:40+0800"}])
def test_jobs_that_differ_in_that_are_two(change: dict[str, Any]) -> None:
    assert identity(callback(**JOB)) != identity(callback(**JOB | change))


@pytest.mark.parametrize("change", [{"Message": "done"}, {"Code": "Success"}, {"New": "x"}, {"QueueId": "p"}])
def test_jobs_that_differ_in_anything_else_are_one(change: dict[str, Any]) -> None:
    assert identity(callback(**JOB)) == identity(callback(**JOB | change))


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json, to_pretty_json])
def test_a_job_is_the_same_in_every_form(write: Any) -> None:
    assert identity(write(callback(**JOB))) == identity(callback(**JOB))
    assert identity(write({"JobsDetail": JOB})) == identity(callback(**JOB))


def test_a_job_without_an_id_is_all_that_it_says() -> None:
    first, second = callback(Tag="Snapshot"), callback(Tag="Snapshot", Message="m")
    assert identity(first) == identity(to_xml(first)) != identity(second)
    assert identity(callback(Operation={"a": {"b": [1]}})) != identity(callback(Operation={"a": {"b": [2]}}))


def test_a_run_of_a_workflow_is_its_id() -> None:
    assert identity(run_of()) == ("WorkflowFinish", "i1")
    assert identity(run_of(State="Failed", Tasks=[])) == identity(to_xml(run_of())) == identity(run_of())
    assert identity(run_of(RunId="i2")) != identity(run_of())
    assert identity(run_of(RunId="")) != identity(run_of(RunId="", State="Failed"))


def test_a_review_is_its_job_and_all_that_it_says_for_a_live_stream_sends_many() -> None:
    name, job, digest = identity(review_of())
    assert (name, job, len(digest)) == ("ReviewImage", "s1", 32)
    assert identity(review_of()) == (name, job, digest)
    assert identity(review_of(Label="Porn"))[:2] == (name, job)
    assert identity(review_of(Label="Porn")) != identity(review_of())
    assert identity(review_of(New=[1])) != identity(review_of())


def test_a_simple_review_is_its_trace_id_and_all_that_it_says() -> None:
    named = SIMPLE | {"data": SIMPLE["data"] | {"event": "ReviewVideo"}}
    assert identity(named)[:2] == ("ReviewVideo", "t1")
    assert identity(named) == identity(named) != identity(named | {"code": 1})
    name, digest = identity(SIMPLE)[0], identity(SIMPLE)[-1]
    assert (name, len(digest)) == ("ReviewSimple", 32)
    assert identity(SIMPLE) != identity(SIMPLE | {"message": "other"})


def test_a_review_without_any_id_is_all_that_it_says() -> None:
    assert ReviewImage().identity == ReviewImage().identity != ReviewImage(label="x").identity
    assert len({kind().identity for kind in EMPTY}) == len(EMPTY)


@pytest.mark.parametrize("name", KINDS)
def test_identity_is_made_of_texts_begins_with_the_kind_and_survives_the_line(name: str) -> None:
    kind: type[Any] = KINDS[name]
    for extra in ({}, {"New": {"a": [None, 1, Decimal("1.5")]}}, {"JobId": 5, "RunId": None}):
        event = kind(extra=Extra(extra))
        assert event.identity[0] == name
        assert all(type(part) is str for part in event.identity)
        assert event.identity == msgspec.structs.replace(event).identity
    (event,) = events_of({"EventName": name, "Payload": {"b": 1, "a": [1.5, None]}, "New": 1})
    assert [again.identity for again in read_back([event])] == [event.identity]


def test_other_documents_are_all_that_they_say() -> None:
    assert identity({"EventName": "New", "a": 1}) == identity(b'{"EventName": "New",\n "a": 1}')
    assert identity({"EventName": "New", "a": 1}) != identity({"EventName": "New", "a": "1"})
    assert identity(b'{"a":1.0}') != identity(b'{"a":"1.0"}')
    assert identity(b"<a>x</a>") != identity(b"<b>x</b>")


def test_what_has_no_identity_of_its_own_is_all_that_it_says() -> None:
    class Mine(msgspec.Struct):
        a: int = 0

    assert identity_of(Mine(a=1)) == identity_of(Mine(a=1)) != identity_of(Mine(a=2))
    first = Record(payload={"a": "1"}, format="xml", source="s", index=0, name="r")
    assert identity_of(first) == identity_of(msgspec.structs.replace(first, index=7, source="t"))
    assert identity_of(first) != identity_of(msgspec.structs.replace(first, payload={"a": "2"}))
    assert identity_of(first) != identity_of(msgspec.structs.replace(first, name="q"))


def test_a_field_called_identity_of_a_user_s_own_struct_is_a_field() -> None:
    class Mine(msgspec.Struct):
        identity: tuple[str, ...] = ()
        a: int = 0

    assert identity_of(Mine(identity=("x",), a=1)) != identity_of(Mine(identity=("x",), a=2))


# Outputs.
MADE = {"OutputFile": {"ObjectPrefix": "out/", "ObjectName": ["a.ts", "", "b.ts"], "Bucket": "b"}}
STREAMS = {"Object": "o", "StreamExtract": [{"Index": "0", "Output": "v.mp4"}, {"Index": "1"}, {"Output": "a.mp3"}]}


@pytest.mark.parametrize(
    ("operation", "keys"),
    [
        ({"MediaResult": MADE}, ("out/a.ts", "out/b.ts")),
        ({"MediaResult": MADE, "Output": STREAMS}, ("out/a.ts", "out/b.ts")),
        ({"MediaResult": {"OutputFile": {"ObjectName": "a"}}, "Output": {"Object": "o"}}, ("a",)),
        ({"MediaResult": {"OutputFile": {"ObjectPrefix": "out/"}}, "Output": {"Object": "o"}}, ("o",)),
        ({"MediaResult": {"OutputFile": {}}, "Output": STREAMS}, ("v.mp4", "a.mp3")),
        ({"MediaResult": {}, "Output": {"Object": "o.${ext}"}}, ("o.${ext}",)),
        ({"Output": STREAMS}, ("v.mp4", "a.mp3")),
        ({"Output": {"Bucket": "b", "StreamExtract": [{"Index": "1"}]}}, ()),
        ({"Output": {"Object": "视频/*.mp4"}}, ("视频/*.mp4",)),
        ({"Output": {}}, ()),
        ({"Output": "text", "MediaResult": 5}, ()),
        ({}, ()),
    ],
)
def test_the_outputs_are_the_keys_that_were_made_or_else_those_that_were_asked_for(
    operation: dict[str, Any], keys: tuple[str, ...]
) -> None:
    for tag in ("StreamExtract", "MediaInfo", "DocWatermark"):
        job = job_of(callback(Tag=tag, Operation=operation))
        assert isinstance(job.operation, Operation) or not operation
        assert job.outputs == keys


def test_the_outputs_of_an_operation_that_is_not_typed_or_not_there_are_unknown() -> None:
    assert job_of(callback(Tag="NewThing", Operation={"Output": {"Object": "o"}})).outputs == ()
    assert job_of(callback(Tag="Snapshot", Operation="text")).outputs == ()
    assert TaskFinish().outputs == ()


def test_a_job_lasts_from_start_to_end_and_waits_from_creation_to_start() -> None:
    job = job_of(callback(**JOB))
    assert (job.duration, job.queued) == (timedelta(seconds=146), timedelta(seconds=2))


@pytest.mark.parametrize(
    ("missing", "known"),
    [("CreationTime", (True, False)), ("StartTime", (False, False)), ("EndTime", (False, True))],
)
@pytest.mark.parametrize("value", ["", "-", "soon", None])
def test_a_time_that_is_not_known_leaves_its_spans_unknown(missing: str, known: tuple[bool, bool], value: Any) -> None:
    job = job_of(callback(**JOB | {missing: value}))
    assert (job.duration is not None, job.queued is not None) == known


def test_spans_are_right_whatever_the_offsets_are() -> None:
    times = {"CreationTime": "2022-06-30T10:00:00Z", "StartTime": "2022-06-30T18:00:01+0800"}
    job = job_of(callback(**times, EndTime="2022-06-30T05:30:01-0430"))
    assert (job.duration, job.queued) == (timedelta(0), timedelta(seconds=1))
