"""Promises of arrays and objects around records: what is wrong with them costs no record and is told once."""

from __future__ import annotations

from typing import Any

import pytest

from stream_cb.framing import open_framer
from stream_cb.framing.documents import wrapping_key
from stream_cb.framing.frames import Parsers
from stream_cb.runs import COMMAS, XML, Run
from tests.reading import MIB, frames_of, make_framer, steps_of

ITEMS = b'"Items":[{"EventName":"TaskFinish"}]'


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"a":1,' + ITEMS + b"}", b"Items"),
        (b'{"a":{"EventName":"x"},' + ITEMS + b"}", b"Items"),
        (b'{"a":1,"EventName":"x",' + ITEMS + b"}", None),
        (b'{"a":1,b,' + ITEMS + b"}", None),
        (b'{"a":1 ' + ITEMS + b"}", None),
        (b'{"a":{]},' + ITEMS + b"}", None),
        (b'{"a":"[{\\"EventName\\":","b":[]}', None),
        (b'{"a":1}{"b":2,' + ITEMS + b"}", None),
        (b'{"a":1}\n{"b":2,' + ITEMS + b"}", None),
        (b"{a," + ITEMS + b"}", None),
    ],
)
def test_the_key_of_an_array_of_callbacks_is_found_where_the_object_is_sound_up_to_it(
    raw: bytes, key: bytes | None
) -> None:
    assert wrapping_key(raw, 0) == key


def outcome(raw: bytes, step: int = 0, **options: Any) -> list[tuple[Any, str]]:
    return [(frame.payload, frame.detail) for frame in frames_of(raw, step=step, **options)]


ONE, TWO = {"a": 1}, {"a": 2}
OPEN = "the object of byte 0 is never closed"


@pytest.mark.parametrize(
    ("raw", "path", "found"),
    [
        (b'[{"a":1} {"a":2}]', (), [ONE, "expected ',' before the next value", TWO]),
        (b'[{"a":1},{"a":1}5,{"a":2}]', (), [ONE, ONE, "expected ',' or b']'", TWO]),
        (b'[{"a":1}, {"a":1} x, {"a":2}]', (), [ONE, ONE, "expected ',' or b']'", TWO]),
        (b'[{"a":1},{"a":1},{"b":[},5,{"a":2}]', (), [ONE, ONE, "'}' closes the wrong bracket (byte 23)", TWO]),
        (b'[{"a":1},]{"a":2}', (), [ONE, "a comma before the end of an array", TWO]),
        (b'{"x":0,"k":[{"a":1}]}{"k":[{"a":2}]}', ("k",), [ONE, TWO]),
        (b'{"k":{"a":1}}{"k":{"a":2}}', ("k",), [ONE, TWO]),
        (b'{"x":{},,"k":[{"a":1}]}\n{"k":[{"a":2}]}', ("k",), ["expected a key", OPEN, TWO]),
        (b'{"k":[{"a":1}]x}\n{"k":[{"a":2}]}', ("k",), [ONE, "expected ',' or b'}'", OPEN, TWO]),
        (b'{"k":[{"a":1}],x}\n{"k":[{"a":2}]}', ("k",), [ONE, "expected a key", OPEN, TWO]),
        (b'[{"k":{"a":1}},{"k":{"a":2}}]', ("k",), [ONE, TWO]),
    ],
)
def test_a_fault_between_records_is_one_dead_letter_and_costs_none_of_them(
    raw: bytes, path: tuple[str, ...], found: list[Any]
) -> None:
    for step in steps_of(raw):
        assert [payload or detail for payload, detail in outcome(raw, step, path=path)] == found, step


@pytest.mark.parametrize(
    "raw", [b"[1,2][3,4]", b"{}{}{}", b'{"a" :1}{"a" :2}{"b":3}', b"[[1],[2]]", b'{ "a":1}\n{ "a":2}']
)
def test_values_that_begin_in_no_usual_way_are_told_apart(raw: bytes) -> None:
    whole = [payload for payload, _ in outcome(raw)]
    assert len(whole) >= 2
    assert all(payload is not None for payload in whole)
    for step in steps_of(raw):
        assert [payload for payload, _ in outcome(raw, step)] == whole


@pytest.mark.parametrize("gap", [b"\n", b"\r\n", b"\n\n", b"\n\t", b"", b",", b", ", b",\n", b" ,\n"])
def test_objects_that_stand_alike_are_taken_in_one_step_whatever_stands_between(gap: bytes) -> None:
    asked: list[bool] = []

    def run(buffer: bytes, position: int, max_bytes: int, ways: int, *, with_spans: bool = False) -> Run:
        if not ways & COMMAS and ways & XML:
            return Run([], 0, 0, position, [])
        asked.append(bool(ways & COMMAS))
        end = buffer.rindex(b"}") + 1
        taken = buffer[position:end].replace(gap, b"\0") if gap else buffer[position:end].replace(b"}{", b"}\0{")
        records = taken.split(b"\0")
        return Run(records, len(records), len(taken.replace(b"\0", b"")), end, [])

    single = make_framer().parsers
    framer = open_framer(
        Parsers(xml=single.xml, json=single.json, error=single.error, refusal=single.refusal, run=run),
        max_record_bytes=MIB,
    )
    raw = gap.join(b'{"EventName":%d}' % number for number in range(50))
    raw = b"[%b]" % raw if b"," in gap else raw
    found = [*framer.feed(raw), *framer.close()]
    assert asked == [b"," in gap]
    assert sum(getattr(one, "records", 1) for one in found) == 50
    assert framer.covered == len(raw)


def test_the_stream_itself_has_no_state_that_reading_could_begin_with() -> None:
    assert make_framer().levels[0].state() is None
