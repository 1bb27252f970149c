"""Hypothesis profiles, and object storage on loopback. HYPOTHESIS_PROFILE=ci|long chooses another than the default.

No profile has a deadline: how long an example takes says more about the machine than about the code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import settings

from tests.object_storage import Storage, client_of, served

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

_BUCKETS = count()


@pytest.fixture(scope="session")
def storage_server() -> Iterator[tuple[int, Any]]:
    """The port, and a client."""
    with served() as port:
        client = client_of(port)
        yield port, client
        client.close()


@pytest.fixture
def storage(storage_server: tuple[int, Any], monkeypatch: pytest.MonkeyPatch) -> Storage:
    """A bucket of its own, which the environment leads to; and to nothing else that is outside."""
    found = Storage(*storage_server, f"bucket-{next(_BUCKETS)}")
    for name in [name for name in os.environ if name.startswith(("AWS_", "COS_", "TENCENTCLOUD_"))]:
        monkeypatch.delenv(name)
    for name, text in found.environment.items():
        monkeypatch.setenv(name, text)
    found.requests()
    return found


@pytest.fixture
def memory_files() -> Iterator[Any]:
    """The file system in memory, empty at first and at last."""
    import fsspec

    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]
