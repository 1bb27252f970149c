"""Promises of the lanes beside `decode`, through the whole library: with and without them a log gives the same."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb import ReadOptions, Report, RunOptions, WriteOptions, convert
from stream_cb.events import OPERATIONS
from stream_cb.events.matchers import PURE
from stream_cb.generate import callbacks, generate, to_json, to_pretty_json, to_pretty_xml, to_xml
from tests.callback_trees import TEXTS, filled_job, jobs
from tests.lanes import Lanes, Write, log_of, mixed_with, swapped, trained


def format_of(write: Write) -> str:
    return "xml" if write in (to_xml, to_pretty_xml) else "json"


def least(taken: Any, format: str) -> int:
    """What plans have taken, whether they were to make lines or events."""
    lines, events = taken[f"{format}_lines"], taken[f"{format}_events"]
    assert lines == events
    return int(lines)


PRETTY = [pytest.param(write, marks=pytest.mark.long) for write in (to_pretty_xml, to_pretty_json)]


@pytest.mark.parametrize("write", [to_xml, to_json, *PRETTY])
@pytest.mark.parametrize("tag", OPERATIONS)
def test_a_plan_takes_records_with_every_field_of_every_tag(tag: str, write: Write, lanes: Lanes) -> None:
    full = [filled_job(tag, 1 + n % 2, start=1_000 * n) for n in range(50)]
    taken = lanes.check(log_of([{"EventName": "TaskFinish", "JobsDetail": [job]} for job in full], write))
    # The Info of a PosterProduction is the caller's own, which no type describes.
    assert least(taken, format_of(write)) > 25 or tag == "PosterProduction"


GENERATED = ["StreamExtract", "Transcode", "Snapshot", "SpeechRecognition", "Watermark", "DocProcess"]


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json, to_pretty_json])
@pytest.mark.parametrize("tag", GENERATED)
def test_the_lanes_agree_with_decode_on_logs_of_one_tag(tag: str, write: Write, lanes: Lanes) -> None:
    taken = lanes.check(log_of(itertools.islice(callbacks(seed=7, tags=[tag]), 120), write))
    assert least(taken, format_of(write)) > 60


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "mixed", "ndjson", "json-array", "pretty"])
@pytest.mark.parametrize("chunk_bytes", [777, 4_096, 30_011])
@pytest.mark.parametrize("pure", ["", "1"], ids=["compiled", "pure"])
def test_lines_do_not_depend_on_where_the_chunks_are_cut(
    layout: str, chunk_bytes: int, pure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PURE, pure)
    log = b"".join(generate(layout=layout, count=150, seed=5, damage_rate=0.05))
    assert lines_of(log, chunk_bytes) == lines_of(log, len(log))


def lines_of(log: bytes, chunk_bytes: int) -> tuple[bytes, Report]:
    lines = io.BytesIO()
    options = RunOptions(read=ReadOptions(chunk_bytes=chunk_bytes))
    report = convert(io.BytesIO(log), options, WriteOptions(), stdout=lines)
    assert not report.problems
    return lines.getvalue(), msgspec.structs.replace(report, elapsed_seconds=0.0)


@pytest.mark.parametrize("seed", range(3))
def test_the_lanes_agree_on_logs_of_everything(seed: int, lanes: Lanes) -> None:
    taken = lanes.check(b"".join(generate(layout="mixed", count=1_500, seed=seed, damage_rate=0.03)))
    assert min(least(taken, "xml"), least(taken, "json")) > 200


def collapsed(tree: Any) -> Any:
    """As what is made of XML writes it: a list of one as that one, an empty one as an empty text."""
    if isinstance(tree, dict):
        return {name: collapsed(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [collapsed(value) for value in tree] if len(tree) > 1 else collapsed(tree[0]) if tree else ""
    return tree


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json])
def test_the_lanes_agree_on_finished_workflows(write: Write, lanes: Lanes) -> None:
    trees = [tree for tree in itertools.islice(callbacks(seed=4), 2_500) if tree["EventName"] == "WorkflowFinish"]
    taken = lanes.check(log_of(trees, write))
    assert least(taken, format_of(write)) > len(trees) / 2


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml, to_json, to_pretty_json])
def test_the_lanes_agree_on_bodies_with_jobs_of_several_tags(write: Write, lanes: Lanes) -> None:
    jobs_of = {tag: callbacks(seed=9, tags=[tag], failure_rate=0) for tag in ("Snapshot", "Transcode", "Watermark")}
    alone = [next(series) for _ in range(40) for series in jobs_of.values()]
    together = [
        {
            "EventName": "TaskFinish",
            "JobsDetail": [job for series in jobs_of.values() for job in next(series)["JobsDetail"]],
        }
        for _ in range(40)
    ]
    taken = lanes.check(log_of([*alone, *itertools.chain(*zip(together, alone[:40], strict=True))], write))
    # Of the bodies with three jobs, nearly all; besides, those with one.
    assert least(taken, format_of(write)) > 150


@pytest.mark.parametrize("tag", ["StreamExtract", "Snapshot", "SpeechRecognition", "MediaInfo"])
def test_the_lanes_agree_on_json_in_which_a_list_of_one_is_that_one(tag: str, lanes: Lanes) -> None:
    trees = [collapsed(tree) for tree in itertools.islice(callbacks(seed=7, tags=[tag]), 60)]
    assert least(lanes.check(log_of(trees, to_json)), "json") > 30
    full = [filled_job(tag, 1, start=1_000 * n) for n in range(10)]
    assert lanes.check(log_of([collapsed({"EventName": "TaskFinish", "JobsDetail": full})], to_json))["from_json"] > 5


# One thing done to a record that a plan would take: a name, and what it makes of the record's bytes.
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
    "a member of our lines": swapped(b"<Code>", b"<EventNameInferred>true</EventNameInferred><Code>"),
    "Misfits": swapped(b"<Code>", b"<Misfits>Code</Misfits><Code>"),
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
            *(b"<?xml version='1.0\"?>", b'<?xml version="1.0" encoding="utf-8\'?>'),
            *(b"<!DOCTYPE Response>", b"<!DOCTYPE Response [<!ENTITY e 'x'>]>", b"<?xml encoding='UTF-8'?>"),
        )
    },
}


@pytest.mark.parametrize(
    ("tag", "write"),
    [
        ("StreamExtract", to_xml),
        pytest.param("Transcode", to_pretty_xml, marks=pytest.mark.long),
        pytest.param("Watermark", to_xml, marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_lanes_agree_on_an_oddity_among_records_that_a_plan_takes(
    oddity: str, tag: str, write: Write, lanes: Lanes
) -> None:
    records = trained(tag, write)
    odd = [ODDITIES[oddity](record) for record in records[-20:]]
    taken = lanes.check(mixed_with(records, odd))
    assert least(taken, "xml") > 30


@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_lanes_agree_on_records_that_are_all_odd_in_the_same_way(oddity: str, lanes: Lanes) -> None:
    records = [ODDITIES[oddity](record) for record in trained("Snapshot", to_xml)[:40]]
    lanes.check(b"\n".join(records) + b"\n")


PIECES = st.sampled_from([b"", b" ", b"\n", b"\r\n", b"x", b">", b"\x00", b"\xff", b"&amp;", b"&#65;", b"<a/>"]) | (
    st.sampled_from([b"<!---->", b"<![CDATA[x]]>", b"<Tag/>", b"<Index>1</Index>", b"<ObjectName>n</ObjectName>"])
)
TRAINED = {tag: trained(tag, to_xml) for tag in ("Transcode", "SpeechRecognition", "Watermark", "Snapshot")}


@settings(max_examples=40)
@given(data=st.data(), tag=st.sampled_from(list(TRAINED)))
def test_the_lanes_agree_on_records_of_which_a_piece_was_changed(data: st.DataObject, tag: str) -> None:
    log = list(TRAINED[tag][:60])
    for _ in range(data.draw(st.integers(1, 6))):
        raw = data.draw(st.sampled_from(TRAINED[tag]))
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 24)))
        log.insert(data.draw(st.integers(40, len(log))), raw[:start] + data.draw(PIECES) + raw[end:])
    with pytest.MonkeyPatch.context() as patch:
        assert least(Lanes(patch).check(b"\n".join(log) + b"\n"), "xml") > 20


@settings(max_examples=60)
@given(
    data=st.data(),
    tag=st.sampled_from(sorted(OPERATIONS)),
    write=st.sampled_from([to_xml, to_pretty_xml, to_json, to_pretty_json]),
)
def test_the_lanes_agree_on_many_records_of_a_few_shapes(data: st.DataObject, tag: str, write: Write) -> None:
    shapes = data.draw(st.lists(jobs(tag), min_size=1, max_size=3))
    texts = data.draw(st.lists(TEXTS, min_size=1, max_size=5))
    log = []
    for number, text in zip(range(100), itertools.cycle(texts), strict=False):
        shape = shapes[number % len(shapes)]
        log.append(write({"EventName": "TaskFinish", "JobsDetail": [shape | {"JobId": text}]}))
    with pytest.MonkeyPatch.context() as patch:
        Lanes(patch).check(b"\n".join(log) + b"\n")
