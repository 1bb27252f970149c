"""What a video shows, and how well.

Tags: QualityEstimate, SegmentVideoBody, SmartCover, VideoTargetRec. (DNA is in `fingerprint`, VideoTag in `video_tag`.)
"""

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.encoding import Transcode
from stream_cb.events.operations.operation import Operation


class SmartCover(Node, frozen=True, kw_only=True):
    """Which stills to choose.

    count: how many. width, height: pixels. delete_duplicates: "true" or "false".
    """

    count: Maybe[Whole] = None
    delete_duplicates: str = ""
    format: str = ""
    height: Maybe[Whole] = None
    width: Maybe[Whole] = None


class SmartCoverOperation(Operation, frozen=True, kw_only=True):
    """Tag SmartCover: the stills that fit best as a cover."""

    smart_cover: Maybe[SmartCover] = None


class SegmentVideoBody(Node, frozen=True, kw_only=True):
    """How people are cut out.

    mode: "Mask", "Foreground" or "Combination". segment_type: "HumanSeg", "GreenScreenSeg" or "SolidColorSeg".
    background_red, background_green, background_blue: of the new background, 0 to 255. background_logo_url: a picture
    as new background. remove_red, remove_green, remove_blue: of the background to remove, 0 to 255.
    binary_threshold: where the edge lies, 0 to 255.
    """

    mode: str = ""
    segment_type: str = ""
    background_red: str = ""
    background_green: str = ""
    background_blue: str = ""
    background_logo_url: str = ""
    binary_threshold: str = ""
    remove_red: str = ""
    remove_green: str = ""
    remove_blue: str = ""


class SegmentVideoBodyOperation(Operation, frozen=True, kw_only=True):
    """Tag SegmentVideoBody: people cut out of a video. Its MediaInfo has bps where other Tags have kbps."""

    segment_video_body: Maybe[SegmentVideoBody] = None


class QualityEstimateConfig(Node, frozen=True, kw_only=True):
    """How to judge.

    rotate: degrees. mode: "vqa", "vqaPlus".
    """

    rotate: str = ""
    mode: str = ""


class QualityItems(Node, frozen=True, kw_only=True):
    """Where a fault is.

    start_time_offset, end_time_offset: of media. area_coord_set: the box in the picture.
    """

    confidence: str = ""
    start_time_offset: str = ""
    end_time_offset: str = ""
    area_coord_set: tuple[str, ...] = ()


class DetailedResult(Node, frozen=True, kw_only=True):
    """A fault and where it is.

    type: "Jitter", "Blur", …
    """

    type: str = ""
    items: tuple[QualityItems, ...] = ()


class VqaPlusResult(Node, frozen=True, kw_only=True):
    """The faults.

    no_audio, no_video: "true" or "false".
    """

    no_audio: str = ""
    no_video: str = ""
    detailed_result: tuple[DetailedResult, ...] = ()


class QualityEstimate(Node, frozen=True, kw_only=True):
    """The judgement.

    score: a decimal.
    """

    score: str = ""
    vqa_plus_result: Maybe[VqaPlusResult] = None


class QualityEstimateOperation(Operation, frozen=True, kw_only=True):
    """Tag QualityEstimate: how good a video looks. Its MediaInfo has bps where other Tags have kbps."""

    quality_estimate: Maybe[QualityEstimate] = None
    quality_estimate_config: Maybe[QualityEstimateConfig] = None


class VideoTargetRec(Node, frozen=True, kw_only=True):
    """What to look for.

    body, car, face, pet, plate: "true" or "false". process_type: what to do with it. trans_tpl: how to encode then.
    """

    body: str = ""
    car: str = ""
    face: str = ""
    pet: str = ""
    plate: str = ""
    process_type: str = ""
    trans_tpl: Maybe[Transcode] = None


class TargetLocation(Node, frozen=True, kw_only=True):
    """A Location: a box in the picture.

    x, y, width, height: pixels.
    """

    x: Maybe[Whole] = None
    y: Maybe[Whole] = None
    width: Maybe[Whole] = None
    height: Maybe[Whole] = None


class TargetInfo(Node, frozen=True, kw_only=True):
    """A BodyInfo, CarInfo, PetInfo, FaceInfo or PlateInfo: what was seen.

    score: how sure, 0 to 100.
    """

    location: Maybe[TargetLocation] = None
    name: str = ""
    score: str = ""


class TargetRecognition(Node, frozen=True, kw_only=True):
    """A still with something in it.

    time: seconds of media. url: the still.
    """

    time: str = ""
    url: str = ""


class BodyRecognition(TargetRecognition, frozen=True, kw_only=True):
    """A still with people."""

    body_info: tuple[TargetInfo, ...] = ()


class CarRecognition(TargetRecognition, frozen=True, kw_only=True):
    """A still with cars."""

    car_info: tuple[TargetInfo, ...] = ()


class PetRecognition(TargetRecognition, frozen=True, kw_only=True):
    """A still with animals."""

    pet_info: tuple[TargetInfo, ...] = ()


class FaceRecognition(TargetRecognition, frozen=True, kw_only=True):
    """A still with faces."""

    face_info: tuple[TargetInfo, ...] = ()


class LicenseRecognition(TargetRecognition, frozen=True, kw_only=True):
    """A LicenseRecognitionResult: a still with number plates."""

    plate_info: tuple[TargetInfo, ...] = ()


class VideoTargetRecResult(Node, frozen=True, kw_only=True):
    """What was seen.

    duration: of the video, milliseconds here, unlike everywhere else.
    """

    body_recognition: tuple[BodyRecognition, ...] = ()
    car_recognition: tuple[CarRecognition, ...] = ()
    pet_recognition: tuple[PetRecognition, ...] = ()
    face_recognition: tuple[FaceRecognition, ...] = ()
    license_recognition_result: tuple[LicenseRecognition, ...] = ()
    duration: str = ""
    sensitive: str = ""


class VideoTargetRecOperation(Operation, frozen=True, kw_only=True):
    """Tag VideoTargetRec: people, cars, animals in a video."""

    video_target_rec: Maybe[VideoTargetRec] = None
    video_target_rec_result: Maybe[VideoTargetRecResult] = None
