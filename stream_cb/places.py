"""Where reading can be taken up again: a position between two records, and the wrappers around it.

Places can be stored as JSON and read back equal. Every split of a file and every checkpoint begins at one.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class LevelState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One wrapper that is open around a place: an XML element, or a JSON array or object.

    opened_at: its byte position. path: what is left of the path to the records inside. name, encoding, context,
    holds_text: of an element. gap, expects, good: of JSON: what stands before the place, what may follow it, and how
    the last sound record began and what stood before that one.
    """

    kind: Literal["element", "array", "object"]
    opened_at: int
    path: tuple[bytes, ...] = ()
    name: bytes = b""
    encoding: str = ""
    context: bytes = b""
    holds_text: bool = False
    gap: bytes = b""
    expects: str = ""
    good: tuple[bytes, bytes] | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Between two records of a stream: what reading needs to go on from there as if it had come from the beginning.

    offset: byte position. index: of the record that follows. levels: the wrappers around it, outermost first.
    """

    offset: int = 0
    index: int = 0
    levels: tuple[LevelState, ...] = ()


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far the inputs were read.

    files: how many of those that the inputs list, one after the other, are done. sources: how many of the next one
    are done, which may be an archive. place: in the source after these; None: at its beginning.
    """

    files: int = 0
    sources: int = 0
    place: Place | None = None
