"""Records → their JSON lines, or their events, without a parser, where they are written as earlier ones were.

What machines write repeats itself. Of the records of one subject (a Tag of TaskFinish, or another event) that a parser
has read, a grammar is learned, and of the grammar a plan is made (`line_plan`). A plan takes a record only if all of it
matches: the parts that are known in the order that is known, no attribute, comment, section, reference, escape or odd
character that it does not know, no key twice; event and Tag are part of it, and numbers and times match in their exact
forms. A body with several jobs is taken job by job. What no plan takes goes to the parser and to `decode`, the
authorities. A new plan must give, for the record at hand, the very line that they gave, or it is thrown away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from stream_cb.events.encode import encode_lines
from stream_cb.events.grammar import NotPlain
from stream_cb.events.kinds import ENVELOPES, Event
from stream_cb.events.layout import CannotPlan, Layout
from stream_cb.events.line_plan import LinePlan, plan_lines, subject_of
from stream_cb.events.line_program import compiled_matcher
from stream_cb.events.native import decode_lines
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.selection import names_of, picked
from stream_cb.events.task_finish import TaskFinish
from stream_cb.limits import MAX_LANE_BYTES
from stream_cb.model import Run, Selection
from stream_cb.patterns import lazy_pattern

# A plan is made, or made anew if the grammar has become wider, when its subject has been learned from for the 8th,
# 16th, 32nd … time: making one costs as much as learning from ten records.
_FIRST_PLAN = 8
# Records of one subject that are learned from; what is new after that many is not worth a new plan.
_MAX_LESSONS = 4_096
_decode = msgspec.json.Decoder().decode
_COMMA = lazy_pattern(rb"[ \t\r\n]*+,")

# Results, how many bytes their records have, and where the last one ends.
_Taken = tuple[list[Any], int, int]
_NOTHING: _Taken = ([], 0, 0)


class Subject(NamedTuple):
    """What records have one plan: a Tag or another event, and the way in which their job is wrapped."""

    name: str
    wrapping: str = ""


class Bodies(NamedTuple):
    """The jobs of a body with several, each as a body of its own; the body lies between `begin` and `end`.

    No parts: it has one job, or is another body.
    """

    parts: list[bytes]
    begin: int
    end: int


class Dialect(NamedTuple):
    """What plans have to know of a format.

    head: how a record begins that a plan may take, white space before it; ends where its job does begin.
    subject: of the record with that head, which ends before a limit; None if it tells none.
    bodies: of the body with that head, which ends before a limit and, if it is a document, may have a declaration.
    grammar, merge, layout: what is known of records that no plan has taken; see the modules of these names.
    """

    head: re.Pattern[bytes]
    subject: Callable[[re.Match[bytes], int], Subject | None]
    bodies: Callable[[re.Match[bytes], int, bool], Bodies]
    grammar: Callable[[], Any]
    merge: Callable[[Any, bytes], None]
    layout: Callable[[Any, str], Layout]


class _Lesson:
    """What is known of the records of one subject: the grammar, and whether a plan was made of it."""

    def __init__(self, grammar: Any) -> None:
        self.grammar = grammar
        self.count = 0
        self.next_plan = _FIRST_PLAN
        self.form: object = None


class _Plan(NamedTuple):
    """name: of its subject. counted_as: how its lines are counted."""

    lines: LinePlan
    name: str
    counted_as: str


class Plans:
    """The plans of one run and format; at most one for each Tag in OPERATIONS and event in ENVELOPES and wrapping.

    selection: records become lines that have this at least; None: events. counts: receives the number of lines by kind.
    """

    def __init__(self, dialect: Dialect, counts: Counter[str], selection: Selection | None) -> None:
        self._dialect = dialect
        self._lessons: dict[Subject, _Lesson] = {}
        self._plans: dict[Subject, _Plan] = {}
        self._names = None if selection is None else names_of(selection)
        self._counts = counts
        self._buffer = b""
        self._searched: bytes | str = b""
        self._compiled = compiled_matcher()

    def run(
        self, buffer: bytes, position: int, max_bytes: int, *, are_documents: bool = False, have_commas: bool = False
    ) -> Run:
        """The lines, or events, of the records at and behind a position, as far as plans take them.

        White space may lie between. max_bytes: of one record. are_documents: each may have a declaration. have_commas:
        one stands between each two.
        """
        if not self._plans:
            return Run([], {}, 0, position)
        if buffer is not self._buffer:
            self._buffer, self._searched = buffer, subject_of(buffer, self._compiled)
        limit = min(max_bytes, MAX_LANE_BYTES)
        results: list[Any] = []
        several: dict[int, int] = {}
        records, record_bytes, end, begin = 0, 0, position, position
        next_head = self._dialect.head.match
        while head := next_head(buffer, begin, begin + limit):
            # Trying the last plan first would cost more: records differ late, and a Tag is at their end.
            start = head.start()
            plan = self._plan_for(head, start + limit)
            lines, length, stop = _NOTHING
            if plan:
                lines, length, stop = plan.lines.run(self._searched, start, limit, are_documents, have_commas)
            if plan and lines:
                results += self._made(lines, plan)
                records += len(lines)
            else:
                found, length, stop = self._several(head, limit, are_documents=are_documents)
                if not found:
                    break
                results += found
                several[records] = len(found)
                records += 1
            record_bytes += length
            end = begin = stop
            comma = _COMMA.match(buffer, end) if have_commas else None
            if comma:
                begin = comma.end()
            elif have_commas:
                break
        return Run(results, several, record_bytes, end)

    def _several(self, head: re.Match[bytes], limit: int, *, are_documents: bool) -> _Taken:
        """What becomes of the jobs of one body, if there are several and plans take all of them."""
        bodies = self._dialect.bodies(head, head.start() + limit, are_documents)
        taken = []
        for body in bodies.parts:
            inner = self._dialect.head.match(body)
            plan = self._plan_for(inner, len(body)) if inner else None
            if plan is None:
                return _NOTHING
            lines, _, end = plan.lines.run(subject_of(body, self._compiled), 0, limit, False, False)
            if end != len(body):
                return _NOTHING
            taken.append((lines, plan))
        results = [result for lines, plan in taken for result in self._made(lines, plan)]
        return results, bodies.end - bodies.begin, bodies.end

    def _plan_for(self, head: re.Match[bytes], limit: int) -> _Plan | None:
        """The plan for the record with that head, if there is one."""
        subject = self._dialect.subject(head, limit)
        return self._plans.get(subject) if subject else None

    def _made(self, lines: list[bytes], plan: _Plan) -> list[Any]:
        """What lines of one plan become."""
        if self._names is None:
            return decode_lines(lines, plan.name)
        self._counts[plan.counted_as] += len(lines)
        return lines

    def learn(self, raw: bytes, events: list[Event]) -> None:
        """Learn from a record that no plan took, and that a parser and `decode` made these events of."""
        head = self._dialect.head.match(raw) if len(events) == 1 and len(raw) <= MAX_LANE_BYTES else None
        subject = self._dialect.subject(head, len(raw)) if head else None
        if subject is None or subject.name != _name_of(events[0]):
            return
        lesson = self._lessons.get(subject)
        if lesson is None:
            lesson = self._lessons[subject] = _Lesson(self._dialect.grammar())
        if lesson.count >= _MAX_LESSONS:
            return
        lesson.count += 1
        try:
            self._dialect.merge(lesson.grammar, raw)
        except NotPlain:
            return
        if lesson.count >= lesson.next_plan:
            lesson.next_plan = lesson.count * 2
            self._plan(lesson, subject, raw, events)

    def _plan(self, lesson: _Lesson, subject: Subject, raw: bytes, events: list[Event]) -> None:
        form = lesson.grammar.form()
        if form == lesson.form:
            return
        try:
            layout = self._dialect.layout(lesson.grammar, subject.name)
            plan = plan_lines(layout, self._compiled)
        except CannotPlan:
            lesson.count = _MAX_LESSONS  # what is known of its records only grows
            return
        lines = self._lines_of(plan, raw)
        if not lines:
            return  # an odd value in this record says nothing of the others: the next lesson tries again
        lesson.form = form
        if lines == [encode_lines(events)] and decode_lines(lines, subject.name) == events:
            if self._names:
                plan = plan_lines(layout, self._compiled, self._names)
                whole = _decode(lines[0])
                if list(map(_decode, self._lines_of(plan, raw))) != [picked(whole, self._names)]:
                    return
            name = subject.name
            self._plans[subject] = _Plan(plan, name, f"TaskFinish/{name}" if name in OPERATIONS else name)

    def _lines_of(self, plan: LinePlan, raw: bytes) -> list[bytes]:
        """What a plan makes of one record."""
        return plan.run(subject_of(raw, self._compiled), 0, len(raw), True, False)[0]


def _name_of(event: Event) -> str:
    """The name of the subject of records that give such an event; "" where they have none."""
    if isinstance(event, TaskFinish):
        return event.tag if event.tag in OPERATIONS else ""
    return event.event_name if event.event_name in ENVELOPES else ""
