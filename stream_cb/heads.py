"""The first bytes of a file → how it is built: what every way of cutting it into ranges looks at first.

In: a file that can be read here and there. Out: a head, or None for a file that cannot be cut. Holds the bytes of one.
"""

from __future__ import annotations

from typing import NamedTuple

from stream_cb.framing import wide_encoding
from stream_cb.inputs import Ranges, is_plain, read_whole
from stream_cb.model import ReadOptions, Record
from stream_cb.places import Place
from stream_cb.readers.framed import FramedReading

_HEAD_BYTES = 256 * 1024


class Head(NamedTuple):
    """raw: the bytes that were looked at. place: the last one between two records in them; None: none can be told.

    name: of the elements that are records, "" if the last record is no element; None: there is no record.
    """

    raw: bytes
    place: Place | None
    name: str | None


def read_head(file: Ranges, size: int, options: ReadOptions) -> Head | None:
    """The head of the first `size` bytes of a file; None if they are compressed, an archive, or of wide characters.

    Or if the options name another reader than the one that can begin anywhere. Raises OSError.
    """
    raw = read_whole(file, 0, min(_HEAD_BYTES, size))
    if options.reader != "framed" or not is_plain(raw) or wide_encoding(raw):
        return None
    block = FramedReading("", options, None).feed(raw)
    names = [result.name for result in block.results if isinstance(result, Record)]
    return Head(raw, block.place, names[-1] if names else None)
