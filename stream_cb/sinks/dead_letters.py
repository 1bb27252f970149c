"""Dead letters → JSON Lines, and back.

One object per line, keys in the order of `_Line`. `raw` is text where the bytes are UTF-8 without NUL, else base64,
as `encoding` tells; `sha256` is of the bytes. What was written reads back equal.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Literal

import msgspec

from stream_cb.errors import InputError
from stream_cb.model import DeadLetter, Output


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    source: str
    index: int
    offset: int | None
    length: int | None
    reason: str
    detail: str
    encoding: Literal["text", "base64"]
    raw: str
    sha256: str


class DeadLetterSink:
    """Writes dead letters as JSON Lines. Raises SinkError when the output refuses."""

    def __init__(self, output: Output, /) -> None:
        self.name = output.name
        self._output = output

    def write(self, letters: Sequence[DeadLetter], /) -> None:
        """Take these letters, in this order; they may stay in memory until `flush` or `commit`."""
        self._output.write(b"".join(_encode(letter) for letter in letters))

    def flush(self) -> None:
        """Hand on what was taken; no durability."""
        self._output.flush()

    def commit(self) -> int:
        """Make all taken letters durable. Answers the output's position in bytes."""
        return self._output.commit()

    def close(self) -> None:
        """Commit, and let the output appear under its own name. A second call does nothing."""
        self._output.close()

    def abort(self) -> None:
        """Leave nothing of an unfinished file behind."""
        self._output.abort()


def _encode(letter: DeadLetter) -> bytes:
    encoding, raw = _raw_text(letter.raw)
    line: dict[str, Any] = {
        "source": letter.source,
        "index": letter.index,
        "offset": letter.offset,
        "length": letter.length,
        "reason": letter.reason,
        "detail": letter.detail,
        "encoding": encoding,
        "raw": raw,
        "sha256": letter.sha256,
    }
    try:
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        # A source named by bytes that are no UTF-8 holds lone surrogates: as \u escapes they come back as they were.
        return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _raw_text(raw: bytes) -> tuple[str, str]:
    if b"\0" not in raw:
        try:
            return "text", raw.decode()
        except UnicodeDecodeError:
            pass
    return "base64", base64.b64encode(raw).decode()


def read_dead_letters(stream: BinaryIO, *, source: str = "dead letters") -> Iterator[DeadLetter]:
    """Read back what a `DeadLetterSink` wrote, in order, one line in memory. Never closes the stream.

    Args:
        stream: lines of JSON; blank ones are passed over, unknown keys ignored.
        source: the stream's name in messages.

    Raises:
        InputError: a line is no dead letter, was cut short, or its bytes do not match their sha256; located by the
            ordinal of the line and its byte. Everything before it was delivered.
    """
    offset = 0
    for index, text in enumerate(stream):
        if text.strip():
            try:
                letter = _decode(text)
            except (ValueError, RecursionError) as error:
                raise InputError(f"no dead letter: {error}", source=source, index=index, offset=offset) from error
            yield letter
        offset += len(text)


def _decode(text: bytes) -> DeadLetter:
    # Not msgspec's JSON: it refuses lone surrogates. Its ValidationError is a ValueError, as all others here.
    line = msgspec.convert(json.loads(text), _Line)
    raw = line.raw.encode() if line.encoding == "text" else base64.b64decode(line.raw, validate=True)
    letter = DeadLetter(
        source=line.source,
        index=line.index,
        offset=line.offset,
        length=line.length,
        reason=line.reason,
        detail=line.detail,
        raw=raw,
    )
    if letter.sha256 != line.sha256:
        raise ValueError("its bytes do not match their sha256")
    return letter
