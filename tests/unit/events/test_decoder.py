"""Promises of the fast lanes: whatever they answer is what decoding the payload answers, events and notes alike."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.errors import EventError
from stream_cb.events import Event, EventDecoder, Notes, decode
from stream_cb.framing import XmlContext
from stream_cb.generate import callbacks, generate, to_json, to_pretty_json, to_pretty_xml, to_xml
from stream_cb.limits import Limits
from stream_cb.model import ReadOptions
from stream_cb.readers import get_reader
from stream_cb.readers.json_payload import parse_json
from stream_cb.readers.xml_payload import parse_xml
from stream_cb.runs import DECLARED, JSON, XML
from tests.reading import CutStream, records_in, results_of


class Lanes:
    """A decoder as the framed reader uses it, checked document by document against `decode` of the payload."""

    def __init__(self, *, strict: bool = False) -> None:
        self.notes, self.slow_notes = Notes(strict=strict), Notes(strict=strict)
        self.decoder = EventDecoder(self.notes)
        self.fast = 0

    def check(self, raw: bytes) -> None:
        is_xml = raw.lstrip().startswith(b"<")
        name, payload = parse_xml(raw, XmlContext(), limits=Limits()) if is_xml else parse_json(raw, limits=Limits())
        wanted = self._outcome(lambda: decode(name, payload, self.slow_notes))
        events = self.run(raw) or (None if is_xml else self.decoder.from_json(raw))
        if events is None:
            got = self._outcome(lambda: self.decoder.decode(name, payload, raw))
        else:
            self.fast += 1
            got = events
        assert got == wanted, raw
        assert repr(got) == repr(wanted), raw  # types of numbers, order of fields
        assert self.notes.unknown_fields == self.slow_notes.unknown_fields, raw
        assert self.notes.misfits == self.slow_notes.misfits, raw

    def run(self, raw: bytes) -> list[Event]:
        """What plans make of a record, if they take all of it."""
        assert self.decoder.run
        found = self.decoder.run(raw, 0, len(raw), XML | DECLARED | JSON)
        return found.results if found.end == len(raw.rstrip()) else []

    @staticmethod
    def _outcome(run: Any) -> list[Event] | str:
        try:
            events: list[Event] = run()
        except EventError as error:
            return str(error)
        return events


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json, to_pretty_json])
def test_lanes_agree_on_generated_callbacks(write: Any) -> None:
    lanes = Lanes()
    for tree in itertools.islice(callbacks(seed=11), 300):
        lanes.check(write(tree))
    for tree in itertools.islice(callbacks(seed=12, tags=["StreamExtract"]), 200):
        lanes.check(write(tree))


@pytest.mark.parametrize("write", [to_xml, to_json])
def test_the_fast_lanes_are_used(write: Any) -> None:
    lanes = Lanes()
    for tree in itertools.islice(callbacks(seed=12, tags=["StreamExtract"]), 300):
        lanes.check(write(tree))
    assert lanes.fast > 100


def xml(inner: str, tag: str = "StreamExtract") -> bytes:
    return (
        f"<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>j1</JobId>{inner}<Tag>{tag}</Tag></JobsDetail></Response>"
    ).encode()


XML_CASES = [
    xml(""),
    xml("<Message>a</Message>"),
    xml("<Message></Message>"),
    xml("<Message/>"),
    xml("<Message >a</Message >"),
    xml("<Message> a </Message>"),
    xml("<Message>a&amp;b</Message>"),
    xml("<Message>&#20013;</Message>"),
    xml("<Message><![CDATA[a]]></Message>"),
    xml("<Message>a<!-- b -->c</Message>"),
    xml("<Message>a<?p?>c</Message>"),
    xml("<Message x='1'>a</Message>"),
    xml("<Message>a\r\nb\rc</Message>"),
    xml("<Message>中文</Message>"),
    xml("<Message>]]&gt;</Message>"),
    xml("<Message><b>a</b></Message>"),
    xml("<Message>a</Message><Message>b</Message>"),
    xml("<New>a</New>"),
    xml("<Operation/>"),
    xml("<Operation></Operation>"),
    xml("<Operation>\n</Operation>"),
    xml("<Operation>text</Operation>"),
    xml("<Operation><UserData>u</UserData></Operation>"),
    xml("<Operation><UserData>u</UserData>text</Operation>"),
    xml("<Operation><Output><StreamExtract><Index>0</Index></StreamExtract></Output></Operation>"),
    xml("<Operation><Output><StreamExtract><Index>007</Index></StreamExtract></Output></Operation>"),
    xml("<Operation><Output><StreamExtract><Index>x</Index></StreamExtract></Output></Operation>"),
    xml("<Operation><Output><StreamExtract/></Output></Operation>"),
    xml("<Operation><Output><StreamExtract>  </StreamExtract></Output></Operation>"),
    xml(
        "<Operation><Output><StreamExtract><Index>0</Index></StreamExtract><StreamExtract><Index>1</Index>"
        "</StreamExtract></Output></Operation>"
    ),
    xml(
        "<Operation><Output><StreamExtract><Index>0</Index></StreamExtract><Bucket>b</Bucket><StreamExtract>"
        "<Index>1</Index></StreamExtract></Output></Operation>"
    ),
    xml("<EndTime>2022-06-30T19:27:39+0800</EndTime>"),
    xml("<EndTime>-</EndTime>"),
    xml("<EndTime/>"),
    xml("<EndTime>2022-13-30T19:27:39+0800</EndTime>"),
    xml("<EndTime> 2022-06-30T19:27:39+0800</EndTime>"),
    xml("<Operation><a>1</a></Operation>", tag="Snapshot"),
    xml("<Operation><a>1</a><a>2</a></Operation>", tag="Snapshot"),
    xml("<Operation><UserData>u</UserData></Operation>", tag="Snapshot"),
    xml("<Operation><UserData>u</UserData></Operation>", tag=""),
    xml("<Tag>Snapshot</Tag><Operation><UserData>u</UserData></Operation>"),
    b" " + xml("<Message>a</Message>") + b"\n",
    xml("<Message>a</Message>").replace(b"<Response>", b"<Response id='1'>"),
    xml("<Message>a</Message>").replace(b"<Response>", b"<Response xmlns='u'>"),
    xml("<Message>a</Message>").replace(b"<Response>", b"<?xml version='1.0' encoding='UTF-8'?>\n<Response>"),
    xml("<Message>\xe9</Message>")
    .decode()
    .encode("latin-1")
    .replace(b"<Response>", b"<?xml version='1.0' encoding='ISO-8859-1'?><Response>"),
    xml("<Message>a</Message>").replace(b"TaskFinish", b"WorkflowFinish"),
    xml("<Message>a</Message>").replace(b"TaskFinish", b" TaskFinish "),
    xml("<Message>a</Message>").replace(b"<EventName>TaskFinish</EventName>", b""),
    xml("<Message>a</Message>").replace(b"<EventName>TaskFinish</EventName>", b"<EventName/>"),
    xml("<Message>a</Message>").replace(b"</Response>", b"<RequestId>r</RequestId></Response>"),
    xml("<Message>a</Message>").replace(b"Response", b"Answer"),
    b"<Response><EventName>TaskFinish</EventName><JobsDetail/></Response>",
    b"<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>a</JobId></JobsDetail><JobsDetail><JobId>b</JobId></JobsDetail></Response>",
]


def train(lanes: Lanes) -> None:
    """Show the decoder what machine-made records look like, often enough for it to make its plans."""
    for seed in (1, 2):
        for tree in itertools.islice(callbacks(seed=seed, tags=["StreamExtract"], failure_rate=0.3), 40):
            lanes.check(to_xml(tree))
    for _ in range(3):
        for case in XML_CASES:
            lanes.check(case)


@pytest.mark.parametrize("strict", [False, True])
def test_lanes_agree_on_every_oddity_of_xml_whatever_came_before(strict: bool) -> None:
    lanes = Lanes(strict=strict)
    train(lanes)
    for case in XML_CASES:
        for _ in range(2):
            lanes.check(case)


@pytest.mark.parametrize("first", range(len(XML_CASES)))
def test_lanes_agree_when_one_oddity_is_all_that_was_learned(first: int) -> None:
    lanes = Lanes()
    for _ in range(40):
        lanes.check(XML_CASES[first])
    for case in XML_CASES:
        lanes.check(case)


ENTITIES = ["&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&amp;lt;", "&#38;", "&amp;amp;", "\ue001", "\uffff", "&x;"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_lanes_agree_on_entities_in_every_text(entity: str) -> None:
    """One text after the other, lists and untyped ones among them, once plans are made."""
    lanes = Lanes()
    trees = list(itertools.islice(callbacks(seed=2, tags=["StreamExtract"], failure_rate=0), 60))
    for tree in trees:
        lanes.check(to_xml(tree))
    raw = max((to_xml(tree) for tree in trees[:20]), key=len)
    for text in re.finditer(rb">([^<>&]+)<", raw):
        changed = raw[: text.start(1)] + entity.encode() + raw[text.end(1) - 1 :]
        try:
            parse_xml(changed, XmlContext(), limits=Limits())
        except ValueError:
            assert not lanes.run(changed), changed
        else:
            lanes.check(changed)


def body(**job: Any) -> dict[str, Any]:
    return {"EventName": "TaskFinish", "JobsDetail": {"JobId": "j1", "Tag": "StreamExtract"} | job}


JSON_CASES = [
    json.dumps(body()),
    json.dumps(body(Message="")),
    json.dumps(body(Message=" a ")),
    json.dumps(body(Message="中")),
    json.dumps(body(Message="中"), ensure_ascii=False),
    json.dumps(body(Message=None)),
    json.dumps(body(Message=1)),
    json.dumps(body(New="x")),
    json.dumps(body(Response={"a": 1})),
    json.dumps(body(EventName="x")),
    json.dumps(body(EventNameInferred=True)),
    json.dumps(body(EventNameInferred="true")),
    json.dumps(body(Operation={})),
    json.dumps(body(Operation="")),
    json.dumps(body(Operation=[{"UserData": "u"}])),
    json.dumps(body(Operation={"JobLevel": 0})),
    json.dumps(body(Operation={"JobLevel": "0"})),
    json.dumps(body(Operation={"JobLevel": ""})),
    json.dumps(body(Operation={"JobLevel": "00"})),
    json.dumps(body(Operation={"JobLevel": 1.0})),
    json.dumps(body(Operation={"JobLevel": True})),
    json.dumps(body(Operation={"JobLevel": 10**30})),
    json.dumps(body(Operation={"JobLevel": str(10**30)})),
    json.dumps(body(Operation={"Output": {"StreamExtract": {"Index": 1}}})),
    json.dumps(body(Operation={"Output": {"StreamExtract": [{"Index": 1}, {"Index": "2"}]}})),
    json.dumps(body(Operation={"Output": {"StreamExtract": []}})),
    json.dumps(body(Operation={"MediaResult": {"OutputFile": {"ObjectName": "a"}}})),
    json.dumps(body(Operation={"MediaResult": {"OutputFile": {"ObjectName": ["a", ""]}}})),
    json.dumps(body(Operation={"": {"a": 1}})),
    json.dumps(body(**{"": {"a": 1}})),
    json.dumps(body(EndTime="2022-06-30T19:27:39+0800")),
    json.dumps(body(EndTime="2022-06-30 19:27:39+0800")),
    json.dumps(body(EndTime="2022-06-30T19:27:39")),
    json.dumps(body(EndTime="2022-06-30t19:27:39z")),
    json.dumps(body(EndTime="2022-06-30T19:27:39.123456789Z")),
    json.dumps(body(EndTime="2022-06-30T19:27:39.0000000Z")),
    json.dumps(body(EndTime="2022-06-30T19:27:60Z")),
    json.dumps(body(EndTime="2022-06-30T24:00:00Z")),
    json.dumps(body(EndTime="2022-06-30T19:27Z")),
    json.dumps(body(EndTime="2022-06-30T19:27:39+08")),
    json.dumps(body(EndTime="-")),
    json.dumps(body(EndTime="")),
    json.dumps(body(EndTime=1656588459)),
    json.dumps(body(Tag="Snapshot", Operation={"a": [1, 1.50, {"b": None}]})),
    json.dumps(body(Tag="Snapshot", Operation={"a": 1.5, "Tag": "StreamExtract"})),
    json.dumps(body(Tag="", Operation={"a": 1})),
    json.dumps(body(Operation={"UserData": '"Tag":"Snapshot"'})),
    json.dumps(body(Input={"Object": '"Tag": "Snapshot"'})),
    json.dumps(body(Input={"CosHeaders": {"Key": "EventName"}})),
    json.dumps(body(Input={"CosHeaders": [{"Key": "EventName", "Value": "x"}]})),
    json.dumps(body(Input={"EventName": "x"})),
    json.dumps(body() | {"RequestId": "r"}),
    json.dumps(body() | {"EventName": ""}),
    json.dumps({"JobsDetail": body()["JobsDetail"]}),
    json.dumps({"EventName": "TaskFinish", "JobsDetail": []}),
    json.dumps({"EventName": "TaskFinish", "JobsDetail": [body()["JobsDetail"]] * 2}),
    json.dumps({"EventName": "TaskFinish", "JobsDetail": [body()["JobsDetail"], body(Tag="Snapshot")["JobsDetail"]]}),
    json.dumps({"EventName": "TaskFinish", "JobsDetail": [body(Tag="Snapshot")["JobsDetail"], body()["JobsDetail"]]}),
    json.dumps({"EventName": "TaskFinish", "JobId": "flat", "Tag": "StreamExtract", "Operation": {"JobLevel": 1}}),
    json.dumps({"EventName": "TaskFinish", "JobId": "flat", "Tag": "StreamExtract", "Response": {"a": 1}}),
    json.dumps({"EventName": "TaskFinish", "Tag": "StreamExtract", "EventNameInferred": True}),
    json.dumps({"JobId": "flat", "Tag": "StreamExtract"}),
    json.dumps({"Response": body()}),
    json.dumps({"Response": body()["JobsDetail"]}),
    json.dumps({"EventName": "Other", "Payload": body()}),
    '{"EventName":"TaskFinish","JobsDetail":{"Tag":"StreamExtract","JobId":"a","JobId":"b"}}',
    '{"EventName":"TaskFinish","JobsDetail":{"Tag":"StreamExtract","JobId":"a","JobId":""}}',
    '{"EventName":"TaskFinish","JobsDetail":{"Tag":"Snapshot","JobId":"a","Tag":"StreamExtract"}}',
    '{"EventName":"TaskFinish","JobsDetail":{"Tag":"StreamExtract","Operation":{"JobLevel":1},"Operation":{"UserData":"u"}}}',
    '{"EventName":"TaskFinish","JobsDetail":{"JobId":"a","Tag":"StreamExtract"},"JobsDetail":{"Tag":"StreamExtract"}}',
    '{"EventName":"TaskFinish","JobsDetail":{"T\\u0061g":"StreamExtract","JobId":"a"}}',
    '{"EventName":"TaskFinish","EventN\\u0061me":"x","JobsDetail":{"Tag":"StreamExtract","JobId":"a"}}',
    '{"EventName":"TaskFinish","JobsDetail":{"Tag":"StreamExtract","Operation":{"JobLevel":1e2}}}',
    '{"EventName":"TaskFinish","JobsDetail":{"Tag":"StreamExtract","Operation":{"JobLevel":-0}}}',
]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("case", JSON_CASES)
def test_lanes_agree_on_every_oddity_of_json(case: str, strict: bool) -> None:
    lanes = Lanes(strict=strict)
    lanes.check(case.encode())


TEXTS = st.sampled_from(
    ["", "a", " ", "0", "7", "-", "TaskFinish", "StreamExtract", "Snapshot", "2022-06-30T19:27:39+0800", "a&b", "<"]
)
WORDS = """
    JobId Tag State Message EndTime Input Operation Output StreamExtract Index UserData MediaResult OutputFile
    ObjectName Md5Info Workflow RunId JobLevel New Response
"""
NAMES = st.sampled_from(WORDS.split())
TREES: st.SearchStrategy[Any] = st.recursive(
    TEXTS,
    lambda inner: st.dictionaries(NAMES, inner | st.lists(inner, min_size=1, max_size=3), max_size=5),
    max_leaves=15,
)
JOBS = st.dictionaries(NAMES, TREES, max_size=6).map(lambda job: {"Tag": "StreamExtract"} | job)


def compare(trees: list[dict[str, Any]], *, strict: bool, write: Any) -> None:
    lanes = Lanes(strict=strict)
    for job in trees * (2 if write is to_json else 40):
        lanes.check(write({"EventName": "TaskFinish", "JobsDetail": [job]}))


@settings(max_examples=60)
@given(
    jobs=st.lists(JOBS, min_size=1, max_size=4),
    strict=st.booleans(),
    write=st.sampled_from([to_xml, to_pretty_xml, to_json]),
)
def test_lanes_agree_on_any_jobs_in_any_order(jobs: list[dict[str, Any]], strict: bool, write: Any) -> None:
    compare(jobs, strict=strict, write=write)


@settings(max_examples=60)
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_lanes_agree_on_callbacks_of_which_a_piece_was_changed(data: st.DataObject, seed: int) -> None:
    """The same shape again and again, then something that only nearly has it."""
    lanes = Lanes()
    series = callbacks(seed=seed, tags=["StreamExtract"])
    for tree in itertools.islice(series, 33):
        lanes.check(to_xml(tree))
    for tree in itertools.islice(series, 6):
        raw = to_xml(tree)
        lanes.check(raw)
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 12)))
        piece = data.draw(
            st.sampled_from(
                [b"", b" ", b"<a/>", b"<!---->", b"&amp;", b"&#65;", b"x", b"<![CDATA[]]>", b"\r\n", b"<Tag/>"]
            )
        )
        changed = raw[:start] + piece + raw[end:]
        try:
            name, payload = parse_xml(changed, XmlContext(), limits=Limits())
        except ValueError:
            assert not lanes.run(changed), changed
        else:
            assert decode(name, payload, Notes()) is not None
            lanes.check(changed)


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "json", "json-array", "pretty", "mixed"])
@pytest.mark.parametrize("step", [0, 1_000])
def test_a_reader_that_decodes_gives_what_decoding_its_records_gives(layout: str, step: int) -> None:
    raw = b"".join(generate(layout=layout, count=150, seed=4, damage_rate=0.1))
    slow_notes, notes = Notes(), Notes()
    results = results_of(raw)
    wanted = [event for record in records_in(results) for event in decode(record.name, record.payload, slow_notes)]
    options = ReadOptions()
    reader = get_reader("framed")
    blocks = list(reader(CutStream(raw, step), "test", options, EventDecoder(notes)))
    assert [event for block in blocks for event in block.results] == wanted
    assert [letter for block in blocks for letter in block.dead] == [
        one for one in results if one not in records_in(results)
    ]
    assert (notes.unknown_fields, notes.misfits) == (slow_notes.unknown_fields, slow_notes.misfits)
