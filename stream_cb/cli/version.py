"""`stream-cb --version`: ours, and those of the libraries whose behaviour shows in the results."""

from __future__ import annotations

import platform

import click


def print_versions(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    """Print and exit, if the flag was given."""
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    import ijson
    from lxml import etree

    from stream_cb.events.matchers import chosen_matcher

    matcher = "compiled" if chosen_matcher().is_compiled else "pure Python"
    click.echo(f"stream-cb {version('stream-cb')} (matcher: {matcher})")
    click.echo(f"Python {platform.python_version()}")
    click.echo(f"lxml {etree.__version__} (libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))})")
    click.echo(f"ijson {version('ijson')} ({ijson.backend})")
    click.echo(f"orjson {version('orjson')}")
    click.echo(f"msgspec {version('msgspec')}")
    ctx.exit()
