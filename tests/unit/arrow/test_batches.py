"""Promises of the batches: all that an event says is in its row, whichever way the row was made."""

from __future__ import annotations

import itertools
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb import read_events, to_document
from stream_cb.arrow import Batcher, belongs_to, schema_of, table_of
from stream_cb.arrow.blocks import BlockParser
from stream_cb.events import KINDS, OPERATIONS, Notes, encode_lines
from stream_cb.events.shape import Rule, build, slots_of
from stream_cb.generate import callbacks
from tests.callback_trees import Tree, filled_job, jobs
from tests.columns import assert_row_of
from tests.decoding import events_of

EXAMPLES = Path(__file__).parents[3] / "examples" / "callbacks"


_schema_of: Any = cache(schema_of)


def batches_of(events: list[Any], kind: Any = "jobs", *, max_rows: int = 1_000, max_bytes: int = 1 << 24) -> Any:
    batcher = Batcher(_schema_of(kind), table_of(kind), max_rows=max_rows, max_bytes=max_bytes)
    return [*batcher.add(events), *batcher.flush()]


def rows_of(events: list[Any], kind: Any = "jobs") -> list[dict[str, Any]]:
    return [row for batch in batches_of(events, kind) for row in batch.to_pylist()]


def job(**fields: Any) -> Any:
    (event,) = events_of({"EventName": "TaskFinish", "JobsDetail": {"JobId": "j1", "Tag": "Snapshot", **fields}})
    return event


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.sampled_from(["", "5", "a.b", "\x7f", "数\x00"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "a.b", "a\\", "Tag"]), inner),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["New", "New.Thing", "New\\", "Tag", "State", "Object", "Operation", "Output", "0", "StartTime"]
)


@st.composite
def odd_jobs(draw: st.DrawFn) -> Tree:
    """A job of some Tag with fields that no type describes, and values that fit none, at any level."""
    tree = draw(jobs(draw(st.sampled_from(["StreamExtract", "Snapshot", "PosterProduction", "VideoTag"]))))
    for _ in range(draw(st.integers(0, 3))):
        place = tree
        while inner := [one for one in place.values() if isinstance(one, dict)]:
            if draw(st.booleans()):
                break
            place = draw(st.sampled_from(inner))
        place[draw(NAMES)] = draw(ANYTHING)
    return tree


@settings(max_examples=60)
@given(trees=st.lists(odd_jobs(), min_size=1, max_size=5))
def test_every_row_says_what_its_event_says_however_odd_that_is(trees: list[Tree]) -> None:
    documents = [msgspec.json.encode({"EventName": "TaskFinish", "JobsDetail": tree}) for tree in trees]
    events = [event for document in documents for event in events_of(document)]
    rows = rows_of(events)
    assert len(rows) == len(events)
    for row, event in zip(rows, events, strict=True):
        assert_row_of(row, event)


@settings(max_examples=30)
@given(tree=st.sampled_from(["StreamExtract", "Snapshot", "VideoTag", "Transcode"]).flatmap(jobs))
def test_a_line_that_is_parsed_as_it_is_gives_the_row_that_it_gives_when_made_to_fit(tree: Tree) -> None:
    events = events_of({"EventName": "TaskFinish", "JobsDetail": tree})
    parser = BlockParser(_schema_of("jobs"), table_of("jobs"))
    line, rest = parser.line(events[0])
    fitted, also_rest = parser.fitted(to_document(events[0]))
    batcher = Batcher(_schema_of("jobs"), table_of("jobs"), max_rows=10, max_bytes=1 << 20)
    batcher.add_line(line, rest)
    batcher.add_line(fitted, also_rest)
    (batch,) = batcher.flush()
    assert batch.slice(0, 1).equals(batch.slice(1, 1))


@pytest.mark.parametrize("tag", [*OPERATIONS, "NewThing"])
def test_every_field_of_every_tag_has_its_place(tag: str) -> None:
    tree = filled_job(tag, 2) if tag in OPERATIONS else {**filled_job("Snapshot", 2), "Tag": tag}
    events = events_of({"EventName": "TaskFinish", "JobsDetail": tree})
    for kind in ("jobs", "TaskFinish", *([f"TaskFinish/{tag}"] if tag in OPERATIONS else [])):
        (row,) = rows_of(events, kind)
        assert_row_of(row, events[0])


def test_the_events_of_the_sample_keep_all_they_say_in_the_table_of_jobs_and_in_their_own() -> None:
    events = list(read_events(str(EXAMPLES), on_dead_letter=lambda _: None))
    assert len({type(event) for event in events}) >= 2
    for row, event in zip(rows_of(events), events, strict=True):
        assert_row_of(row, event)
    for kind in KINDS:
        is_wanted = belongs_to(kind)
        assert is_wanted
        own = [event for event in events if is_wanted(event)]
        for row, event in zip(rows_of(own, kind), own, strict=True):
            assert_row_of(row, event)


def test_lines_and_events_give_equal_rows() -> None:
    events = [event for tree in itertools.islice(callbacks(seed=3), 200) for event in events_of(tree)]
    lines = encode_lines(events).splitlines(keepends=True)
    assert pa.Table.from_batches(batches_of(lines)).equals(pa.Table.from_batches(batches_of(events)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_has_its_place_in_its_own_table_and_in_that_of_jobs(kind: str) -> None:
    (event,) = [build(KINDS[kind], filled_kind(KINDS[kind]), "", Notes())]
    for table in (kind, "jobs"):
        (row,) = rows_of([event], table)
        assert_row_of(row, event)
        assert row["EventName"] == kind


def filled_kind(kind: type[Any]) -> dict[str, Any]:
    """A payload with all fields of a kind; one of any type is a number, a list or a text in turn."""
    choices = itertools.cycle([1, 2.5, "x", [None, 1], {"a": None}])

    def value(rule: Rule) -> Any:
        if rule.role == "node":
            return {name: value(slot.rule) for name, slot in slots_of(rule.part).items()}
        if rule.role == "list":
            return [value(rule.part), value(rule.part)]
        fixed = {"text": "t", "int": 7, "flag": True, "time": "2022-06-30T19:27:39+08:00", "paths": ["A.B"]}
        if rule.role == "any":
            return next(choices)
        return fixed.get(rule.role, {"k": "v"})

    slots: Any = slots_of
    return {name: value(slot.rule) for name, slot in slots(kind).items()}


# What has no column, and what does not fit its own.
@pytest.mark.parametrize(
    ("fields", "extra"),
    [
        ({"New": 1}, {"New": "1"}),
        ({"New": None}, {"New": "null"}),
        ({"Operation": {"Output": {"New": {"a": [1.50]}}}}, {"Operation.Output.New": '{"a":[1.5]}'}),
        ({"New.Thing": "x", "New\\": "y"}, {"New\\.Thing": '"x"', "New\\\\": '"y"'}),
        ({"Operation": {"JobLevel": 2**63}}, {"Operation.JobLevel": "9223372036854775808"}),
        ({"Operation": {"JobLevel": str(-(2**63) - 1)}}, {"Operation.JobLevel": "-9223372036854775809"}),
        (
            {"Operation": {"MediaResult": {"OutputFile": {"Md5Info": [{}, {"New": 1}, {"Md5": "m", "N": "x"}]}}}},
            {
                "Operation.MediaResult.OutputFile.Md5Info.1.New": "1",
                "Operation.MediaResult.OutputFile.Md5Info.2.N": '"x"',
            },
        ),
        ({"CreationTime": "soon"}, {"CreationTime": '"soon"'}),
        ({"CreationTime": "9999-12-31T23:00:00-02:00"}, {"CreationTime": '"9999-12-31T23:00:00-02:00"'}),
        ({"CreationTime": "0001-01-01T01:00:00+02:00"}, {"CreationTime": '"0001-01-01T01:00:00+02:00"'}),
        ({"Input": "text"}, {"Input": '"text"'}),
        ({"Tag": "Unheard", "Operation": {"Unheard": {"a": 1}}}, {"Operation.Unheard": '{"a":1}'}),
        ({"Tag": "Unheard", "Operation": {"JobLevel": "0"}}, {"Operation.JobLevel": '"0"'}),
    ],
)
def test_what_has_no_column_or_does_not_fit_it_is_in_extra_by_its_path(
    fields: dict[str, Any], extra: dict[str, str]
) -> None:
    event = job(**fields)
    before, row, behind = rows_of([job(), event, job()])
    found = {path: text for path, text in row["_extra"] if path != "Misfits"}
    assert found == extra
    assert_row_of(row, event)
    assert before == behind == rows_of([job()])[0]


def test_a_line_that_its_block_cannot_take_changes_no_other_row() -> None:
    plain = [job(JobId=f"j{n}") for n in range(7)]
    odd = b'{"EventName":"TaskFinish","JobId":5,"Tag":"Snapshot","New":{"a":"\\u6570"}}\n'
    lines = encode_lines(plain).splitlines(keepends=True)
    for place in range(8):
        rows = rows_of([*lines[:place], odd, *lines[place:]])
        assert rows.pop(place)["_extra"] == [("JobId", "5"), ("New", '{"a":"数"}')]
        assert rows == rows_of(plain)


def test_columns_that_only_later_rows_fill_are_there_for_all() -> None:
    batcher = Batcher(_schema_of("jobs"), table_of("jobs"), max_rows=1, max_bytes=1 << 20)
    events = [job(), job(Operation={"UserData": "u"}), job(), job(Input={"Object": "o"}, Operation={"UserData": "v"})]
    batches = [*batcher.add(events), *batcher.flush()]
    assert pa.Table.from_batches(batches).equals(pa.Table.from_batches(batches_of(events)))


# Bounds.
def test_a_batch_has_no_more_rows_and_no_more_bytes_than_it_may() -> None:
    events = [event for tree in itertools.islice(callbacks(seed=1), 150) for event in events_of(tree)]
    assert [batch.num_rows for batch in batches_of(events[:25], max_rows=10)] == [10, 10, 5]
    small = batches_of(events, max_bytes=100_000)
    assert len(small) > 3
    assert all(batch.nbytes <= 100_000 for batch in small)
    assert pa.Table.from_batches(small).to_pylist() == rows_of(events)


def test_lists_that_are_larger_in_arrow_than_as_text_are_bounded_too() -> None:
    events = [job(Operation={"MediaResult": {"OutputFile": {"Md5Info": [{}] * 500}}}) for _ in range(20)]
    batches = batches_of(events, "TaskFinish/Snapshot", max_bytes=40_000)
    assert all(batch.nbytes <= 40_000 for batch in batches)
    assert sum(batch.num_rows for batch in batches) == 20


def test_an_event_larger_than_a_batch_has_one_of_its_own() -> None:
    events = [job(), job(Message="x" * 50_000), job()]
    assert [batch.num_rows for batch in batches_of(events, max_bytes=10_000)] == [1, 1, 1]


# Fewer columns.
def test_a_schema_without_extra_leaves_out_what_it_does_not_name() -> None:
    schema = schema_of("jobs", ["JobId", "Operation.JobLevel"])
    batcher = Batcher(schema, table_of("jobs"), max_rows=10, max_bytes=1 << 20)
    events = [job(Operation={"JobLevel": 1, "UserData": "u"}), job(New=1, Operation={"JobLevel": "x"}), job()]
    batcher.add([*events, *encode_lines(events[:1]).splitlines(keepends=True)])
    (batch,) = batcher.flush()
    first = {"JobId": "j1", "Operation": {"JobLevel": 1}}
    assert batch.to_pylist() == [
        *(first, {"JobId": "j1", "Operation": {"JobLevel": None}}, {"JobId": "j1", "Operation": None}, first)
    ]


def test_extra_beside_fewer_columns_holds_what_the_whole_table_has_no_column_for() -> None:
    schema = schema_of("jobs", ["_extra", "JobId"])
    batcher = Batcher(schema, table_of("jobs"), max_rows=10, max_bytes=1 << 20)
    batcher.add([job(State="Success", New=1)])
    (batch,) = batcher.flush()
    assert batch.to_pylist() == [{"JobId": "j1", "_extra": [("New", "1")]}]


def test_a_schema_of_nothing_but_places_has_a_row_for_each_event() -> None:
    schema = schema_of("jobs", with_places=True)
    schema = pa.schema([schema.field("_offset"), schema.field("_source")])
    batcher = Batcher(schema, table_of("jobs"), max_rows=10, max_bytes=1 << 20)
    batcher.add([job(), job()], "a.xml", [(0, 10), (12, 10)])
    batcher.add([job()], "b.xml")
    (batch,) = batcher.flush()
    assert batch.to_pylist() == [
        {"_offset": 0, "_source": "a.xml"},
        {"_offset": 12, "_source": "a.xml"},
        {"_offset": None, "_source": "b.xml"},
    ]


class Payment(msgspec.Struct):
    id: int
    total: float
    note: str = ""
    rate: Decimal = Decimal(0)
    tags: tuple[str, ...] = ()
    more: dict[str, Any] = {}


def test_a_struct_of_ones_own_is_a_table() -> None:
    events = [Payment(1, 2.5, tags=("a",)), Payment(2**70, 1e300, rate=Decimal("1.10"), more={"k": [1]})]
    rows = rows_of(events, Payment)
    assert rows == [
        {"id": 1, "total": 2.5, "note": "", "rate": "0", "tags": ["a"], "_extra": [("more", "{}")]},
        {
            "id": None,
            "total": 1e300,
            "note": "",
            "rate": "1.10",
            "tags": [],
            "_extra": [("id", str(2**70)), ("more", '{"k":[1]}')],
        },
    ]


@pytest.mark.parametrize(
    ("kind", "count"),
    [("jobs", 4), ("TaskFinish", 3), ("TaskFinish/Snapshot", 2), ("WorkflowFinish", 1), ("ReviewImage", 0)],
)
def test_a_narrow_table_is_for_its_own_events_alone(kind: str, count: int) -> None:
    workflow = events_of({"EventName": "WorkflowFinish", "WorkflowExecution": {"RunId": "r"}})
    line = encode_lines([job(JobId='"Tag":"X"')])
    is_wanted = belongs_to(kind) or bool
    assert sum(map(is_wanted, [job(), line, job(Tag="SnapshotX"), *workflow])) == count
