"""What a record of one shape is made of, byte after byte, and the regular expression that matches it.

A shape is a sequence of steps. They are written once, from the types, and read in two ways: as the expression that
Python matches, and as the program of the compiled matcher (`line_program.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

# White space between elements. A carriage return is left to the parser, which makes a line feed of it.
_SPACE = r"[ \t\n]*+"


class Fixed(NamedTuple):
    """These characters, which are ASCII."""

    text: str


class Space(NamedTuple):
    """Any white space, or none."""


class Value(NamedTuple):
    """A value in one of the `Forms`; its text, or its parts, become these variables."""

    form: str
    variables: tuple[str, ...]


class Mark(NamedTuple):
    """The ">" of a start tag, and a variable that says that it was there."""

    variable: str


class Maybe(NamedTuple):
    """These steps, or nothing."""

    steps: Steps


class Either(NamedTuple):
    """The first steps, or else the second ones; where the first are there, the second cannot be."""

    first: Steps
    second: Steps


class Unless(NamedTuple):
    """Nothing, where these steps do not follow."""

    steps: Steps


class Several(NamedTuple):
    """One element or more, which begin with a Fixed, as the text of one variable.

    variables: those of one element. is_spaced: white space may stand between two.
    """

    variable: str
    item: Steps
    variables: list[str]
    is_spaced: bool


Step = Fixed | Space | Value | Mark | Maybe | Either | Unless | Several
Steps = list[Step]


# The XML declaration that a plan knows, and the white space behind it.
DECLARATION: Steps = [
    Maybe(
        [
            Fixed("<?xml version="),
            Either([Fixed('"1.0"')], [Fixed("'1.0'")]),
            Maybe(
                [
                    Fixed(" encoding="),
                    Either(
                        [Either([Fixed('"UTF-8"')], [Fixed('"utf-8"')])],
                        [Either([Fixed("'UTF-8'")], [Fixed("'utf-8'")])],
                    ),
                ]
            ),
            Fixed("?>"),
            Space(),
        ]
    )
]


def expression(steps: Iterable[Step], forms: dict[str, str]) -> str:
    """The regular expression; each variable is a group, in order. forms: the expressions of values, see `Value`."""
    return "".join([_written(step, forms) for step in steps])


def behind_declaration(text: str, start: int = 0) -> int:
    """Where the root of a document begins."""
    declaration = _DECLARATION.match(text, start) if text.startswith("<?", start) else None
    return declaration.end() if declaration else start


def variables_of(steps: Iterable[Step]) -> list[str]:
    """The variables of these steps themselves, in order."""
    found: list[str] = []
    for step in steps:
        match step:
            case Value(_, variables):
                found += variables
            case Mark(variable) | Several(variable):
                found.append(variable)
            case Maybe(inner):
                found += variables_of(inner)
            case Either(first, second):
                found += variables_of(first) + variables_of(second)
    return found


def _written(step: Step, forms: dict[str, str]) -> str:  # noqa: PLR0911  (one way out each)
    match step:
        case Fixed(text):
            return re.escape(text)
        case Space():
            return _SPACE
        case Value(form, variables):
            # A form with parts has groups of its own.
            return forms[form] if len(variables) > 1 else f"({forms[form]})"
        case Mark():
            return "(>)"
        case Maybe(inner):
            return f"(?:{expression(inner, forms)})?+"
        case Either(first, second):
            return f"(?:{expression(first, forms)}|{expression(second, forms)})"
        case Unless(inner):
            return f"(?!{expression(inner, forms)})"
        case Several(_, item, _, is_spaced):
            bare = _without_groups(expression(item, forms))
            return f"({bare}(?:{_SPACE if is_spaced else ''}{bare})*+)"


def _without_groups(pattern: str) -> str:
    """The pattern with its capturing groups made plain ones."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


_DECLARATION = re.compile(expression(DECLARATION, {}))
