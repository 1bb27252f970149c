"""Splits that are read alone give together what one reading gives: each record once, each dead letter once."""

from __future__ import annotations

import gzip
import lzma
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_cb import anchors, heads, presumptions, splits
from stream_cb.errors import InputError, UsageError
from stream_cb.events import EventDecoder, Notes
from stream_cb.framing import elements, framer, scanner
from stream_cb.generate import LAYOUTS, generate
from stream_cb.inputs import open_sources
from stream_cb.model import Block, ReadOptions
from stream_cb.places import Place
from stream_cb.readers import get_reader
from stream_cb.splits import Split, cut, plan_splits, read_blocks, safe_end, safe_place

CHUNK = 700


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> ReadOptions:
    """Options and bounds so short that what lies before a split is far out of sight."""
    for module in (anchors, elements, framer, scanner):
        monkeypatch.setattr(module, "PATIENCE_BYTES", 4_000)
    monkeypatch.setattr(anchors, "_LOOK_BYTES", 1_000)
    monkeypatch.setattr(anchors, "_TAIL_BYTES", 400)
    monkeypatch.setattr(presumptions, "_LOOK_BYTES", 2_000)
    monkeypatch.setattr(heads, "_HEAD_BYTES", 6_000)
    monkeypatch.setattr(splits, "_LEAD_BYTES", 2_000)
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


def told_of(split: Split, options: ReadOptions) -> tuple[list[Any], list[Any]]:
    """What a split has in it; it has the same if nobody asks for places."""
    spans = msgspec.structs.replace(options, with_spans=True)
    found, dead = told(block for _, block in read_blocks(split, spans, decoder()))
    plain = [result for _, block in read_blocks(split, options, decoder()) for result in block.results]
    assert plain == [result for _, result in found]
    return found, dead


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
        parts[split.begin] = told_of(copy, options)
    ordered = [parts[begin] for begin in sorted(parts)]
    return [one for found, _ in ordered for one in found], [one for _, dead in ordered for one in dead]


def check(path: Path, options: ReadOptions, split_bytes: int) -> None:
    assert in_splits(plan_splits(path, split_bytes), options) == whole(path, options)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    log.write_bytes(b"".join(generate(layout=layout, count=25, seed=seed, damage_rate=damage_rate)))
    check(log, short, split_bytes)


XML = b"<Response><EventName>TaskFinish</EventName><n>%d</n></Response>"
JSON = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%d"}}'
FAKE = b'\n<?xml version="1.0"?>\n<Response><a/></Response>\n{"EventName":"TaskFinish"}\n{"EventName":"TaskFinish"}\n'
DECLARED_GBK = b'<?xml version="1.0" encoding="GBK"?><Responses>'
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
    "own wrapper": b"<Items><Item>%d</Item>" + XML * 3 + b"<Item>2</Item></Items>",
    "open wrapper": b"<Items><Item>%d</Item>",
    "spaces": b'<Responses xmlns="urn:a" xmlns:b="urn:b">' + XML * 3 + b"<Response><b:n>%d</b:n></Response>",
    "encoded": DECLARED_GBK + XML * 3 + "<Response><n>数据</n></Response>".encode("gbk"),
    "wide text": "<Response><n>数据%d</n></Response>".encode(),
    "prefix": b"<Response><b:n>%d</b:n></Response>",
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


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    try:
        check(log, short, split_bytes)
    except InputError as error:
        assert "encoded" in mix and "it has to be read in one split" in str(error)  # noqa: PT017, PT018


ODD = {
    "all in a section": b"<Response><![CDATA[" + FAKE * 60 + b"]]></Response>\n" + XML * 20,
    "an array": b"[" + b",\n".join([JSON] * 200) + b"]\n" + (JSON + b"\n") * 60,
    "two batches": (b"<Responses>" + XML * 60 + b"</Responses>\n") * 4,
    "another encoding": DECLARED_GBK
    + "<Response><n>数据</n></Response>\n".encode("gbk") * 200
    + b"</Responses>\n"
    + XML * 200,
    "never closed": b"<Responses>" + (XML + b"\n") * 200,
    "opened inside its head": (b"<Responses>" + XML + b"\n") * 8
    + b'<?xml version="1.0"?>'
    + (b"<Responses>" + XML + b"\n") * 9,
    "a wrapper that opens far inside": (XML + b"\n") * 200
    + b"<Items><Item>1</Item>\n"
    + (XML + b"\n") * 200
    + b"</Items>",
    "a wrapper that ends far inside": b"<Responses>" + (XML + b"\n") * 200 + b"</Responses>" + (XML + b"\n") * 200,
    "an object in the way": b'{"Events":[' + JSON + b"], ]\n" + (JSON + b"\n") * 200,
    "wide": ('<?xml version="1.0"?>' + "<Response><a>1</a></Response>\n" * 200).encode("utf-16"),
    "empty": b"",
    "spaces": b" \n" * 2_000,
    "junk": b"junk < { [\n" * 900,
    "deep": b'{"a":' * 3_000 + b"\n" + (JSON + b"\n") * 100,
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("split_bytes", [100, 1_000])
def test_any_cut_of_an_odd_file_gives_the_same(name: str, split_bytes: int, short: ReadOptions, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(ODD[name])
    check(log, short, split_bytes)


def test_a_wrapper_in_another_encoding_is_read_as_such_or_refused(short: ReadOptions, tmp_path: Path) -> None:
    """Which those cannot know who begin inside it."""
    log = tmp_path / "log"
    plain, encoded = (XML + b"\n") * 200, XML + "<Response><n>数据</n></Response>\n".encode("gbk")
    log.write_bytes(b"<Responses>" + plain + DECLARED_GBK + encoded * 9 + b"</Responses>" + XML * 200)
    check(log, short, 10_000)
    log.write_bytes(b"<Responses>" + plain + DECLARED_GBK + encoded * 200)
    check(log, short, 100_000)
    told = "the wrapper of byte 12847 is in gbk, and the first one is not: it has to be read in one split"
    with pytest.raises(InputError, match=told):
        check(log, short, 1_000)


@pytest.mark.parametrize("layout", ["xml", "bare", "xml-batch", "ndjson"])
@pytest.mark.parametrize("split_bytes", [3_001, 20_000])
def test_a_record_belongs_to_the_split_that_holds_its_first_byte(
    layout: str, split_bytes: int, short: ReadOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "_LEAD_BYTES", 8_000)  # a few records
    log, declared = tmp_path / "log", b'<?xml version="1.0" encoding="UTF-8"?>'
    raw = b"".join(generate(layout="xml" if layout == "bare" else layout, count=50, seed=1))
    log.write_bytes(raw.replace(declared, b"") if layout == "bare" else raw)
    check(log, short, split_bytes)
    for split in plan_splits(log, split_bytes):
        found, _ = told_of(split, short)
        assert all(split.begin <= offset < split.end for (offset, _), _ in found)


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson", "pretty", "mixed"])
def test_most_splits_have_records_of_their_own(layout: str, short: ReadOptions, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(generate(layout=layout, count=200, seed=1)))
    splits = plan_splits(log, 20_000)
    filled = [any(block.results for _, block in read_blocks(split, short, decoder())) for split in splits]
    assert sum(filled) > len(splits) * 2 / 3


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_what_is_compressed_is_read_whole_by_its_first_split(suffix: str, tmp_path: Path) -> None:
    packed, log = tmp_path / f"log{suffix}", tmp_path / "unnamed"
    raw = b"".join(generate(layout="xml", count=50, seed=1))
    packed.write_bytes(gzip.compress(raw) if suffix == ".gz" else lzma.compress(raw))
    log.write_bytes(packed.read_bytes())
    assert len(plan_splits(packed, 1_000)) == 1
    assert len(plan_splits(log, 1_000)) > 1  # its name does not tell
    check(packed, ReadOptions(), 1_000)
    check(log, ReadOptions(), 1_000)


def test_planning_opens_nothing_and_says_what_is_not_there(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.write_bytes(b"x" * 2_500)
    locked.chmod(0)
    assert [(split.begin, split.end) for split in plan_splits(tmp_path, 1_000)] == [
        (0, 1000),
        (1000, 2000),
        (2000, 2500),
    ]
    with pytest.raises(InputError, match="no file matches"):
        plan_splits(tmp_path / "*.log")
    with pytest.raises(UsageError, match="a split has at least one byte"):
        plan_splits(tmp_path, 0)


def test_a_file_that_has_grown_is_read_up_to_its_planned_size(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes((JSON + b"\n") * 100)
    wanted = whole(log, ReadOptions())
    splits = plan_splits(log, 1_000)
    with log.open("ab") as file:
        file.write(JSON * 10)
    assert in_splits(splits, ReadOptions()) == wanted


def test_a_file_that_has_shrunk_is_an_input_error(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes((JSON + b"\n") * 100)
    [split] = plan_splits(log)
    log.write_bytes(JSON)
    with pytest.raises(InputError, match=f"has {len(JSON)} bytes, and had {split.size}"):
        list(read_blocks(split, ReadOptions(), decoder()))
    log.unlink()
    with pytest.raises(InputError, match="No such file or directory"):
        list(read_blocks(split, ReadOptions(), decoder()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    seed=st.integers(0, 99),
    cuts=st.lists(st.integers(1, 60_000), min_size=1, max_size=4),
    damage_rate=st.sampled_from([0, 0.2]),
)
def test_a_growing_file_gives_each_record_once(  # noqa: PLR0917  (drawn by name)
    layout: str, seed: int, cuts: list[int], damage_rate: float, short: ReadOptions, tmp_path: Path
) -> None:
    raw = b"".join(generate(layout=layout, count=25, seed=seed, damage_rate=damage_rate))
    log = tmp_path / "log"
    since, found, dead = Place(), [], []
    for size in sorted({*(min(one, len(raw)) for one in cuts), len(raw)}):
        log.write_bytes(raw[:size])
        place = safe_place(str(log), size, since, short)
        assert place.offset == safe_end(str(log), size, short) <= size
        new = Split(path=str(log), begin=since.offset, end=size, size=size, step=3_000, place=since, is_growing=True)
        for split in cut(new):
            part = told_of(split, short)
            found += part[0]
            dead += part[1]
        since = place
    wanted, wanted_dead = whole(log, short)
    # What is not complete yet is not given yet.
    assert found == wanted[: len(found)]
    assert all(start >= since.offset for (start, _), _ in wanted[len(found) :])
    assert dead == wanted_dead[: len(dead)]
    assert all((letter.offset or 0) >= since.offset for letter in wanted_dead[len(dead) :])
