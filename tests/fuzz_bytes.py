"""`python -m tests.fuzz_bytes SECONDS [SEED]`: bytes that lead to code not seen before, found by atheris.

Checked of each: nothing is raised, the frames do not depend on where the bytes are cut, every record and byte is
accounted for, and with the lanes and without them the same comes out. A case that fails is kept in the working
directory as `crash-…`, and becomes a test.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["stream_cb"]):
    from stream_cb.events import encode_lines
    from stream_cb.generate import LAYOUTS, generate
    from stream_cb.inputs import Source
    from stream_cb.model import EVERYTHING, DeadLetter, ReadOptions
    from stream_cb.pipeline import RunOptions, run
    from tests.fuzz import LONG_WAY


class Kept:
    """A sink of lines, and of dead letters."""

    name = "kept"
    selection = EVERYTHING

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.letters: list[DeadLetter] = []

    def write_batch(self, events: Sequence[Any], /) -> None:
        self.lines += [event if isinstance(event, bytes) else encode_lines([event]) for event in events]

    def write(self, letters: Sequence[DeadLetter], /) -> None:
        self.letters += letters


def told(raw: bytes, **read: Any) -> tuple[list[bytes], list[DeadLetter], Any]:
    """The lines, the dead letters and the counts of a run, which balances."""
    kept = Kept()
    stream = io.BytesIO(raw)
    source = Source(name="log", stream=stream, size=None, is_pipe=False, position=stream.tell)
    tally = run([source], [kept], RunOptions(read=ReadOptions(**read)), letters=kept)  # type: ignore[list-item]
    report = tally.report({})
    assert not report.problems, report.problems
    return kept.lines, kept.letters, (report.records, report.unknown_fields, report.misfits, report.kinds)


def check(case: bytes) -> None:
    """The first byte tells how large the chunks are; the rest is the log."""
    step, raw = 1 + case[0] if case else 1, case[1:]
    whole = told(raw)
    assert told(raw, chunk_bytes=step) == whole
    long_way = told(raw, limits=LONG_WAY)
    if not any("max_depth" in letter.detail for letter in long_way[1]):
        assert long_way == whole


def main(seconds: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for layout in LAYOUTS:
            for number in range(8):
                log = b"".join(generate(layout=layout, count=1 + number % 2, seed=number))
                (Path(folder) / f"{layout}-{number}").write_bytes(b"\x20" + log)
        flags = [
            f"-max_total_time={seconds}",
            f"-seed={seed + 1}",
            "-max_len=8192",
            "-timeout=20",
            "-verbosity=0",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *flags, folder], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
