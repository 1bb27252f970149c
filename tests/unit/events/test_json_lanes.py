"""Promises of the lanes of JSON beside `decode`: with and without them a log gives the same."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.events import encode_lines
from stream_cb.generate import callbacks, to_json, to_pretty_json
from tests.decoding import read_all
from tests.lanes import Lanes, Write, mixed_with, swapped, trained

GENERATED = ["StreamExtract", "Transcode", "Snapshot", "SpeechRecognition", "Watermark", "DocProcess"]


def in_text(new: bytes) -> Callable[[bytes], bytes]:
    """`new` in the middle of a text of the Operation."""
    return swapped(rb'("UserData": ?"[^"]{2})', rb"\g<1>" + new.replace(b"\\", rb"\\"))


def as_value(name: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """`new` in the place of the text, list or object of that name, which holds no other of its kind."""
    value = rb'(?:"[^"]*"|\[[^\[\]]*\]|\{(?:[^{}]|\{[^{}]*\})*\})'
    return swapped(rb'("%b": ?)%b' % (name, value), rb"\g<1>" + new.replace(b"\\", rb"\\"))


USER_DATA = rb'"UserData": ?"[^"]*"'
ODDITIES: dict[str, Callable[[bytes], bytes]] = {
    **{
        f"text {text!r}": in_text(text)
        for text in (
            # Escapes: those that have to be, those that need not be, and those that are none.
            *(
                rb"\"",
                rb"\\",
                rb"\n",
                rb"\t",
                rb"\r",
                rb"\b",
                rb"\f",
                rb"\/",
                rb"\u4e2d",
                rb"\u0041",
                rb"\u000a",
                rb"\u0000",
            ),
            *(
                rb"\u001f",
                rb"\u007f",
                rb"\ud83c\udfac",
                rb"\ud800",
                rb"\udfac\ud83c",
                rb"\x",
                rb"\u12",
                b"\\",
                rb"\\\"",
                rb"\N",
            ),
            # Odd characters, and bytes that are no characters.
            *("中".encode(), "🎬".encode(), "\ue000".encode(), "\u2028\x85".encode(), "\ufffd".encode()),
            *("\ufffe".encode(), "\uffff".encode(), "\ufeff".encode(), b"\x7f", b"\x00", b"\x0b", b"\n", b"\r", b"\t"),
            *(
                b"\xff",
                b"\xc0\xaf",
                b"\xe4\xb8",
                b"\xed\xa0\x80",
                b"\xf5\x80\x80\x80",
                b"\xe9",
                b"<&>",
                b"&amp;",
                b"]]>",
                b"/",
            ),
            # What looks like a part of the record.
            *(
                rb"\",\"Tag\":\"Snapshot",
                rb"\"},{\"EventName\":\"",
                rb"{\"EventName\":",
                b"},{",
                b"}",
                b"]",
                b",",
                b'","Tag":"x',
            ),
        )
    },
    **{
        f"{name.decode()} {value!r}": as_value(name, value)
        for name, values in {
            b"UserData": (
                *(
                    b"null",
                    b"1",
                    b"-1",
                    b"1.5",
                    b"true",
                    b"[]",
                    b'["a"]',
                    b'["a","b"]',
                    b"{}",
                    b'{"a":1}',
                    b'""',
                    b'" "',
                ),
                *(b"x", b"'x'", b"NaN", b"Infinity", b"01", b"[1", b'"a" "b"', b""),
            ),
            b"ObjectName": (
                b'"x"',
                b"[]",
                b'[""]',
                b'["a",""]',
                b"[1]",
                b"[null]",
                b'[["a"]]',
                b'""',
                b"{}",
                b'["a",]',
                b"[,]",
            ),
            b"Md5Info": (
                *(b'{"Md5":"m","ObjectName":"o"}', b"[]", b"[{}]", b'[""]', b"null", b'""', b"{}", b'[{"Md5":"m"}]'),
                *(
                    b'[{"ObjectName":"o","Md5":"m"}]',
                    b'[{"Md5":"m","New":1}]',
                    b'[{"Md5":"m","Md5":"n"}]',
                    b'[{"Md5":""}]',
                ),
            ),
            b"Output": (b'""', b"{}", b"null", b"[]", b"[{}]", b'[{"Bucket":"b"}]', b'"x"', b"1", b'{"Bucket":"b",}'),
            b"Input": (
                b'""',
                b"{}",
                b"null",
                b"[]",
                b'[{"Object":"o"}]',
                b'{"Object":"o","Object":"p"}',
                b'{"Object":null}',
            ),
            b"EndTime": (
                *(
                    b'""',
                    b'"-"',
                    b'" "',
                    b'"2022-06-30 19:27:39+0800"',
                    b'"2022-06-30T19:27:39Z"',
                    b'"2022-06-30t19:27:39z"',
                ),
                *(
                    b'"2022-06-30T19:27:39+08:00"',
                    b'"2022-06-30T19:27:39-0000"',
                    b'"2022-06-30T19:27:39"',
                    b"1656588459",
                ),
                *(b'"2022-02-30T19:27:39Z"', b'"2022-06-30T24:00:00Z"', b'"2022-06-30T19:27:39+2359"', b'"2022-06-30"'),
                *(b'"2022-06-30T19:27:39+2400"', b'"2022-06-30T19:27:39.5Z"', b'"9999-12-31T23:59:59-2359"', b"null"),
                b'"2022-06-30T19:27:39\\u002b0800"',
            ),
        }.items()
        for value in values
    },
    **{
        f"number {number!r}": swapped(b'"UserData"', b'"JobLevel":%b,"UserData"' % number)
        for number in (
            *(
                b"0",
                b"1",
                b"007",
                b"+1",
                b"-1",
                b"-0",
                b"1.0",
                b"1e2",
                b"1e999999",
                b'"0"',
                b'"-1"',
                b'" 1"',
                b'"007"',
                b'""',
            ),
            *(
                b'"x"',
                b"true",
                b"null",
                b"1" * 17,
                b"1" * 18,
                b"1" * 19,
                b"1" * 40,
                b"-" + b"9" * 19,
                b'"%b"' % (b"1" * 400),
            ),
        )
    },
    # Keys.
    "twice": swapped(b"(" + USER_DATA + b")", rb"\1,\1"),
    "twice, apart": swapped(rb'(?s)("Operation": ?\{)(.*)(' + USER_DATA + b")", rb"\1\3,\2\3"),
    "Tag twice": swapped(rb'("Tag": ?"\w+")', rb"\1,\1"),
    "another Tag before": swapped(rb'("Tag": ?"\w+")', rb'"Tag":"Animation",\1'),
    "another Tag behind": swapped(rb'("Tag": ?"\w+")', rb'\1,"Tag":"Animation"'),
    "another Tag": swapped(rb'"Tag": ?"\w+"', b'"Tag":"Animation"'),
    "unknown Tag": swapped(rb'"Tag": ?"\w+"', b'"Tag":"NewThing"'),
    "no Tag": swapped(rb',\s*"Tag": ?"\w+"', b""),
    "Tag null": swapped(rb'"Tag": ?"\w+"', b'"Tag":null'),
    "a Tag in the Operation": swapped(b'"UserData"', b'"Tag":"Animation","UserData"'),
    "Tag with an escape": swapped(b'"Tag"', rb'"T\\u0061g"'),
    "EventName twice": swapped(b'("EventName": ?"TaskFinish")', rb"\1,\1"),
    "another EventName": swapped(b'"TaskFinish"', b'"WorkflowFinish"'),
    "EventName with an escape": swapped(b'"EventName"', rb'"Event\\u004eame"'),
    "no EventName": swapped(rb'"EventName": ?"TaskFinish",\s*', b""),
    "EventName in the job": swapped(b'"Code"', b'"EventName":"TaskFinish","Code"'),
    "EventName behind": swapped(rb'(?s)"EventName": ?"TaskFinish",\s*(.*)\}', rb'\1,"EventName":"TaskFinish"}'),
    "Misfits": swapped(b'"Code"', b'"Misfits":["Code"],"Code"'),
    "a member of our lines": swapped(b'"Code"', b'"EventNameInferred":true,"Code"'),
    "unknown": swapped(b'"UserData"', b'"New":"x","UserData"'),
    "unknown in the job": swapped(b'"Code"', b'"New":{"a":[1]},"Code"'),
    "unknown beside the job": swapped(b'"JobsDetail"', b'"RequestId":"r","JobsDetail"'),
    "unknown behind the job": swapped(rb"\}\s*$", b',"RequestId":"r"}'),
    "another name": swapped(b'"UserData"', b'"Userdata"'),
    "key with an escape": swapped(b'"UserData"', rb'"User\\u0044ata"'),
    "empty key": swapped(b'"UserData"', b'""'),
    "order": swapped(rb'(?s)("Code": ?"\w+")(.*)("State": ?"\w+")', rb"\3\2\1"),
    "missing": swapped(USER_DATA + rb",?\s*", b""),
    # The job and the jobs.
    "an object": swapped(rb'(?s)("JobsDetail": ?)\[\s*(.*)\]', rb"\1\2"),
    "a list in a list": swapped(rb'(?s)("JobsDetail": ?)(\[.*\])', rb"\1[\2]"),
    "no job": swapped(rb'(?s)("JobsDetail": ?)\[.*\]', rb"\1[]"),
    "two jobs": swapped(rb'(?s)("JobsDetail": ?)\[(.*)\]', rb"\1[\2,\2]"),
    "three jobs, spaced": swapped(rb'(?s)("JobsDetail": ?)\[(.*)\]', rb"\1[ \2 ,\n\2,\r\n\2 ]"),
    "two jobs without a comma": swapped(rb'(?s)("JobsDetail": ?)\[(.*)\]', rb"\1[\2\2]"),
    "two jobs and a comma": swapped(rb'(?s)("JobsDetail": ?)\[(.*)\]', rb"\1[\2,\2,]"),
    "two jobs, one empty": swapped(rb'(?s)("JobsDetail": ?)\[(.*)\]', rb"\1[\2,{}]"),
    "two jobs, one null": swapped(rb'(?s)("JobsDetail": ?)\[(.*)\]', rb"\1[\2,null]"),
    "a Response around it": swapped(rb"(?s)(\{.*\})", rb'{"Response":\1}'),
    # White space, brackets and commas.
    **{
        f"{space!r} behind {sign!r}": swapped(re.escape(sign), sign + space)
        for sign in (b"{", b'"UserData"', b"[", b'"UserData":', b",", b'"Code"', b"]", b'"State":')
        for space in (b" ", b"\n", b"\r\n", b"\t", b"\x0b", b"\xc2\xa0", b",", b":")
    },
    "comma at the end": swapped(rb"\}(\s*)\]", rb",}\1]"),
    "comma at the end of the list": swapped(rb"\}(\s*)\]", rb"},\1]"),
    "bracket too many": swapped(rb"\}\s*$", b"}}"),
    "bracket missing": swapped(rb"\}\s*$", b""),
    "no comma": swapped(rb',(\s*"UserData")', rb"\1"),
    "no quote": swapped(b'"UserData', b"UserData"),
    "comment": swapped(b'"UserData"', b'/* c */"UserData"'),
    "byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
}


@pytest.mark.parametrize(
    ("tag", "write"),
    [
        ("StreamExtract", to_json),
        pytest.param("StreamExtract", to_pretty_json, marks=pytest.mark.long),
        pytest.param("Transcode", to_json, marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_lanes_agree_on_an_oddity_among_records_that_a_plan_takes(
    oddity: str, tag: str, write: Write, lanes: Lanes
) -> None:
    records = [record for record in trained(tag, write) if re.search(rb"Md5Info", record)][:70]
    odd = [ODDITIES[oddity](record.strip()) for record in records[-20:]]
    taken = lanes.check(mixed_with(records, odd))
    assert min(taken["json_lines"], taken["json_events"]) > 10


@pytest.mark.parametrize("oddity", ODDITIES)
def test_the_lanes_agree_on_records_that_are_all_odd_in_the_same_way(oddity: str, lanes: Lanes) -> None:
    records = [ODDITIES[oddity](record.strip()) for record in trained("StreamExtract", to_json)[:40]]
    lanes.check(b"\n".join(records) + b"\n")


JSON_PIECES = st.sampled_from([b"", b" ", b"null", b'"', b"{", b"}", b"[]", b",", b"\\", b"\xff", b"\\ud800"]) | (
    st.sampled_from([b"1", b"-0", b"1e400", b"1.0", b"\\u0041", b'"New":1,', b'"":1,', b'"UserData":"",'])
    | st.sampled_from([b'"Tag":"Snapshot",', b'"EventName":"x",', b'"Misfits":["x"],'])
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


GAPS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b" \n", b"\n ", b"", b"\t", b"\n\x1e"])
COMMAS = st.sampled_from([b",", b",\n", b", ", b",\n  ", b"\n,", b" ,\n"])


@settings(max_examples=150)
@given(
    data=st.data(),
    tag=st.sampled_from(GENERATED),
    write=st.sampled_from([to_json, to_pretty_json]),
    is_array=st.booleans(),
    is_line=st.booleans(),
)
def test_the_lanes_agree_on_runs_of_json_with_a_change_in_them(
    data: st.DataObject, tag: str, write: Write, is_array: bool, is_line: bool
) -> None:
    records = [write(tree) for tree in itertools.islice(callbacks(seed=data.draw(st.integers(0, 50)), tags=[tag]), 25)]
    if is_line:
        records = encode_lines(read_all(b"\n".join(records))[0]).splitlines()
    usual = data.draw(COMMAS if is_array else GAPS)
    gaps = [usual] * len(records)
    for _ in range(data.draw(st.integers(0, 3))):
        number = data.draw(st.integers(0, len(records) - 1))
        raw = records[number]
        places = [match.start() for match in re.finditer(rb'[{}\[\],:"]', raw)]
        start = data.draw(st.sampled_from(places)) + data.draw(st.integers(0, 1))
        end = data.draw(st.integers(start, min(len(raw), start + 8)))
        records[number] = raw[:start] + data.draw(JSON_PIECES) + raw[end:]
        gaps[data.draw(st.integers(0, len(gaps) - 1))] = data.draw(COMMAS if is_array else GAPS)
    log = b"".join(itertools.chain(*zip(records, gaps, strict=True)))
    if is_array:
        log = b"[" + log.removesuffix(gaps[-1]) + b"]"
    with pytest.MonkeyPatch.context() as patch:
        Lanes(patch).check(log)


@pytest.mark.parametrize(
    "odd",
    [
        b'{"EventName":"TaskFinish","JobsDetail":{"Event\\u004eame":"TaskFinish","Tag":"Snapshot","JobId":"j"}}',
        b'{"EventName":"TaskFinish","JobsDetail":{"EventName":"TaskFinish","Tag":"Snapshot","JobId":"j"}}',
        b'{"EventName":"TaskFinish","JobsDetail":{"EventName" : "TaskFinish","Tag":"Snapshot","JobId":"j"}}',
        b'{"EventName":"TaskFinish","JobsDetail":[]}',
        b'{"EventName":"TaskFinish","JobsDetail":[{"Tag":"Snapshot"},{"Tag":"Snapshot"}]}',
        b'{"EventName":"TaskFinish","JobsDetail":[{"Tag":"Snapshot"}\n{"Tag":"Snapshot"}]}',
        b'{"EventName":"TaskFinish","JobsDetail":[{"Tag":"Snapshot"}\n{"EventName":"TaskFinish","Tag":"Snapshot"}]}',
        b'{"EventName":"TaskFinish","JobsDetail":{"Tag":"Snapshot","CreationTime":"2022-06-30T19:27:39.5+0800"}}',
        b'{"EventName":"TaskFinish","JobsDetail":{"Tag":"Snapshot","Message":"},{\\"EventName\\""}}',
        b'{"EventName":"TaskFinish","JobsDetail":{"Tag":"Snapshot","Message":"},\\n{\\"EventName\\""}}',
    ],
)
@pytest.mark.parametrize("form", ["%s\n", "%s,", "%s,\n", "\n%s\n"])
def test_the_lanes_agree_on_a_run_with_an_odd_record(odd: bytes, form: str, lanes: Lanes) -> None:
    plain = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"j1","Tag":"Snapshot","State":"Success"}}'
    log = b"".join(form.encode() % record for record in [*[plain] * 10, odd, *[plain] * 10])
    taken = lanes.check(b"[%s]" % log.rstrip(b",\n") if "," in form else log)
    assert taken
