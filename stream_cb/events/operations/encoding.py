"""How a medium is to be encoded: parameters that the Operations of many Tags repeat when no template holds them.

Tags: none of its own; media, montage, enhancement and recognition are made of these parts. Numbers that a caller may
give in more than one form stay text: bit rates, frame rates, qualities, and anything that is pixels or percent.
"""

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation
from stream_cb.events.operations.watermarks import DigitalWatermark, Subtitles, Watermark


class ClipConfig(Node, frozen=True, kw_only=True):
    """How a packaged stream is cut.

    duration: seconds of one piece.
    """

    duration: str = ""


class Container(Node, frozen=True, kw_only=True):
    """The file format.

    format: "mp4", "hls", "gif", …
    """

    format: str = ""
    clip_config: Maybe[ClipConfig] = None


class TimeInterval(Node, frozen=True, kw_only=True):
    """The part of the input that is used.

    start, duration: seconds.
    """

    start: str = ""
    duration: str = ""


class HlsEncrypt(Node, frozen=True, kw_only=True):
    """Encryption of HLS.

    is_hls_encrypt: "true" or "false". uri_key: where players ask for the key.
    """

    is_hls_encrypt: str = ""
    uri_key: str = ""


class ColorParam(Node, frozen=True, kw_only=True):
    """The colours to write into the stream."""

    color_range: str = ""
    color_space: str = ""
    color_trc: str = ""
    color_primaries: str = ""


class VideoEncoding(Node, frozen=True, kw_only=True):
    """A Video of the parameters: the picture to be made.

    codec, profile, preset, pixfmt: names that encoders know. width, height: pixels. fps: frames per second.
    bitrate, maxrate: kbps. bufsize: kb. crf, quality: quality, by codec. gop: frames between key frames.
    hls_ts_time, dash_segment: seconds of one piece. remove, long_short_mode, interlaced: "true" or "false".
    rotate: degrees. roi: how much the regions that matter are favoured. crop: the part of the picture to keep.
    animate_only_keep_key_frame, animate_time_interval_of_frame, animate_frames_per_second: which frames an animated
    picture takes.
    """

    codec: str = ""
    width: Maybe[Whole] = None
    height: Maybe[Whole] = None
    fps: str = ""
    remove: str = ""
    profile: str = ""
    bitrate: str = ""
    crf: str = ""
    gop: str = ""
    preset: str = ""
    bufsize: str = ""
    maxrate: str = ""
    hls_ts_time: str = ""
    dash_segment: str = ""
    pixfmt: str = ""
    long_short_mode: str = ""
    rotate: str = ""
    animate_only_keep_key_frame: str = ""
    animate_time_interval_of_frame: str = ""
    animate_frames_per_second: str = ""
    quality: str = ""
    roi: str = ""
    crop: str = ""
    interlaced: str = ""
    color_param: Maybe[ColorParam] = None


class AudioEncoding(Node, frozen=True, kw_only=True):
    """An Audio or AudioConfig of the parameters: the sound to be made.

    codec, sample_format: names that encoders know. samplerate: Hz. bitrate: kbps. channels: how many.
    remove, keep_two_tracks, switch_track: "true" or "false".
    """

    codec: str = ""
    samplerate: str = ""
    bitrate: str = ""
    channels: str = ""
    remove: str = ""
    keep_two_tracks: str = ""
    switch_track: str = ""
    sample_format: str = ""


class TransConfig(Node, frozen=True, kw_only=True):
    """Rules of a transcoding.

    adj_dar_method, reso_adj_method, video_bitrate_adj_method, audio_bitrate_adj_method: what to do where the input has
    another shape, or less, than was asked for. is_check_reso, is_check_video_bitrate, is_check_audio_bitrate: "true"
    if it is looked at. is_hdr2_sdr, delete_metadata: "true" or
    "false". initial_clip_num, cos_tag: of a playlist's pieces.
    """

    adj_dar_method: str = ""
    is_check_reso: str = ""
    reso_adj_method: str = ""
    is_check_video_bitrate: str = ""
    video_bitrate_adj_method: str = ""
    is_check_audio_bitrate: str = ""
    audio_bitrate_adj_method: str = ""
    delete_metadata: str = ""
    is_hdr2_sdr: str = ""
    initial_clip_num: str = ""
    cos_tag: str = ""
    hls_encrypt: Maybe[HlsEncrypt] = None


class EffectConfig(Node, frozen=True, kw_only=True):
    """Fading of a mixed-in sound.

    enable_start_fadein, enable_end_fadeout, enable_bgm_fade: "true" or "false".
    start_fadein_time, end_fadeout_time, bgm_fade_time: seconds.
    """

    enable_start_fadein: str = ""
    start_fadein_time: str = ""
    enable_end_fadeout: str = ""
    end_fadeout_time: str = ""
    enable_bgm_fade: str = ""
    bgm_fade_time: str = ""


class AudioMix(Node, frozen=True, kw_only=True):
    """A sound to mix in.

    audio_source: its URL. mix_mode: "Once" or "Repeat". replace: "true" drops the old sound.
    """

    audio_source: str = ""
    mix_mode: str = ""
    replace: str = ""
    effect_config: Maybe[EffectConfig] = None


class Transcode(Node, frozen=True, kw_only=True):
    """A transcoding: file, picture, sound, and the part of the input that is used."""

    container: Maybe[Container] = None
    video: Maybe[VideoEncoding] = None
    audio: Maybe[AudioEncoding] = None
    time_interval: Maybe[TimeInterval] = None
    trans_config: Maybe[TransConfig] = None
    audio_mix: Maybe[AudioMix] = None
    audio_mix_array: tuple[AudioMix, ...] = ()


class EncodingOperation(Operation, frozen=True, kw_only=True):
    """The leaves of the Tags that encode a medium anew.

    digital_watermark: a mark that was asked for beside; its failure need not fail the job. free_transcode: "true" if
    nothing had to be done.
    """

    transcode: Maybe[Transcode] = None
    watermark: tuple[Watermark, ...] = ()
    digital_watermark: Maybe[DigitalWatermark] = None
    subtitles: Maybe[Subtitles] = None
    free_transcode: str = ""
