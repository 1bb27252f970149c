"""A file appears whole or not at all, with what was committed durable, whatever the operating system refuses."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zstandard

from stream_cb.errors import SinkError, UsageError
from stream_cb.sinks import buffering
from stream_cb.sinks.outputs import FileOutput


def gunzip(packed: bytes) -> bytes:
    return gzip.decompress(packed)


def unzstd(packed: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(BytesIO(packed), read_across_frames=True) as reader:
        return reader.read()


UNPACK: dict[Any, Callable[[bytes], bytes]] = {None: bytes, "gz": gunzip, "zst": unzstd}
each_compression = pytest.mark.parametrize("compression", [None, "gz", "zst"], ids=["plain", "gz", "zst"])


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


class Refusing:
    """Stands for a function of `os`: from the given call on, it refuses with `number`."""

    def __init__(self, real: Callable[..., Any], number: int, *, calls_before: int = 0) -> None:
        self.real, self.number, self.calls_left = real, number, calls_before

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.calls_left:
            self.calls_left -= 1
            return self.real(*args, **kwargs)
        raise OSError(self.number, os.strerror(self.number))


def test_file_appears_under_its_name_at_close_only(target: Path) -> None:
    output = FileOutput(target)
    output.write(b"one\n")
    assert output.commit() == 4
    (temporary,) = names_in(target.parent)
    assert temporary.startswith(".events.jsonl.")
    assert temporary.endswith(".part")
    assert (target.parent / temporary).read_bytes() == b"one\n"
    output.write(b"two\n")
    output.close()
    assert names_in(target.parent) == ["events.jsonl"]
    assert target.read_bytes() == b"one\ntwo\n"
    assert output.bytes_written == 8


def test_name_is_the_path_as_given(target: Path) -> None:
    output = FileOutput(str(target))
    assert output.name == str(target)
    output.abort()


def test_second_close_and_abort_after_close_do_nothing(target: Path) -> None:
    output = FileOutput(target)
    output.close()
    output.close()
    output.abort()
    assert target.read_bytes() == b""


def test_abort_leaves_nothing_and_a_second_one_does_nothing(target: Path) -> None:
    output = FileOutput(target)
    output.write(b"x" * (buffering.BUFFER_BYTES + 1))
    output.abort()
    output.abort()
    output.close()
    assert names_in(target.parent) == []


def test_closed_output_refuses_more(target: Path) -> None:
    output = FileOutput(target)
    output.close()
    for call in (lambda: output.write(b"x"), output.flush, output.commit):
        with pytest.raises(SinkError, match=r"events\.jsonl: it is closed"):
            call()
    assert target.read_bytes() == b""


def test_writes_wait_until_the_buffer_is_full(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffering, "BUFFER_BYTES", 10)
    output = FileOutput(target)
    (temporary,) = target.parent.iterdir()
    output.write(b"123456789")
    assert temporary.read_bytes() == b""
    output.write(b"0")
    assert temporary.read_bytes() == b"1234567890"
    output.write(b"abc")
    output.flush()
    assert temporary.read_bytes() == b"1234567890abc"
    output.abort()


def test_short_writes_are_continued(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, chunk: real_write(descriptor, chunk[:3]))
    output = FileOutput(target)
    output.write(b"0123456789")
    assert output.commit() == 10
    output.close()
    assert target.read_bytes() == b"0123456789"


@each_compression
def test_every_commit_answers_a_length_that_decompresses_to_all_so_far(target: Path, compression: Any) -> None:
    output = FileOutput(target, compression=compression)
    (temporary,) = target.parent.iterdir()
    so_far, marks = b"", []
    for number in range(5):
        chunk = f"line {number}\n".encode() * (number * 1000)
        output.write(chunk)
        so_far += chunk
        marks.append((output.commit(), so_far))
        assert temporary.stat().st_size == marks[-1][0]
    output.write(b"the end\n")
    output.close()
    packed = target.read_bytes()
    assert UNPACK[compression](packed) == so_far + b"the end\n"
    for position, expected in marks:
        assert UNPACK[compression](packed[:position]) == expected if position else expected == b""


@each_compression
def test_flushed_bytes_can_be_decompressed(target: Path, compression: Any) -> None:
    output = FileOutput(target, compression=compression)
    (temporary,) = target.parent.iterdir()
    output.write(b"seen by whoever reads along\n")
    output.flush()
    packed = temporary.read_bytes()
    if compression == "gz":
        with gzip.open(BytesIO(packed)) as reader:
            assert reader.read(28) == b"seen by whoever reads along\n"
    elif compression == "zst":
        assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == b"seen by whoever reads along\n"
    else:
        assert packed == b"seen by whoever reads along\n"
    output.write(b"more")
    output.close()
    assert UNPACK[compression](target.read_bytes()) == b"seen by whoever reads along\nmore"


@each_compression
def test_commits_without_news_add_nothing(target: Path, compression: Any) -> None:
    output = FileOutput(target, compression=compression)
    output.write(b"one\n")
    position = output.commit()
    assert output.commit() == position
    output.close()
    assert target.stat().st_size == position


@each_compression
def test_output_without_any_bytes_is_a_valid_file(target: Path, compression: Any) -> None:
    output = FileOutput(target, compression=compression)
    assert output.commit() == 0
    output.close()
    packed = target.read_bytes()
    assert bool(packed) is bool(compression)
    assert UNPACK[compression](packed) == b""


@each_compression
def test_equal_bytes_in_are_equal_bytes_out(tmp_path: Path, compression: Any) -> None:
    for name in ("a", "b"):
        output = FileOutput(tmp_path / name, compression=compression)
        output.write(b"line\n" * 1000)
        output.close()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_unknown_compression_is_refused(target: Path) -> None:
    with pytest.raises(UsageError, match="there is no compression 'rar'; known: gz, zst"):
        FileOutput(target, compression="rar")  # type: ignore[arg-type]
    assert names_in(target.parent) == []


def test_existing_target_is_refused_before_anything_is_written(target: Path) -> None:
    target.write_text("old")
    with pytest.raises(UsageError, match=r"events\.jsonl exists; --force overwrites it$"):
        FileOutput(target)
    assert names_in(target.parent) == ["events.jsonl"]
    assert target.read_text() == "old"


def test_force_replaces_at_close_and_keeps_the_permissions(target: Path) -> None:
    target.write_text("old")
    target.chmod(0o640)
    output = FileOutput(target, force=True)
    output.write(b"new")
    output.commit()
    assert target.read_text() == "old"
    output.close()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_forced_output_that_is_aborted_leaves_the_old_file(target: Path) -> None:
    target.write_text("old")
    output = FileOutput(target, force=True)
    output.write(b"new")
    output.abort()
    assert names_in(target.parent) == ["events.jsonl"]
    assert target.read_text() == "old"


def test_new_file_has_the_permissions_of_a_plain_open(target: Path) -> None:
    plain = target.with_name("plain")
    before = os.umask(0o027)
    try:
        plain.touch()
        output = FileOutput(target)
        output.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode) == 0o640


def test_target_that_appears_meanwhile_is_left_as_it_is(target: Path) -> None:
    output = FileOutput(target)
    output.write(b"ours")
    target.write_text("theirs")
    with pytest.raises(SinkError, match=r"events\.jsonl: it appeared while it was being written; it is left as it is"):
        output.close()
    output.abort()
    assert names_in(target.parent) == ["events.jsonl"]
    assert target.read_text() == "theirs"


def test_file_systems_without_links_get_a_rename(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", Refusing(os.link, errno.EPERM))
    output = FileOutput(target)
    output.write(b"ours")
    output.close()
    assert names_in(target.parent) == ["events.jsonl"]
    assert target.read_bytes() == b"ours"


def test_rename_does_not_replace_what_appeared_either(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", Refusing(os.link, errno.ENOTSUP))
    output = FileOutput(target)
    target.write_text("theirs")
    with pytest.raises(SinkError, match="it appeared while it was being written"):
        output.close()
    output.abort()
    assert target.read_text() == "theirs"
    assert names_in(target.parent) == ["events.jsonl"]


def test_failed_rename_gives_the_name_back(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", Refusing(os.link, errno.ENOTSUP))
    monkeypatch.setattr(os, "rename", Refusing(os.rename, errno.EIO))
    output = FileOutput(target)
    with pytest.raises(SinkError, match="Input/output error"):
        output.close()
    output.abort()
    assert names_in(target.parent) == []


def test_symbolic_link_is_followed_and_stays(target: Path) -> None:
    real = target.with_name("real.jsonl")
    target.symlink_to(real)
    output = FileOutput(target)
    output.write(b"x")
    output.close()
    assert target.is_symlink()
    assert real.read_bytes() == b"x"


def test_missing_folder_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match=r"events\.jsonl: there is no folder .*/missing$"):
        FileOutput(tmp_path / "missing" / "events.jsonl")


def test_file_in_the_place_of_a_folder_is_told_at_once(target: Path) -> None:
    target.touch()
    with pytest.raises(SinkError, match="Not a directory"):
        FileOutput(target / "events.jsonl")


def test_folder_as_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r" is a folder$"):
        FileOutput(tmp_path)


def test_folder_that_may_not_be_written_is_told_at_once(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # By a stand-in, since a superuser may write everywhere.
    monkeypatch.setattr(os, "open", Refusing(os.open, errno.EACCES))
    with pytest.raises(SinkError, match=r"events\.jsonl: Permission denied") as caught:
        FileOutput(target)
    assert isinstance(caught.value.__cause__, PermissionError)


def test_permissions_that_cannot_be_set_leave_nothing_behind(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target.write_text("old")
    monkeypatch.setattr(os, "fchmod", Refusing(os.fchmod, errno.EPERM))
    with pytest.raises(SinkError, match="Operation not permitted"):
        FileOutput(target, force=True)
    assert names_in(target.parent) == ["events.jsonl"]


def test_long_names_leave_room_for_the_hidden_file(tmp_path: Path) -> None:
    target = tmp_path / ("数" * 85)  # 255 bytes, all that a file system allows
    output = FileOutput(target)
    output.close()
    assert names_in(tmp_path) == [target.name]


def write_three_batches(output: FileOutput) -> None:
    for number in range(3):
        output.write(bytes([48 + number]) * 1000)
        output.flush()
        output.commit()
    output.close()


FAULTS = [
    ("write", errno.ENOSPC, "No space left on device"),
    ("fsync", errno.EIO, "Input/output error"),
    ("link", errno.ENOSPC, "No space left on device"),
    ("close", errno.EIO, "Input/output error"),
]


@each_compression
@pytest.mark.parametrize("fault", FAULTS, ids=[fault[0] for fault in FAULTS])
@pytest.mark.parametrize("calls_before", [0, 1, 2, 3])
def test_refusal_at_any_call_leaves_no_half_file(
    target: Path, monkeypatch: pytest.MonkeyPatch, compression: Any, fault: tuple[str, int, str], calls_before: int
) -> None:
    function, number, message = fault
    output = FileOutput(target, compression=compression)
    refusal: SinkError | None = None
    with monkeypatch.context() as patch:
        patch.setattr(os, function, Refusing(getattr(os, function), number, calls_before=calls_before))
        try:
            write_three_batches(output)
        except SinkError as error:
            refusal = error
    output.abort()
    if refusal:
        assert str(refusal) == f"{target}: {message}"
        assert isinstance(refusal.__cause__, OSError)
    if refusal and names_in(target.parent) == []:
        return
    # Not refused at all, or only when the whole file already stood under its name.
    whole = b"0" * 1000 + b"1" * 1000 + b"2" * 1000
    assert names_in(target.parent) == ["events.jsonl"]
    assert UNPACK[compression](target.read_bytes()) == whole


def test_forced_rename_that_fails_leaves_the_old_file(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target.write_text("old")
    output = FileOutput(target, force=True)
    output.write(b"new")
    monkeypatch.setattr(os, "replace", Refusing(os.replace, errno.ENOSPC))
    with pytest.raises(SinkError, match="No space left on device"):
        output.close()
    output.abort()
    assert names_in(target.parent) == ["events.jsonl"]
    assert target.read_text() == "old"


def test_folder_that_cannot_be_made_durable_is_told_with_the_file_whole(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = FileOutput(target)
    output.write(b"whole")
    monkeypatch.setattr(os, "fsync", Refusing(os.fsync, errno.EIO, calls_before=1))
    with pytest.raises(SinkError, match="Input/output error"):
        output.close()
    output.abort()
    assert names_in(target.parent) == ["events.jsonl"]
    assert target.read_bytes() == b"whole"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_folders_that_cannot_be_synced_are_no_fault(target: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    output = FileOutput(target)
    monkeypatch.setattr(os, "fsync", Refusing(os.fsync, number, calls_before=1))
    output.close()
    assert target.exists()


def test_folder_that_may_not_be_read_is_no_fault(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = FileOutput(target)
    monkeypatch.setattr(os, "open", Refusing(os.open, errno.EACCES))
    output.close()
    assert target.exists()


def test_after_a_refusal_nothing_with_a_gap_is_completed(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = FileOutput(target)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", Refusing(os.write, errno.ENOSPC))
        output.write(b"lost")
        with pytest.raises(SinkError, match="No space left on device"):
            output.commit()
    for call in (lambda: output.write(b"x"), output.flush, output.commit, output.close):
        with pytest.raises(SinkError, match=r"events\.jsonl: an earlier write failed"):
            call()
    output.abort()
    assert names_in(target.parent) == []


def test_after_an_interrupt_nothing_with_a_gap_is_completed(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_descriptor: int, _chunk: bytes) -> int:
        raise KeyboardInterrupt

    output = FileOutput(target)
    output.write(b"lost")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            output.flush()
    with pytest.raises(SinkError, match="an earlier write failed"):
        output.close()
    output.abort()


def test_hidden_file_that_cannot_be_removed_is_told(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = FileOutput(target)
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", Refusing(os.unlink, errno.EPERM))
        with pytest.raises(SinkError, match=r"\.part could not be removed: Operation not permitted"):
            output.abort()


def test_killed_process_leaves_no_file_under_the_target_name(target: Path) -> None:
    script = (
        "import os, sys; from stream_cb.sinks.outputs import FileOutput\n"
        "output = FileOutput(sys.argv[1]); output.write(b'x' * 1000); output.commit(); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script, target], check=False, env={"PYTHONPATH": os.getcwd()})  # noqa: PTH109
    assert killed.returncode == -9
    assert not target.exists()


def test_full_device_is_told() -> None:
    output = FileOutput("/dev/full")
    output.write(b"x")
    with pytest.raises(SinkError, match=r"^/dev/full: No space left on device$"):
        output.close()
    output.abort()


def test_devices_are_written_straight_without_force() -> None:
    output = FileOutput("/dev/null")
    output.write(b"x")
    assert output.commit() == 1
    output.close()
    assert not Path("/dev/null").is_file()


def test_fifo_is_written_straight_and_stays(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(fifo.read_bytes()))
    reader.start()
    output = FileOutput(fifo)
    output.write(b"through the pipe")
    output.close()
    reader.join()
    assert received == [b"through the pipe"]
    assert names_in(tmp_path) == ["fifo"]
    assert fifo.is_fifo()


def test_fifo_whose_reader_left_gives_a_broken_pipe(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    output = FileOutput(fifo)
    os.close(reader)
    output.write(b"x")
    with pytest.raises(BrokenPipeError):
        output.flush()
    output.abort()
    assert fifo.exists()


def test_dev_stdout_is_written_straight_even_when_it_is_a_file(target: Path) -> None:
    script = (
        "import sys; from stream_cb.sinks.outputs import FileOutput\n"
        "output = FileOutput('/dev/stdout'); output.write(b'x'); output.close()"
    )
    with target.open("wb") as stdout:
        stdout.write(b"before ")
        stdout.flush()
        subprocess.run([sys.executable, "-c", script], check=True, stdout=stdout, env={"PYTHONPATH": os.getcwd()})  # noqa: PTH109
    assert target.read_bytes() == b"before x"
    assert names_in(target.parent) == ["events.jsonl"]
