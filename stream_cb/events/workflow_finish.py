"""WorkflowFinish: one finished run of a workflow, with all its tasks, as a line of its own."""

from stream_cb.events.node import NOTHING, EventNode, Extra, Maybe, Node, Time, Whole
from stream_cb.events.task_finish import CosHeader


class SpriteObjectInfo(Node, frozen=True, kw_only=True):
    """One sprite image. object_name: its key. object_url: where it can be fetched."""

    object_name: str = ""
    object_url: str = ""


class ObjectInfo(Node, frozen=True, kw_only=True):
    """One object that a task made.

    object_name, object_url: its key, and where it can be fetched.
    input_object_name: the input it was made from, in a task that takes several.
    code, message: how that input went; code is "0" if well.
    """

    object_name: str = ""
    object_url: str = ""
    input_object_name: str = ""
    code: str = ""
    message: str = ""


class ResultInfo(Node, frozen=True, kw_only=True):
    """What a task made. The counts need not agree with the lists; the sprite fields are of snapshot tasks only."""

    object_count: Maybe[Whole] = None
    object_info: tuple[ObjectInfo, ...] = ()
    sprite_object_count: Maybe[Whole] = None
    sprite_object_info: tuple[SpriteObjectInfo, ...] = ()


class Task(Node, frozen=True, kw_only=True):
    """One task of the run.

    type: what was done, as the Tag of a TaskFinish ("Transcode"); an open set.
    job_id: joins the task with its TaskFinish. name: the workflow's node.
    state: "Success" or "Failed"; of a judgement node also "PartialSuccess".
    code, message: the error of a failed task.
    create_time, start_time, end_time: aware, whole seconds; start_time is often absent.
    template_id, template_name, transcode_template_id: the templates the task was made from, if any.
    hdr_mode: of HDR conversions.
    """

    type: str = ""
    job_id: str = ""
    name: str = ""
    state: str = ""
    code: str = ""
    message: str = ""
    create_time: Maybe[Time] = None
    start_time: Maybe[Time] = None
    end_time: Maybe[Time] = None
    template_id: str = ""
    template_name: str = ""
    transcode_template_id: str = ""
    hdr_mode: str = ""
    result_info: Maybe[ResultInfo] = None


class WorkflowFinish(EventNode, frozen=True, kw_only=True, tag_field="EventName", tag="WorkflowFinish"):
    """One finished run of a workflow; the fields of its WorkflowExecution, flat.

    run_id: the run; joins it with the Workflow of its TaskFinish events.
    workflow_id, workflow_name: the workflow; its name may be absent.
    state: "Success", or "Failed" if any task failed.
    bucket_id, object: what triggered the run; the bucket may be absent.
    create_time: when the run began; aware, whole seconds. createtime: the same, as one document spells it.
    cos_headers: headers of the request that triggered the run.
    response: fields that stood beside WorkflowExecution and that no type describes.
    """

    run_id: str = ""
    workflow_id: str = ""
    workflow_name: str = ""
    state: str = ""
    bucket_id: str = ""
    object: str = ""
    create_time: Maybe[Time] = None
    createtime: Maybe[Time] = None
    cos_headers: tuple[CosHeader, ...] = ()
    tasks: tuple[Task, ...] = ()
    response: Extra = NOTHING

    @property
    def identity(self) -> tuple[str, ...]:
        """Its run, which finishes once."""
        return (self.event_name, self.run_id or self._digest())
