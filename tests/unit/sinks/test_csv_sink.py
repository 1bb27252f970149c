"""Every cell of a CSV file reads back as what it was; columns and explode find what their paths name."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream_cb.errors import UsageError
from stream_cb.events import EventDecoder, Extra, Input, Notes, TaskFinish
from stream_cb.generate import generate
from stream_cb.model import ReadOptions, Record, SinkOptions
from stream_cb.readers.framed import read_framed
from stream_cb.sinks.csv_rows import DEFAULT_COLUMNS, CsvRows, CsvSink, line_of
from stream_cb.sinks.job_outputs import outputs_of
from stream_cb.sinks.outputs import StdoutOutput

STREAMS = {
    "JobId": "j1",
    "Operation": {
        "Output": {
            "Bucket": "b-1",
            "StreamExtract": [{"Index": 0, "Output": "out0.mp4"}, {"Index": 1, "Output": "out1.mp4"}],
        }
    },
}


def event_of(document: Any) -> Record:
    """An untyped record is an event whose document is its payload."""
    return Record(payload=document, format="json", source="test", index=0)


def csv_bytes(events: list[Any], columns: tuple[str, ...] = (), explode: str | None = None) -> bytes:
    stream = io.BytesIO()
    sink = CsvSink(StdoutOutput(stream), SinkOptions(columns=columns, explode=explode))
    for event in events:
        sink.write_batch([event_of(event)])
    sink.close()
    return stream.getvalue()


def table(events: list[Any], columns: tuple[str, ...] = (), explode: str | None = None) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(events, columns, explode).decode(), newline=""), strict=True))


def cells(event: Any, *columns: str) -> list[str]:
    header, row = table([event], columns)
    assert tuple(header) == columns
    return row


HEADER = (
    "EventName,JobId,Tag,State,Code,Message,CreationTime,StartTime,EndTime,QueueId,Input.BucketId,Input.Region,"
    "Input.Object,Workflow.RunId,Workflow.WorkflowId,Workflow.WorkflowName,Workflow.Name,OutputCount,FirstOutput"
)


def test_header_is_there_without_any_event() -> None:
    assert csv_bytes([]) == f"{HEADER}\n".encode()


def test_default_row_in_full() -> None:
    event = {
        "EventName": "TaskFinish",
        "JobId": "j1",
        "Tag": "Snapshot",
        "State": "Success",
        "Code": "Success",
        "CreationTime": "2022-06-30T19:25:11+08:00",
        "Input": {"BucketId": "b-1", "Object": "视频,1.mp4"},
        "Operation": {"MediaResult": {"OutputFile": {"ObjectPrefix": "out/", "ObjectName": ["0.jpg", "1.jpg"]}}},
    }
    row = 'TaskFinish,j1,Snapshot,Success,Success,,2022-06-30T19:25:11+08:00,,,,b-1,,"视频,1.mp4",,,,,2,out/0.jpg'
    assert csv_bytes([event]) == f"{HEADER}\n{row}\n".encode()


def test_batch_is_one_write(memory: Any) -> None:
    sink = CsvSink(memory, SinkOptions(columns=("JobId",)))
    assert memory.written == b"JobId\n"
    sink.write_batch([event_of({"JobId": "a"}), event_of({"JobId": "b"})])
    sink.write_batch([])
    assert memory.written == b"JobId\na\nb\n"


def test_batch_that_fails_writes_nothing(memory: Any) -> None:
    sink = CsvSink(memory, SinkOptions(columns=("JobId",)))
    with pytest.raises(TypeError):
        sink.write_batch([event_of({"JobId": "a"}), event_of({"JobId": object()})])
    assert memory.written == b"JobId\n"


def test_typed_events_have_the_same_documents_as_in_json_lines() -> None:
    event: TaskFinish[Any] = TaskFinish(
        job_id="j1",
        start_time=datetime.fromisoformat("2022-06-30T19:25:11+08:00"),
        input=Input(region="r", extra=Extra(Added={"Name": "x"})),
    )
    stream = io.BytesIO()
    columns = ("EventName", "JobId", "StartTime", "EndTime", "Input", "Input.Added.Name")
    sink = CsvSink(StdoutOutput(stream), SinkOptions(columns=columns))
    sink.write_batch([event])
    sink.close()
    rows = list(csv.reader(stream.getvalue().decode().splitlines()))
    input_json = '{"Region":"r","Added":{"Name":"x"}}'
    assert rows[1] == ["TaskFinish", "j1", "2022-06-30T19:25:11+08:00", "", input_json, "x"]


def test_document_that_is_a_list_is_looked_up_in_each_element(memory: Any) -> None:
    sink = CsvSink(memory, SinkOptions(columns=("code", "OutputCount")))
    payload = [{"code": 0}, {"code": 1}]
    sink.write_batch([event_of(payload), event_of("text")])
    assert memory.written == b'code,OutputCount\n"[0,1]",\n,\n'
    assert payload == [{"code": 0}, {"code": 1}]


def test_the_rest_is_delegated(memory: Any) -> None:
    sink = CsvSink(memory, SinkOptions(columns=("JobId",)))
    sink.flush()
    assert sink.commit() == 6
    sink.close()
    sink.abort()
    assert memory.calls == ["flush", "commit", "close", "abort"]
    assert sink.name == "memory"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("text", "text"),
        ("", ""),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (2**70, str(2**70)),
        (Decimal("9514.268000"), "9514.268000"),
        (1.5, "1.5"),
        ([], "[]"),
        ({}, "{}"),
        ({"Bitrate": Decimal("9514.268000"), "On": True, "名": None}, '{"Bitrate":9514.268000,"On":true,"名":null}'),
        (["a", 2**70], f'["a",{2**70}]'),
    ],
    ids=repr,
)
def test_cell_of_each_type(value: Any, cell: str) -> None:
    assert cells({"a": value, "b": {"c": value}, "d": {"e": {"f": value}}}, "a", "b.c", "d.e.f") == [cell] * 3


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        ("Operation.Output.Bucket", "b-1"),
        ("Operation.Output.StreamExtract.0.Output", "out0.mp4"),
        ("Operation.Output.StreamExtract.1", '{"Index":1,"Output":"out1.mp4"}'),
        ("Operation.Output.StreamExtract.2.Output", ""),
        ("Operation.Output.StreamExtract.Index", "[0,1]"),
        ("Operation.Output.StreamExtract.Missing", ""),
        ("Operation.Output.Bucket.Deeper", ""),
        ("Operation.Output.Bucket.0", ""),
        ("Missing", ""),
        ("Missing.Missing.Missing", ""),
        ("JobId.0", ""),
        ("JobId.x", ""),
    ],
)
def test_path_finds_what_it_names(path: str, cell: str) -> None:
    assert cells(STREAMS, path, "JobId") == [cell, "j1"]


def test_path_of_two_names_meets_a_list() -> None:
    event = {"Tasks": [{"Type": "Snapshot"}, {}, {"Type": "Transcode"}], "1": {"0": "a name"}}
    assert cells(event, "Tasks.Type", "Tasks.2", "1.0") == [
        '["Snapshot","Transcode"]',
        '{"Type":"Transcode"}',
        "a name",
    ]


def test_lists_inside_lists_are_walked_through_and_a_list_at_the_end_is_a_value() -> None:
    event = {"a": [{"b": [{"c": 1}, {"c": 2}]}, {"b": [{"c": [3, 4]}]}]}
    assert cells(event, "a.b.c", "a.b.0.c", "a.1.b.c") == ["[1,2,[3,4]]", "[1,[3,4]]", "[[3,4]]"]


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b"])
def test_path_with_an_empty_name_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="is no path: that is names joined by single dots"):
        csv_bytes([], (path,))
    with pytest.raises(UsageError, match="is no path: that is names joined by single dots"):
        csv_bytes([], ("JobId",), path)


def test_explode_gives_a_row_per_element() -> None:
    path = "Operation.Output.StreamExtract"
    columns = ("JobId", f"{path}.Index", path, f"{path}.Output", "Operation.Output.Bucket", f"{path}s")
    assert table([STREAMS], columns, path)[1:] == [
        ["j1", "0", '{"Index":0,"Output":"out0.mp4"}', "out0.mp4", "b-1", ""],
        ["j1", "1", '{"Index":1,"Output":"out1.mp4"}', "out1.mp4", "b-1", ""],
    ]


def test_explode_without_columns_adds_the_element_as_json() -> None:
    header, *rows = table([STREAMS], explode="Operation.Output.StreamExtract")
    assert header == [*DEFAULT_COLUMNS, "Operation.Output.StreamExtract"]
    assert [json.loads(row[-1])["Index"] for row in rows] == [0, 1]
    assert [row[1] for row in rows] == ["j1", "j1"]
    assert [row[-3:-1] for row in rows] == [["2", "out0.mp4"]] * 2


@pytest.mark.parametrize(
    ("tasks", "rows"),
    [
        ([], [["", ""]]),
        (None, [["", ""]]),
        ({"Type": "Snapshot"}, [["Snapshot", '{"Type":"Snapshot"}']]),
        ("text", [["", "text"]]),
        ([None, False], [["", ""], ["", "false"]]),
        ([{"Type": "A"}, {}], [["A", '{"Type":"A"}'], ["", "{}"]]),
    ],
    ids=repr,
)
def test_explode_of_what_is_no_full_list(tasks: Any, rows: list[list[str]]) -> None:
    assert table([{"JobId": "j", "Tasks": tasks}], ("Tasks.Type", "Tasks"), "Tasks")[1:] == rows
    assert len(table([{}], ("Tasks.Type", "Tasks"), "Tasks")) == 2


def test_explode_across_two_lists() -> None:
    event = {"a": [{"b": [{"c": 1}, {"c": 2}]}, {"b": {"c": 3}}]}
    assert table([event], ("a.b.c",), "a.b")[1:] == [["1"], ["2"], ["3"]]


awkward = st.text(alphabet=st.sampled_from("ab ,;\"'\r\n\t\0\\数😀\u2028\x85")) | st.text()


@given(st.lists(st.lists(awkward, min_size=2, max_size=2), max_size=5))
def test_text_reads_back_as_it_was(rows: list[list[str]]) -> None:
    stream = io.BytesIO()
    sink = CsvSink(StdoutOutput(stream), SinkOptions(columns=("a", "b")))
    sink.write_batch([event_of({"a": first, "b": second}) for first, second in rows])
    sink.close()
    read = csv.reader(io.StringIO(stream.getvalue().decode(), newline=""), strict=True)
    assert list(read) == [["a", "b"], *rows]


@given(st.lists(awkward, min_size=1, max_size=4))
def test_line_is_the_one_of_the_csv_module(row: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(row)
    assert f"{line_of(row)}\r\n" == text.getvalue()


@pytest.mark.parametrize(
    "row", [[""], ["", ""], ['"'], ["\r"], ["\n"], [","], [" "], ["a", 'say "hi"\r\n', "b,"]], ids=repr
)
def test_row_reads_back_as_it_was(row: list[str]) -> None:
    assert list(csv.reader(io.StringIO(f"{line_of(row)}\n", newline=""), strict=True)) == [row]


@given(awkward)
def test_single_cell_is_never_an_empty_line(text: str) -> None:
    assert table([{"a": text}], ("a",)) == [["a"], [text]]


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | awkward,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(awkward, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(trees) | st.dictionaries(awkward, trees))
def test_structures_read_back_as_they_were(tree: Any) -> None:
    (_, (cell,)) = table([{"a": tree}], ("a",))
    assert json.loads(cell, parse_float=Decimal) == tree


names = st.sampled_from(["a", "b", "Operation", "Output", "Object", "MediaResult", "OutputFile", "ObjectName"])
documents = st.recursive(
    st.none() | st.integers() | st.sampled_from(["", "text"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)
paths = st.lists(names, min_size=1, max_size=4).map(".".join) | st.sampled_from(["OutputCount", "FirstOutput", "a.0"])


@given(document=documents, columns=st.lists(paths, min_size=2, max_size=4))
@example(document={"a": [{"b": 1}]}, columns=["a.b", "b"])
@example(document={"a": {"b": "text"}, "b": None}, columns=["a.b.a", "b"])
@example(document={"Operation": {"MediaResult": {"OutputFile": [[{"ObjectName": "x"}]]}}}, columns=["a", "OutputCount"])
@example(document={"Operation": {"MediaResult": {"OutputFile": ["text", None]}}}, columns=["a", "FirstOutput"])
def test_row_is_the_same_when_only_what_the_columns_need_is_decoded(document: Any, columns: list[str]) -> None:
    row, whole = (CsvRows(SinkOptions(columns=tuple(columns))) for _ in range(2))
    whole._typed = None
    assert row([event_of(document)]) == whole([event_of(document)])


COLUMNS = [*DEFAULT_COLUMNS, "Operation.UserData", "Operation.Output.Bucket", "Operation.Output.StreamExtract.Output"]


@pytest.mark.parametrize("layout", ["xml", "ndjson", "mixed"])
@settings(max_examples=15, deadline=None)
@given(columns=st.just(()) | st.lists(st.sampled_from(COLUMNS), max_size=6).map(tuple), seed=st.integers(0, 99))
def test_lines_that_are_rows_give_the_same_bytes_as_events(layout: str, columns: tuple[str, ...], seed: int) -> None:
    """Tags with one output, several, and none; the first records of each come as events, and in the same batches."""
    log = b"".join(generate(layout=layout, count=200, seed=seed, tags=["StreamExtract", "Snapshot", "MediaInfo"]))
    rows = CsvRows(SinkOptions(columns=columns))
    expected = rows(events_of(log, EventDecoder(Notes())))
    assert rows(events_of(log, EventDecoder(Notes(), selection=rows.selection, row=rows.row))) == expected


def events_of(log: bytes, decoder: EventDecoder) -> list[Any]:
    return [event for block in read_framed(BytesIO(log), "a.log", ReadOptions(), decoder) for event in block.results]


@pytest.mark.parametrize(
    ("operation", "outputs"),
    [
        (None, []),
        ("text", []),
        ({}, []),
        ({"Output": {"Object": "out.mp4"}}, ["out.mp4"]),
        ({"Output": {"Object": ""}}, []),
        (STREAMS["Operation"], ["out0.mp4", "out1.mp4"]),
        ({"Output": {"StreamExtract": [], "Object": "out.mp4"}}, ["out.mp4"]),
        ({"MediaResult": {"OutputFile": {"ObjectName": "one.jpg"}}}, ["one.jpg"]),
        ({"MediaResult": {"OutputFile": {"ObjectName": ["0.jpg", ""], "ObjectPrefix": "a-"}}}, ["a-0.jpg"]),
        ({"MediaResult": {"OutputFile": {"ObjectName": ["0.jpg"], "ObjectPrefix": None}}}, ["0.jpg"]),
        ({"MediaResult": {"OutputFile": {"ObjectName": []}}, "Output": {"Object": "x"}}, ["x"]),
        (
            {"MediaResult": {"OutputFile": [{"ObjectName": ["0"]}, {"ObjectName": "1", "ObjectPrefix": "p"}]}},
            ["0", "p1"],
        ),
    ],
)
def test_outputs_are_the_real_keys(operation: Any, outputs: list[str]) -> None:
    document = {"Operation": operation}
    assert outputs_of(document) == outputs
    assert cells(document, "OutputCount", "FirstOutput") == [str(len(outputs)), outputs[0] if outputs else ""]


def test_documents_without_an_operation_have_no_outputs() -> None:
    assert outputs_of({}) == []
