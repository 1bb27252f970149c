"""The Operation of each Tag: what was asked for and what it gave. Adding a Tag is one Struct and one row.

Every file lists its Tags; a Tag whose Operation has nothing of its own maps to `Operation`.
"""

from __future__ import annotations

# Names in lines, not one a line: there are well over a hundred, and each stands here twice.
# fmt: off
# ruff: isort: off
from stream_cb.events.operations.audio import (
    NoiseReduction, NoiseReductionOperation, SentenceScores, SongList, SoundHoundOperation, SoundHoundResult,
    TtsConfig, TtsOperation, TtsTpl, VocalAspectScore, VocalScore, VocalScoreOperation, VocalScoreResult,
    VoiceSeparate, VoiceSeparateOperation,
)
from stream_cb.events.operations.document import DocProcess, DocProcessOperation, DocProcessResult, PageInfo
from stream_cb.events.operations.encoding import (
    AudioEncoding, AudioMix, ClipConfig, ColorParam, Container, EffectConfig, EncodingOperation, HlsEncrypt,
    TimeInterval, TransConfig, Transcode, VideoEncoding,
)
from stream_cb.events.operations.enhancement import (
    ColorEnhance, DigitalWatermarkOperation, ExtractDigitalWatermarkOperation, FrameEnhance, MsSharpen, SDRtoHDR,
    SDRtoHDROperation, SuperResolution, SuperResolutionOperation, VideoEnhance, VideoEnhanceOperation, VideoProcess,
    VideoProcessOperation,
)
from stream_cb.events.operations.files import (
    DownloadConfig, FileCompressConfig, FileCompressOperation, FileCompressResult, FileHashCodeConfig,
    FileHashCodeOperation, FileHashCodeResult, FileUncompressConfig, FileUncompressOperation, FileUncompressResult,
    KeyConfig, PrefixConfig,
)
from stream_cb.events.operations.fingerprint import (
    DNAOperation, DnaAudio, DnaConfig, DnaDetection, DnaResult, MatchDetail,
)
from stream_cb.events.operations.language import (
    Translation, TranslationOperation, WordsGeneralize, WordsGeneralizeLabel, WordsGeneralizeOperation,
    WordsGeneralizeResult, WordsGeneralizeToken,
)
from stream_cb.events.operations.media import (
    Animation, AnimationOperation, GeneratePlayListOperation, Segment, SegmentOperation, SnapshotConfig,
    SnapshotOperation, SpriteSnapshotConfig, StreamExtractOperation, TranscodeOperation, TranscodeProOperation,
    WatermarkOperation,
)
from stream_cb.events.operations.media_info import Audio, CodedStream, Format, MediaInfo, Stream, Subtitle, Video
from stream_cb.events.operations.montage import (
    ConcatFragment, ConcatOperation, ConcatTemplate, FillConcat, FillConcatOperation, FillInput, SceneChangeInfo,
    SpliceInfo, SplitVideoInfoResult, SplitVideoParts, SplitVideoPartsOperation, TimeInfo, VideoMontage,
    VideoMontageOperation, VideoSynthesis, VideoSynthesisOperation,
)
from stream_cb.events.operations.ocr import (
    Detection, ImageOCR, ImageOCROperation, ItemPolygon, OcrWords, Point, TextDetections, WordCoordPoint, WordPolygon,
)
from stream_cb.events.operations.operation import Operation, OperationCosHeader, OperationInput
from stream_cb.events.operations.picture import (
    AutoProcessResult, ImageInfo, ImageInspect, ImageInspectOperation, ImageInspectResult, InspectionResult,
    OriginalInfo, PicProcess, PicProcessOperation, PicProcessResult, PosterProduction, PosterProductionOperation,
    ProcessResult,
)
from stream_cb.events.operations.recognition import (
    BodyRecognition, CarRecognition, DetailedResult, FaceRecognition, LicenseRecognition, PetRecognition,
    QualityEstimate, QualityEstimateConfig, QualityEstimateOperation, QualityItems, SegmentVideoBody,
    SegmentVideoBodyOperation, SmartCover, SmartCoverOperation, TargetInfo, TargetLocation, TargetRecognition,
    VideoTargetRec, VideoTargetRecOperation, VideoTargetRecResult, VqaPlusResult,
)
from stream_cb.events.operations.speech import (
    FlashResult, FlashSentence, FlashWord, ResultDetail, SpeechRecognition, SpeechRecognitionOperation,
    SpeechRecognitionResult, Words,
)
from stream_cb.events.operations.video_tag import (
    ActionTags, BBox, Labels, ObjectTags, PersonTags, PlaceTags, SeenObject, StreamData, StreamTags, Tags, VideoTag,
    VideoTagOperation, VideoTagResult,
)
from stream_cb.events.operations.watermarks import (
    DigitalWatermark, SlideConfig, SubtitleFile, Subtitles, Watermark, WatermarkImage, WatermarkText,
)
# ruff: isort: on
# fmt: on

# Tag → its Operation. The Operation of a Tag that is not here stays whole, as a payload.
OPERATIONS: dict[str, type[Operation]] = {
    "Animation": AnimationOperation,
    "Concat": ConcatOperation,
    "DigitalWatermark": DigitalWatermarkOperation,
    "DNA": DNAOperation,
    "DocProcess": DocProcessOperation,
    "DocWatermark": Operation,
    "ExtractDigitalWatermark": ExtractDigitalWatermarkOperation,
    "FileCompress": FileCompressOperation,
    "FileHashCode": FileHashCodeOperation,
    "FileUncompress": FileUncompressOperation,
    "FillConcat": FillConcatOperation,
    "GeneratePlayList": GeneratePlayListOperation,
    "ImageInspect": ImageInspectOperation,
    "ImageOCR": ImageOCROperation,
    "MediaInfo": Operation,
    "NoiseReduction": NoiseReductionOperation,
    "PicProcess": PicProcessOperation,
    "PosterProduction": PosterProductionOperation,
    "QualityEstimate": QualityEstimateOperation,
    "SDRtoHDR": SDRtoHDROperation,
    "Segment": SegmentOperation,
    "SegmentVideoBody": SegmentVideoBodyOperation,
    "SmartCover": SmartCoverOperation,
    "Snapshot": SnapshotOperation,
    "SoundHound": SoundHoundOperation,
    "SpeechRecognition": SpeechRecognitionOperation,
    "SplitVideoParts": SplitVideoPartsOperation,
    "StreamExtract": StreamExtractOperation,
    "SuperResolution": SuperResolutionOperation,
    "Transcode": TranscodeOperation,
    "TranscodePro": TranscodeProOperation,
    "Translation": TranslationOperation,
    "Tts": TtsOperation,
    "VideoEnhance": VideoEnhanceOperation,
    "VideoMontage": VideoMontageOperation,
    "VideoProcess": VideoProcessOperation,
    "VideoSynthesis": VideoSynthesisOperation,
    "VideoTag": VideoTagOperation,
    "VideoTargetRec": VideoTargetRecOperation,
    "VocalScore": VocalScoreOperation,
    "VoiceSeparate": VoiceSeparateOperation,
    "Watermark": WatermarkOperation,
    "WordsGeneralize": WordsGeneralizeOperation,
}

# fmt: off
__all__ = [
    "OPERATIONS", "ActionTags", "Animation", "AnimationOperation", "Audio", "AudioEncoding", "AudioMix",
    "AutoProcessResult", "BBox", "BodyRecognition", "CarRecognition", "ClipConfig", "CodedStream", "ColorEnhance",
    "ColorParam", "ConcatFragment", "ConcatOperation", "ConcatTemplate", "Container", "DNAOperation",
    "DetailedResult", "Detection", "DigitalWatermark", "DigitalWatermarkOperation", "DnaAudio", "DnaConfig",
    "DnaDetection", "DnaResult", "DocProcess", "DocProcessOperation", "DocProcessResult", "DownloadConfig",
    "EffectConfig", "EncodingOperation", "ExtractDigitalWatermarkOperation", "FaceRecognition", "FileCompressConfig",
    "FileCompressOperation", "FileCompressResult", "FileHashCodeConfig", "FileHashCodeOperation",
    "FileHashCodeResult", "FileUncompressConfig", "FileUncompressOperation", "FileUncompressResult", "FillConcat",
    "FillConcatOperation", "FillInput", "FlashResult", "FlashSentence", "FlashWord", "Format", "FrameEnhance",
    "GeneratePlayListOperation", "HlsEncrypt", "ImageInfo", "ImageInspect", "ImageInspectOperation",
    "ImageInspectResult", "ImageOCR", "ImageOCROperation", "InspectionResult", "ItemPolygon", "KeyConfig", "Labels",
    "LicenseRecognition", "MatchDetail", "MediaInfo", "MsSharpen", "NoiseReduction", "NoiseReductionOperation",
    "ObjectTags", "OcrWords", "Operation", "OperationCosHeader", "OperationInput", "OriginalInfo", "PageInfo",
    "PersonTags", "PetRecognition", "PicProcess", "PicProcessOperation", "PicProcessResult", "PlaceTags", "Point",
    "PosterProduction", "PosterProductionOperation", "PrefixConfig", "ProcessResult", "QualityEstimate",
    "QualityEstimateConfig", "QualityEstimateOperation", "QualityItems", "ResultDetail", "SDRtoHDR",
    "SDRtoHDROperation", "SceneChangeInfo", "SeenObject", "Segment", "SegmentOperation", "SegmentVideoBody",
    "SegmentVideoBodyOperation", "SentenceScores", "SlideConfig", "SmartCover", "SmartCoverOperation", "SnapshotConfig",
    "SnapshotOperation", "SongList", "SoundHoundOperation", "SoundHoundResult", "SpeechRecognition",
    "SpeechRecognitionOperation", "SpeechRecognitionResult", "SpliceInfo", "SplitVideoInfoResult", "SplitVideoParts",
    "SplitVideoPartsOperation", "SpriteSnapshotConfig", "Stream", "StreamData", "StreamExtractOperation",
    "StreamTags", "Subtitle", "SubtitleFile", "Subtitles", "SuperResolution", "SuperResolutionOperation", "Tags",
    "TargetInfo", "TargetLocation", "TargetRecognition", "TextDetections", "TimeInfo", "TimeInterval", "TransConfig",
    "Transcode", "TranscodeOperation", "TranscodeProOperation", "Translation", "TranslationOperation", "TtsConfig",
    "TtsOperation", "TtsTpl", "Video", "VideoEncoding", "VideoEnhance", "VideoEnhanceOperation", "VideoMontage",
    "VideoMontageOperation", "VideoProcess", "VideoProcessOperation", "VideoSynthesis", "VideoSynthesisOperation",
    "VideoTag", "VideoTagOperation", "VideoTagResult", "VideoTargetRec", "VideoTargetRecOperation",
    "VideoTargetRecResult", "VocalAspectScore", "VocalScore", "VocalScoreOperation", "VocalScoreResult",
    "VoiceSeparate", "VoiceSeparateOperation", "VqaPlusResult", "Watermark", "WatermarkImage", "WatermarkOperation",
    "WatermarkText", "WordCoordPoint", "WordPolygon", "Words", "WordsGeneralize", "WordsGeneralizeLabel",
    "WordsGeneralizeOperation", "WordsGeneralizeResult", "WordsGeneralizeToken",
]
# fmt: on
