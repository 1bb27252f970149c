"""The path table: how each field of each Struct takes a value, derived from the Structs themselves.

A field typed as a tuple is a list whether its payload is one value, many, none or an empty element; a text keeps its
characters; an int and a time are read from text or number. How a single value is taken stands in `fits`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from stream_cb.errors import EventError
from stream_cb.events.fits import (
    ABSENT,
    Fit,
    Misfit,
    fit_converted,
    fit_extra,
    fit_flag,
    fit_int,
    fit_mapping,
    fit_payload,
    fit_text,
    fit_time,
    is_blank,
)
from stream_cb.events.node import EXTRA, NOTHING, Extra, Flag, Node, Paths, Time, Whole
from stream_cb.events.notes import Notes

StructT = TypeVar("StructT", bound=msgspec.Struct)


class Rule(msgspec.Struct, frozen=True, gc=False):
    """How a value is taken: what it must be ("text", "int", "time", "flag", "any", "mapping", "extra", "node", "list",
    or "converted" by msgspec), its conversion, what an empty one becomes among others in a list (ABSENT: it fits no
    list), and what it is made of (a Struct, a list's rule, the type that msgspec is to convert to).
    """

    role: str
    fit: Fit
    empty: Any = ABSENT
    part: Any = None


class Slot(msgspec.Struct, frozen=True, gc=False):
    """One field: the attribute's name, and how it takes a value.

    is_text: its rule is plain text. is_required: it has no default, so that an empty text is a text.
    """

    attribute: str
    is_text: bool
    rule: Rule
    is_required: bool = False


def fit_node(kind: type[msgspec.Struct]) -> Fit:
    """One object; a list of one object is that object."""

    def fit(value: Any, path: str, notes: Notes) -> Any:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, dict):
            return build(kind, value, path + ".", notes)
        if is_blank(value):
            return ABSENT
        raise Misfit("an object")

    return fit


def fit_list(element: Rule, container: Callable[[list[Any]], Any] = tuple) -> Fit:
    """A list of what `element` takes; one value is a list of one, and an empty one among several stays empty.

    Either all elements fit or the value does not.
    """

    def fit(value: Any, path: str, notes: Notes) -> Any:
        if not isinstance(value, list):
            if value == "" or (element.role == "node" and is_blank(value)):
                return ABSENT
            value = [value]
        fitted = []
        for one in value:
            element_fitted = element.fit(one, path, notes)
            if element_fitted is ABSENT:
                element_fitted = element.empty
                if element_fitted is ABSENT and element.role == "node":
                    element_fitted = build(element.part, {}, path + ".", notes)
                if element_fitted is ABSENT:
                    raise Misfit("a list without empty places")
            fitted.append(element_fitted)
        try:
            return container(fitted) if fitted else ABSENT
        except TypeError as error:
            raise Misfit("elements that can be hashed") from error

    return fit


def rule_of(hint: Any) -> Rule:
    """The rule for a field's type; a type that is none of ours is left to msgspec."""
    if get_origin(hint) in (types.UnionType, Union):
        choices = [choice for choice in get_args(hint) if choice is not type(None)]
        if len(choices) == 1:
            return _nullable(rule_of(choices[0])) if len(get_args(hint)) > 1 else rule_of(choices[0])
    if isinstance(hint, TypeVar):
        return MAPPING
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin in (list, set, frozenset) or (origin is tuple and parts[1:] in ((), (...,))):
        element = rule_of(parts[0] if parts else Any)
        return Rule("list", fit_list(element, origin), part=element)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return node_rule(hint)
    if hint == dict[str, Any]:
        return MAPPING
    return _RULES.get(hint) or Rule("converted", fit_converted(hint), part=hint)


def _nullable(rule: Rule) -> Rule:
    """The rule for a value or null, which a user's type may ask for; ours never do, see `Maybe`."""

    def fit(value: Any, path: str, notes: Notes) -> Any:
        return None if value is None else rule.fit(value, path, notes)

    return msgspec.structs.replace(rule, fit=fit)


def node_rule(kind: type[msgspec.Struct]) -> Rule:
    """The rule for an object of that type."""
    is_free = not any(field.required for field in fields_of(kind))
    return Rule("node", fit_node(kind), empty=kind() if is_free else ABSENT, part=kind)


ANY = Rule("any", fit_payload, empty=None)
MAPPING = Rule("mapping", fit_mapping, empty={})
_RULES: dict[Any, Rule] = {
    str: Rule("text", fit_text, empty=""),
    int: Rule("int", fit_int),
    Whole: Rule("int", fit_int),
    bool: Rule("flag", fit_flag),
    Flag: Rule("flag", fit_flag),
    Time: Rule("time", fit_time),
    Paths: Rule("paths", fit_converted(tuple[str, ...])),
    Any: ANY,
    dict: MAPPING,
    Extra: Rule("extra", fit_extra, empty=NOTHING),
}


# It evaluates all annotations of a Struct, and most Structs are parts of several. Bounded by the number of Structs.
fields_of = cache(msgspec.structs.fields)


@cache
def slots_of(kind: type[msgspec.Struct]) -> dict[str, Slot]:
    """Documented name → how the field takes a value. Bounded by the number of Structs."""
    slots = {}
    for field in fields_of(kind):
        if field.encode_name != EXTRA:
            rule = rule_of(field.type)
            slots[field.encode_name] = Slot(field.name, rule.role == "text", rule, field.required)
    return slots


def build(
    kind: type[StructT], payload: dict[str, Any], path: str, notes: Notes, slots: dict[str, Slot] | None = None
) -> StructT:
    """A `kind` from its payload; what it does not know or cannot take goes to its `extra` and into the notes.

    path: documented path of the payload, "" or ended by a dot. slots: other than the kind's own, for a field whose
    type depends on another field. Raises EventError for a misfit if the notes are strict, and for whatever a kind
    that is no Node has no place for.
    """
    if slots is None:
        slots = slots_of(kind)
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in payload.items():
        slot = slots.get(name)
        if slot is None:
            _note(kind, path + name, "", notes)
            extra[name] = value
        elif slot.is_text and type(value) is str:
            if value or slot.is_required:
                fields[slot.attribute] = value
        else:
            try:
                fitted = slot.rule.fit(value, path + name, notes)
            except Misfit as misfit:
                if slot.is_required:
                    raise EventError(f"expected {misfit} at $.{path}{name}") from misfit
                _note(kind, path + name, str(misfit), notes)
                extra[name] = value
            else:
                if fitted is not ABSENT:
                    fields[slot.attribute] = fitted
    if extra:
        fields["extra"] = Extra(extra)
    try:
        return kind(**fields)
    except (TypeError, ValueError) as error:
        raise EventError(f"{error} at $.{path}".removesuffix(".")) from error


def _note(kind: type[msgspec.Struct], path: str, expected: str, notes: Notes) -> None:
    """Note what goes to `extra`; raises EventError where there is none. expected: "" for a field that is unknown."""
    if not issubclass(kind, Node):
        raise EventError(
            f"expected {expected} at $.{path}" if expected else f"{kind.__name__} has no field for $.{path}"
        )
    if expected:
        notes.misfit(path, expected)
    else:
        notes.unknown(path)
