"""`python -m benchmarks.figure RESULT.json`: the figure of the README, from what `python -m benchmarks --json` wrote.

In: the document of a run. Out: one SVG, docs/bench.svg unless told otherwise. It has its own background, with a darker
one for dark themes, and needs no font and no library. Drawn of the same result twice, it is the same to the byte.
"""

from __future__ import annotations

import argparse
import json
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Any, Literal, NamedTuple

_TARGET = Path(__file__).parent.parent / "docs" / "bench.svg"
Measure = Literal["wall", "cpu"]


class Bar(NamedTuple):
    """One row: a case, its label, and whether it is ours, another tool, or a floor: a parser that writes nothing."""

    case: str
    label: str
    sort: Literal["ours", "peer", "floor"] = "peer"


# In drawing order; the first of a group is what the others are compared with. Cases not measured are left out.
GROUPS: dict[str, list[Bar]] = {
    "XML, documents one after another": [
        Bar("xml/convert", "stream-cb", "ours"),
        Bar("xml-jobs/convert", "stream-cb --jobs 2", "ours"),
        Bar("xml/pure", "stream-cb, pure Python", "ours"),
        Bar("xml/lxml-bare", "lxml, parsing only", "floor"),
        Bar("xml/xmltodict-rs", "xmltodict-rs"),
        Bar("xml/lxml-lines", "lxml to dicts"),
        Bar("xml/xmltodict", "xmltodict"),
    ],
    "XML, the same in 1,000 files": [
        Bar("xml-files/convert", "stream-cb", "ours"),
        Bar("xml-files-jobs/convert", "stream-cb --jobs 2", "ours"),
    ],
    "XML, one document around all records": [
        Bar("xml-batch/convert", "stream-cb", "ours"),
        Bar("xml-batch/pure", "stream-cb, pure Python", "ours"),
        Bar("xml-batch/lxml-bare", "lxml, parsing only", "floor"),
        Bar("xml-batch/iterparse", "lxml.iterparse loop"),
        Bar("xml-batch/xmltodict", "xmltodict, streaming"),
        Bar("xml-batch/xq", "xq -c"),
    ],
    "JSON Lines": [
        Bar("ndjson/convert", "stream-cb", "ours"),
        Bar("ndjson/orjson-bare", "orjson, parsing only", "floor"),
        Bar("ndjson/orjson", "orjson loads + dumps"),
        Bar("ndjson/polars", "Polars, all cores"),
        Bar("ndjson/duckdb", "DuckDB, all cores"),
        Bar("ndjson/jq", "jq -c"),
    ],
    "JSON, one array around all records": [
        Bar("json-array/convert", "stream-cb", "ours"),
        Bar("json-array/ijson", "ijson.items loop"),
    ],
    "JSON, indented documents": [
        Bar("pretty/convert", "stream-cb", "ours"),
        Bar("pretty/ijson", "ijson.items loop"),
        Bar("pretty/jq", "jq -c"),
    ],
    "Every Tag, 1 % damaged": [
        Bar("xml-mixed/convert", "XML documents", "ours"),
        Bar("mixed/convert", "XML and JSON, mixed", "ours"),
    ],
}
# Packages whose versions the figure names, of those that took part.
_NAMED = (
    "stream-cb",
    "lxml",
    "msgspec",
    "orjson",
    "ijson",
    "xmltodict",
    "xmltodict-rs",
    "yq",
    "duckdb",
    "polars",
    "jq",
)

_WIDTH, _MARGIN = 880, 28
_BAR_LEFT, _BAR_WIDTH = 222, 370
_ROW, _BAR_HEIGHT, _GROUP_HEAD, _GROUP_GAP = 23, 15, 26, 12
_FOOTER_CHARACTERS = 125
_STYLE = """
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 19px; font-weight: 600; }
  .soft { fill: #59636e; }
  .small { font-size: 11.5px; }
  .group { font-weight: 600; }
  .end { text-anchor: end; }
  .number { font-variant-numeric: tabular-nums; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; }
  .ours { fill: #0a7ea4; }
  .peer { fill: #afb8c1; }
  .floor { fill: none; stroke: #8c959f; stroke-dasharray: 3 2; }
  .name-ours { font-weight: 600; fill: #0a6c8d; }
  .grid { stroke: #d0d7de; stroke-opacity: 0.6; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d; }
    text { fill: #e6edf3; }
    .number { stroke: #0d1117; }
    .soft { fill: #9198a1; }
    .ours { fill: #39b5dd; }
    .peer { fill: #545d68; }
    .floor { stroke: #768390; }
    .name-ours { fill: #6cc9e8; }
    .grid { stroke: #3d444d; }
  }
"""


class Row(NamedTuple):
    """What is drawn of a measured bar. speed: MB of input a second. times: the time it takes, of the group's first."""

    bar: Bar
    speed: float
    times: float
    peak_mb: float


def draw(document: dict[str, Any], measure: Measure = "wall") -> str:
    """The SVG. measure: by the clock, or by CPU seconds, where others were using the machine.

    Raises ValueError if nothing that it shows was measured.
    """
    groups = _rows(document, measure)
    if not groups:
        raise ValueError("the result has none of the cases that the figure shows")
    scale = _BAR_WIDTH / max(row.speed for rows in groups.values() for row in rows)
    top = 104
    body: list[str] = []
    for title, rows in groups.items():
        body.append(_text(_MARGIN, top + 15, title, "group"))
        top += _GROUP_HEAD
        for row in rows:
            body += _bar(row, top, scale, is_first=row is rows[0])
            top += _ROW
        top += _GROUP_GAP
    footer = _footer(document)
    height = top + 16 + 17 * len(footer) + 10
    grid_bottom = top - _GROUP_GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"',
            f'  width="{_WIDTH}" height="{height}" aria-labelledby="title what">',
            f'<title id="title">{escape(_title(document))}</title>',
            f'<desc id="what">{escape(_as_words(groups))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="card" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="10"/>',
            _text(_MARGIN, 40, _title(document), "title"),
            _text(_MARGIN, 63, _subtitle(document, measure), "soft"),
            *_head(),
            *_grid(scale, grid_bottom),
            *body,
            *[_text(_MARGIN, top + 16 + 17 * n, line, "soft small") for n, line in enumerate(footer)],
            "</svg>\n",
        ]
    )


def _rows(document: dict[str, Any], measure: Measure) -> dict[str, list[Row]]:
    """Group → its rows; without groups whose first case was not measured.

    What more processes gain cannot be seen in CPU seconds.
    """
    cases = {case["name"]: case for case in document["cases"] if case["status"] == "measured"}
    if measure == "cpu":
        cases = {name: case for name, case in cases.items() if "-files" not in name and "-jobs" not in name}
    groups = {}
    for title, bars in GROUPS.items():
        if bars[0].case in cases:
            there = [(bar, cases[bar.case]) for bar in bars if bar.case in cases]
            first = _seconds_per_byte(there[0][1], measure)
            groups[title] = [_row(bar, case, first, measure) for bar, case in there]
    return groups


def _seconds_per_byte(case: dict[str, Any], measure: Measure) -> float:
    return float(case[f"{measure}_seconds"]["median"]) / float(case["input"]["bytes"])


def _row(bar: Bar, case: dict[str, Any], first: float, measure: Measure) -> Row:
    cost = _seconds_per_byte(case, measure)
    return Row(bar, 1e-6 / cost, cost / first, case["peak_rss_bytes"]["median"] / 1e6)


def _bar(row: Row, top: float, scale: float, *, is_first: bool) -> list[str]:
    width = max(2.0, row.speed * scale)
    middle = top + _BAR_HEIGHT - 3
    note = f"{row.speed:.0f} MB/s" if row.speed >= 10 else f"{row.speed:.1f} MB/s"
    times = "" if is_first else f'<tspan class="soft" dx="10">{row.times:.2f} × the time</tspan>'
    name = "name-ours" if row.bar.sort == "ours" else ""
    return [
        _text(_BAR_LEFT - 12, middle, row.bar.label, f"end {name}".strip()),
        f'<rect class="{row.bar.sort}" x="{_BAR_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR_HEIGHT}" rx="2"/>',
        f'<text class="number" x="{_BAR_LEFT + width + 8:.1f}" y="{middle}">{note}{times}</text>',
        _text(_WIDTH - _MARGIN, middle, f"{row.peak_mb:.0f} MB", "end number soft"),
    ]


def _head() -> list[str]:
    return [_text(_WIDTH - _MARGIN, 92, "peak memory", "end soft small")]


def _grid(scale: float, bottom: float) -> list[str]:
    """Upright lines at round numbers of MB/s."""
    step = next(step for step in (10, 20, 50, 100, 200, 500, 1_000, 10**9) if step * scale >= 60)
    lines = []
    for number in range(0, int(_BAR_WIDTH / scale) + 1, step):
        x = _BAR_LEFT + number * scale
        lines.append(f'<line class="grid" x1="{x:.1f}" y1="98" x2="{x:.1f}" y2="{bottom}"/>')
        lines.append(f'<text class="soft small" text-anchor="middle" x="{x:.1f}" y="92">{number}</text>')
    return lines


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'


def _title(document: dict[str, Any]) -> str:
    size = document["options"]["size"]
    shown = f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} KB"
    return f"{shown} of callbacks, to typed JSON Lines"


def _subtitle(document: dict[str, Any], measure: Measure) -> str:
    seconds = "second" if measure == "wall" else "CPU second"
    return (
        f"MB of input per {seconds}, longer is faster; whole commands, median of {document['options']['rounds']}; "
        "other tools write untyped JSON"
    )


def _footer(document: dict[str, Any]) -> list[str]:
    facts, versions = document["machine"], document["versions"]
    # A name is not parted from its number.
    named = [f"{name}\u00a0{versions[name].removeprefix(f'{name}-')}" for name in _NAMED if name in versions]
    lines = wrap(", ".join(named), _FOOTER_CHARACTERS, break_on_hyphens=False)
    return [
        "Dashed: a parser that keeps and writes nothing. Pure Python: no compiled matcher. One process, or --jobs.",
        f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}, Python {facts['python']}",
        *lines,
    ]


def _as_words(groups: dict[str, list[Row]]) -> str:
    """The figure for those who do not see it."""
    return " ".join(
        f"{title}: " + ", ".join(f"{row.bar.label} {row.speed:.0f} MB/s" for row in rows) + "."
        for title, rows in groups.items()
    )


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figure", description=__doc__)
    parser.add_argument("result", type=Path, help="what `python -m benchmarks --json FILE` wrote")
    parser.add_argument("-o", "--output", type=Path, default=_TARGET, help="docs/bench.svg by default")
    parser.add_argument("--measure", choices=("wall", "cpu"), default="wall", help="cpu on a machine that others use")
    options = parser.parse_args()
    options.output.write_text(draw(json.loads(options.result.read_bytes()), options.measure), encoding="utf-8")


if __name__ == "__main__":
    main()
