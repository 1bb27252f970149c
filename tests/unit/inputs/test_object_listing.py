"""Addresses of objects, folders and patterns → objects, in order, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest

from stream_cb.errors import InputError
from stream_cb.inputs import Listed, list_files, list_sized
from stream_cb.storage.s3_client import client_for
from tests.object_storage import Fault, Storage

NAMES = [
    "logs/.hidden",
    "logs/2022-07/.part/c.xml",
    "logs/2022-07/a.xml",
    "logs/2022-07/b.json",
    "logs/2022-08/a.xml",
    "logs/2023-01/x/y/a.xml",
    "logs/a.xml",
    "logs/a[1].xml",
    "other",
    "other/a.xml",
]


@pytest.fixture(scope="module")
def filled_once(storage_server: tuple[int, Any]) -> Storage:
    made = Storage(*storage_server, "bucket-of-names")
    for name in NAMES:
        made.put(name, b"123")
    made.put("logs/2022-08/")
    return made


@pytest.fixture
def filled(storage: Storage, filled_once: Storage) -> Storage:
    """The same bucket for every test here, where the environment leads to it."""
    return filled_once


ALL = ["2022-07/a.xml", "2022-07/b.json", "2022-08/a.xml", "2023-01/x/y/a.xml", "a.xml", "a[1].xml"]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("logs/a.xml", ["logs/a.xml"]),
        ("logs", [f"logs/{name}" for name in ALL]),
        ("logs/", [f"logs/{name}" for name in ALL]),
        ("", [*(f"logs/{name}" for name in ALL), "other", "other/a.xml"]),
        ("logs/.hidden", ["logs/.hidden"]),
        ("logs/2022-07/.part", ["logs/2022-07/.part/c.xml"]),
        ("other", ["other"]),
        ("other/", ["other/a.xml"]),
        ("logs/a[1].xml", ["logs/a[1].xml"]),
        ("logs/a[[]1].xml", ["logs/a[1].xml"]),
        ("logs/*.xml", ["logs/a.xml", "logs/a[1].xml"]),
        ("logs/?.xml", ["logs/a.xml"]),
        ("logs/.h*", ["logs/.hidden"]),
        ("logs/2022-*/a.xml", ["logs/2022-07/a.xml", "logs/2022-08/a.xml"]),
        ("logs/2022-*/*", ["logs/2022-07/a.xml", "logs/2022-07/b.json", "logs/2022-08/a.xml"]),
        ("logs/202*", [f"logs/{name}" for name in ALL if name.startswith("202")]),
        ("logs/2022-*/", ["logs/2022-07/a.xml", "logs/2022-07/b.json", "logs/2022-08/a.xml"]),
        ("*/2023-01/x", ["logs/2023-01/x/y/a.xml"]),
        ("logs/**", [f"logs/{name}" for name in ALL]),
        ("logs/**/a.xml", [f"logs/{name}" for name in ALL if name.endswith("a.xml")]),
        ("l*/**/x/**/a.xml", ["logs/2023-01/x/y/a.xml"]),
        ("**/*.json", ["logs/2022-07/b.json"]),
    ],
)
def test_an_address_stands_for_these_objects(filled: Storage, key: str, found: list[str]) -> None:
    assert list(list_sized(filled.url(key))) == [Listed(filled.url(name), 3) for name in found]
    assert list(list_files(filled.url(key))) == [filled.url(name) for name in found]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("log", "there is no such object, and no folder of that name"),
        ("empty/", "there is no such object, and no folder of that name"),
        ("logs/2024-*", "no object matches"),
        ("nothing/**", "no object matches"),
    ],
)
def test_an_address_that_stands_for_nothing_is_told(filled: Storage, key: str, told: str) -> None:
    (error,) = list_files(filled.url(key))
    assert str(error) == f"{filled.url(key)}: {told}"


def test_objects_come_before_the_listing_is_at_its_end(filled: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_for("s3")
    ask = client.list_objects
    monkeypatch.setattr(client, "list_objects", lambda **asked: ask(MaxKeys=2, **asked))
    files = list_files(filled.url("logs/"))
    assert next(files) == filled.url("logs/2022-07/a.xml")
    asked = len(filled.requests())
    assert asked == 2  # the first page has hidden ones alone
    assert len(list(files)) == len(ALL) - 1
    assert len(filled.requests()) == 3


def test_a_listing_that_breaks_off_is_told_in_its_place(filled: Storage) -> None:
    with filled.failing(Fault("GET", "prefix=logs%2F2022-08", status=403, code="AccessDenied")):
        *found, error = list_files(filled.url("logs/2022-*/*.xml"))
    assert found == [filled.url("logs/2022-07/a.xml")]
    assert isinstance(error, InputError)
    assert str(error) == f"{filled.url('logs/2022-*/*.xml')}: access denied (AccessDenied)"
