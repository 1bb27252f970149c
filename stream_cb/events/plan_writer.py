"""grammar → layout: the steps of a record, and which variable of them fills which field of which type.

A layout is written from the path table, element by element, so that what `build` does with a payload and what a plan
does with a text come from one place: the types of the Structs. `struct_plan`, `line_plan` and `line_program` write on
from it.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

from stream_cb.events.decode import job_slots
from stream_cb.events.grammar import Element
from stream_cb.events.kinds import ENVELOPES, KINDS
from stream_cb.events.node import Node
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.shape import Rule, Slot, slots_of
from stream_cb.events.steps import Either, Fixed, Mark, Maybe, Several, Space, Steps, Unless, Value, expression

# How a whole number and a flag are written, where they stay what they are in JSON.
INT = r"(?:0|-?[1-9][0-9]{0,17})"
FLAG = "(?:true|false)"


class CannotPlan(Exception):
    """The grammar has an element that no type describes, or one that its type does not fit."""


# How values are matched: role → pattern, and "some_text" for a text that is not empty. The groups of a pattern are its
# parts; without any, all of it is.
Forms = dict[str, str]


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
    of `pattern`, which matches it. tags: what stands before, between and behind the texts of an element that always
    has the same few and no white space; else ().
    """

    name: str
    slot: Slot
    source: str
    item: Leaf | Branch
    variables: list[str]
    pattern: str
    tags: tuple[str, ...]


class Layout(NamedTuple):
    """steps: of the record from its start tag on. job: its fields but Tag, in terms of `variables`: the steps'.

    tag: its Tag; "" where it has none.
    """

    steps: Steps
    job: Branch
    tag: str
    variables: list[str]


def write_layout(grammar: Element, name: str, subject: str, forms: Forms) -> Layout:
    """The layout of records of one event, whose root is called `name`. Raises CannotPlan.

    subject: the Tag of TaskFinish records of one job, or the EventName of any others.
    """
    event = "TaskFinish" if subject in OPERATIONS else subject
    envelope = ENVELOPES.get(event, "")
    if name != "Response" or list(grammar.children) != ["EventName", envelope]:
        raise CannotPlan
    inside = grammar.children[envelope]
    if grammar.is_blank or grammar.is_empty or not inside.children or inside.is_blank or inside.is_empty:
        raise CannotPlan
    writer = _Writer(forms, "g")
    tag = subject if event == "TaskFinish" else ""
    fields = writer.fields(inside, job_slots(tag) if tag else slots_of(KINDS[event]), tag)
    space: Steps = [Space()] if grammar.has_space else []
    head: Steps = [Fixed("<Response>"), *space, Fixed(f"<EventName>{event}</EventName>"), *space]
    body: Steps = [Fixed(f"<{envelope}>"), *writer.steps, Fixed(f"</{envelope}>"), *space, Fixed("</Response>")]
    return Layout([*head, *body], Branch("", None, KINDS[event], "", fields), tag, writer.variables)


class _Writer:
    """Writes the steps of a record or of an element; `variables` are theirs, and begin with `letter`."""

    def __init__(self, forms: Forms, letter: str) -> None:
        self._forms = forms
        self._letter = letter
        self.steps: Steps = []
        self.variables: list[str] = []

    def _inside(self) -> _Writer:
        """A writer of steps inside others, with the same variables."""
        inside = _Writer(self._forms, self._letter)
        inside.variables = self.variables
        return inside

    def _name(self, count: int = 1) -> tuple[str, ...]:
        """New variables."""
        known = len(self.variables)
        self.variables += [f"{self._letter}{known + number}" for number in range(count)]
        return tuple(self.variables[known:])

    def value(self, form: str) -> tuple[str, ...]:
        """Write a value; the variables of its parts."""
        variables = self._name(re.compile(self._forms[form]).groups or 1)
        self.steps.append(Value(form, variables))
        return variables

    def fields(self, element: Element, slots: dict[str, Slot], tag: str = "") -> list[Leaf | Branch | Run]:
        """Write the children of an element; where their values are."""
        space: Steps = [Space()] if element.has_space else []
        self.steps += space
        fields = []
        for name, child in element.children.items():
            slot = slots.get(name)
            if slot is None:
                raise CannotPlan
            may_miss = child.seen < element.filled
            if name == "Tag" and tag:
                self.steps += [Fixed(f"<Tag>{tag}</Tag>"), *space]
                continue
            inside = self._inside()
            field = inside._value(name, child, slot, may_miss=may_miss, is_spaced=element.has_space)
            steps = [*inside.steps, *space]
            self.steps += [Maybe(steps)] if may_miss else steps
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
        if role not in self._forms or child.children:
            raise CannotPlan
        if not child.has_text and not child.is_blank:
            self.steps.append(Fixed(f"<{name}/>"))
            return None
        may_be_empty = child.is_blank or child.is_empty or may_miss
        form = "some_text" if role == "text" and not (child.is_blank or child.is_empty) else role
        inside = self._inside()
        sources = inside.value(form)
        value: Steps = [Maybe(inside.steps)] if child.is_blank and role != "text" else inside.steps
        closed: Steps = [Fixed(">"), *value, Fixed(f"</{name}>")]
        self.steps += [Fixed(f"<{name}"), *([Either([Fixed("/>")], closed)] if child.is_empty else closed)]
        return Leaf(name, slot, sources, may_be_empty)

    def _node(self, name: str, child: Element, slot: Slot, *, may_miss: bool) -> Branch | None:
        if child.has_text:
            raise CannotPlan
        blank: Steps = [Fixed(f"<{name}"), Either([Fixed("/>")], [Fixed(">"), Space(), Fixed(f"</{name}>")])]
        if not child.children:
            self.steps += blank
            return None
        is_blank = child.is_blank or child.is_empty
        inside = self._inside()
        (there,) = inside._name() if is_blank or may_miss else ("",)
        inside.steps += [Fixed(f"<{name}"), Mark(there) if there else Fixed(">"), *_not_blank(child)]
        fields = inside.fields(child, slots_of(slot.rule.part))
        inside.steps.append(Fixed(f"</{name}>"))
        self.steps += [Either(blank, inside.steps)] if is_blank else inside.steps
        return Branch(name, slot, slot.rule.part, there, fields)

    def _list(self, name: str, child: Element, slot: Slot, *, is_spaced: bool) -> Run | None:
        """Write a run of elements as the text of one variable."""
        element: Rule = slot.rule.part
        inner = _Writer(self._forms, f"{self._letter}_")
        inner.steps.append(Fixed(f"<{name}>"))
        item: Leaf | Branch
        if element.role == "node":
            if child.has_text:
                raise CannotPlan
            if not child.children:
                self.steps += [Fixed(f"<{name}"), Either([Fixed("/>")], [Fixed(">"), Space(), Fixed(f"</{name}>")])]
                return None
            inner.steps += _not_blank(child)
            item = Branch(name, None, element.part, "", inner.fields(child, slots_of(element.part)))
        elif element.role == "text" and not child.children:
            if not child.has_text:
                self.steps += _empty(name)
                return None
            item = Leaf(name, slot, inner.value("some_text"), may_be_empty=False)
        else:
            raise CannotPlan
        inner.steps.append(Fixed(f"</{name}>"))
        # A run that cannot hold white space is taken apart at its tags, which is faster than matching it again.
        tags = () if is_spaced else _plain_tags(name, child)
        (source,) = self._name()
        run: Steps = [Several(source, inner.steps, inner.variables, is_spaced=not tags)]
        empty: Steps = [*_empty(name), Unless([Space(), Fixed(f"<{name}>")])]
        self.steps += [Either(empty, run)] if child.is_blank or child.is_empty else run
        return Run(name, slot, source, item, inner.variables, expression(inner.steps, self._forms), tags)


def _empty(name: str) -> Steps:
    """An element that holds nothing, not even white space."""
    return [Fixed(f"<{name}"), Either([Fixed("/>")], [Fixed(f"></{name}>")])]


def _not_blank(element: Element) -> Steps:
    """What keeps an element with children from being taken where it is blank, unless one of them must be there."""
    can_all_miss = all(child.seen < element.filled for child in element.children.values())
    return [Unless([Space(), Fixed("</")])] if can_all_miss else []


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
