"""Where the events of a run go, as it can be asked for; refuses what cannot be meant before anything is opened."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from stream_cb.errors import UsageError
from stream_cb.model import SinkOptions
from stream_cb.pipeline import RunOptions
from stream_cb.sinks import COLUMNAR, choose_sink, names_folder
from stream_cb.storage import is_address


class WriteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where the events of a run go.

    outputs: paths or addresses, whose suffix chooses the format and the compression, or "-" for stdout. A path that
        ends in a slash is a folder of numbered files.
    to: the format of stdout, and of files whose names tell none. force: overwrite files that exist.
    dead_letters, report: paths of the dead letters (JSON Lines) and of the report (JSON).
    checkpoint: path where progress is saved, so that the same run goes on from there when it is started again. The
        outputs are then written under their own names from the beginning. commit_bytes: of input between two saves.
    """

    outputs: tuple[str, ...] = ("-",)
    to: str | None = None
    sink: SinkOptions = SinkOptions()
    force: bool = False
    dead_letters: str | None = None
    report: str | None = None
    checkpoint: str | None = None
    commit_bytes: int = 64 << 20


def check_outputs(write: WriteOptions, options: RunOptions) -> list[str]:
    """The format of each output. Raises UsageError for what the options cannot mean together."""
    formats = [_format_of(target, write.to) for target in write.outputs]
    _check_places(write)
    if (write.sink.columns or write.sink.explode) and set(formats) <= {"jsonl"}:
        raise UsageError("columns and explode shape a table, and no output is one; JSON Lines hold whole events")
    _check_columnar(write, formats, options)
    if options.from_dead_letters and write.checkpoint:
        raise UsageError("dead letters are read in one go, without a checkpoint")
    if options.follow and options.read.reader != "framed":
        raise UsageError("a file that grows is read by the framed reader only")
    if options.untyped and options.schema:
        raise UsageError("untyped records have no schema")
    if options.untyped and "csv" in formats and not write.sink.columns:
        raise UsageError("a table of untyped records needs columns")
    return formats


def _format_of(target: str, to: str | None) -> str:
    """The format of an output: by its name, else by `to`."""
    if target == "-":
        return to or "jsonl"
    try:
        return choose_sink(target)[0]
    except UsageError:
        if to is None:
            raise
        return to


def _check_places(write: WriteOptions) -> None:
    """Refuse two outputs in one place."""
    targets = [target for target in (*write.outputs, write.dead_letters, write.report) if target is not None]
    places = [
        target.rstrip("/") if is_address(target) or target == "-" else os.path.realpath(target) for target in targets
    ]
    twice = [place for place in places if places.count(place) > 1]
    if any(
        place == "-" or Path(place).is_file() or Path(place).is_dir() or not Path(place).exists() for place in twice
    ):
        raise UsageError(f"two outputs would go to {twice[0]}")


def _check_columnar(write: WriteOptions, formats: Sequence[str], options: RunOptions) -> None:
    """Refuse what files of columns cannot do."""
    columnar = [target for target, format in zip(write.outputs, formats, strict=True) if format in COLUMNAR]
    if write.sink.partition_by and len(columnar) < len(formats):
        raise UsageError("rows are partitioned into folders of Parquet or Arrow files, and another output is asked for")
    if write.sink.partition_by and "-" in write.outputs:
        raise UsageError("standard output is no folder, so rows cannot be partitioned there")
    if columnar and options.untyped:
        raise UsageError("untyped records have no types that columns could be made of")
    files = [target for target in columnar if not names_folder(target, write.sink)]
    if files and write.checkpoint:
        raise UsageError(
            f"{files[0]}: a file of columns cannot be continued behind its footer; "
            "with a checkpoint, name a folder of files by a slash at its end"
        )
