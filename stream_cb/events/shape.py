"""The path table: how each field of each Struct takes a value, derived from the Structs themselves.

A field typed as a tuple is a list whether its payload is one value, many, none or an empty element; a text keeps its
characters; an int and a time are read from text or number. A value that fits is converted, one that does not raises
`Misfit`, and an empty one is absent.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec

from stream_cb.errors import EventError
from stream_cb.events.node import EXTRA, INTEGER, MAX_DIGITS, NOTHING, Extra, Flag, Node, Time, Whole
from stream_cb.events.notes import Notes

StructT = TypeVar("StructT", bound=msgspec.Struct)

# Answers for an empty value, which stands for an absent field.
ABSENT: Any = object()

Fit = Callable[[Any, str, Notes], Any]

# A fraction that microseconds cannot hold.
_TOO_FINE = re.compile(r"\.[0-9]{7}")
# What XML takes for white space, and nothing else.
_BLANKS = " \t\r\n"


class Misfit(Exception):
    """A value does not fit; the argument says what was expected ("an object")."""


class Rule(NamedTuple):
    """How a value is taken: what it must be ("text", "int", "time", "flag", "any", "mapping", "extra", "node", "list",
    or "converted" by msgspec), its conversion, what an empty one becomes among others in a list (ABSENT: it fits no
    list), and what it is made of (a Struct, a list's rule).
    """

    role: str
    fit: Fit
    empty: Any = ABSENT
    part: Any = None


class Slot(NamedTuple):
    """One field: the attribute's name, and how it takes a value.

    is_text: its rule is plain text. is_required: it has no default, so that an empty text is a text.
    """

    attribute: str
    is_text: bool
    rule: Rule
    is_required: bool = False


def fit_text(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, str):
        return value or ABSENT
    raise Misfit("text")


def fit_int(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, str):
        if not value:
            return ABSENT
        if INTEGER.fullmatch(value) and len(value) <= MAX_DIGITS:
            return int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Misfit("a whole number")


def fit_time(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, str):
        if value in ("", "-"):
            return ABSENT
        with suppress(msgspec.ValidationError):
            time: datetime = msgspec.convert(value, Time)
            if not time.microsecond or not _TOO_FINE.search(value):
                return time
    raise Misfit("a time with its offset")


def fit_flag(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, bool):
        return value
    if value in ("", "true", "false"):
        return value == "true" if value else ABSENT
    raise Misfit("true or false")


def fit_payload(value: Any, path: str, notes: Notes) -> Any:
    """Anything, whole; but null would read as an absent field."""
    if value is None:
        raise Misfit("a value")
    return value


def fit_mapping(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, dict):
        return value
    if is_blank(value):
        return ABSENT
    raise Misfit("an object")


def fit_extra(value: Any, path: str, notes: Notes) -> Any:
    fitted = fit_mapping(value, path, notes)
    return Extra(fitted) if fitted is not ABSENT and fitted else ABSENT


def is_blank(value: Any) -> bool:
    """Whether a value where an object or list is promised stands for an empty one, as `<Format/>` does."""
    return isinstance(value, str) and not value.strip(_BLANKS)


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


def fit_converted(hint: Any) -> Fit:
    """What msgspec makes of a value, text for numbers included."""

    def fit(value: Any, path: str, notes: Notes) -> Any:
        if value == "":
            return ABSENT
        try:
            converted = msgspec.convert(value, hint, strict=False)
        except msgspec.ValidationError as error:
            raise Misfit(str(error).removeprefix("Expected ")) from error
        if not _is_finite(converted):
            raise Misfit("finite numbers that their type can hold")
        return converted

    return fit


def _is_finite(value: Any) -> bool:
    """Whether no number in a converted value is infinite or NaN, which JSON cannot say."""
    if isinstance(value, Decimal):
        return value.is_finite()  # not by way of a float, which is too small for some
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value)) and all(map(_is_finite, value.values()))
    return not isinstance(value, (list, tuple, set, frozenset)) or all(map(_is_finite, value))


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
        return container(fitted) if fitted else ABSENT

    return fit


def rule_of(hint: Any) -> Rule:
    """The rule for a field's type; a type that is none of ours is left to msgspec."""
    if get_origin(hint) in (types.UnionType, Union):
        choices = [choice for choice in get_args(hint) if choice is not type(None)]
        if len(choices) == 1:
            hint = choices[0]
    if isinstance(hint, TypeVar):
        return MAPPING
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin is list or (origin is tuple and parts[1:] in ((), (...,))):
        element = rule_of(parts[0] if parts else Any)
        return Rule("list", fit_list(element, origin), part=element)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return node_rule(hint)
    if hint == dict[str, Any]:
        return MAPPING
    return _RULES.get(hint) or Rule("converted", fit_converted(hint))


def node_rule(kind: type[msgspec.Struct]) -> Rule:
    """The rule for an object of that type."""
    is_free = not any(field.required for field in msgspec.structs.fields(kind))
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
    Any: ANY,
    dict: MAPPING,
    Extra: Rule("extra", fit_extra, empty=NOTHING),
}


@cache
def slots_of(kind: type[msgspec.Struct]) -> dict[str, Slot]:
    """Documented name → how the field takes a value. Bounded by the number of Structs."""
    slots = {}
    for field in msgspec.structs.fields(kind):
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
