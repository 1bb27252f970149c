"""What was said.

Tags: SpeechRecognition.
Names that end in Ms are milliseconds; AudioTime is seconds. Words grow with the recording and can be many thousands.
"""

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation


class SpeechRecognition(Node, frozen=True, kw_only=True):
    """How to listen.

    engine_model_type: language and sample rate ("16k_zh_video"). channel_num, speaker_number: how many; 0 speakers
    means "find out". sentence_max_length: characters. format: of the sound.
    convert_num_mode, filter_dirty, filter_modal, filter_punc, word_info: choices, numbers as text.
    first_channel_only, speaker_diarization: "0" or "1". flash_asr: "true" for the fast engine.
    res_text_format, output_file_type: what is answered and written.
    """

    engine_model_type: str = ""
    channel_num: Maybe[Whole] = None
    convert_num_mode: str = ""
    filter_dirty: str = ""
    filter_modal: str = ""
    filter_punc: str = ""
    first_channel_only: str = ""
    flash_asr: str = ""
    format: str = ""
    output_file_type: str = ""
    res_text_format: str = ""
    sentence_max_length: Maybe[Whole] = None
    speaker_diarization: str = ""
    speaker_number: Maybe[Whole] = None
    word_info: str = ""


class Words(Node, frozen=True, kw_only=True):
    """One word.

    offset_start_ms, offset_end_ms: milliseconds from the start of its sentence. voice_type: "0" or "1".
    """

    offset_end_ms: Maybe[Whole] = None
    offset_start_ms: Maybe[Whole] = None
    voice_type: str = ""
    word: str = ""


class ResultDetail(Node, frozen=True, kw_only=True):
    """One sentence.

    start_ms, end_ms: milliseconds of media. final_sentence: the sentence. slice_sentence: the same, blanks between the
    words. words_num: how many words. speech_speed: words a second. speaker_id: text, even if it is digits.
    """

    end_ms: Maybe[Whole] = None
    final_sentence: str = ""
    slice_sentence: str = ""
    speaker_id: str = ""
    speech_speed: str = ""
    start_ms: Maybe[Whole] = None
    words: tuple[Words, ...] = ()
    words_num: Maybe[Whole] = None


class FlashWord(Node, frozen=True, kw_only=True, rename="lower"):
    """A word_list: one word of the fast engine.

    start_time, end_time: milliseconds.
    """

    word: str = ""
    start_time: str = ""
    end_time: str = ""


class FlashSentence(Node, frozen=True, kw_only=True, rename="lower"):
    """A sentence_list: one sentence of the fast engine.

    start_time, end_time: milliseconds of media.
    """

    text: str = ""
    start_time: str = ""
    end_time: str = ""
    speaker_id: str = ""
    word_list: tuple[FlashWord, ...] = ()


class FlashResult(Node, frozen=True, kw_only=True, rename="lower"):
    """One channel, as the fast engine heard it. Its documented names, unlike all others, are in snake_case."""

    channel_id: str = ""
    text: str = ""
    sentence_list: tuple[FlashSentence, ...] = ()


class SpeechRecognitionResult(Node, frozen=True, kw_only=True):
    """What was heard.

    audio_time: seconds of media. result: the whole text, each sentence behind its time. object_name: where that text
    was written. detail_object_name: where the words were written. flash_result: by channel, fast engine only.
    """

    audio_time: str = ""
    detail_object_name: str = ""
    flash_result: tuple[FlashResult, ...] = ()
    object_name: str = ""
    result: str = ""
    result_detail: tuple[ResultDetail, ...] = ()


class SpeechRecognitionOperation(Operation, frozen=True, kw_only=True):
    """Tag SpeechRecognition: speech as text.

    speech_recognition: parameters, where no template holds them.
    """

    speech_recognition: Maybe[SpeechRecognition] = None
    speech_recognition_result: Maybe[SpeechRecognitionResult] = None
