"""Marks and texts laid into a picture, visible or not.

Tags: none of its own; the Operations of the Tags that encode are made of these parts.
"""

from stream_cb.events.node import Maybe, Node


class SlideConfig(Node, frozen=True, kw_only=True):
    """A moving mark.

    slide_mode: "Default", "ScrollFromLeft". x_slide_speed, y_slide_speed: in units of the service's own.
    """

    slide_mode: str = ""
    x_slide_speed: str = ""
    y_slide_speed: str = ""


class WatermarkImage(Node, frozen=True, kw_only=True):
    """A picture as mark.

    mode: whether its size is its own, percent or pixels. width, height: as mode says.
    transparency: percent. background: "true" if it lies behind the picture.
    """

    url: str = ""
    mode: str = ""
    width: str = ""
    height: str = ""
    transparency: str = ""
    background: str = ""


class WatermarkText(Node, frozen=True, kw_only=True):
    """A text as mark.

    font_color: "0xRRGGBB". transparency: percent.
    """

    font_size: str = ""
    font_type: str = ""
    font_color: str = ""
    transparency: str = ""
    text: str = ""


class Watermark(Node, frozen=True, kw_only=True):
    """A visible mark.

    type: "Text" or "Image". pos: the edge or corner ("TopRight"). loc_mode: whether dx and dy are pixels ("Absolute")
    or percent ("Relativity"). start_time, end_time: seconds of media.
    """

    type: str = ""
    pos: str = ""
    loc_mode: str = ""
    dx: str = ""
    dy: str = ""
    start_time: str = ""
    end_time: str = ""
    slide_config: Maybe[SlideConfig] = None
    image: Maybe[WatermarkImage] = None
    text: Maybe[WatermarkText] = None


class DigitalWatermark(Node, frozen=True, kw_only=True):
    """An invisible mark.

    message: the text that is hidden. type: "Text". version: "V1".
    ignore_error: "true" if the job goes on without it. state: "Success" or "Failed", of the mark, not of the job.
    """

    message: str = ""
    type: str = ""
    version: str = ""
    ignore_error: str = ""
    state: str = ""


class SubtitleFile(Node, frozen=True, kw_only=True):
    """A Subtitle of the parameters: a file of subtitles to lay in.

    url: the file. embed: "true" burns it into the picture. font_type, font_size, font_color, outline_color: of the
    text. v_margin: its distance from the edge.
    """

    url: str = ""
    embed: str = ""
    font_type: str = ""
    font_size: str = ""
    font_color: str = ""
    outline_color: str = ""
    v_margin: str = ""


class Subtitles(Node, frozen=True, kw_only=True):
    """The files of subtitles to lay in."""

    subtitle: tuple[SubtitleFile, ...] = ()
