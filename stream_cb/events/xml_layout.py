"""What XML records have looked like → their layout."""

from __future__ import annotations

import itertools

from stream_cb.events.layout import Branch, CannotPlan, Field, Kind, Layout, Leaf, Run, StepWriter
from stream_cb.events.shape import Rule, Slot, slots_of
from stream_cb.events.steps import FORMS, Either, Fixed, Mark, Maybe, Several, Space, Steps, Unless
from stream_cb.events.xml_grammar import Element


def write_xml_layout(root: Element, subject: str) -> Layout:
    """The layout of records of one event. root: of one element, which is theirs. Raises CannotPlan.

    subject: the Tag of TaskFinish records of one job, or the EventName of any others.
    """
    kind = Kind.of(subject)
    envelope = kind.envelope
    if list(root.children) != ["EventName", envelope]:
        raise CannotPlan
    inside = root.children[envelope]
    if root.is_blank or root.is_empty or not inside.children or inside.is_blank or inside.is_empty:
        raise CannotPlan
    writer = _Writer("g")
    fields = writer.fields(inside, kind.slots, kind.tag)
    space: Steps = [Space()] if root.has_space else []
    before: Steps = [Fixed("<Response>"), *space, Fixed(f"<EventName>{kind.event}</EventName>"), *space]
    steps: Steps = [Fixed(f"<{envelope}>"), *writer.steps, Fixed(f"</{envelope}>")]
    return kind.layout("xml", (before, steps, [*space, Fixed("</Response>")]), fields, writer.variables)


class _Writer(StepWriter):
    """Writes elements."""

    def fields(self, element: Element, slots: dict[str, Slot], tag: str = "") -> list[Field]:
        """Write the children of an element; where their values are."""
        space: Steps = [Space()] if element.has_space else []
        self.steps += space
        fields = []
        for name, child in element.children.items():
            slot = slots.get(name)
            if slot is None:
                raise CannotPlan
            may_miss = element.may_miss(child)
            if name == "Tag" and tag:
                self.steps += [Fixed(f"<Tag>{tag}</Tag>"), *space]
                continue
            inside = self.inside()
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
        if role not in FORMS or child.children:
            raise CannotPlan
        if not child.has_text and not child.is_blank:
            self.steps.append(Fixed(f"<{name}/>"))
            return None
        may_be_empty = child.is_blank or child.is_empty or may_miss
        form = "some_text" if role == "text" and not (child.is_blank or child.is_empty) else role
        inside = self.inside()
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
        inside = self.inside()
        (there,) = inside.name() if is_blank or may_miss else ("",)
        inside.steps += [Fixed(f"<{name}"), Mark(there, ">") if there else Fixed(">"), *_not_blank(child)]
        fields = inside.fields(child, slots_of(slot.rule.part))
        inside.steps.append(Fixed(f"</{name}>"))
        self.steps += [Either(blank, inside.steps)] if is_blank else inside.steps
        return Branch(name, slot, slot.rule.part, there, fields)

    def _list(self, name: str, child: Element, slot: Slot, *, is_spaced: bool) -> Run | None:
        """Write a run of elements as the text of one variable."""
        element: Rule = slot.rule.part
        inner = _Writer(f"{self.letter}_")
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
        (source,) = self.name()
        run = Several(source, inner.steps, inner.variables, "", not tags, tags)
        empty: Steps = [*_empty(name), Unless([Space(), Fixed(f"<{name}>")])]
        self.steps += [Either(empty, [run])] if child.is_blank or child.is_empty else [run]
        return Run(name, slot, item, run)


def _empty(name: str) -> Steps:
    """An element that holds nothing, not even white space."""
    return [Fixed(f"<{name}"), Either([Fixed("/>")], [Fixed(f"></{name}>")])]


def _not_blank(element: Element) -> Steps:
    """What keeps an element with children from being taken where it is blank, unless one of them must be there."""
    can_all_miss = all(element.may_miss(child) for child in element.children.values())
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
