"""Lines of which somebody looks at a few fields only say the same of these."""

from __future__ import annotations

from io import BytesIO

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.events import EventDecoder, Notes
from stream_cb.events.encode import to_lines
from stream_cb.events.line_program import PURE
from stream_cb.events.selection import Names, names_of, picked
from stream_cb.generate import LAYOUTS, generate
from stream_cb.model import EVERYTHING, ReadOptions, Selection
from stream_cb.readers.framed import read_framed

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


def lines_of(log: bytes, selection: Selection) -> tuple[list[bytes], int]:
    """The lines of a log, and how many bytes they have."""
    decoder = EventDecoder(Notes(), selection=selection)
    lines = []
    for block in read_framed(BytesIO(log), "a.log", ReadOptions(chunk_bytes=20_000), decoder):
        lines += to_lines(block.results).splitlines()
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


def test_narrow_lines_are_short() -> None:
    log = b"".join(generate(layout="xml", count=300, seed=1, tags=["StreamExtract"]))
    narrow, size = lines_of(log, (("JobId",), ("Operation", "Output", "StreamExtract", "Index")))
    assert size < lines_of(log, EVERYTHING)[1] / 4
    assert set(decode(narrow[-1])) == {"EventName", "Tag", "JobId", "Operation"}
    assert set(decode(narrow[-1])["Operation"]["Output"]["StreamExtract"][0]) == {"Index"}
