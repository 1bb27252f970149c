"""The user's own files timed: the same records taken in several ways, a fresh process for each run.

In: inputs that can be read again. Out: a `Timings`, medians of a few rounds, and which lane took how many records.
Every round runs every way once, so that what else happens on the machine meets all alike.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from statistics import median

import msgspec

from stream_cb.errors import InputError, StreamCbError, UsageError, WorkerError
from stream_cb.inputs import is_special
from stream_cb.process import set_up_process
from stream_cb.timing import WAYS, KindCount, Timing, time_once


class WayTimes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the rounds of one way came to: medians. refusal: why there are none.

    What is not known is left out of its JSON.
    """

    name: str
    meaning: str
    refusal: str = ""
    seconds: float = 0.0
    seconds_min: float = 0.0
    seconds_max: float = 0.0
    cpu_seconds: float = 0.0
    mb_per_second: float = 0.0
    records_per_second: float | None = None
    peak_rss_bytes: int = 0


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of the inputs, and how long that took in each way.

    bytes: decompressed, as `convert` read them; is_whole: they are all that the inputs hold.
    lanes: records by lane, of `convert`. kinds: events by kind and lane.
    """

    inputs: list[str]
    rounds: int
    bytes: int
    is_whole: bool
    records: int
    events: int
    dead_letters: int
    input_errors: list[str]
    lanes: dict[str, int]
    kinds: list[KindCount]
    ways: list[WayTimes]


def time_inputs(
    inputs: Sequence[str], *, rounds: int, max_bytes: int, tell: Callable[[str], None] = lambda _sentence: None
) -> Timings:
    """Time the inputs in every way of `WAYS`.

    Args:
        inputs: files, folders and patterns. rounds: runs of each way, of which the median counts.
        max_bytes: a run stops behind the block with which it has read as many, decompressed.
        tell: given a sentence before each run.

    Raises:
        UsageError: an input that cannot be read again, or no record in any.
        InputError: nothing could be read. WorkerError: a run was killed.
    """
    for path in inputs:
        if path == "-" or is_special(path):
            raise UsageError(f"{path} cannot be read again, so it cannot be timed; save it to a file")
    tell("which lane takes what")
    counted = _run_alone("convert", inputs, max_bytes, is_counted=True)
    if not counted.records:
        if counted.input_errors:
            raise InputError(counted.input_errors[0])
        raise UsageError(f"no record in {', '.join(inputs)}: there is nothing to time")
    runs: dict[str, list[Timing]] = {name: [] for name in WAYS}
    for number in range(rounds):
        for name, known in runs.items():
            if known and known[-1].refusal:
                continue
            tell(f"round {number + 1} of {rounds}: {name}")
            known.append(_run_alone(name, inputs, max_bytes))
    return Timings(
        inputs=list(inputs),
        rounds=rounds,
        bytes=counted.bytes,
        is_whole=counted.is_whole,
        records=counted.records,
        events=counted.events,
        dead_letters=counted.dead_letters,
        input_errors=counted.input_errors,
        lanes=counted.lane_records,
        kinds=counted.kinds,
        ways=[_summed_up(name, known) for name, known in runs.items()],
    )


def _summed_up(name: str, runs: Sequence[Timing]) -> WayTimes:
    last = runs[-1]
    if last.refusal:
        return WayTimes(name=name, meaning=WAYS[name].meaning, refusal=last.refusal)
    seconds = [run.seconds for run in runs]
    middle = median(seconds)
    return WayTimes(
        name=name,
        meaning=WAYS[name].meaning,
        seconds=middle,
        seconds_min=min(seconds),
        seconds_max=max(seconds),
        cpu_seconds=median(run.cpu_seconds for run in runs),
        mb_per_second=last.bytes / 1e6 / middle,
        records_per_second=last.records / middle if last.records else None,
        peak_rss_bytes=int(median(run.peak_rss_bytes for run in runs)),
    )


# ── One run, in a process of its own ────────────────────────────────────────────────────────────────────────────────


def _run_alone(name: str, inputs: Sequence[str], max_bytes: int, *, is_counted: bool = False) -> Timing:
    """Run one way in a fresh process, which shares nothing with this one."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, name, inputs, max_bytes, is_counted), daemon=True)
    process.start()
    theirs.close()
    try:
        answer = ours.recv()
    except EOFError as error:
        process.join()
        raise WorkerError(f"the run was ended ({process.exitcode})", source=name) from error
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(answer, StreamCbError):
        raise answer
    timing: Timing = answer
    return timing


def _run(connection: Connection, name: str, inputs: Sequence[str], max_bytes: int, is_counted: bool) -> None:
    """The life of such a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it hears of Ctrl-C, and ends it
    set_up_process()
    try:
        answer: Timing | StreamCbError = time_once(name, inputs, max_bytes, is_counted=is_counted)
    except StreamCbError as error:
        answer = error
    connection.send(answer)
