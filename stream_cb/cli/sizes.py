"""Sizes as people write them: 500, 64KiB, 100MB, 1.5G."""

from __future__ import annotations

import re
from typing import Any

import click

from stream_cb.patterns import lazy_pattern

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_SIZE = lazy_pattern(r"(\d+(?:\.\d+)?)\s*([kmg]i?)?b?", re.IGNORECASE)


class Size(click.ParamType[int]):
    """A number of bytes, at least 1. KB, MB and GB are powers of 1,000; KiB, MiB and GiB of 1,024."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = _SIZE.fullmatch(value.strip())
        size = int(float(match[1]) * _UNITS[(match[2] or "").lower()]) if match else 0
        if size < 1:
            self.fail(f"{value!r} is not a size; write 500, 64KiB, 100MB or 1.5G", param, ctx)
        return size


def shown(size: float) -> str:
    """A number of bytes for a person, in powers of 1,000: "2.4 MB"."""
    for unit in ("bytes", "KB", "MB"):
        if size < 1_000:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1_000
    return f"{size:,.1f} GB"
