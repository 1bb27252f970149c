"""The plans where nothing is compiled: what `_matcher.c` does, by regular expressions.

Bytes are matched as a `str` of the same length (Latin-1), because Python puts strings together faster than bytes. Texts
of XML are matched up to the next tag, whatever they hold, because one look at the finished line, which is shorter, is
faster than one at every character in between.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from orjson import dumps

from stream_cb.events.job_bodies import job_bodies
from stream_cb.events.layout import Layout
from stream_cb.events.line_function import write_function
from stream_cb.events.steps import behind_declaration, expression
from stream_cb.events.subjects import subject_at
from stream_cb.patterns import lazy_pattern
from stream_cb.runs import COMMAS, DECLARED, JSON, XML, Found, Span

_BLANKS = lazy_pattern(r"[ \t\r\n]*+")
# What stands in JSON for a reference, here behind its ampersand.
_REFERENCES = {"lt;": "<", "gt;": ">", "quot;": '\\"', "apos;": "'", "amp;": "&"}
# What JSON must escape, and U+007F, which marks an `extra` (see `node.EXTRA`).
_CONTROLS = bytes([*range(32), 127])
# U+FFFE and U+FFFF in UTF-8, which XML forbids.
_NO_CHARACTERS = lazy_pattern(b"\xef\xbf[\xbe\xbf]")

Write = Callable[..., str]


class PurePlan:
    """The plan of one shape of record.

    narrow: what is wanted of its lines (None: all). All of a record is looked at, wanted or not: what a plan does not
    take may stand in any text.
    """

    def __init__(self, layout: Layout, narrow: Layout | None) -> None:
        self._match = re.compile(expression([*layout.before, *layout.steps, *layout.behind])).match
        self._writes = [write_function(each) for each in (layout, narrow) if each]
        self._is_xml = layout.format == "xml"
        self.is_job = bool(layout.tag)
        self._line = _line_of_xml if self._is_xml else _line_of_json

    def take(self, text: str, start: int, max_bytes: int, ways: int) -> tuple[list[bytes], list[Span]]:
        """The lines of the record that begins there and of those behind it, as far as they are of this shape.

        Also where each record lies.
        """
        match_at, line_of, writes = self._match, self._line, self._writes
        lines: list[bytes] = []
        spans: list[Span] = []
        declared, has_comma = ways & DECLARED and self._is_xml, bool(ways & COMMAS)
        # As most records end and the next ones begin, and the last declaration, which most others are like.
        seam, declaration = "\n" + text[start : start + 1], ""
        while True:
            begin = start
            if declared and text.startswith("<?", start):
                if not declaration or not text.startswith(declaration, start):
                    declaration = text[start : behind_declaration(text, start)]
                begin += len(declaration)
            match = match_at(text, begin)
            if match is None or (end := match.end()) - start > max_bytes:
                return lines, spans
            line = line_of(writes, match)
            if not line:
                return lines, spans
            lines.append(line)
            spans.append((start, end - start))
            is_seam = not has_comma and text.startswith(seam, end)
            start = end + 1 if is_seam else _next(text, end, has_comma=has_comma)


def run(  # noqa: PLR0913, PLR0917  (as the compiled one)
    plans: Mapping[bytes, PurePlan],
    text: str,
    position: int,
    max_bytes: int,
    ways: int,
    with_spans: bool,
    in_order: bool,
    /,
) -> Found:
    """See `_matcher.pyi`."""
    all_lines: list[bytes] = []
    runs: list[tuple[bytes, int]] = []
    all_spans: list[Span] = []
    records = record_bytes = 0
    end = position if 0 <= position <= len(text) else len(text)
    last: PurePlan | None = None
    while max_bytes >= 0:
        start = _next(text, end, has_comma=bool(ways & COMMAS and runs))
        opening = text[start : start + 1]
        if not ways & (XML if opening == "<" else JSON if opening == "{" else 0):
            break
        stop = min(start + max_bytes, len(text))
        lines: list[bytes] = []
        for subject, plan in _plans_at(plans, text, start, stop):
            if plan is last:  # which has taken all that it could
                continue
            lines, spans = plan.take(text, start, max_bytes, ways)
            if lines:
                runs.append((subject, len(lines)))
                all_spans += spans
                records += len(lines)
                record_bytes += sum(length for _, length in spans)
                end, last = sum(spans[-1]), plan
                break
        else:
            jobs = _take_jobs(plans, text, start, stop, ways)
            if jobs is None:
                break
            lines, of_jobs, end = jobs
            runs += of_jobs
            all_spans += [(start, end - start)] * len(lines)
            records += 1
            record_bytes += end - start
            last = None
        all_lines += lines
    if not in_order:
        runs = _together(runs)
    return all_lines, runs, all_spans if with_spans else None, records, record_bytes, end


def _together(runs: list[tuple[bytes, int]]) -> list[tuple[bytes, int]]:
    """How many lines of each subject there are in all."""
    counts: Counter[bytes] = Counter()
    for subject, count in runs:
        counts[subject] += count
    return list(counts.items())


def _plans_at(plans: Mapping[bytes, PurePlan], text: str, start: int, stop: int) -> Iterator[tuple[bytes, PurePlan]]:
    """The plans that may take the record there, by their subjects."""
    seen = b""
    for by_line in (True, False):
        subject = subject_at(text, start, stop, by_line=by_line)
        if subject != seen and (plan := plans.get(subject)):
            yield subject, plan
        seen = subject


def _take_jobs(
    plans: Mapping[bytes, PurePlan], text: str, start: int, stop: int, ways: int
) -> tuple[list[bytes], list[tuple[bytes, int]], int] | None:
    """The lines of a body with several jobs, how many are of which subject, and where it ends; None if one has none."""
    bodies = job_bodies(text, start, stop)
    if bodies is None:
        return None
    lines: list[bytes] = []
    subjects: list[bytes] = []
    rest = end = 0
    for body in bodies.parts:
        subject = subject_at(body, 0, len(body))
        plan = plans.get(subject)
        found, spans = plan.take(body, 0, len(body), ways & DECLARED) if plan and plan.is_job else ([], [])
        if not found or rest:
            return None
        lines.append(found[0])
        subjects.append(subject)
        end = sum(spans[0])
        rest = len(body) - end
    return lines, [(subject, len(list(same))) for subject, same in groupby(subjects)], end + bodies.offset


def _line_of_xml(writes: Sequence[Write], match: re.Match[str]) -> bytes:
    """The last line that is written of a match; b"" if the texts of one of them hold what only a parser knows."""
    groups: Sequence[str] = match.groups("")
    record = match[0]
    # One look at all of the record, of which a JSON string would have to escape nothing, takes a fifth of what looks at
    # its line take. What is no ASCII would first be encoded.
    is_plain = record.isascii() and len(dumps(record)) == len(record) + len('""')
    if not is_plain and ('"' in record or "\\" in record):
        if "\0" in record:
            return b""
        groups = "\0".join(groups).replace("\\", "\\\\").replace('"', '\\"').split("\0")
    line = b""
    for write in writes:
        written = write(*groups)
        if ">" in written and "]]>" in written:
            return b""
        if "&" in written:
            written = _without_references(written)
            if not written:
                return b""
        line = written.encode() if is_plain and "\x7f" not in written else _escaped(written)
        if not line:
            return b""
    return line


def _escaped(written: str) -> bytes:
    """A line of XML's texts with their white space escaped; b"" if they hold what only a parser knows."""
    line = written.encode("latin-1")
    if not _has_one_control(line):
        # Of a text, since no white space between elements comes into a line.
        line = line[:-1].replace(b"\t", b"\\t").replace(b"\n", b"\\n") + b"\n"
        if not _has_one_control(line):
            return b""
    return line if line.isascii() or _is_text(line) else b""


def _without_references(written: str) -> str:
    """With the characters that references stand for; "" if it has others than XML itself knows."""
    first, *others = written.split("&")
    pieces = [first]
    for other in others:
        name, end, text = other.partition(";")
        character = _REFERENCES.get(name + end)
        if character is None:
            return ""
        pieces += character, text
    return "".join(pieces)


def _line_of_json(writes: Sequence[Write], match: re.Match[str]) -> bytes:
    groups = match.groups("")
    line = b""
    for write in writes:
        line = write(*groups).encode("latin-1")
        if not _has_one_control(line) or not (line.isascii() or _is_text(line)):
            return b""
    return line


def _has_one_control(line: bytes) -> bool:
    """Whether nothing in it has to be escaped but the line feed at its end, which has not."""
    return len(line.translate(None, _CONTROLS)) == len(line) - 1


def _is_text(line: bytes) -> bool:
    """Whether it is UTF-8, and nothing that XML forbids; what JSON allows beyond that is left to its parser."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return b"\xef" not in line or not _NO_CHARACTERS.search(line)


def _next(text: str, end: int, *, has_comma: bool) -> int:
    """Where the record behind a place begins; where the text ends, if a comma has to be before it and is not."""
    start = _behind_blanks(text, end)
    if not has_comma:
        return start
    return _behind_blanks(text, start + 1) if text.startswith(",", start) else len(text)


def _behind_blanks(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    return blanks.end() if blanks else position
