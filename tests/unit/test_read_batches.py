"""Promises of `read_batches`: the events of `read_events` as rows, each with its place."""

from __future__ import annotations

import io
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from stream_cb import (
    DeadLetter,
    InputError,
    ParseError,
    ReadOptions,
    UsageError,
    arrow_schema,
    read_batches,
    read_events,
)
from stream_cb.events import OPERATIONS, EventDecoder, Notes
from stream_cb.generate import generate
from stream_cb.model import EVERYTHING, Block
from stream_cb.readers import get_reader
from tests.columns import assert_row_of
from tests.reading import CutStream

LAYOUTS = ["xml", "xml-batch", "json", "json-array", "ndjson", "pretty", "mixed"]
GOOD = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%s","Tag":"Snapshot"}}\n'
BAD = b'{"EventName":"TaskFinish",}\n'


def rows_of(raw: bytes, **options: Any) -> list[dict[str, Any]]:
    batches = read_batches(io.BytesIO(raw), on_dead_letter=lambda _: None, **options)
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_row_says_what_its_event_says_and_where_its_record_lies(layout: str) -> None:
    raw = b"".join(generate(layout=layout, count=120, seed=4, damage_rate=0.03))
    events = list(read_events(io.BytesIO(raw), on_dead_letter=lambda _: None))
    rows = rows_of(raw, options=ReadOptions(chunk_bytes=30_000))
    assert len(rows) == len(events) > 100
    for row, event in zip(rows, events, strict=True):
        assert_row_of(row, event)
        alone = raw[row["_offset"] : row["_offset"] + row["_length"]]
        assert event in list(read_events(io.BytesIO(alone)))
        assert alone[:1] in b"<{"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("step", [0, 777])
def test_the_places_cost_no_block_anything_else(layout: str, step: int) -> None:
    raw = b"".join(generate(layout=layout, count=100, seed=9, damage_rate=0.03))
    for with_place, without in zip_longest(*[blocks_of(raw, step, with_spans=wanted) for wanted in (True, False)]):
        spans = with_place.spans or []
        assert len(spans) == len(with_place.results) == len(without.results)
        assert without.spans is None
        assert with_place.results == without.results
        assert with_place.record_bytes == without.record_bytes == sum(length for _, length in set(spans))
        assert (with_place.records, with_place.dead, with_place.end) == (without.records, without.dead, without.end)
    assert any(block.results for block in blocks_of(raw, step, with_spans=True))


def blocks_of(raw: bytes, step: int, *, with_spans: bool) -> list[Block]:
    decoder = EventDecoder(Notes(), selection=EVERYTHING)
    options = ReadOptions(with_spans=with_spans, chunk_bytes=50_000)
    return list(get_reader("framed")(CutStream(raw, step), "test", options, decoder))


def test_places_are_those_of_the_file_in_utf_16_too() -> None:
    raw = "<Response><A>数</A></Response>\n<Response/>".encode("utf-16")
    first, second = rows_of(raw)
    assert (first["_offset"], first["_offset"] + first["_length"] + 2) == (2, second["_offset"])
    assert second["_offset"] + second["_length"] == len(raw)


def test_a_reader_that_knows_no_places_leaves_them_null() -> None:
    (row,) = rows_of(GOOD % b"1", options=ReadOptions(reader="ijson"))
    assert (row["_source"], row["_offset"], row["_length"]) == ("<stream>", None, None)


def test_the_jobs_of_one_record_share_its_place() -> None:
    two = b'{"EventName":"TaskFinish","JobsDetail":[{"JobId":"1","Tag":"Snapshot"},{"JobId":"2","Tag":"Snapshot"}]}\n'
    rows = rows_of(GOOD % b"0" + two * 3 + GOOD % b"3")
    places = [(row["_offset"], row["_length"]) for row in rows]
    at = len(GOOD % b"0")
    assert places == [
        (0, at - 1),
        *[(at + n // 2 * len(two), len(two) - 1) for n in range(6)],
        (at + 3 * len(two), at - 1),
    ]


def test_a_narrow_table_has_its_own_rows_and_columns_alone() -> None:
    raw = b"".join(generate(layout="xml", count=200, seed=4))
    jobs = rows_of(raw)
    extracts = rows_of(raw, kind="TaskFinish/StreamExtract")
    assert [row["JobId"] for row in extracts] == [row["JobId"] for row in jobs if row["Tag"] == "StreamExtract"]
    assert set(extracts[0]["Operation"]) < set(jobs[0]["Operation"])
    assert [row["_offset"] for row in extracts] == [row["_offset"] for row in jobs if row["Tag"] == "StreamExtract"]
    assert {row["EventName"] for row in rows_of(raw, kind="WorkflowFinish")} == {"WorkflowFinish"}
    assert set(extracts[0]["Operation"]) == set(arrow_schema("TaskFinish/StreamExtract").field("Operation").type.names)
    assert "StreamExtract" in OPERATIONS


def test_columns_are_paths_or_a_schema() -> None:
    raw = GOOD % b"1"
    assert rows_of(raw, columns=["JobId"]) == [{"_source": "<stream>", "_offset": 0, "_length": 70, "JobId": "1"}]
    schema = pa.schema([("Tag", pa.string()), ("JobId", pa.string())])
    assert rows_of(raw, columns=schema) == [{"Tag": "Snapshot", "JobId": "1"}]


def test_batches_are_bounded_and_come_as_the_input_is_read() -> None:
    stream = CutStream(GOOD * 1 % b"1" + (GOOD % b"2") * 99, 1_000)
    batches = read_batches(stream, max_rows=3)  # type: ignore[arg-type]
    assert next(batches).num_rows == 3
    assert stream.given == 1_000
    assert sum(batch.num_rows for batch in batches) == 97
    assert not stream.is_closed


# What is wrong.
def test_dead_letters_are_told_and_the_others_are_rows() -> None:
    letters: list[DeadLetter] = []
    raw = GOOD % b"1" + BAD + GOOD % b"2"
    batches = list(read_batches(io.BytesIO(raw), on_dead_letter=letters.append))
    assert [row["JobId"] for batch in batches for row in batch.to_pylist()] == ["1", "2"]
    assert [letter.offset for letter in letters] == [len(GOOD % b"1")]


def test_without_a_handler_the_first_dead_letter_is_raised_behind_the_rows_before_it() -> None:
    batches = read_batches(io.BytesIO(GOOD % b"1" + BAD + GOOD % b"2"))
    assert [row["JobId"] for row in next(batches).to_pylist()] == ["1"]
    with pytest.raises(ParseError, match="<stream>: record 1 at byte 71"):
        next(batches)


def test_an_input_that_breaks_off_is_raised_behind_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(GOOD % b"1")
    batches = read_batches([path, tmp_path / "gone.jsonl"])
    assert next(batches).num_rows == 1
    with pytest.raises(InputError, match=r"gone\.jsonl"):
        next(batches)


def test_strict_makes_dead_letters_of_misfits() -> None:
    letters: list[DeadLetter] = []
    raw = b'{"EventName":"TaskFinish","JobsDetail":{"EndTime":"soon"}}'
    assert list(read_batches(io.BytesIO(raw), strict=True, on_dead_letter=letters.append)) == []
    assert len(letters) == 1


@pytest.mark.parametrize("raw", [b"", b"\n", b"[]"])
def test_no_events_are_no_batches(raw: bytes) -> None:
    assert list(read_batches(io.BytesIO(raw))) == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"max_rows": 0}, "a batch has at least one row and one byte"),
        ({"max_bytes": 0}, "a batch has at least one row and one byte"),
        ({"kind": "Nothing"}, "there is no table 'Nothing'"),
        ({"columns": ["Nothing"]}, "no table has a column 'Nothing'"),
        ({"options": ReadOptions(reader="sax")}, "no reader 'sax'"),
    ],
)
def test_what_is_impossible_is_refused_at_once(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        read_batches(io.BytesIO(), **options)


def test_without_pyarrow_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['pyarrow'] = None; import stream_cb; stream_cb.read_batches('x')"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "UsageError: Arrow and Parquet need pyarrow: pip install 'stream-cb[arrow]'" in ended.stderr
