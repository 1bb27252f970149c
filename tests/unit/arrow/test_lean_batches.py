"""Promises of lean batches: they leave out what says nothing, and widened again they have the rows that they had."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stream_cb.arrow import joined, leaned, packed, unpack, widened

SCHEMA = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.struct([("x", pa.string()), ("y", pa.struct([("z", pa.int64())]))])),
        ("c", pa.list_(pa.struct([("x", pa.string()), ("y", pa.int64())]))),
        ("d", pa.map_(pa.string(), pa.string())),
    ]
)
ROWS = [
    {"a": 1, "b": {"x": "one", "y": None}, "c": None, "d": None},
    {"a": None, "b": {"x": None, "y": {"z": None}}, "c": [{"x": None, "y": 1}], "d": None},
    {"a": None, "b": None, "c": [], "d": [("k", "v")]},
    {"a": None, "b": None, "c": None, "d": None},
]


def batch_of(*rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([ROWS[row] for row in rows], SCHEMA)


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (0, pa.struct([("a", pa.int64()), ("b", pa.struct([("x", pa.string())]))])),
        (
            1,
            pa.struct([("b", pa.struct([("y", pa.struct([]))])), ("c", pa.list_(pa.struct([("y", pa.int64())])))]),
        ),
        (2, pa.struct([("c", pa.list_(pa.struct([]))), ("d", pa.map_(pa.string(), pa.string()))])),
        (3, pa.struct([])),
    ],
)
def test_a_lean_batch_has_only_what_says_anything_in_its_own_rows(row: int, columns: pa.StructType) -> None:
    lean = leaned(batch_of(0, 1, 2, 3).slice(row, 1))
    assert pa.struct(list(lean.schema)) == columns
    assert widened(lean, SCHEMA).to_pylist() == [ROWS[row]]


@pytest.mark.parametrize("compression", [None, "zstd"])
def test_batches_packed_and_joined_in_any_order_have_their_rows(compression: str | None) -> None:
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        parts = b"".join(packed(leaned(batch_of(row)), compression) for row in order)
        rows = joined([batch.to_struct_array() for batch in unpack(parts)])
        whole = widened(pa.RecordBatch.from_struct_array(rows), SCHEMA)
        assert whole.equals(batch_of(*order))
