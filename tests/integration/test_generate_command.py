"""generate: seeded logs of any layout and size, whole and damaged."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

from stream_cb.generate import generate

if TYPE_CHECKING:
    from tests.integration.conftest import Run

LAYOUTS = ("xml", "xml-batch", "json", "json-array", "ndjson", "pretty", "mixed")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_command_writes_what_the_library_generates(run: Run, layout: str) -> None:
    flags = ("--count", "30", "--seed", "7", "--damage", "0.1", "--failures", "0.5")
    ended = run("generate", "--as", layout, *flags)
    assert ended.code == 0
    assert ended.stderr == ""
    expected = generate(layout=layout, count=30, seed=7, damage_rate=0.1, failure_rate=0.5)
    assert ended.stdout == b"".join(expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_log_holds_as_many_callbacks_as_asked_for(run: Run, layout: str) -> None:
    log = run("generate", "--count", "25", "--as", layout)
    ended = run("convert", stdin=log.stdout)
    assert ended.code == 0
    assert ended.told[-1].startswith("25 records: ")


def test_a_log_reaches_the_size_asked_for_by_one_record(run: Run) -> None:
    log = run("generate", "--size", "100KB").stdout
    assert len(log) >= 100_000
    assert len(log[: log.rstrip().rindex(b"\n")]) < 100_000
    assert run("convert", "-q", stdin=log).code == 0


def test_the_same_seed_makes_the_same_log_and_another_seed_another_one(run: Run) -> None:
    first, again, other = (run("generate", "--count", "10", "--seed", seed).stdout for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_tag_and_failures_choose_the_jobs(run: Run) -> None:
    tags = ("--tag", "Transcode", "--tag", "Snapshot")
    log = run("generate", "--count", "20", *tags, "--failures", "1")
    events = run("convert", stdin=log.stdout).events
    assert {event["Tag"] for event in events} == {"Transcode", "Snapshot"}
    assert {event["State"] for event in events} == {"Failed"}


def test_a_damaged_log_keeps_its_good_callbacks(run: Run) -> None:
    whole, damaged = (run("generate", "--count", "50", "--damage", rate).stdout for rate in ("0", "0.3"))
    good, rest = run("convert", stdin=whole), run("convert", stdin=damaged)
    assert (good.code, rest.code) == (0, 1)
    assert set(rest.stdout.splitlines()) < set(good.stdout.splitlines())


def test_a_suffix_compresses(run: Run, tmp_path: Path) -> None:
    plain = run("generate", "--count", "5").stdout
    assert run("generate", "--count", "5", "-o", "a.xml.gz").code == 0
    assert run("generate", "--count", "5", "-o", "a.xml.zst").code == 0
    assert gzip.decompress((tmp_path / "a.xml.gz").read_bytes()) == plain
    assert zstandard.ZstdDecompressor().stream_reader((tmp_path / "a.xml.zst").read_bytes()).read() == plain


@pytest.mark.parametrize("suffix", ["bz2", "xz"])
def test_a_suffix_that_promises_another_compression_is_refused(run: Run, tmp_path: Path, suffix: str) -> None:
    ended = run("generate", "--count", "1", "-o", f"a.xml.{suffix}")
    assert ended.code == 2
    assert ".gz" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_overwritten_by_force_only(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "a.xml"
    log.write_bytes(b"mine")
    refused = run("generate", "--count", "2", "-o", "a.xml")
    assert refused.code == 2
    assert refused.stderr == "stream-cb: a.xml exists; --force overwrites it\n"
    assert log.read_bytes() == b"mine"
    assert run("generate", "--count", "2", "-o", "a.xml", "--force").code == 0
    assert log.read_bytes().startswith(b"<")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "give --count or --size"),
        (("--count", "1", "--size", "1KB"), "--count"),
        (("--count", "1", "--tag", "Nope"), "cannot generate Tag 'Nope'; known: StreamExtract, "),
    ],
)
def test_an_impossible_log_is_a_usage_error(run: Run, args: tuple[str, ...], message: str) -> None:
    ended = run("generate", *args)
    assert ended.code == 2
    assert ended.stdout == b""
    assert ended.stderr.startswith("stream-cb: ")
    assert message in ended.stderr


def test_count_and_size_together_are_refused_as_such(run: Run) -> None:
    ended = run("generate", "--count", "1", "--size", "1KB")
    assert ended.stderr != "stream-cb: give --count or --size\n", "both were given: that is the fault"


def test_a_full_disk_is_told_and_nothing_is_left(run: Run) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = run("generate", "--count", "1", stdout=full)
    assert ended.code == 4
    assert ended.stderr == "stream-cb: stdout: No space left on device\n"


def test_a_log_without_callbacks_is_empty(run: Run) -> None:
    assert run("generate", "--count", "0").stdout.strip() == b""
