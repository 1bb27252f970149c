"""A video made better, or marked so that nobody sees it.

Tags: DigitalWatermark, ExtractDigitalWatermark, SDRtoHDR, SuperResolution, VideoEnhance, VideoProcess.
"""

import msgspec

from stream_cb.events.node import Maybe, Node
from stream_cb.events.operations.encoding import EncodingOperation, Transcode
from stream_cb.events.operations.operation import Operation
from stream_cb.events.operations.watermarks import DigitalWatermark


class ColorEnhance(Node, frozen=True, kw_only=True):
    """Livelier colours.

    enable: "true" or "false". contrast, correction, saturation: strength, 0 to 100.
    """

    enable: str = ""
    contrast: str = ""
    correction: str = ""
    saturation: str = ""


class MsSharpen(Node, frozen=True, kw_only=True):
    """Sharper details.

    enable: "true" or "false". sharpen_level: strength, 0 to 10.
    """

    enable: str = ""
    sharpen_level: str = ""


class VideoProcess(Node, frozen=True, kw_only=True):
    """What is made better."""

    color_enhance: Maybe[ColorEnhance] = None
    ms_sharpen: Maybe[MsSharpen] = None


class VideoProcessOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag VideoProcess: colours and sharpness.

    video_process: parameters, where no template holds them.
    """

    video_process: Maybe[VideoProcess] = None


class SDRtoHDR(Node, frozen=True, kw_only=True):
    """The range to reach.

    hdr_mode: "HLG" or "HDR10".
    """

    hdr_mode: str = ""


class SDRtoHDROperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag SDRtoHDR: a wider range of brightness."""

    sdr_to_hdr: Maybe[SDRtoHDR] = msgspec.field(default=None, name="SDRtoHDR")


class SuperResolution(Node, frozen=True, kw_only=True):
    """More pixels.

    resolution: "sdtohd" or "hdto4k". enable_scale_up: "true" or "false". version: "Base" or "Enhance".
    """

    resolution: str = ""
    enable_scale_up: str = ""
    version: str = ""


class SuperResolutionOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag SuperResolution: more pixels.

    super_resolution: parameters, where no template holds them.
    """

    super_resolution: Maybe[SuperResolution] = None


class FrameEnhance(Node, frozen=True, kw_only=True):
    """More frames.

    frame_doubling: "true" or "false".
    """

    frame_doubling: str = ""


class VideoEnhance(Node, frozen=True, kw_only=True):
    """All that is made better in one go."""

    transcode: Maybe[Transcode] = None
    super_resolution: Maybe[SuperResolution] = None
    color_enhance: Maybe[ColorEnhance] = None
    ms_sharpen: Maybe[MsSharpen] = None
    sdr_to_hdr: Maybe[SDRtoHDR] = msgspec.field(default=None, name="SDRtoHDR")
    frame_enhance: Maybe[FrameEnhance] = None


class VideoEnhanceOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag VideoEnhance: several improvements in one job.

    video_enhance: parameters, where no template holds them.
    """

    video_enhance: Maybe[VideoEnhance] = None


class DigitalWatermarkOperation(EncodingOperation, frozen=True, kw_only=True):
    """Tag DigitalWatermark: an invisible mark in a video; `digital_watermark` is the mark."""


class ExtractDigitalWatermarkOperation(Operation, frozen=True, kw_only=True):
    """Tag ExtractDigitalWatermark: the mark that a video carries; its `message` is the result."""

    extract_digital_watermark: Maybe[DigitalWatermark] = None
