"""`stream-cb bench`: how fast the user's own files are read here, and by which lanes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from stream_cb.cli.examples import ExampleCommand
from stream_cb.cli.sizes import Size, shown

if TYPE_CHECKING:
    from stream_cb.bench import Timings, WayTimes

Row = tuple[str, ...]
_WAYS_HEAD = ("way", "what it does", "MB/s", "records/s", "seconds", "min to max", "peak RSS MB", "times convert")
_LANES_HEAD = ("lane", "what it does", "records", "share")


@click.command(
    cls=ExampleCommand,
    short_help="Time your own files, lane by lane.",
    examples=(
        ("stream-cb bench archive.xml", "what is fast in a file, and what is not"),
        ("stream-cb bench logs/ 'more/*.jsonl.gz' --rounds 5 --max-bytes 1GB", "more rounds, more bytes"),
        ("stream-cb bench archive.xml --json | jq '.ways[0].mb_per_second'", "for a program"),
    ),
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Runs; the median counts.")
@click.option("--max-bytes", type=Size(), default="200MB", show_default=True, help="Stop a run after as much input.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("-q", "--quiet", is_flag=True, help="Do not tell on stderr which run goes on.")
@click.pass_context
def bench(ctx: click.Context, /, inputs: tuple[str, ...], **flags: Any) -> None:
    """Read files in several ways, a fresh process each, and tell speed, memory, and which lane took what.

    Nothing is written. Exit code 0 even where records were damaged; 3 where an input could not be read to its end.
    """
    import msgspec

    from stream_cb.bench import time_inputs

    is_told = not flags["quiet"] and sys.stderr is not None and sys.stderr.isatty()
    tell = _tell if is_told else lambda _sentence: None
    try:
        timings = time_inputs(inputs, rounds=flags["rounds"], max_bytes=flags["max_bytes"], tell=tell)
    finally:
        tell("")
    if flags["as_json"]:
        click.echo(msgspec.json.format(msgspec.json.encode(timings)).decode())
    else:
        _print(timings)
    for error in timings.input_errors:
        click.echo(f"stream-cb: {error}", err=True)
    ctx.exit(3 if timings.input_errors else 0)


def _tell(sentence: str) -> None:
    """Put the sentence in the place of the one before."""
    click.echo(f"\r\x1b[K{sentence}", err=True, nl=False)


def _print(timings: Timings) -> None:
    from stream_cb.lanes import LANES

    whole = "all of" if timings.is_whole else "the first"
    click.echo(
        f"{whole} {shown(timings.bytes)}: {timings.records:,} records, {timings.events:,} events,"
        f" {timings.dead_letters:,} dead letters; medians of {timings.rounds}\n"
    )
    _table(_WAYS_HEAD, [_way(way, timings.ways[0]) for way in timings.ways if not way.refusal], texts=2)
    for way in timings.ways:
        if way.refusal:
            click.echo(f"{way.name}: not measured: {way.refusal}")
    counts = timings.lanes | ({"dead letter": timings.dead_letters} if timings.dead_letters else {})
    rows: list[Row] = [
        (lane, LANES.get(lane, "set aside"), f"{count:,}", f"{count / timings.records:.1%}")
        for lane, count in sorted(counts.items(), key=lambda row: -row[1])
    ]
    click.echo()
    _table(_LANES_HEAD, rows, texts=2)
    click.echo()
    _print_kinds(timings)


def _print_kinds(timings: Timings) -> None:
    """Events by kind, a column for each lane that took any."""
    lanes = sorted({one.lane for one in timings.kinds}, key=lambda lane: -timings.lanes[lane])
    found: dict[str, dict[str, int]] = {}
    for one in timings.kinds:
        found.setdefault(one.kind, {})[one.lane] = one.events
    rows = [
        (kind, f"{sum(counts.values()):,}", *(f"{counts[lane]:,}" if lane in counts else "" for lane in lanes))
        for kind, counts in sorted(found.items(), key=lambda row: -sum(row[1].values()))
    ]
    _table(("kind", "events", *lanes), rows, texts=1)


def _way(way: WayTimes, convert: WayTimes) -> Row:
    return (
        way.name,
        way.meaning,
        f"{way.mb_per_second:,.1f}",
        f"{way.records_per_second:,.0f}" if way.records_per_second else "",
        f"{way.seconds:.3f}",
        f"{way.seconds_min:.3f} to {way.seconds_max:.3f}",
        f"{way.peak_rss_bytes / 1e6:.1f}",
        f"{way.mb_per_second / convert.mb_per_second:.2f}",
    )


def _table(head: Row, rows: list[Row], *, texts: int) -> None:
    """A table for a person on a terminal, else one in Markdown. The columns behind the first `texts` hold numbers."""
    if sys.stdout.isatty():
        from stream_cb.cli.tables import print_table

        print_table(head, rows, texts=texts)
        return
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = tuple("-" * width if column < texts else "-" * (width - 1) + ":" for column, width in enumerate(widths))
    for row in (head, rule, *rows):
        cells = [
            cell.ljust(width) if column < texts else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo(f"| {' | '.join(cells)} |")
