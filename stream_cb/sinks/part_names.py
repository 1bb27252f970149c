"""How the files of a folder are called: `part-00000.parquet` and so on, counted through all folders below it; pure."""

from __future__ import annotations

from stream_cb.patterns import lazy_pattern

# The empty object that appears last in a folder of objects.
MARKER = "_SUCCESS"

_PART = lazy_pattern(r"part-([0-9]{5,})\.[a-z]+")
_HIDDEN = lazy_pattern(r"\.(?:part-[0-9]{5,}\.[a-z]+|_SUCCESS)\.[0-9a-f]{8}\.part")


def part_name(number: int, format: str) -> str:
    """The name of the file of a number; format: its suffix."""
    return f"part-{number:05}.{format}"


def part_number(name: str) -> int | None:
    """The number of a file by its name, or None if it is no such file."""
    match = _PART.fullmatch(name)
    return int(match[1]) if match else None


def is_unfinished(name: str) -> bool:
    """Whether it is the hidden name of a file that was never completed."""
    return _HIDDEN.fullmatch(name) is not None
