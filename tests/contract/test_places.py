"""Reading taken up again at a place goes on as if it had come from the beginning."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.generate import LAYOUTS, generate
from stream_cb.model import ReadOptions
from stream_cb.places import Place
from stream_cb.readers.framed import FramedReading
from tests.reading import merged

ODD = {
    "wrapped twice": b'<Batch xmlns:c="u"><Batches><c:Batch>1</c:Batch><c:Batch/>x<c:Batch>2</c:Batch></Batches>',
    "array": b'[{"a":1},\n {"a":2\n, {"a":3},\n {"a":4},, {"a":5}\n]\n[{"b":1},{"b":2}]{"c":1}',
    "object": b'{"n":3,"items":[{"EventName":"TaskFinish","n":1},{"EventName":"TaskFinish","n":2},3],"x":{}}\n{"a":1}',
    "unclosed": b"<Responses><Response>1</Response>\n<Response>2</Response>\n",
    "back to back": b"<Responses><Response>1</Response></Responses>\n<Responses><Response>2</Response></Responses>{}",
}


def read_from(raw: bytes, place: Place, step: int) -> tuple[list[Any], list[Place]]:
    """The results from a place on, and all places behind it; `step` bytes at a time."""
    before = raw[max(0, place.offset - 1) : place.offset]
    reading = FramedReading("test", ReadOptions(), None, place=place, before=before)
    blocks = [reading.feed(raw[start : start + step]) for start in range(place.offset, len(raw), step)]
    blocks.append(reading.close())
    assert blocks[-1].end == len(raw)
    return [result for block in blocks for result in merged(block)], [block.place for block in blocks if block.place]


def check(raw: bytes, step: int, other: int) -> None:
    whole, places = read_from(raw, Place(), step)
    assert places
    for place in places:
        as_stored = msgspec.json.decode(msgspec.json.encode(place), type=Place)
        assert as_stored == place
        found, _ = read_from(raw, as_stored, other)
        assert found == whole[place.index :]


@settings(max_examples=30)
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    seed=st.integers(0, 99),
    step=st.integers(200, 5_000),
    other=st.integers(200, 5_000),
    damage_rate=st.sampled_from([0, 0.2, 0.5]),
)
def test_reading_can_be_taken_up_at_every_place(
    layout: str, seed: int, step: int, other: int, damage_rate: float
) -> None:
    check(b"".join(generate(layout=layout, count=8, seed=seed, damage_rate=damage_rate)), step, other)


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("step", [1, 3, 10])
def test_reading_can_be_taken_up_inside_odd_wrappers(name: str, step: int) -> None:
    check(ODD[name], step, 1)
    check(ODD[name], step, 7)
