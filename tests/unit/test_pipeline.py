"""The one loop: everything that is read is accounted for, faults stay where they are, and sinks see whole batches."""

from __future__ import annotations

import gc
import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stream_cb.errors import InputError, SinkError, UsageError
from stream_cb.events import Notes
from stream_cb.generate import LAYOUTS, generate, generate_parts
from stream_cb.inputs import Source
from stream_cb.model import DeadLetter, ReadOptions, Record, Report
from stream_cb.pipeline import RunOptions, run, run_files
from stream_cb.places import Position
from stream_cb.process import set_up_process
from stream_cb.tally import Tally
from stream_cb.tap import Tap

GOOD = (
    b"<Response><EventName>TaskFinish</EventName>"
    b"<JobsDetail><JobId>%s</JobId><Tag>Snapshot</Tag></JobsDetail></Response>"
)
OTHER = b'{"EventName":"NewFinish"}'
BAD = b"<Response><A></Response>"
MISFIT = b'{"EventName":"TaskFinish","JobsDetail":{"EndTime":"soon","New":"x"}}'


class ListSink:
    """Keeps events, and the calls in order."""

    name = "list"

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.calls: list[str] = []

    def write_batch(self, events: Sequence[Any], /) -> None:
        assert events
        self.events += events
        self.calls.append("write")

    def flush(self) -> None:
        self.calls.append("flush")

    def commit(self) -> int:
        self.calls.append("commit")
        return len(self.events)

    def close(self) -> None:
        self.calls.append("close")

    def abort(self) -> None:
        self.calls.append("abort")


class BrokenSink(ListSink):
    """Refuses its n-th batch."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._batches = batches

    def write_batch(self, events: Sequence[Any], /) -> None:
        if not self._batches:
            raise SinkError("disk full", source=self.name)
        self._batches -= 1
        super().write_batch(events)


class Letters:
    def __init__(self) -> None:
        self.kept: list[DeadLetter] = []

    def write(self, letters: Sequence[DeadLetter], /) -> None:
        self.kept.extend(letters)


class ListOfLetters(list[DeadLetter]):
    """False while it is empty."""

    def write(self, letters: Sequence[DeadLetter], /) -> None:
        self.extend(letters)


class Watcher:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def dead_letter(self, letter: DeadLetter, /) -> None:
        self.told.append(("dead", letter.index))

    def input_error(self, error: InputError, /) -> None:
        self.told.append(("input", str(error)))

    def progress(self, source: Source, tally: Tally, /) -> None:
        self.told.append(("progress", source.name, tally.records))


class FailingStream:
    """Gives its bytes, then raises InputError at every read."""

    def __init__(self, raw: bytes, source: str) -> None:
        self._raw = io.BytesIO(raw)
        self._source = source

    def read(self, size: int, /) -> bytes:
        if chunk := self._raw.read(size):
            return chunk
        raise InputError("the stream is cut off", source=self._source)


def source(raw: bytes, name: str = "a", *, is_pipe: bool = False, fails: bool = False) -> Source:
    stream = FailingStream(raw, name) if fails else io.BytesIO(raw)
    return Source(name=name, stream=stream, size=len(raw), is_pipe=is_pipe, position=lambda: 0)


def ran(*sources: Source | InputError, **options: Any) -> tuple[Report, ListSink, list[DeadLetter]]:
    sink, letters = ListSink(), Letters()
    tally = run(sources, [sink], RunOptions(**options), letters=letters)
    return tally.report({}), sink, letters.kept


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("damage_rate", [0, 0.3, 1])
@pytest.mark.parametrize("chunk_bytes", [1_000, 1 << 18])
def test_every_record_and_every_byte_is_accounted_for(layout: str, damage_rate: float, chunk_bytes: int) -> None:
    raw = b"".join(generate(layout=layout, count=40, seed=6, damage_rate=damage_rate))
    report, sink, letters = ran(source(raw), read=ReadOptions(chunk_bytes=chunk_bytes))
    assert report.problems == []
    assert report.bytes_read == len(raw) == report.record_bytes + report.dead_bytes + report.between_bytes
    assert (report.sources, report.events, report.dead_letters) == (1, len(sink.events), len(letters))
    assert report.records == report.event_records + report.dead_letters
    assert sum(report.kinds.values()) == report.events
    parts = [part for part in generate_parts(layout=layout, count=40, seed=6, damage_rate=damage_rate) if part.callback]
    assert report.event_records == sum(not part.damage for part in parts)
    assert report.record_bytes == sum(len(part.raw) for part in parts if not part.damage)


@pytest.mark.parametrize(
    ("reader", "layout"), [("iterparse", "xml-batch"), ("ijson", "json-array"), ("ijson", "ndjson")]
)
@pytest.mark.parametrize("damage_rate", [0, 0.2])
def test_a_reader_without_positions_balances_too(reader: str, layout: str, damage_rate: float) -> None:
    raw = b"".join(generate(layout=layout, count=40, seed=6, damage_rate=damage_rate))
    report, sink, _ = ran(source(raw), read=ReadOptions(reader=reader))
    assert report.problems == []
    assert report.bytes_read == len(raw)
    assert report.events == len(sink.events) > 0


def test_events_come_in_the_order_of_the_input_and_are_counted_by_kind() -> None:
    raw = GOOD % b"1" + OTHER + GOOD % b"2"
    report, sink, letters = ran(source(raw))
    assert [getattr(event, "job_id", "other") for event in sink.events] == ["1", "other", "2"]
    assert report.kinds == {"TaskFinish/Snapshot": 2, "Other": 1}
    assert letters == []


def test_a_bad_record_is_a_dead_letter_and_the_loop_goes_on() -> None:
    raw = GOOD % b"1" + b"\n" + BAD + b"\n" + GOOD % b"2"
    report, sink, letters = ran(source(raw, "log"))
    assert [event.job_id for event in sink.events] == ["1", "2"]
    (letter,) = letters
    assert (letter.source, letter.index, letter.offset, letter.reason) == (
        "log",
        1,
        len(GOOD % b"1") + 1,
        "FramingError",
    )
    assert letter.raw.strip() == BAD
    assert (report.records, report.event_records, report.dead_letters) == (3, 2, 1)
    assert report.problems == []


def test_a_misfit_is_counted_and_in_strict_mode_a_dead_letter_with_its_bytes() -> None:
    raw = MISFIT + b"\n" + GOOD % b"1"
    report, sink, letters = ran(source(raw))
    assert (report.misfits, report.unknown_fields, letters) == ({"EndTime": 1}, {"New": 1}, [])
    assert len(sink.events) == 2
    report, sink, letters = ran(source(raw), strict=True)
    (letter,) = letters
    assert (letter.reason, letter.detail) == ("EventError", "expected a time with its offset at $.EndTime")
    assert (letter.raw, letter.offset, letter.length) == (MISFIT, 0, len(MISFIT))
    assert len(sink.events) == 1
    assert report.dead_bytes == len(MISFIT)
    assert report.problems == []


def test_untyped_records_pass_as_they_are() -> None:
    report, sink, _ = ran(source(MISFIT + GOOD % b"1"), untyped=True, strict=True)
    assert [type(event) for event in sink.events] == [Record, Record]
    assert [event.name for event in sink.events] == ["", "Response"]
    assert (report.events, report.kinds, report.problems) == (2, {}, [])


class Mine(msgspec.Struct):
    EventName: str


def test_records_become_what_a_type_of_ones_own_says() -> None:
    _, sink, letters = ran(source(b"<Response><EventName>a</EventName></Response>" + GOOD + OTHER), schema=Mine)
    assert sink.events == [Mine(EventName="a"), Mine(EventName="NewFinish")]
    assert [(letter.index, letter.detail) for letter in letters] == [(1, "Mine has no field for $.JobsDetail")]


def test_an_event_that_comes_again_is_counted_and_not_written() -> None:
    again, new = GOOD % b"1", GOOD % b"2"
    report, sink, _ = ran(source(again + again), source(new + again), distinct=True)
    assert [event.job_id for event in sink.events] == ["1", "2"]
    assert (report.events, report.duplicates, report.written) == (4, 2, 2)
    assert not report.problems


def test_records_of_many_sources_are_numbered_in_their_own() -> None:
    sources = [source(GOOD % b"1" + BAD, "a"), source(b"", "empty"), source(BAD + b"\n" + GOOD % b"2", "b")]
    report, sink, letters = ran(*sources)
    assert [event.job_id for event in sink.events] == ["1", "2"]
    assert [(letter.source, letter.index) for letter in letters] == [("a", 1), ("b", 0)]
    assert (report.sources, report.records, report.problems) == (3, 4, [])


def test_a_document_does_not_reach_from_one_source_into_the_next() -> None:
    half = len(GOOD) // 2
    report, sink, letters = ran(source(GOOD[:half], "a"), source(GOOD[half:], "b"))
    assert sink.events == []
    assert {letter.source for letter in letters} == {"a", "b"}
    assert report.problems == []


# Inputs that fail.
def test_an_input_that_cannot_be_opened_is_reported_and_the_next_one_is_read() -> None:
    errors = [InputError("no such file", source="x"), InputError("not readable", source="y")]
    report, sink, _ = ran(errors[0], source(GOOD % b"1"), errors[1], source(GOOD % b"2", "b"))
    assert [event.job_id for event in sink.events] == ["1", "2"]
    assert report.input_errors == ["x: no such file", "y: not readable"]
    assert (report.sources, report.problems) == (2, [])


def test_an_input_that_breaks_off_gives_what_came_before_and_the_next_one_is_read() -> None:
    raw = GOOD % b"1" + b"\n" + (GOOD % b"2")[:40]
    report, sink, letters = ran(source(raw, "a", fails=True), source(GOOD % b"3", "b"))
    assert [event.job_id for event in sink.events] == ["1", "3"]
    assert [(letter.source, letter.index) for letter in letters] == [("a", 1)]
    assert report.input_errors == ["a: the stream is cut off"]
    assert report.bytes_read == len(raw) + len(GOOD % b"3")
    assert report.problems == []


def test_a_stream_that_failed_is_asked_no_more() -> None:
    tap = Tap(FailingStream(b"a", "log"))
    assert [tap.read(5), tap.read(5), tap.read(5)] == [b"a", b"", b""]
    assert (tap.position, str(tap.error)) == (1, "log: the stream is cut off")


def test_files_go_on_where_the_progress_says(tmp_path: Path) -> None:
    """Of an archive that is the member, of several files the file; what lies before is not opened."""
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        for number in (1, 2, 3):
            member = tarfile.TarInfo(f"{number}.xml")
            member.size = len(GOOD % b"%d" % number)
            archive.addfile(member, io.BytesIO(GOOD % b"%d" % number))
    files: list[str | InputError] = [
        str(tmp_path / "not there"),
        str(tmp_path / "b.tar"),
        InputError("gone", source="c"),
    ]

    class FromThere:
        start = Position(files=1, sources=1)
        tally = Tally(Notes(strict=False))
        positions: list[Position] = []  # noqa: RUF012

        def reached(self, position: Position, /) -> None:
            self.positions.append(position)

    sink, progress = ListSink(), FromThere()
    tally = run_files(files, [sink], RunOptions(), progress)
    assert [event.job_id for event in sink.events] == ["2", "3"]
    assert tally.input_errors == ["c: gone"]
    assert [(position.files, position.sources) for position in progress.positions][-2:] == [(2, 0), (3, 0)]


# A run that stops.
@pytest.mark.parametrize("limit", [0, 1, 5])
def test_a_run_stops_once_there_are_more_dead_letters_than_allowed(limit: int) -> None:
    raw = b"\n".join([GOOD % b"1", BAD] * 10)
    report, _, letters = ran(source(raw), source(raw, "b"), max_dead_letters=limit, read=ReadOptions(chunk_bytes=40))
    assert report.stopped == f"more than {limit} dead letters"
    assert limit < len(letters) < 10
    assert report.sources == 1
    assert report.problems == []


def test_a_run_with_just_as_many_dead_letters_as_allowed_does_not_stop() -> None:
    raw = b"\n".join([GOOD % b"1", BAD, GOOD % b"2", BAD])
    report, sink, letters = ran(source(raw), max_dead_letters=2)
    assert (report.stopped, len(letters), len(sink.events)) == ("", 2, 2)


def test_a_reader_that_does_not_exist_is_refused_before_anything_is_read() -> None:
    asked: list[str] = []

    def sources() -> Iterator[Source]:
        asked.append("a source")
        yield source(b"")

    with pytest.raises(UsageError, match="no reader 'sax'"):
        run(sources(), [], RunOptions(read=ReadOptions(reader="sax")))
    assert asked == []


# Sinks.
def test_every_sink_gets_every_event_and_none_is_closed_here() -> None:
    sinks = [ListSink(), ListSink()]
    run([source(GOOD % b"1" + GOOD % b"2")], sinks, RunOptions())
    assert sinks[0].events == sinks[1].events
    assert {call for sink in sinks for call in sink.calls} == {"write"}


def test_a_sink_that_fails_ends_the_run_with_its_error() -> None:
    read: list[str] = []

    def sources() -> Iterator[Source]:
        for name in ("a", "b", "c"):
            read.append(name)
            yield source(GOOD % name.encode(), name)

    good, broken = ListSink(), BrokenSink(1)
    with pytest.raises(SinkError, match="list: disk full"):
        run(sources(), [good, broken], RunOptions())
    assert read == ["a", "b"]
    assert [event.job_id for event in broken.events] == ["a"]


def test_a_pipe_is_flushed_as_it_is_read_and_a_file_is_not() -> None:
    for is_pipe in (True, False):
        sink = ListSink()
        run([source(GOOD % b"1", is_pipe=is_pipe)], [sink], RunOptions())
        assert ("flush" in sink.calls) is is_pipe


def test_what_a_pipe_gave_is_written_before_more_of_it_is_asked_for() -> None:
    sink = ListSink()

    class Pipe:
        chunks = [GOOD % b"1" + b"\n", GOOD % b"2" + b"\n", b""]  # noqa: RUF012
        seen: list[int] = []  # noqa: RUF012

        def read(self, _size: int, /) -> bytes:
            self.seen.append(len(sink.events))
            return self.chunks[len(self.seen) - 1]

    run([Source(name="p", stream=Pipe(), size=None, is_pipe=True, position=lambda: 0)], [sink], RunOptions())
    assert Pipe.seen == [0, 1, 2]
    assert sink.calls[:2] == ["write", "flush"]


# Who watches.
def test_whoever_takes_the_letters_gets_them_even_if_it_is_an_empty_list() -> None:
    letters = ListOfLetters()
    run([source(BAD)], [], RunOptions(), letters=letters)
    assert len(letters) == 1


def test_an_observer_is_told_of_letters_errors_and_progress_in_their_order() -> None:
    watcher = Watcher()
    error = InputError("no such file", source="x")
    sources: list[Source | InputError] = [source(GOOD % b"1" + BAD, "a"), error, source(GOOD % b"2", "b", fails=True)]
    run(sources, [ListSink()], RunOptions(), observer=watcher)
    told = [one for one in watcher.told if one[0] != "progress"]
    assert told == [("dead", 1), ("input", "x: no such file"), ("input", "b: the stream is cut off")]
    progress = [one for one in watcher.told if one[0] == "progress"]
    assert progress[0][1] == "a"
    assert progress[-1] == ("progress", "b", 3)
    assert [one[2] for one in progress] == sorted(one[2] for one in progress)


def test_a_report_names_the_outputs_it_was_given_and_lists_the_most_frequent_kind_first() -> None:
    tally = run([source(OTHER + GOOD % b"1" + GOOD % b"2")], [ListSink()], RunOptions())
    report = tally.report({"out.jsonl": 12})
    assert report.outputs == {"out.jsonl": 12}
    assert list(report.kinds) == ["TaskFinish/Snapshot", "Other"]
    assert report.elapsed_seconds >= 0


def test_the_collector_that_looks_rarely_for_cycles_still_looks() -> None:
    thresholds = gc.get_threshold()
    try:
        set_up_process()
        assert gc.isenabled()
        assert gc.get_threshold()[0] > thresholds[0] > 0
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
