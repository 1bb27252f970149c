"""layout → the function that makes the event's JSON line of the groups of a match, where nothing is compiled.

The line is the one that the encoder writes for the event: documented names, the order of the Structs, absent fields
left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import starmap
from typing import Any

from stream_cb.events.layout import Branch, Field, Layout, Leaf, RowLayout, Run, needed
from stream_cb.events.steps import Several, expression

# In characters, measured: to look for longer ones twice takes more than to cut at them and join.
_LONG = 24


def write_function(layout: Layout) -> Callable[..., str]:
    """The function for records of that layout; its arguments are the texts of the layout's variables, "" if absent."""
    names: dict[str, Any] = {"starmap": starmap}
    writer = _Writer("write", layout.variables, names)
    if layout.row:
        writer.define(writer.row(layout.row) + "\\n")
    else:
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

    def row(self, row: RowLayout) -> str:
        """An array of texts, and of lists of none or one."""
        pieces = [f'"{cell.text}{"".join(map(self._cell, cell.leaves))}"' for cell in row.cells]
        pieces += [f"[{''.join(starmap(self._way, ways))}]" for ways in row.values]
        return f"[{','.join(pieces)}]"

    def _cell(self, leaf: Leaf) -> str:
        before = len(self._lines)
        if leaf.slot.rule.role == "flag":
            return self._if(f"{leaf.source} == 'true'", "true", before)
        piece = _text(leaf)
        return self._if(leaf.source, piece, before) if len(leaf.sources) > 1 else piece

    def _way(self, there: str, field: Branch | Run) -> str:
        before = len(self._lines)
        piece = self._value(field)
        return self._if(there, piece, before) if there else piece

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
        piece = f',"{field.name}":{self._value(field)}'
        condition = needed(field)
        if isinstance(field, Leaf) and field.slot.rule.role == "flag":
            condition += " == 'true'"
        return self._if(condition, piece, before) if condition else piece

    def _value(self, field: Field) -> str:
        if isinstance(field, Run):
            return f"[{self._elements(field)}]"
        return self.object(field) if isinstance(field, Branch) else self.scalar(field)

    def scalar(self, leaf: Leaf) -> str:
        """One value."""
        # The one text of a list has the list's slot.
        return f'"{_text(leaf)}"' if leaf.slot.rule.role in ("text", "time", "list") else _text(leaf)

    def object(self, branch: Branch) -> str:
        """An object; the comma before its first member is left off."""
        members = self.members(branch)
        if not members or members.startswith(","):
            return "{{" + members[1:] + "}}"
        return "{{" + self._computed(f"f'{members}'[1:]") + "}}"

    def _elements(self, run: Run) -> str:
        """What stands between the brackets of an array."""
        steps, tags = run.steps, run.steps.tags
        if isinstance(run.item, Leaf) and tags:
            return '"' + self._computed(_between(steps, '","')) + '"'
        plain = _plain_leaves(run.item) if isinstance(run.item, Branch) else []
        if plain and len(plain) == len(tags) - 1:
            return self._plain_objects(steps, plain)
        number = len(self._names)
        find, write = f"find{number}", f"write{number}"
        self._names[find] = re.compile(expression(steps.item)).findall
        inner = _Writer(write, steps.variables or ["_"], self._names)
        inner.define(inner.scalar(run.item) if isinstance(run.item, Leaf) else inner.object(run.item))
        # findall answers plain texts where there is only one group.
        mapped = "starmap" if len(steps.variables) > 1 else "map"
        source = f"{tags[0]!r} + {steps.variable} + {tags[-1]!r}" if tags else steps.variable
        return self._computed(f"','.join({mapped}({write}, {find}({source})))")

    def _plain_objects(self, steps: Several, fields: list[Leaf]) -> str:
        """The elements of a run made by replacing their tags."""
        keys = [f'"{field.name}":' + _quote(field) for field in fields]
        ends = [_quote(field) for field in fields]
        texts = _between(steps, f"{ends[-1]}}},{{{keys[0]}")
        for tags, end, key in zip(steps.tags[1:-1], ends[:-1], keys[1:], strict=True):
            texts = _replaced(texts, tags, f"{end},{key}")
        return "{{" + keys[0] + self._computed(texts) + ends[-1] + "}}"


def _text(leaf: Leaf) -> str:
    """The text of a value, without quotes."""
    if leaf.slot.rule.role != "time":
        return f"{{{leaf.source}}}"
    date, clock, minutes = leaf.sources
    return f"{{{date}}}T{{{clock}}}:{{{minutes}}}"


def _between(steps: Several, seam: str) -> str:
    """The source of the texts in a run of plain items, with `seam` between each two."""
    return _replaced(steps.variable, steps.tags[-1] + (steps.between or "") + steps.tags[0], seam)


def _replaced(source: str, tags: str, new: str) -> str:
    """The source of a text with others in the place of these tags; `replace` looks for each of them twice."""
    return f"{new!r}.join({source}.split({tags!r}))" if len(tags) > _LONG else f"{source}.replace({tags!r}, {new!r})"


def _quote(field: Leaf) -> str:
    return '"' if field.slot.is_text else ""


def _plain_leaves(item: Branch) -> list[Leaf]:
    """The fields of an element if all are texts or whole numbers, in the order of its Struct; else []."""
    leaves = [field for field in item.fields if isinstance(field, Leaf) and field.slot.rule.role in ("text", "int")]
    order = [item.kind.__struct_fields__.index(leaf.slot.attribute) for leaf in leaves]
    return leaves if len(leaves) == len(item.fields) and order == sorted(order) else []
