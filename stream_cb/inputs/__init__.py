"""What the user named → named binary streams.

In: paths, folders, patterns, addresses of objects, "-" and open streams. Out: a Source for each file, or an InputError
in its place. Content decides what is inflated and unpacked, never a name. Invariant: at most one input is open at a
time, nothing is unpacked whole, and every input ends in the bytes it has or in an error that tells why not.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from typing import IO, TypeAlias, cast

import msgspec

from stream_cb.errors import InputError, UsageError
from stream_cb.inputs.compression import INFLATERS, inflate
from stream_cb.inputs.expansion import Expansion
from stream_cb.inputs.listing import display_name, is_path, is_special, list_files, list_sized, size_of
from stream_cb.inputs.magic import Kind, is_undecided, kind_of
from stream_cb.inputs.object_listing import Listed
from stream_cb.inputs.piece_stream import PieceStream
from stream_cb.inputs.ranges import Ranges, open_ranges, read_whole
from stream_cb.inputs.raw_file import RawFile, open_raw, reason_of
from stream_cb.inputs.tar_archive import tar_members
from stream_cb.inputs.zip_archive import spool_zip, zip_members
from stream_cb.limits import Limits
from stream_cb.model import ByteStream
from stream_cb.storage import check_addresses

__all__ = [
    "Listed",
    "Ranges",
    "RawFile",
    "Source",
    "display_name",
    "is_path",
    "is_plain",
    "is_special",
    "list_files",
    "list_sized",
    "open_ranges",
    "open_raw",
    "open_sources",
    "read_whole",
    "size_of",
]

Input: TypeAlias = str | os.PathLike[str] | IO[bytes]

_USUAL = Limits()
# A file compressed twice by mistake is common, four times over is not; a forged one inflates to itself for ever.
_MAX_LAYERS = 4


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of bytes, inflated, open until the next source is asked for.

    name: as the user wrote it or as it was found; "logs.tar.gz!2022/a.xml" for a member; "<stdin>"; "<stream>".
    stream: `read(n)` raises InputError where the bytes end too early, after all before were delivered.
    size: bytes of the file or object, compressed; None for a pipe or a member.
    is_pipe: its bytes come from a pipe, and may be slow to come.
    position: raw bytes of the underlying file consumed so far, what was read ahead included.
    """

    name: str
    stream: ByteStream
    size: int | None
    is_pipe: bool
    position: Callable[[], int]


# To be closed by whoever does not take all of them.
Sources: TypeAlias = Generator[Source | InputError, None, None]


def open_sources(inputs: Sequence[Input], *, limits: Limits = _USUAL) -> Sources:
    """Open one source after another, in order, each when it is reached.

    Args:
        inputs: paths, folders (all regular files in them, hidden ones left out, in the bytewise order of their paths),
            patterns (`*`, `**`), all of these in object storage too (`s3://…`), "-" for standard input, and binary
            streams. A stream handed in stays open, at an undefined position; what is opened here is closed when the
            next source is asked for, or with the iterator.
        limits: on the members of an archive, and on what a compressed file holds.

    Yields:
        A Source, or, in the place of what cannot be opened or has not one readable byte, an InputError with its name.
        The iteration goes on after it; only a damaged tar archive, or one around it, ends with the damage.

    Raises:
        UsageError: an input is neither a path nor a binary stream, or an address that may hold a secret; nothing was
            opened. While iterating: a package or a setting is missing for an address.
    """
    if isinstance(inputs, (str, bytes, os.PathLike)):
        raise UsageError("inputs are a list of paths and streams, not a single one")
    for given in inputs:
        if isinstance(given, io.TextIOBase):
            raise UsageError("a stream that is handed in must be binary, not text")
        if not isinstance(given, (str, os.PathLike)) and not hasattr(given, "read"):
            raise UsageError(f"an input is a path or a binary stream, not {type(given).__name__}")
        check_addresses(given)
    return _open_each(inputs, limits)


def is_plain(head: bytes) -> bool:
    """Whether a file that begins so, with some hundred bytes at least, is text and no archive or compressed file."""
    return kind_of(head, is_all_of_a_file=False) == "plain"


def _open_each(inputs: Sequence[Input], limits: Limits) -> Sources:
    for given in inputs:
        if given == "-":
            yield from _open_stdin(limits)
        elif isinstance(given, (str, os.PathLike)):
            for path in list_files(os.fsdecode(given)):
                yield from _open_path(path, limits) if isinstance(path, str) else (path,)
        else:
            name = getattr(given, "name", None)  # a number for a stream made of a descriptor
            yield from _sources(RawFile(given), display_name(name) if isinstance(name, str) else "<stream>", limits)


def _open_stdin(limits: Limits) -> Iterator[Source | InputError]:
    stdin = getattr(sys.stdin, "buffer", None)
    if stdin is None:
        yield InputError("standard input is closed", source="<stdin>")
    else:
        yield from _sources(RawFile(cast("IO[bytes]", stdin), is_pipe=True), "<stdin>", limits)


def _open_path(path: str, limits: Limits) -> Iterator[Source | InputError]:
    """Yield the sources of one file, and close it."""
    name = display_name(path)
    try:
        raw = open_raw(path)
    except InputError as error:
        error.source = name
        yield error
        return
    with raw.file:
        yield from _sources(raw, name, limits)


def _sources(raw: RawFile, name: str, limits: Limits) -> Iterator[Source | InputError]:
    """Yield the file's content as a source, or one source for each member if it is an archive."""
    size = raw.size
    expansion = Expansion(limits, raw.position if size is None else lambda: size)
    outer = PieceStream(raw.pieces(), name)
    with ExitStack() as stack:
        try:
            stream, kind = _peel(outer, name, expansion, may_be_cut=True)
            stack.callback(stream.close)
            if kind == "tar":
                members = tar_members(stream)
            elif kind == "zip":
                members = zip_members(raw if stream is outer and not raw.is_pipe else _spooled(stream, stack))
            else:
                yield Source(name=name, stream=stream, size=raw.size, is_pipe=raw.is_pipe, position=raw.position)
                return
        except InputError as error:
            yield _named(error, name)
            return
        yield from _member_sources(members, raw, name, expansion, limits.max_members)


def _member_sources(
    members: Iterator[tuple[str, Iterator[bytes]]], raw: RawFile, archive: str, expansion: Expansion, max_members: int
) -> Iterator[Source | InputError]:
    """Yield a source for each member; damage of the archive ends it, told once: from a member's read, or as a value."""
    is_empty = True
    told: InputError | None = None
    try:
        for count, (member, pieces) in enumerate(members):
            if count == max_members:
                raise InputError(f"archive holds more files than max_members ({max_members})")
            is_empty = False
            name = f"{archive}!{member}"
            outer = PieceStream(expansion.bounded(pieces), name)
            try:
                stream, kind = _peel(outer, name, expansion, may_be_cut=False)
            except InputError as error:
                told = error
                yield error
                continue
            if kind in ("tar", "zip"):
                yield InputError("archive inside an archive is not opened", source=name)
                continue
            try:
                yield Source(name=name, stream=stream, size=None, is_pipe=raw.is_pipe, position=raw.position)
            finally:
                stream.close()
            told = stream.raised
    except InputError as error:
        if not _is_behind(error, told):
            yield _named(error, archive)
        return
    if is_empty:
        yield InputError("archive holds no files", source=archive)


def _peel(stream: PieceStream, name: str, expansion: Expansion, *, may_be_cut: bool) -> tuple[PieceStream, Kind]:
    """Take off compression until there is none; the stream and what it holds.

    Args:
        may_be_cut: it is a file, which can have been cut anywhere; a member that ends has ended where it should.

    Raises:
        InputError: there is damage and not one byte before it, or too many layers.
    """
    for layer in range(_MAX_LAYERS + 1):
        ahead = stream.peek(is_undecided)
        if not ahead:
            stream.check()
        kind = kind_of(ahead, is_all_of_a_file=stream.ended and layer == 0 and may_be_cut)
        if kind not in INFLATERS:
            return stream, kind
        stream = PieceStream(expansion.bounded(inflate(kind, stream)), name)
    raise InputError(f"compressed more than {_MAX_LAYERS} times over", source=name)


def _spooled(stream: PieceStream, stack: ExitStack) -> RawFile:
    """The bytes of a zip archive that cannot seek, in a temporary file that goes with the stack."""
    import tempfile

    try:
        spool = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack is its context
    except OSError as error:
        raise InputError(f"zip archive cannot be spooled to a temporary file: {reason_of(error)}") from error
    spool_zip(stream, spool)
    return RawFile(spool, is_pipe=False)


def _is_behind(error: InputError, told: BaseException | None) -> bool:
    """True if what was told of a member is this error of the archive, perhaps under the member's name."""
    while told and told is not error:
        told = told.__cause__
    return told is error


def _named(error: InputError, name: str) -> InputError:
    """The error under this name, for those from below that know none."""
    if error.source is None:
        error.source = name
    return error
