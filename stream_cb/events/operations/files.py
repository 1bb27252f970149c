"""Objects as files: packed, unpacked, hashed.

Tags: FileCompress, FileHashCode, FileUncompress.
"""

import msgspec

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation


class PrefixConfig(Node, frozen=True, kw_only=True):
    """Objects to pack, by what their keys begin with.

    prefix: what the keys begin with. folder: where in the archive. image_params: how pictures are processed first.
    """

    prefix: str = ""
    folder: str = ""
    image_params: str = ""


class KeyConfig(Node, frozen=True, kw_only=True):
    """An object to pack.

    key: the object. folder: where in the archive. rename: its name there. image_params: how a picture is processed
    first.
    """

    key: str = ""
    folder: str = ""
    rename: str = ""
    image_params: str = ""


class FileCompressConfig(Node, frozen=True, kw_only=True):
    """What to pack, and how.

    key, key_config, prefix, prefix_config: which objects. url_list: an object that lists them.
    format: "zip", "tar", "tar.gz". flatten: what becomes of folders, "0" to "3". type: "faster", "better", "default".
    compress_key: the password, in base64. ignore_error: "true" or "false".
    """

    compress_key: str = ""
    flatten: str = ""
    format: str = ""
    ignore_error: str = ""
    key: tuple[str, ...] = ()
    key_config: tuple[KeyConfig, ...] = ()
    prefix: str = ""
    prefix_config: tuple[PrefixConfig, ...] = ()
    type: str = ""
    url_list: str = ""


class FileCompressResult(Node, frozen=True, kw_only=True):
    """The archive.

    compress_file_count, error_count: how many objects are in it, and are not.
    """

    bucket: str = ""
    compress_file_count: Maybe[Whole] = None
    error_count: Maybe[Whole] = None
    object: str = ""
    region: str = ""


class FileCompressOperation(Operation, frozen=True, kw_only=True):
    """Tag FileCompress: many objects packed into one archive."""

    file_compress_config: Maybe[FileCompressConfig] = None
    file_compress_result: Maybe[FileCompressResult] = None


class DownloadConfig(Node, frozen=True, kw_only=True):
    """Which files of the archive are unpacked.

    prefix: those whose names begin with it. key: those of these names.
    """

    prefix: str = ""
    key: tuple[str, ...] = ()


class FileUncompressConfig(Node, frozen=True, kw_only=True):
    """How to unpack.

    prefix: what the new keys begin with. prefix_replaced: what is put behind it, "0" nothing, "1" the archive's name,
    "2" its key. un_compress_key: the password, in base64. listing_file: "true" if a list is written.
    mode: all files, or those of download_config.
    """

    download_config: Maybe[DownloadConfig] = None
    listing_file: str = ""
    mode: str = ""
    prefix: str = ""
    prefix_replaced: str = ""
    un_compress_key: str = ""


class FileUncompressResult(Node, frozen=True, kw_only=True):
    """Where the files went.

    file_count: how many.
    """

    bucket: str = ""
    file_count: Maybe[Whole] = None
    region: str = ""


class FileUncompressOperation(Operation, frozen=True, kw_only=True):
    """Tag FileUncompress: an archive unpacked into many objects."""

    file_uncompress_config: Maybe[FileUncompressConfig] = None
    file_uncompress_result: Maybe[FileUncompressResult] = None


class FileHashCodeConfig(Node, frozen=True, kw_only=True):
    """Which hash.

    type: "md5", "sha1" or "sha256". add_to_header: "true" if the object is given it as a header.
    """

    type: str = ""
    add_to_header: str = ""


class FileHashCodeResult(Node, frozen=True, kw_only=True):
    """The hash.

    md5, sha1, sha256: hex; the one that was asked for. file_size: bytes. last_modified: of the object, as COS writes
    it. etag: with its quotes.
    """

    etag: str = ""
    file_size: Maybe[Whole] = None
    last_modified: str = ""
    md5: str = msgspec.field(default="", name="MD5")
    sha1: str = msgspec.field(default="", name="SHA1")
    sha256: str = msgspec.field(default="", name="SHA256")


class FileHashCodeOperation(Operation, frozen=True, kw_only=True):
    """Tag FileHashCode: the hash of an object."""

    file_hash_code_config: Maybe[FileHashCodeConfig] = None
    file_hash_code_result: Maybe[FileHashCodeResult] = None
