"""Expressions match alike on every Python: what is repeated possessively is one character or an atomic group.

Python before 3.11.5, which Debian 12 has, goes on behind what the last, failed round of such a repetition has passed
(cpython#106052), and a record that a chunk cuts would be dead.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import stream_cb
from stream_cb.events.steps import FORMS, Either, Fixed, Mark, Maybe, Several, Space, Steps, Unless, Value, expression
from stream_cb.patterns import _Lazy

parser: Any = importlib.import_module("re._parser")
SINGLE = {parser.LITERAL, parser.NOT_LITERAL, parser.IN, parser.ANY, parser.ATOMIC_GROUP}


def patterns() -> Iterator[tuple[str, bytes | str]]:
    """Every expression that a module holds, and what plans are written of."""
    for module in pkgutil.walk_packages(stream_cb.__path__, "stream_cb."):
        if not module.name.endswith("__main__"):
            for name, held in vars(importlib.import_module(module.name)).items():
                if isinstance(held, _Lazy | re.Pattern):
                    yield f"{module.name}.{name}", held.pattern
    text = Value("text", ("a",))
    steps: Steps = [Maybe([Mark("m", "<m>"), Space(), Either([text], [Unless([Fixed("<")])])])]
    steps += [Several("s", [Fixed("<s>"), text], ["a"], between, is_spaced=True) for between in (None, "", ",")]
    steps += [Value(form, ("a",)) for form in FORMS]
    yield "a plan", expression(steps)


def left_open(items: Any) -> Iterator[Any]:
    """The possessive repetitions of groups that are not atomic, in what was parsed and in all of its parts."""
    for item in items:
        if isinstance(item, tuple) and item and item[0] is parser.POSSESSIVE_REPEAT:
            body = item[1][2]
            if len(body) != 1 or body[0][0] not in SINGLE:
                yield item
        if isinstance(item, parser.SubPattern | list | tuple):
            yield from left_open(item)


def test_what_is_repeated_possessively_leaves_nothing_behind() -> None:
    found = dict(patterns())
    assert len(found) > 80
    assert {name for name, pattern in found.items() if any(left_open(parser.parse(pattern)))} == set()
    assert any(left_open(parser.parse("a(?=(?:b|(?:ab?c)*+)d)")))


@pytest.mark.parametrize(
    ("pattern", "text", "end"),
    [
        (r"(?>ab?c)*+", "aca", 2),
        (r"(?>ab?c)++", "acaba", 2),
        (r"(?>ab?c)?+", "aba", 0),
        (r'(?>[^"]++|"(?>[^"\\]++|\\.)*+")*+', r'a"\"b"c"d', 7),
    ],
)
def test_an_atomic_group_does_so_on_this_python(pattern: str, text: str, end: int) -> None:
    match = re.match(pattern, text)
    assert match
    assert match.end() == end
