"""`stream-cb bench`: what it tells of a file, for a person and for a program. How long it took is not tested."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stream_cb.timing import WAYS

if TYPE_CHECKING:
    from tests.integration.conftest import MakeLog, Run, Start


def measured(run: Run, *args: str | Path) -> dict[str, Any]:
    ended = run("bench", *args, "--json", "--rounds", "1")
    assert (ended.code, ended.stderr) == (0, "")
    document: dict[str, Any] = json.loads(ended.stdout)
    return document


def refusals(document: dict[str, Any]) -> dict[str, str]:
    return {way["name"]: way["refusal"] for way in document["ways"] if "refusal" in way}


def test_every_way_is_measured_or_says_why_not(run: Run, make_log: MakeLog) -> None:
    document = measured(run, make_log(count=40).path)
    assert [way["name"] for way in document["ways"]] == list(WAYS)
    assert refusals(document) == {
        "iterparse": "not well-formed XML: Extra content at the end of the document",
        "ijson": "not well-formed JSON: lexical error: invalid char in json text.",
    }
    for way in document["ways"]:
        if "refusal" not in way:
            assert 0 < way["seconds_min"] <= way["seconds"] <= way["seconds_max"]
            assert way["mb_per_second"] > 0
            assert 10e6 < way["peak_rss_bytes"] < 200e6
        assert ("records_per_second" in way) == ("refusal" not in way and way["name"] != "read")


@pytest.mark.parametrize(
    ("layout", "reader", "other"), [("xml-batch", "iterparse", "ijson"), ("json-array", "ijson", "iterparse")]
)
def test_one_document_is_read_by_its_parser_as_well(
    run: Run, make_log: MakeLog, layout: str, reader: str, other: str
) -> None:
    assert list(refusals(measured(run, make_log(layout=layout).path))) == [other]


def test_all_records_are_counted_by_lane_and_all_events_by_kind(run: Run, make_log: MakeLog) -> None:
    log = make_log(count=60, damage_rate=0.1)
    document = measured(run, log.path)
    assert document["bytes"] == len(log.raw)
    assert document["is_whole"] is True
    assert document["records"] == 60
    assert document["dead_letters"] == 60 - len(log.job_ids)
    # The first records teach the plan; later ones that it does not take teach it more.
    assert document["lanes"]["plan"] > 0
    assert document["lanes"]["lxml + decode"] >= 8
    assert sum(document["lanes"].values()) == document["events"] == len(log.job_ids)
    assert sum(one["events"] for one in document["kinds"]) == document["events"]
    assert {one["kind"] for one in document["kinds"]} == {"TaskFinish/StreamExtract"}


def test_json_lanes_have_their_names(run: Run, make_log: MakeLog) -> None:
    lanes = measured(run, make_log("a.jsonl", layout="ndjson", count=30).path)["lanes"]
    assert set(lanes) == {"plan", "native JSON"}


def test_a_run_stops_once_it_has_read_enough(run: Run, make_log: MakeLog) -> None:
    log = make_log(count=400)
    document = measured(run, log.path, "--max-bytes", "1KB")
    assert document["is_whole"] is False
    assert 1_000 <= document["bytes"] < len(log.raw)


def test_several_inputs_are_read_as_one(run: Run, make_log: MakeLog) -> None:
    make_log("logs/a.xml", count=3)
    make_log("logs/b.jsonl", layout="ndjson", count=4)
    assert measured(run, "logs")["records"] == 7


def test_without_json_it_prints_tables(run: Run, make_log: MakeLog) -> None:
    log = make_log(count=30, damage_rate=0.1)
    dead = 30 - len(log.job_ids)
    ended = run("bench", log.path, "--rounds", "1")
    assert (ended.code, ended.stderr) == (0, "")
    lines = ended.stdout.decode().splitlines()
    assert lines[0].endswith(f"30 records, {30 - dead} events, {dead} dead letters; medians of 1")
    firsts = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    assert firsts[:2] == ["way", "-" * 7]
    assert {"convert", "lane", "lxml + decode", "dead letter", "kind", "TaskFinish/StreamExtract"} <= set(firsts)
    assert any(line.startswith("ijson: not measured: not well-formed JSON") for line in lines)


def test_a_pipe_cannot_be_timed(run: Run) -> None:
    ended = run("bench", "-", stdin=b"<Response/>")
    assert ended.code == 2
    assert ended.stderr == "stream-cb: - cannot be read again, so it cannot be timed; save it to a file\n"


def test_a_file_without_records_has_nothing_to_time(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.xml").write_bytes(b" \n")
    ended = run("bench", "empty.xml")
    assert ended.code == 2
    assert ended.stderr == "stream-cb: no record in empty.xml: there is nothing to time\n"


def test_a_file_that_is_not_there_is_an_input_error(run: Run) -> None:
    ended = run("bench", "missing.xml")
    assert ended.code == 3
    assert "missing.xml" in ended.stderr


def test_an_input_that_breaks_off_is_timed_up_to_there_and_told(run: Run, make_log: MakeLog, tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(make_log(count=200).raw)
    (tmp_path / "cut.xml.gz").write_bytes(packed[: len(packed) // 2])
    ended = run("bench", "cut.xml.gz", "--json", "--rounds", "1")
    document = json.loads(ended.stdout)
    assert ended.code == 3
    assert document["records"] > 0
    assert document["is_whole"] is False
    assert [f"stream-cb: {error}" for error in document["input_errors"]] == ended.told


def test_ctrl_c_ends_it_at_once(start: Start, make_log: MakeLog, tmp_path: Path) -> None:
    make_log()
    os.mkfifo(tmp_path / "told")
    live = start("bench", "a.xml", "--rounds", "1000000")
    # Nothing tells when a run goes on; wherever it is met, it ends so.
    live.process.send_signal(signal.SIGINT)
    ended = live.end()
    assert ended.code in (130, -signal.SIGINT)
    assert ended.stdout == b""
