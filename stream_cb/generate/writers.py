"""A callback tree in, the bytes of one document out: XML and JSON, compact as on the wire or indented.

XML writes an empty leaf, list or struct as an empty element; JSON leaves it out, and a struct emptied by that stays
`{}`. So the leaves that are not empty are equal in both. Nothing written here ends in a newline, and a compact
document holds none. Inner text is never changed.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import orjson

Callback = dict[str, Any]
Generation = Literal["old", "new"]

INDENT = "    "


def to_xml(callback: Callback) -> bytes:
    """One line of XML with the root `Response`, without a declaration and without blanks between elements."""
    return f"<Response>{_elements(_for_xml(callback))}</Response>".encode()


def to_pretty_xml(callback: Callback) -> bytes:
    """XML with the root `Response`, four blanks a level, without a declaration."""
    lines: list[str] = []
    _indent("Response", _for_xml(callback), "", lines)
    return "\n".join(lines).encode()


def to_json(callback: Callback, *, generation: Generation = "new") -> bytes:
    """One line of JSON. generation: "new" has an array wherever an element may repeat, "old" where it does repeat."""
    return orjson.dumps(_for_json(callback, collapse=generation == "old"))


def to_pretty_json(callback: Callback, *, generation: Generation = "new") -> bytes:
    """JSON, four blanks a level; generation as in `to_json`."""
    return msgspec.json.format(to_json(callback, generation=generation), indent=4)


def _for_xml(callback: Callback) -> Callback:
    """The tree with its text escaped. One look at all text at once: nine callbacks of ten need no escape."""
    text = msgspec.json.encode(callback)
    if b"&" in text or b"<" in text or b">" in text:
        escaped: Callback = _escape(callback)
        return escaped
    return callback


def _escape(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _escape(child) for name, child in node.items()}
    if isinstance(node, list):
        return [_escape(child) for child in node]
    return str(node).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _elements(struct: dict[str, Any]) -> str:
    """The children of one element; a text leaf costs no call, for there are fifty of them in a callback."""
    written = ""
    for name, node in struct.items():
        if type(node) is str:
            written += f"<{name}>{node}</{name}>" if node else f"<{name}/>"
        elif type(node) is list and node:
            for child in node:
                inner = _elements(child) if type(child) is dict else child
                written += f"<{name}>{inner}</{name}>"
        elif type(node) is dict and node:
            written += f"<{name}>{_elements(node)}</{name}>"
        else:
            written += f"<{name}/>" if node in ([], {}) else f"<{name}>{node}</{name}>"
    return written


def _indent(name: str, node: Any, margin: str, lines: list[str]) -> None:
    if isinstance(node, list):
        for child in node or [""]:
            _indent(name, child, margin, lines)
    elif isinstance(node, dict) and node:
        lines.append(f"{margin}<{name}>")
        for inner, child in node.items():
            _indent(inner, child, margin + INDENT, lines)
        lines.append(f"{margin}</{name}>")
    else:
        lines.append(f"{margin}<{name}/>" if node in ("", {}) else f"{margin}<{name}>{node}</{name}>")


def _for_json(node: Any, *, collapse: bool) -> Any:
    """The tree without what is empty; collapse: a list of one becomes that one."""
    if type(node) is dict:
        kept: dict[str, Any] = {}
        for name, child in node.items():
            if type(child) is str:
                if child:
                    kept[name] = child
            elif type(child) is int:
                kept[name] = child
            elif child:
                kept[name] = _for_json(child, collapse=collapse)
        return kept
    if type(node) is list:
        children = [child if type(child) is str else _for_json(child, collapse=collapse) for child in node]
        return children[0] if collapse and len(node) == 1 else children
    return node
