"""The command over addresses: what it reads and writes is what it would of files, and no secret is ever shown."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest
import zstandard

from stream_cb.cli import main
from stream_cb.errors import CheckpointError, InputError
from stream_cb.guesses import Reached, plan_guesses, read_guess
from stream_cb.model import ReadOptions
from stream_cb.places import Place, Position
from stream_cb.resume import SavedProgress
from tests.integration.conftest import Ended, watch
from tests.object_storage import SECRETS, Fault

if TYPE_CHECKING:
    from tests.integration.conftest import Log, MakeLog, Run, Start
    from tests.object_storage import Storage


@pytest.fixture
def run(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Runs the command in this process, where its client is there already; workers are processes as ever."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stream_cb.process.set_up_process", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def run_command(*args: str | Path, **_: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["stream-cb", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            main()
        stdout, stderr = capfdbinary.readouterr()
        found = Ended(int(str(ended.value.code)), stdout, stderr.decode())
        watch(found, tmp_path)
        return found

    return run_command


@pytest.fixture
def log(make_log: MakeLog) -> Log:
    return make_log(count=40)


@pytest.fixture(autouse=True)
def nothing_secret_is_kept(tmp_path: Path) -> Iterator[None]:
    """No file that a run has left holds a credential."""
    yield
    for file in tmp_path.rglob("*"):
        raw = file.read_bytes() if file.is_file() else b""
        assert not any(secret.encode() in raw for secret in SECRETS), file


def check(ended: Ended, code: int, *told: str) -> None:
    assert ended.code == code, ended.stderr
    assert ended.told == list(told)
    assert not any(secret in ended.stderr or secret.encode() in ended.stdout for secret in SECRETS)


def zipped(*members: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"{number}.xml", member)
    return raw.getvalue()


def tarred(*members: bytes) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for number, member in enumerate(members):
            info = tarfile.TarInfo(f"{number}.xml")
            info.size = len(member)
            archive.addfile(info, io.BytesIO(member))
    return raw.getvalue()


# ── Inputs ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, zstandard.compress, zipped, tarred], ids=["plain", "gz", "zst", "zip", "tar.gz"]
)
def test_an_object_is_read_as_a_file_is(run: Run, storage: Storage, log: Log, pack: Callable[[bytes], bytes]) -> None:
    check(ended := run("convert", storage.put("a", pack(log.raw)), "-q"), 0)
    assert ended.job_ids == log.job_ids


def test_a_zip_archive_is_read_in_ranges(run: Run, storage: Storage, make_log: MakeLog) -> None:
    logs = [make_log(f"{seed}.xml", seed=seed, count=200) for seed in range(4)]
    address = storage.put("a.zip", zipped(*(log.raw for log in logs)))
    storage.requests()
    check(ended := run("convert", address, "-q"), 0)
    assert ended.job_ids == [job_id for log in logs for job_id in log.job_ids]
    requests = storage.requests()
    assert "bytes=" in requests[-1]
    assert len(requests) < 10


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_folder_a_pattern_and_files_go_together(run: Run, storage: Storage, make_log: MakeLog, jobs: str) -> None:
    logs = [make_log(f"{seed}.xml", seed=seed) for seed in range(4)]
    storage.put("logs/1.xml", logs[1].raw)
    storage.put("logs/2022/0.xml", logs[0].raw)
    storage.put("more/3.xml", logs[3].raw)
    storage.put("more/3.txt", b"no callbacks")
    inputs = [storage.url("logs"), "2.xml", storage.url("m*/?.xml")]
    check(ended := run("convert", *inputs, "-q", "--jobs", jobs), 0)
    assert ended.job_ids == [job_id for number in (1, 0, 2, 3) for job_id in logs[number].job_ids]


def test_a_dead_letter_has_the_address_as_its_source(run: Run, storage: Storage) -> None:
    address = storage.put("a.xml", b"<Response><a></Response>")
    ended = run("convert", address, "-q", "--dead-letters", storage.url("bad.jsonl"), "-o", storage.url("a.jsonl.gz"))
    assert ended.code == 1
    assert ended.stderr.startswith(f"dead letter: {address}: record 0 at byte 0: ")
    assert json.loads(storage.get("bad.jsonl"))["source"] == address
    assert gzip.decompress(storage.get("a.jsonl.gz")) == b""
    ended = run("retry", storage.url("bad.jsonl"), "-q")
    assert ended.code == 1
    assert ended.stderr.startswith(f"dead letter: {address}: record 0 at byte 0: ")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_connection_that_breaks_for_good_ends_the_input_behind_what_came(
    run: Run, storage: Storage, log: Log, jobs: str
) -> None:
    address = storage.put("a.xml", log.raw)
    cut = len(log.raw) - len(log.records[-1]) - 10  # inside the last but one
    fine = storage.put("b.xml", log.raw)
    beyond = Fault("GET", "a.xml", cut=0)
    with storage.failing(Fault("GET", "a.xml", cut=cut, times=1), beyond):
        ended = run("convert", address, fine, "-q", "--jobs", jobs, "--max-dead-letter-bytes", "10")
    assert ended.code == 3
    assert ended.job_ids == log.job_ids[:-2] + log.job_ids
    assert f"stream-cb: {address}: the storage failed (" in ended.stderr


def test_a_connection_that_breaks_midway_is_taken_up_again(run: Run, storage: Storage, log: Log) -> None:
    address = storage.put("a.xml.gz", gzip.compress(log.raw))
    with storage.failing(Fault("GET", "a.xml.gz", cut=1_000, times=2)):
        check(ended := run("convert", address, "-q"), 0)
    assert ended.job_ids == log.job_ids


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (404, "NoSuchKey", "there is no such object"),
        (403, "AccessDenied", "access denied (AccessDenied)"),
        (500, "InternalError", "the storage answered 500 (InternalError)"),
    ],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_object_that_cannot_be_opened_is_told_and_the_next_is_read(
    run: Run, storage: Storage, log: Log, *, status: int, code: str, told: str, jobs: str
) -> None:
    """As when it goes between the listing and its opening."""
    for name in ("logs/a.xml", "logs/b.xml"):
        storage.put(name, log.raw)
    with storage.failing(Fault("GET", "logs/a.xml", status=status, code=code)):
        ended = run("convert", storage.url("logs"), "-q", "--jobs", jobs)
    check(ended, 3, f"stream-cb: {storage.url('logs/a.xml')}: {told}")
    assert ended.job_ids == log.job_ids


def test_an_address_of_nothing_is_an_input_error(run: Run, storage: Storage) -> None:
    told = "there is no such object, and no folder of that name"
    check(run("convert", storage.url("a"), "-q"), 3, f"stream-cb: {storage.url('a')}: {told}")
    check(run("convert", "s3://nowhere/", "-q"), 3, "stream-cb: s3://nowhere/: there is no such bucket")


@pytest.mark.parametrize("layout", ["mixed", "xml-batch"])
def test_splits_of_an_object_give_what_the_whole_gives(
    run: Run, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    monkeypatch.setattr("stream_cb.parallel.GUESS_BYTES", 100_000)
    made = run("generate", "--size", "1MB", "--as", layout, "--damage", "0.01", "--tag", "StreamExtract", "-o", "a.log")
    assert made.code == 0
    storage.put("a.log", (tmp_path / "a.log").read_bytes())
    (tmp_path / "a.log").unlink()
    for jobs in ("1", "2"):
        outputs = ["-o", f"{jobs}.jsonl", "--dead-letters", f"{jobs}.bad", "--report", f"{jobs}.json"]
        storage.requests()
        assert run("convert", storage.url("a.log"), "-q", "--jobs", jobs, *outputs).code == 1
        requests = storage.requests()
        for name in ("jsonl", "bad"):
            assert (tmp_path / f"{jobs}.{name}").read_bytes() == (tmp_path / f"1.{name}").read_bytes()
    assert len([request for request in requests if "bytes=9" in request]) > 1


def test_a_split_of_another_version_is_an_input_error(storage: Storage, make_log: MakeLog) -> None:
    address = storage.put("a.xml", make_log(count=100).raw)
    options = ReadOptions()
    splits = plan_guesses(address, options, guess_bytes=50_000)
    assert len(splits) > 2
    assert sum(isinstance(found, Reached) for split in splits for found in read_guess(split, "a", options, None)) > 2
    storage.put("a.xml", make_log(count=100, seed=1).raw)
    with pytest.raises(InputError, match=r"^a: it was changed while it was being read$"):
        next(read_guess(splits[1], "a", options, None))
    assert not any(secret in repr(splits) + str(pickle.dumps(splits)) for secret in SECRETS)


def test_memory_and_file_addresses_work_too(run: Run, log: Log, tmp_path: Path) -> None:
    check(run("convert", f"file://{log.path}", "-q", "-o", f"file://{tmp_path}/a.jsonl"), 0)
    assert len((tmp_path / "a.jsonl").read_bytes().splitlines()) == 40
    told = "stream-cb: memory://a: there is no such object, and no folder of that name"
    check(run("convert", "memory://a", "-q"), 3, told)


# ── Outputs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_outputs_letters_and_report_go_to_objects(run: Run, storage: Storage, log: Log, jobs: str) -> None:
    outputs = ["-o", storage.url("a.jsonl.gz"), "-o", storage.url("a.csv.zst"), "--dead-letters", storage.url("bad")]
    check(run("convert", "a.xml", "-q", *outputs, "--report", storage.url("report"), "--jobs", jobs), 0)
    events = gzip.decompress(storage.get("a.jsonl.gz")).splitlines()
    assert [json.loads(line)["JobId"] for line in events] == log.job_ids
    report = json.loads(storage.get("report"))
    assert report["outputs"][storage.url("a.jsonl.gz")] == len(storage.get("a.jsonl.gz"))
    assert storage.get("bad") == b""
    assert storage.uploads == []


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_columns_go_to_objects_as_to_files(
    run: Run, storage: Storage, log: Log, tmp_path: Path, *, name: str, jobs: str
) -> None:
    check(run("convert", "a.xml", "-q", "-o", storage.url(name), "-o", name, "--jobs", jobs), 0)
    assert storage.get(name) == (tmp_path / name).read_bytes()
    table = ds.dataset(tmp_path / name, format=name[2:]).to_table(columns=["JobId"])
    assert table["JobId"].to_pylist() == log.job_ids


@pytest.mark.parametrize(("name", "jobs"), [("a.parquet/", "2"), ("a.arrow", "1")])
def test_a_folder_of_objects_holds_what_a_local_one_does(
    run: Run, storage: Storage, log: Log, tmp_path: Path, *, name: str, jobs: str
) -> None:
    flags = ["-q", "--jobs", jobs, "--columns", "JobId,Operation", "--report", "report.json"]
    flags += ["--partition-by", "Tag,date(CreationTime)"]
    check(run("convert", "a.xml", "-o", storage.url(name), "-o", name, *flags), 0)
    files = {str(path.relative_to(tmp_path)): path for path in (tmp_path / name).rglob("part-*")}
    assert storage.keys == sorted([*files, f"{name.rstrip('/')}/_SUCCESS"])
    assert len({storage.get(key) == path.read_bytes() for key, path in files.items()}) == 1
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert len(set(report["outputs"].values())) == 1
    assert storage.uploads == []
    again = run("convert", "a.xml", "-o", storage.url(name), "-q", "--partition-by", "Tag")
    check(again, 2, f"stream-cb: {storage.url(name)} exists; --force overwrites it")
    check(run("convert", "a.xml", "-o", storage.url(name), "-q", "--columns", "JobId", "--force"), 0)
    assert len(storage.keys) == (2 if name.endswith("/") else len(files) + 2)


def test_an_output_that_exists_is_refused_without_force(run: Run, storage: Storage, log: Log) -> None:
    address = storage.put("a.jsonl", b"old")
    check(run("convert", "a.xml", "-q", "-o", address), 2, f"stream-cb: {address} exists; --force overwrites it")
    assert storage.get("a.jsonl") == b"old"
    check(run("convert", "a.xml", "-q", "-o", address, "--force"), 0)
    assert len(storage.get("a.jsonl").splitlines()) == 40
    twice = run("convert", "a.xml", "-q", "-o", address, "--report", address, "--force")
    check(twice, 2, f"stream-cb: two outputs would go to {address}")
    lake = storage.url("a.parquet")
    check(run("convert", "a.xml", "-o", lake, "-o", lake + "/"), 2, f"stream-cb: two outputs would go to {lake}")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault("PUT", "a.jsonl", status=500), "the storage answered 500 (InternalError)"),
        (Fault("POST", "uploads", status=403, code="AccessDenied"), "access denied (AccessDenied)"),
        (Fault("POST", "uploads", status=404, code="NoSuchBucket"), "there is no such bucket"),
    ],
)
def test_an_output_that_fails_leaves_nothing(
    run: Run, storage: Storage, log: Log, tmp_path: Path, *, fault: Fault, told: str
) -> None:
    with storage.failing(fault):
        ended = run("convert", "a.xml", "-q", "-o", "b.jsonl", "-o", storage.url("a.jsonl"))
    check(ended, 4, f"stream-cb: {storage.url('a.jsonl')}: {told}")
    assert storage.keys == storage.uploads == []
    assert not (tmp_path / "b.jsonl").exists()


def test_a_run_that_is_refused_takes_its_uploads_back(run: Run, storage: Storage, log: Log) -> None:
    ended = run("convert", "a.xml", "-q", "-o", storage.url("a.jsonl"), "--record", "nowhere")
    assert ended.code == 2
    assert storage.keys == storage.uploads == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"])
def test_a_run_that_is_stopped_takes_its_upload_back(
    start: Start, storage: Storage, environment: dict[str, str], number: signal.Signals, code: int
) -> None:
    environment |= storage.environment
    live = start("convert", "-", "-q", "-o", "-", "-o", storage.url("a.jsonl"))
    live.write(b"<Response><EventName>TaskFinish</EventName></Response>\n" * 2)
    live.read_line()
    assert storage.uploads == ["a.jsonl"]
    live.process.send_signal(number)
    assert live.end().code == code
    assert storage.keys == storage.uploads == []


def test_generate_writes_an_object(run: Run, storage: Storage) -> None:
    check(run("generate", "--count", "3", "-o", storage.url("a.xml.gz")), 0)
    check(ended := run("convert", storage.url("a.xml.gz"), "-q"), 0)
    assert len(ended.events) >= 3


# ── Checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────────────

CHECKPOINT = ["--checkpoint", "progress.json", "--checkpoint-every", "20KB", "-q"]


# Ends the process behind the third save of progress, as a kill would.
KILLED = """
import os, sys
from stream_cb import checkpoint, parallel
from stream_cb.cli import main
parallel.GUESS_BYTES, parallel._MAX_FILES = 100_000, 1
save, saves = checkpoint.save, []
def save_and_die(*args):
    save(*args)
    saves.append(args)
    if len(saves) == 3:
        os._exit(9)
checkpoint.save = save_and_die
main()
"""


def run_and_die(command: list[str], environment: dict[str, str], folder: Path) -> Any:
    """Run the command as KILLED ends it; the checkpoint that it leaves."""
    dying = [sys.executable, "-c", KILLED, *command]
    # Its workers find it gone, and say so.
    ended = subprocess.run(dying, env=environment, cwd=folder, stderr=subprocess.DEVNULL, check=False)
    assert ended.returncode == 9
    return json.loads((folder / "progress.json").read_bytes())


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_run_over_objects_goes_on_from_its_checkpoint(
    run: Run,
    storage: Storage,
    make_log: MakeLog,
    environment: dict[str, str],
    tmp_path: Path,
    *,
    monkeypatch: pytest.MonkeyPatch,
    jobs: str,
    pack: Callable[[bytes], bytes],
) -> None:
    monkeypatch.setattr("stream_cb.parallel.GUESS_BYTES", 100_000)
    monkeypatch.setattr("stream_cb.parallel._MAX_FILES", 1)
    for seed in range(3):
        storage.put(f"logs/{seed}.xml", pack(make_log(f"{seed}.xml", seed=seed, count=150).raw))
    command = ["convert", storage.url("logs"), "-o", "a.jsonl.gz", *CHECKPOINT, "--jobs", jobs]
    check(run(*command), 0)
    whole = (tmp_path / "a.jsonl.gz").read_bytes()
    for name in ("a.jsonl.gz", "progress.json"):
        (tmp_path / name).unlink()
    saved = run_and_die(command, environment | storage.environment, tmp_path)
    assert not saved["is_finished"]
    assert next(iter(saved["inputs"])).startswith(storage.url("logs/"))
    check(run(*command), 0)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == whole


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_into_a_folder_of_objects_goes_on_from_its_checkpoint(
    run: Run,
    storage: Storage,
    make_log: MakeLog,
    environment: dict[str, str],
    tmp_path: Path,
    *,
    monkeypatch: pytest.MonkeyPatch,
    jobs: str,
) -> None:
    monkeypatch.setattr("stream_cb.parallel.GUESS_BYTES", 100_000)
    monkeypatch.setattr("stream_cb.parallel._MAX_FILES", 1)
    make_log("in.xml", count=300)
    flags = ["--partition-by", "Tag", "--columns", "JobId,Tag", *CHECKPOINT, "--jobs", jobs]
    whole, killed = (["convert", "in.xml", "-o", storage.url(name), *flags] for name in ("a.parquet", "b.parquet"))
    check(run(*whole), 0)
    (tmp_path / "progress.json").unlink()
    again = run(*whole)
    check(again, 2, f"stream-cb: {storage.url('a.parquet')} exists; --force overwrites it")
    saved = run_and_die(killed, environment | storage.environment, tmp_path)
    assert saved["outputs"][storage.url("b.parquet")]["length"]
    before = [key for key in storage.keys if key.startswith("b")]
    assert before
    assert "b.parquet/_SUCCESS" not in before
    check(run(*killed), 0)
    found = {key[2:]: storage.get(key) for key in storage.keys if key.startswith("b")}
    assert found == {key[2:]: storage.get(key) for key in storage.keys if key.startswith("a")}
    assert len(found) > len(before)
    check(run(*killed), 0)  # it has nothing to do
    storage.put(next(key for key in storage.keys if key.startswith("b.parquet/Tag")), b"0")
    refused = run(*killed)
    assert refused.code == 2
    assert f"{storage.url('b.parquet')} has" in refused.stderr


def test_an_object_that_changes_while_a_run_saves_is_refused_by_the_next_one(
    storage: Storage, log: Log, tmp_path: Path
) -> None:
    """Each commit holds the version that was there at the first one, which is the one that is read."""
    address = storage.put("a.xml", log.raw)
    path = str(tmp_path / "progress.json")
    progress = SavedProgress(path, "command", [address], every_bytes=1, strict=False, follow=False)
    progress.commit(Position(files=0, place=Place(offset=10)))
    storage.put("a.xml", log.raw.swapcase())
    progress.commit(Position(files=0, place=Place(offset=20)))
    with pytest.raises(CheckpointError, match="has changed since the checkpoint: its content is another one"):
        SavedProgress(path, "command", [address], every_bytes=1, strict=False, follow=False)


def test_an_object_that_has_changed_is_refused(run: Run, storage: Storage, log: Log) -> None:
    address = storage.put("a.xml", log.raw)
    command = ["convert", address, "-o", "a.jsonl", *CHECKPOINT]
    check(run(*command), 0)
    storage.put("a.xml", log.raw.swapcase())
    told = f"the input {address} has changed since the checkpoint: its content is another one"
    check(run(*command), 2, f"stream-cb: {told}")
    storage.put("a.xml", log.raw + b" ")
    told = f"the input {address} has changed since the checkpoint: its length is another one"
    check(run(*command), 2, f"stream-cb: {told}")
    storage.client.delete_object(Bucket=storage.bucket, Key="a.xml")
    check(run(*command), 2, f"stream-cb: the input {address} cannot be read any more: there is no such object")


@pytest.mark.parametrize(
    "flags",
    [
        ["-o", "s3://bucket/a.jsonl", "--checkpoint", "progress.json"],
        ["-o", "a.jsonl", "--dead-letters", "s3://bucket/bad", "--checkpoint", "progress.json"],
        ["-o", "a.jsonl", "--report", "s3://bucket/report", "--checkpoint", "progress.json"],
        ["-o", "a.jsonl", "--checkpoint", "s3://bucket/progress"],
    ],
)
def test_a_run_that_writes_objects_has_no_checkpoint(
    run: Run, storage: Storage, log: Log, flags: list[str], tmp_path: Path
) -> None:
    told = "an object cannot be gone on with, so a run that writes one has no checkpoint"
    check(run("convert", "a.xml", "-q", *flags), 2, f"stream-cb: {told}")
    assert storage.requests() == []
    assert not (tmp_path / "progress.json").exists()


def test_an_object_is_not_followed(run: Run, storage: Storage) -> None:
    ended = run("convert", storage.url("a"), "--follow", "-q")
    check(ended, 2, "stream-cb: one file can be followed, by its path")


# ── Secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_KEY, _SECRET = "AKIAINADDRESS", "secret/in+address"


@pytest.mark.parametrize(
    "arguments",
    [
        ["convert", "ADDRESS"],
        ["convert", "a.xml", "ADDRESS"],
        ["convert", "ADDRESS", "--jobs", "2"],
        ["convert", "ADDRESS", "--follow"],
        ["convert", "ADDRESS", "-o", "a.jsonl", "--checkpoint", "progress"],
        ["convert", "a.xml", "-o", "ADDRESS"],
        ["convert", "a.xml", "-o", "ADDRESS", "--to", "csv"],
        ["convert", "a.xml", "-o", "ADDRESS", "-o", "ADDRESS"],
        ["convert", "a.xml", "--dead-letters", "ADDRESS"],
        ["convert", "a.xml", "--report", "ADDRESS"],
        ["convert", "a.xml", "-o", "a.jsonl", "--checkpoint", "ADDRESS"],
        ["retry", "ADDRESS"],
        ["generate", "--count", "1", "-o", "ADDRESS"],
    ],
)
@pytest.mark.parametrize("scheme", ["s3", "cos", "gs"])
def test_a_secret_in_an_address_is_refused_and_not_repeated(
    run: Run, storage: Storage, log: Log, arguments: list[str], scheme: str
) -> None:
    address = f"{scheme}://{_KEY}:{_SECRET}@bucket/a"
    ended = run(*(address if argument == "ADDRESS" else argument for argument in arguments))
    place = "host" if scheme == "gs" else "bucket"
    told = "credentials come from the environment, a profile or the machine's role, never from an address"
    check(ended, 2, f"stream-cb: a {scheme}:// address has something in front of its {place}: {told}")
    assert storage.requests() == []


def test_a_missing_extra_names_the_command(storage: Storage, environment: dict[str, str], tmp_path: Path) -> None:
    """Of a process of its own, as all that the command does when it starts."""
    script = "import sys; sys.modules['botocore'] = None; from stream_cb.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", script, "convert", storage.url("a")],
        capture_output=True, text=True, env=environment | storage.environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    told = "s3:// needs botocore, which is not installed: pip install 'stream-cb[storage]'"
    assert (ended.returncode, ended.stderr) == (2, f"stream-cb: {told}\n")
