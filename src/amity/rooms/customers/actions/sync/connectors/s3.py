"""An object in a bucket that speaks S3: AWS's own, MinIO, Ceph, Cloudflare R2 and the like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from hashlib import sha256
from typing import Any, BinaryIO, Literal
from urllib.parse import urlsplit

from amity.engines.egress.client import Answer, Refused, Unreachable, check, send
from amity.engines.egress.places import place_of
from amity.engines.egress.retrying import retry_after
from amity.kernel.clock import from_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.sync.connector import Message, Receipt, Setting
from amity.rooms.customers.rules.sync.sigv4 import Keys, encoded, signed

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,60})</Code>")
_SECONDS = 600.0
_MOST = 5_000_000_000  # what S3 takes as one request


class Bucket:
    """Writes an audience as one object."""

    kind = "s3"
    title = "S3 bucket"
    about = "The whole audience as a CSV object, replaced whenever it changed."
    takes: Literal["changes", "snapshot"] = "snapshot"
    settings: Sequence[Setting] = (
        Setting(name="endpoint", label="Endpoint", hint="Of AWS or another service that speaks S3.", example="https://s3.eu-central-1.amazonaws.com"),
        Setting(name="region", label="Region", example="eu-central-1"),
        Setting(name="bucket", label="Bucket", example="acme-audiences"),
        Setting(name="prefix", label="Folder in the bucket", needed=False, example="amity"),
        Setting(name="access_key", label="Access key id"),
        Setting(name="secret_key", label="Secret access key", secret=True),
    )  # fmt: skip

    def check(self, config: dict[str, Any], secrets: dict[str, Any]) -> None:  # noqa: ARG002  any text may be a secret
        """Check names and address. Raises Invalid."""
        config["endpoint"] = config["endpoint"].rstrip("/")
        config["prefix"] = config.get("prefix", "").strip("/")
        if not _BUCKET.fullmatch(config["bucket"]):
            raise Invalid("A bucket’s name has 3 to 63 small letters, digits, dots and dashes.")
        if urlsplit(config["endpoint"]).path or urlsplit(config["endpoint"]).query:
            raise Invalid("The endpoint has no path: the bucket has a field of its own.")
        if not re.fullmatch(r"[a-z0-9-]{1,40}", config["region"]) or not re.fullmatch(
            r"[\w+=,.@/-]{1,128}", config["access_key"]
        ):
            raise Invalid("Check region and access key id.")
        try:
            check(config["endpoint"])
        except Refused as error:
            raise Invalid(error.message) from None

    def send(self, message: Message) -> Receipt:
        """Put the object, or for a test a small one of its own, which is deleted again."""
        try:
            if message.file is None:
                name = ".amity-test"
                answer = _request(message, "PUT", name, body=message.body, payload=sha256(message.body).hexdigest())
                if answer.ok:
                    answer = _request(message, "DELETE", name, payload=sha256(b"").hexdigest())
                return _receipt(answer, message.now)
            if message.file.size > _MOST:
                return Receipt(outcome="failed", said="The file is larger than 5 GB, which S3 takes at once.")
            with ExitStack() as stack:
                file = stack.enter_context(message.file.path.open("rb"))
                answer = _request(
                    message, "PUT", message.file.name, body=file, payload=message.file.sha256, size=message.file.size
                )
            return _receipt(answer, message.now)
        except (Refused, Unreachable) as error:
            return Receipt(outcome="failed", said=error.message)

    def words(self, config: Mapping[str, Any]) -> str:
        """Return the bucket with its folder."""
        return "/".join(filter(None, (str(config.get("bucket", "")), str(config.get("prefix", "")))))


def _request(  # noqa: PLR0913  one argument for each part
    message: Message, method: str, name: str, *, payload: str, body: bytes | BinaryIO = b"", size: int = 0
) -> Answer:
    config = message.config
    keys = Keys(access=config["access_key"], secret=message.secrets["secret_key"], region=config["region"])
    path = "/" + "/".join(filter(None, (config["bucket"], config["prefix"], name)))
    at = from_ms(message.now)
    headers = {"Content-Type": "text/csv; charset=utf-8"} if method == "PUT" else {}
    host = place_of(config["endpoint"]).authority
    sent = signed(keys, method=method, host=host, path=path, query={}, headers=headers, payload=payload, at=at)
    return send(method, config["endpoint"] + encoded(path), headers=sent, body=body, length=size, seconds=_SECONDS)


def _receipt(answer: Answer, now: int) -> Receipt:
    if answer.ok:
        return Receipt(outcome="taken", status=answer.status)
    code = _CODE.search(answer.body)
    said = f"It answered {answer.status}{f' ({code[1].decode()})' if code else ''}."
    return Receipt(
        outcome="failed", status=answer.status, said=said, wait=retry_after(answer.headers.get("retry-after", ""), now=now)
    )
