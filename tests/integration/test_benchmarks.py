"""Every benchmark runs, and what it tells is whole. How long it took is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from benchmarks.cases import Case, all_cases, choose
from benchmarks.figure import GROUPS, draw
from benchmarks.measure import Cost, Result, measure, ratio

ROOT = Path(__file__).parents[2]
CASES = all_cases(1_000, memory_sizes=(1_000, 2_000))


def smoke(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "--smoke", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("benchmarks") / "result.json"
    run = smoke("--json", str(path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "| xml/convert |" in run.stdout
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_every_case_runs_or_is_told_to_be_not_installed(document: dict[str, Any]) -> None:
    statuses = {case["name"]: case["status"] for case in document["cases"]}
    assert len(statuses) == len(document["cases"])
    assert set(statuses.values()) <= {"measured", "not installed"}
    assert all(status == "measured" for name, status in statuses.items() if name.endswith("/convert"))


def test_numbers_are_positive_and_medians_lie_between_the_extremes(document: dict[str, Any]) -> None:
    for case in document["cases"]:
        if case["status"] != "measured":
            continue
        assert case["ratio"] is None or case["ratio"] > 0
        for name in ("wall_seconds", "cpu_seconds", "peak_rss_bytes"):
            numbers = case[name]
            assert 0 < numbers["min"] <= numbers["median"] <= numbers["max"]
        if case["input"]:
            assert case["records"] == case["lines_written"] > 0
            assert case["mb_per_second"] > 0


def test_result_tells_what_was_measured_on(document: dict[str, Any]) -> None:
    assert {"stream-cb", "lxml", "msgspec"} <= document["versions"].keys()
    assert document["machine"]["cpu"]
    assert document["machine"]["cores"] > 0


def test_the_figure_shows_every_case_that_was_measured_and_no_other(document: dict[str, Any]) -> None:
    figure = draw(document)
    assert figure == draw(document)
    shown = "".join(map(str, etree.fromstring(figure.encode()).itertext())).replace("\u00a0", " ")
    bars = [bar for group in GROUPS.values() for bar in group]
    measured = {case["name"] for case in document["cases"] if case["status"] == "measured"}
    assert figure.count('height="15" rx="2"') == len([bar for bar in bars if bar.case in measured])
    assert "100 KB of callbacks" in shown
    assert "lxml " + document["versions"]["lxml"] in shown
    assert {bar.case for bar in bars} <= {case["name"] for case in document["cases"]}
    assert "MB of input per CPU second" in draw(document, "cpu")


def test_a_case_that_was_not_measured_is_left_out_of_the_figure_and_so_is_a_group_without_ours(
    document: dict[str, Any],
) -> None:
    def without(name: str) -> dict[str, Any]:
        return document | {"cases": [case for case in document["cases"] if case["name"] != name]}

    assert draw(document).count("lxml, parsing only</text>") == 2
    assert draw(without("xml/lxml-bare")).count("lxml, parsing only</text>") == 1
    assert "JSON Lines</text>" in draw(document)
    assert ">JSON Lines</text>" not in draw(without("ndjson/convert"))
    with pytest.raises(ValueError, match="none of the cases that the figure shows"):
        draw(document | {"cases": []})


def test_the_figure_is_drawn_again_from_a_saved_result(document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(document))
    command = [sys.executable, "-m", "benchmarks.figure", str(tmp_path / "result.json"), "-o", str(tmp_path / "a.svg")]
    subprocess.run(command, cwd=ROOT, check=True)
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == draw(document)


def test_a_pattern_that_fits_no_case_is_told() -> None:
    run = smoke("--only", "nothing/*")
    assert run.returncode == 1
    assert run.stderr == "no case fits 'nothing/*'\n"


def test_a_chosen_case_brings_the_case_that_its_ratio_is_against() -> None:
    assert [case.name for case in choose(CASES, "*/duckdb")] == ["ndjson/convert", "ndjson/duckdb"]


def test_names_are_unique_and_every_base_is_a_case_before_or_beside_it() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert {case.base for case in CASES} - {""} <= set(names)


def test_ratio_is_the_median_of_the_ratios_of_each_round() -> None:
    by_name = {case.name: case for case in CASES}
    base, peer = Result(by_name["xml/convert"], None), Result(by_name["xml/lxml-bare"], None)
    base.costs = [Cost(seconds, seconds, 1) for seconds in (1.0, 2.0, 10.0)]
    peer.costs = [Cost(seconds, seconds, 1) for seconds in (0.5, 0.5, 9.0)]
    assert ratio(peer, base) == 0.5


def run_alone(case: Case, scratch: Path) -> Result:
    (result,) = measure([case], {}, 2, scratch, lambda _sentence: None)
    return result


def test_a_peer_that_is_not_there_is_told_and_not_run(tmp_path: Path) -> None:
    needs = ("module:json", "module:no_such_module", "program:no-such-program")
    result = run_alone(Case("x/y", "", ("/no/such",), needs=needs), tmp_path)
    assert (result.status, result.detail) == ("not installed", "no_such_module, no-such-program")


def test_a_case_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    result = run_alone(Case("x/y", "", (sys.executable, "-c", "raise SystemExit('so it ends')")), tmp_path)
    assert (result.status, result.detail) == ("failed", "exit code 1: so it ends")


def test_peak_memory_is_that_of_the_command_alone(tmp_path: Path) -> None:
    """The launcher stands between, since Linux lets a process start with the peak of the one that spawned it."""
    held = bytearray(b"x") * 80_000_000
    small = run_alone(Case("x/small", "", (sys.executable, "-c", "pass")), tmp_path)
    large = run_alone(Case("x/large", "", (sys.executable, "-c", "bytearray(b'x') * 60_000_000")), tmp_path)
    assert small.costs[0].peak_rss_bytes < 50_000_000
    assert large.costs[0].peak_rss_bytes > 60_000_000
    assert len(held) == 80_000_000
