"""Whom destinations may have to hear of: noted where it changes, in its transaction, and looked at right after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amity.rooms.customers.models import Subscription, SyncTouch

if TYPE_CHECKING:
    import numpy as np


def notice_members(*, workspace_id: int, audience_id: int, ids: np.ndarray) -> None:
    """Note customers (`S16`) who entered or left an audience, if it is sent anywhere."""
    if len(ids) and Subscription.objects.filter(audience_id=audience_id, ended_at=None).exists():
        _note(workspace_id, audience_id, ids)


def notice_changed(*, workspace_id: int, ids: np.ndarray) -> None:
    """Note customers (`S16`) of whom something else is known: consent, identifiers, traits, or who they are."""
    live = Subscription.objects.filter(destination__workspace_id=workspace_id, ended_at=None)
    if len(ids) and live.exists():
        _note(workspace_id, None, ids)


def _note(workspace_id: int, audience_id: int | None, ids: np.ndarray) -> None:
    SyncTouch.objects.create(workspace_id=workspace_id, audience_id=audience_id, customers=ids.astype("S16").tobytes())
