"""What a framer answers, and what it is given to verify its guesses with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from stream_cb.runs import Runner, Span


class Frame(Struct, frozen=True, gc=False):
    """One record's bytes and where they lay; `reason` and `detail` are "" when `payload` is sound."""

    raw: bytes
    offset: int
    length: int
    format: str
    name: str
    payload: Any
    reason: str
    detail: str


class Stretch(Struct):
    """Sound records one behind the other that need no frame each: what all became, how many, the bytes they cover.

    spans: where the record of each payload lies; empty if that was not asked for.
    """

    payloads: list[Any]
    records: int
    length: int
    spans: list[Span]


class XmlContext(Struct, frozen=True, gc=False):
    """What a wrapper tells of the elements in it: their encoding ("" by declaration), and its own start tag."""

    encoding: str = ""
    wrapper: bytes = b""


class Parsers(Struct, frozen=True, gc=False):
    """The authorities on well-formedness. Each answers name and payload, or raises an `error`.

    refusal: the errors that say a record is well-formed, and still none that is wanted.
    gives_lists: a payload is a list, and those of records one behind the other may be put together in a `Stretch`.
    with_spans: which then tells where the record of each one lies.
    run: see `Decoder`.
    """

    xml: Callable[[bytes, XmlContext], tuple[str, Any]]
    json: Callable[[bytes], tuple[str, Any]]
    error: type[Exception]
    refusal: type[Exception]
    gives_lists: bool = False
    with_spans: bool = False
    run: Runner | None = None
