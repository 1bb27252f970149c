"""Several media in, or a medium seen as several parts.

Tags: Concat, FillConcat, SplitVideoParts, VideoMontage, VideoSynthesis.
"""

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.encoding import AudioEncoding, AudioMix, Container, VideoEncoding
from stream_cb.events.operations.operation import Operation


class ConcatFragment(Node, frozen=True, kw_only=True):
    """One medium to join.

    mode: "Start" or "End", before or after the input. start_time, end_time, duration: seconds of media.
    fragment_index: its place, from 0.
    """

    url: str = ""
    mode: str = ""
    start_time: str = ""
    end_time: str = ""
    duration: str = ""
    fragment_index: Maybe[Whole] = None


class SceneChangeInfo(Node, frozen=True, kw_only=True):
    """What lies between two fragments.

    mode: "Default", "FADE", "GRADIENT". time: seconds.
    """

    mode: str = ""
    time: str = ""
    transition_type: str = ""


class ConcatTemplate(Node, frozen=True, kw_only=True):
    """What is joined, and how.

    concat_fragment: in the order they are joined. index: the place of the input among them. direct_concat: "true" if
    nothing is encoded anew.
    """

    concat_fragment: tuple[ConcatFragment, ...] = ()
    container: Maybe[Container] = None
    video: Maybe[VideoEncoding] = None
    audio: Maybe[AudioEncoding] = None
    index: Maybe[Whole] = None
    audio_mix: Maybe[AudioMix] = None
    audio_mix_array: tuple[AudioMix, ...] = ()
    scene_change_info: Maybe[SceneChangeInfo] = None
    direct_concat: str = ""


class ConcatOperation(Operation, frozen=True, kw_only=True):
    """Tag Concat: media joined end to end.

    concat_template: parameters, where no template holds them.
    """

    concat_template: Maybe[ConcatTemplate] = None


class FillInput(Node, frozen=True, kw_only=True):
    """One medium, or a gap.

    url: empty for a gap. fill_time: seconds of the gap.
    """

    url: str = ""
    fill_time: str = ""


class FillConcat(Node, frozen=True, kw_only=True):
    """What is joined.

    ref_mode, ref_index: which input sets the form of the result.
    """

    format: str = ""
    fill_input: tuple[FillInput, ...] = ()
    ref_mode: str = ""
    ref_index: Maybe[Whole] = None


class FillConcatOperation(Operation, frozen=True, kw_only=True):
    """Tag FillConcat: media joined end to end, gaps filled."""

    fill_concat: Maybe[FillConcat] = None


class SpliceInfo(Node, frozen=True, kw_only=True):
    """One picture in the frame.

    x, y: pixels of its upper left corner. width, height: pixels.
    """

    url: str = ""
    x: Maybe[Whole] = None
    y: Maybe[Whole] = None
    width: Maybe[Whole] = None
    height: Maybe[Whole] = None


class VideoSynthesis(Node, frozen=True, kw_only=True):
    """What is shown side by side.

    keep_audio_track: "true" or "false".
    """

    keep_audio_track: str = ""
    splice_info: tuple[SpliceInfo, ...] = ()


class VideoSynthesisOperation(Operation, frozen=True, kw_only=True):
    """Tag VideoSynthesis: several videos in one frame."""

    video_synthesis: Maybe[VideoSynthesis] = None


class VideoMontage(Node, frozen=True, kw_only=True):
    """A cut of the best scenes.

    duration: seconds. scene: what to look for ("Video", "Soccer").
    """

    container: Maybe[Container] = None
    video: Maybe[VideoEncoding] = None
    audio: Maybe[AudioEncoding] = None
    duration: str = ""
    scene: str = ""
    audio_mix: Maybe[AudioMix] = None
    audio_mix_array: tuple[AudioMix, ...] = ()


class VideoMontageOperation(Operation, frozen=True, kw_only=True):
    """Tag VideoMontage: the best scenes of a video.

    video_montage: parameters, where no template holds them.
    """

    video_montage: Maybe[VideoMontage] = None


class SplitVideoParts(Node, frozen=True, kw_only=True):
    """How parts are told.

    mode: "SHOTDETECT".
    """

    mode: str = ""


class TimeInfo(Node, frozen=True, kw_only=True):
    """One part.

    index: from 0. part_begin, part_end: seconds of media.
    """

    index: Maybe[Whole] = None
    part_begin: str = ""
    part_end: str = ""


class SplitVideoInfoResult(Node, frozen=True, kw_only=True):
    """The parts that were found, in order."""

    time_info: tuple[TimeInfo, ...] = ()


class SplitVideoPartsOperation(Operation, frozen=True, kw_only=True):
    """Tag SplitVideoParts: where one shot ends and the next begins. Nothing is written."""

    split_video_parts: Maybe[SplitVideoParts] = None
    split_video_info_result: Maybe[SplitVideoInfoResult] = None
