"""Sound: taken apart, cleaned, recognized, judged, made from text.

Tags: NoiseReduction, SoundHound, Tts, VocalScore, VoiceSeparate.
"""

import msgspec

from stream_cb.events.node import Maybe, Node
from stream_cb.events.operations.encoding import AudioEncoding
from stream_cb.events.operations.operation import Operation


class VoiceSeparate(Node, frozen=True, kw_only=True):
    """What to take apart.

    audio_mode: "IsAudio", "IsBackground", "AudioAndBackground" or "MusicMode". audio_config: of the outputs.
    """

    audio_mode: str = ""
    audio_config: Maybe[AudioEncoding] = None


class VoiceSeparateOperation(Operation, frozen=True, kw_only=True):
    """Tag VoiceSeparate: voice and background, each in a file of its own.

    `output.object` is the background, `output.au_object` the voice, bass_object and drum_object the instruments.
    """

    voice_separate: Maybe[VoiceSeparate] = None


class NoiseReduction(Node, frozen=True, kw_only=True):
    """The file to make.

    samplerate: Hz.
    """

    format: str = ""
    samplerate: str = ""


class NoiseReductionOperation(Operation, frozen=True, kw_only=True):
    """Tag NoiseReduction: speech without its noise.

    noise_reduction: parameters, where no template holds them.
    """

    noise_reduction: Maybe[NoiseReduction] = None


class SongList(Node, frozen=True, kw_only=True):
    """A song that the sound may be.

    inlier: how sure, 0 to 1.
    """

    inlier: str = ""
    singer_name: str = ""
    song_name: str = ""


class SoundHoundResult(Node, frozen=True, kw_only=True):
    """The songs that were recognized."""

    song_list: tuple[SongList, ...] = ()


class SoundHoundOperation(Operation, frozen=True, kw_only=True):
    """Tag SoundHound: which song is it."""

    sound_hound_result: Maybe[SoundHoundResult] = None


class VocalScore(Node, frozen=True, kw_only=True):
    """The song as it should sound: an object, or a URL."""

    standard_object: str = ""
    standard_url: str = ""


class SentenceScores(Node, frozen=True, kw_only=True):
    """The score of one sentence.

    start_time, end_time: seconds of media. score: 0 to 100.
    """

    start_time: str = ""
    end_time: str = ""
    score: str = ""


class VocalAspectScore(Node, frozen=True, kw_only=True):
    """A PitchScore or RhythemScore: in total and by sentence.

    total_score: 0 to 100.
    """

    total_score: str = ""
    sentence_scores: tuple[SentenceScores, ...] = ()


class VocalScoreResult(Node, frozen=True, kw_only=True):
    """The scores.

    pitch_score: melody. rhythm_score: rhythm; the documents call it RhythemScore.
    """

    pitch_score: Maybe[VocalAspectScore] = None
    rhythm_score: Maybe[VocalAspectScore] = msgspec.field(default=None, name="RhythemScore")


class VocalScoreOperation(Operation, frozen=True, kw_only=True):
    """Tag VocalScore: how well a song was sung."""

    vocal_score: Maybe[VocalScore] = None
    vocal_score_result: Maybe[VocalScoreResult] = None


class TtsTpl(Node, frozen=True, kw_only=True):
    """The voice.

    mode: "Asyc" [sic] for long texts or "Sync". codec: of the file. voice_type, emotion: names of a voice and
    of its mood. volume, speed: relative.
    """

    mode: str = ""
    codec: str = ""
    voice_type: str = ""
    volume: str = ""
    speed: str = ""
    emotion: str = ""


class TtsConfig(Node, frozen=True, kw_only=True):
    """The text.

    input: the text itself or its URL. input_type: which of them, "Text" or "Url".
    """

    input: str = ""
    input_type: str = ""


class TtsOperation(Operation, frozen=True, kw_only=True):
    """Tag Tts: text spoken. The job has no Input; the text is in `tts_config`."""

    tts_tpl: Maybe[TtsTpl] = None
    tts_config: Maybe[TtsConfig] = None
