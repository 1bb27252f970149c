"""Promises of the framer: frames do not depend on cuts, cover every byte once, and lose or invent no record."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.framing import Frame
from stream_cb.generate import LAYOUTS, Part, generate_parts
from tests.reading import frames_of, make_framer, only_frames, placed, steps_of

# What may stand between frames: white space, separators, and the tags of the wrapper that is generated.
BETWEEN = re.compile(rb"(?:[\s,\[\]]|<\?xml[^>]*\?>\n(?=<Responses>)|</?Responses>)*")

logs = st.builds(
    lambda layout, count, seed, damage_rate: list(
        generate_parts(layout=layout, count=count, seed=seed, damage_rate=damage_rate)
    ),
    layout=st.sampled_from(LAYOUTS),
    count=st.integers(0, 8),
    seed=st.integers(0, 100_000),
    damage_rate=st.sampled_from([0.0, 0.2, 0.5, 1.0]),
)

SMALL = {
    "xml": b'<?xml version="1.0"?>\n<Response><A>1</A></Response><Response>\n<B b="/>"/>\n</Response >\r\n<Response/>',
    "xml-batch": b"<!-- log --><Responses a='>'>\n<Response>1</Response><Response><C/></Response>\n</Responses>\n",
    "json": b'{"EventName":"TaskFinish","a":"}{"}{"EventName":"TaskFinish","b":[{},{}]}\n{"EventName":"x"}',
    "json-array": b'[\n{"a": "],"},\n{"a": {"b": []}},\n{"a": 1.50}\n]\n[]\n',
    "pretty": b'{\n  "a": {\n    "b": 1\n  }\n}\n{\n  "a": [\n  ]\n}{\n  "a": "{"\n}\n',
    "wrapped": b'{"Count":2,"Note":"[{","Items":[{"EventName":"a"},{"EventName":"b"}],"More":{"x":[1]}}\n{"a":1}',
    "sequence": b'\x1e{"a":1}\n\x1e{"a":"\\u001e"}\n',
    "mixed": b'\xef\xbb\xbf{"a":1}\n<Response><A>{"b":2}</A></Response>\n{"a":"<Response>"}<Response/>\n[{"a":1}]',
    "unknown": b"<r><r><r/></r>text</r>\n<r/><s><t/></s>\n",
    "damaged-xml": b"<Response><A></Response>\n<Response><A/></Response>\njunk\n<Response><A/>\n<Response>1</Response>",
    "damaged-json": b'{"a":1\n{"a":2}\n{"a":"b}\n{"a":3}\n}\n{"a":4}\n',
    "damaged-array": b'[{"a":1},\n{"a":2\n{"a":3},\n{"a":4},,{"a":5}]\n{"a":6}\n',
    "damaged-batch": b"<Responses><Response>1</Response><Response><A></Response>x<Response/></Responses>\n<Response/>",
}


def sound(frames: list[Frame]) -> list[tuple[int, bytes]]:
    return [(frame.offset, frame.raw) for frame in frames if not frame.reason]


def joined(parts: list[Part]) -> bytes:
    return b"".join(part.raw for part in parts)


@settings(max_examples=60)
@given(parts=logs, step=st.integers(1, 300) | st.integers(300, 8_000))
def test_frames_do_not_depend_on_where_the_chunks_are_cut(parts: list[Part], step: int) -> None:
    raw = joined(parts)
    assert frames_of(raw, step=step) == frames_of(raw)


@pytest.mark.parametrize("name", SMALL)
def test_small_logs_give_equal_frames_at_every_chunk_size(name: str) -> None:
    raw = SMALL[name]
    whole = frames_of(raw)
    for step in steps_of(raw):
        assert frames_of(raw, step=step) == whole, step


@pytest.mark.parametrize("name", SMALL)
def test_small_logs_give_equal_frames_with_one_cut_at_every_byte(name: str) -> None:
    raw = SMALL[name]
    whole = frames_of(raw)
    for cut in range(len(raw)):
        framer = make_framer()
        assert framer.feed(raw[:cut]) + framer.feed(raw[cut:]) + framer.close() == whole, cut


@pytest.mark.parametrize("name", SMALL)
def test_what_has_come_so_far_gives_equal_frames_however_it_was_cut(name: str) -> None:
    raw = SMALL[name]
    by_byte, so_far = make_framer(), []
    for end in range(1, len(raw) + 1):
        so_far += by_byte.feed(raw[end - 1 : end])
        assert make_framer().feed(raw[:end]) == so_far, end


@pytest.mark.parametrize("begun", [b"", b"\n", b" {", b'\n{"b":', b"<", b"\x1e", b"x"])
def test_an_object_is_given_as_soon_as_it_is_whole(begun: bytes) -> None:
    for record in (b'{"a":1}', b'{"a":[{"b":"}"}]}', b'{\n  "a": {\n  }\n}'):
        frames = only_frames(make_framer().feed(b'{"a":0}\n' + record + begun))
        assert [frame.raw for frame in frames] == [b'{"a":0}', record]


@settings(max_examples=100)
@given(parts=logs)
def test_undamaged_records_all_come_out_in_order_and_none_is_invented(parts: list[Part]) -> None:
    good = [(offset, part.raw) for offset, part in placed(parts) if part.callback is not None and not part.damage]
    assert sound(frames_of(joined(parts))) == good


@settings(max_examples=100)
@given(parts=logs)
def test_frames_do_not_overlap_and_only_separators_lie_between_them(parts: list[Part]) -> None:
    raw = joined(parts)
    covered = 0
    for frame in frames_of(raw):
        assert BETWEEN.fullmatch(raw, covered, frame.offset)
        assert raw[frame.offset : frame.offset + frame.length] == frame.raw
        covered = frame.offset + frame.length
    assert BETWEEN.fullmatch(raw, covered)


@settings(max_examples=100)
@given(parts=logs)
def test_every_damaged_record_lies_in_dead_letters(parts: list[Part]) -> None:
    raw = joined(parts)
    dead = bytearray(len(raw))
    for frame in frames_of(raw):
        if frame.reason:
            dead[frame.offset : frame.offset + frame.length] = b"\1" * frame.length
    for offset, part in placed(parts):
        if part.damage:
            # A comma at which an object was cut off is like one between two.
            assert all(dead[offset : offset + len(part.raw.rstrip(b","))]), part.raw


@settings(max_examples=60)
@given(parts=logs, step=st.integers(1, 3_000))
def test_after_each_chunk_what_is_covered_is_in_or_between_the_frames_so_far(parts: list[Part], step: int) -> None:
    raw = joined(parts)
    framer = make_framer()
    answered, covered = 0, 0
    for start in range(0, len(raw), step):
        for frame in only_frames(framer.feed(raw[start : start + step])):
            assert frame.offset >= covered
            answered = frame.offset + frame.length
        assert max(answered, covered) <= framer.covered <= start + step
        covered = framer.covered


@settings(max_examples=150)
@given(raw=st.binary(max_size=60), step=st.integers(1, 60))
def test_any_bytes_are_framed_without_an_exception_and_without_regard_to_cuts(raw: bytes, step: int) -> None:
    whole = frames_of(raw)
    assert frames_of(raw, step=step) == whole
    covered = 0
    for frame in whole:
        assert frame.offset >= covered
        covered = frame.offset + frame.length


XML_PIECES = (
    b"<Response> </Response> <Response/> <Responses> </Responses> <A> </A> <A~b='>'/> <!-- --> <![CDATA[ ]]> "
    b"<?xml~version='1.0'?> <!DOCTYPE~a> &lt; &x; < x"
)
JSON_PIECES = b'{ } [ ] , : " "a" "EventName" "TaskFinish" \\ 1 null {"EventName":"TaskFinish"} {"a":1}'
BLANK_PIECES = [b" ", b"\n", b"\r\n", b"\x1e", b"\xef\xbb\xbf", b"\xff"]
PIECES = [piece.replace(b"~", b" ") for piece in (*XML_PIECES.split(), *JSON_PIECES.split(), *BLANK_PIECES)]
MARKUP = st.lists(st.sampled_from(PIECES), max_size=24).map(b"".join)


@settings(max_examples=300)
@given(raw=MARKUP, step=st.integers(1, 60))
def test_any_markup_is_framed_without_an_exception_and_without_regard_to_cuts(raw: bytes, step: int) -> None:
    assert frames_of(raw, step=step) == frames_of(raw)


# Whole records and their wrappers, so that faults lie between records and not only inside them.
RECORD_PIECES = [
    *(b"<W> </W> <Response><a>1</a></Response> <Response/> <b>t</b> <![CDATA[ ]]> <W> </W> x < &".split()),
    *(b'[ ] , {"a":1} {"a":[1]} {"k":[ {"k":{"a":1}} "a": 5 "x" null x } :'.split()),
    *[b'{"EventName":"TaskFinish"}', b'{"JobsDetail":[1]}', b", ", b"\n", b"\x1e", b" "],
]
RECORDS_AND_FAULTS = st.lists(st.sampled_from(RECORD_PIECES), max_size=16).map(b"".join)


@settings(max_examples=400)
@given(
    opening=st.sampled_from([b"", b"[", b'{"k":[', b"<W>"]),
    raw=RECORDS_AND_FAULTS,
    path=st.sampled_from([(), ("k",), ("W", "Response")]),
    step=st.integers(1, 20),
)
def test_faults_between_records_are_framed_without_regard_to_cuts(
    opening: bytes, raw: bytes, path: tuple[str, ...], step: int
) -> None:
    assert frames_of(opening + raw, step=step, path=path) == frames_of(opening + raw, path=path)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'[{"a":[1]}{"a":[1]}{"a":1}', ()),
        (b'[{"EventName":"a"}[{"EventName":"a"}, ]{"a":[1]}{:{"a":[1]}', ()),
        (b'[null{"EventName":"a"}[{"a":1}, , ]\n]{"a":1}{"a":[1]}:', ()),
        (b'<W><![CDATA[{"a":1}]]>', ("W", "Response")),
        (b'\x1e<Response><Response></Response>\n{"JobsDetail":[1]}', ()),
        (b"<W>]]><Response><Response></W><b>t</b></Response><W><!DOCTYPE a></W><Response>", ()),
        (b"<W><Response><a>1</a></Response><!DOCTYPE a><W><a>&</Response>x\n</W></W>", ()),
    ],
)
def test_what_was_once_framed_otherwise_at_some_cut(raw: bytes, path: tuple[str, ...]) -> None:
    whole = frames_of(raw, path=path)
    for step in range(1, len(raw)):
        assert frames_of(raw, step=step, path=path) == whole


@settings(max_examples=200)
@given(raw=MARKUP, tail=MARKUP)
def test_no_sound_frame_is_a_prefix_of_a_longer_one(raw: bytes, tail: bytes) -> None:
    """What was answered as sound before the end of the stream was known stays so, whatever follows."""
    framer = make_framer()
    early = sound(only_frames(framer.feed(raw)))
    assert sound(frames_of(raw + tail))[: len(early)] == early


RECORDS = {
    "xml": (b"<Response><A>%s</A></Response>", b"x", b"\n"),
    "json": (b'{"EventName":"%s"}', b"x", b"\n"),
    "json-pretty": (b'{\n  "EventName": "%s"\n}', b"x", b"\n"),
    "xml-touching": (b"<Response><A>%s</A></Response>", b"x", b""),
    "json-touching": (b'{"EventName":"TaskFinish","a":"%s"}', b"x", b""),
    "xml-tags": (b"<Response><A>%s</A></Response>", b"<b/>", b"\n"),
    "json-objects": (b'{"EventName":[%s{}]}', b'{"a":[]},', b"\n"),
}


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("step", [0, 1, 7, 100])
def test_a_record_over_the_limit_is_a_dead_letter_and_the_next_ones_come(kind: str, step: int) -> None:
    template, filling, between = RECORDS[kind]
    small, big = template % (filling * 3), template % (filling * 2_000)
    raw = between.join([small, big, small, small]) + b"\n"
    frames = frames_of(raw, step=step, max_record_bytes=500)
    assert [frame.reason for frame in frames] == ["", "LimitError", "", ""]
    assert [frame.raw for frame in frames if not frame.reason] == [small] * 3
    letter = frames[1]
    assert letter.offset == len(small + between)
    assert letter.length >= len(big)
    assert len(letter.raw) == 500
    assert big.startswith(letter.raw)
    assert letter.detail == "record is longer than max_record_bytes (500)"


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_over_the_limit_gives_equal_frames_at_every_chunk_size(kind: str) -> None:
    template, filling, between = RECORDS[kind]
    small, big = template % filling, template % (filling * 200)
    raw = between.join([small, big, small]) + b"\n"
    whole = frames_of(raw, max_record_bytes=100)
    for step in (*range(1, 130), 200, 300, 500):
        assert frames_of(raw, step=step, max_record_bytes=100) == whole, step


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_of_just_the_limit_passes(kind: str) -> None:
    template, filling, between = RECORDS[kind]
    record = template % (filling * 20)
    raw = between.join([record, record]) + b"\n"
    for step in (0, 1, 10):
        assert [frame.reason for frame in frames_of(raw, step=step, max_record_bytes=len(record))] == ["", ""]
        reasons = {frame.reason for frame in frames_of(raw, step=step, max_record_bytes=len(record) - 1)}
        assert reasons == {"LimitError"}


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("is_closed", [True, False])
def test_a_record_over_the_limit_holds_no_more_than_the_limit(kind: str, is_closed: bool) -> None:
    template, filling, _ = RECORDS[kind]
    raw = template % (filling * 20_000)
    framer = make_framer(max_record_bytes=1_000)
    most = 0
    for start in range(0, len(raw) if is_closed else len(raw) - 30, 100):
        framer.feed(raw[start : start + 100])
        most = max(most, len(framer.buffer))
    framer.close()
    assert most <= 1_000 + 100 + 1_024  # the limit, a chunk, and what a search keeps to look at again


@pytest.mark.parametrize(
    "raw", [b"x" * 50_000, b"<!--" + b"x" * 50_000, b"<A b='" + b"x" * 50_000, b"<Responses>" * 5_000]
)
def test_junk_without_an_end_holds_no_more_than_the_limit(raw: bytes) -> None:
    framer = make_framer(max_record_bytes=1_000)
    most = 0
    for start in range(0, len(raw), 100):
        framer.feed(raw[start : start + 100])
        most = max(most, len(framer.buffer))
    framer.close()
    assert framer.covered == len(raw)
    assert most <= 1_000 + 100 + 1_024


@pytest.mark.parametrize("between", [b"\n", b"\r\n\t ", b"\x1e"])
@pytest.mark.parametrize("record", [b"<Response/>", b'{"a":1}'])
def test_huge_white_space_between_records_is_passed_over(between: bytes, record: bytes) -> None:
    raw = between * 20_000 + record + between * 20_000 + record + between * 20_000
    assert sound(frames_of(raw, step=1_000, max_record_bytes=100)) == [
        (20_000 * len(between), record),
        (40_000 * len(between) + len(record), record),
    ]


def test_huge_white_space_inside_records_belongs_to_them() -> None:
    space = b" \n" * 5_000
    for record in (
        b"<Response" + space + b">" + space + b"<A/></Response" + space + b">",
        b"{" + space + b'"a"' + space + b":" + space + b"[" + space + b"]" + space + b"}",
        b"<?xml version='1.0'?>" + space + b"<Response/>",
    ):
        raw = record + b"\n" + record
        for step in (0, 999):
            assert sound(frames_of(raw, step=step)) == [(0, record), (len(record) + 1, record)]


@pytest.mark.parametrize("space", [b" ", b"\n"])
def test_a_place_to_go_on_before_huge_white_space_holds_no_more_than_the_limit(space: bytes) -> None:
    raw = b"junk\n<Response>" + space * 600 + b"</Response>" + b"\n<Response>1</Response>" * 2_000
    framer = make_framer(max_record_bytes=2_000)
    most, frames = 0, []
    for start in range(0, len(raw), 100):
        frames += only_frames(framer.feed(raw[start : start + 100]))
        most = max(most, len(framer.buffer))
    frames += only_frames(framer.close())
    assert [bool(frame.reason) for frame in frames] == [True] + [False] * 2_001
    assert most <= 2_000 + 100 + 1_024


def test_an_empty_stream_has_no_frames() -> None:
    assert frames_of(b"") == []
    assert frames_of(b"\xef\xbb\xbf \r\n\x1e") == []


def test_closing_twice_gives_no_frame_twice() -> None:
    framer = make_framer()
    assert framer.feed(b"<Response><A>") == []
    assert len(framer.close()) == 1
    assert framer.close() == []


@pytest.mark.parametrize(
    "damage",
    [
        b"<?xml version=1>",
        b"<?xml version='1.0'>",
        b"<?xml version='1.0' ?",
        b"<?xml ",
        b"<!DOCTYPE x [",
        b"<!DOCTYPE x",
    ],
)
@pytest.mark.parametrize("step", [1, 7, 1 << 18])
def test_a_damaged_prolog_costs_no_record_behind_it(damage: bytes, step: int) -> None:
    good = b"<Response><A>1</A></Response>\n"
    raw = damage + b"\n" + good * 20 + b"<?xml version='1.0'?>" + good * 3
    frames = frames_of(raw, step=step)
    assert [frame.raw for frame in frames if not frame.reason][-22:] == [good.strip()] * 19 + [
        b"<?xml version='1.0'?>" + good.strip(),
        good.strip(),
        good.strip(),
    ]
    assert sum(frame.length for frame in frames if frame.reason) <= len(damage) + len(good)


def test_what_is_nested_too_deep_is_one_dead_letter_and_the_next_record_comes() -> None:
    for deep in (b"[" * 3_000 + b"]" * 3_000, b'{"a":' * 3_000 + b"1" + b"}" * 3_000, b"<a>" * 3_000 + b"</a>" * 3_000):
        frames = frames_of(deep + b"\n<Response/>", step=1_000)
        assert [frame.reason for frame in frames] == ["LimitError", ""]


def test_damage_inside_of_what_is_nested_too_deep_is_told_as_too_deep() -> None:
    for deep in (b'{"a":' * 3_000 + b'"\n', b"<a>" * 3_000 + b"< \n"):
        frames = frames_of(deep + b"<Response/>")
        assert [frame.reason for frame in frames] == ["LimitError", ""]
        assert "more than 1,000" in frames[0].detail
