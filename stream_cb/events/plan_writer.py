"""grammar → layout: the regular expression of a record, and which group of it fills which field of which type.

A layout is written from the path table, element by element, so that what `build` does with a payload and what a plan
does with a text come from one place: the types of the Structs. `struct_plan` and `line_plan` write on from it.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

from stream_cb.events.decode import job_slots
from stream_cb.events.grammar import Element
from stream_cb.events.node import Node
from stream_cb.events.shape import Rule, Slot, slots_of
from stream_cb.events.task_finish import TaskFinish

_SPACE = r"[ \t\n]*+"
# How a whole number and a flag are written, where they stay what they are in JSON.
INT = r"(?:0|-?[1-9][0-9]{0,17})"
FLAG = "(?:true|false)"


class CannotPlan(Exception):
    """The grammar has an element that no type describes, or one that its type does not fit."""


class Forms(NamedTuple):
    """How values are matched.

    scalars: role → pattern; its groups are its parts, and without any all of it is. text, some_text: of a text, and
    of one that is not empty.
    """

    scalars: dict[str, str]
    text: str
    some_text: str


class Leaf(NamedTuple):
    """One value: its field, and the variables of its text, or of its parts; all empty for an absent one."""

    name: str
    slot: Slot
    sources: tuple[str, ...]
    may_be_empty: bool

    @property
    def source(self) -> str:
        """The variable of its text, or of its first part."""
        return self.sources[0]


class Branch(NamedTuple):
    """One object; `there` is the variable of a text that is empty where the object is absent, or ""."""

    name: str
    slot: Slot | None
    kind: type[Node]
    there: str
    fields: list[Leaf | Branch | Run]


class Run(NamedTuple):
    """A list, whose elements stand in one text, one after the other.

    source: the variable of that text; empty where the list is. item: one element, in terms of `variables`: the groups
    of `pattern`. tags: what stands before, between and behind the texts of an element that always has the same few
    and no white space; else ().
    """

    name: str
    slot: Slot
    source: str
    item: Leaf | Branch
    variables: list[str]
    pattern: str
    tags: tuple[str, ...]


class Layout(NamedTuple):
    """pattern: of the record from its start tag on. job: its fields but Tag, in terms of `variables`, its groups."""

    pattern: str
    job: Branch
    variables: list[str]


def write_layout(grammar: Element, name: str, tag: str, forms: Forms) -> Layout:
    """The layout of TaskFinish records of one Tag and one job, whose root is called `name`. Raises CannotPlan."""
    if name != "Response" or list(grammar.children) != ["EventName", "JobsDetail"]:
        raise CannotPlan
    job = grammar.children["JobsDetail"]
    if grammar.is_blank or grammar.is_empty or not job.children or job.is_blank or job.is_empty:
        raise CannotPlan
    writer = _Writer(forms, "g")
    space = _SPACE if grammar.has_space else ""
    fields = writer.fields(job, job_slots(tag), tag)
    pattern = (
        f"<Response>{space}<EventName>TaskFinish</EventName>{space}"
        f"<JobsDetail>{writer.take()}</JobsDetail>{space}</Response>"
    )
    return Layout(pattern, Branch("", None, TaskFinish, "", fields), writer.variables)


class _Writer:
    """Writes one regular expression; `variables` name the texts of its groups, and begin with `letter`."""

    def __init__(self, forms: Forms, letter: str) -> None:
        self._forms = forms
        self._letter = letter
        self._pattern: list[str] = []
        self.variables: list[str] = []

    def take(self) -> str:
        """What has been written since the last call."""
        written = "".join(self._pattern)
        self._pattern.clear()
        return written

    def _group(self, pattern: str) -> str:
        """Write a group; the variable of its text."""
        self._pattern.append(f"({pattern})")
        self.variables.append(f"{self._letter}{len(self.variables)}")
        return self.variables[-1]

    def _scalar(self, pattern: str) -> tuple[str, ...]:
        """Write the pattern of a value; the variables of its parts."""
        parts = re.compile(pattern).groups
        if not parts:
            return (self._group(pattern),)
        self._pattern.append(pattern)
        known = len(self.variables)
        self.variables += [f"{self._letter}{known + part}" for part in range(parts)]
        return tuple(self.variables[known:])

    def fields(self, element: Element, slots: dict[str, Slot], tag: str = "") -> list[Leaf | Branch | Run]:
        """Write the children of an element; where their values are."""
        space = _SPACE if element.has_space else ""
        self._pattern.append(space)
        fields = []
        for name, child in element.children.items():
            slot = slots.get(name)
            if slot is None:
                raise CannotPlan
            may_miss = child.seen < element.filled
            if name == "Tag" and tag:
                self._pattern.append(f"<Tag>{tag}</Tag>{space}")
                continue
            self._pattern.append("(?:" if may_miss else "")
            field = self._value(name, child, slot, may_miss=may_miss, is_spaced=element.has_space)
            self._pattern.append(f"{space})?+" if may_miss else space)
            if field:
                fields.append(field)
        return fields

    def _value(
        self, name: str, child: Element, slot: Slot, *, may_miss: bool, is_spaced: bool
    ) -> Leaf | Branch | Run | None:
        """Write one child that is there; None if its value can only be absent."""
        role = slot.rule.role
        if role == "list":
            return self._list(name, child, slot, is_spaced=is_spaced)
        if role == "node":
            return self._node(name, child, slot, may_miss=may_miss)
        if (role != "text" and role not in self._forms.scalars) or child.children:
            raise CannotPlan
        if not child.has_text and not child.is_blank:
            self._pattern.append(f"<{name}/>")
            return None
        may_be_empty = child.is_blank or child.is_empty or may_miss
        if role == "text":
            pattern = self._forms.text if child.is_blank or child.is_empty else self._forms.some_text
        else:
            pattern = self._forms.scalars[role]
        is_optional = child.is_blank and role != "text"
        self._pattern.append(f"<{name}(?:/>|>" if child.is_empty else f"<{name}>")
        self._pattern.append("(?:" if is_optional else "")
        sources = self._scalar(pattern)
        self._pattern.append(")?+" if is_optional else "")
        self._pattern.append(f"</{name}>" + (")" if child.is_empty else ""))
        return Leaf(name, slot, sources, may_be_empty)

    def _node(self, name: str, child: Element, slot: Slot, *, may_miss: bool) -> Branch | None:
        if child.has_text:
            raise CannotPlan
        blank = f"<{name}(?:/>|>{_SPACE}</{name}>)"
        if not child.children:
            self._pattern.append(blank)
            return None
        is_blank = child.is_blank or child.is_empty
        self._pattern.append(f"(?:{blank}|" if is_blank else "")
        self._pattern.append(f"<{name}")
        there = self._group(">") if is_blank or may_miss else ""
        self._pattern.append("" if there else ">")
        self._pattern.append(_not_blank(child))
        fields = self.fields(child, slots_of(slot.rule.part))
        self._pattern.append(f"</{name}>" + (")" if is_blank else ""))
        return Branch(name, slot, slot.rule.part, there, fields)

    def _list(self, name: str, child: Element, slot: Slot, *, is_spaced: bool) -> Run | None:
        """Write a run of elements as one group, which an expression of its own takes apart."""
        element: Rule = slot.rule.part
        inner = _Writer(self._forms, f"{self._letter}_")
        item: Leaf | Branch
        if element.role == "node":
            if child.has_text:
                raise CannotPlan
            if not child.children:
                self._pattern.append(f"<{name}(?:/>|>{_SPACE}</{name}>)")
                return None
            item = Branch(name, None, element.part, "", inner.fields(child, slots_of(element.part)))
            pattern = f"<{name}>{_not_blank(child)}{inner.take()}</{name}>"
        elif element.role == "text" and not child.children:
            if not child.has_text:
                self._pattern.append(f"<{name}(?:/>|></{name}>)")
                return None
            item = Leaf(name, slot, (inner._group(self._forms.some_text),), may_be_empty=False)
            pattern = f"<{name}>{inner.take()}</{name}>"
        else:
            raise CannotPlan
        is_blank = child.is_blank or child.is_empty
        self._pattern.append(f"(?:<{name}(?:/>|></{name}>)(?!{_SPACE}<{name}>)|" if is_blank else "")
        bare = _without_groups(pattern)
        # A run that cannot hold white space is taken apart at its tags, which is faster than matching it again.
        tags = () if is_spaced else _plain_tags(name, child)
        space = "" if tags else _SPACE
        run = self._group(f"{bare}(?:{space}{bare})*+")
        self._pattern.append(")" if is_blank else "")
        return Run(name, slot, run, item, inner.variables, pattern, tags)


def _not_blank(element: Element) -> str:
    """What keeps an element with children from being taken where it is blank, unless one of them must be there."""
    can_all_miss = all(child.seen < element.filled for child in element.children.values())
    return f"(?!{_SPACE}</)" if can_all_miss else ""


def _plain_tags(name: str, child: Element) -> tuple[str, ...]:
    """The tags before, between and behind the texts of an item that always has the same one or two; else ()."""
    leaves = list(child.children)
    always = [leaf for leaf in child.children.values() if leaf.is_plain_text and leaf.seen == child.filled]
    if child.has_space or len(leaves) > 2 or len(always) != len(leaves):
        return ()
    if not leaves:
        return f"<{name}>", f"</{name}>"
    between = [f"</{before}><{behind}>" for before, behind in itertools.pairwise(leaves)]
    return f"<{name}><{leaves[0]}>", *between, f"</{leaves[-1]}></{name}>"


def _without_groups(pattern: str) -> str:
    """The pattern with its capturing groups made plain ones."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)
