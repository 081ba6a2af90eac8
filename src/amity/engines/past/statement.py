"""Read just enough of a ClickHouse statement to serve it: its first word, its output format, and where an INSERT's data begins."""

from __future__ import annotations

import re
from dataclasses import dataclass

# One token: a comment, a quoted thing, a word, a bracket, or any other single byte.
_TOKEN = re.compile(
    rb"(?P<skip>\s+|--[^\n]*|/\*.*?\*/)"
    rb"|(?P<quoted>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`\\]|\\.|``)*`)"
    rb"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    rb"|(?P<other>.)",
    re.DOTALL,
)
_FILE_FUNCTIONS = {b"file", b"filecluster", b"executable", b"executablepool"}
_NOT_DATA = {b"SELECT", b"VALUES", b"WATCH", b"INFILE"}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """`text` is the SQL without an INSERT's data and FORMAT; `data` is that data, None where the statement carries none."""

    verb: str
    text: bytes
    format: str | None
    data: bytes | None

    @property
    def reads(self) -> bool:
        """Whether stopping it half way loses nothing."""
        return self.verb in {"SELECT", "WITH"}

    @property
    def answers(self) -> bool:
        """Whether it gives a result, be it an empty one."""
        return self.verb in {"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK", "KILL"}


def read_statement(query: bytes, body: bytes) -> Statement:
    """Read a request's SQL, which ClickHouse defines as the parameter `query` followed by the body.

    Only an INSERT is looked at beyond its first word and its last ones, and of that only what stands before its data.
    """
    text = query + b"\n" + body if query and body else query or body
    verb = _first_word(text)
    if verb == "INSERT":
        return _read_insert(query or body, body if query else None)
    found = re.search(rb"\bFORMAT\s+([A-Za-z0-9_]+)\s*(?:SETTINGS\s[^']*)?;?\s*\Z", text[-400:], re.IGNORECASE)
    return Statement(verb=verb, text=text, format=found.group(1).decode() if found else None, data=None)


def outside_word(statement: Statement) -> str:
    """Return the word by which a statement would read or write files of this machine, or an empty string.

    A ClickHouse server keeps its clients from its files; chDB, made for one user, doesn't: not even when it is read-only,
    and `file` need not be followed by a bracket to be called.
    """
    before = b""
    for token in _TOKEN.finditer(statement.text):
        if token.lastgroup == "skip":
            continue
        piece = token.group().strip(b'`"')
        named = token.lastgroup == "word" or (token.lastgroup == "quoted" and not token.group().startswith(b"'"))
        if named and (piece.upper() in {b"OUTFILE", b"INFILE"} or (piece.lower() in _FILE_FUNCTIONS and before != b".")):
            return piece.decode(errors="replace")
        before = piece
    return ""


def _first_word(text: bytes) -> str:
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "word":
            return token.group().decode().upper()
        if token.lastgroup == "quoted":
            break
    return ""


def _read_insert(text: bytes, body: bytes | None) -> Statement:
    depth, after_format = 0, False
    for token in _TOKEN.finditer(text):
        piece = token.group()
        if token.lastgroup == "skip":
            continue
        if after_format:
            head = text[: _format_at(text, token.start())]
            data = _after_newline(text[token.end() :]) + (body or b"")
            return Statement(verb="INSERT", text=head, format=piece.decode(errors="replace"), data=data)
        if token.lastgroup == "other":
            depth += (piece == b"(") - (piece == b")")
        elif token.lastgroup == "word" and depth == 0:
            upper = piece.upper()
            if upper in _NOT_DATA:
                break
            after_format = upper == b"FORMAT"
    whole = text if body is None else text + b"\n" + body
    return Statement(verb="INSERT", text=whole, format=None, data=None)


def _format_at(text: bytes, name_at: int) -> int:
    return text.upper().rindex(b"FORMAT", 0, name_at)


def _after_newline(data: bytes) -> bytes:
    """Drop what ClickHouse drops between the format's name and the data: blanks, one semicolon, up to one newline."""
    return re.sub(rb"\A[ \t]*;?[ \t]*\r?\n?", b"", data, count=1)
