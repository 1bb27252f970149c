"""Operation/MediaInfo: what a probe told of a medium. Many Tags have it; for the Tag MediaInfo it is the result.

Seconds, bit rates and frame rates stay text: a bit rate is kbps with a fraction in most Tags and bps without one in
some, a frame rate is "25.000000" or "50/1", and StartTime is seconds of media, never a time of day.
"""

from stream_cb.events.node import Maybe, Node, Whole


class Format(Node, frozen=True, kw_only=True):
    """The container file.

    bitrate: kbps or bps, by Tag. duration, start_time: seconds. size: bytes.
    format_name: short names, separated by commas. format_long_name: for people.
    num_program, num_stream: how many the file holds.
    """

    bitrate: str = ""
    duration: str = ""
    format_long_name: str = ""
    format_name: str = ""
    num_program: Maybe[Whole] = None
    num_stream: Maybe[Whole] = None
    size: Maybe[Whole] = None
    start_time: str = ""


class CodedStream(Node, frozen=True, kw_only=True):
    """What streams of all three sorts have in common.

    index: the stream's number in the file, from 0. bitrate: kbps or bps, by Tag. duration, start_time: seconds.
    codec_tag: a hexadecimal number. codec_tag_string: the same as characters ("avc1"). codec_time_base, timebase: the
    unit of the stream's clock, a fraction of a second ("1/48000"). language: ISO 639-2, "und" if not told.
    """

    bitrate: str = ""
    codec_long_name: str = ""
    codec_name: str = ""
    codec_tag: str = ""
    codec_tag_string: str = ""
    codec_time_base: str = ""
    duration: str = ""
    index: Maybe[Whole] = None
    language: str = ""
    start_time: str = ""
    timebase: str = ""


class Audio(CodedStream, frozen=True, kw_only=True):
    """An audio stream.

    channel: how many channels. channel_layout: their arrangement ("stereo"). sample_fmt: the form of a sample
    ("fltp"). sample_rate: Hz.
    """

    channel: Maybe[Whole] = None
    channel_layout: str = ""
    sample_fmt: str = ""
    sample_rate: Maybe[Whole] = None


class Video(CodedStream, frozen=True, kw_only=True):
    """A video stream.

    avg_fps, fps: frames per second, a decimal or a fraction. width, height: pixels. num_frames: how many frames.
    ref_frames: how many frames a frame may refer to. has_b_frame: "0" for none.
    level, profile: of the codec; level is a number in several forms. rotation: degrees.
    dar, sar: aspect ratio of the picture and of a pixel ("16:9", "1:1"). field_order: "progressive" or how it is
    interlaced. color_primaries, color_range, color_transfer, pix_format: how a pixel's numbers become a colour.
    """

    avg_fps: str = ""
    color_primaries: str = ""
    color_range: str = ""
    color_transfer: str = ""
    dar: str = ""
    field_order: str = ""
    fps: str = ""
    has_b_frame: str = ""
    height: Maybe[Whole] = None
    level: str = ""
    num_frames: Maybe[Whole] = None
    pix_format: str = ""
    profile: str = ""
    ref_frames: Maybe[Whole] = None
    rotation: str = ""
    sar: str = ""
    width: Maybe[Whole] = None


class Subtitle(CodedStream, frozen=True, kw_only=True):
    """A stream of subtitles."""


class Stream(Node, frozen=True, kw_only=True):
    """The streams of a medium, by sort; `index` gives their order in the file."""

    audio: tuple[Audio, ...] = ()
    subtitle: tuple[Subtitle, ...] = ()
    video: tuple[Video, ...] = ()


class MediaInfo(Node, frozen=True, kw_only=True):
    """A medium: usually what the job made, for the Tag MediaInfo what it was given. Both parts can be empty."""

    format: Maybe[Format] = None
    stream: Maybe[Stream] = None
