"""Promises of the Operations: every known Tag has a type, XML and both generations of JSON fill it alike and wholly."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

import stream_cb.events.operations as package
from stream_cb import read_events
from stream_cb.events import Notes, decode
from stream_cb.events.node import Node
from stream_cb.events.operations import OPERATIONS, Operation, PicProcessOperation, VideoTagOperation
from stream_cb.events.operations.video_tag import PlaceTags
from stream_cb.events.shape import Rule, slots_of
from stream_cb.generate import to_json, to_pretty_xml, to_xml
from tests.decoding import callback, events_of, job_of, line_of

# fmt: off
KNOWN_TAGS = [
    "Animation", "Concat", "DNA", "DigitalWatermark", "DocProcess", "DocWatermark", "ExtractDigitalWatermark",
    "FileCompress", "FileHashCode", "FileUncompress", "FillConcat", "GeneratePlayList", "ImageInspect", "ImageOCR",
    "MediaInfo", "NoiseReduction", "PicProcess", "PosterProduction", "QualityEstimate", "SDRtoHDR", "Segment",
    "SegmentVideoBody", "SmartCover", "Snapshot", "SoundHound", "SpeechRecognition", "SplitVideoParts",
    "StreamExtract", "SuperResolution", "Transcode", "TranscodePro", "Translation", "Tts", "VideoEnhance",
    "VideoMontage", "VideoProcess", "VideoSynthesis", "VideoTag", "VideoTargetRec", "VocalScore", "VoiceSeparate",
    "Watermark", "WordsGeneralize",
]
# fmt: on

AUDIO = {
    "Bitrate": "96.512000",
    "Channel": "1",
    "ChannelLayout": "mono",
    "CodecName": "opus",
    "CodecTag": "0x7375704f",
    "Duration": "4.020000",
    "Index": "1",
    "SampleRate": "24000",
    "StartTime": "0.000000",
    "Timebase": "1/24000",
}
VIDEO = {
    "AvgFps": "30000/1001",
    "Bitrate": "2000512",
    "CodecName": "av1",
    "Dar": "16:9",
    "FieldOrder": "progressive",
    "Fps": "29.970000",
    "HasBFrame": "0",
    "Height": "720",
    "Index": "0",
    "Level": "1.000",
    "NumFrames": "120",
    "RefFrames": "1",
    "Rotation": "90.000000",
    "Sar": "1:1",
    "Width": "1280",
}
CONTAINER = {
    "Bitrate": "512.250000",
    "Duration": "4",
    "FormatName": "webm",
    "NumProgram": "0",
    "NumStream": "2",
    "Size": "260013",
    "StartTime": "0.000000",
}
MEDIA_INFO = {"Format": CONTAINER, "Stream": {"Audio": [AUDIO], "Subtitle": [{"Index": "2"}], "Video": [VIDEO]}}
MADE = {
    "Bucket": "b-1",
    "Md5Info": [{"Md5": "1e5", "ObjectName": "made/0.webm"}],
    "ObjectName": ["0.webm", "1.webm"],
    "ObjectPrefix": "made/",
    "Region": "ap-beijing",
    "SpriteOutputFile": {"ObjectName": ["s.png"], "Md5Info": [{"Md5": "2e5"}], "Bucket": "b-1"},
}
SHARED = {
    "TemplateId": "t1",
    "TemplateName": "一号",
    "TranscodeTemplateId": "t2",
    "WatermarkTemplateId": ["t3", "t4"],
    "UserData": " a  & b ",
    "JobLevel": "1",
    "Input": {"Object": "in/1.webm", "CosHeaders": [{"Key": "EventName", "Value": "cos:ObjectCreated:Put"}]},
    "Output": {"Bucket": "b-1", "Region": "ap-beijing", "Object": "made/${number}.${ext}"},
    "MediaResult": {"OutputFile": MADE},
    "MediaInfo": MEDIA_INFO,
}
BOX = {"X": "1", "Y": "2", "Width": "30", "Height": "40"}
LABEL = {"Confidence": "0.125", "Tag": "猫", "TagCls": "动物"}
TARGET = {"Location": BOX, "Name": "person", "Score": "91"}
SCORE = {"TotalScore": "88.5", "SentenceScores": [{"StartTime": "0.5", "EndTime": "2", "Score": "91"}]}
TRANSCODE = {
    "Container": {"Format": "hls", "ClipConfig": {"Duration": "6"}},
    "Video": {"Codec": "h.265", "Width": "640", "Crf": "28", "ColorParam": {"ColorTrc": "bt709"}},
    "Audio": {"Codec": "aac", "Samplerate": "44100", "Channels": "2"},
    "TimeInterval": {"Start": "0", "Duration": "12.5"},
    "TransConfig": {"IsHdr2Sdr": "false", "HlsEncrypt": {"IsHlsEncrypt": "true", "UriKey": "https://k/?a=1&b=2"}},
    "AudioMixArray": [{"AudioSource": "a.mp3", "EffectConfig": {"EnableBgmFade": "true", "BgmFadeTime": "1"}}],
}
MARK = {
    "Type": "Text",
    "Pos": "TopRight",
    "LocMode": "Absolute",
    "Dx": "8",
    "SlideConfig": {"XSlideSpeed": "2"},
    "Text": {"FontSize": "24", "Text": "样"},
}

# Documents in the documented names: Tag, and what its Operation holds. A list stands where an element may repeat.
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("MediaInfo", SHARED),
    ("DocWatermark", {"Output": {"Object": "a.pdf"}}),
    ("StreamExtract", {"Output": {"StreamExtract": [{"Index": "0", "Output": "a.mp4"}]}, "MediaInfo": MEDIA_INFO}),
    ("Transcode", {**SHARED, "Transcode": TRANSCODE, "Watermark": [MARK, MARK], "FreeTranscode": "false"}),
    ("TranscodePro", {"Transcode": TRANSCODE, "Subtitles": {"Subtitle": [{"Url": "a.srt", "VMargin": "4"}]}}),
    ("Watermark", {"Watermark": [{"Type": "Image", "Image": {"Url": "m.png", "Mode": "Proportion", "Width": "10"}}]}),
    ("GeneratePlayList", {"Transcode": {"TransConfig": {"InitialClipNum": "2", "CosTag": "a=b"}}}),
    ("Animation", {"Animation": {"Video": {"AnimateOnlyKeepKeyFrame": "true", "Fps": "12"}}}),
    ("Segment", {"Segment": {"Duration": "20", "Format": "mp4", "HlsEncrypt": {"UriKey": ""}, "StartTime": "1"}}),
    (
        "Snapshot",
        {
            "Snapshot": {
                "Mode": "Interval",
                "Count": "4",
                "CIParam": "imageMogr2/format/png",
                "SpriteSnapshotConfig": {"CellWidth": "64", "Columns": "2", "Lines": "2"},
            },
            "Output": {"SpriteObject": "s-${number}.png"},
        },
    ),
    (
        "Concat",
        {
            "ConcatTemplate": {
                "ConcatFragment": [{"Url": "a.mp4", "FragmentIndex": "0"}, {"Url": "b.mp4", "EndTime": "2.5"}],
                "Index": "1",
                "SceneChangeInfo": {"Mode": "FADE", "Time": "1"},
            }
        },
    ),
    ("FillConcat", {"FillConcat": {"FillInput": [{"Url": "a.mp4"}, {"FillTime": "3"}], "RefIndex": "0"}}),
    ("VideoSynthesis", {"VideoSynthesis": {"KeepAudioTrack": "true", "SpliceInfo": [{"Url": "a.mp4", **BOX}]}}),
    ("VideoMontage", {"VideoMontage": {"Duration": "15", "Scene": "Soccer", "AudioMix": {"Replace": "true"}}}),
    (
        "SplitVideoParts",
        {
            "SplitVideoParts": {"Mode": "SHOTDETECT"},
            "SplitVideoInfoResult": {
                "TimeInfo": [
                    {"Index": "0", "PartBegin": "0.000000", "PartEnd": "3.250000"},
                    {"Index": "1", "PartBegin": "3.250000", "PartEnd": "9.125000"},
                ]
            },
        },
    ),
    ("VideoProcess", {"VideoProcess": {"ColorEnhance": {"Contrast": "50"}, "MsSharpen": {"SharpenLevel": "5"}}}),
    ("SDRtoHDR", {"SDRtoHDR": {"HdrMode": "HLG"}}),
    (
        "SuperResolution",
        {
            "SuperResolution": {"Resolution": "sdtohd", "EnableScaleUp": "true"},
            "DigitalWatermark": {"Message": "m", "IgnoreError": "true", "State": "Failed", "Version": "V1"},
        },
    ),
    ("VideoEnhance", {"VideoEnhance": {"SDRtoHDR": {"HdrMode": "HDR10"}, "FrameEnhance": {"FrameDoubling": "true"}}}),
    ("DigitalWatermark", {"DigitalWatermark": {"Message": "m", "Type": "Text"}, "MediaInfo": MEDIA_INFO}),
    ("ExtractDigitalWatermark", {"ExtractDigitalWatermark": {"Message": "m", "Type": "Text", "Version": "V1"}}),
    (
        "VoiceSeparate",
        {
            "VoiceSeparate": {"AudioMode": "MusicMode", "AudioConfig": {"Codec": "mp3", "Bitrate": "128"}},
            "Output": {"Object": "bg", "AuObject": "au", "BassObject": "bass", "DrumObject": "drum"},
        },
    ),
    ("NoiseReduction", {"NoiseReduction": {"Format": "wav", "Samplerate": "16000"}}),
    ("SoundHound", {"SoundHoundResult": {"SongList": [{"Inlier": "0.75", "SingerName": "某", "SongName": "歌"}]}}),
    (
        "VocalScore",
        {"VocalScore": {"StandardUrl": "u"}, "VocalScoreResult": {"PitchScore": SCORE, "RhythemScore": SCORE}},
    ),
    ("Tts", {"TtsTpl": {"VoiceType": "aixia", "Speed": "100"}, "TtsConfig": {"Input": "你好", "InputType": "Text"}}),
    (
        "SpeechRecognition",
        {
            "SpeechRecognition": {"EngineModelType": "16k_zh", "ChannelNum": "1", "FilterDirty": "1"},
            "SpeechRecognitionResult": {
                "AudioTime": "3.5",
                "Result": "[0:0.100,0:3.400]  好。",
                "FlashResult": [
                    {
                        "channel_id": "0",
                        "text": "好。",
                        "sentence_list": [{"start_time": "100", "word_list": [{"word": "好", "end_time": "340"}]}],
                    }
                ],
                "ResultDetail": [
                    {
                        "StartMs": "100",
                        "EndMs": "3400",
                        "SpeakerId": "007",
                        "SpeechSpeed": "0.3",
                        "WordsNum": "1",
                        "Words": [{"OffsetStartMs": "0", "OffsetEndMs": "240", "VoiceType": "0", "Word": "好"}],
                    }
                ],
            },
        },
    ),
    ("Translation", {"Translation": {"Lang": "ja", "Type": "docx"}, "Output": {"Object": "ja.docx"}}),
    (
        "WordsGeneralize",
        {
            "WordsGeneralize": {"NerMethod": "DL", "SegMethod": "MIX"},
            "WordsGeneralizeResult": {
                "WordsGeneralizeLable": [{"Category": "交通", "Word": "车"}],
                "WordsGeneralizeToken": [{"Length": "1", "Offset": "0", "Pos": "n", "Word": "车"}],
            },
        },
    ),
    (
        "DocProcess",
        {
            "DocProcess": {"StartPage": "1", "EndPage": "-1", "SheetId": "0", "Zoom": "100", "DocPassword": ""},
            "DocProcessResult": {
                "TotalPageCount": "2",
                "PageInfo": [
                    {"PageNo": "1", "TgtUri": "p-1.png", "X-SheetPics": "2", "PicIndex": "1", "PicNum": "1"},
                    {"PageNo": "2", "TgtUri": "p-2.png"},
                ],
            },
        },
    ),
    (
        "PicProcess",
        {
            "PicProcess": {"IsPicInfo": "true", "ProcessRule": "imageMogr2/rotate/90"},
            "PicProcessResult": {
                "ObjectName": "p.png",
                "OriginalInfo": {"Etag": '"1e5"', "ImageInfo": {"Ave": "0x010203", "Height": "3", "Orientation": "0"}},
                "ProcessResult": {"Etag": '"2e5"', "Width": "3", "Size": "99"},
            },
        },
    ),
    (
        "ImageInspect",
        {
            "ImageInspect": {"AutoProcess": "true"},
            "ImageInspectResult": {
                "State": "Success",
                "ProcessResult": {"PicSize": "900", "Suspicious": "true", "AutoProcessResult": {"Code": "Success"}},
            },
        },
    ),
    (
        "PosterProduction",
        {"PosterProduction": {"TemplateId": "t9", "Info": {"main": "https://u/?a=1&b", "text": "题"}}},
    ),
    (
        "ImageOCR",
        {
            "ImageOCR": {"Type": "general", "IsPdf": "true", "PdfPageNumber": "2"},
            "Detection": {
                "Angel": "0.5",
                "TextDetections": [
                    {
                        "DetectedText": "字",
                        "Confidence": "99",
                        "ItemPolygon": [BOX],
                        "Polygon": [{"X": "1", "Y": "1"}, {"X": "9", "Y": "1"}],
                        "Words": [{"Character": "字", "WordCoordPoint": [{"WordCoordinate": [{"X": "1", "Y": "1"}]}]}],
                        "WordPolygon": [{"LeftTop": [{"X": "1", "Y": "1"}]}],
                    }
                ],
            },
        },
    ),
    (
        "VideoTag",
        {
            "VideoTag": {"Scenario": "Stream"},
            "VideoTagResult": {
                "StreamData": {
                    "SubErrCode": "0",
                    "Data": {
                        "Tags": [LABEL],
                        "Labels": [{"First": "a", "Second": "b", "Confidence": "0.5"}],
                        "PersonTags": [{"Name": "某", "Count": "2", "DetailPerSecond": [{"TimeStamp": "1.5"}]}],
                        "ActionTags": [{"StartTime": "0", "EndTime": "2.25", "Tags": [LABEL, LABEL]}],
                        "PlaceTags": [{"StartIndex": "0", "EndTime": "2", "ClipFrameResult": ["a:0.5", "a:0.25"]}],
                        "ObjectTags": [{"TimeStamp": "1", "Objects": [{"Name": "杯", "BBox": [{"X1": "0.1"}]}]}],
                    },
                }
            },
        },
    ),
    (
        "VideoTargetRec",
        {
            "VideoTargetRec": {"Body": "true", "Car": "true", "TransTpl": {"Video": {"Codec": "h.264"}}},
            "VideoTargetRecResult": {
                "Duration": "12345",
                "BodyRecognition": [{"Time": "0.500000", "Url": "https://u/?a=1&b", "BodyInfo": [TARGET, TARGET]}],
                "CarRecognition": [{"Time": "1", "CarInfo": [TARGET]}, {"Time": "2", "CarInfo": [TARGET]}],
                "PetRecognition": [{"PetInfo": [TARGET]}],
                "FaceRecognition": [{"FaceInfo": [TARGET]}],
                "LicenseRecognitionResult": [{"PlateInfo": [TARGET]}],
            },
        },
    ),
    ("SegmentVideoBody", {"SegmentVideoBody": {"Mode": "Mask", "BackgroundRed": "9"}, "MediaInfo": MEDIA_INFO}),
    (
        "QualityEstimate",
        {
            "QualityEstimateConfig": {"Mode": "vqaPlus"},
            "QualityEstimate": {
                "Score": "6.250000",
                "VqaPlusResult": {"DetailedResult": [{"Type": "Blur", "Items": [{"AreaCoordSet": ["1", "2"]}]}]},
            },
        },
    ),
    ("SmartCover", {"SmartCover": {"Count": "3", "DeleteDuplicates": "true"}, "MediaResult": {"OutputFile": MADE}}),
    (
        "DNA",
        {
            "DnaConfig": {"RuleType": "GetFingerPrint", "DnaDbId": "D1"},
            "DnaResult": {
                "Detection": [{"VideoId": "1e5", "MatchDetail": [{"SrcStartTime": "3"}], "Audio": {"Similar": "9"}}]
            },
        },
    ),
    (
        "FileCompress",
        {
            "FileCompressConfig": {"Flatten": "0", "Key": ["a", "b"], "KeyConfig": [{"Key": "c", "Rename": "d"}]},
            "FileCompressResult": {"CompressFileCount": "3", "ErrorCount": "0", "Object": "a.zip"},
        },
    ),
    (
        "FileUncompress",
        {
            "FileUncompressConfig": {"UnCompressKey": "a2V5", "DownloadConfig": {"Key": ["a"]}},
            "FileUncompressResult": {"FileCount": "3", "Bucket": "b-1"},
        },
    ),
    (
        "FileHashCode",
        {
            "FileHashCodeConfig": {"Type": "md5", "AddToHeader": "false"},
            "FileHashCodeResult": {"MD5": "1e5", "SHA1": "", "FileSize": "12", "Etag": '"1e5"'},
        },
    ),
]

# Tag, where the list stands, one element of it.
LISTS: list[tuple[str, str, Any]] = [
    ("Transcode", "Input.CosHeaders", {"Key": "Size", "Value": "1"}),
    ("Transcode", "WatermarkTemplateId", "t1"),
    ("Transcode", "MediaInfo.Stream.Audio", AUDIO),
    ("Transcode", "MediaInfo.Stream.Video", VIDEO),
    ("Transcode", "MediaInfo.Stream.Subtitle", {"Index": "3"}),
    ("Snapshot", "MediaResult.OutputFile.Md5Info", {"Md5": "1e5"}),
    ("Snapshot", "MediaResult.OutputFile.ObjectName", "a"),
    ("Snapshot", "MediaResult.OutputFile.SpriteOutputFile.Md5Info", {"Md5": "1e5"}),
    ("Snapshot", "MediaResult.OutputFile.SpriteOutputFile.ObjectName", "a"),
    ("StreamExtract", "Output.StreamExtract", {"Index": "0", "Output": "a"}),
    ("SpeechRecognition", "SpeechRecognitionResult.ResultDetail", {"StartMs": "0"}),
    ("SpeechRecognition", "SpeechRecognitionResult.ResultDetail.Words", {"Word": "好"}),
    ("SpeechRecognition", "SpeechRecognitionResult.FlashResult", {"channel_id": "0"}),
    ("SplitVideoParts", "SplitVideoInfoResult.TimeInfo", {"Index": "0"}),
    ("WordsGeneralize", "WordsGeneralizeResult.WordsGeneralizeToken", {"Word": "车"}),
    ("WordsGeneralize", "WordsGeneralizeResult.WordsGeneralizeLable", {"Word": "车"}),
    ("VideoTargetRec", "VideoTargetRecResult.BodyRecognition", {"Time": "1"}),
    ("VideoTargetRec", "VideoTargetRecResult.BodyRecognition.BodyInfo", TARGET),
    ("VideoTargetRec", "VideoTargetRecResult.CarRecognition", {"Time": "1"}),
    ("VideoTargetRec", "VideoTargetRecResult.CarRecognition.CarInfo", TARGET),
    ("VideoTargetRec", "VideoTargetRecResult.PetRecognition", {"Time": "1"}),
    ("VideoTargetRec", "VideoTargetRecResult.PetRecognition.PetInfo", TARGET),
    ("VideoTag", "VideoTagResult.StreamData.Data.Tags", LABEL),
    ("VideoTag", "VideoTagResult.StreamData.Data.PersonTags", {"Name": "某"}),
    ("VideoTag", "VideoTagResult.StreamData.Data.ActionTags", {"EndTime": "1"}),
    ("VideoTag", "VideoTagResult.StreamData.Data.ActionTags.Tags", LABEL),
    ("VideoTag", "VideoTagResult.StreamData.Data.PlaceTags", {"EndTime": "1"}),
    ("VideoTag", "VideoTagResult.StreamData.Data.PlaceTags.ClipFrameResult", "a:0.5"),
    ("DocProcess", "DocProcessResult.PageInfo", {"PageNo": "1"}),
    ("SoundHound", "SoundHoundResult.SongList", {"SongName": "歌"}),
    ("ImageOCR", "Detection.TextDetections", {"DetectedText": "字"}),
    ("ImageOCR", "Detection.TextDetections.Polygon", {"X": "1", "Y": "1"}),
    ("ImageOCR", "Detection.TextDetections.Words", {"Character": "字"}),
]

each_tag = pytest.mark.parametrize("tag", KNOWN_TAGS)
each_document = pytest.mark.parametrize(("tag", "operation"), DOCUMENTS, ids=[tag for tag, _ in DOCUMENTS])
each_list = pytest.mark.parametrize(("tag", "path", "element"), LISTS, ids=[f"{tag}-{path}" for tag, path, _ in LISTS])


def job(tag: str, operation: Any) -> dict[str, Any]:
    return callback(JobId="j1", Operation=operation, State="Success", Tag=tag)


def written(tree: dict[str, Any]) -> dict[str, bytes]:
    """The callback in every form that it can arrive in."""
    return {
        "xml": to_xml(tree),
        "indented xml": to_pretty_xml(tree),
        "old json": to_json(tree, generation="old"),
        "new json": to_json(tree, generation="new"),
    }


def full(kind: type[Node]) -> dict[str, Any]:
    """A document that fills every field of the type, two elements in every list."""

    def value(rule: Rule, name: str) -> Any:
        match rule.role:
            case "list":
                return [value(rule.part, name), value(rule.part, name)]
            case "node":
                return full(rule.part)
            case "extra":
                return {"Any": name}
            case "int":
                return "7"
            case _:
                return f"<{name}>"

    return {name: value(slot.rule, name) for name, slot in slots_of(kind).items()}


def fields_at(node: Any, path: str) -> Any:
    """The value at a documented path; where the path crosses a list, that of its only element."""
    found = node
    for name in path.split("."):
        (found,) = found if isinstance(found, tuple) else (found,)
        kind: type[Node] = type(found)
        found = getattr(found, slots_of(kind)[name].attribute)
    return found


def document_at(path: str, value: Any) -> dict[str, Any]:
    """A document that has nothing but a value at a path."""
    name, _, rest = path.partition(".")
    return {name: document_at(rest, value) if rest else value}


def nodes() -> Iterator[type[Node]]:
    """Every type of the package that a document can hold a part of."""
    waiting: list[type[Node]] = [Node]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("stream_cb."):
            yield kind


# ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────


@each_tag
def test_every_known_tag_is_a_row(tag: str) -> None:
    named = getattr(package, f"{tag}Operation", Operation)
    assert OPERATIONS[tag] is named
    assert issubclass(named, Operation)


def test_the_table_has_no_tag_that_is_not_known() -> None:
    assert sorted(OPERATIONS) == sorted(KNOWN_TAGS)


def test_every_known_tag_has_a_document_here() -> None:
    assert sorted(tag for tag, _ in DOCUMENTS) == sorted(KNOWN_TAGS)


def test_an_operation_of_an_unknown_tag_stays_whole() -> None:
    assert job_of(job("NotYet", {"A": {"B": "c"}})).operation == {"A": {"B": "c"}}


def test_no_two_types_have_the_same_name() -> None:
    counts = Counter(kind.__name__ for kind in set(nodes()))
    assert [name for name, count in counts.items() if count > 1 and not name.startswith("_")] == []


def test_the_operation_of_each_tag_is_found_by_the_name_of_its_class() -> None:
    for operation in OPERATIONS.values():
        assert getattr(package, operation.__name__) is operation


# ── The documents ───────────────────────────────────────────────────────────────────────────────────────────────────


@each_document
def test_xml_and_both_generations_of_json_give_one_event(tag: str, operation: dict[str, Any]) -> None:
    tree = job(tag, operation)
    notes = Notes()
    expected = decode("Response", tree, notes)
    for form, raw in written(tree).items():
        assert events_of(raw, notes) == expected, form
        assert list(read_events(io.BytesIO(raw))) == expected, form
    assert (notes.unknown_fields, notes.misfits) == ({}, {})
    assert type(job_of(tree).operation) is OPERATIONS[tag]


@each_document
def test_records_that_repeat_are_read_as_the_first_one_was(tag: str, operation: dict[str, Any]) -> None:
    tree = job(tag, operation)
    for raw in written(tree).values():
        events = list(read_events(io.BytesIO(b"\n".join([raw.replace(b"\n", b"")] * 40))))
        assert events == decode("Response", tree, Notes()) * 40


@each_document
def test_a_line_reads_as_the_event_it_was_written_from(tag: str, operation: dict[str, Any]) -> None:
    event = job_of(job(tag, operation))
    assert list(read_events(io.BytesIO(line_of(event)))) == [event]


@each_tag
def test_every_field_can_be_filled_and_none_is_lost(tag: str) -> None:
    tree = job(tag, full(OPERATIONS[tag]))
    notes = Notes()
    (expected,) = events_of(to_xml(tree), notes)
    assert (notes.unknown_fields, notes.misfits) == ({}, {})
    assert all(list(read_events(io.BytesIO(raw))) == [expected] for raw in written(tree).values())
    (again,) = read_events(io.BytesIO(line_of(expected)))
    assert again == expected


# ── The lists ───────────────────────────────────────────────────────────────────────────────────────────────────────


@each_list
def test_a_path_that_repeats_is_a_list_however_often_it_does(tag: str, path: str, element: Any) -> None:
    rule = slots_of(OPERATIONS[tag])[path.partition(".")[0]].rule
    for name in path.split(".")[1:]:
        kind = rule.part.part if rule.role == "list" else rule.part
        rule = slots_of(kind)[name].rule
    for value, count in ((element, 1), ([element], 1), ([element] * 3, 3), ([], 0), ("", 0)):
        notes = Notes()
        found = fields_at(job_of(job(tag, document_at(path, value)), notes).operation, path)
        assert isinstance(found, tuple)
        assert len(found) == count
        assert (notes.unknown_fields, notes.misfits) == ({}, {})
    found = fields_at(job_of(job(tag, document_at(path, [element, "", element]))).operation, path)
    assert (len(found), found[1]) == (3, rule.part.empty)


@each_list
def test_one_none_and_many_read_alike_from_xml_and_json(tag: str, path: str, element: Any) -> None:
    for elements in ([], [element], [element, element]):
        tree = job(tag, document_at(path, elements))
        # JSON leaves out what is empty, and so the containers around an empty list stay.
        found = [fields_at(job_of(raw).operation, path) for raw in written(tree).values()]
        assert found == [found[0]] * 4
        assert len(found[0]) == len(elements)


# ── Traps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_object_name_of_a_processed_picture_is_text_and_of_an_output_file_a_list() -> None:
    tree = job(
        "PicProcess", {"PicProcessResult": {"ObjectName": "a"}, "MediaResult": {"OutputFile": {"ObjectName": "a"}}}
    )
    operation = job_of(tree).operation
    assert isinstance(operation, PicProcessOperation)
    assert operation.pic_process_result is not None
    assert operation.pic_process_result.object_name == "a"
    assert operation.media_result is not None
    assert operation.media_result.output_file is not None
    assert operation.media_result.output_file.object_name == ("a",)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("MediaInfo.Format.Bitrate", "1e5"),
        ("MediaInfo.Format.Duration", "13"),
        ("MediaInfo.Format.StartTime", "-0.021"),
        ("MediaInfo.Stream.Video.Fps", "50/1"),
        ("MediaInfo.Stream.Video.Level", "-99"),
        ("MediaInfo.Stream.Video.CodecTag", "0x31637661"),
        ("MediaInfo.Stream.Video.Rotation", "0.000000"),
        ("MediaResult.OutputFile.Md5Info.Md5", "0012"),
        ("TemplateId", "1e5"),
    ],
)
def test_what_has_many_forms_stays_text(path: str, text: str) -> None:
    notes = Notes()
    assert fields_at(job_of(job("Transcode", document_at(path, text)), notes).operation, path) == text
    assert not notes.misfits


def test_start_and_end_under_labels_are_seconds_not_times() -> None:
    operation = job_of(
        job(
            "VideoTag",
            {"VideoTagResult": {"StreamData": {"Data": {"PlaceTags": {"StartTime": "0", "EndTime": "3.5"}}}}},
        )
    ).operation
    assert isinstance(operation, VideoTagOperation)
    assert fields_at(operation, "VideoTagResult.StreamData.Data.PlaceTags") == (
        PlaceTags(start_time="0", end_time="3.5"),
    )


def test_an_empty_label_among_several_keeps_its_place() -> None:
    tree = job("VideoTag", document_at("VideoTagResult.StreamData.Data.ActionTags", [{"Tags": []}, {"EndTime": "2"}]))
    (xml,) = events_of(to_xml(tree))
    (json,) = events_of(to_json(tree))
    assert xml == json


def test_emptied_media_info_is_an_empty_one_in_xml_and_json() -> None:
    tree = job("Snapshot", {"MediaInfo": {"Format": {}, "Stream": {"Audio": [], "Subtitle": [], "Video": []}}})
    from_xml = fields_at(job_of(to_xml(tree)).operation, "MediaInfo.Stream.Video")
    from_json = fields_at(job_of(to_json(tree)).operation, "MediaInfo.Stream.Video")
    assert from_xml == from_json == ()
