"""The command with --checkpoint: killed from outside, stopped by signals, and refused where that cannot work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Run

FLAGS = ["--checkpoint", "progress.json", "--checkpoint-every", "1MiB", "-q"]


def files_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("events.jsonl.zst", "jobs.csv", "bad.jsonl", "report.json")}


def convert(folder: Path, *flags: str) -> list[str]:
    outputs = ["-o", "events.jsonl.zst", "-o", "jobs.csv", "--dead-letters", "bad.jsonl", "--report", "report.json"]
    return ["convert", "../big.log", *outputs, *FLAGS, *flags]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["KILL", "TERM", "INT"]
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_command_that_was_ended_goes_on_and_writes_the_same(
    number: signal.Signals, code: int, jobs: str, run: Run, tmp_path: Path
) -> None:
    assert run("generate", "--size", "24MB", "--as", "mixed", "--damage", "0.01", "-o", "big.log").code == 0
    whole, ended = tmp_path / "whole", tmp_path / "ended"
    whole.mkdir()
    ended.mkdir()
    command = [sys.executable, "-m", "stream_cb"]
    assert subprocess.run([*command, *convert(whole, "--jobs", jobs)], cwd=whole, check=False).returncode == 1
    child = subprocess.Popen([*command, *convert(ended, "--jobs", jobs)], cwd=ended)
    while child.poll() is None and b'"counts": {}' in saved(ended):
        os.sched_yield()  # to the first commit, which must come
    child.send_signal(number)
    assert child.wait(60) in (code, 1)  # 1: it was at its end already
    assert subprocess.run([*command, *convert(ended, "--jobs", jobs)], cwd=ended, check=False).returncode == 1
    assert files_of(ended) == files_of(whole)


def saved(folder: Path) -> bytes:
    try:
        return (folder / "progress.json").read_bytes()
    except FileNotFoundError:
        return b'"counts": {}'


def test_a_pipe_has_no_checkpoint(run: Run, tmp_path: Path) -> None:
    ended = run("convert", "-", "-o", "out.jsonl", *FLAGS, stdin=b"<Response/>")
    assert ended.code == 2
    assert "a pipe or a stream cannot be read again" in ended.stderr
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_a_changed_input_is_refused_with_exit_code_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.xml").write_bytes(b"<Response/>")
    assert run("convert", "in.xml", "-o", "out.jsonl", *FLAGS).code == 0
    (tmp_path / "in.xml").write_bytes(b"<Response></Response>")
    ended = run("convert", "in.xml", "-o", "out.jsonl", *FLAGS)
    assert (ended.code, ended.stderr) == (
        2,
        "stream-cb: the input in.xml has changed since the checkpoint: its length is another one\n",
    )
