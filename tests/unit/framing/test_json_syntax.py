"""Promises of the JSON syntax: values and members are found by the bytes alone, however the buffer grows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.framing.damaged import Damaged
from stream_cb.framing.json_syntax import ValueScanner, next_member

VALUES = {
    "object": b'{"a": 1}',
    "nested": b'{"a": {"b": [1, {"c": []}, [[]]]}}',
    "array": b'[{"a": 1}, {}, []]',
    "brackets-in-strings": b'{"a": "}{][", "}": "{"}',
    "escapes": b'{"a": "\\"}", "b": "\\\\", "c": "\\\\\\"]"}',
    "blanks": b'{ \n\t"a" \r\n: \n [ \n ] \n }',
    "chinese": '{"键": "值}"}'.encode(),
    "empty": b"{}",
    "string": b'"a\\"b"',
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(['"', "\\", "{", "}]", '\\"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_scanned_to_its_exact_end(name: str) -> None:
    raw = VALUES[name]
    assert ValueScanner().scan(b"??" + raw + b"}]", 2, final=False) == 2 + len(raw)


@pytest.mark.parametrize("name", VALUES)
def test_a_scan_goes_on_where_the_buffer_grew(name: str) -> None:
    raw = VALUES[name]
    for cut in range(1, len(raw)):
        scanner = ValueScanner()
        assert scanner.scan(b"??" + raw[:cut], 2, final=False) is None, raw[:cut]
        assert scanner.scan(raw + b"{", 0, final=False) == len(raw)


@pytest.mark.parametrize("name", VALUES)
def test_a_scan_of_a_cut_value_is_damage_at_the_end(name: str) -> None:
    raw = VALUES[name]
    for cut in range(1, len(raw)):
        with pytest.raises(Damaged):
            ValueScanner().scan(raw[:cut], 0, final=True)


@settings(max_examples=150)
@given(value=json_values, cuts=st.lists(st.integers(1, 200), max_size=5), indent=st.sampled_from([None, 2]))
def test_any_value_is_scanned_to_its_end_in_any_steps(value: Any, cuts: list[int], indent: int | None) -> None:
    raw = json.dumps([value], ensure_ascii=False, indent=indent).encode()
    scanner = ValueScanner()
    for cut in sorted(cut for cut in cuts if cut < len(raw)):
        assert scanner.scan(raw[:cut], 0, final=False) is None
    assert scanner.scan(raw + b"]", 0, final=False) == len(raw)


@pytest.mark.parametrize("raw", [b"12", b"-1.5e3", b"true", b"null"])
def test_a_word_ends_only_where_something_follows(raw: bytes) -> None:
    assert ValueScanner().scan(raw, 0, final=False) is None
    assert ValueScanner().scan(raw, 0, final=True) == len(raw)
    assert ValueScanner().scan(raw + b",1", 0, final=False) == len(raw)


@pytest.mark.parametrize(
    ("raw", "detail", "at"),
    [
        (b'{"a": [1}', "'}' closes the wrong bracket", 8),
        (b'["a"}', "'}' closes the wrong bracket", 4),
        (b'{"a": 1 {', "'{' where no value can stand", 8),
        (b'{"a": 1, {', "'{' where no value can stand", 9),
        (b"[{} {}]", "'{' where no value can stand", 4),
        (b'{"a": "b\n"}', "a string is not closed on its line", 6),
        (b'{"a": {}', "an object is never closed", 8),
        (b'{"a": [', "an array is never closed", 7),
        (b'"a\n"', "a string is not closed on its line", 0),
        (b",", "expected a value", 0),
    ],
)
def test_damage_is_named_with_its_place(raw: bytes, detail: str, at: int) -> None:
    with pytest.raises(Damaged) as caught:
        ValueScanner().scan(raw, 0, final=True)
    assert (caught.value.detail, caught.value.at) == (detail, at)


@pytest.mark.parametrize(
    ("raw", "key"),
    [(b'"a":1', b'"a"'), (b' "a"\n:\t[', b'"a"'), (b'"\\"a:":"', b'"\\"a:"'), (b'"":{', b'""')],
)
def test_a_member_is_its_key_and_where_its_value_begins(raw: bytes, key: bytes) -> None:
    assert next_member(raw, 0, final=False) == (key, len(raw) - 1)


@pytest.mark.parametrize("raw", [b'"a":1', b' "a"\n:\t[', b'"\\"a:":"', b'"":{'])
def test_a_member_that_is_cut_waits_for_more_and_is_damage_at_the_end(raw: bytes) -> None:
    for cut in range(len(raw)):
        assert next_member(raw[:cut], 0, final=False) is None, raw[:cut]
        with pytest.raises(Damaged, match="expected a key"):
            next_member(raw[:cut], 0, final=True)


@pytest.mark.parametrize("raw", [b"a:1", b'"a"=1', b'"a\n":1', b"}", b"1:2"])
def test_what_is_no_member_is_damage(raw: bytes) -> None:
    with pytest.raises(Damaged, match="expected a key"):
        next_member(raw + b" " * 20, 0, final=False)
