"""The only door to listening for other rooms, the workers and this room's own pages."""

from __future__ import annotations

from amity.rooms.listening.actions.inviting import send_next_invitation
from amity.rooms.listening.actions.surveys import create_survey, publish
from amity.rooms.listening.queries.kept import accessible_survey, list_surveys
from amity.rooms.listening.queries.waiting import waiting

__all__ = ["accessible_survey", "create_survey", "list_surveys", "publish", "send_next_invitation", "waiting"]
