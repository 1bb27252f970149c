"""XML → events or their lines without a parser, for records written as earlier ones were.

Machine-made XML repeats itself. Of the records of one Tag that lxml has read, a grammar is learned, and of the grammar
plans are made: one regular expression with a group for each text and each run of repeated elements, and what makes
the event, or its JSON line, of the groups. A plan takes a record only if all of it matches: no attribute,
comment, section, unknown reference, odd character or other element; the Tag is part of the expression, and numbers
and times match in their exact forms. What it cannot take goes to lxml and `decode`, the authorities. A new plan must
give, for the record at hand, the very event or line that they gave, or it is thrown away.
"""

from __future__ import annotations

import re
from collections import Counter

from stream_cb.events.encode import encode_lines
from stream_cb.events.grammar import Element, NotPlain, merge
from stream_cb.events.kinds import Event
from stream_cb.events.line_plan import LinePlan, plan_lines, subject_of
from stream_cb.events.line_program import compiled_matcher
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.plan_writer import CannotPlan
from stream_cb.events.steps import behind_declaration
from stream_cb.events.struct_plan import StructPlan, plan_structs
from stream_cb.limits import MAX_LANE_BYTES
from stream_cb.model import Run

# A plan is made, or made anew if the grammar has become wider, when its Tag has been learned from for the 16th,
# 64th, 256th … time: making one costs as much as parsing some hundred records.
_FIRST_PLAN = 16
# Records of one Tag that are learned from; what is new after that many is not worth a new plan.
_MAX_LESSONS = 4_096

_TAG = re.compile(rb"<Tag>([A-Za-z0-9]{1,64})</Tag>")

# The predefined entities stand for one private character each while a plan matches.
_ENTITIES = {"&lt;": "\ue000", "&gt;": "\ue001", "&quot;": "\ue002", "&apos;": "\ue003", "&amp;": "\ue004"}
_MEANT = str.maketrans(dict(zip(_ENTITIES.values(), "<>\"'&", strict=True)))


class _Lesson:
    """What is known of the records of one Tag: the grammar, and the plans made of it."""

    def __init__(self) -> None:
        self.grammar = Element()
        self.count = 0
        self.next_plan = _FIRST_PLAN
        self.form: object = None
        self.plan: StructPlan | None = None


class XmlPlans:
    """The plans of one run, at most one of each sort for each Tag in OPERATIONS.

    makes_lines: lines are wanted too. counts: receives the number of lines by Tag.
    """

    def __init__(self, counts: Counter[str], *, makes_lines: bool) -> None:
        self._lessons: dict[str, _Lesson] = {}
        self._makes_lines = makes_lines
        self._line_plans: dict[str, LinePlan] = {}
        self._counts = counts
        self._buffer = b""
        self._subject: bytes | str = b""
        self._compiled = compiled_matcher()
        self._last_tag = ""

    def events(self, raw: bytes) -> list[Event] | None:
        """The events of a record that a plan takes; None for any other."""
        tag = _tag_of(raw)
        self._last_tag = tag if tag in self._line_plans else ""
        lesson = self._lessons.get(tag)
        if lesson is None or lesson.plan is None or len(raw) > MAX_LANE_BYTES:
            return None
        text = _plain_text(raw)
        return None if text is None else _apply(lesson.plan, text, has_entities=b"&" in raw)

    def run(self, buffer: bytes, position: int, max_bytes: int, *, are_documents: bool) -> Run:
        """The lines of the records at and behind a position, as far as plans take them; white space may lie between.

        max_bytes: of one record. are_documents: each may have a declaration.
        """
        plans = self._line_plans
        if not plans:
            return Run([], 0, position)
        if buffer is not self._buffer:
            self._buffer, self._subject = buffer, subject_of(buffer, self._compiled)
        limit = min(max_bytes, MAX_LANE_BYTES)
        lines: list[bytes] = []
        record_bytes, end = 0, position
        tag = self._last_tag or self._tag_ahead(end, limit, "")
        while tag:
            found, length, end = plans[tag].run(self._subject, end, limit, are_documents)
            if found:
                lines += found
                record_bytes += length
                self._counts[tag] += len(found)
                self._last_tag = tag
            tag = self._tag_ahead(end, limit, tag)
        return Run(lines, record_bytes, end)

    def _tag_ahead(self, position: int, limit: int, tried: str) -> str:
        """The next Tag in the buffer, if there is a plan for it that was not tried yet; else ""."""
        at = self._buffer.find(b"<Tag>", position, position + limit)
        match = _TAG.match(self._buffer, at) if at >= 0 else None
        tag = match[1].decode() if match else ""
        return tag if tag != tried and tag in self._line_plans else ""

    def learn(self, raw: bytes, events: list[Event]) -> None:
        """Learn from a record that no plan took, and that lxml and `decode` made these events of."""
        tag = _tag_of(raw)
        if tag not in OPERATIONS or len(events) != 1 or len(raw) > MAX_LANE_BYTES:
            return
        lesson = self._lessons.setdefault(tag, _Lesson())
        if lesson.count >= _MAX_LESSONS:
            return
        lesson.count += 1
        text = _plain_text(raw)
        if text is None:
            return
        try:
            name = merge(lesson.grammar, text[behind_declaration(text) :])
        except NotPlain:
            return
        if lesson.count >= lesson.next_plan:
            lesson.next_plan = lesson.count * 4
            self._plan(lesson, name, tag, raw, events)

    def _plan(self, lesson: _Lesson, name: str, tag: str, raw: bytes, events: list[Event]) -> None:
        form = lesson.grammar.form()
        if form == lesson.form:
            return
        try:
            plan = plan_structs(lesson.grammar, name, tag, _resolve)
            line_plan = plan_lines(lesson.grammar, name, tag, self._compiled) if self._makes_lines else None
        except CannotPlan:
            lesson.form = form
            return
        made = _apply(plan, _plain_text(raw) or "", has_entities=True)
        lines = line_plan.run(subject_of(raw, self._compiled), 0, len(raw), True)[0] if line_plan else []
        if made is None or (line_plan and not lines):
            return  # an odd value in this record says nothing of the others: the next lesson tries again
        lesson.form = form
        if made == events:
            lesson.plan = plan
        if line_plan and lines == [encode_lines(events)]:
            self._line_plans[tag] = line_plan


def _tag_of(raw: bytes) -> str:
    """The Tag of a record; "" if it has none, or several."""
    at = raw.rfind(b"<Tag>")
    match = _TAG.match(raw, at) if at >= 0 else None
    return match[1].decode() if match else ""


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


def _apply(plan: StructPlan, text: str, *, has_entities: bool) -> list[Event] | None:
    match = plan.match(text, behind_declaration(text))
    if match is None:
        return None
    try:
        return [(plan.resolve if has_entities else plan.make)(*match.groups(""))]
    except ValueError:
        return None
