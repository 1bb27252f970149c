"""The client that speaks S3, for s3:// and cos://, and its errors as sentences of ours.

In: a scheme and the environment. Out: a botocore client. One is kept for each process and environment, since making
one takes 100 ms, and sockets must not be shared with a forked process.
Invariant: no error says anything that came from a credential, an endpoint or a server's text.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from stream_cb.errors import UsageError
from stream_cb.patterns import lazy_pattern

INSTALL = "pip install 'stream-cb[storage]'"

# Variables that a client is made from.
_VARIABLES = ("AWS_", "COS_", "TENCENTCLOUD_")
_CODE = lazy_pattern(r"[A-Za-z0-9.]{1,64}")
_NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError")
_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError")
# Codes and statuses that say more than themselves; the number makes the kind of OSError.
_KNOWN: dict[str | int, tuple[int, str]] = {
    "NoSuchBucket": (errno.ENOENT, "there is no such bucket"),
    "NoSuchUpload": (errno.EIO, "the upload was ended by somebody else"),
    "InvalidObjectState": (errno.EACCES, "it is archived, and has to be restored before it can be read"),
    "AuthorizationHeaderMalformed": (errno.EIO, "the bucket is in another region: set AWS_REGION"),
    "IllegalLocationConstraintException": (errno.EIO, "the bucket is in another region: set AWS_REGION"),
    301: (errno.EIO, "the bucket is in another region: set AWS_REGION"),
    307: (errno.EIO, "the bucket is in another region: set AWS_REGION"),
    403: (errno.EACCES, "access denied"),
    404: (errno.ENOENT, "there is no such object"),
    409: (errno.EEXIST, "it exists"),
    412: (errno.EEXIST, "it exists"),
}


def client_for(scheme: str) -> Any:
    """The client of this process for s3 or cos. Raises UsageError if botocore or a setting is missing."""
    settings = sorted(item for item in os.environ.items() if item[0].startswith(_VARIABLES))
    return _client(scheme, os.getpid(), hash(tuple(settings)))


@lru_cache(maxsize=4)
def _client(scheme: str, _process: int, _settings: int) -> Any:
    try:
        import botocore.config
        import botocore.session
    except ImportError as error:
        raise UsageError(f"{scheme}:// needs botocore, which is not installed: {INSTALL}") from error
    chosen = _cos_settings(botocore.config.Config) if scheme == "cos" else {}
    try:
        client = botocore.session.Session().create_client("s3", **chosen)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is a setting)
        # Not `from error`: what botocore says may repeat an endpoint, and with it whatever stands in it.
        reason = f"{scheme}:// cannot be set up ({type(error).__name__}): see AWS_PROFILE, AWS_ENDPOINT_URL"
        raise UsageError(reason) from None
    if scheme == "cos":
        for operation in ("PutObject", "CompleteMultipartUpload"):
            client.meta.events.register(f"before-sign.s3.{operation}", _forbid_overwrite)
    return client


def _cos_settings(config: Any) -> dict[str, Any]:
    """What a client for COS is made with; buckets made since 2024 refuse addresses with the bucket in the path."""
    given = os.environ.get
    region = given("COS_REGION") or given("TENCENTCLOUD_REGION")
    if not region:
        raise UsageError("cos:// needs a region: set COS_REGION, to ap-shanghai for example")
    if not re.fullmatch(r"[a-z0-9-]{2,40}", region):
        raise UsageError("COS_REGION is no region such as ap-shanghai")
    settings: dict[str, Any] = {
        "region_name": region,
        "endpoint_url": given("COS_ENDPOINT_URL") or f"https://cos.{region}.myqcloud.com",
        # COS does not know the check sums that S3 has had since 2024, and refuses requests with them.
        "config": config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
    if given("TENCENTCLOUD_SECRET_ID") and given("TENCENTCLOUD_SECRET_KEY"):
        settings["aws_access_key_id"] = given("TENCENTCLOUD_SECRET_ID")
        settings["aws_secret_access_key"] = given("TENCENTCLOUD_SECRET_KEY")
        settings["aws_session_token"] = given("TENCENTCLOUD_SECURITY_TOKEN")
    return settings


def _forbid_overwrite(request: Any, **_: object) -> None:
    """If-None-Match as COS says it; it holds for buckets that have never had versions."""
    if request.headers.get("If-None-Match"):
        del request.headers["If-None-Match"]
        request.headers["x-cos-forbid-overwrite"] = "true"


@contextmanager
def translated() -> Iterator[None]:
    """Around every call of the client: its errors become OSErrors."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        raise _refusal(error) from None
    except Exception as error:  # noqa: BLE001  (an odd answer makes botocore raise anything)
        name = type(error).__name__
        reason = f"the storage failed ({name})"
        if name in _NO_CREDENTIALS:
            reason = f"there are no credentials ({name}): the environment, a profile and the machine's role have none"
        elif name in _UNREACHABLE:
            reason = f"the storage cannot be reached ({name})"
        raise OSError(errno.EIO, reason) from None


def _refusal(error: Any) -> OSError:
    """What the storage answered, by its status and its code alone."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    given = str(error.response.get("Error", {}).get("Code", ""))
    code = given if _CODE.fullmatch(given) and given != str(status) else ""
    if status == 412 and error.operation_name == "GetObject":
        return OSError(errno.ESTALE, "it was changed while it was being read")
    number, reason = _KNOWN.get(code) or _KNOWN.get(status) or (errno.EIO, f"the storage answered {status}")
    return OSError(number, reason + f" ({code})" * bool(code and number in (errno.EIO, errno.EACCES)))
