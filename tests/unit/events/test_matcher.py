"""Promises of the compiled matcher: it answers what the pure one does, whatever the bytes, and is gone if not built.

What both answer is right where `test_lanes.py` says so; here they are held to each other, closer to the bytes.
"""

from __future__ import annotations

import itertools
import re
import sys
from functools import cache
from random import Random

import pytest

pytest.importorskip("stream_cb._matcher", reason="the extension was not built")

from hypothesis import given
from hypothesis import strategies as st

from stream_cb._matcher import Matcher, run
from stream_cb.events import OPERATIONS
from stream_cb.events.matchers import PURE, chosen_matcher
from stream_cb.events.steps import FORMS, PARTS
from stream_cb.runs import JSON, XML
from tests.matchers import TAGS, Shape, changed, of_several_jobs, record_of, shape_of, together
from tests.pieces import PIECES

# A PosterProduction holds what no type describes.
FULL = sorted(OPERATIONS.keys() - {"PosterProduction"})
ENDED, MATCHED, DONE = (("ended", 0, 0, 0, b""), ("matched", 0, 0, 0, b""), ("done", 0, 0, 0, b""))
formats = pytest.mark.parametrize("is_json", [False, True], ids=["xml", "json"])
flags = pytest.mark.parametrize("is_pretty", [False, True], ids=["plain", "pretty"])


@formats
@flags
@pytest.mark.parametrize("tag", FULL)
def test_it_takes_every_field_of_every_tag(tag: str, is_pretty: bool, is_json: bool) -> None:
    shape = shape_of(tag, is_full=True, is_pretty=is_pretty, is_json=is_json)
    log = b" \r\n\t".join(shape.records)
    lines, record_bytes, end = shape.run(log)
    assert len(lines) == len(shape.records)
    assert record_bytes == len(log) - 4 * (len(lines) - 1)
    assert end == len(log)


@formats
@pytest.mark.parametrize("tag", TAGS)
def test_a_record_cut_off_anywhere_is_not_taken(tag: str, is_json: bool) -> None:
    shape = shape_of(tag, is_json=is_json)
    first, second = shape.records[0], shape.records[1]
    for cut in range(len(second)):
        lines, _, end = shape.run(first + second[:cut])
        assert (len(lines), end) == (1, len(first))


@formats
@pytest.mark.parametrize("tag", ["StreamExtract", "DocProcess"])
def test_any_byte_in_the_place_of_any_other_is_taken_or_refused_alike(tag: str, is_json: bool) -> None:
    shape = shape_of(tag, is_full=True, is_json=is_json)
    record = min(shape.records, key=len)
    rng = Random(0)
    for at in range(len(record)):
        for byte in {*b"<>&\"'\\/ \n\r\x00\x7f\x80\xc3\xef\xff09-,:{}[]", rng.randrange(256)}:
            shape.run(record[:at] + bytes([byte]) + record[at + 1 :])


def text_of(lines: list[bytes]) -> bytes:
    """The UserData of the one line."""
    (line,) = lines
    found = re.search(rb'"UserData":"((?:[^"\\]|\\.)*)"', line)
    assert found
    return found[1]


def with_text(field: bytes, text: bytes) -> list[bytes]:
    shape = shape_of("StreamExtract", is_full=True)
    record, count = re.subn(
        b"<%b>[^<]*</" % field, b"<%b>%b</" % (field, text.replace(b"\\", rb"\\")), shape.records[0]
    )
    assert count
    return shape.run(record)[0]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (b"plain", b"plain"),
        (b"a tab\tand\na line", b"a tab\\tand\\na line"),
        (b"\t", b"\\t"),
        (b"a > b", b"a > b"),
        (b"]]&gt;", b"]]>"),
        (b'say "no"', b'say \\"no\\"'),
        (b"C:\\new", b"C:\\\\new"),
        (b"&lt;&gt;&amp;&quot;&apos;", b"<>&\\\"'"),
        (b"&amp;lt;&amp;amp;", b"&lt;&amp;"),
        ("é中🎬\u0085\u2028\ufffd".encode(), "é中🎬\u0085\u2028\ufffd".encode()),
        (b"\xf4\x8f\xbf\xbf", b"\xf4\x8f\xbf\xbf"),
        (b"\xed\x9f\xbf\xee\x80\x80", b"\xed\x9f\xbf\xee\x80\x80"),
    ],
)
def test_texts_are_written_as_json_has_them(text: bytes, written: bytes) -> None:
    assert text_of(with_text(b"UserData", text)) == written


@pytest.mark.parametrize(
    "text",
    [
        *(b"]]>", b"a]]>b", b"&", b"&amp", b"&AMP;", b"&#65;", b"&x;", b"\r", b"\x00", b"\x1f", b"\x7f"),
        *(b"\x80", b"\xbf", b"\xff", b"\xc3", b"\xc3(", b"\xe4\xb8", b"\xf0\x9f\x8e", b"\xc0\x80", b"\xc1\xbf"),
        *(
            b"\xe0\x9f\xbf",
            b"\xf0\x8f\xbf\xbf",
            b"\xed\xa0\x80",
            b"\xed\xbf\xbf",
            b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80",
        ),
        *(b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"<!-- -->", b"<![CDATA[x]]>", b"<?p?>", b"<b/>"),
    ],
)
def test_a_text_that_has_to_be_looked_at_by_a_parser_is_refused(text: bytes) -> None:
    assert with_text(b"UserData", text) == []


@pytest.mark.parametrize(
    ("field", "text", "written"),
    [
        *((b"JobLevel", number, number) for number in (b"0", b"1", b"-1", b"9" * 18, b"-" + b"9" * 18)),
        *((b"JobLevel", number, b"") for number in (b"-0", b"00", b"01", b"+1", b"-", b" 1", b"1 ", b"1.0", b"1e2")),
        *((b"JobLevel", number, b"") for number in (b"1" * 19, b"-" + b"1" * 19, b"x", "１".encode())),
        *(
            (b"EndTime", time, b'"2022-06-30T19:27:39+08:00"')
            for time in (b"2022-06-30T19:27:39+0800", b"2022-06-30 19:27:39+08:00")
        ),
        (b"EndTime", b"1000-01-31T00:00:00-23:59", b'"1000-01-31T00:00:00-23:59"'),
        (b"EndTime", b"2999-12-31T23:59:59+0100", b'"2999-12-31T23:59:59+01:00"'),
        *(
            (b"EndTime", time, b"")
            for time in (
                *(b"2022-06-30T19:27:39Z", b"2022-06-30T19:27:39", b"2022-06-30", b"2022-06-30T19:27:39.5+0800"),
                *(b"2022-06-31T19:27:39+0800", b"2024-02-29T19:27:39+0800", b"2022-00-30T19:27:39+0800"),
                *(b"2022-13-30T19:27:39+0800", b"2022-06-00T19:27:39+0800", b"2022-06-32T19:27:39+0800"),
                *(b"2022-06-30T24:27:39+0800", b"2022-06-30T19:60:39+0800", b"2022-06-30T19:27:60+0800"),
                *(b"2022-06-30T19:27:39+0000", b"2022-06-30T19:27:39+2400", b"2022-06-30T19:27:39+0860"),
                *(b"0999-06-30T19:27:39+0800", b"3022-06-30T19:27:39+0800", b"2022-06-30t19:27:39+0800"),
                *(b"2022/06/30T19:27:39+0800", b"2022-06-30T19.27.39+0800", b"2022-06-30T19:27:39 0800"),
                *(b"2022-06-30T19:27:39+08000", b"2022-06-30T19:27:39+08:0", b"2022-06-30T19:27:39+08::00"),
                *(b"x022-06-30T19:27:39+0800", b"20x2-06-30T19:27:39+0800", b"2022-06-30T19:27:39+080x"),
            )
        ),
    ],
)
def test_numbers_and_times_are_taken_in_their_exact_forms(field: bytes, text: bytes, written: bytes) -> None:
    lines = with_text(field, text)
    assert len(lines) == bool(written)
    assert not lines or b'"%b":%b' % (field, written) in lines[0]


@pytest.mark.parametrize(
    ("declaration", "is_taken"),
    [
        *((b"<?xml version='1.0'?>", True), (b'<?xml version="1.0" encoding="UTF-8"?>\n', True)),
        *((b"<?xml version='1.0' encoding='utf-8'?> ", True), (b"<?xml version=\"1.0'?>", False)),
        *((b"<?xml version='1.0' encoding='UTF-8\"?>", False), (b"<?xml version='1.1'?>", False)),
        *((b"<?xml version='1.0' encoding='GBK'?>", False), (b"<?xml version='1.0'?>\r\n", False)),
        *((b"<?xml version='1.0'?><?p?>", False), (b"\xef\xbb\xbf", False), (b"<?", False), (b"<?xml version=", False)),
    ],
)
def test_a_declaration_may_stand_before_a_document_alone(declaration: bytes, is_taken: bool) -> None:
    shape = shape_of("StreamExtract")
    log = declaration + shape.records[0].rstrip()
    lines, record_bytes, end = shape.run(log)
    assert len(lines) == is_taken
    assert record_bytes == end == len(log) * is_taken
    assert shape.run(log, are_documents=False) == ([], 0, 0)


def test_a_declaration_before_json_is_no_part_of_it() -> None:
    shape = shape_of("StreamExtract", is_json=True)
    log = shape.records[0] + b"<?xml version='1.0'?>" + shape.records[1]
    assert shape.run(log)[2] == len(shape.records[0])
    assert shape.run(log, len(shape.records[0]))[0] == []


def test_a_record_over_the_limit_ends_the_run() -> None:
    shape = shape_of("StreamExtract")
    log = b"\n".join(record.rstrip() for record in shape.records)
    sizes = [len(record.rstrip()) for record in shape.records]
    over = next(number for number, size in enumerate(sizes) if size > sizes[0])
    assert len(shape.run(log, max_bytes=sizes[0])[0]) == over
    assert shape.run(log, max_bytes=sizes[0] - 1)[0] == []
    assert len(shape.run(log, max_bytes=max(sizes))[0]) == len(sizes)


def test_a_position_outside_the_buffer_has_nothing_behind_it() -> None:
    shape = shape_of("StreamExtract")
    buffer = shape.records[0]
    for position in (len(buffer), len(buffer) + 1, sys.maxsize, -1, -sys.maxsize):
        assert shape.run(buffer, position)[:2] == ([], 0)
    assert shape.run(buffer, 0, -1) == ([], 0, 0)


@pytest.mark.parametrize("gap", [b",", b" ,\n ", b",\r\n"])
def test_items_of_an_array_have_one_comma_between_them(gap: bytes) -> None:
    shape = shape_of("StreamExtract", is_json=True)
    records = shape.records[:5]
    log = gap.join(records)
    lines, record_bytes, end = shape.run(log, have_commas=True)
    assert (len(lines), record_bytes, end) == (5, sum(map(len, records)), len(log))
    assert len(shape.run(log)[0]) == 1
    assert len(shape.run(gap + log, have_commas=True)[0]) == 0
    assert shape.run(log + gap, have_commas=True)[2] == len(log)
    assert len(shape.run(gap.join([*records[:2], b"", *records[2:]]), have_commas=True)[0]) == 2
    assert len(shape.run(b"\n".join(records), have_commas=True)[0]) == 1


@formats
@pytest.mark.parametrize("gap", [b"", b" ", b"\n", b"\r\n"])
def test_records_of_all_tags_are_taken_wherever_lines_end(is_json: bool, gap: bytes) -> None:
    shape = together(shape_of(tag, is_json=is_json, is_pretty=is_pretty) for tag in TAGS for is_pretty in (False, True))
    records = Random(5).choices(shape.records, k=40)
    log = b"\n".join(gap.join(records[place : place + 3]) for place in range(0, len(records), 3))
    assert len(shape.run(log)[0]) == len(records)


@formats
@pytest.mark.parametrize("gap", [b"", b"\n\t "])
def test_the_jobs_of_a_body_are_taken_by_the_plans_of_their_tags(is_json: bool, gap: bytes) -> None:
    shape = together(shape_of(tag, is_json=is_json) for tag in TAGS)
    records = [shape.records[0], shape.records[1], *reversed(shape.records)]
    body = of_several_jobs(records, gap)
    alone = [line for record in records for line in shape.run(record)[0]]
    assert len(alone) == len(records)
    log = body + shape.records[0] + body
    assert shape.run(log, max_bytes=len(body)) == ([*alone, alone[0], *alone], len(log), len(log))
    assert shape.run(log, max_bytes=len(body) - 1)[0] == []
    assert shape.run(b",".join([body, body]), max_bytes=len(body), have_commas=True)[0] == [*alone, *alone]


@formats
def test_a_body_is_not_taken_unless_each_of_its_jobs_is(is_json: bool) -> None:
    shape = together(shape_of(tag, is_json=is_json) for tag in ("StreamExtract", "Snapshot"))
    other = shape_of("DocProcess", is_json=is_json).records[0]
    record = shape.records[0]
    for bodies in ([record, other], [other, record], [record, other, record]):
        assert shape.run(record + of_several_jobs(bodies))[2] == len(record)
    body = of_several_jobs([record, shape.records[-1], record])
    assert len(shape.run(body)[0]) == 3
    seam = b"},{" if is_json else b"</JobsDetail><JobsDetail>"
    for between in (
        b"",
        seam[:-1],
        seam[1:],
        seam[:2] + seam[2:] * 2,
        seam[:1] + b"\r" + seam[1:],
        b"-".join([seam] * 2),
    ):
        assert shape.run(body.replace(seam, between, 1))[0] == []
        assert shape.run(between.join(body.rsplit(seam, 1)))[0] == []
    assert shape.run(body.replace(b"TaskFinish", b"ReviewImage"))[0] == []


@given(data=st.data(), tag=st.sampled_from(TAGS), is_json=st.booleans(), seed=st.integers(0))
def test_the_matchers_answer_alike(data: st.DataObject, tag: str, is_json: bool, seed: int) -> None:
    is_full, is_pretty = data.draw(st.booleans()), data.draw(st.booleans())
    shape = shape_of(tag, is_full=is_full, is_pretty=is_pretty, is_json=is_json)
    rng = Random(seed)
    found = [record_of(shape.records, rng) for _ in range(4)]
    records = [changed(raw, rng) if rng.random() < 0.3 else raw for raw in found]
    buffer = data.draw(st.sampled_from([b"", b"\n", b" \r\n\t", b",", b" ,\n"])).join(records)
    cut = data.draw(st.integers(0, len(buffer)) | st.just(len(buffer)))
    position = data.draw(st.just(0) | st.integers(0, cut))
    max_bytes = data.draw(st.sampled_from([65_536, 2_000, 0]))
    are_documents, have_commas = data.draw(st.booleans()), data.draw(st.booleans())
    shape.run(buffer[:cut], position, max_bytes, are_documents=are_documents, have_commas=have_commas)


@cache
def mixed() -> Shape:
    """Records of all Tags and both formats, each with its plan."""
    return together(
        shape_of(tag, is_json=is_json, is_pretty=is_pretty)
        for tag, is_json, is_pretty in itertools.product(TAGS, (False, True), (False, True))
    )


@given(seed=st.integers(0), gap=st.sampled_from([b"", b"\n", b" \r\n\t"]))
def test_each_record_of_a_mixed_log_is_taken_by_the_plan_of_its_subject(seed: int, gap: bytes) -> None:
    rng = Random(seed)
    records = [record for record in rng.choices(mixed().records, k=20) for _ in range(rng.choice([1, 1, 1, 6]))]
    log = gap.join(records)
    lines, _, end = mixed().run(log)
    assert end == len(log)
    assert lines == [mixed().run(record)[0][0] for record in records]


@given(seed=st.integers(0), gap=st.sampled_from([b"", b"\n", b",", b"<Tag>", b'"Tag":"Transcode"']))
def test_the_matchers_answer_alike_where_subjects_are_mixed(seed: int, gap: bytes) -> None:
    rng = Random(seed)
    records = [changed(raw, rng) if rng.random() < 0.2 else raw for raw in rng.choices(mixed().records, k=6)]
    mixed().run(gap.join(records), are_documents=rng.random() < 0.7, have_commas=rng.random() < 0.3)


@formats
@given(pieces=st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=30), tag=st.sampled_from(TAGS))
def test_the_matchers_answer_alike_to_texts_of_anything(pieces: list[bytes], tag: str, is_json: bool) -> None:
    shape = shape_of(tag, is_full=True, is_json=is_json)
    record = shape.records[0]
    for text in re.finditer(rb'"([^"]+)"' if is_json else rb">([^<]+)<", record):
        shape.run(record[: text.start(1)] + b"".join(pieces) + record[text.end(1) :])


def test_a_form_has_as_many_parts_as_its_expression_has_groups() -> None:
    assert {form: re.compile(FORMS[form]).groups or 1 for form in FORMS} == {form: PARTS.get(form, 1) for form in FORMS}


def test_nothing_is_kept_of_what_was_matched() -> None:
    shape = shape_of("StreamExtract")
    log = b"\n".join(shape.records)
    before = sys.getrefcount(log)
    lines, runs, spans, *_ = run(shape.compiled, log, 0, 65_536, XML, True, True)
    ((subject, count),) = runs
    line = lines.pop()
    assert count == len(shape.records)
    assert sys.getrefcount(log) == before
    assert sys.getrefcount(line) == sys.getrefcount(lines) == sys.getrefcount(runs) == sys.getrefcount(spans) == 2
    assert sys.getrefcount(subject) == 3  # here, in the runs, and in the call


def test_a_matcher_that_is_gone_lets_its_program_go() -> None:
    text = bytes([*b'{"EventName":"a",'])
    program = [("fixed", 0, 0, 0, text), ENDED, MATCHED, ("put", 0, 0, 0, text), DONE]
    before = sys.getrefcount(text)
    plans = {b'"a': Matcher(program, 1, 0, 0)}
    size = len(text)
    assert run(plans, text * 2, 0, 99, JSON, False, True) == ([text, text], [(b'"a', 2)], None, 2, 2 * size, 2 * size)
    del program, plans
    assert sys.getrefcount(text) == before - 2


@pytest.mark.parametrize(
    "program",
    [
        *([], [DONE], [MATCHED], [ENDED, DONE], [MATCHED, DONE], [MATCHED, ENDED, DONE], [ENDED, MATCHED]),
        [ENDED, MATCHED, ("unknown", 0, 0, 0, b""), DONE],
        [ENDED, ("matched", 0, 0, 4, b""), DONE],
        [ENDED, ("matched", -1, 0, 0, b""), DONE],
        [ENDED, ("matched", 0, -1, 0, b""), DONE],
        [ENDED, ("matched", 0, 0, -1, b""), DONE],
    ],
)
def test_what_is_no_program_is_refused(program: list[tuple[str, int, int, int, bytes]]) -> None:
    with pytest.raises(ValueError, match=r"^not the program of a shape$"):
        Matcher(program, 1, 0, 0)


@pytest.mark.parametrize("places", [(-1, 0, 0), (1, -1, 0), (1, 3, 0), (1, 0, -1), (1, 0, 3)])
def test_a_program_without_its_places_is_refused(places: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"^not the program of a shape$"):
        Matcher([ENDED, MATCHED, DONE], *places)


def test_it_is_left_aside_where_that_is_wanted_and_where_it_was_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PURE, raising=False)
    assert chosen_matcher().is_compiled
    monkeypatch.setenv(PURE, "1")
    assert not chosen_matcher().is_compiled
    monkeypatch.delenv(PURE)
    monkeypatch.delattr("stream_cb._matcher")
    monkeypatch.setitem(sys.modules, "stream_cb._matcher", None)
    assert not chosen_matcher().is_compiled
