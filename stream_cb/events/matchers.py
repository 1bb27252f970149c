"""The two matchers, compiled and pure: they make plans of layouts, take the same records and write the same lines."""

from __future__ import annotations

import os
from typing import Any, Protocol

from stream_cb.events.layout import Layout
from stream_cb.events.selection import Wanted, narrowed
from stream_cb.runs import Found

# Any text in this variable of the environment leaves the compiled matcher aside, for tests and benchmarks.
PURE = "STREAM_CB_PURE"


class LineMatcher(Protocol):
    """What makes lines of records without a parser.

    text_of: a buffer as it is matched. plan: of a layout, for lines of which this is wanted (None: all). run: see
    `stream_cb/_matcher.pyi`; its plans are those that `plan` has answered.
    """

    is_compiled: bool

    def text_of(self, buffer: bytes, /) -> Any: ...
    def plan(self, layout: Layout, wanted: Wanted | None = None, /) -> Any: ...
    def run(  # noqa: PLR0913, PLR0917  (as the compiled one, where names would cost)
        self,
        plans: dict[bytes, Any],
        text: Any,
        position: int,
        max_bytes: int,
        ways: int,
        with_spans: bool,
        in_order: bool,
        /,
    ) -> Found: ...


class _Compiled:
    is_compiled = True

    def __init__(self, matcher: Any) -> None:
        from stream_cb.events.line_program import write_program

        self._make, self._write, self.run = matcher.Matcher, write_program, matcher.run

    def text_of(self, buffer: bytes, /) -> bytes:
        return buffer

    def plan(self, layout: Layout, wanted: Wanted | None = None, /) -> Any:
        return self._make(*self._write(layout if wanted is None else narrowed(layout, wanted)))


class _Pure:
    is_compiled = False

    def __init__(self) -> None:
        from stream_cb.events.pure_matcher import PurePlan, run

        self._make, self.run = PurePlan, run

    def text_of(self, buffer: bytes, /) -> str:
        return buffer.decode("latin-1")

    def plan(self, layout: Layout, wanted: Wanted | None = None, /) -> Any:
        return self._make(layout, None if wanted is None else narrowed(layout, wanted))


def chosen_matcher() -> LineMatcher:
    """The compiled matcher, or the pure one where that was not built or is not wanted."""
    if os.environ.get(PURE):
        return _Pure()
    try:
        from stream_cb import _matcher
    except ImportError:
        return _Pure()
    return _Compiled(_matcher)
