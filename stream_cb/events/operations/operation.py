"""The base of all Operations, and the Operation of the Tags that have nothing of their own.

Tags: DocWatermark and MediaInfo map to the base itself.
"""

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.media_info import MediaInfo
from stream_cb.events.output import MediaResult, Output


class OperationCosHeader(Node, frozen=True, kw_only=True):
    """A header of the request that triggered the workflow; also pseudo headers such as EventName and Size."""

    key: str = ""
    value: str = ""


class OperationInput(Node, frozen=True, kw_only=True):
    """An Input that stands inside the Operation.

    cos_headers: workflow trigger only.
    """

    bucket_id: str = ""
    region: str = ""
    object: str = ""
    url: str = ""
    cos_headers: tuple[OperationCosHeader, ...] = ()


class Operation(Node, frozen=True, kw_only=True):
    """The leaves that most Operations share.

    template_id, template_name: the template the job was made from, if any.
    transcode_template_id, watermark_template_id: further templates that were applied on the way.
    user_data: the caller's own text, up to 1,024 characters, kept to the byte.
    job_level: priority, 0 to 2; text in XML, a number in most JSON.
    input: what was worked on, where the Operation says it itself.
    output: what was asked for. media_result: what was made. media_info: its streams.
    """

    template_id: str = ""
    template_name: str = ""
    transcode_template_id: str = ""
    watermark_template_id: tuple[str, ...] = ()
    user_data: str = ""
    job_level: Maybe[Whole] = None
    input: Maybe[OperationInput] = None
    output: Maybe[Output] = None
    media_result: Maybe[MediaResult] = None
    media_info: Maybe[MediaInfo] = None
