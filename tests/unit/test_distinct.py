"""Promises for repeated deliveries: the first is new, the others are not, however many there are, and nothing stays."""

from __future__ import annotations

import io
import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb import ReadOptions, RunOptions, WriteOptions, convert
from stream_cb.distinct import SeenBefore
from stream_cb.generate import generate
from stream_cb.model import Report


def own(one: Any) -> tuple[str, ...]:
    """Identities that are given as such."""
    return one if isinstance(one, tuple) else (str(one),)


def open_files() -> set[str]:
    """What this process has open, files that are deleted already among them."""
    found = set()
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208  (of numbers, not of paths)
        try:
            found.add(f"{number} {Path(f'/proc/self/fd/{number}').readlink()}")
        except FileNotFoundError:
            continue  # the listing itself
    return found


def test_the_first_of_each_is_new() -> None:
    with SeenBefore(own) as seen:
        assert seen.new_ones(["a", "b", "a"]) == ["a", "b"]
        assert seen.new_ones(["b", "c", "c", "a"]) == ["c"]
        assert seen.new_ones([]) == []
        assert seen.new_ones(iter(["d"])) == ["d"]


@pytest.mark.parametrize("most", [1, 2, 3, 7, 1_000])
def test_it_makes_no_difference_where_they_are_kept(most: int) -> None:
    numbers = [number * number % 101 for number in range(500)]
    with SeenBefore(own, max_in_memory=most) as seen:
        found = [one for start in range(0, 500, 17) for one in seen.new_ones(numbers[start : start + 17])]
    assert found == list(dict.fromkeys(numbers))


@settings(max_examples=100)
@given(batches=st.lists(st.lists(st.integers(0, 20), max_size=8), max_size=8), most=st.integers(1, 10))
def test_batches_and_places_of_keeping_make_no_difference(batches: list[list[int]], most: int) -> None:
    with SeenBefore(own, max_in_memory=most) as seen:
        found = [one for batch in batches for one in seen.new_ones(batch)]
    assert found == list(dict.fromkeys(one for batch in batches for one in batch))


def test_parts_of_an_identity_are_not_run_together() -> None:
    different = [("a", "b"), ("ab",), ("a", "", "b"), ("", "ab"), ("ab", ""), ("a\0b",), ("a\0", "b"), ("a", "\0b")]
    with SeenBefore(own) as seen:
        assert seen.new_ones(different) == different


def test_any_text_can_be_part_of_an_identity() -> None:
    texts = ["", "视频", "\x00", "\U0001f3ac", "x" * 100_000]
    with SeenBefore(own) as seen:
        assert seen.new_ones([*texts, *texts]) == texts


def files_of_sqlite() -> set[str]:
    """The temporary files that SQLite has open, which are deleted already."""
    return {name for name in open_files() if "etilqs" in name}


def test_most_are_kept_in_a_file_that_is_gone_after_close() -> None:
    before = open_files()
    seen = SeenBefore(own, max_in_memory=20_000)
    for start in range(0, 100_000, 10_000):
        assert len(seen.new_ones(range(start, start + 10_000))) == 10_000
    assert files_of_sqlite(), "nothing was moved to a file"
    assert seen.new_ones([0, 99_999, 100_000]) == [100_000]
    seen.close()
    assert open_files() == before


def test_the_file_is_gone_when_the_block_is_left_by_an_exception() -> None:
    def leave() -> None:
        with SeenBefore(own, max_in_memory=1_000) as seen:
            seen.new_ones(range(100_000))
            assert files_of_sqlite()
            raise ZeroDivisionError

    before = open_files()
    with pytest.raises(ZeroDivisionError):
        leave()
    assert open_files() == before


def test_close_forgets_and_may_come_twice() -> None:
    for most in (2, 100):
        seen = SeenBefore(own, max_in_memory=most)
        assert seen.new_ones("abcd") == list("abcd")
        seen.close()
        seen.close()
        assert seen.new_ones("ab") == ["a", "b"]
        seen.close()


# In a run.
JOB = b'{"EventName":"TaskFinish","JobsDetail":{"JobId":"%s","Tag":"Snapshot","State":"%s"}}\n'
TWICE = b"<Response><JobsDetail><JobId>a</JobId></JobsDetail><JobsDetail><JobId>a</JobId></JobsDetail></Response>\n"


def ran(*inputs: bytes, **options: Any) -> tuple[Report, list[dict[str, Any]]]:
    lines = io.BytesIO()
    choices = RunOptions(distinct=True, **options)
    report = convert([io.BytesIO(raw) for raw in inputs], choices, WriteOptions(), stdout=lines)
    assert not report.problems
    return report, [json.loads(line) for line in lines.getvalue().splitlines()]


def test_an_event_that_came_before_is_counted_and_not_written() -> None:
    first, failed, second = JOB % (b"a", b"Success"), JOB % (b"a", b"Failed"), JOB % (b"b", b"Success")
    report, lines = ran(first + second + first + failed + first)
    assert [(line["JobId"], line["State"]) for line in lines] == [("a", "Success"), ("b", "Success"), ("a", "Failed")]
    assert (report.records, report.events, report.written, report.duplicates) == (5, 5, 3, 2)
    assert report.event_records == 5
    assert report.kinds == {"TaskFinish/Snapshot": 5}


def test_without_it_every_delivery_is_written() -> None:
    raw = JOB % (b"a", b"Success") * 3
    report = convert(io.BytesIO(raw), RunOptions(), WriteOptions(), stdout=io.BytesIO())
    assert (report.events, report.written, report.duplicates, report.problems) == (3, 3, 0, [])


def test_deliveries_in_other_formats_inputs_and_reads_are_the_same() -> None:
    logs = [b"".join(generate(layout=layout, count=60, seed=4)) for layout in ("xml", "ndjson", "mixed")]
    alone, lines = ran(logs[0])
    assert alone.duplicates == 0
    report, all_lines = ran(*logs, read=ReadOptions(chunk_bytes=1_000))
    assert (report.events, report.written, report.duplicates) == (3 * alone.events, alone.events, 2 * alone.events)
    assert all_lines == lines


def test_jobs_of_one_callback_can_repeat_each_other() -> None:
    report, lines = ran(TWICE + TWICE)
    assert (report.records, report.events, report.duplicates, len(lines)) == (2, 4, 3, 1)


def test_dead_letters_are_no_duplicates() -> None:
    bad = b"<Response><A></Response>\n"
    report, lines = ran(bad + JOB % (b"a", b"") + bad + JOB % (b"a", b"") + bad)
    assert (report.dead_letters, report.events, report.duplicates, len(lines)) == (3, 2, 1, 1)


def test_reviews_of_one_job_are_written_as_long_as_they_differ() -> None:
    body = b'{"EventName":"ReviewVideo","JobsDetail":{"JobId":"s","Label":"%s"}}\n'
    report, lines = ran(body % b"Normal" + body % b"Ads" + body % b"Normal")
    assert ([line["Label"] for line in lines], report.duplicates) == (["Normal", "Ads"], 1)


def test_untyped_records_and_a_schema_of_the_user_s_own_are_compared_whole() -> None:
    class Mine(msgspec.Struct):
        a: int = 0

    raw = b'{"a":1}\n{"a":2}\n{"a":1}\n<r><a>1</a></r>\n<r><a>1</a></r>\n'
    report, lines = ran(raw, untyped=True)
    assert (lines, report.duplicates) == ([{"a": 1}, {"a": 2}, {"r": {"a": "1"}}], 2)
    report, lines = ran(raw, schema=Mine)
    assert (lines, report.duplicates) == ([{"a": 1}, {"a": 2}], 3)


def test_a_run_closes_what_it_has_seen_however_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: set[SeenBefore] = set()
    close = SeenBefore.close

    def closing(seen: SeenBefore) -> None:
        closed.add(seen)
        close(seen)

    monkeypatch.setattr(SeenBefore, "close", closing)
    ran(JOB % (b"a", b"") * 2)
    assert len(closed) == 1
    report, _ = ran(b"<Response><A></Response>\n", max_dead_letters=0)
    assert report.stopped
    assert len(closed) == 2


@pytest.mark.parametrize("most", [1, 7, 1_000])
def test_a_run_keeps_its_order_and_its_balance_wherever_the_seen_are_kept(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []
    store = SeenBefore._store

    def storing(seen: SeenBefore) -> None:
        stored.append(len(seen._fresh))
        store(seen)

    monkeypatch.setattr(SeenBefore, "_store", storing)
    monkeypatch.setattr("stream_cb.distinct.SeenBefore", partial(SeenBefore, max_in_memory=most))
    bodies = [JOB % (b"%d" % (number * number % 31), b"Success") for number in range(120)]
    report, lines = ran(b"".join(bodies), read=ReadOptions(chunk_bytes=700))
    expected = list(dict.fromkeys(str(number * number % 31) for number in range(120)))
    assert [line["JobId"] for line in lines] == expected
    assert (report.written, report.duplicates) == (len(expected), 120 - len(expected))
    assert stored == [most] * (len(expected) // most)
