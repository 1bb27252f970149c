"""A run with a checkpoint that was killed anywhere, any number of times, writes what one that was not killed writes."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from stream_cb import ReadOptions, Report, RunOptions, WriteOptions, convert, parallel
from stream_cb.errors import CheckpointError, SinkError, UsageError
from stream_cb.generate import generate
from tests.killing import is_killed_at

# Calls after each of which the process is killed once, in its turn.
CALLS = ["write", "fsync", "replace", "ftruncate", "open"]


def make_inputs(folder: Path, kind: str) -> list[str]:
    """Some files of about 60 KB each, all of one kind."""
    folder.mkdir()
    logs = {
        "a.log": b"".join(generate(layout="mixed", count=25, seed=1, damage_rate=0.1)),
        "b.xml": b"".join(generate(layout="xml-batch", count=25, seed=2, damage_rate=0.1)),
        "c.json": b"".join(generate(layout="json-array", count=30, seed=3)),
    }
    packs: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "zst": zstandard.compress,
    }
    if kind == "tar":
        with tarfile.open(folder / "logs.tar.gz", "w:gz") as archive:
            for name, log in logs.items():
                member = tarfile.TarInfo(name)
                member.size = len(log)
                archive.addfile(member, io.BytesIO(log))
        (folder / "z.log").write_bytes(logs["a.log"])
        return [str(folder)]
    for name, log in logs.items():
        (folder / name).write_bytes(packs[kind](log) if kind in packs else log)
    return [str(folder), str(folder / "missing")]


def command(
    inputs: list[str], folder: Path, suffix: str = "", jobs: int = 1, max_dead_letters: int | None = None
) -> Callable[[], Report]:
    """A run that commits every few records."""
    folder.mkdir(exist_ok=True)
    write = WriteOptions(
        outputs=(str(folder / f"events.jsonl{suffix}"), str(folder / f"jobs.csv{suffix}")),
        dead_letters=str(folder / "bad.jsonl"),
        report=str(folder / "report.json"),
        checkpoint=str(folder / "progress.json"),
        commit_bytes=20_000,
    )
    options = RunOptions(jobs=jobs, read=ReadOptions(chunk_bytes=7_000), max_dead_letters=max_dead_letters)
    return lambda: convert(inputs, options, write)


def found_in(folder: Path) -> dict[str, Any]:
    """All that a run has written; of the report what does not name this folder."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "progress.json"}
    report = msgspec.json.decode(files.pop("report.json"))
    report["outputs"] = list(report["outputs"].values())
    return files | {"report": report}


def kill_everywhere(run: Callable[[], Report], *, most: int) -> int:
    """Kill the run, which goes on from its checkpoint each time, at ever later calls; how often it was killed."""
    killed = 0
    for number in range(1, most):
        for call in CALLS:
            if is_killed_at(run, call, number):
                killed += 1
            else:
                return killed
    return killed


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", ["plain", "gz", "zst", "tar"])
def test_killed_anywhere_and_finished_it_writes_the_same(kind: str, suffix: str, tmp_path: Path) -> None:
    inputs = make_inputs(tmp_path / "in", kind)
    command(inputs, tmp_path / "whole", suffix)()
    again = command(inputs, tmp_path / "killed", suffix)
    assert kill_everywhere(again, most=4) > 5
    again()
    assert found_in(tmp_path / "killed") == found_in(tmp_path / "whole")


@pytest.mark.long
@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", ["plain", "gz", "bz2", "zst", "tar"])
def test_killed_at_each_call_alone_and_finished_it_writes_the_same(kind: str, suffix: str, tmp_path: Path) -> None:
    inputs = make_inputs(tmp_path / "in", kind)
    command(inputs, tmp_path / "whole", suffix)()
    whole = found_in(tmp_path / "whole")
    killed = 0
    for call in CALLS:
        for number in itertools.count(1):
            folder = tmp_path / f"{call}{number}"
            run = command(inputs, folder, suffix)
            if not is_killed_at(run, call, number):
                break
            killed += 1
            run()
            assert found_in(folder) == whole
    assert killed > 40


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("kind", ["plain", "gz", "tar"])
def test_killed_with_workers_and_finished_it_writes_the_same(
    kind: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "GUESS_BYTES", 15_000)
    inputs = make_inputs(tmp_path / "in", kind)
    command(inputs, tmp_path / "alone")()
    command(inputs, tmp_path / "whole", suffix, jobs=2)()
    again = command(inputs, tmp_path / "killed", suffix, jobs=2)
    assert kill_everywhere(again, most=4) > 3
    again()
    assert found_in(tmp_path / "killed") == found_in(tmp_path / "whole")
    if not suffix:
        whole = found_in(tmp_path / "whole")
        assert whole == found_in(tmp_path / "alone")


def test_a_finished_run_started_again_does_nothing(tmp_path: Path) -> None:
    run = command(make_inputs(tmp_path / "in", "plain"), tmp_path / "out")
    first = run()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert msgspec.structs.replace(run(), elapsed_seconds=first.elapsed_seconds) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == times


def half_done(tmp_path: Path) -> Callable[[], Report]:
    run = command(make_inputs(tmp_path / "in", "plain"), tmp_path / "out")
    assert is_killed_at(run, "replace", 4)
    return run


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: (folder / "in/a.log").write_bytes(b"{}"), r"the input .*a.log has changed .* length"),
        (lambda folder: overwrite(folder / "in/a.log", 100), r"the input .*a.log has changed .* content"),
        (lambda folder: (folder / "in/a.log").unlink(), r"the input .*a.log cannot be read any more"),
        (lambda folder: (folder / "out/events.jsonl").unlink(), r"the output .*events.jsonl cannot be read any more"),
        (lambda folder: (folder / "out/jobs.csv").write_bytes(b"x"), r".*jobs.csv has 1 bytes, and \d+ had been"),
        (lambda folder: overwrite(folder / "out/jobs.csv", 10), r"the output .*jobs.csv has changed .* content"),
        (lambda folder: (folder / "out/progress.json").write_bytes(b"{"), r".*progress.json is no checkpoint"),
        (lambda folder: make_old(folder / "out/progress.json"), r".*progress.json is of version 0, this is 1"),
    ],
)
def test_what_has_changed_is_refused_and_named(change: Callable[[Path], Any], reason: str, tmp_path: Path) -> None:
    run = half_done(tmp_path)
    change(tmp_path)
    with pytest.raises(CheckpointError, match=reason) as raised:
        run()
    assert raised.value.exit_code == 2


def make_old(checkpoint: Path) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b'"version": 1', b'"version": 0'))


def test_progress_that_cannot_be_saved_ends_the_run_and_is_named(tmp_path: Path) -> None:
    run = command(make_inputs(tmp_path / "in", "plain"), tmp_path / "out")
    (tmp_path / "out/.progress.json.part").mkdir()
    with pytest.raises(CheckpointError, match=r"the checkpoint .*progress.json cannot be saved: Is a directory"):
        run()


def test_inputs_that_cannot_be_read_are_told_again_by_the_run_that_goes_on(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    run = command([str(tmp_path / "in/missing"), *make_inputs(tmp_path / "logs", "plain")], tmp_path / "out")
    assert is_killed_at(run, "replace", 4)
    assert [error.split(": ")[1] for error in run().input_errors] == ["No such file or directory"] * 2


def test_an_input_that_disappears_while_it_is_read_is_missed_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = command(make_inputs(tmp_path / "in", "plain"), tmp_path / "out")
    write = os.write

    def failing(descriptor: int, chunk: bytes) -> int:
        (tmp_path / "in/a.log").unlink(missing_ok=True)
        if (tmp_path / "out/events.jsonl").stat().st_size > 40_000:
            raise KeyboardInterrupt
        return write(descriptor, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing)
        with pytest.raises(KeyboardInterrupt):
            run()
    with pytest.raises(CheckpointError, match=r"the inputs are not the files, in their order, that they were"):
        run()


@pytest.mark.parametrize("name", ["a.a", "a.z"])
def test_a_file_that_came_before_the_one_that_was_read_is_refused_and_one_behind_it_is_read(
    name: str, tmp_path: Path
) -> None:
    """The files up to the one that was read are those of the checkpoint; what follows may have come since."""
    run = half_done(tmp_path)
    (tmp_path / "in" / name).write_bytes(b"<Response></Response>")
    if name < "a.log":
        with pytest.raises(CheckpointError, match="the inputs are not the files"):
            run()
    else:
        assert run().sources == 4


def overwrite(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"#")


def test_a_run_that_stopped_at_its_limit_is_finished_by_one_with_another(tmp_path: Path) -> None:
    inputs = make_inputs(tmp_path / "in", "plain")
    command(inputs, tmp_path / "whole")()
    for limit in (0, 1, 2, 3):
        assert command(inputs, tmp_path / "out", max_dead_letters=limit)().stopped
    command(inputs, tmp_path / "out")()
    assert found_in(tmp_path / "out") == found_in(tmp_path / "whole")


def test_another_command_is_refused(tmp_path: Path) -> None:
    half_done(tmp_path)
    write = WriteOptions(outputs=(str(tmp_path / "other.jsonl"),), checkpoint=str(tmp_path / "out/progress.json"))
    with pytest.raises(CheckpointError, match="of another command"):
        convert([str(tmp_path / "in")], RunOptions(), write)


@pytest.mark.parametrize(
    ("inputs", "outputs", "options"),
    [
        (["-"], ["out.jsonl"], RunOptions()),
        (["in"], ["-"], RunOptions()),
        (["in"], ["/dev/null"], RunOptions()),
        (["in"], ["out.jsonl"], RunOptions(distinct=True)),
        ([io.BytesIO()], ["out.jsonl"], RunOptions()),
    ],
)
def test_what_cannot_be_taken_up_again_is_refused(
    inputs: list[Any], outputs: list[str], options: RunOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="checkpoint"):
        convert(inputs, options, WriteOptions(outputs=tuple(outputs), to="jsonl", checkpoint="progress.json"))
    assert not Path("progress.json").exists()


def test_an_output_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    inputs = make_inputs(tmp_path / "in", "plain")
    run = command(inputs, tmp_path / "out")
    (tmp_path / "out/jobs.csv").write_bytes(b"mine")
    with pytest.raises(UsageError, match="exists"):
        run()
    assert (tmp_path / "out/jobs.csv").read_bytes() == b"mine"


@pytest.mark.parametrize("error", [OSError(28, os.strerror(28)), KeyboardInterrupt(), SystemExit(143)])
def test_an_error_or_a_signal_leaves_files_as_of_the_last_commit(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = make_inputs(tmp_path / "in", "plain")
    command(inputs, tmp_path / "whole")()
    run = command(inputs, tmp_path / "out")
    counter = itertools.count(1)
    write = os.write

    def failing(descriptor: int, chunk: bytes) -> int:
        if next(counter) == 7:
            raise error
        return write(descriptor, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing)
        with pytest.raises(SinkError if isinstance(error, OSError) else type(error)):
            run()
    saved = msgspec.json.decode((tmp_path / "out/progress.json").read_bytes())
    for name, state in saved["outputs"].items():
        assert Path(name).stat().st_size == state["length"]
    run()
    assert found_in(tmp_path / "out") == found_in(tmp_path / "whole")
