"""Files → splits that are each read alone, on any machine, in any order; together they give what one reading gives.

In: names of inputs, or one split. Out: splits; the blocks of one. Each record is in one split and no other, and so is
each dead letter. A split reads from the first anchor (see `anchors`) at or behind its beginning to the first one at or
behind its end: a record belongs to the split that holds its first byte, except that those before a split's first
anchor belong to the one before. Where nothing is certain, as in an array, splits are empty and the one before goes on.
Holds one chunk and one record, and while it looks for anchors about a megabyte.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import compress

import msgspec

from stream_cb.anchors import Anchors
from stream_cb.errors import InputError, UsageError
from stream_cb.framing import wide_encoding
from stream_cb.inputs import Ranges, display_name, is_plain, list_sized, open_ranges, open_sources, read_whole, size_of
from stream_cb.model import Block, Decoder, ReadOptions
from stream_cb.places import Place
from stream_cb.readers import get_reader
from stream_cb.readers.framed import FramedReading
from stream_cb.tap import read_sources

SPLIT_BYTES = 32 << 20
_HEAD_BYTES = 256 * 1024
# By their names, since planning opens nothing: what need not be cut, for its first split will read it whole.
_NEVER_CUT = (".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz")


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """What of a file is read at one go. Can be pickled, and holds nothing open.

    path: of a file, or the address of an object. begin, end: in bytes.
    size: of the whole file; what has been appended since is not read. step: from one split's beginning to the next.
    place: where the first record begins for certain; None: it is looked for from `begin` on.
    is_growing: the file may go on behind `size`, in the middle of a record.
    """

    path: str
    begin: int
    end: int
    size: int
    step: int
    place: Place | None = None
    is_growing: bool = False


def plan_splits(inputs: str | os.PathLike[str] | Sequence[str], split_bytes: int = SPLIT_BYTES) -> list[Split]:
    """The splits of all files that the inputs stand for, in their order. Opens none of them.

    Args:
        inputs: a path, folder, pattern or address, or several.
        split_bytes: size of a split. A file that its name says to be compressed or an archive is one split.

    Raises:
        InputError: an input is not there.
        UsageError: a split has no size.
    """
    if split_bytes < 1:
        raise UsageError("a split has at least one byte")
    given = [inputs] if isinstance(inputs, (str, os.PathLike)) else inputs
    splits: list[Split] = []
    for name in given:
        for listed in list_sized(os.fsdecode(name)):
            if isinstance(listed, InputError):
                raise listed
            size = size_of(listed)
            splits += cut(Split(path=listed.path, begin=0, end=size, size=size, step=split_bytes))
    return splits


def cut(split: Split) -> list[Split]:
    """The split in pieces of its step."""
    is_whole = split.path.lower().endswith(_NEVER_CUT)
    begins = [split.begin] if is_whole else list(range(split.begin, split.end, split.step)) or [split.begin]
    return [
        msgspec.structs.replace(split, begin=begin, end=end, place=split.place if begin == split.begin else None)
        for begin, end in zip(begins, [*begins[1:], split.end], strict=True)
    ]


def read_blocks(split: Split, options: ReadOptions, decoder: Decoder | None) -> Iterator[tuple[str, Block]]:
    """The blocks of a split, with spans, and the names of their sources. Records are counted from 0 in each split.

    A file that cannot be cut (compressed, an archive, of wide characters, or if the options name a path to the records
    or another reader) is read whole by its first split, and the others are empty.

    Raises InputError where the file cannot be read on, or is shorter than it was, after everything before that.
    """
    options = msgspec.structs.replace(options, with_spans=True)
    name = display_name(split.path)
    try:
        with open_ranges(split.path) as file:
            head = file.read_at(0, min(_HEAD_BYTES, split.size) or 1)
            if can_cut(head, options):
                anchors = Anchors(file, head, split.size, options)
                for block in _read_range(split, file, anchors, options, decoder):
                    yield name, block
                return
    except OSError as error:
        raise InputError(error.strerror or str(error), source=name) from error
    if split.begin == 0:
        sources = open_sources([split.path], limits=options.limits)
        for source, block, _ in read_sources(sources, get_reader(options.reader), options, decoder):
            yield source, block


def can_cut(head: bytes, options: ReadOptions) -> bool:
    """Whether a file that begins so can be read in splits."""
    is_plain_text = is_plain(head) and not wide_encoding(head)
    return is_plain_text and options.reader == "framed" and not options.record_path


def _read_range(
    split: Split, file: Ranges, anchors: Anchors, options: ReadOptions, decoder: Decoder | None
) -> Iterator[Block]:
    begin = split.place or (anchors.first(split.begin, split.end) if split.begin else Place())
    if begin is None:
        return
    stop = _stop(split, anchors)
    reading = _begun(file, display_name(split.path), begin, options, decoder)
    for chunk in _chunks(file, begin.offset, split.size, options.chunk_bytes):
        block = reading.feed(chunk)
        if stop is not None and block.end > stop:
            yield _before(block, stop)
            return
        yield block
    if file.size < split.size:
        raise InputError(f"has {file.size} bytes, and had {split.size}", source=display_name(split.path))
    if not split.is_growing:
        block = reading.close()
        yield _before(block, split.size if stop is None else stop)


def _stop(split: Split, anchors: Anchors) -> int | None:
    """Where the next split begins to read that is not empty; None if there is none."""
    for begin in range(split.end, split.size, split.step):
        found = anchors.first(begin, min(begin + split.step, split.size))
        if found:
            return found.offset
    return None


def _begun(file: Ranges, source: str, place: Place, options: ReadOptions, decoder: Decoder | None) -> FramedReading:
    before = file.read_at(place.offset - 1, 1) if place.offset else b""
    return FramedReading(source, options, decoder, place=msgspec.structs.replace(place, index=0), before=before)


def _chunks(file: Ranges, begin: int, end: int, step: int) -> Iterator[bytes]:
    """The bytes from `begin` to `end`, cut where a reading from the beginning cuts them.

    So that it gives up the same long records.
    """
    position = begin
    while position < end and (chunk := read_whole(file, position, min(step - position % step, end - position))):
        position += len(chunk)
        yield chunk


def _before(block: Block, stop: int) -> Block:
    """What of a block begins before `stop`, or is a wrapper that is found there to be not closed."""
    assert block.spans is not None
    are_ours = [offset < stop for offset, _ in block.spans]
    letters = [letter.offset is None or letter.offset < stop or not letter.length for letter in block.dead]
    letters = [ours and (letter.offset or 0) <= stop for ours, letter in zip(letters, block.dead, strict=True)]
    return msgspec.structs.replace(
        block,
        results=list(compress(block.results, are_ours)),
        spans=list(compress(block.spans, are_ours)),
        dead=list(compress(block.dead, letters)),
        places=[sum(are_ours[:place]) for place in compress(block.places, letters)],
    )


def safe_end(path: str, size: int, options: ReadOptions = ReadOptions()) -> int:  # noqa: B008  (frozen)
    """The end of the last complete record in the first `size` bytes of a file that grows; 0 if there is none.

    Reads from the last anchor before `size`, if one is near, else from the beginning. Raises InputError.
    """
    return safe_place(path, size, Place(), options).offset


def safe_place(path: str, size: int, since: Place, options: ReadOptions) -> Place:
    """As `safe_end`, with the wrappers around that place. since: a place before it that is known.

    A file that cannot be cut is complete as it is: the answer is its size.
    """
    try:
        with open_ranges(path) as file:
            head = file.read_at(0, min(_HEAD_BYTES, size))
            if not can_cut(head, options):
                return Place(offset=size)
            place = _last_anchor(Anchors(file, head, size, options), since, size)
            reading = _begun(file, display_name(path), place, options, None)
            for chunk in _chunks(file, place.offset, size, options.chunk_bytes):
                place = reading.feed(chunk).place or place
            return msgspec.structs.replace(place, index=0)
    except OSError as error:
        raise InputError(error.strerror or str(error), source=display_name(path)) from error


def _last_anchor(anchors: Anchors, since: Place, size: int) -> Place:
    """An anchor not long before `size`, if there is one behind `since`."""
    begin = size - 2 * anchors.reach
    while begin > since.offset:
        found = anchors.first(begin, size)
        if found:
            return found
        begin -= 8 * anchors.reach
    return since
