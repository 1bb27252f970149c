"""The Operation of each Tag: what was asked for and what it gave. Adding a Tag is one Struct and one row."""

from __future__ import annotations

from stream_cb.events.node import Node, Whole
from stream_cb.events.output import MediaResult, Output


class Operation(Node, frozen=True, kw_only=True):
    """The leaves that most Operations share.

    template_id, template_name: the template the job was made from, if any.
    user_data: the caller's own text, up to 1,024 characters, kept to the byte.
    job_level: priority, 0 to 2; text in XML, a number in most JSON.
    """

    template_id: str = ""
    template_name: str = ""
    user_data: str = ""
    job_level: Whole | None = None
    output: Output | None = None
    media_result: MediaResult | None = None


class StreamExtractOperation(Operation, frozen=True, kw_only=True):
    """Tag StreamExtract: streams of one input, each written to an object of its own (`output.stream_extract`)."""


# Tag → its Operation. The Operation of a Tag that is not here stays whole, as a payload.
OPERATIONS: dict[str, type[Operation]] = {
    "StreamExtract": StreamExtractOperation,
}
