"""Promises of a typed event: it cannot be changed, it pickles, it hashes, and it matches by its fields."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from stream_cb.events import Extra, Input, Other, StreamExtractOperation, TaskFinish
from stream_cb.events.node import NOTHING, present_fields
from tests.decoding import callback, job_of

CHANGES: dict[str, Callable[[Extra], Any]] = {
    "set": lambda extra: extra.__setitem__("a", 2),
    "delete": lambda extra: extra.__delitem__("a"),
    "clear": lambda extra: extra.clear(),
    "pop": lambda extra: extra.pop("a"),
    "popitem": lambda extra: extra.popitem(),
    "setdefault": lambda extra: extra.setdefault("b", 1),
    "update": lambda extra: extra.update(b=1),
    "or": lambda extra: extra.__ior__({"b": 1}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_extra_refuses_every_change(change: str) -> None:
    extra = Extra({"a": 1})
    with pytest.raises(TypeError, match="the fields of an event cannot be changed"):
        CHANGES[change](extra)
    assert extra == {"a": 1}


def test_extra_reads_as_a_dict() -> None:
    extra = Extra({"a": 1, "b": 2})
    assert (extra["a"], extra.get("c"), list(extra), dict(extra)) == (1, None, ["a", "b"], {"a": 1, "b": 2})
    assert extra | {"c": 3} == {"a": 1, "b": 2, "c": 3}


def test_equal_extras_have_equal_hashes() -> None:
    first, second = Extra({"a": 1, "b": [2]}), Extra({"b": [2], "a": 1})
    assert first == second
    assert hash(first) == hash(second)


def test_an_extra_hashes_whatever_it_holds_in_whatever_order() -> None:
    first = Extra({"a": {"b": [1]}, "c": None})
    assert hash(first) == hash(Extra({"c": None, "a": {"b": [1]}})) == hash(Extra(first))


def pickled(one: Any) -> Any:
    return pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, pickled])
def test_extra_and_events_survive_copies_and_pickling(clone: Callable[[Any], Any]) -> None:
    event = job_of(callback(JobId="j", Tag="StreamExtract", New={"a": [1]}, Operation={"UserData": "u"}))
    for original in (event, event.extra, Other(root="r", payload={"a": 1}), NOTHING):
        twin = clone(original)
        assert twin == original
        assert type(twin) is type(original)
    with pytest.raises(TypeError):
        clone(event).extra["b"] = 1


def test_an_event_cannot_be_changed() -> None:
    event: TaskFinish[Any] = TaskFinish(job_id="j")
    with pytest.raises(AttributeError):
        event.job_id = "k"  # type: ignore[misc]


def test_events_hash_as_long_as_they_hold_no_payload() -> None:
    event = job_of(callback(JobId="j", Tag="StreamExtract", Operation={"Output": {"StreamExtract": {"Index": 1}}}))
    assert (
        len(
            {
                event,
                job_of(callback(JobId="j", Tag="StreamExtract", Operation={"Output": {"StreamExtract": {"Index": 1}}})),
            }
        )
        == 1
    )


def test_events_match_by_their_fields() -> None:
    match job_of(callback(Tag="StreamExtract", State="Failed", Operation={"UserData": "u"})):
        case TaskFinish(tag="StreamExtract", state="Failed", operation=StreamExtractOperation(user_data=user_data)):
            assert user_data == "u"
        case _:
            pytest.fail("no match")


def test_an_absent_field_is_an_empty_text_or_tuple_or_none() -> None:
    event: TaskFinish[Any] = TaskFinish()
    assert (event.job_id, event.end_time, event.operation, event.extra, event.response) == ("", None, None, {}, {})
    assert (Input().cos_headers, Input().object) == ((), "")


def test_present_fields_are_those_that_are_not_absent() -> None:
    assert list(present_fields(TaskFinish(job_id="j", message="", input=Input()))) == [
        ("JobId", "j"),
        ("Input", Input()),
    ]
    assert list(present_fields(TaskFinish())) == []
