"""The kinds of event: EventName → class, and the union of them all."""

from __future__ import annotations

from typing import Any

from stream_cb.events.node import EventNode
from stream_cb.events.other import Other
from stream_cb.events.probe import Probe
from stream_cb.events.review import (
    ReviewAudio,
    ReviewDocument,
    ReviewHtml,
    ReviewImage,
    ReviewSimple,
    ReviewText,
    ReviewVideo,
)
from stream_cb.events.task_finish import TaskFinish
from stream_cb.events.workflow_finish import WorkflowFinish

Event = (
    TaskFinish[Any]
    | WorkflowFinish
    | ReviewImage
    | ReviewVideo
    | ReviewAudio
    | ReviewText
    | ReviewDocument
    | ReviewHtml
    | ReviewSimple
    | Probe
    | Other
)

# What each kind's fields stand in when the service sends it; the lines that we write are flat.
ENVELOPES = {
    "TaskFinish": "JobsDetail",
    "WorkflowFinish": "WorkflowExecution",
    "ReviewImage": "JobsDetail",
    "ReviewVideo": "JobsDetail",
    "ReviewAudio": "JobsDetail",
    "ReviewText": "JobsDetail",
    "ReviewDocument": "JobsDetail",
    "ReviewHtml": "JobsDetail",
}

KINDS: dict[str, type[EventNode]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        TaskFinish,
        WorkflowFinish,
        ReviewImage,
        ReviewVideo,
        ReviewAudio,
        ReviewText,
        ReviewDocument,
        ReviewHtml,
        ReviewSimple,
        Probe,
        Other,
    )
}
