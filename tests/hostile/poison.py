"""What strangers send: values, property names and fields that broke one decoder or another, in each dialect's own form."""

from __future__ import annotations

from dataclasses import dataclass

DIALECTS = ("segment", "rudderstack", "posthog")
DEEP = 100_000

# As the value of a property. The value tells what becomes of it: kept, or why it is put aside.
VALUES: dict[str, tuple[bytes, str]] = {
    "NUL": (rb'"a\u0000b"', "bad_text"),
    "raw NUL": (b'"a\x00b"', "not_json"),
    "raw line break": (b'"a\nb"', "not_json"),
    "high surrogate": (rb'"\ud83d"', "bad_text"),
    "low surrogate": (rb'"\ude00"', "bad_text"),
    "surrogates in the wrong order": (rb'"\ude00\ud83d"', "bad_text"),
    "half a pair before text": (rb'"\ud83dA"', "bad_text"),
    "bytes that are no UTF-8": (b'"\xff\xfe"', "bad_text"),
    "overlong NUL": (b'"\xc0\x80"', "bad_text"),
    "surrogate in UTF-8": (b'"\xed\xa0\x80"', "bad_text"),
    "beyond Unicode": (b'"\xf5\x80\x80\x80"', "bad_text"),
    "UTF-8 cut off": (b'"\xe2\x82"', "bad_text"),
    "30 digits": (b"1" * 30, "bad_number"),
    "minus 30 digits": (b"-" + b"1" * 30, "bad_number"),
    "5,000 digits": (b"9" * 5_000, "bad_number"),
    "2^64": (b"18446744073709551616", "bad_number"),
    "2^64 - 1": (b"18446744073709551615", "kept"),
    "-2^63": (b"-9223372036854775808", "kept"),
    "1e999": (b"1e999", "bad_number"),
    "-1e999": (b"-1e999", "bad_number"),
    "1e-999": (b"1e-999", "kept"),
    "a number of 300 digits in text": (b'"' + b"7" * 300 + b'"', "kept"),
    "NaN": (b"NaN", "not_json"),
    "Infinity": (b"Infinity", "not_json"),
    "-Infinity": (b"-Infinity", "not_json"),
    "undefined": (b"undefined", "not_json"),
    "hexadecimal": (b"0x10", "not_json"),
    "leading zero": (b"007", "not_json"),
    "broken escape": (rb'"\x41"', "not_json"),
    "trailing comma": (b"[1,]", "not_json"),
    "comment": (b"1/*x*/", "not_json"),
    "deep arrays": (b"[" * DEEP + b"]" * DEEP, "too_deep"),
    "deep objects": (b'{"a":' * (DEEP // 2) + b"1" + b"}" * (DEEP // 2), "too_deep"),
    "deep within 32 KB": (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
    "somewhat deep": (b"[" * 400 + b"]" * 400, "kept"),
    "many numbers": (b"[" + b"1," * 4_000 + b"1]", "kept"),
    "many empty objects": (b"[" + b"{}," * 2_000 + b"{}]", "kept"),
    "many names": (b"{" + b",".join(b'"k%d":1' % n for n in range(1_500)) + b"}", "kept"),
    "mixed array": (b'[1,"a",null,true,[{}],{"a":[]}]', "kept"),
    "unusual text": ('"\u202e\ufeff\U0001f468\u200d\U0001f469 \ufdfd"'.encode(), "kept"),
    "SQL": (b"\"'); DROP TABLE interactions_raw; --\"", "kept"),
    "markup": (b'"<script>alert(1)</script>"', "kept"),
    "formula": (b'"=HYPERLINK(\\"http://evil.example\\")"', "kept"),
}  # fmt: skip

# As the name of a property.
NAMES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "kept"),
    "a dot": (b".", "kept"),
    "dots": (b"a..b", "kept"),
    "dotted": (b"a.b.c", "kept"),
    "deeply dotted": (b".".join([b"x"] * 500), "kept"),
    "__proto__": (b"__proto__", "kept"),
    "constructor": (b"constructor.prototype", "kept"),
    "our own": (b"_more", "kept"),
    "20 KB": (b"n" * 20_000, "kept"),
    "NUL": (rb"a\u0000b", "bad_text"),
    "surrogate": (rb"\ud83d", "bad_text"),
    "bytes that are no UTF-8": (b"\xff", "bad_text"),
    "quotes": (rb"a\"b\\c", "kept"),
    "line break": (rb"a\nb", "kept"),
    "backticks": (b"`a`", "kept"),
    "brackets": (b"a[]", "kept"),
    "caret": (b"^a", "kept"),
    "colon": (b"a:b", "kept"),
}

# As the whole of an event's properties.
WHOLES: dict[str, tuple[bytes, str]] = {
    "twice the same": (b'{"a":1,"a":{"b":2},"a":"last"}', "kept"),
    "a value and what is below it": (b'{"a":1,"a.b":2,"a":{"b":3}}', "kept"),
    "empty names": (b'{"":{"":{"":1}}}', "kept"),
    "an array": (b"[1,2]", "bad_field"),
    "text": (b'"text"', "bad_field"),
    "number": (b"7", "bad_field"),
    "null": (b"null", "kept"),
}
# As fields of the event itself, in Segment's form: the fields that stand in for the good ones.
FIELDS: dict[str, tuple[bytes, str]] = {
    "messageId of 101 characters": (b'"messageId":"' + b"m" * 101 + b'"', "kept"),
    "messageId of 10 KB": (b'"messageId":"' + b"m" * 10_000 + b'"', "kept"),
    "messageId number": (b'"messageId":7', "kept"),
    "messageId empty": (b'"messageId":""', "kept"),
    "messageId null": (b'"messageId":null', "kept"),
    "messageId NUL": (rb'"messageId":"a\u0000"', "bad_text"),
    "messageId object": (b'"messageId":{}', "bad_field"),
    "messageId array": (b'"messageId":["a"]', "bad_field"),
    "userId of 501 characters": (b'"userId":"' + b"u" * 501 + b'"', "bad_field"),
    "userId number": (b'"userId":12345678901234567890', "kept"),
    "userId truth": (b'"userId":true', "bad_field"),
    "userId object": (b'"userId":{"$ne":null}', "bad_field"),
    "userId array": (b'"userId":[]', "bad_field"),
    "userId empty": (b'"userId":""', "no_identity"),
    "userId surrogate": (rb'"userId":"\udead"', "bad_text"),
    "event of 501 characters": (b'"event":"' + b"e" * 501 + b'"', "kept"),
    "event object": (b'"event":{"a":1}', "bad_field"),
    "event null": (b'"event":null', "no_name"),
    "type unknown": (b'"type":"__proto__"', "unknown_type"),
    "type number": (b'"type":7', "unknown_type"),
    "type array": (b'"type":["track"]', "bad_field"),
    "traits array": (b'"traits":[1]', "bad_field"),
    "context text": (b'"context":"x"', "bad_field"),
    "timestamp of another world": (b'"timestamp":"9999-99-99T99:99:99Z"', "kept"),
    "timestamp 1e300": (b'"timestamp":1e300', "kept"),
    "timestamp object": (b'"timestamp":{}', "bad_field"),
    "twice the same": (b'"userId":"a","userId":"b"', "kept"),
}
GOOD = ("good before", "good behind")


@dataclass(frozen=True)
class Case:
    """One poisonous event. `fate`: `kept`, or the reason with which it is put aside."""

    name: str
    properties: bytes
    fate: str

    @property
    def mends(self) -> bool:
        """Whether keeping it as text, with U+FFFD for what is none, has mended it by the time that it is sent again."""
        return b"\x00" in self.properties or "\ufffd" in self.properties.decode("utf-8", "replace")


def cases() -> list[Case]:
    """Return all poison, each once."""
    return [
        *(Case(f"value: {name}", b'{"p":' + value + b"}", fate) for name, (value, fate) in VALUES.items()),
        *(Case(f"name: {name}", b'{"' + key + b'":1,"q":2}', fate) for name, (key, fate) in NAMES.items()),
        *(Case(f"whole: {name}", whole, fate) for name, (whole, fate) in WHOLES.items()),
    ]


def field_event(fields: bytes) -> bytes:
    """Return one event of Segment's in which `fields` stand in for those of the same name."""
    usual = {b"type": b'"track"', b"event": b'"bad"', b"userId": b'"u"', b"messageId": b'"bad"'}
    rest = [b'"' + name + b'":' + value for name, value in usual.items() if not fields.startswith(b'"' + name + b'"')]
    return b"{" + b",".join([*rest, fields]) + b"}"


def event(dialect: str, message_id: str, properties: bytes = b"{}") -> bytes:
    """Return one event of a dialect; its name is its id."""
    own = message_id.encode()
    if dialect == "posthog":
        return b'{"event":"' + own + b'","distinct_id":"u","uuid":"' + own + b'","properties":' + properties + b"}"
    library = b',"context":{"library":{"name":"RudderLabs"}}' if dialect == "rudderstack" else b""
    return (
        b'{"type":"track","event":"'
        + own
        + b'","userId":"u","messageId":"'
        + own
        + b'"'
        + library
        + b',"properties":'
        + properties
        + b"}"
    )


def batch(dialect: str, key: str, middle: bytes, *, tag: str = "") -> tuple[str, bytes]:
    """Return the path and the body of a batch: the poison between two good ones, whose names end in `tag`."""
    before, behind = (event(dialect, name + tag) for name in GOOD)
    keyed = (b'"api_key":"' if dialect == "posthog" else b'"writeKey":"') + key.encode() + b'"'
    path = "/batch/" if dialect == "posthog" else "/v1/batch"
    return path, b"{" + keyed + b',"batch":[' + before + b"," + middle + b" , " + behind + b"]}"


def fate_in(dialect: str, case: Case) -> str:
    """Return what becomes of a case in a dialect: what is larger than the dialect allows is too large before all else."""
    most = {"segment": 32 * 1024, "rudderstack": 4_000 * 1024, "posthog": 1024 * 1024}[dialect]
    return "too_large" if len(event(dialect, "bad", case.properties)) > most else case.fate
