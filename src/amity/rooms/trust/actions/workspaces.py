"""Make workspaces and change their settings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import COMMAND_LINE, SYSTEM, Access, Actor, WorkspaceInfo
from amity.rooms.trust.models import Membership, Person, Workspace
from amity.rooms.trust.queries.access import actor_of

SETTINGS = ("name", "time_zone", "currency", "retention_days", "sessions_end_at_midnight")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


def ensure_workspace(*, slug: str, name: str, is_demo: bool = False) -> WorkspaceInfo:
    """Return the workspace called `slug`, made now unless it is there. Everyone who owns another one owns it too."""
    found = Workspace.objects.filter(slug=slug).first()
    if found is not None:
        return found.info()
    with transaction.atomic():
        made = _make(SYSTEM, slug=slug, name=name, is_demo=is_demo)
        owners = Membership.objects.filter(role="owner", person__is_active=True).exclude(workspace=made)
        people = owners.values_list("person_id", flat=True).distinct()
        Membership.objects.bulk_create([Membership(person_id=p, workspace=made, role="owner") for p in people])
    return made.info()


def create_workspace(
    *, by: Person | None, name: str, slug: str = "", owner: Person | None = None, request: HttpRequest | None = None
) -> WorkspaceInfo:
    """Create a workspace that `owner` (or else its maker) owns. Raises Invalid where the name or slug won't do.

    Who makes one in the console must own a workspace already; `by` None is the command line.
    """
    if by is not None and not Membership.objects.filter(person=by, role="owner").exists():
        raise Forbidden("Only who owns a workspace may create another one.")
    with transaction.atomic():
        made = _make(actor_of(by) if by else COMMAND_LINE, slug=slug or free_slug(name), name=name, request=request)
        holder = owner or by
        if holder is not None:
            Membership.objects.create(person=holder, workspace=made, role="owner")
    return made.info()


def change_settings(*, access: Access, changes: Mapping[str, Any], request: HttpRequest | None = None) -> WorkspaceInfo:
    """Change some of a workspace's settings. Raises Invalid for a value that won't do; unknown names are refused."""
    unknown = set(changes) - set(SETTINGS)
    if unknown:
        raise Invalid(f"A workspace has no setting called {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        found = Workspace.objects.select_for_update().get(pk=access.workspace_id)
        before = {name: getattr(found, name) for name in changes}
        for name, value in changes.items():
            setattr(found, name, _checked(name, value))
        after = {name: getattr(found, name) for name in changes}
        if after != before:
            found.save(update_fields=list(changes))
            changed = [n for n in after if after[n] != before[n]]
            record(
                access,
                action="workspace.changed",
                target=f"workspace:{found.pk}",
                before={n: before[n] for n in changed},
                after={n: after[n] for n in changed},
                request=request,
            )
    return found.info()


def remember_workspace(*, person: Person, workspace_id: int) -> None:
    """Keep which workspace a person opened last: the next sign-in leads there, and their account stands in its frame."""
    if person.last_workspace_id != workspace_id:
        person.last_workspace_id = workspace_id
        person.save(update_fields=["last_workspace"])


def free_slug(name: str) -> str:
    """Return a slug made from a name that no workspace has yet."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:34].strip("-") or "workspace"
    taken = set(Workspace.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, n = base, 2
    while slug in taken:
        slug, n = f"{base}-{n}", n + 1
    return slug


def _make(actor: Actor, *, slug: str, name: str, is_demo: bool = False, request: HttpRequest | None = None) -> Workspace:
    if not _SLUG.fullmatch(slug):
        raise Invalid(f"{slug!r} can't be part of an address. Use small letters, digits and hyphens, at most 40.")
    made, new = Workspace.objects.get_or_create(slug=slug, defaults={"name": _checked("name", name), "is_demo": is_demo})
    if not new:
        raise Invalid(f"There is a workspace called {slug!r} already.")
    record(actor, action="workspace.created", target=f"workspace:{made.pk}", after={"slug": slug, "name": name},
           request=request, workspace_id=made.pk)  # fmt: skip
    return made


def _checked(name: str, value: Any) -> Any:
    if name == "name":
        text = " ".join(str(value).split())
        if not 0 < len(text) <= 80:
            raise Invalid("Give the workspace a name of at most 80 characters.")
        return text
    if name == "time_zone" and value not in available_timezones():
        raise Invalid(f"{value!r} is no time zone. Use a name such as Europe/Paris.")
    if name == "currency" and not re.fullmatch(r"[A-Z]{3}", str(value)):
        raise Invalid(f"{value!r} is no currency. Use three capitals such as EUR.")
    if name == "retention_days" and value is not None and not 1 <= int(value) <= 36_500:
        raise Invalid("Retention is between 1 and 36,500 days; leave it empty to keep everything.")
    return value
