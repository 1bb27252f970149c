"""Results → a Markdown table for people and one JSON document for programs, with what they were measured on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measure import Result, ratio
from stream_cb.events.matchers import chosen_matcher

_PACKAGES = (
    "stream-cb", "lxml", "msgspec", "orjson", "ijson", "zlib-ng", "zstandard", "click",
    "duckdb", "polars", "xmltodict", "xmltodict-rs", "yq",
)  # fmt: skip
_MB = 1e6
_HEAD = "| case | question | MB/s | records/s | wall s (min to max) | CPU s | peak RSS MB | ratio | to |"
_RULE = "|---|---|--:|--:|--:|--:|--:|--:|---|"


def to_document(results: list[Result], options: dict[str, Any]) -> dict[str, Any]:
    """All that was measured, as builtins: one entry a case, in order, and the machine with its versions."""
    by_name = {result.case.name: result for result in results}
    cases = [_case_document(result, by_name.get(result.case.base)) for result in results]
    return {"options": options, "machine": machine(), "versions": versions(), "cases": cases}


def to_markdown(document: dict[str, Any]) -> str:
    """The table, the machine above it and the cases that were not measured below."""
    facts, names = document["machine"], document["versions"]
    head = [
        f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}; Python {facts['python']}",
        ", ".join(f"{name} {number}" for name, number in names.items()),
        f"inputs of {document['options']['size']:,} bytes, medians of {document['options']['rounds']}",
        "",
        "MB are 1,000,000 bytes of input, decompressed. Ratio: time per record (memory: peak RSS) as a share of the",
        "case beside it; below 1 is less.",
        "",
    ]
    measured = [_row(case) for case in document["cases"] if case["status"] == "measured"]
    others = [f"{case['name']}: {case['status']}: {case['detail']}" for case in _unmeasured(document["cases"])]
    return "\n".join([*head, _HEAD, _RULE, *measured, *([""] if others else []), *others])


def _unmeasured(cases: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (case for case in cases if case["status"] != "measured")


def _case_document(result: Result, base: Result | None) -> dict[str, Any]:
    case = result.case
    document: dict[str, Any] = {
        "name": case.name,
        "question": case.question,
        "status": result.status,
        "detail": result.detail,
        "base": case.base or None,
        "ratio": ratio(result, base) if base and result.status == "measured" else None,
        "ratio_of": case.is_about,
        "input": None,
    }
    if result.input:
        document["input"] = {"layout": case.group, "file": result.input.path.name, "bytes": result.input.size}
    if result.status != "measured":
        return document
    for measure in ("wall_seconds", "cpu_seconds", "peak_rss_bytes"):
        values = [getattr(cost, measure) for cost in result.costs]
        document[measure] = {"median": result.median_of(measure), "min": min(values), "max": max(values), "all": values}
    if result.input:
        wall = result.median_of("wall_seconds")
        document |= {"records": result.records, "lines_written": result.lines}
        document |= {"mb_per_second": result.input.size / _MB / wall, "records_per_second": result.records / wall}
    return document


def _row(case: dict[str, Any]) -> str:
    wall = case["wall_seconds"]
    speed = f"{case['mb_per_second']:.1f} | {case['records_per_second']:,.0f}" if case["input"] else "|"
    spread = f"{wall['median']:.3f} ({wall['min']:.3f} to {wall['max']:.3f})"
    cost = f"{case['cpu_seconds']['median']:.3f} | {case['peak_rss_bytes']['median'] / _MB:.1f}"
    share = f"{case['ratio']:.2f}" if case["ratio"] is not None else ""
    base = case["base"] if share else ""
    return f"| {case['name']} | {case['question']} | {speed} | {spread} | {cost} | {share} | {base} |".replace(
        "  ", " "
    )


def machine() -> dict[str, Any]:
    """What the numbers hold for. cores: those this process may use."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of the packages and programs measured; those that are not there are left out."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    found["stream-cb"] += " (compiled matcher)" if chosen_matcher().is_compiled else " (no compiled matcher)"
    if jq := shutil.which("jq"):
        found["jq"] = subprocess.run([jq, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return found


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())
