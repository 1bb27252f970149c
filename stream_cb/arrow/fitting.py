"""A document of any shape → what of it fits the columns of a table, and the rest by its paths; pure.

What comes out reads back as JSON of exactly those columns. A path is documented names joined by dots, a number in it
stands for an element of a list ("Operation.Output.StreamExtract.0.New"); a dot or backslash in a name is escaped by a
backslash, so that no two values have one path.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec
import pyarrow as pa

from stream_cb.arrow.schema import holds_json
from stream_cb.events.fits import ABSENT, Misfit, fit_time
from stream_cb.events.notes import Notes
from stream_cb.patterns import lazy_pattern

# path → JSON of what did not fit.
Rest = dict[str, str]
# A value, its path ended by a dot, and where to put what does not fit inside it → what fits. Raises Misfit.
Take = Callable[[Any, str, Rest], Any]

_to_json = msgspec.json.Encoder(decimal_format="number").encode
_SPECIAL = lazy_pattern(r"[.\\]")
_INT64 = range(-(1 << 63), 1 << 63)
_NOTES = Notes(strict=False)


def take_struct(fields: list[pa.Field]) -> Take:
    """What takes an object with columns for these fields."""
    takes = {field.name: take_value(field) for field in fields}

    def take(value: Any, path: str, rest: Rest) -> dict[str, Any]:
        if type(value) is not dict:
            raise Misfit("an object")
        fitted = {}
        for name, member in value.items():
            where = path + (_SPECIAL.sub(r"\\\g<0>", name) if "." in name or "\\" in name else name)
            one = takes.get(name)
            if one is None:
                rest[where] = _to_json(member).decode()
            elif member is not None:
                try:
                    fitted[name] = one(member, where + ".", rest)
                except Misfit:
                    rest[where] = _to_json(member).decode()
        return fitted

    return take


def take_value(field: pa.Field) -> Take:
    """What takes a value for a column."""
    if pa.types.is_struct(field.type):
        return take_struct(list(field.type))
    if pa.types.is_list(field.type):
        return _take_list(take_value(field.type.value_field))
    if holds_json(field):
        return _take_any
    return _SCALARS[field.type]


def _take_list(element: Take) -> Take:
    def take(value: Any, path: str, rest: Rest) -> list[Any]:
        if type(value) is not list:
            raise Misfit("a list")
        inside: Rest = {}  # if one element does not fit, the list is kept whole
        fitted = [None if one is None else element(one, f"{path}{i}.", inside) for i, one in enumerate(value)]
        rest.update(inside)
        return fitted

    return take


def _take_any(value: Any, _path: str, _rest: Rest) -> str:
    return value if type(value) is str else _to_json(value).decode()


def _take_text(value: Any, _path: str, _rest: Rest) -> str:
    if type(value) is str:
        return value
    raise Misfit("text")


def _take_whole(value: Any, _path: str, _rest: Rest) -> int:
    if type(value) is int and value in _INT64:
        return value
    raise Misfit("a whole number of 64 bits")


def _take_flag(value: Any, _path: str, _rest: Rest) -> bool:
    if type(value) is bool:
        return value
    raise Misfit("true or false")


def _take_number(value: Any, _path: str, _rest: Rest) -> float:
    # Decimal: as fractions come from JSON.
    if type(value) is int or isinstance(value, float | Decimal):
        number = float(value)
        if isfinite(number):
            return number
    raise Misfit("a number")


def _take_time(value: Any, path: str, _rest: Rest) -> str:
    time = fit_time(value, path, _NOTES)
    if time is not ABSENT:
        try:
            # In UTC it may lie outside the years that there are.
            return str(time.astimezone(UTC).isoformat())
        except OverflowError:
            pass
    raise Misfit("a time")


_SCALARS: dict[pa.DataType, Take] = {
    pa.string(): _take_text,
    pa.int64(): _take_whole,
    pa.bool_(): _take_flag,
    pa.float64(): _take_number,
    pa.timestamp("us", "UTC"): _take_time,
}
