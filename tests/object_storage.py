"""An S3 on loopback, in a process of its own: moto's server, and in front of it faults and a record of all requests.

`python -m tests.object_storage` serves until it is killed, and prints its port. Each test has a bucket of its own.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

CONTROL = "/-control"
# What no message, file or traceback may show.
SECRETS = ("AKIANEVERSHOWN", "secret/never+shown", "tokennevershown")


class Fault(NamedTuple):
    """What happens to requests of a method whose path and query contain `part`.

    status, code: the answer, in the place of the real one. cut: the real answer breaks off behind so many bytes.
    skip: so many requests pass before. times: so many are hit; None: all others.
    """

    method: str
    part: str
    status: int = 0
    code: str = "InternalError"
    cut: int | None = None
    skip: int = 0
    times: int | None = None


class Storage:
    """A bucket, seen from a test. port: of the server. client: whose credentials are not those in the environment."""

    def __init__(self, port: int, client: Any, bucket: str) -> None:
        self.port = port
        self.client = client
        self.bucket = bucket
        client.create_bucket(Bucket=bucket)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to reach it."""
        return environment_of(self.port)

    def url(self, key: str = "") -> str:
        return f"s3://{self.bucket}/{key}"

    def put(self, key: str, raw: bytes = b"") -> str:
        """Make an object; answers its address."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=raw)
        return self.url(key)

    def get(self, key: str) -> bytes:
        raw: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return raw

    @property
    def keys(self) -> list[str]:
        return [found["Key"] for found in self.client.list_objects_v2(Bucket=self.bucket).get("Contents", ())]

    @property
    def uploads(self) -> list[str]:
        """The keys of uploads that were begun, and neither finished nor aborted."""
        found = self.client.list_multipart_uploads(Bucket=self.bucket)
        return [upload["Key"] for upload in found.get("Uploads", ())]

    @contextmanager
    def failing(self, *faults: Fault) -> Iterator[None]:
        """These faults, while it is open."""
        self._control([[*fault] for fault in faults])
        try:
            yield
        finally:
            self._control([])

    def requests(self) -> list[str]:
        """The requests since the last call, as "GET /bucket/key?query bytes=0-9"."""
        seen: list[str] = self._control(None)
        return seen

    def _control(self, told: Any) -> Any:
        address = f"http://127.0.0.1:{self.port}{CONTROL}"
        request = urllib.request.Request(address, data=json.dumps(told).encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def environment_of(port: int) -> dict[str, str]:
    """What a program needs to reach the server, and nothing that it could reach anything else with."""
    return {
        "AWS_ACCESS_KEY_ID": SECRETS[0],
        "AWS_SECRET_ACCESS_KEY": SECRETS[1],
        "AWS_SESSION_TOKEN": SECRETS[2],
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "1",  # the waits between attempts would be all the time a test takes
    }


def client_of(port: int) -> Any:
    """A client for tests; it takes half a second to make."""
    import botocore.session

    return botocore.session.Session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


class _Faulty:
    """moto's application with faults in front of it."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._faults: list[list[Any]] = []
        self._seen: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == CONTROL:
            return self._controlled(environ, start_response)
        asked = f"{path}?{environ['QUERY_STRING']}".rstrip("?")
        headers = [environ.get(f"HTTP_{name}", "") for name in ("RANGE", "X_COS_FORBID_OVERWRITE", "IF_NONE_MATCH")]
        self._seen.append(" ".join([method, asked, *filter(None, headers)]))
        fault = self._fault(method, asked)
        if fault and fault.status:
            body = f"<Error><Code>{fault.code}</Code><Message>{' '.join(SECRETS)}</Message></Error>".encode()
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response(f"{fault.status} Fault", [("Content-Type", "application/xml")])
            return [] if method == "HEAD" else [body]
        answer = self._application(environ, start_response)
        return answer if fault is None or fault.cut is None else _cut(answer, fault.cut)

    def _controlled(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        told = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        seen = self._seen
        if told is None:
            self._seen = []
        else:
            self._faults = told
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(seen).encode()]

    def _fault(self, method: str, asked: str) -> Fault | None:
        for each in self._faults:
            fault = Fault(*each)
            if fault.method != method or fault.part not in asked:
                continue
            if fault.skip:
                each[-2] -= 1
            elif fault.times != 0:
                each[-1] = None if fault.times is None else fault.times - 1
                return fault
        return None


def _cut(answer: Iterable[bytes], size: int) -> Iterator[bytes]:
    for chunk in answer:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            raise ConnectionAbortedError  # the server closes the connection, as it has promised more


def serve() -> None:
    """Print the port, and serve."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").disabled = True
    server = make_server("127.0.0.1", 0, _Faulty(DomainDispatcherApplication(create_backend_app)), threaded=True)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


@contextmanager
def served() -> Iterator[int]:
    """A server in a process of its own; its port."""
    command = [sys.executable, "-m", "tests.object_storage"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    serve()
