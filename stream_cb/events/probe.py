"""Probe: the test body that the console sends when a callback address for content review is saved."""

import msgspec

from stream_cb.events.node import EventNode, Maybe, Whole
from stream_cb.events.review_parts import SimpleData


class Probe(EventNode, frozen=True, kw_only=True, tag_field="EventName", tag="Probe"):
    """A test of the address, no review; its values are made up. It looks like the Simple form of a review.

    code_number: `code`, 0. message_text: `message`, "Test request when setting callback url".
    data: `data`; its trace_id is "test_trace_id".
    """

    code_number: Maybe[Whole] = msgspec.field(default=None, name="code")
    message_text: str = msgspec.field(default="", name="message")
    data: Maybe[SimpleData] = msgspec.field(default=None, name="data")
