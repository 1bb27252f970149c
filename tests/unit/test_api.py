"""What the package is used through: events and records one at a time, and files that appear whole or not at all."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest

import stream_cb
from stream_cb import (
    DeadLetter,
    EventError,
    FramingError,
    InputError,
    LimitError,
    Limits,
    ParseError,
    ReadOptions,
    Record,
    RecordError,
    RunOptions,
    SinkError,
    SinkOptions,
    TaskFinish,
    UsageError,
    WriteOptions,
    convert,
    read_events,
    read_records,
)
from stream_cb.sinks.dead_letters import read_dead_letters

GOOD = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%s","Tag":"Snapshot"}}\n'
BAD_XML = b"<Response><A></Response>\n"
BAD_JSON = b'{"EventName":"TaskFinish",}\n'
MISFIT = b'{"EventName":"TaskFinish","JobsDetail":{"EndTime":"soon"}}\n'


def ids(events: Any) -> list[str]:
    return [event.job_id for event in events]


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    def write(*documents: bytes, name: str = "in.log") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(documents))
        return path

    return write


# Reading.
def test_events_of_a_path_a_text_path_a_stream_and_a_list_are_the_same(log: Callable[..., Path]) -> None:
    path = log(GOOD % b"1", GOOD % b"2")
    for inputs in (path, str(path), [path], (str(path),), io.BytesIO(path.read_bytes())):
        assert ids(read_events(inputs)) == ["1", "2"]
    assert ids(read_events([path, io.BytesIO(GOOD % b"3"), path.parent])) == ["1", "2", "3", "1", "2"]


def test_a_stream_handed_in_stays_open() -> None:
    stream = io.BytesIO(GOOD % b"1")
    assert ids(read_events(stream)) == ["1"]
    assert not stream.closed


def test_events_come_while_the_stream_is_still_being_read() -> None:
    class Slow(io.RawIOBase):
        reads = 0

        def read(self, _size: int = -1, /) -> bytes:
            self.reads += 1
            assert self.reads < 1_000
            return GOOD % str(self.reads).encode()

    stream = Slow()
    events: Iterator[Any] = iter(read_events(cast("IO[bytes]", stream)))
    first = [next(events).job_id for _ in range(3)]
    assert first == ["1", "2", "3"]
    assert stream.reads < 900


def test_records_are_untyped_and_placed(log: Callable[..., Path]) -> None:
    path = log(b"\n", GOOD % b"1", b"<Response>x</Response>")
    first, second = read_records(path)
    assert isinstance(first, Record)
    assert (first.source, first.index, first.offset, first.raw) == (str(path), 0, 1, GOOD.strip() % b"1")
    assert first.payload["JobsDetail"]["JobId"] == "1"
    assert (second.index, second.name, second.payload, second.format) == (1, "Response", "x", "xml")


def test_read_options_reach_the_reader(log: Callable[..., Path]) -> None:
    path = log(b'{"list":[{"a":1},{"a":2}]}')
    options = ReadOptions(reader="ijson", record_path=("list",))
    assert [record.payload for record in read_records(path, options=options)] == [{"a": 1}, {"a": 2}]
    with pytest.raises(FramingError, match="expected XML"):
        list(read_records(path, options=ReadOptions(format="xml")))
    with pytest.raises(LimitError, match="record is longer than max_record_bytes"):
        list(read_records(path, options=ReadOptions(limits=Limits(max_record_bytes=3), record_path=("list",))))


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (BAD_XML, FramingError, "end tag </Response> does not fit the open element (byte "),
        (BAD_JSON, ParseError, "not well-formed JSON: "),
        (b"<!DOCTYPE a><a/>\n", ParseError, "a DOCTYPE is refused: no entities, no DTD"),
    ],
)
def test_the_first_bad_record_is_raised_with_its_place_after_the_good_ones(
    log: Callable[..., Path], bad: bytes, error: type[RecordError], message: str
) -> None:
    path = log(GOOD % b"1", bad, GOOD % b"2")
    for read in (read_events, read_records):
        results: list[Any] = []
        with pytest.raises(error) as caught:
            results.extend(read(path))
        raised: Any = caught.value
        assert str(raised).startswith(f"{path}: record 1 at byte {len(GOOD % b'1')}: {message}")
        assert (raised.source, raised.index, raised.offset) == (str(path), 1, len(GOOD % b"1"))

    events = iter(read_events(path))
    assert next(events).job_id == "1"  # type: ignore[union-attr]
    with pytest.raises(error):
        next(events)


def test_with_a_handler_bad_records_go_there_in_their_place_and_reading_goes_on(log: Callable[..., Path]) -> None:
    seen: list[Any] = []
    path = log(GOOD % b"1", BAD_XML, GOOD % b"2", BAD_JSON, GOOD % b"3")
    for event in read_events(path, on_dead_letter=seen.append):
        assert isinstance(event, TaskFinish)
        seen.append(event.job_id)
    assert [one.index if isinstance(one, DeadLetter) else one for one in seen] == ["1", 1, "2", 3, "3"]


def test_strict_events_raise_or_hand_over_what_does_not_fit(log: Callable[..., Path]) -> None:
    path = log(GOOD % b"1", MISFIT, GOOD % b"2")
    assert ids(read_events(path)) == ["1", "", "2"]
    with pytest.raises(EventError, match=r"record 1 at byte \d+: expected a time with its offset at \$\.EndTime"):
        list(read_events(path, strict=True))
    letters: list[DeadLetter] = []
    assert ids(read_events(path, strict=True, on_dead_letter=letters.append)) == ["1", "2"]
    assert [(letter.reason, letter.raw) for letter in letters] == [("EventError", MISFIT.strip())]


def test_an_input_that_is_not_there_raises_after_the_records_before_it(log: Callable[..., Path]) -> None:
    path = log(GOOD % b"1")
    found: list[Any] = []
    with pytest.raises(InputError, match="missing"):
        found.extend(read_events([path, path.parent / "missing"]))
    events = iter(read_events([path, path.parent / "missing"]))
    assert next(events).job_id == "1"  # type: ignore[union-attr]


@pytest.fixture
def cut_log(tmp_path: Path) -> Path:
    """500 callbacks in a gzip file that is cut off."""
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"".join(GOOD % str(n).encode() for n in range(500)), mtime=0)[:-20])
    return path


def test_an_input_that_breaks_off_raises_that_after_the_records_before_it(cut_log: Path) -> None:
    found: list[Any] = []
    with pytest.raises(InputError, match="gzip data ends before its end marker") as caught:
        found.extend(read_events(cut_log))
    assert caught.value.source == str(cut_log)
    assert ids(found[:3]) == ["0", "1", "2"]


@pytest.mark.parametrize("read", [read_events, read_records])
@pytest.mark.parametrize("content", [b"<a>", b"\x1f\x8b\x08\x00 cut", b""], ids=["damaged", "cut", "empty"])
def test_who_keeps_an_error_keeps_no_file_open(
    read: Any, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: list[io.FileIO] = []

    class Spy(io.FileIO):
        def __init__(self, path: str) -> None:
            super().__init__(path)
            files.append(self)

    monkeypatch.setattr("stream_cb.inputs.raw_file.FileIO", Spy)
    (tmp_path / "bad.log").write_bytes(GOOD % b"1" + content)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(GOOD % b"2")[:-9])
    with pytest.raises((RecordError, InputError)) as caught:
        list(read([tmp_path / "bad.log", tmp_path / "cut.gz"]))
    assert files
    assert all(file.closed for file in files)
    assert caught.value.__traceback__


def test_the_record_in_which_an_input_breaks_off_is_told_by_its_error_alone(cut_log: Path) -> None:
    letters: list[DeadLetter] = []
    found: list[Any] = []
    with pytest.raises(InputError, match="gzip data ends before its end marker"):
        found.extend(read_events(cut_log, on_dead_letter=letters.append))
    assert letters == []
    assert ids(found) == [str(n) for n in range(len(found))]


@pytest.mark.parametrize("read", [read_events, read_records])
def test_impossible_options_are_refused_at_the_call(read: Any) -> None:
    with pytest.raises(UsageError, match="no reader 'sax'"):
        read(io.BytesIO(b""), options=ReadOptions(reader="sax"))
    with pytest.raises(UsageError, match="must be binary"):
        read(io.StringIO(""))
    with pytest.raises(UsageError, match="a path or a binary stream, not int"):
        read([5])


def test_arguments_behind_the_inputs_go_by_name() -> None:
    call: Any = read_events
    with pytest.raises(TypeError):
        call(io.BytesIO(b""), ReadOptions())


# Writing.
def run(path: Path, *outputs: Path | str, options: RunOptions | None = None, **write: Any) -> stream_cb.Report:
    targets = tuple(str(output) for output in outputs)
    return convert(path, options or RunOptions(), WriteOptions(outputs=targets, **write))


def test_a_conversion_writes_every_event_and_reports_the_balance(log: Callable[..., Path], tmp_path: Path) -> None:
    path = log(GOOD % b"1", BAD_XML, GOOD % b"2")
    lines, table, dead = tmp_path / "out.jsonl", tmp_path / "out.csv", tmp_path / "dead.jsonl"
    report = run(path, lines, table, dead_letters=str(dead))
    assert [json.loads(line)["JobId"] for line in lines.read_text().splitlines()] == ["1", "2"]
    assert len(table.read_text().splitlines()) == 3
    with dead.open("rb") as stream:
        (letter,) = read_dead_letters(stream)
    assert (letter.index, letter.raw.strip()) == (1, BAD_XML.strip())
    assert report.outputs == {str(one): one.stat().st_size for one in (lines, table, dead)}
    assert (report.events, report.dead_letters, report.problems) == (2, 1, [])


def test_stdout_can_be_a_stream_of_the_callers(log: Callable[..., Path]) -> None:
    stdout = io.BytesIO()
    report = convert(log(GOOD % b"1"), stdout=stdout)
    assert json.loads(stdout.getvalue())["JobId"] == "1"
    assert not stdout.closed
    assert list(report.outputs.values()) == [len(stdout.getvalue())]


def test_what_was_written_converts_to_itself(log: Callable[..., Path], tmp_path: Path) -> None:
    path = log(GOOD % b"1", MISFIT, b"<Response><New>1</New></Response>\n", b'{"code":1.50}\n')
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    run(path, first)
    run(first, second)
    assert first.read_bytes() == second.read_bytes()


def test_a_file_that_exists_is_left_alone_without_force(log: Callable[..., Path], tmp_path: Path) -> None:
    path, out, other = log(GOOD % b"1"), tmp_path / "out.jsonl", tmp_path / "other.jsonl"
    out.write_bytes(b"precious")
    with pytest.raises(UsageError, match="exists; --force overwrites it"):
        run(path, other, out)
    assert out.read_bytes() == b"precious"
    assert sorted(tmp_path.iterdir()) == sorted([path, out])
    run(path, out, force=True)
    assert b'"JobId":"1"' in out.read_bytes()


@pytest.mark.parametrize(
    ("outputs", "write", "message"),
    [
        (("out.txt",), {}, "the suffix '.txt' names no output format"),
        (("out.jsonl",), {"sink": SinkOptions(columns=("JobId",))}, "columns and explode shape a table"),
        (("-",), {"to": "nonesuch"}, "there is no output format 'nonesuch'"),
    ],
)
def test_impossible_outputs_are_refused_and_nothing_is_left(
    tmp_path: Path, outputs: tuple[str, ...], write: dict[str, Any], message: str
) -> None:
    class Unread(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            pytest.fail("the input was read")

    targets = tuple(str(tmp_path / one) if one != "-" else one for one in outputs)
    with pytest.raises(UsageError, match=message):
        convert(Unread(), RunOptions(), WriteOptions(outputs=targets, **write), stdout=io.BytesIO())
    assert list(tmp_path.iterdir()) == []


class FullDisk(io.BytesIO):
    """Refuses every write."""

    def write(self, _chunk: Any, /) -> int:
        raise OSError(28, "No space left on device")


def test_a_sink_that_fails_leaves_no_file_of_the_others(tmp_path: Path) -> None:
    big = b"".join(GOOD % str(n).encode() for n in range(20_000))
    write = WriteOptions(outputs=(str(tmp_path / "out.jsonl"), "-"), dead_letters=str(tmp_path / "dead.jsonl"))
    with pytest.raises(SinkError, match="No space left on device"):
        convert(io.BytesIO(big), RunOptions(), write, stdout=FullDisk())
    assert list(tmp_path.iterdir()) == []


def test_a_sink_that_fails_at_the_last_moment_leaves_no_file_of_the_others(tmp_path: Path) -> None:
    write = WriteOptions(outputs=(str(tmp_path / "out.jsonl"), "-"))
    with pytest.raises(SinkError, match="No space left on device"):
        convert(io.BytesIO(GOOD % b"1"), RunOptions(), write, stdout=FullDisk())
    assert list(tmp_path.iterdir()) == []


def test_an_observer_that_raises_leaves_no_file(tmp_path: Path) -> None:
    class Raising:
        def dead_letter(self, letter: Any, /) -> None: ...
        def input_error(self, error: Any, /) -> None: ...
        def progress(self, _source: Any, _tally: Any, /) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(
            io.BytesIO(GOOD % b"1"),
            RunOptions(),
            WriteOptions(outputs=(str(tmp_path / "a.jsonl"),)),
            observer=Raising(),
        )
    assert list(tmp_path.iterdir()) == []


def test_a_bad_input_is_in_the_report_and_the_files_are_whole(log: Callable[..., Path], tmp_path: Path) -> None:
    path, out = log(GOOD % b"1"), tmp_path / "out.jsonl"
    report = convert([path.parent / "missing", path], RunOptions(), WriteOptions(outputs=(str(out),)))
    (error,) = report.input_errors
    assert error.startswith(str(path.parent / "missing"))
    assert len(out.read_text().splitlines()) == 1


def test_a_run_stopped_by_dead_letters_says_so_and_keeps_what_was_written(
    log: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    report = run(log(GOOD % b"1", BAD_XML), out, options=RunOptions(max_dead_letters=0))
    assert report.stopped == "more than 0 dead letters"
    assert len(out.read_text().splitlines()) == 1


def test_untyped_records_are_written_under_their_root(log: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run(log(b"<Response><A>1</A></Response>", b'{"a":1.50}'), out, options=RunOptions(untyped=True))
    assert out.read_text().splitlines() == ['{"Response":{"A":"1"}}', '{"a":1.50}']


def test_a_table_gets_its_columns(log: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    run(log(GOOD % b"1"), out, sink=SinkOptions(columns=("Tag", "JobId")))
    assert out.read_text().splitlines() == ["Tag,JobId", "Snapshot,1"]


# The public names.
def test_every_public_name_is_there_and_an_unknown_one_is_not() -> None:
    for name in stream_cb.__all__:
        assert getattr(stream_cb, name) is not None
        assert name in dir(stream_cb)
    unknown = "nonesuch"
    with pytest.raises(AttributeError, match="module 'stream_cb' has no attribute 'nonesuch'"):
        getattr(stream_cb, unknown)
    assert stream_cb.__version__.count(".") == 2
