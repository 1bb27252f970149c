"""JSON bytes → payload, by msgspec; the only place that knows its errors.

Numbers lose no digit: integers of any length are int, fractions and exponents Decimal. A repeated key is kept as
its last value.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from stream_cb.errors import LimitError, ParseError
from stream_cb.limits import Limits
from stream_cb.readers.content_limits import check_json

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def parse_json(raw: bytes, *, limits: Limits) -> tuple[str, Any]:
    """The name "" and the payload of one value.

    Raises ParseError if it is not well-formed or not UTF-8, LimitError if it is over one of the limits.
    """
    check_json(raw, limits)
    max_depth = limits.max_depth
    try:
        payload = _decode(raw)
    except UnicodeDecodeError as error:
        raise ParseError(f"not UTF-8: {error.reason}") from error
    except RecursionError as error:
        raise LimitError("values are nested deeper than max_depth") from error
    except msgspec.ValidationError as error:
        # The one thing that an untyped value can be refused for.
        raise LimitError("a number has more than 4,300 digits") from error
    except (msgspec.DecodeError, ValueError, ArithmeticError) as error:
        raise ParseError(f"not well-formed JSON: {str(error).removeprefix('JSON is malformed: ')}") from error
    if raw.count(b"{") + raw.count(b"[") > max_depth and _is_deeper(payload, max_depth):
        raise LimitError("values are nested deeper than max_depth")
    return "", payload


def _is_deeper(payload: Any, max_depth: int) -> bool:
    """Whether objects and arrays are nested deeper than that."""
    level = [payload]
    for _ in range(max_depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
