"""A folder as an output: numbered files in it, each of which appears whole, and which count up to a position.

The position is how many bytes the files up to the last one have together; cut back to a position, a folder has lost the
files behind it. Files are `part-00000.parquet` and so on, in folders of their own below the output's if they are to be.
Only system calls; what the operating system refuses is told as SinkError.
Invariant: a file that can be seen under its name is whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from stream_cb.errors import SinkError, UsageError
from stream_cb.sinks.buffering import translated
from stream_cb.sinks.outputs import FileOutput
from stream_cb.sinks.part_names import is_unfinished, part_name, part_number
from stream_cb.sinks.placing import sync_folder


def parts_in(folder: Path) -> list[Path]:
    """The files of an output in a folder, by their numbers. Raises OSError."""
    return [path for _, path in _numbered(folder)]


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return sorted((number, path) for path in found if (number := part_number(path.name)) is not None)


class OutputFolder:
    """The folder of one output.

    Until `close` everything lies in a hidden folder beside the target, `.NAME.RANDOM.part`, which then takes its name.

    Args:
        path: the target; its text is the output's name in messages.
        format: the suffix of the files.
        force: replace a folder that exists, if it holds nothing but such files.
        keep: write in the target itself, cut back to that position; 0 begins anew. What is complete then stays.

    Raises:
        UsageError: the target is no folder, or exists and `force` is not given, or holds other files; nothing was done.
        SinkError: it cannot be written.
    """

    def __init__(self, path: str, format: str, *, force: bool = False, keep: int | None = None) -> None:
        self.name = path
        self.position = 0
        self._format = format
        self._number = 0
        self._target = Path(path).resolve()
        self._replaces = False
        self._is_hidden = keep is None
        self._committed = keep or 0
        self._is_closed = False
        with translated(self.name):
            if self._target.exists():
                self._check_target(force=force or keep is not None)
            if keep is None:
                self._root = self._target.with_name(f".{self._target.name[:60]}.{os.urandom(4).hex()}.part")
                self._root.mkdir()
            else:
                self._root = self._target
                self._root.mkdir(exist_ok=True)
                self._cut(keep)

    def _check_target(self, *, force: bool) -> None:
        if not self._target.is_dir():
            raise UsageError(f"{self.name} is no folder")
        if not force:
            raise UsageError(f"{self.name} exists; --force overwrites it")
        for place, _, names in os.walk(self._target):
            for name in names:
                if part_number(name) is None and not is_unfinished(name):
                    raise UsageError(
                        f"{self.name} is not overwritten, since {Path(place, name)} is no part of an output"
                    )
        self._replaces = True

    def _cut(self, position: int) -> None:
        """Remove all files behind a position, and what was never completed."""
        self.position = self._number = 0
        for number, part in _numbered(self._root):
            if self.position < position:
                self.position += part.stat().st_size
                self._number = number + 1
            else:
                part.unlink()
        for place, folders, names in os.walk(self._root, topdown=False):
            for name in filter(is_unfinished, names):
                Path(place, name).unlink()
            for folder in folders:
                with contextlib.suppress(OSError):  # it is not empty
                    Path(place, folder).rmdir()

    def open_part(self, folder: str = "") -> FileOutput:
        """The next file, in a folder below this one; `close_part` lets it appear."""
        with translated(self.name):
            place = self._root
            for name in filter(None, folder.split("/")):
                place = place / name
                if not place.is_dir():
                    place.mkdir()
                    sync_folder(place.parent)
        self._part = FileOutput(place / part_name(self._number, self._format))
        self._number += 1
        return self._part

    def close_part(self) -> None:
        """Let the file that was opened last appear, and count it."""
        self.position += self._part.commit()
        self._part.close()

    @property
    def is_empty(self) -> bool:
        """Whether no file was begun yet."""
        return self._number == 0

    def commit(self) -> int:
        """All files that were closed are durable, and count. Answers the position."""
        with translated(self.name):
            sync_folder(self._root)
        self._committed = self.position
        return self.position

    def close(self) -> None:
        """Commit, and give the folder its name. A second call does nothing."""
        if self._is_closed:
            return
        self.commit()
        with translated(self.name):
            if self._is_hidden:
                self._place()
                sync_folder(self._target.parent)
        self._is_closed = True

    def _place(self) -> None:
        if self._replaces:
            old = self._root.with_suffix(".old")
            self._target.rename(old)
            self._root.rename(self._target)
            shutil.rmtree(old)
        elif self._target.exists():
            raise SinkError("it appeared while it was being written; it is left as it is", source=self.name)
        else:
            self._root.rename(self._target)

    def abort(self) -> None:
        """Remove the hidden folder; with `keep`, cut the target back to the last commit. Does nothing after `close`."""
        if self._is_closed:
            return
        self._is_closed = True
        with translated(self.name):
            if self._is_hidden:
                shutil.rmtree(self._root)
            else:
                self._cut(self._committed)
