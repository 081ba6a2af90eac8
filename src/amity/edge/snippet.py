"""The browser snippet `/amity.js`: the modules of `browser/` as one script, packed once.

Nothing here understands JavaScript. The modules keep to what makes that safe: comments are whole lines, no text spans lines, an import or
an export begins its line, and no two modules use one name at their top level.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from amity.edge.reply import Headers, Reply
from amity.edge.request import Request

MODULES = ("settings", "memory", "queue", "record", "pages", "vitals", "clicks", "errors", "requests", "forms", "start")
"""In the order in which they run: each uses at once only what stands before it."""

FOLDER = Path(__file__).parent / "browser"
_LEFT_OUT = re.compile(r"^(?:\s*//.*|import .*|\s*)\n", re.MULTILINE)
_INDENT_OR_EXPORT = re.compile(r"^(?:\s+|export )", re.MULTILINE)
# Texts and patterns stay as they are; space goes around signs that need none, and a semicolon before the end of a block. Plus and minus keep theirs.
_SPACED = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"|`[^`\n]*`|/(?:[^/\\\n ]|\\.)+/g?(?=[.,);]))|;\s*(?=\})|\s*([{(,;:?=<>&|*])\s*|[ \t]*([})\]])[ \t]*"""
)


class Script(NamedTuple):
    """The script as it is and packed, and the name of this very content."""

    plain: bytes
    packed: bytes
    etag: str


@lru_cache(maxsize=1)
def script() -> Script:
    """Return the snippet."""
    text = "".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in MODULES)
    text = '(()=>{"use strict";\n' + _INDENT_OR_EXPORT.sub("", _LEFT_OUT.sub("", text)) + "})();\n"
    plain = _SPACED.sub(lambda found: found[1] or found[2] or found[3] or "", text).encode()
    return Script(plain, gzip.compress(plain, 9, mtime=0), f'"{sha256(plain).hexdigest()[:16]}"')


async def serve(request: Request) -> Reply:
    """Answer `/amity.js`: any page may load it, for an hour without asking again."""
    found = script()
    headers: Headers = [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "public, max-age=3600, stale-while-revalidate=86400"),
        ("etag", found.etag),
        ("vary", "Accept-Encoding, Origin"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
    ]
    if found.etag in request.header("if-none-match"):
        return Reply(304, headers, b"")
    if "gzip" in request.header("accept-encoding"):
        return Reply(200, [*headers, ("content-encoding", "gzip")], found.packed)
    return Reply(200, headers, found.plain)
