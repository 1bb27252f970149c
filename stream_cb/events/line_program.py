"""layout → the program of the compiled matcher: what a record is made of, and what its JSON line is made of.

The same steps and the same fields as those of a plan in Python (`pure_matcher.py`), so the same records are taken and
the same lines written. `_matcher.c` says what each step of a program does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple, TypeVar

from stream_cb.events.layout import Branch, Field, Layout, Leaf, RowLayout, Run, needed
from stream_cb.events.node import Node
from stream_cb.events.steps import (
    DECLARATION,
    Either,
    Fixed,
    Mark,
    Maybe,
    Several,
    Space,
    Step,
    Steps,
    Unless,
    Value,
    variables_of,
)

FieldT = TypeVar("FieldT", bound=Field)
# One step of a program, as the matcher takes it: name, slot, slots, jump, text.
Instruction = tuple[str, int, int, int, bytes]


class Program(NamedTuple):
    """The arguments of a `Matcher`."""

    instructions: list[Instruction]
    slots: int
    body: int
    job: int


def write_program(layout: Layout) -> Program:
    """The program for the lines of records of a layout."""
    writer = _Writer(layout.variables)
    writer.steps(DECLARATION if layout.format == "xml" else [])
    body = writer.label()
    writer.steps(layout.before)
    job = writer.label()
    writer.steps(layout.steps)
    writer.add("ended")
    writer.steps(layout.behind)
    writer.add("matched")
    writer.label()
    if layout.row:
        writer.row(layout.row)
    else:
        writer.put(f'{{"EventName":"{layout.job.kind.__struct_config__.tag}"')
        writer.members(layout.job, {"tag": f',"Tag":"{layout.tag}"'} if layout.tag else {})
        writer.put("}")
    writer.put("\n")
    writer.add("done")
    can_be_one_of_several = layout.tag and layout.before
    return Program(writer.instructions, len(layout.variables) + 1, body, job if can_be_one_of_several else 0)


class _Writer:
    """Writes the instructions; those of an element of a run with the variables of that element."""

    def __init__(self, variables: list[str]) -> None:
        self.instructions: list[Instruction] = []
        self._slots = dict(zip(variables, range(len(variables)), strict=True))
        # Fixed bytes that were not written yet, and the instruction that they are for.
        self._fixed_name = self._fixed_text = ""

    def add(self, name: str, slot: int = 0, slots: int = 0, jump: int = 0, text: str = "") -> int:
        """Write an instruction; its place."""
        place = self.label()
        self.instructions.append((name, slot, slots, jump, text.encode()))
        return place

    def label(self) -> int:
        """The place of the next instruction, to which another one may jump."""
        if self._fixed_text:
            self.instructions.append((self._fixed_name, 0, 0, 0, self._fixed_text.encode()))
            self._fixed_text = ""
        return len(self.instructions)

    def _land(self, place: int) -> None:
        """Let the instruction at a place jump here."""
        name, slot, slots, _, text = self.instructions[place]
        self.instructions[place] = (name, slot, slots, self.label(), text)

    def _fixed(self, name: str, text: str) -> None:
        """Write fixed bytes, as one with those before unless something may jump between them."""
        if not text:
            return
        if self._fixed_text and name != self._fixed_name:
            self.label()
        if name == "put" and self._fixed_text.endswith(("{", "[")):
            text = text.removeprefix(",")
        self._fixed_name = name
        self._fixed_text += text

    def _with(self, variables: list[str]) -> dict[str, int]:
        """Change to the variables of an element; those of what it is in."""
        slots, self._slots = self._slots, dict(zip(variables, range(len(variables)), strict=True))
        return slots

    # ── The record ──────────────────────────────────────────────────────────────────────────────────────────────────

    def steps(self, steps: Steps) -> None:
        """Write what matches these steps."""
        for step in steps:
            # By type, in one step: there are hundreds in a program, and two of three are fixed.
            if isinstance(step, Fixed):
                self._fixed("fixed", step.text)
            else:
                self._WRITERS[type(step)](self, step)

    def _space(self, _step: Space) -> None:
        self.add("space")

    def _of_form(self, step: Value) -> None:
        self.add(step.form, self._slots[step.variables[0]])

    def _mark(self, step: Mark) -> None:
        self.add("mark", self._slots[step.variable], text=step.text)

    def _maybe(self, step: Maybe) -> None:
        self._choice(step.steps, [])

    def _either(self, step: Either) -> None:
        self._choice(step.first, step.second)

    def _unless(self, step: Unless) -> None:
        choice = self.add("choice")
        self.steps(step.steps)
        self.add("refuse")
        self._land(choice)

    def _choice(self, first: Steps, second: Steps) -> None:
        undone = [self._slots[variable] for variable in variables_of(first)]
        choice = self.add("choice", min(undone, default=0), len(undone))
        self.steps(first)
        commit = self.add("commit")
        self._land(choice)
        self.steps(second)
        self._land(commit)

    def _several(self, step: Several) -> None:
        again = self.label()
        self.add("item", self._slots[step.variable], len(step.variables) + 1)
        outer = self._with(step.variables)
        self.steps(step.item)
        sign = step.between or ""
        if step.between == "":
            opening = step.item[0]
            assert isinstance(opening, Fixed)
            sign = opening.text
        self.add("again", int(step.is_spaced), len(step.between or ""), again, sign)
        self._slots = outer

    _WRITERS: ClassVar[dict[type[Step], Callable[..., None]]] = {
        Space: _space,
        Value: _of_form,
        Mark: _mark,
        Maybe: _maybe,
        Either: _either,
        Unless: _unless,
        Several: _several,
    }

    # ── The line ────────────────────────────────────────────────────────────────────────────────────────────────────

    def put(self, text: str) -> None:
        """Write what puts a text into the line; a comma is left off where it would stand behind an opening bracket."""
        self._fixed("put", text)

    def row(self, row: RowLayout) -> None:
        """Write an array of texts, and of lists of none or one."""
        self.put("[")
        for cell in row.cells:
            self.put(f',"{cell.text}')
            for leaf in cell.leaves:
                # What is written around the parts of a time must be left out with them.
                self._if(leaf.source if len(leaf.sources) > 1 else "", self._parts, leaf)
            self.put('"')
        for ways in row.values:
            self.put(",[")
            for there, field in ways:
                self._if(there, self._value, field)
            self.put("]")
        self.put("]")

    def members(self, branch: Branch, fixed: dict[str, str] | None = None) -> None:
        """Write the members of an object in the order of its Struct. fixed: known already."""
        kind: type[Node] = branch.kind
        fields: dict[str, list[Field]] = {}
        for field in branch.fields:
            assert field.slot is not None
            fields.setdefault(field.slot.attribute, []).append(field)
        for attribute in kind.__struct_fields__:
            if fixed and attribute in fixed:
                self.put(fixed[attribute])
            for field in fields.get(attribute, ()):
                self._if(needed(field), self._member, field)

    def _if(self, variable: str, write: Callable[[FieldT], None], field: FieldT) -> None:
        """Write what is left out where that variable is absent; "": it never is."""
        condition = self.add("if", self._slots[variable]) if variable else None
        write(field)
        if condition is not None:
            self._land(condition)

    def _member(self, field: Field) -> None:
        self.put(f',"{field.name}":')
        self._value(field)

    def _value(self, field: Field) -> None:
        if isinstance(field, Run):
            self._array(field)
            return
        if isinstance(field, Branch):
            self.put("{")
            self.members(field)
            self.put("}")
            return
        is_quoted = field.slot.rule.role not in ("int", "flag")
        self.put('"' * is_quoted)
        self._parts(field)
        self.put('"' * is_quoted)

    def _parts(self, leaf: Leaf) -> None:
        # A time is written with these between its parts; any other value has one part.
        for source, before in zip(leaf.sources, ("", "T", ":"), strict=False):
            self.put(before)
            self.add("copy", self._slots[source])

    def _array(self, run: Run) -> None:
        self.put("[")
        self.add("each", self._slots[run.steps.variable])
        outer = self._with(run.steps.variables)
        first = self.label()
        self.put(",")
        self._value(run.item)
        self.add("next", jump=first)
        self._slots = outer
        self.put("]")
