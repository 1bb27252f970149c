"""Apache Spark's data source "ci_callbacks": events as rows, each split a task. Needs pyspark 4 and Java 17 or later.

In: what `spark.read` and `spark.readStream` are told. Out: Arrow batches. Whatever is kept between two calls lies in
splits and offsets, since Spark's workers are reused, killed, and started again elsewhere.

Options: `kind`, `strict`, `splitBytes`, and `mode`: PERMISSIVE (a record that failed is a row with `_corrupt_reason`
and, as bytes, `_corrupt_record`; if the schema has neither, it is left out), DROPMALFORMED, FAILFAST.
"""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from stream_cb.api import arrow_schema, read_split
from stream_cb.errors import InputError, UsageError
from stream_cb.model import DeadLetter, ReadOptions
from stream_cb.places import Place
from stream_cb.splits import SPLIT_BYTES, Split, cut, plan_splits, safe_place

try:
    import pyarrow as pa
    from pyspark.sql import SparkSession
    from pyspark.sql.datasource import DataSource, DataSourceReader, DataSourceStreamReader, InputPartition
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
    from pyspark.sql.types import StructType

    from stream_cb.arrow import PLACE_COLUMNS, widened
except ImportError as _error:
    raise UsageError("the Spark data source needs pyspark: pip install 'stream-cb[spark]'") from _error

_REASON = pa.field("_corrupt_reason", pa.string())
_RECORD = pa.field("_corrupt_record", pa.binary())
_TOLD = pa.schema([*PLACE_COLUMNS, _REASON, _RECORD])
_MODES = ("PERMISSIVE", "DROPMALFORMED", "FAILFAST")
_MIN_JAVA = 17
_READ = ReadOptions()
# The older versions mean UTC, and know no other.
_IN_UTC: dict[str, Any] = {"timezone": "UTC"} if "timezone" in inspect.signature(to_arrow_schema).parameters else {}


def register(spark: SparkSession | None = None) -> SparkSession:
    """Make `format("ci_callbacks")` known to a session; None makes the session, with the interpreter that runs now.

    Raises UsageError where there is no Java of 17 or later, or Spark's workers run a Python that has no stream_cb.
    """
    if spark is None:
        _check_java()
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        spark = SparkSession.builder.getOrCreate()
    _check_python(spark)
    spark.dataSource.register(CallbackSource)
    return spark


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else "java"
    needed = f"Spark needs Java {_MIN_JAVA} or later"
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(f"{needed}, and {java!r} cannot be run; set JAVA_HOME to one") from error
    version = told.partition('"')[2].partition('"')[0]
    if not version or int(version.split(".")[0].split("-")[0]) < _MIN_JAVA:
        raise UsageError(f"{needed}, and {java!r} is {version or 'of a version that it does not tell'}")


def _check_python(spark: SparkSession) -> None:
    """Refuse an interpreter without stream_cb, of which Spark would only say that it finds no such data source."""
    context = getattr(spark, "_sc", None)  # a session of Spark Connect has none
    python = getattr(context, "pythonExec", sys.executable)
    if shutil.which(python) == sys.executable:
        return
    try:
        subprocess.run([python, "-c", "import stream_cb.spark"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        wanted = f"set PYSPARK_PYTHON={sys.executable} before the session starts"
        raise UsageError(f"Spark's workers run {python!r}, which has no stream_cb: {wanted}") from error


class CallbackSource(DataSource):
    """What `register` registers. Spark gives the options with their names in lower case."""

    @classmethod
    def name(cls) -> str:
        return "ci_callbacks"

    def schema(self) -> StructType:
        table: StructType = from_arrow_schema(arrow_schema(self.options.get("kind", "jobs"), with_places=True))
        return StructType([*table.fields, *from_arrow_schema(pa.schema([_REASON, _RECORD])).fields])

    def reader(self, schema: StructType) -> DataSourceReader:
        return _BatchReader(self.options, schema)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:  # noqa: N802  (Spark's name)
        return _StreamReader(self.options, schema)


class _Rows:
    """What both readers do: splits → batches."""

    def __init__(self, options: Mapping[str, str], schema: StructType) -> None:
        paths = json.loads(options["paths"]) if "paths" in options else [options.get("path", "")]
        self._paths = [path.removeprefix("file:") if path.startswith("file:/") else path for path in paths if path]
        if not self._paths:
            raise UsageError("there is nothing to read: give load() a path, a pattern or a list")
        self._mode = options.get("mode", _MODES[0]).upper()
        if self._mode not in _MODES:
            raise UsageError(f"mode is {options['mode']!r}, and must be one of {', '.join(_MODES)}")
        self._kind = options.get("kind", "jobs")
        self._is_strict = options.get("strict", "false").lower() == "true"
        self._step = int(options.get("splitbytes", SPLIT_BYTES))
        self._schema = to_arrow_schema(schema, **_IN_UTC)
        own = (_REASON.name, _RECORD.name)
        columns = [field for field in self._schema if field.name not in own]
        self._columns = pa.schema(columns or [pa.field("_offset", pa.int64())])
        self._keeps = self._mode == _MODES[0] and len(columns) < len(self._schema)
        # Tells at once of a column that does not exist.
        read_split(Split(path="", begin=0, end=0, size=0, step=1), kind=self._kind, columns=self._columns)

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The batches of one split. Spark makes up an empty partition where there is none."""
        split = partition.value
        if split is None:
            return
        letters: list[DeadLetter] = []
        take = None if self._mode == "FAILFAST" else letters.append if self._keeps else _ignore
        for batch in read_split(
            split, kind=self._kind, columns=self._columns, strict=self._is_strict, on_dead_letter=take
        ):
            yield widened(batch, self._schema)
            yield from self._corrupt(letters)
        yield from self._corrupt(letters)

    def _corrupt(self, letters: list[DeadLetter]) -> Iterator[pa.RecordBatch]:
        if letters:
            told = {
                "_source": [letter.source for letter in letters],
                "_offset": [letter.offset for letter in letters],
                "_length": [letter.length for letter in letters],
                _REASON.name: [f"{letter.reason}: {letter.detail}" for letter in letters],
                _RECORD.name: [letter.raw for letter in letters],
            }
            yield widened(pa.RecordBatch.from_pydict(told, _TOLD), self._schema)
            letters.clear()


def _ignore(_letter: DeadLetter) -> None: ...


class _BatchReader(_Rows, DataSourceReader):
    def partitions(self) -> list[InputPartition]:
        return [InputPartition(split) for split in plan_splits(self._paths, self._step)]


class _StreamReader(_Rows, DataSourceStreamReader):
    """An offset tells for each file how large it was, and the place (as JSON) up to which its records are complete."""

    def __init__(self, options: Mapping[str, str], schema: StructType) -> None:
        super().__init__(options, schema)
        self._last: dict[str, dict[str, Any]] = {}

    def initialOffset(self) -> dict[str, Any]:  # noqa: N802
        return {}

    def latestOffset(self) -> dict[str, Any]:  # type: ignore[override]  # noqa: N802  (with no arguments, 4.0 knows it too)
        found = {}
        for split in self._files():
            last = self._last.get(split.path)
            if last is None or last["size"] != split.size:
                place = safe_place(split.path, split.size, _place(last), _READ)
                last = {"size": split.size, "place": msgspec.json.encode(place).decode()}
            found[split.path] = last
        self._last = found
        return found

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> list[InputPartition]:
        splits: list[Split] = []
        for path, there in end.items():
            here = start.get(path)
            if here and there["size"] < here["size"]:
                raise InputError(f"has {there['size']} bytes, and had {here['size']}", source=path)
            place, size = _place(here), there["size"]
            if here is None or size > here["size"]:
                whole = Split(
                    path=path, begin=place.offset, end=size, size=size, step=self._step, place=place, is_growing=True
                )
                splits += cut(whole)
        return [InputPartition(split) for split in splits]

    def _files(self) -> list[Split]:
        """Each file as one split; those that a path stands for need not be there yet."""
        files: list[Split] = []
        for path in self._paths:
            with suppress(InputError):
                files += plan_splits(path, sys.maxsize)
        return files

    def commit(self, end: dict[str, Any]) -> None: ...
    def stop(self) -> None: ...


def _place(offset: dict[str, Any] | None) -> Place:
    return msgspec.json.decode(offset["place"], type=Place) if offset else Place()
