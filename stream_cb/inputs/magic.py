"""The first bytes of a stream tell what it is; its name is never asked.

In: the bytes ahead, and whether more can come. Out: a kind, or the wish for more bytes. Pure.
Invariant: text on a live pipe is recognised as soon as its first character is there, so nobody waits for 512 bytes.
"""

from __future__ import annotations

import re
from typing import Literal

from stream_cb.patterns import lazy_pattern

Kind = Literal["gzip", "bzip2", "xz", "zstd", "lzma", "zip", "tar", "plain"]

# The headers of a tar: its magic lies at 257 (POSIX.1-1988 ustar, pax; GNU tar writes a blank for the NUL).
_TAR_BLOCK = 512
_TAR_MAGIC_AT = 257
_TAR_MAGICS = (b"ustar\0", b"ustar ")

_ZSTD_SKIPPABLE = [bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60)]  # RFC 8878, 3.1.2
_BZIP2 = [b"BZh%d%b" % (level, tail) for level in range(1, 10) for tail in (b"1AY&SY", b"\x17rE8P\x90")]
_MAGICS: list[tuple[bytes, Kind]] = [
    (b"\x1f\x8b\x08", "gzip"),  # RFC 1952, 2.3.1: deflate is its only method
    *((magic, "bzip2") for magic in _BZIP2),  # level, then a block or the end of an empty stream
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    *((magic, "zstd") for magic in _ZSTD_SKIPPABLE),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),  # an archive without members
    (b"PK\x07\x08", "zip"),  # one that was once split
]
_LONGEST_MAGIC = max(len(magic) for magic, _ in _MAGICS)
_FIRST_BYTES = frozenset(magic[:1] for magic, _ in _MAGICS)

# The .lzma format has no magic: properties (5d in practice), a dictionary size whose low bytes are 0, and a length
# that is unknown (ff) or below 2 ** 56. No text begins with "]" and two NULs.
_LZMA = lazy_pattern(rb"\x5d\0\0..(?:\xff{8}|.{7}\0)", re.DOTALL)
_LZMA_HEADER = 13

# How XML and JSON begin, in UTF-8 or behind a byte order mark; 1e is the record separator of RFC 7464.
_TEXT = lazy_pattern(rb"\xff\xfe|\xfe\xff|(?:\xef\xbb\xbf)?[\s\x1e]*[<{\[]")


def kind_of(ahead: bytes, *, is_all_of_a_file: bool) -> Kind:
    """Name what begins with these bytes.

    Args:
        ahead: the first bytes, as many as `is_undecided` asked for.
        is_all_of_a_file: nothing follows them, and that may be due to a cut. Then the beginning of a magic counts as
            the whole of it: a compressed file cut to its first bytes is a damaged one, not a short text.
    """
    if magic := _magic_kind(ahead):
        return magic
    if ahead[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 6] in _TAR_MAGICS:
        return "tar"
    if is_all_of_a_file and ahead:
        return next((kind for magic, kind in _MAGICS if magic.startswith(ahead)), "plain")
    return "plain"


def is_undecided(ahead: bytes) -> bool:
    """True as long as more bytes could change the answer of `kind_of`."""
    if len(ahead) >= _TAR_BLOCK or _magic_kind(ahead):
        return False
    return not _TEXT.match(ahead)


def is_undecided_member(ahead: bytes) -> bool:
    """Like `is_undecided`, behind the end of compressed bytes, where only another compressed member may begin."""
    return len(ahead) < _LONGEST_MAGIC and not _magic_kind(ahead)


def _magic_kind(ahead: bytes) -> Kind | None:
    """What is told by a magic at byte 0 that is there in full."""
    if ahead[:1] in _FIRST_BYTES:
        for magic, kind in _MAGICS:
            if ahead.startswith(magic):
                return kind
    return "lzma" if len(ahead) >= _LZMA_HEADER and _LZMA.match(ahead) else None
