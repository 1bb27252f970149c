"""stream → records. READERS names the ways to read; a reader is imported when it is used.

Every reader gives the same payloads for the same callbacks, in input order, and never closes the stream.
"""

from __future__ import annotations

from importlib import import_module

from stream_cb.errors import UsageError
from stream_cb.model import Reader

# name → where the reader is. "framed" reads every layout; the other two read one document, or one array, with one
# parser from its first byte to its last.
READERS = {
    "framed": "stream_cb.readers.framed:read_framed",
    "iterparse": "stream_cb.readers.iterparse:read_iterparse",
    "ijson": "stream_cb.readers.ijson_items:read_ijson",
}


def get_reader(name: str) -> Reader:
    """The reader of that name. Raises UsageError for a name that is not in READERS."""
    if name not in READERS:
        raise UsageError(f"no reader {name!r}; there are {', '.join(READERS)}")
    module, _, function = READERS[name].partition(":")
    reader: Reader = getattr(import_module(module), function)
    return reader
