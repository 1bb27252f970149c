"""Inputs into outputs in one pass: `convert`. The command calls the same function."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import msgspec

from stream_cb.api import Input, listed
from stream_cb.errors import UsageError
from stream_cb.inputs import is_path, is_special, list_files, open_sources
from stream_cb.model import Output, Report, Sink
from stream_cb.pipeline import Observer, RunOptions, run, run_files
from stream_cb.sinks import names_folder, open_output, open_sink
from stream_cb.storage import as_path, check_addresses, is_address
from stream_cb.tally import Tally
from stream_cb.writing import WriteOptions, check_outputs

if TYPE_CHECKING:
    from stream_cb.resume import SavedProgress
    from stream_cb.sinks.dead_letters import DeadLetterSink


_RUN = RunOptions()
_WRITE = WriteOptions()


def convert(  # noqa: PLR0913  (what a run can be given)
    inputs: Input | Sequence[Input],
    options: RunOptions = _RUN,
    write: WriteOptions = _WRITE,
    *,
    observer: Observer | None = None,
    stdout: BinaryIO | None = None,
    stop: Event | None = None,
) -> Report:
    """Read the inputs into the outputs in one pass, and tell what happened to every record.

    Files appear under their names when the run is over, whole; a run that raises leaves none of them. An input that
    cannot be read to its end does not end the run: it is in the report.

    Args:
        inputs: as in `read_records`. options: how they are read. write: where the events go.
        observer: told of dead letters, input errors and progress as they come.
        stdout: stands for "-" in the outputs; stays open.
        stop: ends a run that follows its input, when it is set.

    Raises:
        UsageError: impossible options, or a file that exists without `force`; nothing was read.
        SinkError: an output refused.
        CheckpointError: the progress that was saved does not fit; nothing was read or written.
    """
    check_addresses(*listed(inputs), *_targets(write), write.report, write.checkpoint)
    write = _with_paths(write)
    formats = check_outputs(write, options)
    if options.follow and not _can_be_followed(listed(inputs)):
        raise UsageError("one file can be followed, by its path")
    shape = msgspec.structs.replace(write.sink, schema=options.schema)
    progress = _progress(listed(inputs), options, write)
    if progress and progress.is_finished:
        return _finished(progress, write)
    with ExitStack() as stack:
        sinks: list[Sink] = []
        for target, to in zip(write.outputs, formats, strict=True):
            keep = progress.kept_bytes(target) if progress else None
            sink = open_sink(target, to=to, options=shape, force=write.force, keep=keep, stdout=stdout)
            stack.callback(sink.abort)
            sinks.append(sink)
        keep = progress.kept_bytes(write.dead_letters or "") if progress else None
        letters = _open(stack, write.dead_letters, force=write.force, keep=keep) if write.dead_letters else None
        keep = 0 if progress else None
        report = _open(stack, write.report, force=write.force, keep=keep) if write.report else None
        letter_sink = _letter_sink(letters) if letters else None
        written: list[Sink | Output] = [*sinks, letters] if letters else [*sinks]
        if progress:
            progress.outputs = tuple(written)
        tally = _run(
            listed(inputs), sinks, options, letters=letter_sink, observer=observer, progress=progress, stop=stop
        )
        if options.read.record_path and tally.bytes_read and not (tally.records or tally.input_errors):
            raise UsageError(f"nothing was found at the path {'/'.join(options.read.record_path)}")
        is_over = progress and not (options.follow or tally.stopped)
        outputs = progress.finish() if progress and is_over else {output.name: output.commit() for output in written}
        done = tally.report(outputs)
        if report:
            report.write(_as_text(done, is_resumable=progress is not None))
            written.append(report)
        # Objects first: what goes over a network is likelier to be refused, and then no file has appeared either.
        for output in sorted(written, key=lambda output: not is_address(output.name)):
            output.close()
        return done


def _run(  # noqa: PLR0913  (all that a run is made of)
    inputs: Sequence[Input],
    sinks: Sequence[Sink],
    options: RunOptions,
    *,
    letters: DeadLetterSink | None,
    observer: Observer | None,
    progress: SavedProgress | None,
    stop: Event | None,
) -> Tally:
    """The run in this process alone, or with others where that was asked for and is possible."""
    if options.follow:
        from stream_cb.following import run_followed

        path = os.fsdecode(cast("str", inputs[0]))
        stop = stop or Event()
        return run_followed(path, stop, sinks, options, letters=letters, observer=observer, progress=progress)
    if options.from_dead_letters:
        from stream_cb.retry import run_letters

        with closing(open_sources(inputs, limits=options.read.limits)) as sources:
            return run_letters(sources, sinks, options, letters=letters, observer=observer)
    if options.jobs > 1:
        from stream_cb.parallel import can_share, run_shared

        if can_share(inputs, sinks, options):
            paths = cast("Sequence[str | os.PathLike[str]]", inputs)
            return run_shared(paths, sinks, options, letters=letters, observer=observer, progress=progress)
    if progress:
        return run_files(progress.files, sinks, options, progress, letters=letters, observer=observer)
    with closing(open_sources(inputs, limits=options.read.limits)) as sources:
        return run(sources, sinks, options, letters=letters, observer=observer)


def _can_be_followed(inputs: Sequence[Input]) -> bool:
    """Whether it is one file, which may not be there yet."""
    first = inputs[0] if len(inputs) == 1 else "-"
    return is_path(first) and not (is_address(first) or is_special(first) or Path(first).is_dir())


def _progress(inputs: Sequence[Input], options: RunOptions, write: WriteOptions) -> SavedProgress | None:
    """What an earlier run has saved, if this one is to be resumable; refuses what cannot be."""
    if write.checkpoint is None:
        return None
    from stream_cb.checkpoint import digest_of
    from stream_cb.resume import SavedProgress

    paths = [os.fsdecode(given) for given in inputs if is_path(given)]
    if len(paths) < len(inputs):
        raise UsageError("a pipe or a stream cannot be read again, so a run that reads one has no checkpoint")
    for path in [*paths, *_targets(write)]:
        if path == "-" or is_special(path):
            raise UsageError(f"{path} is no file that can be taken up again, so the run can have no checkpoint")
    single = [target for target in write.outputs if not names_folder(target, write.sink)]
    if any(is_address(path) for path in (*single, write.dead_letters, write.report, write.checkpoint)):
        raise UsageError("an object cannot be gone on with, so a run that writes one has no checkpoint")
    if options.distinct:
        raise UsageError("what has come before is not saved, so --distinct and a checkpoint do not go together")
    schema = f"{options.schema.__module__}:{options.schema.__qualname__}" if options.schema else None
    shown = [options.read, options.untyped, schema, options.strict, options.jobs, options.follow]
    command = digest_of([paths, *shown, write.outputs, write.to, write.sink, write.dead_letters, write.commit_bytes])
    files = paths if options.follow else list(chain.from_iterable(map(list_files, paths)))
    progress = SavedProgress(
        write.checkpoint,
        command,
        files,
        every_bytes=write.commit_bytes,
        strict=options.strict,
        follow=options.follow,
    )
    if progress.is_new:
        taken = [target for target in (*_targets(write), write.report) if target and _exists(target)]
        if taken and not write.force:
            raise UsageError(f"{taken[0]} exists; --force overwrites it")
        progress.begin(_targets(write))
    return progress


def _finished(progress: SavedProgress, write: WriteOptions) -> Report:
    """The report of a run that has come to its end; it may have been killed before that was written."""
    done = progress.tally.report({name: progress.kept_bytes(name) for name in _targets(write)})
    done = msgspec.structs.replace(done, elapsed_seconds=0.0)
    text = _as_text(done, is_resumable=True)
    if write.report and not (Path(write.report).exists() and Path(write.report).read_bytes() == text):
        output = open_output(write.report, keep=0)
        output.write(text)
        output.close()
    return done


def _targets(write: WriteOptions) -> list[str]:
    return [*write.outputs, write.dead_letters] if write.dead_letters else list(write.outputs)


def _exists(target: str) -> bool:
    """Whether there is anything under that name, a path or the address of a folder."""
    if not is_address(target):
        return Path(target).exists()
    from stream_cb.sinks.object_folders import is_taken

    return is_taken(target)


def _with_paths(write: WriteOptions) -> WriteOptions:
    """The same with paths in the place of file:// addresses."""
    letters, report = (name and as_path(name) for name in (write.dead_letters, write.report))
    outputs = tuple(as_path(name) for name in write.outputs)
    return msgspec.structs.replace(write, outputs=outputs, dead_letters=letters, report=report)


def _as_text(report: Report, *, is_resumable: bool) -> bytes:
    """The report as JSON; without the time it took where that would be of the last of several runs."""
    shown: dict[str, Any] = msgspec.to_builtins(report)
    if is_resumable:
        del shown["elapsed_seconds"]
    return msgspec.json.format(msgspec.json.encode(shown)) + b"\n"


def _open(stack: ExitStack, target: str, *, force: bool, keep: int | None = None) -> Output:
    output = open_output(target, force=force, keep=keep)
    stack.callback(output.abort)
    return output


def _letter_sink(output: Output) -> DeadLetterSink:
    from stream_cb.sinks.dead_letters import DeadLetterSink

    return DeadLetterSink(output)
