"""Promises of the reviews: both forms of each kind are typed whole, what does not fit stays, a line reads back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from stream_cb.events import Extra, Node, Notes, encode_lines
from stream_cb.events import review_parts as parts
from stream_cb.events.probe import Probe
from stream_cb.events.review import (
    Review,
    ReviewAudio,
    ReviewDocument,
    ReviewHtml,
    ReviewImage,
    ReviewSimple,
    ReviewText,
    ReviewVideo,
)
from stream_cb.events.shape import build, slots_of
from stream_cb.limits import Limits
from stream_cb.readers.json_payload import parse_json

KINDS: list[type[Review]] = [ReviewImage, ReviewVideo, ReviewAudio, ReviewText, ReviewDocument, ReviewHtml]
SIMPLE_KINDS: list[type[Any]] = [*KINDS, ReviewSimple, Probe]
PARTS = [part for part in vars(parts).values() if isinstance(part, type) and issubclass(part, Node)]


def _parse(text: str | bytes) -> dict[str, Any]:
    _, document = parse_json(text if isinstance(text, bytes) else text.encode(), limits=Limits())
    assert isinstance(document, dict)
    return document


# What all Detail bodies may have.
JOB = _parse("""{
    "JobId": "si0000000001", "DataId": "mine/7", "State": "Success", "CreationTime": "2023-05-06T07:08:09+08:00",
    "Object": "图/1.jpg", "Url": "https://films-1250000001.cos.example/1.jpg", "Label": "Porn", "SubLabel": "Sexy",
    "ForbidState": 1, "BucketId": "films-1250000001", "Region": "ap-chongqing", "CosHeaders": {"x-cos-meta-id": "7"},
    "UserInfo": {"TokenId": "u1", "Nickname": "甲", "DeviceId": "d", "AppId": "a", "Room": "r", "IP": "::1",
        "Type": "1", "ReceiveTokenId": "u2", "Gender": "g", "Level": "3", "Role": "host"},
    "ListInfo": {"ListResults": [{"ListType": 1, "ListName": "banned", "Entity": "u1"}]}
}""")
# What each kind has besides.
DETAILS: dict[type[Review], dict[str, Any]] = {
    ReviewImage: _parse("""{
        "Result": 1, "Score": 99, "Category": "Nudity", "Text": "read", "Content": "5Zu+", "CompressionResult": 0,
        "PornInfo": {"Code": 0, "Msg": "OK", "HitFlag": 1, "Score": 99, "Label": "l", "Category": "c", "SubLabel": "s",
            "OcrResults": [{"Text": "ab", "Keywords": ["a", "b"], "SubLabel": "s",
                "Location": {"X": 1, "Y": 2.50, "Width": 30, "Height": 40, "Rotate": 0}}],
            "LibResults": [{"ImageId": "7", "Score": 88}]},
        "PoliticsInfo": {"HitFlag": 0, "ObjectResults": [{"Name": "n", "SubLabel": "s", "Location": {"X": 0}}]},
        "TerrorismInfo": {"HitFlag": 0}, "AdsInfo": {"HitFlag": 2}, "TeenagerInfo": {"HitFlag": 0},
        "QualityInfo": {"HitFlag": 0}
    }"""),
    ReviewVideo: _parse("""{
        "Result": 0, "SnapshotCount": 1, "PornInfo": {"HitFlag": 0, "Count": 0}, "MeaninglessInfo": {"Count": 3},
        "Snapshot": [{"Url": "u", "Text": "t", "SnapshotTime": 41, "Label": "Normal", "SubLabel": "s", "Result": 0,
            "PornInfo": {"HitFlag": 0, "Score": 0}}],
        "AudioSection": [{"Url": "u", "Text": "t", "OffsetTime": 0, "Duration": 30000, "Label": "Ads", "SubLabel": "s",
            "Result": 2, "AdsInfo": {"HitFlag": 2}}]
    }"""),
    ReviewAudio: _parse("""{
        "Result": 2, "AudioText": "   ", "LanguageResults": [{"Label": "cmn", "Score": 10}],
        "Section": [{"OffsetTime": 0, "Duration": 30000, "PornInfo": {"HitFlag": 0, "Keywords": ["a"],
                "SpeakerResults": [{"Label": "v", "Score": 80, "StartTime": 0, "EndTime": 900}],
                "RecognitionResults": [{"Label": "young", "Score": 70}]},
            "LanguageResults": [{"Label": "yue", "Score": 90, "StartTime": 0, "EndTime": 900}]}]
    }"""),
    ReviewText: _parse("""{
        "Result": 1, "Content": "5paH", "SectionCount": 1, "PornInfo": {"HitFlag": 0, "Count": 0},
        "IllegalInfo": {"HitFlag": 0}, "AbuseInfo": {"HitFlag": 1, "Count": 1},
        "Section": [{"StartByte": 0, "Label": "Abuse", "SubLabel": "s", "Result": 1, "ValueInfo": {}, "SpamInfo": {},
            "AbuseInfo": {"HitFlag": 1, "Score": 95, "Keywords": ["a", "b"],
                "LibResults": [{"LibType": 2, "LibName": "own", "Keywords": ["b"]}]}}]
    }"""),
    ReviewDocument: _parse("""{
        "Suggestion": 0, "PageCount": 2, "Labels": {"PornInfo": {"HitFlag": 0, "Score": 0}, "TerrorismInfo": {}},
        "PageSegment": {"Results": [{"Url": "u", "Text": "t", "PageNumber": 1, "SheetNumber": 0, "Label": "Normal",
            "SubLabel": "s", "Suggestion": 0, "AdsInfo": {"HitFlag": 0, "SubLabel": "s"}}]}
    }"""),
    ReviewHtml: _parse("""{
        "Suggestion": 2, "PageCount": 2, "Labels": {"PornInfo": {"HitFlag": 0}}, "HighlightHtml": "<p>t</p>",
        "ImageResults": {"Results": [{"Url": "u", "Label": "Normal", "Suggestion": 0, "PornInfo": {"HitFlag": 0}}]},
        "TextResults": {"Results": [{"Text": "t", "Result": 0, "PornInfo": {"HitFlag": 0, "Keywords": ["k"]}}]}
    }"""),
}
SIMPLE = _parse("""{
    "code": 0, "message": "success", "data": {
        "event": "ReviewImage", "trace_id": "t0001", "data_id": "mine/7", "result": 1, "forbidden_status": 1,
        "url": "https://films-1250000001.cos.example/1.jpg", "cos_headers": {"x-cos-meta-id": "7"},
        "porn_info": {"hit_flag": 1, "label": "l", "score": 99}, "terrorist_info": {"hit_flag": 0, "count": 3},
        "politics_info": {"hit_flag": 0, "face_name": "n"}, "ads_info": {"hit_flag": 0},
        "illegal_info": {"hit_flag": 0}, "abuse_info": {"hit_flag": 0}, "quality_info": {"hit_flag": 0}
    }
}""")


def _document(event: Any) -> dict[str, Any]:
    """What the event's line says, without its EventName, which must come first."""
    document = _parse(encode_lines([event]))
    assert next(iter(document)) == "EventName"
    assert document.pop("EventName") == event.event_name == type(event).__name__
    return document


@pytest.mark.parametrize("kind", KINDS)
def test_every_documented_field_of_a_detail_body_is_typed(kind: type[Review]) -> None:
    notes = Notes(strict=True)
    fields = JOB | DETAILS[kind]
    event = build(kind, fields, "", notes)
    assert not notes.unknown_fields
    assert isinstance(event, Review)
    assert event.creation_time == datetime(2023, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=8)))
    assert event.data is None
    assert _document(event) == fields
    assert build(kind, _document(event), "", notes) == event


def test_the_parts_of_an_image_review_are_reached_by_name() -> None:
    event = build(ReviewImage, JOB | DETAILS[ReviewImage], "", Notes(strict=True))
    porn = event.porn_info
    assert porn is not None
    assert (event.result, event.forbid_state, porn.hit_flag, porn.score) == (1, 1, 1, 99)
    location = porn.ocr_results[0].location
    assert location == parts.Location(x=1, y=Decimal("2.50"), width=30, height=40, rotate=0)
    assert event.user_info is not None
    assert event.user_info.ip == "::1"
    assert event.cos_headers == {"x-cos-meta-id": "7"}
    assert type(event.cos_headers) is Extra


def test_a_failed_review_has_its_error_and_little_else() -> None:
    fields = {"Code": "InvalidArgument", "Message": "cannot be read", "State": "Failed", "Object": "o", "DataId": "d"}
    event = build(ReviewVideo, fields, "", Notes(strict=True))
    assert event == ReviewVideo(
        code="InvalidArgument", message="cannot be read", state="Failed", object="o", data_id="d"
    )
    assert _document(event) == fields


@pytest.mark.parametrize("kind", SIMPLE_KINDS)
def test_a_simple_body_keeps_its_names(kind: type[Any]) -> None:
    notes = Notes(strict=True)
    event = build(kind, SIMPLE, "", notes)
    assert not notes.unknown_fields
    assert (event.code_number, event.message_text) == (0, "success")
    assert (event.data.event, event.data.trace_id, event.data.porn_info.score) == ("ReviewImage", "t0001", 99)
    assert _document(event) == SIMPLE
    assert build(kind, _document(event), "", notes) == event


def test_the_two_forms_do_not_share_their_codes() -> None:
    event = build(ReviewImage, {"Code": "Success", "Message": "m", "code": 7, "message": "n"}, "", Notes(strict=True))
    assert (event.code, event.message, event.code_number, event.message_text) == ("Success", "m", 7, "n")


def test_each_kind_is_matched_by_its_class() -> None:
    for kind in KINDS:
        match kind(result=1):
            case Review(result=1) as event:
                assert type(event) is kind
    assert not isinstance(ReviewSimple(), Review)


@pytest.mark.parametrize(
    ("keywords", "typed"), [("", ()), ("a,b", ("a,b",)), (["a", "b"], ("a", "b")), (["", ""], ("", "")), ([], ())]
)
def test_keywords_are_a_list_whether_text_or_array(keywords: Any, typed: tuple[str, ...]) -> None:
    notes = Notes(strict=True)
    event = build(ReviewText, {"Section": [{"PornInfo": {"HitFlag": 1, "Keywords": keywords}}]}, "", notes)
    scene = event.section[0].porn_info
    assert scene is not None
    assert scene.keywords == typed
    assert build(ReviewText, _document(event), "", notes) == event


def test_numbers_may_come_as_text_and_empty_ones_are_absent() -> None:
    fields = {"Result": "2", "SnapshotCount": "", "CreationTime": "", "PornInfo": {"HitFlag": "1", "Count": ""}}
    event = build(ReviewVideo, fields, "", Notes(strict=True))
    assert event == ReviewVideo(result=2, porn_info=parts.Scene(hit_flag=1))


def test_what_does_not_fit_a_detail_body_stays_at_its_place_and_is_counted() -> None:
    notes = Notes()
    odd = {
        "JobId": "j",
        "CosHeaders": [{"Key": "a", "Value": "b"}],
        "Result": "bad",
        "Score": Decimal("1.5"),
        "CreationTime": 1683328089,
        "Text": None,
        "PornInfo": {"HitFlag": True, "Keywords": [1], "New": "x"},
        "UserInfo": {"Level": 3},
        "code": "none",
        "data": [],
    }
    event = build(ReviewImage, odd, "", notes)
    assert event.extra == {name: odd[name] for name in odd if name not in ("JobId", "PornInfo", "UserInfo")}
    assert event.porn_info == parts.Scene(extra=Extra({"HitFlag": True, "Keywords": [1], "New": "x"}))
    assert event.user_info == parts.UserInfo(extra=Extra({"Level": 3}))
    assert notes.unknown_fields == {"PornInfo.New": 1}
    paths = "CosHeaders Result Score CreationTime Text code data PornInfo.HitFlag PornInfo.Keywords UserInfo.Level"
    assert notes.misfits == dict.fromkeys(paths.split(), 1)
    assert _document(event) == odd
    assert build(ReviewImage, _document(event), "", Notes()) == event


@pytest.mark.parametrize("kind", SIMPLE_KINDS)
def test_what_does_not_fit_a_simple_body_stays_at_its_place_and_is_counted(kind: type[Any]) -> None:
    notes = Notes()
    odd = {
        "code": "0x1",
        "data": {"event": 5, "cos_headers": ["a"], "porn_info": {"HitFlag": 1}, "new_info": {}},
        "request_id": "r",
    }
    event = build(kind, odd, "", notes)
    assert event.extra == {"code": "0x1", "request_id": "r"}
    assert event.data.extra == {"event": 5, "cos_headers": ["a"], "new_info": {}}
    assert notes.misfits == {"code": 1, "data.event": 1, "data.cos_headers": 1}
    assert notes.unknown_fields == {"request_id": 1, "data.porn_info.HitFlag": 1, "data.new_info": 1}
    assert _document(event) == odd
    assert build(kind, _document(event), "", Notes()) == event


def test_what_surrounds_the_job_has_fields_of_its_own() -> None:
    event = build(ReviewAudio, {"EventNameInferred": True, "Response": {"RequestId": "r"}}, "", Notes(strict=True))
    assert (event.event_name_inferred, event.response) == (True, {"RequestId": "r"})
    assert _document(event) == {"EventNameInferred": True, "Response": {"RequestId": "r"}}


@pytest.mark.parametrize("kind", [*SIMPLE_KINDS, *PARTS])
def test_every_field_has_a_slot_and_every_default_is_what_absent_means(kind: type[Node]) -> None:
    fields = [field for field in msgspec.structs.fields(kind) if field.name != "extra"]
    assert {slot.attribute for slot in slots_of(kind).values()} == {field.name for field in fields}
    assert all(field.default in ("", (), None, {}, False) for field in fields)
