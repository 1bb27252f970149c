"""Files → splits that are each read alone, on any machine, in any order; together they give what one reading gives.

In: names of inputs, or one split. Out: splits; the blocks of one. Each record is in one split and no other, the one
that holds its first byte, and so is each dead letter. For that a split reads from an anchor (see `anchors`) a little
before its beginning, and leaves out what begins there. Where no anchor is so near, because records are long or nothing
is certain, as in an array, the split before goes on to the first one. Holds one chunk and one record, and while it
looks for an anchor about a megabyte.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import compress

import msgspec

from stream_cb.anchors import Anchor, Anchors
from stream_cb.errors import InputError, UsageError
from stream_cb.heads import Head, read_head
from stream_cb.inputs import Ranges, display_name, list_sized, open_ranges, open_sources, read_whole, size_of
from stream_cb.model import Block, Decoder, ReadOptions
from stream_cb.places import Place
from stream_cb.presumptions import Presumption
from stream_cb.readers import get_reader
from stream_cb.readers.framed import FramedReading
from stream_cb.tap import read_sources

SPLIT_BYTES = 32 << 20
# How far before its beginning a split may begin to read.
_LEAD_BYTES = 64 * 1024
# By their names, since planning opens nothing: what need not be cut, for its first split will read it whole.
_NEVER_CUT = (".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz")


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """What of a file is read at one go. Can be pickled, and holds nothing open.

    path: of a file, or the address of an object. begin, end: in bytes.
    size: of the whole file; what has been appended since is not read. step: from one split's beginning to the next.
    place: at or before `begin`, and known: between two records, in these wrappers.
    is_growing: the file may go on behind `size`, in the middle of a record.
    """

    path: str
    begin: int
    end: int
    size: int
    step: int
    place: Place = Place()
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
        msgspec.structs.replace(split, begin=begin, end=end)
        for begin, end in zip(begins, [*begins[1:], split.end], strict=True)
    ]


def read_blocks(split: Split, options: ReadOptions, decoder: Decoder | None) -> Iterator[tuple[str, Block]]:
    """The blocks of a split, and the names of their sources.

    Records are counted from where the split begins to read.

    A file that cannot be cut (compressed, an archive, of wide characters, or if the options name a path to the records
    or another reader) is read whole by its first split, and the others are empty.

    Raises InputError where the file cannot be read on, or is shorter than it was, after everything before that.
    """
    name = display_name(split.path)
    try:
        with open_ranges(split.path) as file:
            head = _cut_head(file, split.size, options)
            if head:
                for block in _Range(split, file, head, options, decoder).blocks():
                    yield name, block
                return
    except OSError as error:
        raise InputError(error.strerror or str(error), source=name) from error
    if split.begin == 0:
        sources = open_sources([split.path], limits=options.limits)
        for source, block, _ in read_sources(sources, get_reader(options.reader), options, decoder):
            yield source, block


def _cut_head(file: Ranges, size: int, options: ReadOptions) -> Head | None:
    """The head of a file that can be read in splits; None if it cannot."""
    return None if options.record_path else read_head(file, size, options)


class _Range:
    """A split of an open file, being read."""

    def __init__(self, split: Split, file: Ranges, head: Head, options: ReadOptions, decoder: Decoder | None) -> None:
        self._split = split
        self._file = file
        self._options = options
        self._decoder = decoder
        self._known = _later(head.place, split.place)
        self._anchors = Anchors(file, split.size, options, head=head, known=self._known)

    def blocks(self) -> Iterator[Block]:
        """What begins in the split."""
        split = self._split
        begin, start = self._cut(split.begin)
        if start is None:
            return
        stop, following = self._next()
        # A wrapper that is found to be not closed right at a split's beginning is told by the split before, unless
        # this is where reading was known to have come to.
        is_known = begin == split.place.offset
        place = start.place
        for block in self._read(start, begin, stop):
            if following and following.is_presumed and block.end >= following.place.offset:
                self._refuse_encodings((place, block.place), following.place.offset)
            place = block.place or place
            yield _inside(block, begin, stop, has_begin=is_known)
            if block.end > stop:
                return

    def _refuse_encodings(self, places: Sequence[Place | None], offset: int) -> None:
        """Raise InputError if there is a wrapper at a place which whoever reads from `offset` on has to know of."""
        for level in (level for place in places if place for level in place.levels):
            if level.opened_at < offset and level.encoding and level not in self._known.levels:
                told = f"the wrapper of byte {level.opened_at} is in {level.encoding}, and the first one is not"
                raise InputError(f"{told}: it has to be read in one split", source=display_name(self._split.path))

    def _cut(self, begin: int) -> tuple[int, Anchor | None]:
        """Where a split really begins that is to begin there, and from where it is read; None if it is empty."""
        place = self._split.place
        if begin - place.offset <= _LEAD_BYTES:
            return begin, Anchor(place)
        found = self._anchors.first(begin - _LEAD_BYTES, min(begin + self._split.step, self._split.size))
        return max(begin, found.place.offset if found else 0), found

    def _next(self) -> tuple[int, Anchor | None]:
        """As `_cut`, of the next split that is not empty; if there is none, behind the file."""
        split = self._split
        cuts = map(self._cut, range(split.end, split.size, split.step))
        return next((cut for cut in cuts if cut[1]), (split.size + 1, None))

    def _read(self, start: Anchor, begin: int, stop: int) -> Iterator[Block]:
        """The blocks from an anchor on to the end. begin, stop: between them what is found is wanted whole."""
        split, place = self._split, start.place
        reading = _begun(self._file, display_name(split.path), place, self._options, self._decoder)
        presumption = Presumption(self._file, self._known) if start.is_presumed else None
        covered = position = place.offset
        for chunk in _chunks(self._file, place.offset, split.size, self._options.chunk_bytes):
            position += len(chunk)
            is_inside = begin < covered and position < stop
            reading.ask_spans(wanted=self._options.with_spans or presumption is not None or not is_inside)
            block = reading.feed(chunk)
            covered = block.end
            if presumption and not presumption.is_spared(chunk, block):
                if not presumption.holds_at(place.offset):
                    yield from self._read_again(place.offset, begin, stop)
                    return
                presumption = None
            place = block.place or place
            yield block
        if self._file.size < split.size:
            raise InputError(f"has {self._file.size} bytes, and had {split.size}", source=display_name(split.path))
        if split.is_growing:
            return
        if presumption and not presumption.holds_at(place.offset):
            yield from self._read_again(place.offset, begin, stop)
        else:
            reading.ask_spans(wanted=True)
            yield reading.close()

    def _read_again(self, since: int, begin: int, stop: int) -> Iterator[Block]:
        """The blocks from `since` on, by a reading that comes from a place that is known."""
        known = self._known if self._known.offset <= since else self._split.place
        for block in self._read(Anchor(known), max(since, begin), stop):
            if block.end > since:
                yield _inside(block, since, self._split.size + 1, has_begin=True)


def _later(one: Place | None, other: Place) -> Place:
    return one if one and one.offset > other.offset else other


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


def _inside(block: Block, begin: int, stop: int, *, has_begin: bool) -> Block:
    """What of a block begins from `begin` on and before `stop`.

    What has no length is a wrapper that is found there to be not closed: at `stop`, too, and at `begin` if `has_begin`.
    """
    if begin < block.begin and block.end < stop:
        return block
    assert block.spans is not None
    are_ours = [begin <= offset < stop for offset, _ in block.spans]
    first = begin if has_begin else begin + 1
    letters = [
        begin <= offset < stop if letter.length else first <= offset <= stop
        for letter in block.dead
        for offset in [letter.offset or 0]
    ]
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
            head = _cut_head(file, size, options)
            if head is None:
                return Place(offset=size)
            known = _later(head.place, since)
            found = _last_anchor(Anchors(file, size, options, head=head, known=known), since, size)
            is_sure = not found.is_presumed or Presumption(file, known).holds_at(found.place.offset)
            place = found.place if is_sure else since
            reading = _begun(file, display_name(path), place, options, None)
            for chunk in _chunks(file, place.offset, size, options.chunk_bytes):
                place = reading.feed(chunk).place or place
            return msgspec.structs.replace(place, index=0)
    except OSError as error:
        raise InputError(error.strerror or str(error), source=display_name(path)) from error


def _last_anchor(anchors: Anchors, since: Place, size: int) -> Anchor:
    """An anchor not long before `size`, if there is one behind `since`."""
    begin = size - 2 * anchors.reach
    while begin > since.offset:
        found = anchors.first(begin, size)
        if found:
            return found
        begin -= 8 * anchors.reach
    return Anchor(since)
