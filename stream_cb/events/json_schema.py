"""JSON Schema (draft 2020-12) of the lines that are written, derived from the same Structs and path table.

A line with a member "Misfits" names values that are kept although they do not fit; its other members are not
constrained. Every other line keeps the types of the Structs; members that no type describes are allowed at any level.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from inspect import getdoc
from typing import Any

from stream_cb.events.node import MISFITS, Node
from stream_cb.events.shape import Rule, slots_of
from stream_cb.patterns import lazy_pattern

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "flag": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "any": {},
    "mapping": {"type": "object"},
    "extra": {"type": "object"},
    "converted": {},
    "paths": {"type": "array", "items": {"type": "string"}},
}


# "name, other: meaning" in a docstring; it ends where the next one begins, on a new line or behind a full stop.
_NAMES = r"(?:[a-z_0-9]+(?:, | or ))*[a-z_0-9]+: "
_FIELD_LINE = lazy_pattern(rf"(?:^|(?<=\. )|(?<=\n))({_NAMES})(.*?)(?=(?:\. |\n){_NAMES}|\Z)", re.DOTALL)


def json_schema(kinds: Iterable[type[Node]], operations: Mapping[str, type[Node]]) -> dict[str, Any]:
    """The schema of a line that is an event of one of the kinds.

    operations: Tag → the type of a TaskFinish's Operation; the Operation of any other Tag is any object.
    """
    writer = _Writer()
    lines = [writer.line(kind, operations) for kind in kinds]
    schema: dict[str, Any] = {"$schema": DRAFT, "title": "stream_cb event"}
    schema |= lines[0] if len(lines) == 1 else {"oneOf": lines}
    return schema | {"$defs": dict(sorted(writer.definitions.items()))}


class _Writer:
    """Collects the definitions that the lines refer to."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def line(self, kind: type[Node], operations: Mapping[str, type[Node]]) -> dict[str, Any]:
        """The schema of a line of one kind: strict, unless the line says that it has misfits."""
        strict = self._node(kind)
        if "Operation" in slots_of(kind):
            # Which type the Operation has depends on the Tag, so it stands beside the definition.
            self.definitions[kind.__name__]["properties"]["Operation"] = {"type": "object"}
            tags: list[dict[str, Any]] = [self._of_tag(tag, operation) for tag, operation in sorted(operations.items())]
            if len(operations) == 1:
                tags.append({"properties": {"Tag": {"const": next(iter(operations))}}, "required": ["Tag"]})
            strict = {"allOf": [strict, *tags]}
        event_name = {"properties": {"EventName": {"const": kind.__struct_config__.tag}}, "required": ["EventName"]}
        return {"type": "object"} | event_name | {"if": {"required": [MISFITS]}, "else": strict}

    def _of_tag(self, tag: str, operation: type[Node]) -> dict[str, Any]:
        has_tag = {"properties": {"Tag": {"const": tag}}, "required": ["Tag"]}
        return {"if": has_tag, "then": {"properties": {"Operation": self._node(operation)}}}

    def _node(self, kind: type[Node]) -> dict[str, Any]:
        """A reference to the definition of a type."""
        name = kind.__name__
        if name not in self.definitions:
            definition: dict[str, Any] = {"type": "object"}
            self.definitions[name] = definition
            described = _descriptions(kind)
            if described.get(""):
                definition["description"] = described[""]
            definition["properties"] = {
                documented: self._rule(slot.rule) | _described(described.get(slot.attribute))
                for documented, slot in slots_of(kind).items()
            }
        return {"$ref": f"#/$defs/{name}"}

    def _rule(self, rule: Rule) -> dict[str, Any]:
        if rule.role == "node":
            return self._node(rule.part)
        if rule.role == "list":
            return {"type": "array", "items": self._rule(rule.part)}
        return dict(_TYPES[rule.role])


def _described(text: str | None) -> dict[str, str]:
    return {"description": text} if text else {}


def _descriptions(kind: type[Node]) -> dict[str, str]:
    """Attribute → what the docstring says of it; "" → what it says of the type. Inherited texts come first."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if not issubclass(base, Node) or base is Node or base.__doc__ is None:
            continue
        text = getdoc(base) or ""
        first, _, rest = text.partition("\n\n")
        found[""] = " ".join(first.split())
        for names, meaning in _FIELD_LINE.findall(rest.replace("\n", " \n")):
            for name in re.split(r", | or ", names.removesuffix(": ")):
                found[name] = " ".join(meaning.split()).rstrip(".")
    return found
