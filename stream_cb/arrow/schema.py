"""Event Structs → Arrow schemas; pure. The documented names, at the places where the JSON line has them.

A table is a struct type whose fields are its columns. Every column may be null: absent and empty texts, lists and
objects are null, as they are left out of the line. Types are string, int64, bool, double, timestamp in microseconds
of UTC, struct, list, and one map: what Spark, Parquet and every other reader takes.
A field of any type ("any" in the path table) is a text: itself if it is one, else its JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, reduce
from importlib.metadata import version
from typing import Any

import msgspec
import pyarrow as pa

from stream_cb.errors import UsageError
from stream_cb.events.kinds import KINDS
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.other import Other
from stream_cb.events.shape import Rule, slots_of
from stream_cb.events.task_finish import TaskFinish
from stream_cb.events.workflow_finish import WorkflowFinish
from stream_cb.model import EVERYTHING, Selection

# Fields that no column takes, and values that do not fit theirs: path → JSON.
EXTRA_COLUMN = pa.field("_extra", pa.map_(pa.string(), pa.string()))
# Where the record of a row lies.
PLACE_COLUMNS = (pa.field("_source", pa.string()), pa.field("_offset", pa.int64()), pa.field("_length", pa.int64()))
_OURS = {field.name for field in (EXTRA_COLUMN, *PLACE_COLUMNS)}
# The name of the table that has columns for all jobs and workflows, and holds any event. With those of the reviews it
# would have 3,500, each of which costs every row a few bytes in Arrow, and every reader some time.
JOBS = "jobs"

_TEXT = pa.string()
_TYPES: dict[str, pa.DataType] = {
    "text": _TEXT,
    "int": pa.int64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", "UTC"),
    "any": _TEXT,
    "paths": pa.list_(_TEXT),
}
_HOLDS_JSON = {b"stream_cb.holds": b"json"}


Kind = str | type[msgspec.Struct]


def schema_of(kind: Kind, columns: Sequence[str] = (), *, with_places: bool = False) -> pa.Schema:
    """See `stream_cb.api.arrow_schema`; kind may be a msgspec Struct of the user's own, too."""
    table = table_of(kind)
    if columns:
        named = [column for column in dict.fromkeys(columns) if column != EXTRA_COLUMN.name]
        tables = [table] if isinstance(kind, type) else [table, *map(table_of, (JOBS, *KINDS))]
        chosen = reduce(merge, [_at_path(tables, path) for path in named], pa.struct([]))
        fields = list(chosen) + [EXTRA_COLUMN] * (len(named) < len(set(columns)))
    else:
        fields = [*table, EXTRA_COLUMN]
    places = PLACE_COLUMNS if with_places else ()
    name = f"{kind.__module__}:{kind.__qualname__}" if isinstance(kind, type) else kind
    metadata = {"stream_cb.version": version("stream-cb"), "stream_cb.schema": name}
    return pa.schema([*places, *fields], metadata=metadata)


@cache
def table_of(kind: Kind) -> pa.StructType:
    """The columns of a table, without those that begin with "_". Bounded by the kinds, Tags and Structs."""
    if isinstance(kind, type):
        if kind.__struct_config__.array_like:
            raise UsageError(f"{kind.__name__} is written as an array, which has no columns")
        return struct_of(kind)
    name, _, tag = kind.partition("/")
    if kind == JOBS:
        return merge(merge(table_of(TaskFinish.__name__), struct_of(WorkflowFinish)), struct_of(Other))
    if name == TaskFinish.__name__ and tag in OPERATIONS:
        return _job([OPERATIONS[tag]])
    if kind in KINDS:
        return _job(OPERATIONS.values()) if kind == TaskFinish.__name__ else struct_of(KINDS[kind])
    known = ", ".join([JOBS, *KINDS])
    raise UsageError(f"there is no table {kind!r}; known: {known}, and TaskFinish/TAG for a Tag that has a type")


def _job(operations: Iterable[type[msgspec.Struct]]) -> pa.StructType:
    """The table of TaskFinish events whose Operation has any of these types."""
    operation = pa.field("Operation", reduce(merge, map(struct_of, operations)))
    return merge(struct_of(TaskFinish), pa.struct([operation]))


@cache
def struct_of(kind: type[msgspec.Struct]) -> pa.StructType:
    """A struct with the fields of a Struct; of names that differ in case alone, the first. Bounded by the Structs.

    A field of unknown fields has no column, and neither has one whose type depends on another field.
    """
    fields: dict[str, pa.Field] = {}
    tag_field = kind.__struct_config__.tag_field
    if tag_field:
        fields[tag_field.lower()] = pa.field(tag_field, _TEXT)
    for name, slot in slots_of(kind).items():
        field = _field_of(name, slot.rule)
        # Spark, DuckDB and others do not tell such names apart.
        if field is not None:
            fields.setdefault(name.lower(), field)
    return pa.struct(list(fields.values()))


def _field_of(name: str, rule: Rule) -> pa.Field | None:
    if rule.role in ("extra", "mapping"):
        return None
    if rule.role == "node":
        struct = struct_of(rule.part)
        return pa.field(name, struct) if struct.num_fields else None  # Parquet has no empty ones
    if rule.role == "list":
        element = _field_of("element", rule.part)
        return pa.field(name, pa.list_(element)) if element is not None else None
    if rule.role == "converted" and rule.part is float:
        return pa.field(name, pa.float64())
    plain = _TYPES.get(rule.role, _TEXT)
    return pa.field(name, plain, metadata=_HOLDS_JSON if rule.role in ("any", "converted") else None)


def holds_json(field: pa.Field) -> bool:
    """Whether a text column stands for a value of any type."""
    return bool(field.metadata and b"stream_cb.holds" in field.metadata)


def merge(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The type that has the fields of both; what is no struct is the same in both, which a test proves of our kinds."""
    if one.equals(other):
        return one
    if pa.types.is_list(one) and pa.types.is_list(other):
        return pa.list_(one.value_field.with_type(merge(one.value_type, other.value_type)))
    if not (pa.types.is_struct(one) and pa.types.is_struct(other)):
        raise TypeError(f"{one} and {other} cannot be one column")
    fields = {field.name.lower(): field for field in one}
    for field in other:
        known = fields.get(field.name.lower())
        if known is None:
            fields[field.name.lower()] = field
        elif known.name == field.name:
            fields[field.name.lower()] = known.with_type(merge(known.type, field.type))
    return pa.struct(list(fields.values()))


def _at_path(tables: Sequence[pa.StructType], path: str) -> pa.StructType:
    """A struct that has nothing but what is at the path, in the first of the tables that has it."""
    for table in tables:
        found = _pruned(table, path.split("."))
        if found is not None:
            return found
    raise UsageError(f"no table has a column {path!r}")


def _pruned(place: pa.DataType, steps: list[str]) -> Any:
    """The type with nothing but what is at the steps; None if there is nothing."""
    if not steps:
        return place
    if pa.types.is_list(place):
        inside = _pruned(place.value_type, steps)
        return None if inside is None else pa.list_(place.value_field.with_type(inside))
    index = place.get_field_index(steps[0]) if pa.types.is_struct(place) else -1
    if index < 0:
        return None
    inside = _pruned(place.field(index).type, steps[1:])
    return None if inside is None else pa.struct([place.field(index).with_type(inside)])


def selection_of(schema: pa.Schema) -> Selection:
    """What a line has to have for these columns: everything, if one of them holds what has none."""
    if EXTRA_COLUMN.name in schema.names:
        return EVERYTHING
    return tuple(_paths(events_own(schema)))


def events_own(schema: pa.Schema) -> pa.StructType:
    """The columns of a schema that are the events' own."""
    return pa.struct([field for field in schema if field.name not in _OURS])


def _paths(place: pa.DataType) -> Iterator[tuple[str, ...]]:
    if pa.types.is_list(place):
        yield from _paths(place.value_type)
    elif pa.types.is_struct(place):
        yield from ((field.name, *path) for field in place for path in _paths(field.type))
    else:
        yield ()


def subset(table: pa.StructType, wanted: pa.Schema) -> pa.Schema:
    """The wanted schema, with fields of the table: it may have fewer of them, at any level, and in another order.

    Raises UsageError for a field that the table does not have, or has with another type.
    """
    known = pa.struct([*PLACE_COLUMNS, *table, EXTRA_COLUMN])
    return pa.schema(list(_narrowed(known, pa.struct(list(wanted)), "")), metadata=wanted.metadata)


def _narrowed(known: pa.DataType, wanted: pa.DataType, path: str) -> pa.DataType:
    if pa.types.is_struct(known) and pa.types.is_struct(wanted):
        fields = []
        for field in wanted:
            where = f"{path}.{field.name}" if path else field.name
            index = known.get_field_index(field.name)
            if index < 0:
                raise UsageError(f"there is no column {where!r}")
            found = known.field(index)
            fields.append(found.with_type(_narrowed(found.type, field.type, where)))
        return pa.struct(fields)
    if pa.types.is_list(known) and pa.types.is_list(wanted):
        return pa.list_(known.value_field.with_type(_narrowed(known.value_type, wanted.value_type, path)))
    is_same = pa.types.is_map(known) and pa.types.is_map(wanted) and known.item_type == wanted.item_type == _TEXT
    if not (is_same or known.equals(wanted)):
        raise UsageError(f"the column {path!r} is of the type {known}, not {wanted}")
    return known
