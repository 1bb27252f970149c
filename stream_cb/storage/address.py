"""What the user named → an address of object storage, or none.

In: a path or `scheme://…`. Out: an Address, or None for what is a path of this machine.
Invariant: an address that may hold a secret is refused, and no message repeats any part of it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stream_cb.errors import UsageError
from stream_cb.patterns import lazy_pattern

# What is in front of "://" of at least two characters, as fsspec has it too.
_ADDRESS = lazy_pattern(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
# What S3 and COS have ever allowed. A colon or an @ in its place is the end of a user or of a secret.
_BUCKET = lazy_pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
# A host, perhaps with its port.
_HOST = lazy_pattern(r"([^@:]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_BUCKET_SCHEMES = ("s3", "cos")

_NO_SECRETS = "credentials come from the environment, a profile or the machine's role, never from an address"


class Address(NamedTuple):
    """scheme: in small letters. bucket: of s3 and cos, else "". key: what follows; "" for all of it."""

    scheme: str
    bucket: str
    key: str

    @property
    def root(self) -> str:
        """What stands in front of the key."""
        return f"{self.scheme}://{self.bucket}/" if self.bucket else f"{self.scheme}://"


def is_address(given: object) -> bool:
    """Whether an input or output is named by `scheme://…`, and not by a path, "-" or a stream. file:// is a path."""
    return isinstance(given, str) and "://" in given and not given.startswith("file://") and _found(given) is not None


def parse_address(text: str) -> Address:
    """The parts of an address.

    Raises:
        UsageError: it is none, or holds what may be a secret: a user in front of the host, a signed query.
    """
    found = _found(text)
    if found is None:
        raise UsageError(f"{text} is no address like s3://BUCKET/KEY")
    scheme, rest = found
    if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"a {scheme}:// address is not UTF-8")
    host, _, key = rest.partition("/")
    if scheme in _BUCKET_SCHEMES:
        if "@" in host or ":" in host:
            raise UsageError(f"a {scheme}:// address has something in front of its bucket: {_NO_SECRETS}")
        if not _BUCKET.fullmatch(host):
            raise UsageError(f"a {scheme}:// address is {scheme}://BUCKET/KEY, and one has no bucket's name there")
        return Address(scheme, host, key)
    if not _HOST.fullmatch(host):
        raise UsageError(f"a {scheme}:// address has something in front of its host: {_NO_SECRETS}")
    if scheme in ("http", "https") and ("?" in rest or "#" in rest):
        raise UsageError(f"a {scheme}:// address has a query, which may be a signature: {_NO_SECRETS}")
    if "::" in key:
        raise UsageError(f"a {scheme}:// address holds '::', and addresses are not chained")
    return Address(scheme, "", rest)


def check_addresses(*names: object) -> None:
    """Refuse the addresses that `parse_address` refuses, before any message could repeat them. Raises UsageError."""
    for name in names:
        if is_address(name):
            parse_address(str(name))


def as_path(name: str) -> str:
    """file:///folder/name → /folder/name; every other name as it is. Raises UsageError for a relative one."""
    if not name.startswith("file://"):
        return name
    path = name.removeprefix("file://")
    if not path.startswith("/"):
        raise UsageError("a file:// address has the whole path, as in file:///var/log")
    return path


def _found(text: str) -> tuple[str, str] | None:
    before = text.partition("://")[0]
    if "::" in before:
        raise UsageError("addresses are not chained by '::'")
    match = _ADDRESS.fullmatch(text)
    return (match[1].lower(), match[2]) if match else None
