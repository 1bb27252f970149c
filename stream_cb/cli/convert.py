"""`stream-cb convert`: inputs in, events out."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stream_cb.cli.examples import ExampleCommand
from stream_cb.cli.sizes import Size
from stream_cb.errors import UsageError

if TYPE_CHECKING:
    from stream_cb.pipeline import RunOptions
    from stream_cb.writing import WriteOptions

_EXPLODE = r"""stream-cb convert logs/ -o outputs.csv --explode Operation.Output.StreamExtract \
      --columns JobId,Operation.Output.StreamExtract.Output"""
_READERS = ("framed", "iterparse", "ijson")


_CommandT = TypeVar("_CommandT", bound=Callable[..., Any])


def _limit(flag: str, default: int, meaning: str) -> Callable[[_CommandT], _CommandT]:
    return click.option(flag, type=click.IntRange(min=1), default=default, show_default=True, help=meaning)


@click.command(
    cls=ExampleCommand,
    short_help="Turn callbacks into typed events.",
    examples=(
        ("stream-cb convert logs/ 'more/*.xml.gz' archive.tar.gz -o events.jsonl", "folders, patterns, archives"),
        (
            "stream-cb convert logs/ -o events.jsonl.zst -o jobs.csv --dead-letters bad.jsonl",
            "several outputs, one pass",
        ),
        ("cat archive.xml | stream-cb convert - | jq -c 'select(.State == \"Failed\")'", "in a pipe"),
        (
            _EXPLODE,
            "a row for each output",
        ),
        ("stream-cb convert feed.xml --untyped --record item", "any other XML or JSON, as it is"),
    ),
)
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write events here; the suffix chooses: .jsonl .csv, with .gz or .zst; .parquet .arrow. Repeatable."
    " Default: stdout.",
)
@click.option(
    "--to", metavar="FORMAT", help="Format of stdout, and of a FILE whose name tells none: jsonl, csv, parquet, arrow."
)
@click.option("--columns", metavar="PATHS", help="Columns of a table: JobId,Operation.Output.Bucket,...")
@click.option("--explode", metavar="PATH", help="A row of a table for each element of the list at PATH.")
@click.option("--partition-by", metavar="COLUMNS", help="Folders of files by value or day: Tag,date(CreationTime).")
@click.option("--spreadsheet-safe", is_flag=True, help="Keep a spreadsheet from taking cells of a table for formulas.")
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@click.option("--dead-letters", metavar="FILE", help="Write records that failed here, as JSON Lines.")
@click.option("--max-dead-letters", type=click.IntRange(min=0), metavar="N", help="Stop once there are more than N.")
@click.option("--report", metavar="FILE", help="Write the closing balance here, as JSON.")
@click.option("--checkpoint", metavar="FILE", help="Save progress here; the same command again goes on from there.")
@click.option(
    "--checkpoint-every", type=Size(), default="64MiB", show_default=True, help="Input between two saves of progress."
)
@click.option("--follow", is_flag=True, help="Go on reading a file that grows, or is rotated, until Ctrl-C.")
@click.option("--from", "format", type=click.Choice(("xml", "json")), help="Read only this; default: find out.")
@click.option("--record", metavar="PATH", help="Record element or JSON path (Item, Envelope/Item, result.items).")
@click.option(
    "--reader",
    type=click.Choice(_READERS),
    default="framed",
    show_default=True,
    help="How to read; the other two read one document with one parser.",
)
@click.option("--untyped", is_flag=True, help="Pass records as they are, any XML or JSON.")
@click.option("--schema", metavar="MODULE:STRUCT", help="Read each record into a msgspec Struct of your own.")
@click.option("--distinct", is_flag=True, help="Drop repeated deliveries of the same event.")
@click.option("--strict", is_flag=True, help="A value that does not fit its type makes a dead letter.")
@click.option("--max-record-bytes", type=Size(), default="16MiB", show_default=True, help="Limit on one record.")
@click.option("--max-depth", type=click.IntRange(min=1), default=128, show_default=True, help="Limit on nesting.")
@_limit("--max-elements", 200_000, "Limit on elements or values in one record.")
@_limit("--max-names", 4_096, "Limit on distinct names in one record.")
@click.option("--max-text-bytes", type=Size(), default="8MiB", show_default=True, help="Limit on one text.")
@_limit("--max-digits", 4_300, "Limit on the length of a number of JSON.")
@click.option(
    "--max-dead-letter-bytes", type=Size(), default="16MiB", show_default=True, help="What a dead letter may keep."
)
@_limit("--max-members", 1_000_000, "Limit on the files of one archive.")
@_limit("--max-expansion", 500, "Limit on how many times its size a compressed file over 1 GiB may hold.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that share the work; default: all cores."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress, no closing line; errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Tell counts by kind, and fields that no type describes.")
@click.pass_context
def convert(ctx: click.Context, /, inputs: tuple[str, ...], **flags: Any) -> None:
    """Read callbacks from files, folders, patterns, archives or stdin (-), and write typed events.

    Wherever a file is named, an address will do: s3://, cos:// and others (see docs/storage.md).

    XML and JSON in any layout are recognized by content. A bad record never stops the run: it is counted, told, and
    written to --dead-letters. Exit code 0 clean, 1 dead letters, 2 usage, 3 unreadable input, 4 failed output.
    """
    if not inputs and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("no input; name files, folders or patterns, or - for stdin")
    run_convert(ctx, inputs or ("-",), flags, from_dead_letters=False)


def run_convert(ctx: click.Context, inputs: tuple[str, ...], flags: dict[str, Any], *, from_dead_letters: bool) -> None:
    """The run that the flags ask for; ends the command with its exit code."""
    from stream_cb.cli.console import Console
    from stream_cb.conversion import convert as convert_inputs
    from stream_cb.process import set_up_process

    set_up_process()
    run_options, write_options = _options(inputs, flags, from_dead_letters=from_dead_letters)
    with Console(quiet=flags["quiet"], verbose=flags["verbose"]) as console:
        stop = _stop_on_signals() if flags["follow"] else None
        done = convert_inputs(inputs, run_options, write_options, observer=console, stop=stop)
        console.close(done)
    ctx.exit(3 if done.input_errors else 1 if done.dead_letters or done.stopped or done.problems else 0)


def _stop_on_signals() -> Event:
    """What Ctrl-C and SIGTERM set from now on."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _options(
    inputs: tuple[str, ...], flags: dict[str, Any], *, from_dead_letters: bool
) -> tuple[RunOptions, WriteOptions]:
    from stream_cb.cli.jobs import usual_jobs
    from stream_cb.limits import Limits
    from stream_cb.model import ReadOptions, SinkOptions
    from stream_cb.pipeline import RunOptions
    from stream_cb.writing import WriteOptions

    read = ReadOptions(
        reader=flags["reader"],
        format=flags["format"],
        record_path=_path(flags["record"]),
        limits=Limits(**{name: flags[name] for name in Limits.__struct_fields__ if name in flags}),
    )
    return RunOptions(
        read=read,
        untyped=flags["untyped"],
        schema=_struct(flags["schema"]) if flags["schema"] else None,
        distinct=flags["distinct"],
        strict=flags["strict"],
        max_dead_letters=flags["max_dead_letters"],
        jobs=1 if flags["follow"] else flags["jobs"] or usual_jobs(inputs),
        from_dead_letters=from_dead_letters,
        follow=flags["follow"],
    ), WriteOptions(
        outputs=flags["outputs"] or ("-",),
        to=flags["to"],
        sink=SinkOptions(
            columns=_listed(flags["columns"]),
            explode=flags["explode"],
            spreadsheet_safe=flags["spreadsheet_safe"],
            partition_by=_listed(flags["partition_by"]),
        ),
        force=flags["force"],
        dead_letters=flags["dead_letters"],
        report=flags["report"],
        checkpoint=flags["checkpoint"],
        commit_bytes=flags["checkpoint_every"],
    )


def _listed(names: str | None) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


def _path(record: str | None) -> tuple[str, ...]:
    """The names of a path; a slash separates them if there is one, else a dot."""
    if not record:
        return ()
    return tuple(name for name in record.split("/" if "/" in record else ".") if name)


def _struct(name: str) -> Any:
    """The Struct called "module:Struct"; modules are looked for in the working folder too."""
    from importlib import import_module

    import msgspec

    module, _, attribute = name.partition(":")
    sys.path.insert(0, "")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"--schema {name}: {error}; write MODULE:STRUCT") from error
    finally:
        sys.path.remove("")
    if not (isinstance(found, type) and issubclass(found, msgspec.Struct)):
        raise UsageError(f"--schema {name}: that is no msgspec Struct")
    return found
