"""Callbacks around the Structs: trees of any of their fields, or of all of them, as the service might send them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from stream_cb.events import OPERATIONS
from stream_cb.events.decode import job_slots
from stream_cb.events.shape import Rule, Slot, slots_of

Tree = dict[str, Any]

# Slots of an event that are not in the body that the service sends.
OWN = {"Misfits", "EventNameInferred", "Response", "Tag", "Operation"}
# A time as it is sent, and as a line says it.
TIMES = {
    "2022-06-30T19:27:39+0800": "2022-06-30T19:27:39+08:00",
    "2022-08-09 14:54:17+0800": "2022-08-09T14:54:17+08:00",
    "2021-08-10T21:01:10+08:00": "2021-08-10T21:01:10+08:00",
    "2021-08-10T21:01:10.250000Z": "2021-08-10T21:01:10.250000Z",
}
# What XML can hold; a carriage return would come back as a line feed.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
TEXTS = st.one_of(
    st.text(CHARACTERS, min_size=1, max_size=8),
    st.sampled_from(
        [
            "视频 第一场 🎬",
            "R&D <draft> a&amp;b",
            "\"double\" 'single'",
            "  two  blanks\t and a tab ",
            "line\none\n\n more ",
            "\n",
            " ",
            "]]> </Response>",
            "${ext}",
            "007",
            "1e5",
            "true",
            "\ue000\ue004",
            "\x7f\x85\u2028",
            '"Tag":"Snapshot"',
            "<Tag>Snapshot</Tag>",
        ]
    ),
)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-(10**40), 10**40).map(str)


def values(rule: Rule) -> st.SearchStrategy[Any]:
    """What may stand in a field: whole, for an empty element is written as nothing in JSON."""
    strategies: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
        "text": lambda: TEXTS,
        "int": lambda: NUMBERS,
        "flag": lambda: st.sampled_from(["true", "false"]),
        "time": lambda: st.sampled_from(list(TIMES)),
        "extra": lambda: st.dictionaries(st.sampled_from(["main", "Text_1"]), TEXTS, min_size=1),
        "node": lambda: trees(slots_of(rule.part), fewest=1),
        "list": lambda: st.lists(values(rule.part), max_size=3),
    }
    return strategies[rule.role]()


def trees(slots: dict[str, Slot], *, fewest: int = 0, most: int = 6) -> st.SearchStrategy[Tree]:
    """Some of the fields, in any order."""
    names = st.lists(st.sampled_from(list(slots)), unique=True, min_size=fewest, max_size=most)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: values(slots[name].rule) for name in chosen}))


def sent(slots: dict[str, Slot]) -> dict[str, Slot]:
    return {name: slot for name, slot in slots.items() if name not in OWN}


def jobs(tag: str) -> st.SearchStrategy[Tree]:
    """Jobs of a Tag; Tag stands last, as it mostly does."""
    operation = trees(job_slots(tag)["Operation"].rule.part and slots_of(OPERATIONS[tag]), fewest=1)
    return st.builds(
        lambda fields, inner: {**fields, "Operation": inner, "Tag": tag}, trees(sent(job_slots(tag))), operation
    )


def filled(rule: Rule, count: int, number: Iterator[int]) -> Any:
    """A value with every field that there is, `count` elements in every list; no two texts are equal."""
    n = next(number)
    if rule.role == "node":
        return {name: filled(slot.rule, count, number) for name, slot in slots_of(rule.part).items()}
    if rule.role == "list":
        return [filled(rule.part, count, number) for _ in range(count)]
    scalars = {"extra": {"main": f"值 {n}"}, "int": str(n), "flag": "true", "time": list(TIMES)[n % 3]}
    return scalars.get(rule.role, f"值 & {n}")


def filled_job(tag: str, count: int, start: int = 0) -> Tree:
    number = itertools.count(start)
    fields = {name: filled(slot.rule, count, number) for name, slot in sent(job_slots(tag)).items()}
    operation = {name: filled(slot.rule, count, number) for name, slot in slots_of(OPERATIONS[tag]).items()}
    return {**fields, "Operation": operation, "Tag": tag}
