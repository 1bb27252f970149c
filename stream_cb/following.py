"""A run over a file that grows, until it is asked to stop.

Events are handed on as soon as they are there. What is not a whole record yet when the run is stopped is left for the
next one, which goes on there if there is a checkpoint; one is saved whenever there is nothing to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

from stream_cb.growing import Follower, Stopped
from stream_cb.model import Sink
from stream_cb.pipeline import LetterSink, Observer, RunOptions, open_loop
from stream_cb.places import Position
from stream_cb.resume import SavedProgress
from stream_cb.tally import Tally


def run_followed(  # noqa: PLR0913  (what `run` takes, and where it begins)
    path: str,
    stop: Event,
    sinks: Sequence[Sink],
    options: RunOptions,
    *,
    letters: LetterSink | None,
    observer: Observer | None,
    progress: SavedProgress | None,
) -> Tally:
    """As `pipeline.run`, for one growing file, and each that takes its name, until `stop` is set."""
    before = progress.tally if progress else None
    with open_loop(sinks, options, letters=letters, observer=observer, tally=before) as loop:
        tally = loop.tally
        saver = _Saver(progress, tally)
        start = progress.start if progress else Position()
        try:
            for number, source in enumerate(Follower(path, stop, saver.save).sources(), start.files):
                place = start.place if number == start.files else None
                loop.read_at(source, Position(files=number), place, saver.reached)
                if tally.stopped:
                    saver.save()
                    break
                saver.reached(Position(files=number + 1))
        except Stopped:
            saver.save()
        # What was read beyond the last record is read again by the next run.
        tally.bytes_read = tally.covered_bytes
        return tally


class _Saver:
    """Commits the last place, once all up to it was written and before there is more."""

    def __init__(self, progress: SavedProgress | None, tally: Tally) -> None:
        self._progress = progress
        self._tally = tally
        self._last = Position()
        self._covered = self._saved = tally.covered_bytes

    def reached(self, position: Position, /) -> None:
        self._last, self._covered = position, self._tally.covered_bytes

    def save(self) -> None:
        is_new = self._saved != self._covered == self._tally.covered_bytes
        if self._progress and is_new:
            self._progress.commit(self._last)
            self._saved = self._covered
