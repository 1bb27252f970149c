"""JSON bytes → payload, by msgspec; the only place that knows its errors.

Numbers lose no digit: integers of any length are int, fractions and exponents Decimal. A repeated key is kept as
its last value.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from stream_cb.errors import LimitError, ParseError

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def parse_json(raw: bytes, *, max_depth: int) -> tuple[str, Any]:
    """The name "" and the payload of one value.

    Raises ParseError if it is not well-formed or not UTF-8, LimitError if it is nested deeper than `max_depth`.
    """
    if raw.count(b"{") + raw.count(b"[") > max_depth and _depth(raw) > max_depth:
        raise LimitError("values are nested deeper than max_depth")
    try:
        return "", _decode(raw)
    except UnicodeDecodeError as error:
        raise ParseError(f"not UTF-8: {error.reason}") from error
    except RecursionError as error:
        raise LimitError("values are nested deeper than max_depth") from error
    except msgspec.ValidationError as error:
        # The one thing that an untyped value can be refused for.
        raise LimitError("a number has more than 4,300 digits") from error
    except (msgspec.DecodeError, ValueError, ArithmeticError) as error:
        raise ParseError(f"not well-formed JSON: {str(error).removeprefix('JSON is malformed: ')}") from error


def _depth(raw: bytes) -> int:
    """Deepest nesting of brackets outside strings; bytes that are no JSON give some number."""
    depth = deepest = 0
    in_string = escaped = False
    for byte in raw:
        if in_string:
            in_string = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            in_string = True
        elif byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest
