"""The Operation of each Tag: what was asked for and what it gave. Adding a Tag is one Struct and one row.

Every file holds a family of Tags. A family is imported when a Tag of it comes: there are well over a hundred Structs,
and most runs meet a few. A Tag whose Operation has nothing of its own has the row `operation:Operation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from stream_cb.events.operations.operation import Operation

if TYPE_CHECKING:
    from stream_cb.events.operations.audio import NoiseReductionOperation as NoiseReductionOperation
    from stream_cb.events.operations.audio import SoundHoundOperation as SoundHoundOperation
    from stream_cb.events.operations.audio import TtsOperation as TtsOperation
    from stream_cb.events.operations.audio import VocalScoreOperation as VocalScoreOperation
    from stream_cb.events.operations.audio import VoiceSeparateOperation as VoiceSeparateOperation
    from stream_cb.events.operations.document import DocProcessOperation as DocProcessOperation
    from stream_cb.events.operations.enhancement import DigitalWatermarkOperation as DigitalWatermarkOperation
    from stream_cb.events.operations.enhancement import (
        ExtractDigitalWatermarkOperation as ExtractDigitalWatermarkOperation,
    )
    from stream_cb.events.operations.enhancement import SDRtoHDROperation as SDRtoHDROperation
    from stream_cb.events.operations.enhancement import SuperResolutionOperation as SuperResolutionOperation
    from stream_cb.events.operations.enhancement import VideoEnhanceOperation as VideoEnhanceOperation
    from stream_cb.events.operations.enhancement import VideoProcessOperation as VideoProcessOperation
    from stream_cb.events.operations.files import FileCompressOperation as FileCompressOperation
    from stream_cb.events.operations.files import FileHashCodeOperation as FileHashCodeOperation
    from stream_cb.events.operations.files import FileUncompressOperation as FileUncompressOperation
    from stream_cb.events.operations.fingerprint import DNAOperation as DNAOperation
    from stream_cb.events.operations.language import TranslationOperation as TranslationOperation
    from stream_cb.events.operations.language import WordsGeneralizeOperation as WordsGeneralizeOperation
    from stream_cb.events.operations.media import AnimationOperation as AnimationOperation
    from stream_cb.events.operations.media import GeneratePlayListOperation as GeneratePlayListOperation
    from stream_cb.events.operations.media import SegmentOperation as SegmentOperation
    from stream_cb.events.operations.media import SnapshotOperation as SnapshotOperation
    from stream_cb.events.operations.media import StreamExtractOperation as StreamExtractOperation
    from stream_cb.events.operations.media import TranscodeOperation as TranscodeOperation
    from stream_cb.events.operations.media import TranscodeProOperation as TranscodeProOperation
    from stream_cb.events.operations.media import WatermarkOperation as WatermarkOperation
    from stream_cb.events.operations.montage import ConcatOperation as ConcatOperation
    from stream_cb.events.operations.montage import FillConcatOperation as FillConcatOperation
    from stream_cb.events.operations.montage import SplitVideoPartsOperation as SplitVideoPartsOperation
    from stream_cb.events.operations.montage import VideoMontageOperation as VideoMontageOperation
    from stream_cb.events.operations.montage import VideoSynthesisOperation as VideoSynthesisOperation
    from stream_cb.events.operations.ocr import ImageOCROperation as ImageOCROperation
    from stream_cb.events.operations.picture import ImageInspectOperation as ImageInspectOperation
    from stream_cb.events.operations.picture import PicProcessOperation as PicProcessOperation
    from stream_cb.events.operations.picture import PosterProductionOperation as PosterProductionOperation
    from stream_cb.events.operations.recognition import QualityEstimateOperation as QualityEstimateOperation
    from stream_cb.events.operations.recognition import SegmentVideoBodyOperation as SegmentVideoBodyOperation
    from stream_cb.events.operations.recognition import SmartCoverOperation as SmartCoverOperation
    from stream_cb.events.operations.recognition import VideoTargetRecOperation as VideoTargetRecOperation
    from stream_cb.events.operations.speech import SpeechRecognitionOperation as SpeechRecognitionOperation
    from stream_cb.events.operations.video_tag import VideoTagOperation as VideoTagOperation

__all__ = ["OPERATIONS", "Operation"]


class _Operations(Mapping[str, type[Operation]]):
    """Tag → the type of its Operation, from rows of "module:class"."""

    def __init__(self, rows: dict[str, str]) -> None:
        self._rows = rows
        self._known: dict[str, type[Operation]] = {}

    def __getitem__(self, tag: str) -> type[Operation]:
        if tag not in self._known:
            module, _, name = self._rows[tag].partition(":")
            self._known[tag] = getattr(import_module(f"{__name__}.{module}"), name)
        return self._known[tag]

    def __contains__(self, tag: object) -> bool:
        return tag in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def module_of(self, name: str) -> str:
        """The module of an Operation's class; "" if there is no such class."""
        return next((row.partition(":")[0] for row in self._rows.values() if row.endswith(f":{name}")), "")


# The Operation of a Tag that is not here stays whole, as a payload.
OPERATIONS = _Operations(
    {
        "Animation": "media:AnimationOperation",
        "Concat": "montage:ConcatOperation",
        "DigitalWatermark": "enhancement:DigitalWatermarkOperation",
        "DNA": "fingerprint:DNAOperation",
        "DocProcess": "document:DocProcessOperation",
        "DocWatermark": "operation:Operation",
        "ExtractDigitalWatermark": "enhancement:ExtractDigitalWatermarkOperation",
        "FileCompress": "files:FileCompressOperation",
        "FileHashCode": "files:FileHashCodeOperation",
        "FileUncompress": "files:FileUncompressOperation",
        "FillConcat": "montage:FillConcatOperation",
        "GeneratePlayList": "media:GeneratePlayListOperation",
        "ImageInspect": "picture:ImageInspectOperation",
        "ImageOCR": "ocr:ImageOCROperation",
        "MediaInfo": "operation:Operation",
        "NoiseReduction": "audio:NoiseReductionOperation",
        "PicProcess": "picture:PicProcessOperation",
        "PosterProduction": "picture:PosterProductionOperation",
        "QualityEstimate": "recognition:QualityEstimateOperation",
        "SDRtoHDR": "enhancement:SDRtoHDROperation",
        "Segment": "media:SegmentOperation",
        "SegmentVideoBody": "recognition:SegmentVideoBodyOperation",
        "SmartCover": "recognition:SmartCoverOperation",
        "Snapshot": "media:SnapshotOperation",
        "SoundHound": "audio:SoundHoundOperation",
        "SpeechRecognition": "speech:SpeechRecognitionOperation",
        "SplitVideoParts": "montage:SplitVideoPartsOperation",
        "StreamExtract": "media:StreamExtractOperation",
        "SuperResolution": "enhancement:SuperResolutionOperation",
        "Transcode": "media:TranscodeOperation",
        "TranscodePro": "media:TranscodeProOperation",
        "Translation": "language:TranslationOperation",
        "Tts": "audio:TtsOperation",
        "VideoEnhance": "enhancement:VideoEnhanceOperation",
        "VideoMontage": "montage:VideoMontageOperation",
        "VideoProcess": "enhancement:VideoProcessOperation",
        "VideoSynthesis": "montage:VideoSynthesisOperation",
        "VideoTag": "video_tag:VideoTagOperation",
        "VideoTargetRec": "recognition:VideoTargetRecOperation",
        "VocalScore": "audio:VocalScoreOperation",
        "VoiceSeparate": "audio:VoiceSeparateOperation",
        "Watermark": "media:WatermarkOperation",
        "WordsGeneralize": "language:WordsGeneralizeOperation",
    }
)


def __getattr__(name: str) -> Any:
    """Import the Operation of a Tag by the name of its class (PEP 562)."""
    module = OPERATIONS.module_of(name)
    if not module:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
