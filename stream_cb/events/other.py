"""Other: any document that is no kind we know, whole."""

from typing import Any

from stream_cb.events.node import EventNode


class Other(EventNode, frozen=True, kw_only=True, tag_field="EventName", tag="Other"):
    """root: the root element's name, "" for JSON. payload: the document, as `Record.payload` describes it."""

    root: str = ""
    payload: Any = None
