"""`python -m benchmarks`: make the inputs, run the cases, print the table; exit code 1 if a case failed."""

from __future__ import annotations

import argparse
import compileall
import json
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cases import MB, Case, all_cases, choose
from benchmarks.corpus import make
from benchmarks.measure import Result, measure, missing
from benchmarks.table import to_document, to_markdown

_FOLDER = Path(__file__).parent.parent / ".benchmarks"
_PACKAGE = Path(__file__).parent.parent / "stream_cb"
_UNITS = {"": 1, "KB": 10**3, "MB": MB, "GB": 10**9}
_SMOKE_BYTES = 100_000


def main() -> int:
    """See the module."""
    options = _options()
    sizes: tuple[int, ...] = (10 * MB, 100 * MB, 1000 * MB) if options.large else (10 * MB, 100 * MB)
    if options.smoke:
        options.size, options.rounds, sizes = _SMOKE_BYTES, 1, (_SMOKE_BYTES, 2 * _SMOKE_BYTES, 3 * _SMOKE_BYTES)
    cases = choose(all_cases(options.size, memory_sizes=sizes), options.only)
    if not cases:
        sys.exit(f"no case fits {options.only!r}")
    if options.smoke:
        cases = [replace(case, rounds=1) for case in cases]
    # As an installation does it; where Python may not write bytecode, each run would compile the package anew.
    compileall.compile_dir(_PACKAGE, quiet=1)
    results = _run(cases, options.rounds)
    shown = {name: getattr(options, name) for name in ("size", "rounds", "only", "large", "smoke")}
    document = to_document(results, shown)
    print(to_markdown(document))
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return int(any(result.status == "failed" for result in results))


def _run(cases: list[Case], rounds: int) -> list[Result]:
    corpora = {case.corpus for case in cases if case.corpus and not missing(case)}
    _tell(f"making {len(corpora)} inputs in {_FOLDER / 'corpus'}")
    inputs = {corpus: make(corpus, _FOLDER / "corpus") for corpus in sorted(corpora, key=lambda one: one.name)}
    # Beside the inputs and not in /tmp, which is memory on some machines and would flatter the writers.
    with tempfile.TemporaryDirectory(dir=_FOLDER, prefix="run-") as scratch:
        return measure(cases, inputs, rounds, Path(scratch), _tell)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--size", type=_size, default=100 * MB, help="of each input for speed: 100MB (the default), 1GB"
    )
    parser.add_argument("--rounds", type=int, default=5, help="runs of each case, of which the median counts")
    parser.add_argument(
        "--only", metavar="GLOB", default="*", help="cases by name, such as 'xml/*'; their bases run too"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured here")
    parser.add_argument("--large", action="store_true", help="add the memory rows of 1 GB")
    parser.add_argument("--smoke", action="store_true", help="tiny inputs and one round: only whether everything runs")
    return parser.parse_args()


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+)(KB|MB|GB)?", text.strip().upper())
    if not match or int(match[1]) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write 500KB, 100MB or 1GB")
    return int(match[1]) * _UNITS[match[2] or ""]


if __name__ == "__main__":
    sys.exit(main())
