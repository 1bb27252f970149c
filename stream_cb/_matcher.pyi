"""The compiled matcher; the package does without it where it could not be built."""

from collections.abc import Iterable

class Matcher:
    """The plan of one shape of record.

    program: see `stream_cb.events.line_program`; it is trusted. slots: of the outermost frame. body: the step at which
    a record begins that has no declaration. job: the one at which its job begins, if others may stand
    beside it; else 0.
    """

    def __new__(
        cls, program: Iterable[tuple[str, int, int, int, bytes]], slots: int, body: int, job: int, /
    ) -> Matcher: ...

def run(
    plans: dict[bytes, Matcher],
    buffer: bytes,
    position: int,
    max_bytes: int,
    ways: int,
    with_spans: bool,
    in_order: bool,
    /,
) -> tuple[list[bytes], list[tuple[bytes, int]], list[tuple[int, int]] | None, int, int, int]:
    """The JSON lines of the records at and behind a position, as far as plans take them.

    Answers the lines; how many of them are of which plan's subject, one behind the other or, not in order, in all; for
    each line where its record lies, if that is asked for; how many records there are; how many bytes they have; and
    where the last one ends. A record has more than one line only if it has several jobs, each of which the plan of its
    own Tag takes.

    plans: by subject, see `stream_cb.events.subjects`. max_bytes: of one record. ways: see `stream_cb.runs`.
    """
