"""What `bench` does where a run goes wrong; the command's tests do the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stream_cb import bench
from stream_cb.errors import InputError, WorkerError


def test_a_run_that_is_killed_is_an_error_that_names_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "_run", os._exit)  # refuses its arguments, and so ends without an answer
    with pytest.raises(WorkerError, match=r"^convert: the run was ended \(1\)$"):
        bench.time_inputs([str(tmp_path)], rounds=1, max_bytes=1)
    assert "TypeError" in capfd.readouterr().err


def test_what_no_run_could_open_is_raised(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.xml"):
        bench.time_inputs([str(tmp_path / "missing.xml")], rounds=1, max_bytes=1)


def test_each_run_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<Response><EventName>TaskFinish</EventName></Response>")
    told: list[str] = []
    bench.time_inputs([str(tmp_path)], rounds=2, max_bytes=1_000, tell=told.append)
    assert told[:2] == ["which lane takes what", "round 1 of 2: convert"]
    assert told[-1] == "round 2 of 2: read"
    assert "round 2 of 2: ijson" not in told  # it was refused in round 1
