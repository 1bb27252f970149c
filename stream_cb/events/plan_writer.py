"""grammar → plan: the regular expression of a record, and the expression that makes its event from the groups.

Both are written side by side from the path table, element by element, so that what `build` does with a payload and
what a plan does with a text come from one place: the types of the Structs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from stream_cb.events.decode import job_slots
from stream_cb.events.grammar import Element
from stream_cb.events.node import Node
from stream_cb.events.shape import Rule, Slot, slots_of
from stream_cb.events.task_finish import TaskFinish

_SPACE = r"[ \t\n]*+"
_DECLARATION = r"(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?:utf|UTF)-8[\"'])?\?>[ \n]*+)?"
_CHARACTER = r"[^<>&\x00-\x08\x0b-\x1f]"
_PATTERNS = {
    "text": _CHARACTER + "*+",
    "int": r"(?:0|-?[1-9][0-9]{0,17})",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])",
    "flag": "(?:true|false)",
}
# Stands around the source of each text; it becomes nothing, or the call that resolves entities.
_TEXT = "text__"
# role → how a group becomes a value, and what stands for a missing one.
_SOURCES = {
    "text": (f"{_TEXT}({{0}})", f"{_TEXT}({{0}})"),
    "int": ("int({0})", "int({0}) if {0} else None"),
    "time": ("time({0})", "time({0}) if {0} else None"),
    "flag": ("{0} == 'true'", "{0} == 'true'"),
}


class CannotPlan(Exception):
    """The grammar has an element that no type describes, or one that its type does not fit."""


class Plan(NamedTuple):
    """match: the whole text of a record.

    make: the event of its groups, "" standing for a group that took no part. resolve: the same, for texts whose
    entities have to be resolved.
    """

    match: Callable[[str], re.Match[str] | None]
    make: Callable[[Sequence[str]], Any]
    resolve: Callable[[Sequence[str]], Any]


def write_plan(grammar: Element, name: str, tag: str, resolve: Callable[[str], str]) -> Plan:
    """The plan for TaskFinish records of one Tag and one job, whose root is called `name`.

    resolve: turns a text as it is matched into what it means.

    Raises CannotPlan.
    """
    if name != "Response" or list(grammar.children) != ["EventName", "JobsDetail"]:
        raise CannotPlan
    job = grammar.children["JobsDetail"]
    if grammar.is_blank or grammar.is_empty or not job.children or job.is_blank or job.is_empty:
        raise CannotPlan
    names: dict[str, Any] = {"time": datetime.fromisoformat, _TEXT: resolve}
    writer = _Writer(names, "g")
    space = _SPACE if grammar.has_space else ""
    fields = writer.fields(job, TaskFinish, job_slots(tag), tag)
    pattern = (
        f"{_DECLARATION}<Response>{space}<EventName>TaskFinish</EventName>{space}"
        f"<JobsDetail>{writer.take()}</JobsDetail>{space}</Response>"
    )
    # Made of names of ours and of numbers.
    resolved = eval(f"lambda g: {fields}", names)
    make = eval(f"lambda g: {fields.replace(_TEXT, '')}", names)
    return Plan(re.compile(pattern).fullmatch, make, resolved)


class _Writer:
    """Writes one regular expression; `groups` counts its groups, `variable` holds their texts at run time."""

    def __init__(self, names: dict[str, Any], variable: str) -> None:
        self._names = names
        self.variable = variable
        self._pattern: list[str] = []
        self.groups = 0

    def take(self) -> str:
        """What has been written since the last call."""
        written = "".join(self._pattern)
        self._pattern.clear()
        return written

    def _group(self, pattern: str) -> str:
        self._pattern.append(f"({pattern})")
        self.groups += 1
        return f"{self.variable}[{self.groups - 1}]"

    def fields(self, element: Element, kind: type[Node], slots: dict[str, Slot], tag: str = "") -> str:
        """Write the children of an element; the call that makes a `kind` of them."""
        space = _SPACE if element.has_space else ""
        self._pattern.append(space)
        arguments = []
        for name, child in element.children.items():
            slot = slots.get(name)
            if slot is None:
                raise CannotPlan
            may_miss = child.seen < element.filled
            if name == "Tag" and tag:
                self._pattern.append(f"<Tag>{tag}</Tag>")
                source = repr(tag)
            else:
                self._pattern.append("(?:" if may_miss else "")
                source = self._value(name, child, slot.rule, may_miss=may_miss, is_spaced=element.has_space)
                self._pattern.append(f"{space})?+" if may_miss else "")
            self._pattern.append("" if may_miss else space)
            if source:
                arguments.append(f"{slot.attribute}={source}")
        self._names[kind.__name__] = kind
        return f"{kind.__name__}({', '.join(arguments)})"

    def _value(self, name: str, child: Element, rule: Rule, *, may_miss: bool, is_spaced: bool) -> str:
        """Write one child that is there; the source of its value, "" if it can only be absent."""
        if rule.role == "list":
            return self._list(name, child, rule.part, is_spaced=is_spaced)
        if rule.role == "node":
            return self._node(name, child, rule.part, may_miss=may_miss)
        if rule.role not in _PATTERNS or child.children:
            raise CannotPlan
        if not child.has_text and not child.is_blank:
            self._pattern.append(f"<{name}/>")
            return ""
        can_be_empty = child.is_blank or child.is_empty or may_miss
        if child.is_empty:
            self._pattern.append(f"<{name}(?:/>|>")
            source = self._group(_PATTERNS[rule.role])
            self._pattern.append(f"</{name}>)")
        else:
            self._pattern.append(f"<{name}>")
            source = self._group(_PATTERNS[rule.role])
            self._pattern.append(("?+" if child.is_blank and rule.role != "text" else "") + f"</{name}>")
        return _SOURCES[rule.role][can_be_empty].format(source)

    def _node(self, name: str, child: Element, kind: type[Node], *, may_miss: bool) -> str:
        if child.has_text:
            raise CannotPlan
        blank = f"<{name}(?:/>|>{_SPACE}</{name}>)"
        if not child.children:
            self._pattern.append(blank)
            return ""
        is_blank = child.is_blank or child.is_empty
        self._pattern.append(f"(?:{blank}|" if is_blank else "")
        self._pattern.append(f"<{name}")
        there = self._group(">") if is_blank or may_miss else ""
        self._pattern.append("" if there else ">")
        self._pattern.append(f"(?!{_SPACE}</)")
        source = self.fields(child, kind, slots_of(kind))
        self._pattern.append(f"</{name}>" + (")" if is_blank else ""))
        return f"({source} if {there} else None)" if there else source

    def _list(self, name: str, child: Element, element: Rule, *, is_spaced: bool) -> str:
        """Write a run of elements as one group, which an expression of its own takes apart."""
        inner = _Writer(self._names, f"{self.variable}_")
        if element.role == "node":
            if child.has_text:
                raise CannotPlan
            if not child.children:
                self._pattern.append(f"<{name}(?:/>|>{_SPACE}</{name}>)")
                return ""
            source = inner.fields(child, element.part, slots_of(element.part))
            item = f"<{name}>(?!{_SPACE}</){inner.take()}</{name}>"
        elif element.role == "text" and not child.children:
            if not child.has_text:
                self._pattern.append(f"<{name}(?:/>|></{name}>)")
                return ""
            source = _SOURCES["text"][0].format(inner._group(_CHARACTER + "++"))
            item = f"<{name}>{inner.take()}</{name}>"
        else:
            raise CannotPlan
        is_blank = child.is_blank or child.is_empty
        self._pattern.append(f"(?:<{name}(?:/>|></{name}>)(?!{_SPACE}<{name}>)|" if is_blank else "")
        bare = _without_groups(item)
        # A run that cannot hold white space is taken apart at its tags, which is faster than matching it again.
        tags = None if is_spaced else _plain_tags(name, child)
        space = "" if tags else _SPACE
        run = self._group(f"{bare}(?:{space}{bare})*+")
        self._pattern.append(")" if is_blank else "")
        return _split(tags, source, inner.variable, run) if tags else self._items(item, inner, source, run)

    def _items(self, item: str, inner: _Writer, source: str, run: str) -> str:
        """The source of a tuple of what stands in a run."""
        find = f"find{len(self._names)}"
        if inner.groups < 2:
            # findall answers tuples only for two groups or more.
            item += "()" * (2 - inner.groups)
        self._names[find] = re.compile(item).findall
        return f"tuple([{source} for {inner.variable} in {find}({run})])"


def _plain_tags(name: str, child: Element) -> tuple[str, ...] | None:
    """The tags before, between and behind the texts of an item that always has the same one or two; else None."""
    leaves = list(child.children)
    always = [leaf for leaf in child.children.values() if leaf.is_plain_text and leaf.seen == child.filled]
    if child.has_space or len(leaves) > 2 or len(always) != len(leaves):
        return None
    if not leaves:
        return f"<{name}>", f"</{name}>"
    between = [f"</{before}><{behind}>" for before, behind in itertools.pairwise(leaves)]
    return f"<{name}><{leaves[0]}>", *between, f"</{leaves[-1]}></{name}>"


def _split(tags: tuple[str, ...], source: str, variable: str, run: str) -> str:
    """The source of a tuple of what stands in a run of plain items."""
    opening, *between, closing = tags
    texts = f"{run}[{len(opening)}:-{len(closing)}].split({closing + opening!r})"
    if between:
        texts = f"[{variable}.split({between[0]!r}) for {variable} in {texts}]"
    else:
        source = source.replace(f"{variable}[0]", variable)
    # An absent list has an empty run.
    return f"(tuple([{source} for {variable} in {texts}]) if {run} else ())"


def _without_groups(pattern: str) -> str:
    """The pattern with its capturing groups made plain ones."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)
