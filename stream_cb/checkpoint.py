"""Progress of a run, saved so that the same run can go on after whatever ended it.

A checkpoint says how far the inputs were read, how long the outputs were then, and what had been counted. It is saved
after each commit, by a file that takes the place of the one before in one step, so it is always whole and never ahead
of the outputs. What is small enough is compared by content: the command, and samples of the inputs and outputs.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from stream_cb.errors import CheckpointError
from stream_cb.inputs import open_ranges
from stream_cb.places import Position
from stream_cb.sinks.object_folders import folder_key, objects_in
from stream_cb.sinks.output_folders import parts_in
from stream_cb.sinks.placing import sync_folder
from stream_cb.storage import is_address, open_store

# Of an input or an output: its beginning and its end. Whoever changes a log changes one of these or its length.
_SAMPLE_BYTES = 64 * 1024
_VERSION = 1


class FileState(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was: its length in bytes, and a digest of its beginning and its end."""

    length: int
    sample: str


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """See the module.

    command: a digest of all that decides what the run does. counts: of the tally. inputs: the file that was being
    read last, by its path. listed: a digest of the names of all files up to that one. outputs: by name. is_finished:
    the run has come to its end. is_following: the input may have grown.
    """

    version: int = _VERSION
    command: str
    position: Position = Position()
    counts: dict[str, Any] = {}
    inputs: dict[str, FileState] = {}
    listed: str = ""
    outputs: dict[str, FileState] = {}
    is_finished: bool = False
    is_following: bool = False


def digest_of(command: Sequence[Any]) -> str:
    """What tells one command from another; of values that msgspec can encode."""
    return hashlib.blake2b(msgspec.json.encode(list(command)), digest_size=16).hexdigest()


def state_of(path: str, length: int | None = None) -> FileState:
    """The state of a file, or of its first `length` bytes; of an object, its size and its ETag.

    An address and a length are a folder of objects, the only kind of output there that grows.

    Raises OSError, and CheckpointError if it is shorter.
    """
    if is_address(path):
        if length is not None:
            return _objects_state(path, length)
        with open_ranges(path) as found:
            return FileState(length=found.size, sample=hashlib.blake2b(found.identity.encode()).hexdigest()[:32])
    if Path(path).is_dir():
        return _folder_state(Path(path), length or 0)
    with Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if length is None:
            length = size
        if size < length:
            raise CheckpointError(f"{path} has {size} bytes, and {length} had been reached")
        head = file.read(min(length, _SAMPLE_BYTES))
        file.seek(max(0, length - _SAMPLE_BYTES))
        tail = file.read(min(length, _SAMPLE_BYTES))
    return FileState(length=length, sample=hashlib.blake2b(head + tail, digest_size=16).hexdigest())


def _folder_state(folder: Path, length: int) -> FileState:
    """The state of the files in a folder that have `length` bytes together: names, lengths, and the last one."""
    parts = ((str(part.relative_to(folder)), part.stat().st_size) for part in parts_in(folder))
    return _parts_state(str(folder), parts, length, lambda last: state_of(str(folder / last)).sample)


def _objects_state(address: str, length: int) -> FileState:
    """The same of a folder of objects, of the last one its ETag."""
    store, _, key = open_store(address)
    folder = folder_key(key)
    parts = ((entry.key[len(folder) :], entry.size) for _, entry in objects_in(store, folder))
    return _parts_state(address, parts, length, lambda last: store.open(folder + last, whole=False).identity)


def _parts_state(
    folder: str, parts: Iterable[tuple[str, int]], length: int, sample_of: Callable[[str], str]
) -> FileState:
    """parts: the name of each file below the folder, and its length, by their numbers."""
    digest = hashlib.blake2b(digest_size=16)
    total, last = 0, ""
    for name, size in parts:
        if total >= length:
            break
        last = name
        total += size
        digest.update(f"{name} {total}\n".encode())
    if total != length:
        raise CheckpointError(f"{folder} has files of {total} bytes, and {length} had been reached")
    digest.update(sample_of(last).encode() if last else b"")
    return FileState(length=length, sample=digest.hexdigest())


def load(path: str, command: str) -> Checkpoint | None:
    """The saved progress of that command, its inputs and outputs compared with what they are now; None: none yet.

    Raises CheckpointError if it cannot be read, is of another command, or if something changed; it says what.
    """
    try:
        found = msgspec.json.decode(Path(path).read_bytes(), type=Checkpoint)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise CheckpointError(f"{path} is no checkpoint that can be read: {error}") from error
    if found.version != _VERSION:
        raise CheckpointError(f"{path} is of version {found.version}, this is {_VERSION}")
    if found.command != command:
        raise CheckpointError(f"{path} is of another command: inputs, outputs and options must be the same")
    for name, state in found.inputs.items():
        _compare("input", name, state, partial(state_of, length=state.length) if found.is_following else state_of)
    for name, state in found.outputs.items():
        if state.length:
            _compare("output", name, state, partial(state_of, length=state.length))
    return found


def _compare(what: str, name: str, state: FileState, now: Callable[[str], FileState]) -> None:
    try:
        found = now(name)
    except OSError as error:
        raise CheckpointError(f"the {what} {name} cannot be read any more: {error.strerror}") from error
    if found != state:
        changed = "length" if found.length != state.length else "content"
        raise CheckpointError(f"the {what} {name} has changed since the checkpoint: its {changed} is another one")


def save(path: str, checkpoint: Checkpoint) -> None:
    """Put the checkpoint in the place of the one before, in one step, and make that durable. Raises CheckpointError."""
    target = Path(path)
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(checkpoint)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise CheckpointError(f"the checkpoint {path} cannot be saved: {error.strerror}") from error
