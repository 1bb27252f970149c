"""`python -m benchmarks.scale --size 200MB`: Spark reading callbacks, by our data source and by its own readers.

In: a size. Out: a table on standard output; per case the wall time of the job (median of rounds, behind a small run of
all cases) and the rows it found. One session on `local[2]`, so that every reader has the same two cores; each case
counts the rows and sums their columns, so that all of them have to read every record. What the library alone takes
stands beside it.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyspark
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from stream_cb import plan_splits, read_split
from stream_cb.generate import generate
from stream_cb.spark import register

_FOLDER = Path(__file__).parent.parent / ".benchmarks" / "scale"
_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_WARM_BYTES = 2_000_000
_LAYOUTS = ("xml", "xml-batch", "ndjson")
# What a job on callbacks asks for: six columns, two of them nested; Spark's readers are told the same schema.
_OURS = "State string, Tag string, JobId string, CreationTime timestamp, Operation struct<TemplateName: string>"
_JOB = (
    "struct<State: string, Tag: string, JobId: string, CreationTime: string, Operation: struct<TemplateName: string>>"
)
_XML = f"EventName string, JobsDetail {_JOB}"
_JSON = f"EventName string, JobsDetail array<{_JOB}>"


class Case(NamedTuple):
    name: str
    size: int
    job: Callable[[], int]


def main() -> None:
    """See the module."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    options.add_argument("--size", default="200MB")
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    number = re.fullmatch(r"(\d+)([KMG]?B?)", given.size)
    if number is None:
        options.error("--size: for instance 200MB")
    size = int(number[1]) * _UNITS[number[2]]
    _FOLDER.mkdir(parents=True, exist_ok=True)
    inputs = {layout: _inputs(layout, size) for layout in _LAYOUTS}
    spark = _session()
    print("| what reads | rows | seconds | MB/s |\n|---|--:|--:|--:|")
    for case in _cases(spark, {layout: _inputs(layout, _WARM_BYTES) for layout in _LAYOUTS}):
        case.job()
    for case in _cases(spark, inputs):
        times = []
        for _ in range(given.rounds):
            begin = time.perf_counter()
            rows = case.job()
            times.append(time.perf_counter() - begin)
        seconds = statistics.median(times)
        print(f"| {case.name} | {rows:,} | {seconds:.2f} | {case.size / seconds / 1e6:.0f} |", flush=True)
    spark.stop()


def _inputs(layout: str, size: int) -> tuple[Path, Path]:
    """One file, and a folder of eight with as much together."""
    one, eight = _FOLDER / f"{layout}-{size}", _FOLDER / f"{layout}-{size}-8"
    if not eight.exists():
        one.write_bytes(b"".join(generate(layout=layout, size_bytes=size, tags=("StreamExtract",))))
        eight.mkdir()
        for part in range(8):
            log = generate(layout=layout, size_bytes=size // 8, seed=part + 1, tags=("StreamExtract",))
            (eight / f"{part}.log").write_bytes(b"".join(log))
    return one, eight


def _session() -> SparkSession:
    os.environ |= {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
    }
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "2g")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    spark = register(builder.config("spark.sql.files.maxPartitionBytes", str(32 << 20)).getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _cases(spark: SparkSession, inputs: dict[str, tuple[Path, Path]]) -> list[Case]:
    cases = []
    for layout, (one, eight) in inputs.items():
        for path, what in ((one, "1 file"), (eight, "8 files")):
            size = sum(file.stat().st_size for file in ([one] if path == one else eight.iterdir()))

            def ours(path: Path = path) -> int:
                return _counted(spark.read.format("ci_callbacks").schema(_OURS).load(str(path)), "")

            def theirs(path: Path = path, layout: str = layout) -> int:
                if layout == "ndjson":
                    frame = spark.read.schema(_JSON).json(str(path)).select(f.explode("JobsDetail").alias("JobsDetail"))
                else:
                    frame = spark.read.format("xml").options(rowTag="Response").schema(_XML).load(str(path))
                return _counted(frame, "JobsDetail.")

            name = "Spark's JSON reader" if layout == "ndjson" else "Spark's XML reader"
            cases += [
                Case(f"{layout}, {what}: ci_callbacks", size, ours),
                Case(f"{layout}, {what}: {name}", size, theirs),
            ]
            if path == one:
                cases.append(Case(f"{layout}, {what}: `read_split`, one process, without Spark", size, _alone(path)))
    return cases


def _alone(path: Path) -> Callable[[], int]:
    columns = ("State", "Tag", "JobId", "CreationTime", "Operation.TemplateName")
    return lambda: sum(
        batch.num_rows for split in plan_splits(str(path)) for batch in read_split(split, columns=columns)
    )


def _counted(frame: DataFrame, prefix: str) -> int:
    """The rows that there are, having looked at all columns of each."""
    columns = ("State", "Tag", "JobId", "CreationTime", "Operation.TemplateName")
    lengths = [f.length(f.col(prefix + column).cast("string")) for column in columns]
    row = frame.select(*(length.alias(str(n)) for n, length in enumerate(lengths))).agg(
        f.count("*"), *(f.sum(str(n)) for n in range(len(columns)))
    )
    return int(row.collect()[0][0])


if __name__ == "__main__":
    main()
