"""The iterparse reader: lxml reads one XML document of any size; the records are its root or the root's children.

In: a stream that is one document. Out: a block for each chunk that completed a record. Holds one record's tree.
Knows no byte positions, keeps no raw bytes, and cannot go on after a syntax error: the rest becomes one dead letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from stream_cb.errors import LimitError, ParseError, RecordError
from stream_cb.framing import RECORD_ELEMENT, WRAPPER_ELEMENT
from stream_cb.model import Block, ByteStream, DeadLetter, ReadOptions, Record
from stream_cb.readers.xml_payload import PARSER_OPTIONS, element_payload, qualified_name, xml_error

_RECORD = RECORD_ELEMENT.decode()
_WRAPPER = WRAPPER_ELEMENT.decode()


def read_iterparse(stream: ByteStream, source: str, options: ReadOptions) -> Iterator[Block]:
    """Records of one XML document, as they complete; then a dead letter if the document breaks."""
    counted = _Counted(stream, options)
    index = 0
    try:
        for element, depth in _record_elements(counted, options.record_path):
            payload = element_payload(element, options.limits.max_depth - depth, namespaces=True)
            record = Record(payload=payload, format="xml", source=source, index=index, name=qualified_name(element))
            yield Block([record], counted.position)
            counted.record_began_at = counted.position
            index += 1
    except (etree.XMLSyntaxError, RecordError) as error:
        known = xml_error(error) if isinstance(error, etree.XMLSyntaxError) else error
        counted.drain()
        letter = DeadLetter(source=source, index=index, reason=type(known).__name__, detail=str(known))
        yield Block([letter], counted.position)
    yield Block([], counted.position)


class _Counted:
    """The stream as lxml reads it: counts bytes, and stops a record that has grown past the limit."""

    def __init__(self, stream: ByteStream, options: ReadOptions) -> None:
        self._stream = stream
        self._max = options.limits.max_record_bytes
        self._chunk_bytes = options.chunk_bytes
        self.position = 0
        self.record_began_at = 0

    def read(self, size: int = -1) -> bytes:
        if self.position - self.record_began_at > self._max + self._chunk_bytes:
            raise LimitError(f"record is longer than max_record_bytes ({self._max})")
        chunk = self._stream.read(self._chunk_bytes if size < 0 else size)
        self.position += len(chunk)
        return chunk

    def drain(self) -> None:
        """Count what a broken document leaves unread."""
        while chunk := self._stream.read(self._chunk_bytes):
            self.position += len(chunk)


def _record_elements(stream: _Counted, path: tuple[str, ...]) -> Iterator[tuple[Any, int]]:
    """Each record's element when it has ended, and its depth; it is emptied when the next one is asked for."""
    record_depth = 0
    open_names: list[str] = []
    for event, element in etree.iterparse(stream, events=("start", "end"), **PARSER_OPTIONS):
        if event == "start":
            if not open_names and element.getroottree().docinfo.doctype:
                raise ParseError("a DOCTYPE is refused: no entities, no DTD")
            open_names.append(qualified_name(element))
            if not record_depth and _is_record(open_names, path):
                record_depth = len(open_names)
            continue
        depth = len(open_names)
        if depth == record_depth or (depth == 1 and not record_depth and not path and open_names[0] != _WRAPPER):
            yield element, depth - 1
            if path:
                record_depth = 0
        open_names.pop()
        if not record_depth or depth <= record_depth:
            _forget(element)


def _is_record(names: list[str], path: tuple[str, ...]) -> bool:
    """Whether the element that the names lead to is a record by `path`, or by its and its parent's name."""
    if path:
        return names[-1] == path[0] if len(path) == 1 else tuple(names) == path
    if len(names) != 2:
        return False
    root, child = names[0].rpartition(":")[2], names[1].rpartition(":")[2]
    return child == _RECORD or root in (_WRAPPER, child + "s")


def _forget(element: Any) -> None:
    """Free the element and what lxml keeps of its earlier siblings."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        del element.getparent()[0]
