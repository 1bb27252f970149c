"""The command with outputs of columns: pipes, refusals, a kill from outside, a file that grows, and its memory."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.integration.test_memory import MAX_GROWTH_MB, peak_mb

if TYPE_CHECKING:
    from tests.integration.conftest import Run, Start

JOB = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%d","Tag":"Snapshot"}}\n'
CHECKPOINT = ["--checkpoint", "progress.json", "--checkpoint-every", "1MiB", "-q"]


def job_ids(*files: Path) -> list[str]:
    return [job_id for file in files for job_id in pq.ParquetFile(file).read(["JobId"]).column("JobId").to_pylist()]


@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_a_pipe_takes_them_too(format: str, run: Run) -> None:
    ended = run("convert", "-", "--to", format, "-q", stdin=JOB % 1 + JOB % 2)
    assert (ended.code, ended.stderr) == (0, "")
    file = io.BytesIO(ended.stdout)
    table = pq.read_table(file) if format == "parquet" else pa.ipc.open_file(file).read_all()
    assert table.column("JobId").to_pylist() == ["1", "2"]


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["-o", "a.parquet.gz"], "a.parquet.gz: parquet is compressed inside; leave off .gz"),
        (["-o", "a.zst", "--to", "arrow"], "a.zst: arrow is compressed inside; leave off .zst"),
        (["-o", "a.jsonl/"], "a.jsonl/: only Parquet and Arrow are written as a folder of files, not jsonl"),
        (
            ["-o", "a.parquet", "--checkpoint", "c"],
            "a.parquet: a file of columns cannot be continued behind its footer; with a checkpoint, name a folder",
        ),
        (["-o", "a.parquet", "--explode", "X"], "explode makes rows of a CSV table; Parquet and Arrow hold lists"),
        (["-o", "a.parquet", "--columns", "JobId,Nothing"], "no table has a column 'Nothing'"),
        (["-o", "a.parquet", "--untyped"], "untyped records have no types that columns could be made of"),
        (["-o", "a.parquet/", "--partition-by", "Nothing"], "there is no column 'Nothing' to partition by"),
        (["-o", "a.parquet/", "--partition-by", "Tag.x"], "there is no column 'Tag.x' to partition by"),
        (["-o", "a.parquet/", "--partition-by", "Tag,Tag"], "the rows are partitioned by Tag twice"),
        (["-o", "a.parquet/", "--partition-by", "date(Tag)"], "Tag is no time, so it has no date to partition by"),
        (["-o", "a.parquet/", "--partition-by", "EndTime"], "rows are partitioned by the day of a time: date(EndTime)"),
        (["-o", "a.parquet/", "--partition-by", "Input"], "Input holds more than one value, so rows cannot be"),
        (["-o", "a.parquet/", "--partition-by", "Misfits"], "Misfits holds more than one value, so rows cannot be"),
        (["-o", "a.parquet/", "--partition-by", "hour(EndTime)"], "'hour(EndTime)' is nothing to partition by; write"),
        (
            ["-o", "a.parquet/", "-o", "b.csv", "--partition-by", "Tag"],
            "rows are partitioned into folders of Parquet or Arrow files, and another output is asked for",
        ),
        (["--to", "parquet", "--partition-by", "Tag"], "standard output is no folder"),
        (["-o", "a.parquet/", "-o", "./a.parquet"], "two outputs would go to"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_there(
    flags: list[str], complaint: str, run: Run, tmp_path: Path
) -> None:
    ended = run("convert", "-", *flags, stdin=JOB % 1)
    assert ended.code == 2
    assert complaint in " ".join(ended.stderr.split())
    assert list(tmp_path.iterdir()) == []


# Parts for several processes are of 8 MiB.
@pytest.mark.parametrize(("jobs", "size", "files"), [("1", "8MB", 3), ("2", "26MB", 1)])
def test_a_command_that_was_killed_goes_on_and_has_equal_rows(
    jobs: str, size: str, files: int, run: Run, tmp_path: Path
) -> None:
    assert run("generate", "--size", size, "--as", "mixed", "--damage", "0.01", "-o", "big.log").code == 0
    columns = ["--columns", "JobId,Tag,Operation.Output,_extra"]
    assert run("convert", "big.log", "-q", "-o", "whole.parquet", *columns).code == 1
    command = [sys.executable, "-m", "stream_cb", "convert", "big.log", "--jobs", jobs, *CHECKPOINT]
    command += ["-o", "ended.parquet/", *columns]
    child = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while child.poll() is None and len(list(tmp_path.glob("ended.parquet/part-*"))) < files:
        os.sched_yield()  # to a commit, which must come
    child.send_signal(signal.SIGKILL)
    assert child.wait(60) in (-9, 1)  # 1: it was at its end already
    assert subprocess.run(command, cwd=tmp_path, check=False, stderr=subprocess.DEVNULL).returncode == 1
    whole = pq.ParquetFile(tmp_path / "whole.parquet").read()
    parts = [pq.ParquetFile(part).read() for part in sorted(tmp_path.glob("ended.parquet/*"))]
    assert len(parts) > files
    assert pa.concat_tables(parts).equals(whole)


def test_a_changed_folder_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"".join(JOB % n for n in range(100)))
    command = ["convert", "in.jsonl", "--jobs", "1", "--checkpoint", "progress.json", "-o", "out.parquet/", "-q"]
    assert run(*command).code == 0
    (part,) = tmp_path.glob("out.parquet/*")
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    ended = run(*command)
    assert (ended.code, "the output out.parquet/ has changed since the checkpoint" in ended.stderr) == (2, True)
    part.unlink()
    ended = run(*command)
    assert (ended.code, "has files of 0 bytes, and" in ended.stderr) == (2, True)


def test_a_growing_file_is_followed_into_a_folder(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "in.jsonl"
    log.write_bytes(JOB % 1)
    for number in (2, 3):
        live = start("convert", log, "--follow", "--checkpoint", "progress.json", "-o", "out.parquet/", "-q")
        while not list(tmp_path.glob(f"out.parquet/part-0000{number - 2}.parquet")):
            os.sched_yield()
        live.process.send_signal(signal.SIGTERM)
        assert live.end().code == 0
        with log.open("ab") as file:
            file.write(JOB % number)
    assert job_ids(*sorted(tmp_path.glob("out.parquet/*"))) == ["1", "2"]


def test_dead_letters_are_converted_into_columns_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(JOB % 1 + b'{"EventName":"TaskFinish",}\n' + JOB % 2)
    assert run("convert", "in.jsonl", "-o", "a.parquet", "--dead-letters", "bad.jsonl", "-q").code == 1
    assert job_ids(tmp_path / "a.parquet") == ["1", "2"]
    assert run("retry", "bad.jsonl", "-o", "b.parquet", "-q").code == 1
    assert job_ids(tmp_path / "b.parquet") == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("flags", "sizes", "most_growth_mb", "most_mb"),
    [
        # Of these, 10 MB are what is held for the footer, which tells of each group.
        (["-o", "out.parquet"], ("60MB", "240MB"), 6 * MAX_GROWTH_MB, 260),
        # Of these, 12 MB are rows that wait: 20 MB may, and a log of 60 MB has 8.
        (["-o", "out.parquet/", "--partition-by", "Tag"], ("60MB", "480MB"), 6 * MAX_GROWTH_MB, 260),
    ],
    ids=["file", "partitions"],
)
def test_memory_grows_far_less_than_the_input(  # noqa: PLR0917  (parameters, and fixtures)
    flags: list[str], sizes: tuple[str, str], most_growth_mb: int, most_mb: int, run: Run, tmp_path: Path
) -> None:
    peaks = []
    for size in sizes:
        assert run("generate", "--size", size, "--as", "xml", "-o", f"{size}.xml").code == 0
        peaks.append(peak_mb(tmp_path, "convert", f"{size}.xml", *flags, "-q", "--jobs", "1", "--force"))
    assert peaks[1] - peaks[0] <= most_growth_mb, peaks
    assert max(peaks) <= most_mb
