"""Object storage by address: `s3://bucket/key`, `cos://bucket-appid/key`, and any scheme that fsspec knows.

In: an address. Out: the store it lies in, and its key there. Nothing is imported before an address is opened.
"""

from __future__ import annotations

from stream_cb.storage.address import Address, as_path, check_addresses, is_address, parse_address
from stream_cb.storage.store import Entry, Store, StoredFile, Upload

__all__ = [
    "Address",
    "Entry",
    "Store",
    "StoredFile",
    "Upload",
    "as_path",
    "check_addresses",
    "is_address",
    "open_store",
    "parse_address",
]


def open_store(text: str) -> tuple[Store, str, str]:
    """The store of an address, its root, and the key in it; asks for nothing there.

    Raises:
        UsageError: the address may hold a secret, or a package or a setting is missing for it.
        OSError: a storage to which a connection is made at once cannot be reached.
    """
    address = parse_address(text)
    if address.bucket:
        from stream_cb.storage.s3 import S3Store

        return S3Store(address.scheme, address.bucket), address.root, address.key
    from stream_cb.storage.fsspec_store import FsspecStore

    return FsspecStore(address.root, address.key), address.root, address.key
