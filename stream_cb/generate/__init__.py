"""Seeded synthetic callback logs, for users, tests and benchmarks alike.

In: a seed, a layout, how much, how damaged. Out: the bytes of a log, in chunks. The same seed, tags and failure rate
give the same callbacks in the same order in every layout and at every damage rate, so that an XML log and a JSON log
can be compared record by record, and the good records of a damaged log with those of the sound one. Memory is one
chunk and one record, whatever the size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import msgspec

from stream_cb.errors import UsageError
from stream_cb.generate.callbacks import CallbackSeries
from stream_cb.generate.damage import damage_document
from stream_cb.generate.operations import KINDS
from stream_cb.generate.writers import to_json, to_pretty_json, to_pretty_xml, to_xml

__all__ = [
    "LAYOUTS",
    "TAGS",
    "Part",
    "callbacks",
    "generate",
    "generate_parts",
    "to_json",
    "to_pretty_json",
    "to_pretty_xml",
    "to_xml",
]

Callback = dict[str, Any]

CHUNK_BYTES = 64 * 1024
FAILURE_RATE = 0.05
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
DECLARED_SHARE = 0.25

TAGS = tuple(KINDS)


class Part(msgspec.Struct, frozen=True):
    """A piece of a log; the pieces' `raw`, joined, are the log.

    raw: exactly one record, or what lies between records (a separator, a wrapper's own tags).
    callback: the callback that the record shows, or would show were it not damaged; None for all else.
    damage: what was done to the record ("truncated", "junk", ...); "" for a good one and between records.
    """

    raw: bytes
    callback: Callback | None = None
    damage: str = ""


class _Layout(msgspec.Struct, frozen=True):
    """How records become a file. write: one callback to one document, given the layout's own random source."""

    write: Callable[[Callback, Random], bytes]
    opening: bytes = b""
    between: bytes = b"\n"
    closing: bytes = b""


def _write_xml(callback: Callback, rng: Random) -> bytes:
    raw = to_xml(callback)
    return DECLARATION + raw if rng.random() < DECLARED_SHARE else raw


def _write_mixed(callback: Callback, rng: Random) -> bytes:
    """Any of the forms that one endpoint may be sent, both generations of JSON among them."""
    forms: tuple[Callable[[], bytes], ...] = (
        lambda: _write_xml(callback, rng),
        lambda: DECLARATION + b"\n" + to_pretty_xml(callback),
        lambda: to_pretty_xml(callback),
        lambda: to_json(callback),
        lambda: to_json(callback, generation="old"),
        lambda: to_pretty_json(callback),
    )
    return forms[int(rng.random() * len(forms))]()


_LAYOUTS = {
    "xml": _Layout(_write_xml),
    "xml-batch": _Layout(
        lambda callback, _rng: to_xml(callback),
        opening=DECLARATION + b"\n<Responses>\n",
        closing=b"</Responses>\n",
    ),
    "json": _Layout(lambda callback, _rng: to_json(callback)),
    "json-array": _Layout(lambda callback, _rng: to_json(callback), opening=b"[\n", between=b",\n", closing=b"]\n"),
    "ndjson": _Layout(lambda callback, _rng: to_json(callback)),
    "pretty": _Layout(lambda callback, _rng: to_pretty_json(callback)),
    "mixed": _Layout(_write_mixed),
}
LAYOUTS = tuple(_LAYOUTS)


def callbacks(
    *, seed: int = 0, tags: Sequence[str] | None = None, failure_rate: float = FAILURE_RATE
) -> Iterator[Callback]:
    """Callbacks without end, as trees of dicts, lists (exactly where an element may repeat) and text.

    tags: TaskFinish with one job each, of these Tags (members of TAGS), all as likely. None: the mix of a busy
        account, about 60 % of the jobs StreamExtract, some callbacks of two or three jobs, some WorkflowFinish.
    failure_rate: the share of jobs whose State is Failed, 0 to 1.
    The only leaf that is not text is Operation.JobLevel, an int. Raises UsageError at the call.
    """
    if not 0 <= failure_rate <= 1:
        raise UsageError(f"failure_rate must be between 0 and 1, not {failure_rate}")
    if isinstance(tags, str) or (tags is not None and not tags):
        raise UsageError(f"tags must be a sequence of at least one Tag, not {tags!r}")
    unknown = [tag for tag in tags or () if tag not in KINDS]
    if unknown:
        raise UsageError(f"cannot generate Tag {unknown[0]!r}; known: {', '.join(TAGS)}")
    kinds = KINDS if tags is None else {tag: KINDS[tag] for tag in tags}
    return iter(CallbackSeries(seed=seed, kinds=kinds, mixed=tags is None, failure_rate=failure_rate))


def generate(  # noqa: PLR0913 (the flags of the command, one by one)
    *,
    layout: str,
    count: int | None = None,
    size_bytes: int | None = None,
    seed: int = 0,
    damage_rate: float = 0.0,
    tags: Sequence[str] | None = None,
    failure_rate: float = FAILURE_RATE,
) -> Iterator[bytes]:
    """The bytes of a log, in chunks of 64 KiB or one record, whichever is more.

    layout: a member of LAYOUTS. "xml" is one document a line, a quarter of them with a declaration; "xml-batch" one
        `Responses` element around them; "json" documents back to back, every other one without a newline between;
        "ndjson" one a line; "json-array" one array; "pretty" indented JSON; "mixed" XML and JSON, compact and
        indented, of both generations. The other layouts write the new generation.
    count: records, damaged ones among them. size_bytes: the log stops with the first record that ends at or past
        this many bytes, then closes what is open. Exactly one of the two.
    damage_rate: the share of records that are damaged, 0 to 1; a higher rate damages those of a lower one and more.
    tags, failure_rate: as in `callbacks`.
    Raises UsageError at the call, before anything is generated.
    """
    parts = generate_parts(
        layout=layout,
        count=count,
        size_bytes=size_bytes,
        seed=seed,
        damage_rate=damage_rate,
        tags=tags,
        failure_rate=failure_rate,
    )
    return _chunks(parts)


def generate_parts(  # noqa: PLR0913 (the same arguments as `generate`)
    *,
    layout: str,
    count: int | None = None,
    size_bytes: int | None = None,
    seed: int = 0,
    damage_rate: float = 0.0,
    tags: Sequence[str] | None = None,
    failure_rate: float = FAILURE_RATE,
) -> Iterator[Part]:
    """The log of `generate` in pieces that tell what they are: good records, damaged ones, and what lies between.

    A damaged record is always alone on its lines, so that a reader can find the good ones around it.
    Arguments and errors are those of `generate`.
    """
    if layout not in _LAYOUTS:
        raise UsageError(f"unknown layout {layout!r}; one of: {', '.join(LAYOUTS)}")
    if (count is None) == (size_bytes is None):
        raise UsageError("give exactly one of count and size_bytes")
    for name, limit in (("count", count), ("size_bytes", size_bytes)):
        if limit is not None and limit < 0:
            raise UsageError(f"{name} must be 0 or more, not {limit}")
    if not 0 <= damage_rate <= 1:
        raise UsageError(f"damage_rate must be between 0 and 1, not {damage_rate}")
    series = callbacks(seed=seed, tags=tags, failure_rate=failure_rate)
    documents = _documents(series, layout, seed, damage_rate)
    return _arrange(documents, layout, count, size_bytes)


def _documents(series: Iterator[Callback], layout: str, seed: int, damage_rate: float) -> Iterator[Part]:
    """Records only. Every choice has a source of its own, so that none shifts the others."""
    style, chance, wound = (Random(f"{seed} {name}") for name in ("style", "chance", "wound"))
    write = _LAYOUTS[layout].write
    for callback in series:
        raw = write(callback, style)
        if chance.random() < damage_rate:
            damage, raw = damage_document(raw, wound)
            yield Part(raw, callback, damage)
        else:
            yield Part(raw, callback)


def _arrange(documents: Iterator[Part], layout: str, count: int | None, size_bytes: int | None) -> Iterator[Part]:
    """Records with what lies between them, up to the count or the size."""
    style = _LAYOUTS[layout]
    yield Part(style.opening)
    index, written, damaged = 0, len(style.opening), False
    while index < count if count is not None else written < (size_bytes or 0):
        document = next(documents)
        if index:
            touching = layout == "json" and index % 2 == 0 and not damaged and not document.damage
            separator = b"" if touching else style.between
            yield Part(separator)
            written += len(separator)
        yield document
        index, written, damaged = index + 1, written + len(document.raw), bool(document.damage)
    yield Part((b"\n" if index else b"") + style.closing)


def _chunks(parts: Iterator[Part]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part.raw)
        size += len(part.raw)
        if size >= CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)
