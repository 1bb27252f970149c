"""Runs the cases, round by round, and counts what they wrote.

In: cases and their inputs. Out: a `Result` each. Every round runs each case once, in the same order, so that what
else happens on the machine meets all of them alike; ratios are taken within a round.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.cases import Case
from benchmarks.corpus import Corpus, Input

_BIN = Path(sys.executable).parent
_LAUNCH = str(Path(__file__).with_name("launch.py"))


@dataclass(frozen=True)
class Cost:
    """One run of one case. cpu_seconds: user and system, of all its threads and children."""

    wall_seconds: float
    cpu_seconds: float
    peak_rss_bytes: int


@dataclass
class Result:
    """What a case cost in each round. status: "measured", "not installed", or "failed", with why in `detail`."""

    case: Case
    input: Input | None
    status: str = "measured"
    detail: str = ""
    lines: int = 0
    costs: list[Cost] = field(default_factory=list)

    @property
    def records(self) -> int:
        """Records read: counted in the input, or where damage hides some, lines written; 0 without an input."""
        return (self.input.records or self.lines) if self.input else 0

    def median_of(self, measure: str) -> float:
        """Over the rounds, of a field of `Cost`."""
        return float(median(getattr(cost, measure) for cost in self.costs))


def measure(
    cases: list[Case], inputs: Mapping[Corpus, Input], rounds: int, scratch: Path, tell: Callable[[str], None]
) -> list[Result]:
    """All cases, in the order given. A case that fails once runs no more; those not installed never do.

    scratch: a folder for outputs, each removed when its lines are counted. tell: given a sentence before each round
    that is not of short cases alone.
    """
    results = [Result(case, inputs.get(case.corpus) if case.corpus else None) for case in cases]
    for result in results:
        if lacks := missing(result.case):
            result.status, result.detail = "not installed", ", ".join(lacks)
    for number in range(max(case.rounds or rounds for case in cases)):
        due = [one for one in results if number < (one.case.rounds or rounds) and one.status == "measured"]
        if number < rounds:
            tell(f"round {number + 1} of {rounds}: {len(due)} cases")
        for result in due:
            run_once(result, scratch)
    return results


def missing(case: Case) -> list[str]:
    """What the case needs and is not there: importable modules, and programs on the PATH."""
    lacks = []
    for need in case.needs:
        kind, _, name = need.partition(":")
        if (find_spec(name) if kind == "module" else shutil.which(name)) is None:
            lacks.append(name)
    return lacks


def run_once(result: Result, scratch: Path) -> None:
    """Run the case in a process of its own; its cost, or why it failed, goes into the result."""
    case, output = result.case, scratch / "output.jsonl"
    source = str(result.input.path) if result.input else ""
    places = {"bin": str(_BIN), "input": source, "output": str(output), "jq": shutil.which("jq") or "jq"}
    command = [word.format(**places) for word in case.command]
    launch = [sys.executable, "-I", "-S", _LAUNCH, str(scratch / "stdout"), *command]
    run = subprocess.run(launch, capture_output=True, text=True, check=False)
    if run.returncode:
        result.status, result.detail = "failed", _last_line(run.stderr)
        return
    code, wall, user, system, peak = (int(word) for word in run.stdout.split())
    written = [path for path in scratch.iterdir() if path.name != "stdout"] or [scratch / "stdout"]
    result.lines = sum(_count_lines(path) for path in written) - case.header_lines
    for path in scratch.iterdir():
        path.unlink()
    if code not in case.may_exit:
        result.status, result.detail = "failed", f"exit code {code}: {_last_line(run.stderr)}"
    elif result.input and result.input.records not in (None, result.lines):
        result.status = "failed"
        result.detail = f"{result.lines} lines written for {result.input.records} records"
    else:
        result.costs.append(Cost(wall / 1e9, (user + system) / 1e9, peak))


def ratio(result: Result, base: Result) -> float | None:
    """Cost per record as a share of the base's: the median of the ratios of each round; None without both.

    Of a case about memory: of the peaks as they are. Without records, of the times as they are.
    """
    measure = "peak_rss_bytes" if result.case.is_about == "memory" else "wall_seconds"
    if not result.costs or not base.costs:
        return None
    scale = 1.0
    if measure == "wall_seconds" and result.records and base.records:
        scale = base.records / result.records
    pairs = zip(result.costs, base.costs, strict=False)
    return scale * float(median(getattr(ours, measure) / getattr(theirs, measure) for ours, theirs in pairs))


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
