"""Seeded inputs, made by `stream_cb.generate` and kept from run to run.

In: what an input is (layout, size, Tags, damage). Out: its file, with the number of its bytes and records. A file's
name holds its parameters and a digest of the generator's source, so that a changed generator makes new files.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from stream_cb import generate as generator

SEED = 0
_CHUNK_BYTES = 1 << 20
# What each record has once, and nothing else has; of a mixed log, whose records nobody counts, either would do.
_MARKS = {"xml": b"</Response>", "json": b'"JobsDetail"'}


@dataclass(frozen=True)
class Corpus:
    """An input. tags: None is the generator's mix. damage: share of records. size: decompressed bytes, at least.

    files: it is a folder of as many files, of which each has its share of the bytes.
    """

    layout: str
    size: int
    tags: tuple[str, ...] | None = ("StreamExtract",)
    damage: float = 0.0
    is_gzip: bool = False
    files: int = 1

    @property
    def format(self) -> str:
        """ "xml" or "json"; a mixed log counts as the latter."""
        return "xml" if self.layout.startswith("xml") else "json"

    @property
    def name(self) -> str:
        """The name of the file or folder: all that decides its bytes."""
        tags = "+".join(self.tags) if self.tags else "mix"
        suffix = ".gz" if self.is_gzip else ""
        stem = f"{self.layout}-{self.size}-{tags}-{self.damage:g}-{SEED}-{_generator_digest()}"
        return f"{stem}.{self.format}{suffix}" if self.files == 1 else f"{stem}-{self.files}"


@dataclass(frozen=True)
class Input:
    """A corpus on disk. size: its decompressed bytes. records: how many it holds, None if damage hides some."""

    corpus: Corpus
    path: Path
    size: int
    records: int | None


def make(corpus: Corpus, folder: Path) -> Input:
    """The corpus on disk in `folder`, made if it is not there; either way it is in the page cache afterwards."""
    path = folder / corpus.name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{corpus.name}.{os.getpid()}.part"  # two runs may make the same one at a time
        if corpus.files > 1:
            _write_files(corpus, unfinished)
        else:
            with unfinished.open("wb") as file:
                _write(corpus, file, folder)
        unfinished.replace(path)
    size = records = 0
    for one in sorted(path.iterdir()) if corpus.files > 1 else [path]:
        with gzip.open(one) if corpus.is_gzip else one.open("rb") as stream:
            more_bytes, more_records = _count(stream, _MARKS[corpus.format])
        size += more_bytes
        records += more_records
    return Input(corpus, path, size, None if corpus.damage else records)


def _write_files(corpus: Corpus, folder: Path) -> None:
    folder.mkdir()
    for number in range(corpus.files):
        chunks = generator.generate(
            layout=corpus.layout,
            size_bytes=max(1, corpus.size // corpus.files),
            seed=SEED + number,
            tags=corpus.tags,
            damage_rate=corpus.damage,
        )
        (folder / f"{number:04}.{corpus.format}").write_bytes(b"".join(chunks))


def _write(corpus: Corpus, file: BinaryIO, folder: Path) -> None:
    if corpus.is_gzip:
        plain = make(Corpus(corpus.layout, corpus.size, corpus.tags, corpus.damage), folder)
        with (
            plain.path.open("rb") as source,
            gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed,
        ):
            shutil.copyfileobj(source, packed, _CHUNK_BYTES)
        return
    chunks = generator.generate(
        layout=corpus.layout, size_bytes=corpus.size, seed=SEED, tags=corpus.tags, damage_rate=corpus.damage
    )
    file.writelines(chunks)


def _count(stream: BinaryIO | gzip.GzipFile, mark: bytes) -> tuple[int, int]:
    """Bytes and records, by a search that shares nothing with the readers measured."""
    size = records = 0
    overlap = b""
    while chunk := stream.read(_CHUNK_BYTES):
        size += len(chunk)
        text = overlap + chunk
        records += text.count(mark)
        # Shorter than the mark, so that none is counted twice; one cut by the chunk's end is seen whole next time.
        overlap = text[-(len(mark) - 1) :]
    return size, records


@cache
def _generator_digest() -> str:
    sources = sorted(Path(str(generator.__file__)).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
