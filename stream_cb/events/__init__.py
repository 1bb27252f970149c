"""record → typed events: the Structs, `decode`, and `encode_lines` for the way out. Pure, no input or output."""

from __future__ import annotations

from stream_cb.events.decode import decode, kind_of
from stream_cb.events.decoder import EventDecoder, PayloadDecoder, SchemaDecoder
from stream_cb.events.encode import encode_lines, identity_of, to_document
from stream_cb.events.kinds import KINDS, Event
from stream_cb.events.node import EventNode, Extra, Maybe, Node, Time, Whole
from stream_cb.events.notes import Notes
from stream_cb.events.operations import OPERATIONS, Operation, StreamExtractOperation
from stream_cb.events.other import Other
from stream_cb.events.output import Md5Info, MediaResult, Output, OutputFile, SpriteOutputFile, StreamOutput
from stream_cb.events.probe import Probe
from stream_cb.events.review import (
    Review,
    ReviewAudio,
    ReviewDocument,
    ReviewHtml,
    ReviewImage,
    ReviewSimple,
    ReviewText,
    ReviewVideo,
)
from stream_cb.events.task_finish import CosHeader, Input, TaskFinish, Workflow
from stream_cb.events.workflow_finish import WorkflowFinish

__all__ = [
    "KINDS",
    "OPERATIONS",
    "CosHeader",
    "Event",
    "EventDecoder",
    "EventNode",
    "Extra",
    "Input",
    "Maybe",
    "Md5Info",
    "MediaResult",
    "Node",
    "Notes",
    "Operation",
    "Other",
    "Output",
    "OutputFile",
    "PayloadDecoder",
    "Probe",
    "Review",
    "ReviewAudio",
    "ReviewDocument",
    "ReviewHtml",
    "ReviewImage",
    "ReviewSimple",
    "ReviewText",
    "ReviewVideo",
    "SchemaDecoder",
    "SpriteOutputFile",
    "StreamExtractOperation",
    "StreamOutput",
    "TaskFinish",
    "Time",
    "Whole",
    "Workflow",
    "WorkflowFinish",
    "decode",
    "encode_lines",
    "identity_of",
    "kind_of",
    "to_document",
]
