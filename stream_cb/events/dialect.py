"""What plans have to know of a format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from stream_cb.events.layout import Layout


class Bodies(NamedTuple):
    """The jobs of a body with several, each as a body of its own; the body lies between `begin` and `end`."""

    parts: list[bytes]
    begin: int
    end: int


class Dialect(NamedTuple):
    """bodies: of the record at a place of a buffer, which ends before a limit, in these ways; None if it has one job.

    grammar, merge, layout: what is known of records that no plan has taken; see the modules of these names.
    """

    bodies: Callable[[bytes, int, int, int], Bodies | None]
    grammar: Callable[[], Any]
    merge: Callable[[Any, bytes], None]
    layout: Callable[[Any, str], Layout]
