"""A bad record never stops a run and is never lost: it is told, counted, and kept with its place and its bytes."""

from __future__ import annotations

import base64
import hashlib
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import MakeLog, Run

ReadLines = Callable[[str], list[dict[str, Any]]]
LAYOUTS = ("xml", "xml-batch", "json", "json-array", "ndjson", "pretty", "mixed")

BAD = b"<Response><EventName>TaskFinish</Response>"


def bytes_of(letter: dict[str, Any]) -> bytes:
    return base64.b64decode(letter["raw"]) if letter["encoding"] == "base64" else letter["raw"].encode()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_good_record_survives_its_damaged_neighbours(run: Run, make_log: MakeLog, layout: str) -> None:
    for seed in range(3):
        log = make_log(layout=layout, count=60, damage_rate=0.3, seed=seed)
        ended = run("convert", log.path)
        assert ended.code == 1
        assert ended.job_ids == log.job_ids


@pytest.mark.parametrize("layout", LAYOUTS)
def test_dead_letters_hold_exactly_the_bytes_of_their_place(
    run: Run, make_log: MakeLog, read_lines: ReadLines, layout: str
) -> None:
    log = make_log("log", layout=layout, count=60, damage_rate=0.3)
    assert run("convert", "log", "-o", "e.jsonl", "--dead-letters", "bad.jsonl").code == 1
    letters = read_lines("bad.jsonl")
    at = 0
    for letter in letters:
        raw = log.raw[letter["offset"] : letter["offset"] + letter["length"]]
        assert bytes_of(letter) == raw
        assert letter["sha256"] == hashlib.sha256(raw).hexdigest()
        assert letter["source"] == "log"
        assert letter["reason"] in ("FramingError", "ParseError")
        assert letter["detail"]
        assert letter["offset"] >= at
        at = letter["offset"] + letter["length"]
    assert [letter["index"] for letter in letters] == sorted({letter["index"] for letter in letters})


def test_the_bytes_of_every_damaged_record_are_in_dead_letters(
    run: Run, make_log: MakeLog, read_lines: ReadLines
) -> None:
    log = make_log(count=60, damage_rate=0.3)
    run("convert", log.path, "-o", "e.jsonl", "--dead-letters", "bad.jsonl")
    kept = b"\n".join(bytes_of(letter) for letter in read_lines("bad.jsonl"))
    damaged = [part.raw for part in log.parts if part.damage]
    assert damaged
    assert [raw for raw in damaged if raw not in kept] == []


def test_dead_letters_name_the_source_as_the_user_would(
    run: Run, make_log: MakeLog, tmp_path: Path, read_lines: ReadLines
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "坏.xml").write_bytes(BAD)
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "logs" / "坏.xml", "2022/a.xml")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.write(tmp_path / "logs" / "坏.xml", "b.xml")
    ended = run("convert", "logs", "t.tar.gz", "z.zip", "-", "--dead-letters", "bad.jsonl", stdin=BAD)
    assert ended.code == 1
    names = ["logs/坏.xml", "t.tar.gz!2022/a.xml", "z.zip!b.xml", "<stdin>"]
    assert [letter["source"] for letter in read_lines("bad.jsonl")] == names
    for name, line in zip(names, ended.told[:4], strict=True):
        assert line.startswith(f"dead letter: {name}: record 0 at byte 0: ")


def test_offsets_count_decompressed_bytes(run: Run, make_log: MakeLog, tmp_path: Path, read_lines: ReadLines) -> None:
    log = make_log(count=3)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", log.raw + BAD + b"\n" + log.raw)
    assert run("convert", "z.zip", "-o", "e.jsonl", "--dead-letters", "bad.jsonl").code == 1
    (letter,) = read_lines("bad.jsonl")
    assert (letter["index"], letter["offset"], letter["length"]) == (3, len(log.raw), len(BAD))
    assert letter["raw"].encode() == BAD


def test_bytes_that_are_no_text_are_kept_as_base64(run: Run, tmp_path: Path, read_lines: ReadLines) -> None:
    raw = b"<Response><JobId>\xff\x00</JobId></Response>"
    (tmp_path / "a.xml").write_bytes(raw)
    assert run("convert", "a.xml", "--dead-letters", "bad.jsonl").code == 1
    (letter,) = read_lines("bad.jsonl")
    assert letter["encoding"] == "base64"
    assert base64.b64decode(letter["raw"]) == raw


def test_ten_dead_letters_are_told_one_by_one_and_the_others_counted(run: Run) -> None:
    ended = run("convert", "-", stdin=(BAD + b"\n") * 15)
    assert ended.code == 1
    assert [line.partition(" at byte")[0] for line in ended.told[:10]] == [
        f"dead letter: <stdin>: record {index}" for index in range(10)
    ]
    assert ended.told[10] == "dead letter: further ones are counted only (--dead-letters FILE keeps them all)"
    assert ended.told[11].startswith("15 records: 0 events")
    assert len(ended.told) == 12


def test_a_run_stops_once_there_are_too_many_dead_letters(
    run: Run, make_log: MakeLog, read_lines: ReadLines, read_report: Callable[[str], dict]
) -> None:
    log = make_log(count=3)
    stdin = log.raw + (BAD + b"\n") * 5
    flags = ("--dead-letters", "bad.jsonl", "--report", "report.json", "--force")
    ended = run("convert", "-", log.path, "--max-dead-letters", "2", *flags, stdin=stdin)
    assert ended.code == 1
    assert ended.job_ids == log.job_ids, "what came before is kept, the second input is not begun"
    assert ended.told[-1].endswith("; stopped: more than 2 dead letters")
    assert read_report("report.json")["stopped"] == "more than 2 dead letters"
    assert len(read_lines("bad.jsonl")) >= 3
    enough = run("convert", "-", "--max-dead-letters", "5", *flags, stdin=stdin)
    assert enough.code == 1
    assert "stopped" not in enough.stderr


def test_no_dead_letters_give_an_empty_file(run: Run, make_log: MakeLog, tmp_path: Path) -> None:
    assert run("convert", make_log().path, "--dead-letters", "bad.jsonl").code == 0
    assert (tmp_path / "bad.jsonl").read_bytes() == b""


@pytest.mark.parametrize("raw", [b"hello\n", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"JobId,State\nj1,Success\n"])
def test_a_file_that_is_neither_xml_nor_json_gives_dead_letters_only(
    run: Run, make_log: MakeLog, tmp_path: Path, read_lines: ReadLines, raw: bytes
) -> None:
    log = make_log()
    (tmp_path / "other.bin").write_bytes(raw)
    ended = run("convert", "other.bin", log.path, "--dead-letters", "bad.jsonl")
    assert ended.code == 1
    assert ended.job_ids == log.job_ids
    assert ended.told[0].startswith("dead letter: other.bin: record 0 at byte 0: expected XML or JSON")
    letters = read_lines("bad.jsonl")
    assert {letter["source"] for letter in letters} == {"other.bin"}
    assert sum(letter["length"] for letter in letters) + raw.count(b"\n") >= len(raw)


def test_xml_text_over_the_limit_of_the_parser_costs_one_record(run: Run, make_log: MakeLog) -> None:
    log = make_log()
    long = b"<Response><JobsDetail><Message>" + b"x" * 10_000_001 + b"</Message></JobsDetail></Response>\n"
    ended = run("convert", "-", stdin=log.raw + long + log.raw)
    assert ended.code == 1
    assert ended.job_ids == 2 * log.job_ids
    assert f"record 5 at byte {len(log.raw)}: " in ended.told[0]
    assert "XML_PARSE_HUGE" not in ended.stderr, "an option of a C library is nothing that a user can set"


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson", "json-array"])
def test_a_record_over_the_limit_is_followed_by_the_good_ones(
    run: Run, make_log: MakeLog, read_lines: ReadLines, layout: str
) -> None:
    log = make_log("log", layout=layout, count=7)
    place = log.parts.index(next(part for part in log.parts if part.raw == log.records[3]))
    filler = b"x" * 1_000_000
    raw = log.records[3]
    closing, opening = (b"}", b',"Filler":"%s"') if raw.startswith(b"{") else (b"</Response>", b"<Filler>%s</Filler>")
    over = raw.removesuffix(closing) + opening % filler + closing
    before = b"".join(part.raw for part in log.parts[:place])
    log.path.write_bytes(before + over + b"".join(part.raw for part in log.parts[place + 1 :]))
    ended = run("convert", "log", "--max-record-bytes", "64KiB", "--dead-letters", "bad.jsonl")
    assert ended.code == 1
    assert ended.job_ids == log.job_ids[:3] + log.job_ids[4:]
    (letter,) = read_lines("bad.jsonl")
    assert (letter["index"], letter["reason"]) == (3, "LimitError")
    assert letter["offset"] == len(before)
    assert len(over) <= letter["length"] <= len(over + b",\n"), "at most the separator with it"
    assert bytes_of(letter) == over[:65_536], "only so much is kept"
    assert "record is longer than max_record_bytes (65536)" in ended.told[0]


def test_a_record_over_the_depth_limit_is_a_dead_letter(run: Run) -> None:
    deep = b"<Response>" + b"<a>" * 20 + b"</a>" * 20 + b"</Response>\n"
    nested = b'{"a":' * 20 + b"1" + b"}" * 20 + b"\n"
    good = b'{"EventName":"TaskFinish","JobsDetail":[{"JobId":"j1"}]}\n'
    ended = run("convert", "--max-depth", "10", stdin=deep + nested + good)
    assert ended.code == 1
    assert ended.job_ids == ["j1"]
    assert all("max_depth" in line for line in ended.told[:2])
    assert run("convert", stdin=deep + nested + good).code == 0
