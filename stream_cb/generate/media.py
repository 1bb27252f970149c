"""A seeded random source in, the parts out that the Operations of several Tags share: keys, files made, media info.

Codec and format names are those of ffmpeg; Bitrate is bps in the Tags that re-encode and kbps in the others, as the
vendor documents it.
"""

from __future__ import annotations

from random import Random
from typing import Any

Place = dict[str, str]

# The documents show fewer Md5Info than outputs now and then: readers must not count on pairs.
MISSING_MD5_SHARE = 0.1

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


def hex_digits(rng: Random) -> str:
    return f"{rng.getrandbits(128):032x}"


def below(rng: Random, limit: int) -> int:
    return int(rng.random() * limit)


def output_file(rng: Random, place: Place, names: list[str], prefix: str = "", *, md5: bool = True) -> dict[str, Any]:
    sums = [{"Md5": hex_digits(rng), "ObjectName": prefix + name} for name in names] if md5 else []
    if len(sums) > 1 and rng.random() < MISSING_MD5_SHARE:
        sums.pop()
    return {
        "Bucket": place["Bucket"],
        "Md5Info": sums,
        "ObjectName": names,
        "ObjectPrefix": prefix,
        "Region": place["Region"],
    }


def output(place: Place, key: str) -> dict[str, Any]:
    return {"Bucket": place["Bucket"], "Object": key, "Region": place["Region"]}


def media_info(rng: Random, *, bits: bool, audio: int = 1, video: int = 1) -> dict[str, Any]:
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


def no_media_info() -> dict[str, Any]:
    return {"Format": {}, "Stream": {"Audio": [], "Subtitle": [], "Video": []}}
