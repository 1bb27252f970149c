"""Review…: the outcome of one content review, as a line of its own, whichever form the callback has.

The service sends one of two forms. Detail, `{EventName, JobsDetail}`, gives the job's fields, flat. Simple,
`{code, message, data}`, gives `code_number`, `message_text` and `data`, which are None or "" in the Detail form, as the
job's fields are in the Simple one: `data is not None` tells which it was. Each kind is one class for both forms.
"""

import msgspec

from stream_cb.events.node import NOTHING, EventNode, Extra, Maybe, Time, Whole
from stream_cb.events.review_parts import (
    AudioSection,
    ListInfo,
    PageResults,
    Scene,
    Scenes,
    SimpleData,
    Snapshot,
    SpeechResult,
    TextSection,
    UserInfo,
)


class Review(EventNode, frozen=True, kw_only=True):
    """What all kinds of review share; `case Review()` matches each of them.

    job_id: the review job. Live streams send many callbacks with one job_id. data_id: the caller's own id.
    state: "Success" or "Failed"; while it runs "Submitted", "Snapshoting" (so spelt) or "Auditing".
    code, message: why the job failed; a failed one has hardly more than these, state, object and data_id.
    creation_time: aware, whole seconds; there is no end time.
    object or url: what was reviewed, in the bucket or elsewhere. bucket_id, region: where the bucket is.
    label, sub_label: the worst that was found ("Normal", "Porn", "Ads" …), and finer.
    result, of documents and web pages suggestion: 0 normal, 1 violation, 2 suspect, to be seen by a person.
    forbid_state: 0 not frozen, 1 frozen, 2 moved away.
    cos_headers: header → value, as set when the object was uploaded; a map here, not the list of other events.
    user_info, list_info: what the caller said of the content's author, and lists of accounts that matched.
    response: fields beside JobsDetail that no type describes.
    code_number, message_text, data: the Simple form's `code` (0 if all went well), `message` and `data`.
    """

    job_id: str = ""
    data_id: str = ""
    state: str = ""
    code: str = ""
    message: str = ""
    creation_time: Maybe[Time] = None
    object: str = ""
    url: str = ""
    bucket_id: str = ""
    region: str = ""
    label: str = ""
    sub_label: str = ""
    result: Maybe[Whole] = None
    suggestion: Maybe[Whole] = None
    forbid_state: Maybe[Whole] = None
    cos_headers: Extra = NOTHING
    # The fields of Scenes once more: a Struct has one line of ancestors.
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
    user_info: Maybe[UserInfo] = None
    list_info: Maybe[ListInfo] = None
    code_number: Maybe[Whole] = msgspec.field(default=None, name="code")
    message_text: str = msgspec.field(default="", name="message")
    data: Maybe[SimpleData] = msgspec.field(default=None, name="data")
    response: Extra = NOTHING

    @property
    def identity(self) -> tuple[str, ...]:
        """Its job (a Simple body's trace_id) and a digest of it all: a live stream sends many for one job."""
        trace_id = self.data.trace_id if self.data else ""
        return (self.event_name, self.job_id or trace_id, self._digest())


class ReviewImage(Review, frozen=True, kw_only=True, tag_field="EventName", tag="ReviewImage"):
    """An image. score: of `label`, 0 to 100. category: between label and sub_label. text: what OCR read.

    content: the image in Base64, if it was submitted so.
    compression_result: how making a large image smaller before review went; 0 if that was not done.
    """

    score: Maybe[Whole] = None
    category: str = ""
    text: str = ""
    content: str = ""
    compression_result: Maybe[Whole] = None


class ReviewVideo(Review, frozen=True, kw_only=True, tag_field="EventName", tag="ReviewVideo"):
    """A video or a live stream. snapshot_count: frames taken; snapshot may list only those with a finding.

    audio_section: its sound, stretch by stretch, if that was to be reviewed.
    """

    snapshot_count: Maybe[Whole] = None
    snapshot: tuple[Snapshot, ...] = ()
    audio_section: tuple[AudioSection, ...] = ()


class ReviewAudio(Review, frozen=True, kw_only=True, tag_field="EventName", tag="ReviewAudio"):
    """An audio. audio_text: all that was said. section: stretch by stretch. language_results: languages heard."""

    audio_text: str = ""
    section: tuple[AudioSection, ...] = ()
    language_results: tuple[SpeechResult, ...] = ()


class ReviewText(Review, frozen=True, kw_only=True, tag_field="EventName", tag="ReviewText"):
    """A text. content: the text in Base64, if it was submitted so. section: stretch by stretch, section_count of it."""

    content: str = ""
    section_count: Maybe[Whole] = None
    section: tuple[TextSection, ...] = ()


class ReviewDocument(Review, frozen=True, kw_only=True, tag_field="EventName", tag="ReviewDocument"):
    """A document. labels: the verdicts on it as a whole. page_count: its pages. page_segment: page by page."""

    page_count: Maybe[Whole] = None
    labels: Maybe[Scenes] = None
    page_segment: Maybe[PageResults] = None


class ReviewHtml(Review, frozen=True, kw_only=True, tag_field="EventName", tag="ReviewHtml"):
    """A web page. labels: the verdicts on it as a whole. image_results, text_results: its images, its texts.

    page_count: parts reviewed. highlight_html: the page with the findings marked, if asked for.
    """

    page_count: Maybe[Whole] = None
    labels: Maybe[Scenes] = None
    image_results: Maybe[PageResults] = None
    text_results: Maybe[PageResults] = None
    highlight_html: str = ""


class ReviewSimple(EventNode, frozen=True, kw_only=True, tag_field="EventName", tag="ReviewSimple"):
    """A Simple body that does not say what was reviewed: it has no `data.event`, or one that is no kind above.

    code_number: `code`, 0 if all went well. message_text: `message`. data: `data`.
    """

    code_number: Maybe[Whole] = msgspec.field(default=None, name="code")
    message_text: str = msgspec.field(default="", name="message")
    data: Maybe[SimpleData] = msgspec.field(default=None, name="data")
