"""What a synthetic check does: requests one after the other, what is taken of each answer, what must hold of it. Pure.

`${name}` in an address' path or query, a header, a body or a wanted value stands for a secret or for what an earlier step took.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.egress.places import Refused, place_of
from amity.engines.past.behaviour.language import Part
from amity.kernel.errors import Invalid
from amity.rooms.metrics.rules.checks.paths import is_path
from amity.rooms.metrics.rules.checks.patterns import check_pattern

MOST_STEPS = 10
LONGEST_VALUE = 2_000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
SLOT = re.compile(r"\$\{([^}]{0,60})\}")
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "te", "upgrade"}
_SECRETIVE = {"authorization", "cookie", "proxy-authorization", "x-api-key", "api-key", "x-auth-token"}
_TESTS = {
    "status": ("is", "is_not"), "header": ("is", "contains", "there"), "text": ("contains", "lacks"),
    "json": ("is", "is_not", "contains", "there"), "duration": ("at_most",),
}  # fmt: skip
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Value = Annotated[str, Meta(max_length=LONGEST_VALUE)]


class Take(Part, frozen=True):
    """A value that is taken of an answer under a name: by a JSON path, the first group of a pattern in its text, or a header."""

    name: Name
    by: Literal["json", "pattern", "header"]
    of: Annotated[str, Meta(min_length=1, max_length=300)]


class Must(Part, frozen=True):
    """What must hold of an answer: its status, a header or a JSON value (`name`), its text, or how many ms it took at most."""

    of: Literal["status", "header", "text", "json", "duration"]
    test: Literal["is", "is_not", "contains", "lacks", "there", "at_most"]
    name: Annotated[str, Meta(max_length=300)] = ""
    to: Value = ""


class Step(Part, frozen=True):
    """One request. Without a `must`, any status below 400 will do."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = "GET"
    name: Annotated[str, Meta(max_length=120)] = ""
    headers: Annotated[dict[str, Value], Meta(max_length=30)] = {}
    body: Annotated[str, Meta(max_length=20_000)] = ""
    takes: Annotated[tuple[Take, ...], Meta(max_length=10)] = ()
    musts: Annotated[tuple[Must, ...], Meta(max_length=20)] = ()


_Steps = Annotated[list[Step], Meta(max_length=MOST_STEPS)]


def read_steps(given: object) -> list[Step]:
    """Read steps from plain JSON values. Raises Invalid with what is wrong."""
    try:
        return msgspec.convert(given, _Steps)
    except msgspec.ValidationError as error:
        raise Invalid(f"A step can't be read: {error}.") from None


def written_steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return steps as plain JSON values."""
    found: list[dict[str, Any]] = msgspec.to_builtins(list(steps))
    return found


def check_steps(steps: Sequence[Step], *, secrets: set[str]) -> None:
    """Raise Invalid, with what to mend, for steps that can't be done. `secrets` are the names that may stand in them."""
    if not steps:
        raise Invalid("A check needs a step: an address to ask.")
    known = set(secrets)
    for n, step in enumerate(steps, 1):
        try:
            _check_step(step, known)
        except Invalid as error:
            raise Invalid(f"Step {n}: {error.message}") from None
        known |= {one.name for one in step.takes}


def hosts_of(steps: Sequence[Step]) -> set[str]:
    """Return where steps lead: scheme, host and port of each."""
    found = set()
    for step in steps:
        place = place_of(SLOT.sub("x", step.url))
        found.add(f"{'https' if place.secure else 'http'}://{place.authority}")
    return found


def slots_of(step: Step) -> Iterator[str]:
    """Yield the names that stand in a step."""
    for text in (step.url, step.body, *step.headers.values(), *(one.to for one in step.musts)):
        for found in SLOT.finditer(text):
            yield found[1]


def _check_step(step: Step, known: set[str]) -> None:
    if b"\\u0000" in msgspec.json.encode(step):
        raise Invalid("NUL characters can't be sent.")
    _check_url(step.url)
    for name, value in step.headers.items():
        _check_header(name, value)
    unknown = [name for name in slots_of(step) if name not in known]
    if unknown:
        raise Invalid(f"${{{unknown[0]}}} is neither a secret nor taken by a step before.")
    for take in step.takes:
        _check_take(take)
    for must in step.musts:
        _check_must(must)


def _check_url(url: str) -> None:
    head = re.match(r"https?://([^/?#]*)", url)
    if head is None:
        raise Invalid("An address begins with https://.")
    if "$" in head[1]:
        raise Invalid("The host is written out: values stand behind it only.")
    try:
        place_of(SLOT.sub("x", url))
    except Refused as error:
        raise Invalid(error.message) from None


def _check_header(name: str, value: str) -> None:
    if not _HEADER.fullmatch(name):
        raise Invalid(f"{name!r} is no name of a header.")
    if name.lower() in _OURS:
        raise Invalid(f"Amity sets the header {name} itself.")
    if any(not (one.isprintable() or one == "\t") for one in value) or not value.isascii():
        raise Invalid(f"The header {name} may have printable ASCII characters only.")
    if name.lower() in _SECRETIVE and not SLOT.search(value):
        raise Invalid(f"What {name} says is a secret: keep it below under a name, and write ${{name}} here.")


def _check_take(take: Take) -> None:
    if take.by == "json" and not is_path(take.of):
        raise Invalid(f"{take.of!r} is no path; write it as items[0].id.")
    if take.by == "pattern":
        check_pattern(take.of)
    if take.by == "header" and not _HEADER.fullmatch(take.of):
        raise Invalid(f"{take.of!r} is no name of a header.")


def _check_must(must: Must) -> None:
    if must.test not in _TESTS[must.of]:
        raise Invalid(f"Of {must.of} one can say: {', '.join(_TESTS[must.of]).replace('_', ' ')}.")
    if must.of == "status":
        statuses(must.to)
    elif must.of == "duration":
        milliseconds(must.to)
    elif must.of == "header" and not _HEADER.fullmatch(must.name):
        raise Invalid(f"{must.name!r} is no name of a header.")
    elif must.of == "json" and not is_path(must.name):
        raise Invalid(f"{must.name!r} is no path; write it as items[0].id.")
    if must.of in {"header", "json", "text"} and must.test in {"contains", "lacks"} and not must.to:
        raise Invalid(f"What is it that {must.of} {must.test}?")


def statuses(text: str) -> list[tuple[int, int]]:
    """Return the ranges that `200, 204` or `2xx` says. Raises Invalid."""
    found = []
    for one in text.split(","):
        part = one.strip().lower()
        if re.fullmatch(r"[1-5]xx", part):
            found.append((int(part[0]) * 100, int(part[0]) * 100 + 99))
        elif re.fullmatch(r"[1-5][0-9][0-9]", part):
            found.append((int(part), int(part)))
        else:
            raise Invalid(f"{one.strip()!r} is no status; write 200, or 2xx.")
    return found


def milliseconds(text: str) -> int:
    """Return the ms that a text says. Raises Invalid."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise Invalid("A duration is a whole number of milliseconds, as 800.")
    return int(text)
