"""The plans where nothing is compiled: what `_matcher.c` does, by regular expressions.

Bytes are matched as a `str` of the same length (Latin-1), because Python puts strings together faster than bytes. Texts
of XML are matched up to the next tag, whatever they hold, because one look at the finished line, which is shorter, is
faster than one at every character in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from stream_cb.events.layout import Layout
from stream_cb.events.line_function import write_function
from stream_cb.events.steps import behind_declaration, expression
from stream_cb.events.subjects import subject_at
from stream_cb.patterns import lazy_pattern
from stream_cb.runs import COMMAS, DECLARED, JSON, XML, Span

# After so many records of one subject the next one is taken for such a one without a look.
_STREAK = 4
_BLANKS = " \t\r\n"
# What stands in JSON for a reference; the ampersand last, since it may bring forth what looks like another one.
_REFERENCES = {"&lt;": "<", "&gt;": ">", "&quot;": '\\"', "&apos;": "'", "&amp;": "&"}
_OTHER_REFERENCE = lazy_pattern("&(?!(?:lt|gt|quot|apos|amp);)")
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
        self._match = re.compile(expression(layout.steps)).match
        self._write = write_function(layout)
        self._write_wanted = write_function(narrow) if narrow else None
        self._line = _line_of_xml if layout.format == "xml" else _line_of_json

    def take(self, text: str, start: int, end: int) -> tuple[bytes, int] | None:
        """The line of the record at a place, which ends before `end`, and where it does; None: another shape."""
        match = self._match(text, start)
        if match is None or match.end() > end:
            return None
        line = self._line(self._write, match)
        if line and self._write_wanted:
            line = self._line(self._write_wanted, match)
        return (line, match.end()) if line else None


def run(  # noqa: PLR0913, PLR0917  (as the compiled one)
    plans: Mapping[bytes, PurePlan], text: str, position: int, max_bytes: int, ways: int, with_spans: bool, /
) -> tuple[list[tuple[bytes, list[bytes]]], list[Span] | None, int, int]:
    """See `_matcher.pyi`."""
    runs: list[tuple[bytes, list[bytes]]] = []
    lines: list[bytes] = []
    spans: list[Span] | None = [] if with_spans else None
    plan: PurePlan | None = None
    record_bytes, streak = 0, 0
    position = position if 0 <= position <= len(text) else len(text)
    while max_bytes >= 0:
        start = _behind_blanks(text, position)
        if ways & COMMAS and plan:
            start = _behind_blanks(text, start + 1) if text.startswith(",", start) else len(text)
        opening = text[start : start + 1]
        if not ways & (XML if opening == "<" else JSON if opening == "{" else 0):
            break
        end = start + max_bytes
        begin = behind_declaration(text, start) if ways & DECLARED and text.startswith("<?", start) else start
        taken = plan.take(text, begin, end) if plan and streak >= _STREAK else None
        if taken is None:
            subject = subject_at(text, start, min(end, len(text)))
            found = plans.get(subject)
            was_tried = found is plan and streak >= _STREAK
            taken = None if found is None or was_tried else found.take(text, begin, end)
            if taken and found is not plan:
                plan, lines, streak = found, [], 0
                runs.append((subject, lines))
        if taken is None:
            break
        line, position = taken
        lines.append(line)
        if spans is not None:
            spans.append((start, position - start))
        record_bytes += position - start
        streak += 1
    return runs, spans, record_bytes, position


def _line_of_xml(write: Write, match: re.Match[str]) -> bytes:
    """The line of a match; b"" if its texts hold what only a parser knows."""
    groups: Sequence[str] = match.groups("")
    text, start, end = match.string, match.start(), match.end()
    if text.find('"', start, end) >= 0 or text.find("\\", start, end) >= 0:
        groups = [group.replace("\\", "\\\\").replace('"', '\\"') for group in groups]
    written = write(*groups)
    if ">" in written and "]]>" in written:
        return b""
    if "&" in written:
        if _OTHER_REFERENCE.search(written):
            return b""
        for reference, character in _REFERENCES.items():
            written = written.replace(reference, character)
    line = written.encode("latin-1")
    if not _has_one_control(line):
        # Of a text, since no white space between elements comes into a line.
        line = line[:-1].replace(b"\t", b"\\t").replace(b"\n", b"\\n") + b"\n"
        if not _has_one_control(line):
            return b""
    return line if line.isascii() or _is_text(line) else b""


def _line_of_json(write: Write, match: re.Match[str]) -> bytes:
    line = write(*match.groups("")).encode("latin-1")
    return line if _has_one_control(line) and (line.isascii() or _is_text(line)) else b""


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


def _behind_blanks(text: str, position: int) -> int:
    while text[position : position + 1] in _BLANKS and position < len(text):
        position += 1
    return position
