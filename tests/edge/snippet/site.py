"""A shop's site with a strict content security policy, and, on another origin, what stands in for the edge and keeps what it hears."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from amity.edge.snippet import script

POLICY = (
    "default-src 'none'; script-src 'self' {edge}; connect-src 'self' {edge}; style-src 'self'; base-uri 'none'; "
    "form-action 'self'; require-trusted-types-for 'script'"
)


class Site:
    """`pages` maps a path to a body and its type. `heard` are the events that came, `answer` is what the stand-in says to a batch, `policy` what the site
    allows instead of `POLICY`."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        self.heard: list[dict[str, Any]] = []
        self.requests = 0
        self.answer = 200
        self.policy = ""
        self.site = _serve(_site(self))
        self.edge = _serve(_edge(self))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.site.server_port}"

    @property
    def edge_address(self) -> str:
        return f"http://localhost:{self.edge.server_port}"

    def page(self, body: str, *, path: str = "/", attributes: str = "", own: str = "") -> str:
        """Put a page at `path` with the snippet and a script of the site's `own`, and return its address."""
        tag = f'<script src="{self.edge_address}/amity.js" data-key="wk-1" {attributes}></script>'
        name = path.rstrip("/").rpartition("/")[2] or "index"
        mine = f'<script src="/{name}.js"></script>'
        self.pages[path] = (f"<!doctype html><title>Shop {name}</title>{mine}{tag}<body>{body}</body>", "text/html")
        self.pages[f"/{name}.js"] = (own, "text/javascript")
        return self.address + path

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the events of that name, each once."""
        found = {one["messageId"]: one for one in self.heard if one.get("event", one["type"]) == name}
        return list(found.values())

    def wait_for(self, name: str, *, count: int = 1) -> dict[str, Any]:
        """Return the last event of that name once there are so many."""
        deadline = time.monotonic() + 60
        while len(self.named(name)) < count:
            assert time.monotonic() < deadline, f"No {name!r} came; heard: {[e.get('event', e['type']) for e in self.heard]}"
            time.sleep(0.02)
        return self.named(name)[-1]

    def close(self) -> None:
        for one in (self.site, self.edge):
            one.shutdown()
            one.server_close()


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    try:
        yield site
    finally:
        site.close()


def _serve(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _site(site: Site) -> type[BaseHTTPRequestHandler]:
    class Shop(_Quiet):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/dropped":
                self.close_connection = True
                return
            body, kind = site.pages.get(path, ("", ""))
            policy = site.policy or POLICY.format(edge=site.edge_address)
            self.say(200 if kind else 404, body.encode(), content_type=kind or "text/plain", content_security_policy=policy)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"] or 0))
            self.say(500)

    return Shop


def _edge(site: Site) -> type[BaseHTTPRequestHandler]:
    class Edge(_Quiet):
        def do_GET(self) -> None:
            self.say(200, script().plain, content_type="text/javascript; charset=utf-8")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            site.requests += 1
            status = site.answer
            if status == 200:
                assert body["writeKey"] == "wk-1"
                site.heard += [{**one, "origin": self.headers["origin"]} for one in body["batch"]]
            self.say(status, b"{}", access_control_allow_origin=self.headers["origin"] or "*")

    return Edge
