"""Promises of the generator as a whole: seeds, layouts, sizes, damage, and the archive made with it."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from stream_cb.errors import UsageError
from stream_cb.generate import LAYOUTS, TAGS, callbacks, generate, generate_parts

COUNT = 60
ARCHIVE = Path(__file__).parents[3] / "examples" / "callbacks"


def log(**options: Any) -> bytes:
    return b"".join(generate(**options))


def json_documents(text: str) -> list[Any]:
    decoder = json.JSONDecoder()
    found, at = [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        found.append(document)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_same_seed_same_bytes(layout: str) -> None:
    first = log(layout=layout, count=COUNT, seed=7, damage_rate=0.2)
    assert first == log(layout=layout, count=COUNT, seed=7, damage_rate=0.2)
    assert first != log(layout=layout, count=COUNT, seed=8, damage_rate=0.2)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_shows_the_same_callbacks(layout: str) -> None:
    parts = [part for part in generate_parts(layout=layout, count=COUNT, seed=3, damage_rate=0.3) if part.callback]
    assert [part.callback for part in parts] == list(itertools.islice(callbacks(seed=3), COUNT))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_parts_join_to_the_log(layout: str) -> None:
    parts = generate_parts(layout=layout, count=COUNT, seed=5, damage_rate=0.3)
    assert b"".join(part.raw for part in parts) == log(layout=layout, count=COUNT, seed=5, damage_rate=0.3)


def test_xml_is_one_document_a_line_some_declared() -> None:
    lines = log(layout="xml", count=COUNT).splitlines()
    assert [etree.fromstring(line).tag for line in lines] == ["Response"] * COUNT
    assert 0 < sum(line.startswith(b"<?xml") for line in lines) < COUNT


def test_batch_is_one_document_of_all_responses() -> None:
    root = etree.fromstring(log(layout="xml-batch", count=COUNT))
    assert root.tag == "Responses"
    assert [child.tag for child in root] == ["Response"] * COUNT


def test_json_is_back_to_back_every_other_one_touching() -> None:
    written = log(layout="json", count=COUNT).decode()
    assert len(json_documents(written)) == COUNT
    assert written.count("\n") == COUNT // 2 + 1
    assert written.count('}{"EventName"') == COUNT // 2 - 1


def test_ndjson_is_one_document_a_line() -> None:
    assert len([json.loads(line) for line in log(layout="ndjson", count=COUNT).splitlines()]) == COUNT


def test_json_array_is_one_array() -> None:
    assert len(json.loads(log(layout="json-array", count=COUNT))) == COUNT


def test_pretty_is_indented_json_back_to_back() -> None:
    written = log(layout="pretty", count=COUNT).decode()
    assert len(json_documents(written)) == COUNT
    assert '\n    "EventName"' in written


def test_mixed_holds_xml_and_json_compact_and_indented() -> None:
    raws = [part.raw for part in generate_parts(layout="mixed", count=COUNT) if part.callback]
    forms = {(raw[:1], b"\n" in raw.removeprefix(b"<?xml")) for raw in raws}
    assert forms == {(b"<", False), (b"<", True), (b"{", False), (b"{", True)}
    assert len([etree.fromstring(raw) if raw[:1] == b"<" else json.loads(raw) for raw in raws]) == COUNT
    assert any(b'"JobsDetail":{' in raw for raw in raws)


@pytest.mark.parametrize(
    ("layout", "empty"),
    [("xml", b""), ("json-array", b"[\n]\n"), ("xml-batch", b"<Responses>\n</Responses>\n"), ("ndjson", b"")],
)
def test_no_records_leave_the_wrapper(layout: str, empty: bytes) -> None:
    assert log(layout=layout, count=0).endswith(empty)
    assert log(layout=layout, size_bytes=0).endswith(empty)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_size_ends_with_the_first_record_past_it(layout: str) -> None:
    wanted = 50_000
    parts = list(generate_parts(layout=layout, size_bytes=wanted, seed=2))
    last = max(at for at, part in enumerate(parts) if part.callback)
    ends = len(b"".join(part.raw for part in parts[: last + 1]))
    assert ends - len(parts[last].raw) < wanted <= ends
    assert len(parts) - last == 2


def test_size_at_a_record_boundary_adds_no_record() -> None:
    first = next(part.raw for part in generate_parts(layout="ndjson", count=1) if part.callback)
    assert log(layout="ndjson", size_bytes=len(first)) == first + b"\n"
    assert log(layout="ndjson", size_bytes=len(first) + 1).count(b"\n") == 2


def test_a_huge_log_starts_at_once_and_comes_in_small_chunks() -> None:
    for chunk in itertools.islice(generate(layout="xml", size_bytes=1 << 50), 5):
        assert 0 < len(chunk) < 1 << 17


@pytest.mark.parametrize("layout", LAYOUTS)
def test_damage_comes_at_its_rate_and_spares_the_rest(layout: str) -> None:
    def records(rate: float) -> list[Any]:
        return [part for part in generate_parts(layout=layout, count=600, seed=4, damage_rate=rate) if part.callback]

    sound, some, more = records(0), records(0.1), records(0.3)
    assert not any(part.damage for part in sound)
    assert 30 <= sum(bool(part.damage) for part in some) <= 90
    assert 130 <= sum(bool(part.damage) for part in more) <= 230
    for good, hurt, worse in zip(sound, some, more, strict=True):
        assert hurt.damage or hurt.raw == good.raw
        assert worse.damage or not hurt.damage


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if layout not in ("pretty", "mixed")])
def test_damage_has_its_lines_for_itself(layout: str) -> None:
    parts = list(generate_parts(layout=layout, count=200, seed=4, damage_rate=0.3))
    for before, part, after in zip(parts, parts[1:], parts[2:], strict=False):
        if part.damage:
            assert before.raw.endswith(b"\n")
            assert after.raw.lstrip(b",").startswith(b"\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "yaml", "count": 1}, "unknown layout 'yaml'; one of: xml, xml-batch, json"),
        ({"layout": "xml"}, "give exactly one of count and size_bytes"),
        ({"layout": "xml", "count": 1, "size_bytes": 1}, "give exactly one of count and size_bytes"),
        ({"layout": "xml", "count": -1}, "count must be 0 or more, not -1"),
        ({"layout": "xml", "size_bytes": -5}, "size_bytes must be 0 or more, not -5"),
        ({"layout": "xml", "count": 1, "damage_rate": 1.5}, "damage_rate must be between 0 and 1, not 1.5"),
        ({"layout": "xml", "count": 1, "failure_rate": -0.1}, "failure_rate must be between 0 and 1, not -0.1"),
        ({"layout": "xml", "count": 1, "tags": ["Nope"]}, "cannot generate Tag 'Nope'; known: StreamExtract, "),
        ({"layout": "xml", "count": 1, "tags": []}, r"tags must be a sequence of at least one Tag, not \[\]"),
        ({"layout": "xml", "count": 1, "tags": "Concat"}, "tags must be a sequence of at least one Tag, not 'Concat'"),
    ],
)
def test_impossible_wishes_fail_at_the_call(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        generate(**options)


@pytest.mark.parametrize("tag", TAGS)
def test_every_tag_alone_gives_only_itself(tag: str) -> None:
    for line in log(layout="ndjson", count=20, tags=(tag,)).splitlines():
        (job,) = json.loads(line)["JobsDetail"]
        assert job["Tag"] == tag


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("2026-06-30.xml", {"layout": "xml", "count": 20, "seed": 1}),
        ("2026-07-01.jsonl.gz", {"layout": "ndjson", "count": 40, "seed": 2}),
        ("2026-07-02-batch.xml", {"layout": "xml-batch", "count": 8, "seed": 3}),
        ("2026-07-04-mixed.log", {"layout": "mixed", "count": 8, "seed": 5, "damage_rate": 0.1}),
    ],
)
def test_the_sample_archive_is_what_its_readme_says(name: str, options: dict[str, Any]) -> None:
    raw = (ARCHIVE / name).read_bytes()
    assert (gzip.decompress(raw) if name.endswith(".gz") else raw) == log(**options)
