"""A run that several processes share writes what one process writes, byte for byte."""

from __future__ import annotations

import copy
import gzip
import os
import signal
import threading
from itertools import chain
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stream_cb import ReadOptions, Report, RunOptions, WriteOptions, convert, parallel, parts, workers
from stream_cb.errors import WorkerError
from stream_cb.events import Notes
from stream_cb.generate import LAYOUTS, generate
from stream_cb.pipeline import make_decoder

NAMES = ["events.jsonl", "jobs.csv", "bad.jsonl"]


class Keep:
    """Hands nothing over but the last result."""

    def lay(self, encoded: bytes, /) -> bytes:
        return encoded

    def over(self, _done: parts.Done, /) -> None:
        raise AssertionError


class InlineWorkers:
    """Workers that are this very process; what they have made passes through a copy, as through a pipe."""

    def __init__(self, setup: Any, count: int) -> None:
        self.count = count
        self._setup = setup
        self._notes = Notes(strict=setup.options.strict)
        self._decoder = make_decoder(setup.options, self._notes, setup.selection)

    def __enter__(self) -> InlineWorkers:
        return self

    def __exit__(self, *_: object) -> None: ...

    def add(self, part: parts.Part, *, at_once: bool = False) -> None: ...

    def result(self, part: parts.Part) -> parts.Done:
        done = copy.deepcopy(parts.read_part(part, self._setup, self._decoder, self._notes, Keep()))
        self._notes.clear()
        return done


def outputs_of(inputs: list[Path], folder: Path, jobs: int, **read: Any) -> tuple[list[bytes], Report]:
    """The bytes of all outputs, and the report."""
    folder.mkdir(exist_ok=True)
    write = WriteOptions(
        outputs=(str(folder / NAMES[0]), str(folder / NAMES[1])), dead_letters=str(folder / NAMES[2]), force=True
    )
    report = convert(list(inputs), RunOptions(jobs=jobs, read=ReadOptions(**read)), write)
    assert not report.problems
    return [(folder / name).read_bytes() for name in NAMES], msgspec.structs.replace(
        report, elapsed_seconds=0.0, outputs={}
    )


ODD = {
    "two batches": b"".join(
        [b"<Responses>", *[b"<Response><n>%d</n></Response>\n" % n for n in range(30)], b"</Responses>\n"] * 4
    ),
    "in a section": b"\n".join(
        b"<Response><n>%d</n><![CDATA[\n<Response>in</Response>\n<?xml version='1.0'?>\n<Response/>]]></Response>" % n
        for n in range(60)
    ),
    "in a string": b"\n".join(
        b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%d","Message":"},{\\"EventName\\":\\"TaskFinish\\""}}' % n
        for n in range(60)
    ),
    "an array and more": b"["
    + b",\n".join(b'{"EventName":"x","n":[{"EventName":"TaskFinish"}]}' for _ in range(60))
    + b"]\n"
    + b'{"a":1}\n' * 60,
    "one long record": b"<Response><a>" + b"x" * 3_000 + b"</a></Response>" + b"<Response/>" * 50,
    "declared": b'<?xml version="1.0" encoding="UTF-8"?>\n<Response><a>1</a></Response>\n' * 60,
    "cut": b"<Response><a>1</a></Response>\n" * 60 + b"<Response><a>",
    "never closed": b"<Responses>" + b"<Response><a>1</a></Response>\n" * 60,
    "junk": b"<Response><a>1</a></Response>\n" * 20 + b"junk < { [\n" * 100 + b"<Response><a>1</a></Response>\n" * 20,
    "wide": ('<?xml version="1.0"?>' + "<Response><a>1</a></Response>\n" * 60).encode("utf-16"),
    "empty": b"",
}


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(parallel, "Workers", InlineWorkers)
    return monkeypatch


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    seed=st.integers(0, 99),
    split_bytes=st.integers(1_000, 20_000),
    chunk_bytes=st.integers(300, 5_000),
    damage_rate=st.sampled_from([0, 0, 0.1, 0.5]),
)
# An array whose first records are damaged, and cut behind them.
@example(layout="json-array", seed=38, split_bytes=1_000, chunk_bytes=300, damage_rate=0.1)
def test_any_cut_gives_the_same(  # noqa: PLR0917  (drawn by name)
    layout: str,
    seed: int,
    split_bytes: int,
    chunk_bytes: int,
    damage_rate: float,
    inline: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(generate(layout=layout, count=25, seed=seed, damage_rate=damage_rate)))
    alone = outputs_of([log], tmp_path / "alone", 1)
    inline.setattr(parallel, "GUESS_BYTES", split_bytes)
    assert outputs_of([log], tmp_path / "shared", 3, chunk_bytes=chunk_bytes) == alone


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("split_bytes", [100, 333, 1_000])
def test_any_cut_of_an_odd_file_gives_the_same(
    name: str, split_bytes: int, inline: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_bytes(ODD[name])
    alone = outputs_of([log], tmp_path / "alone", 1)
    inline.setattr(parallel, "GUESS_BYTES", split_bytes)
    assert outputs_of([log, log], tmp_path / "shared", 3, chunk_bytes=100) == outputs_of(
        [log, log], tmp_path / "alone", 1
    )
    assert outputs_of([log], tmp_path / "shared", 3, chunk_bytes=1_000) == alone


def some_files(folder: Path) -> list[Path]:
    """A folder of small files, a large one, a damaged one, a compressed one, and one that is not there."""
    small = folder / "small"
    small.mkdir()
    for number in range(30):
        (small / f"{number:02}.xml").write_bytes(b"".join(generate(layout="xml", count=3, seed=number)))
    large = folder / "large.log"
    large.write_bytes(b"".join(generate(layout="mixed", count=300, seed=5, damage_rate=0.05)))
    cut = folder / "cut.json.gz"
    cut.write_bytes(gzip.compress(b"".join(generate(layout="ndjson", count=200, seed=6)))[:5_000])
    return [small, large, cut, folder / "missing.xml", large]


@pytest.mark.parametrize("has_threads", [False, True], ids=["forked", "spawned"])
def test_workers_give_the_same_as_one_process(
    has_threads: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = some_files(tmp_path)
    alone = outputs_of(files, tmp_path / "alone", 1)
    assert len(alone[1].input_errors) == 2
    monkeypatch.setattr(parallel, "GUESS_BYTES", 30_000)
    asked = threading.Event()
    thread = threading.Thread(target=asked.wait)
    if has_threads:
        thread.start()
    try:
        assert outputs_of(files, tmp_path / "shared", 2) == alone
    finally:
        asked.set()
        if has_threads:
            thread.join()


def test_an_output_too_large_for_the_shared_memory_comes_by_the_pipe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = some_files(tmp_path)
    alone = outputs_of(files, tmp_path / "alone", 1)
    monkeypatch.setattr(workers, "_REGION_BYTES", 4_096)
    assert outputs_of(files, tmp_path / "shared", 2) == alone


def test_a_file_that_cannot_be_cut_comes_in_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that no worker holds what a compressed file has in it; each piece waits until the one before was taken."""
    files = some_files(tmp_path)
    whole = tmp_path / "whole.log.gz"
    whole.write_bytes(gzip.compress(b"".join(generate(layout="mixed", count=400, seed=9, damage_rate=0.05))))
    files += [whole, whole]
    alone = outputs_of(files, tmp_path / "alone", 1)
    held: list[int] = []
    receive = workers.Workers._receive

    def received(self: workers.Workers, connection: Any) -> None:
        receive(self, connection)
        held.append(0)
        for part, done in self._results.items():
            encoded = [list(pieces) for pieces in done.encoded]
            held[-1] += len(b"".join(cast("list[bytes]", chain.from_iterable(encoded))))
            self._results[part] = done._replace(encoded=encoded)

    monkeypatch.setattr(workers.Workers, "_receive", received)
    monkeypatch.setattr(parts, "GUESS_BYTES", 20_000)
    assert outputs_of(files, tmp_path / "shared", 2, chunk_bytes=5_000) == alone
    assert len(held) > 50
    assert max(held) < 200_000


@pytest.mark.parametrize(
    "options", [RunOptions(jobs=2, distinct=True), RunOptions(jobs=2, max_dead_letters=1)], ids=["distinct", "limit"]
)
def test_what_needs_everything_in_one_place_is_done_there(
    options: RunOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr(parallel, "Workers")
    (tmp_path / "log").write_bytes(b"<Response/>\n" * 3)
    assert convert([tmp_path / "log"], options, WriteOptions(outputs=(str(tmp_path / "out.jsonl"),))).records == 3


def test_a_killed_worker_is_an_error_that_names_the_split(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(generate(layout="xml", count=100, seed=1)))
    monkeypatch.setattr(parallel, "GUESS_BYTES", 30_000)

    def die(part: parts.Part, *rest: Any, **more: Any) -> parts.Done:
        if part.guess and part.guess.begin == 60_000:
            os.kill(os.getpid(), signal.SIGKILL)
        return read_part(part, *rest, **more)

    read_part = parts.read_part
    monkeypatch.setattr(workers, "read_part", die)
    with pytest.raises(WorkerError) as raised:
        outputs_of([log], tmp_path / "out", 2)
    assert str(raised.value) == f"{log}, from byte 60000 to byte 90000: the worker was ended (-9)"
    assert raised.value.exit_code == 4
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_that_breaks_off_in_a_split_is_told_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"<Response><a>1</a></Response>\n" * 1_000)
    monkeypatch.setattr(parallel, "GUESS_BYTES", 5_000)
    monkeypatch.setattr(parallel, "Workers", InlineWorkers)
    pread = os.pread

    def broken(descriptor: int, size: int, offset: int) -> bytes:
        if offset and offset + size > 12_000:  # its head is looked at before there are splits
            raise OSError(5, os.strerror(5))
        return pread(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", broken)
    (lines, _, _), report = outputs_of([log], tmp_path / "out", 2, chunk_bytes=1_000)
    assert report.input_errors == [f"{log}: Input/output error"]
    assert 300 < lines.count(b"\n") == report.events <= 400
