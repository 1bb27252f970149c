"""convert writes several files in one pass; each appears whole or not at all, and replaces nothing unasked."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

if TYPE_CHECKING:
    from tests.integration.conftest import MakeLog, Run


def rows_of(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))


def test_all_outputs_of_one_pass_hold_the_same_events(run: Run, make_log: MakeLog, tmp_path: Path) -> None:
    log = make_log(count=50)
    names = ("e.jsonl", "e.csv", "e.jsonl.gz", "e.jsonl.zst", "e.csv.gz")
    ended = run("convert", log.path, "-o", "-", *(word for name in names for word in ("-o", name)))
    assert ended.code == 0
    assert ended.job_ids == log.job_ids
    plain, table, zipped, zstd, zipped_table = ((tmp_path / name).read_bytes() for name in names)
    assert plain == ended.stdout
    assert gzip.decompress(zipped) == plain
    assert zstandard.ZstdDecompressor().stream_reader(zstd, read_across_frames=True).read() == plain
    assert gzip.decompress(zipped_table) == table
    assert [row["JobId"] for row in rows_of(table)] == log.job_ids


def test_with_output_files_stdout_stays_empty(run: Run, make_log: MakeLog) -> None:
    assert run("convert", make_log().path, "-o", "events.jsonl").stdout == b""


def test_stdout_takes_the_format_that_to_names(run: Run, make_log: MakeLog) -> None:
    log = make_log()
    ended = run("convert", log.path, "--to", "csv")
    assert ended.code == 0
    assert [row["JobId"] for row in rows_of(ended.stdout)] == log.job_ids


def test_to_names_the_format_of_a_file_whose_suffix_names_none(run: Run, make_log: MakeLog, tmp_path: Path) -> None:
    log = make_log()
    hint = run("convert", log.path, "-o", "events.txt")
    assert hint.code == 2
    assert "--to" in hint.stderr, "the message recommends it, so it has to work"
    ended = run("convert", log.path, "-o", "events.txt", "--to", "jsonl")
    assert ended.code == 0
    assert (tmp_path / "events.txt").read_bytes().count(b"\n") == 5


def test_a_table_has_the_columns_asked_for(run: Run, make_log: MakeLog) -> None:
    log = make_log()
    ended = run("convert", log.path, "--to", "csv", "--columns", "JobId, Operation.Output.Bucket,Nope.Nope")
    rows = rows_of(ended.stdout)
    assert ended.stdout.startswith(b"JobId,Operation.Output.Bucket,Nope.Nope\n")
    assert [row["JobId"] for row in rows] == log.job_ids
    assert all(row["Operation.Output.Bucket"] and not row["Nope.Nope"] for row in rows)


def test_explode_gives_a_row_for_each_element(run: Run, make_log: MakeLog) -> None:
    log = make_log()
    path = "Operation.Output.StreamExtract"
    ended = run("convert", log.path, "--to", "csv", "--explode", path, "--columns", f"JobId,{path}.Output")
    rows = rows_of(ended.stdout)
    events = run("convert", log.path).events
    expected = [
        {"JobId": event["JobId"], f"{path}.Output": stream["Output"]}
        for event in events
        for stream in event["Operation"]["Output"]["StreamExtract"]
    ]
    assert len(expected) > len(events)
    assert rows == expected


@pytest.mark.parametrize("flags", [("--columns", "JobId"), ("--explode", "Operation.Output.StreamExtract")])
def test_columns_without_a_table_are_refused(run: Run, make_log: MakeLog, flags: tuple[str, str]) -> None:
    ended = run("convert", make_log().path, "-o", "events.jsonl", *flags)
    assert ended.code == 2
    assert ended.stderr.startswith("stream-cb: columns and explode shape a table, and no output is one")


@pytest.mark.parametrize("flag", ["-o", "--dead-letters", "--report"])
def test_a_file_that_exists_is_never_overwritten_unasked(
    run: Run, make_log: MakeLog, tmp_path: Path, flag: str
) -> None:
    log = make_log(damage_rate=0.5)
    kept = tmp_path / "kept.jsonl"
    kept.write_bytes(b"mine")
    ended = run("convert", log.path, "-o", "new.jsonl", flag, "kept.jsonl")
    assert ended.code == 2
    assert ended.stderr == "stream-cb: kept.jsonl exists; --force overwrites it\n"
    assert kept.read_bytes() == b"mine"
    assert not (tmp_path / "new.jsonl").exists(), "usage is checked before anything is read or written"
    assert run("convert", log.path, "-o", "new.jsonl", flag, "kept.jsonl", "--force").code == 1
    assert kept.read_bytes() not in (b"", b"mine")
    assert (tmp_path / "new.jsonl").exists()


def test_a_log_may_be_converted_into_itself(run: Run, make_log: MakeLog) -> None:
    log = make_log("log.jsonl", layout="ndjson")
    assert run("convert", "log.jsonl", "-o", "log.jsonl", "--force").code == 0
    assert run("convert", "log.jsonl").job_ids == log.job_ids


def test_its_own_output_converts_to_itself(run: Run, make_log: MakeLog, tmp_path: Path) -> None:
    make_log(layout="mixed", count=30)
    assert run("convert", "a.xml", "-o", "once.jsonl").code == 0
    assert run("convert", "once.jsonl").stdout == (tmp_path / "once.jsonl").read_bytes()


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["", "force"])
@pytest.mark.parametrize(
    "outputs",
    [
        ("-o", "e.jsonl", "-o", "./e.jsonl"),
        ("-o", "e.jsonl", "--dead-letters", "e.jsonl"),
        ("-o", "e.jsonl", "--report", "e.jsonl"),
        ("-o", "-", "-o", "-"),
    ],
    ids=["outputs", "dead letters", "report", "stdout"],
)
def test_one_file_for_two_outputs_is_refused_before_anything_is_written(
    run: Run, make_log: MakeLog, tmp_path: Path, outputs: tuple[str, ...], force: tuple[str, ...]
) -> None:
    ended = run("convert", make_log().path, *outputs, *force)
    assert ended.code == 2
    assert ended.stdout == b""
    assert not (tmp_path / "e.jsonl").exists()


def test_an_empty_input_gives_valid_empty_outputs(run: Run, tmp_path: Path) -> None:
    assert run("convert", "-o", "e.jsonl", "-o", "e.csv", "-o", "e.jsonl.gz", "-o", "e.jsonl.zst").code == 0
    assert (tmp_path / "e.jsonl").read_bytes() == b""
    assert rows_of((tmp_path / "e.csv").read_bytes()) == []
    assert (tmp_path / "e.csv").read_bytes().startswith(b"EventName,JobId,")
    assert gzip.decompress((tmp_path / "e.jsonl.gz").read_bytes()) == b""
    assert zstandard.ZstdDecompressor().stream_reader((tmp_path / "e.jsonl.zst").read_bytes()).read() == b""


@pytest.mark.parametrize("flag", ["-o", "--dead-letters", "--report"])
def test_a_missing_folder_is_told_and_no_other_output_is_left(
    run: Run, make_log: MakeLog, tmp_path: Path, flag: str
) -> None:
    ended = run("convert", make_log().path, "-o", "good.jsonl", flag, "none/e.jsonl")
    assert ended.code == 4
    assert ended.told[-1] == f"stream-cb: none/e.jsonl: there is no folder {tmp_path / 'none'}"
    assert not (tmp_path / "good.jsonl").exists()


@pytest.mark.parametrize("flag", ["-o", "--dead-letters"])
def test_a_full_disk_ends_the_run_and_leaves_no_output(run: Run, make_log: MakeLog, tmp_path: Path, flag: str) -> None:
    (tmp_path / "full.jsonl").symlink_to("/dev/full")
    ended = run("convert", make_log(damage_rate=0.5).path, "-q", "-o", "good.jsonl", flag, "full.jsonl")
    assert ended.code == 4
    assert ended.told[-1] == "stream-cb: full.jsonl: No space left on device"
    assert not (tmp_path / "good.jsonl").exists()


@pytest.mark.parametrize("count", [5, 2_000])
def test_a_full_disk_behind_stdout_is_told(run: Run, make_log: MakeLog, count: int) -> None:
    log = make_log(count=count)
    with Path("/dev/full").open("wb") as full:
        ended = run("convert", log.path, stdout=full)
    assert ended.code == 4
    assert ended.stderr == "stream-cb: stdout: No space left on device\n"


@pytest.mark.parametrize("args", [("--version",), ("--help",), ("convert", "--help"), ("kinds",), ("schema",)])
@pytest.mark.parametrize("is_buffered", [False, True])
def test_a_full_disk_behind_what_is_only_told_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], is_buffered: bool
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "" if is_buffered else "1")
    with Path("/dev/full").open("wb") as full:
        ended = run(*args, stdout=full)
    assert ended.code == 4
    assert ended.stderr == "stream-cb: stdout: No space left on device\n"


def test_what_is_registered_for_the_end_is_called_and_what_it_prints_goes_out() -> None:
    script = """
import atexit, sys
from stream_cb.__main__ import main
atexit.register(print, "done")
sys.argv = ["stream-cb", "--version"]
main()
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("stream-cb ")
    assert ended.stdout.endswith("done\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("-o", "events.xyz"), "events.xyz: the suffix '.xyz' names no output format; known: .jsonl"),
        (("--to", "xml"), "there is no output format 'xml'; known: arrow, csv, jsonl, parquet"),
        (("--to", "csv", "--columns", "a..b"), '"a..b" is no path: that is names joined by single dots'),
        (("-o", "folder.jsonl"), "folder.jsonl is a folder"),
    ],
)
def test_an_impossible_output_is_a_usage_error(
    run: Run, make_log: MakeLog, tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    ended = run("convert", make_log().path, *args)
    assert ended.code == 2
    assert ended.stderr.startswith(f"stream-cb: {message}")
    assert ended.stdout == b""
