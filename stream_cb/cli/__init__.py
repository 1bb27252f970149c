"""The command `stream-cb`: argv → one frozen options object → the library; exit codes; the only prints.

Data goes to stdout, everything else to stderr. Exit codes: 0 clean, 1 dead letters, 2 usage, 3 an input could not be
read to its end, 4 an output failed, 130 Ctrl-C, 141 the reader of stdout has left, 143 terminated.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

import click

from stream_cb.cli.commands import Commands
from stream_cb.cli.examples import PIPE_CLOSED, ExampleGroup
from stream_cb.cli.version import print_versions
from stream_cb.errors import SinkError, StreamCbError

_INTERRUPTED = 130
_TERMINATED = 143


@click.group(
    cls=ExampleGroup,
    commands=Commands(),
    context_settings={"help_option_names": ["-h", "--help"]},
    examples=(
        ("stream-cb convert logs/ archive.tar.gz -o events.jsonl", "folders and archives to JSON Lines"),
        ("cat archive.xml | stream-cb convert - | jq .JobId", "in a pipe"),
        ("stream-cb convert logs/ -o jobs.csv --dead-letters bad.jsonl", "a table, and what could not be read"),
    ),
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=print_versions,
    help="Show the versions of stream-cb and of what it reads and writes with.",
)
def cli() -> None:
    """Turn archived CI (数据万象) callbacks, XML and JSON, into typed events."""


def main() -> NoReturn:
    """Run the command and exit; no traceback for anything a user can cause."""
    signal.signal(signal.SIGTERM, _terminate)
    # Read when pyarrow is loaded. What it would choose, mimalloc, keeps 60 MB more of what groups of rows have taken.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    try:
        code = cli.main(prog_name="stream-cb", standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"stream-cb: {error.format_message()}", err=True)
        code = error.exit_code
    except StreamCbError as error:
        click.echo(f"stream-cb: {error}", err=True)
        code = error.exit_code
    except OSError as error:  # of help, versions and lists; what reads and writes tells of its own
        click.echo(f"stream-cb: stdout: {error.strerror or error}", err=True)
        code = SinkError.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("stream-cb: interrupted", err=True)
        code = _INTERRUPTED
    # All is done and told; an interrupt from here on would only hide the exit code.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code in (PIPE_CLOSED, SinkError.exit_code):
        _drop_refused()
    sys.exit(code or 0)


def _drop_refused() -> None:
    """What stdout has refused must not be written again when Python closes it: that would hide the exit code."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    """SIGTERM: unwind as for any error, so that no unfinished file stays behind."""
    sys.exit(_TERMINATED)
