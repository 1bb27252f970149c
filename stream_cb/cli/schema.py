"""`stream-cb schema`: JSON Schema of the lines that convert writes."""

from __future__ import annotations

import click

from stream_cb.cli.examples import ExampleCommand
from stream_cb.errors import UsageError


@click.command(
    cls=ExampleCommand,
    short_help="Print the JSON Schema of the events.",
    examples=(
        ("stream-cb schema > events.schema.json", "all kinds"),
        ("stream-cb schema ReviewImage", "one kind"),
        ("stream-cb schema TaskFinish/StreamExtract", "jobs of one Tag"),
    ),
)
@click.argument("kind", required=False)
def schema(kind: str | None) -> None:
    """Print the JSON Schema (draft 2020-12) of one KIND of event, or of all; `stream-cb kinds` lists them."""
    import msgspec

    from stream_cb.events import KINDS, OPERATIONS
    from stream_cb.events.json_schema import json_schema

    name, slash, tag = (kind or "").partition("/")
    is_known = kind is None or (name in KINDS and (not slash or (name == "TaskFinish" and tag in OPERATIONS)))
    if not is_known:
        raise UsageError(f"there is no kind {kind!r}; stream-cb kinds lists them")
    kinds = [KINDS[name]] if name else list(KINDS.values())
    operations = {tag: OPERATIONS[tag]} if tag else OPERATIONS
    click.echo(msgspec.json.format(msgspec.json.encode(json_schema(kinds, operations))))
