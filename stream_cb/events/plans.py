"""Records → their JSON lines, or their events, without a parser, where they are written as earlier ones were.

What machines write repeats itself. Of the records of one subject (a Tag of TaskFinish, or another event) that a parser
has read, a grammar is learned, and of the grammar a plan is made (`matchers`). A plan takes a record only if all of it
matches: the parts that are known in the order that is known, no attribute, comment, section, reference, escape or odd
character that it does not know, no key twice; event and Tag are part of it, and numbers and times match in their exact
forms. The jobs of a body with several are taken one by one. What no plan takes goes to the parser and to `decode`, the
authorities. A new plan must give, for the record at hand, the very line that they gave (and the very event, where
events are wanted), or it is thrown away.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import chain, islice
from typing import Any

import msgspec

from stream_cb.events.dialect import Dialect, json_dialect, xml_dialect
from stream_cb.events.encode import encode_lines
from stream_cb.events.grammar import NotPlain
from stream_cb.events.kinds import ENVELOPES, Event
from stream_cb.events.layout import CannotPlan
from stream_cb.events.matchers import chosen_matcher
from stream_cb.events.native import decode_lines
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.selection import Wanted, names_of, shown
from stream_cb.events.subjects import is_xml, name_of, subject_at
from stream_cb.events.task_finish import TaskFinish
from stream_cb.limits import MAX_LANE_BYTES
from stream_cb.model import Row, Selection
from stream_cb.runs import DECLARED, JSON, XML, Run

# A plan is made, or made anew if the grammar has become wider, when its subject has been learned from for the 6th, 9th,
# 13th, 19th … time: making one costs as much as reading four records without one.
_FIRST_PLAN = 6
# Records of one subject that are learned from; what is new after that many is not worth a new plan.
_MAX_LESSONS = 4_096
_decode = msgspec.json.Decoder().decode


class _Lesson:
    """What is known of the records of one subject: the grammar, and whether a plan was made of it."""

    def __init__(self, grammar: Any) -> None:
        self.grammar = grammar
        self.count = 0
        self.next_plan = _FIRST_PLAN
        self.form: object = None


class Plans:
    """The plans of one run; at most one for each Tag in OPERATIONS and event in ENVELOPES, and each way of writing it.

    selection: records become lines that have this at least; None: events. row: what a line may be in the place of that.
    counts: receives the number of lines by kind.
    """

    def __init__(self, counts: Counter[str], selection: Selection | None, row: Row | None = None) -> None:
        self._lessons: dict[bytes, _Lesson] = {}
        self._plans: dict[bytes, Any] = {}
        self._wanted = None if selection is None else Wanted(names_of(selection), row)
        self._counts = counts
        self._buffer = b""
        self._text: Any = b""
        self._matcher = chosen_matcher()

    def run(self, buffer: bytes, position: int, max_bytes: int, ways: int, *, with_spans: bool = False) -> Run:
        """The lines, or events, of the records at and behind a position, as far as plans take them; see `Runner`."""
        if not self._plans:
            return Run([], 0, 0, position, [])
        if buffer is not self._buffer:
            self._buffer, self._text = buffer, self._matcher.text_of(buffer)
        max_bytes = min(max_bytes, MAX_LANE_BYTES)
        in_order = self._wanted is None
        found = self._matcher.run(self._plans, self._text, position, max_bytes, ways, with_spans, in_order)
        lines, runs, spans, records, record_bytes, end = found
        return Run(self._made(lines, runs), records, record_bytes, end, spans or [])

    def _made(self, lines: list[bytes], runs: list[tuple[bytes, int]]) -> list[Any]:
        """What lines become."""
        if self._wanted is None:
            left = iter(lines)
            decoded = [decode_lines(list(islice(left, count)), name_of(subject)) for subject, count in runs]
            return list(chain.from_iterable(decoded))
        for subject, count in runs:
            self._counts[_counted_as(subject)] += count
        return lines

    def learn(self, raw: bytes, events: list[Event]) -> None:
        """Learn from a record that no plan took, and that a parser and `decode` made these events of."""
        if len(events) != 1 or len(raw) > MAX_LANE_BYTES:
            return
        subject = subject_at(raw.decode("latin-1").lstrip(), 0, len(raw))
        if not subject or name_of(subject) != _name_of(events[0]):
            return
        dialect = _dialect_of(subject)
        lesson = self._lessons.get(subject)
        if lesson is None:
            lesson = self._lessons[subject] = _Lesson(dialect.grammar())
        if lesson.count >= _MAX_LESSONS:
            return
        lesson.count += 1
        try:
            dialect.merge(lesson.grammar, raw)
        except NotPlain:
            return
        if lesson.count >= lesson.next_plan:
            lesson.next_plan = lesson.count + lesson.count // 2
            self._plan(lesson, subject, raw, events)

    def _plan(self, lesson: _Lesson, subject: bytes, raw: bytes, events: list[Event]) -> None:
        form = lesson.grammar.form()
        if form == lesson.form:
            return
        name = name_of(subject)
        try:
            layout = _dialect_of(subject).layout(lesson.grammar, name)
        except CannotPlan:
            lesson.count = _MAX_LESSONS  # what is known of its records only grows
            return
        plan = self._matcher.plan(layout)
        lines = self._lines_of(subject, plan, raw)
        if not lines:
            return  # an odd value in this record says nothing of the others: the next lesson tries again
        lesson.form = form
        if lines != [encode_lines(events)] or (self._wanted is None and decode_lines(lines, name) != events):
            return
        if self._wanted and (self._wanted.names or self._wanted.row):
            plan = self._matcher.plan(layout, self._wanted)
            narrow = [_decode(line) for line in self._lines_of(subject, plan, raw)]
            if len(narrow) != 1 or narrow[0] != shown(_decode(lines[0]), self._wanted, narrow[0]):
                return
        self._plans[subject] = plan

    def _lines_of(self, subject: bytes, plan: Any, raw: bytes) -> list[bytes]:
        """What a plan makes of one record."""
        text = self._matcher.text_of(raw)
        lines, *_ = self._matcher.run({subject: plan}, text, 0, len(raw), XML | JSON | DECLARED, False, True)
        return lines


@cache
def _dialect_of(subject: bytes) -> Dialect:
    return xml_dialect() if is_xml(subject) else json_dialect()


@cache
def _counted_as(subject: bytes) -> str:
    """How lines of that subject are counted. Bounded as plans are."""
    name = name_of(subject)
    return f"TaskFinish/{name}" if name in OPERATIONS else name


def _name_of(event: Event) -> str:
    """The name of the subject of records that give such an event; "" where they have none."""
    if isinstance(event, TaskFinish):
        return event.tag if event.tag in OPERATIONS else ""
    return event.event_name if event.event_name in ENVELOPES else ""
