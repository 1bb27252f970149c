"""What the JSON of one kind of record looks like, learned from records that msgspec has read.

Plain records only: no null, no fraction, nothing in a list but objects or texts, no key twice in one object.
"""

from __future__ import annotations

import json
import re
from typing import Any

from stream_cb.events.grammar import NotPlain, Part
from stream_cb.patterns import lazy_pattern

_STRING = lazy_pattern(rb'"(?>[^"\\]++|\\.)*+"', re.DOTALL)
_SPACE = lazy_pattern(rb"[ \t\r\n]")
# An object as its members, a tuple, beside lists that stay lists.
_decode = json.JSONDecoder(object_pairs_hook=tuple).decode


class Member(Part):
    """One member of objects as it has been seen so far, and the items of it where it is a list.

    written: in which ways: "text", "blank" (an empty text), "bare" (a number or a word), "object", "list", "empty" (a
    list without items); of items nothing is told. has_space: white space stands somewhere; of the root only.
    """

    def __init__(self) -> None:
        super().__init__()
        self.written: set[str] = set()
        self.has_space = False

    def form(self) -> tuple[object, ...]:
        """Everything that a pattern depends on; two equal forms make the same pattern."""
        children = tuple((name, self.may_miss(child), child.form()) for name, child in self.children.items())
        return (frozenset(self.written), self.has_space, children)


def merge_json(root: Member, raw: bytes) -> None:
    """Widen `root` by a record.

    Raises NotPlain; the grammar may then be wider than before, which costs time and nothing else.
    """
    try:
        value = _decode(raw.decode())
    except (ValueError, RecursionError):
        raise NotPlain from None
    _merge(root, value)
    root.has_space = root.has_space or bool(_SPACE.search(_STRING.sub(b"", raw.strip())))


def _merge(member: Member, value: Any) -> None:
    if isinstance(value, str):
        member.written.add("text" if value else "blank")
    elif isinstance(value, (bool, int)):
        member.written.add("bare")
    elif isinstance(value, tuple):
        member.written.add("object")
        _merge_object(member, value)
    elif isinstance(value, list):
        member.written.add("list" if value else "empty")
        for item in value:
            if isinstance(item, tuple):
                _merge_object(member, item)
            elif not isinstance(item, str):
                raise NotPlain
    else:
        raise NotPlain


def _merge_object(member: Member, value: tuple[Any, ...]) -> None:
    member.filled += 1
    last = ""
    for name, inner in value:
        member.see(name, last)
        _merge(member.children[name], inner)
        last = name
