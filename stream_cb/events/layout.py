"""Which steps a record is made of, and which variable of them fills which field of which type.

A layout is written from the path table, part by part, so that what `build` does with a payload and what a plan does
with bytes come from one place: the types of the Structs. `xml_layout` and `json_layout` write one from what records
have looked like; `line_program` and `line_function` write on from it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Self

import msgspec

from stream_cb.events.decode import job_slots
from stream_cb.events.kinds import ENVELOPES, KINDS
from stream_cb.events.node import Node
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.shape import Slot, fields_of, slots_of
from stream_cb.events.steps import PARTS, Several, Steps, Value
from stream_cb.model import Format

# What a field must be without a value, so that the encoder leaves it out where the plan does.
_DEFAULTS: dict[str, Any] = {"text": "", "int": None, "time": None, "flag": False, "node": None, "list": ()}


class CannotPlan(Exception):
    """The grammar has a part that no type describes, or one that its type does not fit."""


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """One value: its field, and the variables of its text, or of its parts; all empty for an absent one."""

    name: str
    slot: Slot
    sources: tuple[str, ...]
    may_be_empty: bool

    @property
    def source(self) -> str:
        """The variable of its text, or of its first part."""
        return self.sources[0]


class Branch(msgspec.Struct, frozen=True, gc=False):
    """One object; `there` is the variable of a text that is empty where the object is absent, or ""."""

    name: str
    slot: Slot | None
    kind: type[Node]
    there: str
    fields: list[Field]


class Run(msgspec.Struct, frozen=True, gc=False):
    """A list. item: one of its items, in terms of the variables of an item of `steps`."""

    name: str
    slot: Slot
    item: Leaf | Branch
    steps: Several

    @property
    def there(self) -> str:
        """The variable of its text, which is empty where the list is absent."""
        return self.steps.variable


# A field that is written in several ways is there several times, and at most one of them has a text.
Field = Leaf | Branch | Run


def needed(field: Field) -> str:
    """The variable without which the field is left out; "" if it is always written."""
    if not isinstance(field, Leaf):
        return field.there
    return field.source if field.may_be_empty or field.slot.rule.role == "flag" else ""


class Cell(msgspec.Struct, frozen=True, gc=False):
    """A text of a row: a fixed one, or that of one of these leaves, of which at most one is there."""

    text: str
    leaves: list[Leaf]


class RowLayout(msgspec.Struct, frozen=True, gc=False):
    """What a line is in the place of an object; see `model.Row`.

    values: for each the ways in which it is written, of which at most one is there, with the variable that tells so.
    """

    cells: list[Cell]
    values: list[list[tuple[str, Branch | Run]]]


class Layout(msgspec.Struct, frozen=True, gc=False):
    """steps: of the fields. before, behind: of what stands around them in the record, behind its declaration.

    job: the fields but Tag, in terms of `variables`: the steps'. format: "xml" or "json". tag: its Tag; "" where it has
    none. row: what its line is; None: an object of all of `job`.
    """

    format: Format
    before: Steps
    steps: Steps
    behind: Steps
    job: Branch
    tag: str
    variables: list[str]
    row: RowLayout | None = None


class Kind(msgspec.Struct, frozen=True, gc=False):
    """What a subject stands for: its event, its Tag or "", the element or member around its fields, and their slots."""

    event: str
    tag: str
    envelope: str
    slots: dict[str, Slot]

    @classmethod
    def of(cls, subject: str) -> Kind:
        """subject: the Tag of TaskFinish records, or the EventName of any others."""
        if subject in OPERATIONS:
            return cls("TaskFinish", subject, ENVELOPES["TaskFinish"], job_slots(subject))
        return cls(subject, "", ENVELOPES[subject], slots_of(KINDS[subject]))

    def layout(
        self, format: Format, steps: tuple[Steps, Steps, Steps], fields: list[Field], variables: list[str]
    ) -> Layout:
        """The layout of records of those fields; steps: before them, of them, and behind them. Raises CannotPlan."""
        job = Branch("", None, KINDS[self.event], "", fields)
        _check_defaults(job)
        return Layout(format, *steps, job, self.tag, variables)


class StepWriter:
    """Writes the steps of a record or of an item of a list; `variables` are theirs, and begin with `letter`."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.steps: Steps = []
        self.variables: list[str] = []

    def inside(self) -> Self:
        """A writer of steps inside others, with the same variables."""
        inside = object.__new__(type(self))
        inside.__dict__ = self.__dict__ | {"steps": []}
        return inside

    def name(self, count: int = 1) -> tuple[str, ...]:
        """New variables."""
        known = len(self.variables)
        self.variables += [f"{self.letter}{known + number}" for number in range(count)]
        return tuple(self.variables[known:])

    def value(self, form: str) -> tuple[str, ...]:
        """Write a value; the variables of its parts."""
        variables = self.name(PARTS.get(form, 1))
        self.steps.append(Value(form, variables))
        return variables


def _check_defaults(branch: Branch) -> None:
    """Raises CannotPlan if a field would not be absent from the encoder's lines where a plan leaves it out."""
    for field in branch.fields:
        assert field.slot is not None
        default = _defaults(branch.kind)[field.slot.attribute]
        usual = _DEFAULTS[field.slot.rule.role]
        if default is not usual and (default is None or default != usual):
            raise CannotPlan
        inside = field.item if isinstance(field, Run) else field
        if isinstance(inside, Branch):
            _check_defaults(inside)


@cache
def _defaults(kind: type[Node]) -> dict[str, Any]:
    """Attribute → default. Bounded by the number of Structs."""
    return {field.name: field.default for field in fields_of(kind)}
