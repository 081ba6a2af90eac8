"""Pages of personas: all of them, one as a poster, its versions; and what one does with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.customers.actions.personas.verbs import (
    LONGEST_HEARD,
    LONGEST_WORDS,
    archive_persona,
    bring_back_persona,
    put_back,
    quote_customer,
    quote_words,
    remove_quote,
    review_persona,
)
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.console.personas.words import (
    Line,
    fresh_words,
    label_of,
    line_of,
    lines_of,
    moves_of,
    share_words,
)
from amity.rooms.customers.models import Audience, Persona
from amity.rooms.customers.queries.audiences.lists import lines_by_id, member_ids, names_of
from amity.rooms.customers.queries.audiences.why import conditions_in_words
from amity.rooms.customers.queries.computed.lists import trait_names
from amity.rooms.customers.queries.personas.lists import (
    accessible_persona,
    freshness_of,
    list_personas,
    versions_of,
)
from amity.rooms.customers.queries.personas.numbers import Numbers, numbers_of
from amity.rooms.customers.queries.personas.voices import Voice, quotes_of, said_lately
from amity.rooms.customers.rules.personas.measures import Measure, share, telling
from amity.rooms.customers.rules.personas.portrait import PARTS, changes, read
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

EXAMPLES, APART = 6, 8
_PART_NAMES = {
    **PARTS, "line": "One line", "about": "Who they are", "research": "What it rests on", "language": "Language", "initials": "Initials",
    "tint": "Colour",
}  # fmt: skip


@require_safe
@page("customers.read")
def personas(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List personas as cards, each with its size now."""
    text = request.GET.get("q", "")[:200].strip()
    archived = request.GET.get("archived") == "1"
    found = list_personas(workspace_id=access.workspace_id, archived=archived, text=text)
    context = {"cards": [_card(one, access) for one in found], "text": text, "archived": archived}
    return render(request, "customers/personas/list.html", context)


@require_safe
@page("customers.read")
def persona(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Show a persona: what colleagues say of it, what customers say, and what is true of its members now."""
    one = found_persona(access, persona_id)
    audience = one.audience
    numbers = numbers_of(audience, currency=access.workspace.currency) if audience is not None else None
    fresh = freshness_of(one, numbers)
    mark, said = fresh_words(fresh)
    quotes, failed = _quotes(one, access)
    traits = trait_names(access.workspace_id)
    context: dict[str, Any] = {
        "one": one,
        "portrait": read(one.told),
        "parts": [(name, label, getattr(read(one.told), name)) for name, label in PARTS.items()],
        "fresh": fresh,
        "fresh_mark": mark,
        "fresh_said": said,
        "stayed": share_words(fresh.stayed) if fresh.stayed else None,
        "moves": moves_of(fresh, traits=traits, currency=access.workspace.currency),
        "quotes": quotes,
        "failed": failed,
        "may": access.can("audiences.write"),
        "longest_words": LONGEST_WORDS,
        "longest_heard": LONGEST_HEARD,
    }
    if audience is not None and numbers is not None:
        context |= _numbers(access, audience, numbers, traits)
    return render(request, "customers/personas/one.html", context)


@require_safe
@page("customers.read")
def voices(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Show what members said lately, to quote it."""
    one = found_persona(access, persona_id)
    found: list[Voice] = []
    failed = ""
    if one.audience is not None:
        try:
            held = [voice.moment.key for voice in quotes_of(one.pk, workspace_id=access.workspace_id) if voice.moment]
            found = said_lately(one.audience.pk, workspace_id=access.workspace_id, without=held)
        except AmityError as error:
            failed = error.message
    context = {
        "one": one, "voices": _named(found, access), "failed": failed, "may": access.can("audiences.write"),
        "longest_words": LONGEST_WORDS, "longest_heard": LONGEST_HEARD,
    }  # fmt: skip
    return render(request, "customers/personas/voices.html", context)


@require_safe
@page("customers.read")
def history(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Show what a persona was, version by version, and what changed in each."""
    one = found_persona(access, persona_id)
    versions = versions_of(one.pk)
    names = names_of(access.workspace_id)
    rows = []
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        portrait = read(version.told)
        earlier = read(before.told) if before else None
        changed = [_PART_NAMES[name] for name in changes(earlier, portrait)] if earlier else []
        if before and before.name != version.name:
            changed.insert(0, "Name")
        if before and before.audience_id != version.audience_id:
            changed.append("Whom it stands for")
        rows.append({
            "version": version, "portrait": portrait, "changed": changed, "first": before is None,
            "audience": names.get(("audience", version.audience_id), "") if version.audience_id else "",
            "parts": [(label, getattr(portrait, name)) for name, label in PARTS.items() if getattr(portrait, name)],
        })  # fmt: skip
    context = {"one": one, "rows": rows, "may": access.can("audiences.write") and one.archived_at is None}
    return render(request, "customers/personas/history.html", context)


@require_POST
@page("audiences.write")
def review(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Say that a persona holds."""
    said = "Reviewed. Its numbers of now are kept, to tell how far its members move from here."
    return _done(request, access, persona_id, lambda: review_persona(access, persona_id=persona_id, request=request), said)


@require_POST
@page("audiences.write")
def archive(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Put a persona away."""
    said = "Archived. Nothing of it is lost."
    return _done(request, access, persona_id, lambda: archive_persona(access, persona_id=persona_id, request=request), said)


@require_POST
@page("audiences.write")
def bring_back(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Take a persona out of the archive."""
    act = lambda: bring_back_persona(access, persona_id=persona_id, request=request)  # noqa: E731  called by _done
    return _done(request, access, persona_id, act, "It is in use again.")


@require_POST
@page("audiences.write")
def restore(request: HttpRequest, *, access: Access, persona_id: int, number: int) -> HttpResponse:
    """Make a persona what it was in a version."""
    act = lambda: put_back(access, persona_id=persona_id, number=number, request=request)  # noqa: E731  called by _done
    return _done(request, access, persona_id, act, f"It is as it was in version {number}.")


@require_POST
@page("audiences.write")
def quote(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Quote what a customer said, or words that were heard elsewhere."""

    def act() -> None:
        if "key" not in request.POST:
            quote_words(
                access, persona_id=persona_id, words=request.POST.get("words", ""), heard=request.POST.get("heard", ""), request=request
            )  # fmt: skip
            return
        try:
            customer, key = UUID(request.POST.get("customer", "")), UUID(request.POST["key"])
            time = int(request.POST.get("time", ""))
        except ValueError:
            raise Invalid("This is no interaction. Choose one of those that are shown.") from None
        quote_customer(access, persona_id=persona_id, customer_id=customer, key=key, time=time, request=request)

    return _done(request, access, persona_id, act, "Quoted.")


@require_POST
@page("audiences.write")
def unquote(request: HttpRequest, *, access: Access, persona_id: int, quote_id: int) -> HttpResponse:
    """Take a quote away."""
    act = lambda: remove_quote(access, persona_id=persona_id, quote_id=quote_id, request=request)  # noqa: E731  called by _done
    return _done(request, access, persona_id, act, "The quote was taken away.")


def found_persona(access: Access, persona_id: int) -> Persona:
    """Return a persona of the workspace. Raises Http404."""
    try:
        return accessible_persona(workspace_id=access.workspace_id, persona_id=persona_id)
    except AmityError as error:
        raise Http404(error.message) from None


def _card(one: Persona, access: Access) -> dict[str, Any]:
    numbers = numbers_of(one.audience, currency=access.workspace.currency, traits=False) if one.audience else None
    fresh = freshness_of(one, numbers)
    mark, said = fresh_words(fresh)
    channel = numbers.channels[0] if numbers and numbers.channels else None
    return {
        "one": one, "portrait": read(one.told), "numbers": numbers, "share": share_words(numbers.share) if numbers else None,
        "counting": one.audience is not None and one.audience.definition is not None and one.audience.computed_at is None,
        "channel": line_of(channel, traits={}, currency="") if channel else None, "mark": mark, "said": said,
    }  # fmt: skip


def _numbers(access: Access, audience: Audience, numbers: Numbers, traits: dict[int, str]) -> dict[str, Any]:
    currency = access.workspace.currency
    some = [who for who, _ in member_ids(audience.pk, limit=EXAMPLES)]
    lines = lines_by_id(access.workspace_id, some)

    def told(measures: Any) -> list[Line]:
        return lines_of(measures, traits=traits, currency=currency)

    return {
        "audience": audience,
        "counting": audience.definition is not None and audience.computed_at is None,
        "conditions": conditions_in_words(audience, names_of(access.workspace_id)),
        "numbers": numbers,
        "share": share_words(share(numbers.size, numbers.everybody)),
        "main": told(numbers.main),
        "channels": told(numbers.channels),
        "stages": told(numbers.stages),
        "apart": [_apart(one, traits, currency) for one in telling(numbers.all)[:APART]],
        "examples": [{"line": lines[who], "tint": tint_of(who)} for who in some if who in lines],
    }


def _apart(one: Measure, traits: dict[int, str], currency: str) -> dict[str, Any]:
    line = line_of(one, traits=traits, currency=currency)
    if one.key.startswith("channel:"):
        label = f"Prefer {label_of(one.key, traits)}"
    elif one.key.startswith("stage:"):
        label = f"Lifecycle: {line.label}"
    else:
        label = line.label
    return {"line": line, "label": label}


def _quotes(one: Persona, access: Access) -> tuple[list[dict[str, Any]], str]:
    try:
        return _named(quotes_of(one.pk, workspace_id=access.workspace_id), access), ""
    except AmityError as error:
        return [], error.message


def _named(voices: list[Voice], access: Access) -> list[dict[str, Any]]:
    lines = lines_by_id(access.workspace_id, [voice.customer_id for voice in voices if voice.customer_id])
    return [{"voice": voice, "line": lines.get(voice.customer_id) if voice.customer_id else None} for voice in voices]


def _done(request: HttpRequest, access: Access, persona_id: int, act: Callable[[], Any], said: str) -> HttpResponse:
    one = found_persona(access, persona_id)
    try:
        act()
        messages.success(request, said)
    except (Invalid, NotFound) as error:
        messages.error(request, error.message)
    return redirect("customers:persona", workspace=access.workspace_slug, persona_id=one.pk)
