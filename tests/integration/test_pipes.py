"""In a pipe: an event is there as soon as its callback is, Ctrl-C and a reader that leaves end the run quietly."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from stream_cb.generate import to_json, to_pretty_json, to_pretty_xml, to_xml

if TYPE_CHECKING:
    from tests.integration.conftest import MakeLog, Run, Start

CALLBACK = {"EventName": "TaskFinish", "JobsDetail": [{"JobId": "j1", "Tag": "StreamExtract", "State": "Success"}]}
LINE = b'{"EventName":"TaskFinish","JobId":"j1","Tag":"StreamExtract","State":"Success"}'


@pytest.fixture
def left_pipe() -> Iterator[int]:
    """The writing end of a pipe whose reader has left."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize(
    "raw",
    [
        to_xml(CALLBACK),
        to_xml(CALLBACK) + b"\n",
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + to_pretty_xml(CALLBACK) + b"\n",
        b"<Responses>\n" + to_xml(CALLBACK),
        to_json(CALLBACK),
        to_json(CALLBACK) + b"\n",
        to_pretty_json(CALLBACK),
        b"[\n" + to_json(CALLBACK),
    ],
    ids=["xml", "xml line", "pretty xml", "xml batch", "json", "json line", "pretty json", "json array"],
)
def test_an_event_is_shown_as_soon_as_its_callback_is_complete(start: Start, raw: bytes) -> None:
    live = start("convert", "-")
    live.write(raw)
    assert live.read_line() == LINE
    live.process.kill()


@pytest.mark.parametrize("raw", [to_xml(CALLBACK), to_json(CALLBACK)], ids=["xml", "json"])
def test_each_event_is_shown_before_the_next_callback_is_sent(start: Start, raw: bytes) -> None:
    live = start("convert")
    for _ in range(3):
        live.write(raw + b"\n")
        assert live.read_line() == LINE
    ended = live.end()
    assert ended.code == 0
    assert ended.stdout == b""
    assert ended.told[-1].startswith("3 records: 3 events")


@pytest.mark.parametrize(
    ("reader", "raw"), [("iterparse", b"<Responses>" + to_xml(CALLBACK)), ("ijson", to_json(CALLBACK))]
)
def test_the_other_readers_show_events_as_they_come_too(start: Start, reader: str, raw: bytes) -> None:
    live = start("convert", "--reader", reader)
    live.write(raw)
    assert live.read_line() == LINE
    live.process.kill()


def test_the_rows_of_a_table_are_shown_as_they_come_too(start: Start) -> None:
    live = start("convert", "--to", "csv", "--columns", "JobId,State")
    live.write(to_xml(CALLBACK))
    assert live.read_line() == b"JobId,State"
    assert live.read_line() == b"j1,Success"
    live.process.kill()


def test_a_fifo_is_read_like_a_pipe(start: Start, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    live = start("convert", "fifo", stdin=subprocess.DEVNULL)
    with (tmp_path / "fifo").open("wb", buffering=0) as fifo:
        fifo.write(to_xml(CALLBACK))
        assert live.read_line() == LINE
    assert live.end().code == 0


def test_a_dead_letter_is_told_as_soon_as_it_is_known(start: Start) -> None:
    live = start("convert")
    live.write(b"<Response><a></b></Response>\n" + to_xml(CALLBACK))
    assert live.read_line() == LINE
    assert live.process.stderr
    assert live.process.stderr.readline().startswith(b"dead letter: <stdin>: record 0 at byte 0: ")
    assert live.end().code == 1


def test_ctrl_c_ends_the_run_quietly_and_leaves_no_file(start: Start, tmp_path: Path) -> None:
    live = start("convert", "-", "-o", "-", "-o", "e.jsonl", "-o", "e.csv.gz", "--dead-letters", "bad.jsonl")
    live.write(to_xml(CALLBACK))
    live.read_line()
    live.process.send_signal(signal.SIGINT)
    ended = live.end()
    assert ended.code == 130
    assert ended.stderr.lstrip() == "stream-cb: interrupted\n", "on a terminal, ^C stands on the line before"
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_keeps_the_file_that_was_to_be_replaced(start: Start, tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_bytes(b"before")
    live = start("convert", "-o", "-", "-o", "e.jsonl", "--force")
    live.write(to_xml(CALLBACK))
    live.read_line()
    live.process.send_signal(signal.SIGINT)
    assert live.end().code == 130
    assert (tmp_path / "e.jsonl").read_bytes() == b"before"


def test_a_kill_leaves_no_half_file_under_the_name_and_does_not_hinder_the_next_run(
    start: Start, run: Run, make_log: MakeLog, tmp_path: Path
) -> None:
    log = make_log()
    live = start("convert", "-o", "-", "-o", "e.jsonl")
    live.write(to_xml(CALLBACK))
    live.read_line()
    live.process.kill()
    live.process.wait()
    assert not (tmp_path / "e.jsonl").exists()
    for unfinished in tmp_path.glob(".e.jsonl.*.part"):
        unfinished.rename(tmp_path / "unfinished")  # nobody could have removed it
    assert run("convert", log.path, "-o", "e.jsonl").code == 0
    assert run("convert", "e.jsonl").job_ids == log.job_ids


def test_a_termination_leaves_no_file(start: Start, tmp_path: Path) -> None:
    live = start("convert", "-o", "-", "-o", "e.jsonl")
    live.write(to_xml(CALLBACK))
    live.read_line()
    live.process.terminate()
    assert live.end().code in (-signal.SIGTERM, 128 + signal.SIGTERM)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args", [("convert", "big.jsonl"), ("generate", "--size", "3MB")], ids=["convert", "generate"])
def test_a_reader_that_leaves_early_ends_the_run_in_silence(
    start: Start, make_log: MakeLog, args: tuple[str, ...]
) -> None:
    make_log("big.jsonl", layout="ndjson", count=1_500)
    live = start(*args)
    assert live.read_line()
    assert live.process.stdout
    live.process.stdout.close()
    assert live.process.stderr
    told = live.process.stderr.read()
    assert (live.process.wait(), told) == (141, b"")


@pytest.mark.parametrize(
    "args",
    [("convert", "a.xml"), ("generate", "--count", "1"), ("--version",), ("--help",)],
    ids=["convert", "generate", "version", "help"],
)
def test_a_reader_that_has_left_before_ends_the_run_in_silence(
    run: Run, make_log: MakeLog, left_pipe: int, args: tuple[str, ...]
) -> None:
    make_log()
    ended = run(*args, stdout=left_pipe)
    assert (ended.code, ended.stderr) == (141, "")


def test_files_are_not_left_half_when_the_reader_of_stdout_leaves(
    run: Run, make_log: MakeLog, left_pipe: int, tmp_path: Path
) -> None:
    assert run("convert", make_log().path, "-o", "-", "-o", "e.jsonl", stdout=left_pipe).code == 141
    assert not (tmp_path / "e.jsonl").exists()


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("convert - <&-", {3}),
        ("convert <&-", {2, 3}),
        ("convert - >&-", {4}),
        ("convert - -o e.jsonl >&-", {0}),
        ("convert - -o e.jsonl 2>&-", {0}),
        ("generate --count 1 >&-", {4}),
    ],
)
def test_a_closed_standard_stream_causes_no_traceback(
    tmp_path: Path, environment: dict[str, str], typed: str, codes: set[int]
) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'exec "$0" -m stream_cb {typed}', sys.executable],
        input=to_xml(CALLBACK),
        capture_output=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert b"Traceback" not in ended.stderr
    assert ended.returncode in codes
    assert (tmp_path / "e.jsonl").exists() == (codes == {0})


def test_what_comes_out_can_be_piped_into_jq(start: Start, make_log: MakeLog) -> None:
    jq = shutil.which("jq")
    if jq is None:
        pytest.skip("there is no jq")
    log = make_log(layout="mixed", count=30)
    live = start("convert", log.path, stdin=subprocess.DEVNULL)
    assert live.process.stdout
    filtered = subprocess.run(
        [jq, "-r", 'select(.EventName == "TaskFinish") | .JobId'],
        stdin=live.process.stdout,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert filtered.stdout.decode().split() == log.job_ids
    assert live.process.wait() == 0


def test_generate_pipes_into_convert(start: Start) -> None:
    log = start("generate", "--count", "30", "--as", "mixed", "--damage", "0.2", stdin=subprocess.DEVNULL)
    assert log.process.stdout
    events = start("convert", "-", stdin=log.process.stdout)
    ended = events.end()
    assert ended.code == 1
    assert ended.events
    assert "dead letter: <stdin>: record " in ended.stderr
    assert log.process.wait() == 0


def test_a_terminal_as_stdin_is_asked_for_no_input(run: Run, start: Start) -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb"), os.fdopen(terminal, "rb") as stdin:
        live = start("convert", stdin=stdin)
        ended = live.end()
    assert ended.code == 2
    assert ended.stderr == "stream-cb: no input; name files, folders or patterns, or - for stdin\n"


def test_the_progress_bar_is_drawn_on_a_terminal_only_and_never_on_stdout(
    make_log: MakeLog, environment: dict[str, str], run: Run
) -> None:
    log = make_log(count=300)
    controller, terminal = pty.openpty()
    environment["TERM"] = "xterm"
    command = [sys.executable, "-m", "stream_cb", "convert", str(log.path)]
    with os.fdopen(controller, "rb", buffering=0) as screen:
        with os.fdopen(terminal, "wb") as stderr:
            ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, env=environment, check=True)
        shown = screen.read(65_536)
    assert len(ended.stdout.splitlines()) == 300
    assert msgspec.json.decode(ended.stdout.splitlines()[-1])["JobId"] == log.job_ids[-1]
    assert b"300 records: 300 events, 0 dead letters" in shown
    assert b"\x1b[" in shown
    assert "\x1b[" not in run("convert", log.path).stderr
