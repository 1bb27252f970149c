"""chunks → frames: where records begin and end, in XML and JSON of any layout; pure, no input or output.

`open_framer` gives the state machine for one stream. Indifferent to where chunks are cut.
"""

from __future__ import annotations

from stream_cb.framing.documents import Documents, wrapping_key
from stream_cb.framing.elements import RECORD_ELEMENT, WRAPPER_ELEMENT
from stream_cb.framing.framer import Frame, Framer, Parsers, Stretch, XmlContext
from stream_cb.framing.transcode import Transcoder, wide_encoding

__all__ = [
    "RECORD_ELEMENT",
    "WRAPPER_ELEMENT",
    "Frame",
    "Framer",
    "Parsers",
    "Stretch",
    "Transcoder",
    "XmlContext",
    "open_framer",
    "wide_encoding",
    "wrapping_key",
]


def open_framer(
    parsers: Parsers,
    *,
    format: str | None = None,
    path: tuple[str, ...] = (),
    max_record_bytes: int,
    encoding: str = "",
) -> Framer:
    """A framer for one stream of bytes.

    Args:
        parsers: verify the guesses and give the payloads.
        format: "xml" or "json" refuses documents of the other one.
        path: element names or object keys from the root to the record; empty: found by their names.
        max_record_bytes: a longer record is a frame with the reason LimitError.
        encoding: of all XML, whatever its declarations say; "" believes them.
    """
    level = Documents(format, tuple(name.encode() for name in path), encoding)
    return Framer(level, parsers, max_record_bytes=max_record_bytes)
