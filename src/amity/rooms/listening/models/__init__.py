"""Surveys and what people answered, as the present holds them."""

from __future__ import annotations

from amity.rooms.listening.models.invitations import Invitation
from amity.rooms.listening.models.rest import Contact, Rest, Withheld
from amity.rooms.listening.models.surveys import Response, Shown, Survey, Version

__all__ = ["Contact", "Invitation", "Response", "Rest", "Shown", "Survey", "Version", "Withheld"]
