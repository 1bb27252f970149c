"""A file made of requests: how many there are, and what becomes of connections that break."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_cb.storage.object_file import ObjectFile

KIB, MIB = 1024, 1024 * 1024
RAW = bytes(range(251)) * (100 * KIB)  # 24.5 MiB, and no two places a few bytes apart are alike


class Connection:
    """Gives the bytes of a range, and breaks where one of the breaks lies in it."""

    def __init__(self, server: Server, begin: int, end: int) -> None:
        self._server = server
        self.at = begin
        self._end = end
        self.is_closed = False

    def read(self, size: int, /) -> bytes:
        end = min(self.at + size, self._end)
        for place in list(self._server.breaks):
            # As with HTTP, what came before the break in the same read is lost.
            if self.at <= place < end:
                self._server.tries[place] = self._server.tries.get(place, 0) + 1
                if self._server.breaks[place]:
                    self._server.breaks[place] -= 1
                    raise OSError(errno.EIO, "the connection broke")
        begin, self.at = self.at, end
        return self._server.raw[begin:end]

    def close(self) -> None:
        self.is_closed = True


class Server:
    """breaks: at which byte, how many times."""

    def __init__(self, raw: bytes = RAW, breaks: dict[int, int] | None = None) -> None:
        self.raw = raw
        self.breaks = breaks or {}
        self.tries: dict[int, int] = {}
        self.asked: list[tuple[int, int]] = []
        self.opened: list[Connection] = []

    def ask(self, begin: int, end: int) -> Connection:
        self.asked.append((begin, end))
        self.opened.append(Connection(self, begin, end))
        return self.opened[-1]

    def whole(self) -> ObjectFile:
        return ObjectFile(self.ask, len(self.raw), "x", Connection(self, 0, len(self.raw)))

    def ranges(self) -> ObjectFile:
        return ObjectFile(self.ask, len(self.raw), "x")


def read_all(file: ObjectFile) -> bytes:
    return b"".join(iter(lambda: file.read1(MIB), b""))


def read_into(got: bytearray, file: ObjectFile) -> None:
    while chunk := file.read1(256 * KIB):
        got += chunk


def test_read_from_its_beginning_it_is_one_request() -> None:
    server = Server()
    with server.whole() as file:
        assert read_all(file) == RAW
        assert file.read1(1) == b""
    assert server.asked == []


def test_a_look_asks_for_little_and_reading_on_for_a_lot() -> None:
    server = Server()
    with server.ranges() as file:
        file.seek(MIB)
        assert file.read1(100) == RAW[MIB : MIB + 100]
        look = MIB + 256 * KIB
        assert server.asked == [(MIB, look)]
        assert file.read(10 * MIB) == RAW[MIB + 100 : 11 * MIB + 100]
        assert server.asked[1:] == [(look, look + 8 * MIB), (look + 8 * MIB, look + 16 * MIB)]


def test_the_last_two_looks_are_not_asked_for_again() -> None:
    server = Server()
    with server.ranges() as file:
        for place in (MIB, 9 * MIB):
            file.seek(place)
            assert file.read1(256 * KIB) == RAW[place : place + 256 * KIB]
        file.seek(MIB + 5)
        assert file.read(MIB) == RAW[MIB + 5 : 2 * MIB + 5]
        look = MIB + 256 * KIB
        assert server.asked == [(MIB, look), (9 * MIB, 9 * MIB + 256 * KIB), (look, look + 8 * MIB)]


def test_a_step_forward_is_read_over_and_any_other_asked_for() -> None:
    server = Server()
    with server.whole() as file:
        file.seek(250 * KIB)
        assert file.read(10) == RAW[250 * KIB :][:10]
        assert server.asked == []
        for place in (10 * MIB, 5):
            file.seek(place)
            assert file.read(10) == RAW[place : place + 10]
        assert server.asked == [(10 * MIB, 10 * MIB + 256 * KIB), (5, 5 + 256 * KIB)]


@given(st.lists(st.tuples(st.integers(0, 3 * MIB), st.integers(1, 200 * KIB)), max_size=8))
def test_wherever_it_is_read_the_bytes_are_those_there(looks: list[tuple[int, int]]) -> None:
    raw = RAW[: 2 * MIB]
    with Server(raw).ranges() as file:
        for offset, size in looks:
            assert file.seek(offset) == offset == file.tell()
            assert file.read(size) == raw[offset : offset + size]


def test_it_is_sought_as_any_file() -> None:
    with Server(b"0123456789").ranges() as file:
        assert file.seekable()
        assert file.seek(-3, os.SEEK_END) == 7
        assert file.read() == b"789"
        assert file.seek(-2, os.SEEK_CUR) == 8
        with pytest.raises(OSError, match="Invalid argument"):
            file.seek(-1)
        assert file.seek(20) == 20
        assert file.read(5) == b""


@pytest.mark.parametrize("breaks", [{0: 1}, {MIB + 7: 1}, {MIB: 1, MIB + 300: 2, 2 * MIB: 3}, {24 * MIB: 3}])
def test_a_connection_that_breaks_is_taken_up_where_it_broke(breaks: dict[int, int]) -> None:
    server = Server(breaks=breaks)
    with server.whole() as file:
        assert read_all(file) == RAW


@pytest.mark.parametrize("place", [0, 1, MIB + 7, len(RAW) - 1])
def test_all_bytes_before_a_lasting_break_are_delivered_before_its_error(place: int) -> None:
    server = Server(breaks={place: 1_000})
    file = server.whole()
    got = bytearray()
    with pytest.raises(OSError, match="the connection broke"):
        read_into(got, file)
    assert got == RAW[:place]
    assert len(server.asked) < 40
    assert all(connection.is_closed for connection in server.opened)


def test_an_answer_that_ends_too_early_is_a_break() -> None:
    server = Server(RAW[:MIB])
    file = ObjectFile(server.ask, 2 * MIB, "x", Connection(server, 0, MIB))
    got = bytearray()
    with pytest.raises(ConnectionResetError, match="the connection was closed before the end"):
        read_into(got, file)
    assert got == RAW[:MIB]


def test_a_refusal_when_asking_is_final() -> None:
    def refuse(begin: int, end: int) -> Connection:
        raise PermissionError(errno.EACCES, "access denied")

    with pytest.raises(PermissionError):
        ObjectFile(refuse, 10, "x").read1(1)


def test_what_is_nearly_read_is_read_to_its_end_so_that_the_connection_can_be_used_again() -> None:
    server = Server(RAW[: 300 * KIB])
    with server.ranges() as file:
        file.read(10)
    assert [(one.at, one.is_closed) for one in server.opened] == [(256 * KIB, True)]
