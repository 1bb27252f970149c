"""What of their events lines have to have: paths of documented names, with everything below them.

Where a table has few columns, a plan takes a record as any other does, and writes only what these need: lines are then
a tenth as long, and so is what reading them takes. Pure.
"""

from __future__ import annotations

from collections.abc import Set
from itertools import takewhile
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from stream_cb.events.layout import Branch, Cell, Field, Layout, Leaf, RowLayout, Run
from stream_cb.model import Row, Selection

FieldT = TypeVar("FieldT", bound=Field)
# Names → those wanted below them; none below a name, or at all: everything.
Names = dict[str, "Names"]

# What a line always begins with.
_ALWAYS = (("EventName",), ("Tag",))


def names_of(selection: Selection) -> Names:
    """The names that are wanted at each level. A list has no level of its own, and a number ends a path."""
    return tree_of({tuple(takewhile(lambda name: not name.isdecimal(), path)) for path in (*_ALWAYS, *selection)})


def tree_of(paths: Set[tuple[str, ...]]) -> Names:
    """The names at each level. A path that leads through another one adds nothing to it."""
    names: Names = {}
    for path in paths:
        if not any(path[:depth] in paths for depth in range(len(path))):
            level = names
            for name in path:
                level = level.setdefault(name, {})
    return names


class Wanted(msgspec.Struct, frozen=True):
    """What is wanted of a line: these names, or else, where that can be, a row."""

    names: Names
    row: Row | None = None


def narrowed(layout: Layout, wanted: Wanted) -> Layout:
    """The layout of the same records, of which a line has only what is wanted."""
    row = wanted.row and _row(layout, wanted.row, wanted.names)
    if row:
        return replace(layout, row=row)
    return replace(layout, job=replace(layout.job, fields=_narrowed(layout.job.fields, wanted.names)))


def shown(document: Any, wanted: Wanted, line: Any) -> Any:
    """What of a whole line's document the narrow line has to say. line: the narrow one's, a row or an object."""
    if not isinstance(line, list) or not wanted.row:
        return picked(document, wanted.names)
    cells = [_found(document, path) for path in wanted.row.cells]
    values = [picked(_found(document, path), _below(wanted.names, path)) for path in wanted.row.values]
    texts = ["" if value is None else "true" if value is True else str(value) for value in cells]
    return [*texts, *[[] if value is None else [value] for value in values]]


def _found(document: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _below(names: Names, path: tuple[str, ...]) -> Names:
    """What is wanted of the value at a path."""
    for name in path:
        names = names.get(name, {})
    return names


def _row(layout: Layout, row: Row, names: Names) -> RowLayout | None:
    """The row of a layout; None where a path leads through a list, or a cell would be more than one value.

    names: those that the values have.
    """
    known: dict[tuple[str, ...], str] = {("EventName",): str(layout.job.kind.__struct_config__.tag)}
    if layout.tag:
        known["Tag",] = layout.tag
    cells: list[Cell] = []
    for path in row.cells:
        fields = [] if path in known else _fields_at(layout.job.fields, path)
        leaves = [field for _, field in fields or () if isinstance(field, Leaf)]
        if fields is None or len(leaves) < len(fields):
            return None
        cells.append(Cell(known.get(path, ""), leaves))
    values: list[list[tuple[str, Branch | Run]]] = []
    for path in row.values:
        fields = _fields_at(layout.job.fields, path)
        below = _below(names, path)
        inner = [(there, _field(field, below)) for there, field in fields or () if not isinstance(field, Leaf)]
        if fields is None or len(inner) < len(fields):
            return None
        values.append(inner)
    return RowLayout(cells, values)


def _fields_at(fields: list[Field], path: tuple[str, ...], there: str = "") -> list[tuple[str, Field]] | None:
    """The fields at a path, each with the variable that tells whether it is there; None if that leads through a list.

    there: that of what the fields are in.
    """
    name, *below = path
    found: list[tuple[str, Field]] = []
    for field in fields:
        if field.name != name:
            continue
        here = there if isinstance(field, Leaf) else field.there or there
        if not below:
            found.append((here, field))
        elif isinstance(field, Branch):
            inner = _fields_at(field.fields, tuple(below), here)
            if inner is None:
                return None
            found += inner
        elif isinstance(field, Run):
            return None
    return found


def _narrowed(fields: list[Field], names: Names) -> list[Field]:
    return [_field(field, names[field.name]) for field in fields if field.name in names]


def _field(field: FieldT, names: Names) -> FieldT:
    if names and isinstance(field, Branch):
        return replace(field, fields=_narrowed(field.fields, names))
    if names and isinstance(field, Run) and isinstance(field.item, Branch):
        return replace(field, item=replace(field.item, fields=_narrowed(field.item.fields, names)))
    return field


def picked(document: Any, names: Names) -> Any:
    """What of a line's document has these names: what the line of a narrowed layout has to say."""
    if isinstance(document, list):
        return [picked(one, names) for one in document]
    if not names or not isinstance(document, dict):
        return document
    return {name: picked(value, names[name]) for name, value in document.items() if name in names}
