"""A workspace's purposes: its own and Amity's as it changed them, and the texts that tell customers of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.consent.setting import may_change
from amity.rooms.customers.models import ConsentSetting, OwnPurpose, PurposeText
from amity.rooms.customers.queries.consent.texts import hash_of, newest_texts
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.rules.centre.languages import LANGUAGES
from amity.rooms.customers.rules.choices.purposes import (
    BASES,
    BUILT_IN,
    FREQUENCY,
    MARKETING,
    PAUSE,
    TOPIC,
    WITHOUT_ASKING,
    plain,
)
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_PURPOSES, MOST_CATEGORIES = 50, 50
LONGEST_KEY, LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_TEXT, LONGEST_CATEGORY = 60, 120, 500, 5_000, 100
_KEY = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_ALWAYS_ASKED = {"surveys", "sale_share"}


def save_purpose(  # noqa: PLR0913  what a purpose is
    access: Access,
    *,
    key: str,
    name: str,
    basis: str,
    description: str = "",
    categories: Sequence[str] = (),
    new: bool = False,
    request: HttpRequest | None = None,
) -> str:
    """Add a purpose, or change one of the workspace's or Amity's, and return its key.

    `categories` are the names under which clients answer; of Amity's purposes they replace those that it knows. Raises Forbidden,
    Invalid, NotFound for one to change that isn't there.
    """
    may_change(access)
    called, told = storable_text(name).strip(), storable_text(description).strip()
    if new and not key:
        key = plain(called).replace(":", "_")[:LONGEST_KEY].strip("_")
    names = list(dict.fromkeys(one for one in map(plain, categories) if one))
    _check(access, key=key, name=called, basis=basis, description=told, names=names, new=new)
    with transaction.atomic():
        OwnPurpose.objects.update_or_create(
            workspace_id=access.workspace_id,
            key=key,
            defaults={"name": called, "basis": basis, "description": told, "categories": names},
        )
        after = {"name": called, "basis": basis, "description": told, "categories": names}
        trust.record(access, action="consent.purpose_saved", target=f"purpose:{key}", after=after, request=request)
    return key


def forget_purpose(access: Access, *, key: str, request: HttpRequest | None = None) -> None:
    """Take away a purpose of the workspace's own, or what it changed of Amity's. Answers and texts stay. Raises Forbidden, NotFound."""
    may_change(access)
    with transaction.atomic():
        gone, _ = OwnPurpose.objects.filter(workspace_id=access.workspace_id, key=key).delete()
        if not gone:
            raise NotFound("The workspace has no such purpose of its own.")
        trust.record(access, action="consent.purpose_removed", target=f"purpose:{key}", after={}, request=request)


def save_texts(access: Access, *, purpose: str, texts: Mapping[str, str], request: HttpRequest | None = None) -> list[str]:
    """Keep what tells customers of a purpose, by language, and return the languages of which there is a new version now.

    A text that is another than the last one is a new version; old ones stay, since people agreed to them. An empty one means
    that from now on Amity's own is shown. Raises Forbidden, Invalid, NotFound.
    """
    may_change(access)
    if purpose not in chosen(access.workspace_id).purposes:
        raise NotFound("There is no such purpose.")
    said = {one: storable_text(text).strip().replace("\r\n", "\n") for one, text in texts.items() if one in LANGUAGES}
    if any(len(text) > LONGEST_TEXT for text in said.values()):
        raise Invalid(f"Shorten the text to {LONGEST_TEXT:,} characters.")
    with transaction.atomic():
        ConsentSetting.objects.get_or_create(workspace_id=access.workspace_id)
        ConsentSetting.objects.select_for_update().get(workspace_id=access.workspace_id)  # one colleague after another
        last = newest_texts(access.workspace_id, empty=True)
        made = []
        for language, text in said.items():
            known = last.get((purpose, language))
            if text == (known.text if known else ""):
                continue
            PurposeText.objects.create(
                workspace_id=access.workspace_id, purpose=purpose, language=language, version=(known.version if known else 0) + 1,
                text=text, hash=hash_of(text), made_at=now_ms(), made_by=access.actor.name[:254],
            )  # fmt: skip
            made.append(language)
        if made:
            trust.record(
                access, action="consent.text_changed", target=f"purpose:{purpose}", after={"languages": made}, request=request
            )
    return made


def _check(  # noqa: PLR0913  the parts of a purpose
    access: Access, *, key: str, name: str, basis: str, description: str, names: Sequence[str], new: bool
) -> None:
    known = chosen(access.workspace_id).purposes
    if not _KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        raise Invalid(f"A purpose's key is made of a to z, 0 to 9 and underscores, up to {LONGEST_KEY}.")
    if new and key in known:
        raise Invalid("There is a purpose with this key already.")
    if not new and key not in known:
        raise NotFound("There is no such purpose.")
    if not name or len(name) > LONGEST_NAME or len(description) > LONGEST_DESCRIPTION:
        raise Invalid(f"Name the purpose in up to {LONGEST_NAME} characters, describe it in up to {LONGEST_DESCRIPTION}.")
    if basis not in BASES or (key == "necessary") != (basis == "necessary"):
        raise Invalid("That is no legal basis for this purpose.")
    if basis in WITHOUT_ASKING and (key.startswith(MARKETING) or key in _ALWAYS_ASKED):
        raise Invalid("Marketing, surveys and sale can always be objected to: they rest on consent or a legitimate interest.")
    if len(names) > MOST_CATEGORIES or any(len(one) > LONGEST_CATEGORY for one in names):
        raise Invalid(f"Name at most {MOST_CATEGORIES} categories, each in up to {LONGEST_CATEGORY} characters.")
    if any(one.startswith((TOPIC, FREQUENCY, PAUSE, "said:")) for one in names):
        raise Invalid("Names that begin with topic:, frequency:, pause: or said: have a meaning of their own.")
    if new and OwnPurpose.objects.filter(workspace_id=access.workspace_id).exclude(key__in=BUILT_IN).count() >= MOST_PURPOSES:
        raise Invalid(f"There can be at most {MOST_PURPOSES} purposes of your own.")
