"""Hostile input ends with an exit code, within 512 MB of address space, and opens nothing."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ADDRESS_SPACE_KB = 512 * 1024
GUARD_SECONDS = 120
GOOD = b'\n{"EventName":"TaskFinish","JobsDetail":{"JobId":"good"}}\n'


def laughs() -> bytes:
    entities = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return b'<!DOCTYPE lolz [<!ENTITY l0 "lol">' + entities + b"]><Response>&l9;</Response>"


# name: what is made, how many events come out beside the good one behind it, and whether it is quick to try.
INPUTS: dict[str, tuple[Callable[[], bytes], int, bool]] = {
    "billion laughs": (laughs, 0, True),
    "quadratic blowup": (
        lambda: b'<!DOCTYPE q [<!ENTITY a "' + b"a" * 50_000 + b'">]><Response>' + b"&a;" * 50_000 + b"</Response>",
        0,
        True,
    ),
    "deep elements": (lambda: b"<a>" * 100_000 + b"</a>" * 100_000, 0, True),
    "deep arrays": (lambda: b"[" * 100_000 + b"]" * 100_000, 0, True),
    "deep objects": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 0, True),
    "huge exponent": (lambda: b'{"a":1e999999,"b":-1e-999999}', 1, True),
    "huge integer": (lambda: b'{"a":' + b"9" * 4_000 + b"}", 1, True),
    "lone surrogate": (lambda: b'{"a":"\\ud800"}', 0, True),
    "overlong": (lambda: b"<Response>\xc0\xaf</Response>", 0, True),
    "NUL": (lambda: b"\0" * 2_000_000, 0, True),
    "many elements": (lambda: b"<Response>" + b"<A/>" * 3_900_000 + b"</Response>", 0, False),
    "many names": (
        lambda: b"<Response>" + b"".join(b"<n%d/>" % n for n in range(1_200_000)) + b"</Response>",
        0,
        False,
    ),
    "many keys": (lambda: b"{" + b",".join(b'"k%d":1' % n for n in range(1_200_000)) + b"}", 0, False),
    "many jobs": (lambda: b'{"EventName":"TaskFinish","JobsDetail":[' + b"{}," * 5_000_000 + b"{}]}", 0, False),
    "long string": (lambda: b'{"a":"' + b"x" * 60_000_000 + b'"}', 0, False),
    "long comment": (lambda: b"<!--" + b"-" * 60_000_000 + b"-->", 0, False),
    "open brackets": (lambda: b"{" * 20_000_000, 0, False),
    "open quotes": (lambda: b'"' * 20_000_000, 0, False),
}


@pytest.mark.parametrize(
    "name", [name if INPUTS[name][2] else pytest.param(name, marks=pytest.mark.long) for name in INPUTS]
)
def test_it_ends_with_an_exit_code_and_the_record_behind_it_comes_out(name: str, tmp_path: Path) -> None:
    make, others, _ = INPUTS[name]
    (tmp_path / "input").write_bytes(make() + GOOD)
    ended = limited(tmp_path, "input", "-o", "out.jsonl")
    assert ended.returncode == (0 if others else 1), ended.stderr
    lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert len(lines) == others + 1
    assert json.loads(lines[-1])["JobId"] == "good"


@pytest.mark.long
def test_a_record_of_two_gigabytes_is_passed_over(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "input.gz", "wb", compresslevel=1) as file:
        file.write(b"<Response><a>")
        for _ in range(2_000):
            file.write(b"x" * 1_000_000)
        file.write(b"</a></Response>" + GOOD)
    ended = limited(tmp_path, "input.gz", "-o", "out.jsonl", "--max-expansion", "2000")
    assert ended.returncode == 1, ended.stderr
    assert json.loads((tmp_path / "out.jsonl").read_bytes())["JobId"] == "good"


def limited(folder: Path, *args: str) -> subprocess.CompletedProcess[bytes]:
    """The command, in a shell that gives it no more address space."""
    command = f'ulimit -v {ADDRESS_SPACE_KB}; exec "$0" -m stream_cb convert -q --jobs 1 "$@"'
    return subprocess.run(
        ["bash", "-c", command, sys.executable, *args],
        cwd=folder,
        capture_output=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE r SYSTEM "%(url)s">',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "%(url)s">]>',
        b'<!DOCTYPE r [<!ENTITY % x SYSTEM "%(url)s"> %x;]>',
        b'<!DOCTYPE r PUBLIC "-//x" "%(url)s">',
    ],
)
@pytest.mark.parametrize("reader", ["framed", "iterparse"])
def test_nothing_outside_is_opened(doctype: bytes, reader: str, tmp_path: Path) -> None:
    (tmp_path / "canary").write_text("sings", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        urls = [f"http://127.0.0.1:{server.getsockname()[1]}/x", (tmp_path / "canary").as_uri()]
        for number, url in enumerate(urls):
            document = doctype.replace(b"%(url)s", url.encode()) + b"<Response>&x;</Response>"
            (tmp_path / f"{number}.xml").write_bytes(document)
            ended = limited(tmp_path, f"{number}.xml", "--reader", reader)
            assert (ended.returncode, ended.stdout) == (1, b"")
            assert b"a DOCTYPE is refused" in ended.stderr
            assert b"sings" not in ended.stderr
        with pytest.raises(BlockingIOError):
            server.accept()
