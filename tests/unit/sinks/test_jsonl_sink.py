"""JSON Lines are the encoder's bytes, in order; all else is the output's."""

from __future__ import annotations

from typing import Any

from stream_cb.model import Record, Sink, SinkOptions
from stream_cb.sinks.jsonl import JsonlSink


def event_of(document: Any) -> Record:
    """An untyped record is an event whose document is its payload."""
    return Record(payload=document, format="json", source="test", index=0)


def test_batches_are_lines_in_order(memory: Any) -> None:
    sink: Sink = JsonlSink(memory, SinkOptions())
    sink.write_batch([event_of({"JobId": "a"}), event_of({"JobId": "b"})])
    sink.write_batch([])
    sink.write_batch([event_of({"JobId": "c"})])
    assert memory.written == b'{"JobId":"a"}\n{"JobId":"b"}\n{"JobId":"c"}\n'


def test_the_rest_is_delegated(memory: Any) -> None:
    sink = JsonlSink(memory, SinkOptions())
    sink.write_batch([event_of({})])
    sink.flush()
    assert sink.commit() == 3
    sink.close()
    sink.abort()
    assert memory.calls == ["flush", "commit", "close", "abort"]
    assert sink.name == "memory"


def test_options_of_tables_change_nothing(memory: Any) -> None:
    sink = JsonlSink(memory, SinkOptions(columns=("JobId",), explode="Tasks"))
    sink.write_batch([event_of({"JobId": "a", "Tag": "b"})])
    assert memory.written == b'{"JobId":"a","Tag":"b"}\n'
