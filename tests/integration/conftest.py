"""The real command in processes of its own: run to the end, or talked to while it lives; and logs for it to read.

Every run is watched for what no run may ever do: show a traceback, or leave an unfinished file behind.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest

from stream_cb.generate import Part, generate_parts
from tests.object_storage import environment_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COMMAND = [sys.executable, "-W", "error", "-m", "stream_cb"]
# Only a guard: what is waited for here takes a fraction of a second.
GUARD_SECONDS = 60


class Ended(NamedTuple):
    """What a run leaves: its exit code, what it wrote to stdout, and what it told on stderr."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines of stdout."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def job_ids(self) -> list[str]:
        return [event["JobId"] for event in self.events]

    @property
    def told(self) -> list[str]:
        """The lines of stderr."""
        return self.stderr.splitlines()


class Log(NamedTuple):
    """A file of synthetic callbacks, one job each."""

    path: Path
    parts: list[Part]

    @property
    def raw(self) -> bytes:
        return b"".join(part.raw for part in self.parts)

    @property
    def records(self) -> list[bytes]:
        """The bytes of each record, of good and of damaged ones."""
        return [part.raw for part in self.parts if part.callback]

    @property
    def job_ids(self) -> list[str]:
        """Those of the good records."""
        return [part.callback["JobsDetail"][0]["JobId"] for part in self.parts if part.callback and not part.damage]


class Run(Protocol):
    def __call__(self, *args: str | Path, stdin: bytes = b"", stdout: int | IO[bytes] = ...) -> Ended: ...


class MakeLog(Protocol):
    def __call__(
        self, name: str = ..., *, layout: str = ..., count: int = ..., seed: int = ..., damage_rate: float = ...
    ) -> Log: ...


class Live:
    """A run that goes on while the test talks to it. Its stdin and stdout are pipes, or what was given."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.process = process
        self._folder = folder
        self._read = b""

    def write(self, raw: bytes) -> None:
        """Into its stdin, which stays open."""
        assert self.process.stdin
        self.process.stdin.write(raw)

    def read_line(self) -> bytes:
        """The next line of its stdout, as soon as it is there."""
        assert self.process.stdout
        until = monotonic() + GUARD_SECONDS
        while b"\n" not in self._read:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - monotonic()))
            assert ready, f"no line came; so far: {self._read!r}"
            more = os.read(self.process.stdout.fileno(), 65_536)
            assert more, f"stdout ended without a line: {self._read!r}"
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line

    def end(self) -> Ended:
        """Close its stdin, and wait for its end. stdout is what `read_line` has left."""
        stdout, stderr = self.process.communicate(timeout=GUARD_SECONDS)
        ended = Ended(self.process.returncode, self._read + (stdout or b""), (stderr or b"").decode())
        watch(ended, self._folder)
        return ended


class Start(Protocol):
    def __call__(self, *args: str | Path, stdin: int | IO[bytes] = ..., stdout: int | IO[bytes] = ...) -> Live: ...


def watch(ended: Ended, folder: Path) -> None:
    """What holds after any run."""
    assert "Traceback" not in ended.stderr
    assert not list(folder.rglob(".*.part")), "an unfinished file was left behind"


@pytest.fixture
def environment() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C.UTF-8", "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Runs the command to its end, in the test's folder."""

    def run_command(*args: str | Path, stdin: bytes = b"", stdout: int | IO[bytes] = subprocess.PIPE) -> Ended:
        completed = subprocess.run(
            [*COMMAND, *map(str, args)],
            input=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment,
            timeout=GUARD_SECONDS,
            check=False,
        )
        ended = Ended(completed.returncode, completed.stdout or b"", completed.stderr.decode())
        watch(ended, tmp_path)
        return ended

    return run_command


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Starts the command in the test's folder; whatever still lives when the test is over is killed."""
    running: list[subprocess.Popen[bytes]] = []
    # Started in the background of a script, the tests ignore Ctrl-C, and so would every process they start.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start_command(
        *args: str | Path, stdin: int | IO[bytes] = subprocess.PIPE, stdout: int | IO[bytes] = subprocess.PIPE
    ) -> Live:
        process = subprocess.Popen(
            [*COMMAND, *map(str, args)],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=tmp_path,
            env=environment,
        )
        running.append(process)
        return Live(process, tmp_path)

    yield start_command
    signal.signal(signal.SIGINT, handler)
    for process in running:
        process.kill()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()
        process.wait()


@pytest.fixture
def make_log(tmp_path: Path) -> MakeLog:
    """Writes a log of one job a callback, so that a good record is one event with one JobId."""

    def make(
        name: str = "a.xml", *, layout: str = "xml", count: int = 5, seed: int = 0, damage_rate: float = 0.0
    ) -> Log:
        parts = list(
            generate_parts(layout=layout, count=count, seed=seed, damage_rate=damage_rate, tags=["StreamExtract"])
        )
        log = Log(tmp_path / name, parts)
        log.path.parent.mkdir(parents=True, exist_ok=True)
        log.path.write_bytes(log.raw)
        return log

    return make


@pytest.fixture
def read_lines(tmp_path: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Reads a file of JSON Lines in the test's folder."""
    return lambda name: [json.loads(line) for line in (tmp_path / name).read_bytes().splitlines()]


@pytest.fixture
def read_report(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """Reads a report, and checks that it balances."""

    def read(name: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((tmp_path / name).read_bytes())
        assert report["records"] == report["event_records"] + report["dead_letters"]
        if not report["stopped"]:
            assert report["bytes_read"] == report["record_bytes"] + report["dead_bytes"] + report["between_bytes"]
        return report

    return read


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, storage_server: tuple[int, Any]) -> Iterator[SparkSession]:
    """Spark, in whose processes addresses lead to the storage. Fails, and does not skip, where there is no Java."""
    from tests.spark_cluster import cluster

    with cluster(tmp_path_factory.mktemp("spark"), environment_of(storage_server[0])) as session:
        yield session
