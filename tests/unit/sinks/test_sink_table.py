"""Names and suffixes lead to sinks; nothing is imported before it is used, and nothing is left behind on a refusal."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

from stream_cb import sinks
from stream_cb.errors import SinkError, UsageError
from stream_cb.model import DeadLetter, Record, SinkOptions
from stream_cb.sinks import SINKS, choose_sink, load_sink, open_output, open_sink, sink_names
from stream_cb.sinks.column_files import ArrowSink, ParquetSink
from stream_cb.sinks.csv_rows import CsvSink
from stream_cb.sinks.dead_letters import DeadLetterSink, read_dead_letters
from stream_cb.sinks.jsonl import JsonlSink

OPTIONS = SinkOptions()
EVENT = Record(payload={"JobId": "a"}, format="json", source="test", index=0)


@pytest.fixture
def plug_ins(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Entry points by name, as if a package had been installed."""
    table: dict[str, str] = {}

    def installed(*, group: str) -> EntryPoints:
        return EntryPoints(EntryPoint(name, value, group) for name, value in table.items())

    monkeypatch.setattr("importlib.metadata.entry_points", installed)
    return table


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("events.jsonl", ("jsonl", None)),
        ("events.ndjson", ("jsonl", None)),
        ("events.json", ("jsonl", None)),
        ("EVENTS.CSV", ("csv", None)),
        ("a.b/events.jsonl.gz", ("jsonl", "gz")),
        ("events.csv.zst", ("csv", "zst")),
        ("events.csv.GZ", ("csv", "gz")),
        (Path("x/events.2022.csv"), ("csv", None)),
    ],
    ids=str,
)
def test_suffix_chooses_format_and_compression(path: Any, expected: tuple[str, str | None]) -> None:
    assert choose_sink(path) == expected


KNOWN = r"known: \.jsonl \.ndjson \.json \.csv, each also with \.gz or \.zst; \.parquet \.arrow; --to names one$"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("events.xml", "events.xml: the suffix '.xml' names no output format"),
        ("events.xml.gz", "events.xml.gz: the suffix '.xml' names no output format"),
        ("events.csv.bz2", "events.csv.bz2: the suffix '.bz2' names no output format"),
        ("events", "events: a name without a suffix names no format"),
        ("events.gz", "events.gz: a name without a suffix names no format"),
        ("/dev/null", "/dev/null: a name without a suffix names no format"),
    ],
)
def test_unknown_suffix_lists_the_known_ones(path: str, asked: str, plug_ins: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(asked)}; {KNOWN}"):
        choose_sink(path)


def test_plug_in_adds_its_name_and_suffix(plug_ins: dict[str, str]) -> None:
    plug_ins["avro"] = "stream_cb.sinks.jsonl:JsonlSink"
    assert sink_names() == ["arrow", "avro", "csv", "jsonl", "parquet"]
    assert choose_sink("events.avro.zst") == ("avro", "zst")
    assert load_sink("avro") is JsonlSink
    with pytest.raises(UsageError, match=r"known: .* \.csv \.avro, each"):
        choose_sink("events.xls")


def test_plug_in_never_replaces_a_built_in_row(plug_ins: dict[str, str]) -> None:
    plug_ins["csv"] = "no_such_module:Sink"
    assert load_sink("csv") is CsvSink
    assert sink_names() == ["arrow", "csv", "jsonl", "parquet"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_module:Sink", "does not load: No module named 'no_such_module'"),
        ("stream_cb.sinks.jsonl:NoSuchSink", "does not load: .* has no attribute 'NoSuchSink'"),
        ("stream_cb.sinks:GROUP", "is not callable"),
    ],
)
def test_broken_plug_in_is_named(value: str, reason: str, plug_ins: dict[str, str]) -> None:
    plug_ins["avro"] = value
    with pytest.raises(UsageError, match=rf"^the output format 'avro' \({value}\) {reason}"):
        load_sink("avro")


def test_unknown_name_lists_the_known_ones(plug_ins: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"^there is no output format 'xls'; known: arrow, csv, jsonl, parquet$"):
        load_sink("xls")


def test_built_in_names_look_up_no_plug_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sinks, "_plug_ins")
    assert [load_sink(name) for name in SINKS] == [JsonlSink, CsvSink, ParquetSink, ArrowSink]
    assert choose_sink("events.csv") == ("csv", None)


@pytest.mark.parametrize(("to", "expected"), [(None, b'{"JobId":"a"}\n'), ("csv", b"JobId\na\n")], ids=["jsonl", "csv"])
def test_dash_is_stdout_and_stays_open(to: str | None, expected: bytes) -> None:
    stream = io.BytesIO()
    options = SinkOptions(columns=("JobId",)) if to else OPTIONS
    sink = open_sink("-", to=to, options=options, force=False, stdout=stream)
    sink.write_batch([EVENT])
    sink.close()
    assert stream.getvalue() == expected
    assert not stream.closed
    assert sink.name == "stdout"


def test_dash_without_a_stream_is_the_stdout_of_the_process(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    sink = open_sink("-", to=None, options=OPTIONS)
    sink.write_batch([EVENT])
    sink.close()
    assert capfdbinary.readouterr().out == b'{"JobId":"a"}\n'


def test_path_is_a_file_of_the_format_its_suffix_names(tmp_path: Path) -> None:
    target = tmp_path / "events.csv"
    sink = open_sink(str(target), to=None, options=SinkOptions(columns=("JobId",)))
    sink.write_batch([EVENT])
    assert not target.exists()
    sink.close()
    assert target.read_bytes() == b"JobId\na\n"
    assert sink.name == str(target)


def test_given_format_wins_over_the_suffix_and_keeps_its_compression(tmp_path: Path) -> None:
    target = tmp_path / "events.dat.gz"
    open_sink(str(target), to="csv", options=SinkOptions(columns=("JobId",))).close()
    assert gzip.decompress(target.read_bytes()) == b"JobId\n"


def test_existing_file_needs_force(tmp_path: Path) -> None:
    target = tmp_path / "events.jsonl"
    target.write_text("old")
    with pytest.raises(UsageError, match=r"events\.jsonl exists; --force overwrites it"):
        open_sink(str(target), to=None, options=OPTIONS)
    open_sink(str(target), to=None, options=OPTIONS, force=True).close()
    assert target.read_text() == ""


def test_refused_options_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'"JobId\." is no path'):
        open_sink(str(tmp_path / "events.csv"), to=None, options=SinkOptions(columns=("JobId.",)))
    assert list(tmp_path.iterdir()) == []


def test_refused_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="there is no folder"):
        open_sink(str(tmp_path / "missing" / "events.csv"), to=None, options=OPTIONS)


@pytest.mark.parametrize(("name", "unpack"), [("dead.jsonl", bytes), ("dead.jsonl.gz", gzip.decompress)])
def test_dead_letters_are_compressed_as_their_name_asks(
    tmp_path: Path, name: str, unpack: Callable[[bytes], bytes]
) -> None:
    letter = DeadLetter(source="a.xml", index=0, reason="ParseError", detail="cut", raw=b"<a>")
    dead_letters = DeadLetterSink(open_output(str(tmp_path / name)))
    dead_letters.write([letter])
    dead_letters.close()
    lines = unpack((tmp_path / name).read_bytes())
    assert list(read_dead_letters(io.BytesIO(lines))) == [letter]
    with pytest.raises(UsageError, match="exists; --force overwrites it"):
        DeadLetterSink(open_output(str(tmp_path / name)))


def test_importing_the_table_imports_nothing_heavy() -> None:
    heavy = {"csv", "gzip", "zlib", "zstandard", "orjson", "msgspec", "importlib.metadata", "json"}
    script = (
        f"import sys; before = set(sys.modules); import stream_cb.sinks; print({heavy} & (set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
