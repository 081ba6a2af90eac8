"""Empty requests of what tells of the person; that there was one, when, and what became of it stays."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from amity.rooms.trust.actions.rights.archives import drop_archive
from amity.rooms.trust.models import RightsRequest, RightsStep


def empty_requests(ids: Sequence[UUID]) -> None:
    """Delete archives and notes of requests, and all that was written, named or noted of the person."""
    for one in ids:
        drop_archive(one)
    with transaction.atomic():
        RightsStep.objects.filter(request_id__in=ids).update(note="")
        RightsRequest.objects.filter(pk__in=ids).update(
            subject="", contact="", details="", verified_how="", extended_because="", names=[], link_nonce="", link_to="",
            link_wanted_at=None,
        )  # fmt: skip
