"""The Spark data source, on a cluster of two executors of one core each; nothing listens but on loopback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyspark
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from stream_cb import DeadLetter, read_batches
from stream_cb.generate import generate
from stream_cb.spark import register

COLUMNS = "_source string, _offset long, JobId string, Tag string"
DEAD = "_offset long, _corrupt_reason string, _corrupt_record binary"
Row = tuple[Any, ...]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Fails, and does not skip, where there is no Java."""
    folder = tmp_path_factory.mktemp("spark")
    environment = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(Path(pyspark.__file__).parent)}
    environment["PYSPARK_PYTHON"] = sys.executable
    environment["SPARK_WORKER_DIR"] = str(folder / "work")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        session = (
            SparkSession.builder.master("local-cluster[2,1,1024]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.local.dir", str(folder / "local"))
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.executor.extraJavaOptions", "-Duser.timezone=UTC")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
        yield register(session)
        session.stop()


def write(path: Path, layout: str, **of: Any) -> Path:
    path.write_bytes(b"".join(generate(layout=layout, **of)))
    return path


def expected(*paths: Path) -> list[Row]:
    """What the library reads, in file order."""
    batches = read_batches([str(path) for path in paths], on_dead_letter=lambda _letter: None)
    return [
        tuple(row[name] for name in ("_source", "_offset", "JobId", "Tag"))
        for batch in batches
        for row in batch.to_pylist()
    ]


def rows(frame: DataFrame) -> list[Row]:
    return sorted(tuple(row) for row in frame.collect())


def read(spark: SparkSession, *paths: Path, schema: str = COLUMNS, **options: Any) -> DataFrame:
    given = [str(path) for path in paths]
    reader = spark.read.format("ci_callbacks").schema(schema).options(**options)
    return reader.load(given if len(given) > 1 else given[0])


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

    def kill_once(taken: Iterable[Any]) -> Iterator[Any]:
        for row in taken:
            try:
                mark.touch(exist_ok=False)
            except FileExistsError:
                yield row
                continue
            if victim == "executor":
                daemon = os.getppid()
                java = int(Path(f"/proc/{daemon}/stat").read_text().rpartition(")")[2].split()[1])
                assert "java" in Path(f"/proc/{java}/comm").read_text()
                os.kill(java, signal.SIGKILL)
            os._exit(1)

    frame = read(spark, log, splitBytes=200_000)
    assert sorted(map(tuple, frame.rdd.mapPartitions(kill_once).collect())) == sorted(expected(log))
    assert mark.exists()


def run_stream(spark: SparkSession, folder: Path, work: Path) -> None:
    """All that is there now."""
    stream = spark.readStream.format("ci_callbacks").schema(COLUMNS).option("splitBytes", 50_000).load(str(folder))
    query = (
        stream.writeStream.format("parquet")
        .option("checkpointLocation", str(work / "checkpoint"))
        .trigger(availableNow=True)
        .start(str(work / "out"))
    )
    assert query.awaitTermination(120)


@pytest.mark.parametrize("layout", ["ndjson", "xml"])
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
