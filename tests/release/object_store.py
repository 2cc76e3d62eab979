"""A real object store on loopback: moto's S3 server, spoken to over HTTP."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

_KEY: Final = "head-office"
_SECRET: Final = "not-a-secret"
_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """An S3 server; every bucket is there until the server stops."""

    endpoint: str

    def make_bucket(self, bucket: str) -> None:
        """Have an empty bucket of this name."""
        self._client().create_bucket(Bucket=bucket)

    def let_anybody_read(self, bucket: str) -> None:
        """What the owner of a public site sets once."""
        rule = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
        self._client().put_bucket_policy(Bucket=bucket, Policy=policy)

    def headers(self, bucket: str, key: str) -> Mapping[str, str]:
        """What the store answers to a HEAD of the object, names in small letters."""
        answer = self._client().head_object(Bucket=bucket, Key=key)
        return dict(answer["ResponseMetadata"]["HTTPHeaders"])

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object there as somebody else would."""
        self._client().put_object(Bucket=bucket, Key=key, Body=content)

    @contextmanager
    def refusing_everybody(self) -> Iterator[None]:
        """From here on no credentials are good enough."""
        self._ask_for_rights_after("0")
        try:
            yield
        finally:
            self._ask_for_rights_after("inf")

    def _ask_for_rights_after(self, requests: str) -> None:
        address, plain = f"{self.endpoint}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        with urlopen(Request(address, requests.encode(), plain)) as answer:
            assert answer.status == 200

    def _client(self) -> Any:
        session = importlib.import_module("botocore.session").Session()
        session.set_credentials(_KEY, _SECRET)
        return session.create_client("s3", region_name=_REGION, endpoint_url=self.endpoint)


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """A running object store on a free port of 127.0.0.1."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield ObjectStore(f"http://{host}:{port}")
    finally:
        server.stop()


def bare_environment(patch: pytest.MonkeyPatch, empty: Path) -> None:
    """No credentials, no profile, no endpoint and no proxy, whatever this machine has."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE"):
        patch.delenv(f"AWS_{name}", raising=False)
    for name in ("ENDPOINT_URL", "ENDPOINT_URL_S3", "WEB_IDENTITY_TOKEN_FILE", "ROLE_ARN"):
        patch.delenv(f"AWS_{name}", raising=False)
    for name in ("RELATIVE_URI", "FULL_URI"):
        patch.delenv(f"AWS_CONTAINER_CREDENTIALS_{name}", raising=False)
    patch.setenv("AWS_CONFIG_FILE", str(empty / "no-config"))
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(empty / "no-credentials"))
    patch.setenv("AWS_DEFAULT_REGION", _REGION)
    patch.setenv("NO_PROXY", "127.0.0.1")


def credentials(patch: pytest.MonkeyPatch) -> None:
    """The environment a publisher has who may use the store."""
    patch.setenv("AWS_ACCESS_KEY_ID", _KEY)
    patch.setenv("AWS_SECRET_ACCESS_KEY", _SECRET)
