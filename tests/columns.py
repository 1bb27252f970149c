"""What tests of columns share: a row taken back to the document it was made of."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from stream_cb import to_document

OWN = {"_source", "_offset", "_length", "_extra"}
_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def document_of(row: dict[str, Any]) -> Any:
    """The document whose row it is: nulls left out, and what stands in `_extra` put back."""
    document = _without_nulls({name: value for name, value in row.items() if name not in OWN})
    for path, text in row["_extra"]:
        steps = _steps(path)
        place: Any = document
        for step in steps[:-1]:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        assert steps[-1] not in place
        place[steps[-1]] = _decode(text)
    return document


def _steps(path: str) -> list[str]:
    """The names in a path; a backslash makes the next character one of a name."""
    steps = [""]
    characters = iter(path)
    for character in characters:
        if character == ".":
            steps.append("")
        else:
            steps[-1] += next(characters) if character == "\\" else character
    return steps


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in _present(value).items()}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _present(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def assert_same(found: Any, document: Any) -> None:
    """A document of a row is the document: times are compared as such, and a text may stand for any value as JSON."""
    if isinstance(found, str) and not isinstance(document, str):
        assert json.loads(found, parse_float=Decimal) == document
    elif isinstance(document, dict):
        assert _present(found).keys() == _present(document).keys()
        for name, value in _present(document).items():
            assert_same(found[name], value)
    elif isinstance(document, list) and isinstance(found, list):
        assert len(found) == len(document)
        for one, other in zip(found, document, strict=True):
            assert_same(one, other)
    elif isinstance(found, datetime):
        assert found == datetime.fromisoformat(document)
    else:
        assert found == document


def assert_row_of(row: dict[str, Any], event: msgspec.Struct) -> None:
    """All that the event says is in the row, and nothing else."""
    assert_same(document_of(row), _decode(_encode(to_document(event))))
