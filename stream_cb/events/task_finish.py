"""TaskFinish: one finished job, as a line of its own."""

from datetime import timedelta
from typing import Any, Generic, TypeVar

from stream_cb.events.node import NOTHING, EventNode, Extra, Maybe, Node, Time
from stream_cb.events.operations import Operation


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


class TaskFinish(EventNode, Generic[OperationT], frozen=True, kw_only=True, tag_field="EventName", tag="TaskFinish"):
    """One job of a TaskFinish callback. A callback with several JobsDetail gives several of these.

    job_id: prefix by service (j media, s speech, a AI, c picture, d document).
    tag: what was done ("StreamExtract"); an open set. state: "Success" or "Failed".
    code: "Success" or an error code, meaningful when the job failed. message: free text, not a status.
    creation_time, start_time, end_time: aware, whole seconds; start_time is absent from some Tags.
    operation: typed for a Tag in OPERATIONS, else the payload.
    response: fields that stood beside JobsDetail and that no type describes.
    """

    job_id: str = ""
    tag: str = ""
    sub_tag: str = ""
    state: str = ""
    code: str = ""
    message: str = ""
    progress: str = ""
    creation_time: Maybe[Time] = None
    start_time: Maybe[Time] = None
    end_time: Maybe[Time] = None
    queue_id: str = ""
    input: Maybe[Input] = None
    operation: Maybe[OperationT] = None
    workflow: Maybe[Workflow] = None
    response: Extra = NOTHING

    @property
    def identity(self) -> tuple[str, ...]:
        """Its job, the state it ended in, and when."""
        if not self.job_id:
            return (self.event_name, self._digest())
        return (self.event_name, self.job_id, self.state, self.end_time.isoformat() if self.end_time else "")

    @property
    def duration(self) -> timedelta | None:
        """From start to end; None unless both are known."""
        return self.end_time - self.start_time if self.end_time and self.start_time else None

    @property
    def queued(self) -> timedelta | None:
        """From creation to start; None unless both are known."""
        return self.start_time - self.creation_time if self.start_time and self.creation_time else None

    @property
    def outputs(self) -> tuple[str, ...]:
        """Keys of the objects that the job made: prefix + name of MediaResult.OutputFile.

        Jobs without one name their keys where they were asked for: Output.StreamExtract[].Output, or Output.Object,
        which may still hold placeholders. () where the Operation is not typed.
        """
        operation: Any = self.operation
        if not isinstance(operation, Operation):
            return ()
        made = operation.media_result.output_file if operation.media_result else None
        if made and made.object_name:
            return tuple([made.object_prefix + name for name in made.object_name if name])
        asked = operation.output
        if asked is None:
            return ()
        return tuple([part.output for part in asked.stream_extract if part.output]) or tuple(
            filter(None, [asked.object])
        )
