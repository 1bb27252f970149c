"""stream_cb: archived CI (数据万象) callbacks in, typed events out, in bounded memory.

    import stream_cb

    for event in stream_cb.read_events("logs/"):
        match event:
            case stream_cb.TaskFinish(tag="StreamExtract", state="Failed"):
                print(event.job_id, event.message)

Importing the package imports nothing else; each name below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stream_cb.api import arrow_schema as arrow_schema
    from stream_cb.api import read_batches as read_batches
    from stream_cb.api import read_events as read_events
    from stream_cb.api import read_records as read_records
    from stream_cb.api import read_split as read_split
    from stream_cb.conversion import convert as convert
    from stream_cb.errors import CheckpointError as CheckpointError
    from stream_cb.errors import EventError as EventError
    from stream_cb.errors import FramingError as FramingError
    from stream_cb.errors import InputError as InputError
    from stream_cb.errors import LimitError as LimitError
    from stream_cb.errors import ParseError as ParseError
    from stream_cb.errors import RecordError as RecordError
    from stream_cb.errors import SinkError as SinkError
    from stream_cb.errors import StreamCbError as StreamCbError
    from stream_cb.errors import UsageError as UsageError
    from stream_cb.errors import WorkerError as WorkerError
    from stream_cb.events import CosHeader as CosHeader
    from stream_cb.events import Event as Event
    from stream_cb.events import Input as Input
    from stream_cb.events import Maybe as Maybe
    from stream_cb.events import Md5Info as Md5Info
    from stream_cb.events import MediaResult as MediaResult
    from stream_cb.events import Node as Node
    from stream_cb.events import Operation as Operation
    from stream_cb.events import Other as Other
    from stream_cb.events import Output as Output
    from stream_cb.events import OutputFile as OutputFile
    from stream_cb.events import Probe as Probe
    from stream_cb.events import Review as Review
    from stream_cb.events import ReviewAudio as ReviewAudio
    from stream_cb.events import ReviewDocument as ReviewDocument
    from stream_cb.events import ReviewHtml as ReviewHtml
    from stream_cb.events import ReviewImage as ReviewImage
    from stream_cb.events import ReviewSimple as ReviewSimple
    from stream_cb.events import ReviewText as ReviewText
    from stream_cb.events import ReviewVideo as ReviewVideo
    from stream_cb.events import StreamExtractOperation as StreamExtractOperation
    from stream_cb.events import StreamOutput as StreamOutput
    from stream_cb.events import TaskFinish as TaskFinish
    from stream_cb.events import Time as Time
    from stream_cb.events import Whole as Whole
    from stream_cb.events import Workflow as Workflow
    from stream_cb.events import WorkflowFinish as WorkflowFinish
    from stream_cb.events import encode_lines as encode_lines
    from stream_cb.events import to_document as to_document
    from stream_cb.limits import Limits as Limits
    from stream_cb.model import DeadLetter as DeadLetter
    from stream_cb.model import ReadOptions as ReadOptions
    from stream_cb.model import Record as Record
    from stream_cb.model import Report as Report
    from stream_cb.model import Sink as Sink
    from stream_cb.model import SinkOptions as SinkOptions
    from stream_cb.pipeline import RunOptions as RunOptions
    from stream_cb.splits import Split as Split
    from stream_cb.splits import plan_splits as plan_splits
    from stream_cb.splits import safe_end as safe_end
    from stream_cb.writing import WriteOptions as WriteOptions

# Module → the public names that live in it.
_PUBLIC = {
    "stream_cb.api": ("arrow_schema", "read_batches", "read_events", "read_records", "read_split"),
    "stream_cb.conversion": ("convert",),
    "stream_cb.errors": (
        "CheckpointError",
        "EventError",
        "FramingError",
        "InputError",
        "LimitError",
        "ParseError",
        "RecordError",
        "SinkError",
        "WorkerError",
        "StreamCbError",
        "UsageError",
    ),
    "stream_cb.events": (
        "CosHeader",
        "Event",
        "Input",
        "Md5Info",
        "MediaResult",
        "Maybe",
        "Node",
        "Probe",
        "Review",
        "ReviewAudio",
        "ReviewDocument",
        "ReviewHtml",
        "ReviewImage",
        "ReviewSimple",
        "ReviewText",
        "ReviewVideo",
        "Time",
        "Whole",
        "WorkflowFinish",
        "Operation",
        "Other",
        "Output",
        "OutputFile",
        "StreamExtractOperation",
        "StreamOutput",
        "TaskFinish",
        "Workflow",
        "encode_lines",
        "to_document",
    ),
    "stream_cb.limits": ("Limits",),
    "stream_cb.model": ("DeadLetter", "ReadOptions", "Record", "Report", "Sink", "SinkOptions"),
    "stream_cb.pipeline": ("RunOptions",),
    "stream_cb.splits": ("Split", "plan_splits", "safe_end"),
    "stream_cb.writing": ("WriteOptions",),
}
_HOMES = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605  (one table, read by people and by __getattr__)


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("stream-cb")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
