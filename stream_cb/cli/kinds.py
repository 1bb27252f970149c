"""`stream-cb kinds`: what is told apart, and what of it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stream_cb.cli.examples import ExampleCommand

if TYPE_CHECKING:
    from stream_cb.events import Node

_HEADER = ("Kind", "Tag", "Typed", "Beside the common fields")


@click.command(
    cls=ExampleCommand,
    short_help="List the kinds of event.",
    examples=(("stream-cb kinds | grep Snapshot", "what is typed of snapshot jobs"),),
)
def kinds() -> None:
    """List kinds of event and Tags of jobs as a table (Markdown), with the number of typed fields of each."""
    rows: list[tuple[str, ...]] = [_HEADER, tuple("-" * len(title) for title in _HEADER), *_rows()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo(f"| {' | '.join([*cells, row[-1]])} |")


def _rows() -> list[tuple[str, ...]]:
    from stream_cb.events import KINDS, OPERATIONS, EventNode, Operation, Review
    from stream_cb.events.shape import slots_of

    bases = {"": EventNode, "Review": Review, "Operation": Operation}
    common = {name: slots_of(kind).keys() for name, kind in bases.items()}
    rows: list[tuple[str, ...]] = []
    for name, kind in KINDS.items():
        known = common["Review" if issubclass(kind, Review) else ""]
        own = [] if name == "TaskFinish" else [field for field in slots_of(kind) if field not in known]
        rows.append((name, "", str(_leaves(kind)), ", ".join(own)))
        if name != "TaskFinish":
            continue
        for tag, operation in sorted(OPERATIONS.items()):
            own = [field for field in slots_of(operation) if field not in common["Operation"]]
            rows.append((name, tag, str(_leaves(operation)), ", ".join(own)))
        rows.append((name, "(any other)", "", "the Operation is kept whole"))
    return rows


def _leaves(kind: type[Node]) -> int:
    """How many fields a type and its parts have, not counting those that only hold parts."""
    from stream_cb.events.shape import slots_of

    count = 0
    for slot in slots_of(kind).values():
        rule = slot.rule.part if slot.rule.role == "list" else slot.rule
        count += _leaves(rule.part) if rule.role == "node" else 1
    return count
