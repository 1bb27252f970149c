"""Files and folders of columns keep the promises of all outputs: a row for each event, whole or not at all."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from botocore.client import BaseClient

from stream_cb import (
    ReadOptions,
    Report,
    RunOptions,
    SinkError,
    SinkOptions,
    UsageError,
    WriteOptions,
    convert,
    parallel,
    read_events,
)
from stream_cb.generate import generate
from stream_cb.sinks import column_files, column_folders
from tests.columns import assert_row_of
from tests.killing import is_killed_at
from tests.object_storage import Storage

# After each of which the process is killed once, in its turn.
CALLS = ["write", "fsync", "replace", "open", "link", "unlink", "mkdir"]
COLUMNS = ("EventName", "JobId", "Tag", "CreationTime", "Operation.Output", "_extra")
PARTITIONS = ("Tag", "date(CreationTime)")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "in.log"
    path.write_bytes(b"".join(generate(layout="mixed", count=60, seed=1, damage_rate=0.05)))
    return path


def written_to(
    target: Path | str, *inputs: Path, jobs: int = 1, force: bool = False, schema: Any = None, **shape: Any
) -> Report:
    options = RunOptions(jobs=jobs, schema=schema)
    report = convert(
        list(inputs), options, WriteOptions(outputs=(str(target),), force=force, sink=SinkOptions(**shape))
    )
    assert not report.problems
    return report


def table_in(path: Path | str) -> pa.Table:
    """The rows of a file, or of all numbered files of a folder, in the order of their numbers."""
    path = Path(path)
    if path.is_dir():
        return pa.concat_tables([table_in(part) for part in sorted(path.rglob("part-*"), key=lambda part: part.name)])
    return pa.ipc.open_file(path).read_all() if path.suffix == ".arrow" else pq.ParquetFile(path).read()


# What is written.
@pytest.mark.parametrize("name", ["events.parquet", "events.arrow", "events.parquet/", "events.arrow/"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_or_folder_has_a_row_for_each_event_in_their_order(
    name: str, jobs: int, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "GUESS_BYTES", 30_000)
    events = list(read_events(log, on_dead_letter=lambda _: None))
    target = f"{tmp_path}/{name}"
    report = written_to(target, log, jobs=jobs)
    table = table_in(target)
    assert report.written == table.num_rows == len(events) > 40
    for row, event in zip(table.to_pylist(), events, strict=True):
        assert_row_of(row, event)
    files = [path for path in Path(target).rglob("*") if path.is_file()] or [Path(target)]
    assert report.outputs == {target: sum(path.stat().st_size for path in files)}
    assert {path.name for path in tmp_path.iterdir()} == {"in.log", name.rstrip("/")}


@pytest.mark.parametrize("name", ["events.parquet", "events.arrow"])
def test_a_file_says_which_schema_it_has_and_who_made_it(name: str, log: Path, tmp_path: Path) -> None:
    written_to(tmp_path / name, log)
    metadata = table_in(tmp_path / name).schema.metadata
    assert metadata[b"stream_cb.schema"] == b"jobs"
    assert metadata[b"stream_cb.version"] == b"0.1.0"
    if name.endswith("parquet"):
        file = pq.ParquetFile(tmp_path / name).metadata
        assert file.metadata[b"stream_cb.schema"] == b"jobs"
        assert {file.row_group(0).column(at).compression for at in range(file.num_columns)} == {"ZSTD"}


def test_groups_of_rows_are_bounded_by_rows_and_by_bytes(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream_cb.arrow.transfer._MAX_ROWS", 4)
    monkeypatch.setattr(column_files, "GROUP_ROWS", 10)
    written_to(tmp_path / "a.parquet", log)
    file = pq.ParquetFile(tmp_path / "a.parquet").metadata
    rows = [file.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert max(rows) <= 10
    assert len(rows) > 4
    monkeypatch.setattr(column_files, "GROUP_BYTES", 40_000)
    written_to(tmp_path / "b.parquet", log)
    assert pq.ParquetFile(tmp_path / "b.parquet").metadata.num_row_groups > len(rows)
    assert table_in(tmp_path / "a.parquet").equals(table_in(tmp_path / "b.parquet"))


def test_columns_are_those_that_were_asked_for(log: Path, tmp_path: Path) -> None:
    written_to(tmp_path / "a.parquet", log, columns=("Operation.Output.Bucket", "JobId"))
    assert table_in(tmp_path / "a.parquet").schema.names == ["Operation", "JobId"]


class Mine(msgspec.Struct):
    EventName: str = ""
    JobsDetail: Any = None
    WorkflowExecution: Any = None


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_type_of_ones_own_has_its_own_columns(jobs: int, tmp_path: Path) -> None:
    raw = b'{"EventName":"a","JobsDetail":{"JobId":1.50}}\n{"WorkflowExecution":"x"}\n'
    (tmp_path / "in.jsonl").write_bytes(raw)
    written_to(tmp_path / "a.parquet", tmp_path / "in.jsonl", schema=Mine, jobs=jobs)
    table = table_in(tmp_path / "a.parquet")
    assert table.schema.names == ["EventName", "JobsDetail", "WorkflowExecution", "_extra"]
    assert table.schema.metadata[b"stream_cb.schema"].endswith(b":Mine")
    assert table.column("JobsDetail").to_pylist()[0] == '{"JobId":1.50}'
    assert table.column("WorkflowExecution").to_pylist()[1] == "x"


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.parquet/", "a.arrow/"])
def test_no_events_make_a_file_that_shows_its_schema(name: str, tmp_path: Path) -> None:
    (tmp_path / "in.log").write_bytes(b"")
    written_to(f"{tmp_path}/{name}", tmp_path / "in.log", columns=COLUMNS)
    table = table_in(tmp_path / name)
    assert (table.num_rows, len(table.schema.names)) == (0, 6)


# Partitions.
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_partitions_hold_the_rows_of_their_values_in_order(
    jobs: int, format: str, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "GUESS_BYTES", 30_000)
    target = tmp_path / f"events.{format}"
    written_to(target, log, jobs=jobs, partition_by=PARTITIONS)
    events: Any = list(read_events(log, on_dead_letter=lambda _: None))
    expected: dict[tuple[str, ...], list[str | None]] = {}
    for event in events:
        created = getattr(event, "creation_time", None)
        day = created.astimezone(tz=None).date().isoformat() if created else "__HIVE_DEFAULT_PARTITION__"
        tag = getattr(event, "tag", "") or "__HIVE_DEFAULT_PARTITION__"
        expected.setdefault((f"Tag={tag}", f"CreationTime_date={day}"), []).append(getattr(event, "job_id", None))
    found: dict[tuple[str, ...], list[str | None]] = {}
    for place in sorted(path for path in target.rglob("*") if path.is_dir() and path.parent != target):
        table = table_in(place)
        assert "Tag" not in table.schema.names
        assert "CreationTime" in table.schema.names
        found[place.relative_to(target).parts] = table.column("JobId").to_pylist()
    assert found == expected
    hive = ds.dataset(target, partitioning="hive", format=format).to_table(columns=["JobId", "Tag"])
    assert sorted(map(str, hive.column("Tag").to_pylist())) == sorted(
        str(getattr(e, "tag", "") or None) for e in events
    )


def test_values_are_escaped_in_the_names_of_folders_and_come_back(tmp_path: Path) -> None:
    tags = ["a/b", "50%", "x=y", "视频", "..", ".", " ", "a\\b", "q?#", "'\"", "\x01"]
    job = '{"EventName":"TaskFinish","JobsDetail":{"JobId":"1","Tag":%s,"Input":{"Region":"r"}}}\n'
    raw = "".join(job % msgspec.json.encode(tag).decode() for tag in [*tags, ""])
    (tmp_path / "in.jsonl").write_bytes(raw.encode())
    written_to(tmp_path / "a.parquet/", tmp_path / "in.jsonl", partition_by=("Tag", "Input.Region"), columns=("JobId",))
    table = ds.dataset(tmp_path / "a.parquet", partitioning="hive").to_table()
    assert sorted(map(str, table.column("Tag").to_pylist())) == sorted([*tags, "None"])
    assert set(table.column("Input_Region").to_pylist()) == {"r"}
    assert table_in(tmp_path / "a.parquet").schema.names == ["JobId", "Input"]


def test_a_value_too_long_for_a_name_ends_the_run(tmp_path: Path) -> None:
    raw = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%s"}}' % (b"x" * 300)
    (tmp_path / "in.jsonl").write_bytes(raw)
    with pytest.raises(SinkError, match="a JobId of 300 characters cannot be a folder's name"):
        written_to(tmp_path / "a.parquet", tmp_path / "in.jsonl", partition_by=("JobId",))
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_only_one_file_is_open_and_so_many_rows_wait(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_to(tmp_path / "a.parquet", log, partition_by=("JobId",), columns=COLUMNS)
    monkeypatch.setattr(column_folders, "MAX_WAITING_BYTES", 2_000)
    monkeypatch.setattr("stream_cb.arrow.transfer._MAX_ROWS", 4)
    opened: list[int] = []
    begin = column_files.ColumnFile

    def counted(*arguments: Any) -> Any:
        opened.append(len([link for link in Path("/proc/self/fd").iterdir() if is_unfinished(link, tmp_path)]))
        return begin(*arguments)

    monkeypatch.setattr(column_folders, "ColumnFile", counted)
    written_to(tmp_path / "b.parquet", log, partition_by=("Tag",), columns=COLUMNS)
    parts = list((tmp_path / "b.parquet").rglob("*.parquet"))
    assert opened == [1] * len(parts)
    assert len(parts) > len({part.parent for part in parts}) > 3
    key = [("JobId", "ascending")]
    first, second = (ds.dataset(tmp_path / name, partitioning="hive").to_table() for name in ("a.parquet", "b.parquet"))
    names = ["JobId", "CreationTime", "Operation"]
    assert first.select(names).sort_by(key).to_pylist() == second.select(names).sort_by(key).to_pylist()


def is_unfinished(link: Path, folder: Path) -> bool:
    """Whether the open file that the link stands for is part of an output in that folder."""
    try:
        target = link.readlink()
    except OSError:
        return False  # it was the listing of the links itself
    return ".part" in str(target) and target.is_relative_to(folder)


# Whole, or not at all.
def failing(number: int, error: BaseException) -> Callable[[int, bytes], int]:
    counter, write = itertools.count(1), os.write

    def fail(descriptor: int, chunk: bytes) -> int:
        if next(counter) >= number:
            raise error
        return write(descriptor, chunk)

    return fail


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()])
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.parquet/", "a.arrow/"])
def test_a_run_that_fails_leaves_nothing_behind(
    error: BaseException, name: str, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stream_cb.sinks.buffering.BUFFER_BYTES", 100)
    for number in (1, 2, 4):
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", failing(number, error))
            with pytest.raises(SinkError if isinstance(error, OSError) else type(error), match=r"No space left|^$"):
                written_to(f"{tmp_path}/{name}", log, columns=COLUMNS, partition_by=("Tag",) if "/" in name else ())
    assert [path.name for path in tmp_path.iterdir()] == ["in.log"]


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet/"])
def test_what_exists_is_replaced_only_by_force(name: str, log: Path, tmp_path: Path) -> None:
    target = f"{tmp_path}/{name}"
    written_to(target, log, columns=COLUMNS)
    before = table_in(target)
    with pytest.raises(UsageError, match=r"a\.parquet/? exists; --force overwrites it"):
        written_to(target, log, columns=("JobId",))
    assert table_in(target).equals(before)
    written_to(target, log, columns=("JobId",), force=True)
    assert table_in(target).schema.names == ["JobId"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "in.log"]


def test_a_folder_with_anything_else_in_it_is_never_replaced(log: Path, tmp_path: Path) -> None:
    (tmp_path / "mine/deep").mkdir(parents=True)
    (tmp_path / "mine/deep/letters.txt").write_bytes(b"dear")
    with pytest.raises(UsageError, match=r"is not overwritten, since .*letters\.txt is no part of an output"):
        convert([log], write=WriteOptions(outputs=(f"{tmp_path}/mine/",), to="parquet", force=True))
    assert (tmp_path / "mine/deep/letters.txt").read_bytes() == b"dear"
    with pytest.raises(UsageError, match=r"in\.log/ is no folder"):
        convert([log], write=WriteOptions(outputs=(f"{log}/",), to="parquet", force=True))


def test_a_folder_that_appears_meanwhile_is_left_as_it_is(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = column_folders.ColumnFolderSink.commit

    def late(sink: Any) -> int:
        (tmp_path / "a.parquet").mkdir(exist_ok=True)
        return commit(sink)

    monkeypatch.setattr(column_folders.ColumnFolderSink, "commit", late)
    with pytest.raises(SinkError, match="it appeared while it was being written"):
        written_to(f"{tmp_path}/a.parquet/", log, columns=COLUMNS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "in.log"]


# Taken up again.
@pytest.fixture
def short_log(tmp_path: Path) -> Path:
    """Two Tags, two commits before the end: in a longer log the same calls would come again."""
    path = tmp_path / "short.log"
    tags = ["Snapshot", "Transcode"]
    path.write_bytes(b"".join(generate(layout="mixed", count=24, seed=1, damage_rate=0.1, tags=tags)))
    return path


def resumable(log: Path, folder: Path, jobs: int = 1, *, partition_by: tuple[str, ...] = ()) -> Callable[[], Report]:
    """A run into two folders that commits every few records."""
    folder.mkdir(exist_ok=True)
    write = WriteOptions(
        outputs=(f"{folder}/events.parquet/", f"{folder}/events.arrow/"),
        dead_letters=str(folder / "bad.jsonl"),
        report=str(folder / "report.json"),
        checkpoint=str(folder / "progress.json"),
        sink=SinkOptions(columns=COLUMNS, partition_by=partition_by),
        commit_bytes=25_000,
    )
    options = RunOptions(jobs=jobs, read=ReadOptions(chunk_bytes=7_000))
    return lambda: convert([str(log)], options, write)


def found_in(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("progress.json", "report.json")]
    report = msgspec.json.decode((folder / "report.json").read_bytes())
    report["outputs"] = list(report["outputs"].values())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files} | {
        "report": msgspec.json.encode(report)
    }


def kills(most: int) -> Iterator[tuple[str, int]]:
    return ((call, number) for number in range(1, most) for call in CALLS)


@pytest.mark.parametrize("partition_by", [(), ("Tag",)])
@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_anywhere_and_finished_a_folder_holds_the_same(
    jobs: int, partition_by: tuple[str, ...], short_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "GUESS_BYTES", 15_000)
    resumable(short_log, tmp_path / "whole", jobs, partition_by=partition_by)()
    again = resumable(short_log, tmp_path / "killed", jobs, partition_by=partition_by)
    assert sum(is_killed_at(again, call, number) for call, number in kills(2 + 2 // jobs)) > 8
    again()
    assert found_in(tmp_path / "killed") == found_in(tmp_path / "whole")
    plain = tmp_path / "plain.parquet"
    written_to(plain, short_log, columns=COLUMNS, partition_by=partition_by)
    rows, expected = table_in(tmp_path / "killed/events.parquet"), table_in(plain)
    order = [("JobId", "ascending"), ("CreationTime", "ascending"), ("EventName", "ascending")]
    if partition_by:
        rows, expected = rows.sort_by(order), expected.sort_by(order)
    assert rows.to_pylist() == expected.to_pylist()


def test_killed_at_each_request_and_finished_a_folder_of_objects_holds_the_same(
    short_log: Path, tmp_path: Path, storage: Storage
) -> None:
    """Each run goes on from where the one before it was killed: it comes to one more request, or to its end."""

    def run() -> None:
        write = WriteOptions(
            outputs=(storage.url("events.parquet/"),),
            checkpoint=str(tmp_path / "progress.json"),
            sink=SinkOptions(columns=COLUMNS, partition_by=("Tag",)),
            commit_bytes=25_000,
        )
        convert([str(short_log)], RunOptions(read=ReadOptions(chunk_bytes=7_000)), write)

    def found() -> dict[str, bytes]:
        return {key: storage.get(key) for key in storage.keys}

    run()
    whole = found()
    assert len(whole) > 4
    for key in storage.keys:
        storage.client.delete_object(Bucket=storage.bucket, Key=key)
    (tmp_path / "progress.json").unlink()
    killed = 0
    for number in itertools.count(1):
        if not is_killed_at(run, "_make_api_call", number, of=BaseClient):
            break
        killed += 1
    assert killed > 8
    assert found() == whole


@pytest.mark.long
@pytest.mark.parametrize("partition_by", [(), ("Tag",)])
def test_killed_at_each_call_alone_and_finished_a_folder_holds_the_same(
    partition_by: tuple[str, ...], short_log: Path, tmp_path: Path
) -> None:
    resumable(short_log, tmp_path / "whole", partition_by=partition_by)()
    whole = found_in(tmp_path / "whole")
    killed = 0
    for call in CALLS:
        for number in itertools.count(1):
            folder = tmp_path / f"{call}{number}"
            run = resumable(short_log, folder, partition_by=partition_by)
            if not is_killed_at(run, call, number):
                break
            killed += 1
            run()
            assert found_in(folder) == whole
    assert killed > 40


def test_an_error_leaves_whole_files_up_to_the_last_commit(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumable(log, tmp_path / "whole")()
    run = resumable(log, tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing(8, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
        with pytest.raises(SinkError, match="No space left on device"):
            run()
    saved = msgspec.json.decode((tmp_path / "out/progress.json").read_bytes())
    folders = {name: state for name, state in saved["outputs"].items() if name.endswith("/")}
    for name, state in folders.items():
        files = sorted(path for path in Path(name).rglob("*") if path.is_file())
        # One of the two outputs may have got through the commit at which the other one failed.
        assert state["length"] in itertools.accumulate([path.stat().st_size for path in files], initial=0)
        assert table_in(name).num_rows > 0
    assert all(state["length"] for state in folders.values())
    run()
    assert found_in(tmp_path / "out") == found_in(tmp_path / "whole")
