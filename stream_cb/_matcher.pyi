"""The compiled matcher of one shape of record; the package does without it where it could not be built."""

from collections.abc import Iterable

class Matcher:
    """Takes records of one shape, and gives their JSON lines. A call must have returned before the next one.

    program: see `stream_cb.events.line_program`; it is trusted. slots: of the outermost frame. body: the step at which
    a record begins that has no declaration.
    """

    def __new__(cls, program: Iterable[tuple[str, int, int, int, bytes]], slots: int, body: int, /) -> Matcher: ...
    def run(
        self, buffer: bytes, position: int, max_bytes: int, are_documents: bool, have_commas: bool, /
    ) -> tuple[list[bytes], int, int]:
        """The lines of the records at and behind a position, as far as they are of this shape.

        White space may lie between. Answers the lines, how many bytes the records have, and where the last one ends.
        max_bytes: of one record. are_documents: each may have a declaration. have_commas: one stands between each two.
        """
