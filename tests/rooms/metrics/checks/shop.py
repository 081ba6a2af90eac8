"""A shop on loopback that checks ask: it signs in, has a basket, and can be slow or down."""

from __future__ import annotations

import json
from typing import Any

from tests.rooms.customers.sync.receiving import Quiet

PASSWORD = "correct horse 9%"
TOKEN = "tok-8c1f2a"


class Shop(Quiet):
    def do_GET(self) -> None:  # noqa: N802
        self.server.got.append({"path": self.path, "authorization": self.headers.get("Authorization")})
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        if self.path == "/basket" and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            status = 401
        said: dict[str, Any] = (
            {"lines": [{"id": "b-1"}]} if status == 200 else {"wrong": self.headers.get("Authorization"), "why": "sold out"}
        )
        self.answer(status, {"Content-Type": "application/json", **headers}, json.dumps(said).encode())

    def do_POST(self) -> None:  # noqa: N802
        given = json.loads(self.body())
        right = given.get("password") == PASSWORD
        self.server.got.append({"path": self.path, "password": given.get("password")})
        self.answer(200 if right else 403, {}, json.dumps({"access_token": TOKEN} if right else {"said": given}).encode())


def signing_in(url: str) -> list[dict[str, Any]]:
    return [
        {"name": "Sign in", "method": "POST", "url": f"{url}/session", "body": '{"password": "${password}"}',
         "musts": [{"of": "status", "test": "is", "to": "200"}], "takes": [{"name": "token", "by": "json", "of": "access_token"}]},
        {"name": "Basket", "url": f"{url}/basket", "headers": {"Authorization": "Bearer ${token}"},
         "musts": [{"of": "status", "test": "is", "to": "200"}, {"of": "json", "test": "is", "name": "lines[0].id", "to": "b-1"}]},
    ]  # fmt: skip
