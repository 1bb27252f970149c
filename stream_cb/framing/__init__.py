"""chunks → frames: where records begin and end, in XML and JSON of any layout; pure, no input or output.

`open_framer` gives the state machine for one stream. Indifferent to where chunks are cut.
"""

from __future__ import annotations

from stream_cb.framing.damaged import PATIENCE_BYTES
from stream_cb.framing.documents import Documents, wrapping_key
from stream_cb.framing.elements import RECORD_ELEMENT, WRAPPER_ELEMENT, ElementLevel, Elements
from stream_cb.framing.framer import Framer, Level
from stream_cb.framing.frames import Frame, Parsers, Stretch, XmlContext
from stream_cb.framing.resync import CALLBACK, OVERLAP, record_starts
from stream_cb.framing.transcode import Transcoder, wide_encoding
from stream_cb.framing.wrappers import ArrayLevel, ObjectLevel
from stream_cb.framing.xml_syntax import NAME, QUOTED
from stream_cb.places import LevelState, Place

__all__ = [
    "CALLBACK",
    "NAME",
    "OVERLAP",
    "PATIENCE_BYTES",
    "QUOTED",
    "RECORD_ELEMENT",
    "WRAPPER_ELEMENT",
    "Frame",
    "Framer",
    "Parsers",
    "Stretch",
    "Transcoder",
    "XmlContext",
    "open_framer",
    "record_starts",
    "wide_encoding",
    "wrapping_key",
]


def open_framer(  # noqa: PLR0913  (all that is known of one stream)
    parsers: Parsers,
    *,
    format: str | None = None,
    path: tuple[str, ...] = (),
    max_record_bytes: int,
    encoding: str = "",
    place: Place | None = None,
    before: bytes = b"",
) -> Framer:
    """A framer for one stream of bytes.

    Args:
        parsers: verify the guesses and give the payloads.
        format: "xml" or "json" refuses documents of the other one.
        path: element names or object keys from the root to the record; empty: found by their names.
        max_record_bytes: a longer record is a frame with the reason LimitError.
        encoding: of all XML, whatever its declarations say; "" believes them.
        place: where the first byte that will be fed stands; None: at the beginning.
        before: the byte before that one, which some patterns look at.
    """
    levels: list[Level] = [Documents(format, tuple(name.encode() for name in path), encoding)]
    if place:
        levels += [_restored(state) for state in place.levels]
    framer = Framer(levels, parsers, max_record_bytes=max_record_bytes)
    framer.begin_at(place.offset if place else 0, before)
    return framer


def _restored(state: LevelState) -> Level:
    if state.kind == "element":
        elements = Elements(state.path, XmlContext(state.encoding, state.context), state.name)
        return ElementLevel(elements, state.name, state.opened_at, holds_text=state.holds_text)
    level = (ArrayLevel if state.kind == "array" else ObjectLevel)(state.path, state.opened_at)
    level.resume(state)
    return level
