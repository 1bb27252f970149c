"""The promises of the Spark data source on 200 MB; a minute each, and printed with `-s` as docs/scale.md has them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from stream_cb import WriteOptions, convert
from tests.spark_cluster import killing, read, run_stream, write

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.spark_cluster import Row

pytestmark = pytest.mark.long

TOTAL_BYTES = 200_000_000
SPLIT_BYTES = (32 << 20, 7_000_001, 1_000_003)


def made(folder: Path, layout: str, files: int) -> Path:
    """A folder of logs."""
    folder.mkdir()
    for number in range(files):
        write(folder / f"{number}.log", layout, size_bytes=TOTAL_BYTES // files, seed=number, damage_rate=0.0001)
    return folder


def converted(folder: Path, work: Path) -> list[str | None]:
    """The jobs that `convert` writes, in its order."""
    convert(folder, write=WriteOptions(outputs=(f"{work}/events.jsonl",), dead_letters=f"{work}/bad"))
    return [msgspec.json.decode(line).get("JobId") for line in (work / "events.jsonl").read_bytes().splitlines()]


def jobs(taken: Sequence[Row]) -> list[str | None]:
    """The jobs of rows, which have to be in the order of their files."""
    places = [row[:2] for row in taken]
    assert places == sorted(places)
    return [row[2] for row in taken]


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson"])
@pytest.mark.parametrize("files", [1, 8])
def test_rows_are_what_convert_writes(layout: str, files: int, spark: SparkSession, tmp_path: Path) -> None:
    folder = made(tmp_path / "in", layout, files)
    wanted = converted(folder, tmp_path)
    for split_bytes in SPLIT_BYTES:
        begin = time.perf_counter()
        frame = read(spark, folder, splitBytes=split_bytes)
        assert jobs(frame.collect()) == wanted
        seconds = time.perf_counter() - begin
        tasks = frame.rdd.getNumPartitions()
        print(f"{layout}, {files} files, {tasks} splits of {split_bytes}: {len(wanted)} rows, {seconds:.1f} s")  # noqa: T201


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson"])
@pytest.mark.parametrize("victim", ["task", "executor"])
def test_a_kill_changes_nothing(layout: str, victim: str, spark: SparkSession, tmp_path: Path) -> None:
    folder = made(tmp_path / "in", layout, 1)
    mark = tmp_path / "killed"
    frame = read(spark, folder, splitBytes=7_000_001)
    assert jobs(frame.rdd.mapPartitions(killing(victim, mark)).collect()) == converted(folder, tmp_path)
    assert mark.exists()


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson"])
def test_a_stream_gives_each_record_once(layout: str, spark: SparkSession, tmp_path: Path) -> None:
    folder = made(tmp_path / "in", layout, 2)
    wanted = converted(folder, tmp_path)
    one, other = (folder / name for name in ("0.log", "1.log"))
    whole, late = one.read_bytes(), other.read_bytes()
    other.unlink()
    for end in (40_000_003, 40_000_003, 90_000_001, len(whole)):  # inside of records
        one.write_bytes(whole[:end])
        if end == len(whole):
            other.write_bytes(late)
        run_stream(spark, folder, tmp_path, 16 << 20)  # each time anew, from the checkpoint
    taken = [tuple(row) for row in spark.read.parquet(str(tmp_path / "out")).collect()]
    assert jobs(sorted(taken, key=lambda row: row[:2])) == wanted
