"""Promises of the schemas: every field of every event has its column, of a type that every reader of Arrow takes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyarrow as pa
import pytest

from stream_cb import UsageError, arrow_schema
from stream_cb.arrow import schema_of, subset, table_of
from stream_cb.events import KINDS, OPERATIONS

KIND_NAMES = ["jobs", *KINDS, *(f"TaskFinish/{tag}" for tag in OPERATIONS)]


def types_in(kind: pa.DataType) -> Iterator[pa.DataType]:
    """The type and all that it is made of."""
    yield kind
    if pa.types.is_map(kind):
        yield from (kind.key_type, kind.item_type)
        return
    for index in range(kind.num_fields):
        yield from types_in(kind.field(index).type)


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_table_holds_only_types_that_spark_and_parquet_take(kind: str) -> None:
    schema = arrow_schema(kind, with_places=True)
    assert schema.names[:3] == ["_source", "_offset", "_length"]
    assert schema.names[-1] == "_extra"
    plain = {pa.string(), pa.int64(), pa.bool_(), pa.timestamp("us", "UTC")}
    for found in types_in(pa.struct(list(schema))):
        assert found in plain or pa.types.is_struct(found) or pa.types.is_list(found) or pa.types.is_map(found)
        if pa.types.is_struct(found):
            names = [field.name.lower() for field in found]
            assert names
            assert len(names) == len(set(names)), "Spark does not tell names apart by case"
            assert all(field.nullable for field in found)


def test_the_table_of_jobs_has_the_columns_of_every_tag() -> None:
    jobs = pa.struct(list(arrow_schema("jobs")))
    for tag in OPERATIONS:
        # Raises for a column that is not there, or is of another type.
        subset(table_of("jobs"), arrow_schema(f"TaskFinish/{tag}"))
    assert jobs.field("Operation").type.field("Snapshot").type == (
        table_of("TaskFinish/Snapshot").field("Operation").type.field("Snapshot").type
    )
    for kind in ("TaskFinish", "WorkflowFinish", "Other"):
        subset(table_of("jobs"), arrow_schema(kind))


def test_the_schema_says_which_one_it_is_and_who_made_it() -> None:
    assert arrow_schema("WorkflowFinish").metadata == {
        b"stream_cb.schema": b"WorkflowFinish",
        b"stream_cb.version": b"0.1.0",
    }


def test_columns_are_chosen_by_path_at_any_level_and_of_any_kind() -> None:
    schema = arrow_schema(
        columns=["Operation.Output.Bucket", "JobId", "Operation.Output.StreamExtract.Index", "PornInfo.Score", "_extra"]
    )
    extracts = pa.list_(pa.struct([("Index", pa.int64())]))
    output = pa.struct([("Bucket", pa.string()), ("StreamExtract", extracts)])
    assert schema.names == ["Operation", "JobId", "PornInfo", "_extra"]
    assert schema.field("Operation").type == pa.struct([("Output", output)])
    assert schema.field("PornInfo").type == pa.struct([("Score", pa.int64())])
    assert arrow_schema(columns=["Input"]).field("Input").type == table_of("jobs").field("Input").type


class Row(msgspec.Struct, array_like=True):
    a: int


@pytest.mark.parametrize(
    ("kind", "columns", "complaint"),
    [
        ("Taskfinish", [], "there is no table 'Taskfinish'; known: jobs, TaskFinish, WorkflowFinish, .*TaskFinish/TAG"),
        ("TaskFinish/New", [], "there is no table 'TaskFinish/New'"),
        ("WorkflowFinish/Snapshot", [], "there is no table"),
        ("jobs", ["Operation.Nothing"], r"no table has a column 'Operation.Nothing'"),
        ("jobs", ["JobId.x"], "no table has a column 'JobId.x'"),
        ("jobs", [""], "no table has a column ''"),
        (Row, [], "Row is written as an array, which has no columns"),
    ],
)
def test_a_table_or_column_that_does_not_exist_is_refused(kind: str, columns: list[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        schema_of(kind, columns)


# A schema of the user's own.
def test_a_schema_may_have_fewer_columns_in_another_order() -> None:
    bucket = pa.struct([pa.field("Bucket", pa.string(), nullable=False)])
    wanted = pa.schema(
        [("_offset", pa.int64()), ("Operation", pa.struct([("Output", bucket)])), ("JobId", pa.string())]
    )
    found = subset(table_of("jobs"), wanted)
    assert found.names == wanted.names
    assert found.field("Operation").type.field("Output").type.names == ["Bucket"]


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        (pa.field("jobid", pa.string()), "there is no column 'jobid'"),
        (pa.field("JobId", pa.large_string()), "the column 'JobId' is of the type string, not large_string"),
        (pa.field("Input", pa.struct([("New", pa.string())])), r"there is no column 'Input.New'"),
        (pa.field("Input", pa.string()), "the column 'Input' is of the type struct<.*, not string"),
        (pa.field("Misfits", pa.list_(pa.int64())), "the column 'Misfits' is of the type string, not int64"),
        (
            pa.field("_extra", pa.map_(pa.string(), pa.int64())),
            "the column '_extra' is of the type map<string, string>",
        ),
    ],
)
def test_a_column_that_the_table_does_not_have_is_refused(field: pa.Field, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        subset(table_of("jobs"), pa.schema([field]))
