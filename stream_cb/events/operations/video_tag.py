"""What a video is about.

Tags: VideoTag.
StartTime, EndTime and TimeStamp are seconds of media here, never times of day; confidences are fractions.
"""

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation


class VideoTag(Node, frozen=True, kw_only=True):
    """How to look.

    scenario: "Stream", "ShortVideo". text: what is known of the video.
    """

    scenario: str = ""
    text: str = ""


class Tags(Node, frozen=True, kw_only=True):
    """A label.

    tag_cls: its class. confidence: 0 to 1.
    """

    confidence: str = ""
    tag: str = ""
    tag_cls: str = ""


class BBox(Node, frozen=True, kw_only=True):
    """A box in the picture; corners as fractions of its width and height."""

    x1: str = ""
    x2: str = ""
    y1: str = ""
    y2: str = ""


class SeenObject(Node, frozen=True, kw_only=True):
    """An Objects or DetailPerSecond: something at one moment.

    time_stamp: seconds of media. confidence: 0 to 1.
    """

    b_box: tuple[BBox, ...] = ()
    confidence: str = ""
    name: str = ""
    time_stamp: str = ""


class PersonTags(Node, frozen=True, kw_only=True):
    """A person.

    count: how often seen. detail_per_second: when and where.
    """

    confidence: str = ""
    count: Maybe[Whole] = None
    detail_per_second: tuple[SeenObject, ...] = ()
    name: str = ""


class ObjectTags(Node, frozen=True, kw_only=True):
    """The things at one moment.

    time_stamp: seconds of media.
    """

    objects: tuple[SeenObject, ...] = ()
    time_stamp: str = ""


class ActionTags(Node, frozen=True, kw_only=True):
    """What is done during a while.

    start_time, end_time: seconds of media. tags: what is done, may be one empty label.
    """

    end_time: str = ""
    start_time: str = ""
    tags: tuple[Tags, ...] = ()


class PlaceTags(Node, frozen=True, kw_only=True):
    """Where a while takes place.

    start_time, end_time: seconds of media. start_index, end_index: frames. clip_frame_result: by frame, each
    "name:confidence".
    """

    clip_frame_result: tuple[str, ...] = ()
    end_index: Maybe[Whole] = None
    end_time: str = ""
    start_index: Maybe[Whole] = None
    start_time: str = ""
    tags: tuple[Tags, ...] = ()


class Labels(Node, frozen=True, kw_only=True):
    """A label of two levels.

    confidence: 0 to 1.
    """

    confidence: str = ""
    first: str = ""
    second: str = ""


class StreamTags(Node, frozen=True, kw_only=True):
    """A Data: all labels, of the whole video (tags, labels), and by what they were found in."""

    action_tags: tuple[ActionTags, ...] = ()
    labels: tuple[Labels, ...] = ()
    object_tags: tuple[ObjectTags, ...] = ()
    person_tags: tuple[PersonTags, ...] = ()
    place_tags: tuple[PlaceTags, ...] = ()
    tags: tuple[Tags, ...] = ()


class StreamData(Node, frozen=True, kw_only=True):
    """The labels, or why there are none.

    sub_err_code: "0" for success.
    """

    data: Maybe[StreamTags] = None
    sub_err_code: str = ""
    sub_err_msg: str = ""


class VideoTagResult(Node, frozen=True, kw_only=True):
    """What was recognized."""

    stream_data: Maybe[StreamData] = None


class VideoTagOperation(Operation, frozen=True, kw_only=True):
    """Tag VideoTag: what a video is about, who and what is in it."""

    video_tag: Maybe[VideoTag] = None
    video_tag_result: Maybe[VideoTagResult] = None
