"""Whether the wrappers of a place are those that were known further ahead, looking back only where it matters.

In: bytes, and what a reading made of them that presumes those wrappers. Out: yes or no. Holds one chunk.

What is between two places can only be known by reading it, and a file would be read once more for each of its splits.
But elements called Response, one behind the other, are read alike in any wrapper and in none. So a reading may presume,
until it comes to what depends on the wrappers: an end tag, a declaration, damage, the end of the file. Mostly that is
in the last split alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from stream_cb.framing import CALLBACK, OVERLAP, RECORD_ELEMENT
from stream_cb.inputs import Ranges, read_whole
from stream_cb.model import Block
from stream_cb.patterns import lazy_pattern
from stream_cb.places import Place

_LOOK_BYTES = 256 * 1024
_RECORD, _END = b"<" + RECORD_ELEMENT + b">", b"</" + RECORD_ELEMENT + b">"
# Tags by that name, or by the one whose plural it is: an element that begins by a child of one of these is a wrapper.
_NAMED = lazy_pattern(rb"%b(?<=[<:]%b)|%b(?<=</%b)" % ((RECORD_ELEMENT[:-1],) * 4))
_SPACE = lazy_pattern(rb"\s*+")
_CALLBACK_LINE = lazy_pattern(rb"\n" + CALLBACK)


class Presumption:
    """That the wrappers of `known` are those of a place behind it, from which a reading is fed."""

    def __init__(self, file: Ranges, known: Place) -> None:
        self._file = file
        self._known = known
        self._rest = b""

    def is_spared(self, chunk: bytes, block: Block) -> bool:
        """Whether what a block found in a chunk, and what was left of those before, is the same in any wrapper.

        It is, if all there is are elements that begin by the same bytes, in none of which another one can begin, and
        with no name that a wrapper binds; in a wrapper of the same encoding, for which those have to care who find the
        beginning of one.
        """
        levels, begin, rest = self._known.levels, block.begin, self._rest
        end = block.end - begin - len(rest)
        # Up to there the bytes are put together, and no tag's name is cut.
        seam = chunk.find(b">") + 1
        head = rest + chunk[:seam]
        self._rest = chunk[end:] if end > 0 else rest + chunk
        starts = dict.fromkeys(offset - begin for offset, _ in block.spans or ())
        return (
            not block.dead
            and block.place is not None
            and block.place.levels == levels
            and not any(level.context or level.encoding for level in levels)
            and len(starts) == block.records
            and all(
                chunk.startswith(_RECORD, start - len(rest)) if start >= len(rest) else head.startswith(_RECORD, start)
                for start in starts
            )
            and len(_NAMED.findall(head)) + len(_NAMED.findall(chunk, seam, end)) == 2 * block.records
            and not any(_have(part, b"!", behind=b"<") or _have(part, b"?", behind=b"<") for part in (head, chunk))
        )

    def holds_at(self, offset: int) -> bool:
        """Whether nothing between `known` and there may have changed the wrappers. Raises OSError."""
        if offset < self._known.offset:
            return False
        return self._is_still_inside(offset) if self._known.levels else self._is_chain(offset)

    def _is_still_inside(self, offset: int) -> bool:
        """Whether nothing may have ended the wrapper, in which anything else is a record."""
        end_tag, before = b"</" + self._known.levels[0].name, b""
        for chunk in self._chunks(offset):
            for part in (before + chunk[:OVERLAP], chunk):
                # By bytes that are rare in XML, which are found many times faster than the longer needles.
                is_declared = _have(part, b"?", behind=b"<")
                has_callback = _have(part, b"{", behind=b"\n") and _CALLBACK_LINE.search(part)
                if is_declared or has_callback or b"\x1e" in part or end_tag in part:
                    return False
            before = chunk[-OVERLAP:]
        return True

    def _is_chain(self, offset: int) -> bool:
        """Whether there is nothing but records, the same bytes between them: no wrapper can begin in these."""
        rest = token = b""
        for chunk in self._chunks(offset):
            buffer = rest + chunk
            if not token:
                buffer = buffer.lstrip()
                space = _SPACE.match(buffer, buffer.find(_END) + len(_END))
                token = _END + space[0] + _RECORD if space else _RECORD
            end = buffer.rfind(token) + len(_END)
            if not _is_part_of_chain(buffer[:end], token):
                return False
            rest = buffer[end + len(token) - len(_END + _RECORD) :]
        return not rest or _is_part_of_chain(rest.rstrip(), token)

    def _chunks(self, offset: int) -> Iterator[bytes]:
        """The bytes from `known` on up to there."""
        for begin in range(self._known.offset, offset, _LOOK_BYTES):
            yield read_whole(self._file, begin, min(_LOOK_BYTES, offset - begin))


def _is_part_of_chain(part: bytes, token: bytes) -> bool:
    count = part.count(token) + 1
    return part.startswith(_RECORD) and part.endswith(_END) and len(_NAMED.findall(part)) == 2 * count


def _have(chunk: bytes, byte: bytes, *, behind: bytes) -> bool:
    """Whether a rare byte stands somewhere right behind another one."""
    at = chunk.find(byte)
    while at >= 0:
        if at and chunk[at - 1] == behind[0]:
            return True
        at = chunk.find(byte, at + 1)
    return False
