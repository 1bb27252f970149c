"""The path table: how each field of each Struct takes a value, derived from the Structs themselves.

A field typed as a tuple is a list whether its payload is one value, many, none or an empty element; a text keeps its
characters; an int and a time are read from text or number. A value that fits is converted, one that does not raises
`Misfit`, and an empty one is absent.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec

from stream_cb.events.node import NOTHING, Extra, Node
from stream_cb.events.notes import Notes

NodeT = TypeVar("NodeT", bound=Node)

# Answers for an empty value, which stands for an absent field.
ABSENT: Any = object()

Fit = Callable[[Any, str, Notes], Any]

# Longer numbers stay text: Python refuses to read more than 4,300 digits.
_MAX_DIGITS = 4_000
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
# RFC 3339, also with a blank for the T, and without the colon in the offset.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)")


class Misfit(Exception):
    """A value does not fit; the argument says what was expected ("an object")."""


class Slot(NamedTuple):
    """How one field takes a value: the attribute's name, whether it is plain text, and its conversion."""

    attribute: str
    is_text: bool
    fit: Fit


def fit_text(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, str):
        return value or ABSENT
    raise Misfit("text")


def fit_int(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, str):
        if not value:
            return ABSENT
        if _INTEGER.fullmatch(value) and len(value) < _MAX_DIGITS:
            return int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Misfit("a whole number")


def fit_time(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, str):
        if value in ("", "-"):
            return ABSENT
        if _TIME.fullmatch(value):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                pass
    raise Misfit("a time with its offset")


def fit_flag(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, bool):
        return value
    if value in ("", "true", "false"):
        return value == "true" if value else ABSENT
    raise Misfit("true or false")


def fit_payload(value: Any, path: str, notes: Notes) -> Any:
    """Anything, whole."""
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
    return isinstance(value, str) and not value.strip()


def fit_node(kind: type[Node]) -> Fit:
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


def fit_list(element: Fit, empty: Any) -> Fit:
    """A list of what `element` takes; one value is a list of one, and an empty one among several stays as `empty`.

    Either all elements fit or the value does not.
    """

    def fit(value: Any, path: str, notes: Notes) -> Any:
        values = value if isinstance(value, list) else [value]
        if len(values) == 1 and is_blank(values[0]):
            return ABSENT
        fitted = []
        for one in values:
            element_fitted = element(one, path, notes)
            fitted.append(empty if element_fitted is ABSENT else element_fitted)
        return tuple(fitted) if fitted else ABSENT

    return fit


def _fit_of(hint: Any) -> tuple[Fit, Any]:
    """The conversion for a field's type, and what an empty value is in a list of that type."""
    if get_origin(hint) in (types.UnionType, Union):
        hint = next(choice for choice in get_args(hint) if choice is not type(None))
    if get_origin(hint) is tuple:
        return fit_list(*_fit_of(get_args(hint)[0])), ()
    if isinstance(hint, type) and issubclass(hint, Node):
        return fit_node(hint), hint()
    return _FITS.get(get_origin(hint) or hint, (fit_payload, None))


_FITS: dict[Any, tuple[Fit, Any]] = {
    str: (fit_text, ""),
    int: (fit_int, None),
    bool: (fit_flag, None),
    datetime: (fit_time, None),
    dict: (fit_mapping, {}),
    Extra: (fit_extra, NOTHING),
}


@cache
def slots_of(kind: type[Node]) -> dict[str, Slot]:
    """Documented name → how the field takes a value. Bounded by the number of Structs."""
    slots = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name:
            fit, _ = _fit_of(field.type)
            slots[field.encode_name] = Slot(field.name, fit is fit_text, fit)
    return slots


def build(
    kind: type[NodeT], payload: dict[str, Any], path: str, notes: Notes, slots: dict[str, Slot] | None = None
) -> NodeT:
    """A `kind` from its payload; what it does not know or cannot take goes to its `extra` and into the notes.

    path: documented path of the payload, "" or ended by a dot. slots: other than the kind's own, for a field whose
    type depends on another field. Raises EventError for a misfit if the notes are strict.
    """
    if slots is None:
        slots = slots_of(kind)
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in payload.items():
        slot = slots.get(name)
        if slot is None:
            notes.unknown(path + name)
            extra[name] = value
        elif slot.is_text and type(value) is str:
            if value:
                fields[slot.attribute] = value
        else:
            try:
                fitted = slot.fit(value, path + name, notes)
            except Misfit as misfit:
                notes.misfit(path + name, str(misfit))
                extra[name] = value
            else:
                if fitted is not ABSENT:
                    fields[slot.attribute] = fitted
    if extra:
        fields["extra"] = Extra(extra)
    return kind(**fields)
