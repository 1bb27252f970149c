"""Splits that are read alone give together what one reading gives: each record once, each dead letter once."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_cb import anchors
from stream_cb.events import EventDecoder, Notes
from stream_cb.framing import elements, framer, scanner
from stream_cb.generate import LAYOUTS, generate
from stream_cb.inputs import open_sources
from stream_cb.model import Block, ReadOptions
from stream_cb.readers import get_reader
from stream_cb.split_reading import Split, plan_splits, read_blocks

CHUNK = 700


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> ReadOptions:
    """Options and bounds so short that what lies before a split is far out of sight."""
    for module in (anchors, elements, framer, scanner):
        monkeypatch.setattr(module, "PATIENCE_BYTES", 4_000)
    monkeypatch.setattr(anchors, "OVERLAP", 512)
    monkeypatch.setattr(anchors, "_LOOK_BYTES", 1_000)
    monkeypatch.setattr(anchors, "_TAIL_BYTES", 400)
    monkeypatch.setattr("stream_cb.split_reading._HEAD_BYTES", 6_000)
    return ReadOptions(chunk_bytes=CHUNK)


def told(blocks: Iterator[Block]) -> tuple[list[Any], list[Any]]:
    """The events with their places, and the dead letters without their numbers."""
    found, dead = [], []
    for block in blocks:
        assert block.spans is not None
        found += list(zip(block.spans, block.results, strict=True))
        dead += [msgspec.structs.replace(letter, index=0) for letter in block.dead]
    return found, dead


def decoder() -> EventDecoder:
    return EventDecoder(Notes(strict=False))


def whole(path: Path, options: ReadOptions) -> tuple[list[Any], list[Any]]:
    spans = msgspec.structs.replace(options, with_spans=True)
    return told(
        block
        for source in open_sources([str(path)])
        for block in get_reader("framed")(source.stream, source.name, spans, decoder())  # type: ignore[union-attr]
    )


def in_splits(splits: list[Split], options: ReadOptions) -> tuple[list[Any], list[Any]]:
    """Read in another order than theirs, each from a copy that went as bytes."""
    parts = {}
    for split in sorted(splits, key=lambda one: one.begin, reverse=True):
        copy = pickle.loads(pickle.dumps(split))
        assert copy == split
        parts[split.begin] = told(block for _, block in read_blocks(copy, options, decoder()))
    ordered = [parts[begin] for begin in sorted(parts)]
    return [one for found, _ in ordered for one in found], [one for _, dead in ordered for one in dead]


def check(path: Path, options: ReadOptions, split_bytes: int) -> None:
    assert in_splits(plan_splits(path, split_bytes), options) == whole(path, options)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    seed=st.integers(0, 999),
    split_bytes=st.sampled_from([1_000, 1_024, 3_001, 10_000]),
    damage_rate=st.sampled_from([0, 0.05, 0.3]),
)
def test_any_cut_gives_the_same(  # noqa: PLR0917  (drawn by name)
    layout: str, seed: int, split_bytes: int, damage_rate: float, short: ReadOptions, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(generate(layout=layout, count=40, seed=seed, damage_rate=damage_rate)))
    check(log, short, split_bytes)


XML = b"<Response><EventName>TaskFinish</EventName><n>%d</n></Response>"
JSON = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%d"}}'
FAKE = b'\n<?xml version="1.0"?>\n<Response><a/></Response>\n{"EventName":"TaskFinish"}\n{"EventName":"TaskFinish"}\n'
PIECES = {
    "xml": XML,
    "json": JSON,
    "declared": b'<?xml version="1.0" encoding="UTF-8"?>' + XML,
    "section": b"<Response><n>%d</n><![CDATA[" + FAKE * 3 + b"]]></Response>",
    "comment": b"<Response><n>%d</n><!--" + FAKE.replace(b"--", b"") * 2 + b"--></Response>",
    "text": b"<Response><n>%d</n>\n" + JSON + b"\n" + JSON + b"\n</Response>",
    "string": b'{"EventName":"TaskFinish","n":"%d <Response></Response>\\n<?xml version=\'1.0\'?>}"}',
    "child": b"<Batch><Meta>%d</Meta><Response>1</Response>\n<Response>2</Response></Batch>",
    "array": b"[" + JSON + b",\n" + JSON + b"]",
    "pretty": b'{\n  "EventName": "TaskFinish",\n  "n": [\n{"EventName":"TaskFinish","n":%d}\n,\n{}]}',
    "wrapper": b"<Responses>\n" + XML + b"\n<Response>2</Response></Responses>",
    "unclosed": b"<Responses>" + XML,
    "object": b'{"Meta":%d,"Events":[' + JSON + b"]}",
    "cut": b"<Response><A><B>%d",
    "cut section": b"<Response><n>%d</n><![CDATA[ ",
    "cut comment": b"<Response><n>%d</n><!-- ",
    "cut string": b'{"EventName":"TaskFinish","n":"%d',
    "cut array": b"[" + JSON + b",",
    "cut object": b'{"Events":[{"EventName":"TaskFinish","n":%d}], ]',
    "end tag": b"</Response></Responses>%d",
    "section end": b"]]></Response>%d-->",
    "instruction": b"<?foo <Response> %d?>",
    "doctype": b"<!DOCTYPE x [<!ENTITY a '\n<?xml version=\"1.0\"?>\n<Response/>%d'>]>",
    "junk": b"junk < %d",
    "brackets": b"%d]}" + b"[" * 30,
    "long": b"<Response>%d" + b"x" * 6_000 + b"</Response>",
    "quote": b'<a b="%d>',
}


def written(names: list[str], gaps: list[bytes]) -> bytes:
    parts = []
    for number, (name, gap) in enumerate(zip(names, gaps, strict=False)):
        piece = PIECES[name]
        parts += [piece.replace(b"%d", b"%d" % number), gap]
    return b"".join(parts)


GAPS = st.sampled_from([b"\n", b"\n", b"", b"\r\n", b" "])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mix=st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=4).flatmap(
        lambda some: st.lists(st.sampled_from([*some, "xml", "json", "declared"]), min_size=20, max_size=250)
    ),
    gaps=st.lists(GAPS, min_size=1, max_size=5),
    split_bytes=st.sampled_from([1_000, 2_500]),
    opened=st.sampled_from([b"", b"<Responses>", b'<?xml version="1.0"?>\n<Responses>\n', b"["]),
)
def test_any_cut_of_anything_gives_the_same(  # noqa: PLR0917  (drawn by name)
    mix: list[str], gaps: list[bytes], split_bytes: int, opened: bytes, short: ReadOptions, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_bytes(opened + written(mix, gaps * len(mix)))
    check(log, short, split_bytes)
