"""A seeded random source and a name in, the Operation of one job out: one builder and one row of KINDS per Tag.

An Operation is a tree of dicts, lists (exactly where an element may repeat) and text; "" , [] and {} are the empty
elements of XML. Builders add no UserData, template or JobLevel: those are common to all Tags.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from stream_cb.generate.media import (
    Place,
    below,
    hex_digits,
    media_info,
    no_media_info,
    output,
    output_file,
)

Operation = dict[str, Any]

MOST_STREAMS = 8
WORDS = ("今天", "我们", "讨论", "视频", "处理", "的", "流程", "and", "then", "streams", "R&D", "结束")


def _stream_extract(rng: Random, place: Place, stem: str) -> Operation:
    keys = [f"{stem}/video-{n}.mp4" for n in range(1 + below(rng, MOST_STREAMS))]
    return {
        "MediaResult": {"OutputFile": output_file(rng, place, keys)},
        "Output": {
            "Bucket": place["Bucket"],
            "Region": place["Region"],
            "StreamExtract": [{"Index": str(n), "Output": key} for n, key in enumerate(keys)],
        },
    }


def _one_file(rng: Random, place: Place, stem: str, extension: str) -> Operation:
    return {
        "MediaResult": {"OutputFile": output_file(rng, place, [f"{stem}.{extension}"])},
        "Output": output(place, f"{stem}.${{ext}}"),
    }


def _transcode(rng: Random, place: Place, stem: str) -> Operation:
    return {"MediaInfo": media_info(rng, bits=True, audio=1 + below(rng, 2)), **_one_file(rng, place, stem, "mkv")}


def _watermark(rng: Random, place: Place, stem: str) -> Operation:
    marks = [f"t{hex_digits(rng)}" for _ in range(1 + below(rng, 3))]
    return {
        "MediaInfo": media_info(rng, bits=True),
        **_one_file(rng, place, stem, "mkv"),
        "TranscodeTemplateId": f"t{hex_digits(rng)}",
        "WatermarkTemplateId": marks,
    }


def _super_resolution(rng: Random, place: Place, stem: str) -> Operation:
    """A State of its own deep inside: a mark that could not be set does not fail the job when IgnoreError is true."""
    mark = {
        "IgnoreError": "true",
        "Message": f"mark-{rng.getrandbits(24):06x}",
        "State": ("Success", "Failed")[below(rng, 2)],
        "Type": "Text",
        "Version": "V1",
    }
    media = media_info(rng, bits=False)
    return {"DigitalWatermark": mark, "MediaInfo": media, **_one_file(rng, place, stem, "mkv")}


def _animation(rng: Random, place: Place, stem: str) -> Operation:
    return {"MediaInfo": media_info(rng, bits=False, audio=0), **_one_file(rng, place, stem, "webp")}


def _concat(rng: Random, place: Place, stem: str) -> Operation:
    return {"MediaInfo": media_info(rng, bits=False), **_one_file(rng, place, f"{stem}-joined", "mkv")}


def _probe(rng: Random, _place: Place, _stem: str) -> Operation:
    return {"MediaInfo": media_info(rng, bits=False, audio=below(rng, 3))}


def _snapshot(rng: Random, place: Place, stem: str) -> Operation:
    names = [f"{n}.jpg" for n in range(1 + below(rng, 10))]
    pictures = output_file(rng, place, names, f"{stem}/shot-", md5=False)
    pictures["SpriteOutputFile"] = output_file(rng, place, ["0.jpg"], f"{stem}/sprite-", md5=False)
    return {
        "MediaInfo": no_media_info(),
        "MediaResult": {"OutputFile": pictures},
        "Output": {
            **output(place, f"{stem}/shot-${{number}}.jpg"),
            "SpriteObject": f"{stem}/sprite-${{number}}.jpg",
        },
    }


def _smart_cover(rng: Random, place: Place, stem: str) -> Operation:
    count = 1 + below(rng, 5)
    names = [f"{stem}/cover-{n}.png" for n in range(count)]
    return {
        "MediaInfo": no_media_info(),
        "MediaResult": {"OutputFile": output_file(rng, place, names, md5=False)},
        "Output": output(place, f"{stem}/cover-${{number}}.png"),
        "SmartCover": {
            "Count": str(count),
            "DeleteDuplicates": "true",
            "Format": "png",
            "Height": "720",
            "Width": "1280",
        },
    }


def _segment(rng: Random, place: Place, stem: str) -> Operation:
    names = [f"{n}.ts" for n in range(2 + below(rng, 8))]
    return {
        "MediaInfo": media_info(rng, bits=False),
        "MediaResult": {"OutputFile": output_file(rng, place, names, f"{stem}/part-")},
        "Output": output(place, f"{stem}/part-${{number}}.ts"),
        "Segment": {"Duration": "30", "Format": "ts", "HlsEncrypt": {"IsHlsEncrypt": "false", "UriKey": ""}},
    }


def _voice_separate(rng: Random, place: Place, stem: str) -> Operation:
    names = [f"{stem}/background.mp3", f"{stem}/voice.mp3"]
    return {
        "MediaResult": {"OutputFile": output_file(rng, place, names)},
        "Output": {**output(place, names[0]), "AuObject": names[1]},
        "VoiceSeparate": {
            "AudioConfig": {"Bitrate": "192", "Channels": "2", "Codec": "mp3", "Samplerate": "48000"},
            "AudioMode": "AudioAndBackground",
        },
    }


def _doc_process(rng: Random, place: Place, stem: str) -> Operation:
    pages = 1 + below(rng, 12)
    return {
        "DocProcess": {
            "Comments": "0",
            "DocPassword": "",
            "EndPage": "-1",
            "ImageParams": "",
            "PaperDirection": "0",
            "PaperSize": "0",
            "Quality": "90",
            "SheetId": "0",
            "SrcType": "docx",
            "StartPage": "1",
            "TgtType": "png",
            "Zoom": "100",
        },
        "DocProcessResult": {
            "FailPageCount": "0",
            "PageInfo": [{"PageNo": str(n), "TgtUri": f"{stem}/page-{n}.png"} for n in range(1, pages + 1)],
            "SuccPageCount": str(pages),
            "TaskId": "",
            "TgtType": "png",
            "TotalPageCount": str(pages),
        },
        "Output": output(place, f"{stem}/page-${{Page}}.png"),
    }


def _sentence(rng: Random, start: int, speaker: int) -> dict[str, Any]:
    words = [WORDS[below(rng, len(WORDS))] for _ in range(3 + below(rng, 12))]
    ends = [220 * (n + 1) + rng.getrandbits(6) for n in range(len(words))]
    return {
        "EndMs": str(start + ends[-1]),
        "FinalSentence": " ".join(words) + "。",
        "SliceSentence": "  ".join(words) + " 。",
        "SpeakerId": str(speaker),
        "SpeechSpeed": f"{2 + rng.random() * 3:.1f}",
        "StartMs": str(start),
        "Words": [
            {"OffsetEndMs": str(end), "OffsetStartMs": str(begin), "VoiceType": "0", "Word": word}
            for word, begin, end in zip(words, [0, *ends], ends, strict=False)
        ],
        "WordsNum": str(len(words)),
    }


def _speech_recognition(rng: Random, place: Place, stem: str) -> Operation:
    sentences = [_sentence(rng, 4000 * n, n % 2) for n in range(1 + below(rng, 4))]
    return {
        "Output": output(place, f"{stem}.txt"),
        "SpeechRecognitionResult": {
            "AudioTime": f"{4 * len(sentences) + rng.random():.4f}",
            "DetailObjectName": f"{stem}.txt.words",
            "ObjectName": f"{stem}.txt",
            "Result": " ".join(sentence["FinalSentence"] for sentence in sentences),
            "ResultDetail": sentences,
        },
    }


def _pic_process(rng: Random, place: Place, stem: str) -> Operation:
    """Here ObjectName is one text, not a list: whether a name repeats belongs to its path. An Etag holds quotes."""
    return {
        "Output": output(place, f"{stem}.webp"),
        "PicProcessResult": {
            "ObjectName": f"{stem}.webp",
            "OriginalInfo": {
                "Etag": f'"{hex_digits(rng)}"',
                "ImageInfo": {
                    "Ave": f"0x{rng.getrandbits(24):06x}",
                    "Format": "PNG",
                    "Height": "1080",
                    "Orientation": "1",
                    "Quality": "90",
                    "Width": "1440",
                },
            },
            "ProcessResult": {
                "Etag": "",
                "Format": "WEBP",
                "Height": "540",
                "Quality": "80",
                "Size": str(20_000 + rng.getrandbits(16)),
                "Width": "720",
            },
        },
    }


def _translation(_rng: Random, place: Place, stem: str) -> Operation:
    return {"Output": output(place, f"{stem}-zh.docx"), "Translation": {"Lang": "zh", "Type": "docx"}}


class Kind(msgspec.Struct, frozen=True):
    """A Tag. prefix: first letter of its JobId, which names the service. share: jobs of 100 in the default mix."""

    prefix: str
    share: int
    build: Callable[[Random, Place, str], Operation]
    extension: str = "mp4"
    workflow: bool = True


KINDS = {
    "StreamExtract": Kind("j", 60, _stream_extract),
    "Transcode": Kind("j", 10, _transcode),
    "Snapshot": Kind("j", 5, _snapshot),
    "Animation": Kind("j", 2, _animation),
    "Concat": Kind("j", 2, _concat, workflow=False),
    "MediaInfo": Kind("j", 3, _probe, workflow=False),
    "SmartCover": Kind("j", 2, _smart_cover),
    "VoiceSeparate": Kind("j", 2, _voice_separate),
    "DocProcess": Kind("d", 3, _doc_process, "docx", workflow=False),
    "SpeechRecognition": Kind("s", 3, _speech_recognition, "mp3"),
    "PicProcess": Kind("c", 2, _pic_process, "png"),
    "Segment": Kind("j", 2, _segment),
    "Watermark": Kind("j", 2, _watermark),
    "SuperResolution": Kind("j", 1, _super_resolution),
    "Translation": Kind("a", 1, _translation, "docx", workflow=False),
}
