"""Columns: paths of documented names, compiled once into functions from a document to a cell.

A path is names joined by dots ("Operation.Output.Bucket"). A number indexes a list, from 0; any other name that meets
a list is looked up in each of its elements, and gives the list of what was found. Pure; nothing raises but `steps_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

import msgspec

from stream_cb.errors import UsageError

Steps = tuple[str, ...]
RowOf = Callable[[Any], list[str]]

_encode_json = msgspec.json.Encoder(decimal_format="number").encode
# The document of a line. Of a fraction, a float would lose digits.
decode_line = msgspec.json.Decoder(float_hook=Decimal).decode


def steps_of(path: str) -> Steps:
    """The names of a path. Raises UsageError for an empty one."""
    steps = tuple(path.split("."))
    if not all(steps):
        raise UsageError(f'"{path}" is no path: that is names joined by single dots')
    return steps


def compile_row(paths: Sequence[Steps]) -> RowOf:
    """A function from a document to the cells of `paths`, in their order.

    Neighbours below one parent are fetched together, in C: the default columns are four such groups.
    """
    groups = [
        (parent, tuple(steps[-1] for steps in group)) for parent, group in groupby(paths, key=lambda steps: steps[:-1])
    ]

    def row_of(document: Any) -> list[str]:
        row: list[Any] = []
        for parent, names in groups:
            inner = find(document, parent) if parent else document
            if type(inner) is dict:
                row += map(inner.get, names)
            elif inner is None:
                row += [None] * len(names)
            else:
                row += [find(document, (*parent, name)) for name in names]
        return cells_of(row)

    return row_of


def cells_of(values: Iterable[Any]) -> list[str]:
    """The cells of a row's values."""
    return ["" if value is None else value if type(value) is str else cell_of(value) for value in values]


def find(value: Any, steps: Steps) -> Any:
    """The value at `steps`; a list of all values if a name met a list on the way; None when there is nothing.

    value: of a document, whose objects may be Structs; see `column_types`.
    """
    for position, step in enumerate(steps):
        if type(value) is dict:
            value = value.get(step)
        elif type(value) is list and not step.isdecimal():
            return find_all(value, steps[position:]) or None
        elif isinstance(value, msgspec.Struct):
            value = getattr(value, step, None)
        else:
            value = _element(value, step)
    return value


def find_all(value: Any, steps: Steps) -> list[Any]:
    """All values at `steps`, without None. Lists on the way are walked through; one at the end is a value."""
    for position, step in enumerate(steps):
        if type(value) is dict:
            value = value.get(step)
        elif type(value) is list and not step.isdecimal():
            rest = steps[position:]
            return [found for element in value for found in find_all(element, rest)]
        elif isinstance(value, msgspec.Struct):
            value = getattr(value, step, None)
        else:
            value = _element(value, step)
    return [] if value is None else [value]


def elements_at(value: Any, steps: Steps) -> list[Any]:
    """The elements of the list at `steps`, of all of them if there are several; see `listed` for other values."""
    return [element for found in find_all(value, steps) for element in listed(found)]


def listed(value: Any) -> list[Any]:
    """A list as it is; any other value counts as a list of one, and None as an empty one."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def cell_of(value: Any) -> str:
    """Text as it is, a number with all its digits, true or false, compact JSON for a list or a dict, "" for None."""
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    return _encode_json(value).decode() if isinstance(value, list | dict) else str(value)


def _element(value: Any, step: str) -> Any:
    index = int(step) if type(value) is list else -1
    return value[index] if 0 <= index < len(value) else None
