"""Promises of the XML syntax: roots, ends and scans are found by the bytes alone, however the buffer grows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.framing.damaged import Damaged
from stream_cb.framing.xml_syntax import ElementScanner, StartTag, find_root, first_child, guess_end

ROOTS = {
    "bare": (b"<A>", b"A", 0),
    "attribute-with-end": (b"<A b='/>' c=\">\">", b"A", 0),
    "prefixed": (b"<ns:A xmlns:ns='u'>", b"ns:A", 0),
    "chinese": ("<回调>".encode(), "回调".encode(), 0),
    "empty": (b"<A/>", b"A", 0),
    "empty-with-blank": (b"<A />", b"A", 0),
    "declared": (b"<?xml version='1.0'?>\n<A>", b"A", 22),
    "commented": (b"<!-- <B> -- > --->\n<A>", b"A", None),
    "comment-of-dashes": (b"<!----><A>", b"A", 7),
    "instruction": (b"<?pi ?? > <B> ?><A>", b"A", 16),
    "doctype": (b"<!DOCTYPE A><A>", b"A", 12),
    "doctype-subset": (b"<!DOCTYPE A [<!ENTITY e ']>'><!-- ]> ' --><?p ]> ?>]><A>", b"A", None),
    "doctype-system": (b'<!DOCTYPE A SYSTEM "a>b"><A>', b"A", None),
    "everything": (b"<?xml version='1.0'?><!-- a --><?b c?>\r\n<!DOCTYPE A [ ]><A>", b"A", None),
}


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_is_found_behind_its_prolog(name: str) -> None:
    raw, root, start = ROOTS[name]
    tag = find_root(b"???" + raw + b"text", 3, final=False)
    assert tag is not None
    assert tag.name == root
    assert tag.end == 3 + len(raw)
    assert tag.start == 3 + (raw.rindex(b"<" + root) if start is None else start)
    assert tag.is_empty == raw.endswith(b"/>")


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_that_is_cut_anywhere_waits_for_more(name: str) -> None:
    raw, _, _ = ROOTS[name]
    for cut in range(len(raw)):
        assert find_root(raw[:cut], 0, final=False) is None, raw[:cut]


@pytest.mark.parametrize("name", ROOTS)
def test_a_root_that_is_cut_anywhere_is_damage_at_the_end(name: str) -> None:
    raw, _, _ = ROOTS[name]
    for cut in range(len(raw)):
        with pytest.raises(Damaged):
            find_root(raw[:cut], 0, final=True)


@pytest.mark.parametrize("raw", [b"text", b"</A>", b"< A>", b"<A <B>", b"<A b='<'>", b"<!ELEMENT a>", b"<=>"])
def test_what_is_no_start_tag_is_damage(raw: bytes) -> None:
    with pytest.raises(Damaged, match="expected a start tag"):
        find_root(raw + b" " * 20, 0, final=False)


def test_the_end_of_the_input_before_a_root_is_named() -> None:
    with pytest.raises(Damaged) as caught:
        find_root(b"<?xml version='1.0'?> ", 0, final=True)
    assert caught.value.detail == "input ended before the root element"
    assert caught.value.at == 22


def test_a_start_tag_tells_its_attributes() -> None:
    assert find_root(b"<A b='1'/>", 0, final=True) == StartTag(b"A", 0, 10, b" b='1'/", is_empty=True)


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        (b"x</A>y", 5),
        (b"x</A \r\n\t>y", 9),
        (b"</AB></A>", 9),
        (b"</A.b></A-c></A:d></A>", 22),
        (b"</A", -1),
        (b"</A ", -1),
        (b"</B>", -1),
        (b"", -1),
    ],
)
def test_the_first_end_tag_of_just_that_name_is_the_guess(raw: bytes, end: int) -> None:
    assert guess_end(raw, b"A", 0) == end


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"<A>", b"A"),
        (b" \n<!-- <B> --><?p?><A/>", b"A"),
        (b"</R>", b"/R"),
        (b"text<A>", b""),
        (b"&lt;", b""),
        (b"<![CDATA[x]]>", b""),
    ],
)
def test_the_first_child_is_told_from_text(raw: bytes, name: bytes) -> None:
    assert first_child(raw, 0) == name


@pytest.mark.parametrize("raw", [b"", b"  ", b"<", b"<A", b"<!", b"<!--", b"<!-- a --", b"<?p", b"</", b"</R"])
def test_a_first_child_that_is_cut_is_not_told(raw: bytes) -> None:
    assert first_child(raw, 0) is None


ELEMENTS = {
    "text": b"<A>text > ]]&gt; text</A>",
    "children": b"<A><B><A2/></B><B/></A>",
    "own-name-inside": b"<A><A><A/></A></A>",
    "end-in-cdata": b"<A><![CDATA[</A>]] > ]]></A>",
    "end-in-comment": b"<A><!-- </A> - > --></A>",
    "end-in-instruction": b"<A><?p </A> ? > ?></A>",
    "end-in-attribute": b"<A b=\"</A>'\"><B c='/>\"'/></A>".replace(b"</A>'", b"/A>'"),
    "blanks-in-tags": b"<A ><B\n/></A\r\n >",
    "empty": b"<A/>",
    "prefixed": b"<n:A><n:B/></n:A>",
    "chinese": "<回调><值>数据</值></回调>".encode(),
    "gb18030": "<回调><值>数据万象㐀</值></回调>".encode("gb18030"),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_element_is_scanned_to_its_exact_end(name: str) -> None:
    raw = ELEMENTS[name]
    assert ElementScanner(sole=False).scan(b"??" + raw + b"</A><B>", 2, final=False) == 2 + len(raw)


@pytest.mark.parametrize("name", ELEMENTS)
def test_a_scan_goes_on_where_the_buffer_grew(name: str) -> None:
    raw = ELEMENTS[name]
    for cut in range(len(raw)):
        scanner = ElementScanner(sole=False)
        assert scanner.scan(b"??" + raw[:cut], 2, final=False) is None, raw[:cut]
        assert scanner.scan(raw + b"<", 0, final=False) == len(raw)


@pytest.mark.parametrize("name", ELEMENTS)
def test_a_scan_of_a_cut_element_is_damage_at_the_end(name: str) -> None:
    raw = ELEMENTS[name]
    for cut in range(1, len(raw)):
        with pytest.raises(Damaged):
            ElementScanner(sole=False).scan(raw[:cut], 0, final=True)


@pytest.mark.parametrize(
    ("raw", "detail", "at"),
    [
        (b"<A><B></A>", "end tag </A> does not fit the open element", 6),
        (b"<A></B>", "end tag </B> does not fit the open element", 3),
        (b"<A>1 < 2</A>", "'<' begins no tag", 5),
        (b"<A><B", "<A> is never closed", 5),
        (b"<A>", "<A> is never closed", 3),
        (b"<A><B>", "<B> is never closed", 6),
    ],
)
def test_damage_is_named_with_its_place(raw: bytes, detail: str, at: int) -> None:
    with pytest.raises(Damaged) as caught:
        ElementScanner(sole=False).scan(raw, 0, final=True)
    assert (caught.value.detail, caught.value.at) == (detail, at)


def test_an_element_that_never_holds_its_own_kind_is_damaged_where_another_begins() -> None:
    with pytest.raises(Damaged) as caught:
        ElementScanner(sole=True).scan(b"<R><A></A><R>", 0, final=False)
    assert (caught.value.detail, caught.value.at) == ("<R> begins inside <R>", 10)


trees = st.recursive(
    st.sampled_from([b"", b"text", b"<!-- </A> -->", b"<![CDATA[</A>]]>", b"<A/>", b"<B b='>'/>", b"<?p </A>?>"]),
    lambda inner: st.builds(
        lambda name, parts: b"<" + name + b">" + b"".join(parts) + b"</" + name + b" >",
        st.sampled_from([b"A", b"AB", b"B"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@settings(max_examples=100)
@given(inner=st.lists(trees, max_size=3), cuts=st.lists(st.integers(0, 200), max_size=5))
def test_any_element_is_scanned_to_its_end_in_any_steps(inner: list[bytes], cuts: list[int]) -> None:
    raw = b"<A>" + b"".join(inner) + b"</A>"
    scanner = ElementScanner(sole=False)
    for cut in sorted(cut for cut in cuts if cut < len(raw)):
        assert scanner.scan(raw[:cut], 0, final=False) is None
    assert scanner.scan(raw + b"<A>", 0, final=False) == len(raw)
