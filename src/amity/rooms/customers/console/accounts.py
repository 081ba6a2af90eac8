"""Accounts: the list, and one with its members, its traits and the story of what they did for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from amity.kernel.clock import from_ms
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.customers.console.known import source_names, tint_of, traits_of
from amity.rooms.customers.contracts import Account, Member, Moment
from amity.rooms.customers.queries.accounts import MOST_MEMBERS, account_story, get_account, list_accounts
from amity.rooms.customers.rules.portrait.portray import portray
from amity.rooms.customers.rules.portrait.shapes import Portrait
from amity.rooms.customers.rules.portrait.words import day_name
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
FEW = 12  # members that are shown before the whole list is asked for
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Step:
    """One interaction of an account's story: what, when, and who."""

    moment: Moment
    portrait: Portrait
    day: str
    who: Member | None


@require_safe
@page("customers.read")
def accounts(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show accounts, the one heard of last first, or those that the text in the search field finds."""
    text = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    after = request.GET.get("after", "")
    context = {"text": text, "first": not after, "lines": (), "failed": ""}
    try:
        found = list_accounts(workspace_id=access.workspace_id, text=text, after=after, limit=ON_A_PAGE)
    except Invalid:
        return redirect(request.path)
    except AmityError as error:
        context["failed"] = error.message
    else:
        given = {name: value for name, value in (("q", text), ("after", found.after)) if value}
        context |= {"lines": found.lines, "older": "?" + urlencode(given) if found.after else ""}
    partial = request.headers.get("HX-Target") == "found"
    response = render(request, "customers/_accounts.html" if partial else "customers/accounts.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


@require_safe
@page("customers.read")
def account(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show one account; `id` in the address says which."""
    wanted, before = request.GET.get("id", "")[:300].replace("\0", ""), request.GET.get("before", "")
    try:
        one = get_account(workspace_id=access.workspace_id, account=wanted)
        story = account_story(workspace_id=access.workspace_id, account=one, before=before, limit=ON_A_PAGE)
    except (NotFound, Invalid) as error:
        raise Http404(error.message) from error
    except AmityError as error:
        return render(request, "customers/account_failed.html", {"failed": error.message}, status=503)
    here = reverse("customers:account", args=[access.workspace_slug])
    steps = _steps(access, one, story.moments)
    context = {
        "account": one,
        "members": [(member, tint_of(member.line.id)) for member in _shown(request, one)],
        "all_url": ""
        if len(_shown(request, one)) == len(one.members)
        else f"{here}?{urlencode({'id': one.id, 'members': 'all'})}",
        "most": MOST_MEMBERS,
        "money": [(str(amount), currency) for currency, amount in one.values.items()],
        "traits": traits_of(one, source_names(access.workspace_id)),
        "steps": steps,
        "older_url": f"{here}?{urlencode({'id': one.id, 'before': story.before})}" if story.before else "",
        "from_the_end": not before,
        "here": f"{here}?{urlencode({'id': one.id})}",
    }
    template = "customers/_account_story.html" if request.headers.get("HX-Target") == "older" else "customers/account.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _shown(request: HttpRequest, one: Account) -> Sequence[Member]:
    return one.members if request.GET.get("members") == "all" else one.members[:FEW]


def _steps(access: Access, one: Account, moments: Sequence[Moment]) -> list[Step]:
    """Return moments with who they are of, the name of a day only where it begins."""
    zone = ZoneInfo(access.workspace.time_zone)
    today = timezone.now().astimezone(zone).date()
    whose = {each: member for member in one.members for each in member.ids}
    steps, last = [], None
    for moment in moments:
        day = from_ms(moment.time).astimezone(zone).date()
        name = "" if day == last else day_name(day, today=today)
        steps.append(Step(moment=moment, portrait=portray(moment), day=name, who=whose.get(moment.customer_id)))
        last = day
    return steps
