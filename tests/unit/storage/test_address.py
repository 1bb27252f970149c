"""Addresses: what is one, its parts, and that no secret in one is ever repeated."""

from __future__ import annotations

import pytest

from stream_cb.errors import UsageError
from stream_cb.sinks import choose_sink, open_output
from stream_cb.storage import Address, as_path, check_addresses, is_address, open_store, parse_address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("s3://bucket/a/b.xml", Address("s3", "bucket", "a/b.xml")),
        ("S3://bucket", Address("s3", "bucket", "")),
        ("s3://bucket/", Address("s3", "bucket", "")),
        ("s3://bucket//a", Address("s3", "bucket", "/a")),
        ("s3://bucket/a@b:c?d#e", Address("s3", "bucket", "a@b:c?d#e")),
        ("cos://logs-1302468013/七月.xml", Address("cos", "logs-1302468013", "七月.xml")),
        ("memory://a/b", Address("memory", "", "a/b")),
        ("sftp://host:22/a@b", Address("sftp", "", "host:22/a@b")),
        ("webhdfs://[::1]:9870/a", Address("webhdfs", "", "[::1]:9870/a")),
    ],
)
def test_an_address_has_a_scheme_a_bucket_and_a_key(text: str, found: Address) -> None:
    assert is_address(text)
    assert parse_address(text) == found
    assert (found.root + found.key).casefold() in (text.casefold(), f"{text.casefold()}/")


@pytest.mark.parametrize("text", ["a.xml", "-", "a:b", "s3:/a", "c://a", "://a", "1s3://a", "file:///a", "", 7, None])
def test_everything_else_is_none(text: object) -> None:
    assert not is_address(text)
    check_addresses(text)


def test_what_is_no_address_cannot_be_opened() -> None:
    with pytest.raises(UsageError, match=r"^a\.xml is no address like s3://BUCKET/KEY$"):
        open_store("a.xml")


WITH_SECRETS = {
    "s3://key:never@bucket/a": "a s3:// address has something in front of its bucket: credentials come from the"
    " environment, a profile or the machine's role, never from an address",
    "cos://key:never@bucket/a": "a cos:// address has something in front of its bucket: credentials",
    "s3://never@bucket/a": "in front of its bucket",
    "s3://key:ne/ver@bucket/a": "in front of its bucket",
    "s3://key%3Anever%40bucket/a": "a s3:// address is s3://BUCKET/KEY, and one has no bucket's name there",
    "s3://": "one has no bucket's name there",
    "s3:///never": "one has no bucket's name there",
    "sftp://user:never@host/a": "a sftp:// address has something in front of its host: credentials come from",
    "sftp://user:ne/ver@host/a": "in front of its host",
    "https://host/a?sign=never": "a https:// address has a query, which may be a signature: credentials come from",
    "https://host/a#never": "a https:// address has a query",
    "simplecache::s3://key:never@bucket/a": "addresses are not chained by '::'",
    "memory://a::s3://key:never@bucket/a": "something in front of its host",
    "memory://x/a::s3://key:never@bucket/a": "a memory:// address holds '::', and addresses are not chained",
    "s3://bucket/\udcff": "a s3:// address is not UTF-8",
}


@pytest.mark.parametrize(("text", "told"), WITH_SECRETS.items())
def test_what_may_hold_a_secret_is_refused_and_not_repeated(text: str, told: str) -> None:
    for refuse in (parse_address, check_addresses, open_store, choose_sink, open_output):
        with pytest.raises(UsageError) as caught:
            refuse(text)
        assert told in str(caught.value)
        assert "never@" not in str(caught.value)
        assert "=never" not in str(caught.value)


def test_a_file_address_is_its_path() -> None:
    assert as_path("file:///var/a b%20.xml") == "/var/a b%20.xml"
    assert as_path("a.xml") == "a.xml"
    with pytest.raises(UsageError, match=r"^a file:// address has the whole path, as in file:///var/log$"):
        as_path("file://var/log")
