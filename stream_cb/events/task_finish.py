"""TaskFinish: one finished job, as a line of its own."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from stream_cb.events.node import NOTHING, Extra, Node, Time
from stream_cb.events.operation import Operation


class CosHeader(Node, frozen=True, kw_only=True):
    """A header of the request that triggered a workflow; also pseudo headers such as EventName and Size."""

    key: str = ""
    value: str = ""


class Input(Node, frozen=True, kw_only=True):
    """The object that was worked on. lang, type, basic_type: Translation only. cos_headers: workflow trigger only."""

    bucket_id: str = ""
    region: str = ""
    object: str = ""
    lang: str = ""
    type: str = ""
    basic_type: str = ""
    cos_headers: tuple[CosHeader, ...] = ()


class Workflow(Node, frozen=True, kw_only=True):
    """The workflow run that made the job; run_id joins it with its WorkflowFinish. name: the node's."""

    run_id: str = ""
    workflow_id: str = ""
    workflow_name: str = ""
    name: str = ""


OperationT = TypeVar("OperationT", bound=Operation | dict[str, Any])


class TaskFinish(Node, Generic[OperationT], frozen=True, kw_only=True, tag_field="EventName", tag="TaskFinish"):
    """One job of a TaskFinish callback. A callback with several JobsDetail gives several of these.

    job_id: prefix by service (j media, s speech, a AI, c picture, d document).
    tag: what was done ("StreamExtract"); an open set. state: "Success" or "Failed".
    code: "Success" or an error code, meaningful when the job failed. message: free text, not a status.
    creation_time, start_time, end_time: aware, whole seconds; start_time is absent from some Tags.
    operation: typed for a Tag in OPERATIONS, else the payload.
    event_name_inferred: the body had no EventName (bodies from before 2022).
    response: fields that stood beside JobsDetail and that no type describes.
    """

    event_name_inferred: bool = False
    job_id: str = ""
    tag: str = ""
    sub_tag: str = ""
    state: str = ""
    code: str = ""
    message: str = ""
    progress: str = ""
    creation_time: Time | None = None
    start_time: Time | None = None
    end_time: Time | None = None
    queue_id: str = ""
    input: Input | None = None
    operation: OperationT | None = None
    workflow: Workflow | None = None
    response: Extra = NOTHING

    @property
    def event_name(self) -> str:
        """ "TaskFinish"."""
        return "TaskFinish"
