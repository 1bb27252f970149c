"""What the syntax of a format says when it meets bytes that cannot be."""

from __future__ import annotations

# Elements or brackets open at once, past which no parser follows: libxml2 stops at 256, Python at 1,000.
MAX_OPEN = 1_000
# A record whose end is not found within this many bytes, while another one seems to begin inside it, is taken for
# damaged; a quarter of a megabyte is 25 times the largest ordinary callback.
PATIENCE_BYTES = 256 * 1024


class Damaged(Exception):
    """The bytes break the syntax; `at` is the position in the buffer where that was seen."""

    def __init__(self, detail: str, at: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.at = at


class TooDeep(Damaged):
    """More is open at `at` than any parser would follow; nothing before it is a record of its own."""
