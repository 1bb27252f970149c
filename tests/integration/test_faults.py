"""Inputs that change under a run: what was there comes out, the rest is told, and the balance holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stream_cb import ReadOptions, Report, RunOptions, WriteOptions, convert, parallel
from stream_cb.errors import InputError
from stream_cb.guesses import plan_guesses
from stream_cb.inputs import size_of
from stream_cb.model import DeadLetter

BAD = b"<Response><a></Response>\n"
GOOD = b"<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>j%05d</JobId></JobsDetail></Response>\n"


class AtTheFirstDeadLetter:
    """An observer that does something once."""

    def __init__(self, act: Any) -> None:
        self._act = act

    def dead_letter(self, _letter: DeadLetter, /) -> None:
        act, self._act = self._act, lambda: None
        act()

    def input_error(self, error: InputError, /) -> None: ...
    def progress(self, *_: Any) -> None: ...


def run_over(inputs: list[Path], folder: Path, *, jobs: int = 1, observer: Any = None) -> tuple[Report, bytes]:
    write = WriteOptions(outputs=(str(folder / "events.jsonl"),), dead_letters=str(folder / "bad.jsonl"), force=True)
    options = RunOptions(jobs=jobs, read=ReadOptions(chunk_bytes=4_096))
    report = convert(list(inputs), options, write, observer=observer)
    return report, (folder / "events.jsonl").read_bytes()


@pytest.mark.parametrize("left", [0, 400_000, 400_050])
def test_a_file_that_shrinks_while_it_is_read_ends_where_it_ends_now(left: int, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(BAD + b"".join(GOOD % number for number in range(5_000)))
    size = log.stat().st_size

    def shrink() -> None:
        with log.open("r+b") as file:
            file.truncate(left)

    report, events = run_over([log], tmp_path, observer=AtTheFirstDeadLetter(shrink))
    assert not report.problems
    assert left <= report.bytes_read < size  # what had been read ahead counts
    assert 0 < events.count(b"\n") == report.events < 5_000
    assert events.startswith(b'{"EventName":"TaskFinish","JobId":"j00000"')


def test_a_file_that_shrinks_between_its_plan_and_its_reading_ends_where_it_ends_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(GOOD % number for number in range(500)))

    def planned(path: Any, *arguments: Any, **options: Any) -> Any:
        splits = list(plan_guesses(path, *arguments, **options))
        with log.open("r+b") as file:
            file.truncate(len(GOOD % 0) * 130 + 7)
        return splits

    monkeypatch.setattr(parallel, "GUESS_BYTES", 5_000)
    monkeypatch.setattr(parallel, "plan_guesses", planned)
    report, events = run_over([log], tmp_path, jobs=2)
    assert not report.problems
    assert (report.events, report.dead_letters) == (130, 1)
    assert events.count(b"\n") == 130


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_disappears_before_its_turn_is_an_input_error_and_the_others_are_read(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in (("a", BAD + GOOD % 1), ("b", GOOD % 2), ("c", GOOD % 3)):
        (folder / name).write_bytes(content)

    def asked(file: Any) -> int:
        (folder / "b").unlink(missing_ok=True)
        return size_of(file)

    monkeypatch.setattr(parallel, "size_of", asked)
    observer = AtTheFirstDeadLetter((folder / "b").unlink) if jobs == 1 else None
    report, events = run_over([folder], tmp_path, jobs=jobs, observer=observer)
    assert report.input_errors == [f"{folder}/b: No such file or directory"]
    assert [b"j%05d" % number in events for number in (1, 2, 3)] == [True, False, True]
    assert not report.problems
