"""What a record, an archive and a compressed file may cost, each with the reason for its number."""

from __future__ import annotations

import msgspec

MIB = 1 << 20
# Longer records are rare, differ, and may be over a limit on what they hold: the lanes beside the parsers leave them.
MAX_LANE_BYTES = 64 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """A record over a limit becomes a dead letter, an archive or a compressed file an input error.

    max_record_bytes: bytes of one record. The largest documented callback (5,000 pages of a DocProcess) is
        about 2 MB; 16 MiB is eight times that and still bounds the memory of a run.
    max_depth: nesting of elements, or of objects and arrays. Documented callbacks reach 10; the guards of
        libxml2 (256) and of Python (1,000) stand behind 128, so ours speaks first.
    max_elements: elements, or values of JSON, in one record. The 5,000 pages have about 60,000; each costs up to
        500 bytes when parsed, so that 200,000 stay within 100 MB.
    max_names: distinct names of elements, attributes or keys in one record. Documented callbacks have 60 at the most,
        and lxml keeps every name for the life of the process.
    max_text_bytes: bytes of one text. libxml2 refuses 10 MB, so ours speaks first.
    max_digits: characters of one number of JSON. Python reads no integer of more than 4,300 digits.
    max_dead_letter_bytes: bytes that a dead letter keeps of its record; one that is cut cannot be tried again.
    max_members: files in one archive. A year of minutes is half a million.
    max_expansion: how many times its size a compressed file or archive may hold, once it holds more than
        `expansion_floor_bytes`. Callbacks shrink to a fifteenth, the same one over and over to a 200th; deflate
        cannot pass 1,032.
    """

    max_record_bytes: int = 16 * MIB
    max_depth: int = 128
    max_elements: int = 200_000
    max_names: int = 4_096
    max_text_bytes: int = 8 * MIB
    max_digits: int = 4_300
    max_dead_letter_bytes: int = 16 * MIB
    max_members: int = 1_000_000
    max_expansion: int = 500
    expansion_floor_bytes: int = 1024 * MIB

    @property
    def are_ample(self) -> bool:
        """Whether no record of a known type of MAX_LANE_BYTES can be over one of the limits on its content."""
        return (
            self.max_depth >= 32
            and self.max_elements >= 32_768
            and self.max_names >= 1_024
            and self.max_text_bytes >= 65_536
            and self.max_digits >= 1_024
        )
