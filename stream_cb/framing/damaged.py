"""What the syntax of a format says when it meets bytes that cannot be."""

from __future__ import annotations


class Damaged(Exception):
    """The bytes break the syntax; `at` is the position in the buffer where that was seen."""

    def __init__(self, detail: str, at: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.at = at
