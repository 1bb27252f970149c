"""A seeded random source and a name in, the Operation of one job out: one builder and one row of KINDS per Tag.

An Operation is a tree of dicts, lists (exactly where an element may repeat) and text; "" , [] and {} are the empty
elements of XML. Codec and format names are those of ffmpeg; Bitrate is bps in the Tags that re-encode and kbps in the
others, as the vendor documents it. Builders add no UserData, template or JobLevel: those are common to all Tags.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

Operation = dict[str, Any]
Place = dict[str, str]

# The documents show fewer Md5Info than outputs now and then: readers must not count on pairs.
MISSING_MD5_SHARE = 0.1
MOST_STREAMS = 8
WORDS = ("今天", "我们", "讨论", "视频", "处理", "的", "流程", "and", "then", "streams", "R&D", "结束")

FORMAT = {
    "Bitrate": "",
    "Duration": "",
    "FormatLongName": "Matroska / WebM",
    "FormatName": "matroska,webm",
    "NumProgram": "0",
    "NumStream": "2",
    "Size": "",
    "StartTime": "0.000000",
}
AUDIO = {
    "Bitrate": "",
    "Channel": "2",
    "ChannelLayout": "stereo",
    "CodecLongName": "MP3 (MPEG audio layer 3)",
    "CodecName": "mp3",
    "CodecTag": "0x0055",
    "CodecTagString": "U[0][0][0]",
    "CodecTimeBase": "1/48000",
    "Duration": "",
    "Index": "1",
    "Language": "und",
    "SampleFmt": "fltp",
    "SampleRate": "48000",
    "StartTime": "0.000000",
    "Timebase": "1/48000",
}
VIDEO = {
    "AvgFps": "30.000000",
    "Bitrate": "",
    "CodecLongName": "H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10",
    "CodecName": "h264",
    "CodecTag": "0x31637661",
    "CodecTagString": "avc1",
    "CodecTimeBase": "1/15360",
    "ColorPrimaries": "bt709",
    "ColorRange": "tv",
    "ColorTransfer": "bt709",
    "Duration": "",
    "FieldOrder": "progressive",
    "Fps": "30.000000",
    "HasBFrame": "2",
    "Height": "1080",
    "Index": "0",
    "Language": "und",
    "Level": "41",
    "NumFrames": "",
    "PixFormat": "yuv420p",
    "Profile": "High",
    "RefFrames": "2",
    "Rotation": "0.000000",
    "StartTime": "0.000000",
    "Timebase": "1/15360",
    "Width": "1920",
}


def _hex(rng: Random) -> str:
    return f"{rng.getrandbits(128):032x}"


def _below(rng: Random, limit: int) -> int:
    return int(rng.random() * limit)


def _output_file(rng: Random, place: Place, names: list[str], prefix: str = "", *, md5: bool = True) -> dict[str, Any]:
    sums = [{"Md5": _hex(rng), "ObjectName": prefix + name} for name in names] if md5 else []
    if len(sums) > 1 and rng.random() < MISSING_MD5_SHARE:
        sums.pop()
    return {
        "Bucket": place["Bucket"],
        "Md5Info": sums,
        "ObjectName": names,
        "ObjectPrefix": prefix,
        "Region": place["Region"],
    }


def _output(place: Place, key: str) -> dict[str, Any]:
    return {"Bucket": place["Bucket"], "Object": key, "Region": place["Region"]}


def _media_info(rng: Random, *, bits: bool, audio: int = 1, video: int = 1) -> dict[str, Any]:
    """What ffprobe tells of a medium. bits: Bitrate in bps without a fraction, else in kbps with six decimals."""
    seconds = 5 + rng.random() * 3600

    def rate(kbps: int) -> str:
        return str(kbps * 1000 + rng.getrandbits(9)) if bits else f"{kbps + rng.random():.6f}"

    sounds = [
        {**AUDIO, "Bitrate": rate(128), "Duration": f"{seconds:.6f}", "Index": str(video + n)} for n in range(audio)
    ]
    pictures = [
        {
            **VIDEO,
            "Bitrate": rate(2500),
            "Duration": f"{seconds:.6f}",
            "Index": str(n),
            "NumFrames": f"{seconds * 30:.0f}",
        }
        for n in range(video)
    ]
    container = {
        **FORMAT,
        "Bitrate": rate(2700),
        "Duration": f"{seconds:.6f}",
        "NumStream": str(audio + video),
        "Size": f"{seconds * 337500:.0f}",
    }
    return {"Format": container, "Stream": {"Audio": sounds, "Subtitle": [], "Video": pictures}}


def _no_media_info() -> dict[str, Any]:
    return {"Format": {}, "Stream": {"Audio": [], "Subtitle": [], "Video": []}}


def _stream_extract(rng: Random, place: Place, stem: str) -> Operation:
    keys = [f"{stem}/video-{n}.mp4" for n in range(1 + _below(rng, MOST_STREAMS))]
    return {
        "MediaResult": {"OutputFile": _output_file(rng, place, keys)},
        "Output": {
            "Bucket": place["Bucket"],
            "Region": place["Region"],
            "StreamExtract": [{"Index": str(n), "Output": key} for n, key in enumerate(keys)],
        },
    }


def _one_file(rng: Random, place: Place, stem: str, extension: str) -> Operation:
    return {
        "MediaResult": {"OutputFile": _output_file(rng, place, [f"{stem}.{extension}"])},
        "Output": _output(place, f"{stem}.${{ext}}"),
    }


def _transcode(rng: Random, place: Place, stem: str) -> Operation:
    return {"MediaInfo": _media_info(rng, bits=True, audio=1 + _below(rng, 2)), **_one_file(rng, place, stem, "mkv")}


def _watermark(rng: Random, place: Place, stem: str) -> Operation:
    marks = [f"t{_hex(rng)}" for _ in range(1 + _below(rng, 3))]
    return {
        "MediaInfo": _media_info(rng, bits=True),
        **_one_file(rng, place, stem, "mkv"),
        "TranscodeTemplateId": f"t{_hex(rng)}",
        "WatermarkTemplateId": marks,
    }


def _super_resolution(rng: Random, place: Place, stem: str) -> Operation:
    """A State of its own deep inside: a mark that could not be set does not fail the job when IgnoreError is true."""
    mark = {
        "IgnoreError": "true",
        "Message": f"mark-{rng.getrandbits(24):06x}",
        "State": ("Success", "Failed")[_below(rng, 2)],
        "Type": "Text",
        "Version": "V1",
    }
    media = _media_info(rng, bits=False)
    return {"DigitalWatermark": mark, "MediaInfo": media, **_one_file(rng, place, stem, "mkv")}


def _animation(rng: Random, place: Place, stem: str) -> Operation:
    return {"MediaInfo": _media_info(rng, bits=False, audio=0), **_one_file(rng, place, stem, "webp")}


def _concat(rng: Random, place: Place, stem: str) -> Operation:
    return {"MediaInfo": _media_info(rng, bits=False), **_one_file(rng, place, f"{stem}-joined", "mkv")}


def _probe(rng: Random, _place: Place, _stem: str) -> Operation:
    return {"MediaInfo": _media_info(rng, bits=False, audio=_below(rng, 3))}


def _snapshot(rng: Random, place: Place, stem: str) -> Operation:
    names = [f"{n}.jpg" for n in range(1 + _below(rng, 10))]
    pictures = _output_file(rng, place, names, f"{stem}/shot-", md5=False)
    pictures["SpriteOutputFile"] = _output_file(rng, place, ["0.jpg"], f"{stem}/sprite-", md5=False)
    return {
        "MediaInfo": _no_media_info(),
        "MediaResult": {"OutputFile": pictures},
        "Output": {
            **_output(place, f"{stem}/shot-${{number}}.jpg"),
            "SpriteObject": f"{stem}/sprite-${{number}}.jpg",
        },
    }


def _smart_cover(rng: Random, place: Place, stem: str) -> Operation:
    count = 1 + _below(rng, 5)
    names = [f"{stem}/cover-{n}.png" for n in range(count)]
    return {
        "MediaInfo": _no_media_info(),
        "MediaResult": {"OutputFile": _output_file(rng, place, names, md5=False)},
        "Output": _output(place, f"{stem}/cover-${{number}}.png"),
        "SmartCover": {
            "Count": str(count),
            "DeleteDuplicates": "true",
            "Format": "png",
            "Height": "720",
            "Width": "1280",
        },
    }


def _segment(rng: Random, place: Place, stem: str) -> Operation:
    names = [f"{n}.ts" for n in range(2 + _below(rng, 8))]
    return {
        "MediaInfo": _media_info(rng, bits=False),
        "MediaResult": {"OutputFile": _output_file(rng, place, names, f"{stem}/part-")},
        "Output": _output(place, f"{stem}/part-${{number}}.ts"),
        "Segment": {"Duration": "30", "Format": "ts", "HlsEncrypt": {"IsHlsEncrypt": "false", "UriKey": ""}},
    }


def _voice_separate(rng: Random, place: Place, stem: str) -> Operation:
    names = [f"{stem}/background.mp3", f"{stem}/voice.mp3"]
    return {
        "MediaResult": {"OutputFile": _output_file(rng, place, names)},
        "Output": {**_output(place, names[0]), "AuObject": names[1]},
        "VoiceSeparate": {
            "AudioConfig": {"Bitrate": "192", "Channels": "2", "Codec": "mp3", "Samplerate": "48000"},
            "AudioMode": "AudioAndBackground",
        },
    }


def _doc_process(rng: Random, place: Place, stem: str) -> Operation:
    pages = 1 + _below(rng, 12)
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
        "Output": _output(place, f"{stem}/page-${{Page}}.png"),
    }


def _sentence(rng: Random, start: int, speaker: int) -> dict[str, Any]:
    words = [WORDS[_below(rng, len(WORDS))] for _ in range(3 + _below(rng, 12))]
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
    sentences = [_sentence(rng, 4000 * n, n % 2) for n in range(1 + _below(rng, 4))]
    return {
        "Output": _output(place, f"{stem}.txt"),
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
        "Output": _output(place, f"{stem}.webp"),
        "PicProcessResult": {
            "ObjectName": f"{stem}.webp",
            "OriginalInfo": {
                "Etag": f'"{_hex(rng)}"',
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
    return {"Output": _output(place, f"{stem}-zh.docx"), "Translation": {"Lang": "zh", "Type": "docx"}}


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
