"""The command with --follow: a file that grows and is rotated, read as it comes, stopped and taken up again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CALLBACK = b"<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>j%d</JobId></JobsDetail></Response>\n"


class Following:
    """The command, following app.log in a folder, with its events on stdout."""

    def __init__(self, folder: Path, *flags: str) -> None:
        command = [sys.executable, "-W", "error", "-m", "stream_cb", "convert", "app.log", "--follow", "-q", *flags]
        self.child = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def next_job(self) -> str:
        assert self.child.stdout
        return str(json.loads(self.child.stdout.readline())["JobId"])

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, bytes]:
        self.child.send_signal(number)
        _, told = self.child.communicate(timeout=60)
        return self.child.returncode, told


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_events_come_as_the_file_grows_and_through_a_rotation(number: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(CALLBACK % 1)
    following = Following(tmp_path)
    assert following.next_job() == "j1"
    append(log, CALLBACK % 2 + (CALLBACK % 3)[:20])
    assert following.next_job() == "j2"
    append(log, (CALLBACK % 3)[20:])
    assert following.next_job() == "j3"
    log.rename(tmp_path / "app.log.1")
    append(tmp_path / "app.log.1", CALLBACK % 4)  # the writer has not noticed yet
    assert following.next_job() == "j4"
    log.write_bytes(CALLBACK % 5)
    assert following.next_job() == "j5"
    log.write_bytes(b"<Response><JobsDetail><JobId>j6</JobId></JobsDetail></Response>\n")  # cut off and begun anew
    assert following.next_job() == "j6"
    assert following.stop(number) == (0, b"")


def test_what_follows_a_stop_is_read_by_the_next_run_once(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"")
    flags = ["-o", "out.jsonl", "--checkpoint", "progress.json", "--dead-letters", "bad.jsonl"]
    jobs: list[str] = []
    for number in range(4):
        # The run is stopped in the middle of a record, which the next one reads whole.
        append(log, (CALLBACK % number)[10 if number else 0 :] + (CALLBACK % (number + 1))[:10])
        following = Following(tmp_path, *flags)
        while len(jobs) <= number:
            jobs = [json.loads(line)["JobId"] for line in lines_of(tmp_path / "out.jsonl")]
            assert following.child.poll() is None
        assert following.stop() == (0, b"")
    assert jobs == [f"j{number}" for number in range(4)]
    assert (tmp_path / "bad.jsonl").read_bytes() == b""


def test_distinct_holds_while_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(CALLBACK % 1 * 2)
    following = Following(tmp_path, "--distinct")
    assert following.next_job() == "j1"
    append(tmp_path / "app.log", CALLBACK % 1 + CALLBACK % 2)
    assert following.next_job() == "j2"
    assert following.stop() == (0, b"")


def test_too_many_dead_letters_end_the_following_and_the_next_run_goes_on_behind_them(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(CALLBACK % 1 + b"<Response><A></Response>\n" + CALLBACK % 2)
    flags = ["-o", "out.jsonl", "--checkpoint", "progress.json", "--dead-letters", "bad.jsonl"]
    following = Following(tmp_path, *flags, "--max-dead-letters", "0")
    assert following.child.wait(60) == 1
    following.stop()
    append(tmp_path / "app.log", CALLBACK % 3)
    following = Following(tmp_path, *flags)
    while len(lines_of(tmp_path / "out.jsonl")) < 3:
        assert following.child.poll() is None
    assert following.stop() == (1, b"")
    assert len(lines_of(tmp_path / "bad.jsonl")) == 1


def lines_of(path: Path) -> list[bytes]:
    """The whole lines of a file that may not be there yet."""
    found = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return [line for line in found if line.endswith(b"\n")]


def test_only_one_file_can_be_followed(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(b"")
    following = Following(tmp_path, "-")
    assert following.child.wait(60) == 2
    assert following.stop()[1] == b"stream-cb: one file can be followed, by its path\n"
