"""The error tree: who is whose child, what each error says, and that all of them pickle."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from stream_cb import errors
from stream_cb.errors import (
    CheckpointError,
    EventError,
    FramingError,
    InputError,
    LimitError,
    ParseError,
    RecordError,
    SinkError,
    StreamCbError,
    UsageError,
    WorkerError,
)

LOCATED: list[Any] = [RecordError, FramingError, ParseError, EventError, LimitError, InputError, SinkError, WorkerError]
PLAIN: list[type[StreamCbError]] = [StreamCbError, UsageError, CheckpointError]


def test_the_tree_is_the_one_that_its_docstring_draws() -> None:
    parents = {
        UsageError: (StreamCbError, ValueError),
        RecordError: (StreamCbError, ValueError),
        FramingError: (RecordError,),
        ParseError: (RecordError,),
        EventError: (RecordError,),
        LimitError: (RecordError,),
        InputError: (StreamCbError,),
        SinkError: (StreamCbError,),
        WorkerError: (StreamCbError,),
        CheckpointError: (StreamCbError,),
    }
    for error, bases in parents.items():
        for base in bases:
            assert issubclass(error, base)
        assert error.__name__ in (errors.__doc__ or "")
    assert not issubclass(InputError, RecordError)
    assert not issubclass(SinkError, (RecordError, ValueError))


def test_every_public_error_is_in_the_tree() -> None:
    own = [value for value in vars(errors).values() if getattr(value, "__module__", "") == errors.__name__]
    public = {value for value in own if isinstance(value, type) and not value.__name__.startswith("_")}
    assert public == {*LOCATED, *PLAIN}
    assert all(issubclass(error, StreamCbError) for error in public)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StreamCbError, 1),
        (RecordError, 1),
        (FramingError, 1),
        (ParseError, 1),
        (EventError, 1),
        (LimitError, 1),
        (UsageError, 2),
        (CheckpointError, 2),
        (InputError, 3),
        (SinkError, 4),
        (WorkerError, 4),
    ],
)
def test_each_error_has_its_exit_code(error: type[StreamCbError], code: int) -> None:
    assert error.exit_code == code


@pytest.mark.parametrize("kind", LOCATED)
@pytest.mark.parametrize(
    ("place", "text"),
    [
        ({"source": "callbacks.xml", "index": 17, "offset": 40213}, "callbacks.xml: record 17 at byte 40213: reason"),
        ({"source": "callbacks.xml", "index": 0}, "callbacks.xml: record 0: reason"),
        ({"source": "callbacks.xml", "offset": 0}, "callbacks.xml: at byte 0: reason"),
        ({"source": "callbacks.xml"}, "callbacks.xml: reason"),
        ({"index": 3, "offset": 5}, "record 3 at byte 5: reason"),
        ({}, "reason"),
    ],
)
def test_a_located_error_says_where_and_why(kind: Any, place: dict[str, Any], text: str) -> None:
    error = kind("reason", **place)
    assert str(error) == text
    assert (error.reason, error.source, error.index, error.offset) == (
        "reason",
        place.get("source"),
        place.get("index"),
        place.get("offset"),
    )


@pytest.mark.parametrize("kind", LOCATED)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_located_error_pickles_with_its_place(kind: Any, protocol: int) -> None:
    error = kind("reason", source="a.xml", index=1, offset=2)
    twin = pickle.loads(pickle.dumps(error, protocol))
    assert type(twin) is kind
    assert str(twin) == str(error)
    assert (twin.reason, twin.source, twin.index, twin.offset) == ("reason", "a.xml", 1, 2)


@pytest.mark.parametrize("kind", PLAIN)
def test_an_error_without_a_place_pickles_with_its_message(kind: type[StreamCbError]) -> None:
    twin = pickle.loads(pickle.dumps(kind("reason")))
    assert type(twin) is kind
    assert str(twin) == "reason"


def test_a_place_is_given_by_name_only() -> None:
    kind: Any = ParseError
    with pytest.raises(TypeError):
        kind("reason", "a.xml")
