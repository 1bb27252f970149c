"""layout → the plan that makes the event's JSON line of the bytes of a record, without an event in between.

The line is the one that the encoder writes for the event: documented names, the order of the Structs, absent fields
left out. The compiled matcher makes it, where there is one, or the expression and the function of this file, which
take the same records. Those match bytes as a `str` of the same length (Latin-1), because Python puts strings together
faster than bytes; and texts of XML are matched up to the next tag, whatever they hold, because one look at the finished
line, which is shorter, is faster than one at every character in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from stream_cb.events.layout import Branch, CannotPlan, Field, Layout, Leaf, Run
from stream_cb.events.line_program import write_program
from stream_cb.events.node import Node
from stream_cb.events.selection import Names, narrowed
from stream_cb.events.steps import behind_declaration, expression
from stream_cb.patterns import lazy_pattern

if TYPE_CHECKING:
    from stream_cb._matcher import Matcher

_BLANKS = " \t\r\n"
# What stands in JSON for a reference; the ampersand last, since it may bring forth what looks like another one.
_REFERENCES = {"&lt;": "<", "&gt;": ">", "&quot;": '\\"', "&apos;": "'", "&amp;": "&"}
_OTHER_REFERENCE = lazy_pattern("&(?!(?:lt|gt|quot|apos|amp);)")
# What JSON must escape, and U+007F, which marks an `extra` (see `node.EXTRA`).
_CONTROLS = bytes([*range(32), 127])
# U+FFFE and U+FFFF in UTF-8, which XML forbids.
_NO_CHARACTERS = lazy_pattern(b"\xef\xbf[\xbe\xbf]")
# What a field must be without a value, so that the encoder leaves it out where the plan does.
_DEFAULTS: dict[str, Any] = {"text": "", "int": None, "time": None, "flag": False, "node": None, "list": ()}


class LinePlan(Protocol):
    """The lines of records of one shape; in `stream_cb/_matcher.pyi`, a plan that is compiled."""

    def run(
        self, subject: Any, position: int, max_bytes: int, are_documents: bool, have_commas: bool, /
    ) -> tuple[list[bytes], int, int]:
        """The lines of the records at and behind a position, how many bytes those have, and where the last one ends.

        subject: what `subject_of` makes of the buffer.
        """


def subject_of(buffer: bytes, compiled: type[Matcher] | None) -> bytes | str:
    """A buffer as a plan matches it: as it is, or as a text of the same length."""
    return buffer if compiled else buffer.decode("latin-1")


class _PurePlan(NamedTuple):
    """match: a record at a position of a text. write: its groups, "" standing for one that took no part → its line.

    write_wanted: the same, with what is wanted of the line. All of it is looked at, wanted or not: what a plan does not
    take may stand in any text.

    line: what of the two becomes the line, ended by a line feed; None if the texts hold what a plan does not take.
    """

    match: Callable[[str, int], re.Match[str] | None]
    write: Callable[..., str]
    write_wanted: Callable[..., str] | None
    line: Callable[[Callable[..., str], re.Match[str]], bytes | None]

    def run(
        self, text: str, position: int, max_bytes: int, are_documents: bool, have_commas: bool
    ) -> tuple[list[bytes], int, int]:
        lines: list[bytes] = []
        end, record_bytes = position, 0
        while True:
            start = begin = _behind_space(text, end)
            if have_commas and lines:
                if not text.startswith(",", start):
                    return lines, record_bytes, end
                start = begin = _behind_space(text, start + 1)
            if are_documents and text.startswith("<?", start):
                begin = behind_declaration(text, start)
            match = self.match(text, begin)
            line = self.line(self.write, match) if match and match.end() - start <= max_bytes else None
            if line is not None and match and self.write_wanted:
                line = self.line(self.write_wanted, match)
            if not match or line is None:
                return lines, record_bytes, end
            end = match.end()
            record_bytes += end - start
            lines.append(line)


def _line_of_xml(write: Callable[..., str], match: re.Match[str]) -> bytes | None:
    groups: Sequence[str] = match.groups("")
    text, start, end = match.string, match.start(), match.end()
    if text.find('"', start, end) >= 0 or text.find("\\", start, end) >= 0:
        groups = [group.replace("\\", "\\\\").replace('"', '\\"') for group in groups]
    written = write(*groups)
    if ">" in written and "]]>" in written:
        return None
    if "&" in written:
        if _OTHER_REFERENCE.search(written):
            return None
        for reference, character in _REFERENCES.items():
            written = written.replace(reference, character)
    line = written.encode("latin-1")
    if not _has_one_control(line):
        # Of a text, since no white space between elements comes into a line.
        line = line[:-1].replace(b"\t", b"\\t").replace(b"\n", b"\\n") + b"\n"
        if not _has_one_control(line):
            return None
    return line if line.isascii() or _is_text(line) else None


def _line_of_json(write: Callable[..., str], match: re.Match[str]) -> bytes | None:
    line = write(*match.groups("")).encode("latin-1")
    return line if _has_one_control(line) and (line.isascii() or _is_text(line)) else None


def _has_one_control(line: bytes) -> bool:
    """Whether nothing in it has to be escaped but the line feed at its end, which has not."""
    return len(line.translate(None, _CONTROLS)) == len(line) - 1


def _is_text(line: bytes) -> bool:
    """Whether it is UTF-8, and nothing that XML forbids; what JSON allows beyond that is left to its parser."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return not _NO_CHARACTERS.search(line)


def _behind_space(text: str, position: int) -> int:
    while text[position : position + 1] in _BLANKS and position < len(text):
        position += 1
    return position


def plan_lines(layout: Layout, compiled: type[Matcher] | None, wanted: Names | None = None) -> LinePlan:
    """The plan for the lines of records of that layout, or what is wanted of them (None: all). Raises CannotPlan."""
    _check_defaults(layout.job)
    narrow = None if wanted is None else narrowed(layout, wanted)
    if compiled:
        return compiled(*write_program(narrow or layout))
    line = _line_of_xml if layout.format == "xml" else _line_of_json
    match = re.compile(expression(layout.steps)).match
    return _PurePlan(match, _writer_of(layout), narrow and _writer_of(narrow), line)


def _writer_of(layout: Layout) -> Callable[..., str]:
    names: dict[str, Any] = {"starmap": starmap}
    writer = _Writer("write", layout.variables, names)
    event = layout.job.kind.__struct_config__.tag
    members = writer.members(layout.job, {"tag": f',"Tag":"{layout.tag}"'} if layout.tag else {})
    writer.define(f'{{{{"EventName":"{event}"{members}}}}}\\n')
    write: Callable[..., str] = names["write"]
    return write


class _Writer:
    """Writes one function, of the groups of a match, that answers JSON. `names`: what it calls, and itself in the end.

    Pieces of JSON are the insides of f-strings. What stands in the braces is simple; the rest is computed before.
    """

    def __init__(self, name: str, variables: list[str], names: dict[str, Any]) -> None:
        self._name = name
        self._arguments = ", ".join(variables)
        self._names = names
        self._lines: list[str] = []

    def define(self, piece: str) -> None:
        """Make the function that answers that piece."""
        body = "".join(f"    {line}\n" for line in [*self._lines, f"return f'{piece}'"])
        # Made of names of ours and of numbers.
        exec(f"def {self._name}({self._arguments}):\n{body}", self._names)

    def _computed(self, source: str) -> str:
        variable = f"v{len(self._lines)}"
        self._lines.append(f"{variable} = {source}")
        return f"{{{variable}}}"

    def _if(self, condition: str, piece: str, before: int) -> str:
        """The piece, or nothing; the lines since `before` are computed only if it is wanted."""
        inside = self._lines[before:]
        del self._lines[before:]
        variable = f"v{before}"
        self._lines.append(f"{variable} = ''")
        self._lines.append(f"if {condition}:")
        self._lines += [f"    {line}" for line in inside]
        self._lines.append(f"    {variable} = f'{piece}'")
        return f"{{{variable}}}"

    def members(self, branch: Branch, fixed: dict[str, str] | None = None) -> str:
        """The members of an object in the order of its Struct, each with a comma before it. fixed: known already."""
        pieces = dict(fixed or {})
        for field in branch.fields:
            assert field.slot is not None
            attribute = field.slot.attribute
            pieces[attribute] = pieces.get(attribute, "") + self._member(field)
        return "".join(pieces[attribute] for attribute in branch.kind.__struct_fields__ if attribute in pieces)

    def _member(self, field: Field) -> str:
        before = len(self._lines)
        name = f',"{field.name}":'
        if isinstance(field, Run):
            return self._if(field.source, f"{name}[{self._elements(field)}]", before)
        if isinstance(field, Branch):
            piece = name + self.object(field)
            return self._if(field.there, piece, before) if field.there else piece
        piece = name + self.scalar(field)
        if field.slot.rule.role == "flag":
            return self._if(f"{field.source} == 'true'", piece, before)
        return self._if(field.source, piece, before) if field.may_be_empty else piece

    def scalar(self, leaf: Leaf) -> str:
        """One value."""
        role = leaf.slot.rule.role
        if role == "time":
            date, clock, minutes = leaf.sources
            return f'"{{{date}}}T{{{clock}}}:{{{minutes}}}"'
        # The one text of a list has the list's slot.
        return f'"{{{leaf.source}}}"' if role in ("text", "list") else f"{{{leaf.source}}}"

    def object(self, branch: Branch) -> str:
        """An object; the comma before its first member is left off."""
        members = self.members(branch)
        if not members or members.startswith(","):
            return "{{" + members[1:] + "}}"
        return "{{" + self._computed(f"f'{members}'[1:]") + "}}"

    def _elements(self, run: Run) -> str:
        """What stands between the brackets of an array."""
        if isinstance(run.item, Leaf) and run.tags:
            return '"' + self._computed(_between(run, '","')) + '"'
        plain = _plain_leaves(run.item) if isinstance(run.item, Branch) and run.tags else []
        if plain:
            return self._plain_objects(run, plain)
        number = len(self._names)
        find, write = f"find{number}", f"write{number}"
        self._names[find] = re.compile(run.pattern).findall
        inner = _Writer(write, run.variables or ["_"], self._names)
        inner.define(inner.scalar(run.item) if isinstance(run.item, Leaf) else inner.object(run.item))
        # findall answers plain texts where there is only one group.
        mapped = "starmap" if len(run.variables) > 1 else "map"
        return self._computed(f"','.join({mapped}({write}, {find}({run.source})))")

    def _plain_objects(self, run: Run, fields: list[Leaf]) -> str:
        """The elements of a run made by replacing their tags."""
        between = run.tags[1:-1]
        keys = [f'"{field.name}":' + _quote(field) for field in fields]
        ends = [_quote(field) for field in fields]
        texts = _between(run, f"{ends[-1]}}},{{{keys[0]}")
        for tags, end, key in zip(between, ends[:-1], keys[1:], strict=True):
            texts += f".replace({tags!r}, {f'{end},{key}'!r})"
        return "{{" + keys[0] + self._computed(texts) + ends[-1] + "}}"


def _check_defaults(branch: Branch) -> None:
    """Whether every field is absent from the encoder's lines where a plan leaves it out. Raises CannotPlan if not."""
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
    """Attribute → default. Kept, since each look at the fields reads all their types anew. Bounded by the Structs."""
    return {field.name: field.default for field in msgspec.structs.fields(kind)}


def _between(run: Run, seam: str) -> str:
    """The source of the texts in a run of plain items, with `seam` between each two."""
    opening, *_, closing = run.tags
    return f"{run.source}[{len(opening)}:-{len(closing)}].replace({closing + run.seam + opening!r}, {seam!r})"


def _quote(field: Leaf) -> str:
    return '"' if field.slot.is_text else ""


def _plain_leaves(item: Branch) -> list[Leaf]:
    """The fields of an element if all are texts or whole numbers, in the order of its Struct; else []."""
    leaves = [field for field in item.fields if isinstance(field, Leaf) and field.slot.rule.role in ("text", "int")]
    order = [item.kind.__struct_fields__.index(leaf.slot.attribute) for leaf in leaves]
    return leaves if len(leaves) == len(item.fields) and order == sorted(order) else []
