"""Promises of the JSON Schema: it is one, every line that is written keeps it, and it refuses what no line says."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from stream_cb.events import KINDS, OPERATIONS, Event, Node, encode_lines
from stream_cb.events.decode import job_slots
from stream_cb.events.json_schema import DRAFT, json_schema
from stream_cb.events.shape import Rule, slots_of
from stream_cb.events.workflow_finish import WorkflowFinish
from stream_cb.generate import TAGS, generate
from tests.callback_trees import filled, filled_job, jobs, sent, trees
from tests.decoding import events_of, read_all


@cache
def whole() -> Draft202012Validator:
    return Draft202012Validator(json_schema(KINDS.values(), OPERATIONS))


@cache
def of_kind(name: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema([KINDS[name]], OPERATIONS))


def check(events: list[Event]) -> None:
    """The line of each event keeps the whole schema and that of its own kind, and breaks that of any other kind."""
    for event in events:
        line = json.loads(encode_lines([event]))
        whole().validate(line)
        of_kind(event.event_name).validate(line)
        other = "Probe" if event.event_name != "Probe" else "Other"
        assert not of_kind(other).is_valid(line)


def test_the_schemas_are_schemas() -> None:
    for schema in (whole().schema, *(of_kind(name).schema for name in KINDS)):
        Draft202012Validator.check_schema(schema)
        assert isinstance(schema, dict)
        assert schema["$schema"] == DRAFT == Draft202012Validator.META_SCHEMA["$id"]
        assert json.loads(json.dumps(schema)) == schema


def test_every_reference_leads_to_a_definition_and_every_definition_is_used() -> None:
    for schema in (whole().schema, *(of_kind(name).schema for name in KINDS)):
        assert isinstance(schema, dict)
        text = json.dumps(schema)
        names = set(schema["$defs"])
        assert names == {part.partition('"')[0] for part in text.split('"#/$defs/')[1:]}


def test_no_two_types_share_a_definition() -> None:
    """Definitions go by the names of the types."""
    found: set[type[Node]] = set()

    def walk(rule: Rule) -> None:
        while rule.role == "list":
            rule = rule.part
        if rule.role == "node" and rule.part not in found:
            found.add(rule.part)
            for slot in slots_of(rule.part).values():
                walk(slot.rule)

    for kind in KINDS.values():
        for slot in slots_of(kind).values():
            walk(slot.rule)
    for tag in OPERATIONS:
        walk(job_slots(tag)["Operation"].rule)
    names = sorted(kind.__name__ for kind in found)
    assert names == sorted(set(names))
    schema = whole().schema
    assert isinstance(schema, dict)
    assert schema["$defs"].keys() == {*names, *(kind.__name__ for kind in KINDS.values())}


def test_the_schema_names_every_field_and_describes_those_of_a_job() -> None:
    definitions = of_kind("TaskFinish").schema
    assert isinstance(definitions, dict)
    properties = definitions["$defs"]["TaskFinish"]["properties"]
    assert list(properties) == list(slots_of(KINDS["TaskFinish"]))
    assert properties["EndTime"]["format"] == "date-time"
    assert "creation" not in properties["JobId"]["description"]
    assert all(properties[name].get("description") for name in ("JobId", "Tag", "State", "Code", "EndTime", "Response"))


# What is written keeps it.
@pytest.mark.parametrize("layout", ["xml", "mixed"])
def test_every_line_of_a_generated_log_is_valid(layout: str) -> None:
    events, letters = read_all(b"".join(generate(layout=layout, count=300, seed=2, failure_rate=0.2)))
    assert not letters
    assert {event.event_name for event in events} == {"TaskFinish", "WorkflowFinish"}
    check(events)


def test_every_line_of_every_generated_tag_is_valid() -> None:
    events, _ = read_all(b"".join(generate(layout="json", count=100, seed=2, tags=TAGS)))
    assert {getattr(event, "tag", "") for event in events} == set(TAGS)
    check(events)


@pytest.mark.parametrize("tag", OPERATIONS)
def test_a_line_with_every_field_of_a_tag_is_valid(tag: str) -> None:
    check(events_of({"EventName": "TaskFinish", "JobsDetail": [filled_job(tag, 2), {"Tag": tag}]}))


def test_a_line_with_every_field_of_a_workflow_is_valid() -> None:
    number = itertools.count()
    execution = {name: filled(slot.rule, 2, number) for name, slot in sent(slots_of(WorkflowFinish)).items()}
    check(events_of({"EventName": "WorkflowFinish", "WorkflowExecution": execution}))


REVIEWS = [name for name in KINDS if name.startswith("Review") and name != "ReviewSimple"]
SIMPLE: dict[str, Any] = {"code": 0, "message": "success", "data": {"trace_id": "t", "result": 1, "url": "u"}}
DOCUMENTS: list[Any] = [
    *({"EventName": name, "JobsDetail": {"JobId": "s", "CosHeaders": {"a": "b"}}} for name in REVIEWS),
    {"EventName": "ReviewImage", "JobsDetail": {"Result": 1, "PornInfo": {"HitFlag": 0, "Score": "7"}}},
    {"EventName": "ReviewVideo", "JobsDetail": {"Snapshot": {"Url": "u", "SnapshotTime": 5}, "SnapshotCount": "1"}},
    {"EventName": "ReviewDocument", "JobsDetail": {"PageSegment": {"Results": [{"PageNumber": 1}]}, "Suggestion": 0}},
    SIMPLE,
    SIMPLE | {"data": {"event": "ReviewText", "ads_info": {"hit_flag": 0, "label": ""}}},
    SIMPLE | {"New": [1], "data": {"event": 5, "cos_headers": {"a": "b"}, "New": None}},
    SIMPLE | {"code": "x", "message": None},
    SIMPLE | {"EventName": ""},
    SIMPLE | {"EventName": None},
    SIMPLE | {"Misfits": ["x"]},
    SIMPLE | {"EventNameInferred": "x", "Response": 1, "JobId": 2},
    {"code": 0, "message": "Test request when setting callback url", "data": {"trace_id": "test_trace_id"}},
    {"EventName": "NewFinish", "a": [None, 1.5, {}]},
    [1, 2],
    "text",
    None,
    {},
    {"": ""},
    {"JobsDetail": "text"},
    # Before event names, with fields beside the envelope, and with fields and values that no type describes.
    {"JobsDetail": {"JobId": "j", "Tag": "Snapshot"}, "RequestId": "r"},
    {"WorkflowExecution": {"Tasks": {"Type": "x", "New": 1}}, "RequestId": {"a": [1]}},
    {"EventName": "TaskFinish", "JobsDetail": {"Tag": "NewThing", "Operation": {"Output": "text", "UserData": 1}}},
    {"EventName": "TaskFinish", "JobsDetail": {"Tag": "", "Operation": {"Output": [1]}}},
    {"EventName": "TaskFinish", "JobsDetail": {"Tag": 5, "Operation": {"Output": [1]}}},
    {"EventName": "TaskFinish", "JobsDetail": {"Operation": {"Output": [1]}}},
    {"EventName": "TaskFinish", "JobsDetail": {"New": {"a": None}, "Input": {"New": [1]}, "Tag": "Snapshot"}},
    {"EventName": "TaskFinish", "JobsDetail": {"JobId": 1, "EndTime": "soon", "Operation": "x", "Tag": "Snapshot"}},
    {"EventName": "TaskFinish", "JobsDetail": {"Tag": "Snapshot", "Operation": {"Output": "x", "JobLevel": 1.5}}},
    {"EventName": "TaskFinish", "JobsDetail": {"Tag": "Snapshot", "Operation": {"JobLevel": 10**40}}},
    {"EventName": "WorkflowFinish", "WorkflowExecution": {"Tasks": ["x"], "CreateTime": 5}},
    {"EventName": "ReviewImage", "JobsDetail": {"Result": "x", "CosHeaders": [1], "Score": 1.5}},
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(number) for number in range(len(DOCUMENTS))])
def test_the_line_of_any_kind_of_document_is_valid(document: Any) -> None:
    check(events_of(json.dumps(document).encode()))


@settings(max_examples=100)
@given(data=st.data(), tag=st.sampled_from(sorted(OPERATIONS)))
def test_the_line_of_any_job_is_valid(data: st.DataObject, tag: str) -> None:
    check(events_of({"EventName": "TaskFinish", "JobsDetail": [data.draw(jobs(tag))]}))


@settings(max_examples=60)
@given(data=st.data(), name=st.sampled_from(sorted({"ReviewImage", "ReviewVideo", "ReviewAudio", "ReviewHtml"})))
def test_the_line_of_any_review_is_valid(data: st.DataObject, name: str) -> None:
    slots = {field: slot for field, slot in sent(slots_of(KINDS[name])).items() if slot.rule.role == "text"}
    check(events_of({"EventName": name, "JobsDetail": data.draw(trees(slots))}))


NAMES = """
    EventName JobsDetail WorkflowExecution Response Misfits EventNameInferred code message data event Tag JobId
    Operation Output EndTime Tasks Result Payload Root New
"""
MEMBERS = st.sampled_from(NAMES.split())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([*KINDS, "", "x", "Snapshot", "0", "true", "-"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(MEMBERS, inner, max_size=5),
    max_leaves=12,
)


OBJECTS = st.dictionaries(MEMBERS, ANYTHING, max_size=3)


@settings(max_examples=200)
@given(document=ANYTHING | st.builds(lambda beside, data: beside | SIMPLE | {"data": data}, OBJECTS, OBJECTS))
def test_the_line_of_any_json_is_valid(document: Any) -> None:
    check(events_of(json.dumps(document).encode()))


# What it refuses.
JOB = {"EventName": "TaskFinish", "JobId": "j", "Tag": "Snapshot"}
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("$.JobId", JOB | {"JobId": 1}),
    ("$.JobId", JOB | {"JobId": ["a"]}),
    ("$.JobId", JOB | {"JobId": None}),
    ("$.EndTime", JOB | {"EndTime": 1656588459}),
    ("$.Input", JOB | {"Input": "text"}),
    ("$.Input.Object", JOB | {"Input": {"Object": 5}}),
    ("$.Input.CosHeaders", JOB | {"Input": {"CosHeaders": {"Key": "a"}}}),
    ("$.Input.CosHeaders[0].Key", JOB | {"Input": {"CosHeaders": [{"Key": 1}]}}),
    ("$.EventNameInferred", JOB | {"EventNameInferred": "true"}),
    ("$.Response", JOB | {"Response": []}),
    ("$.Operation", JOB | {"Operation": "text"}),
    ("$.Operation", JOB | {"Tag": "NewThing", "Operation": "text"}),
    ("$.Operation.Output", JOB | {"Operation": {"Output": "text"}}),
    ("$.Operation.JobLevel", JOB | {"Operation": {"JobLevel": "1"}}),
    ("$.Operation.JobLevel", JOB | {"Operation": {"JobLevel": 1.5}}),
    ("$.Operation.MediaResult.OutputFile", JOB | {"Operation": {"MediaResult": {"OutputFile": []}}}),
    ("$.Operation.WatermarkTemplateId", JOB | {"Operation": {"WatermarkTemplateId": "a"}}),
    ("$.Tasks", {"EventName": "WorkflowFinish", "Tasks": {}}),
    ("$.Tasks[1].StartTime", {"EventName": "WorkflowFinish", "Tasks": [{}, {"StartTime": 5}]}),
    ("$.Result", {"EventName": "ReviewImage", "Result": "1"}),
    ("$.CosHeaders", {"EventName": "ReviewText", "CosHeaders": []}),
    ("$.data", {"EventName": "Probe", "data": "x"}),
    ("$.Root", {"EventName": "Other", "Root": 5}),
]


@pytest.mark.parametrize(("path", "line"), REFUSED, ids=[f"{n} {path}" for n, (path, _) in enumerate(REFUSED)])
def test_a_wrong_type_is_refused_unless_the_line_says_that_it_has_misfits(path: str, line: dict[str, Any]) -> None:
    validator = of_kind(line["EventName"])
    with pytest.raises(ValidationError) as caught:
        validator.validate(line)
    assert path in {error.json_path for error in leaves_of(caught.value)}
    assert not whole().is_valid(line)
    marked = line | {"Misfits": [path.removeprefix("$.")]}
    assert validator.is_valid(marked)
    assert whole().is_valid(marked)


def leaves_of(error: ValidationError) -> list[ValidationError]:
    return [leaf for inner in error.context for leaf in leaves_of(inner)] if error.context else [error]


@pytest.mark.parametrize("line", [{}, {"EventName": "NewFinish"}, {"EventName": 5}, {"JobId": "j"}, [], "text", None])
def test_what_is_no_line_is_refused(line: Any) -> None:
    assert not whole().is_valid(line)
    assert not any(of_kind(name).is_valid(line) for name in KINDS)


def test_the_operation_of_one_tag_is_not_held_to_the_type_of_another() -> None:
    segment = {"Operation": {"Segment": "text"}}
    assert of_kind("TaskFinish").is_valid(JOB | segment)
    assert not of_kind("TaskFinish").is_valid(JOB | segment | {"Tag": "Segment"})
    assert of_kind("TaskFinish").is_valid({"EventName": "TaskFinish"} | segment)


# The command.
def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stream_cb", "schema", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


SNAPSHOT_ONLY = {"Snapshot": OPERATIONS["Snapshot"]}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], json_schema(KINDS.values(), OPERATIONS)),
        (["ReviewImage"], json_schema([KINDS["ReviewImage"]], OPERATIONS)),
        (["TaskFinish/Snapshot"], json_schema([KINDS["TaskFinish"]], SNAPSHOT_ONLY)),
    ],
    ids=["all", "kind", "tag"],
)
def test_the_command_prints_the_schema(arguments: list[str], expected: dict[str, Any]) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    Draft202012Validator.check_schema(printed)
    assert printed == expected


def test_the_schema_of_a_tag_holds_its_operation_to_its_type() -> None:
    validator = Draft202012Validator(json.loads(command("TaskFinish/Snapshot").stdout))
    assert validator.is_valid(JOB | {"Operation": {"Output": {"Object": "o"}}})
    assert not validator.is_valid(JOB | {"Operation": {"Output": "text"}})
    assert validator.is_valid(JOB | {"Operation": {"Output": "text"}, "Misfits": ["Operation.Output"]})
    assert not validator.is_valid({"EventName": "WorkflowFinish"})


@pytest.mark.parametrize(
    "kind", ["NewFinish", "taskfinish", "TaskFinish/NewThing", "ReviewImage/Snapshot", "/Snapshot"]
)
def test_the_command_knows_no_other_kind(kind: str) -> None:
    done = command(kind)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("stream-cb: there is no kind ")
    assert "Traceback" not in done.stderr
