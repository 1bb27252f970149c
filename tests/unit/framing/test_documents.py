"""Promises of the layouts: the records of a stream come out of any of them, exactly placed."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from stream_cb.limits import Limits
from tests.reading import blocks_of, letters_in, payloads_of, records_in, results_of, steps_of

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
BOM = b"\xef\xbb\xbf"
ONE, TWO = b"<Response><A>1</A></Response>", b"<Response><B>2</B></Response>"
ONE_PAYLOAD, TWO_PAYLOAD = {"A": "1"}, {"B": "2"}
J1, J2 = b'{"EventName":"TaskFinish","A":1}', b'{"EventName":"TaskFinish","B":[{}]}'
J1_PAYLOAD, J2_PAYLOAD = {"EventName": "TaskFinish", "A": 1}, {"EventName": "TaskFinish", "B": [{}]}
PRETTY = b'{\n    "EventName": "TaskFinish",\n    "A": 1\n}'
ANY1, ANY2 = b'{"Other":"{}"}', b'{"Other":"}\\"{"}'
ANY1_PAYLOAD, ANY2_PAYLOAD = {"Other": "{}"}, {"Other": '}"{'}

BOTH = [ONE_PAYLOAD, TWO_PAYLOAD]
JBOTH = [J1_PAYLOAD, J2_PAYLOAD]

XML_LAYOUTS: dict[str, tuple[bytes, list[Any]]] = {
    "one": (ONE, [ONE_PAYLOAD]),
    "one-line": (ONE + b"\n", [ONE_PAYLOAD]),
    "one-declared": (DECLARATION + b"\n" + ONE, [ONE_PAYLOAD]),
    "one-with-mark": (BOM + DECLARATION + ONE, [ONE_PAYLOAD]),
    "one-commented": (b"<!-- a --><?p q?>\n" + ONE, [ONE_PAYLOAD]),
    "one-commented-behind": (ONE + b"\n<!-- a --><?p q?>\n", [ONE_PAYLOAD]),
    "touching": (ONE + TWO, BOTH),
    "lines": (ONE + b"\n" + TWO + b"\n", BOTH),
    "crlf": (ONE + b"\r\n" + TWO + b"\r\n", BOTH),
    "blank-lines": (b"\n\n" + ONE + b"\n \t\n\n" + TWO + b"\n\n", BOTH),
    "declared": (DECLARATION + ONE + DECLARATION + TWO, BOTH),
    "declared-lines": (DECLARATION + b"\n" + ONE + b"\n" + DECLARATION + b"\r\n" + TWO, BOTH),
    "some-declared": (ONE + b"\n" + DECLARATION + TWO + ONE, [*BOTH, ONE_PAYLOAD]),
    "marks-between": (BOM + ONE + b"\n" + BOM + DECLARATION + TWO, BOTH),
    "comments-between": (ONE + b"\n<!-- <Response> -->\n" + TWO, BOTH),
    "blank-in-end-tag": (b"<Response><A>1</A></Response >" + TWO, BOTH),
    "line-in-end-tag": (b"<Response\n><A>1</A\t></Response\r\n>" + TWO, BOTH),
    "empty": (b"<Response/><Response />\n<Response></Response>", ["", "", ""]),
    "empty-between": (ONE + b"<Response/>" + TWO, [ONE_PAYLOAD, "", TWO_PAYLOAD]),
    "attributes": (b"<Response a='1' b=\"/>\"/>" + TWO, [{"@a": "1", "@b": "/>"}, TWO_PAYLOAD]),
    "namespace": (b"<Response xmlns='u'><A>1</A></Response>", [{"@xmlns": "u", "A": "1"}]),
    "prefixed": (
        b"<c:Response xmlns:c='u'><c:A>1</c:A></c:Response>" + TWO,
        [{"@xmlns:c": "u", "c:A": "1"}, TWO_PAYLOAD],
    ),
    "own-name-in-cdata": (
        b"<Response><A><![CDATA[</Response>]]></A></Response>" + TWO,
        [{"A": "</Response>"}, TWO_PAYLOAD],
    ),
    "document-in-cdata": (
        b"<Response><A><![CDATA[" + DECLARATION + b"<Response></Response>\n<Response/>]]></A></Response>" + TWO,
        [{"A": DECLARATION.decode() + "<Response></Response>\n<Response/>"}, TWO_PAYLOAD],
    ),
    "own-name-in-comment": (b"<Response><!--</Response>--><A>1</A></Response>" + TWO, BOTH),
    "document-in-comment": (b"<Response><!--\n<Response/>\n--><A>1</A></Response>" + TWO, BOTH),
    "own-name-in-instruction": (b"<Response><?p </Response>?><A>1</A></Response>" + TWO, BOTH),
    "end-in-attribute": (
        b"<Response><A b='/Response>'>1</A></Response>" + TWO,
        [{"A": {"@b": "/Response>", "#text": "1"}}, TWO_PAYLOAD],
    ),
    "escaped-end": (b"<Response><A>&lt;/Response&gt;</A></Response>" + TWO, [{"A": "</Response>"}, TWO_PAYLOAD]),
    "longer-names": (
        b"<Response><Responses></Responses><Response.x/></Response>" + TWO,
        [{"Responses": "", "Response.x": ""}, TWO_PAYLOAD],
    ),
    "json-inside": (
        b'<Response><A>{"EventName":"TaskFinish"}</A></Response>' + TWO,
        [{"A": '{"EventName":"TaskFinish"}'}, TWO_PAYLOAD],
    ),
    "unknown-root": (b"<Callback><A>1</A></Callback>\n<Other><B>2</B></Other>", BOTH),
    "unknown-root-nested": (b"<a><a>1</a><a><a/></a></a><a>x</a>", [{"a": ["1", {"a": ""}]}, "x"]),
    "unknown-root-with-text": ("<回调>数据</回调>".encode() + TWO, ["数据", TWO_PAYLOAD]),
    "text-to-the-byte": (b"<Response><A> 1\n 2 </A></Response>", [{"A": " 1\n 2 "}]),
    "repeated": (b"<Response><A>1</A><A/><A>3</A></Response>", [{"A": ["1", "", "3"]}]),
    "characters": (b"<Response><A>&amp;&#20013;&#x4e2d;&quot;</A></Response>", [{"A": '&中中"'}]),
    "batch": (b"<Responses>" + ONE + TWO + b"</Responses>", BOTH),
    "batch-declared": (DECLARATION + b"\n<Responses>\n  " + ONE + b"\n  " + TWO + b"\n</Responses>\n", BOTH),
    "batch-attributes": (b"<Responses count='2' a='>'>" + ONE + TWO + b"</Responses >", BOTH),
    "batch-comments": (b"<Responses><!-- a -->" + ONE + b"<?p?><!--</Responses>-->" + TWO + b"</Responses>", BOTH),
    "batch-comment-last": (b"<Responses>" + ONE + TWO + b"<!-- a --></Responses>", BOTH),
    "batch-empty": (b"<Responses></Responses>\n<Responses/>\n" + ONE, [ONE_PAYLOAD]),
    "batch-any-root": (b"<Log>" + ONE + TWO + b"</Log>", BOTH),
    "batch-plural-root": (b"<Items><Item>1</Item><Item/></Items>", ["1", ""]),
    "batches": (b"<Responses>" + ONE + b"</Responses>\n<Log>" + TWO + b"</Log>" + ONE, [*BOTH, ONE_PAYLOAD]),
    "batch-other-children": (b"<Responses><Other>1</Other>" + TWO + b"</Responses>", ["1", TWO_PAYLOAD]),
    "batch-namespace": (
        b"<Responses xmlns='u' xmlns:c='v'><Response c:a='1'><c:A>1</c:A></Response><Response/></Responses>",
        [{"@c:a": "1", "c:A": "1"}, ""],
    ),
    "batch-prefixed": (
        b"<c:Responses xmlns:c='u'><c:Response><c:A>1</c:A></c:Response><c:Response/></c:Responses>" + ONE,
        [{"c:A": "1"}, "", ONE_PAYLOAD],
    ),
}

JSON_LAYOUTS: dict[str, tuple[bytes, list[Any]]] = {
    "one": (J1, [J1_PAYLOAD]),
    "one-any": (ANY1, [ANY1_PAYLOAD]),
    "one-with-mark": (BOM + J1 + b"\n", [J1_PAYLOAD]),
    "one-pretty": (PRETTY, [J1_PAYLOAD]),
    "lines": (J1 + b"\n" + J2 + b"\n", JBOTH),
    "lines-any": (ANY1 + b"\n" + ANY2, [ANY1_PAYLOAD, ANY2_PAYLOAD]),
    "lines-crlf": (J1 + b"\r\n" + J2 + b"\r\n", JBOTH),
    "lines-blank": (b"\n\n" + J1 + b"\n\t\n" + J2 + b"\n\n", JBOTH),
    "touching": (J1 + J2 + J1, [*JBOTH, J1_PAYLOAD]),
    "touching-any": (ANY1 + ANY2 + ANY1, [ANY1_PAYLOAD, ANY2_PAYLOAD, ANY1_PAYLOAD]),
    "one-blank-between": (J1 + b" " + J2, JBOTH),
    "pretty": (PRETTY + b"\n" + PRETTY + b"\n", [J1_PAYLOAD] * 2),
    "pretty-touching": (PRETTY + PRETTY, [J1_PAYLOAD] * 2),
    "pretty-crlf": (PRETTY.replace(b"\n", b"\r\n") + b"\r\n" + PRETTY.replace(b"\n", b"\r\n"), [J1_PAYLOAD] * 2),
    "pretty-indented": (b'  {\n    "a": {\n    }\n  }\n  {\n    "a": 1\n  }\n', [{"a": {}}, {"a": 1}]),
    "pretty-then-compact": (PRETTY + b"\n" + J2 + b"\n" + PRETTY + J2, [J1_PAYLOAD, J2_PAYLOAD] * 2),
    "sequence": (b"\x1e" + J1 + b"\n\x1e" + J2 + b"\n", JBOTH),
    "sequence-pretty": (b"\x1e" + PRETTY + b"\n\x1e" + PRETTY + b"\n", [J1_PAYLOAD] * 2),
    "array": (b"[" + J1 + b"," + J2 + b"]", JBOTH),
    "array-any": (b"[" + ANY1 + b"," + ANY2 + b"]", [ANY1_PAYLOAD, ANY2_PAYLOAD]),
    "array-lines": (b"[\n" + J1 + b",\n" + J2 + b"\n]\n", JBOTH),
    "array-leading-commas": (b"[\n" + J1 + b"\n," + J2 + b"\n]\n", JBOTH),
    "array-pretty": (b'[\n  {\n    "a": [\n    ]\n  },\n  {\n    "a": 1\n  }\n]', [{"a": []}, {"a": 1}]),
    "array-empty": (b"[]\n[ ]" + J1, [J1_PAYLOAD]),
    "arrays": (b"[" + J1 + b"][" + J2 + b"]\n" + J1, [*JBOTH, J1_PAYLOAD]),
    "array-of-arrays": (b"[[1,2],[],[[3]]]", [[1, 2], [], [[3]]]),
    "array-of-scalars": (
        b'[1, "a,]", null, true, 1.50]',
        [1, "a,]", None, True, Decimal("1.50")],
    ),
    "wrapped": (b'{"Count":2,"Items":[' + J1 + b"," + J2 + b'],"More":{"a":[1]}}', JBOTH),
    "wrapped-pretty": (b'{\n  "Items": [\n    ' + J1 + b",\n    " + J2 + b"\n  ]\n}\n", JBOTH),
    "wrapped-twice": (b'{"Items":[' + J1 + b"]}\n" + b'{"Items":[' + J2 + b"]}", JBOTH),
    "wrapped-behind-strings": (b'{"Note":"[{\\"EventName\\":","Items":[' + J1 + b"]}", [J1_PAYLOAD]),
    "callback-in-data": (b'{"code":0,"data":[{"message":"x"}]}', [{"code": 0, "data": [{"message": "x"}]}]),
    "jobs-array": (b'{"JobsDetail":[{"message":"x"}]}', [{"JobsDetail": [{"message": "x"}]}]),
    "brackets-in-strings": (b'{"a":"},{"}{"a":"}{"}', [{"a": "},{"}, {"a": "}{"}]),
    "callback-in-string": (
        b'{"a":"x}{\\"EventName\\":\\"TaskFinish\\"}"}' + J1,
        [{"a": 'x}{"EventName":"TaskFinish"}'}, J1_PAYLOAD],
    ),
    "xml-in-string": (
        b'{"a":"<Response>\\n<?xml ?>"}\n{"a":"</Response>"}',
        [{"a": "<Response>\n<?xml ?>"}, {"a": "</Response>"}],
    ),
    "nested-event-name": (
        b'{"a":{"EventName":"TaskFinish"},"b":[[{"EventName":"TaskFinish"}]]}',
        [{"a": {"EventName": "TaskFinish"}, "b": [[{"EventName": "TaskFinish"}]]}],
    ),
    "seams-inside": (b'{"a":[{"a":1},{"a":2}]}{"a":[{"a":1},\n{"a":2}]}', [{"a": [{"a": 1}, {"a": 2}]}] * 2),
    "closing-inside": (b'{\n"a":{\n}\n}\n{\n"a":{\n}\n}\n', [{"a": {}}] * 2),
    "empty": (b"{}{}\n{ }", [{}, {}, {}]),
    "chinese": ('{"键":"值","中":"}{"}\n{"键":"值"}'.encode(), [{"键": "值", "中": "}{"}, {"键": "值"}]),
    "numbers": (b'{"a":123456789012345678901234567890}', [{"a": 123456789012345678901234567890}]),
    "escapes": (b'{"a":"\\\\"}{"a":"\\\\\\""}', [{"a": "\\"}, {"a": '\\"'}]),
}

MIXED: dict[str, tuple[bytes, list[Any]]] = {
    "lines": (
        ONE + b"\n" + J1 + b"\n" + TWO + b"\n" + PRETTY + b"\n",
        [ONE_PAYLOAD, J1_PAYLOAD, TWO_PAYLOAD, J1_PAYLOAD],
    ),
    "touching": (ONE + J1 + TWO + J2, [ONE_PAYLOAD, J1_PAYLOAD, TWO_PAYLOAD, J2_PAYLOAD]),
    "with-mark": (BOM + J1 + b"\n" + BOM + DECLARATION + ONE, [J1_PAYLOAD, ONE_PAYLOAD]),
    "wrappers": (
        b"<Responses>" + ONE + b"</Responses>[" + J1 + b"]<Log>" + TWO + b"</Log>",
        [ONE_PAYLOAD, J1_PAYLOAD, TWO_PAYLOAD],
    ),
}

LAYOUTS = {
    f"{group}-{name}": layout
    for group, layouts in (("xml", XML_LAYOUTS), ("json", JSON_LAYOUTS), ("mixed", MIXED))
    for name, layout in layouts.items()
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_records_of_every_layout_come_out(name: str) -> None:
    raw, payloads = LAYOUTS[name]
    assert payloads_of(raw) == payloads


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_equal_records_at_every_chunk_size(name: str) -> None:
    raw, _ = LAYOUTS[name]
    whole = results_of(raw)
    for step in steps_of(raw):
        assert results_of(raw, step=step) == whole, step


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_record_is_placed_at_its_own_bytes(name: str) -> None:
    raw, _ = LAYOUTS[name]
    for record in records_in(results_of(raw)):
        assert record.offset is not None
        assert record.length is not None
        assert raw[record.offset : record.offset + record.length] == record.raw
        assert record.raw == record.raw.strip()
        if record.format == "json":
            assert len(payloads_of(b"[" + record.raw + b"]")) == 1


def test_a_record_tells_its_format_and_its_root() -> None:
    raw = ONE + J1 + b"<c:Response xmlns:c='u'/><Callback/>"
    kinds = [(record.format, record.name) for record in records_in(results_of(raw))]
    assert kinds == [("xml", "Response"), ("json", ""), ("xml", "c:Response"), ("xml", "Callback")]


# GB18030 characters whose later bytes are ASCII: '[' ']' '{' '}' '\\' '|' and digits.
TRICKY = "".join(
    char for char in (chr(point) for point in range(0x4E00, 0x9FFF)) if char.encode("gb18030")[1] in b"[]{}\\|@"
)[:200]


@pytest.mark.parametrize("encoding", ["GBK", "gb18030", "GB2312", "Big5", "ISO-8859-1", "us-ascii", "UTF-8", "utf8"])
def test_xml_in_a_declared_encoding_is_read_at_its_own_bytes(encoding: str) -> None:
    text = {"GBK": TRICKY, "gb18030": TRICKY + "㐀𠀀", "GB2312": "数据万象", "Big5": "數據許功蓋", "UTF-8": "数"}.get(
        encoding, "é" if encoding.startswith("ISO") else "x"
    )
    document = f"<?xml version='1.0' encoding='{encoding}'?>\n<Response><A>{text}</A></Response>".encode(encoding)
    raw = document + b"\n" + ONE + document
    for step in (0, 1, 2, 7):
        first, second, third = records_in(results_of(raw, step=step))
        assert [first.payload, second.payload, third.payload] == [{"A": text}, ONE_PAYLOAD, {"A": text}]
        assert (first.raw, first.offset, third.offset) == (document, 0, len(document) + 1 + len(ONE))


def test_a_batch_hands_its_encoding_to_its_records() -> None:
    record = f"<Response><A>{TRICKY}</A></Response>".encode("gb18030")
    raw = b"<?xml version='1.0' encoding='GB18030'?><Responses>" + record * 2 + b"</Responses>" + ONE
    for step in (0, 1, 5):
        assert payloads_of(raw, step=step) == [{"A": TRICKY}, {"A": TRICKY}, ONE_PAYLOAD]


@pytest.mark.parametrize("encoding", ["nonesuch", "base64", "hex", "rot13", "x" * 300])
def test_an_unknown_encoding_is_a_dead_letter(encoding: str) -> None:
    document = f"<?xml version='1.0' encoding='{encoding}'?><Response/>".encode()
    results = results_of(document + b"\n" + ONE)
    (letter,) = letters_in(results)
    assert (letter.reason, letter.detail) == ("ParseError", f"unknown encoding {encoding!r}")
    assert [record.payload for record in records_in(results)] == [ONE_PAYLOAD]


def test_bytes_that_are_not_in_the_declared_encoding_are_a_dead_letter() -> None:
    document = "<?xml version='1.0' encoding='GBK'?><Response>数</Response>".encode("gbk").replace(
        "数".encode("gbk"), b"\xff\xff"
    )
    results = results_of(document + b"\n" + ONE)
    assert letters_in(results)[0].detail.startswith("not GBK, which it declares: ")
    assert len(results) == 2


@pytest.mark.parametrize(
    "encoding", ["utf-7", "unicode_escape", "raw_unicode_escape", "iso-2022-jp", "utf-16", "utf-32", "cp037"]
)
def test_no_declared_encoding_smuggles_a_doctype_past_its_refusal(encoding: str) -> None:
    """In these encodings ASCII bytes need not stand for themselves, so that a comment can hide markup."""
    hidden = "--><!DOCTYPE Response [<!ENTITY e 'forged'>]><!--"
    escaped = {
        "utf-7": b"+" + base64.b64encode(hidden.encode("utf-16-be")).rstrip(b"=") + b"-",
        "unicode_escape": "".join(f"\\x{ord(char):02x}" for char in hidden).encode(),
        "raw_unicode_escape": "".join(f"\\u{ord(char):04x}" for char in hidden).encode(),
    }.get(encoding, hidden.encode("ascii").replace(b"-->", b"").replace(b"<!--", b""))
    document = f"<?xml version='1.0' encoding='{encoding}'?><!--".encode() + escaped + b"--><Response>&e;x</Response>"
    results = results_of(document + b"\n" + ONE)
    assert [record.payload for record in records_in(results)] == [ONE_PAYLOAD]


WIDE = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize(
    ("texts", "payloads"),
    [
        (
            ['<?xml version="1.0" encoding="UTF-16"?><Response><A>中𝄞</A></Response>', "<Response><A>é</A></Response>"],
            [{"A": "中𝄞"}, {"A": "é"}],
        ),
        (
            ['{"EventName":"TaskFinish","A":"中𝄞"}', '{"EventName":"TaskFinish","A":"é"}'],
            [{"EventName": "TaskFinish", "A": "中𝄞"}, {"EventName": "TaskFinish", "A": "é"}],
        ),
    ],
    ids=["xml", "json"],
)
def test_utf_16_is_read_at_its_own_bytes(encoding: str, mark: bool, texts: list[str], payloads: list[Any]) -> None:
    first, second = (text.encode(encoding) for text in texts)
    head = WIDE[encoding] if mark else b""
    gap = "\r\n".encode(encoding)
    raw = head + first + gap + second + gap
    whole = records_in(results_of(raw))
    assert [record.payload for record in whole] == payloads
    assert [(record.offset, record.raw) for record in whole] == [
        (len(head), first),
        (len(head + first + gap), second),
    ]
    for step in range(1, 60):
        assert results_of(raw, step=step) == whole, step


@pytest.mark.parametrize("encoding", WIDE)
def test_damage_in_utf_16_is_a_dead_letter_of_its_own_bytes(encoding: str) -> None:
    parts = ["<Response>1</Response>", "<Response>\ud800</Response>", "junk", "<Response>中</Response>"]
    encoded = [part.encode(encoding, "surrogatepass") for part in parts]
    raw = "\n".encode(encoding).join(encoded)
    for step in (0, 1, 3):
        results = results_of(raw, step=step)
        assert [record.payload for record in records_in(results)] == ["1", "中"]
        assert letters_in(results)[0].reason == "ParseError"
        assert encoded[1] in b"".join(letter.raw for letter in letters_in(results))


@pytest.mark.parametrize("encoding", WIDE)
def test_utf_16_that_ends_inside_a_character_is_a_dead_letter_and_covers_its_bytes(encoding: str) -> None:
    raw = WIDE[encoding] + "<Response/>\n<Response>x".encode(encoding) + b"\0"
    for step in (0, 1, 2, 3):
        results = results_of(raw, step=step)
        assert [type(result).__name__ for result in results] == ["Record", "DeadLetter"]
        assert blocks_of(raw, step=step)[-1].end == len(raw)


PATHS: dict[str, tuple[bytes, tuple[str, ...], list[Any]]] = {
    "xml-name-anywhere": (b"<a><b><c><R>1</R></c><R>2</R></b></a><R>3</R>", ("R",), ["1", "2", "3"]),
    "xml-from-the-root": (
        b"<a><b><R>1</R><R/></b><x><R>no</R></x><b><R>2</R></b></a>",
        ("a", "b", "R"),
        ["1", "", "2"],
    ),
    "xml-root-itself": (b"<R>1</R><R>2</R>", ("R",), ["1", "2"]),
    "xml-not-below-another-root": (b"<z><R>no</R></z><a><R>1</R></a>", ("a", "R"), ["1"]),
    "xml-beside": (b"<a><h>1</h><R><x/></R><h/><R>2</R></a>", ("a", "R"), [{"x": ""}, "2"]),
    "xml-name-beside": (b"<a><h>1</h><i k='v'/><b>text<R>1</R></b><R/>tail</a>", ("R",), ["1", ""]),
    "xml-declared": (
        DECLARATION + b"<a xmlns='u'>\n<R>1</R>\n</a>\n" + DECLARATION + b"<a><R>2</R></a>",
        ("a", "R"),
        ["1", "2"],
    ),
    "xml-own-name-inside": (b"<a><R><R>1</R></R><R>2</R></a>", ("a", "R"), [{"R": "1"}, "2"]),
    "xml-responses-inside": (b"<Response><R>1</R><R>2</R></Response>", ("Response", "R"), ["1", "2"]),
    "json-array": (b'{"a":{"b":[1,{"x":2}]}}', ("a", "b"), [1, {"x": 2}]),
    "json-one": (b'{"n":[{"b":0}],"b":{"x":1}}', ("b",), [{"x": 1}]),
    "json-beside": (b'{"x":{"b":[0]},"a":{"c":"b\\"}","b":[{"y":1}],"d":[]},"z":null}', ("a", "b"), [{"y": 1}]),
    "json-documents": (b'{"b":[1]}\n{"b":[2]}{"b":[]}{"c":1}\n{"b":[3]}', ("b",), [1, 2, 3]),
    "json-array-of-wrappers": (b'[{"b":[{"x":1}]},{"b":{"x":2}}]', ("b",), [{"x": 1}, {"x": 2}]),
    "json-pretty": (
        b'{\n  "a": {\n    "b": [\n      {\n        "x": 1\n      }\n    ]\n  }\n}\n',
        ("a", "b"),
        [{"x": 1}],
    ),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_record_path_tells_what_the_records_are(name: str) -> None:
    raw, path, payloads = PATHS[name]
    assert payloads_of(raw, record_path=path) == payloads


@pytest.mark.parametrize("name", PATHS)
def test_a_record_path_gives_equal_records_at_every_chunk_size(name: str) -> None:
    raw, path, _ = PATHS[name]
    whole = results_of(raw, record_path=path)
    for step in steps_of(raw):
        assert results_of(raw, step=step, record_path=path) == whole, step


def test_a_format_refuses_documents_of_the_other_one() -> None:
    raw = ONE + b"\n" + J1 + b"\n" + TWO + b"\n"
    for format, wanted, detail in (
        ("xml", [ONE_PAYLOAD, TWO_PAYLOAD], "expected XML"),
        ("json", [J1_PAYLOAD], "expected JSON"),
    ):
        results = results_of(raw, format=format)
        assert [record.payload for record in records_in(results)] == wanted
        assert letters_in(results)[0].detail == detail


@pytest.mark.parametrize("name", XML_LAYOUTS)
def test_xml_of_any_layout_passes_as_xml(name: str) -> None:
    raw, payloads = XML_LAYOUTS[name]
    assert payloads_of(raw, format="xml") == payloads


@pytest.mark.parametrize("name", JSON_LAYOUTS)
def test_json_of_any_layout_passes_as_json(name: str) -> None:
    raw, payloads = JSON_LAYOUTS[name]
    assert payloads_of(raw, format="json") == payloads


def deep_xml(depth: int) -> bytes:
    return b"<Response>" + b"<a>" * (depth - 1) + b"</a>" * (depth - 1) + b"</Response>"


def deep_json(depth: int) -> bytes:
    return b'{"EventName":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize("make", [deep_xml, deep_json])
def test_a_record_over_the_depth_is_a_dead_letter_and_the_next_ones_come(make: Any) -> None:
    raw = b"\n".join([make(3), make(21), make(20), make(200), make(100_000), make(3)])
    results = results_of(raw, limits=Limits(max_depth=20))
    assert [getattr(result, "reason", "") for result in results] == [
        "",
        "LimitError",
        "",
        "LimitError",
        "LimitError",
        "",
    ]
    assert letters_in(results)[0].detail in (
        "elements are nested deeper than max_depth",
        "values are nested deeper than max_depth",
    )


def test_brackets_in_strings_are_no_depth() -> None:
    raw = json.dumps({"EventName": "[" * 500, "b": '\\"{{{' * 100}).encode()
    assert len(payloads_of(raw)) == 1


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE Response>",
        b"<!DOCTYPE Response [<!ENTITY a 'x'>]>",
        b"<!DOCTYPE Response [<!ENTITY a ']><Response/>'><!-- ]> -->]>",
        b"<!DOCTYPE Response SYSTEM 'file:///etc/passwd'>",
        DECLARATION + b"\n<!-- a -->\n<!DOCTYPE Response>\n",
    ],
)
def test_a_doctype_is_one_dead_letter(doctype: bytes) -> None:
    raw = ONE + b"\n" + doctype + b"<Response>x</Response>\n" + TWO
    for step in (0, 1, 3):
        results = results_of(raw, step=step)
        (letter,) = letters_in(results)
        assert letter.detail == "a DOCTYPE is refused: no entities, no DTD"
        assert letter.raw == doctype + b"<Response>x</Response>"
        assert [record.payload for record in records_in(results)] == BOTH


def test_doctype_in_a_text_is_no_doctype() -> None:
    assert payloads_of(b"<Response><A><![CDATA[<!DOCTYPE a>]]></A></Response>") == [{"A": "<!DOCTYPE a>"}]
