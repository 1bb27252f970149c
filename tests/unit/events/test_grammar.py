"""Promises of what is learned of records: their parts come into one order, and what would cost too much is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_cb.events.grammar import NotPlain, Part


def learn(root: Part, names: list[str]) -> None:
    root.filled += 1
    for before, name in itertools.pairwise(["", *names]):
        root.see(name, before)


def learned(*records: list[str]) -> Part:
    root = Part()
    for names in records:
        learn(root, names)
    return root


@given(st.lists(st.sets(st.sampled_from("abcdefgh")).map(sorted)))
def test_parts_that_come_in_one_order_are_never_refused_and_are_in_an_order_of_all(records: list[list[str]]) -> None:
    order = list(learned(*records).children)
    for names in records:
        assert [name for name in order if name in names] == names


def test_a_part_that_was_put_in_the_wrong_place_finds_its_own() -> None:
    assert list(learned(["a", "d"], ["a", "b"], ["b", "c", "d"]).children) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("names", [["b", "a"], ["a", "a"], ["c", "b"]])
def test_what_comes_the_other_way_or_twice_is_refused_and_changes_no_order(names: list[str]) -> None:
    root = learned(["a", "b"], ["b", "c"])
    with pytest.raises(NotPlain):
        learn(root, names)
    root.see("d", "c")
    assert list(root.children) == ["a", "b", "c", "d"]


def test_a_part_that_was_not_always_there_may_miss() -> None:
    root = learned(["a", "b"], ["b"])
    assert [name for name, child in root.children.items() if root.may_miss(child)] == ["a"]


def test_more_names_than_a_type_has_are_refused_before_their_order_costs_minutes() -> None:
    root = Part()
    with pytest.raises(NotPlain):
        learn(root, [f"k{number}" for number in range(1_000)])
    assert len(root.children) == 256
