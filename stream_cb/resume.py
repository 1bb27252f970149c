"""A run that saves how far it has come, and goes on from there when it is started again.

Every so many bytes of input, at the end of a block, all outputs are made durable and the checkpoint is saved; where
that happens depends on the input alone, so a run that was killed and one that was not write the same bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

from stream_cb import checkpoint as saved
from stream_cb.checkpoint import Checkpoint, FileState, state_of
from stream_cb.errors import CheckpointError, InputError
from stream_cb.events import Notes
from stream_cb.model import Output, Sink
from stream_cb.places import Position
from stream_cb.storage import is_address
from stream_cb.tally import Tally


class SavedProgress:
    """Where a run begins, and where it saves what it has done; see `pipeline.Progress`.

    path: of the checkpoint. command: its digest. files: what is read, in order. every_bytes: of input, between two
    commits. follow: the one file may grow. outputs: set once they are open, see `kept_bytes`.
    """

    def __init__(  # noqa: PLR0913  (all that is known of a run that can be taken up)
        self,
        path: str,
        command: str,
        files: Sequence[str | InputError],
        *,
        every_bytes: int,
        strict: bool,
        follow: bool,
    ) -> None:
        self._path = path
        self._command = command
        self.files = files
        self._every_bytes = every_bytes
        self._follow = follow
        self._names, self._listed = hashlib.blake2b(digest_size=16), 0
        self._loaded = saved.load(path, command)
        self.outputs: Sequence[Sink | Output] = ()
        self.tally = Tally(Notes(strict=strict))
        self.start = Position()
        self._object: dict[str, FileState] = self._loaded.inputs if self._loaded else {}
        if self._loaded:
            self.start = self._loaded.position
            if self._loaded.listed not in ("", self._listed_to(self.start)):
                raise CheckpointError(
                    f"the inputs are not the files, in their order, that they were when {path} was saved"
                )
            if self._loaded.counts:
                self.tally.restore(self._loaded.counts)
        self._committed = self.tally.covered_bytes

    def _listed_to(self, position: Position) -> str:
        """A digest of the names of the files up to that of the position; these only ever grow more."""
        for file in self.files[self._listed : position.files + 1]:
            self._names.update(b"%b\0" % (os.fsencode(file) if isinstance(file, str) else b"\0" + str(file).encode()))
        self._listed = max(self._listed, min(position.files + 1, len(self.files)))
        return self._names.hexdigest()

    @property
    def is_finished(self) -> bool:
        """Whether an earlier run has done all there is to do."""
        return self._loaded is not None and self._loaded.is_finished

    @property
    def is_new(self) -> bool:
        """Whether nothing has been saved yet."""
        return self._loaded is None

    def kept_bytes(self, output: str) -> int:
        """How much of an output counts."""
        state = self._loaded.outputs.get(output) if self._loaded else None
        return state.length if state else 0

    def begin(self, outputs: Sequence[str]) -> None:
        """Save that these outputs are ours before they are opened, so that the run can be begun again at any time."""
        empty = {name: FileState(length=0, sample="") for name in outputs}
        saved.save(self._path, Checkpoint(command=self._command, outputs=empty))

    def reached(self, position: Position, /) -> None:
        """Commit, if enough has been read since the last time."""
        covered = self.tally.covered_bytes
        if covered // self._every_bytes > self._committed // self._every_bytes:
            self.commit(position)

    def finish(self) -> dict[str, int]:
        """Save that there is nothing left to do. Answers the outputs' lengths."""
        return self.commit(Position(files=len(self.files)), is_finished=True)

    def commit(self, position: Position, *, is_finished: bool = False) -> dict[str, int]:
        """Make everything durable, and save how far it goes. Answers the outputs' lengths."""
        self._committed = self.tally.covered_bytes
        lengths = {output.name: output.commit() for output in self.outputs}
        found = Checkpoint(
            command=self._command,
            position=position,
            counts=self.tally.counts(),
            inputs=self._input_at(position),
            listed=self._listed_to(position),
            outputs={name: state_of(name, length) for name, length in lengths.items()},
            is_finished=is_finished,
            is_following=self._follow,
        )
        saved.save(self._path, found)
        return lengths

    def _input_at(self, position: Position) -> dict[str, FileState]:
        """The state of the file that is being read, or of the last one that was."""
        number = min(position.files, len(self.files) - 1)
        file = self.files[number] if self.files else None
        if not isinstance(file, str):
            return {}
        try:
            if self._follow:
                return {file: state_of(file, position.place.offset)} if position.place else {}
            if is_address(file):
                # As it was at first: what is read is that version, and asking at each commit would be a request.
                self._object = {file: self._object.get(file) or state_of(file)}
                return self._object
            return {file: state_of(file)}
        except (OSError, CheckpointError):
            return {}  # it could not be read, which the report tells
