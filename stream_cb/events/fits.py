"""How one value takes a type: text, numbers, times, flags, whole objects, and whatever msgspec converts.

A value that fits is converted, one that does not raises `Misfit`, and an empty one is absent.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec

from stream_cb.events.node import INTEGER, MAX_DIGITS, Extra, Time
from stream_cb.events.notes import Notes
from stream_cb.patterns import lazy_pattern

# Answers for an empty value, which stands for an absent field.
ABSENT: Any = object()

Fit = Callable[[Any, str, Notes], Any]

# A fraction that microseconds cannot hold.
_TOO_FINE = lazy_pattern(r"\.[0-9]{7}")
# What XML takes for white space, and nothing else.
_BLANKS = " \t\r\n"


class Misfit(Exception):
    """A value does not fit; the argument says what was expected ("an object")."""


def fit_text(value: Any, path: str, notes: Notes) -> Any:
    if isinstance(value, str):
        return value or ABSENT
    raise Misfit("text")


def fit_int(value: Any, path: str, notes: Notes) -> Any:
    if value == "":
        return ABSENT
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # A Decimal as well, of which a line would say no more: 1e0 in JSON.
    text = str(value) if isinstance(value, str | Decimal) else ""
    if INTEGER.fullmatch(text) and len(text) <= MAX_DIGITS:
        return int(text)
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
