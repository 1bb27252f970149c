"""The iterparse reader: lxml reads one XML document of any size; the records are its root or the root's children.

In: a stream that is one document. Out: a block for each chunk that completed a record. Holds one record's tree.
Knows no byte positions, keeps no raw bytes, and cannot go on after a syntax error: the rest becomes one dead letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from stream_cb.errors import ParseError, RecordError
from stream_cb.framing import RECORD_ELEMENT, WRAPPER_ELEMENT
from stream_cb.model import Block, ByteStream, Decoder, ReadOptions
from stream_cb.readers.one_by_one import Blocks, CountedStream
from stream_cb.readers.xml_payload import PARSER_OPTIONS, element_payload, has_doctype, qualified_name, xml_error

_RECORD = RECORD_ELEMENT.decode()
_WRAPPER = WRAPPER_ELEMENT.decode()


def read_iterparse(
    stream: ByteStream, source: str, options: ReadOptions, decoder: Decoder | None = None, /
) -> Iterator[Block]:
    """Records of one XML document, as they complete; then a dead letter if the document breaks."""
    counted = CountedStream(stream, options)
    blocks = Blocks(source, "xml", counted, decoder)
    try:
        for element in _record_elements(counted, options.record_path):
            payload = element_payload(element, options.limits.max_depth)
            yield blocks.of_record(qualified_name(element), payload)
    except (etree.XMLSyntaxError, RecordError) as error:
        counted.drain()
        if counted.is_blank:
            yield blocks.of_end()
            return
        yield blocks.of_error(xml_error(error) if isinstance(error, etree.XMLSyntaxError) else error)
    yield blocks.of_end()


def _record_elements(stream: CountedStream, path: tuple[str, ...]) -> Iterator[Any]:
    """Each record's element when it has ended; it is emptied when the next one is asked for."""
    record_depth = 0
    open_names: list[str] = []
    for event, element in etree.iterparse(stream, events=("start", "end"), **PARSER_OPTIONS):
        if event == "start":
            if stream.prolog is not None:
                # What lxml tells of a DOCTYPE is missing where it came in small pieces.
                if has_doctype(stream.prolog) or element.getroottree().docinfo.doctype:
                    raise ParseError("a DOCTYPE is refused: no entities, no DTD")
                stream.prolog = None
            if ":" in element.tag and "}" not in element.tag:
                raise ParseError(f"not well-formed XML: the prefix of {element.tag} is not declared")
            open_names.append(qualified_name(element))
            if not record_depth and _is_record(open_names, path):
                record_depth = len(open_names)
            continue
        depth = len(open_names)
        if depth == record_depth or (depth == 1 and not record_depth and not path and open_names[0] != _WRAPPER):
            yield element
            if path:
                record_depth = 0
        is_beside = bool(path) or open_names[:1] == [_WRAPPER]
        open_names.pop()
        if depth <= record_depth or (not record_depth and is_beside):
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
