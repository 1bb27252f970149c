"""The command `retry`: dead letters once more, after a fix or with other limits."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.integration.conftest import Run

LONG = (
    b"<Response><EventName>TaskFinish</EventName>"
    b"<JobsDetail><JobId>j%d</JobId><Message>%s</Message></JobsDetail></Response>"
)


def letters_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_higher_limit_brings_the_records_back(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\n".join(LONG % (n, b"x" * 3_000 * n) for n in range(4)))
    first = run("convert", "log", "-o", "a.jsonl", "--dead-letters", "bad.jsonl", "--max-record-bytes", "5000")
    assert first.code == 1
    assert [letter["reason"] for letter in letters_in(tmp_path / "bad.jsonl")] == ["LimitError"] * 2
    # Only 5,000 bytes of each were kept, so nothing can be read of them.
    again = run("retry", "bad.jsonl", "-o", "b.jsonl", "--dead-letters", "still.jsonl")
    assert again.code == 1
    assert (tmp_path / "still.jsonl").read_bytes() == (tmp_path / "bad.jsonl").read_bytes()
    kept = run("convert", "log", "-o", "c.jsonl", "--dead-letters", "deep.jsonl", "--max-depth", "2")
    assert kept.code == 1
    deeper = run("retry", "deep.jsonl", "--report", "report.json")
    assert (deeper.code, deeper.job_ids) == (0, ["j0", "j1", "j2", "j3"])
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert (report["sources"], report["records"], report["dead_letters"]) == (4, 4, 0)


def test_what_was_mended_comes_out_and_the_rest_keeps_its_place(run: Run, tmp_path: Path) -> None:
    log = LONG % (0, b"a") + b"\n<Response><a></b></Response>\n" + LONG % (2, b"&nope;") + b"\n{]\n" + LONG % (4, b"e")
    (tmp_path / "log").write_bytes(log)
    assert run("convert", "log", "-o", "a.jsonl", "--dead-letters", "bad.jsonl").code == 1
    bad = letters_in(tmp_path / "bad.jsonl")
    assert len(bad) == 3
    mended = [letter | {"raw": letter["raw"].replace("&nope;", "yes")} for letter in bad]
    for letter in mended:
        letter["sha256"] = hashlib.sha256(letter["raw"].encode()).hexdigest()
        letter["length"] = len(letter["raw"])
    (tmp_path / "mended.jsonl").write_text("".join(json.dumps(letter) + "\n" for letter in mended), "utf-8")
    again = run("retry", "mended.jsonl", "--dead-letters", "still.jsonl")
    assert (again.code, again.job_ids) == (1, ["j2"])
    still = letters_in(tmp_path / "still.jsonl")
    places = [(letter["source"], letter["index"], letter["offset"]) for letter in bad]
    assert [(letter["source"], letter["index"], letter["offset"]) for letter in still] == [places[0], places[2]]


def test_what_is_no_dead_letter_is_an_input_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b'{"EventName":"TaskFinish"}\n')
    ended = run("retry", "events.jsonl")
    assert ended.code == 3
    assert ended.stderr.startswith("stream-cb: events.jsonl: record 0 at byte 0: no dead letter:")


def test_no_input_is_refused(run: Run) -> None:
    assert run("retry").code == 2


def test_distinct_and_the_limit_on_dead_letters_hold_over_all_letters(run: Run, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\n".join([LONG % (1, b"a")] * 2 + [LONG % (2, b"a")]))
    assert run("convert", "log", "-o", "a.jsonl", "--dead-letters", "bad.jsonl", "--max-depth", "1").code == 1
    again = run("retry", "bad.jsonl", "--distinct", "--report", "report.json")
    assert (again.code, again.job_ids) == (0, ["j1", "j2"])
    assert json.loads((tmp_path / "report.json").read_bytes())["duplicates"] == 1
    limited = run("retry", "bad.jsonl", "bad.jsonl", "--max-depth", "1", "--max-dead-letters", "1")
    assert (limited.code, limited.stderr.count("record ")) == (1, 2)
