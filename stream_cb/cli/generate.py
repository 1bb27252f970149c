"""`stream-cb generate`: a synthetic callback log."""

from __future__ import annotations

from typing import Any

import click

from stream_cb.cli.examples import ExampleCommand
from stream_cb.cli.sizes import Size
from stream_cb.errors import UsageError

_LAYOUTS = ("xml", "xml-batch", "json", "json-array", "ndjson", "pretty", "mixed")


@click.command(
    cls=ExampleCommand,
    short_help="Make a synthetic callback log.",
    examples=(
        ("stream-cb generate --count 100000 --as xml -o big.xml", "a log of XML documents"),
        ("stream-cb generate --size 1GB --as ndjson --tag StreamExtract -o big.jsonl", "by size, one Tag only"),
        ("stream-cb generate --count 50 --as mixed --damage 0.1 | stream-cb convert -", "with damaged records"),
    ),
)
@click.option("--count", type=click.IntRange(min=0), metavar="N", help="Number of callbacks.")
@click.option("--size", type=Size(), help="Size to reach: 100MB, 1GiB.")
@click.option("--as", "layout", type=click.Choice(_LAYOUTS), default="xml", show_default=True, help="Layout.")
@click.option("--damage", type=click.FloatRange(0, 1), default=0.0, metavar="RATE", help="Share of damaged records.")
@click.option(
    "--failures",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    metavar="RATE",
    help="Share of failed jobs.",
)
@click.option("--tag", "tags", multiple=True, help="Only this Tag. Repeatable. Default: a mix.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed makes the same log.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; a suffix .gz or .zst compresses.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def generate(output: str, force: bool, **flags: Any) -> None:
    """Make a seeded log of callbacks with the variety of real ones, for trying things and for benchmarks."""
    from stream_cb.generate import generate as generate_log
    from stream_cb.sinks import open_output

    if (flags["count"] is None) == (flags["size"] is None):
        given = "not both" if flags["count"] is not None else "to tell how much to make"
        raise UsageError(f"give --count or --size, {given}")
    chunks = generate_log(
        layout=flags["layout"],
        count=flags["count"],
        size_bytes=flags["size"],
        seed=flags["seed"],
        damage_rate=flags["damage"],
        tags=flags["tags"] or None,
        failure_rate=flags["failures"],
    )
    target = open_output(output, force=force)
    try:
        for chunk in chunks:
            target.write(chunk)
        target.close()
    finally:
        target.abort()
