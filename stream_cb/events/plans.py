"""XML → events or their lines without a parser, for records written as earlier ones were.

Machine-made XML repeats itself. Of the records of one subject (a Tag of TaskFinish, or another event) that lxml has
read, a grammar is learned, and of the grammar a plan is made: one regular expression with a group for each text and
each run of repeated elements, and what makes the event, or its JSON line, of the groups. A plan takes a record only if
all of it matches: no attribute, comment, section, unknown reference, odd character or other element; event and Tag are
part of the expression, and numbers and times match in their exact forms. A body with several jobs is taken job by job.
What no plan takes goes to lxml and `decode`, the authorities. A new plan must give, for the record at hand, the very
event or line that they gave, or it is thrown away.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from stream_cb.events.encode import encode_lines
from stream_cb.events.grammar import Element, NotPlain, merge
from stream_cb.events.kinds import ENVELOPES, Event
from stream_cb.events.line_plan import LinePlan, plan_lines, subject_of
from stream_cb.events.line_program import compiled_matcher
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.plan_writer import CannotPlan
from stream_cb.events.steps import behind_declaration
from stream_cb.events.struct_plan import StructPlan, plan_structs
from stream_cb.events.task_finish import TaskFinish
from stream_cb.limits import MAX_LANE_BYTES
from stream_cb.model import Run

# A plan is made, or made anew if the grammar has become wider, when its subject has been learned from for the 16th,
# 64th, 256th … time: making one costs as much as parsing some hundred records.
_FIRST_PLAN = 16
# Records of one subject that are learned from; what is new after that many is not worth a new plan.
_MAX_LESSONS = 4_096

# How a record begins that a plan may take: white space, a declaration, its event.
_HEAD = re.compile(
    rb"[ \t\r\n]*+"
    rb"((?:<\?xml version=(?:\"1\.0\"|'1\.0')(?: encoding=(?:\"(?:utf|UTF)-8\"|'(?:utf|UTF)-8'))?+\?>[ \n]*+)?+)"
    rb"<Response>[ \t\n]*+<EventName>([A-Za-z]{1,32})</EventName>[ \t\n]*+"
)
_TAG = re.compile(rb"<Tag>([A-Za-z0-9]{1,64})</Tag>")
# Between two jobs of one body, and behind the last one.
_NEXT_JOB = re.compile(rb"</JobsDetail>[ \t\n]*+(<JobsDetail>|</Response>)")
_BODY = b"<Response><EventName>TaskFinish</EventName>%b</Response>"

# The predefined entities stand for one private character each while a plan matches.
_ENTITIES = {"&lt;": "\ue000", "&gt;": "\ue001", "&quot;": "\ue002", "&apos;": "\ue003", "&amp;": "\ue004"}
_MEANT = str.maketrans(dict(zip(_ENTITIES.values(), "<>\"'&", strict=True)))

_Lines = tuple[list[bytes], int, int]


class _Lesson:
    """What is known of the records of one subject: the grammar, and the plan made of it."""

    def __init__(self) -> None:
        self.grammar = Element()
        self.count = 0
        self.next_plan = _FIRST_PLAN
        self.form: object = None


class XmlPlans:
    """The plans of one run, at most one for each Tag in OPERATIONS and each event in ENVELOPES.

    makes_lines: plans make lines, and no events. counts: receives the number of lines by kind.
    """

    def __init__(self, counts: Counter[str], *, makes_lines: bool) -> None:
        self._lessons: dict[str, _Lesson] = {}
        self._makes_lines = makes_lines
        self._line_plans: dict[str, LinePlan] = {}
        self._struct_plans: dict[str, StructPlan] = {}
        self._counts = counts
        self._buffer = b""
        self._searched: bytes | str = b""
        self._compiled = compiled_matcher()

    def events(self, raw: bytes) -> list[Event] | None:
        """The events of a record that plans take; None for any other, or where plans make lines."""
        head = _HEAD.match(raw) if self._struct_plans and len(raw) <= MAX_LANE_BYTES else None
        if head is None:
            return None
        events = []
        for body in _bodies(head, len(raw), are_documents=True).parts or [raw]:
            plan = self._struct_plans.get(_subject_of(body))
            event = _event(plan, body) if plan else None
            if event is None:
                return None
            events.append(event)
        return events

    def run(self, buffer: bytes, position: int, max_bytes: int, *, are_documents: bool) -> Run:
        """The lines of the records at and behind a position, as far as plans take them; white space may lie between.

        max_bytes: of one record. are_documents: each may have a declaration.
        """
        plans = self._line_plans
        if not plans:
            return Run([], {}, 0, position)
        if buffer is not self._buffer:
            self._buffer, self._searched = buffer, subject_of(buffer, self._compiled)
        limit = min(max_bytes, MAX_LANE_BYTES)
        lines: list[bytes] = []
        several: dict[int, int] = {}
        records, record_bytes, end = 0, 0, position
        while head := _HEAD.match(buffer, end, end + limit):
            found, length, stop = self._alike(head, limit, are_documents=are_documents)
            records += len(found)
            if not found:
                found, length, stop = self._several(head, limit, are_documents=are_documents)
                if not found:
                    break
                several[records] = len(found)
                records += 1
            lines += found
            record_bytes += length
            end = stop
        return Run(lines, several, record_bytes, end)

    def _alike(self, head: re.Match[bytes], limit: int, *, are_documents: bool) -> _Lines:
        """The lines of the records from that head on that are of one subject."""
        # Trying the last plan first would cost more: records differ late, and a Tag is at their end.
        position = head.start()
        name = _subject(head, position + limit)
        plan = self._line_plans.get(name)
        if plan is None:
            return [], 0, position
        found = plan.run(self._searched, position, limit, are_documents)
        if found[0]:
            self._counts[_kind(name)] += len(found[0])
        return found

    def _several(self, head: re.Match[bytes], limit: int, *, are_documents: bool) -> _Lines:
        """The lines of the jobs of one body, if there are several and plans take all of them."""
        position = head.start()
        bodies = _bodies(head, position + limit, are_documents=are_documents)
        lines: list[bytes] = []
        names = [_subject_of(body) for body in bodies.parts]
        for name, body in zip(names, bodies.parts, strict=True):
            plan = self._line_plans.get(name)
            found = plan.run(subject_of(body, self._compiled), 0, limit, False)[0] if plan else []
            if not found:
                return [], 0, position
            lines += found
        self._counts.update(map(_kind, names))
        return lines, bodies.end - bodies.begin, bodies.end

    def learn(self, raw: bytes, events: list[Event]) -> None:
        """Learn from a record that no plan took, and that lxml and `decode` made these events of."""
        name = _subject_of_event(events[0]) if len(events) == 1 else ""
        if not name or len(raw) > MAX_LANE_BYTES:
            return
        lesson = self._lessons.setdefault(name, _Lesson())
        if lesson.count >= _MAX_LESSONS:
            return
        lesson.count += 1
        text = _plain_text(raw)
        if text is None:
            return
        try:
            root = merge(lesson.grammar, text[behind_declaration(text) :])
        except NotPlain:
            return
        if lesson.count >= lesson.next_plan:
            lesson.next_plan = lesson.count * 4
            self._plan(lesson, root, name, raw, events)

    def _plan(self, lesson: _Lesson, root: str, name: str, raw: bytes, events: list[Event]) -> None:
        form = lesson.grammar.form()
        if form == lesson.form:
            return
        try:
            if self._makes_lines:
                line_plan = plan_lines(lesson.grammar, root, name, self._compiled)
                lines = line_plan.run(subject_of(raw, self._compiled), 0, len(raw), True)[0]
                is_taken, is_right = bool(lines), lines == [encode_lines(events)]
            else:
                struct_plan = plan_structs(lesson.grammar, root, name, _resolve)
                event = _event(struct_plan, raw)
                is_taken, is_right = event is not None, [event] == events
        except CannotPlan:
            lesson.form = form
            return
        if not is_taken:
            return  # an odd value in this record says nothing of the others: the next lesson tries again
        lesson.form = form
        if is_right and self._makes_lines:
            self._line_plans[name] = line_plan
        elif is_right:
            self._struct_plans[name] = struct_plan


class _Bodies(NamedTuple):
    """The jobs of a body with several, each as a body of its own; the body lies between `begin` and `end`."""

    parts: list[bytes]
    begin: int
    end: int


def _bodies(head: re.Match[bytes], limit: int, *, are_documents: bool) -> _Bodies:
    """The jobs of the body with that head, which ends before `limit`; no parts if it has one job, or is another."""
    buffer, at = head.string, head.end()
    none = _Bodies([], at, at)
    if head[2] != b"TaskFinish" or (head[1] and not are_documents) or not buffer.startswith(b"<JobsDetail>", at):
        return none
    parts: list[bytes] = []
    while True:
        seam = _NEXT_JOB.match(buffer, max(at, buffer.find(b"</JobsDetail>", at, limit)), limit)
        if seam is None or (seam[1] == b"</Response>" and not parts):
            return none
        parts.append(_BODY % buffer[at : seam.start() + len("</JobsDetail>")])
        at = seam.start(1)
        if seam[1] == b"</Response>":
            return _Bodies(parts, head.start(1), seam.end())


def _subject(head: re.Match[bytes], limit: int) -> str:
    """The subject of the record with that head, which ends before `limit`; "" if it tells none."""
    if head[2] != b"TaskFinish":
        return head[2].decode()
    # The job's own Tag is its last one: some Operations have others.
    buffer = head.string
    end = buffer.find(b"</Response>", head.end(), limit)
    tag = _TAG.match(buffer, max(head.end(), buffer.rfind(b"<Tag>", head.end(), max(end, 0))))
    return tag[1].decode() if tag else ""


def _subject_of(raw: bytes) -> str:
    head = _HEAD.match(raw)
    return _subject(head, len(raw)) if head else ""


def _subject_of_event(event: Event) -> str:
    """What records that give such an event are planned by; "" where they are not."""
    if isinstance(event, TaskFinish):
        return event.tag if event.tag in OPERATIONS else ""
    return event.event_name if event.event_name in ENVELOPES else ""


def _kind(subject: str) -> str:
    return f"TaskFinish/{subject}" if subject in OPERATIONS else subject


def _plain_text(raw: bytes) -> str | None:
    """The record as text, its entities as private characters; None if it holds what no plan can take.

    U+FFFE and U+FFFF, which XML forbids, lie with a few harmless ones behind the bytes EF BF; the private ones that
    stand for entities behind EE 80.
    """
    # One byte is looked for at twenty times the speed of two.
    if (b"\xef" in raw and b"\xef\xbf" in raw) or (b"\xee" in raw and b"\xee\x80" in raw):
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    if b"&" in raw:
        for entity, private in _ENTITIES.items():
            text = text.replace(entity, private)
    return text


def _resolve(text: str) -> str:
    return text if text.isascii() else text.translate(_MEANT)


def _event(plan: StructPlan, raw: bytes) -> Event | None:
    """The event that a plan makes of a record; None if it does not take it."""
    text = _plain_text(raw)
    match = plan.match(text, behind_declaration(text)) if text is not None else None
    if match is None:
        return None
    try:
        event: Event = (plan.resolve if b"&" in raw else plan.make)(*match.groups(""))
    except ValueError:
        return None
    return event
