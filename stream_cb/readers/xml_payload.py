"""XML bytes or elements → payload, by lxml; the only place that knows lxml's errors.

Entities stay unresolved, nothing is fetched, no DTD is read; a DOCTYPE is refused outright, since an entity that it
declares can cut a text or forge an element.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree

from stream_cb.errors import LimitError, ParseError
from stream_cb.framing import XmlContext
from stream_cb.limits import Limits
from stream_cb.patterns import lazy_pattern
from stream_cb.readers.content_limits import check_xml

PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "remove_comments": True,
    "remove_pis": True,
    "huge_tree": False,
    "recover": False,
}
# The declaration is overruled where the bytes are UTF-8 already, whatever it says.
_utf8 = etree.XMLParser(encoding="utf-8", **PARSER_OPTIONS)
_DECLARED = lazy_pattern(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'<>&]*)[\"']")
_DOCTYPE = lazy_pattern(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<!DOCTYPE", re.DOTALL)
_ROOT_AFTER_SPACE = lazy_pattern(rb"\s*")
_XMLNS = b"xmlns"
# Encodings in which ASCII bytes stand for ASCII characters, so that what was framed is what is parsed.
_ENCODINGS = frozenset(
    [
        "ascii",
        "utf-8",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "big5hkscs",
        "euc_jp",
        "shift_jis",
        "cp932",
        "euc_kr",
        "cp949",
        "koi8-r",
        "koi8-u",
    ]
    + [f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))]
    + [f"cp125{page}" for page in range(9)]
)
# What libxml2 says when one of its own guards speaks, and what we say of it.
_LIMITS = {
    "excessive depth": "elements are nested deeper than libxml2 allows (256)",
    "text node": "a text is longer than libxml2 allows (10,000,000 bytes)",
    "too long": "a name or an attribute is longer than libxml2 allows",
    "xml_parse_huge": "over a limit of libxml2",
}


def parse_xml(raw: bytes, context: XmlContext, *, limits: Limits) -> tuple[str, Any]:
    """Root name and payload of one document or element.

    Raises ParseError if it is not well-formed, has a DOCTYPE or is in an encoding it does not declare, and
    LimitError if it is over one of the limits, or of libxml2's own (10 MB of text, 256 levels).
    """
    if raw.startswith(b"<?xml") or context.encoding:
        raw = _to_utf8(raw, context.encoding)
    if has_doctype(raw):
        raise ParseError("a DOCTYPE is refused: no entities, no DTD")
    check_xml(raw, limits)
    try:
        root = _parse_inside(raw, context.wrapper) if context.wrapper else etree.fromstring(raw, _utf8)
    except etree.XMLSyntaxError as error:
        raise xml_error(error) from error
    # Behind the declaration; in a text it may be, too.
    attributes = raw.find(b"=", raw.find(b"?>") + 1) >= 0
    payload = element_payload(root, limits.max_depth, attributes=attributes, namespaces=_XMLNS in raw)
    return qualified_name(root), payload


def has_doctype(raw: bytes) -> bool:
    """Whether a document's prolog has a DOCTYPE."""
    return b"<!DOCTYPE" in raw and _DOCTYPE.match(raw) is not None


def xml_error(error: etree.XMLSyntaxError) -> ParseError | LimitError:
    """Our error for lxml's."""
    message = str(error.msg or error).partition(", line ")[0]
    for sign, limit in _LIMITS.items():
        if sign in message.lower():
            return LimitError(limit)
    return ParseError(f"not well-formed XML: {message}")


def _to_utf8(raw: bytes, encoding: str) -> bytes:
    """`raw` in UTF-8, by `encoding` or else by its declaration."""
    if not encoding:
        declared = _DECLARED.match(raw)
        encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
    if encoding.lower() in ("utf-8", "utf8", "us-ascii"):
        return raw
    try:
        if codecs.lookup(encoding).name not in _ENCODINGS:
            raise LookupError(encoding)
        return raw.decode(encoding).encode("utf-8")
    except LookupError as error:
        raise ParseError(f"unknown encoding {encoding!r}") from error
    except UnicodeError as error:
        raise ParseError(f"not {encoding}, which it declares: {error}") from error


def _parse_inside(raw: bytes, wrapper: bytes) -> etree._Element:
    """Parse an element whose namespaces are declared on a wrapper."""
    outer = etree.fromstring(wrapper + raw + b"</w>", _utf8)
    if len(outer) != 1 or (outer.text or "").strip() or (outer[0].tail or "").strip():
        raise ParseError("not well-formed XML: more than one element")
    return outer[0]


def qualified_name(element: etree._Element) -> str:
    """The element's name as the document writes it, prefix and all."""
    tag: str = element.tag
    if tag[0] != "{":
        return tag
    local = tag.rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def element_payload(
    element: etree._Element, max_depth: int, *, attributes: bool = True, namespaces: bool = True
) -> Any:
    """An element as dict, list and str, in the form that `Record.payload` describes.

    attributes, namespaces: whether any may be there, so that "@name" and "@xmlns" entries have to be looked for.
    """
    if max_depth <= 0:
        raise LimitError("elements are nested deeper than max_depth")
    payload: dict[str, Any] = {}
    if namespaces:
        payload.update(_declarations(element))
    if attributes and element.attrib:
        payload.update(_attributes(element))
    text = element.text or ""
    if len(element) == 0:
        if not payload:
            return text
        return payload | {"#text": text} if text else payload
    for child in element:
        tag = child.tag
        name = tag if tag[0] != "{" else qualified_name(child)
        if not attributes and max_depth > 1 and len(child) == 0:
            value = child.text or ""  # as most are; a call for each takes as long again
        else:
            value = element_payload(child, max_depth - 1, attributes=attributes, namespaces=namespaces)
        if name not in payload:
            payload[name] = value
        elif isinstance(payload[name], list):
            payload[name].append(value)
        else:
            payload[name] = [payload[name], value]
        text += child.tail or ""
    if text.strip(" \t\r\n"):
        payload["#text"] = text
    return payload


def _attributes(element: etree._Element) -> dict[str, str]:
    return {"@" + _attribute_name(element, str(name)): str(value) for name, value in element.attrib.items()}


def _declarations(element: etree._Element) -> dict[str, str]:
    """The namespaces declared on the element itself, as "@xmlns" and "@xmlns:prefix"."""
    parent = element.getparent()
    known = {} if parent is None else parent.nsmap
    new = {prefix: uri for prefix, uri in element.nsmap.items() if known.get(prefix) != uri}
    return {f"@xmlns:{prefix}" if prefix else "@xmlns": uri for prefix, uri in new.items()}


def _attribute_name(element: etree._Element, name: str) -> str:
    if name[0] != "{":
        return name
    uri, _, local = name[1:].partition("}")
    prefixes = [prefix for prefix, known in element.nsmap.items() if known == uri and prefix]
    return f"{prefixes[0] if prefixes else 'xml'}:{local}"
