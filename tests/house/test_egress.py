"""Only one module makes requests to addresses that people type; who else speaks HTTP is known, with what it speaks to."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "amity"
KNOWN = {
    "engines/egress/client.py": "the way out",
    "engines/supervisor/ports.py": "looks for free ports of this machine",
    "engines/supervisor/checks.py": "whether ports of this machine answer",
    "engines/diagnosis/running.py": "looks for who listens on ports of this machine",
    "engines/past/streaming.py": "the past, at the operator's address",
    "engines/backup/past.py": "errors of the past's client",
    "engines/asking.py": "the past's health, at the operator's address",
    "engines/health.py": "the past's health, at the operator's address",
    "rooms/collection/actions/quarantine.py": "our own edge, at the operator's address",
    "rooms/collection/console/trial.py": "our own edge, at the operator's address",
    "demo/sender.py": "our own edge, at the operator's address",
    "notebook/connection.py": "a client of the API, in somebody's notebook",
    "notebook/frame.py": "a client of the API, in somebody's notebook",
    "notebook/answers.py": "a client of the API, in somebody's notebook",
}
_SPEAKS = re.compile(
    r"^\s*(?:import|from)\s+(?:httpx|httpcore|requests|urllib3|aiohttp|socket|socketserver|ssl|http\.client|urllib\.request|smtplib|ftplib|telnetlib"
    r"|xmlrpc|boto3|botocore|asyncio\.streams)\b"
    r"|^\s*from\s+(?:http|urllib)\s+import\s+.*\b(?:client|request)\b|\bopen_connection\(|\bcreate_connection\(",
    re.MULTILINE,
)


def speakers() -> set[str]:
    return {str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.py") if _SPEAKS.search(path.read_text(encoding="utf-8"))}


def test_who_speaks_http_is_known():
    new = speakers() - KNOWN.keys()
    assert not new, f"{new}: send through amity.engines.egress.client, which checks where it goes"
    assert KNOWN.keys() == speakers(), "Somebody speaks no more: take it off the list"
