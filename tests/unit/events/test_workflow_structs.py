"""Promises of WorkflowFinish: every documented field is typed, what does not fit stays, a line reads back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import orjson
import pytest

from stream_cb.events import CosHeader, Node, Notes, encode_lines
from stream_cb.events.shape import build, slots_of
from stream_cb.events.workflow_finish import ObjectInfo, ResultInfo, SpriteObjectInfo, Task, WorkflowFinish

FIXED = timezone(timedelta(hours=8))

TASKS: list[dict[str, Any]] = [
    {
        "Type": "Snapshot",
        "CreateTime": "2023-05-06 07:08:10+0800",
        "StartTime": "2023-05-06 07:08:11+0800",
        "EndTime": "2023-05-06 07:08:12+0800",
        "State": "Success",
        "JobId": "j5e00000000000000000000000000001",
        "Name": "Snapshot_1600000000001",
        "TemplateId": "t1",
        "TemplateName": "every minute",
        "ResultInfo": {
            "ObjectCount": "2",
            "SpriteObjectCount": "1",
            "ObjectInfo": [
                {"ObjectName": "out/1.jpg", "ObjectUrl": "https://b-1.cos.example/out/1.jpg"},
                {"ObjectName": "out/2.jpg", "InputObjectName": "in.mp4", "Code": "0", "Message": "Success"},
            ],
            "SpriteObjectInfo": {"ObjectName": "out/all.jpg", "ObjectUrl": "https://b-1.cos.example/out/all.jpg"},
        },
    },
    {
        "Type": "Transcode",
        "CreateTime": "2023-05-06 07:08:10+0800",
        "StartTime": "-",
        "EndTime": "",
        "State": "Failed",
        "Code": "InvalidArgument",
        "Message": "no such stream",
        "JobId": "j5e00000000000000000000000000002",
        "Name": "Transcode_1600000000002",
        "TranscodeTemplateId": "t2",
        "HdrMode": "HLG",
    },
]
EXECUTION: dict[str, Any] = {
    "RunId": "i5e0000000000000000000000000000",
    "BucketId": "films-1250000001",
    "Object": "片/in.mp4",
    "CosHeaders": [
        {"Key": "Content-Type", "Value": "video/mp4"},
        {"Key": "EventName", "Value": "cos:ObjectCreated:Put"},
    ],
    "WorkflowId": "w1",
    "WorkflowName": "films",
    "CreateTime": "2023-05-06 07:08:09+0800",
    "State": "Failed",
    "Tasks": TASKS,
}


def _build(fields: dict[str, Any], notes: Notes | None = None) -> WorkflowFinish:
    return build(WorkflowFinish, fields, "", notes or Notes(strict=True))


def _read_back(event: WorkflowFinish) -> WorkflowFinish:
    document = orjson.loads(encode_lines([event]))
    assert next(iter(document)) == "EventName"
    assert document.pop("EventName") == "WorkflowFinish" == event.event_name
    return _build(document, Notes())


def test_every_documented_field_is_typed() -> None:
    notes = Notes(strict=True)
    event = _build(EXECUTION, notes)
    assert not notes.unknown_fields
    assert event == WorkflowFinish(
        run_id="i5e0000000000000000000000000000",
        workflow_id="w1",
        workflow_name="films",
        state="Failed",
        bucket_id="films-1250000001",
        object="片/in.mp4",
        create_time=datetime(2023, 5, 6, 7, 8, 9, tzinfo=FIXED),
        cos_headers=(
            CosHeader(key="Content-Type", value="video/mp4"),
            CosHeader(key="EventName", value="cos:ObjectCreated:Put"),
        ),
        tasks=(
            Task(
                type="Snapshot",
                job_id="j5e00000000000000000000000000001",
                name="Snapshot_1600000000001",
                state="Success",
                create_time=datetime(2023, 5, 6, 7, 8, 10, tzinfo=FIXED),
                start_time=datetime(2023, 5, 6, 7, 8, 11, tzinfo=FIXED),
                end_time=datetime(2023, 5, 6, 7, 8, 12, tzinfo=FIXED),
                template_id="t1",
                template_name="every minute",
                result_info=ResultInfo(
                    object_count=2,
                    object_info=(
                        ObjectInfo(object_name="out/1.jpg", object_url="https://b-1.cos.example/out/1.jpg"),
                        ObjectInfo(object_name="out/2.jpg", input_object_name="in.mp4", code="0", message="Success"),
                    ),
                    sprite_object_count=1,
                    sprite_object_info=(
                        SpriteObjectInfo(object_name="out/all.jpg", object_url="https://b-1.cos.example/out/all.jpg"),
                    ),
                ),
            ),
            Task(
                type="Transcode",
                job_id="j5e00000000000000000000000000002",
                name="Transcode_1600000000002",
                state="Failed",
                code="InvalidArgument",
                message="no such stream",
                create_time=datetime(2023, 5, 6, 7, 8, 10, tzinfo=FIXED),
                transcode_template_id="t2",
                hdr_mode="HLG",
            ),
        ),
    )
    assert _read_back(event) == event


def test_one_task_is_a_list_of_one_and_empty_elements_are_absent() -> None:
    event = _build({"RunId": "", "WorkflowName": "", "CosHeaders": "", "CreateTime": "", "Tasks": TASKS[1]})
    assert (event.cos_headers, event.create_time, [task.type for task in event.tasks]) == ((), None, ["Transcode"])
    assert _read_back(event) == event


def test_the_misspelt_time_is_kept_as_it_is_spelt() -> None:
    event = _build({"Createtime": "2023-05-06 07:08:09+0800"})
    assert (event.createtime, event.create_time) == (datetime(2023, 5, 6, 7, 8, 9, tzinfo=FIXED), None)
    assert orjson.loads(encode_lines([event])) == {
        "EventName": "WorkflowFinish",
        "Createtime": "2023-05-06T07:08:09+08:00",
    }


def test_what_does_not_fit_stays_at_its_place_and_is_counted() -> None:
    notes = Notes()
    odd = {
        "RunId": "i",
        "CreateTime": "yesterday",
        "Tasks": [{"JobId": "j", "JudgementInfo": {"ObjectCount": 1}, "ResultInfo": {"ObjectCount": "some"}}],
        "CosHeaders": {"x-cos-meta-id": "7"},
        "New": [1],
    }
    event = _build(odd, notes)
    (task,) = event.tasks
    assert event.extra == {"CreateTime": "yesterday", "New": [1]}
    assert event.cos_headers[0].extra == {"x-cos-meta-id": "7"}
    assert task.extra == {"JudgementInfo": {"ObjectCount": 1}}
    assert task.result_info is not None
    assert task.result_info.extra == {"ObjectCount": "some"}
    assert notes.misfits == {"CreateTime": 1, "Tasks.ResultInfo.ObjectCount": 1}
    assert notes.unknown_fields == {"New": 1, "Tasks.JudgementInfo": 1, "CosHeaders.x-cos-meta-id": 1}
    assert _read_back(event) == event


def test_what_surrounds_the_execution_has_fields_of_its_own() -> None:
    event = _build(EXECUTION | {"EventNameInferred": True, "Response": {"RequestId": "r"}})
    assert (event.event_name_inferred, event.response) == (True, {"RequestId": "r"})
    assert _read_back(event) == event


@pytest.mark.parametrize("kind", [WorkflowFinish, Task, ResultInfo, ObjectInfo, SpriteObjectInfo])
def test_every_field_has_a_slot_and_every_default_is_what_absent_means(kind: type[Node]) -> None:
    fields = [field for field in msgspec.structs.fields(kind) if field.name != "extra"]
    assert {slot.attribute for slot in slots_of(kind).values()} == {field.name for field in fields}
    assert all(field.default in ("", (), None, {}, False) for field in fields)
