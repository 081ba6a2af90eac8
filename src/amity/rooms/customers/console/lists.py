"""The list of customers: search while one types, a keyset of pages, and the palette's finder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from amity.kernel.errors import Invalid
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.contracts import CustomerLine, Page
from amity.rooms.customers.queries.matching.pairs import MOST_COUNTED, count_proposals
from amity.rooms.customers.queries.search import search_customers
from amity.rooms.customers.rules.portrait.portray import channel_words
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
EXPORTS = {"csv": "CSV", "jsonl": "JSON Lines", "parquet": "Parquet", "xes": "XES"}
LONGEST = 200
_TRAIL = 20  # how many pages back the address remembers; beyond it, Newer leads to the first page
_FOUND = 8


@dataclass(frozen=True, kw_only=True)
class Row:
    """A customer's line, with what the table says beside it."""

    line: CustomerLine
    tint: str
    known_as: str
    channels: str
    money: list[tuple[str, str]]


@require_safe
@page("customers.read")
def customers(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show customers, most recently seen first, or those that the text in the search field finds."""
    text = request.GET.get("q", "")[:LONGEST].strip()
    after, trail = request.GET.get("after", ""), _trail(request)
    try:
        found = search_customers(workspace_id=access.workspace_id, text=text, after=after, limit=ON_A_PAGE)
    except Invalid:
        return redirect(f"{request.path}?{urlencode({'q': text})}" if text else request.path)
    context = {
        "text": text,
        "rows": [_row(line) for line in found.lines],
        "count": _count(found, alone=not after),
        "older": _address(text=text, after=found.after, trail=[*trail, after]) if found.after else "",
        "newer": _address(text=text, after=trail[-1], trail=trail[:-1]) if trail else "",
        "first": not after,
        "take_out": take_out(reverse("customers:take_out", args=[access.workspace_slug]), {"q": text}, access),
        "proposed": count_proposals(workspace_id=access.workspace_id),
        "most_proposed": MOST_COUNTED,
        "welcome_url": reverse("collection:welcome", args=[access.workspace_slug]) if access.can("sources.read") else "",
    }
    partial = request.headers.get("HX-Target") == "found"
    response = render(request, "customers/_found.html" if partial else "customers/list.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


@require_safe
@page("customers.read")
def find(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Answer the palette: the few customers that a text finds, as options."""
    text = request.GET.get("q", "")[:LONGEST].strip()
    lines = search_customers(workspace_id=access.workspace_id, text=text, limit=_FOUND).lines[:_FOUND] if text else ()
    return render(request, "customers/_options.html", {"rows": [_row(line) for line in lines]})


def known_as(line: CustomerLine) -> str:
    """Return the identifier that tells most: e-mail, else user id; nothing where the name is it already."""
    return next((text for text in (line.email, line.user_id) if text and text != line.name), "")


def take_out(address: str, query: Mapping[str, str], access: Access) -> str:
    """Return where what is shown may be taken out as a file; nothing for who may not."""
    told = urlencode({name: value for name, value in query.items() if value})
    return (f"{address}?{told}" if told else address) if access.can("customers.export") else ""


def export_links(address: str, query: Mapping[str, str], access: Access, *without: str) -> list[tuple[str, str]]:
    """Return (words, address) for each form of file that may be had; none for who may not. `address` is the one of the CSV."""
    if not access.can("customers.export"):
        return []
    told = urlencode({name: value for name, value in query.items() if value})
    ends = {
        form: f"{address.removesuffix('csv')}{form}" + (f"?{told}" if told else "") for form in EXPORTS if form not in without
    }
    return [(EXPORTS[form], end) for form, end in ends.items()]


def _row(line: CustomerLine) -> Row:
    most = sorted(line.channels, key=lambda name: -line.channels[name])
    words = [channel_words(name) for name in most[:3] if name]
    more = len(most) - 3
    return Row(
        line=line,
        tint=tint_of(line.id),
        known_as=known_as(line),
        channels=", ".join(words) + (f" and {more} more" if more > 0 else ""),
        money=[(str(amount), currency) for currency, amount in line.values.items() if amount][:2],
    )


def _count(found: Page, *, alone: bool) -> str:
    number = len(found.lines) if alone and not found.after else max(found.total, len(found.lines) if alone else 0)
    if found.more:
        return f"more than {found.total:,} customers"
    return "1 customer" if number == 1 else f"{number:,} customers"


def _trail(request: HttpRequest) -> list[str]:
    back = request.GET.get("back", "")
    return back.split("~")[-_TRAIL:] if "back" in request.GET else []


def _address(*, text: str, after: str, trail: list[str]) -> str:
    given = {"q": text, "after": after}
    parts = [(name, value) for name, value in given.items() if value]
    if trail:
        parts.append(("back", "~".join(trail[-_TRAIL:])))
    return "?" + urlencode(parts)
