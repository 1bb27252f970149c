"""What of their events lines have to have: paths of documented names, with everything below them.

Where a table has few columns, a plan takes a record as any other does, and writes only what these need: lines are then
a tenth as long, and so is what reading them takes. Pure.
"""

from __future__ import annotations

from collections.abc import Set
from itertools import takewhile
from typing import Any

from msgspec.structs import replace

from stream_cb.events.layout import Branch, Field, Layout, Run
from stream_cb.model import Selection

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


def narrowed(layout: Layout, names: Names) -> Layout:
    """The layout of the same records, of which a line has only these names."""
    return replace(layout, job=replace(layout.job, fields=_narrowed(layout.job.fields, names)))


def _narrowed(fields: list[Field], names: Names) -> list[Field]:
    return [_field(field, names[field.name]) for field in fields if field.name in names]


def _field(field: Field, names: Names) -> Field:
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
