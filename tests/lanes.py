"""What tests of the lanes beside `decode` share: a log read with them and without them must give the same."""

from __future__ import annotations

import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
import pytest

from stream_cb import RunOptions, WriteOptions, convert
from stream_cb.events import EventDecoder
from stream_cb.events.matchers import PURE
from stream_cb.events.plans import Plans
from stream_cb.events.subjects import is_xml
from stream_cb.generate import callbacks
from stream_cb.runs import Run
from tests.callback_trees import Tree
from tests.decoding import read_all

Write = Callable[[Tree], bytes]


class Lanes:
    """Switches the lanes beside `decode` on and off, and counts what they took.

    taken: "xml_lines", "xml_events", "json_lines", "json_events" of plans, and "from_json".
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._from_json, self._run, self._made = EventDecoder.from_json, Plans.run, Plans._made
        self.taken: Counter[str] = Counter()

    def switch(self, *, on: bool) -> None:
        def from_json(decoder: EventDecoder, raw: bytes, /) -> Any:
            events = self._from_json(decoder, raw) if on else None
            self.taken["from_json"] += len(events or ())
            return events

        def run(plans: Plans, buffer: bytes, position: int, *how: int, with_spans: bool = False) -> Run:
            return (
                self._run(plans, buffer, position, *how, with_spans=with_spans) if on else Run([], 0, 0, position, [])
            )

        def made(plans: Plans, lines: list[bytes], runs: list[tuple[bytes, int]]) -> list[Any]:
            for subject, count in runs:
                format = "xml" if is_xml(subject) else "json"
                self.taken[f"{format}_{'lines' if plans._wanted is not None else 'events'}"] += count
            return self._made(plans, lines, runs)

        self._patch.setattr(EventDecoder, "from_json", from_json)
        self._patch.setattr(Plans, "_made", made)
        self._patch.setattr(Plans, "run", run)

    def check(self, raw: bytes) -> Counter[str]:
        """Both ways through a log agree in all that is told of it; how often each lane was taken.

        Either matcher takes the same records, where there is a compiled one.
        """
        self.switch(on=False)
        slow = told(raw)
        self.switch(on=True)
        self.taken.clear()
        fast = told(raw)
        for name, value in slow.items():
            assert fast[name] == value, name
        taken = +self.taken
        self.taken.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(PURE, "1")
            assert told_by_lines(raw).items() <= slow.items()
        assert all(self.taken[lane] == taken[lane] for lane in ("xml_lines", "json_lines"))
        return taken


def told(raw: bytes) -> dict[str, Any]:
    """Everything that two ways through the library tell of a log, one of them strict."""
    events, letters = read_all(raw, strict=True)
    # The types are those of numbers, and the order of fields.
    return {"events": events, "letters": letters, "types": repr(events), **told_by_lines(raw)}


def told_by_lines(raw: bytes) -> dict[str, Any]:
    """What the way tells that ends in lines."""
    lines = io.BytesIO()
    report = convert(io.BytesIO(raw), RunOptions(), WriteOptions(), stdout=lines)
    assert not report.problems
    return {"lines": lines.getvalue(), "report": msgspec.structs.replace(report, elapsed_seconds=0.0)}


def log_of(trees: Iterable[Tree], write: Write) -> bytes:
    return b"".join([write(tree) + b"\n" for tree in trees])


def swapped(pattern: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """The first match of the pattern becomes `new`, which may name its groups."""

    def swap(raw: bytes) -> bytes:
        changed, count = re.subn(pattern, new, raw, count=1)
        assert count, pattern
        return changed

    return swap


@cache
def trained(tag: str, write: Write) -> tuple[bytes, ...]:
    """Records of one Tag, all alike but for their texts, more than it takes for a plan to be made."""
    series = callbacks(seed=3, tags=[tag], failure_rate=0)
    records = []
    for number in range(100):
        tree = next(series)
        job = tree["JobsDetail"][0]
        job["Operation"].pop("JobLevel", None)
        job["Operation"]["UserData"] = f"order {number}, 第 {number} 号"
        records.append(write(tree))
    return tuple(records)


def mixed_with(records: Sequence[bytes], odd: Sequence[bytes]) -> bytes:
    """A log of plain records and odd ones: the first odd one comes when the plan is there; behind more plain ones, all,
    which are enough for a plan of their own, each with a plain one behind it.
    """
    plain = len(records) - len(odd)
    first = plain * 5 // 8
    rest = itertools.chain(*zip(odd, records[plain:], strict=True))
    return b"\n".join([*records[:first], odd[0], *records[first:plain], *rest]) + b"\n"
