"""Pages of what a workspace chooses about consent: purposes and texts, regions, topics, the preference centre and its links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.consent.links import end_links
from amity.rooms.customers.actions.consent.purposes import forget_purpose, save_purpose, save_texts
from amity.rooms.customers.actions.consent.setting import change_centre, change_policy, change_regions, remove_topic, save_topic
from amity.rooms.customers.console.consent.forms import (
    OFTEN,
    CentreForm,
    NewPurposeForm,
    PolicyForm,
    PurposeForm,
    RegionForm,
    TopicForm,
    lines_in,
)
from amity.rooms.customers.console.consent.words import BASES
from amity.rooms.customers.models import ConsentSetting, OwnPurpose
from amity.rooms.customers.queries.consent.texts import newest_texts, versions_of
from amity.rooms.customers.queries.permission import COUNTRY_TRAITS, Chosen, chosen
from amity.rooms.customers.rules.centre.languages import LANGUAGES
from amity.rooms.customers.rules.centre.lines import offered
from amity.rooms.customers.rules.choices.purposes import BUILT_IN, WITHOUT_ASKING
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_BOTH = ["GET", "HEAD", "POST"]


@require_safe
@page("customers.read")
def overview(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show everything that the workspace chose about consent."""
    return _overview(request, access)


@require_POST
@page("settings.write")
def regions(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Choose the default policy and the traits that tell a country."""
    form = RegionForm(request.POST)
    done = _done(form, lambda said: change_regions(
        access, default_policy=said["default_policy"], country_traits=lines_in(said["country_traits"]), request=request
    ))  # fmt: skip
    return _home(request, access, "Saved. It holds from now on.") if done else _overview(request, access, region=form)


@require_POST
@page("settings.write")
def centre(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Choose what the preference centre shows, how long its links last, and who embeds it."""
    form = CentreForm(request.POST, offers=_offers(chosen(access.workspace_id)))
    done = _done(form, lambda said: change_centre(
        access, offered=said["offered"], link_days=said["link_days"], frame_ancestors=lines_in(said["frame_ancestors"]),
        request=request,
    ))  # fmt: skip
    return _home(request, access, "Saved. It holds from now on.") if done else _overview(request, access, centre=form)


@require_POST
@page("settings.write")
def links_end(request: HttpRequest, *, access: Access) -> HttpResponse:
    """End every link into the preference centre."""
    end_links(access, request=request)
    return _home(request, access, "All links have ended. New ones work.")


@require_http_methods(_BOTH)
@page("settings.write")
def policy(request: HttpRequest, *, access: Access, key: str) -> HttpResponse:
    """Choose what silence allows in a region, and how long a yes lasts."""
    known = chosen(access.workspace_id)
    if key not in known.policies:
        raise Http404("There is no such policy.")
    held = known.policies[key]
    asks = [(one.key, one.name) for one in known.purposes.values() if one.basis == "consent"]
    initial = {"silence": [one for one, _ in asks if one in held.silence], "expires_days": held.expires_days}
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial, asks=asks)
    if request.method == "POST" and _done(form, lambda said: change_policy(
        access, key=key, silence=said["silence"], expires_days=said["expires_days"], request=request
    )):  # fmt: skip
        return _home(request, access, "The policy is saved. It holds from now on.")
    return _form(request, "policy", form, {"policy": held})


@require_http_methods(_BOTH)
@page("settings.write")
def purpose(request: HttpRequest, *, access: Access, key: str) -> HttpResponse:
    """Change a purpose and its texts."""
    known = chosen(access.workspace_id)
    if key not in known.purposes:
        raise Http404("There is no such purpose.")
    held, texts = known.purposes[key], newest_texts(access.workspace_id)
    initial = {"name": held.name, "basis": held.basis, "description": held.description,
               "categories": "\n".join(sorted(held.names - {key}))}  # fmt: skip
    initial |= {f"text_{code}": texts[key, code].text for code in LANGUAGES if (key, code) in texts}
    form = PurposeForm(request.POST if request.method == "POST" else None, initial=initial)

    def save(said: dict[str, Any]) -> None:
        # A browser sends lines apart by two letters, so names are compared as names.
        before, now = lines_in(initial["categories"]), lines_in(said["categories"])
        if now != before or any(said[name] != initial[name] for name in ("name", "basis", "description")):
            save_purpose(
                access, key=key, name=said["name"], basis=said["basis"], description=said["description"],
                categories=now, request=request,
            )  # fmt: skip
        save_texts(access, purpose=key, texts=form.texts(), request=request)

    if request.method == "POST" and _done(form, save):
        return _home(request, access, f"{form.cleaned_data['name']} is saved.")
    own = OwnPurpose.objects.filter(workspace_id=access.workspace_id, key=key).exists()
    more = {"purpose": held, "own": own, "built_in": key in BUILT_IN, "versions": versions_of(access.workspace_id, key)}
    return _form(request, "purpose", form, more)


@require_http_methods(_BOTH)
@page("settings.write")
def new_purpose(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Add a purpose."""
    form = NewPurposeForm(request.POST if request.method == "POST" else None, initial={"basis": "consent"})

    def save(said: dict[str, Any]) -> None:
        key = save_purpose(
            access, key=said["key"].strip(), name=said["name"], basis=said["basis"], description=said["description"],
            categories=lines_in(said["categories"]), new=True, request=request,
        )  # fmt: skip
        save_texts(access, purpose=key, texts=form.texts(), request=request)

    if request.method == "POST" and _done(form, save):
        return _home(request, access, f"{form.cleaned_data['name']} is added.")
    return _form(request, "purpose", form, {"purpose": None, "versions": []})


@require_POST
@page("settings.write")
def purpose_end(request: HttpRequest, *, access: Access, key: str) -> HttpResponse:
    """Take a purpose of the workspace's own away, or what it changed of Amity's."""
    try:
        forget_purpose(access, key=key, request=request)
    except NotFound as error:
        raise Http404(error.message) from error
    return _home(
        request, access, "It is as Amity has it again." if key in BUILT_IN else "The purpose is gone. Answers to it stay."
    )


@require_http_methods(_BOTH)
@page("settings.write")
def topic(request: HttpRequest, *, access: Access, key: str) -> HttpResponse:
    """Change a topic."""
    found = next((one for one in _setting(access).topics if one["key"] == key), None)
    if found is None:
        raise Http404("There is no such topic.")
    initial = {"frequencies": found["frequencies"], **{f"name_{code}": name for code, name in found["names"].items()}}
    form = TopicForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and _done(form, lambda said: save_topic(
        access, key=key, names=form.names(), frequencies=said["frequencies"], request=request
    )):  # fmt: skip
        return _home(request, access, "The topic is saved.")
    return _form(request, "topic", form, {"topic": key})


@require_http_methods(_BOTH)
@page("settings.write")
def new_topic(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Add a topic."""
    form = TopicForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _done(form, lambda said: save_topic(
        access, key="", names=form.names(), frequencies=said["frequencies"], new=True, request=request
    )):  # fmt: skip
        return _home(request, access, "The topic is added.")
    return _form(request, "topic", form, {"topic": ""})


@require_POST
@page("settings.write")
def topic_end(request: HttpRequest, *, access: Access, key: str) -> HttpResponse:
    """Stop offering a topic."""
    try:
        remove_topic(access, key=key, request=request)
    except NotFound as error:
        raise Http404(error.message) from error
    return _home(request, access, "The topic is gone. Answers to it stay.")


def _overview(
    request: HttpRequest, access: Access, *, region: RegionForm | None = None, centre: CentreForm | None = None
) -> HttpResponse:
    known, setting, texts = chosen(access.workspace_id), _setting(access), newest_texts(access.workspace_id)
    own = set(OwnPurpose.objects.filter(workspace_id=access.workspace_id).values_list("key", flat=True))
    offers = _offers(known)
    shown = [one.key for one in offered(known.purposes, setting.offered)]
    where = {"default_policy": known.default_policy, "country_traits": "\n".join(known.country_traits or COUNTRY_TRAITS)}
    at = {"offered": shown, "link_days": setting.link_days, "frame_ancestors": "\n".join(setting.frame_ancestors)}
    context = {
        "purposes": [
            {
                "purpose": one, "basis": BASES[one.basis], "own": one.key in own, "built_in": one.key in BUILT_IN,
                "names": sorted(one.names - {one.key}), "languages": [code for code in LANGUAGES if (one.key, code) in texts],
            }
            for one in known.purposes.values()
        ],
        "policies": [
            (one, [known.purposes[key].name for key in known.purposes if key in one.silence and key not in _free(known)])
            for one in known.policies.values()
        ],
        "default_policy": known.policies[known.default_policy],
        "country_traits": known.country_traits,
        "topics": [(one["key"], one["names"], [OFTEN[each] for each in one.get("frequencies", ())]) for one in setting.topics],
        "shown": [known.purposes[key].name for key in shown],
        "setting": setting,
        "region_form": region or RegionForm(initial=where),
        "centre_form": centre or CentreForm(initial=at, offers=offers),
        "may_change": access.can("settings.write"),
    }  # fmt: skip
    return render(request, "customers/consent/overview.html", context, status=422 if region or centre else 200)


def _done(form: forms.Form, save: Callable[[dict[str, Any]], Any]) -> bool:
    """Save what a valid form says; what can't be is said on the form."""
    if not form.is_valid():
        return False
    try:
        save(form.cleaned_data)
    except NotFound as error:
        raise Http404(error.message) from error
    except Invalid as error:
        form.add_error(None, error.message)
        return False
    return True


def _form(request: HttpRequest, name: str, form: forms.Form, more: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"customers/consent/{name}.html", more | {"form": form}, status=status)


def _home(request: HttpRequest, access: Access, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("customers:consent_settings", workspace=access.workspace_slug)


def _setting(access: Access) -> ConsentSetting:
    return ConsentSetting.objects.filter(workspace_id=access.workspace_id).first() or ConsentSetting()


def _offers(known: Chosen) -> list[tuple[str, str]]:
    return [(one.key, one.name) for one in known.purposes.values() if one.basis not in WITHOUT_ASKING]


def _free(known: Chosen) -> set[str]:
    return {one.key for one in known.purposes.values() if one.basis != "consent"}
