"""Promises of twins: one callback is one event, in XML and in both generations of JSON, on every lane to it."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb import RunOptions, WriteOptions, convert
from stream_cb.events import OPERATIONS, EventDecoder, encode_lines
from stream_cb.events.decode import job_slots
from stream_cb.events.shape import Rule, Slot, slots_of
from stream_cb.events.workflow_finish import WorkflowFinish
from stream_cb.generate import callbacks, to_json, to_pretty_json, to_pretty_xml, to_xml
from tests.decoding import read_all, read_back

Tree = dict[str, Any]
Write = Callable[[Tree], bytes]

# Slots of an event that are not in the body that the service sends.
OWN = {"Misfits", "EventNameInferred", "Response", "Tag", "Operation"}
# A time as it is sent, and as a line says it.
TIMES = {
    "2022-06-30T19:27:39+0800": "2022-06-30T19:27:39+08:00",
    "2022-08-09 14:54:17+0800": "2022-08-09T14:54:17+08:00",
    "2021-08-10T21:01:10+08:00": "2021-08-10T21:01:10+08:00",
    "2021-08-10T21:01:10.250000Z": "2021-08-10T21:01:10.250000Z",
}
WRITERS: dict[str, Write] = {
    "xml": to_xml,
    "pretty xml": to_pretty_xml,
    "new json": to_json,
    "old json": lambda tree: to_json(tree, generation="old"),
    "pretty new json": to_pretty_json,
    "pretty old json": lambda tree: to_pretty_json(tree, generation="old"),
}

# ── Trees around the Structs ────────────────────────────────────────────────────────────────────────────────────────

# What XML can hold; a carriage return would come back as a line feed.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
TEXTS = st.one_of(
    st.text(CHARACTERS, min_size=1, max_size=8),
    st.sampled_from(
        [
            "视频 第一场 🎬",
            "R&D <draft> a&amp;b",
            "\"double\" 'single'",
            "  two  blanks\t and a tab ",
            "line\none\n\n more ",
            "\n",
            " ",
            "]]> </Response>",
            "${ext}",
            "007",
            "1e5",
            "true",
            "\ue000\ue004",
            "\x7f\x85\u2028",
            '"Tag":"Snapshot"',
            "<Tag>Snapshot</Tag>",
        ]
    ),
)
NUMBERS = st.integers(-(10**20), 10**20)


def values(rule: Rule) -> st.SearchStrategy[Any]:
    """What may stand in a field: whole, for an empty element is written as nothing in JSON."""
    strategies: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "text": lambda: TEXTS,
        "int": lambda: NUMBERS | NUMBERS.map(str),
        "flag": lambda: st.sampled_from(["true", "false"]),
        "time": lambda: st.sampled_from(list(TIMES)),
        "extra": lambda: st.dictionaries(st.sampled_from(["main", "Text_1"]), TEXTS, min_size=1),
        "node": lambda: trees(slots_of(rule.part), fewest=1),
        "list": lambda: st.lists(values(rule.part), max_size=3),
    }
    return strategies[rule.role]()


def trees(slots: dict[str, Slot], *, fewest: int = 0, most: int = 6) -> st.SearchStrategy[Tree]:
    """Some of the fields, in any order."""
    names = st.lists(st.sampled_from(list(slots)), unique=True, min_size=fewest, max_size=most)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: values(slots[name].rule) for name in chosen}))


def sent(slots: dict[str, Slot]) -> dict[str, Slot]:
    return {name: slot for name, slot in slots.items() if name not in OWN}


def jobs(tag: str) -> st.SearchStrategy[Tree]:
    """Jobs of a Tag; Tag stands last, as it mostly does."""
    operation = trees(job_slots(tag)["Operation"].rule.part and slots_of(OPERATIONS[tag]), fewest=1)
    return st.builds(
        lambda fields, inner: {**fields, "Operation": inner, "Tag": tag}, trees(sent(job_slots(tag))), operation
    )


def filled(rule: Rule, count: int, number: Iterator[int]) -> Any:
    """A value with every field that there is, `count` elements in every list; no two texts are equal."""
    n = next(number)
    match rule.role:
        case "node":
            return {name: filled(slot.rule, count, number) for name, slot in slots_of(rule.part).items()}
        case "list":
            return [filled(rule.part, count, number) for _ in range(count)]
        case "extra":
            return {"main": f"值 {n}"}
        case "int":
            return str(n)
        case "flag":
            return "true"
        case "time":
            return list(TIMES)[n % len(TIMES)]
    return f"值 & {n}"


def filled_job(tag: str, count: int, start: int = 0) -> Tree:
    number = itertools.count(start)
    fields = {name: filled(slot.rule, count, number) for name, slot in sent(job_slots(tag)).items()}
    operation = {name: filled(slot.rule, count, number) for name, slot in slots_of(OPERATIONS[tag]).items()}
    return {**fields, "Operation": operation, "Tag": tag}


def leaves(tree: Any) -> Counter[str]:
    """How often each text stands in a tree, written as text."""
    if isinstance(tree, dict):
        return sum(map(leaves, tree.values()), Counter())
    if isinstance(tree, (list, tuple)):
        return sum(map(leaves, tree), Counter())
    text = str(tree).lower() if isinstance(tree, bool) else str(tree)
    return Counter([TIMES.get(text, text)])


def check_twins(tree: Tree) -> None:
    """Every form of the callback gives the same events, without a note, and their lines hold every leaf."""
    found = {name: read_all(write(tree), strict=True) for name, write in WRITERS.items()}
    events, letters = found.pop("xml")
    assert not letters
    for name, twin in found.items():
        assert twin == (events, []), name
    lines = encode_lines(events)
    assert b"Misfits" not in lines
    written = leaves([json.loads(line) for line in lines.splitlines()])
    assert leaves(tree) - written == Counter()
    assert read_back(events) == events
    assert all(not event.extra for event in events)


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("tag", OPERATIONS)
def test_a_job_with_every_field_is_one_event_in_every_form(tag: str, count: int) -> None:
    check_twins({"EventName": "TaskFinish", "JobsDetail": [filled_job(tag, count)]})


@settings(max_examples=8)
@pytest.mark.parametrize("tag", OPERATIONS)
@given(data=st.data())
def test_any_jobs_of_a_tag_are_the_same_events_in_every_form(tag: str, data: st.DataObject) -> None:
    listed = data.draw(st.lists(jobs(tag), min_size=1, max_size=2))
    check_twins({"EventName": "TaskFinish", "JobsDetail": listed})


@pytest.mark.parametrize("count", [1, 3])
def test_a_workflow_with_every_field_is_one_event_in_every_form(count: int) -> None:
    number = itertools.count()
    execution = {name: filled(slot.rule, count, number) for name, slot in sent(slots_of(WorkflowFinish)).items()}
    check_twins({"EventName": "WorkflowFinish", "WorkflowExecution": execution})


@settings(max_examples=60)
@given(execution=trees(sent(slots_of(WorkflowFinish)), fewest=1, most=12))
def test_any_workflow_is_the_same_event_in_every_form(execution: Tree) -> None:
    check_twins({"EventName": "WorkflowFinish", "WorkflowExecution": execution})


# ── The lanes ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Lanes:
    """Switches the lanes beside `decode` on and off, and counts what they took."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._ways = {name: getattr(EventDecoder, name) for name in ("from_xml", "from_json")}
        self.taken: Counter[str] = Counter()

    def switch(self, *, on: bool) -> None:
        for name, way in self._ways.items():
            self._patch.setattr(EventDecoder, name, self._counting(name, way) if on else lambda _self, _raw: None)

    def _counting(self, name: str, way: Any) -> Any:
        def count(decoder: EventDecoder, raw: bytes) -> Any:
            events = way(decoder, raw)
            self.taken[name] += events is not None
            return events

        return count

    def check(self, raw: bytes) -> Counter[str]:
        """Both ways through a log agree in all that is told of it; how often each lane was taken."""
        self.switch(on=False)
        slow = told(raw)
        self.switch(on=True)
        self.taken.clear()
        fast = told(raw)
        for name, value in slow.items():
            assert fast[name] == value, name
        return +self.taken


def told(raw: bytes) -> dict[str, Any]:
    """Everything that a run and its events tell of a log."""
    lines = io.BytesIO()
    report = convert(io.BytesIO(raw), RunOptions(), WriteOptions(), stdout=lines)
    assert not report.problems
    events, letters = read_all(raw)
    return {
        "events": events,
        "letters": letters,
        "types": repr(events),  # of numbers, and the order of fields
        "strict": read_all(raw, strict=True),
        "lines": lines.getvalue(),
        "report": msgspec.structs.replace(report, elapsed_seconds=0.0),
    }


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> Lanes:
    return Lanes(monkeypatch)


def log_of(trees: Iterator[Tree] | list[Tree], write: Write, between: bytes = b"\n") -> bytes:
    return between.join([write(tree) for tree in trees]) + between


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("tag", OPERATIONS)
def test_a_plan_takes_full_records_of_every_tag(tag: str, count: int, write: Write, lanes: Lanes) -> None:
    same = [{"EventName": "TaskFinish", "JobsDetail": [filled_job(tag, count, n)]} for n in range(0, 60_000, 600)]
    if "Extra" in str([slot.rule.role for slot in slots_of(OPERATIONS[tag]).values()]):
        pytest.skip("a payload has no plan")
    taken = lanes.check(log_of(same, write))
    assert taken["from_xml"] > 50 or tag == "PosterProduction"  # whose texts are an untyped payload


GENERATED = ["StreamExtract", "Transcode", "Snapshot", "SpeechRecognition", "Watermark", "DocProcess"]


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json, to_pretty_json])
@pytest.mark.parametrize("tag", GENERATED)
def test_the_lanes_agree_with_decode_on_logs_of_one_tag(tag: str, write: Write, lanes: Lanes) -> None:
    taken = lanes.check(log_of(itertools.islice(callbacks(seed=7, tags=[tag]), 150), write))
    assert taken["from_xml" if write in (to_xml, to_pretty_xml) else "from_json"] > 40


# One thing done to a record that a plan would take: a name, and what it makes of the record's bytes.
def swapped(pattern: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """The first match of the pattern becomes `new`, which may name its groups."""

    def swap(raw: bytes) -> bytes:
        changed, count = re.subn(pattern, new, raw, count=1)
        assert count, pattern
        return changed

    return swap


def in_text(new: bytes) -> Callable[[bytes], bytes]:
    """`new` in the middle of a text of the Operation."""
    return swapped(rb"(<UserData>[^<]{2})", rb"\g<1>" + new.replace(b"\\", rb"\\"))


# Every record of the logs below ends in these, and has a UserData.
USER_DATA = rb"<UserData>[^<]*</UserData>"
ODDITIES: dict[str, Callable[[bytes], bytes]] = {
    # Entities and references.
    **{
        f"text {text!r}": in_text(text)
        for text in (
            *(b"&lt;", b"&gt;", b"&amp;", b"&quot;", b"&apos;", b"&amp;lt;", b"&amp;amp;", b"&#38;", b"&#x4e2d;"),
            *(b"&unknown;", b"&", b"&amp", b"&#0;", b"&#x1F;", b"&#xD800;", b"&#13;", b"&#10;"),
            # Odd characters, and bytes that are no characters.
            *("中".encode(), "🎬".encode(), "\ue000".encode(), "\ue004&lt;".encode(), "\u2028\x85".encode()),
            *("\ufffd".encode(), "\ufffe".encode(), "\uffff".encode(), "\ufeff".encode(), b"\x7f", b"\x00", b"\x0b"),
            *(b"\xff", b"\xc0\xaf", b"\xe4\xb8", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe9"),
            *(b">", b"]]>", b"\r", b"\r\n", b"\n", b"\t", b"  "),
            # What is no text.
            *(b"<!-- c -->", b"<?p i?>", b"<![CDATA[<x> & ]]>", b"<![CDATA[]]>", b"<b/>", b"<b>x</b>"),
            *(b"<![CDATA[<Tag>Snapshot</Tag>]]>", b"<!--<Tag>Snapshot</Tag>-->", b"</UserData><UserData>"),
            b"&lt;Tag&gt;Snapshot&lt;/Tag&gt;",
        )
    },
    # Attributes and namespaces.
    "attribute of the root": swapped(b"<Response>", b"<Response id='1'>"),
    "namespace": swapped(b"<Response>", b"<Response xmlns='urn:x'>"),
    "prefix": swapped(b"<UserData>([^<]*)</UserData>", rb"<x:UserData xmlns:x='u'>\1</x:UserData>"),
    "attribute of the job": swapped(b"<JobsDetail>", b'<JobsDetail a="b">'),
    "attribute of a leaf": swapped(b"<UserData>", b'<UserData a="b">'),
    "attribute of the Tag": swapped(b"<Tag>", b'<Tag a="b">'),
    "blank in a start tag": swapped(b"<UserData>", b"<UserData >"),
    "blank in an end tag": swapped(b"</UserData>", b"</UserData\n>"),
    # Comments, sections and text between elements.
    "comment before the root": lambda raw: b"<!-- c -->" + raw,
    "comment behind a start": swapped(b"<JobsDetail>", b"<JobsDetail><!-- c -->"),
    "instruction": swapped(b"<JobsDetail>", b"<JobsDetail><?p i?>"),
    "text between elements": swapped(b"<UserData>", b"text<UserData>"),
    "section between elements": swapped(b"<UserData>", b"<![CDATA[ ]]><UserData>"),
    "entity between elements": swapped(b"<UserData>", b"&amp;<UserData>"),
    "blank reference between elements": swapped(b"<UserData>", b"&#32;<UserData>"),
    "no-break space between elements": swapped(b"<UserData>", "\u00a0<UserData>".encode()),
    "space between elements": swapped(b"<UserData>", b" \n\t <UserData>"),
    "return between elements": swapped(b"<UserData>", b"\r\n<UserData>"),
    "space before a Tag": swapped(b"<Tag>", b"\n<Tag>"),
    "space in the Tag": swapped(b"<Tag>", b"<Tag> "),
    # Elements that are missing, more, elsewhere or nearly what they were.
    "missing": swapped(USER_DATA, b""),
    "missing state": swapped(rb"<State>\w+</State>", b""),
    "missing Tag": swapped(rb"<Tag>\w+</Tag>", b""),
    "missing EventName": swapped(b"<EventName>TaskFinish</EventName>", b""),
    "missing Operation": swapped(rb"(?s)<Operation>.*</Operation>", b""),
    "another EventName": swapped(b"<EventName>TaskFinish</EventName>", b"<EventName>WorkflowFinish</EventName>"),
    "another Tag": swapped(rb"<Tag>\w+</Tag>", b"<Tag>Animation</Tag>"),
    "unknown Tag": swapped(rb"<Tag>\w+</Tag>", b"<Tag>NewThing</Tag>"),
    "blank Tag": swapped(rb"<Tag>\w+</Tag>", b"<Tag/>"),
    "two Tags": swapped(rb"(<Tag>\w+</Tag>)", rb"\1\1"),
    "two Tags that differ": swapped(rb"(<Tag>\w+</Tag>)", rb"<Tag>Animation</Tag>\1"),
    "a Tag in the Operation": swapped(b"<UserData>", b"<Tag>Animation</Tag><UserData>"),
    "Tag first": swapped(rb"(?s)<JobsDetail>(.*)(<Tag>\w+</Tag>)", rb"<JobsDetail>\2\1"),
    "unknown element": swapped(b"<UserData>", b"<New>x</New><UserData>"),
    "unknown in the job": swapped(b"<Code>", b"<New>x</New><Code>"),
    "unknown beside the job": swapped(b"</JobsDetail>", b"</JobsDetail><RequestId>r</RequestId>"),
    "unknown before the job": swapped(b"<JobsDetail>", b"<RequestId>r</RequestId><JobsDetail>"),
    "twice": swapped(b"(" + USER_DATA + b")", rb"\1\1"),
    "twice, apart": swapped(rb"(?s)<Operation>(.*)(" + USER_DATA + b")", rb"<Operation>\2\1\2"),
    "state and code swapped": swapped(rb"(?s)(<Code>\w+</Code>)(.*)(<State>\w+</State>)", rb"\3\2\1"),
    "two jobs": swapped(rb"(?s)(<JobsDetail>.*</JobsDetail>)", rb"\1\1"),
    "two jobs, one blank": swapped(b"</Response>", b"<JobsDetail/></Response>"),
    "near miss": swapped(b"<UserData>([^<]*)</UserData>", rb"<Userdata>\1</Userdata>"),
    "longer name": swapped(b"<UserData>([^<]*)</UserData>", rb"<UserData2>\1</UserData2>"),
    "another root": swapped(rb"(?s)<Response>(.*)</Response>", rb"<response>\1</response>"),
    "a response in the response": swapped(rb"(?s)(<Response>.*</Response>)", rb"<Response>\1</Response>"),
    "wrong end": swapped(b"</UserData>", b"</Userdata>"),
    "cut off": swapped(b"</JobsDetail></Response>|</JobsDetail>\n</Response>", b""),
    # Blank elements.
    "blank": swapped(USER_DATA, b"<UserData></UserData>"),
    "empty": swapped(USER_DATA, b"<UserData/>"),
    "space": swapped(USER_DATA, b"<UserData> </UserData>"),
    "line": swapped(USER_DATA, b"<UserData>\n    </UserData>"),
    "empty Operation": swapped(rb"(?s)<Operation>.*</Operation>", b"<Operation/>"),
    "blank Operation": swapped(rb"(?s)<Operation>.*</Operation>", b"<Operation>\n  </Operation>"),
    "text Operation": swapped(rb"(?s)<Operation>.*</Operation>", b"<Operation>text</Operation>"),
    "empty Output": swapped(rb"(?s)<Output>.*</Output>", b"<Output/>"),
    "blank Output": swapped(rb"(?s)<Output>.*</Output>", b"<Output>  </Output>"),
    "empty Input": swapped(rb"(?s)<Input>.*</Input>", b"<Input></Input>"),
    "blank Input": swapped(rb"(?s)<Input>.*</Input>", b"<Input>\n</Input>"),
    # Times and numbers in other forms.
    **{
        f"time {time!r}": swapped(rb"<EndTime>[^<]*</EndTime>", b"<EndTime>%s</EndTime>" % time)
        for time in (
            *(b"", b"-", b" ", b"2022-06-30 19:27:39+0800", b"2022-06-30T19:27:39Z", b"2022-06-30t19:27:39z"),
            *(
                b"2022-06-30T19:27:39+08:00",
                b"2022-06-30T19:27:39-0000",
                b"2022-06-30T19:27:39",
                b"0000-01-01T00:00:00Z",
            ),
            *(b"2022-02-30T19:27:39Z", b"2022-06-30T24:00:00Z", b"2022-06-30T23:59:60Z", b"2022-06-30T19:27:39+2359"),
            *(b"2022-06-30T19:27:39+2400", b"2022-06-30T19:27:39+0860", b"2022-06-30T19:27:39.5Z", b"2022-06-30"),
            *(b"2022-06-30T19:27:39.1234567Z", b"2022-06-30T19:27:39.000000000Z", "２022-06-30T19:27:39Z".encode()),
            *(b"9999-12-31T23:59:59-2359", b"0001-01-01T00:00:00+2359", b"2022-06-30T19:27:39+08", b"1656588459"),
        )
    },
    **{
        f"number {number!r}": swapped(b"<UserData>", b"<JobLevel>%s</JobLevel><UserData>" % number)
        for number in (
            *(b"0", b"1", b"007", b"+1", b"-1", b"-0", b" 1", b"1 ", b"1.0", b"1e2", b"", b"x", b"\xef\xbc\x91"),
            *(b"1" * 17, b"1" * 18, b"1" * 19, b"1" * 40, b"-" + b"9" * 19, b"1" * 5_000, b"1<!-- -->2", b"&#49;"),
        )
    },
    # Declarations.
    **{
        f"declaration {declaration!r}": (lambda raw, declaration=declaration: declaration + raw)  # type: ignore[misc]
        for declaration in (
            *(b"<?xml version='1.0'?>", b'<?xml version="1.0" encoding="UTF-8"?>\n', b"<?xml version='1.1'?>"),
            *(b"<?xml version='1.0' encoding='utf8'?>", b"<?xml version='1.0' encoding='GBK'?>"),
            *(b"<?xml version='1.0' encoding='nonsense'?>", b"<?xml version='1.0' standalone='yes'?>"),
            *(b"<?xml version='1.0' encoding='UTF-8'?><!-- c -->", b"\xef\xbb\xbf", b"<?p i?>", b" \n "),
            *(b"<!DOCTYPE Response>", b"<!DOCTYPE Response [<!ENTITY e 'x'>]>", b"<?xml encoding='UTF-8'?>"),
        )
    },
}


def trained(tag: str, write: Write) -> list[bytes]:
    """Records of one Tag, all alike but for their texts, more than it takes for a plan to be made."""
    series = callbacks(seed=3, tags=[tag], failure_rate=0)
    records = []
    for number in range(120):
        tree = next(series)
        job = tree["JobsDetail"][0]
        job["Operation"].pop("JobLevel", None)
        job["Operation"]["UserData"] = f"order {number}, 第 {number} 号"
        records.append(write(tree))
    return records


@pytest.mark.parametrize(("tag", "write"), [("StreamExtract", to_xml), ("Transcode", to_pretty_xml)])
@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_lanes_agree_on_an_oddity_among_records_that_a_plan_takes(
    oddity: str, tag: str, write: Write, lanes: Lanes
) -> None:
    records = trained(tag, write)
    change = ODDITIES[oddity]
    odd = [change(record) for record in records[-40:]]
    # The first comes when the plan is there; then enough of them for a plan of their own, with plain ones among them.
    log = [*records[:60], odd[0], *records[60:80], *itertools.chain(*zip(odd, records[80:], strict=True))]
    taken = lanes.check(b"\n".join(log) + b"\n")
    assert taken["from_xml"] > 30


@pytest.mark.parametrize("tag", ["StreamExtract", "Snapshot"])
@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_lanes_agree_on_records_that_are_all_odd_in_the_same_way(oddity: str, tag: str, lanes: Lanes) -> None:
    change = ODDITIES[oddity]
    lanes.check(b"\n".join([change(record) for record in trained(tag, to_xml)[:100]]) + b"\n")


PIECES = st.sampled_from(
    [b"", b" ", b"\n", b"\r\n", b"<a/>", b"<!---->", b"&amp;", b"&#65;", b"x", b"<![CDATA[x]]>", b"\xff", b"<Tag/>"]
    + [b"<Index>1</Index>", b"<ObjectName>n</ObjectName>", b"<ObjectName/>", b"</Output>", b"<Output>", b"\x00", b">"]
)
TRAINED = {tag: trained(tag, to_xml) for tag in ("Transcode", "SpeechRecognition", "Watermark", "Snapshot")}


@settings(max_examples=40)
@given(data=st.data(), tag=st.sampled_from(list(TRAINED)))
def test_the_lanes_agree_on_records_of_which_a_piece_was_changed(data: st.DataObject, tag: str) -> None:
    log = list(TRAINED[tag][:90])
    for _ in range(data.draw(st.integers(1, 6))):
        raw = data.draw(st.sampled_from(TRAINED[tag]))
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 25)))
        log.insert(data.draw(st.integers(40, len(log))), raw[:start] + data.draw(PIECES) + raw[end:])
    with pytest.MonkeyPatch.context() as patch:
        assert Lanes(patch).check(b"\n".join(log) + b"\n")["from_xml"] > 20


@settings(max_examples=40)
@given(data=st.data(), tag=st.sampled_from(sorted(OPERATIONS)), write=st.sampled_from([to_xml, to_pretty_xml]))
def test_the_lanes_agree_on_many_records_of_a_few_shapes(data: st.DataObject, tag: str, write: Write) -> None:
    shapes = data.draw(st.lists(jobs(tag), min_size=1, max_size=3))
    texts = data.draw(st.lists(TEXTS, min_size=1, max_size=5))
    log = []
    for number, text in zip(range(100), itertools.cycle(texts), strict=False):
        shape = shapes[number % len(shapes)]
        log.append(write({"EventName": "TaskFinish", "JobsDetail": [shape | {"JobId": text}]}))
    with pytest.MonkeyPatch.context() as patch:
        Lanes(patch).check(b"\n".join(log) + b"\n")


# The same for JSON, where a lane needs no training.
JSON_PIECES = st.sampled_from(
    [b"", b" ", b"null", b'"', b"{", b"}", b"[]", b",", b"1", b"-0", b"1e400", b"1.0", b"\\u0041", b"\\ud800", b"\xff"]
    + [b'"Tag":"Snapshot",', b'"New":1,', b'"EventName":"x",', b'"Misfits":["x"],', b'"":1,', b'"UserData":"",', b"\\"]
)


@settings(max_examples=150)
@given(data=st.data(), tag=st.sampled_from(GENERATED), write=st.sampled_from([to_json, to_pretty_json]))
def test_the_lanes_agree_on_json_of_which_a_piece_was_changed(data: st.DataObject, tag: str, write: Write) -> None:
    log = []
    for tree in itertools.islice(callbacks(seed=data.draw(st.integers(0, 50)), tags=[tag]), 5):
        raw = write(tree)
        places = [match.start() for match in re.finditer(rb'[{}\[\],:"]', raw)]
        start = data.draw(st.sampled_from(places)) + data.draw(st.integers(0, 1))
        end = data.draw(st.integers(start, min(len(raw), start + 8)))
        log.append(raw[:start] + data.draw(JSON_PIECES) + raw[end:])
    with pytest.MonkeyPatch.context() as patch:
        Lanes(patch).check(b"\n".join(log) + b"\n")
