"""What content review found, and where: parts that the reviews of all media share.

Verdicts ("result", "suggestion", "hit_flag") are numbers: 0 normal, 1 violation, 2 suspect, to be seen by a person.
Scores go from 0 to 100, from surely not to surely. `keywords` is a list wherever it occurs: where a document has one
text instead, that text, commas and all, is its one element.
"""

from typing import Any

import msgspec

from stream_cb.events.node import NOTHING, Extra, Maybe, Node, Whole


class Location(Node, frozen=True, kw_only=True):
    """A box in an image, in pixels: x and y of its upper left corner. Whole numbers or fractions.

    rotate: degrees against the clock.
    """

    x: Any = None
    y: Any = None
    width: Any = None
    height: Any = None
    rotate: Any = None


class OcrResult(Node, frozen=True, kw_only=True):
    """One text found in an image, and the keywords in it."""

    text: str = ""
    keywords: tuple[str, ...] = ()
    sub_label: str = ""
    location: Maybe[Location] = None


class ObjectResult(Node, frozen=True, kw_only=True):
    """One thing recognised in an image: a mark, a QR code, a face. name: what it is."""

    name: str = ""
    sub_label: str = ""
    location: Maybe[Location] = None


class LibResult(Node, frozen=True, kw_only=True):
    """One hit in a library of forbidden images or words.

    image_id, score: the image that matched, and how well. keywords: the words that matched.
    lib_type: 1 the service's, 2 the customer's. lib_name: the library's name.
    """

    image_id: str = ""
    score: Maybe[Whole] = None
    lib_type: Maybe[Whole] = None
    lib_name: str = ""
    keywords: tuple[str, ...] = ()


class SpeechResult(Node, frozen=True, kw_only=True):
    """A language, a speaker or a sound recognised in audio. start_time, end_time: milliseconds of the audio."""

    label: str = ""
    score: Maybe[Whole] = None
    start_time: Maybe[Whole] = None
    end_time: Maybe[Whole] = None


class Scene(Node, frozen=True, kw_only=True):
    """The verdict on one kind of content, of a whole job or of a part of it.

    hit_flag: the verdict. score: how sure, of one piece of content. count: parts that were hit, of a whole job.
    label, category, sub_label: what was found, ever finer; often absent.
    speaker_results, recognition_results: voices, and minors, that were recognised.
    code, msg: why this scene could not be reviewed; code is 0 if it was.
    """

    hit_flag: Maybe[Whole] = None
    score: Maybe[Whole] = None
    count: Maybe[Whole] = None
    label: str = ""
    category: str = ""
    sub_label: str = ""
    code: Maybe[Whole] = None
    msg: str = ""
    keywords: tuple[str, ...] = ()
    ocr_results: tuple[OcrResult, ...] = ()
    object_results: tuple[ObjectResult, ...] = ()
    lib_results: tuple[LibResult, ...] = ()
    speaker_results: tuple[SpeechResult, ...] = ()
    recognition_results: tuple[SpeechResult, ...] = ()


class Scenes(Node, frozen=True, kw_only=True):
    """The verdicts by scene; absent are those that the job did not ask for.

    meaningless, value, spam: worthless content, offences against values, and spam; live streams and texts only.
    """

    porn_info: Maybe[Scene] = None
    terrorism_info: Maybe[Scene] = None
    politics_info: Maybe[Scene] = None
    ads_info: Maybe[Scene] = None
    illegal_info: Maybe[Scene] = None
    abuse_info: Maybe[Scene] = None
    teenager_info: Maybe[Scene] = None
    quality_info: Maybe[Scene] = None
    meaningless_info: Maybe[Scene] = None
    value_info: Maybe[Scene] = None
    spam_info: Maybe[Scene] = None


class Snapshot(Scenes, frozen=True, kw_only=True):
    """One frame of a video.

    url: the frame's image. snapshot_time: milliseconds of the video. text: what OCR read in it.
    label, sub_label: the worst that was found ("Normal" for nothing). result: the verdict.
    """

    url: str = ""
    text: str = ""
    snapshot_time: Maybe[Whole] = None
    label: str = ""
    sub_label: str = ""
    result: Maybe[Whole] = None


class AudioSection(Scenes, frozen=True, kw_only=True):
    """One stretch of sound, of an audio or a video.

    url: the stretch's file. offset_time, duration: milliseconds. text: what was said.
    label, sub_label: the worst that was found ("Normal" for nothing). result: the verdict.
    """

    url: str = ""
    text: str = ""
    offset_time: Maybe[Whole] = None
    duration: Maybe[Whole] = None
    label: str = ""
    sub_label: str = ""
    result: Maybe[Whole] = None
    language_results: tuple[SpeechResult, ...] = ()


class TextSection(Scenes, frozen=True, kw_only=True):
    """One stretch of a text. start_byte: where it begins, from 0. label: the worst that was found. result: verdict."""

    start_byte: Maybe[Whole] = None
    label: str = ""
    sub_label: str = ""
    result: Maybe[Whole] = None


class PageResult(Scenes, frozen=True, kw_only=True):
    """One page of a document, or one image or text of a web page.

    url: the page's or the image's address. text: what it says.
    page_number: from 1. sheet_number: of spreadsheets.
    label, sub_label: the worst that was found ("Normal" for nothing). suggestion, or result: the verdict.
    """

    url: str = ""
    text: str = ""
    page_number: Maybe[Whole] = None
    sheet_number: Maybe[Whole] = None
    label: str = ""
    sub_label: str = ""
    suggestion: Maybe[Whole] = None
    result: Maybe[Whole] = None


class PageResults(Node, frozen=True, kw_only=True):
    """The parts of a document or web page that were reviewed; grows with it."""

    results: tuple[PageResult, ...] = ()


class UserInfo(Node, frozen=True, kw_only=True):
    """Who the content is from, as the caller said it when submitting the job; all of it the caller's own words."""

    token_id: str = ""
    nickname: str = ""
    device_id: str = ""
    app_id: str = ""
    room: str = ""
    ip: str = msgspec.field(default="", name="IP")
    type: str = ""
    receive_token_id: str = ""
    gender: str = ""
    level: str = ""
    role: str = ""


class ListResult(Node, frozen=True, kw_only=True):
    """One list that names the account. list_type: 0 allowed, 1 forbidden. entity: the entry that matched."""

    list_type: Maybe[Whole] = None
    list_name: str = ""
    entity: str = ""


class ListInfo(Node, frozen=True, kw_only=True):
    """The customer's lists of accounts that matched."""

    list_results: tuple[ListResult, ...] = ()


class SimpleScene(Node, frozen=True, kw_only=True, rename=None):
    """The verdict on one kind of content, in the Simple form.

    hit_flag: the verdict. label: what was found, often absent.
    score: how sure, of images and audio. count: parts that were hit, of videos and texts.
    face_name: who was recognised, in politics_info of old image reviews.
    """

    hit_flag: Maybe[Whole] = None
    label: str = ""
    score: Maybe[Whole] = None
    count: Maybe[Whole] = None
    face_name: str = ""


class SimpleData(Node, frozen=True, kw_only=True, rename=None):
    """The `data` of the Simple form. It has no time at all.

    event: the kind of review ("ReviewImage"); absent from many bodies.
    url: what was reviewed. trace_id: the job's id if an API call made the job. data_id: the caller's own id.
    result: the verdict. forbidden_status: 0 not frozen, 1 frozen, 2 moved away.
    cos_headers: header → value, as set when the object was uploaded.
    """

    event: str = ""
    trace_id: str = ""
    data_id: str = ""
    url: str = ""
    result: Maybe[Whole] = None
    forbidden_status: Maybe[Whole] = None
    porn_info: Maybe[SimpleScene] = None
    terrorist_info: Maybe[SimpleScene] = None
    politics_info: Maybe[SimpleScene] = None
    ads_info: Maybe[SimpleScene] = None
    illegal_info: Maybe[SimpleScene] = None
    abuse_info: Maybe[SimpleScene] = None
    quality_info: Maybe[SimpleScene] = None
    cos_headers: Extra = NOTHING
