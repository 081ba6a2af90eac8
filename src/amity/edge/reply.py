"""What the edge answers, and the one exception that carries an answer up to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

Headers = list[tuple[str, str]]

JSON: Headers = [("content-type", "application/json"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
TEXT: Headers = [
    ("content-type", "text/plain; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
]

_encode = msgspec.json.Encoder().encode


class Reply(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: Headers
    body: bytes


class Refused(Exception):
    """The request can't be served: `status`, a stable `code` and a sentence that says what to do."""

    def __init__(self, status: int, code: str, message: str, *, headers: Headers | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or []

    def reply(self) -> Reply:
        """Return the answer as clients expect it: a JSON object with `code` and `message`."""
        return json_reply({"code": self.code, "message": self.message}, status=self.status, headers=self.headers)


def json_reply(value: Any, *, status: int = 200, headers: Headers | None = None) -> Reply:
    """Return `value` as JSON."""
    return Reply(status, JSON + headers if headers else JSON, _encode(value))


SUCCESS = Reply(200, JSON, b'{"success":true}')
STATUS_ONE = Reply(200, JSON, b'{"status":1}')


def unavailable(message: str, *, seconds: int = 1) -> Refused:
    """Return a 503 that asks the client to come again; nothing of its request counts as accepted."""
    return Refused(503, "unavailable", message, headers=[("retry-after", str(seconds))])


def disk_full() -> Refused:
    """Return a 503 for as long as the log's disk has less than its reserve; a person has to make space."""
    message = "Amity's disk is full, and nothing is taken until there is space. Send the same again later."
    return Refused(503, "disk_full", message, headers=[("retry-after", "10")])
