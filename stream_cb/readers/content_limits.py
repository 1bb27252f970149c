"""The limits on what is in a record, looked at before it is parsed, since a tree costs many times its bytes.

Records too short to be over any of them are not looked at.
"""

from __future__ import annotations

import re

from stream_cb.errors import LimitError
from stream_cb.limits import Limits
from stream_cb.patterns import lazy_pattern

_NAMES = lazy_pattern(rb"<([^\s<>/!?=\"']+)|\s([^\s<>/=\"']+)\s*=\s*[\"']")
_KEYS = lazy_pattern(rb'"((?>[^"\\]|\\.)*+)"\s*:')
_STRINGS = lazy_pattern(rb'"(?>[^"\\]|\\.)*+"')


def check_xml(raw: bytes, limits: Limits) -> None:
    """Raises LimitError for too many elements or names, or too long a text."""
    # The shortest element is "<a/>"; and few names are that short.
    if len(raw) <= min(4 * limits.max_elements, 4 * limits.max_names, limits.max_text_bytes):
        return
    elements = raw.count(b"<") - raw.count(b"</")
    if elements > limits.max_elements:
        raise LimitError(f"more elements than max_elements ({limits.max_elements})")
    if elements + raw.count(b"=") > limits.max_names and len(set(_NAMES.findall(raw))) > limits.max_names:
        raise LimitError(f"more distinct names than max_names ({limits.max_names})")
    if len(raw) > limits.max_text_bytes and _longest(raw, b">", b"<") > limits.max_text_bytes:
        raise LimitError(f"a text is longer than max_text_bytes ({limits.max_text_bytes})")


def check_json(raw: bytes, limits: Limits) -> None:
    """Raises LimitError for too many values or keys, or too long a text or number."""
    if len(raw) <= min(2 * limits.max_elements, 4 * limits.max_names, limits.max_text_bytes, limits.max_digits):
        return
    if _values(raw) > limits.max_elements and _values(_STRINGS.sub(b'""', raw)) > limits.max_elements:
        raise LimitError(f"more values than max_elements ({limits.max_elements})")
    if raw.count(b":") > limits.max_names and len(set(_KEYS.findall(raw))) > limits.max_names:
        raise LimitError(f"more distinct names than max_names ({limits.max_names})")
    if len(raw) > limits.max_text_bytes and _longest(raw, b'"', b'"') > limits.max_text_bytes:
        raise LimitError(f"a text is longer than max_text_bytes ({limits.max_text_bytes})")
    if _may_hold_number(raw, limits.max_digits) and re.search(
        rb"(?<=[:,\[\s-])[0-9][0-9.eE+-]{%d}" % limits.max_digits, raw
    ):
        raise LimitError(f"a number is longer than max_digits ({limits.max_digits})")


def _may_hold_number(raw: bytes, digits: int) -> bool:
    """Whether a number may have more characters than that: it would cover so many bytes in a row of a sample."""
    step = max(1, digits // 32)
    return re.search(rb"[0-9.eE+-]{%d}" % (digits // step), raw[::step]) is not None


def _values(raw: bytes) -> int:
    return raw.count(b",") + raw.count(b"{") + raw.count(b"[") + 1


def _longest(raw: bytes, before: bytes, behind: bytes) -> int:
    """Bytes of the longest stretch between two marks, as far as can be told without parsing."""
    return max(map(len, re.split(b"[%b%b]" % (before, behind), raw)))
