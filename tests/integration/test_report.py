"""Every run closes with a balance: in the closing line, in the report, and in the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import MakeLog, Run

ReadReport = Callable[[str], dict[str, Any]]
BAD = b"<Response><EventName>TaskFinish</Response>"
IN_TIME = r"in [\d.,]+ s \([\d.,]+ (bytes|KB|MB|GB)/s\)"


@pytest.mark.parametrize("damage_rate", [0.0, 0.3], ids=["sound", "damaged"])
@pytest.mark.parametrize("layout", ["xml", "xml-batch", "json-array", "ndjson", "mixed"])
def test_the_report_accounts_for_every_record_and_byte(
    run: Run, make_log: MakeLog, read_report: ReadReport, layout: str, damage_rate: float
) -> None:
    log = make_log("log", layout=layout, count=40, damage_rate=damage_rate)
    run("convert", "log", "-o", "e.jsonl", "-o", "e.csv", "--dead-letters", "bad.jsonl", "--report", "report.json")
    report = read_report("report.json")
    assert report["sources"] == 1
    assert report["bytes_read"] == len(log.raw)
    assert report["events"] == report["event_records"] == len(log.job_ids)
    assert report["kinds"] == {"TaskFinish/StreamExtract": len(log.job_ids)}
    assert report["dead_letters"] == (log.path.parent / "bad.jsonl").read_bytes().count(b"\n")
    assert report["outputs"] == {
        name: (log.path.parent / name).stat().st_size for name in ("e.jsonl", "e.csv", "bad.jsonl")
    }
    assert report["input_errors"] == []
    assert report["stopped"] == ""
    if not damage_rate:
        assert report["record_bytes"] == sum(len(record) for record in log.records)


@pytest.mark.parametrize(("reader", "layout"), [("iterparse", "xml-batch"), ("ijson", "json-array")])
def test_the_report_of_the_other_readers_balances(
    run: Run, make_log: MakeLog, read_report: ReadReport, reader: str, layout: str
) -> None:
    log = make_log("log", layout=layout, count=40)
    run("convert", "log", "-o", "e.jsonl", "--reader", reader, "--report", "report.json")
    assert read_report("report.json")["bytes_read"] == len(log.raw)


def test_the_report_counts_all_sources_and_names_those_that_failed(
    run: Run, make_log: MakeLog, read_report: ReadReport
) -> None:
    first, second = make_log("logs/a.xml"), make_log("logs/b.jsonl", layout="ndjson")
    assert run("convert", "logs", "none.xml", "-o", "e.jsonl", "--report", "report.json").code == 3
    report = read_report("report.json")
    assert report["sources"] == 2
    assert report["bytes_read"] == len(first.raw + second.raw)
    assert report["input_errors"] == ["none.xml: No such file or directory"]


def test_the_report_is_written_when_dead_letters_stop_the_run(run: Run, read_report: ReadReport) -> None:
    assert run("convert", "--max-dead-letters", "0", "--report", "report.json", stdin=BAD).code == 1
    assert read_report("report.json")["dead_letters"] == 1


@pytest.mark.parametrize(
    ("stdin", "line"),
    [
        (b"", r"0 records: 0 events, 0 dead letters; 0 bytes of 1 source"),
        (b"<Response/>\n", r"1 record: 1 event, 0 dead letters; 12 bytes of 1 source"),
        (b"<Response/>\n" * 2_000, r"2,000 records: 2,000 events, 0 dead letters; 24\.0 KB of 1 source"),
        (b"<Response/>" + BAD, r"2 records: 1 event, 1 dead letter; 53 bytes of 1 source"),
    ],
    ids=["none", "one", "many", "dead"],
)
def test_the_closing_line_is_a_balance(run: Run, stdin: bytes, line: str) -> None:
    assert re.fullmatch(f"{line} {IN_TIME}", run("convert", stdin=stdin).told[-1])


def test_a_callback_of_several_jobs_is_one_record_and_several_events(run: Run) -> None:
    jobs = b"<JobsDetail><JobId>j1</JobId></JobsDetail><JobsDetail><JobId>j2</JobId></JobsDetail>"
    ended = run("convert", stdin=b"<Response><EventName>TaskFinish</EventName>" + jobs + b"</Response>")
    assert ended.job_ids == ["j1", "j2"]
    assert ended.told[-1].startswith("1 record: 2 events, 0 dead letters; ")


def test_quiet_says_nothing_of_a_clean_run(run: Run, make_log: MakeLog) -> None:
    ended = run("convert", "-q", make_log().path)
    assert ended.code == 0
    assert ended.stderr == ""


def test_quiet_tells_errors_and_nothing_else(run: Run) -> None:
    ended = run("convert", "-q", "none.xml", "-", stdin=BAD)
    assert ended.code == 3
    assert len(ended.told) == 2
    assert ended.told[0] == "stream-cb: none.xml: No such file or directory"
    assert ended.told[1].startswith("dead letter: <stdin>: record 0 at byte 0: ")


@pytest.mark.parametrize(
    ("code", "args"),
    [
        (0, ("good.xml",)),
        (1, ("good.xml", "bad.xml")),
        (2, ("good.xml", "--to", "nope")),
        (3, ("good.xml", "bad.xml", "none.xml")),
        (4, ("none.xml", "bad.xml", "-o", "none/e.jsonl")),
    ],
)
def test_the_exit_code_tells_the_worst_that_happened(
    run: Run, make_log: MakeLog, tmp_path: Path, code: int, args: tuple[str, ...]
) -> None:
    make_log("good.xml")
    (tmp_path / "bad.xml").write_bytes(BAD)
    assert run("convert", *args).code == code


def test_the_report_can_go_to_stdout(run: Run, make_log: MakeLog) -> None:
    ended = run("convert", make_log().path, "-o", "e.jsonl", "--report", "-")
    assert ended.code == 0
    assert json.loads(ended.stdout)["records"] == 5
