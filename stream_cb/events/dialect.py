"""What plans have to know of a format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from stream_cb.events.layout import Layout


class Dialect(msgspec.Struct, frozen=True, gc=False):
    """What is known of records that no plan has taken, and what is made of it; see the modules of these names."""

    grammar: Callable[[], Any]
    merge: Callable[[Any, bytes], None]
    layout: Callable[[Any, str], Layout]


def xml_dialect() -> Dialect:
    """Of XML; loaded where there is some."""
    from stream_cb.events.xml_grammar import Element, merge_xml
    from stream_cb.events.xml_layout import write_xml_layout

    return Dialect(Element, merge_xml, write_xml_layout)


def json_dialect() -> Dialect:
    """Of JSON; loaded where there is some."""
    from stream_cb.events.json_grammar import Member, merge_json
    from stream_cb.events.json_layout import write_json_layout

    return Dialect(Member, merge_json, write_json_layout)
