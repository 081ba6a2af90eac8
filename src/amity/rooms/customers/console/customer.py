"""One customer: the story, the traits, the identity and the consent, each at its own address."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from amity.engines.past.client import later
from amity.kernel.errors import AmityError
from amity.rooms.customers.actions.notes import LONGEST_NOTE
from amity.rooms.customers.console.computed.held import computed_of
from amity.rooms.customers.console.consent.words import name_of, newest_of
from amity.rooms.customers.console.filters import StoryFilter
from amity.rooms.customers.console.history import lines_of
from amity.rooms.customers.console.known import header_of, joins_of, known_of, profile_of, source_names, told_besides, traits_of
from amity.rooms.customers.console.lists import take_out
from amity.rooms.customers.console.matching.likes import likes_of
from amity.rooms.customers.console.matters import cards, withheld
from amity.rooms.customers.console.parts import AT_ONCE, begun, found, stretch
from amity.rooms.customers.console.relationship import Places, figures, told
from amity.rooms.customers.contracts import Customer, Story
from amity.rooms.customers.queries.audiences.lists import audiences_of
from amity.rooms.customers.queries.ledger import get_entries
from amity.rooms.customers.queries.personas.lists import personas_of
from amity.rooms.customers.queries.profiles import list_identifiers, list_merges
from amity.rooms.customers.queries.sensitive import has_sealed
from amity.rooms.customers.queries.standing import Standing, standing
from amity.rooms.customers.queries.story import timeline
from amity.rooms.customers.rules.portrait.portray import channel_words
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

TABS = {"customer": "Story", "traits": "Traits", "identity": "Identity", "consent": "Consent"}
_DECISIONS = 30


@require_safe
@page("customers.read")
def story(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Show the customer's story, filtered as the address says."""
    customer, elsewhere = found_now(request, access, customer_id, tab="customer")
    if elsewhere:
        return elsewhere
    chosen = StoryFilter.read(request.GET)
    asked = begun(access=access, customer=customer, chosen=chosen)
    whole = request.headers.get("HX-Target") != "story"
    frame = frame_of(access, customer, tab="customer", newest=None if chosen.narrow else asked) if whole else {}
    parts = stretch(asked, access=access, customer=customer, chosen=chosen) | {
        "customer": customer,
        "filter": chosen,
        "kinds": chosen.kind_choices(),
        "channels": chosen.channel_choices(customer.channels),
        "sinces": chosen.since_choices(),
        "take_out": take_out(
            reverse("customers:take_story_out", args=[access.workspace_slug, customer.id]), chosen.query(), access
        ),
    }
    response = render(request, "customers/story.html" if whole else "customers/_story.html", frame | parts)
    patch_vary_headers(response, ["HX-Target"])
    return response


@require_safe
@page("customers.read")
def traits(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Show everything known of the customer, with where and when it was told."""
    return _tab(request, access, customer_id, tab="traits", more=lambda customer: {"sealed": has_sealed(customer.id)})


@require_safe
@page("customers.read")
def identity(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Show what identifies the customer, every join with its evidence, and all that was decided, page by page."""
    customer, elsewhere = found_now(request, access, customer_id, tab="identity")
    if elsewhere:
        return elsewhere
    given = request.GET.get("after", "")
    after = int(given) if given.isdecimal() and len(given) < 7 else 0
    ledger = get_entries(workspace_id=access.workspace_id, customer_id=customer.id, after=after, limit=_DECISIONS)
    more = {
        "customer": customer,
        "history": lines_of(ledger.entries, source_names(access.workspace_id)),
        "after": after,
        "older": ledger.after,
        "decisions": ledger.total,
        "may_decide": access.can("identity.write"),
    }
    return render(request, "customers/identity.html", frame_of(access, customer, tab="identity") | more)


def _tab(
    request: HttpRequest, access: Access, customer_id: UUID, *, tab: str, more: Callable[[Customer], dict[str, Any]] | None = None
) -> HttpResponse:
    customer, elsewhere = found_now(request, access, customer_id, tab=tab)
    if elsewhere:
        return elsewhere
    context = frame_of(access, customer, tab=tab) | {"customer": customer} | (more(customer) if more else {})
    return render(request, f"customers/{tab}.html", context)


def found_now(request: HttpRequest, access: Access, customer_id: UUID, *, tab: str) -> tuple[Customer, HttpResponse | None]:
    """Return the customer, and a redirect where the id is that of one who became another."""
    customer = found(access, customer_id)
    if customer.id == customer_id:
        return customer, None
    to = reverse(f"customers:{tab}", kwargs={"workspace": access.workspace_slug, "customer_id": customer.id})
    return customer, redirect(f"{to}?{urlencode(request.GET, doseq=True)}" if request.GET else to)


def frame_of(access: Access, customer: Customer, *, tab: str, newest: Callable[[], Story] | None = None) -> dict[str, Any]:
    """Return what stands around each tab: header, cards, side panel. `newest`: the story's beginning, where it is read already.

    The past is asked meanwhile, so its answer comes last.
    """
    asked = later(partial(_standing, customer, newest))
    now, zone = timezone.now(), ZoneInfo(access.workspace.time_zone)
    identifiers = list_identifiers(workspace_id=access.workspace_id, customer_id=customer.id)
    names = source_names(access.workspace_id)
    merges = list_merges(workspace_id=access.workspace_id, customer_id=customer.id, merged=customer.merged_ids)
    audiences = audiences_of(customer.id)
    url = {"workspace": access.workspace_slug, "customer_id": customer.id}
    channels = sorted(customer.channels.items(), key=lambda pair: -pair[1])
    header, known, traits = header_of(customer), known_of(identifiers, names), traits_of(customer, names)
    return {
        "header": header,
        "withheld": withheld(customer),
        "tabs": [(label, reverse(f"customers:{name}", kwargs=url), name == tab) for name, label in TABS.items()],
        "known": known,
        "audiences": audiences,
        "computed": computed_of(access.workspace_id, customer.id),
        "personas": personas_of({audience: since for audience, _, since in audiences}),
        "joins": joins_of(merges, names),
        "likes": likes_of(customer),
        "consents": [(one, name_of(one.purpose, {}), names.get(one.source_id, "")) for one in newest_of(customer.consent)],
        "traits": traits,
        "told": told_besides(traits, known, header),
        "channel_counts": [(channel_words(name) or "unknown", n) for name, n in channels],
        "raw": json.dumps(profile_of(customer, identifiers), indent=2, ensure_ascii=False, default=str),
        "may_note": access.can("customers.write"),
        "may_ask": access.can("rights.enter"),
        "longest_note": LONGEST_NOTE,
        "matters": _matters(access, customer, asked, now=now, zone=zone),
    }


def _standing(customer: Customer, newest: Callable[[], Story] | None) -> Standing:
    if newest is None and customer.interactions < AT_ONCE:  # likely whole, so that nothing else has to be asked
        newest = partial(
            timeline,
            workspace_id=customer.workspace_id,
            customer_ids=customer.all_ids,
            limit=AT_ONCE,
            known=customer.interactions,
        )
    return standing(customer=customer, newest=None if newest is None else newest())


def _matters(
    access: Access, customer: Customer, asked: Callable[[], Standing], *, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    try:
        at = asked()
    except AmityError as error:
        return {"cards": [], "sessions": 0, "failed": error.message}
    url = {"workspace": access.workspace_slug, "customer_id": customer.id}
    places = Places(
        story=reverse("customers:customer", kwargs=url),
        moment=lambda time, key: reverse("customers:moment", kwargs={**url, "time": time, "key": UUID(key)}),
    )
    return {
        "cards": cards(customer, at, places, now=now, zone=zone),
        "told": told(customer, at, now=now),
        "figures": figures(customer, at, places, now=now, zone=zone) if customer.interactions else [],
        "sessions": at.sums.sessions,
    }
