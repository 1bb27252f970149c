"""Output formats by name: which sink writes what the user named, and where.

A row of `SINKS` is a name and where its factory lives; it is imported when it is used, and so are the compressors.
Other packages add rows by entry points of the group `stream_cb.sinks`, whose names serve as file suffixes as well:
`avro = "their_package:AvroSink"` writes `events.avro`. A factory is called as `factory(output, options)`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

from stream_cb.errors import SinkError, UsageError
from stream_cb.storage import as_path, check_addresses, is_address

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from stream_cb.model import Output, Sink, SinkFactory, SinkOptions
    from stream_cb.sinks.compressors import Compression

__all__ = [
    "COLUMNAR",
    "SINKS",
    "choose_sink",
    "load_sink",
    "names_folder",
    "open_output",
    "open_sink",
    "sink_names",
]

GROUP = "stream_cb.sinks"

SINKS: Mapping[str, str] = MappingProxyType(
    {
        "jsonl": "stream_cb.sinks.jsonl:JsonlSink",
        "csv": "stream_cb.sinks.csv_rows:CsvSink",
        "parquet": "stream_cb.sinks.column_files:ParquetSink",
        "arrow": "stream_cb.sinks.column_files:ArrowSink",
    }
)

# Files of columns: compressed inside, never continued, and the only ones of which there can be a folder.
COLUMNAR = frozenset({"parquet", "arrow"})

_SUFFIXES = MappingProxyType(
    {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".parquet": "parquet", ".arrow": "arrow"}
)
_COMPRESSIONS: Mapping[str, Compression] = MappingProxyType({".gz": "gz", ".zst": "zst"})
_NOT_WRITTEN = (".bz2", ".xz", ".lzma", ".zip")


def sink_names() -> list[str]:
    """The names of all output formats, sorted: the rows of `SINKS` and the plug-ins installed (looked up each time)."""
    return sorted({*SINKS, *_plug_ins()})


def load_sink(name: str) -> SinkFactory:
    """Import the factory of the output format `name`.

    Raises:
        UsageError: there is no such format, or it is a plug-in that does not load; nothing was opened.
    """
    if name in SINKS:
        module, _, attribute = SINKS[name].partition(":")
        built_in: SinkFactory = getattr(import_module(module), attribute)
        return built_in
    plug_in = _plug_ins().get(name)
    if plug_in is None:
        raise UsageError(f"there is no output format {name!r}; known: {', '.join(sink_names())}")
    try:
        factory = plug_in.load()
    except Exception as error:
        raise UsageError(f"the output format {name!r} ({plug_in.value}) does not load: {error}") from error
    if not callable(factory):
        raise UsageError(f"the output format {name!r} ({plug_in.value}) is not callable")
    chosen: SinkFactory = factory
    return chosen


def choose_sink(path: str | os.PathLike[str]) -> tuple[str, Compression | None]:
    """The output format and the compression that a file's name asks for: "events.csv.gz" is ("csv", "gz").

    Upper and lower case are the same. The file need not exist.

    Raises:
        UsageError: the suffix is none of those known, which the message lists.
    """
    check_addresses(path)
    stem, compression = _split_compression(path)
    suffix = stem.suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix], compression
    plug_ins = _plug_ins()
    if suffix[1:] in plug_ins:
        return suffix[1:], compression
    plain = [suffix for suffix in _SUFFIXES if _SUFFIXES[suffix] not in COLUMNAR]
    known = " ".join([*plain, *(f".{name}" for name in sorted(plug_ins))])
    asked = f"the suffix {suffix!r} names no output format" if suffix else "a name without a suffix names no format"
    raise UsageError(
        f"{os.fspath(path)}: {asked}; known: {known}, each also with .gz or .zst; .parquet .arrow; --to names one"
    )


def open_sink(  # noqa: PLR0913  (all that is said of one output)
    target: str,
    *,
    to: str | None,
    options: SinkOptions,
    force: bool = False,
    keep: int | None = None,
    stdout: BinaryIO | None = None,
) -> Sink:
    """Open an output and the sink that writes it; the caller ends it with `close` or `abort`.

    Args:
        target: a path, an address, or "-" for stdout; a compressing suffix counts even when `to` is given.
        to: an output format; None takes the path's suffix, and "jsonl" for stdout.
        options: passed to the sink; with `partition_by`, or a target that ends in a slash, it is a folder of files.
        force: replace a file that exists. keep: see `FileOutput`.
        stdout: the binary stream behind "-", never closed; None is `sys.stdout.buffer`.

    Raises:
        UsageError: no such format, no such option for it, or the target exists; nothing was left behind.
        SinkError: the target cannot be written; nothing was left behind.
    """
    if target == "-":
        return _start(load_sink(to or "jsonl"), _open_stdout(stdout), options)
    name, compression = choose_sink(target) if to is None else (to, _split_compression(target)[1])
    if compression and name in COLUMNAR:
        raise UsageError(f"{target}: {name} is compressed inside; leave off .{compression}")
    if names_folder(target, options):
        return _open_folder(target, name, options, force=force, keep=keep)
    factory = load_sink(name)
    return _start(factory, _open_named(target, compression, force=force, keep=keep), options)


def names_folder(target: str, options: SinkOptions) -> bool:
    """Whether an output is a folder of files: its name ends in a slash, or its rows are partitioned."""
    return target != "-" and (target.endswith(os.sep) or bool(options.partition_by))


def _open_folder(target: str, format: str, options: SinkOptions, *, force: bool, keep: int | None) -> Sink:
    if format not in COLUMNAR:
        raise UsageError(f"{target}: only Parquet and Arrow are written as a folder of files, not {format}")
    from stream_cb.sinks.column_folders import ColumnFolderSink, Folder

    folder: Folder
    if is_address(target):
        from stream_cb.sinks.object_folders import ObjectFolder

        folder = ObjectFolder(target, format, force=force, keep=keep)
    else:
        from stream_cb.sinks.output_folders import OutputFolder

        folder = OutputFolder(as_path(target), format, force=force, keep=keep)
    try:
        return ColumnFolderSink(folder, options, format)
    except BaseException:
        folder.abort()
        raise


def open_output(target: str, *, force: bool = False, keep: int | None = None, stdout: BinaryIO | None = None) -> Output:
    """Open where bytes go, without a format: a path or address, compressed by a suffix .gz or .zst, or "-" for stdout.

    keep: see `FileOutput`.

    Raises UsageError if the file exists and `force` is not given, SinkError if it cannot be written.
    """
    if target == "-":
        return _open_stdout(stdout)
    check_addresses(target)
    if PurePath(target).suffix.lower() in _NOT_WRITTEN:
        raise UsageError(f"{target}: this compression is read, not written; known: .gz .zst")
    return _open_named(target, _split_compression(target)[1], force=force, keep=keep)


def _open_named(target: str, compression: Compression | None, *, force: bool, keep: int | None) -> Output:
    """Open a file, or an object in storage."""
    if is_address(target):
        from stream_cb.sinks.object_output import ObjectOutput

        return ObjectOutput(target, compression=compression, force=force)
    from stream_cb.sinks.outputs import FileOutput

    return FileOutput(as_path(target), compression=compression, force=force, keep=keep)


def _open_stdout(stdout: BinaryIO | None) -> Output:
    import sys

    from stream_cb.sinks.outputs import StdoutOutput

    if stdout is None:
        if sys.stdout is None:
            raise SinkError("standard output is closed", source="stdout")
        stdout = sys.stdout.buffer
    return StdoutOutput(stdout)


def _start(factory: SinkFactory, output: Output, options: SinkOptions) -> Sink:
    try:
        return factory(output, options)
    except BaseException:
        output.abort()
        raise


def _split_compression(path: str | os.PathLike[str]) -> tuple[PurePath, Compression | None]:
    stem = PurePath(path)
    compression = _COMPRESSIONS.get(stem.suffix.lower())
    return (stem.with_suffix(""), compression) if compression else (stem, None)


def _plug_ins() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {plug_in.name: plug_in for plug_in in entry_points(group=GROUP) if plug_in.name not in SINKS}
