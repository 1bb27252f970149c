"""XML → events without a parser, for records written as earlier ones were.

Machine-made XML repeats itself. Of the records of one Tag that lxml has read, a grammar is learned, and of the grammar
a plan is made: one regular expression with a group for each text and each run of repeated elements, and one
expression that makes the event from the groups. A plan takes a record only if all of it matches: no attribute,
comment, section, unknown reference, odd character or other element; the Tag is part of the expression, and numbers
and times match in their exact forms. What it cannot take goes to lxml and `decode`, the authorities. A new plan must
give, for the record at hand, the very events that they gave, or it is thrown away.
"""

from __future__ import annotations

import re

from stream_cb.events.grammar import Element, NotPlain, merge
from stream_cb.events.kinds import Event
from stream_cb.events.operations import OPERATIONS
from stream_cb.events.plan_writer import CannotPlan, Plan, write_plan

# A plan is made, or made anew if the grammar has become wider, when its Tag has been learned from for the 16th,
# 32nd, 64th … time: making one costs as much as parsing some hundred records.
_FIRST_PLAN = 16
# Larger records are rare, and differ; libxml2's own limits lie far above.
_MAX_BYTES = 64 * 1024
# Records of one Tag that are learned from; what is new after that many is not worth a new plan.
_MAX_LESSONS = 4_096

_TAG = re.compile(rb"<Tag>([A-Za-z0-9]{1,64})</Tag>")
DECLARATION = re.compile(r"<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?:utf|UTF)-8[\"'])?\?>[ \n]*")

# The predefined entities stand for one private character each while a plan matches.
_ENTITIES = {"&lt;": "\ue000", "&gt;": "\ue001", "&quot;": "\ue002", "&apos;": "\ue003", "&amp;": "\ue004"}
_MEANT = str.maketrans(dict(zip(_ENTITIES.values(), "<>\"'&", strict=True)))


class _Lesson:
    """What is known of the records of one Tag: the grammar, and the plan made of it."""

    def __init__(self) -> None:
        self.grammar = Element()
        self.count = 0
        self.next_plan = _FIRST_PLAN
        self.form: object = None
        self.plan: Plan | None = None


class XmlPlans:
    """The plans of one run, at most one for each Tag in OPERATIONS."""

    def __init__(self) -> None:
        self._lessons: dict[str, _Lesson] = {}

    def events(self, raw: bytes) -> list[Event] | None:
        """The events of a record that a plan takes; None for any other."""
        lesson = self._lessons.get(_tag_of(raw))
        if lesson is None or lesson.plan is None or len(raw) > _MAX_BYTES:
            return None
        text = _plain_text(raw)
        return None if text is None else _apply(lesson.plan, text, has_entities=b"&" in raw)

    def learn(self, raw: bytes, events: list[Event]) -> None:
        """Learn from a record that no plan took, and that lxml and `decode` made these events of."""
        tag = _tag_of(raw)
        if tag not in OPERATIONS or len(events) != 1 or len(raw) > _MAX_BYTES:
            return
        lesson = self._lessons.setdefault(tag, _Lesson())
        if lesson.count >= _MAX_LESSONS:
            return
        lesson.count += 1
        text = _plain_text(raw)
        if text is None:
            return
        declaration = DECLARATION.match(text)
        try:
            name = merge(lesson.grammar, text[declaration.end() if declaration else 0 :])
        except NotPlain:
            return
        if lesson.count >= lesson.next_plan:
            lesson.next_plan = lesson.count * 2
            self._plan(lesson, name, tag, text, events)

    @staticmethod
    def _plan(lesson: _Lesson, name: str, tag: str, text: str, events: list[Event]) -> None:
        form = lesson.grammar.form()
        if form == lesson.form:
            return
        try:
            plan = write_plan(lesson.grammar, name, tag, _resolve)
        except CannotPlan:
            lesson.form = form
            return
        made = _apply(plan, text, has_entities=True)
        if made is None:
            return  # an odd value in this record says nothing of the others: the next lesson tries again
        lesson.form = form
        if made == events:
            lesson.plan = plan


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


def _apply(plan: Plan, text: str, *, has_entities: bool) -> list[Event] | None:
    match = plan.match(text)
    if match is None:
        return None
    try:
        return [(plan.resolve if has_entities else plan.make)(match.groups(""))]
    except ValueError:
        return None
