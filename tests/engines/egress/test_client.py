"""The way out against real servers of loopback: what is refused, what is cut, what is never followed and never logged."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import structlog

from amity.engines.egress import client
from amity.engines.egress.client import Refused, Unreachable, send
from amity.kernel.settings import settings


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), body))
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(1_000):
                    self.wfile.write(b"x" * 10_000)
        elif self.path.startswith("/drip"):
            self.send_response(200)
            if self.path == "/drip-body":
                self.end_headers()
            self.flush_headers()
            with contextlib.suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b"X-A: b\r\n")
                    self.wfile.flush()
                    time.sleep(0.05)
        else:
            self.send_response(200)
            self.send_header("X-Was", "here")
            self.end_headers()
            self.wfile.write(b"thanks")

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.daemon_threads = True
    made.seen = []
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def chosen(monkeypatch):
    def choose(**given) -> None:
        made = replace(settings(), **given)
        monkeypatch.setattr(client, "settings", lambda: made)

    choose(egress_networks="127.0.0.1/32")
    return choose


def url(server, path: str = "/in", host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{server.server_port}{path}"


def test_a_request_is_made_and_nothing_of_it_logged(server, chosen):
    with structlog.testing.capture_logs() as said:
        answer = send("POST", url(server, "/in?token=s3cret"), headers={"Authorization": "hush"}, body=b"private")
    assert (answer.status, answer.body, answer.headers["x-was"], answer.ok) == (200, b"thanks", "here", True)
    path, headers, body = server.seen[0]
    assert (path, body, headers["Authorization"], headers["Host"]) == (
        "/in?token=s3cret", b"private", "hush", f"127.0.0.1:{server.server_port}",
    )  # fmt: skip
    assert said
    assert not any(secret in repr(said) for secret in ("s3cret", "hush", "private", "/in"))


def test_loopback_is_refused_unless_settings_allow_it(server, chosen):
    chosen(egress_networks="")
    for host in ("127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1"):
        with pytest.raises(Refused):
            send("POST", url(server, host=host))
    assert server.seen == []


def test_a_host_that_is_not_listed_is_refused(server, chosen):
    chosen(egress_networks="127.0.0.1/32", egress_hosts="other.example")
    with pytest.raises(Refused, match="AMITY_EGRESS_HOSTS"):
        send("POST", url(server))
    with pytest.raises(Refused):
        client.check(url(server))


def test_a_name_is_looked_up_once_and_that_address_connected_to(server, chosen, monkeypatch):
    """A second lookup would lead elsewhere (DNS rebinding)."""
    asked, connected = [], []
    real = socket.getaddrinfo

    def lookup(host, port, *rest, **named):
        if host != "hooks.example":
            connected.append(host)
            return real(host, port, *rest, **named)
        asked.append(host)
        found = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert send("POST", url(server, host="hooks.example")).ok
    assert (asked, connected) == (["hooks.example"], ["127.0.0.1"])
    assert server.seen[0][1]["Host"].startswith("hooks.example:")


def test_a_name_that_leads_inside_as_well_is_refused(server, chosen, monkeypatch):
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in ("127.0.0.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        send("POST", url(server, host="hooks.example"))


def test_redirects_are_not_followed(server, chosen):
    assert send("POST", url(server, "/moved")).status == 302
    assert len(server.seen) == 1


def test_proxies_of_the_environment_are_not_used(server, chosen, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send("POST", url(server)).ok


def test_what_is_read_is_bounded(server, chosen):
    answer = send("POST", url(server, "/large"), most=5_000)
    assert len(answer.body) == 5_000


@pytest.mark.parametrize("path", ["/drip", "/drip-body"])
def test_who_drips_is_cut_off(server, chosen, path):
    began = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        send("POST", url(server, path), seconds=0.5)
    assert time.monotonic() - began < 4


def test_nobody_answers(chosen):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="refuses connections"):
            send("POST", f"http://127.0.0.1:{taken.getsockname()[1]}/")
    with pytest.raises(Unreachable, match="name of no host"):
        send("POST", "https://nowhere.invalid/")


def test_what_answers_no_http(chosen):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def answer() -> None:
            line, _ = listening.accept()
            line.recv(10_000)
            line.sendall(b"SSH-2.0-x\r\n\r\n")
            line.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(Unreachable, match="no HTTP"):
            send("POST", f"http://127.0.0.1:{listening.getsockname()[1]}/")


def certificate(tmp_path, name: str):
    """A certificate for a name, signed by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / f"{name}.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return pem


def test_certificates_are_checked_against_the_name(server, chosen, tmp_path):
    pem = certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(Unreachable, match="certificate"):
        send("POST", url(server, host="localhost", scheme="https"))
    chosen(egress_networks="127.0.0.1/32,::1/128", egress_ca=str(pem))
    assert send("POST", url(server, host="localhost", scheme="https")).ok
    with pytest.raises(Unreachable, match="certificate"):
        send("POST", url(server, scheme="https"))  # by its number, for which the certificate isn't
