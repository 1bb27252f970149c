"""Spark, on a cluster of two executors of one core each that listens on loopback alone; and what tests of it share."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyspark
import pytest
from pyspark.sql import DataFrame, SparkSession

from stream_cb import read_batches
from stream_cb.generate import generate
from stream_cb.spark import register

COLUMNS = "_source string, _offset long, JobId string, Tag string"
Row = tuple[Any, ...]


@contextmanager
def cluster(folder: Path, environment: dict[str, str]) -> Iterator[SparkSession]:
    """A session. Its processes have the environment, and write below the folder."""
    environment = environment | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_WORKER_DIR": str(folder / "work"),
    }
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


def read(spark: SparkSession, *paths: Path | str, schema: str = COLUMNS, **options: Any) -> DataFrame:
    given = [str(path) for path in paths]
    reader = spark.read.format("ci_callbacks").schema(schema).options(**options)
    return reader.load(given if len(given) > 1 else given[0])


def killing(victim: str, mark: Path) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """What passes rows on, and ends its "task" or "executor" at the first one, once; `mark` is there from then on."""

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

    return kill_once


def run_stream(spark: SparkSession, folder: Path, work: Path, split_bytes: int = 50_000) -> None:
    """All that is there now."""
    stream = spark.readStream.format("ci_callbacks").schema(COLUMNS).option("splitBytes", split_bytes).load(str(folder))
    query = (
        stream.writeStream.format("parquet")
        .option("checkpointLocation", str(work / "checkpoint"))
        .trigger(availableNow=True)
        .start(str(work / "out"))
    )
    assert query.awaitTermination(600)
