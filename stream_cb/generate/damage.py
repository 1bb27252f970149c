"""The bytes of one good document in, the bytes of a bad one out: what files in the field look like after a fault.

Invariant: no result is a well-formed document, save one with a DOCTYPE, which must be refused for its own reason.
No result is empty, and none ends in a newline.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

JUNK = (
    b"-----",
    b"2026/06/30 08:00:11 [warn] relay: upstream closed the connection, 0 bytes",
    b"HTTP/1.1 200 OK",
    b"\x00\x00\x00\x00\x00\x00\x00\x00",
    b"<<< resent >>>",
    b"{{ body }}",
    "=== 日志轮转 ===".encode(),
)
DOCTYPES = (
    b"<!DOCTYPE Response>",
    b'<!DOCTYPE Response [<!ENTITY who "nobody">]>',
    b'<!DOCTYPE Response SYSTEM "http://example.invalid/response.dtd">',
)


def _middle(raw: bytes, rng: Random) -> int:
    """A position in the middle half, so that both ends of the document survive."""
    return len(raw) // 4 + int(rng.random() * (len(raw) // 2))


def _truncated(raw: bytes, rng: Random) -> bytes:
    return raw[: _middle(raw, rng)].rstrip()


def _invalid_utf8(raw: bytes, rng: Random) -> bytes:
    """0xFF occurs nowhere in UTF-8; it takes the place of a letter or digit, never of markup."""
    at = next(at for at in range(_middle(raw, rng), len(raw)) if raw[at : at + 1].isalnum())
    return raw[:at] + b"\xff" + raw[at + 1 :]


def _junk(_raw: bytes, rng: Random) -> bytes:
    return JUNK[int(rng.random() * len(JUNK))]


def _mismatched_tag(raw: bytes, rng: Random) -> bytes:
    at = raw.index(b">", raw.index(b"</", _middle(raw, rng)))
    return raw[:at] + b"x" + raw[at:]


def _unclosed_cdata(raw: bytes, rng: Random) -> bytes:
    at = raw.index(b"</", _middle(raw, rng))
    return raw[:at] + b"<![CDATA[" + raw[at:]


def _doctype(raw: bytes, rng: Random) -> bytes:
    at = raw.index(b"<Response>")
    return raw[:at] + DOCTYPES[int(rng.random() * len(DOCTYPES))] + raw[at:]


def _missing_brace(raw: bytes, rng: Random) -> bytes:
    """The last closing brace, or the one before it."""
    at = raw.rindex(b"}")
    if rng.random() < 1 / 2:
        at = raw.rindex(b"}", 0, at)
    return (raw[:at] + raw[at + 1 :]).rstrip()


def _trailing_comma(raw: bytes, _rng: Random) -> bytes:
    at = raw.rindex(b"}")
    return raw[:at] + b",}"


def _unclosed_string(raw: bytes, rng: Random) -> bytes:
    at = raw.find(b'",', _middle(raw, rng))
    if at < 0:
        at = raw.rindex(b'",')
    return raw[:at] + raw[at + 1 :]


XML_DAMAGE: dict[str, Callable[[bytes, Random], bytes]] = {
    "truncated": _truncated,
    "invalid-utf8": _invalid_utf8,
    "mismatched-tag": _mismatched_tag,
    "unclosed-cdata": _unclosed_cdata,
    "doctype": _doctype,
    "junk": _junk,
}
JSON_DAMAGE: dict[str, Callable[[bytes, Random], bytes]] = {
    "truncated": _truncated,
    "invalid-utf8": _invalid_utf8,
    "missing-brace": _missing_brace,
    "trailing-comma": _trailing_comma,
    "unclosed-string": _unclosed_string,
    "junk": _junk,
}


def damage_document(raw: bytes, rng: Random) -> tuple[str, bytes]:
    """The name of a kind of damage, each as likely as the other, and the bytes with it."""
    kinds = XML_DAMAGE if raw.startswith(b"<") else JSON_DAMAGE
    name = list(kinds)[int(rng.random() * len(kinds))]
    return name, kinds[name](raw, rng)
