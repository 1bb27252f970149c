"""Promises of decoding: XML and JSON give one event, nothing is dropped, and what does not fit is kept and counted."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.errors import EventError
from stream_cb.events import (
    OPERATIONS,
    CosHeader,
    Extra,
    Input,
    Md5Info,
    MediaResult,
    Notes,
    Other,
    Output,
    OutputFile,
    SpriteOutputFile,
    StreamExtractOperation,
    StreamOutput,
    TaskFinish,
    Workflow,
    decode,
    kind_of,
)
from stream_cb.generate import TAGS, callbacks, to_json, to_pretty_json, to_pretty_xml, to_xml
from tests.decoding import callback, events_of, job_of, line_of

CHINA = timezone(timedelta(hours=8))

FULL_XML = """<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <EventName>TaskFinish</EventName>
  <JobsDetail>
    <Code>Success</Code>
    <CreationTime>2022-06-30T19:25:11+0800</CreationTime>
    <EndTime>2022-06-30T19:27:39+0800</EndTime>
    <Input>
      <BucketId>b-1</BucketId><Object>视频/1.mp4</Object><Region>ap-guangzhou</Region>
      <CosHeaders><Key>EventName</Key><Value>cos:ObjectCreated:Put</Value></CosHeaders>
    </Input>
    <JobId>j1</JobId>
    <Message/>
    <Operation>
      <JobLevel>0</JobLevel>
      <MediaResult><OutputFile>
        <Bucket>b-2</Bucket>
        <Md5Info><Md5>1e5</Md5><ObjectName>a.mp4</ObjectName></Md5Info>
        <ObjectName>a.mp4</ObjectName><ObjectName>b.mp4</ObjectName>
        <ObjectPrefix/>
        <Region>ap-beijing</Region>
        <SpriteOutputFile><ObjectName>s.jpg</ObjectName><Md5Info/></SpriteOutputFile>
      </OutputFile></MediaResult>
      <Output>
        <Bucket>b-2</Bucket><Object>a.${ext}</Object>
        <StreamExtract><Index>0</Index><Output>a.mp4</Output></StreamExtract>
        <StreamExtract><Index>1</Index><Output>b.mp4</Output></StreamExtract>
      </Output>
      <TemplateId>t1</TemplateId>
      <UserData> two  blanks </UserData>
    </Operation>
    <QueueId>p1</QueueId>
    <StartTime>2022-06-30T19:25:12+0800</StartTime>
    <State>Success</State>
    <Tag>StreamExtract</Tag>
    <Workflow><RunId>i1</RunId><WorkflowId>w1</WorkflowId><WorkflowName/><Name>n1</Name></Workflow>
  </JobsDetail>
</Response>
""".encode()

FULL = TaskFinish(
    job_id="j1",
    tag="StreamExtract",
    state="Success",
    code="Success",
    creation_time=datetime(2022, 6, 30, 19, 25, 11, tzinfo=CHINA),
    start_time=datetime(2022, 6, 30, 19, 25, 12, tzinfo=CHINA),
    end_time=datetime(2022, 6, 30, 19, 27, 39, tzinfo=CHINA),
    queue_id="p1",
    input=Input(
        bucket_id="b-1",
        object="视频/1.mp4",
        region="ap-guangzhou",
        cos_headers=(CosHeader(key="EventName", value="cos:ObjectCreated:Put"),),
    ),
    operation=StreamExtractOperation(
        template_id="t1",
        user_data=" two  blanks ",
        job_level=0,
        output=Output(
            bucket="b-2",
            object="a.${ext}",
            stream_extract=(StreamOutput(index=0, output="a.mp4"), StreamOutput(index=1, output="b.mp4")),
        ),
        media_result=MediaResult(
            output_file=OutputFile(
                bucket="b-2",
                region="ap-beijing",
                object_name=("a.mp4", "b.mp4"),
                md5_info=(Md5Info(md5="1e5", object_name="a.mp4"),),
                sprite_output_file=SpriteOutputFile(object_name=("s.jpg",)),
            )
        ),
    ),
    workflow=Workflow(run_id="i1", workflow_id="w1", name="n1"),
)


def test_a_stream_extract_job_is_typed_to_its_last_leaf() -> None:
    notes = Notes()
    assert events_of(FULL_XML, notes) == [FULL]
    assert not notes.unknown_fields
    assert not notes.misfits
    assert kind_of(FULL) == "TaskFinish/StreamExtract"
    assert FULL.event_name == "TaskFinish"


@settings(max_examples=60)
@given(seed=st.integers(0, 1_000_000), failure_rate=st.sampled_from([0.0, 0.05, 1.0]))
def test_xml_and_both_generations_of_json_give_the_same_stream_extract_event(seed: int, failure_rate: float) -> None:
    series = callbacks(seed=seed, tags=["StreamExtract"], failure_rate=failure_rate)
    for tree in itertools.islice(series, 5):
        job = job_of(to_xml(tree))
        assert isinstance(job.operation, StreamExtractOperation)
        for document in (
            to_pretty_xml(tree),
            to_json(tree),
            to_json(tree, generation="old"),
            to_pretty_json(tree),
            to_pretty_json(tree, generation="old"),
        ):
            assert events_of(document) == [job]


@settings(max_examples=30)
@given(seed=st.integers(0, 1_000_000))
def test_a_mixed_log_gives_an_event_for_every_job_and_one_for_every_other_callback(seed: int) -> None:
    for tree in itertools.islice(callbacks(seed=seed), 10):
        for document in (to_xml(tree), to_json(tree), to_json(tree, generation="old")):
            events = events_of(document)
            if tree["EventName"] == "TaskFinish":
                jobs = tree["JobsDetail"]
                assert [getattr(event, "job_id", None) for event in events] == [job["JobId"] for job in jobs]
                assert [kind_of(event) for event in events] == [f"TaskFinish/{job['Tag']}" for job in jobs]
            else:
                assert len(events) == 1


@pytest.mark.parametrize("tag", TAGS)
def test_the_operation_of_every_generated_tag_is_typed_to_its_last_leaf(tag: str) -> None:
    for tree in itertools.islice(callbacks(seed=5, tags=[tag]), 20):
        notes = Notes(strict=True)
        job = job_of(to_json(tree), notes)
        assert type(job.operation) is OPERATIONS[tag]
        assert not notes.unknown_fields
        assert job_of(to_pretty_xml(tree)) == job


def test_the_operation_of_a_tag_that_is_not_known_stays_whole() -> None:
    in_json = callback(Tag="NewThing", Operation={"Output": {"Object": "o"}, "New": ["a", "b"], "Empty": ""})
    in_xml = (
        b"<Response><EventName>TaskFinish</EventName><JobsDetail><Operation><Output><Object>o</Object></Output>"
        b"<New>a</New><New>b</New><Empty/></Operation><Tag>NewThing</Tag></JobsDetail></Response>"
    )
    for document in (in_json, in_xml):
        notes = Notes(strict=True)
        job = job_of(document, notes)
        assert job == TaskFinish(tag="NewThing", operation=in_json["JobsDetail"]["Operation"])
        assert not notes.unknown_fields


# Lists: one, many, none and an empty element, in the ways both formats write them.
def stream_extract(**operation: Any) -> dict[str, Any]:
    return callback(Tag="StreamExtract", Operation=operation)


def operation_of(document: bytes | dict[str, Any], notes: Notes | None = None) -> StreamExtractOperation:
    operation = job_of(document, notes).operation
    assert isinstance(operation, StreamExtractOperation)
    return operation


def xml_operation(inner: str) -> bytes:
    return (
        "<Response><EventName>TaskFinish</EventName><JobsDetail><Tag>StreamExtract</Tag>"
        f"<Operation>{inner}</Operation></JobsDetail></Response>"
    ).encode()


NAMES = [
    (["a", "b"], "<ObjectName>a</ObjectName><ObjectName>b</ObjectName>", ("a", "b")),
    (["a"], "<ObjectName>a</ObjectName>", ("a",)),
    ("a", "<ObjectName>a</ObjectName>", ("a",)),
    ([], "", ()),
    ("", "<ObjectName/>", ()),
    (["a", "", "c"], "<ObjectName>a</ObjectName><ObjectName/><ObjectName>c</ObjectName>", ("a", "", "c")),
    ([" "], "<ObjectName> </ObjectName>", (" ",)),
]


@pytest.mark.parametrize(("in_json", "in_xml", "names"), NAMES)
def test_a_list_of_texts_is_a_tuple_however_many_there_are(in_json: Any, in_xml: str, names: tuple[str, ...]) -> None:
    for document in (
        stream_extract(MediaResult={"OutputFile": {"ObjectName": in_json, "Bucket": "b"}}),
        xml_operation(f"<MediaResult><OutputFile><Bucket>b</Bucket>{in_xml}</OutputFile></MediaResult>"),
    ):
        notes = Notes()
        result = operation_of(document, notes).media_result
        assert result is not None
        assert result.output_file == OutputFile(bucket="b", object_name=names)
        assert not notes.misfits


STREAMS = [
    ([{"Index": 0}, {"Index": "1"}], "<S><Index>0</Index></S><S><Index>1</Index></S>", (0, 1)),
    ([{"Index": "7"}], "<S><Index>7</Index></S>", (7,)),
    ({"Index": 7}, "<S><Index>7</Index></S>", (7,)),
    ([], "", ()),
    ("", "<S/>", ()),
    ("\n  ", "<S>\n  </S>", ()),
    ([{"Index": 0}, {}, ""], "<S><Index>0</Index></S><S/><S/>", (0, None, None)),
    ({"Index": ""}, "<S><Index/></S>", (None,)),
]


@pytest.mark.parametrize(("in_json", "in_xml", "indices"), STREAMS)
def test_a_list_of_objects_is_a_tuple_however_many_there_are(in_json: Any, in_xml: str, indices: Any) -> None:
    inner = in_xml.replace("S>", "StreamExtract>").replace("S/>", "StreamExtract/>")
    for document in (
        stream_extract(Output={"StreamExtract": in_json, "Bucket": "b"}),
        xml_operation(f"<Output><Bucket>b</Bucket>{inner}</Output>"),
    ):
        notes = Notes()
        output = operation_of(document, notes).output
        assert output == Output(bucket="b", stream_extract=tuple(StreamOutput(index=index) for index in indices))
        assert not notes.misfits


@pytest.mark.parametrize("empty", ["", {}, "\n  ", None])
def test_an_empty_struct_is_absent_or_empty_and_no_misfit(empty: Any) -> None:
    notes = Notes()
    if empty is None:
        operation = operation_of(stream_extract(UserData="x"), notes)
    else:
        operation = operation_of(stream_extract(UserData="x", Output=empty, MediaResult=empty), notes)
    assert operation.output in (None, Output())
    assert operation.media_result in (None, MediaResult())
    assert not notes.misfits


@pytest.mark.parametrize(
    ("value", "number"),
    [(0, 0), ("0", 0), (7, 7), ("7", 7), ("-3", -3), (-3, -3), ("", None), (10**30, 10**30), (str(10**30), 10**30)],
    ids=repr,
)
def test_a_whole_number_comes_from_text_or_number(value: Any, number: int | None) -> None:
    # orjson, which writes trees here, has no numbers of more than 64 bits
    raw = json.dumps(stream_extract(Output={"StreamExtract": {"Index": value}})).encode()
    output = operation_of(raw).output
    assert output is not None
    (stream,) = output.stream_extract
    assert (stream.index, type(stream.index)) == (number, type(number))


@pytest.mark.parametrize(
    "value",
    ["01", "+1", "1.0", "1e2", " 1", "１", "x", "--1", "-0", True, 1.0, 1.5, [1, 2], {"a": 1}, None],
    ids=repr,
)
def test_a_number_that_is_not_whole_or_not_plain_is_kept_as_it_came(value: Any) -> None:
    notes = Notes()
    operation = operation_of(stream_extract(JobLevel=value), notes)
    assert operation.job_level is None
    kept = operation.extra["JobLevel"]
    assert (kept, type(kept)) in (
        (value, type(value)),
        (Decimal(str(value)) if isinstance(value, float) else value, Decimal),
    )
    assert notes.misfits == {"Operation.JobLevel": 1}


def test_a_number_of_very_many_digits_is_kept_as_text() -> None:
    digits = "9" * 5_000
    assert operation_of(stream_extract(JobLevel=digits)).extra == {"JobLevel": digits}


MOMENT = datetime(2022, 6, 30, 19, 27, 39, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-06-30T19:27:39+0800", MOMENT),
        ("2022-06-30T19:27:39+08:00", MOMENT),
        ("2022-06-30 19:27:39+0800", MOMENT),
        ("2022-06-30 19:27:39+08:00", MOMENT),
        ("2022-06-30T11:27:39Z", MOMENT),
        ("2022-06-30T11:27:39.000001Z", MOMENT + timedelta(microseconds=1)),
        ("2022-06-30T19:27:39.5+08:00", MOMENT + timedelta(seconds=0.5)),
        ("2022-06-30T06:57:39-0430", MOMENT),
        ("2022-06-30t11:27:39z", MOMENT),
        ("2022-06-30T11:27:39.0000000Z", MOMENT),
    ],
)
def test_a_time_is_read_in_every_documented_form(text: str, moment: datetime) -> None:
    job = job_of(callback(CreationTime=text, StartTime=text, EndTime=text))
    assert (job.creation_time, job.start_time, job.end_time) == (moment, moment, moment)
    assert job.end_time is not None
    assert job.end_time.utcoffset() is not None


@pytest.mark.parametrize("text", ["", "-"])
def test_a_time_that_is_not_yet_known_is_absent(text: str) -> None:
    notes = Notes()
    job = job_of(callback(JobId="j", EndTime=text), notes)
    assert job == TaskFinish(job_id="j")
    assert not notes.misfits


@pytest.mark.parametrize(
    "value",
    [
        "2022-06-30T19:27:39",
        "2022-06-30",
        "2022-13-30T19:27:39Z",
        "2022-06-30T25:27:39Z",
        "2022-06-30T19:27:39+99:99",
        "2022-06-30T19:27:39.1234567Z",
        "２022-06-30T19:27:39Z",
        " 2022-06-30T19:27:39Z",
        "2022-06-30T19:27:39Z\n",
        "20220630T192739Z",
        "13.5",
        "--",
        0,
        1656588459,
        True,
        None,
        {"a": "b"},
        ["2022-06-30T19:27:39Z"],
    ],
)
def test_what_is_no_time_is_kept_as_it_came(value: Any) -> None:
    notes = Notes()
    job = job_of(callback(JobId="j", EndTime=value), notes)
    assert job == TaskFinish(job_id="j", extra=Extra({"EndTime": value}), misfits=("EndTime",))
    assert notes.misfits == {"EndTime": 1}


@pytest.mark.parametrize("field", ["JobId", "Tag", "State", "Code", "Message", "QueueId", "SubTag", "Progress"])
@pytest.mark.parametrize("value", [1, True, ["a"], {"a": "b"}, None])
def test_what_is_no_text_is_kept_as_it_came(field: str, value: Any) -> None:
    notes = Notes()
    job = job_of(callback(**{field: value}), notes)
    assert job == TaskFinish(extra=Extra({field: value}), misfits=(field,))
    assert notes.misfits == {field: 1}


@pytest.mark.parametrize("field", ["JobId", "Message", "Input", "Operation", "Workflow", "EndTime"])
def test_an_empty_field_is_absent_without_a_note(field: str) -> None:
    for document in (
        callback(**{field: ""}),
        f"<Response><EventName>TaskFinish</EventName><JobsDetail><{field}/></JobsDetail></Response>".encode(),
    ):
        notes = Notes()
        assert job_of(document, notes) == TaskFinish()
        assert not notes.misfits
        assert not notes.unknown_fields


def test_inner_text_is_kept_to_the_character() -> None:
    text = " \n two  blanks \t & <b> ]]> \U0001f3ac "
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert operation_of(stream_extract(UserData=text)).user_data == text
    assert operation_of(xml_operation(f"<UserData>{escaped}</UserData>")).user_data == text
    assert operation_of(xml_operation("<UserData><![CDATA[ <a> ]]></UserData>")).user_data == " <a> "


def test_texts_that_look_like_numbers_stay_text() -> None:
    job = job_of(
        b"<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>1e5</JobId><Progress>100</Progress>"
        b"<Workflow><RunId>007</RunId></Workflow></JobsDetail></Response>"
    )
    assert (job.job_id, job.progress, job.workflow) == ("1e5", "100", Workflow(run_id="007"))


# What no type describes.
def test_unknown_fields_stay_at_their_own_level_and_are_counted_by_path() -> None:
    notes = Notes()
    document = callback(
        JobId="j",
        Tag="StreamExtract",
        New={"a": ["1", 2]},
        Input={"Object": "o", "New": ""},
        Operation={"New": "x", "Output": {"StreamExtract": [{"Index": 0, "New": 1}, {"New": 2}]}},
    )
    job = job_of(document, notes)
    assert job.extra == {"New": {"a": ["1", 2]}}
    assert job.input == Input(object="o", extra=job.input.extra if job.input else None)  # type: ignore[arg-type]
    assert job.input is not None
    assert job.input.extra == {"New": ""}
    assert isinstance(job.operation, StreamExtractOperation)
    assert job.operation.extra == {"New": "x"}
    assert job.operation.output is not None
    assert [stream.extra for stream in job.operation.output.stream_extract] == [{"New": 1}, {"New": 2}]
    assert notes.unknown_fields == {
        "New": 1,
        "Input.New": 1,
        "Operation.New": 1,
        "Operation.Output.StreamExtract.New": 2,
    }
    assert not notes.misfits


def test_misfits_are_counted_by_path_and_leave_the_rest_typed() -> None:
    notes = Notes()
    document = callback(
        JobId="j",
        Tag="StreamExtract",
        Workflow=["a", "b"],
        Input="text",
        Operation={
            "UserData": "u",
            "MediaResult": [{}, {}],
            "Output": {"Bucket": "b", "StreamExtract": [{"Index": 1}, "x"]},
        },
    )
    job = job_of(document, notes)
    assert job.job_id == "j"
    assert job.extra == {"Workflow": ["a", "b"], "Input": "text"}
    assert isinstance(job.operation, StreamExtractOperation)
    assert (job.operation.user_data, job.operation.extra) == ("u", {"MediaResult": [{}, {}]})
    assert job.operation.output is not None
    assert (job.operation.output.bucket, job.operation.output.stream_extract) == ("b", ())
    assert job.operation.output.extra == {"StreamExtract": [{"Index": 1}, "x"]}
    paths = ["Workflow", "Input", "Operation.MediaResult", "Operation.Output.StreamExtract"]
    assert notes.misfits == dict.fromkeys(paths, 1)
    assert job.misfits == tuple(sorted(paths))


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({"JobId": 1}, "expected text at $.JobId"),
        ({"EndTime": "x"}, "expected a time with its offset at $.EndTime"),
        ({"Input": "x"}, "expected an object at $.Input"),
        ({"Workflow": {"RunId": 5}}, "expected text at $.Workflow.RunId"),
        ({"Tag": "StreamExtract", "Operation": {"JobLevel": "x"}}, "expected a whole number at $.Operation.JobLevel"),
        (
            {"Tag": "StreamExtract", "Operation": {"Output": {"StreamExtract": [{"Index": "x"}]}}},
            "expected a whole number at $.Operation.Output.StreamExtract.Index",
        ),
    ],
)
def test_strict_decoding_raises_at_the_path_of_the_misfit(job: dict[str, Any], message: str) -> None:
    with pytest.raises(EventError) as caught:
        events_of(callback(**job), Notes(strict=True))
    assert str(caught.value) == message
    assert len(events_of(callback(**job))) == 1


def test_strict_decoding_lets_unknown_fields_pass() -> None:
    notes = Notes(strict=True)
    assert job_of(callback(New="x"), notes).extra == {"New": "x"}
    assert notes.unknown_fields == {"New": 1}


def test_paths_without_end_do_not_fill_the_memory() -> None:
    notes = Notes()
    for number in range(3_000):
        events_of(callback(**{f"New{number}": "x", "JobId": 1}), notes)
    assert len(notes.unknown_fields) <= 1_001
    assert sum(notes.unknown_fields.values()) == 3_000
    assert notes.unknown_fields["(more paths)"] == 2_000
    assert notes.misfits == {"JobId": 3_000}


def test_each_event_of_a_callback_names_its_own_misfits() -> None:
    jobs = [{"JobId": 1}, {"JobId": "b"}, {"Tag": 2, "EndTime": "soon"}]
    events = events_of({"EventName": "TaskFinish", "JobsDetail": jobs})
    assert [getattr(event, "misfits", None) for event in events] == [("JobId",), (), ("EndTime", "Tag")]


# One callback, several jobs; and what stands around them.
def test_several_jobs_are_several_events_in_their_order() -> None:
    in_xml = (
        b"<Response><EventName>TaskFinish</EventName>"
        b"<JobsDetail><JobId>a</JobId></JobsDetail><JobsDetail><JobId>b</JobId></JobsDetail></Response>"
    )
    in_json = {"EventName": "TaskFinish", "JobsDetail": [{"JobId": "a"}, {"JobId": "b"}]}
    assert events_of(in_xml) == events_of(in_json) == [TaskFinish(job_id="a"), TaskFinish(job_id="b")]


@pytest.mark.parametrize("jobs", [{}, [], "", [{}], "\n "])
def test_a_callback_without_a_job_is_still_one_event(jobs: Any) -> None:
    assert events_of({"EventName": "TaskFinish", "JobsDetail": jobs}) == [TaskFinish()]


def test_a_body_without_an_event_name_says_that_it_was_inferred() -> None:
    for document in (
        b"<Response><JobsDetail><JobId>a</JobId></JobsDetail></Response>",
        {"JobsDetail": {"JobId": "a"}},
        {"EventName": "", "JobsDetail": [{"JobId": "a"}]},
    ):
        assert events_of(document) == [TaskFinish(job_id="a", event_name_inferred=True)]


def test_fields_beside_the_jobs_are_in_response_and_counted() -> None:
    notes = Notes()
    document = {"EventName": "TaskFinish", "RequestId": "r", "JobsDetail": [{"JobId": "a"}, {"JobId": "b"}]}
    events = events_of(document, notes)
    assert [getattr(event, "response", None) for event in events] == [{"RequestId": "r"}] * 2
    assert [getattr(event, "extra", None) for event in events] == [{}] * 2


def test_attributes_of_the_response_are_kept() -> None:
    (event,) = events_of(b"<Response xmlns='u' id='1'><JobsDetail><JobId>a</JobId></JobsDetail></Response>")
    assert isinstance(event, TaskFinish)
    assert event.response == {"@xmlns": "u", "@id": "1"}


def test_a_prefixed_response_and_a_response_key_in_json_are_looked_into() -> None:
    assert events_of({"Response": callback(JobId="a")}) == [TaskFinish(job_id="a")]
    (event,) = events_of(b"<c:Response xmlns:c='u'><JobsDetail><JobId>a</JobId></JobsDetail></c:Response>")
    assert isinstance(event, TaskFinish)
    assert event.job_id == "a"


OTHERS: list[tuple[bytes | dict[str, Any] | list[Any], str]] = [
    ({"EventName": "NewFinish", "NewExecution": {"RunId": "i"}}, ""),
    ({"EventName": "NewFinish", "JobsDetail": {"JobId": "s"}}, ""),
    ({"New": 0, "Response": {}}, ""),
    ({"EventName": ["TaskFinish"], "JobsDetail": {}}, ""),
    ({}, ""),
    ([], ""),
    ([1, "a"], ""),
    (b"<Other><JobsDetail/></Other>", "Other"),
    (b"<Response/>", "Response"),
    (b"<Response>text</Response>", "Response"),
]


@pytest.mark.parametrize(("document", "root"), OTHERS)
def test_any_other_document_is_kept_whole(document: Any, root: str) -> None:
    notes = Notes(strict=True)
    (event,) = events_of(document, notes)
    assert isinstance(event, Other)
    assert event.root == root
    if not isinstance(document, bytes):
        assert event.payload == document
    assert (event.event_name, kind_of(event)) == ("Other", "Other")


@pytest.mark.parametrize(
    ("document", "envelope"),
    [
        ({"JobsDetail": "text"}, "JobsDetail"),
        ({"JobsDetail": [1, 2]}, "JobsDetail"),
        ({"JobsDetail": None}, "JobsDetail"),
        ({"EventName": "TaskFinish", "JobsDetail": [{}, "x"]}, "JobsDetail"),
        ({"EventName": "ReviewText", "JobsDetail": 1}, "JobsDetail"),
        ({"EventName": "WorkflowFinish", "WorkflowExecution": "text"}, "WorkflowExecution"),
        ({"WorkflowExecution": True}, "WorkflowExecution"),
    ],
)
def test_an_envelope_that_is_no_object_is_a_misfit_and_its_document_is_kept_whole(
    document: dict[str, Any], envelope: str
) -> None:
    notes = Notes()
    (event,) = events_of(document, notes)
    assert (type(event), event.payload) == (Other, document)  # type: ignore[union-attr]
    assert notes.misfits == {envelope: 1}
    with pytest.raises(EventError, match=rf"^expected an object at \$\.{envelope}$"):
        events_of(document, Notes(strict=True))


def test_jobs_that_would_hide_their_envelope_are_kept_whole() -> None:
    document = {"EventName": "TaskFinish", "RequestId": "r", "JobsDetail": {"Response": "x", "JobId": "a"}}
    assert events_of(document) == [Other(payload=document)]


# The way back.
WORDS = """
    EventName JobsDetail Response EventNameInferred JobId Tag Input Operation Output StreamExtract Index MediaResult
    OutputFile ObjectName Md5Info EndTime Workflow New Extra extra Root Payload CosHeaders Key Object JobLevel UserData
    WorkflowExecution Tasks code data message #text @a
"""
FIELDS = st.sampled_from([*WORDS.split(), ""])
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text(max_size=4)
    | st.sampled_from(
        ["", "-", "0", "7", "true", "TaskFinish", "Other", "StreamExtract", "Snapshot", "2022-06-30T19:27:39+0800"]
    )
)
payloads = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=20,
)
bodies = st.builds(
    lambda event, jobs, beside: {**beside, **event, "JobsDetail": jobs},
    st.sampled_from([{"EventName": "TaskFinish"}, {"EventName": ""}, {}]),
    payloads
    | st.lists(st.dictionaries(FIELDS, payloads, max_size=5), max_size=2)
    | st.dictionaries(FIELDS, payloads, max_size=6),
    st.dictionaries(FIELDS, payloads, max_size=1),
)


@settings(max_examples=300)
@given(name=st.sampled_from(["", "", "Response", "c:Response", "Other"]), payload=bodies | payloads)
def test_any_payload_is_decoded_without_an_exception_and_reads_back_from_its_line(name: str, payload: Any) -> None:
    events = decode(name, payload, Notes())
    assert events
    for event in events:
        assert events_of(line_of(event)) == [event]


@settings(max_examples=300)
@given(payload=bodies)
def test_strict_decoding_fails_just_where_there_is_a_misfit(payload: Any) -> None:
    notes = Notes()
    events = decode("", payload, notes)
    try:
        assert decode("", payload, Notes(strict=True)) == events
        assert not notes.misfits
    except EventError as error:
        path = str(error).partition("$.")[2]
        assert path in notes.misfits


@settings(max_examples=40)
@given(seed=st.integers(0, 1_000_000))
def test_the_line_of_every_generated_event_reads_back_equal(seed: int) -> None:
    for tree in itertools.islice(callbacks(seed=seed), 8):
        for document in (to_xml(tree), to_json(tree), to_json(tree, generation="old")):
            for event in events_of(document):
                assert events_of(line_of(event)) == [event]


def test_a_line_keeps_the_offset_of_its_times() -> None:
    job = job_of(callback(EndTime="2022-06-30T19:27:39+0800"))
    assert b'"EndTime":"2022-06-30T19:27:39+08:00"' in line_of(job)
    assert job_of(callback(EndTime="2022-06-30T11:27:39Z")).end_time == datetime(2022, 6, 30, 11, 27, 39, tzinfo=UTC)
