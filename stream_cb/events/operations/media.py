"""One medium in, one medium or some pictures out.

Tags: Animation, GeneratePlayList, Segment, Snapshot, StreamExtract, Transcode, TranscodePro, Watermark.
High-speed-HD jobs arrive with the Tag Transcode.
"""

import msgspec

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.encoding import (
    Container,
    EncodingOperation,
    HlsEncrypt,
    TimeInterval,
    VideoEncoding,
)
from stream_cb.events.operations.operation import Operation


class TranscodeOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag Transcode: encoded anew, or packed anew. Its MediaInfo has bps where other Tags have kbps."""


class TranscodeProOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag TranscodePro: transcoding for broadcasters, to ProRes, XAVC and the like."""


class WatermarkOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag Watermark: visible marks, laid into the picture in the order of `watermark_template_id` or `watermark`."""


class GeneratePlayListOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag GeneratePlayList: an HLS playlist at once, whose pieces are encoded when a player asks for them."""


class StreamExtractOperation(Operation, frozen=True, kw_only=True):
    """Tag StreamExtract: streams of one input, each written to an object of its own (`output.stream_extract`)."""


class Animation(Node, frozen=True, kw_only=True):
    """An animated picture: its file ("gif", "webp"), its frames, and the part of the input that is used."""

    container: Maybe[Container] = None
    video: Maybe[VideoEncoding] = None
    time_interval: Maybe[TimeInterval] = None


class AnimationOperation(Operation, frozen=True, kw_only=True):
    """Tag Animation: a video as an animated picture.

    animation: parameters, where no template holds them.
    """

    animation: Maybe[Animation] = None


class Segment(Node, frozen=True, kw_only=True):
    """How a medium is cut.

    duration: seconds of one piece. start_time, end_time: seconds of media, the part that is cut. format: of the
    pieces. transcode_index: number of the stream that is used.
    """

    duration: str = ""
    format: str = ""
    transcode_index: Maybe[Whole] = None
    hls_encrypt: Maybe[HlsEncrypt] = None
    start_time: str = ""
    end_time: str = ""


class SegmentOperation(Operation, frozen=True, kw_only=True):
    """Tag Segment: pieces of equal length; `output.object` counts them with ${number}."""

    segment: Maybe[Segment] = None


class SpriteSnapshotConfig(Node, frozen=True, kw_only=True):
    """How stills are laid out on one large picture.

    cell_width, cell_height, margin, padding: pixels. columns, lines: how many cells. scale_method: how a still is
    fitted into its cell. color: of what stays empty.
    """

    cell_height: Maybe[Whole] = None
    cell_width: Maybe[Whole] = None
    color: str = ""
    columns: Maybe[Whole] = None
    lines: Maybe[Whole] = None
    margin: Maybe[Whole] = None
    padding: Maybe[Whole] = None
    scale_method: str = ""


class SnapshotConfig(Node, frozen=True, kw_only=True):
    """A Snapshot of the parameters: which stills are taken.

    mode: "Interval", "Average", "KeyFrame". start, time_interval: seconds. count: how many at most.
    width, height: pixels. ci_param: how a still is processed further. is_check_count, is_check_black: "true" or
    "false". black_level, pixel_black_threshold: what counts as black. snapshot_out_mode: single stills, a sprite, or
    both.
    """

    mode: str = ""
    start: str = ""
    time_interval: str = ""
    count: Maybe[Whole] = None
    width: Maybe[Whole] = None
    height: Maybe[Whole] = None
    ci_param: str = msgspec.field(default="", name="CIParam")
    is_check_count: str = ""
    is_check_black: str = ""
    black_level: str = ""
    pixel_black_threshold: str = ""
    snapshot_out_mode: str = ""
    sprite_snapshot_config: Maybe[SpriteSnapshotConfig] = None


class SnapshotOperation(Operation, frozen=True, kw_only=True):
    """Tag Snapshot: stills of a video; sprites are in `media_result.output_file.sprite_output_file`.

    snapshot: parameters, where no template holds them.
    """

    snapshot: Maybe[SnapshotConfig] = None
