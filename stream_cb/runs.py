"""Records that are taken in one step: in which ways they may stand one behind the other, and what becomes of them."""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

# Offset and length.
Span = tuple[int, int]

# Ways to be added up: elements of XML, objects of JSON, each document of XML with a declaration or without, and a comma
# between each two. White space may always lie between. The compiled matcher knows these numbers, too.
XML: Final = 1
JSON: Final = 2
DECLARED: Final = 4
COMMAS: Final = 8


# What a matcher answers: lines; how many of them are of which plan's subject; for each where its record lies, if that
# is asked for; how many records there are; how many bytes they have; and where the last one ends.
Found = tuple[list[bytes], list[tuple[bytes, int]], list[Span] | None, int, int, int]


class Run(msgspec.Struct, frozen=True, gc=False):
    """What was taken: what it became, how many records that was, the bytes they cover, and where the last one ends.

    spans: for each result, where its record lies; empty if nobody asked.
    """

    results: list[Any]
    records: int
    record_bytes: int
    end: int
    spans: list[Span]


class Runner(Protocol):
    """Takes records from a position of a buffer on, as many as can be had without a parser.

    max_bytes: of one record. ways: those in which the records may stand there.
    """

    def __call__(self, buffer: bytes, position: int, max_bytes: int, ways: int, *, with_spans: bool = False) -> Run: ...
