"""`stream-cb retry`: dead letters in, what can be read of them now out."""

from __future__ import annotations

from typing import Any

import click

from stream_cb.cli.convert import convert, run_convert
from stream_cb.cli.examples import ExampleCommand
from stream_cb.errors import UsageError

# Of no use for records that stand alone already.
_NOT_HERE = ("reader", "record", "jobs", "checkpoint", "checkpoint_every", "follow")


@click.command(
    cls=ExampleCommand,
    short_help="Read dead letters once more.",
    params=[parameter for parameter in convert.params if parameter.name not in _NOT_HERE],
    examples=(
        ("stream-cb retry bad.jsonl -o more.jsonl --dead-letters still-bad.jsonl", "what is still bad stays apart"),
        ("stream-cb retry bad.jsonl -o more.jsonl --max-record-bytes 256MiB", "with another limit"),
    ),
)
@click.pass_context
def retry(ctx: click.Context, /, inputs: tuple[str, ...], **flags: Any) -> None:
    """Read files that --dead-letters has written, and convert what now can be.

    What is still bad is told, counted and written to --dead-letters with the place that it had at first. The other
    flags and the exit codes are those of convert.
    """
    if not inputs:
        raise UsageError("no input; name files that --dead-letters has written, or - for stdin")
    given = {"reader": "framed", "record": None, "jobs": 1, "checkpoint": None, "checkpoint_every": 1, "follow": False}
    run_convert(ctx, inputs, given | flags, from_dead_letters=True)
