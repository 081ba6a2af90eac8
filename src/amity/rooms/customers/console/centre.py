"""The preference centre: a public page behind a sealed link, where people see and change what they allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.consent.answer import Told, record_answers
from amity.rooms.customers.models import Choice
from amity.rooms.customers.queries.consent.opened import Opened, opened_by, setting_behind
from amity.rooms.customers.queries.consent.standing import Standing, standing_of
from amity.rooms.customers.queries.consent.texts import newest_texts, shown_text
from amity.rooms.customers.rules.centre.languages import LANGUAGES, date_in, language_of
from amity.rooms.customers.rules.centre.lines import Line, changes, is_channel, line, masked, offered, titled, topic_line
from amity.rooms.customers.rules.centre.words import WORDS
from amity.rooms.customers.rules.choices.decide import pause_ends
from amity.rooms.customers.rules.choices.links import LinkOver
from amity.rooms.customers.rules.choices.purposes import ALL_MARKETING, PAUSE, SALE_SHARE, TOPIC, Purpose, purpose_of
from amity.rooms.trust.api import get_workspace_by_id, may_try, public

PLACE, ONE_CLICK = "preference_centre", "list_unsubscribe"
_PAUSES = {"pause_30": 30, "pause_90": 90}
_DONE = ("saved", "same", "stopped", "paused_now", "resumed")
_ANSWERS = "120/m/key"  # a link's holder; the machines of a mail provider unsubscribe many people from one address
_GUESSES = "30/m/ip"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One look at somebody's choices."""

    token: str
    opened: Opened
    language: str
    standing: Standing
    privacy_control: bool

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days are said."""
        return ZoneInfo(self.opened.workspace.time_zone)


View = Callable[..., HttpResponse]


def behind_link(view: View) -> View:
    """Open the link for a view, and give every answer the headers of a page that belongs to one person and no site."""

    @wraps(view)
    def opened_first(request: HttpRequest, token: str) -> HttpResponse:
        ancestors: list[str] = []
        chosen = request.POST.get("language") or request.GET.get("language", "")
        language = language_of(chosen=chosen, accepted=request.headers.get("Accept-Language", ""))
        try:
            opened = opened_by(token)
        except LinkOver as over:
            response = _over(request, token, language, over)
        else:
            ancestors = opened.setting.frame_ancestors
            if may_try(request, action="choices", rate=_ANSWERS, key=token):
                response = view(request, _visit(request, token, opened, language))
            else:
                response = _page(request, "busy", language, {}, status=429)
        return _private(request, response, ancestors)

    return opened_first


@csrf_exempt  # the address is the secret, and an embedded page has no cookies
@public("a sealed link is its own permission")
@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def choices(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what holds for each channel, topic and use of data, and take what is changed."""
    if request.method == "POST":
        done = _take(request.POST, visit)
        to = reverse("customers:choices", args=[visit.token])
        return HttpResponseRedirect(f"{to}?language={visit.language}&done={done}#done", status=303)
    visit = _heed_privacy_control(visit)
    done = request.GET.get("done", "")
    context = _shown(visit) | {"done": WORDS[visit.language][done] if done in _DONE else ""}
    return _page(request, "choices", visit.language, context)


@csrf_exempt  # mail programs post here by themselves (RFC 8058)
@public("a sealed link is its own permission")
@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def unsubscribe(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take a one-click unsubscription (RFC 8058), and ask people who follow the address whether they mean it."""
    purpose = purpose_of(visit.standing.chosen.purposes, visit.opened.scope)
    what = _called(visit, purpose)
    words = WORDS[visit.language]
    context = {
        "token": visit.token,
        "company": visit.opened.workspace.name,
        "ask_text": words["unsubscribe_text"].format(what=what),
        "gone_text": words["unsubscribed"].format(what=what),
    }
    if request.method != "POST":
        return _page(request, "unsubscribe", visit.language, context)
    if request.POST.get("List-Unsubscribe") != "One-Click":
        return HttpResponse("Send List-Unsubscribe=One-Click.", status=400, content_type="text/plain; charset=utf-8")
    told = Told(origin="centre", place=ONE_CLICK, channel="email")
    _record(visit, {purpose.key: False}, told)
    return _page(request, "unsubscribe", visit.language, context | {"gone": True})


def _visit(request: HttpRequest, token: str, opened: Opened, language: str) -> Visit:
    standing = standing_of(workspace_id=opened.workspace.id, customer_id=opened.customer_id)
    return Visit(
        token=token, opened=opened, language=language, standing=standing, privacy_control=request.headers.get("Sec-GPC") == "1"
    )


def _heed_privacy_control(visit: Visit) -> Visit:
    """Take the browser's signal as an answer, once: it says no to sale and sharing with each request."""
    purpose = visit.standing.chosen.purposes[SALE_SHARE]
    if not visit.privacy_control or visit.standing.settled(purpose).reason in {"refused", "needs_none"}:
        return visit
    _record(visit, {SALE_SHARE: False}, Told(origin="gpc", place=PLACE, channel="web"))
    standing = standing_of(workspace_id=visit.opened.workspace.id, customer_id=visit.opened.customer_id)
    return Visit(token=visit.token, opened=visit.opened, language=visit.language, standing=standing, privacy_control=True)


def _take(sent: Mapping[str, str], visit: Visit) -> str:
    """Record what a form says and return the word for what was done."""
    match sent.get("do"):
        case "stop":
            said, done, texts = {ALL_MARKETING: False}, "stopped", {ALL_MARKETING: f"{visit.language}/amity"}
        case "pause_30" | "pause_90" as asked:
            said, done, texts = {f"{PAUSE}{_PAUSES[asked]}": False}, "paused_now", {}
        case "resume":
            said, done, texts = {f"{PAUSE}0": True}, "resumed", {}
        case "save":
            groups = _groups(visit)
            said, texts = changes([*groups["channels"], *groups["topics"], *groups["uses"]], sent)
            done = "saved"
        case _:
            said, done, texts = {}, "same", {}
    if not said:
        return "same"
    proofs = {name: shown_text(visit.opened.workspace.id, name, version) for name, version in texts.items() if version}
    known = {name: proof for name, proof in proofs.items() if proof is not None}
    _record(visit, said, Told(origin="centre", place=PLACE, channel="web", texts=known))
    return done


def _record(visit: Visit, said: Mapping[str, bool], told: Told) -> None:
    record_answers(workspace_id=visit.opened.workspace.id, customer_id=visit.opened.customer_id, choices=said, told=told)


def _groups(visit: Visit) -> dict[str, list[Line]]:
    standing, language, zone = visit.standing, visit.language, visit.zone
    texts: dict[str, dict[str, tuple[str, int]]] = {}
    for (purpose, spoken), row in newest_texts(visit.opened.workspace.id).items():
        texts.setdefault(purpose, {})[spoken] = (row.text, row.version)
    shown = offered(standing.chosen.purposes, visit.opened.setting.offered)
    lines = {
        one.key: line(
            one, standing.settled(one), language=language, zone=zone, texts=texts.get(one.key, {}),
            locked=one.key == SALE_SHARE and visit.privacy_control,
        )
        for one in shown
    }  # fmt: skip
    topics = [
        topic_line(
            one, standing.settled(purpose_of(standing.chosen.purposes, f"{TOPIC}{one['key']}")), language=language, zone=zone,
            frequency=standing.frequencies.get(one["key"], ""),
        )
        for one in visit.opened.setting.topics
    ]  # fmt: skip
    return {
        "channels": [lines[one.key] for one in shown if is_channel(one)],
        "topics": topics,
        "uses": [lines[one.key] for one in shown if not is_channel(one)],
    }


def _shown(visit: Visit) -> dict[str, Any]:
    words, standing = WORDS[visit.language], visit.standing
    pause = standing.pause
    return _groups(visit) | {
        "token": visit.token,
        "intro": words["intro"].format(company=visit.opened.workspace.name),
        "company": visit.opened.workspace.name,
        "whose": words["whose"].format(who=masked(visit.opened.email)) if masked(visit.opened.email) else "",
        "privacy_control": _privacy_control(visit),
        "pause": words["pause_lasts"].format(until=_day(visit, pause_ends(pause))) if pause else "",
        "languages": LANGUAGES.items(),
    }


def _privacy_control(visit: Visit) -> str:
    """Say that Global Privacy Control was heeded: of this very request, else of an earlier one that still holds."""
    words = WORDS[visit.language]
    if visit.privacy_control:
        return words["gpc"]
    held = visit.standing.settled(visit.standing.chosen.purposes[SALE_SHARE])
    if held.reason != "refused" or held.answer is None:
        return ""
    rows = Choice.objects.filter(customer_id=visit.opened.customer_id, name=held.answer.name, origin="gpc")
    told = rows.order_by("-time").values_list("time", flat=True).first()
    return words["gpc_before"].format(date=_day(visit, held.answer.moment)) if told is not None else ""


def _called(visit: Visit, purpose: Purpose) -> str:
    """Return a purpose or topic as the page calls it."""
    if not purpose.key.startswith(TOPIC):
        return titled(purpose, visit.language)
    lines = (one for one in _groups(visit)["topics"] if one.key == purpose.key)
    return next((one.title for one in lines), purpose.name)


def _day(visit: Visit, at: int) -> str:
    return date_in(visit.language, from_ms(at).astimezone(visit.zone))


def _over(request: HttpRequest, token: str, language: str, over: LinkOver) -> HttpResponse:
    if not may_try(request, action="choices-unknown", rate=_GUESSES):
        return _page(request, "busy", language, {}, status=429)
    setting = setting_behind(token)
    company = get_workspace_by_id(setting.workspace_id).name if setting else ""
    why = WORDS[language][f"over_{over.why}"]
    return _page(request, "over", language, {"why": why, "company": company}, status=410 if over.why == "expired" else 404)


def _page(request: HttpRequest, name: str, language: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    shared = {"words": WORDS[language], "language": language}
    return render(request, f"customers/centre/{name}.html", shared | dict(context), status=status)


def _private(request: HttpRequest, response: HttpResponse, ancestors: list[str]) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Vary"] = "Accept-Language, Sec-GPC"
    if ancestors:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return cast(
            "HttpResponse", xframe_options_exempt(csp_replace({"frame-ancestors": ancestors})(lambda _: response))(request)
        )
    return response
