"""What a workspace chooses about consent: where people are, what the preference centre shows, who may embed it, topics, policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.customers.actions.consent.links import MOST_DAYS
from amity.rooms.customers.models import ConsentSetting
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.rules.centre.languages import LANGUAGES
from amity.rooms.customers.rules.centre.words import FREQUENCIES
from amity.rooms.customers.rules.choices.policies import BUILT_IN as POLICIES
from amity.rooms.customers.rules.choices.purposes import WITHOUT_ASKING, plain
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_TOPICS, MOST_ORIGINS, MOST_PATHS = 50, 20, 10
LONGEST_KEY, LONGEST_NAME = 40, 80
LONGEST_YES = 3_660
_HOST = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"https://(?:\*\.)?{_HOST}(?:\.{_HOST})+(?::[0-9]{{1,5}})?|https?://localhost(?::[0-9]{{1,5}})?")
_KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


def may_change(access: Access) -> None:
    """Raise Forbidden for who may not change what the workspace chose about consent."""
    if not access.can("settings.write"):
        raise Forbidden("Changing what holds for consent needs the permission settings.write.")


def change_regions(
    access: Access, *, default_policy: str, country_traits: Sequence[str], request: HttpRequest | None = None
) -> None:
    """Choose the policy for who is nowhere known, and the traits that tell a country. Raises Forbidden, Invalid."""
    paths = list(dict.fromkeys(storable_text(one).strip() for one in country_traits if one.strip()))
    if default_policy not in POLICIES:
        raise Invalid("There is no such policy.")
    if len(paths) > MOST_PATHS or any(len(one) > 100 for one in paths):
        raise Invalid(f"Name at most {MOST_PATHS} traits, each in up to 100 characters.")
    _change(access, lambda _: {"default_policy": default_policy, "country_traits": paths}, request)


def change_centre(
    access: Access, *, offered: Sequence[str], link_days: int, frame_ancestors: Sequence[str], request: HttpRequest | None = None
) -> None:
    """Choose what the preference centre shows (nothing: all), how long links last, and which sites may embed it.

    Raises Forbidden; Invalid for an address that is no https origin.
    """
    purposes = chosen(access.workspace_id).purposes
    shown = [key for key, one in purposes.items() if key in offered and one.basis not in WITHOUT_ASKING]
    origins = list(dict.fromkeys(one.strip().lower().rstrip("/") for one in frame_ancestors if one.strip()))
    wrong = next((one for one in origins if not _ORIGIN.fullmatch(one)), "")
    if wrong:
        raise Invalid(f"{wrong[:100]} is no address of a site, such as https://www.example.com or https://*.example.com.")
    if len(origins) > MOST_ORIGINS:
        raise Invalid(f"At most {MOST_ORIGINS} sites can embed the preference centre.")
    if not 1 <= link_days <= MOST_DAYS:
        raise Invalid(f"A link lasts 1 to {MOST_DAYS:,} days.")
    _change(access, lambda _: {"offered": shown, "link_days": link_days, "frame_ancestors": origins}, request)


def change_policy(
    access: Access, *, key: str, silence: Sequence[str], expires_days: int, request: HttpRequest | None = None
) -> None:
    """Choose what silence allows in a region, and for how many days a yes lasts (0: always). Raises Forbidden, Invalid, NotFound."""
    if key not in POLICIES:
        raise NotFound("There is no such policy.")
    if not 0 <= expires_days <= LONGEST_YES:
        raise Invalid(f"A yes lasts up to {LONGEST_YES:,} days, or with 0 always.")
    purposes = chosen(access.workspace_id).purposes
    kept = [one for one in purposes if one in silence and purposes[one].basis == "consent"]
    change = {"silence": kept, "expires_days": expires_days}
    _change(access, lambda held: {"policies": {**held.policies, key: change}}, request)


def save_topic(  # noqa: PLR0913  what a topic is
    access: Access,
    *,
    key: str,
    names: Mapping[str, str],
    frequencies: Sequence[str],
    new: bool = False,
    request: HttpRequest | None = None,
) -> str:
    """Add or change a topic and return its key. Raises Forbidden, Invalid, NotFound for one to change that isn't there."""
    called = {one: storable_text(names[one]).strip() for one in LANGUAGES if names.get(one, "").strip()}
    if new and not key:
        key = plain(next(iter(called.values()), "")).replace(":", "_")[:LONGEST_KEY].strip("_")
    if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        raise Invalid(f"A topic's key is made of a to z, 0 to 9 and underscores, up to {LONGEST_KEY}.")
    if not called or any(len(one) > LONGEST_NAME for one in called.values()):
        raise Invalid(f"Name the topic in at least one language, in up to {LONGEST_NAME} characters.")
    topic = {"key": key, "names": called, "frequencies": [one for one in FREQUENCIES if one in frequencies]}

    def with_it(held: ConsentSetting) -> dict[str, Any]:
        topics = {one["key"]: one for one in held.topics}
        if new and key in topics:
            raise Invalid("There is a topic with this key already.")
        if not new and key not in topics:
            raise NotFound("There is no such topic.")
        if len(topics.keys() | {key}) > MOST_TOPICS:
            raise Invalid(f"There can be at most {MOST_TOPICS} topics.")
        return {"topics": list({**topics, key: topic}.values())}

    _change(access, with_it, request)
    return key


def remove_topic(access: Access, *, key: str, request: HttpRequest | None = None) -> None:
    """Stop offering a topic. What people answered to it stays. Raises Forbidden, NotFound."""

    def without_it(held: ConsentSetting) -> dict[str, Any]:
        left = [one for one in held.topics if one["key"] != key]
        if len(left) == len(held.topics):
            raise NotFound("There is no such topic.")
        return {"topics": left}

    _change(access, without_it, request)


def _change(access: Access, change: Callable[[ConsentSetting], Mapping[str, Any]], request: HttpRequest | None) -> None:
    may_change(access)
    with transaction.atomic():
        ConsentSetting.objects.get_or_create(workspace_id=access.workspace_id)
        setting = ConsentSetting.objects.select_for_update().get(workspace_id=access.workspace_id)  # one colleague after another
        changes = change(setting)
        before = {name: getattr(setting, name) for name in changes}
        for name, value in changes.items():
            setattr(setting, name, value)
        setting.save(update_fields=list(changes))
        trust.record(
            access,
            action="consent.settings_changed",
            target=f"workspace:{access.workspace_id}",
            before=before,
            after=dict(changes),
            request=request,
        )
