"""Values that stand for `${name}` in a step, each written as its place needs, and hidden again from what is shown. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, quote_plus

from amity.rooms.metrics.rules.checks.language import SLOT, Step

HIDDEN = "•••"
_SHORTEST = 4  # characters: what is shorter stands in every text by chance


def filled(text: str, values: Mapping[str, str], write: Callable[[str], str] = str) -> str:
    """Return a text with its values in place."""
    return SLOT.sub(lambda found: write(values.get(found[1], "")), text)


def url_of(step: Step, values: Mapping[str, str]) -> str:
    """Return the address; a value is one part of a path or query, whatever it holds."""
    return filled(step.url, values, lambda value: quote(value, safe=""))


def body_of(step: Step, values: Mapping[str, str]) -> bytes:
    """Return the body: in JSON values are escaped as within its text, in a form as its fields are."""
    kind = next((value for name, value in step.headers.items() if name.lower() == "content-type"), "")
    write: Callable[[str], str] = str
    if "json" in kind or (not kind and step.body.lstrip()[:1] in {"{", "["}):
        write = _in_json
    elif "x-www-form-urlencoded" in kind:
        write = quote_plus
    return filled(step.body, values, write).encode()


def headers_of(step: Step, values: Mapping[str, str]) -> dict[str, str]:
    """Return the headers; a body of JSON says so where no header does."""
    found = {name: filled(value, values) for name, value in step.headers.items()}
    if step.body.lstrip()[:1] in {"{", "["} and not any(name.lower() == "content-type" for name in found):
        found["Content-Type"] = "application/json"
    return found


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Return a text in which secrets stand no more, however they were written."""
    spelled = {
        form for one in secrets if len(one) >= _SHORTEST for form in (one, quote(one, safe=""), quote_plus(one), _in_json(one))
    }
    for one in sorted(spelled, key=len, reverse=True):
        text = text.replace(one, HIDDEN)
    return text


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
