"""AWS Signature Version 4 for S3, as the "Signature Version 4 signing process" of the S3 API reference describes it. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Who signs. `token` is that of temporary credentials."""

    access: str
    secret: str = field(repr=False)
    region: str = "us-east-1"
    service: str = "s3"
    token: str = field(default="", repr=False)


def signed(  # noqa: PLR0913  one argument for each part of a request
    keys: Keys,
    *,
    method: str,
    host: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    payload: str,
    at: datetime,
) -> dict[str, str]:
    """Return the headers to send: those given, `x-amz-date`, `x-amz-content-sha256` and `Authorization`.

    `path` is not encoded yet; `payload` is the body's SHA-256 as hexadecimal, `at` an instant in UTC.
    """
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    sent = {**headers, "x-amz-content-sha256": payload, "x-amz-date": stamp}
    if keys.token:
        sent["x-amz-security-token"] = keys.token
    lowered = {name.lower(): " ".join(value.split()) for name, value in {**sent, "host": host}.items()}
    names = ";".join(sorted(lowered))
    lines = "".join(f"{name}:{lowered[name]}\n" for name in sorted(lowered))
    canonical = "\n".join([method, encoded(path), asked(query), lines, names, payload])
    scope = f"{day}/{keys.region}/{keys.service}/aws4_request"
    to_sign = "\n".join([ALGORITHM, stamp, scope, sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_key(keys, day), to_sign.encode(), sha256).hexdigest()
    sent["Authorization"] = f"{ALGORITHM} Credential={keys.access}/{scope}, SignedHeaders={names}, Signature={signature}"
    return sent


def encoded(path: str) -> str:
    """Return a path as S3 wants it: each byte but letters, digits, `-._~` and the slash as %XX, once."""
    return quote(path, safe="/-._~")


def asked(query: Mapping[str, str]) -> str:
    """Return a query string in the order of names."""
    return "&".join(f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}" for name, value in sorted(query.items()))


def _key(keys: Keys, day: str) -> bytes:
    made = f"AWS4{keys.secret}".encode()
    for part in (day, keys.region, keys.service, "aws4_request"):
        made = hmac.digest(made, part.encode(), sha256)
    return made
