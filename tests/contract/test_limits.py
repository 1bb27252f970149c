"""Every limit holds in every lane: what is over it is told, with its name, and its neighbours are read."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from stream_cb import DeadLetter, Limits, ReadOptions, RunOptions, WriteOptions, convert, read_events, read_records
from stream_cb.errors import InputError
from stream_cb.inputs import Source, open_sources

XML = b"<Response><EventName>TaskFinish</EventName><JobsDetail><Tag>Snapshot</Tag>%s</JobsDetail></Response>"
JSON = b'{"EventName":"TaskFinish","JobsDetail":{"Tag":"Snapshot"%s}}'
# limit: its value here, and records at it and over it; the plain ones have few of anything.
CASES: dict[str, tuple[str, int, bytes, bytes]] = {
    "elements": ("max_elements", 1_000, XML % (b"<a/>" * 996), XML % (b"<a/>" * 997)),
    "values": ("max_elements", 1_000, JSON % (b',"a":[0%s]' % (b",0" * 994)), JSON % (b',"a":[0%s]' % (b",0" * 996))),
    "names": (
        "max_names",
        200,
        XML % b"".join(b"<n%d/>" % n for n in range(196)),
        XML % b"".join(b"<n%d/>" % n for n in range(300)),
    ),
    "attributes": (
        "max_names",
        200,
        XML % (b"<a%s/>" % b"".join(b' n%d="1"' % n for n in range(195))),
        XML % (b"<a%s/>" % b"".join(b' n%d="1"' % n for n in range(300))),
    ),
    "keys": (
        "max_names",
        200,
        JSON % b"".join(b',"n%d":1' % n for n in range(197)),
        JSON % b"".join(b',"n%d":1' % n for n in range(300)),
    ),
    "text": ("max_text_bytes", 1_000, XML % (b"<a>%s</a>" % (b"x" * 1_000)), XML % (b"<a>%s</a>" % (b"x" * 1_001))),
    "string": ("max_text_bytes", 1_000, JSON % (b',"a":"%s"' % (b"x" * 1_000)), JSON % (b',"a":"%s"' % (b"x" * 1_001))),
    "digits": ("max_digits", 100, JSON % (b',"a":%s' % (b"1" * 100)), JSON % (b',"a":%s' % (b"1" * 101))),
    "fraction": ("max_digits", 100, JSON % (b',"a":0.%s' % (b"1" * 98)), JSON % (b',"a":0.%s' % (b"1" * 99))),
    "depth": ("max_depth", 6, XML % b"<a><b><c/></b></a>", XML % b"<a><b><c><d><e/></d></c></b></a>"),
    "nesting": ("max_depth", 6, JSON % b',"a":{"b":{"c":{"d":{}}}}', JSON % b',"a":{"b":{"c":{"d":{"e":{}}}}}'),
    "record": ("max_record_bytes", 2_000, (XML % b"").ljust(2_000), XML % (b"<a/>" * 500)),
}


def options(**limits: int) -> ReadOptions:
    return ReadOptions(limits=Limits(**limits))


@pytest.mark.parametrize("case", CASES)
def test_what_is_over_a_limit_is_a_dead_letter_that_names_it(case: str) -> None:
    name, limit, at, over = CASES[case]
    plain = (JSON if at.startswith(b"{") else XML) % b""
    log = b"\n".join([plain, at, over, plain, over, at])
    letters: list[DeadLetter] = []
    found = list(read_events(io.BytesIO(log), options=options(**{name: limit}), on_dead_letter=letters.append))
    assert (len(found), [letter.index for letter in letters]) == (4, [2, 4])
    assert {letter.reason for letter in letters} == {"LimitError"}
    assert all(name in letter.detail for letter in letters)


@pytest.mark.parametrize("digits", [1, 31, 33, 100, 4_300])
def test_a_number_that_is_too_long_is_found_wherever_it_stands(digits: int) -> None:
    for pad in {*range(10), digits // 32, digits // 2, digits}:
        at, over = (JSON % (b',"p":"%s","a":%s' % (b"x" * pad, b"1" * length)) for length in (digits, digits + 1))
        letters: list[DeadLetter] = []
        log = io.BytesIO(at + b"\n" + over)
        found = list(read_events(log, options=options(max_digits=digits), on_dead_letter=letters.append))
        assert (len(found), [letter.index for letter in letters]) == (1, [1])


@pytest.mark.parametrize("write", [XML, JSON], ids=["xml", "json"])
def test_a_lower_limit_holds_behind_records_that_lanes_would_take(write: bytes) -> None:
    inner = b"<Operation><Output><Bucket>b</Bucket></Output></Operation>"
    if write is JSON:
        inner = b',"Operation":{"Output":{"Bucket":"b"}}'
    log = b"\n".join([write % b""] * 100 + [write % inner] * 100)
    lines = io.BytesIO()
    report = convert(
        io.BytesIO(log), RunOptions(read=options(max_depth=4 if write is XML else 3)), WriteOptions(), stdout=lines
    )
    assert (report.events, report.dead_letters) == (100, 100)


def test_a_dead_letter_keeps_no_more_than_it_may() -> None:
    letters: list[DeadLetter] = []
    log = io.BytesIO(b"<Response><a>" + b"x" * 1_000 + b"</b></Response>\n<Response/>")
    read_all = read_records(log, options=options(max_dead_letter_bytes=100), on_dead_letter=letters.append)
    assert len(list(read_all)) == 1
    assert (len(letters[0].raw), letters[0].length) == (100, 1_028)


def opened(path: Path, **limits: int) -> list[str]:
    """The names of the sources that can be read to their end, and what is told of the others."""
    found = []
    for source in open_sources([path], limits=Limits(**limits)):
        if isinstance(source, Source):
            try:
                while source.stream.read(1 << 20):
                    pass
                found.append(source.name.rpartition("/")[2])
            except InputError as error:
                found.append(error.reason)
        else:
            found.append(source.reason)
    return found


def archives(folder: Path, content: bytes) -> list[Path]:
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        for number in range(5):
            pack.writestr(f"{number}.xml", content)
    with tarfile.open(folder / "a.tar.gz", "w:gz") as pack_tar:
        for number in range(5):
            member = tarfile.TarInfo(f"{number}.xml")
            member.size = len(content)
            pack_tar.addfile(member, io.BytesIO(content))
    return [folder / "a.zip", folder / "a.tar.gz"]


def test_an_archive_of_too_many_files_is_read_up_to_the_limit(tmp_path: Path) -> None:
    for path in archives(tmp_path, b"<Response/>"):
        found = opened(path, max_members=3)
        assert found[:3] == [f"{path.name}!{number}.xml" for number in range(3)]
        assert found[3:] == ["archive holds more files than max_members (3)"]
        assert len(opened(path, max_members=5)) == 5


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_is_an_input_error_behind_what_is_allowed(layers: int, tmp_path: Path) -> None:
    content = b"<Response/>\n" + b" " * 20_000_000
    for _ in range(layers):
        content = gzip.compress(content)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(content)
    limits: dict[str, Any] = {"max_expansion": 100, "expansion_floor_bytes": 1_000_000}
    assert opened(bomb, **limits) == ["it holds more than max_expansion (100) times its size"]
    assert opened(bomb, max_expansion=100) == ["bomb.gz"]
    letters: list[DeadLetter] = []
    events = read_events(bomb, options=options(**limits), on_dead_letter=letters.append)
    assert next(events).event_name == "Other"
    with pytest.raises(InputError, match="max_expansion"):
        next(events)


def test_members_count_together_towards_the_expansion(tmp_path: Path) -> None:
    for path in archives(tmp_path, b" " * 1_000_000):
        found = opened(path, max_expansion=10, expansion_floor_bytes=3_000_000)
        assert len([name for name in found if "max_expansion" in name]) > 0
        assert found[0].endswith("!0.xml")


@pytest.mark.parametrize(
    ("message", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "+1"),
        ("-1.5e3", "-1.5e3"),
        ("-1+cmd", "'-1+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("plain =", "plain ="),
        ("\tx", "'\tx"),
    ],
)
def test_a_table_for_spreadsheets_holds_no_formulas(message: str, cell: str, tmp_path: Path) -> None:
    from stream_cb import SinkOptions

    log = io.BytesIO(XML % b"<Message>%s</Message>" % message.encode())
    table = tmp_path / "jobs.csv"
    sink = SinkOptions(columns=("Tag", "Message"), spreadsheet_safe=True)
    convert(log, RunOptions(), WriteOptions(outputs=(str(table),), sink=sink))
    assert table.read_text("utf-8") == f"Tag,Message\nSnapshot,{cell}\n"
