"""Splits of objects: planned from a listing alone, and each read by requests for little more than its own bytes."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from stream_cb import plan_splits, read_batches, read_split
from stream_cb.errors import InputError
from stream_cb.generate import generate
from stream_cb.storage import object_file
from tests.object_storage import SECRETS, Storage

SPLIT_BYTES = 3_000_000
# What is read beside that: the object's first bytes, and what is around both cuts.
MORE_BYTES = 4_000_000
COLUMNS = ("JobId",)  # and where the record is


def asked_for(requests: list[str]) -> int:
    """The bytes that requests have asked for; each of them has to be for a range."""
    ranges = [re.search(r" bytes=(\d+)-(\d+)$", request) for request in requests if request.startswith("GET")]
    return sum(int(found[2]) - int(found[1]) + 1 if found else 10**12 for found in ranges)


@pytest.mark.parametrize("layout", ["xml", "xml-batch", "ndjson"])
def test_each_split_asks_for_little_more_than_its_own_bytes(
    layout: str, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_file, "_AHEAD_BYTES", 1 << 20)
    raw = b"".join(generate(layout=layout, size_bytes=5 * SPLIT_BYTES - 10_000, tags=("StreamExtract",), seed=1))
    address, log = storage.put("logs/a.log", raw), tmp_path / "a.log"
    log.write_bytes(raw)
    storage.requests()
    splits = plan_splits(storage.url("logs"), SPLIT_BYTES)
    assert len(splits) == 5
    assert not [request for request in storage.requests() if "a.log" in request]
    assert not any(secret in repr(splits) + str(pickle.dumps(splits)) for secret in SECRETS)
    found = []
    for split in splits:
        found += [row for batch in read_split(split, columns=COLUMNS) for row in batch.to_pylist()]
        requests = storage.requests()
        # The last one has the wrapper's end tag, for which it looks at all before.
        is_bounded = layout != "xml-batch" or split.end < split.size
        assert asked_for(requests) < (SPLIT_BYTES if is_bounded else split.size + SPLIT_BYTES) + MORE_BYTES
        assert len(requests) <= (9 if is_bounded else 25)
    wanted = [row for batch in read_batches(log, columns=COLUMNS) for row in batch.to_pylist()]
    assert found == [row | {"_source": address} for row in wanted]


def test_a_split_of_an_object_that_has_gone_is_an_input_error(storage: Storage) -> None:
    storage.put("a.log", b'{"EventName":"TaskFinish"}\n')
    [split] = plan_splits(storage.url("a.log"))
    storage.client.delete_object(Bucket=storage.bucket, Key="a.log")
    with pytest.raises(InputError, match="there is no such object"):
        list(read_split(split))
