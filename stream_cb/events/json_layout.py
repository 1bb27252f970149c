"""What JSON records have looked like → their layout.

A member that may be missing takes its comma with it: the one behind it if it stands before one that is always there,
else the one before it. In an object without any such member each looks at what follows it.
"""

from __future__ import annotations

from stream_cb.events.json_grammar import Member
from stream_cb.events.layout import Branch, CannotPlan, Field, Kind, Layout, Leaf, Run, StepWriter
from stream_cb.events.shape import Slot, slots_of
from stream_cb.events.steps import Either, Fixed, Mark, Maybe, Several, Space, Steps, Unless

_SCALARS = {"text", "blank", "bare"}
_BARE_ROLES = ("int", "flag")


def write_json_layout(root: Member, subject: str) -> Layout:
    """The layout of records of one event: bodies of one job, or lines of our own. Raises CannotPlan.

    subject: the Tag of TaskFinish records, or the EventName of any others.
    """
    kind = Kind.of(subject)
    envelope, slots = kind.envelope, kind.slots
    writer = _Writer("g", is_spaced=root.has_space)
    known = {"Tag": kind.tag} if kind.tag else {}
    before, behind = writer.inside(), writer.inside()
    if envelope not in root.children:
        fields = writer.object(root, slots, known={"EventName": kind.event} | known)
    else:
        inside = root.children[envelope]
        is_listed = inside.written == {"list"}
        if list(root.children) != ["EventName", envelope] or not (is_listed or inside.written == {"object"}):
            raise CannotPlan
        before.put("{", '"EventName"', ":", f'"{kind.event}"', ",", f'"{envelope}"', ":", "[" if is_listed else "")
        fields = writer.object(inside, slots, known=known)
        behind.put("", "]" if is_listed else "")
        behind.steps.append(Fixed("}"))
    return kind.layout("json", (before.steps, writer.steps, behind.steps), fields, writer.variables)


class _Writer(StepWriter):
    """Writes values. is_spaced: white space may stand wherever JSON lets it."""

    def __init__(self, letter: str, *, is_spaced: bool) -> None:
        super().__init__(letter)
        self._is_spaced = is_spaced
        self._gap: Steps = [Space()] if is_spaced else []

    def put(self, *texts: str) -> None:
        """Write these, with a gap behind each."""
        for text in texts:
            self.steps += [Fixed(text), *self._gap]

    def object(
        self, member: Member, slots: dict[str, Slot], *, known: dict[str, str] | None = None, there: str = ""
    ) -> list[Field]:
        """Write an object; where its values are. known: names of members, and the text that each always has."""
        self.steps += [Mark(there, "{") if there else Fixed("{"), *self._gap]
        fields: list[Field] = []
        names = list(member.children)
        anchor = next((rank for rank, name in enumerate(names) if not member.may_miss(member.children[name])), None)
        for rank, (name, child) in enumerate(member.children.items()):
            may_miss = member.may_miss(child)
            inside = self.inside()
            if anchor is not None and rank > anchor:
                inside.put(",")
            inside.put(f'"{name}"', ":")
            if known and name in known:
                inside.put(f'"{known[name]}"')
            elif name in slots:
                fields += inside._value(name, child, slots[name], may_miss=may_miss)
                inside.steps += self._gap
            else:
                raise CannotPlan
            if anchor is None:
                inside.steps += self._seam()
            elif rank < anchor:
                inside.put(",")
            self.steps += [Maybe(inside.steps)] if may_miss else inside.steps
        self.steps.append(Fixed("}"))
        return fields

    def _seam(self) -> Steps:
        """A comma that does not stand at the end of the object, or that end."""
        end: Steps = [Fixed("}")]
        return [Either([Fixed(","), *self._gap, Unless(end)], [Unless([Unless(end)])])]

    def _value(self, name: str, child: Member, slot: Slot, *, may_miss: bool) -> list[Field]:
        """Write one value; its field, once for each way in which it is written."""
        role = slot.rule.role
        if role == "list":
            return self._list(name, child, slot)
        if role == "node" and child.written <= {"object", "blank"}:
            return self._node(name, child, slot, may_miss=may_miss)
        if role not in ("text", "time", *_BARE_ROLES) or not child.written <= _SCALARS:
            raise CannotPlan
        return self._scalar(name, child, slot, may_miss=may_miss)

    def _scalar(self, name: str, child: Member, slot: Slot, *, may_miss: bool) -> list[Field]:
        role, is_blank = slot.rule.role, "blank" in child.written
        ways: list[Steps] = []
        fields: list[Field] = []
        may_be_empty = may_miss or is_blank or len(child.written) > 1
        if "text" in child.written:
            quoted = self.inside()
            form = ("string" if is_blank else "some_string") if role == "text" else role
            fields.append(Leaf(name, slot, quoted.value(form), may_be_empty))
            inside: Steps = [Maybe(quoted.steps)] if is_blank and role != "text" else quoted.steps
            ways.append([Fixed('"'), *inside, Fixed('"')])
        elif is_blank:
            ways.append([Fixed('""')])
        if "bare" in child.written:
            if role not in _BARE_ROLES:
                raise CannotPlan
            bare = self.inside()
            fields.append(Leaf(name, slot, bare.value(role), may_be_empty))
            ways.append(bare.steps)
        self._either(ways)
        return fields

    def _node(self, name: str, child: Member, slot: Slot, *, may_miss: bool) -> list[Field]:
        if "object" not in child.written:
            self.steps.append(Fixed('""'))
            return []
        inside = self.inside()
        is_blank = "blank" in child.written
        (there,) = inside.name() if is_blank or may_miss else ("",)
        fields = inside.object(child, slots_of(slot.rule.part), there=there)
        self._either([[Fixed('""')], inside.steps] if is_blank else [inside.steps])
        return [Branch(name, slot, slot.rule.part, there, fields)]

    def _list(self, name: str, child: Member, slot: Slot) -> list[Field]:
        """Write a list, or its one item without brackets, each as the text of one variable."""
        single = {"text": "text", "node": "object"}.get(slot.rule.part.role, "")
        if not single or not child.written <= {single, "blank", "list", "empty"}:
            raise CannotPlan
        ways: list[Steps] = []
        fields: list[Field] = []
        if "list" in child.written:
            run, steps = self._run(name, child, slot, ",")
            fields.append(run)
            ways.append([Fixed("["), *steps, *self._gap, Fixed("]")])
        if single in child.written:
            run, steps = self._run(name, child, slot, None)
            fields.append(run)
            ways.append(steps)
        if "blank" in child.written:
            ways.append([Fixed('""')])
        if "empty" in child.written:
            ways.append([Fixed("["), *self._gap, Fixed("]")])
        self._either(ways)
        return fields

    def _run(self, name: str, child: Member, slot: Slot, between: str | None) -> tuple[Run, Steps]:
        element = slot.rule.part
        inner = _Writer(f"{self.letter}_", is_spaced=self._is_spaced)
        item: Leaf | Branch
        if between:
            inner.steps += self._gap
        if element.role == "text":
            inner.steps.append(Fixed('"'))
            item = Leaf(name, slot, inner.value("some_string"), may_be_empty=False)
            inner.steps.append(Fixed('"'))
        else:
            item = Branch(name, None, element.part, "", inner.object(child, slots_of(element.part)))
        (source,) = self.name()
        tags = _plain_tags(child, is_text=element.role == "text") if between and not self._is_spaced else ()
        several = Several(source, inner.steps, inner.variables, between, self._is_spaced, tags)
        return Run(name, slot, item, several), [several]

    def _either(self, ways: list[Steps]) -> None:
        """Write that one of these is there."""
        *others, steps = ways
        for other in reversed(others):
            steps = [Either(other, steps)]
        self.steps += steps


def _plain_tags(child: Member, *, is_text: bool) -> tuple[str, ...]:
    """What stands before, between and behind the texts of an item that always has the same ones; else ()."""
    if is_text:
        return '"', '"'
    leaves = child.children
    if not leaves or any(child.may_miss(leaf) or leaf.written != {"text"} for leaf in leaves.values()):
        return ()
    first, *others = leaves
    return f'{{"{first}":"', *[f'","{name}":"' for name in others], '"}'
