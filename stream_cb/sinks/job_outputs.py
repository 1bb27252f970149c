"""What a job has written: how many files, and the first one; two columns that are in no document.

Of documents, whole or with what the columns need, and of lines that are rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from stream_cb.model import Row
from stream_cb.sinks.columns import Steps, decode_line, find, listed

# Not in any document: computed by `outputs_of`.
OUTPUT_COLUMNS = frozenset({"OutputCount", "FirstOutput"})
_FILES = ("Operation", "MediaResult", "OutputFile")
_PREFIX, _NAMES = ("ObjectPrefix",), ("ObjectName",)
# Where a job says what it was to write, and in there.
OUTPUT = ("Operation", "Output")
_ASKED_FOR = (("StreamExtract", "Output"), ("Object",))
_prefix_and_names = attrgetter(*(".".join((*_FILES, *name)) for name in (_PREFIX, _NAMES)))
NEEDED = (
    *((column,) for column in sorted(OUTPUT_COLUMNS)),
    *((*_FILES, *name) for name in (_PREFIX, _NAMES)),
)
NEEDED_RARELY = tuple((*OUTPUT, *path) for path in _ASKED_FOR)

# Most jobs write a few files.
_COUNTS = tuple(map(str, range(64)))


def outputs_of(document: Any) -> list[str]:
    """The object keys that a job has written, in the document's order; empty when it names none.

    The real keys are ObjectPrefix + ObjectName of MediaResult.OutputFile. Jobs without it name their keys where they
    were asked for: Output.StreamExtract[].Output, or Output.Object, which may still hold placeholders ("${number}").
    """
    keys: list[str] = []
    for file in listed(find(document, _FILES)):
        prefix = find(file, _PREFIX) or ""
        keys += _keys(prefix, listed(find(file, _NAMES)))
    if keys:
        return keys
    output = find(document, OUTPUT)
    return _asked_for(decode_line(output) if type(output) is msgspec.Raw else output)


def _keys(prefix: Any, names: Iterable[Any]) -> list[str]:
    return [f"{prefix}{name}" for name in names if name]


def _asked_for(output: Any) -> list[str]:
    """The keys that a job's Output asks for."""
    keys: list[str] = []
    for path in _ASKED_FOR:
        keys = keys or [str(key) for key in listed(find(output, path)) if key]
    return keys


def count_outputs(documents: Iterable[Any]) -> None:
    """Fill `OUTPUT_COLUMNS` of typed documents."""
    prefix_and_names = _prefix_and_names
    for document in documents:
        # At once where there is one file, its names are a list of texts, and nothing stands before them.
        prefix, keys = prefix_and_names(document)
        if prefix or not keys or type(keys) is not list or not all(keys):
            keys = outputs_of(document)
        document.OutputCount = _count(keys)
        document.FirstOutput = "" if not keys else keys[0] if type(keys[0]) is str else str(keys[0])


def _count(keys: Sequence[Any]) -> str:
    return _COUNTS[len(keys)] if len(keys) < len(_COUNTS) else str(len(keys))


class RowLines:
    """Lines that are rows already; see `model.Row`. The outputs' columns are empty there, until they are counted."""

    def __init__(self, columns: Sequence[str], paths: Sequence[Steps], *, with_outputs: bool) -> None:
        self._counts = [place for place, column in enumerate(columns) if column == "OutputCount"]
        self._firsts = [place for place, column in enumerate(columns) if column == "FirstOutput"]
        self._with_outputs = with_outputs
        prefix, values = ([(*_FILES, *_PREFIX)], [(*_FILES, *_NAMES), OUTPUT]) if with_outputs else ([], [])
        self.row = Row((*paths, *prefix), tuple(values))
        kinds: list[Any] = [str] * len(self.row.cells)
        kinds += [list[list[str]], list[msgspec.Raw]] if with_outputs else []
        kind: Any = tuple[tuple(kinds)]  # type: ignore[misc]
        self._decode = msgspec.json.Decoder(list[kind]).decode

    def rows(self, lines: Sequence[bytes]) -> Iterable[Sequence[str]]:
        """The rows that these lines are."""
        rows: list[tuple[Any, ...]] = self._decode(b"[%b]" % b",".join(lines))
        return map(self._counted, rows) if self._with_outputs else rows

    def _counted(self, row: tuple[Any, ...]) -> list[str]:
        cells = list(row)
        prefix, names, output = cells[-3:]
        del cells[-3:]
        keys = names[0] if names else []
        if prefix or not all(keys):
            keys = _keys(prefix, keys)
        if not keys and output:
            keys = _asked_for(decode_line(output[0]))
        for place in self._counts:
            cells[place] = _count(keys)
        for place in self._firsts:
            cells[place] = keys[0] if keys else ""
        return cells
