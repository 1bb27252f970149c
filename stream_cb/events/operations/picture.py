"""Pictures: processed, searched for hidden files, composed.

Tags: ImageInspect, PicProcess, PosterProduction. (ImageOCR is in `ocr`.)
"""

from stream_cb.events.node import NOTHING, Extra, Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation


class PicProcess(Node, frozen=True, kw_only=True):
    """What to do.

    is_pic_info: "true" if the original is described. process_rule: as in a picture's URL.
    """

    is_pic_info: str = ""
    process_rule: str = ""


class ImageInfo(Node, frozen=True, kw_only=True):
    """A picture.

    width, height: pixels. ave: its mean colour ("0x3a6ea5"). quality: 1 to 100. orientation: EXIF's.
    """

    ave: str = ""
    format: str = ""
    height: Maybe[Whole] = None
    orientation: str = ""
    quality: Maybe[Whole] = None
    width: Maybe[Whole] = None


class OriginalInfo(Node, frozen=True, kw_only=True):
    """The picture as it was.

    key, location: where it is. etag: with its own double quotes.
    """

    key: str = ""
    location: str = ""
    etag: str = ""
    image_info: Maybe[ImageInfo] = None


class ProcessResult(Node, frozen=True, kw_only=True):
    """The picture as it became.

    key, location: where it is. width, height: pixels. quality: 1 to 100. size: bytes. etag: with its own double quotes.
    """

    key: str = ""
    location: str = ""
    etag: str = ""
    format: str = ""
    height: Maybe[Whole] = None
    quality: Maybe[Whole] = None
    size: Maybe[Whole] = None
    width: Maybe[Whole] = None


class PicProcessResult(Node, frozen=True, kw_only=True):
    """Before and after.

    object_name: the one key that was written, never a list.
    """

    object_name: str = ""
    original_info: Maybe[OriginalInfo] = None
    process_result: Maybe[ProcessResult] = None


class PicProcessOperation(Operation, frozen=True, kw_only=True):
    """Tag PicProcess: a picture scaled, cropped, turned.

    pic_process: parameters, where no template holds them.
    """

    pic_process: Maybe[PicProcess] = None
    pic_process_result: Maybe[PicProcessResult] = None


class ImageInspect(Node, frozen=True, kw_only=True):
    """What to do with a suspicious picture.

    auto_process: "true" or "false". process_type: how.
    """

    auto_process: str = ""
    process_type: str = ""


class AutoProcessResult(Node, frozen=True, kw_only=True):
    """What became of a suspicious picture.

    code: "Success" or an error code.
    """

    code: str = ""
    message: str = ""


class InspectionResult(Node, frozen=True, kw_only=True):
    """A ProcessResult of ImageInspect.

    suspicious: "true" if another file hides in the picture. suspicious_type: of which type ("MPEG-TS").
    pic_size, suspicious_begin_byte, suspicious_end_byte, suspicious_size: bytes.
    """

    pic_size: Maybe[Whole] = None
    pic_type: str = ""
    suspicious: str = ""
    suspicious_begin_byte: Maybe[Whole] = None
    suspicious_end_byte: Maybe[Whole] = None
    suspicious_size: Maybe[Whole] = None
    suspicious_type: str = ""
    auto_process_result: Maybe[AutoProcessResult] = None


class ImageInspectResult(Node, frozen=True, kw_only=True):
    """What was found.

    state, code, message: of the inspection, not of the job.
    """

    state: str = ""
    code: str = ""
    message: str = ""
    input_object_name: str = ""
    input_object_url: str = ""
    process_result: Maybe[InspectionResult] = None


class ImageInspectOperation(Operation, frozen=True, kw_only=True):
    """Tag ImageInspect: does another file hide in the picture."""

    image_inspect: Maybe[ImageInspect] = None
    image_inspect_result: Maybe[ImageInspectResult] = None


class PosterProduction(Node, frozen=True, kw_only=True):
    """What the poster is made of.

    template_id: the poster. info: name in the poster → text or URL to put there; the names are the template's own.
    """

    template_id: str = ""
    info: Extra = NOTHING


class PosterProductionOperation(Operation, frozen=True, kw_only=True):
    """Tag PosterProduction: a poster made from a template."""

    poster_production: Maybe[PosterProduction] = None
