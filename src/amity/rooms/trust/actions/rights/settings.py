"""How a workspace takes requests of people about their data."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.requests import CARRY_OUT
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RightsSetting
from amity.rooms.trust.queries.rights import setting_of
from amity.rooms.trust.rules.rights import LAWS

FIELDS = ("form_open", "form_text", "law", "archive_days")


def change_rights_setting(  # noqa: PLR0913  each is a field
    access: Access, *, form_open: bool, form_text: str, law: str, archive_days: int, request: HttpRequest | None = None
) -> RightsSetting:
    """Change all of it. Raises Forbidden without `rights.write`, Invalid for a value that won't do."""
    if not access.can(CARRY_OUT):
        raise Forbidden(f"Changing how requests are taken needs the permission {CARRY_OUT}.")
    if law not in LAWS:
        raise Invalid(f"There is no law {law!r}; there are {', '.join(LAWS)}.")
    if not 1 <= archive_days <= 90:
        raise Invalid("An archive is kept between 1 and 90 days.")
    text = form_text.replace("\0", "").strip()
    if len(text) > 2_000:
        raise Invalid("Shorten the text of the form to 2,000 characters.")
    after = {"form_open": form_open, "form_text": text, "law": law, "archive_days": archive_days}
    with transaction.atomic():
        row = setting_of(access.workspace_id)
        before = {name: getattr(row, name) for name in FIELDS}
        if before != after:
            RightsSetting.objects.update_or_create(pk=access.workspace_id, defaults=after)
            record(
                access, action="rights.settings_changed", target=f"workspace:{access.workspace_id}", request=request,
                before={name: before[name] for name in FIELDS if before[name] != after[name]},
                after={name: after[name] for name in FIELDS if before[name] != after[name]},
            )  # fmt: skip
    return setting_of(access.workspace_id)
