"""`python -m tests.fuzz SECONDS [SEED]`: logs and archives with random damage, through everything, until time is up.

Checked of each: nothing is raised but what is promised, the balance holds, the bytes are covered, where chunks are cut
changes nothing, and with the lanes, with either matcher in them, and without them the same is told. A case that fails
is printed with its seed, from which it can be made again.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import msgspec
import zstandard

from stream_cb import Limits, ReadOptions, RunOptions, WriteOptions, convert
from stream_cb.events.matchers import PURE
from stream_cb.generate import LAYOUTS, generate

TOKENS = [
    *(b"<", b">", b"&", b'"', b"'", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?xml ?>", b"<!DOCTYPE x>"),
    *(b"<Response>", b"</Response>", b"<Responses>", b"</Responses>"),
    *(b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u00", b"null"),
    *(b'{"EventName":"TaskFinish","JobsDetail":', b"\x00", b"\x1e", b"\xff", b"\xef\xbb\xbf", b"\r", b"\n"),
    *(b"1e999999", b"\xff\xfe", b"<Tag>Snapshot</Tag>", b"&#0;", b"&amp;", b"\xed\xa0\x80"),
    *(b"<a/>" * 50, b"[" * 200, b"<b>" * 200),
]
# Lowered, so that every lane is off and all is decoded the long way.
LONG_WAY = Limits(max_depth=31)


def damaged(raw: bytes, rng: Random) -> bytes:
    """The bytes with up to eight things done to them."""
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(raw) + 1)
        end = min(len(raw), at + rng.choice([0, 1, 1, 2, 10, 300]))
        kind = rng.randrange(5)
        if kind == 0:
            raw = raw[:at] + rng.choice(TOKENS) + raw[end:]
        elif kind == 1:
            raw = raw[:at] + raw[end:]
        elif kind == 2:
            raw = raw[:at] + raw[at:end] * rng.randint(2, 4) + raw[end:]
        elif kind == 3:
            other = rng.randrange(len(raw) + 1)
            raw = raw[:at] + raw[other : other + rng.randint(1, 2_000)] + raw[end:]
        else:
            raw = raw[:at] + rng.randbytes(rng.randint(1, 4)) + raw[end:]
    return raw


def told(raw: bytes | list[Path], **read: Any) -> tuple[bytes, Any, list[bytes]]:
    """The lines, the report and the dead letters of a run."""
    lines = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        letters = Path(folder) / "bad.jsonl"
        inputs: Any = io.BytesIO(raw) if isinstance(raw, bytes) else raw
        options = RunOptions(read=ReadOptions(**read))
        report = convert(inputs, options, WriteOptions(dead_letters=str(letters)), stdout=lines)
        assert not report.problems, report.problems
        report = msgspec.structs.replace(report, elapsed_seconds=0.0, outputs={})
        return lines.getvalue(), report, letters.read_bytes().splitlines()


def try_log(rng: Random) -> bytes:
    layout = rng.choice(sorted(LAYOUTS))
    log = b"".join(generate(layout=layout, count=rng.randint(1, 60), seed=rng.randrange(1_000)))
    raw = damaged(log, rng)
    whole = told(raw, chunk_bytes=1 << 20)
    assert told(raw, chunk_bytes=rng.randint(1, 5_000) + 300) == whole
    os.environ[PURE] = "1"
    assert told(raw) == whole
    del os.environ[PURE]
    long_way = told(raw, limits=LONG_WAY)
    if not any(b"max_depth" in letter for letter in long_way[2]):
        assert long_way == whole
    return raw


def try_archive(rng: Random) -> bytes:
    log = b"".join(generate(layout="ndjson", count=rng.randint(1, 30), seed=rng.randrange(1_000)))
    packs: list[Callable[[bytes], bytes]] = [gzip.compress, bz2.compress, lzma.compress, zstandard.compress]
    packs += [zipped, tarred]
    raw = damaged(rng.choice(packs)(log), rng)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(raw)
        told([path])
    return raw


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("a.log", content)
        pack.writestr("b.log", content)
    return target.getvalue()


def tarred(content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as pack:
        for name in ("a.log", "b.log"):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            pack.addfile(member, io.BytesIO(content))
    return target.getvalue()


def main(seconds: float, seed: int) -> int:
    """Cases from that seed on, until time is up; 1 if one failed."""
    end = monotonic() + seconds
    count = 0
    while monotonic() < end:
        rng = Random(seed + count)
        case = try_archive if rng.random() < 0.25 else try_log
        state = rng.getstate()
        try:
            case(rng)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what we look for)
            rng.setstate(state)
            sys.stdout.write(f"seed {seed + count} ({case.__name__}): {type(error).__name__}: {str(error)[:2_000]}\n")
            return 1
        count += 1
    sys.stdout.write(f"{count} cases from seed {seed}, none failed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
