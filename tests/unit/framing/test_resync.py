"""Promises of going on after damage: the next good record is found, and nothing inside a record looks like one."""

from __future__ import annotations

import pytest

from stream_cb.framing.damaged import PATIENCE_BYTES
from stream_cb.framing.resync import (
    Resync,
    after_documents,
    after_element,
    after_json,
    after_junk,
    after_xml,
    record_starts,
)
from stream_cb.places import LevelState
from tests.reading import frames_of, make_framer, steps_of

TAIL = b" x" * 600  # what stands behind a place, so that it need not wait for more


@pytest.mark.parametrize(
    ("resync", "raw", "at"),
    [
        (after_junk(), b"junk <Response>", 5),
        (after_junk(), b"junk <Response/>", 5),
        (after_junk(), b"junk <?xml version='1.0'?>", 5),
        (after_junk(), b"junk <!DOCTYPE a>", 5),
        (after_junk(), b'junk {"EventName":"TaskFinish"', 5),
        (after_junk(), b'junk {"JobsDetail":{', 5),
        (after_junk(), b'junk\n{"a"', 5),
        (after_junk(), b"junk\n[{", 5),
        (after_junk(), b"junk\n<Other>", 5),
        (after_xml(b"A", None), b"x</A>\n<B>", 5),
        (after_xml(b"A", None), b"x<A>", 1),
        (after_xml(b"A", b"W"), b"x</W>", 1),
        (after_xml(b"A", b"W"), b"x</A></W>", 5),
        (after_json(b'{"a":'), b'x}{"a"', 2),
        (after_json(b'{"a":'), b'x\n{"b"', 2),
        (after_json(b"{\n"), b'x\n{\n "b"', 2),
        (after_element(b'{"a":1', b"\n"), b'x,\n{"a":', 3),
        (after_documents(), b"x\n[{", 2),
    ],
)
def test_a_place_to_go_on_is_found(resync: Resync, raw: bytes, at: int) -> None:
    assert resync.find(raw, 0, final=True)[0] == at
    assert resync.find(raw + TAIL, 0, final=False)[0] == at


@pytest.mark.parametrize(
    ("resync", "raw"),
    [
        (after_junk(), b"junk <Responses> <Responsed> Response>"),
        (after_junk(), b'junk {"a":1} [{"EventName":"cos:ObjectCreated:Put"'),
        (after_xml(b"A", None), b"x</A>text</AB><AB></B>"),
        (after_xml(b"A", b"W"), b"x</A>text</V>"),
        (after_json(b'{"a":'), b'"a":{"EventName":"cos:ObjectCreated:Put"},[{"b":1}]'),
        (after_json(b"{\n"), b'x\n  {\n   "b": {\n'),
        (after_element(b'{"a":1', b"\n"), b'x,\n{"b":1},{"a":1}'),
    ],
)
def test_what_lies_inside_a_record_is_no_place_to_go_on(resync: Resync, raw: bytes) -> None:
    found, _ = resync.find(raw + TAIL, 0, final=False)
    assert found is None


DAMAGED = [
    b"<Response><A>1</A>",
    b"<Response><A>1</B></Response>",
    b"<Response><![CDATA[</Response>",
    b"<Response><A>\xff</A></Response>",
    b"<Response><A>&undeclared;</A></Response>",
    b"<Response><A b=1/></Response>",
    b"<Response",
    b"<Response><!-- -- --></Response>",
    b"</Response>",
    b"<!DOCTYPE Response><Response/>",
    b"<?xml version='1.0' encoding='nonesuch'?><Response/>",
    b"junk",
    b"\x00\x00\x00",
    b'{"EventName":"TaskFinish","a":[1}',
    b'{"EventName":"TaskFinish","a":',
    b'{"EventName":"TaskFinish","a":"b}',
    b'{"EventName":"TaskFinish",}',
    b'{"EventName":"TaskFinish"}}',
    b'{"EventName":"Task\xffFinish"}',
    b"{a:1}",
    b"}",
    b"12",
    b"null",
]
NEXT = [
    b"<Response><A>1</A></Response>",
    b"<?xml version='1.0'?>\n<Response/>",
    b'{"EventName":"TaskFinish","a":1}',
    b'{\n  "EventName": "TaskFinish",\n  "a": 1\n}',
]


@pytest.mark.parametrize("good", NEXT)
@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_record_costs_none_of_its_neighbours(damaged: bytes, good: bytes) -> None:
    raw = b"\n".join([good, damaged, good, good]) + b"\n"
    frames = frames_of(raw)
    assert [frame.raw for frame in frames if not frame.reason] == [good] * 3 or (
        damaged.endswith(b"}}")
        and [frame.raw for frame in frames if not frame.reason] == [good, damaged[:-1], good, good]
    )
    assert [bool(frame.reason) for frame in frames].count(True) == 1
    assert damaged.endswith(next(frame.raw for frame in frames if frame.reason).strip())


@pytest.mark.parametrize("good", NEXT)
@pytest.mark.parametrize("damaged", DAMAGED)
def test_damage_gives_equal_frames_at_every_chunk_size(damaged: bytes, good: bytes) -> None:
    raw = b"\n".join([good, damaged, good]) + b"\n"
    whole = frames_of(raw)
    for step in steps_of(raw):
        assert frames_of(raw, step=step) == whole, step


@pytest.mark.parametrize("damaged", DAMAGED)
def test_damage_at_the_end_of_the_input_is_one_dead_letter(damaged: bytes) -> None:
    frames = frames_of(NEXT[0] + b"\n" + damaged)
    assert not frames[0].reason
    assert [bool(frame.reason) for frame in frames].count(True) == 1


@pytest.mark.parametrize("damaged", [b"<Response><A>1</A>", b"<Response><A>1</B></Response>", b"text", b"<Response><A"])
def test_damage_in_a_batch_costs_none_of_its_neighbours(damaged: bytes) -> None:
    good = b"<Response><A>1</A></Response>"
    raw = b"<Responses>\n" + b"\n".join([good, damaged, good, good]) + b"\n</Responses>\n" + good
    whole = frames_of(raw)
    assert [frame.raw for frame in whole if not frame.reason] == [good] * 4
    assert [bool(frame.reason) for frame in whole].count(True) == 1
    for step in steps_of(raw):
        assert frames_of(raw, step=step) == whole, step


@pytest.mark.parametrize(
    "damaged",
    [b'{"a":1,"b":[}', b'{"a":1,"b":', b'{"a":1,"b":"}', b'{"a":1,}', b'{"a":\xff}', b'{"a":1}}', b"junk", b"}"],
)
def test_damage_in_an_array_costs_none_of_its_neighbours(damaged: bytes) -> None:
    good = b'{"a":1,"b":"x"}'
    raw = b"[\n" + b",\n".join([good, damaged, good, good]) + b"\n]\n" + b'{"EventName":"TaskFinish"}\n'
    whole = frames_of(raw)
    sound = [frame.raw for frame in whole if not frame.reason]
    expected = [good] * 3 + [b'{"EventName":"TaskFinish"}']
    assert sound in (expected, [good, damaged[:-1], *expected[1:]])
    assert [bool(frame.reason) for frame in whole].count(True) == 1
    for step in steps_of(raw):
        assert frames_of(raw, step=step) == whole, step


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"<Response><A></Response>", "end tag </Response> does not fit the open element (byte 13)"),
        (b"\n<Response><A></Response>", "end tag </Response> does not fit the open element (byte 14)"),
        (b"<Responses>text</Responses>", "text between the elements of a wrapper"),
        (b"<Responses></A></Responses>", "end tag of no open element"),
        (b"<Responses><Response/>", "the wrapper"),
        (b"[1", "the array of byte 0 is never closed"),
        (b'[{"a":1},]', "a comma before the end of an array"),
        (b'[{"a":1}{"a":2}]', "expected ',' before the next value"),
        (b"12", "expected XML or JSON"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(raw: bytes, detail: str) -> None:
    details = [frame.detail for frame in frames_of(raw) if frame.reason]
    if detail == "the wrapper":
        detail = "<Responses> of byte 0 is never closed"
    assert details == [detail]


@pytest.mark.parametrize("raw", [b'{"EventName":"TaskFinish","A":[%b', b"<Response><A>%b"])
@pytest.mark.parametrize("filler", [b"1,", b'"x" ,', b"<b>t</b>"])
def test_a_long_record_that_is_never_closed_does_not_hold_back_the_next_one(raw: bytes, filler: bytes) -> None:
    """What follows comes out while the stream is still open, not only when it ends."""
    framer = make_framer()
    lost, good = raw % (filler * (PATIENCE_BYTES // len(filler))), b'\n{"EventName":"TaskFinish"}\n'
    found = [frame for start in range(0, len(lost), 65_536) for frame in framer.feed(lost[start : start + 65_536])]
    assert not [frame for frame in found if not getattr(frame, "reason", "")]
    found = [*found, *framer.feed(good), *framer.feed(good * 100)]
    assert len(found) > 50


ELEMENT, ARRAY = (
    LevelState(kind="element", opened_at=0),
    LevelState(kind="array", opened_at=0, good=(b'{"a":1}', b",\n")),
)


@pytest.mark.parametrize(
    ("level", "name", "raw", "at"),
    [
        (None, b"", b'junk\n{"a"', 5),
        (None, b"Item", b"junk<Item>", 4),
        (ELEMENT, b"Item", b'<A>\n{"a"</A><Item>', 12),
        (ELEMENT, b"", b"<A></A><Response>", 7),
        (ARRAY, b"", b'{"b":1},\n{"a":2}', 9),
    ],
    ids=["line", "name", "element", "response", "array"],
)
def test_a_record_seems_to_begin_where_the_wrapper_around_it_lets_it(
    level: LevelState | None, name: bytes, raw: bytes, at: int
) -> None:
    resync = record_starts(level, name)
    assert resync is not None
    assert resync.find(raw + TAIL, 0, final=False)[0] == at


@pytest.mark.parametrize("level", [LevelState(kind="object", opened_at=0), LevelState(kind="array", opened_at=0)])
def test_where_there_is_no_telling_no_record_seems_to_begin(level: LevelState) -> None:
    assert record_starts(level, b"") is None
