"""The bytes of ClickHouse's HTTP interface: compression, parameters, error codes and their HTTP statuses."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

MAX_BODY = 256 * 2**20
MAX_UNPACKED = 1024 * 2**20

# Parameters that belong to the transport, as ClickHouse's own handler lists them; all others are settings.
TRANSPORT = frozenset(
    [
        "query",
        "database",
        "default_format",
        "compress",
        "decompress",
        "user",
        "password",
        "quota_key",
        "query_id",
        "session_id",
        "session_timeout",
        "session_check",
        "role",
        "buffer_size",
        "wait_end_of_query",
        "client_protocol_version",
        "enable_http_compression",
        "http_zlib_compression_level",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "http_write_exception_in_output_format",
        "stacktrace",
        "close_session",
    ],
)

# ClickHouse's exceptionCodeToHTTPStatus.cpp, by the exception's name.
_STATUS = {
    "REQUIRED_PASSWORD": 401,
    "AUTHENTICATION_FAILED": 403,
    "UNKNOWN_USER": 403,
    "WRONG_PASSWORD": 403,
    "ACCESS_DENIED": 403,
    "TIMEOUT_EXCEEDED": 408,
    "HTTP_LENGTH_REQUIRED": 411,
    "QUERY_IS_TOO_LARGE": 413,
    "REQUEST_ENTITY_TOO_LARGE": 413,
    "NOT_IMPLEMENTED": 501,
    "SOCKET_TIMEOUT": 503,
    "CANNOT_OPEN_FILE": 503,
    "CANNOT_SCHEDULE_TASK": 503,
    "TOO_MANY_SIMULTANEOUS_QUERIES": 503,
    "UNKNOWN_STATUS_OF_INSERT": 500,
}
_BAD_REQUEST = re.compile(
    r"SYNTAX_ERROR|BAD_|CANNOT_PARSE|CANNOT_COMPILE|INCORRECT_DATA|TYPE_MISMATCH|VALUE_IS_OUT|ILLEGAL_|NO_COMMON_TYPE"
    r"|DECIMAL_OVERFLOW|TOO_LARGE|TOO_DEEP|AMBIGUOUS|UNKNOWN_QUERY_PARAMETER|NUMBER_OF_ARGUMENTS",
)
_CODE = re.compile(r"Code: (\d+)")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]{2,})\)")


class Refused(Exception):
    """A request that the engine never sees: ClickHouse's code and name, and the sentence."""

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {message} ({name})")


def error_status(text: str) -> tuple[int, str]:
    """Return the HTTP status and the exception code of an error text of ClickHouse's."""
    code = _CODE.search(text)
    names = _NAME.findall(text)
    name = names[-1] if names else ""
    if name in _STATUS:
        status = _STATUS[name]
    elif name.startswith("UNKNOWN_") and name != "UNKNOWN_QUERY_PARAMETER":
        status = 404
    else:
        status = 400 if _BAD_REQUEST.match(name) else 500
    return status, code.group(1) if code else "1002"


def bounded_unpack(data: bytes, encoding: str) -> bytes:
    """Return the body as it was before the client compressed it. Raises Refused on an unknown or broken encoding or a bomb."""
    if encoding in {"", "identity"}:
        return data
    try:
        return _unpack(data, encoding)
    except Refused:
        raise
    except Exception as error:
        raise Refused(432, "UNKNOWN_COMPRESSION_METHOD", f"The body is no valid {encoding}: {error}") from error


def _unpack(data: bytes, encoding: str) -> bytes:
    """Unpack every frame: clickhouse-connect sends one for each block, whatever the packing."""
    begin = _unpacker(encoding)
    out: list[bytes] = []
    left, rest, complete = MAX_UNPACKED, data, False
    while left > 0 and (rest or not out):
        reader = begin()
        piece = reader.decompress(rest, left)
        out.append(piece)
        left, rest, complete = left - len(piece), reader.unused_data, reader.eof
        if not complete:
            break
    if rest or not complete:
        raise Refused(299, "QUERY_IS_TOO_LARGE", f"The body is cut off or holds more than {MAX_UNPACKED} bytes.")
    return b"".join(out)


def _unpacker(encoding: str) -> Callable[[], Any]:
    """Return what begins to unpack a frame: `decompress(data, most)`, `eof` and `unused_data`."""
    if encoding == "lz4":
        import lz4.frame  # type: ignore[import-untyped]

        frame: Callable[[], Any] = lz4.frame.LZ4FrameDecompressor
        return frame
    if encoding == "zstd":
        from amity.engines.past.zstd import ZstdDecompressor

        return ZstdDecompressor
    if encoding in {"gzip", "deflate"}:
        return partial(zlib.decompressobj, wbits=47)
    raise Refused(432, "UNKNOWN_COMPRESSION_METHOD", f"Unknown compression method: {encoding}")


def choose_packing(accept: str) -> str:
    """Return the compression for an answer: the cheapest that the client accepts, or an empty string."""
    offered = {one.split(";")[0].strip() for one in accept.lower().split(",")}
    return next((one for one in ("lz4", "zstd", "gzip") if one in offered), "")


def packer(encoding: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """Return (pack a piece, finish) for one answer."""
    if encoding == "lz4":
        import lz4.frame

        frame = lz4.frame.LZ4FrameCompressor()
        begin = [frame.begin()]
        return lambda piece: (begin.pop() if begin else b"") + frame.compress(piece), frame.flush
    if encoding == "zstd":
        from amity.engines.past.zstd import ZstdCompressor

        zstd = ZstdCompressor(level=1)
        return zstd.compress, zstd.flush
    if encoding == "gzip":
        deflate = zlib.compressobj(1, wbits=31)
        return deflate.compress, deflate.flush
    return lambda piece: piece, lambda: b""


def given_credentials(header: Callable[[str], str], params: dict[str, str]) -> tuple[str, str]:
    """Return the user and password of a request, from wherever ClickHouse takes them."""
    scheme, _, token = header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password
    if header("x-clickhouse-user"):
        return header("x-clickhouse-user"), header("x-clickhouse-key")
    return params.get("user", ""), params.get("password", "")


def same_secret(one: str, other: str) -> bool:
    """Compare in constant time, whatever the lengths."""
    return compare_digest(blake2b(one.encode()).digest(), blake2b(other.encode()).digest())


def form_fields(body: bytes, content_type: str) -> dict[str, str]:
    """Read the parts of a multipart form: clickhouse-connect sends long parameters so. Files (external tables) are refused."""
    from email.parser import BytesParser
    from email.policy import HTTP

    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, str] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None or not isinstance(name, str):
            raise Refused(48, "NOT_IMPLEMENTED", "External tables are not supported by the embedded past.")
        payload = part.get_payload(decode=True)
        fields[name] = payload.decode() if isinstance(payload, bytes) else ""
    return fields
