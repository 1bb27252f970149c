"""Batches → the folders their rows belong to: `Tag=Snapshot/CreationTime_date=2026-07-01`, as Hive lays them out; pure.

Spark, DuckDB, Polars and pyarrow read such folders as columns. A value that is absent is `__HIVE_DEFAULT_PARTITION__`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stream_cb.arrow import leaned
from stream_cb.errors import SinkError, UsageError
from stream_cb.patterns import lazy_pattern

_ABSENT = "__HIVE_DEFAULT_PARTITION__"
# What Hive and Spark escape in a folder's name; other characters stay, since Spark reads an escape as a character.
_SPECIAL = lazy_pattern(r"[\x00-\x1f\x7f\"#%'*/:=?\\{}\[\]^]")
_MAX_NAME_BYTES = 255
_SPEC = lazy_pattern(r"(?:(date)\(\s*([^()\s]+)\s*\)|([^()\s]+))")


class _Key(NamedTuple):
    """name: of the folder, before "=". path: of the column. is_date: it is a time, and its day in UTC is meant."""

    name: str
    path: str
    is_date: bool


class Partitions:
    """How rows are told apart: by columns ("Tag", "Input.Region") and by days of times ("date(CreationTime)").

    columns: the paths that the batches must have. dropped: columns that the files need not have, since the names of
    their folders say what is in them.
    """

    def __init__(self, specs: Sequence[str]) -> None:
        self._keys = [_key_of(spec) for spec in specs]
        names = [key.name for key in self._keys]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise UsageError(f"the rows are partitioned by {twice[0]} twice")
        self.columns = [key.path for key in self._keys]
        self.dropped = {key.path for key in self._keys if not key.is_date}

    def check(self, schema: pa.Schema) -> None:
        """Raises UsageError for a column that is not there, is no text, whole number or flag, or no time for a day."""
        for key in self._keys:
            found: pa.DataType = pa.struct(list(schema))
            for step in key.path.split("."):
                index = found.get_field_index(step) if pa.types.is_struct(found) else -1
                if index < 0:
                    raise UsageError(f"there is no column {key.path!r} to partition by")
                found = found.field(index).type
            is_time = pa.types.is_timestamp(found)
            if key.is_date and not is_time:
                raise UsageError(f"{key.path} is no time, so it has no date to partition by")
            if is_time and not key.is_date:
                raise UsageError(f"rows are partitioned by the day of a time: date({key.path})")
            if pa.types.is_nested(found):
                raise UsageError(f"{key.path} holds more than one value, so rows cannot be partitioned by it")

    def split(self, batch: pa.RecordBatch, name: str) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The folder of some rows, and those rows, lean and in their order; folders in the order they come up in.

        name: the output's. Raises SinkError for a value that is too long for a folder's name.
        """
        if not self._keys:
            yield "", batch
            return
        rows: dict[tuple[str | None, ...], list[int]] = {}
        for number, values in enumerate(zip(*[_values(batch, key) for key in self._keys], strict=True)):
            rows.setdefault(values, []).append(number)
        # To take the rows of all folders at once is faster than to take those of each.
        ordered = batch.take(pa.array(itertools.chain.from_iterable(rows.values()), pa.int64()))
        begin = 0
        for values, numbers in rows.items():
            folder = "/".join(_folder(key, value, name) for key, value in zip(self._keys, values, strict=True))
            yield folder, leaned(ordered.slice(begin, len(numbers)))
            begin += len(numbers)


def _key_of(spec: str) -> _Key:
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise UsageError(f"{spec!r} is nothing to partition by; write a column (Tag) or date(CreationTime)")
    path = match[2] or match[3]
    name = path.replace(".", "_")
    return _Key(f"{name}_date" if match[1] else name, path, bool(match[1]))


def _values(batch: pa.RecordBatch, key: _Key) -> list[str | None]:
    """The value of each row; a batch that lacks the column says nothing in it."""
    first, *steps = key.path.split(".")
    index = batch.schema.get_field_index(first)
    found = batch.column(index) if index >= 0 else pa.nulls(batch.num_rows)
    for step in steps:
        has_step = pa.types.is_struct(found.type) and found.type.get_field_index(step) >= 0
        found = pc.struct_field(found, step) if has_step else pa.nulls(batch.num_rows)
    if key.is_date and not pa.types.is_null(found.type):
        found = found.cast(pa.date32())
    values: list[str | None] = found.cast(pa.string()).to_pylist()
    return values


def _folder(key: _Key, value: str | None, output: str) -> str:
    escaped = _SPECIAL.sub(lambda match: f"%{ord(match[0]):02X}", value) if value else _ABSENT
    folder = f"{key.name}={escaped}"
    if len(folder.encode()) > _MAX_NAME_BYTES:
        raise SinkError(f"a {key.path} of {len(escaped)} characters cannot be a folder's name", source=output)
    return folder
