"""The Spark data source, on a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from stream_cb import DeadLetter, read_batches
from stream_cb.generate import generate
from tests.object_storage import SECRETS, Storage
from tests.spark_cluster import COLUMNS, expected, killing, read, rows, run_stream, write

# Before 4.2, pyspark leaves its own sockets to be closed when they are collected.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

DEAD = "_offset long, _corrupt_reason string, _corrupt_record binary"


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson"])
def test_rows_are_the_events_whatever_the_split_size(layout: str, spark: SparkSession, tmp_path: Path) -> None:
    one = write(tmp_path / "one", layout, count=1_500, seed=1)
    folder = tmp_path / "eight"
    folder.mkdir()
    eight = [write(folder / f"{n}.log", layout, count=50, seed=n) for n in range(8)]
    wanted = expected(one)
    for split_bytes in (200_000, 1_000_000):
        frame = read(spark, one, splitBytes=split_bytes)
        assert [tuple(row) for row in frame.collect()] == wanted
        assert frame.rdd.getNumPartitions() > 1
    assert rows(read(spark, folder)) == rows(read(spark, *eight)) == sorted(expected(*eight))
    assert rows(read(spark, folder / "[0-3].log")) == sorted(expected(*eight[:4]))


def test_objects_are_read_by_their_address(spark: SparkSession, storage: Storage, tmp_path: Path) -> None:
    one = write(tmp_path / "one", "xml", count=600, seed=1)
    addresses = [storage.put(name, one.read_bytes()) for name in ("logs/a.log", "logs/b.log")]
    wanted = [(address, *row[1:]) for address in addresses for row in expected(one)]
    frame = read(spark, storage.url("logs/*.log"), splitBytes=500_000)
    assert frame.rdd.getNumPartitions() > 4
    assert [tuple(row) for row in frame.collect()] == wanted
    plan = frame._jdf.queryExecution().toString()
    assert "ci_callbacks" in plan
    assert not any(secret in plan for secret in SECRETS)
    with pytest.raises(PySparkException, match="there is no such object, and no folder of that name") as raised:
        read(spark, storage.url("nothing")).collect()
    assert not any(secret in str(raised.value) for secret in SECRETS)


def test_the_whole_table_has_nested_types(spark: SparkSession, tmp_path: Path) -> None:
    log = write(tmp_path / "log.xml", "xml", count=200, seed=2)
    frame = spark.read.format("ci_callbacks").load(str(log))
    assert frame.where("Operation.TemplateName is not null or size(_extra) >= 0 or JobId is not null").count() == len(
        expected(log)
    )
    assert dict(frame.dtypes)["CreationTime"] == "timestamp"
    assert {"_corrupt_reason", "_corrupt_record", "_extra"} <= set(frame.columns)


def test_damaged_records_are_rows_or_left_out_or_end_the_job(spark: SparkSession, tmp_path: Path) -> None:
    log = write(tmp_path / "log", "mixed", count=300, seed=3, damage_rate=0.1)
    letters: list[DeadLetter] = []
    for _ in read_batches([str(log)], on_dead_letter=letters.append):
        pass
    dead = rows(read(spark, log, schema=DEAD, splitBytes=100_000).where("_corrupt_reason is not null"))
    assert dead == sorted((one.offset, f"{one.reason}: {one.detail}", bytearray(one.raw)) for one in letters)
    assert rows(read(spark, log)) == sorted(expected(log))  # a schema that has no place for them
    whole = spark.read.format("ci_callbacks").options(mode="DROPMALFORMED").load(str(log))
    assert whole.where("_corrupt_reason is not null").count() == 0
    with pytest.raises(PySparkException, match=f"at byte {letters[0].offset}: "):
        read(spark, log, mode="FAILFAST").collect()


@pytest.mark.parametrize(
    ("options", "schema", "message"),
    [
        ({"mode": "LOUD"}, COLUMNS, "mode is 'LOUD', and must be one of PERMISSIVE, DROPMALFORMED, FAILFAST"),
        ({}, "NoSuch string", "there is no column 'NoSuch'"),
        ({"kind": "nothing"}, COLUMNS, "there is no table 'nothing'"),
    ],
)
def test_what_cannot_be_is_told_plainly(
    options: dict[str, str], schema: str, message: str, spark: SparkSession, tmp_path: Path
) -> None:
    log = write(tmp_path / "log", "ndjson", count=1)
    with pytest.raises(PySparkException, match=message):
        read(spark, log, schema=schema, **options).collect()


def test_a_missing_file_is_told_plainly(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(PySparkException, match="no file matches"):
        read(spark, tmp_path / "*.log").collect()


@pytest.mark.parametrize("victim", ["task", "executor"])
def test_what_is_killed_is_read_again(victim: str, spark: SparkSession, tmp_path: Path) -> None:
    log = write(tmp_path / "log", "xml", count=600, seed=4)
    mark = tmp_path / "killed"
    frame = read(spark, log, splitBytes=200_000)
    assert sorted(map(tuple, frame.rdd.mapPartitions(killing(victim, mark)).collect())) == sorted(expected(log))
    assert mark.exists()


@pytest.mark.parametrize("layout", ["ndjson", pytest.param("xml", marks=pytest.mark.long)])
def test_a_stream_gives_each_record_once(layout: str, spark: SparkSession, tmp_path: Path) -> None:
    folder, log = tmp_path / "in", tmp_path / "in" / "a.log"
    folder.mkdir()
    whole = b"".join(generate(layout=layout, count=200, seed=5))
    for end in (len(whole) // 3, len(whole) // 3, len(whole) // 2 + 77, len(whole)):
        log.write_bytes(whole[:end])
        if end == len(whole):
            write(folder / "b.log", "mixed", count=50, seed=6, damage_rate=0.1)
        run_stream(spark, folder, tmp_path)  # each time anew, from the checkpoint
    assert rows(spark.read.parquet(str(tmp_path / "out"))) == sorted(expected(log, folder / "b.log"))


def test_a_running_stream_takes_what_is_appended(spark: SparkSession, tmp_path: Path) -> None:
    folder, log = tmp_path / "in", tmp_path / "in" / "a.log"
    folder.mkdir()
    whole = b"".join(generate(layout="ndjson", count=100, seed=7))
    log.write_bytes(whole[:20_000])
    stream = spark.readStream.format("ci_callbacks").schema(COLUMNS).load(str(folder))
    query = stream.writeStream.format("memory").queryName("taken").start()
    query.processAllAvailable()
    with log.open("ab") as file:
        file.write(whole[20_000:])
    query.processAllAvailable()
    query.stop()
    assert rows(spark.table("taken")) == sorted(expected(log))
