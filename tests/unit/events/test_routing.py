"""Promises of routing: every documented form of every kind becomes that kind, anything else stays whole as Other."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream_cb.events import KINDS, Event, Notes, Other, TaskFinish, decode, encode_lines, kind_of
from stream_cb.events.probe import Probe
from stream_cb.events.review import (
    Review,
    ReviewAudio,
    ReviewDocument,
    ReviewHtml,
    ReviewImage,
    ReviewSimple,
    ReviewText,
    ReviewVideo,
)
from stream_cb.events.review_parts import SimpleData, SimpleScene
from stream_cb.events.workflow_finish import Task, WorkflowFinish
from stream_cb.generate import to_json, to_pretty_json, to_pretty_xml, to_xml
from tests.decoding import events_of, read_all, read_back

REVIEWS: list[type[Review]] = [ReviewImage, ReviewVideo, ReviewAudio, ReviewText, ReviewDocument, ReviewHtml]
each_review = pytest.mark.parametrize("kind", REVIEWS)

JOB = {"JobId": "j1", "State": "Success", "Tag": "Snapshot"}
RUN = {"RunId": "i1", "WorkflowName": "", "Tasks": [{"Type": "Snapshot", "JobId": "j1"}]}
JOB_EVENT: TaskFinish[Any] = TaskFinish(job_id="j1", state="Success", tag="Snapshot")
RUN_EVENT = WorkflowFinish(run_id="i1", tasks=(Task(type="Snapshot", job_id="j1"),))
FLAT_KINDS = {"TaskFinish": (JOB, JOB_EVENT, "JobsDetail"), "WorkflowFinish": (RUN, RUN_EVENT, "WorkflowExecution")}


def simple(**inner: Any) -> dict[str, Any]:
    return {"code": 0, "message": "success", "data": inner}


def read(raw: bytes) -> list[Event]:
    """The events of a log in which everything is sound; their lines must read back as they are."""
    events, letters = read_all(raw)
    assert not letters
    assert read_back(events) == events
    return events


# Jobs and workflows: two formats, with and without their EventName, wrapped and flat.
@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json, to_pretty_json])
@pytest.mark.parametrize("name", FLAT_KINDS)
def test_a_body_with_its_event_name_is_that_kind(name: str, write: Any) -> None:
    fields, event, envelope = FLAT_KINDS[name]
    assert read(write({"EventName": name, envelope: fields})) == [event]


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json, to_pretty_json])
@pytest.mark.parametrize("name", FLAT_KINDS)
def test_a_body_from_before_event_names_is_told_by_its_envelope(name: str, write: Any) -> None:
    fields, event, envelope = FLAT_KINDS[name]
    (inferred,) = read(write({envelope: fields}))
    assert type(inferred) is type(event)
    assert inferred.event_name_inferred
    assert encode_lines([inferred]) == encode_lines([event]).replace(
        b'",', b'","EventNameInferred":true,', 1
    )  # behind the EventName, which comes first


@pytest.mark.parametrize("name", FLAT_KINDS)
def test_the_name_that_a_body_is_given_wins_over_what_it_holds(name: str) -> None:
    assert [type(event) for event in events_of({"EventName": name, "JobsDetail": {}, "WorkflowExecution": {}})] == [
        KINDS[name]
    ]


def test_an_envelope_may_hold_one_or_several_or_none() -> None:
    several = [JOB, {"JobId": "j2"}]
    for document in ({"EventName": "TaskFinish", "JobsDetail": several}, {"JobsDetail": several}):
        assert [getattr(event, "job_id", "") for event in read(json.dumps(document).encode())] == ["j1", "j2"]
    assert read(to_xml({"EventName": "TaskFinish", "JobsDetail": several})) == [JOB_EVENT, TaskFinish(job_id="j2")]
    runs = {"EventName": "WorkflowFinish", "WorkflowExecution": [RUN, {"RunId": "i2"}]}
    assert read(json.dumps(runs).encode()) == read(to_xml(runs)) == [RUN_EVENT, WorkflowFinish(run_id="i2")]
    empties: list[Any] = [{}, [], "", "\n  ", [{}], [""]]
    for empty in empties:
        assert events_of({"EventName": "WorkflowFinish", "WorkflowExecution": empty}) == [WorkflowFinish()]
        assert events_of({"EventName": "ReviewText", "JobsDetail": empty}) == [ReviewText()]


@pytest.mark.parametrize(
    "document",
    [
        {"EventName": "TaskFinish", "RequestId": "r", "Extra": {"a": "1"}, "JobsDetail": [JOB, JOB]},
        {"RequestId": "r", "JobsDetail": JOB, "Extra": {"a": "1"}},
        {"EventName": "WorkflowFinish", "RequestId": "r", "Extra": {"a": "1"}, "WorkflowExecution": RUN},
        {"EventName": "ReviewText", "RequestId": "r", "Extra": {"a": "1"}, "JobsDetail": {"JobId": "s"}},
    ],
)
def test_fields_beside_the_envelope_are_in_the_response_of_each_event(document: dict[str, Any]) -> None:
    notes = Notes()
    for event in events_of(document, notes):
        assert not isinstance(event, (Other, Probe, ReviewSimple))
        assert (event.response, event.extra) == ({"RequestId": "r", "Extra": {"a": "1"}}, {})
    assert notes.unknown_fields == {"Response.RequestId": 1, "Response.Extra": 1}
    assert not notes.misfits
    assert read(to_xml(document)) == read(to_json(document)) == events_of(document)


@pytest.mark.parametrize(
    "inner",
    [
        {"EventName": "TaskFinish", "JobsDetail": JOB},
        {"JobsDetail": [JOB, JOB]},
        {"EventName": "WorkflowFinish", "WorkflowExecution": RUN},
        {"EventName": "ReviewImage", "JobsDetail": {"JobId": "s"}},
        simple(event="ReviewImage"),
    ],
)
def test_json_may_name_its_root_as_xml_does(inner: dict[str, Any]) -> None:
    assert read(json.dumps({"Response": inner}).encode()) == events_of(inner)
    assert kind_of(events_of({"Response": inner})[0]) != "Other"


def test_a_response_among_other_keys_is_no_root() -> None:
    document = {"Response": {"JobsDetail": JOB}, "Other": "x"}
    assert events_of(document) == [Other(payload=document)]


# Reviews.
@each_review
def test_a_detail_body_is_its_review(kind: type[Review]) -> None:
    name = kind.__name__
    for fields in ({"JobId": "s1", "State": "Success"}, [{"JobId": "s1", "State": "Success"}]):
        document = {"EventName": name, "JobsDetail": fields}
        assert read(json.dumps(document).encode()) == [kind(job_id="s1", state="Success")]
    assert read(to_xml({"EventName": name, "JobsDetail": {"JobId": "s1", "Label": "Ads"}})) == [
        kind(job_id="s1", label="Ads")
    ]


@each_review
def test_a_simple_body_that_names_its_review_is_that_review(kind: type[Review]) -> None:
    document = simple(event=kind.__name__, trace_id="t1", result=2, porn_info={"hit_flag": 1, "score": 90})
    (event,) = read(json.dumps(document).encode())
    assert event == kind(
        event_name_inferred=True,
        code_number=0,
        message_text="success",
        data=SimpleData(event=kind.__name__, trace_id="t1", result=2, porn_info=SimpleScene(hit_flag=1, score=90)),
    )
    assert kind_of(event) == kind.__name__


@pytest.mark.parametrize("named", [None, "", "NewReview", "TaskFinish", "ReviewSimple", "Review", "Probe", 5, ["x"]])
def test_a_simple_body_that_names_no_known_review_is_a_simple_one(named: Any) -> None:
    inner = {"trace_id": "t1", "result": 0} | ({} if named is None else {"event": named})
    (event,) = read(json.dumps(simple(**inner)).encode())
    assert isinstance(event, ReviewSimple)
    assert (event.code_number, event.message_text, event.event_name_inferred) == (0, "success", True)
    assert event.data is not None
    assert event.data.trace_id == "t1"


def test_the_legacy_array_gives_an_event_for_each_of_its_simple_bodies() -> None:
    bodies = [
        simple(event="ReviewImage", trace_id="t1", result=0),
        simple(trace_id="t2", result=1),
        {"code": -1, "message": "fail", "data": {"event": "ReviewVideo"}},
    ]
    for raw in (json.dumps(bodies).encode(), json.dumps(bodies, indent=2).encode() + b"\n"):
        events = read(raw)
        assert [type(event) for event in events] == [ReviewImage, ReviewSimple, ReviewVideo]
        assert events == [event for body in bodies for event in events_of(body)]


@pytest.mark.parametrize(
    "document",
    [
        {"code": 0, "message": "m"},
        {"code": 0, "data": {}},
        {"message": "m", "data": {}},
        {"code": 0, "message": "m", "data": []},
        {"code": 0, "message": "m", "data": "ReviewImage"},
        {"code": 0, "message": "m", "data": None},
    ],
)
def test_half_a_simple_body_is_none(document: dict[str, Any]) -> None:
    assert events_of(document) == [Other(payload=document)]


def test_xml_has_no_simple_form() -> None:
    raw = b"<Response><code>0</code><message>m</message><data><trace_id>t</trace_id></data></Response>"
    assert isinstance(events_of(raw)[0], Other)


# The console's probe.
PROBE = {"code": 0, "message": "Test request when setting callback url", "data": {"trace_id": "test_trace_id"}}


def test_the_console_s_test_body_is_a_probe() -> None:
    (event,) = read(json.dumps(PROBE).encode())
    assert event == Probe(
        event_name_inferred=True,
        code_number=0,
        message_text="Test request when setting callback url",
        data=SimpleData(trace_id="test_trace_id"),
    )
    named = PROBE | {"data": {"trace_id": "test_trace_id", "event": "ReviewImage", "result": 0}}
    assert [kind_of(event) for event in read(json.dumps(named).encode())] == ["Probe"]


@pytest.mark.parametrize("change", [{"message": "success"}, {"data": {"trace_id": "t1"}}, {"data": {}}])
def test_what_only_resembles_the_probe_is_a_review(change: dict[str, Any]) -> None:
    assert isinstance(events_of(PROBE | change)[0], ReviewSimple)


# Anything else, and the way back.
@pytest.mark.parametrize(
    "raw",
    [
        b'{"EventName":"NewFinish","NewExecution":{"RunId":"i"}}',
        b'{"EventName":"NewFinish","JobsDetail":{"JobId":"i"}}',
        b'{"EventName":{"a":1},"JobsDetail":{}}',
        b'{"":""}',
        b'{"EventName":"NewFinish","":1}',
        b"<Answer><EventName>TaskFinish</EventName><JobsDetail/></Answer>",
        b"<Response><EventName>NewFinish</EventName></Response>",
        b"<Response>text</Response>",
    ],
)
def test_any_other_document_is_kept_whole(raw: bytes) -> None:
    (event,) = read(raw)
    assert isinstance(event, Other)
    payload = json.loads(raw) if raw.startswith(b"{") else event.payload
    assert (event.payload, event.root) == (payload, "" if raw.startswith(b"{") else raw[1:].partition(b">")[0].decode())


@pytest.mark.parametrize("name", KINDS)
def test_a_line_of_our_own_is_the_kind_that_it_names(name: str) -> None:
    line = json.dumps({"EventName": name, "Payload": {"a": 1}, "New": "x"}).encode()
    (event,) = read(line)
    assert type(event) is KINDS[name]
    assert not event.event_name_inferred
    assert json.loads(encode_lines([event])) == json.loads(line)


MEMBERS = """
    EventName EventNameInferred Misfits JobsDetail WorkflowExecution Response Payload Root Extra extra
    code message data event trace_id result cos_headers porn_info hit_flag
    JobId Tag State EndTime CreateTime Input Object CosHeaders Key Operation Output StreamExtract Index JobLevel
    RunId Tasks Type ResultInfo ObjectInfo Result Suggestion PornInfo HitFlag Snapshot Section New #text @id
"""
NAMES = st.sampled_from([*MEMBERS.split(), ""])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | st.sampled_from([*KINDS, "", "-", "0", "7", "true", "StreamExtract", "Snapshot", "NewFinish"])
    | st.sampled_from([PROBE["message"], "test_trace_id", "2022-06-30T19:27:39+0800"])
)
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=20
)
OBJECTS = st.dictionaries(NAMES, TREES, max_size=6)
NAMED = st.sampled_from([*KINDS, "", "NewFinish"])
BODIES = st.one_of(
    # In an envelope, flat as our own lines are, in the Simple form, the probe, the same within a Response, or anything.
    st.builds(
        lambda name, envelope, inside, beside: beside | {"EventName": name, envelope: inside},
        NAMED,
        st.sampled_from(["JobsDetail", "WorkflowExecution"]),
        OBJECTS | st.lists(OBJECTS, max_size=3) | TREES,
        st.dictionaries(NAMES, TREES, max_size=2),
    ),
    st.builds(lambda name, inside: inside | {"EventName": name}, NAMED, OBJECTS),
    st.builds(lambda inside, beside: beside | {"code": 0, "message": "m", "data": inside}, OBJECTS, OBJECTS),
    st.builds(lambda beside: beside | PROBE, OBJECTS),
    OBJECTS,
    TREES,
)
PAYLOADS = st.one_of(BODIES, st.builds(lambda inner: {"Response": inner}, BODIES))


@settings(max_examples=400)
@example(payload={"EventName": "ReviewImage", "Result": Decimal("0e0")})
@given(payload=PAYLOADS)
def test_any_json_is_decoded_and_its_line_reads_back_equal(payload: Any) -> None:
    events = decode("", payload, Notes())
    assert events
    for event in events:
        line = encode_lines([event])
        assert json.loads(line)["EventName"] == event.event_name
        (again,) = events_of(line)
        assert again == event
        assert encode_lines([again]) == line


def leaves_of(tree: Any) -> list[str]:
    """Every text and number of a tree, as text."""
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves_of(value)]
    if isinstance(tree, list):
        return list(itertools.chain.from_iterable(map(leaves_of, tree)))
    return [tree] if isinstance(tree, str) and tree not in ("", "-") else []


@settings(max_examples=200)
@given(payload=PAYLOADS)
def test_no_text_of_any_json_is_lost(payload: Any) -> None:
    """Times, and texts that stand for numbers and flags, may be written otherwise; a line's Misfits are found anew."""
    written = json.dumps([json.loads(encode_lines([event])) for event in decode("", payload, Notes())])
    body = payload["Response"] if isinstance(payload, dict) and payload.keys() == {"Response"} else payload
    if isinstance(body, dict) and body.get("EventName"):
        body = {name: value for name, value in body.items() if name != "Misfits"}
    for leaf in leaves_of(body):
        assert json.dumps(leaf) in written or leaf in ("0", "7", "true", "2022-06-30T19:27:39+0800")


# A body that is hardly ours: kept whole, rather than a kind that would lose some of it.
@pytest.mark.parametrize("named", [None, 0, 1, True, [], {}, ["TaskFinish"]])
def test_an_event_name_that_is_no_text_is_kept(named: Any) -> None:
    document = {"EventName": named, "JobsDetail": JOB}
    assert read(json.dumps(document).encode()) == [Other(payload=document)]


@pytest.mark.parametrize("name", ["Response", "EventName", "Misfits", "EventNameInferred"])
def test_a_job_with_a_member_of_our_lines_is_kept_whole_and_misses_no_type(name: str) -> None:
    document = {"EventName": "TaskFinish", "JobsDetail": JOB | {name: "x"}}
    notes = Notes(strict=True)
    (event,) = decode("", document, notes)
    assert isinstance(event, Other)
    assert not notes.misfits


def test_misfits_that_we_did_not_write_are_kept() -> None:
    line = {"EventName": "TaskFinish", "JobId": "j1", "Misfits": {"from": "elsewhere"}}
    assert read(to_json(line)) == [Other(payload=line)]


@pytest.mark.parametrize(
    "document", [{"trace": 1, "errors": [{"code": 5}]}, {"messages": [{"message": "a"}, {"message": "b"}]}]
)
def test_a_document_whose_array_holds_no_callbacks_is_one_record(document: dict[str, Any]) -> None:
    assert read(to_json(document)) == [Other(payload=document)]


def test_any_value_of_an_array_is_a_record() -> None:
    assert read(b'[{"a":1}, 2, "three", [4], {"b":5}]') == [
        Other(payload=payload) for payload in ({"a": 1}, 2, "three", [4], {"b": 5})
    ]
