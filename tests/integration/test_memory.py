"""Memory does not grow with the input: the peak of a fresh process, as the system counts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Run

MAX_MB = 80
# Two runs over the same file differ by 1 or 2 MB.
MAX_GROWTH_MB = 5

# A process inherits the peak of the one that it was forked from, and that of the tests is larger than any of these;
# so a small one stands between. It prints the peak of its child, in KiB.
MEASURE = """
import os, sys
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak_mb(folder: Path, *args: str) -> float:
    command = [sys.executable, "-S", "-c", MEASURE, "-m", "stream_cb", *args]
    ended = subprocess.run(command, capture_output=True, cwd=folder, check=True, timeout=300)
    return int(ended.stdout) / 1024


def check_growth(run: Run, folder: Path, layout: str, small: str, large: str) -> None:
    peaks = []
    for size in (small, large):
        assert run("generate", "--size", size, "--as", layout, "-o", f"{size}.log").code == 0
        outputs = ["-o", f"{size}.jsonl", "-o", f"{size}.csv"]
        peaks.append(peak_mb(folder, "convert", f"{size}.log", *outputs, "-q", "--jobs", "1"))
        for file in folder.iterdir():
            file.unlink()
    assert max(peaks) <= MAX_MB, peaks
    assert peaks[1] - peaks[0] <= MAX_GROWTH_MB, peaks


@pytest.mark.parametrize("layout", ["xml", "json-array", "ndjson"])
def test_memory_is_the_same_for_a_log_five_times_as_long(run: Run, tmp_path: Path, layout: str) -> None:
    check_growth(run, tmp_path, layout, "4MB", "20MB")


@pytest.mark.long
@pytest.mark.parametrize("layout", ["xml", "xml-batch", "json-array", "ndjson", "mixed"])
def test_memory_is_the_same_for_a_log_ten_times_as_long(run: Run, tmp_path: Path, layout: str) -> None:
    check_growth(run, tmp_path, layout, "6MB", "60MB")
