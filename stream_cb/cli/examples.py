"""Help with examples first: what most people look for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

# As a shell reports a program that SIGPIPE has ended.
PIPE_CLOSED = 141

Examples = tuple[tuple[str, str], ...]


class _WithExamples(click.Command):
    def __init__(self, *args: Any, examples: Examples = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for command, meaning in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}# {meaning}\n")
                    formatter.write(f"{'':{formatter.current_indent}}{command}\n")
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_options(ctx, formatter)
        self.format_epilog(ctx, formatter)


class ExampleCommand(_WithExamples):
    """A command whose help begins with examples: pairs of what to type and what it means."""


class ExampleGroup(_WithExamples, click.Group):
    """A group whose help begins with examples, and that ends with `PIPE_CLOSED` when stdout's reader has left."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _closed_pipe_exits():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _closed_pipe_exits():
            return super().invoke(ctx)


@contextmanager
def _closed_pipe_exits() -> Iterator[None]:
    """Before click sees the error, which it would turn into exit code 1."""
    try:
        yield
    except BrokenPipeError as error:
        raise click.exceptions.Exit(PIPE_CLOSED) from error
