"""Promises for values that break the documents: each is kept where it stood, named by its path, and ends no run."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb import RunOptions, WriteOptions, convert
from stream_cb.events import KINDS, OPERATIONS, Node, Other, encode_lines
from stream_cb.events.decode import job_slots
from stream_cb.events.shape import Rule, Slot, slots_of
from tests.decoding import read_all, read_back

TASK = "TaskFinish"
RUN = "WorkflowFinish"
IMAGE = "ReviewImage"
HUGE = "7" * 40
GREAT = Decimal("1E+400")


_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def nested(path: str, value: Any) -> Any:
    """{"a": {"b": value}} for the path "a.b"."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def document_of(kind: str, path: str, value: Any, tag: str = "") -> dict[str, Any]:
    envelope = "WorkflowExecution" if kind == RUN else "JobsDetail"
    fields = nested(path, value) | ({"Tag": tag} if tag else {})
    return {"EventName": kind, envelope: fields}


WRONG_TIMES: list[Any] = ["soon", "2022-06-30", "2022-06-30T19:27:39", 1656588459, True, {}, []]
WRONG_NUMBERS: list[Any] = [GREAT, Decimal("1.0"), Decimal("1.5"), True, "1e400", "NaN", "x", "1.0", [1, 2], {}]

# Kind, Tag, path, a value that does not fit there, and what the documents promise.
BAD: list[tuple[str, str, str, Any, str]] = [
    # A list where text is promised.
    (TASK, "", "JobId", ["a", "b"], "text"),
    (TASK, "", "JobId", ["a"], "text"),
    (TASK, "", "JobId", [], "text"),
    (TASK, "", "Input.Object", ["a", "b"], "text"),
    (TASK, "Snapshot", "Operation.UserData", ["a", "b"], "text"),
    (TASK, "Snapshot", "Operation.Output.Object", [], "text"),
    (TASK, "PicProcess", "Operation.PicProcessResult.ObjectName", ["a"], "text"),
    (RUN, "", "WorkflowName", ["a"], "text"),
    (IMAGE, "", "Label", ["a"], "text"),
    # An object or a number where text is promised.
    (TASK, "", "State", {"a": "b"}, "text"),
    (TASK, "", "Progress", 100, "text"),
    (TASK, "Snapshot", "Operation.TemplateId", True, "text"),
    (TASK, "Transcode", "Operation.MediaInfo.Format.Bitrate", Decimal("9514.268000"), "text"),
    # Text, or a list of texts, where an object is promised.
    (TASK, "", "Input", "text", "an object"),
    (TASK, "", "Workflow", "text", "an object"),
    (TASK, "Snapshot", "Operation", "text", "an object"),
    (TASK, "NewThing", "Operation", "text", "an object"),
    (TASK, "", "Operation", [{}, {}], "an object"),
    (TASK, "Snapshot", "Operation.Output", "text", "an object"),
    (TASK, "Snapshot", "Operation.Output", ["text"], "an object"),
    (TASK, "Snapshot", "Operation.Output", 7, "an object"),
    (TASK, "Snapshot", "Operation.MediaResult.OutputFile", "text", "an object"),
    (IMAGE, "", "PornInfo", "text", "an object"),
    # Two of what should be one, or none.
    (TASK, "", "Input", [{"Object": "a"}, {"Object": "b"}], "an object"),
    (TASK, "", "Workflow", [{"RunId": "a"}, {"RunId": "b"}], "an object"),
    (TASK, "", "Input", [], "an object"),
    (TASK, "Snapshot", "Operation", [{"UserData": "a"}, {"UserData": "b"}], "an object"),
    (TASK, "Snapshot", "Operation.Output", [{"Bucket": "a"}, {"Bucket": "b"}], "an object"),
    # Something else in a list.
    (TASK, "Snapshot", "Operation.MediaResult.OutputFile.ObjectName", ["a", 1], "text"),
    (TASK, "Snapshot", "Operation.MediaResult.OutputFile.ObjectName", ["a", ["b"]], "text"),
    (TASK, "Snapshot", "Operation.MediaResult.OutputFile.ObjectName", {"a": "b"}, "text"),
    (TASK, "Snapshot", "Operation.MediaResult.OutputFile.ObjectName", [None], "text"),
    (TASK, "StreamExtract", "Operation.Output.StreamExtract", [{"Index": 1}, "x"], "an object"),
    (TASK, "StreamExtract", "Operation.Output.StreamExtract", "x", "an object"),
    (RUN, "", "Tasks", ["x", {"Type": "Snapshot"}], "an object"),
    # Null, in every role.
    (TASK, "", "JobId", None, "text"),
    (TASK, "", "EndTime", None, "a time with its offset"),
    (TASK, "", "Input", None, "an object"),
    (TASK, "", "Operation", None, "an object"),
    (TASK, "Snapshot", "Operation", None, "an object"),
    (TASK, "Snapshot", "Operation.JobLevel", None, "a whole number"),
    (TASK, "Snapshot", "Operation.Output", None, "an object"),
    (TASK, "Snapshot", "Operation.Output.StreamExtract", None, "an object"),
    (TASK, "Snapshot", "Operation.MediaResult.OutputFile.ObjectName", None, "text"),
    (RUN, "", "Tasks", None, "an object"),
    (IMAGE, "", "CosHeaders", None, "an object"),
    # Wrong times.
    *[(TASK, "", "EndTime", wrong, "a time with its offset") for wrong in WRONG_TIMES],
    (RUN, "", "CreateTime", "2022-13-01 00:00:00+0800", "a time with its offset"),
    (IMAGE, "", "CreationTime", "2022-06-30T19:27:39", "a time with its offset"),
    # Numbers: too great, no whole ones, of forty digits where text is promised.
    *[(TASK, "Snapshot", "Operation.JobLevel", wrong, "a whole number") for wrong in WRONG_NUMBERS],
    (TASK, "", "JobId", int(HUGE), "text"),
    (TASK, "", "JobId", GREAT, "text"),
    (IMAGE, "", "Score", Decimal("99.5"), "a whole number"),
    # CosHeaders: a list of Key and Value here, a map there.
    (TASK, "", "Input.CosHeaders", "text", "an object"),
    (IMAGE, "", "CosHeaders", [{"Key": "a", "Value": "b"}], "an object"),
]


@pytest.mark.parametrize(
    ("kind", "tag", "path", "value", "expected"),
    BAD,
    ids=[f"{number} {kind} {path}" for number, (kind, _, path, _, _) in enumerate(BAD)],
)
def test_what_does_not_fit_is_kept_and_named(kind: str, tag: str, path: str, value: Any, expected: str) -> None:
    document = document_of(kind, path, value, tag)
    raw = _encode(document)
    (event,), letters = read_all(raw)
    assert not letters
    assert type(event) is KINDS[kind]
    assert event.misfits == (path,)
    line = _decode(encode_lines([event]))
    (fields,) = (inside for name, inside in document.items() if name != "EventName")
    assert line == {"EventName": kind, "Misfits": [path]} | fields
    assert read_back([event]) == [event]
    assert read_back([event])[0].misfits == (path,)

    report = convert(io.BytesIO(raw), RunOptions(), WriteOptions(), stdout=io.BytesIO())
    assert (report.misfits, report.unknown_fields, report.dead_letters, report.problems) == ({path: 1}, {}, 0, [])

    events, (letter,) = read_all(raw, strict=True)
    assert events == []
    assert (letter.reason, letter.detail) == ("EventError", f"expected {expected} at $.{path}")
    assert (letter.offset, letter.length, letter.raw) == (0, len(raw), raw)


def test_what_does_not_fit_in_xml_is_kept_and_named() -> None:
    raw = (
        b"<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>a</JobId><JobId>b</JobId><EndTime>soon</EndTime>"
        b"<Operation><Output>text</Output><JobLevel>1e400</JobLevel><MediaResult><a/></MediaResult><MediaResult/>"
        b"</Operation><Tag>Snapshot</Tag></JobsDetail></Response>"
    )
    (event,), letters = read_all(raw)
    assert not letters
    line = json.loads(encode_lines([event]))
    paths = ["EndTime", "JobId", "Operation.JobLevel", "Operation.MediaResult", "Operation.Output"]
    assert sorted(event.misfits) == sorted(line.pop("Misfits")) == paths
    assert read_back([event]) == [event]
    assert line == {
        "EventName": "TaskFinish",
        "Tag": "Snapshot",
        "Operation": {"Output": "text", "JobLevel": "1e400", "MediaResult": [{"a": ""}, ""]},
        "JobId": ["a", "b"],
        "EndTime": "soon",
    }
    assert read_all(raw, strict=True)[1][0].detail == "expected text at $.JobId"


def test_a_value_that_fits_although_it_looks_odd_is_no_misfit() -> None:
    documents: list[dict[str, Any]] = [
        document_of(TASK, "JobId", HUGE),
        document_of(TASK, "JobId", "1e400"),
        document_of(TASK, "Operation.JobLevel", int(HUGE), "Snapshot"),
        document_of(TASK, "Operation.JobLevel", HUGE, "Snapshot"),
        document_of(TASK, "Input.CosHeaders", {"Key": "a", "Value": "b"}),
        document_of(TASK, "Input.CosHeaders", [{"Key": "a", "Value": "b"}]),
        document_of(RUN, "CosHeaders", {"Key": "a", "Value": "b"}),
        document_of(IMAGE, "CosHeaders", {"a": "b", "c": ["d", 1, None]}),
        document_of(TASK, "Workflow", [{"RunId": "i"}]),
        document_of(TASK, "EndTime", "-"),
        document_of(TASK, "Operation", {"a": None, "b": [GREAT]}, "NewThing"),
        {"EventName": "NewFinish", "a": [None, GREAT, int(HUGE)]},
    ]
    for document in documents:
        (event,), letters = read_all(_encode(document), strict=True)
        assert (event.misfits, letters) == ((), [])
        assert read_back([event]) == [event]


def test_headers_as_a_map_where_a_list_is_promised_are_unknown_fields_and_stay() -> None:
    (event,), _ = read_all(_encode(document_of(TASK, "Input.CosHeaders", {"x-cos-meta-id": "7", "Size": "1"})))
    assert json.loads(encode_lines([event]))["Input"] == {"CosHeaders": [{"x-cos-meta-id": "7", "Size": "1"}]}
    assert event.misfits == ()


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "1e999999", HUGE, f"-{HUGE}.{HUGE}", "1E+5", "0.10"])
def test_no_digit_of_a_number_out_of_place_is_lost(number: str) -> None:
    for raw in (
        b'{"EventName":"TaskFinish","JobsDetail":{"JobId":%s,"New":[%s],"Tag":"Snapshot"}}' % ((number.encode(),) * 2),
        b'{"EventName":"NewFinish","JobId":%s,"New":[%s]}' % ((number.encode(),) * 2),
    ):
        (event,), letters = read_all(raw)
        assert not letters
        line = _texts(encode_lines([event]))
        body = line.get("Payload", line)
        assert Decimal(body["JobId"]) == Decimal(body["New"][0]) == Decimal(number)
        assert read_back([event]) == [event]


def _texts(line: bytes) -> Any:
    """A line, its numbers as they are written."""
    return json.loads(line, parse_float=str, parse_int=str)


@pytest.mark.parametrize("digits", [4_300, 4_301, 20_000])
def test_a_number_of_more_digits_than_python_reads_ends_no_run(digits: int) -> None:
    good = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"j"}}'
    raw = b'%s\n{"EventName":"TaskFinish","JobsDetail":{"JobId":%s}}\n%s\n' % (good, b"7" * digits, good)
    events, letters = read_all(raw)
    assert len(events) + len(letters) == 3
    assert [event.identity for event in (events[0], events[-1])] == [events[0].identity] * 2


def test_the_rest_of_an_event_stays_typed() -> None:
    document = document_of(TASK, "Operation.Output", "text", "Snapshot")
    document["JobsDetail"] |= {"JobId": "j", "Input": {"Object": "o", "Region": 5}}
    document["JobsDetail"]["Operation"] |= {"UserData": "u", "JobLevel": "2"}
    (event,), _ = read_all(_encode(document))
    job: Any = event
    assert (job.job_id, job.input.object, job.input.extra) == ("j", "o", {"Region": 5})
    assert type(job.operation) is OPERATIONS["Snapshot"]
    assert (job.operation.user_data, job.operation.job_level, job.operation.output) == ("u", 2, None)
    assert job.operation.extra == {"Output": "text"}
    assert sorted(job.misfits) == ["Input.Region", "Operation.Output"]


def test_misfits_of_a_log_are_counted_by_path() -> None:
    log = [document_of(TASK, "JobId", number) for number in range(5)]
    log += [document_of(TASK, "Operation.Output", "x", tag) for tag in ("Snapshot", "Transcode")]
    log += [{"EventName": TASK, "JobsDetail": [{"JobId": 1}, {"JobId": 2, "Tag": None}]}]
    report = convert(io.BytesIO(b"\n".join(map(_encode, log))), RunOptions(), WriteOptions(), stdout=io.BytesIO())
    assert report.misfits == {"JobId": 7, "Operation.Output": 2, "Tag": 1}
    assert report.events == 9


# ── Every field of every type ───────────────────────────────────────────────────────────────────────────────────────

WRONG = st.sampled_from(
    [None, True, 0, 7, int(HUGE), 1.5, GREAT, "", " ", "text", "1e400", "007", "-", HUGE, [], [[]], [None], {}]
) | st.sampled_from(
    [["a", "b"], [{}, {}], [{"New": 1}, "x"], {"New": None}, {"": {"": 1}}, [[{"Key": 1}]], {"#text": "x"}]
)


def paths_of(slots: dict[str, Slot], prefix: str = "") -> Iterator[str]:
    """The path of every field below, lists passed through."""
    for name, slot in slots.items():
        yield prefix + name
        rule: Rule = slot.rule
        while rule.role == "list":
            rule = rule.part
        if rule.role == "node" and isinstance(rule.part, type) and issubclass(rule.part, Node):
            yield from paths_of(slots_of(rule.part), f"{prefix}{name}.")


PLACES = [(TASK, tag, path) for tag in sorted(OPERATIONS) for path in paths_of(job_slots(tag))]
PLACES += [(kind, "", path) for kind in sorted(KINDS) for path in paths_of(slots_of(KINDS[kind]))]


@settings(max_examples=500)
@given(place=st.sampled_from(PLACES), value=WRONG, also=st.sampled_from(PLACES), other=WRONG)
def test_any_value_anywhere_is_kept_and_ends_no_run(
    place: tuple[str, str, str], value: Any, also: tuple[str, str, str], other: Any
) -> None:
    kind, tag, path = place
    document = nested(also[2], other) | nested(path, value) | ({"Tag": tag} if tag else {}) | {"EventName": kind}
    raw = _encode(document)
    events, letters = read_all(raw)
    assert not letters
    assert read_back(events) == events
    for event in events:
        line = _decode(encode_lines([event]))
        assert line["EventName"] == event.event_name
        for misfit in event.misfits:
            assert misfit.startswith((path.partition(".")[0], also[2].partition(".")[0]))
        if len(events) == 1 and not isinstance(event, Other) and path not in ("Misfits", "Tag"):
            top = path.partition(".")[0]
            assert line.get(top) == document[top] or same(line.get(top), document[top])
    strict, refused = read_all(raw, strict=True)
    assert bool(refused) == any(event.misfits for event in events) or any(isinstance(one, Other) for one in events)
    assert len(strict) == (0 if refused else len(events))


def same(line: Any, sent: Any) -> bool:
    """Whether a line says what was sent, where a text may stand for a number and one thing for a list of it."""
    if isinstance(line, list) and not isinstance(sent, list):
        line = line[0] if len(line) == 1 else line
    if isinstance(sent, list) and len(sent) == 1 and not isinstance(line, list):
        sent = sent[0]
    if isinstance(line, list) and isinstance(sent, list):
        return len(line) == len(sent) and all(itertools.starmap(same, zip(line, sent, strict=True)))
    if isinstance(line, dict) and isinstance(sent, dict):
        return all(same(line.get(name), sent.get(name)) for name in line.keys() | sent.keys())
    absent: tuple[Any, ...] = ("", " ", "-", None, [], {})
    is_bare = line in absent and sent in absent
    return is_bare or line == sent or (not isinstance(line, (list, dict)) and str(line) == str(sent))
