"""layout → the program of the compiled matcher: what a record is made of, and what its JSON line is made of.

The same steps and the same fields as those of the plan in Python (`line_plan.py`), so the same records are taken and
the same lines written. `_matcher.c` says what each step of a program does.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from stream_cb.events.layout import Branch, Field, Layout, Leaf, Run
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

if TYPE_CHECKING:
    from stream_cb._matcher import Matcher

# Any text in this variable of the environment leaves the compiled matcher aside, for tests and benchmarks.
PURE = "STREAM_CB_PURE"


def compiled_matcher() -> type[Matcher] | None:
    """The compiled matcher; None where it was not built, or is not wanted."""
    if os.environ.get(PURE):
        return None
    try:
        from stream_cb._matcher import Matcher
    except ImportError:
        return None
    return Matcher


class Instruction(NamedTuple):
    """One step of a program, as the matcher takes it."""

    name: str
    slot: int = 0
    slots: int = 0
    jump: int = 0
    text: bytes = b""


class Program(NamedTuple):
    """The arguments of a `Matcher`."""

    instructions: list[Instruction]
    slots: int
    body: int


def write_program(layout: Layout) -> Program:
    """The program for the lines of records of a layout."""
    writer = _Writer(layout.variables)
    writer.steps(DECLARATION if layout.format == "xml" else [])
    body = writer.label()
    writer.steps(layout.steps)
    writer.add("matched")
    writer.label()
    writer.put(f'{{"EventName":"{layout.job.kind.__struct_config__.tag}"')
    writer.members(layout.job, {"tag": f',"Tag":"{layout.tag}"'} if layout.tag else {})
    writer.put("}\n")
    writer.add("done")
    return Program(writer.instructions, len(layout.variables) + 1, body)


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
        self.instructions.append(Instruction(name, slot, slots, jump, text.encode()))
        return place

    def label(self) -> int:
        """The place of the next instruction, to which another one may jump."""
        if self._fixed_text:
            self.instructions.append(Instruction(self._fixed_name, text=self._fixed_text.encode()))
            self._fixed_text = ""
        return len(self.instructions)

    def _land(self, place: int) -> None:
        """Let the instruction at a place jump here."""
        self.instructions[place] = self.instructions[place]._replace(jump=self.label())

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
            self._step(step)

    def _step(self, step: Step) -> None:
        match step:
            case Fixed(text):
                self._fixed("fixed", text)
            case Space():
                self.add("space")
            case Value(form, variables):
                self.add(form, self._slots[variables[0]])
            case Mark(variable, text):
                self.add("mark", self._slots[variable], text=text)
            case Maybe(inner):
                self._choice(inner, [])
            case Either(first, second):
                self._choice(first, second)
            case Unless(inner):
                choice = self.add("choice")
                self.steps(inner)
                self.add("refuse")
                self._land(choice)
            case Several():
                self._several(step)

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

    # ── The line ────────────────────────────────────────────────────────────────────────────────────────────────────

    def put(self, text: str) -> None:
        """Write what puts a text into the line; a comma is left off where it would stand behind an opening bracket."""
        self._fixed("put", text)

    def members(self, branch: Branch, fixed: dict[str, str] | None = None) -> None:
        """Write the members of an object in the order of its Struct. fixed: known already."""
        kind: type[Node] = branch.kind
        for attribute in kind.__struct_fields__:
            if fixed and attribute in fixed:
                self.put(fixed[attribute])
            for field in branch.fields:
                if field.slot and field.slot.attribute == attribute:
                    self._member(field)

    def _member(self, field: Field) -> None:
        needed = _needed(field)
        condition = self.add("if", self._slots[needed]) if needed else None
        self.put(f',"{field.name}":')
        if isinstance(field, Run):
            self._array(field)
        else:
            self._value(field)
        if condition is not None:
            self._land(condition)

    def _value(self, field: Leaf | Branch) -> None:
        if isinstance(field, Branch):
            self.put("{")
            self.members(field)
            self.put("}")
            return
        is_quoted = field.slot.rule.role not in ("int", "flag")
        self.put('"' * is_quoted)
        # A time is written with these between its parts; any other value has one part.
        for source, before in zip(field.sources, ("", "T", ":"), strict=False):
            self.put(before)
            self.add("copy", self._slots[source])
        self.put('"' * is_quoted)

    def _array(self, run: Run) -> None:
        self.put("[")
        self.add("each", self._slots[run.source])
        outer = self._with(run.variables)
        first = self.label()
        self.put(",")
        self._value(run.item)
        self.add("next", jump=first)
        self._slots = outer
        self.put("]")


def _needed(field: Field) -> str:
    """The variable without which the field is left out; "" if it is always written."""
    if isinstance(field, Run):
        return field.source
    if isinstance(field, Branch):
        return field.there
    return field.source if field.may_be_empty or field.slot.rule.role == "flag" else ""
