"""What a record of one shape is made of, byte after byte, and the regular expression that matches it.

A shape is a sequence of steps. They are written once, from the types, and read in two ways: as the expression that
Python matches, and as the program of the compiled matcher (`line_program.py`). The expression matches bytes as a `str`
of the same length (Latin-1), and texts of XML up to the next tag, whatever they hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from stream_cb.patterns import lazy_pattern

# White space inside a record. A carriage return is left to the parser, which makes a line feed of it in XML.
_SPACE = r"[ \t\n]*+"

_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_OFFSET_HOURS = "[+-](?:0[1-9]|1[0-9]|2[0-3])"
# Form of a value → its expression; the groups are its parts, and without any, all of it is. Whole numbers and flags as
# they stay in JSON; strings of JSON with the escapes that have to be, and no others.
FORMS = {
    "int": "(?:0|-?[1-9][0-9]{0,17})",
    "time": f"([12][0-9]{{3}}-{_DAY})[T ]({_CLOCK}{_OFFSET_HOURS}):?([0-5][0-9])",
    "flag": "(?:true|false)",
    "text": "[^<]*+",
    "some_text": "[^<]++",
    "string": r'[^"\\]*+(?>\\["\\bfnrt][^"\\]*+)*+',
    "some_string": r'(?!")[^"\\]*+(?>\\["\\bfnrt][^"\\]*+)*+',
}
# How many parts a value of a form has, if not one.
PARTS = {"time": 3}


class Fixed(msgspec.Struct, frozen=True, gc=False):
    """These characters, which are ASCII."""

    text: str


class Space(msgspec.Struct, frozen=True, gc=False):
    """Any white space, or none."""


class Value(msgspec.Struct, frozen=True, gc=False):
    """A value in one of the `FORMS`; its text, or its parts, become these variables."""

    form: str
    variables: tuple[str, ...]


class Mark(msgspec.Struct, frozen=True, gc=False):
    """These characters, and a variable that says that they were there."""

    variable: str
    text: str


class Maybe(msgspec.Struct, frozen=True, gc=False):
    """These steps, or nothing."""

    steps: Steps


class Either(msgspec.Struct, frozen=True, gc=False):
    """The first steps, or else the second ones; where the first are there, the second cannot be."""

    first: Steps
    second: Steps


class Unless(msgspec.Struct, frozen=True, gc=False):
    """Nothing, where these steps do not follow."""

    steps: Steps


class Several(msgspec.Struct, frozen=True, gc=False):
    """One item or more, as the text of one variable.

    variables: those of one item. between: what stands between two; "" where each begins with a Fixed, by which the next
    one is known; None: there is one only. is_spaced: white space may stand behind each. tags: what stands before,
    between and behind the texts of an item that always has the same few, and no white space; else (). The text that an
    expression finds is then without the first and the last of these.
    """

    variable: str
    item: Steps
    variables: list[str]
    between: str | None
    is_spaced: bool
    tags: tuple[str, ...] = ()


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


def expression(steps: Iterable[Step]) -> str:
    """The regular expression; each variable is a group, in order."""
    return "".join(map(_written, steps))


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


def _written(step: Step) -> str:  # noqa: PLR0911  (one way out each)
    match step:
        case Fixed(text):
            return re.escape(text)
        case Space():
            return _SPACE
        case Value(form, variables):
            # A form with parts has groups of its own.
            return FORMS[form] if len(variables) > 1 else f"({FORMS[form]})"
        case Mark(_, text):
            return f"({re.escape(text)})"
        case Maybe(inner):
            return f"(?>{expression(inner)})?+"
        case Either(first, second):
            return f"(?:{expression(first)}|{expression(second)})"
        case Unless(inner):
            return f"(?!{expression(inner)})"
        case Several():
            return _run(step)


def _run(step: Several) -> str:
    before, behind = (re.escape(step.tags[0]), re.escape(step.tags[-1])) if step.tags else ("", "")
    inside = _without_groups(expression(step.item)).removeprefix(before).removesuffix(behind)
    space = _SPACE if step.is_spaced else ""
    more = "" if step.between is None else f"(?>{behind}{space}{step.between}{before}{inside})*+"
    return f"{before}({inside}{more}){behind}"


def _without_groups(pattern: str) -> str:
    """The pattern with its capturing groups made plain ones."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


_DECLARATION = lazy_pattern(expression(DECLARATION))
