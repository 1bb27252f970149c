"""What the Spark data source says before there is any Spark."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyspark.sql.datasource import InputPartition
from pyspark.sql.types import StructType

from stream_cb.errors import InputError, UsageError
from stream_cb.spark import CallbackSource, register


def java(folder: Path, told: str) -> str:
    """A home of Java whose program says so on standard error."""
    program = folder / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf '%s' '{told}' >&2\n")
    program.chmod(0o755)
    return str(folder)


def test_a_missing_java_is_told_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(
        UsageError, match=r"Spark needs Java 17 or later, and '.*/bin/java' cannot be run; set JAVA_HOME"
    ):
        register()


@pytest.mark.parametrize(
    ("told", "version"),
    [('openjdk version "11.0.2" 2019', "is 11.0.2"), ('java version "1.8.0_3"', "is 1.8.0_3"), ("?", "does not tell")],
)
def test_an_old_java_is_told_plainly(told: str, version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", java(tmp_path, told))
    with pytest.raises(UsageError, match=f"Spark needs Java 17 or later, and .* {version}"):
        register()


def test_workers_without_the_package_are_told_plainly(tmp_path: Path) -> None:
    spark: Any = SimpleNamespace(_sc=SimpleNamespace(pythonExec=str(tmp_path / "python")))
    with pytest.raises(UsageError, match="has no stream_cb: set PYSPARK_PYTHON="):
        register(spark)


def test_a_missing_pyspark_is_told_plainly() -> None:
    script = "import sys; sys.modules['pyspark'] = None; import stream_cb.spark"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.stderr.endswith("the Spark data source needs pyspark: pip install 'stream-cb[spark]'\n")


def test_there_has_to_be_something_to_read() -> None:
    with pytest.raises(UsageError, match="there is nothing to read: give load"):
        CallbackSource({}).reader(StructType())


def test_an_empty_partition_has_no_rows() -> None:
    source = CallbackSource({"path": "there"})
    assert list(source.reader(source.schema()).read(InputPartition(None))) == []


def test_a_stream_whose_file_has_become_shorter_is_an_error() -> None:
    source = CallbackSource({"path": "there"})
    reader = source.streamReader(source.schema())
    start, end = ({"a.log": {"size": size, "place": '{"offset":0}'}} for size in (9, 5))
    with pytest.raises(InputError, match=r"a\.log: has 5 bytes, and had 9"):
        reader.partitions(start, end)


def test_a_stream_waits_for_files_that_are_not_there_yet(tmp_path: Path) -> None:
    source = CallbackSource({"paths": f'["{tmp_path}/*.log"]'})
    reader: Any = source.streamReader(source.schema())
    assert reader.initialOffset() == reader.latestOffset() == {}
    (tmp_path / "a.log").write_bytes(b'{"EventName":"TaskFinish"}\n{"Eve')
    found = reader.latestOffset()
    assert found == {str(tmp_path / "a.log"): {"size": 32, "place": '{"offset":27,"index":0,"levels":[]}'}}
    [partition] = reader.partitions({}, found)
    assert sum(batch.num_rows for batch in reader.read(partition)) == 1
    assert reader.partitions(found, found) == []
