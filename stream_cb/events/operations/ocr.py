"""The text in a picture.

Tags: ImageOCR.
"""

import msgspec

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation


class ImageOCR(Node, frozen=True, kw_only=True):
    """How to read.

    type: the engine ("general", "accurate"). language_type: "zh", "en" or another language. pdf_page_number: the page
    of a PDF, from 1. is_pdf, is_word, enable_word_polygon: "true" or "false".
    """

    type: str = ""
    language_type: str = ""
    is_pdf: str = ""
    pdf_page_number: Maybe[Whole] = None
    is_word: str = ""
    enable_word_polygon: str = ""


class Point(Node, frozen=True, kw_only=True):
    """A corner.

    x, y: pixels from the upper left.
    """

    x: Maybe[Whole] = None
    y: Maybe[Whole] = None


class ItemPolygon(Node, frozen=True, kw_only=True):
    """A box in the picture turned upright.

    x, y, width, height: pixels.
    """

    x: Maybe[Whole] = None
    y: Maybe[Whole] = None
    width: Maybe[Whole] = None
    height: Maybe[Whole] = None


class WordCoordPoint(Node, frozen=True, kw_only=True):
    """The corners of one character."""

    word_coordinate: tuple[Point, ...] = ()


class OcrWords(Node, frozen=True, kw_only=True):
    """A Words of TextDetections: one character.

    confidence: 0 to 100.
    """

    character: str = ""
    confidence: str = ""
    word_coord_point: tuple[WordCoordPoint, ...] = ()


class WordPolygon(Node, frozen=True, kw_only=True):
    """The corners of one word."""

    left_top: tuple[Point, ...] = ()
    right_top: tuple[Point, ...] = ()
    left_bottom: tuple[Point, ...] = ()
    right_bottom: tuple[Point, ...] = ()


class TextDetections(Node, frozen=True, kw_only=True):
    """One line of text.

    confidence: 0 to 100. polygon: its corners. item_polygon: its box.
    """

    confidence: str = ""
    detected_text: str = ""
    item_polygon: tuple[ItemPolygon, ...] = ()
    polygon: tuple[Point, ...] = ()
    word_polygon: tuple[WordPolygon, ...] = ()
    words: tuple[OcrWords, ...] = ()


class Detection(Node, frozen=True, kw_only=True):
    """What was read.

    angle: degrees the text is turned; the documents call it Angel. pdf_page_size: pages of a PDF.
    language: what it is written in. text_detections: line by line.
    input_object_name, input_object_url, object_name, object_url: the picture.
    state, code, message: of the reading, not of the job.
    """

    angle: str = msgspec.field(default="", name="Angel")
    language: str = ""
    pdf_page_size: Maybe[Whole] = None
    text_detections: tuple[TextDetections, ...] = ()
    input_object_name: str = ""
    input_object_url: str = ""
    object_name: str = ""
    object_url: str = ""
    state: str = ""
    code: str = ""
    message: str = ""


class ImageOCROperation(Operation, frozen=True, kw_only=True):
    """Tag ImageOCR: the text in a picture.

    image_ocr: parameters, where no template holds them.
    """

    image_ocr: Maybe[ImageOCR] = msgspec.field(default=None, name="ImageOCR")
    detection: Maybe[Detection] = None
