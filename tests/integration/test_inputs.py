"""convert reads whatever it is given: folders, patterns, archives, compressed files, stdin."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

if TYPE_CHECKING:
    from tests.integration.conftest import MakeLog, Run

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
LAYOUTS = ("xml", "xml-batch", "json", "json-array", "ndjson", "pretty", "mixed")


def tar_of(path: Path, *members: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.add(member, arcname=member.name)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_recognized_by_its_content(run: Run, make_log: MakeLog, layout: str) -> None:
    log = make_log("log", layout=layout, count=20)
    ended = run("convert", log.path)
    assert ended.code == 0
    assert ended.job_ids == log.job_ids


def test_a_folder_is_read_to_its_depth_in_the_order_of_its_paths(run: Run, make_log: MakeLog) -> None:
    last, first, middle = (make_log(f"logs/{name}", seed=i) for i, name in enumerate(("c.xml", "a.xml", "b/b.xml")))
    ended = run("convert", "logs")
    assert ended.code == 0
    assert ended.job_ids == first.job_ids + middle.job_ids + last.job_ids


def test_hidden_files_of_a_folder_are_left_out(run: Run, make_log: MakeLog) -> None:
    log = make_log("logs/a.xml")
    make_log("logs/.hidden.xml", seed=1)
    assert run("convert", "logs").job_ids == log.job_ids


def test_a_pattern_that_the_shell_left_alone_is_expanded(run: Run, make_log: MakeLog) -> None:
    first, second = make_log("1/a.xml"), make_log("2/a.xml", seed=1)
    make_log("2/a.txt", seed=2)
    ended = run("convert", "*/*.xml")
    assert ended.code == 0
    assert ended.job_ids == first.job_ids + second.job_ids


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_a_compressed_file_is_inflated(run: Run, make_log: MakeLog, tmp_path: Path, suffix: str) -> None:
    log = make_log()
    (tmp_path / f"a.xml.{suffix}").write_bytes(COMPRESSIONS[suffix](log.raw))
    ended = run("convert", f"a.xml.{suffix}")
    assert ended.code == 0
    assert ended.job_ids == log.job_ids


def test_compression_is_told_by_content_even_on_stdin(run: Run, make_log: MakeLog) -> None:
    log = make_log()
    ended = run("convert", "-", stdin=COMPRESSIONS["zst"](log.raw))
    assert ended.code == 0
    assert ended.job_ids == log.job_ids


def test_members_of_tar_gz_and_zip_are_read_in_their_order(run: Run, make_log: MakeLog, tmp_path: Path) -> None:
    first, second = make_log("b.xml"), make_log("a.jsonl", layout="ndjson", seed=1)
    tar_of(tmp_path / "logs.tar.gz", first.path, second.path)
    with zipfile.ZipFile(tmp_path / "logs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(second.path, "2022/a.jsonl")
        archive.write(first.path, "b.xml")
    ended = run("convert", "logs.tar.gz", "logs.zip")
    assert ended.code == 0
    assert ended.job_ids == first.job_ids + second.job_ids + second.job_ids + first.job_ids


def test_inputs_of_all_kinds_are_read_in_one_run_in_the_order_given(
    run: Run, make_log: MakeLog, tmp_path: Path
) -> None:
    logs = [make_log(name, seed=seed) for seed, name in enumerate(("dir/1.xml", "2.xml", "3.xml", "4.xml", "5.xml"))]
    tar_of(tmp_path / "3.tar.gz", logs[2].path)
    (tmp_path / "4.gz").write_bytes(gzip.compress(logs[3].raw))
    ended = run("convert", "4.gz", "3.tar.gz", "-", "dir", "[25].xml", stdin=logs[4].raw)
    assert ended.code == 0
    assert ended.job_ids == [job_id for place in (3, 2, 4, 0, 1, 4) for job_id in logs[place].job_ids]


def test_without_inputs_a_pipe_on_stdin_is_read(run: Run, make_log: MakeLog) -> None:
    log = make_log()
    assert run("convert", stdin=log.raw).job_ids == log.job_ids


def test_an_empty_file_is_no_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.xml").touch()
    ended = run("convert", "empty.xml", "-")
    assert ended.code == 0
    assert ended.stdout == b""
    assert ended.stderr.startswith("0 records: 0 events, 0 dead letters; 0 bytes of 2 sources")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.xml", "No such file or directory"),
        ("none*.xml", "no file matches"),
        ("hollow", "folder holds no files"),
        ("hollow.zip", "archive holds no files"),
    ],
)
def test_an_input_that_is_not_there_is_told_and_the_others_are_read(
    run: Run, make_log: MakeLog, tmp_path: Path, name: str, reason: str
) -> None:
    first, last = make_log("first.xml"), make_log("last.xml", seed=1)
    (tmp_path / "hollow").mkdir()
    zipfile.ZipFile(tmp_path / "hollow.zip", "w").close()
    ended = run("convert", first.path, name, last.path)
    assert ended.code == 3
    assert ended.job_ids == first.job_ids + last.job_ids
    assert ended.told[0] == f"stream-cb: {name}: {reason}"
    assert ended.told[1].startswith("10 records: 10 events, 0 dead letters")
    assert len(ended.told) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told_and_the_others_are_read(run: Run, make_log: MakeLog) -> None:
    locked, log = make_log("locked.xml"), make_log("log.xml", seed=1)
    locked.path.chmod(0)
    ended = run("convert", "locked.xml", "log.xml")
    assert ended.code == 3
    assert ended.job_ids == log.job_ids
    assert ended.told[0] == "stream-cb: locked.xml: Permission denied"


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_all_before_a_cut_comes_out_and_the_others_are_read(
    run: Run, make_log: MakeLog, tmp_path: Path, suffix: str
) -> None:
    log, other = make_log("long.xml", count=400), make_log("other.xml", seed=1)
    whole = COMPRESSIONS[suffix](log.raw)
    (tmp_path / "cut").write_bytes(whole[:-4])  # only the check sum of gzip, bzip2 and zstd, the footer of xz
    ended = run("convert", "cut", "other.xml")
    assert ended.code == 3
    assert ended.job_ids == log.job_ids + other.job_ids
    assert ended.told[0].startswith("stream-cb: cut: ")
    assert "1 input" in ended.told[-1]


def test_a_gzip_file_cut_in_its_middle_gives_all_that_is_whole(
    run: Run, make_log: MakeLog, tmp_path: Path, read_report: Callable[[str], dict]
) -> None:
    log, other = make_log("long.xml", count=400), make_log("other.xml", seed=1)
    half = gzip.compress(log.raw)[:-20_000]
    (tmp_path / "cut.gz").write_bytes(half)
    ended = run("convert", "cut.gz", "other.xml", "--report", "report.json")
    assert ended.code == 3
    whole = len(ended.job_ids) - len(other.job_ids)
    assert 0 < whole < 400
    assert ended.job_ids == log.job_ids[:whole] + other.job_ids
    assert "stream-cb: cut.gz: gzip data ends before its end marker" in ended.told
    report = read_report("report.json")
    assert report["input_errors"] == ["cut.gz: gzip data ends before its end marker"]
    assert report["dead_letters"] == 1, "the record that the cut went through"
    covered = sum(len(record) + 1 for record in log.records[:whole])
    assert covered < report["bytes_read"] - len(other.raw) < len(log.raw)


def test_a_damaged_member_is_told_by_its_display_name(run: Run, make_log: MakeLog, tmp_path: Path) -> None:
    log = make_log("b.xml")
    with tarfile.open(tmp_path / "logs.tar", "w") as archive:
        damaged = gzip.compress(log.raw)[:-8]
        header = tarfile.TarInfo("2022/a.xml.gz")
        header.size = len(damaged)
        archive.addfile(header, io.BytesIO(damaged))
        archive.add(log.path, "b.xml")
    ended = run("convert", "logs.tar")
    assert ended.code == 3
    assert ended.job_ids == 2 * log.job_ids
    assert ended.told[0] == "stream-cb: logs.tar!2022/a.xml.gz: gzip data ends before its end marker"
