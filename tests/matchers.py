"""What tests of the matchers share: plans of both, and buffers that are nearly what they take."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from random import Random
from typing import Any, NamedTuple

import pytest

from stream_cb.events.dialect import json_dialect, xml_dialect
from stream_cb.events.grammar import NotPlain
from stream_cb.events.matchers import PURE as PURE_VARIABLE
from stream_cb.events.matchers import LineMatcher, chosen_matcher
from stream_cb.events.subjects import subject_at
from stream_cb.generate import callbacks, to_json, to_pretty_json, to_pretty_xml, to_xml
from stream_cb.runs import COMMAS, DECLARED, JSON, XML
from tests.callback_trees import Tree, filled_job
from tests.pieces import PIECES

TAGS = ("StreamExtract", "Transcode", "Snapshot", "SpeechRecognition", "Watermark", "DocProcess")


class Shape(NamedTuple):
    """Records of one Tag, and the plans of both matchers that were made of them, by their subject."""

    records: list[bytes]
    compiled: dict[bytes, Any]
    pure: dict[bytes, Any]

    def run(
        self,
        buffer: bytes,
        position: int = 0,
        max_bytes: int = 65_536,
        *,
        are_documents: bool = True,
        have_commas: bool = False,
    ) -> Answer:
        """What the compiled matcher answers, which must be what the pure one does."""
        ways = ways_of(are_documents, have_commas)
        compiled, pure, together = (
            matcher.run(plans, matcher.text_of(buffer), position, max_bytes, ways, True, in_order)
            for matcher, plans, in_order in (
                *((COMPILED, self.compiled, True), (PURE, self.pure, True)),
                (COMPILED, self.compiled, False),
            )
        )
        assert compiled == pure
        lines, runs, spans, records, record_bytes, end = compiled
        assert sum(count for _, count in runs) == len(lines)
        counts: Counter[bytes] = sum((Counter({subject: count}) for subject, count in runs), Counter())
        assert together == (lines, list(counts.items()), *compiled[2:])
        assert spans is not None
        assert len(spans) == len(lines)
        # The jobs of one record lie where it does.
        assert records == len(set(spans))
        assert record_bytes == sum(length for _, length in set(spans))
        assert not spans or end == sum(spans[-1])
        return lines, record_bytes, end


# Lines, how many bytes their records have, and where the last one ends.
Answer = tuple[list[bytes], int, int]


def ways_of(are_documents: bool, have_commas: bool) -> int:
    """Records of both formats."""
    return XML | JSON | DECLARED * are_documents | COMMAS * have_commas


def together(shapes: Iterable[Shape]) -> Shape:
    """The records and plans of all of these."""
    listed = list(shapes)
    records = [record for shape in listed for record in shape.records]
    compiled = {subject: plan for shape in listed for subject, plan in shape.compiled.items()}
    return Shape(records, compiled, {subject: plan for shape in listed for subject, plan in shape.pure.items()})


def _matcher(*, is_pure: bool) -> LineMatcher:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PURE_VARIABLE, "1" if is_pure else "")
        return chosen_matcher()


COMPILED, PURE = _matcher(is_pure=False), _matcher(is_pure=True)


@cache
def shape_of(tag: str, *, is_full: bool = False, is_pretty: bool = False, is_json: bool = False) -> Shape:
    """Of generated callbacks, or of ones that have every field of the Tag or hardly any; each pretty or not."""
    trees = _full_callbacks(tag) if is_full else itertools.islice(callbacks(seed=11, tags=[tag]), 60)
    plain, pretty = (to_json, to_pretty_json) if is_json else (to_xml, to_pretty_xml)
    write: Callable[[Tree], bytes] = pretty if is_pretty else plain
    records = [write(tree).rstrip() for tree in trees]
    dialect = json_dialect() if is_json else xml_dialect()
    grammar = dialect.grammar()
    for record in records:
        with suppress(NotPlain):
            dialect.merge(grammar, record)
    layout = dialect.layout(grammar, tag)
    subject = subject_at(records[0].decode("latin-1"), 0, len(records[0]))
    return Shape(records, {subject: COMPILED.plan(layout)}, {subject: PURE.plan(layout)})


def of_several_jobs(records: Iterable[bytes], gap: bytes = b"") -> bytes:
    """A body with the jobs of all these, which are of one format; `gap` between each two."""
    bodies = list(records)
    is_xml = bodies[0].startswith(b"<")
    opening, closing = (b"<JobsDetail>", b"</JobsDetail>") if is_xml else (b"[", b"]")
    jobs = [body[body.index(opening) : body.rindex(closing) + len(closing)] for body in bodies]
    if not is_xml:
        jobs = [job[1:-1].strip() for job in jobs]
        gap += b"," + gap
    head, tail = bodies[0][: bodies[0].index(opening)], bodies[-1][bodies[-1].rindex(closing) + len(closing) :]
    inside = gap.join(jobs)
    return head + (inside if is_xml else b"[" + inside + b"]") + tail


def record_of(records: list[bytes], rng: Random) -> bytes:
    """One of the records, or one that has the jobs of several."""
    first, *others = rng.choices(records, k=rng.choice([1, 1, 1, 3]))
    same = [other for other in others if other[:1] == first[:1]]
    return of_several_jobs([first, *same], rng.choice([b"", b"", b"\n", b"\n  "])) if same else first


def _full_callbacks(tag: str) -> Iterator[Tree]:
    for number in range(12):
        job = filled_job(tag, 1 + number % 2, start=1_000 * number)
        if number % 3 == 2:
            blank = {name: type(value)() if isinstance(value, (str, dict)) else value for name, value in job.items()}
            job = blank | {"Tag": tag}
        yield {"EventName": "TaskFinish", "JobsDetail": [job]}


def changed(raw: bytes, rng: Random) -> bytes:
    """The bytes with up to three things done to them, mostly small ones."""
    for _ in range(rng.randint(1, 3)):
        # Between two tags or at the end of a text is where most can go wrong.
        at = rng.randrange(len(raw) + 1)
        signs = [b"<", b">"] if raw.lstrip().startswith(b"<") else [b'"', b",", b"{", b"}", b"[", b"]", b":"]
        at = max(raw.find(rng.choice(signs), at), 0) + rng.randint(0, 1) if rng.random() < 0.7 else at
        end = min(len(raw), at + rng.choice([0, 0, 0, 1, 1, 2, 5, 40]))
        match rng.randrange(6):
            case 0 | 1:
                raw = raw[:at] + rng.choice(PIECES) + raw[end:]
            case 5:
                texts = list(re.finditer(rb">([^<]*)<" if signs[0] == b"<" else rb'"([^"]*)"', raw))
                for text in texts and [rng.choice(texts)]:
                    raw = raw[: text.start(1)] + rng.choice(PIECES) + raw[text.end(1) :]
            case 2:
                raw = raw[:at] + rng.randbytes(rng.randint(1, 3)) + raw[end:]
            case 3:
                raw = raw[:at] + raw[at:end] * rng.randint(0, 3) + raw[end:]
            case _:
                raw = raw[:at] + rng.choice(PIECES) * rng.randint(1, 40) + raw[at:]
    return raw
