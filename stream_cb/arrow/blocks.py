"""Lines of events → one struct array; and what does not fit its columns.

Lines that say nothing but what has a column, nearly all, go through Arrow's JSON parser as one block, which takes a
third of what rows of dicts take. Where it refuses a block, the lines at fault are found by halving and made to fit
(`fitting`). A row depends on its event alone, never on its neighbours.
Holds one block.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache, reduce
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.json import ParseOptions, ReadOptions, read_json

from stream_cb.arrow.fitting import Rest, take_struct
from stream_cb.arrow.schema import EXTRA_COLUMN, events_own, merge, struct_of
from stream_cb.events.encode import to_document, typed_line
from stream_cb.events.shape import Rule, slots_of

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode
# The microseconds that Python can show, from year 1 to year 9999; in UTC a time in one of these may lie outside.
_FIRST_TIME, _LAST_TIME = -62_135_596_800_000_000, 253_402_300_799_999_999
_ODD_YEARS = (b'"0001-', b'"9999-')


class BlockParser:
    """Parses lines into the columns of a schema that are the events' own.

    table: the columns that events may have. What none of them takes is told if the schema has "_extra", and else left
    out, as are the columns that the schema does not have.
    """

    def __init__(self, schema: pa.Schema, table: pa.StructType) -> None:
        self._wanted = events_own(schema)
        self._keeps_rest = EXTRA_COLUMN.name in schema.names
        self._table = merge(self._wanted, table) if self._keeps_rest else self._wanted
        # What the blocks so far have said anything in: of a table of 900 columns, a log rarely fills a tenth, and a
        # parser that knows of no others is three times as fast.
        self._usual: pa.StructType = pa.struct([]) if self._keeps_rest else self._wanted
        self._take = take_struct(list(self._table))
        self._has_columns: dict[type[msgspec.Struct], bool] = {}

    def line(self, event: Any) -> tuple[bytes, Rest]:
        """The line of an event as the parser will take it, and what had to be taken out; a line is given as it is."""
        if type(event) is bytes:
            return event, {}
        line = typed_line(event) if self._is_plain(event) else None
        return (line, {}) if line is not None else self.fitted(to_document(event))

    def parse(self, lines: list[bytes], rests: list[Rest]) -> pa.StructArray:
        """The columns in which the lines say anything, and maybe more, of those of the table.

        rests: by line; receives what had to be taken out of some of them.
        """
        if not self._table.num_fields:
            return pa.array([{}] * len(lines), self._table)
        parts = self._parts(lines, rests, 0, len(lines))
        if any(map(_has_odd_times, parts)):
            for number, line in enumerate(lines):
                if any(year in line for year in _ODD_YEARS):
                    lines[number] = self._refit(line, rests[number])
            parts = self._parts(lines, rests, 0, len(lines))
        return joined(parts)

    def _parts(self, lines: list[bytes], rests: list[Rest], begin: int, end: int) -> list[pa.StructArray]:
        block = b"".join(lines[begin:end])
        for columns in (self._usual, self._table):
            try:
                part = _read(block, columns, is_strict=self._keeps_rest)
            except pa.ArrowInvalid:
                continue
            if columns is not self._usual:
                self._usual = merge(self._usual, filled(part))
            return [part]
        if end - begin == 1:
            lines[begin] = self._refit(lines[begin], rests[begin])
            return [_read(lines[begin], self._table, is_strict=True)]
        middle = (begin + end) // 2
        return self._parts(lines, rests, begin, middle) + self._parts(lines, rests, middle, end)

    def _refit(self, line: bytes, rest: Rest) -> bytes:
        fitted, more = self.fitted(_decode(line))
        rest |= more
        return fitted

    def fitted(self, document: Any) -> tuple[bytes, Rest]:
        """The line of a document as the parser will take it, and what had to be taken out."""
        rest: Rest = {}
        fitted = self._take(document, "", rest)
        return _encode(fitted) + b"\n", rest

    def _is_plain(self, event: Any) -> bool:
        """Whether all that the event's types describe has a column, so that its line can be parsed as it is."""
        kind: type[msgspec.Struct] = type(event)
        has_columns = self._has_columns.get(kind)
        if has_columns is None:
            table = self._table
            has_columns = not self._keeps_rest or merge(table, struct_of(kind)).equals(table)
            self._has_columns[kind] = has_columns
        return (
            has_columns
            and _are_typed(kind)
            and all(
                not value or (isinstance(value, msgspec.Struct) and _are_typed(type(value)))
                for value in [getattr(event, attribute) for attribute in _loose(kind)]
            )
        )


def _read(block: bytes, columns: pa.StructType, *, is_strict: bool) -> pa.StructArray:
    """The block by Arrow's parser, in this thread. Raises ArrowInvalid; is_strict: for columns unknown, too."""
    if not columns.num_fields:
        raise pa.ArrowInvalid("no columns")
    table = read_json(
        pa.BufferReader(block),
        read_options=ReadOptions(use_threads=False, block_size=len(block) + 1),
        parse_options=ParseOptions(
            explicit_schema=pa.schema(list(columns)), unexpected_field_behavior="error" if is_strict else "ignore"
        ),
    )
    arrays = [table.column(field.name).combine_chunks() for field in columns]
    return pa.StructArray.from_arrays(arrays, fields=list(columns))


def joined(parts: Sequence[pa.StructArray]) -> pa.StructArray:
    """All rows, with the columns, and inside of structs the fields, that any of the parts has."""
    columns = reduce(merge, [part.type for part in parts])
    return pa.concat_arrays([part.cast(columns) for part in parts])


def filled(array: Any) -> Any:
    """The type with only those fields of structs, at any depth, that are not null throughout."""
    if pa.types.is_struct(array.type):
        fields = [(field, array.field(number)) for number, field in enumerate(array.type)]
        return pa.struct([field.with_type(filled(one)) for field, one in fields if one.null_count < len(one)])
    if pa.types.is_list(array.type):
        return pa.list_(array.type.value_field.with_type(filled(array.flatten())))
    return array.type


def _has_odd_times(array: Any) -> bool:
    """Whether there is a time, at any depth, that Python cannot show."""
    if pa.types.is_struct(array.type):
        return any(_has_odd_times(array.field(number)) for number in range(array.type.num_fields))
    if pa.types.is_list(array.type):
        return _has_odd_times(array.values)
    if not pa.types.is_timestamp(array.type) or array.null_count == len(array):
        return False
    bounds = pc.min_max(array.view(pa.int64()))
    return bool(bounds["min"].as_py() < _FIRST_TIME or bounds["max"].as_py() > _LAST_TIME)


@cache
def _loose(kind: type[msgspec.Struct]) -> list[str]:
    """Attributes whose type depends on another field, or that take unknown fields. Bounded by the Structs."""
    return [slot.attribute for slot in slots_of(kind).values() if slot.rule.role in ("mapping", "extra")]


@cache
def _are_typed(kind: type[msgspec.Struct]) -> bool:
    """Whether all other fields have types of one kind of JSON value, at any depth. Bounded by the Structs."""
    return all(_is_typed(slot.rule) for slot in slots_of(kind).values() if slot.attribute not in _loose(kind))


def _is_typed(rule: Rule) -> bool:
    if rule.role == "node":
        return not _loose(rule.part) and _are_typed(rule.part)
    if rule.role == "list":
        return _is_typed(rule.part)
    return rule.role in ("text", "int", "time", "flag", "paths")
