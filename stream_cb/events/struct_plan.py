"""layout → the plan that makes the event's Structs of the texts in a record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from stream_cb.events.grammar import Element
from stream_cb.events.plan_writer import FLAG, INT, Branch, Forms, Leaf, Run, write_layout
from stream_cb.events.steps import expression

_TEXT = r"[^<>&\x00-\x08\x0b-\x1f]*+"
_FORMS: Forms = {
    "int": INT,
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])",
    "flag": FLAG,
    "text": _TEXT,
    "some_text": _TEXT,
}
# Stands around the source of each text; it becomes nothing, or the call that resolves entities.
_RESOLVE = "text__"
# role → how a text becomes a value, and what stands for a missing one.
_SOURCES = {
    "text": (f"{_RESOLVE}({{0}})", f"{_RESOLVE}({{0}})"),
    "int": ("int({0})", "int({0}) if {0} else None"),
    "time": ("time({0})", "time({0}) if {0} else None"),
    "flag": ("{0} == 'true'", "{0} == 'true'"),
}


class StructPlan(NamedTuple):
    """match: the whole text of a record, from its start tag on.

    make: the event of its groups, "" standing for a group that took no part; raises ValueError for a time that the
    calendar does not have. resolve: the same, for texts whose entities have to be resolved.
    """

    match: Callable[[str, int], re.Match[str] | None]
    make: Callable[..., Any]
    resolve: Callable[..., Any]


def plan_structs(grammar: Element, name: str, subject: str, resolve: Callable[[str], str]) -> StructPlan:
    """The plan for the Structs of records of one subject; see `write_layout`. resolve: what a matched text means.

    Raises CannotPlan.
    """
    layout = write_layout(grammar, name, subject, _FORMS)
    names: dict[str, Any] = {"time": datetime.fromisoformat, _RESOLVE: resolve}
    source = _struct(layout.job, names, *([f"tag={layout.tag!r}"] if layout.tag else []))
    arguments = ", ".join(layout.variables)
    # Made of names of ours and of numbers.
    resolved = eval(f"lambda {arguments}: {source}", names)
    make = eval(f"lambda {arguments}: {source.replace(_RESOLVE, '')}", names)
    return StructPlan(re.compile(expression(layout.steps, _FORMS)).fullmatch, make, resolved)


def _struct(branch: Branch, names: dict[str, Any], *arguments: str) -> str:
    """The source of a Struct; puts into `names` what it calls."""
    names[branch.kind.__name__] = branch.kind
    written = [f"{field.slot.attribute}={_value(field, names)}" for field in branch.fields if field.slot]
    return f"{branch.kind.__name__}({', '.join([*arguments, *written])})"


def _value(field: Leaf | Branch | Run, names: dict[str, Any]) -> str:
    if isinstance(field, Leaf):
        return _SOURCES[field.slot.rule.role][field.may_be_empty].format(field.source)
    if isinstance(field, Branch):
        source = _struct(field, names)
        return f"({source} if {field.there} else None)" if field.there else source
    item = _SOURCES["text"][0].format(field.item.source) if isinstance(field.item, Leaf) else _struct(field.item, names)
    if field.tags:
        return _split(field, item)
    find = f"find{len(names)}"
    names[find] = re.compile(field.pattern).findall
    # findall answers plain texts where there is only one group.
    variables = ", ".join(field.variables) or "_"
    return f"tuple([{item} for {variables} in {find}({field.source})])"


def _split(run: Run, item: str) -> str:
    """The source of a tuple of what stands in a run of plain items."""
    opening, *between, closing = run.tags
    texts = f"{run.source}[{len(opening)}:-{len(closing)}].split({closing + opening!r})"
    variables = ", ".join(run.variables)
    if between:
        texts = f"[text.split({between[0]!r}) for text in {texts}]"
    # An absent list has an empty run.
    return f"(tuple([{item} for {variables} in {texts}]) if {run.source} else ())"
