"""Servers of loopback that receive: webhooks, whose signatures are checked as the standard says, and objects, as S3 does.

Both check with an implementation of their own, which shares no line with the sender.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.answers: list[tuple[int, dict[str, str]]] = []  # what to answer next; then 200
        self.secrets: list[str] = []  # any of which may have signed
        self.got: list[dict[str, Any]] = []  # what was taken, in order
        self.tries: list[tuple[str, int]] = []  # (message id, answered status)
        self.bad: list[str] = []
        self.objects: dict[str, bytes] = {}
        self.keys = {"AKIDEXAMPLE": "shhh/very+secret"}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def members(self) -> dict[str, dict[str, Any]]:
        """What a receiver knows who took each message once, by its id."""
        seen, known = set(), {}
        for one in self.got:
            if one["id"] in seen:
                continue
            seen.add(one["id"])
            data = one["body"]["data"]
            for member in [*data.get("entered", ()), *data.get("updated", ())]:
                known[member["id"]] = member
            for member in data.get("left", ()):
                known.pop(member["id"], None)
        return known


class Quiet(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))


class Hooks(Quiet):
    def do_POST(self) -> None:
        raw = self.body()
        said = self.verified(raw)
        if said:
            self.server.bad.append(said)
            self.answer(401)
            return
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.server.tries.append((self.headers["webhook-id"], status))
        if 200 <= status < 300:
            self.server.got.append(
                {"id": self.headers["webhook-id"], "body": json.loads(raw), "signatures": self.headers["webhook-signature"]}
            )
        self.answer(status, headers)

    def verified(self, raw: bytes) -> str:
        """Standard Webhooks 1.0.0, 'Verifying webhook authenticity'."""
        message, stamp, given = (self.headers.get(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature"))
        if not message or "." in message or abs(int(stamp) - time.time()) > 300:
            return f"id or timestamp: {message} {stamp}"
        wanted = []
        for secret in self.server.secrets:
            assert secret.startswith("whsec_")
            key = base64.b64decode(secret[6:], validate=True)
            assert 24 <= len(key) <= 64
            wanted.append(
                base64.b64encode(
                    hmac.new(key, b".".join([message.encode(), stamp.encode(), raw]), hashlib.sha256).digest()
                ).decode()
            )
        versions = [one.partition(",") for one in given.split(" ")]
        return "" if any(version == "v1" and signature in wanted for version, _, signature in versions) else "signature"


class Objects(Quiet):
    """As much of S3 as is needed: PUT and DELETE of an object, path style, with Signature Version 4."""

    def do_PUT(self) -> None:
        raw = self.body()
        if self.refused(raw):
            return
        self.server.objects[unquote(self.path)] = raw
        self.answer(200)

    def do_DELETE(self) -> None:
        if not self.refused(self.body()):
            self.server.objects.pop(unquote(self.path), None)
            self.answer(204)

    def refused(self, raw: bytes) -> bool:
        said = self.verified(raw)
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        if said or status >= 300:
            self.server.bad.append(said or str(status))
            self.answer(403 if said else status, headers, f"<Error><Code>{said or 'SlowDown'}</Code></Error>".encode())
            return True
        return False

    def verified(self, raw: bytes) -> str:
        """Amazon S3 API reference, 'Signature calculations for the Authorization header', step by step."""
        algorithm, _, rest = self.headers["Authorization"].partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        access, day, region, service, end = fields["Credential"].split("/")
        names = fields["SignedHeaders"].split(";")
        payload = self.headers["x-amz-content-sha256"]
        if algorithm != "AWS4-HMAC-SHA256" or end != "aws4_request" or service != "s3" or access not in self.server.keys:
            return "InvalidAccessKeyId"
        if not {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names) or names != sorted(names):
            return "AccessDenied"
        if payload != hashlib.sha256(raw).hexdigest():
            return "XAmzContentSHA256Mismatch"
        parts = urlsplit(self.path)
        request = [
            self.command,
            parts.path,
            parts.query,
            *(f"{name}:{self.headers[name].strip()}" for name in names),
            "",
            ";".join(names),
            payload,
        ]
        scope = f"{day}/{region}/{service}/{end}"
        text = "\n".join([algorithm, self.headers["x-amz-date"], scope, hashlib.sha256("\n".join(request).encode()).hexdigest()])
        key = ("AWS4" + self.server.keys[access]).encode()
        for part in (day, region, service, end):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return "" if hmac.compare_digest(right, fields["Signature"]) else "SignatureDoesNotMatch"


@contextmanager
def serving(handler: type[Quiet]) -> Iterator[Server]:
    made = Server(handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
