"""Lines of which somebody looks at a few fields only say the same of these."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from itertools import islice
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream_cb.events import EventDecoder, Notes
from stream_cb.events.encode import to_lines
from stream_cb.events.matchers import PURE
from stream_cb.events.selection import Names, Wanted, names_of, picked, shown
from stream_cb.generate import LAYOUTS, callbacks, generate, to_json, to_pretty_json, to_pretty_xml, to_xml
from stream_cb.model import EVERYTHING, ReadOptions, Row, Selection
from stream_cb.readers.framed import read_framed
from tests.pieces import PIECES

decode = msgspec.json.Decoder().decode


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (EVERYTHING, {}),
        ((("a",), ()), {}),
        ((), {"EventName": {}, "Tag": {}}),
        ((("a", "b"), ("a", "c")), {"EventName": {}, "Tag": {}, "a": {"b": {}, "c": {}}}),
        ((("a", "b"), ("a",), ("a", "b", "c")), {"EventName": {}, "Tag": {}, "a": {}}),
        ((("a", "0", "b"),), {"EventName": {}, "Tag": {}, "a": {}}),
        ((("0",),), {}),
    ],
    ids=["everything", "everything and more", "nothing", "siblings", "a parent", "inside a list", "a number"],
)
def test_names_are_those_at_the_paths_and_everything_below(selection: Selection, names: Names) -> None:
    assert names_of(selection) == names


def read(log: bytes, selection: Selection, row: Row | None = None) -> tuple[list[bytes], list[tuple[int | None, str]]]:
    """The lines of a log, and the dead letters."""
    decoder = EventDecoder(Notes(), selection=selection, row=row)
    lines: list[bytes] = []
    dead = []
    for block in read_framed(BytesIO(log), "a.log", ReadOptions(chunk_bytes=20_000), decoder):
        lines += to_lines(block.results).splitlines()
        dead += [(letter.offset, letter.reason) for letter in block.dead]
    return lines, dead


def lines_of(log: bytes, selection: Selection) -> tuple[list[bytes], int]:
    """The lines of a log, and how many bytes they have."""
    lines, _ = read(log, selection)
    return lines, sum(map(len, lines))


PATHS = [
    *("JobId", "State", "CreationTime", "Input", "Input.Object", "Operation", "Operation.Output", "Operation.UserData"),
    *("Operation.Output.Bucket", "Operation.MediaResult.OutputFile.Md5Info.Md5", "Operation.MediaResult.OutputFile"),
    *("Operation.MediaInfo.Stream.Video.Width", "Operation.Output.StreamExtract.0.Output", "Workflow.Name", "Nothing"),
    *("Operation.Output.StreamExtract.Output", "State.Deeper", "Operation.MediaInfo.Format.Size", "Name", "Tasks.Type"),
]


@pytest.mark.parametrize("matcher", ["", "1"], ids=["any matcher", "in Python"])
@settings(max_examples=12, deadline=None)
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    selection=st.lists(st.sampled_from(PATHS).map(lambda path: tuple(path.split("."))), max_size=4).map(tuple),
    seed=st.integers(0, 99),
)
def test_lines_have_what_is_selected_as_the_whole_ones_have_it(
    matcher: str, layout: str, selection: Selection, seed: int
) -> None:
    log = b"".join(generate(layout=layout, count=150, seed=seed, tags=["StreamExtract", "MediaInfo", "Snapshot"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PURE, matcher)
        whole, size = lines_of(log, EVERYTHING)
        narrow, narrow_size = lines_of(log, selection)
    names = names_of(selection)
    assert [picked(decode(line), names) for line in narrow] == [picked(decode(line), names) for line in whole]
    assert narrow_size < size


def paths_of(*texts: str) -> Selection:
    return tuple(tuple(text.split(".")) for text in texts)


CELLS = [*PATHS, "EventName", "Tag", "EndTime", "Code", "Input.BucketId", "Operation.JobLevel", "JobId.Deeper"]
VALUES = ["Operation.Output", "Operation.MediaResult.OutputFile.ObjectName", "Operation.MediaInfo.Format", "Input"]


@pytest.mark.parametrize("matcher", ["", "1"], ids=["any matcher", "in Python"])
@settings(max_examples=20, deadline=None)
@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    cells=st.lists(st.sampled_from(CELLS), max_size=6).map(lambda texts: paths_of(*texts)),
    values=st.lists(st.sampled_from([*VALUES, "JobId", "Nothing"]), max_size=2).map(lambda texts: paths_of(*texts)),
    more=st.lists(st.sampled_from(PATHS), max_size=2).map(lambda texts: paths_of(*texts)),
    seed=st.integers(0, 99),
)
def test_a_row_says_what_the_object_in_its_place_would_say(  # noqa: PLR0917  (what a row is made of)
    matcher: str, layout: str, cells: Selection, values: Selection, more: Selection, seed: int
) -> None:
    log = b"".join(generate(layout=layout, count=150, seed=seed, tags=["StreamExtract", "MediaInfo", "Snapshot"]))
    selection, row = (*cells, *values, *more), Row(cells, values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PURE, matcher)
        whole, _ = lines_of(log, EVERYTHING)
        narrow, _ = read(log, selection, row)
    wanted = Wanted(names_of(selection), row)
    for line, whole_line in zip(map(decode, narrow), map(decode, whole), strict=True):
        said = line if isinstance(line, list) else picked(line, wanted.names)
        assert said == shown(whole_line, wanted, line)


@pytest.mark.parametrize("matcher", ["", "1"], ids=["any matcher", "in Python"])
@pytest.mark.parametrize("layout", ["xml", "ndjson"])
def test_a_line_is_a_row_where_each_cell_is_one_value(
    matcher: str, layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PURE, matcher)
    log = b"".join(generate(layout=layout, count=300, seed=1, tags=["StreamExtract"]))
    single, several = paths_of("JobId", "Input.Object"), paths_of("JobId", "Operation.Output.StreamExtract.Output")
    assert sum(line.startswith(b"[") for line in read(log, single, Row(single, ()))[0]) > 200
    assert not any(line.startswith(b"[") for line in read(log, several, Row(several, ()))[0])
    assert not any(line.startswith(b"[") for line in read(log, single)[0])


@pytest.mark.parametrize("matcher", ["", "1"], ids=["any matcher", "in Python"])
@settings(max_examples=25, deadline=None)
@given(
    write=st.sampled_from([to_xml, to_pretty_xml, to_json, to_pretty_json]),
    selection=st.sampled_from([(), (("JobId",),), (("Input", "Object"),)]),
    damage=st.lists(st.tuples(st.integers(60, 199), st.floats(0, 1), st.sampled_from(PIECES)), max_size=20),
)
@example(write=to_xml, selection=(), damage=[(100, 0.5, b"\xff")])
@example(write=to_json, selection=(), damage=[(100, 0.5, b"\x1f")])
def test_what_nobody_selected_is_looked_at_all_the_same(
    matcher: str, write: Callable[[Any], bytes], selection: Selection, damage: list[tuple[int, float, bytes]]
) -> None:
    """A record is no better for being damaged where no column looks."""
    records = [write(callback) for callback in islice(callbacks(seed=1, tags=["StreamExtract"]), 200)]
    for number, share, piece in damage:
        at = int(share * len(records[number]))
        records[number] = records[number][:at] + piece + records[number][at:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PURE, matcher)
        whole, whole_dead = read(b"".join(records), EVERYTHING)
        narrow, narrow_dead = read(b"".join(records), selection)
    assert narrow_dead == whole_dead
    names = names_of(selection)
    assert [picked(decode(line), names) for line in narrow] == [picked(decode(line), names) for line in whole]


def test_narrow_lines_are_short() -> None:
    log = b"".join(generate(layout="xml", count=300, seed=1, tags=["StreamExtract"]))
    narrow, size = lines_of(log, (("JobId",), ("Operation", "Output", "StreamExtract", "Index")))
    assert size < lines_of(log, EVERYTHING)[1] / 4
    assert set(decode(narrow[-1])) == {"EventName", "Tag", "JobId", "Operation"}
    assert set(decode(narrow[-1])["Operation"]["Output"]["StreamExtract"][0]) == {"Index"}
