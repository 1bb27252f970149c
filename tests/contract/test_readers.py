"""Every row of READERS keeps the same promises, each on the layouts that it can read."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.errors import UsageError
from stream_cb.events import EventDecoder, Notes, decode
from stream_cb.generate import Part, generate_parts
from stream_cb.limits import Limits
from stream_cb.model import ReadOptions
from stream_cb.readers import READERS, get_reader
from tests.reading import CutStream, blocks_of, letters_in, payloads_of, records_in, results_of, steps_of

XML = ["xml-one", "xml-batch"]
JSON = ["json", "json-array", "ndjson", "pretty"]
LAYOUTS = {
    "framed": ["xml", "mixed", *XML, *JSON],
    "iterparse": XML,
    "ijson": JSON,
}
CASES = [(reader, layout) for reader, layouts in LAYOUTS.items() for layout in layouts]


def parts_of(layout: str, count: int, seed: int, damage_rate: float = 0.0) -> list[Part]:
    if layout == "xml-one":
        return list(generate_parts(layout="xml", count=min(count, 1), seed=seed, damage_rate=damage_rate))
    return list(generate_parts(layout=layout, count=count, seed=seed, damage_rate=damage_rate))


def joined(parts: list[Part]) -> bytes:
    return b"".join(part.raw for part in parts)


def test_every_reader_is_in_this_contract() -> None:
    assert LAYOUTS.keys() == READERS.keys()


def test_a_reader_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="no reader 'sax'; there are framed, iterparse, ijson"):
        get_reader("sax")


@pytest.mark.parametrize(("reader", "layout"), CASES)
@settings(max_examples=15)
@given(count=st.integers(0, 6), seed=st.integers(0, 10_000), step=st.integers(40, 5_000))
def test_each_callback_gives_the_payload_that_it_gives_alone(
    reader: str, layout: str, count: int, seed: int, step: int
) -> None:
    parts = parts_of(layout, count, seed)
    alone = [payload for part in parts if part.callback is not None for payload in payloads_of(part.raw)]
    assert payloads_of(joined(parts), step=step, reader=reader) == alone


SMALL = {
    "xml-one": (
        b"<?xml version='1.0'?>\n"
        b"<Response a='1'><A>1</A><A/><B> x &amp; y </B><!-- c --><C><![CDATA[<]]></C></Response>\n"
    ),
    "xml-batch": "<Responses><Response><A>数</A></Response>\n<Response/><Response>1</Response></Responses>".encode(),
    "xml": b"<Response>1</Response><Response/>\n",
    "mixed": b'<Response>1</Response>{"a":1}\n',
    "json": b'{"a":[1,1.50,null]}{"a":{}}\n{"a":"}{"}',
    "json-array": '[\n{"a":1},\n{"a":[{}]},\n{"a":"数 ],"}\n]\n'.encode(),
    "ndjson": b'{"a":1}\n{"a":"\\n\\u4e2d"}\r\n\n{"a":true}\n',
    "pretty": b'{\n    "a": {\n    }\n}\n{\n    "a": 1\n}\n',
}


@pytest.mark.parametrize(("reader", "layout"), CASES)
def test_each_chunk_size_gives_equal_records(reader: str, layout: str) -> None:
    raw = SMALL[layout]
    whole = results_of(raw, reader=reader)
    assert len(whole) == {"xml-one": 1, "xml": 2, "mixed": 2, "pretty": 2}.get(layout, 3)
    for step in steps_of(raw):
        assert results_of(raw, reader=reader, step=step) == whole, step
        assert results_of(raw, reader=reader, chunk_bytes=step + 1) == whole, step


@pytest.mark.parametrize(("reader", "layout"), CASES)
def test_payloads_are_those_of_the_framed_reader(reader: str, layout: str) -> None:
    mine = [
        (record.payload, record.name, record.format) for record in records_in(results_of(SMALL[layout], reader=reader))
    ]
    assert mine == [(record.payload, record.name, record.format) for record in records_in(results_of(SMALL[layout]))]
    assert repr(mine) == repr([(one.payload, one.name, one.format) for one in records_in(results_of(SMALL[layout]))])


ODD_XML = {
    "attributes": "<Response a='1' b=\"&lt;&amp;&#10;\"><A c=''>x</A><B d='2'/></Response>",
    "namespaces": (
        "<c:Response xmlns:c='u' xmlns='v'><c:A xmlns:c='w'/><B xmlns=''/><C c:x='1' xml:lang='zh'/></c:Response>"
    ),
    "mixed-text": "<Response>a<A/>b<B/>c</Response>",
    "text-around-comment": "<Response><A>a<!-- x -->b</A><B>a<?p?>b</B></Response>",
    "white-space": "<Response> <A> </A>\n<B>\t</B> \u00a0</Response>",
    "no-break-space-only": "<Response><A/>\u3000</Response>",
    "line-ends": "<Response><A>a\r\nb\rc</A></Response>",
    "characters": "<Response><A>&#x1F3AC;&#13;&quot;&apos;</A></Response>",
    "repeats-apart": "<Response><A>1</A><B/><A><C/></A></Response>",
    "cdata": "<Response><A>x<![CDATA[ </Response> ]]>y</A></Response>",
    "unknown-root": "<Callback><A>1</A></Callback>",
    "trailing": "<Response/>\n<!-- end -->\n<?p?>\n",
    "leading": "<?xml version='1.0'?>\n<!-- a --><?p?>\n<Response>1</Response>",
    "batch-comments": "<Responses><!-- a --><Response/><?p?><Response/><!-- b --></Responses>",
    "batch-any-root": "<Log><Response>1</Response><Response/></Log>",
    "batch-plural": "<Items><Item>1</Item><Item/></Items>",
    "batch-namespaces": "<Responses xmlns='u' xmlns:c='v'><Response c:a='1'/><c:Response xmlns:d='w'/></Responses>",
    "batch-nested-names": "<Responses><Response><Response.x><Responses/></Response.x></Response></Responses>",
    "batch-empty": "<Responses/>",
    "batch-other": "<Responses><Other>1</Other><Response/></Responses>",
}


@pytest.mark.parametrize("name", ODD_XML)
def test_odd_xml_gives_every_reader_of_xml_the_same_payloads(name: str) -> None:
    raw = ODD_XML[name].encode()
    framed = [(record.name, record.payload) for record in records_in(results_of(raw))]
    assert [(record.name, record.payload) for record in records_in(results_of(raw, reader="iterparse"))] == framed
    assert not letters_in(results_of(raw))
    assert not letters_in(results_of(raw, reader="iterparse"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "iso-8859-1"])
def test_an_encoding_gives_every_reader_of_xml_the_same_payloads(encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = "é" if encoding == "iso-8859-1" else "数据é"
    raw = f"<?xml version='1.0' encoding='{declared}'?><Response><A>{text}</A></Response>".encode(encoding)
    assert payloads_of(raw) == payloads_of(raw, reader="iterparse") == [{"A": text}]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**30), 10**30)
    | st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: Decimal(str(number)))
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


def written(value: Any) -> str:
    """JSON, numbers to the digit."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{written(key)}:{written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if type(value) is int else orjson.dumps(value).decode()


@settings(max_examples=150)
@given(
    payloads=st.lists(st.dictionaries(st.text(max_size=4), json_values, max_size=3), max_size=3),
    step=st.integers(0, 40),
)
@pytest.mark.parametrize("reader", ["framed", "ijson"])
def test_any_json_objects_come_out_to_the_digit(reader: str, payloads: list[Any], step: int) -> None:
    for raw in ("[" + ",\n".join(map(written, payloads)) + "]", "".join(written(one) + "\n" for one in payloads)):
        got = payloads_of(raw.encode(), reader=reader, step=step, format=None)
        if raw.startswith("[") or not any(is_wrapper(one) for one in payloads):
            assert repr(got) == repr([plain(one) for one in payloads])


def is_wrapper(payload: Any) -> bool:
    """Whether an object may be taken for one that wraps callbacks."""
    return any(isinstance(one, list) and one and isinstance(one[0], dict) and one[0] for one in payload.values())


def plain(value: Any) -> Any:
    """As JSON tells it: a Decimal without point or exponent is a whole number."""
    if isinstance(value, Decimal):
        return value if set(str(value)) & set(".eE") else int(value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


# Damage.
GOOD = {
    "xml-batch": (b"<Responses>\n", b"<Response><A>1</A></Response>", b"\n", b"\n</Responses>"),
    "json": (b"", b'{"EventName":"TaskFinish","A":1}', b"", b""),
    "json-array": (b"[\n", b'{"EventName":"TaskFinish","A":1}', b",\n", b"\n]"),
    "ndjson": (b"", b'{"EventName":"TaskFinish","A":1}', b"\n", b"\n"),
    "pretty": (b"", b'{\n    "EventName": "TaskFinish",\n    "A": 1\n}', b"\n", b"\n"),
    "xml": (b"", b"<Response><A>1</A></Response>", b"\n", b"\n"),
    "mixed": (b"", b"<Response><A>1</A></Response>", b"\n", b"\n"),
}
BAD_XML = [
    b"<Response><A>1</B></Response>",
    b"<Response><A>\xff</A></Response>",
    b"<Response><A>&undeclared;</A></Response>",
    b"<Response><A b=1/></Response>",
    b"<Response><A>\x01</A></Response>",
    b"<Response><c:A/></Response>",
]
BAD_JSON = [
    b'{"EventName":"TaskFinish","A":}',
    b'{"EventName":"TaskFinish","A":1,}',
    b'{"EventName":"TaskFinish","A":"\xff"}',
    b'{"EventName":"TaskFinish","A":"\x01"}',
    b'{"EventName":"TaskFinish","A":"\\x"}',
    b'{"EventName":"TaskFinish","A":tru}',
    b'{"EventName":"TaskFinish","A":NaN}',
    b'{"EventName":"TaskFinish","A":01}',
    b'{"EventName":"TaskFinish","A":1e999999999999999999999}',
    b"{'EventName':1}",
]
DAMAGED = [
    (reader, layout, bad)
    for reader, layouts in LAYOUTS.items()
    for layout in layouts
    if layout != "xml-one"
    for bad in (BAD_XML if layout in ("xml", "xml-batch", "mixed") else BAD_JSON)
]


@pytest.mark.parametrize(("reader", "layout", "bad"), DAMAGED)
@pytest.mark.parametrize("step", [0, 1])
def test_a_damaged_record_is_one_dead_letter_and_the_good_ones_before_it_come(
    reader: str, layout: str, bad: bytes, step: int
) -> None:
    opening, good, between, closing = GOOD[layout]
    raw = opening + between.join([good, good, bad, good]) + closing
    results = results_of(raw, reader=reader, step=step)
    (wanted,) = payloads_of(good)
    before = [result for result in results if result.index < 2]
    assert [record.payload for record in records_in(before)] == [wanted, wanted]
    (letter,) = letters_in(results)
    assert letter.index == 2
    assert letter.source == "test"
    assert letter.reason in ("ParseError", "FramingError")
    assert letter.detail
    assert len(results) == (4 if reader == "framed" else 3)


@pytest.mark.parametrize("reader", ["framed", "ijson"])
@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud800x"])
def test_half_a_character_is_a_dead_letter_and_not_another_character(reader: str, escape: str) -> None:
    results = results_of(b'{"A":"%s"}' % escape.encode(), reader=reader)
    assert not records_in(results)
    assert letters_in(results)[0].reason == "ParseError"


@pytest.mark.parametrize(("reader", "layout"), [case for case in CASES if case[1] != "xml-one"])
def test_a_truncated_document_yields_its_good_prefix(reader: str, layout: str) -> None:
    opening, good, between, _ = GOOD[layout]
    raw = opening + good + between + good + between + good[: len(good) // 2]
    results = results_of(raw, reader=reader)
    assert len(records_in(results)) == 2
    assert letters_in(results)
    assert isinstance(results[0], type(results[1]))


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=100)
@given(raw=st.binary(max_size=80), step=st.integers(0, 20))
def test_any_bytes_end_in_records_and_dead_letters_and_no_exception(reader: str, raw: bytes, step: int) -> None:
    results = results_of(raw, reader=reader, step=step)
    # Whole comments and instructions are no records.
    rest = re.sub(rb"<!--(?>[^-]|-(?!-))*+-->|<\?(?!xml\s)(?>[^?]|\?(?!>))*+\?>", b"", raw)
    assert (
        bool(results) or not rest.strip() or all(byte in b"\x1e\xef\xbb\xbf \t\r\n\v\f[],\xff\xfe\x00" for byte in rest)
    )


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("raw", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_input_without_records_has_none_and_no_dead_letter(reader: str, raw: bytes) -> None:
    for step in (0, 1):
        assert results_of(raw, reader=reader, step=step) == []


# The stream.
@pytest.mark.parametrize(("reader", "layout"), CASES)
@pytest.mark.parametrize("damage", [b"", b"<", b"}"])
def test_a_stream_handed_in_stays_open_and_is_read_to_its_end(reader: str, layout: str, damage: bytes) -> None:
    stream = io.BytesIO(SMALL[layout] + damage)
    options = ReadOptions(reader=reader)
    end = 0
    for block in get_reader(reader)(stream, "test", options):
        end = block.end
    assert not stream.closed
    assert stream.read() == b""
    assert end == len(SMALL[layout] + damage)


@pytest.mark.parametrize(("reader", "layout"), CASES)
def test_a_reader_that_is_left_early_leaves_the_stream_open(reader: str, layout: str) -> None:
    stream = io.BytesIO(SMALL[layout] * 3)
    blocks: Any = get_reader(reader)(stream, "test", ReadOptions(reader=reader, chunk_bytes=4))
    next(blocks)
    blocks.close()
    assert not stream.closed
    assert isinstance(stream.read(), bytes)


class BrokenStream:
    """Gives its bytes, then raises."""

    def __init__(self, raw: bytes) -> None:
        self._raw = io.BytesIO(raw)

    def read(self, size: int, /) -> bytes:
        if chunk := self._raw.read(size):
            return chunk
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize(("reader", "layout"), [case for case in CASES if case[1] != "xml-one"])
def test_what_the_stream_raises_passes_through_after_the_records_before_it(reader: str, layout: str) -> None:
    opening, good, between, _ = GOOD[layout]
    stream = BrokenStream(opening + (good + between) * 3)
    found = 0

    def read() -> Iterator[None]:
        nonlocal found
        for block in get_reader(reader)(stream, "test", ReadOptions(reader=reader, chunk_bytes=16)):
            found += len(block.results)
            yield

    with pytest.raises(OSError, match="Input/output error"):
        list(read())
    assert found >= 2


@pytest.mark.parametrize(("reader", "layout"), CASES)
def test_records_come_before_the_stream_ends(reader: str, layout: str) -> None:
    """A pipe that stays open must not hold back what was read; one chunk of delay is allowed."""
    raw = SMALL[layout]
    first_end = next(block.end for block in blocks_of(raw, reader=reader, step=1) if block.results)
    assert layout == "xml-one" or first_end < len(raw)


# Limits.
@pytest.mark.parametrize("reader", READERS)
def test_a_record_of_just_the_depth_passes_and_a_deeper_one_does_not(reader: str) -> None:
    limits = Limits(max_depth=12)

    def nested(depth: int, *, leaf: bool) -> bytes:
        if reader == "ijson":
            return b'{"a":' * (depth - 1) + (b'{"a":1}' if leaf else b"{}") + b"}" * (depth - 1)
        return b"<Response>" + b"<a>" * (depth - 1) + (b"x" if leaf else b"") + b"</a>" * (depth - 1) + b"</Response>"

    for leaf in (True, False):
        opening, closing = (b"[", b"]") if reader == "ijson" else (b"<Responses>", b"</Responses>")
        assert len(payloads_of(nested(12, leaf=leaf), reader=reader, limits=limits)) == 1
        assert len(payloads_of(opening + nested(12, leaf=leaf) + closing, reader=reader, limits=limits)) == 1
        (letter,) = letters_in(results_of(nested(13, leaf=leaf), reader=reader, limits=limits))
        assert letter.reason == "LimitError"
        assert letter.detail.endswith("nested deeper than max_depth")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("depth", [300, 20_000])
def test_depth_without_end_is_a_dead_letter_and_no_crash(reader: str, depth: int) -> None:
    raw = b'{"a":' * depth + b"1" + b"}" * depth if reader == "ijson" else b"<a>" * depth + b"</a>" * depth
    (letter,) = letters_in(results_of(raw, reader=reader))
    assert letter.reason == "LimitError"


@pytest.mark.parametrize(("reader", "layout"), [case for case in CASES if case[1] != "xml-one"])
def test_a_record_over_the_limit_is_a_dead_letter(reader: str, layout: str) -> None:
    opening, good, between, closing = GOOD[layout]
    big = good.replace(b"1", b"x" * 400_000 if good.startswith(b"<") else b'"' + b"x" * 400_000 + b'"')
    raw = opening + between.join([good, big, good]) + closing
    results = results_of(raw, reader=reader, chunk_bytes=100, limits=Limits(max_record_bytes=1_000))
    assert len(records_in(results)) == (2 if reader == "framed" else 1)
    (letter,) = letters_in(results)
    assert (letter.index, letter.reason) == (1, "LimitError")
    assert letter.detail == "record is longer than max_record_bytes (1000)"
    assert len(letter.raw) <= 1_000


DIGITS = """
from stream_cb.model import ReadOptions
from stream_cb.readers import get_reader
import io, sys
raw = b'[{"a":1},{"a":' + b"1" * 5_000 + b'},{"a":2}]'
blocks = get_reader(sys.argv[1])(io.BytesIO(raw), "test", ReadOptions(reader=sys.argv[1]))
print(sorted(result.index for block in blocks for result in [*block.results, *block.dead]))
"""


@pytest.mark.parametrize("reader", ["framed", "ijson"])
def test_a_number_of_more_digits_than_python_reads_ends_no_process(reader: str) -> None:
    done = subprocess.run([sys.executable, "-c", DIGITS, reader], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("[0, 1")


# What a document must not be able to do.
DOCTYPES = {
    "internal": "<!DOCTYPE Response [<!ENTITY e 'forged'>]>",
    "external": "<!DOCTYPE Response [<!ENTITY e SYSTEM '{url}'>]>",
    "public": "<!DOCTYPE Response [<!ENTITY e PUBLIC 'p' '{url}'>]>",
    "parameter": "<!DOCTYPE Response [<!ENTITY % p SYSTEM '{url}'> %p; <!ENTITY e 'x'>]>",
    "subset": "<!DOCTYPE Response SYSTEM '{url}'>",
    "bomb": "<!DOCTYPE Response [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(
        f"<!ENTITY {name} '{('&' + below + ';') * 10}'>" for below, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "<!ENTITY e '&i;'>]>",
    "bare": "<!DOCTYPE Response>",
}


@pytest.mark.parametrize("reader", ["framed", "iterparse"])
@pytest.mark.parametrize("kind", DOCTYPES)
def test_a_doctype_is_a_dead_letter_and_nothing_is_opened(reader: str, kind: str) -> None:
    told, written_to = os.pipe()
    os.write(written_to, b"secret")
    os.close(written_to)
    with socket.create_server(("127.0.0.1", 0)) as server, os.fdopen(told, "rb") as pipe:
        server.setblocking(False)
        host, port = server.getsockname()
        for url in (f"file:///dev/fd/{told}", f"/dev/fd/{told}", f"http://{host}:{port}/e", f"ftp://{host}:{port}/e"):
            text = DOCTYPES[kind].replace("{url}", url) + "<Response><A>&e;</A></Response>"
            results = results_of(text.encode(), reader=reader)
            assert not records_in(results)
            assert letters_in(results)[0].detail == "a DOCTYPE is refused: no entities, no DTD"
            assert "secret" not in repr(results)
            with pytest.raises(BlockingIOError):
                server.accept()
        assert pipe.read() == b"secret"  # a reader that had opened it would have taken the bytes


@pytest.mark.parametrize("reader", ["framed", "iterparse"])
@pytest.mark.parametrize("text", ["&undeclared;", "&undeclared", "&;", "&#0;", "&#xD800;", "&#99999999;", "a & b"])
def test_an_entity_that_nothing_declares_is_a_dead_letter(reader: str, text: str) -> None:
    for template in (
        "<Response><A>{}</A></Response>",
        "<Response a='{}'/>",
        "<Responses><Response>{}</Response></Responses>",
    ):
        results = results_of(template.replace("{}", text).encode(), reader=reader)
        assert not records_in(results)
        assert letters_in(results)[0].reason in ("ParseError", "FramingError")


@pytest.mark.parametrize("reader", ["framed", "iterparse"])
def test_schema_locations_and_stylesheets_are_only_text(reader: str) -> None:
    raw = (
        b"<?xml version='1.0'?><?xml-stylesheet href='file:///dev/fd/0'?><Response "
        b"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='u file:///dev/fd/0'>"
        b"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/hostname'/></Response>"
    )
    (payload,) = payloads_of(raw, reader=reader)
    assert payload["xi:include"]["@href"] == "/etc/hostname"


# With a decoder.
@pytest.mark.parametrize(("reader", "layout"), CASES)
@pytest.mark.parametrize("strict", [False, True])
def test_a_decoder_gives_the_events_of_the_records_in_their_places(reader: str, layout: str, strict: bool) -> None:
    raw = joined(parts_of(layout, 20, seed=9))
    wanted: list[Any] = []
    for record in records_in(results_of(raw, reader=reader)):
        wanted += decode(record.name, record.payload, Notes())
    decoder = EventDecoder(Notes(strict=strict))
    blocks = list(get_reader(reader)(CutStream(raw), "test", ReadOptions(reader=reader), decoder))
    assert [event for block in blocks for event in block.results] == wanted
    assert sum(block.records for block in blocks) == len(results_of(raw, reader=reader))


@pytest.mark.parametrize("reader", READERS)
def test_a_record_that_the_decoder_refuses_is_a_dead_letter_in_its_place(reader: str) -> None:
    bad, good = (
        '{"EventName":"TaskFinish","JobsDetail":{"EndTime":"x"}}',
        '{"EventName":"TaskFinish","JobsDetail":{"JobId":"a"}}',
    )
    raw = f"[{good},{bad},{good}]"
    if reader == "iterparse":
        job = "<Response><EventName>TaskFinish</EventName><JobsDetail>{}</JobsDetail></Response>"
        inner = "".join(map(job.format, ("<JobId>a</JobId>", "<EndTime>x</EndTime>", "")))
        raw = f"<Responses>{inner}</Responses>"
    decoder = EventDecoder(Notes(strict=True))
    blocks = list(get_reader(reader)(CutStream(raw.encode()), "test", ReadOptions(reader=reader), decoder))
    assert sum(len(block.results) for block in blocks) == 2
    ((letter, place),) = [(block.dead[n], block.places[n]) for block in blocks for n in range(len(block.dead))]
    assert (letter.index, letter.reason) == (1, "EventError")
    assert letter.detail == "expected a time with its offset at $.EndTime"
    if reader == "framed":
        assert (place, letter.raw) == (1, bad.encode())
